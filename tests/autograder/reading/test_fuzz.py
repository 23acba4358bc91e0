"""Whatever is handed in is read, or refused in a sentence. `make fuzz` tries ten thousand of each kind; what failed is tried again first."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import SubmissionError
from autograder.model.units import Unit, load_unit
from autograder.reading.dependencies import order_matters
from autograder.reading.find import Submission
from autograder.reading.graft import graft
from autograder.reading.names import names_in
from autograder.reading.pieces import piece_of
from autograder.reading.plan import passes
from autograder.reading.submission import read_submission
from autograder.reading.timestamp import read_timestamp
from autograder.release.build import released, released_sources
from tests.autograder.small_unit import NAME, write_unit

WORDS = (
    *(
        "def double(x):\n    return 2 * x\n",
        "def total",
        "(xs):",
        "return ",
        "lambda: ",
        "import a.b",
        "class A:",
        "if x:",
        "else",
        "for i in ",
    ),
    *(
        "%time ",
        "!ls ",
        "%%bash\n",
        "x = ",
        "global x",
        "@",
        "f'{",
        "}'",
        '"""',
        "'",
        "#",
        "\\\n",
        "\n",
        "    ",
        "\t",
        ";",
        "(",
        ")",
        "[",
        "]",
    ),
    *(
        "{",
        "}",
        ":",
        ",",
        ".",
        "?",
        "...",
        "**",
        "-",
        "not ",
        "await ",
        "yield ",
        "1e999",
        "0x",
        "\0",
        "\ud800",
        "\u202e",
        "é",
        "<<<<<<< a\n",
    ),
    *(
        "=======\n",
        ">>>>>>> b\n",
        "eval('x')",
        "import *",
        "from os ",
        "### BEGIN SOLUTION\n",
        "\r",
        "\f",
        "_",
        "Out[1]",
        "=!",
    ),
)
code = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)
ids = st.sampled_from(["double", "total", "double_two", "total_three", "think", "imports", "lesson", "", "odd"])
scraps = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
cells = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", 1, None])},
    optional={
        "source": code | st.lists(code, max_size=3) | scraps,
        "id": ids | scraps,
        "metadata": st.fixed_dictionaries(
            {}, optional={"nbgrader": st.fixed_dictionaries({"grade_id": ids | scraps}) | scraps, "id": scraps}
        )
        | scraps,
        "attachments": scraps,
        "outputs": scraps,
    },
)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(cells | scraps, max_size=12)},
    optional={"metadata": scraps, "nbformat": scraps, "worksheets": scraps},
)


@cache
def _unit() -> tuple[Unit, dict[str, str], Any]:
    with TemporaryDirectory() as folder:
        write_unit(Path(folder))
        unit = load_unit(Path(folder), NAME)
        return unit, released_sources(unit), released(unit)


def read_any(data: bytes) -> None:
    """Read bytes that were handed in as a notebook, and match them, unless they are refused in a sentence."""
    unit, sources, _ = _unit()
    with TemporaryDirectory() as folder:
        own = Path(folder) / "ada" / NAME
        own.mkdir(parents=True)
        (own / f"{NAME}.ipynb").write_bytes(data)
        try:
            grafted = graft(unit, sources, read_submission(Submission("ada", NAME, own)))
        except SubmissionError:
            return
    passes(unit, grafted.steps)
    "".join([*grafted.answers.values(), *grafted.repairs]).encode()  # what is written can be written


@given(notebooks)
def test_notebooks_of_any_cells(notebook: dict) -> None:
    read_any(json.dumps(notebook).encode())


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=6)), min_size=1, max_size=5))
def test_the_file_cut_and_overwritten_anywhere(changes: list[tuple[float, int, bytes]]) -> None:
    data = json.dumps(_unit()[2]).encode()
    for place, length, other in changes:
        at = int(place * len(data))
        data = data[:at] + other + data[at + length :]
    read_any(data)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read_any(data)


@given(st.lists(code, max_size=4))
def test_any_code(sources: list[str]) -> None:
    for source in sources:
        names_in(source)
        piece = piece_of(source)
        assert isinstance(piece.bound_even_if_broken | piece.names, frozenset)
        assert isinstance(piece.may_bind_more or piece.is_hollow or piece.has_dead_code, bool)
    order_matters(sources, frozenset(["double"]))


@given(st.text("0123456789:-+./ TZUCGMaAp,eº٣\x00", max_size=40) | st.text(max_size=40))
def test_any_time_stamp(text: str) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "timestamp.txt").write_bytes(text.encode("utf-8", "replace"))
        stamp = read_timestamp(Path(folder))
    assert bool(stamp.utc) != bool(stamp.repairs)
