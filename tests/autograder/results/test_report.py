"""The class report: figures against NumPy's and by hand, look-alikes that are and are not, and a page that nothing breaks."""

import dataclasses
import re
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import CourseError, RecordError
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record, write_record
from autograder.model.units import Unit, load_unit
from autograder.release.build import to_save
from autograder.results import analysis
from autograder.results.analysis import items, likenesses, misconceptions, normal_form
from autograder.results.report import write_report
from tests.autograder import small_unit
from tests.autograder.small_unit import NAME, RIGHT

PASSES = {  # student: which of the four tests pass
    "ada": (1, 1, 1, 1),
    "ben": (1, 0, 1, 1),
    "cy": (1, 0, 0, 0),
    "dee": (0, 0, 1, 0),
    "eve": (1, 1, 1, 0),
    "fay": (0, 1, 0, 0),
}
OTHER = {
    "ada": "def double(x):\n    # mine\n    return sum([x for _ in range(2)]) + 0",
    "ben": "def double(number: int) -> int:\n    '''Twice.'''\n    return sum([number for step in range(2)]) + 0",
    "cy": "def double(x):\n    return sum([x for _ in range(3)]) + 0",
    "dee": "def double(x):\n    result = 0\n    for _ in range(2):\n        result += x\n    return result",
    "eve": "def double(x):\n    if x:\n        return x + x\n    return 0 * len([x])",
    "fay": "def double(x):\n    return np.add(np.asarray(x), np.asarray(x)).item()",
}


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    small_unit.write_unit(tmp_path)
    return load_unit(tmp_path, NAME)


def record(unit: Unit, student: str, passes: tuple, answers: dict[str, str]) -> Record:
    notebook = to_save(unit)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    tests = tuple(
        TestOutcome(
            test.id,
            test.exercise,
            test.hidden,
            test.points * passed,
            test.points,
            Result.PASSED if passed else Result.FAILED,
            "",
            "" if passed else f"Think about {test.id}.",
        )
        for test, passed in zip(unit.tests, passes, strict=True)
    )
    return Record(student, NAME, tests, "none", notebook=notebook)


@pytest.fixture
def records(unit: Unit) -> list[Record]:
    return [record(unit, name, passes, RIGHT | {"double": OTHER[name]}) for name, passes in PASSES.items()]


def test_facility_and_discrimination_are_those_of_the_text_book(unit: Unit, records: list[Record]) -> None:
    passes = np.array(list(PASSES.values()), dtype=float)
    points = np.array([test.points for test in unit.tests])
    scores = passes * points
    for number, item in enumerate(items(records)):
        assert item.facility == pytest.approx(passes[:, number].mean())
        rest = np.delete(scores, number, axis=1).sum(axis=1)
        assert item.discrimination == pytest.approx(np.corrcoef(scores[:, number], rest)[0, 1])
        assert sum(item.outcomes.values()) == len(PASSES)


def test_what_cannot_be_told_is_not_told(unit: Unit) -> None:
    same = [record(unit, f"s{i}", (1, 1, 1, 1), RIGHT) for i in range(6)]
    assert {item.discrimination for item in items(same)} == {None}
    few = [record(unit, f"s{i}", passes, RIGHT) for i, passes in enumerate([(1, 0, 1, 1), (0, 1, 0, 0)])]
    assert {item.discrimination for item in items(few)} == {None}


def test_unread_submissions_say_nothing_about_tests(unit: Unit, records: list[Record]) -> None:
    unread = dataclasses.replace(record(unit, "zed", (0, 0, 0, 0), {}), problem="half a file")
    assert items([*records, unread]) == items(records)


def test_misconceptions_are_counted_by_what_students_were_told(records: list[Record]) -> None:
    found = misconceptions(records)
    assert [len(one.students) for one in found] == [4, 3, 2, 2]
    assert (found[0].words, found[0].test, found[0].students) == (
        "Think about total_empty.",
        "total_empty",
        ("cy", "dee", "eve", "fay"),
    )


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (OTHER["ada"], OTHER["ben"], True),
        (OTHER["ada"], OTHER["cy"], False),
        ("a = 1\nb = a + 2\nprint(b)", "x = 1\ny = x + 2\nprint(y)", True),
        ("a = 1\nb = a + 2\nprint(b)", "x = 1\ny = x + 2\nprint(x)", False),
        ("a = 1\nb = a + 2\nprint(b)", "a = 1\nb = a + 2\nround(b)", False),
    ],
)
def test_programs_are_the_same_up_to_names_comments_and_layout(one: str, other: str, alike: bool) -> None:
    assert (normal_form(one) == normal_form(other)) is alike
    assert normal_form(one)


@pytest.mark.parametrize("source", ["", "return return", "x = 1", "def f(x): return x"])
def test_what_is_too_short_or_no_python_is_like_nothing(source: str) -> None:
    assert normal_form(source) == ""


def test_those_who_share_rare_answers_are_found_and_no_others(unit: Unit) -> None:
    ways = [f"def double(x):\n    y = [x, x, {n} - {n}]\n    return sum(y)" for n in range(20)]
    class_of_20 = [
        record(unit, f"s{n:02}", (1, 0, 1, 1), RIGHT | {"double": way, "total": way.replace("double", "total")})
        for n, way in enumerate(ways)
    ]
    assert likenesses(class_of_20) == []
    copied = class_of_20[7].notebook["cells"]
    answers = {c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in copied if "nbgrader" in c["metadata"]}
    answers = {name: answers[name] for name in ("double", "total")} | {
        "double": answers["double"].replace("y", "total")
    }
    (found,) = likenesses([*class_of_20, record(unit, "zoe", (1, 0, 1, 1), answers)])
    assert found.students == ("s07", "zoe")
    assert (found.exercises, found.to_the_letter, found.wrong) == (("double", "total"), ("total",), ("double",))
    assert found.bits == pytest.approx(2 * np.log2(21 / 2))


def test_an_answer_that_everybody_gives_and_one_that_nobody_gave_are_no_sign(unit: Unit) -> None:
    everybody = "def double(x):\n    y = [x, x]\n    return sum(y) + 0"
    many = [record(unit, f"s{n:02}", (1, 1, 1, 1), RIGHT | {"double": everybody}) for n in range(30)]
    assert likenesses(many) == []
    stubs = [record(unit, f"s{n:02}", (0, 0, 0, 0), {}) for n in range(2)]
    stubs = [
        dataclasses.replace(one, tests=tuple(dataclasses.replace(t, outcome=Result.UNANSWERED) for t in one.tests))
        for one in stubs
    ]
    assert likenesses(stubs) == []


class _Outline(HTMLParser):
    """Tags that were left open, and the text."""

    VOID = ("meta", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)  # <line … /> opens nothing

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(course: Path, unit: Unit, records: list[Record]) -> _Outline:
    for one in records:
        write_record(course, one)
    outline = _Outline(write_report(course, unit).read_text())
    assert not outline.open
    return outline


def test_the_page_tells_the_class(tmp_path: Path, unit: Unit, records: list[Record]) -> None:
    page = page_of(tmp_path, unit, records)
    scores = [one.score for one in records]
    assert f"{np.mean(scores):.1f} of 20 points on average, median {np.median(scores):.1f}; 6 submissions" in page.text
    bars = [int(n) for n in re.findall(r"\d points: (\d+)\.", page.text.replace("\n", " "))]
    assert bars == np.histogram(scores, bins=10, range=(0, 20))[0].tolist()
    for test in unit.tests:
        assert test.id in page.text
    assert "Think about total_empty." in page.text


def test_what_students_wrote_is_only_text_there(tmp_path: Path, unit: Unit, records: list[Record]) -> None:
    evil = "<script>alert(1)</script>\x1b[31m"
    changed = dataclasses.replace(records[0], repairs=(evil,), notes=(evil,))
    unread = dataclasses.replace(records[1], problem=evil)
    page = page_of(tmp_path, unit, [changed, unread, *records[2:]])
    assert "script" not in page.tags
    assert page.text.count("<script>alert(1)</script>") == 3
    assert "\x1b" not in page.text


def test_one_submission_is_a_class_too(tmp_path: Path, unit: Unit, records: list[Record]) -> None:
    assert "; 1 submission\n" in page_of(tmp_path, unit, records[:1]).text


def test_tests_worth_a_look_are_marked(tmp_path: Path, unit: Unit) -> None:
    patterns = [(1, 1, 0, 0), (1, 1, 0, 0), (0, 1, 1, 0), (0, 1, 1, 0), (0, 1, 1, 0)]
    class_ = [record(unit, f"s{n}", passes, RIGHT) for n, passes in enumerate(islice(cycle(patterns), 10))]
    text = page_of(tmp_path, unit, class_).text
    assert "Those who did well elsewhere fail here" in text
    assert "Nearly everybody passes." in text
    assert "Few pass" in text


def test_a_class_that_nobody_graded_is_said(tmp_path: Path, unit: Unit) -> None:
    with pytest.raises(RecordError, match="nothing graded yet; run: python -m autograder grade 90_small"):
        write_report(tmp_path, unit)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, unit: Unit, records: list[Record]) -> None:
    write_record(tmp_path, records[0])
    (tmp_path / "report").write_text("a file in the way")
    with pytest.raises(CourseError, match=r"90_small.html: cannot be written"):
        write_report(tmp_path, unit)


def test_one_shared_answer_in_a_small_class_is_no_sign(unit: Unit, records: list[Record]) -> None:
    assert np.log2(len(records) / 2) < analysis.STRIKING
    assert likenesses(records) == []
