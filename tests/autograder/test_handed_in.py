"""From a folder of submissions to results, report and export: nobody is passed over, and what a person grades counts."""

import csv
import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.grade import grade
from autograder.model.units import Unit, load_unit
from autograder.reading.assemble import assemble
from autograder.reading.find import Submission
from autograder.reading.graft import graft
from autograder.reading.submission import read_submission
from autograder.release.build import released, released_sources
from autograder.results.feedback import render
from autograder.results.markdown import safe_markdown
from autograder.running.executors import LocalExecutor
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, hand_in, metadata, notebook, write_unit

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ODD_NAME = "90_small [autumn]"


def with_task() -> NotebookNode:
    """The small unit and a task of 5 points below it."""
    unit = notebook()
    marks = {**metadata("draw", grade=False, solution=False, points=5)["nbgrader"], "task": True, "points": 5}
    unit.cells.append(nbformat.v4.new_markdown_cell("## Draw\nDraw it.", id="draw", metadata={"nbgrader": marks}))
    return unit


def exported(course: Path, name: str = NAME) -> dict[str, dict[str, str]]:
    assert main_in(course, "export", name, "--to", "csv") == 0
    with (course / "export" / "marks.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def results(course: Path, capsys: pytest.CaptureFixture[str], name: str = NAME) -> dict[str, dict]:
    capsys.readouterr()
    assert main_in(course, "results", name, "--json") == 0
    return {row["student"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def test_nobody_is_passed_over(tmp_path: Path, executor: LocalExecutor, capsys: pytest.CaptureFixture[str]) -> None:
    write_unit(tmp_path)
    good = hand_in(tmp_path, "ann", released(load_unit(tmp_path, NAME)), RIGHT).read_bytes()
    for place in (f"bob/{NAME}.ipynb", f"cyd/90_Small/{NAME}.ipynb", "dan/homework.ipynb"):
        path = tmp_path / "submitted" / place
        path.parent.mkdir(parents=True)
        path.write_bytes(good)
    records = {record.student: record for record in grade(tmp_path, NAME, executor=executor)}
    assert {student: record.score for student, record in records.items()} == {"ann": 20, "bob": 20, "cyd": 20, "dan": 0}
    assert records["dan"].problem.startswith("submitted/dan: homework.ipynb may belong to any unit")
    assert list(results(tmp_path, capsys)) == list(exported(tmp_path)) == ["ann", "bob", "cyd", "dan"]
    assert main_in(tmp_path, "report", NAME) == 0
    page = (tmp_path / "report" / f"{NAME}.html").read_text(encoding="utf-8")
    assert all(words in page for words in ("the file lay in the folder bob", "the folder was called 90_Small", "dan"))
    again = grade(tmp_path, NAME, executor=executor)
    assert {record.student: record.seconds for record in again} == {s: r.seconds for s, r in records.items()}


def test_a_task_counts_and_waits_for_a_person(
    tmp_path: Path, executor: LocalExecutor, capsys: pytest.CaptureFixture[str]
) -> None:
    write_unit(tmp_path, with_task())
    path = hand_in(tmp_path, "ann", released(load_unit(tmp_path, NAME)), RIGHT)
    handed = nbformat.read(path, as_version=4)
    drawing = nbformat.v4.new_markdown_cell("Here it is: ![](attachment:image.png)")
    drawing.attachments = {"image.png": {"image/png": PICTURE}}
    handed.cells.append(drawing)
    nbformat.write(handed, path)
    (record,) = grade(tmp_path, NAME, executor=executor)
    assert (record.score, record.repairs, record.notes) == (20, (), ())
    row = results(tmp_path, capsys)["ann"]
    assert (row["score"], row["max_score"], row["waiting_for_a_person"]) == (20, 25, True)
    assert exported(tmp_path)["ann"]["waiting_for_a_person"] == "yes"
    shown = nbformat.read(tmp_path / "autograded" / "ann" / NAME / f"{NAME}.ipynb", as_version=4)
    assert [cell.attachments for cell in shown.cells if "Here it is" in cell.source] == [drawing.attachments]
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        given = gradebook.find_grade("draw", NAME, NAME, "ann")
        given.manual_score, given.needs_manual_grade = 4, False
        gradebook.db.commit()
    row = results(tmp_path, capsys)["ann"]
    assert (row["score"], row["max_score"], row["waiting_for_a_person"]) == (24, 25, False)
    marks = exported(tmp_path)["ann"]
    assert (marks["score"], marks["max_score"], marks["waiting_for_a_person"]) == ("24", "25", "")


def test_odd_names_of_students_and_units_come_through(
    tmp_path: Path, executor: LocalExecutor, capsys: pytest.CaptureFixture[str]
) -> None:
    write_unit(tmp_path, name=ODD_NAME)
    release = released(load_unit(tmp_path, ODD_NAME))
    students = ["-bob", "=cy", "@ann"]
    for student in students:
        hand_in(tmp_path, student, release, RIGHT, ODD_NAME)
    assert [record.score for record in grade(tmp_path, ODD_NAME, executor=executor)] == [20, 20, 20]
    assert list(results(tmp_path, capsys, ODD_NAME)) == students
    assert list(exported(tmp_path, ODD_NAME)) == ["-bob", "'=cy", "@ann"]  # the second would be a formula
    for verb in (
        ["results", ODD_NAME],
        ["feedback", ODD_NAME],
        ["report", ODD_NAME],
        ["export", ODD_NAME, "--to", "canvas"],
    ):
        assert main_in(tmp_path, *verb) == 0
    assert capsys.readouterr().out.count(ODD_NAME) >= 4
    assert (tmp_path / "feedback" / "@ann" / ODD_NAME / f"{ODD_NAME}.html").exists()
    assert (tmp_path / "autograded" / "-bob" / ODD_NAME / f"{ODD_NAME}.ipynb").exists()


# ---- pictures in answers


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


def answered(course: Path, unit: Unit, text: str, attachments: dict) -> None:
    path = hand_in(course, "ann", released(unit), RIGHT | {"think": text})
    handed = nbformat.read(path, as_version=4)
    handed.cells[0].attachments = {"image.png": {"image/png": "bGVzc29u"}}  # another cell's picture of the same name
    handed.cells[-1].attachments = attachments
    nbformat.write(handed, path)


def test_a_picture_in_an_answer_is_kept_and_shown(tmp_path: Path, unit: Unit, executor: LocalExecutor) -> None:
    answered(tmp_path, unit, "See ![it](attachment:image.png)", {"image.png": {"image/png": PICTURE}})
    (record,) = grade(tmp_path, NAME, executor=executor)
    (answer,) = [cell for cell in record.notebook["cells"] if cell["source"].startswith("See")]
    assert answer["attachments"] == {"image.png": {"image/png": PICTURE}}
    assert f'<img src="data:image/png;base64,{PICTURE}"' in render(tmp_path, unit, record)
    assert f"data:image/png;base64,{PICTURE}" in safe_markdown({"cell": answer}, answer["source"])  # formgrader's page


@pytest.mark.parametrize(
    "attachments",
    [
        {},
        {"image.png": {"text/html": "PHNjcmlwdD4="}},
        {"image.png": {"image/png": '"><script>'}},
        {"image.png": {"image/svg+xml": PICTURE}},
        {"image.png": {"image/png": "A" * 10_000_001}},
    ],
    ids=["none", "no picture", "no base64", "may run scripts", "too large"],
)
def test_what_is_no_picture_is_not_kept_and_stops_no_page(tmp_path: Path, unit: Unit, attachments: dict) -> None:
    answered(tmp_path, unit, "See ![it](attachment:image.png) and ![](attachment:b.png)", attachments)
    handed = read_submission(Submission("ann", NAME, tmp_path / "submitted" / "ann" / NAME))
    sources = released_sources(unit)
    cells = assemble(unit, sources, graft(unit, sources, handed), handed.cells[1:])["cells"]
    (answer,) = [cell for cell in cells if cell["source"].startswith("See")]
    assert "attachments" not in answer
    assert "attachment:" not in answer["source"]
    assert "See" in safe_markdown({"cell": answer}, "See ![it](attachment:image.png)")
