"""The author's solutions on feedback pages: only when asked for, only after the last deadline, and never a hidden test."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.errors import UnitError
from autograder.model.records import Record, write_record
from autograder.model.units import Unit, list_units, load_unit
from autograder.release.build import released
from autograder.results.solutions import solutions_of
from tests.autograder import small_unit
from tests.autograder.results.small_class import record
from tests.autograder.small_unit import NAME, RIGHT

WHY = "Doubling is adding the number to itself, with no case for those below 0."
SOLUTION = "def double(x):\n    return x + x"
WITH_REASON = f"""def double(x):
    ### BEGIN SOLUTION
    # Why: {WHY[:30]}
    # {WHY[30:].strip()}
    return x + x
    ### END SOLUTION"""


def _unit(course: Path, double: str = WITH_REASON) -> Unit:
    """Write a unit whose author says why in one exercise of two."""
    notebook = small_unit.notebook()
    next(cell for cell in notebook.cells if cell.id == "double").source = double
    small_unit.write_unit(course, notebook)
    return load_unit(course, NAME)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder with one graded submission that passes nothing."""
    unit = _unit(tmp_path)
    graded: Record = record(unit, "ada", (0, 0, 0, 0), RIGHT | {"double": "def double(x):\n    return 0"})
    write_record(tmp_path, graded)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database to copy: for a new one nbgrader starts a program, which takes seconds."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}"):
        return path


def _page(course: Path) -> str:
    return (course / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()


def _folded(page: str) -> list[str]:
    return [" ".join(folded.get_text().split()) for folded in BeautifulSoup(page, "html.parser").find_all("details")]


def _due(course: Path, empty_gradebook: Path, due: datetime, extension: timedelta | None = None) -> None:
    """Set the unit's due date in nbgrader's gradebook, and an extension for ada."""
    shutil.copyfile(empty_gradebook, course / "gradebook.db")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook, gradebook.db.no_autoflush:
        gradebook.update_or_create_assignment(NAME, duedate=due.replace(tzinfo=None))
        gradebook.update_or_create_student("ada")
        gradebook.update_or_create_submission(NAME, "ada", extension=extension)


def test_a_page_shows_each_solution_folded_and_the_sentence_on_why(course: Path) -> None:
    assert main(["feedback", NAME, "--solutions"]) == 0
    first, second = _folded(_page(course))
    assert first == f"The author's solution {WHY} def double(x): return x + x"
    assert second.startswith("The author's solution def total(xs): ")


def test_solutions_show_neither_markers_nor_hidden_tests(course: Path) -> None:
    assert main(["feedback", NAME, "--solutions"]) == 0
    text = BeautifulSoup(_page(course), "html.parser").get_text()
    for words in ("SOLUTION", "# Why", "HIDDEN", "double(-3)", "total([])"):
        assert words not in text


def test_without_the_flag_a_page_shows_none_and_loses_those_of_an_earlier_run(course: Path) -> None:
    assert main(["feedback", NAME]) == 0
    before = _page(course)
    assert "<details" not in before
    assert main(["feedback", NAME, "--solutions"]) == 0
    assert main(["feedback", NAME]) == 0
    assert _page(course) == before


@pytest.mark.parametrize(
    ("due_in", "extension_in", "status"),
    [(-1, None, 0), (1, None, 2), (-1, 2, 2), (-2, 1, 0), (1, -3, 2)],
    ids=["past", "ahead", "past but extended", "extension past too", "a negative extension moves nobody else's"],
)
def test_solutions_wait_for_the_last_deadline(
    course: Path,
    empty_gradebook: Path,
    capsys: pytest.CaptureFixture[str],
    due_in: int,
    extension_in: int | None,
    status: int,
) -> None:
    due = datetime.now(UTC) + timedelta(days=due_in)
    _due(course, empty_gradebook, due, None if extension_in is None else timedelta(days=extension_in))
    assert main(["feedback", NAME, "--solutions"]) == status
    assert (course / "feedback").exists() == (status == 0)
    if status:
        (line,) = capsys.readouterr().err.splitlines()
        last = due + timedelta(days=max(extension_in or 0, 0))
        assert line.startswith(f"error: {NAME}: its last deadline is {last:%d %B %Y, %H:%M} UTC")
    assert main(["feedback", NAME]) == 0


def test_a_deadline_ahead_of_one_unit_holds_back_the_pages_of_all_that_are_named(
    course: Path, empty_gradebook: Path
) -> None:
    small_unit.write_unit(course, name="other")
    write_record(course, replace(record(load_unit(course, "other"), "ada", (1, 1, 1, 1), RIGHT), unit="other"))
    _due(course, empty_gradebook, datetime.now(UTC) + timedelta(days=1))
    assert main(["feedback", "other", NAME, "--solutions"]) == 2
    assert not (course / "feedback").exists()


def test_a_hidden_region_in_an_answer_is_refused(tmp_path: Path) -> None:
    hidden = "\n### BEGIN HIDDEN TESTS\nassert double(-3) == -6\n### END HIDDEN TESTS"
    with pytest.raises(UnitError, match="HIDDEN TESTS"):
        solutions_of(_unit(tmp_path, WITH_REASON + hidden))


def test_an_answer_of_several_parts_stays_whole_and_other_comments_stay(tmp_path: Path) -> None:
    source = """class Double:
    ### BEGIN SOLUTION
    # Why: one reason.
    factor = 2
    ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        # by a product
        return x * self.factor
        ### END SOLUTION"""
    solution = solutions_of(_unit(tmp_path, source))["double"]
    assert solution.why == "one reason."
    assert solution.code == (
        "class Double:\n    factor = 2\n\n    def __call__(self, x):\n        # by a product\n        return x * self.factor"
    )


def test_a_release_shows_no_reason(tmp_path: Path) -> None:
    assert "Why" not in str(released(_unit(tmp_path)))


@pytest.mark.parametrize("name", list_units(Path(__file__).parents[3]))
def test_every_exercise_of_the_course_has_a_reason_of_one_sentence(name: str) -> None:
    for exercise, solution in solutions_of(load_unit(Path(__file__).parents[3], name)).items():
        assert 40 <= len(solution.why) <= 300, exercise
        assert solution.why.endswith("."), exercise
        assert ". " not in solution.why, exercise
