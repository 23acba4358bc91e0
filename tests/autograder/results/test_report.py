"""The class report: figures against NumPy's, and a page that nothing breaks."""

import dataclasses
import re
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import CourseError, RecordError
from autograder.model.records import Record, write_record
from autograder.model.units import Unit
from autograder.results.analysis import items, misconceptions
from autograder.results.report import write_report
from tests.autograder.results.small_class import PASSES, record
from tests.autograder.small_unit import RIGHT


def test_facility_and_discrimination_are_those_of_the_text_book(unit: Unit, records: list[Record]) -> None:
    passes = np.array(list(PASSES.values()), dtype=float)
    points = np.array([test.points for test in unit.tests])
    scores = passes * points
    for number, item in enumerate(items(records)):
        assert item.facility == pytest.approx(passes[:, number].mean())
        rest = np.delete(scores, number, axis=1).sum(axis=1)
        assert item.discrimination == pytest.approx(np.corrcoef(scores[:, number], rest)[0, 1])
        assert sum(item.outcomes.values()) == len(PASSES)


def test_a_discrimination_that_is_not_defined_is_left_out(unit: Unit) -> None:
    same = [record(unit, f"s{i}", (1, 1, 1, 1), RIGHT) for i in range(6)]
    assert {item.discrimination for item in items(same)} == {None}
    few = [record(unit, f"s{i}", passes, RIGHT) for i, passes in enumerate([(1, 0, 1, 1), (0, 1, 0, 0)])]
    assert {item.discrimination for item in items(few)} == {None}


def test_unread_submissions_say_nothing_about_tests(unit: Unit, records: list[Record]) -> None:
    unread = dataclasses.replace(record(unit, "zed", (0, 0, 0, 0), {}), problem="half a file")
    assert items([*records, unread]) == items(records)


def test_a_record_of_an_older_version_of_the_unit_may_lack_a_test(unit: Unit, records: list[Record]) -> None:
    older = dataclasses.replace(records[0], tests=records[0].tests[1:])
    counted = [sum(item.outcomes.values()) for item in items([older, *records[1:]])]
    assert sorted(counted) == [len(records) - 1] + [len(records)] * (len(counted) - 1)


def test_misconceptions_are_counted_by_what_tests_said(records: list[Record]) -> None:
    counted = misconceptions(records)
    assert [len(one.students) for one in counted] == [4, 3, 2, 2]
    assert (counted[0].words, counted[0].test, counted[0].students) == (
        "Think about total_empty.",
        "total_empty",
        ("cy", "dee", "eve", "fay"),
    )


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
    assert "Students who did well elsewhere fail here" in text
    assert "Nearly everybody passes." in text
    assert "Few students pass" in text


def test_a_class_that_nobody_graded_is_said(tmp_path: Path, unit: Unit) -> None:
    with pytest.raises(RecordError, match="nothing graded yet; run: python -m autograder grade 90_small"):
        write_report(tmp_path, unit)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, unit: Unit, records: list[Record]) -> None:
    write_record(tmp_path, records[0])
    (tmp_path / "report").write_text("a file in the way")
    with pytest.raises(CourseError, match=r"90_small.html: cannot be written"):
        write_report(tmp_path, unit)
