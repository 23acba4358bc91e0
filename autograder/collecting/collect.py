"""Take work in: from a source to `submitted/`, and a list of what was left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.collecting.assemble import Files, assembled
from autograder.collecting.attempt import Attempt, Claim, Setting
from autograder.collecting.entries import CannotRead, LeftOut, on_any_system
from autograder.collecting.place import Status, Submitted, Work
from autograder.collecting.recognise import STEPS, system_of
from autograder.collecting.source import Source, opened_source
from autograder.collecting.students import ALIAS, Match, StudentIndex
from autograder.collecting.unpacked import unpacked
from autograder.collecting.which_unit import Units
from autograder.errors import CourseError
from autograder.gradebook.roster import read_roster
from autograder.gradebook.settings import read_settings
from autograder.model.progress import Progress, no_progress
from autograder.model.text import listed, readable
from autograder.model.units import find_unit

FAILED = "this program itself failed on it ({}), which is no fault of the student; put it into submitted/ by hand, and report this"
CLOSED = "{} cannot be looked into ({}); mend its permissions, then collect again"


@dataclass(frozen=True)
class Placed:
    """One student's work for one unit that is in `submitted/` now; `remarks`: which of its files were left out."""

    student: str
    unit: str
    status: Status
    time: datetime | None = None
    late: bool = False  # as the system marked it
    remarks: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()  # the paths of its files in the source


@dataclass(frozen=True)
class Collected:
    """What came of a source, and the system that it is from."""

    system: str
    placed: tuple[Placed, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def problems(self) -> list[LeftOut]:
        """What a person has to look at."""
        return [one for one in self.left_out if not one.expected]


def collect(
    course: Path,
    source: Path,
    unit: str = "",
    submitted: Path | None = None,
    system: str = "",
    zone: tzinfo = UTC,
    progress: Progress = no_progress,
) -> Collected:
    """Place what a source holds into `submitted/`; raises CourseError where it cannot be opened or recognised.

    `unit`: the only one that is taken; by default each notebook says it. `system`: the name of a format, by default
    the one that the names in the source look like. `zone`: of times without one.
    """
    wanted = find_unit(course, unit) if unit else ""
    units = Units(course)
    if not units.names:
        find_unit(course, "")  # says so
    with opened_source(source) as opened:
        if not (opened.contents.entries or opened.contents.left_out):
            raise CourseError(f"{source}: holds no file; give the download of your system")
        pattern = _named_regexp(course) if system == "zip_collect" or _is_a_step(opened) else ""
        setting = Setting(opened.contents, read_roster(course), units.names, opened.folder, zone, pattern)
        index = StudentIndex(setting.roster)
        format, setting = system_of(setting, index, system)
        in_order = format.sort(setting)
        run = _Run(Submitted(submitted or course / "submitted"), units, index, wanted)
        run.left_out += [*setting.contents.left_out, *in_order.left_out]
        attempts = sorted(in_order.attempts, key=lambda attempt: attempt.rank, reverse=True)
        run.see_whose(attempts)
        with run.submitted.alone():
            for done, attempt in enumerate(attempts):
                progress("collecting", done, len(attempts))
                run.take_if_possible(attempt)
        progress("collecting", len(attempts), len(attempts))
    placed = sorted(run.placed, key=lambda one: (one.unit, one.student))
    return Collected(format.name, tuple(placed), tuple(run.left_out))


@dataclass
class _Run:
    """One run: what was placed so far, and what was left out."""

    submitted: Submitted
    units: Units
    index: StudentIndex
    wanted: str
    placed: list[Placed] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    matches: dict[Claim, list[Match]] = field(default_factory=dict)  # several for a group's
    nobody: dict[Claim, str] = field(default_factory=dict)  # claims of which it is not sure whose they are, and why
    taken: dict[tuple[str, str], Attempt] = field(default_factory=dict)  # the last attempt of each student at each unit

    def see_whose(self, attempts: Iterable[Attempt]) -> None:
        """Find the students of each claim. Where two of the system's students have one of ours' name, neither is taken
        for it."""
        for claim in dict.fromkeys(claim for attempt in attempts for claim in attempt.claims):
            try:
                self.matches[claim] = self.index.students(claim)
            except CannotRead as error:
                self.nobody[claim] = str(error)
        called: dict[str, dict[str, None]] = {}
        matches = [(claim, match) for claim, matching in self.matches.items() for match in matching]
        for claim, match in matches:
            called.setdefault(match.student, {})[claim.shown] = None
        for claim, match in matches:
            names = [readable(name) for name in called[match.student]]
            if len(names) > 1 and not match.surely:
                self.nobody[claim] = f"{listed(names)} may each be {match.student}; {ALIAS}"

    def take_if_possible(self, attempt: Attempt) -> None:
        """Place an attempt, or say that this program fails on it; raises CourseError alone, where no other could be placed either."""
        try:
            self.take(attempt)
        except CourseError:
            raise
        except PermissionError as error:
            self._leave(attempt, CLOSED.format(error.filename, error.strerror))
        except Exception as error:  # the wall round this attempt: the others are placed
            self._leave(attempt, FAILED.format(type(error).__name__))

    def take(self, attempt: Attempt) -> None:
        """Place an attempt, the later ones of all students being placed already."""
        students = list(dict.fromkeys(self._students(attempt)))
        if not students:
            self._leave(attempt, "")
            return
        try:
            opened = unpacked(attempt)
            self.left_out += opened.left_out
            files = assembled(attempt, opened.pieces, self.units, self.wanted)
        except CannotRead as error:
            self._leave(attempt, str(error))
            return
        if not files:
            self._leave(attempt, f"of another unit than {self.wanted}", expected=True)
        taken = {path for one in files for path in one.taken}
        for one in files:
            one.left_out = [left for left in one.left_out if left.path not in taken]
            for student in students:
                self._take_one(attempt, student, one)

    def _students(self, attempt: Attempt) -> Iterator[str]:
        for claim in attempt.claims:
            if claim in self.nobody:
                self.left_out.append(LeftOut(attempt.shown, self.nobody[claim]))
            else:
                yield from (match.student for match in self.matches[claim])

    def _take_one(self, attempt: Attempt, student: str, files: Files) -> None:
        key = on_any_system(student), files.unit
        if key in self.taken:
            self._leave(attempt, *self._earlier(attempt, self.taken[key]))
            return
        self.taken[key] = attempt
        try:
            status = self.submitted.place(Work(student, files.unit, files.contents, attempt.time))
        except CannotRead as error:
            self._leave(attempt, str(error))
            return
        remarks = tuple(map(str, files.left_out))
        late, taken = attempt.late, tuple(files.taken)
        self.placed.append(Placed(student, files.unit, status, attempt.time, late, remarks, taken))
        self.left_out += files.left_out

    def _earlier(self, attempt: Attempt, taken: Attempt) -> tuple[str, bool]:
        """Return why an attempt is not the one that counts, and whether that is as it should be."""
        if attempt.rank < taken.rank:
            return f"an earlier attempt than {taken.shown}", True
        return (
            f"{taken.shown} is the same student's and was taken, and nothing says which is later; look at both",
            False,
        )

    def _leave(self, attempt: Attempt, reason: str, expected: bool = False) -> None:
        """Leave an attempt and all its files out; without a reason where it was said already."""
        if reason:
            self.left_out.append(LeftOut(attempt.shown, reason, expected))
        more = f"see {attempt.shown}"
        self.left_out += [LeftOut(piece.entry.path, more, True) for piece in attempt.pieces]


def _is_a_step(source: Source) -> bool:
    """Whether a folder is one of nbgrader's `zip_collect`, or holds one."""
    if source.folder is None:
        return False
    firsts = {entry.path.partition("/")[0] for entry in source.contents.entries}
    return source.folder.resolve().name in STEPS or bool(firsts & set(STEPS))


def _named_regexp(course: Path) -> str:
    """Return how the course's settings say that files are called."""
    return str(read_settings(course).config.FileNameCollectorPlugin.get("named_regexp", ""))
