"""A new unit is fit for everything as it is: release, grade, probe."""

import re
from pathlib import Path

import nbformat
import pytest

from autograder.errors import UnitError
from autograder.grade import grade
from autograder.model.units import Kind, load_unit
from autograder.probing.probe import probe
from autograder.release.build import make_release
from autograder.release.skeleton import write_skeleton
from autograder.running.executors import LocalExecutor
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import hand_in

NAME = "11_spread"


def test_a_new_unit_is_released_answered_and_graded_with_full_marks(tmp_path: Path, executor: LocalExecutor) -> None:
    assert main_in(tmp_path, "new", NAME) == 0  # in a folder without any unit
    unit = load_unit(tmp_path, NAME)
    release = nbformat.read(make_release(tmp_path, NAME), as_version=4)
    nbformat.validate(release)
    assert (release.nbformat, release.nbformat_minor) == (4, 5)
    answers = {cell.id: re.sub(r" *### .*\n?", "", cell.source) for cell in unit.of_kind(Kind.ANSWER, Kind.MANUAL)}
    hand_in(tmp_path, "ann", release, answers, NAME)
    hand_in(tmp_path, "ben", release, {}, NAME)
    ann, ben = grade(tmp_path, NAME, executor=executor)
    assert (ann.score, ann.max_score, ann.repairs, ann.notes) == (4, 4, (), ())
    assert ben.score == 0


def test_the_tests_of_a_new_unit_tell_right_from_wrong(tmp_path: Path, executor: LocalExecutor) -> None:
    write_skeleton(tmp_path, NAME)
    probed = probe(load_unit(tmp_path, NAME), [], executor)
    assert [(one.kind, one.change, one.passed) for one in probed.survivors] == []
    assert all(probed.made["spread"].values())


def test_a_new_unit_has_what_a_unit_needs(tmp_path: Path) -> None:
    write_skeleton(tmp_path, NAME)
    unit = load_unit(tmp_path, NAME)
    assert [test.hidden for test in unit.tests] == [False, True, True]
    assert len(unit.of_kind(Kind.SHARED)) == len(unit.of_kind(Kind.PLAIN)) == len(unit.of_kind(Kind.MANUAL)) == 1
    assert unit.cells[0].source.startswith("# 11 spread\n")


@pytest.mark.parametrize("name", ["", "a b", "../x", "a+b", ".hidden", "x" * 101])
def test_a_bad_name_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnitError, match="cannot be a unit's name; use letters"):
        write_skeleton(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = write_skeleton(tmp_path, NAME)
    path.write_text("mine")
    with pytest.raises(UnitError, match="is there already; choose another name"):
        write_skeleton(tmp_path, NAME)
    assert path.read_text() == "mine"
