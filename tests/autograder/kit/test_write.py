"""A kit replaces what it wrote itself and touches nothing else."""

import zipfile
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.kit.write import MARKER, write_folder, write_zip

KIT = {"README.md": b"read", "release/01/01.ipynb": b"{}", "release/01/data.csv": b"1,2"}
NEXT = {"README.md": b"read more", "release/02/02.ipynb": b"{}"}


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != MARKER
    }


def test_a_kit_is_written_and_brought_up_to_date(tmp_path: Path) -> None:
    write_folder(KIT, tmp_path / "new" / "kit")
    assert content_of(tmp_path / "new" / "kit") == KIT
    write_folder(NEXT, tmp_path / "new" / "kit")
    assert content_of(tmp_path / "new" / "kit") == NEXT
    assert not (tmp_path / "new" / "kit" / "release" / "01").exists()
    assert (tmp_path / "new" / "kit" / "README.md").stat().st_mode & 0o777 == 0o644


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    write_folder(KIT, tmp_path)
    assert content_of(tmp_path) == KIT


@pytest.mark.parametrize("marker", ["", "{", "[1]", '{"README.md": 3}'])
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path, marker: str) -> None:
    (tmp_path / "README.md").write_text("mine")
    if marker:
        (tmp_path / MARKER).write_text(marker)
    with pytest.raises(CourseError, match=r"give a(nother)? folder"):
        write_folder(KIT, tmp_path)
    assert content_of(tmp_path) == {"README.md": b"mine"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kit").write_text("mine")
    with pytest.raises(CourseError, match="give another folder"):
        write_folder(KIT, tmp_path / "kit")
    assert (tmp_path / "kit").read_text() == "mine"


def test_what_others_put_beside_the_kit_stays(tmp_path: Path) -> None:
    write_folder(KIT, tmp_path)
    own = {"work/01/01.ipynb": b"answers", "release/01/notes.txt": b"mine", ".venv/installed": b""}
    for name, content in own.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    write_folder(NEXT, tmp_path)
    assert content_of(tmp_path) == NEXT | own


@pytest.mark.parametrize("name", ["release/01/01.ipynb", "release/02/02.ipynb"])
def test_answers_written_into_the_kit_s_own_notebook_are_never_lost(tmp_path: Path, name: str) -> None:
    """Into one that the next kit replaces or leaves out, or in the place of one that it brings."""
    write_folder(KIT, tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"answers")
    with pytest.raises(CourseError, match=f"{name} changed since the kit was made; move what you need away"):
        write_folder(NEXT, tmp_path)
    assert content_of(tmp_path) == KIT | {name: b"answers"}


def test_a_file_that_was_deleted_comes_back(tmp_path: Path) -> None:
    write_folder(KIT, tmp_path)
    (tmp_path / "README.md").unlink()
    write_folder(KIT, tmp_path)
    assert content_of(tmp_path) == KIT


def test_a_run_that_was_killed_half_way_can_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(KIT, tmp_path)
    with monkeypatch.context() as context:
        context.setattr("autograder.kit.write._remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            write_folder(NEXT, tmp_path)
    assert content_of(tmp_path) == KIT | NEXT
    another = NEXT | {"README.md": b"a third text"}
    write_folder(another, tmp_path)
    assert content_of(tmp_path) == another


def test_a_link_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    write_folder(KIT, tmp_path / "kit")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "kit" / "release" / "02").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CourseError, match="a link lies here"):
        write_folder(NEXT, tmp_path / "kit")
    assert not any((tmp_path / "elsewhere").iterdir())


def test_a_zip_unpacks_into_one_folder_and_is_the_same_each_time(tmp_path: Path) -> None:
    write_zip(KIT, tmp_path / "kit.zip")
    first = (tmp_path / "kit.zip").read_bytes()
    write_zip(KIT, tmp_path / "kit.zip")
    assert (tmp_path / "kit.zip").read_bytes() == first
    zipfile.ZipFile(tmp_path / "kit.zip").extractall(tmp_path / "out")
    assert content_of(tmp_path / "out" / "kit") == KIT


@pytest.mark.parametrize("content", [b"mine", None])
def test_another_s_file_is_not_taken_for_a_zip_of_ours(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "kit.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mine.txt", "mine")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(CourseError, match="a file that is no kit has this name"):
        write_zip(KIT, path)
    assert path.read_bytes() == before
