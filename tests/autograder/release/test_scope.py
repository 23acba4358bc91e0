"""What a test uses must be there beside the tests: the cell that defines it is named where it is not."""

from pathlib import Path

import pytest

from autograder.model.units import load_unit
from autograder.release.scope import out_of_sight
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME


def refused(course: Path, changes: dict[str, str]) -> list[str]:
    notebook = small_unit.notebook()
    for cell in notebook.cells:
        cell.source = changes.get(cell.id, cell.source)
    small_unit.write_unit(course, notebook)
    return out_of_sight(load_unit(course, NAME))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"double-two": "assert double(lesson) == 4"}, "'double_two' uses lesson, which only the ordinary cell 'lesson' defines"),
        (
            {"double-two": "two = 2\nassert double(two) == 4", "total-three": "assert total([two]) == 2"},
            "'total_three' uses two, which only the test 'double_two' defines",
        ),
        ({"imports": "import math\nprint(double(2))"}, "the locked cell 'imports' uses the answer double"),
        ({"imports": "%matplotlib inline\nimport math\nprint(double(2))"}, "the locked cell 'imports' uses the answer double"),
    ],
)
def test_a_name_that_is_not_there_is_named_with_the_cell_and_the_remedy(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    (line,) = refused(tmp_path, changes)
    assert words in line
    assert "; " in line


@pytest.mark.parametrize(
    "changes",
    [
        {"double-two": "lesson = 2\nassert double(lesson) == 4"},
        {"imports": "import math\ndef both(x):\n    return double(x) + total([x])", "double-two": "assert both(1) == 3"},
        {"imports": "%matplotlib inline\nimport math", "double-two": "assert double(math.sqrt(4)) == 4"},
        {"imports": "from math import *", "double-two": "assert double(sqrt(4)) == 4"},
        {"double-two": "assert [double(lesson) for lesson in (1, 2)] == [2, 4]"},
    ],
)
def test_a_name_that_is_there_is_no_fault(tmp_path: Path, changes: dict[str, str]) -> None:
    assert refused(tmp_path, changes) == []
