"""Hostile submissions, graded as a class with honest neighbours: contained, without a point too many, without a trace."""

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.gradebook.warm import end_warm_process
from autograder.model.records import Record
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.results.feedback import write_feedback
from autograder.sandbox.limits import Limits
from tests.submissions.hostile import MOST, Attack, attacks, files
from tests.submissions.target import NAME, RIGHT, SECRETS, write_target

LIMITS = Limits(cell_seconds=2, submission_seconds=120, memory=512 << 20)
NEIGHBOURS = 12
ATTACKS = attacks()
# What attacks write into folders that all users of the machine share; others may use such names too.
TRACES = ("owned-by-a-pickle", "big", "seen", "elsewhere")
OUTSIDE = [Path(folder, name) for folder in ("/tmp", "/dev/shm") for name in TRACES]
SECONDS_TO_END = 120  # of the machine's, for processes that were killed
GENERATED = ("records", "autograded", "feedback", "gradebook.db")

every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.kind}-{attack.name}")


@dataclass(frozen=True)
class Graded:
    """The course after grading: records and pages by student, what lay in the folder before and after, what was left running."""

    records: dict[str, Record]
    pages: dict[str, str]
    before: dict[str, str]
    after: dict[str, str]
    left: list[str]
    outside: set[Path]
    points: dict[str, float]
    musts: dict[str, files.Must]


def test_there_are_enough_attacks_of_every_kind() -> None:
    assert len(ATTACKS) >= 70
    for kind, least in (("containment", 40), ("leaks", 12), ("forgery", 30)):
        assert sum(attack.kind == kind for attack in ATTACKS) >= least
    assert len({attack.what for attack in ATTACKS}) == len(ATTACKS)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="hostile-") as own:
        patch.setenv("TMPDIR", own)  # the warm process and all that it forks keep this in their first environment
        yield grade_all(tmp_path_factory.mktemp("course"), own)


def grade_all(course: Path, mark: str) -> Graded:
    write_target(course)
    unit = load_unit(course, NAME)
    release = released(unit)
    for attack in ATTACKS:
        attack.write(release, submission(course, attack.student))
    every = len(ATTACKS) // NEIGHBOURS
    for attack in ATTACKS[::every]:  # graded right after an attack, and beside others
        neighbour = Attack("", "", "", tuple((name, f"{code}  # neighbour-marker") for name, code in RIGHT.items()), ())
        neighbour.write(release, submission(course, f"{attack.student}_next"))
    musts = {
        f"file_{one.__name__}": one(submission(course, f"file_{one.__name__}").parent, release) for one in files.ATTACKS
    }
    before, outside_before = contents(course), outside()
    records = {record.student: record for record in grade(course, NAME, limits=LIMITS)}
    write_feedback(course, unit, records.values())
    pages = {s: (course / "feedback" / s / NAME / f"{NAME}.html").read_text() for s in records}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        points = {found.student.id: found.score for found in gradebook.assignment_submissions(NAME)}
    end_warm_process()  # this process keeps it for the next class
    left = wait_for_end(mark)
    return Graded(records, pages, before, contents(course), left, outside() - outside_before, points, musts)


def submission(course: Path, student: str) -> Path:
    return course / "submitted" / student / NAME / f"{NAME}.ipynb"


def contents(course: Path) -> dict[str, str]:
    """What lies in the course folder, less what grading makes."""
    found = (path for path in sorted(course.rglob("*")) if path.relative_to(course).parts[0] not in GENERATED)
    return {str(path.relative_to(course)): described(path) for path in found}


def described(path: Path) -> str:
    """What a file holds, or what it is: links, pipes and what is larger than any notebook are not read."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > 1 << 28:
        return f"{status.st_mode:o} {status.st_size}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outside() -> set[Path]:
    """What there is of OUTSIDE."""
    return {path for path in OUTSIDE if os.path.lexists(path)}


def wait_for_end(mark: str) -> list[str]:
    """The processes of this class that are still there a little later."""
    end = time.monotonic() + SECONDS_TO_END
    while (left := list(marked(mark))) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def marked(mark: str) -> Iterator[str]:
    """The processes that were started with this folder for their temporary files."""
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and f"TMPDIR={mark}".encode() in Path(f"/proc/{process.pid}/environ").read_bytes()
            ):
                yield " ".join(process.cmdline())
        except (psutil.Error, OSError):
            continue


@every_attack
def test_an_attack_earns_what_its_honest_part_deserves(graded: Graded, attack: Attack) -> None:
    record = graded.records[attack.student]
    earned = {exercise: record.exercise_score(exercise) for exercise in MOST}
    told = [(test.grade_id, str(test.outcome), test.message[:300]) for test in record.tests] + list(record.notes)
    if attack.points:
        assert earned in attack.points, told
    if attack.outcome:
        exercise, *ways = attack.outcome
        seen = {str(test.outcome) for test in record.tests if test.exercise == exercise}
        assert seen & set(ways), told
    assert len(record.tests) == 2 * len(MOST)
    assert not record.problem
    assert "broken" not in {str(test.outcome) for test in record.tests}, told


@pytest.mark.parametrize("attack", files.ATTACKS, ids=lambda attack: attack.__name__)
def test_a_hostile_file_earns_what_it_deserves(graded: Graded, attack: files.Attack) -> None:
    record, must = graded.records[f"file_{attack.__name__}"], graded.musts[f"file_{attack.__name__}"]
    assert record.score == must.points, (record.problem, record.repairs)
    assert must.problem in record.problem
    assert bool(record.problem) == bool(must.problem), record.problem
    assert record.max_score == 20
    page = graded.pages[f"file_{attack.__name__}"]
    assert not [secret for secret in SECRETS if secret in page]


@every_attack
def test_nothing_secret_reaches_the_attacker(graded: Graded, attack: Attack) -> None:
    record, page = graded.records[attack.student], graded.pages[attack.student]
    visible = " ".join(test.message for test in record.tests if not test.hidden)
    source = " ".join(code for _, code in attack.cells)
    for secret in SECRETS:
        assert secret in source or secret not in visible
        assert secret in source or secret not in page


def test_neighbours_have_all_their_points(graded: Graded) -> None:
    neighbours = {s: record.score for s, record in graded.records.items() if s.endswith("_next")}
    assert len(neighbours) >= NEIGHBOURS
    assert set(neighbours.values()) == {20}


def test_nothing_of_the_course_has_changed(graded: Graded) -> None:
    assert graded.after == graded.before
    assert len(graded.before) > 2 * len(ATTACKS)


def test_what_is_left_running_would_be_seen() -> None:
    with tempfile.TemporaryDirectory() as own:
        environment = {"TMPDIR": own, "PATH": os.environ["PATH"]}
        code = "import time; print('there', flush=True); time.sleep(600)"
        sleeper = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        try:
            assert sleeper.stdout.readline()  # the kernel shows an environment a moment after `Popen` has returned
            assert len(list(marked(own))) == 1
        finally:
            sleeper.kill()
            sleeper.communicate()
        assert not list(marked(own))


def test_nothing_is_left_running(graded: Graded) -> None:
    assert graded.left == []


def test_nothing_is_left_outside(graded: Graded) -> None:
    assert graded.outside == set()


def test_the_gradebook_holds_what_the_records_say(graded: Graded) -> None:
    assert graded.points == {student: record.score for student, record in graded.records.items()}


def test_pages_are_text_only(graded: Graded) -> None:
    page = graded.pages["containment_control_characters"]
    assert "<script>alert" not in page
    assert not set(page) & {"\x1b", "\x07", "\u202e"}


def test_an_attack_is_written_as_it_stands(tmp_path: Path) -> None:
    write_target(tmp_path)
    release = released(load_unit(tmp_path, NAME))
    patched = next(attack for attack in ATTACKS if attack.name == "patched_checks")
    patched.write(release, tmp_path / "one.ipynb")
    cells = nbformat.read(tmp_path / "one.ipynb", as_version=4).cells
    at = next(i for i, cell in enumerate(cells) if cell.id == "double")
    assert "course.checks.Check" in cells[at - 1].source
    assert "raise NotImplementedError" in cells[at].source
