"""How the files of the answer bank are read."""

from pathlib import Path

import pytest

from tests.bank import read_answers


def test_a_heading_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "softmax.py"
    path.write_text("# %% rigth: a misspelt heading\nx = 1\n")
    with pytest.raises(ValueError, match=r"softmax.py: 'rigth: a misspelt heading' is neither 'right: NAME' nor"):
        list(read_answers(path))


def test_headings_are_read_in_full(tmp_path: Path) -> None:
    path = tmp_path / "softmax.py"
    path.write_text(
        "# %% right: loop-free\na = 1\n\n# %% wrong: over rows -> softmax_rows, softmax_dim: along: the\nb = 2\n"
    )
    right, wrong = read_answers(path)
    assert (right.name, right.right, right.source, right.fails) == ("loop-free", True, "a = 1\n", ())
    assert (wrong.name, wrong.right, wrong.source, wrong.words) == ("over rows", False, "b = 2\n", "along: the")
    assert wrong.fails == ("softmax_rows", "softmax_dim")
