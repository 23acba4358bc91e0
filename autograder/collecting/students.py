"""Find the student whom a source means, or say why that is nobody for sure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from autograder.collecting.attempt import Claim
from autograder.collecting.entries import CannotRead, safe_name
from autograder.gradebook.roster import FILE, Roster, Student, plain_letters
from autograder.model.text import listed, readable

ALIAS = f"write what the system calls the student into the column alias of {FILE}"


@dataclass(frozen=True)
class Match:
    """The student whom a claim means. `surely`: by something that nobody else has; a name may be another person's
    too."""

    student: str
    surely: bool = True


class StudentIndex:
    """The students of a course by everything that a system may call them."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        everybody = roster.students.values()
        self._by_alias = _index(everybody, lambda student: map(_same_case, student.aliases))
        self._by_number = _index(everybody, lambda student: [student.person.lms_user_id])
        self._by_id = _index(everybody, _ids)
        self._by_digits = _index(everybody, lambda student: map(_digits, _ids(student)))
        self._by_name = _index(everybody, _names)
        self._by_joined = _index(everybody, joined_names)
        self._by_group = _index(everybody, lambda student: map(plain_letters, student.groups))

    def students(self, claim: Claim) -> list[Match]:
        """Return the student of a claim, or every member of the group that it names; raises CannotRead saying why it is
        not sure who that is."""
        members = self._members(claim)
        if members and set(self._known(claim)[1]) <= set(members):
            return [Match(self._fit(member), surely=False) for member in members]
        return [self._student(claim)]

    def _student(self, claim: Claim) -> Match:
        """Return the one student of a claim."""
        if not any((claim.ids, claim.number, claim.name, claim.joined_name)):
            raise CannotRead("nothing says whose it is: it was handed in anonymously; hand over a download with names")
        sure, matching = self._known(claim)
        if len(matching) > 1:
            raise CannotRead(f"{readable(claim.shown)} may be {listed(sorted(matching))}; {ALIAS}")
        if matching:
            return Match(self._fit(matching[0]), sure)
        if claim.fallback and not self._roster.complete and safe_name(claim.fallback):
            return Match(claim.fallback)
        where = FILE if self._roster.complete else f"{FILE}, which is not there, nor in nbgrader's database"
        raise CannotRead(f"nobody is called {readable(claim.shown)} in {where}; add the student, or {ALIAS}")

    def _fit(self, id_: str) -> str:
        if not safe_name(id_):
            raise CannotRead(f"the id {readable(id_)!r} cannot be the name of a folder; change it")
        return id_

    def knows(self, claim: Claim) -> bool:
        """Whether it is at least one student."""
        return bool(self._known(claim)[1] or self._members(claim))

    def _known(self, claim: Claim) -> tuple[bool, list[str]]:
        """Return everybody who is meant by the surest thing that is known, and whether that is more than a name."""
        called = [claim.shown, claim.number, *claim.ids]
        for matching in (
            _all(self._by_alias, map(_same_case, called)),
            _all(self._by_number, [claim.number]),
            [id_ for id_ in dict.fromkeys(claim.ids) if id_ in self._roster.students],
            _all(self._by_id, map(_same_case, claim.ids)),
            _all(self._by_digits, map(_digits, claim.ids[:1])),  # the others may be parts of a name
        ):
            if matching:
                return True, matching
        return False, self._of_that_name(claim)

    def _of_that_name(self, claim: Claim) -> list[str]:
        """Return those of the name, but for those whom the system knows under another number."""
        ids = _all(self._by_name, [name_key(claim.name)]) or _all(self._by_joined, [plain_letters(claim.joined_name)])
        return [id_ for id_ in ids if self._number(id_) in ("", claim.number or self._number(id_))]

    def _members(self, claim: Claim) -> list[str]:
        """Return everybody in the group that a claim names, as systems name a group in the place of a student."""
        called = (claim.group, claim.name, claim.joined_name, *claim.ids)
        return _all(self._by_group, map(plain_letters, called))

    def _number(self, id_: str) -> str:
        return self._roster.students[id_].person.lms_user_id


def name_key(name: str) -> str:
    """Return what a person's name has in common in every order and with or without accents and signs."""
    return " ".join(sorted(filter(None, map(plain_letters, name.replace(",", " ").split()))))


def _index(students: Iterable[Student], keys: Callable[[Student], Iterable[str]]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for student in students:
        for key in dict.fromkeys(filter(None, keys(student))):
            index.setdefault(key, []).append(student.id)
    return index


def _all(index: dict[str, list[str]], keys: Iterable[str]) -> list[str]:
    """Return everybody under any of the keys, each once."""
    return list(dict.fromkeys(id_ for key in keys if key for id_ in index.get(key, ())))


def _ids(student: Student) -> Iterator[str]:
    for text in (student.id, student.username, student.idnumber, student.person.email):
        yield _same_case(text)


def _names(student: Student) -> Iterator[str]:
    yield name_key(f"{student.person.first_name} {student.person.last_name}")
    for name in (student.name, *student.aliases):
        yield name_key(name)


def joined_names(student: Student) -> Iterator[str]:
    """Yield a student's name in one word, in each order in which a system may write it."""
    first, last = student.person.first_name, student.person.last_name
    words = student.name.replace(",", " ").split()
    for parts in ((last, first), (first, last), words, (*words[1:], *words[:1]), (*words[-1:], *words[:-1])):
        yield plain_letters("".join(parts))


def _digits(text: str) -> str:
    """Return a number without the zeros before it, which spreadsheets drop; empty for anything else."""
    return text.strip().lstrip("0") if text.strip().isdecimal() else ""


def _same_case(text: str) -> str:
    return text.strip().casefold()
