"""The guides: every command in a block marked `bash` is run, in the order of the page; blocks marked `console` need a person or a screen."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.release.skeleton import write_skeleton
from tests.conftest import ROOT

UNIT = "05_cross_entropy"
NEW = "11_spread"
BLOCK = re.compile(r"^( *)```bash\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
BY_HAND = re.compile(r"^ *```console\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SECONDS = 900  # per block, on a machine with other things to do
# What a block marked `console` may hold: it installs, opens a browser, needs a repository or other machines.
NEEDS_A_PERSON = re.compile(
    r"git clone|make (demo|lab)|source \.venv|docker|podman|dask|--scheduler|pip install|--security-opt|mlp-grader",
    re.IGNORECASE,
)


def blocks(page: str) -> list[str]:
    return [commands for _, commands in BLOCK.findall((ROOT / page).read_text())]


def answered(course: Path, unit: str) -> nbformat.NotebookNode:
    """The release with the reference's answers, as a student hands it in."""
    whole = load_unit(course, unit)
    notebook = released(whole)
    for cell, node in zip(whole.cells, notebook.cells, strict=True):
        if cell.id in whole.exercises:
            node.source = cell.source
    return notebook


def run(commands: str, folder: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder of one unit, with a roster of two and the zip that Canvas makes of their work.

    The unit has the name that stands in the guides and the cells of a new one: each command that runs them is fast.
    """
    folder = tmp_path / "a course"
    write_skeleton(folder, UNIT)
    for file in ("nbgrader_config.py", "pyproject.toml", "LICENSE"):
        shutil.copyfile(ROOT / file, folder / file)
    (folder / "students.csv").write_text(
        "id,last_name,first_name,lms_user_id\nada,Lovelace,Ada,4711\ngrace,Hopper,Grace,4712\n"
    )
    with zipfile.ZipFile(folder / "canvas.zip", "w") as archive:
        for name, number in (("lovelaceada", 4711), ("hoppergrace_LATE", 4712)):
            archive.writestr(f"{name}_{number}_98{number}_{UNIT}.ipynb", nbformat.writes(answered(folder, UNIT)))
    return folder


def test_the_guide_for_instructors_leads_from_a_clone_to_marks(course: Path) -> None:
    for commands in blocks("docs/instructors.md"):
        run(commands, course)
    for file in ("canvas.csv", "moodle.csv", "marks.csv"):
        assert "ada" in (course / "export" / file).read_text()
    assert "Lovelace" in (course / "export" / "canvas.csv").read_text()
    assert (course / "feedback" / "ada" / UNIT / f"{UNIT}.html").is_file()


def test_the_guide_to_a_unit_of_one_s_own_leads_to_a_graded_class(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "nbgrader_config.py", tmp_path / "nbgrader_config.py")
    for commands in blocks("docs/authoring.md"):
        if "autograder grade" in commands:
            folder = tmp_path / "submitted" / "ada" / NEW
            folder.mkdir(parents=True)
            nbformat.write(answered(tmp_path, NEW), folder / f"{NEW}.ipynb")
        run(commands, tmp_path)
    assert (tmp_path / "feedback" / "ada" / NEW / f"{NEW}.html").is_file()


def test_the_guide_for_students_is_right_in_the_kit(course: Path, tmp_path: Path) -> None:
    run(f"python -m autograder kit '{tmp_path / 'kit'}'", course)
    work = tmp_path / "kit" / "work" / UNIT
    work.mkdir(parents=True)
    nbformat.write(answered(course, UNIT), work / f"{UNIT}.ipynb")
    for commands in blocks("docs/students.md"):
        run(commands, tmp_path / "kit")


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))])
def test_only_what_needs_a_person_is_not_run(page: str) -> None:
    for commands in BY_HAND.findall((ROOT / page).read_text()):
        for line in commands.splitlines():
            assert NEEDS_A_PERSON.search(line), f"{page}: run this line in a test: {line}"
