"""Feedback pages go back to the system from which the work came, each to the student whom it is about."""

import re
import zipfile
from pathlib import Path

import pytest

from autograder.collecting.handing_back import hand_back
from autograder.errors import CourseError
from tests.autograder.collecting import made
from tests.autograder.collecting.made import ANSWERS, NUMBERS, Files, make_course, write_zip
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME

PARTICIPANTS = {"711": "007", "712": "b-02", "713": "cy"}  # of made.moodle


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course in which everybody has a page."""
    make_course(tmp_path)
    for student in ANSWERS:
        page = tmp_path / "feedback" / student / NAME / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(student)
    return tmp_path


def pages_in(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def moodles_student(name: str) -> str:
    """Whose feedback Moodle takes a file for, as `is_valid_filename_for_import` in its importziplib.php does."""
    for part in name.split("/"):
        fields = part.split("_", 4)
        if len(fields) >= 4 and fields[1].isdigit() and fields[2:4] == ["assignsubmission", "file"]:
            return PARTICIPANTS[fields[1]]
    raise KeyError(name)


def canvas_student(name: str) -> str:
    """Whose comment Canvas takes a file for: the first part of its name that is a number is the user, the next one the attachment."""
    user, attachment = [part for part in name.split("_") if re.fullmatch(r"\d+", part)][:2]
    assert attachment.startswith("9000")
    return {number: student for student, number in NUMBERS.items()}[user]


@pytest.mark.parametrize("name", ["moodle", "moodle before 4.1", "moodle flat", "canvas"])
def test_each_page_is_called_so_that_the_system_gives_it_to_its_student(course: Path, name: str) -> None:
    whose = canvas_student if name == "canvas" else moodles_student
    source = write_zip(course / "download.zip", made.SYSTEMS[name](made.notebooks(course)))
    path = hand_back(course, NAME, source)
    assert path == course / "feedback" / f"{NAME}-{name.split()[0]}.zip"
    pages = pages_in(path)
    assert len(pages) == len(ANSWERS)
    assert {whose(file): text for file, text in pages.items()} == {student: student for student in ANSWERS}
    assert all(file.endswith(f"{NAME}.html") for file in pages)
    assert not (course / "submitted").exists()


def test_a_zip_that_was_handed_in_has_its_page_beside_it(course: Path) -> None:
    work = made.zipped({f"in/{NAME}.ipynb": made.notebooks(course)["cy"]})
    files: Files = {"müllercy_4023_90005_work.zip": work}
    assert [*pages_in(hand_back(course, NAME, write_zip(course / "x.zip", files)))] == [
        f"müllercy_4023_90005_{NAME}.html"
    ]
    files = {"Cy Müller_713_assignsubmission_file_work.zip": work}
    (name,) = pages_in(hand_back(course, NAME, write_zip(course / "x.zip", files)))
    assert moodles_student(name) == "cy"


def test_what_cannot_be_handed_back_is_said(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blackboard = write_zip(course / "b.zip", made.blackboard(made.notebooks(course)))
    with pytest.raises(
        CourseError, match="handed back in a zip to canvas, moodle, and this is a download of blackboard"
    ):
        hand_back(course, NAME, blackboard)
    stranger = write_zip(course / "s.zip", {f"x_9_1_{NAME}.ipynb": made.notebooks(course)["cy"]})
    with pytest.raises(CourseError, match="nobody in it has a page for 90_small; grade what is in it first"):
        hand_back(course, NAME, stranger)
    assert main_in(course, "feedback", NAME, NAME, "--for", "b.zip") == 2
    assert "--for takes one unit" in " ".join(capsys.readouterr().err.split())
