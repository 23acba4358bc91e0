"""Reading what students hand in, and grafting their answers onto the pristine notebook."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.errors import CourseError, SubmissionError
from autograder.model.units import Unit, load_unit
from autograder.reading.find import Submission, find_submissions
from autograder.reading.graft import Graft, answers_in, graft
from autograder.reading.read import Handed
from autograder.reading.submission import read_submission, submission_digest, time_of
from autograder.reading.timestamp import TimeStamp
from autograder.release.build import CODE_STUB, released, released_sources
from tests.autograder.small_unit import NAME, RIGHT, hand_in, metadata, write_unit


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


@pytest.fixture
def handed_in(tmp_path: Path, unit: Unit) -> Path:
    return hand_in(tmp_path, "ada", released(unit), RIGHT)


def submission(path: Path) -> Submission:
    return Submission("ada", NAME, path.parent)


def test_the_digest_of_a_submission_is_that_of_the_file_that_would_be_read(handed_in: Path) -> None:
    before = submission_digest(submission(handed_in))
    assert before == read_submission(submission(handed_in)).digest
    renamed = handed_in.rename(handed_in.with_name("my copy.ipynb"))
    assert submission_digest(submission(renamed)) == before
    renamed.write_text("{")  # no notebook, and not read as one
    assert submission_digest(submission(renamed)) == hashlib.sha256(b"{").hexdigest()
    renamed.rename(handed_in.parent.parent / "elsewhere.ipynb")
    handed_in.symlink_to(handed_in.parent.parent / "elsewhere.ipynb")
    with pytest.raises(SubmissionError, match="not a link"):
        submission_digest(submission(handed_in))


def grafted(unit: Unit, path: Path) -> Graft:
    return graft(unit, released_sources(unit), read_submission(submission(path)))


def damage(path: Path, change: Callable[[Any], Any]) -> None:
    notebook = json.loads(path.read_text())
    path.write_text(json.dumps(change(notebook) or notebook))


def sources(graft: Graft) -> dict[str, str]:
    return {step.id: step.source for step in graft.steps if step.run == "student" and step.id in RIGHT}


def answer(notebook: Any, grade_id: str) -> Any:
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def test_an_undamaged_notebook_needs_no_repair(unit: Unit, handed_in: Path) -> None:
    result = grafted(unit, handed_in)
    assert result.repairs == ()
    assert sources(result) == RIGHT
    assert [(s.id, s.run) for s in result.steps] == [
        ("imports", "both"),
        ("lesson", "lesson"),
        ("double", "student"),
        ("double_two", "test"),
        ("double_negative", "test"),
        ("total", "student"),
        ("total_three", "test"),
        ("total_empty", "test"),
    ]


def test_tests_come_from_the_source_whatever_was_handed_in(unit: Unit, handed_in: Path) -> None:
    def forge(notebook: Any) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["source"] = "pass"
                cell["metadata"]["nbgrader"]["points"] = 1000

    damage(handed_in, forge)
    steps = {s.id: s.source for s in grafted(unit, handed_in).steps if s.run == "test"}
    assert steps == {test.id: test.source for test in unit.tests}


def colab(notebook: Any) -> Any:
    """As Colab saves: format 4.0, no cell ids but ids among the metadata, a kernel of its own, no nbgrader marks."""
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    for i, cell in enumerate(notebook["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"x{i}Qz"}
    return notebook


def duplicate(notebook: Any) -> None:
    """The answer copied, and the copy emptied back to the stub."""
    cell = answer(notebook, "double")
    stub = {**cell, "source": f'def double(x):\n    """Twice x."""\n    {CODE_STUB}', "id": "copy"}
    notebook["cells"].insert(notebook["cells"].index(cell), stub)


def reverse(notebook: Any) -> None:
    notebook["cells"].reverse()


def only_answers(notebook: Any) -> None:
    notebook["cells"] = [answer(notebook, "double"), answer(notebook, "total")]


def other_kernel(notebook: Any) -> None:
    notebook["metadata"] = {"kernelspec": {"name": "no-such-kernel", "display_name": "R"}}


def lists_of_lines(notebook: Any) -> None:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True) if isinstance(cell["source"], str) else cell["source"]


def split(notebook: Any) -> None:
    """The cursor in the middle of an answer, and "Split Cell": JupyterLab gives both parts the same marks."""
    for name in RIGHT:
        cell = answer(notebook, name)
        first, _, second = "".join(cell["source"]).partition("\n")
        notebook["cells"].insert(notebook["cells"].index(cell) + 1, {**cell, "source": second, "id": f"{name}-end"})
        cell["source"] = first


def split_without_marks(notebook: Any) -> None:
    """As other front ends do it: the second part is a new cell."""
    split(notebook)
    for cell in notebook["cells"]:
        if cell.get("id", "").endswith("-end"):
            cell["metadata"] = {}


def retyped(notebook: Any) -> None:
    """A slip on the key M: an answer is text now."""
    cell = answer(notebook, "double")
    cell["cell_type"] = "markdown"
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)


@pytest.mark.parametrize(
    "change",
    [colab, duplicate, reverse, only_answers, other_kernel, lists_of_lines, split, split_without_marks, retyped],
)
def test_damage_costs_no_answer(unit: Unit, handed_in: Path, change: Callable) -> None:
    damage(handed_in, change)
    assert sources(grafted(unit, handed_in)) == RIGHT


def test_repairs_are_said(unit: Unit, handed_in: Path) -> None:
    damage(handed_in, duplicate)
    (said,) = grafted(unit, handed_in).repairs
    assert said == "the cell of double was there 2 times; the last one that was changed was graded"
    damage(handed_in, colab)
    assert any("lost their nbgrader marks" in said for said in grafted(unit, handed_in).repairs)


def test_parts_of_a_split_answer_are_joined_and_that_is_said(unit: Unit, handed_in: Path) -> None:
    damage(handed_in, split)
    assert grafted(unit, handed_in).repairs == (
        "the cell of double was split; its 2 parts were joined",
        "the cell of total was split; its 2 parts were joined",
    )


BETWEEN = {
    "a locked cell, pasted": {"source": "import math", "metadata": metadata("imports", grade=False, solution=False)},
    "a cell of the lesson, pasted": {"source": "lesson = math.sqrt(4)"},
    "a note": {"cell_type": "markdown", "source": "Now the result:"},
    "a cell of the student's own": {"source": "print(double)"},
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=list(BETWEEN))
def test_what_stands_between_the_parts_of_an_answer_parts_nothing(unit: Unit, handed_in: Path, between: dict) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        at = notebook["cells"].index(cell) + 1
        end = {**cell, "source": "    return y", "metadata": {}, "id": "end"}
        code = {"cell_type": "code", "id": "between", "metadata": {}, "outputs": [], "execution_count": None}
        other = code | between if "cell_type" not in between else {"id": "between", "metadata": {}} | between
        notebook["cells"][at:at] = [other, end]
        cell["source"] = "def double(x):\n    y = 2 * x"

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert result.answers["double"] == "def double(x):\n    y = 2 * x\n    return y"
    assert "the cell of double was split; its 2 parts were joined" in result.repairs


def test_a_helper_that_was_split_off_an_answer_still_runs(unit: Unit, handed_in: Path) -> None:
    helper, main = "def twice(x):\n    return x + x", "def double(x):\n    return twice(x)"

    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        notebook["cells"].insert(notebook["cells"].index(cell), {**cell, "source": helper, "id": "first"})
        cell["source"] = main

    damage(handed_in, change)
    order = [step.source for step in grafted(unit, handed_in).steps]
    assert order.index(helper) < order.index(main)


def test_of_two_versions_of_an_answer_the_last_one_counts(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        old = {**cell, "source": "def double(x):\n    raise SystemError('an old version')", "id": "old"}
        notebook["cells"].insert(notebook["cells"].index(cell), old)

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    assert not [step for step in result.steps if "an old version" in step.source]


def test_a_cell_below_that_is_a_program_of_its_own_is_no_part(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        own = {**cell, "source": "print(double(3))", "id": "own", "metadata": {}}
        notebook["cells"].insert(notebook["cells"].index(cell) + 1, own)

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    assert [source for _, source in result.own] == ["print(double(3))"]


@pytest.mark.parametrize("side", ["first", "second"])
def test_of_a_merge_that_was_left_half_way_one_side_counts(unit: Unit, handed_in: Path, side: str) -> None:
    text = handed_in.read_text()
    line = next(line for line in text.splitlines() if "return x + x" in line)
    good, bad = f"{line}\n", f"{line.replace('x + x', '3')}\n"
    if side == "second":
        bad = '    "a line that is no JSON\n'
    ours, theirs = (good, bad) if side == "first" else (bad, good)
    handed_in.write_text(text.replace(f"{line}\n", f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n"))
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    told = (
        "the file held the marks of a merge: where its sides differ, both were read, the first one as the later version"
    )
    if side == "first":
        more = ["the cell of double was there 2 times; the last one that was changed was graded"]
    else:
        more = [
            "one of its sides is damaged after its cells 4; the 10 cells that can be read were graded",
            "a cell of double stands in a damaged part of the file; what could be read was graded",
        ]
    assert result.repairs == (told, *more)


def test_of_a_file_that_breaks_off_the_cells_before_count(unit: Unit, handed_in: Path) -> None:
    text = handed_in.read_text()
    handed_in.write_text(text[: text.index('"total-three"')])
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT  # the second answer stands just before the break
    assert "the file is damaged after its cell 8; the cells before were graded" in result.repairs
    handed_in.write_text(text[: text.index('"double-two"')])
    result = grafted(unit, handed_in)
    assert sources(result) == {"double": RIGHT["double"]}
    assert "no cell was found for total, think: it counts as not answered" in result.repairs


def test_a_deleted_answer_counts_as_not_answered(unit: Unit, handed_in: Path) -> None:
    damage(handed_in, lambda nb: nb["cells"].remove(answer(nb, "double")))
    result = grafted(unit, handed_in)
    assert "double" not in result.answers
    assert result.repairs == ("no cell was found for double: it counts as not answered",)


def test_an_answer_with_a_mistake_is_found_without_its_marks(unit: Unit, handed_in: Path) -> None:
    broken = "def double(x)\n    return x +"

    def change(notebook: Any) -> None:
        answer(notebook, "double")["source"] = broken
        colab(notebook)

    damage(handed_in, change)
    assert grafted(unit, handed_in).answers["double"] == broken


def test_cells_of_the_students_own_run_where_they_stand(unit: Unit, handed_in: Path) -> None:
    def insert(notebook: Any) -> None:
        own = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"].insert(notebook["cells"].index(answer(notebook, "total")), {**own, "source": "helper = 1"})

    damage(handed_in, insert)
    result = grafted(unit, handed_in)
    order = [step.source for step in result.steps]
    assert order.index("helper = 1") < order.index(RIGHT["total"])
    assert result.own == (("total", "helper = 1"),)


def test_demos_are_not_run_even_when_they_lost_their_tag(unit: Unit, handed_in: Path) -> None:
    damage(handed_in, colab)
    assert not [step for step in grafted(unit, handed_in).steps if "SystemError" in step.source]


CASES = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:200]), "its JSON breaks off or is damaged"),
    "not JSON": (lambda p: p.write_text("hello"), "its JSON breaks off or is damaged"),
    "a list": (lambda p: p.write_text("[]"), "not a notebook of format 4"),
    "format 3": (lambda p: p.write_text('{"worksheets": []}'), "not a notebook of format 4"),
    "format 3 without sheets": (lambda p: p.write_text('{"worksheets": 3}'), "not a notebook of format 4"),
    "binary": (lambda p: p.write_bytes(b"\xff\xfe\x00"), "its JSON breaks off or is damaged"),
    "empty": (lambda p: p.write_bytes(b""), "an empty file"),
    "zeros": (lambda p: p.write_bytes(bytes(5000)), "an empty file"),
    "an archive": (lambda p: p.write_bytes(b"PK\x03\x04" + bytes(range(256))), "an archive, not a notebook"),
    "a web page": (lambda p: p.write_text("\n<!DOCTYPE html><html></html>"), "a web page, not the notebook"),
    "deep": (lambda p: p.write_text("[" * 100_000), "its JSON breaks off or is damaged"),
    "missing": (lambda p: p.unlink(), "no notebook; hand in"),
    "a link": (lambda p: (p.unlink(), p.symlink_to("/etc/hostname")), "not a link"),
    "a pipe": (lambda p: (p.unlink(), os.mkfifo(p)), "not a plain file"),
    "two": (lambda p: (p.rename(p.with_name("a.ipynb")), p.with_name("b.ipynb").write_text("{}")), "2 notebooks"),
}


@pytest.mark.parametrize(("change", "sentence"), CASES.values(), ids=CASES.keys())
def test_says_in_one_sentence_why_a_file_cannot_be_read(handed_in: Path, change: Callable, sentence: str) -> None:
    change(handed_in)
    with pytest.raises(SubmissionError, match=sentence) as caught:
        read_submission(submission(handed_in))
    assert "\n" not in str(caught.value)
    assert "hand in" in str(caught.value) or "keep one" in str(caught.value)


def test_another_units_notebook_is_recognised(unit: Unit, handed_in: Path) -> None:
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def relu(x): return max(0, x)")])
    nbformat.write(other, handed_in)
    with pytest.raises(SubmissionError, match=f"none of the exercises of {NAME}"):
        grafted(unit, handed_in)


def test_a_renamed_file_and_a_byte_order_mark_are_repaired(unit: Unit, handed_in: Path) -> None:
    handed_in.write_bytes(b"\xef\xbb\xbf" + handed_in.read_bytes())
    renamed = handed_in.rename(handed_in.with_name("final (2).ipynb"))
    result = grafted(unit, renamed)
    assert sources(result) == RIGHT
    assert [said for said in result.repairs if "final (2).ipynb" in said]
    assert [said for said in result.repairs if "byte-order mark" in said]


def test_finds_every_student_in_order(tmp_path: Path, handed_in: Path) -> None:
    for student in ("zoe", "bob"):
        (tmp_path / "submitted" / student / NAME).mkdir(parents=True)
    found = find_submissions(tmp_path / "submitted", NAME)
    assert [s.student for s in found] == ["ada", "bob", "zoe"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no such folder; put submissions into"):
        find_submissions(tmp_path / "nowhere", NAME)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match="nobody has handed in"):
        find_submissions(tmp_path / "empty", NAME)


# ---- what random damages showed, a case each


def test_an_answer_in_another_cell_counts_where_its_own_was_left_as_it_was(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        elsewhere = {**cell, "metadata": {}, "id": "mine"}
        notebook["cells"].insert(0, elsewhere)
        cell["source"] = released_sources(unit)["double"]

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    assert result.repairs == ("the cell of double was left as it was; another cell that defines double was graded",)


def test_what_the_locked_imports_were_changed_to_runs_for_the_student_alone(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        answer(notebook, "imports")["source"] += "\nimport statistics"

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert [(step.run, step.source) for step in result.steps][:2] == [
        ("both", "import math"),
        ("student", "import math\nimport statistics"),
    ]
    assert result.repairs == ("the locked cell imports was changed: it was run as released, then as changed",)


def test_an_import_split_off_an_answer_still_runs(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        notebook["cells"].insert(notebook["cells"].index(cell), {**cell, "source": "import operator", "id": "first"})
        cell["source"] = "def double(x):\n    return operator.add(x, x)"

    damage(handed_in, change)
    order = [step.source for step in grafted(unit, handed_in).steps]
    assert order.index("import operator") < order.index("def double(x):\n    return operator.add(x, x)")


def test_a_missing_answer_is_not_replaced_by_one_that_looks_like_it(unit: Unit, handed_in: Path) -> None:
    """`total`'s stub is much like `double`'s; it is no answer to `double`."""

    def change(notebook: Any) -> None:
        notebook["cells"].remove(answer(notebook, "double"))
        answer(notebook, "total")["source"] = 'def total(x):\n    """Twice x."""\n    ' + CODE_STUB
        colab(notebook)

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert "double" not in result.answers
    assert "no cell was found for double: it counts as not answered" in result.repairs


def test_an_answer_in_words_is_found_by_its_place(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        notebook["cells"][-1]["source"] = "Something entirely different."
        notebook["cells"].insert(2, {"cell_type": "markdown", "metadata": {}, "source": "A note of my own."})
        colab(notebook)

    damage(handed_in, change)
    assert grafted(unit, handed_in).answers["think"] == "Something entirely different."


def test_both_halves_of_an_answer_in_words_are_kept(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "think")
        cell["source"] = "First."
        notebook["cells"].append({**cell, "source": "Second.", "id": "second"})

    damage(handed_in, change)
    assert grafted(unit, handed_in).answers["think"] == "First.\n\nSecond."


def test_one_odd_cell_costs_no_other(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        notebook["cells"][0]["source"] = 5
        notebook["cells"].insert(1, {"cell_type": "code", "metadata": None, "source": "#" * 2_000_000})
        notebook["cells"].insert(1, None)

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    assert result.repairs == (
        "cell 1 of the file holds no text and was read as empty",
        "cell 2 of the file is not a cell and was left out",
        "cell 3 of the file was over 1,000,000 characters of code and was left out",
    )


def test_code_by_the_megabyte_is_refused(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        notebook["cells"] += [{"cell_type": "code", "metadata": {}, "source": "#" * 600_000}] * 2

    damage(handed_in, change)
    with pytest.raises(SubmissionError, match="characters of code, over 1,000,000; delete what is not code"):
        grafted(unit, handed_in)


def test_outputs_of_a_hundred_megabytes_are_no_matter(unit: Unit, handed_in: Path) -> None:
    def change(notebook: Any) -> None:
        answer(notebook, "double")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 105_000_000}]

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    assert result.repairs == ()


@pytest.mark.parametrize(
    "name", [f"{NAME} (1).ipynb", f"{NAME}.ipynb.txt", f"{NAME.upper()}.IPYNB", f"{NAME}-Copy1.ipynb"]
)
def test_a_name_that_a_browser_made_is_known(unit: Unit, handed_in: Path, name: str) -> None:
    renamed = handed_in.rename(handed_in.with_name(name))
    handed_in.with_name("Untitled.ipynb").write_text("{}")
    handed_in.with_name(f"._{NAME}.ipynb").write_bytes(b"\0\5\26\7")
    result = grafted(unit, renamed)
    assert sources(result) == RIGHT
    assert result.repairs == (
        f"the file was called {name}, not {NAME}.ipynb",
        f"{name} was graded; Untitled.ipynb beside it was not",
    )


@pytest.mark.parametrize("inside", [NAME, "my work/unit"])
def test_a_folder_inside_is_looked_into_but_no_link(unit: Unit, handed_in: Path, inside: str) -> None:
    folder = handed_in.parent
    (folder / inside).mkdir(parents=True)
    handed_in.rename(folder / inside / f"{NAME}.ipynb")
    result = graft(unit, released_sources(unit), read_submission(Submission("ada", NAME, folder)))
    assert sources(result) == RIGHT
    assert result.repairs == (f"the file was in the folder {inside}",)
    other = folder.parent / "other"
    other.mkdir()
    (other / "linked").symlink_to(folder / inside, target_is_directory=True)
    with pytest.raises(SubmissionError, match="no notebook; hand in"):
        read_submission(Submission("ada", NAME, other))


@pytest.mark.parametrize("name", [f"{NAME}.json", f"{NAME} (1).txt"])
def test_a_notebook_with_another_ending_is_known_where_there_is_no_other(
    unit: Unit, handed_in: Path, name: str
) -> None:
    renamed = handed_in.rename(handed_in.with_name(name))
    handed_in.with_name("data.json").write_text("{}")
    result = grafted(unit, renamed)
    assert sources(result) == RIGHT
    assert result.repairs == (f"the file was called {name}, not {NAME}.ipynb",)


@pytest.mark.parametrize("kind", ["code", "markdown"])
@pytest.mark.parametrize("fence", ["```python\n{}\n```", "\n``` Python3\n{}\n```\n", "```\n{}\n```"])
def test_marks_of_markdown_round_an_answer_are_left_out(unit: Unit, handed_in: Path, kind: str, fence: str) -> None:
    def change(notebook: Any) -> None:
        cell = answer(notebook, "double")
        cell["source"], cell["cell_type"] = fence.format(RIGHT["double"]), kind

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert sources(result) == RIGHT
    assert result.repairs[0] == "marks of Markdown round the code of a cell were left out"


def test_two_blocks_of_markdown_and_words_for_a_person_stay_as_they_are(unit: Unit, handed_in: Path) -> None:
    written = {"double": "```\n1\n```\n```\n2\n```", "think": "```\nmy thoughts\n```"}

    def change(notebook: Any) -> None:
        for name, text in written.items():
            answer(notebook, name)["source"] = text

    damage(handed_in, change)
    result = grafted(unit, handed_in)
    assert {name: result.answers[name] for name in written} == written
    assert not [repair for repair in result.repairs if "Markdown" in repair]


# ---- several notebooks in a folder


def half_done(notebook: Any) -> None:
    answer(notebook, "total")["source"] = "def total(xs):\n    raise NotImplementedError"


def read_with_others(unit: Unit, path: Path) -> Handed:
    handed = read_submission(submission(path), partial(answers_in, unit, released_sources(unit)))
    assert handed.digest == submission_digest(submission(path))
    return handed


@pytest.mark.parametrize(
    "name", [f"{NAME}-Copy1.ipynb", f"{NAME} (1).ipynb", "Untitled.ipynb", f"solution/{NAME}.ipynb"]
)
def test_a_copy_that_holds_the_work_counts_before_an_original_that_holds_none(
    unit: Unit, handed_in: Path, name: str
) -> None:
    work = handed_in.parent / name
    work.parent.mkdir(exist_ok=True)
    handed_in.rename(work)
    nbformat.write(released(unit), handed_in)
    handed = read_with_others(unit, handed_in)
    assert answers_in(unit, released_sources(unit), handed) == RIGHT
    assert f"{name} was graded; {NAME}.ipynb beside it was not, for it holds no answer" in handed.repairs
    before = handed.digest
    work.write_text(work.read_text().replace("x + x", "2 * x"))
    assert read_with_others(unit, handed_in).digest != before


def test_an_original_that_holds_an_answer_counts_whatever_lies_beside_it(unit: Unit, handed_in: Path) -> None:
    shutil.copy(handed_in, handed_in.with_name(f"{NAME}-Copy1.ipynb"))
    damage(handed_in, half_done)
    handed = read_with_others(unit, handed_in)
    assert list(answers_in(unit, released_sources(unit), handed)) == ["double", "total"]
    assert handed.repairs == (f"{NAME}.ipynb was graded; {NAME}-Copy1.ipynb beside it was not",)


def test_of_several_copies_one_counts_that_holds_all_that_the_others_do(unit: Unit, handed_in: Path) -> None:
    whole, part = handed_in.with_name(f"{NAME}-Copy2.ipynb"), handed_in.with_name(f"{NAME}-Copy1.ipynb")
    handed_in.rename(whole)
    hand_in(handed_in.parents[3], "ada", released(unit), {"double": RIGHT["double"]}).rename(part)
    assert answers_in(unit, released_sources(unit), read_with_others(unit, handed_in)) == RIGHT
    other = {"double": RIGHT["double"], "total": "def total(xs):\n    return 0"}
    hand_in(handed_in.parents[3], "ada", released(unit), other).rename(part)
    with pytest.raises(SubmissionError, match=r"2 notebooks .*; keep one and call it"):
        read_with_others(unit, handed_in)


def test_copies_that_lie_in_the_student_s_own_folder_count_alike(tmp_path: Path, unit: Unit, handed_in: Path) -> None:
    bob = tmp_path / "submitted" / "bob"
    bob.mkdir()
    nbformat.write(released(unit), bob / f"{NAME}.ipynb")
    work = Path(shutil.copy(handed_in, bob / f"{NAME} (1).ipynb"))
    _, loose = find_submissions(tmp_path / "submitted", NAME, [NAME])
    handed = read_submission(loose, partial(answers_in, unit, released_sources(unit)))
    assert answers_in(unit, released_sources(unit), handed) == RIGHT
    before = submission_digest(loose)
    assert before == handed.digest
    work.write_text(work.read_text().replace("x + x", "2 * x"))
    assert submission_digest(loose) != before


# ---- submissions that do not lie where they should


def moved(course: Path, place: str, unit: Unit) -> None:
    """Hand in by a second student, into another place than the right one."""
    good = hand_in(course, "ann", released(unit), RIGHT)
    odd = course / "submitted" / place
    odd.parent.mkdir(parents=True, exist_ok=True)
    odd.write_bytes(good.read_bytes())


@pytest.mark.parametrize(
    ("place", "repair"),
    [
        (f"bob/{NAME}.ipynb", "the file lay in the folder bob, not in bob/90_small"),
        ("bob/90-Small (1).ipynb", "the file lay in the folder bob, not in bob/90_small"),
        (f"bob/90_Small/{NAME}.ipynb", "the folder was called 90_Small, not 90_small"),
        ("bob/90 small/mine.ipynb", "the folder was called 90 small, not 90_small"),
        (f"bob/week 3/{NAME}.ipynb", "the folder was called week 3, not 90_small"),
        (f"bob/04_other/{NAME}.ipynb", "the folder was called 04_other, not 90_small"),
    ],
)
def test_a_submission_in_another_place_is_read_where_it_is_clear(
    tmp_path: Path, unit: Unit, place: str, repair: str
) -> None:
    moved(tmp_path, place, unit)
    ann, bob = find_submissions(tmp_path / "submitted", NAME, [NAME, "04_other"])
    assert (ann.student, ann.oddity, bob.student) == ("ann", "", "bob")
    assert repair in read_submission(bob).repairs
    assert graft(unit, released_sources(unit), read_submission(bob)).answers["double"] == RIGHT["double"]


def test_a_notebook_that_may_belong_to_any_unit_is_named(tmp_path: Path, unit: Unit) -> None:
    moved(tmp_path, "bob/homework.ipynb", unit)
    _, bob = find_submissions(tmp_path / "submitted", NAME, [NAME])
    with pytest.raises(
        SubmissionError, match=r"homework\.ipynb may belong to any unit; .* bob/90_small/90_small\.ipynb"
    ):
        read_submission(bob)


@pytest.mark.parametrize(
    "place", ["bob/04_other.ipynb", "bob/04_other/04_other.ipynb", "bob/notes.txt", ".bob/90_small.ipynb"]
)
def test_what_belongs_to_another_unit_is_no_submission(tmp_path: Path, unit: Unit, place: str) -> None:
    moved(tmp_path, place, unit)
    assert [one.student for one in find_submissions(tmp_path / "submitted", NAME, [NAME, "04_other"])] == ["ann"]


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (
            ("90_SMALL/a.ipynb", "90-Small/a.ipynb"),
            "90-Small, 90_SMALL may each be meant; keep one and call it 90_small",
        ),
        (
            (f"old/{NAME}.ipynb", f"new/{NAME}.ipynb"),
            "new, old may each be meant; keep one and call it 90_small",
        ),
        ((NAME,), f"no folder; hand in a folder of this name with {NAME}.ipynb in it"),
    ],
    ids=["two spellings", "two folders", "a file in place of the folder"],
)
def test_what_is_in_no_place_for_sure_is_not_passed_over(
    tmp_path: Path, unit: Unit, places: tuple[str, ...], words: str
) -> None:
    for place in places:
        moved(tmp_path, f"bob/{place}", unit)
    _, bob = find_submissions(tmp_path / "submitted", NAME, [NAME])
    with pytest.raises(SubmissionError) as refused:
        read_submission(bob)
    assert str(refused.value) == f"{tmp_path / 'submitted' / 'bob' / NAME}: {words}"
    assert time_of(bob) == TimeStamp()


def test_a_link_to_nowhere_in_place_of_the_folder_is_not_passed_over(tmp_path: Path, handed_in: Path) -> None:
    (tmp_path / "submitted" / "bob").mkdir()
    (tmp_path / "submitted" / "bob" / NAME).symlink_to("nowhere")
    _, bob = find_submissions(tmp_path / "submitted", NAME, [NAME])
    with pytest.raises(SubmissionError, match="no folder; hand in a folder"):
        read_submission(bob)


def test_the_files_of_a_loose_notebook_are_not_those_of_other_units(tmp_path: Path, unit: Unit) -> None:
    moved(tmp_path, f"bob/{NAME}.ipynb", unit)
    moved(tmp_path, "bob/04_other/answer.py", unit)
    moved(tmp_path, "bob/helper.py", unit)
    _, bob = find_submissions(tmp_path / "submitted", NAME, [NAME])
    assert list(read_submission(bob).files) == ["helper.py"]
