"""A copy of one's answers. Colab is not here to be run: its two modules are stood in for by their published interface."""

import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import pytest

from course import save_answers, saving

ANSWER = "def double(x):\n    return 2 * x"


def notebook() -> dict:
    cell = nbformat.v4.new_code_cell(ANSWER, execution_count=3)
    cell.outputs = [nbformat.v4.new_output("stream", text="x" * 1000)]
    return json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("Text.")])))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook's file in the folder where its kernel runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    path = tmp_path / "01_autograd.ipynb"
    path.write_text(json.dumps(notebook()))
    return path


def saved(path: Path | None) -> nbformat.NotebookNode:
    assert path is not None
    read = nbformat.read(path, as_version=4)
    nbformat.validate(read)
    return read


def test_a_copy_lies_beside_the_notebook_without_outputs(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = own.read_bytes()
    path = save_answers()
    assert [cell.source for cell in saved(path).cells] == [ANSWER, "Text."]
    assert (saved(path).cells[0].outputs, saved(path).cells[0].execution_count) == ([], None)
    assert path is not None
    assert re.fullmatch(r"saved/01_autograd_[\d-]+_[\d-]+\.ipynb", str(path.relative_to(own.parent)))
    assert str(path) in capsys.readouterr().out
    assert own.read_bytes() == before


@pytest.mark.parametrize("front_end", ["jupyter", "vscode"])
def test_of_several_notebooks_the_one_that_runs_is_saved(
    own: Path, monkeypatch: pytest.MonkeyPatch, front_end: str
) -> None:
    (own.parent / "other.ipynb").write_text("{}")
    if front_end == "jupyter":
        monkeypatch.setenv("JPY_SESSION_NAME", f"work/01_autograd/{own.name}")
    else:
        monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", str(own), raising=False)
    path = save_answers()
    assert path is not None
    assert path.name.startswith("01_autograd_")


def test_where_it_is_not_clear_which_notebook_runs_nothing_is_saved(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own.parent / "other.ipynb").write_text("{}")
    assert save_answers() is None
    assert "nothing was saved" in capsys.readouterr().out


@pytest.mark.parametrize("trouble", ["no place", "{", "[]", '{"cells": 5}', '{"cells": [5]}', "[" * 100_000])
def test_a_copy_that_cannot_be_made_is_said_and_stops_nothing(
    own: Path, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    if trouble == "no place":
        (own.parent / "saved").write_text("a file where a folder belongs")
    else:
        own.write_text(trouble)
    assert save_answers() is None
    assert "The copy could not be made (" in capsys.readouterr().out


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """What Colab's page answers and what it was asked to download."""
    page = SimpleNamespace(answer={"ipynb": notebook() | {"metadata": {"colab": {"name": "01_autograd.ipynb"}}}})
    page.downloaded = []
    package = ModuleType("google.colab")
    package._message = SimpleNamespace(blocking_request=lambda kind, request, timeout_sec: page.answer)
    package.files = SimpleNamespace(download=page.downloaded.append)
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.chdir(tmp_path)
    return page


def test_on_colab_the_browser_downloads_the_notebook_as_it_is_now(colab: SimpleNamespace) -> None:
    path = save_answers()
    assert saved(path).cells[0].source == ANSWER
    assert colab.downloaded == [str(path)]


def test_on_colab_a_mounted_drive_gets_the_copy(
    colab: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "MyDrive").mkdir()
    monkeypatch.setattr(saving, "DRIVE", tmp_path / "MyDrive")
    path = save_answers()
    assert saved(path).cells[0].source == ANSWER
    assert path is not None
    assert path.parent == tmp_path / "MyDrive" / "mlp-course"
    assert not colab.downloaded


def test_a_page_that_does_not_answer_is_said(colab: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    colab.answer = None
    assert save_answers() is None
    assert "nothing was saved" in capsys.readouterr().out
