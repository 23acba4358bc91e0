"""Every unit, probed: what a person could get wrong is refused by its tests, and what is right in another way is accepted."""

from functools import cache

import pytest

from autograder.model.units import load_unit
from autograder.probing.equivalents import read_equivalents
from autograder.probing.probe import Probed, probe
from autograder.running.executors import LocalExecutor
from tests.bank import units
from tests.conftest import ROOT

every_unit = pytest.mark.parametrize("name", units())


@pytest.fixture(scope="module")
def probed(executor: LocalExecutor):
    """A unit's probe, made when its first test asks for it."""

    @cache
    def probed(name: str) -> Probed:
        return probe(load_unit(ROOT, name), read_equivalents(ROOT, name), executor)

    return probed


@every_unit
def test_no_wrong_answer_survives_and_no_right_one_is_refused(probed, name: str) -> None:
    survivors = probed(name).survivors
    assert not survivors, "\n\n".join(
        f"{one.kind.value} {one.exercise}: {one.change}\npassed {one.passed}, lost {one.lost}\n{one.diff}"
        for one in survivors
    )


@every_unit
def test_the_list_of_equivalents_holds_nothing_that_is_caught(probed, name: str) -> None:
    assert not probed(name).stale
