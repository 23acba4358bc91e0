"""Marks for learning management systems: files in `export/`, in the formats that the systems publish.

- csv: one row per student and unit, with everything that is known.
- canvas: a gradebook to import, with the columns and the row of points possible that `lib/gradebook_importer.rb` of Canvas
  reads. Canvas finds a student by its own number (nbgrader's `lms_user_id`), then by the SIS number, then by the login, which is
  nbgrader's id where `students.csv` names no other.
- moodle: a CSV for Grades > Import > CSV file. There a person says which column is which; Moodle finds students by username,
  e-mail or ID number.
- blackboard: a CSV for Work Offline > Upload Grades. Blackboard finds students by username.
- gradescope: one `results.json` per submission, as in https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from autograder.errors import CourseError, PartlyDone
from autograder.gradebook.roster import Student
from autograder.model.files import concerns_one_file, write_whole, writing
from autograder.model.marks import points_of
from autograder.model.outcomes import Result
from autograder.model.text import encodable, first_line
from autograder.model.units import Unit
from autograder.results.graded import Graded, read_graded
from autograder.results.wording import VERDICTS, name_of, what_went_wrong

NOBODY = "-"  # no system knows a student of that name
PLAIN_ID = re.compile(r"[-+@][\w.@-]*")  # no formula that does anything, and the system has to know the student by it
# A spreadsheet would run a cell that begins so, also behind what it may take for the end of the cell before, whatever the quotes say.
FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=[\s\"']*+[=+\-@＝＋－＠]|[\t\r])")


def export(course: Path, units: Sequence[Unit], system: str) -> list[Path]:
    """Write the marks of the units into `export/` for a system of `FORMATS`; return the paths.

    Raises RecordError where a unit has no record, CourseError where a file cannot be written, PartlyDone where all but a few are.
    """
    paths: list[Path] = []
    refused: dict[str, str] = {}
    graded = read_graded(course, units)
    texts = FORMATS[system](graded.submissions)
    for done, (name, text) in enumerate(texts.items(), 1):
        path = course / "export" / name
        try:
            with writing(path):
                write_whole(path, text)
            paths.append(path)
        except Exception as error:
            if not concerns_one_file(error) or (not paths and isinstance(error, CourseError) and done == len(texts)):
                raise
            refused[name] = first_line(error)
    if refused:
        raise PartlyDone(f"{len(paths)} files are written into export/", {**graded.damaged, **refused}, paths)
    graded.raise_damaged("export/ is written", paths)
    return paths


# ---- one function per format: submissions in, names and texts of files out


def plain(graded: Sequence[Graded]) -> dict[str, str]:
    """Write one row per student and unit."""
    rows = [
        {
            "unit": one.unit.name,
            "student": one.record.student,
            "last_name": one.student.person.last_name,
            "first_name": one.student.person.first_name,
            "email": one.student.person.email,
            "lms_user_id": one.student.person.lms_user_id,
            "handed_in": one.record.submitted_at,
            "score": one.mark.score,
            "max_score": one.mark.max_score,
            "late_penalty": one.mark.penalty,
            "waiting_for_a_person": "yes" if one.mark.waiting else "",
            "problem": one.record.problem,
        }
        for one in graded
    ]
    return {"marks.csv": _csv([tuple(rows[0]), *(tuple(row.values()) for row in rows)])}


def canvas(graded: Sequence[Graded]) -> dict[str, str]:
    """Write one row per student and one column per unit, empty for what was not handed in: Canvas leaves that alone."""
    head = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    most, scores = _by_student(graded)
    rows = [
        (_sortable(one), one.person.lms_user_id, one.idnumber, _login(one), "", *_cells(most, scores[one.id]))
        for one in _students(graded)
    ]
    possible = ("    Points Possible", "", "", "", "", *most.values())
    return {"canvas.csv": _csv([(*head, *most), possible, *rows])}


def moodle(graded: Sequence[Graded]) -> dict[str, str]:
    """Write one row per student and one column per unit, after the three columns by which Moodle finds a student."""
    most, scores = _by_student(graded)
    students = _students(graded)
    emails = _without_gaps([one.person.email for one in students])
    numbers = _without_gaps([one.idnumber or one.person.lms_user_id for one in students])
    rows = [
        (_login(one), email, number, *_cells(most, scores[one.id]))
        for one, email, number in zip(students, emails, numbers, strict=True)
    ]
    return {"moodle.csv": _csv([("username", "email", "idnumber", *most), *rows])}


def blackboard(graded: Sequence[Graded]) -> dict[str, str]:
    """Write one row per student and one column per unit, empty for what was not handed in, with the headings of Blackboard's own
    download."""
    most, scores = _by_student(graded)
    rows = [
        (one.person.last_name, one.person.first_name, _login(one), one.idnumber, *_cells(most, scores[one.id]))
        for one in _students(graded)
    ]
    return {"blackboard.csv": _csv([("Last Name", "First Name", "Username", "Student ID", *most), *rows])}


def gradescope(graded: Sequence[Graded]) -> dict[str, str]:
    """Write one `results.json` per submission, with what the student may read about each test."""
    return {
        f"gradescope/{one.unit.name}/{one.record.student}/results.json": json.dumps(_results(one), indent=1)
        for one in graded
    }


FORMATS: dict[str, Callable[[Sequence[Graded]], dict[str, str]]] = {
    "canvas": canvas,
    "moodle": moodle,
    "blackboard": blackboard,
    "gradescope": gradescope,
    "csv": plain,
}


def _results(one: Graded) -> dict[str, Any]:
    """Return what `results.json` holds for one submission."""
    sources = {test.id: test.source for test in one.unit.tests}
    remarks = [one.record.problem, *one.record.repairs, *one.record.notes]
    return {
        "score": one.mark.score,
        "output": "\n".join(filter(None, remarks)),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": f"{one.unit.exercise_in_words(test.exercise)}: {name_of(test.grade_id, test.exercise, sources.get(test.grade_id, ''))}",
                "score": points_of(test, one.review),
                "max_score": test.max_score,
                "status": "passed" if test.outcome is Result.PASSED else "failed",
                "output": "\n".join(filter(None, (VERDICTS[test.outcome][0], *what_went_wrong(test)))),
                "visibility": "visible",
            }
            for test in one.record.tests
        ],
    }


def _by_student(graded: Sequence[Graded]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return the points that each unit is worth, and the scores by student and unit."""
    most: dict[str, float] = {}
    scores: dict[str, dict[str, float]] = {}
    for one in graded:
        most[one.unit.name] = one.mark.max_score
        scores.setdefault(one.record.student, {})[one.unit.name] = one.mark.score
    return most, scores


def _students(graded: Sequence[Graded]) -> list[Student]:
    by_id = {one.record.student: one.student for one in graded}
    return [by_id[id_] for id_ in sorted(by_id)]


def _login(student: Student) -> str:
    return student.username or student.id


def _without_gaps(cells: Sequence[str]) -> list[str]:
    """Return the cells of a column by which Moodle may find students, with a mark in place of an empty one among others.

    Moodle gives a row whose cell is empty to the student of the row above. It refuses a file in which it knows nobody of that name,
    and says which name, so the mark keeps one student's marks from another.
    """
    return [cell or NOBODY for cell in cells] if any(cells) else list(cells)


def _cells(units: Iterable[str], scores: dict[str, float]) -> list[float | str]:
    return [scores.get(unit, "") for unit in units]


def _sortable(student: Student) -> str:
    """Return the name as Canvas sorts it; the id where nobody knows a name."""
    person = student.person
    return ", ".join(filter(None, (person.last_name, person.first_name))) or student.name or student.id


def _csv(rows: Iterable[Sequence[object]]) -> str:
    with io.StringIO(newline="") as file:
        csv.writer(file).writerows([_harmless(value) for value in row] for row in rows)
        return file.getvalue()


def _harmless(value: object) -> str:
    """Return a number as text, and text so that no spreadsheet takes it for a formula."""
    if isinstance(value, float):
        return f"{value:g}"
    text = encodable(str(value))
    return text if PLAIN_ID.fullmatch(text) else FORMULA.sub(r"\1'", text)
