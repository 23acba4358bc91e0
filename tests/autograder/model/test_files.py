"""Files appear whole or not at all, and what cannot be written is said in one sentence. What is no plain file is not read."""

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.gradebook.limits import limits_of
from autograder.gradebook.roster import read_students
from autograder.model.files import PART, in_part, read_plain, sweep, write_whole, writing
from autograder.sandbox.limits import Limits


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


NO_PLAIN_FILES: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link to a device without an end": lambda path: path.symlink_to("/dev/zero"),
    "a socket": make_socket,
}


@pytest.fixture(params=NO_PLAIN_FILES)
def make_odd(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    return NO_PLAIN_FILES[request.param]


def test_nobody_waits_for_what_is_no_plain_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_odd: Callable[[Path], object]
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    make_odd(Path("x"))
    with pytest.raises(OSError, match="no plain file"):
        read_plain(Path("x"))


def test_nor_does_a_command_that_reads_a_list_of_students_or_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_odd: Callable[[Path], object]
) -> None:
    monkeypatch.chdir(tmp_path)
    make_odd(Path("students.csv"))
    make_odd(Path("nbgrader_config.py"))
    with pytest.raises(
        CourseError, match=r"students\.csv: cannot be read \(no plain file\); put a file there that you may read"
    ):
        read_students(Path("students.csv"))
    assert limits_of(Path()) == Limits()


@pytest.mark.parametrize("lasting", [True, False])
def test_a_file_is_written_with_its_folders_and_leaves_nothing_beside_it(tmp_path: Path, lasting: bool) -> None:
    path = tmp_path / "a" / "b" / "c.txt"
    write_whole(path, "öne", lasting)
    write_whole(path, "twö", lasting)
    assert path.read_text(encoding="utf-8") == "twö"
    assert [p.name for p in path.parent.iterdir()] == ["c.txt"]


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "x", "")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_what_was_there_stays_where_writing_breaks_off(tmp_path: Path) -> None:
    write_whole(tmp_path / "x", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "x", "half \ud800")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x", "old")]


def test_what_killed_writers_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / f".abc{PART}").touch()
    (tmp_path / "kept").touch()
    sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_what_cannot_be_written_is_named_with_the_reason_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "folder").touch()  # a file where a folder has to be made
    path = tmp_path / "folder" / "unit" / "page.html"
    with pytest.raises(CourseError) as raised, writing(path):
        write_whole(path, "text")
    assert str(raised.value) == f"{path}: cannot be written (Not a directory); move {tmp_path / 'folder'} away"


def test_a_name_that_is_there_for_a_moment_is_not_named(tmp_path: Path) -> None:
    path = tmp_path / "kit.zip"
    with pytest.raises(CourseError, match=rf"^{path}: cannot be written"), writing(path), in_part(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".kit.zip.part"))


def test_a_remedy_of_the_caller_s_own_takes_the_place_of_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    refusal = pytest.raises(
        CourseError, match=r"cannot be written \(Is a directory\); move \S+/x away; all grades are kept$"
    )
    with refusal, writing(tmp_path / "x", "all grades are kept"):
        write_whole(tmp_path / "x", "text")


def test_of_many_files_in_a_folder_the_one_that_failed_is_named_and_never_a_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "unit" / "x").mkdir(parents=True)
    with pytest.raises(CourseError) as raised, writing(tmp_path):
        write_whole(tmp_path / "unit" / "x", "text")
    assert str(raised.value).startswith(f"{tmp_path / 'unit' / 'x'}: cannot be written")


def test_a_full_disk_that_names_no_file_is_told_with_the_file_that_was_written(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(CourseError) as raised, writing(tmp_path), open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert (
        str(raised.value)
        == f"{tmp_path}: cannot be written (No space left on device); mend its permissions or make room"
    )
