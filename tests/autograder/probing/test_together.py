"""Variants that share a student's process: what is sure of them, and what is left to a run of its own."""

from pathlib import Path

import pytest

from autograder.model.units import Unit, load_unit
from autograder.probing.jobs import job_of
from autograder.probing.together import batches, caught_together
from autograder.probing.variants import Kind, Lose, Variant
from autograder.rpc.rules import Manifest
from autograder.running.executors import LocalExecutor
from autograder.running.manifest import record_manifest
from autograder.sandbox.limits import Limits
from tests.autograder.probing.test_probe import unit as changed_unit
from tests.autograder.small_unit import NAME, write_unit

WRONG, RIGHT = "def double(x):\n    return 3 * x", "def double(x):\n    return x + x"
ENDLESS = "def double(x):\n    while True:\n        pass"
BREAKS_ITS_CELL = "import os\nos._exit(0)\n" + WRONG
# What it leaves behind makes the answers that are run after it wrong.
LEAVES_SOMETHING = "def double(x):\n    m = math\n    m.copysign = max\n    return 3 * x"
USES_IT = "    return math.copysign(2 * x, x)"


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Unit:
    course = tmp_path_factory.mktemp("together")
    write_unit(course)
    return load_unit(course, NAME)


@pytest.fixture(scope="module")
def manifest(unit: Unit, executor: LocalExecutor) -> Manifest:
    return record_manifest(unit, executor, Limits())


def variant(source: str, kind: Kind = Kind.MUTANT, lose: Lose = Lose.ONE) -> Variant:
    return Variant("double", kind, source, source, "", source, lose)


def caught(unit: Unit, manifest: Manifest, executor: LocalExecutor, variants: list[Variant]) -> set[str]:
    """The changes of those that are surely caught."""
    jobs = {one: job_of(unit, one, manifest) for one in variants}
    return {one.change for batch in batches(unit, jobs, manifest) for one in caught_together(batch, executor)}


def test_what_loses_a_test_is_caught_and_what_loses_none_is_not(
    unit: Unit, manifest: Manifest, executor: LocalExecutor
) -> None:
    half_right = "def double(x):\n    return 4"
    sources = [WRONG, RIGHT, half_right, "def double(x)\n    return 2 * x"]
    assert caught(unit, manifest, executor, [variant(source) for source in sources]) == {*sources} - {RIGHT}


def test_an_endless_one_is_caught_and_a_broken_process_costs_the_others_nothing(
    unit: Unit, manifest: Manifest, executor: LocalExecutor
) -> None:
    sources = [WRONG, ENDLESS, RIGHT, "def double(x):\n    return x", BREAKS_ITS_CELL, "def double(x):\n    return -x"]
    seen = caught(unit, manifest, executor, [variant(source) for source in sources])
    assert {WRONG, ENDLESS, sources[-1]} <= seen
    assert not seen & {RIGHT, BREAKS_ITS_CELL}  # the end of a process is believed in a run of its own only


def test_nothing_is_said_where_one_has_left_behind_what_makes_a_right_answer_wrong(
    unit: Unit, manifest: Manifest, executor: LocalExecutor, tmp_path: Path
) -> None:
    using_it = changed_unit(tmp_path, {"    return 2 * x": USES_IT})
    recorded = record_manifest(using_it, executor, Limits())
    assert caught(using_it, recorded, executor, [variant(WRONG), variant(LEAVES_SOMETHING)]) == set()
    assert caught(using_it, recorded, executor, [variant(WRONG)]) == {WRONG}


def test_a_mimic_is_caught_by_a_hidden_test_only(unit: Unit, manifest: Manifest, executor: LocalExecutor) -> None:
    knows_the_visible_call = "def double(x):\n    return 4 if x == 2 else 0"
    seen = caught(unit, manifest, executor, [variant(text, Kind.MIMIC) for text in (WRONG, knows_the_visible_call)])
    assert seen == {knows_the_visible_call}


def test_those_that_must_lose_more_or_nothing_are_run_by_themselves(
    unit: Unit, manifest: Manifest, executor: LocalExecutor
) -> None:
    others = [variant(WRONG, Kind.MIMIC, Lose.EVERY_HIDDEN), variant(RIGHT, Kind.DISGUISE, Lose.NONE)]
    assert caught(unit, manifest, executor, others) == set()
