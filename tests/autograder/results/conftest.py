"""The small unit and a class that handed it in."""

from pathlib import Path

import pytest

from autograder.model.records import Record
from autograder.model.units import Unit, load_unit
from tests.autograder import small_unit
from tests.autograder.results.small_class import OTHER, PASSES, record
from tests.autograder.small_unit import NAME, RIGHT


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    small_unit.write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


@pytest.fixture
def records(unit: Unit) -> list[Record]:
    return [record(unit, name, passes, RIGHT | {"double": OTHER[name]}) for name, passes in PASSES.items()]
