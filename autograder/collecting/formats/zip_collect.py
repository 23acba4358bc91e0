"""The folder of nbgrader's `zip_collect`, with `c.FileNameCollectorPlugin.named_regexp` of the course's
`nbgrader_config.py`.

The expression gives `student_id` and `file_id`, and perhaps `timestamp`, `first_name`, `last_name` and `email`. As
with nbgrader it is matched at the beginning of the file's path.
"""

import re

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted
from autograder.collecting.entries import LeftOut
from autograder.errors import CourseError
from autograder.reading.timestamp import utc_or_none

GROUPS = {"student_id", "file_id"}


def sort(setting: Setting) -> Sorted:
    """Return one attempt per student and time."""
    expression = _compiled(setting.pattern)
    groups: dict[tuple[str, str], list[Piece]] = {}
    claims: dict[tuple[str, str], Claim] = {}
    left_out = []
    for entry in setting.entries:
        match = expression.match(entry.path) or expression.match(f"/{entry.path}")
        if not match:
            left_out.append(LeftOut(entry.path, "named_regexp of nbgrader_config.py does not fit its name"))
            continue
        fields = {name: text or "" for name, text in match.groupdict().items()}
        student, time = fields["student_id"], fields.get("timestamp", "")
        ending = "." + entry.name.rpartition(".")[2] if "." in entry.name else ""
        file = fields["file_id"].removesuffix(ending) + ending
        groups.setdefault((student, time), []).append(Piece(file.rpartition("/")[2], entry))
        name = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
        claims[student, time] = Claim(student, (student, fields.get("email", "")), name=name, fallback=student)
    attempts = [
        Attempt(pieces[0].entry.path, (claims[key],), tuple(pieces), utc_or_none(key[1]))
        for key, pieces in groups.items()
    ]
    return Sorted(tuple(attempts), tuple(left_out))


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise CourseError(f"nbgrader_config.py: named_regexp is no regular expression ({error}); mend it") from error
    if not set(expression.groupindex) >= GROUPS:
        raise CourseError(
            "nbgrader_config.py: c.FileNameCollectorPlugin.named_regexp does not give student_id and file_id; mend it, or say "
            "with --from which system the files are from"
        )
    return expression
