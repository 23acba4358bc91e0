"""What is handed in beside the notebook: plain files alone, bounded, and part of the submission's digest."""

import os
from pathlib import Path

import pytest

from autograder.model.units import load_unit
from autograder.reading import beside
from autograder.reading.beside import FilesBeside, files_beside
from autograder.reading.find import Submission
from autograder.reading.submission import read_submission, submission_digest
from autograder.release.build import released
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit

GRADED = "graded.ipynb"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_files_and_those_of_folders_are_read_by_name(tmp_path: Path) -> None:
    write(tmp_path, helpers_py="x = 1", data__numbers_csv="1,2", data__more__deep_csv="3")
    found = files_beside(tmp_path / GRADED)
    assert found.contents == {
        "helpers.py": b"x = 1",
        "data/numbers.csv": b"1,2",
        "data/more/deep.csv": b"3",
    }
    assert found.repairs == ()
    assert files_beside(tmp_path / GRADED, own_folder=False).contents == {"helpers.py": b"x = 1"}


def test_other_notebooks_are_files_where_they_are_no_other_submission(tmp_path: Path) -> None:
    write(tmp_path, graded_ipynb="{}", other_ipynb="{}", more__third_ipynb="{}")
    assert files_beside(tmp_path / GRADED).contents == {"other.ipynb": b"{}", "more/third.ipynb": b"{}"}
    assert files_beside(tmp_path / GRADED, own_folder=False) == FilesBeside()


def test_what_programs_leave_behind_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, timestamp_txt="2024-03-10")
    for name in (
        ".ipynb_checkpoints/a.py",
        "__pycache__/helpers.cpython-313.pyc",
        ".DS_Store",
        "._helpers.py",
        ".git/config",
        "__MACOSX/x",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files_beside(tmp_path / GRADED).contents == {}
    assert files_beside(tmp_path / GRADED).repairs == ()


def test_a_file_whose_name_begins_with_a_dot_is_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FACTOR=2")
    assert files_beside(tmp_path / GRADED).contents == {".env": b"FACTOR=2"}


def test_links_pipes_and_folders_behind_links_are_left_out_and_named(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside, secret_py="hidden = 1")
    folder = tmp_path / "folder"
    write(folder, good_py="x = 1")
    (folder / "linked.py").symlink_to(outside / "secret.py")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    found = files_beside(folder / GRADED)
    assert found.contents == {"good.py": b"x = 1"}
    assert found.repairs == (
        "linked, linked.py, pipe beside the notebook were left out: only plain files are read, no links",
    )


def test_a_name_that_is_no_text_is_named(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).write_text("x")
    found = files_beside(tmp_path / GRADED)
    assert found.contents == {}
    assert "its name could not be read" in "".join(found.repairs)


def test_number_and_bytes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "MAX_FILES", 3)
    monkeypatch.setattr(beside, "MAX_TOGETHER", 100)
    write(tmp_path, a_txt="a" * 60, b_txt="b" * 60, c_txt="c" * 40)
    found = files_beside(tmp_path / GRADED)
    assert set(found.contents) == {"a.txt", "c.txt"}
    assert "b.txt beside the notebook was left out" in "".join(found.repairs)
    write(tmp_path, d_txt="", e_txt="", f_txt="", g_txt="")
    found = files_beside(tmp_path / GRADED)
    assert set(found.contents) == {"a.txt", "c.txt", "d.txt"}
    assert "e.txt, f.txt, g.txt beside the notebook were left out: more than 3 files" in "".join(found.repairs)


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    write_unit(tmp_path)
    path = hand_in(tmp_path, "ada", released(load_unit(tmp_path, NAME)), RIGHT)
    return Submission("ada", NAME, path.parent)


def test_a_submission_comes_with_its_files_and_changes_with_them(submission: Submission) -> None:
    digests = {submission_digest(submission)}
    for text in ("x = 1", "x = 2"):
        write(submission.folder, helpers_py=text)
        handed = read_submission(submission)
        assert handed.files == {"helpers.py": text.encode()}
        assert handed.digest == submission_digest(submission)
        digests.add(handed.digest)
    write(submission.folder, timestamp_txt="2024-03-10 12:00")
    digests.add(submission_digest(submission))
    (submission.folder / "helpers.py").rename(submission.folder / "others.py")
    digests.add(submission_digest(submission))
    assert len(digests) == 4  # a time of handing in changes none
