"""Feedback pages: everything a student should know, nothing of a hidden test, and nothing that their own text can do."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from autograder.errors import CourseError
from autograder.gradebook.reviews import read_reviews
from autograder.gradebook.writer import write_gradebook
from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record, write_record
from autograder.model.reviews import ManualGrade, Review
from autograder.model.text import readable
from autograder.model.units import Unit, load_unit
from autograder.release.build import to_save
from autograder.results import feedback
from autograder.results.feedback import render, write_feedback
from autograder.results.wording import VERDICTS
from tests.autograder import small_unit
from tests.autograder.real_nbgrader import run_nbgrader
from tests.autograder.small_unit import NAME

WRONG = "def double(x):\n    return x ** 2  # <script>alert(1)</script> & more"
MESSAGE = "double(3)\n  Got:      9\n  Expected: 6\nHint: twice, not squared."
SECRET = "double(-3) gave 9, not -6"
HINT = "Think of numbers below zero."
ANSWERS = {"double": WRONG, "total": small_unit.RIGHT["total"], "think": "Because <b>I</b> say so."}


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    notebook = small_unit.notebook()
    at = next(i for i, cell in enumerate(notebook.cells) if cell.id == "total")
    notebook.cells.insert(at, nbformat.v4.new_markdown_cell("## Exercise 2: `total(xs)` (10 points)", id="head"))
    notebook.cells[-1].metadata.nbgrader.points = 3
    small_unit.write_unit(tmp_path, notebook)
    return load_unit(tmp_path, NAME)


@pytest.fixture
def record(unit: Unit) -> Record:
    """Wrong in the first exercise, right in the second."""
    notebook = to_save(unit)
    for cell in notebook.cells:
        cell.source = ANSWERS.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    tests = tuple(
        TestOutcome(test.id, test.exercise, test.hidden, 0, test.points, Result.FAILED, message, hint)
        if test.exercise == "double"
        else TestOutcome(test.id, test.exercise, test.hidden, test.points, test.points, Result.PASSED)
        for test, message, hint in zip(
            unit.tests, [MESSAGE, SECRET, "", ""], ["twice, not squared.", HINT, "", ""], strict=True
        )
    )
    return Record("ada", NAME, tests, "none", notebook=notebook, submitted_at="2026-03-01T10:00:00+00:00")


class _Outline(HTMLParser):
    """Tags that were left open, headings, ids, links, and the text that a reader sees."""

    VOID = ("meta", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, ""))
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action", "data"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("td", "th", "h2", "h3", "div", "p", "li"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.headings[-1] = (self.headings[-1][0], self.headings[-1][1] + data)


def _page(unit: Unit, record: Record, review: Review | None = None) -> str:
    return render(unit.path.parents[2], unit, record, review)


def _read(unit: Unit, record: Record, review: Review | None = None) -> str:
    """What a reader sees, with spaces joined."""
    return " ".join(_Outline(_page(unit, record, review)).text.split())


def test_the_page_tells_points_answers_and_what_each_test_said(unit: Unit, record: Record) -> None:
    text = _read(unit, record)
    assert "A small unit Feedback for ada, handed in 01 March 2026, 10:00 UTC" in text
    assert "10 of 23 points so far Your written answer has yet to be graded." in text
    assert "Points double 0 of 10 Exercise 2: total(xs) 10 of 10" in text
    assert "✗ Failed: two 0 of 4 double(3) Got: 9 Expected: 6 Hint: twice, not squared." in text
    assert f"✗ Failed: negative hidden test 0 of 6 {HINT}" in text
    assert "✓ Passed: three 4 of 4" in text
    assert "return x ** 2 # <script>alert(1)</script> & more" in text
    assert "Because <b>I</b> say so." in text


def test_nothing_of_a_hidden_test_but_its_hint_is_shown(unit: Unit, record: Record) -> None:
    page = _page(unit, record)
    text = _Outline(page).text
    assert SECRET not in text
    assert "gave 9" not in page
    for line in ("double(-3)", "total([])", "HIDDEN TESTS"):
        assert line not in text
        assert line not in page


@pytest.mark.parametrize("outcome", [result for result in Result if result is not Result.PASSED])
@pytest.mark.parametrize("hidden", [True, False])
def test_every_outcome_has_words_of_its_own_and_no_hidden_message(
    unit: Unit, record: Record, outcome: Result, hidden: bool
) -> None:
    test = replace(record.tests[0], outcome=outcome, hidden=hidden, message=SECRET, hint="")
    text = _read(unit, replace(record, tests=(test, *record.tests[2:])))
    verdict, sentence = VERDICTS[outcome]
    assert f"✗ {verdict}: two" in text
    explained = outcome is not Result.UNANSWERED  # that verdict says it all
    assert (sentence in text) == (hidden and explained)
    assert (SECRET in text) == (not hidden and explained)


def test_a_broken_test_is_not_put_down_to_the_student(unit: Unit, record: Record) -> None:
    test = replace(record.tests[1], outcome=Result.BROKEN, hint="")
    assert "this is not your fault" in _read(unit, replace(record, tests=(test, *record.tests[2:])))


def test_the_page_is_sound_html_with_headings_in_order_and_nothing_from_elsewhere(unit: Unit, record: Record) -> None:
    page = _page(unit, replace(record, repairs=("one",), notes=("two",)))
    outline = _Outline(page)
    assert outline.open == []
    levels = [int(tag[1]) for tag, _ in outline.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(set(outline.ids)) == len(outline.ids)
    assert {address.removeprefix("#") for address in outline.addresses} == set(outline.ids)
    assert all(address.startswith("#") for address in outline.addresses)
    assert not outline.tags & {"script", "link", "img", "iframe", "object", "form", "svg"}
    assert "url(" not in page
    assert "@import" not in page
    assert "<html lang=" in page
    assert 'name="viewport"' in page


ATTACK = "</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}&lt;"


def test_whatever_a_student_writes_stays_text(unit: Unit, record: Record) -> None:
    notebook = nbformat.from_dict(record.notebook)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.source = f"{ATTACK}\x1b[31m\x00\u202edouble\ud800"
    tests = tuple(replace(test, score=0.0, outcome=Result.FAILED, message=ATTACK, hint=ATTACK) for test in record.tests)
    hostile = replace(
        record, student=ATTACK, tests=tests, notebook=notebook, repairs=(ATTACK,), notes=(ATTACK,), submitted_at=ATTACK
    )
    comments = Review({"double": ManualGrade("double", comment=ATTACK), "think": ManualGrade("think", comment=ATTACK)})
    for page in (_page(unit, hostile, comments), _page(unit, replace(hostile, problem=ATTACK))):
        outline = _Outline(page)
        assert outline.open == []
        assert not outline.tags & {"script", "img"}
        assert ATTACK in outline.text
        assert "49" not in outline.text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800]", page)
        page.encode()


def test_an_endless_answer_is_cut(unit: Unit, record: Record) -> None:
    notebook = nbformat.from_dict(record.notebook)
    for cell in notebook.cells:
        if cell.id in ("double", "think"):
            cell.source = "x = 1\n" * 1_000_000
    page = _page(unit, replace(record, notebook=notebook))
    assert len(page) < 1_000_000
    assert "(cut here)" in page


def test_a_person_s_points_and_comments_and_the_penalty_count(unit: Unit, record: Record) -> None:
    cells = {
        "think": ManualGrade("think", score=2.5, max_score=3, comment="Good <thought>."),
        "double": ManualGrade("double", comment="See slide 12."),
        "double_two": ManualGrade("double_two", score=3.0, auto_score=0.0, max_score=4),
        "total_three": ManualGrade("total_three", auto_score=4.0, extra_credit=1.0, max_score=4),
    }
    text = _read(unit, record, Review(cells, late_penalty=2.0))
    assert "14.5 of 23 points Your points" in text
    assert "Written answer 2.5 of 3 Handed in late −2" in text
    assert "Comment from your instructor Good <thought>." in text
    assert "Comment from your instructor See slide 12." in text
    assert "✗ Failed: two 3 of 4 Your instructor set these points; the test gave 0." in text
    assert "5 of 4 Your instructor set these points; the test gave 4." in text
    assert "yet to be graded" not in text


def test_an_unread_notebook_gets_its_reason_without_paths_of_the_machine(unit: Unit, record: Record) -> None:
    course = unit.path.parents[2]
    problem = f"{course}/submitted/ada/{NAME}/{NAME}.ipynb: no notebook; hand in again"
    text = _read(unit, replace(record, problem=problem, notebook={}))
    assert f"Your notebook could not be graded submitted/ada/{NAME}/{NAME}.ipynb: no notebook; hand in again" in text
    assert str(course) not in text
    assert "Your answer" not in text


def test_an_answer_that_is_missing_is_said_to_be(unit: Unit, record: Record) -> None:
    assert _read(unit, replace(record, notebook={})).count("Nothing was found") == 3


def test_pages_are_where_nbgrader_looks_and_in_order(unit: Unit, record: Record) -> None:
    course, seen = unit.path.parents[2], []
    records = [record, replace(record, student="ben")]
    written = write_feedback(course, unit, records, lambda *progress: seen.append(progress))
    assert written == [course / "feedback" / student / NAME / f"{NAME}.html" for student in ("ada", "ben")]
    assert seen == [("feedback", 1, 2), ("feedback", 2, 2)]
    assert "Feedback for ben" in written[1].read_text()
    assert written[0].stat().st_mode & 0o777 == 0o644


def test_the_total_is_nbgraders_and_its_own_button_writes_our_page(unit: Unit, record: Record, root: Path) -> None:
    """`nbgrader generate_feedback` with our settings makes the same page; without them its score is the same."""
    course = unit.path.parents[2]
    write_record(course, record)
    write_gradebook(course, unit, [record])
    (page,) = write_feedback(course, unit, [record])
    ours = page.read_text()
    run_nbgrader(course, "generate_feedback", NAME, "--force")
    assert "Score: 10.0 / 23.0" in page.read_text()
    (course / "nbgrader_config.py").write_text((root / "nbgrader_config.py").read_text())
    run_nbgrader(course, "generate_feedback", NAME, "--force")
    assert page.read_text() == ours
    assert render(course, unit, record, read_reviews(course, unit)["ada"]) == ours


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(unit: Unit, record: Record) -> None:
    course = unit.path.parents[2]
    (course / "feedback").write_text("a file where a folder belongs")
    with pytest.raises(CourseError, match=r"feedback.*cannot be written"):
        write_feedback(course, unit, [record])


# ---- looks


def _palettes() -> Iterator[dict[str, str]]:
    css = (Path(feedback.__file__).parent / "templates" / "feedback.css").read_text()
    for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        yield dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_has_the_contrast_that_wcag_asks_for_in_light_dark_and_print() -> None:
    """WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""
    palettes = list(_palettes())
    assert len(palettes) == 3
    inks = ("text", "quiet", "pass", "fail", "link", "keyword", "string", "comment", "name", "number")
    pairs = [(ink, ground) for ink in inks for ground in ("page", "code")] + [
        ("text", "note-soft"),
        ("text", "fail-soft"),
    ]
    for colours in palettes:
        for ink, ground in pairs:
            light, dark = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nwith lines\r\nof any\rkind", "plain\ttext\nwith lines\nof any\nkind"),
        ("\x1b[1;31mred\x1b[0m \x1b]0;title\x07bell\x07", "red bell"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("nul\x00 \x85 \x7f del", "nul   del"),
        ("half \ud83d and whole \U0001f600 é ∑", "half ? and whole \U0001f600 é ∑"),
    ],
)
def test_text_from_strangers_is_made_readable(text: str, shown: str) -> None:
    assert readable(text) == shown
