"""From the bytes of a file, whole or damaged, to the notebooks in it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.reading import mend as module
from autograder.reading.mend import Unreadable, mend, two_sides


def cell(source: str, **more: object) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


def text(*sources: str) -> str:
    return json.dumps({"cells": [cell(source) for source in sources], "nbformat": 4}, indent=1, ensure_ascii=False)


def sources(data: bytes) -> list[list[str]]:
    return [[one["source"] for one in notebook["cells"]] for notebook in mend(data).notebooks]


def test_a_whole_file_needs_nothing() -> None:
    found = mend(text("a = 1", "b = 2").encode())
    assert (found.repairs, found.damaged, len(found.notebooks)) == ((), (), 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_other_encodings_are_known(encoding: str) -> None:
    source = "# Größe, naïve, façade, déjà vu, ½ × 3"
    found = mend(text(source).encode(encoding))
    assert found.notebooks[0]["cells"][0]["source"] == source
    assert len(found.repairs) == 1


def test_a_bad_byte_or_two_make_no_other_encoding() -> None:
    data = text("# Größe", "x = 1").encode().replace(b"x = 1", b"x\xff= 1")
    assert sources(data) == [["# Größe", "x\ufffd= 1"]]


def test_a_cell_with_a_hole_costs_no_other_cell() -> None:
    whole = text("a = 1", "b = 2", "c = 3")
    found = mend(whole.replace('"b = 2"', '"b = ').encode())
    assert [one["source"] for one in found.notebooks[0]["cells"]] == ["a = 1", "c = 3"]
    assert found.repairs == ("the file is damaged after its cells 1; the 2 cells that can be read were graded",)


def test_what_stood_in_a_hole_is_named() -> None:
    marked = {"metadata": {"nbgrader": {"cell_type": "code", "grade_id": "softmax"}}}
    notebook = {"cells": [cell("a = 1"), cell("b = 2", **marked), cell("c = 3")]}
    found = mend(json.dumps(notebook, indent=1).replace('"b = 2"', '"b = ').encode())
    assert found.damaged == ("softmax",)
    assert len(found.notebooks[0]["cells"]) == 2  # nbgrader's marks say "cell_type" too, and are no cell


def test_commas_and_marks_that_a_hand_left_over_are_taken_away() -> None:
    odd = text("x = [1, 2, ]  # '<<<<<<< no mark'").replace("}\n ]", "},\n ]").replace("{\n", "{\n>>>>>>> theirs\n", 1)
    found = mend(odd.encode())
    assert found.notebooks[0]["cells"][0]["source"] == "x = [1, 2, ]  # '<<<<<<< no mark'"
    assert found.repairs == (module.TIDIED,)


def test_of_two_notebooks_in_a_file_the_later_one_comes_last() -> None:
    found = mend((text("old = 1") + "\n" + text("new = 1")).encode())
    assert [one["cells"][0]["source"] for one in found.notebooks] == ["old = 1", "new = 1"]
    assert "the file held 2 notebooks" in found.repairs[0]


@pytest.mark.parametrize(
    "wrap", [lambda notebook: [notebook], lambda notebook: {"type": "notebook", "content": notebook}]
)
def test_a_notebook_that_a_program_wrapped_up_is_taken_out(wrap: Callable[[Any], Any]) -> None:
    notebook = {"cells": [{"cell_type": "code", "source": "a = 1"}]}
    mended = mend(json.dumps(wrap(notebook)).encode())
    assert mended.notebooks == (notebook,)
    assert mended.repairs == ("the notebook was wrapped in other data, as a program sends it: it was taken out",)


def test_format_3_has_sheets() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": "a = 1"}]}
    found = mend(json.dumps({"worksheets": [sheet], "nbformat": 3}).encode())
    assert found.notebooks[0]["cells"] == sheet["cells"]


@pytest.mark.parametrize(
    ("merged", "first", "second"),
    [
        ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\nd\n", "a\nb\nd\n", "a\nc\nd\n"),
        ("<<<<<<< HEAD\nb\n||||||| base\n0\n=======\nc\n>>>>>>> x\n", "b\n", "c\n"),
        ("<<<<<<< HEAD\r\nb\r\n=======\r\n>>>>>>> x\r\n", "b\r\n", ""),
        ("<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x", "b\n", "c\n"),
    ],
)
def test_a_merge_has_two_sides(merged: str, first: str, second: str) -> None:
    assert two_sides(merged) == (first, second)


@pytest.mark.parametrize("text", ["a\n=======\nb\n", "<<<<<<< HEAD\nb\n", "x <<<<<<< a\n=======\n>>>>>>> b\n"])
def test_lines_that_are_no_merge_are_left_alone(text: str) -> None:
    assert two_sides(text) is None


SIZE = 1_000_000
HOSTILE = {
    "merge marks that never end": "{\n" + "<<<<<<< a\n" * (SIZE // 10),
    "quotes": '{"cells": [{"cell_type": "code", "source": "' + '\\"' * (SIZE // 2),
    "quotes alone": "{" + '"' * SIZE,
    "backslashes": '{"cells": ["' + "\\" * SIZE,
    "beginnings of cells": '{"cells": [' + '{"cell_type": "code", "source": ["' * (SIZE // 34),
    "cells in cells": '{"cells": [' + '{"metadata": ' * (SIZE // 13),
    "brackets": "[" * SIZE,
    "commas and spaces": "{" + ",  " * (SIZE // 3),
    "lines": "\n" * SIZE + "x",
    "a number": '{"cells": ' + "1" * SIZE,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_looked_through_a_few_times_only(hostile: str) -> None:
    """Where a step is quadratic, this test takes hours."""
    with pytest.raises(Unreadable):
        mend(hostile.encode())


def test_lists_by_the_million_are_refused_but_not_in_strings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PARTS", 100_000)
    with pytest.raises(Unreadable, match="more than a notebook has: clear the outputs"):
        mend(('{"cells": [' + "[],[]," * module.MAX_PARTS).encode())
    printed = "[0], " * (module.MAX_PARTS // 2 + 1)
    assert sources(text("a = 1", printed).encode())[0][0] == "a = 1"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"x": ' + b"9" * 5_000 + b"}", "a number has too many digits"),
        (b"{x", "line 1"),
    ],
    ids=["deep", "long number", "damaged"],
)
def test_why_json_cannot_be_read_is_said_in_words(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        mend(data)
