"""Canvas's "Download Submissions": one folder of files, each named after its student.

`lib/content_zipper.rb` of Canvas names a file `<last><first>[_LATE]_<user>_<attachment>_<name>`, with the student's
sortable name in small letters and without spaces and signs; for an assignment that is graded anonymously
`[LATE_]anon_<letters>_<attachment>_<name>`. A file that is handed in again gets a number: `helper-1.py`. Times are
not in it.
"""

import re

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted
from autograder.collecting.entries import LeftOut
from autograder.collecting.students import joined_names
from autograder.gradebook.roster import Roster, plain_letters

# The name is empty where it has no letters, such as 😀.
NAMED = re.compile(r"(?P<name>[^/]*?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>[^/]+)")
ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<user>anon_\w+?)_(?P<attachment>\d+)_(?P<file>[^/]+)")
TYPED = re.compile(r"([^/]*_\d+|(LATE_)?anon_\w+)_(text|link)\.html")
TWICE = re.compile(r"(LATE_)?\d+_\d+_")  # a student whose own name holds numbers could pass for another
USERS = re.compile(r"_(?=(\d+)_\d+_.)")  # whatever may be a user's number
TWO_WAYS = "its name can be read in two ways; rename it as Canvas would, without numbers in the student's name"
AGAIN = re.compile(r"-\d+(?=(\.\w+)?$)")


def matches(path: str) -> bool:
    """Whether a file is called as Canvas would."""
    return bool(ANONYMOUS.fullmatch(path) or NAMED.fullmatch(path) or TYPED.fullmatch(path))


def beside(path: str, name: str) -> str:
    """Return what a file has to be called for Canvas's "Upload Submissions", given one of the same submission: Canvas
    looks for the numbers of the user and the attachment."""
    first = path.partition("/")[0]
    match = ANONYMOUS.fullmatch(first) or NAMED.fullmatch(first)
    return f"{first[: match.start('file')]}{name}" if match else name


def sort(setting: Setting) -> Sorted:
    """Return one attempt per student: Canvas hands over the last one."""
    groups: dict[str, list[tuple[re.Match[str], Piece]]] = {}
    left_out = []
    for entry in setting.entries:
        match = ANONYMOUS.fullmatch(entry.path) or NAMED.fullmatch(entry.path)
        if match and not _is_sure(match, setting.roster):
            left_out.append(LeftOut(entry.path, TWO_WAYS))
        elif match:
            piece = Piece(match["file"], entry, int(match["attachment"]))
            groups.setdefault(match["user"], []).append((match, piece))
        elif TYPED.fullmatch(entry.path):
            left_out.append(LeftOut(entry.path, "text or a link that was typed into Canvas, no file; look at it there"))
        else:
            left_out.append(LeftOut(entry.path, "not called as Canvas calls files"))
    return Sorted(tuple(_attempt(user, group) for user, group in groups.items()), tuple(left_out))


def _is_sure(match: re.Match[str], roster: Roster) -> bool:
    """Whether the first two numbers in a file's name are those of the user and the attachment.

    A student's name may hold numbers, and so may the name that the student gave the file. Where one of the numbers alone is in the list of
    students, and the name before it is that student's, the rest is the file's.
    """
    numbers = {number: student for student in roster.students.values() if (number := student.person.lms_user_id)}
    known = set(USERS.findall(match.string)) & numbers.keys()
    if len(known) > 1:
        return False
    if not TWICE.match(match["file"]):
        return True
    return known == {match["user"]} and plain_letters(match["name"]) in joined_names(numbers[match["user"]])


def _attempt(user: str, group: list[tuple[re.Match[str], Piece]]) -> Attempt:
    match, first = group[0]
    name = match.groupdict().get("name")
    claim = Claim(user) if name is None else Claim(f"{name}_{user}", number=user, joined_name=name)
    pieces = _without_numbers([piece for _, piece in group])
    return Attempt(first.entry.path, (claim,), pieces, late=any(match["late"] for match, _ in group))


def _without_numbers(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Give files back the names that they had before they were handed in again, if the notebook was."""
    if not any(piece.entry.is_notebook and AGAIN.search(piece.path) for piece in pieces):
        return tuple(pieces)
    taken = {piece.path for piece in pieces}
    renamed = []
    for piece in pieces:
        name = AGAIN.sub("", piece.path)
        if name not in taken and not piece.entry.is_notebook:
            piece = Piece(name, piece.entry, piece.order)
            taken.add(name)
        renamed.append(piece)
    return tuple(renamed)
