"""Several attempts, several units, and work that is there already: the latest counts, and nothing is lost."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.collecting.collect import Collected, collect
from autograder.collecting.formats import exchange
from autograder.collecting.place import Status
from autograder.errors import CourseError, UnitError
from autograder.reading.find import find_submissions
from tests.autograder.collecting.made import make_course, notebook_of, write_folder, write_zip, zipped
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, notebook, write_unit

ROSTER = "id,first_name,last_name\nann,Ann,Able\nben,Ben,Baker\n"
MOODLE = "Ann Able_1_assignsubmission_file_"
FIRST, SECOND, THIRD = b"{}", b"[]", b"0"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path, ROSTER)


def handed_in(time: str, content: bytes, student: str = "ann", unit: str = NAME) -> dict[str, bytes]:
    return {f"{student}+{unit}+2026-03-01 {time}.000000 UTC+x/{NAME}.ipynb": content}


def take(course: Path, files: dict[str, bytes], unit: str = "") -> Collected:
    return collect(course, write_zip(course / "x.zip", files), unit)


def taken(course: Path, files: dict[str, bytes]) -> list[Status]:
    return [one.status for one in take(course, files).placed]


def work_of(course: Path, student: str = "ann", unit: str = NAME) -> bytes:
    return (course / "submitted" / student / unit / f"{unit}.ipynb").read_bytes()


def previous(course: Path) -> dict[str, bytes]:
    folder = course / "submitted" / ".previous"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.ipynb"))}


def test_the_latest_of_several_attempts_counts(course: Path) -> None:
    collected = take(
        course, handed_in("11:00:00", SECOND) | handed_in("10:00:00", FIRST) | handed_in("09:59:59", THIRD)
    )
    assert work_of(course) == SECOND
    assert not collected.problems
    reasons = [one.reason for one in collected.left_out if one.reason.startswith("an earlier")]
    assert reasons == [f"an earlier attempt than ann+{NAME}+2026-03-01 11:00:00.000000 UTC+x"] * 2


def test_a_later_attempt_replaces_what_is_there_and_keeps_a_copy(course: Path) -> None:
    assert taken(course, handed_in("10:00:00", FIRST)) == [Status.NEW]
    assert taken(course, handed_in("11:00:00", SECOND)) == [Status.REPLACED]
    assert taken(course, handed_in("12:00:00", FIRST)) == [Status.REPLACED]
    assert taken(course, handed_in("11:30:00", THIRD)) == [Status.KEPT]
    assert work_of(course) == FIRST
    assert previous(course) == {f"ann/{NAME} 1/{NAME}.ipynb": FIRST, f"ann/{NAME} 2/{NAME}.ipynb": SECOND}
    assert [one.student for one in find_submissions(course / "submitted", NAME)] == ["ann"]


def test_what_an_instructor_changed_is_not_undone(course: Path) -> None:
    files = handed_in("10:00:00", FIRST)
    take(course, files)
    (course / "submitted" / "ann" / NAME / f"{NAME}.ipynb").write_bytes(SECOND)
    assert taken(course, files) == [Status.KEPT]
    (course / "submitted" / "ann" / NAME / "timestamp.txt").write_text("2026-02-01 00:00:00 UTC")
    (course / "submitted" / "ann" / NAME / f"{NAME}.ipynb").write_bytes(FIRST)
    assert taken(course, files) == [Status.UNCHANGED]
    assert (course / "submitted" / "ann" / NAME / "timestamp.txt").read_text() == "2026-02-01 00:00:00 UTC"


def test_a_time_is_added_to_the_same_work_without_one(course: Path) -> None:
    take(course, {f"{MOODLE}/{NAME}.ipynb": FIRST})
    assert taken(course, handed_in("10:00:00", FIRST)) == [Status.UNCHANGED]
    stamp = (course / "submitted" / "ann" / NAME / "timestamp.txt").read_text()
    assert stamp == "2026-03-01 10:00:00.000000 UTC"


def test_an_old_download_without_times_does_not_undo_a_newer_one(course: Path) -> None:
    old, new = ({f"{MOODLE}/{NAME}.ipynb": content} for content in (FIRST, SECOND))
    assert [taken(course, files) for files in (old, new)] == [[Status.NEW], [Status.REPLACED]]
    (problem,) = take(course, old).problems
    assert problem.reason.startswith("the same as ")
    assert problem.reason.endswith("and nothing says which is later; if this is, put it back")
    assert work_of(course) == SECOND


def test_two_attempts_of_which_nothing_says_which_is_later_are_named(course: Path) -> None:
    collected = take(course, {f"ann/{NAME}.ipynb": FIRST, "ann.zip": zipped({f"{NAME}.ipynb": SECOND})})
    assert [str(problem) for problem in collected.problems] == [
        "ann.zip: ann is the same student's and was taken, and nothing says which is later; look at both"
    ]


def test_of_uploads_to_canvas_the_last_is_taken(course: Path) -> None:
    names = [f"ableann_1_7_{NAME}.ipynb", f"ableann_1_9_{NAME}-2.ipynb", f"ableann_1_8_{NAME}-1.ipynb"]
    collected = take(course, dict(zip(names, (FIRST, SECOND, THIRD), strict=True)))
    assert work_of(course) == SECOND
    assert len(collected.placed[0].remarks) == 2


def test_each_notebook_goes_to_its_unit_by_name_or_else_by_its_cells(course: Path) -> None:
    other = notebook()
    for cell in other.cells:
        cell.id = f"other-{cell.id}"
        if "nbgrader" in cell.metadata and cell.metadata["nbgrader"]["grade_id"] in ("double_two", "double_negative"):
            cell.metadata["nbgrader"]["grade_id"] += "_more"
    write_unit(course, other, "91_other")
    by_cells = notebook_of(course, RIGHT)
    collected = take(course, {f"{MOODLE}/91 Other (1).ipynb": SECOND, f"{MOODLE}/homework.ipynb": by_cells})
    assert {one.unit for one in collected.placed} == {NAME, "91_other"}
    assert work_of(course) == by_cells
    assert work_of(course, unit="91_other") == SECOND
    collected = take(course, {f"{MOODLE}/homework.ipynb": by_cells}, "91")
    assert [str(problem) for problem in collected.problems] == [
        f"{MOODLE}: no notebook of 91_other in it, but homework.ipynb of {NAME}; ask for the right one"
    ]


def test_a_notebook_that_says_nothing_needs_the_units_name(course: Path) -> None:
    files = {f"{MOODLE}/homework.ipynb": FIRST}
    assert [str(problem) for problem in take(course, files).problems] == [
        f"{MOODLE}: nothing says which unit homework.ipynb is of; name the unit behind the source"
    ]
    assert [one.unit for one in take(course, files, NAME).placed] == [NAME]


def test_several_notebooks_of_a_unit_are_named_unless_one_has_the_right_name(course: Path) -> None:
    copies = {f"{MOODLE}/{NAME}-Copy{number}.ipynb": FIRST for number in (1, 2)}
    (problem,) = take(course, copies).problems
    assert problem.reason.startswith(f"2 notebooks of {NAME} in it ({NAME}-Copy1.ipynb, {NAME}-Copy2.ipynb)")
    assert not take(course, copies | {f"{MOODLE}/{NAME}.ipynb": SECOND}).problems
    assert work_of(course) == SECOND


def test_other_units_in_the_exchange_are_passed_over(course: Path) -> None:
    write_unit(course, name="91_other")
    collected = take(course, handed_in("10:00:00", FIRST) | handed_in("10:00:00", FIRST, unit="91_other"), NAME)
    assert ([one.unit for one in collected.placed], collected.problems) == ([NAME], [])


def test_in_an_exchange_that_is_in_use_nobody_hands_in_for_others(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = handed_in("10:00:00", FIRST) | handed_in("10:00:00", FIRST, "ben")
    source = write_folder(course / "inbound", files)
    account = exchange.pwd.getpwuid(source.stat().st_uid)
    roster = f"id\n{account.pw_name}\nann\n"
    (course / "students.csv").write_text(roster)
    (source / next(iter(files)).split("/")[0].replace("ann", account.pw_name)).mkdir()
    write_folder(source, handed_in("10:00:00", FIRST, account.pw_name) | handed_in("10:00:00", FIRST))
    collected = collect(course, source)
    assert [one.student for one in collected.placed] == [account.pw_name]
    assert f"it belongs to the account {account.pw_name}, not to ann" in str(collected.problems[0])


def test_files_are_taken_within_the_bounds_of_grading(course: Path) -> None:
    files = {
        f"nb/{NAME}.ipynb": FIRST,
        "nb/a/x.csv": b"x",
        "nb/a/b/c/d/e/f/y.csv": b"y",
        "z.csv": b"z",
        "nb/.secret": b"s",
    }
    (placed,) = take(course, {f"{MOODLE}/{name}": content for name, content in files.items()}).placed
    folder = course / "submitted" / "ann" / NAME
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {f"{NAME}.ipynb", "a/x.csv"}
    assert placed.remarks == (
        f"{MOODLE}/nb/a/b/c/d/e/f/y.csv: it lies over 5 folders deep beside the notebook",
        f"{MOODLE}/z.csv: it lies outside the notebook's folder",
    )


def test_a_unit_that_is_not_there_is_named(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UnitError, match="no unit is called '77'"):
        take(course, {}, "77")
    with pytest.raises(CourseError, match="no unit here"):
        collect(tmp_path_factory.mktemp("empty"), course / "x.zip")
    (problem,) = take(course, handed_in("10:00:00", FIRST, unit="ps1")).problems
    assert "the course has no unit 'ps1'; rename the folder or the unit" in str(problem)


def test_the_verb_says_what_became_of_each_and_exits_with_2_if_something_is_left(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_zip(course / "x.zip", {f"{MOODLE}/{NAME}.ipynb": FIRST, "Ben Baker_2_assignsubmission_file_/a.pdf": FIRST})
    assert main_in(course, "collect", "x.zip", NAME) == 2
    out, err = capsys.readouterr()
    assert "ann" in out
    assert "1 submissions, from moodle, without times of handing in: for nbgrader none is late" in " ".join(out.split())
    assert "not placed: Ben Baker_2_assignsubmission_file_: no notebook in it (a.pdf); ask for one" in err
    write_zip(course / "y.zip", handed_in("10:00:00", SECOND))
    assert main_in(course, "collect", "y.zip", "--from", "exchange", "--zone", "Europe/Berlin") == 0
    out, err = capsys.readouterr()
    assert "2026-03-01 10:00:00" in out
    assert err == ""
    assert main_in(course, "collect", "nowhere.zip") == 2
    assert "error: nowhere.zip: no zip and no folder is there" in capsys.readouterr().err


def test_times_are_compared_to_the_second_fraction(course: Path) -> None:
    stamp = datetime(2026, 3, 1, 10, 0, 0, 1, tzinfo=UTC)
    files = {f"ann+{NAME}+{stamp:%Y-%m-%d %H:%M:%S.%f} UTC+x/{NAME}.ipynb": SECOND}
    assert taken(course, handed_in("10:00:00", FIRST)) == [Status.NEW]
    assert taken(course, files) == [Status.REPLACED]
    assert taken(course, files) == [Status.UNCHANGED]


def test_every_command_of_the_page_places_what_it_is_about(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = "05_cross_entropy"
    write_unit(tmp_path, name=unit)
    page = (root / "docs" / "collecting.md").read_text()
    (tmp_path / "students.csv").write_text(page.partition("```csv\n")[2].partition("```")[0])
    write_zip(tmp_path / "submissions.zip", {f"novákjana_4021_1_{unit}.ipynb": FIRST})
    write_folder(tmp_path / "downloads", {f"Jack OBrien_7_assignsubmission_file_/{unit}.ipynb": FIRST})
    write_zip(tmp_path / "gradebook.zip", {"HW 1_jnovak_attempt_2026-03-01-10-00-00_x.ipynb": SECOND})
    commands = re.findall(r"^python -m autograder (collect .*)$", page, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        assert main_in(tmp_path, *command.split()) == 0, capsys.readouterr().err
    assert (work_of(tmp_path, "007", unit), work_of(tmp_path, "b-02", unit)) == (SECOND, FIRST)
