"""A term through nbgrader's exchange, with two Unix users and a real exchange folder: out, in, graded, and the feedback back."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.grade import grade
from autograder.model.units import load_unit
from autograder.release.build import make_release, released
from autograder.running.executors import LocalExecutor
from tests.autograder import small_unit
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, hand_in
from tests.conftest import ROOT
from tests.ordinary_user import NOBODY

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="needs root, which alone can act as two users"),
    # Slips of nbgrader 0.9.
    pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "mlp"
c.Exchange.root = "{exchange}"
"""
# Several of nbgrader's commands in one process: importing nbgrader takes longer than they do.
COMMANDS = """
import sys, json
import nbformat
from nbgrader.apps import NbGraderApp

def nbgrader(*arguments):
    NbGraderApp.clear_instance()
    try:
        NbGraderApp.launch_instance(list(arguments))
    except SystemExit as error:
        assert not error.code, arguments

def answer(path, answers):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, path)

"""
STUDENT_WORKS = f"""
nbgrader("fetch_assignment", "{NAME}")
answer("{NAME}/{NAME}.ipynb", {RIGHT!r})
nbgrader("submit", "{NAME}")
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own are not: the course, the exchange and the student's home lie in it."""
    with tempfile.TemporaryDirectory(prefix="exchange-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for inside, mode in (("course", 0o755), ("exchange", 0o777), ("home", 0o755)):
            (folder / inside).mkdir()
            (folder / inside).chmod(mode)
        os.chown(folder / "home", NOBODY, NOBODY)
        (folder / "home" / "nbgrader_config.py").write_text(CONFIG.format(exchange=folder / "exchange"))
        small_unit.write_unit(folder / "course")
        yield folder


def as_student(place: Path, commands: str) -> None:
    home = place / "home"
    own = [f"HOME={home}", f"JUPYTER_DATA_DIR={home}/data", f"JUPYTER_CONFIG_DIR={home}/config", f"PYTHONPATH={ROOT}"]
    command = ["env", "-C", str(home), *own, sys.executable, "-c", COMMANDS + commands]
    shell = [sys.executable, "-m", "tests.ordinary_user", *command]
    done = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def formgrader(place: Path) -> NbGraderAPI:
    """Return what formgrader's buttons call."""
    config = Config()
    config.CourseDirectory.root = str(place / "course")
    config.CourseDirectory.course_id = "mlp"
    config.Exchange.root = str(place / "exchange")
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def test_work_goes_out_and_comes_in_and_feedback_goes_back(place: Path, executor: LocalExecutor) -> None:
    course = place / "course"
    buttons = formgrader(place)
    make_release(course, NAME)
    assert buttons.release_assignment(NAME)["success"]
    as_student(place, STUDENT_WORKS)
    assert buttons.collect(NAME)["success"]
    hand_in(course, "zoe", released(load_unit(course, NAME)), {})  # by mail
    assert [record.score for record in grade(course, NAME, executor=executor)] == [20, 0]
    assert main_in(course, "feedback", NAME) == 0
    assert buttons.release_feedback(NAME)["success"]
    as_student(place, f'nbgrader("fetch_feedback", "{NAME}")')
    (page,) = (place / "home" / NAME / "feedback").glob(f"*/{NAME}.html")
    assert page.read_text() == (course / "feedback" / "nobody" / NAME / f"{NAME}.html").read_text()
    names = [path.stem for path in (place / "exchange" / "mlp" / "feedback").iterdir()]
    assert len(set(names)) == 2
    assert all(len(name) == 32 for name in names)  # which nobody can guess without the submission's secret
