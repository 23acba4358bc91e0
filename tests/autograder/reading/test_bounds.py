"""Code that is long, deep or repeated costs the grader seconds at most, and what its author answered still counts."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.errors import SubmissionError
from autograder.model.source import MAX_DEPTH, MAX_DOTTED, MAX_WORDS, TooMuch, parse
from autograder.model.units import Unit, load_unit
from autograder.reading.dependencies import needed_cells, order_matters
from autograder.reading.find import Submission
from autograder.reading.graft import Graft, graft
from autograder.reading.names import names_in
from autograder.reading.pieces import piece_of
from autograder.reading.plan import passes
from autograder.reading.submission import read_submission
from autograder.release.build import released, released_sources
from autograder.results.likeness import normal_form
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit

MOST_SECONDS = 20.0  # of processor time: these texts cost from half a minute to many when they were found, and now two seconds at most
MOST_MEMORY = 600 << 10  # kibibytes more than before the test
DOUBLE = "def double(x):\n    return 2 * x\n"

# What an answer may hold beside itself: a text, and it parses in any case, but the grader need not look into it.
BESIDE = {
    "lambdas in lambdas": "f = " + "lambda: " * 1100 + "0",
    "a name of many parts": "import " + ".".join("a" * 60_000),
    "a name of many parts on many lines": "import " + ".\\\n".join("a" * 30_000),
    "a long sum": "y = " + " + ".join(["x"] * 1400),
    "many elifs": "def f(x):\n    if x: return 0\n" + "".join(f"    elif x == {i}: return {i}\n" for i in range(400)),
    "classes in classes": "".join(" " * i + f"class A{i}:\n" for i in range(95)) + " " * 95 + "pass",
    "many functions": "".join(f"def f{i}(): return f{i - 1}()\n" for i in range(20_000)),
    "functions beside names": "".join(f"f{i}=lambda:0\n" for i in range(800))
    + "".join(f"y{i}=0\n" for i in range(1200)),
    "many statements": "x=1;" * 60_000,
    "a long list": "z = [" + "0," * 400_000 + "]",
    "a long list that is looked into": "z = [" + "0," * 9_000 + "]",
    "many names": "".join(f"a{i}=a{i + 1};" for i in range(4_900)),
    "many decorators": "@a\n" * 100_000 + "def f(): pass",
    "a long number": "z = 0x" + "f" * 900_000,
    "long f-strings": "z = f'" + "{x}" * 100_000 + "'",
    "empty lines in brackets": "z = (\n" + "\n" * 400_000 + "0)",
    "continued lines": "z = 1 " + "\\\n" * 400_000,
}


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    # The peak begins anew (proc(5)): tests before this one may have taken more.
    Path("/proc/self/clear_refs").write_text("5")
    start, memory = time.process_time(), kibibytes("VmRSS")
    yield
    assert time.process_time() - start < MOST_SECONDS
    assert kibibytes("VmHWM") - memory < MOST_MEMORY


def kibibytes(field: str) -> int:
    """What the kernel says of this process's memory: what it has now (VmRSS), or its peak (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def read(unit: Unit, path: Path) -> Graft:
    grafted = graft(unit, released_sources(unit), read_submission(Submission("ada", NAME, path.parent)))
    passes(unit, grafted.steps)
    for answer in grafted.answers.values():
        normal_form(answer)
    return grafted


def answered(unit: Unit, tmp_path: Path, answer: str) -> Path:
    return hand_in(tmp_path, "ada", released(unit), {**RIGHT, "double": answer})


def change(path: Path, edit: Callable[[list], None]) -> Path:
    notebook = json.loads(path.read_text())
    edit(notebook["cells"])
    path.write_text(json.dumps(notebook))
    return path


def code(source: str, number: int) -> dict:
    return nbformat.v4.new_code_cell(source, id=f"own-{number}")


@pytest.mark.parametrize("beside", BESIDE)
def test_an_answer_beside_odd_code_is_run_as_it_is(unit: Unit, tmp_path: Path, beside: str) -> None:
    answer = DOUBLE + BESIDE[beside]
    grafted = read(unit, answered(unit, tmp_path, answer))
    assert [step.source for step in grafted.steps if step.id == "double"] == [answer]
    assert grafted.repairs == ()


def test_chains_of_cells_are_followed_once(unit: Unit, tmp_path: Path) -> None:
    own = [code(f"def v{i}(x): return v{i + 1}(x)", i) for i in range(1800)]
    path = answered(unit, tmp_path, DOUBLE.replace("2 * x", "2 * x if x else v0(x)"))
    grafted = read(unit, change(path, lambda cells: cells.extend(own)))
    assert sum(step.own for step in grafted.steps) == 1800


def test_broken_copies_of_an_answer_are_put_together_in_few_ways(unit: Unit, tmp_path: Path) -> None:
    copies = ["def double(x):\n    return (\n" + "    x = 1\n" * 6_000 + f"# {k}" for k in range(6)]

    def edit(cells: list) -> None:
        at = next(i for i, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade_id") == "double")
        cells[at : at + 1] = [{**cells[at], "source": source, "id": f"copy-{k}"} for k, source in enumerate(copies)]

    grafted = read(unit, change(answered(unit, tmp_path, DOUBLE), edit))
    assert "there 6 times; the last one that was changed was graded" in "".join(grafted.repairs)


def test_cells_that_resemble_nothing_are_compared_cheaply(unit: Unit, tmp_path: Path) -> None:
    own = [code(" + ".join(f"w{i}_{k}" for k in range(45)), i) for i in range(700)]
    grafted = read(unit, change(answered(unit, tmp_path, DOUBLE), lambda cells: cells.extend(own)))
    assert sum(step.own for step in grafted.steps) == 700


def test_more_code_than_a_notebook_has_is_said(unit: Unit, tmp_path: Path) -> None:
    own = [code("x=1;" * 4_900, i) for i in range(11)]
    with pytest.raises(SubmissionError, match="words and signs of code, over 200,000; delete what is not code"):
        read(unit, change(answered(unit, tmp_path, DOUBLE), lambda cells: cells.extend(own)))


# ---- what is not looked into may be anything


@pytest.mark.parametrize(
    "source",
    [
        "x = [" + "0," * MAX_WORDS + "]",
        "x = " + "-" * (MAX_DEPTH + 5) + "1",
        "import " + ".".join("a" * (MAX_DOTTED + 2)),
    ],
    ids=["words", "depth", "dots"],
)
def test_too_much_code_is_not_taken_for_a_mistake(source: str) -> None:
    with pytest.raises(TooMuch):
        parse(source)
    assert names_in(source).unsure
    assert needed_cells({"lesson": "y = 1"}, {"own": source}, ["def f(): return x"]) == {"lesson", "own"}
    assert order_matters([source], frozenset("f"))
    assert not piece_of(source).parses
    assert piece_of(source).may_bind_more


def test_ordinary_code_of_some_length_is_looked_into() -> None:
    lines = "".join(f"def f{i}(x):\n    return numpy.linalg.norm(x) + {i}\n" for i in range(800))
    assert len(names_in(lines).bound) == 800
    assert piece_of(lines).parses
