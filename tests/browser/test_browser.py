"""What an instructor sees in a real browser: formgrader with a graded class."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import TOKEN, jupyter_lab
from tests.submissions.sample_class import UNIT, write_class

STUDENTS = 3  # ada and alan have everything right, barbara has not


@dataclass(frozen=True)
class Server:
    """A running JupyterLab in a course folder with a graded class."""

    url: str
    scores: dict[str, float]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    course = tmp_path_factory.mktemp("course")
    expected = write_class(course, students=STUDENTS)[UNIT]
    subprocess.run([sys.executable, "-m", "autograder", "grade", UNIT], cwd=course, check=True, timeout=600)
    with jupyter_lab(course, tmp_path_factory.mktemp("lab")) as url:
        yield Server(url, {student: sum(handed.scores.values()) for student, handed in expected.items()})


def test_an_instructor_sees_the_graded_class_in_formgrader(server: Server, page: Page, tmp_path: Path) -> None:
    page.goto(f"{server.url}/lab?token={TOKEN}")  # logs in: formgrader's own pages set no cookie
    page.goto(f"{server.url}/formgrader/manage_submissions/{UNIT}")
    for student, score in server.scores.items():
        row = page.get_by_role("row").filter(has_text=student)
        expect(row).to_contain_text("graded")
        expect(row).to_contain_text(f"{score:g} / 20")
    page.screenshot(path=tmp_path / "formgrader.png")
