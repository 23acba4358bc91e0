"""A small unit, probed: what weak tests let through, strong ones catch; the list of equivalents; the verb."""

import contextlib
import json
from pathlib import Path

import pytest

from autograder import grade
from autograder.cli import main
from autograder.errors import CourseError, ReferenceSolutionError
from autograder.model.units import Unit, load_unit
from autograder.probing.equivalents import FILE, Equivalent, read_equivalents
from autograder.probing.probe import Probed, Survivor, probe
from autograder.probing.variants import Kind
from autograder.running.executors import LocalExecutor
from tests.autograder.small_unit import NAME, notebook, write_unit

STRONG = {"total([]) == 0": "total([4, 5]) == 9\nassert total([]) == 0"}
WEAK = {"double(-3) == -6": "double(2) == 4"}
ZERO = "total: knows the visible calls, zero elsewhere"
SUM = "return 2 * x → return 2 + x"


def unit(course: Path, changes: dict[str, str]) -> Unit:
    """The small unit with other hidden tests, or other answers."""
    changed = notebook()
    for cell in changed.cells:
        for old, new in changes.items():
            cell.source = cell.source.replace(old, new)
    write_unit(course, changed)
    return load_unit(course, NAME)


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor) -> Probed:
    return probe(unit(tmp_path_factory.mktemp("weak"), WEAK), (), executor)


def survivor(probed: Probed, change: str) -> Survivor:
    return next(one for one in probed.survivors if one.change == change)


def test_strong_tests_let_nothing_survive_and_accept_every_disguise(tmp_path: Path, executor: LocalExecutor) -> None:
    probed = probe(unit(tmp_path, STRONG), (), executor)
    assert probed.survivors == ()
    for exercise in ("double", "total"):
        for kind in Kind:
            assert probed.as_they_should_be(exercise, kind) == probed.made[exercise][kind] > 0


def test_a_weak_test_lets_a_mutant_survive_which_is_shown_with_its_diff_and_tests(weak: Probed) -> None:
    found = survivor(weak, SUM)
    assert (found.exercise, found.kind) == ("double", Kind.MUTANT)
    assert found.passed == ("double_two", "double_negative")
    assert found.lost == ()
    assert "+    return 2 + x" in found.diff.splitlines()
    assert weak.as_they_should_be("double", Kind.MUTANT) < weak.made["double"][Kind.MUTANT]


def test_a_mimic_that_keeps_one_hidden_test_is_a_survivor(weak: Probed) -> None:
    found = survivor(weak, ZERO)
    assert found.passed == ("total_three", "total_empty")
    assert "double: knows the visible calls, other numbers elsewhere" in {one.change for one in weak.survivors}


def test_a_test_that_refuses_a_right_answer_is_shown(tmp_path: Path, executor: LocalExecutor) -> None:
    """It wants nothing printed, which the text does not ask for."""
    test = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as said:\n    double(-3)\nassert not said.getvalue()"
    probed = probe(unit(tmp_path, {"assert double(-3) == -6": test}), (), executor)
    (refused,) = [one for one in probed.survivors if one.kind is Kind.DISGUISE]
    assert refused.change == "double: prints a line at each call"
    assert (refused.passed, refused.lost) == (("double_two",), ("double_negative",))


def test_an_endless_mutant_is_caught(tmp_path: Path, executor: LocalExecutor) -> None:
    loop = "n = 0\n    while n != x:\n        n += 1\n    return 2 * n"
    counting = unit(tmp_path, STRONG | {"return 2 * x": loop, "double(-3) == -6": "double(5) == 10"})
    survived = {one.change for one in probe(counting, (), executor).survivors}
    assert "n += 1 → n = n + 1" in survived
    assert not survived & {"n += 1 → nothing", "n += 1 → n -= 1", "n = 0 → n = 6"}


def test_a_reference_that_loses_a_test_is_named(tmp_path: Path, executor: LocalExecutor) -> None:
    with pytest.raises(ReferenceSolutionError, match="total_empty"):
        probe(unit(tmp_path, {"total([]) == 0": "total([]) == 1"}), (), executor)


def test_what_is_listed_as_equivalent_is_no_survivor_and_what_matches_nothing_is_stale(
    weak: Probed, tmp_path: Path, executor: LocalExecutor
) -> None:
    listed = [Equivalent("double", SUM, "a reason"), Equivalent("total", SUM, "a reason")]
    probed = probe(unit(tmp_path, WEAK), listed, executor)
    assert [one.change for one in probed.equivalents] == [SUM]
    assert probed.stale == (listed[1],)
    assert len(probed.survivors) == len(weak.survivors) - 1
    assert probed.made["double"][Kind.MUTANT] == weak.made["double"][Kind.MUTANT] - 1


# ---- the list


def write_list(course: Path, text: str) -> None:
    path = course / FILE.format(NAME)
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_the_list_is_read_and_may_be_missing(tmp_path: Path) -> None:
    assert read_equivalents(tmp_path, NAME) == ()
    write_list(tmp_path, "[[equivalent]]\nexercise = 'double'\nchange = 'a → b'\nreason = 'none'\n")
    assert read_equivalents(tmp_path, NAME) == (Equivalent("double", "a → b", "none"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[equivalent", "each .* has an exercise, a change and a reason"),
        ("[[equivalent]]\nexercise = 'double'\nchange = 'a → b'\n", "reason"),
        ("[[equivalent]]\nexercise = 'double'\nchange = 'a → b'\nreason = ' '\n", "without words"),
        ("[[equivalent]]\nexercise = 'double'\nmutant = 'a → b'\nreason = 'none'\n", "mutant"),
    ],
    ids=["no TOML", "no reason", "an empty reason", "another field"],
)
def test_a_list_that_cannot_be_read_is_named(tmp_path: Path, text: str, words: str) -> None:
    write_list(tmp_path, text)
    with pytest.raises(CourseError, match=rf"equivalent\.toml.*{words}"):
        read_equivalents(tmp_path, NAME)


# ---- the verb


@pytest.fixture
def in_a_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: LocalExecutor) -> Path:
    """A course folder to call the verb in; the warm process is the one that all tests share."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(grade, "open_executor", lambda *_arguments: contextlib.nullcontext(executor))
    return tmp_path


def test_the_verb_exits_with_0_where_nothing_survives(in_a_course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit(in_a_course, STRONG)
    assert main(["probe", "90"]) == 0
    printed = capsys.readouterr().out
    assert NAME in printed
    assert "mutants caught" in printed


def test_the_verb_shows_survivors_and_exits_with_1(in_a_course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit(in_a_course, WEAK)
    write_list(in_a_course, "[[equivalent]]\nexercise = 'double'\nchange = 'gone'\nreason = 'none'\n")
    assert main(["probe", NAME]) == 1
    printed = capsys.readouterr().out
    assert f"mutant double: {SUM}" in printed
    assert "passed: double_two, double_negative; lost: nothing" in printed
    assert "+    return 2 + x" in printed
    assert "stale: double: gone" in printed


def test_the_verb_gives_json(in_a_course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit(in_a_course, WEAK)
    assert main(["probe", NAME, "--json"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["unit"] == NAME
    assert told["made"]["double"]["mutant"] > 5
    assert SUM in [one["change"] for one in told["survivors"] if one["kind"] == "mutant"]
