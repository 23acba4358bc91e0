"""What each system hands over lies where `grade` looks for it, under the right student, with the time that the system
noted."""

import csv
import itertools
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.cli import SOURCES
from autograder.collecting.collect import Collected, collect
from autograder.collecting.place import Status
from autograder.collecting.recognise import SYSTEMS
from autograder.errors import CourseError
from autograder.grade import grade
from autograder.model.units import load_unit
from autograder.reading.find import Submission
from autograder.reading.submission import time_of
from autograder.results.export import export
from autograder.running.executors import LocalExecutor
from course.start import OWN as START_OWN
from tests.autograder.collecting import made
from tests.autograder.collecting.made import (
    ANSWERS,
    NUMBERS,
    ROSTER,
    TIMES,
    clone,
    make_course,
    write_folder,
    write_zip,
)
from tests.autograder.small_unit import NAME, RIGHT

WITH_TIMES = ("gradescope", "blackboard", "exchange")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def statuses(collected: Collected) -> dict[str, Status]:
    return {one.student: one.status for one in collected.placed}


@pytest.mark.parametrize("name", made.SYSTEMS)
def test_a_zip_and_the_same_as_a_folder_are_recognised_and_placed_once(course: Path, name: str) -> None:
    work = made.notebooks(course)
    files = made.SYSTEMS[name](work)
    first = collect(course, write_zip(course / "download.zip", files))
    assert first.system == name.split()[0]
    assert statuses(first) == dict.fromkeys(ANSWERS, Status.NEW)
    assert not first.problems
    placed = files_in(course / "submitted")
    for student, notebook in work.items():
        assert placed[f"{student}/{NAME}/{NAME}.ipynb"] == notebook
    again = collect(course, write_folder(course / "download", files), NAME)
    assert statuses(again) == dict.fromkeys(ANSWERS, Status.UNCHANGED)
    assert files_in(course / "submitted") == placed


@pytest.mark.parametrize("name", WITH_TIMES)
def test_times_are_kept_as_grade_reads_them(course: Path, name: str) -> None:
    collect(course, write_zip(course / "download.zip", made.SYSTEMS[name](made.notebooks(course))))
    for student, time in TIMES.items():
        stamp = time_of(Submission(student, NAME, course / "submitted" / student / NAME))
        assert stamp.utc.startswith(time.replace(" ", "T")), stamp.repairs


def test_files_beside_the_notebook_go_along_under_the_names_that_they_had_before_canvas(course: Path) -> None:
    collected = collect(course, write_zip(course / "download.zip", made.canvas(made.notebooks(course))))
    assert (course / "submitted" / "007" / NAME / "helper.py").read_bytes() == b"x = 1"
    assert (course / "submitted" / "b-02" / NAME / "helper.py").read_bytes() == b"x = 2"
    assert {one.student: one.late for one in collected.placed} == {"007": False, "b-02": True, "cy": False}


def test_clones_of_github_have_the_time_of_the_last_commit(course: Path) -> None:
    work = made.notebooks(course)
    source = course / "hw-1-submissions"
    for student, username in (("007", "jnovak"), ("b-02", "Sean_OB"), ("cy", "cymu")):
        clone(source / f"hw-1-{username}", {f"{NAME}.ipynb": work[student]}, f"{TIMES[student]} +0000")
    # What a clone's own settings say is never run.
    with (source / "hw-1-jnovak" / ".git" / "config").open("a") as file:
        file.write(
            f"[log]\n\tshowSignature = true\n[gpg]\n\tprogram = touch {course}/ran\n[core]\n\tfsmonitor = touch {course}/ran\n"
        )
    collected = collect(course, source)
    assert collected.system == "github"
    assert {one.student: str(one.time) for one in collected.placed} == {s: f"{t}+00:00" for s, t in TIMES.items()}
    assert not collected.problems
    assert not (course / "ran").exists()


@pytest.mark.parametrize("answered", ["work", "release", "neither", "both"])
def test_a_clone_of_the_kit_holds_the_release_beside_what_is_handed_in(course: Path, answered: str) -> None:
    """GitHub Classroom's template is the kit, and the start page copies its notebooks into `work/`."""
    done, blank = made.notebook_of(course, RIGHT), made.notebook_of(course, {})
    where = {"neither": (), "both": (START_OWN, "release")}.get(answered, (answered,))
    files = {f"{folder}/{NAME}/{NAME}.ipynb": done if folder in where else blank for folder in (START_OWN, "release")}
    clone(course / "hw-submissions" / "hw-jnovak", {**files, "README.md": b"kit"}, f"{TIMES['007']} +0000")
    collected = collect(course, course / "hw-submissions", NAME)
    if answered == "both":
        (problem,) = collected.problems
        assert "2 notebooks of 90_small in it" in str(problem)
    else:
        handed_in = (course / "submitted" / "007" / NAME / f"{NAME}.ipynb").read_bytes()
        assert handed_in == (blank if answered == "neither" else done)
        assert collected.placed[0].taken == (
            f"hw-jnovak/{'release' if answered == 'release' else 'work'}/{NAME}/{NAME}.ipynb",
        )


def test_times_without_a_zone_are_in_the_one_that_is_named(course: Path) -> None:
    source = write_zip(course / "download.zip", made.blackboard(made.notebooks(course)))
    collected = collect(course, source, zone=ZoneInfo("Europe/Berlin"))
    assert {str(one.time) for one in collected.placed if one.student == "007"} == {"2026-03-01 09:00:00+00:00"}


def test_the_folder_of_nbgraders_zip_collect_is_read_as_its_settings_say(course: Path) -> None:
    work = made.notebooks(course)
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.FileNameCollectorPlugin.named_regexp = r'.*/(?P<student_id>[\\w-]+)--(?P<timestamp>[\\d-]+)--(?P<file_id>\\w+)'\n"
    )
    inside = {f"u/{student}--2026-03-01-10-00-00--{NAME}.ipynb": notebook for student, notebook in work.items()}
    source = write_folder(course / "downloaded" / NAME, {"archive/all.zip": made.zipped(inside)})
    collected = collect(course, source)
    assert collected.system == "zip_collect"
    assert statuses(collected) == dict.fromkeys(ANSWERS, Status.NEW)
    assert {str(one.time) for one in collected.placed} == {"2026-03-01 10:00:00+00:00"}
    assert statuses(collect(course, source / "archive")) == dict.fromkeys(ANSWERS, Status.UNCHANGED)


def test_the_names_that_nbgraders_documentation_shows_are_read_without_any_setting(course: Path) -> None:
    files = made.blackboard(made.notebooks(course))
    source = write_folder(course / "downloaded" / NAME, {"archive/notebooks.zip": made.zipped(files)})
    collected = collect(course, source)
    assert (collected.system, statuses(collected)) == ("blackboard", dict.fromkeys(ANSWERS, Status.NEW))


def test_a_groups_work_is_each_members(course: Path) -> None:
    metadata = b"submission_1:\n  :submitters:\n  - :sid: '007'\n  - :email: cy@uni.example\n"
    files = {"submission_1/mine.ipynb": made.notebook_of(course, RIGHT), "submission_metadata.yml": metadata}
    assert statuses(collect(course, write_zip(course / "g.zip", files))) == {"007": Status.NEW, "cy": Status.NEW}


def test_names_that_say_nothing_are_refused_until_a_person_says_the_system(course: Path) -> None:
    source = write_zip(course / "x.zip", {"a/x.ipynb": b"{}", "b/y.ipynb": b"{}"})
    with pytest.raises(
        CourseError, match=r"cannot be seen from their names \(a/x.ipynb, b/y.ipynb\); say it with --from"
    ):
        collect(course, source)
    collected = collect(course, source, NAME, system="folders")
    assert [str(problem) for problem in collected.problems] == [
        f"{name}: nobody is called {name} in students.csv; add the student, or write what the system calls the student into "
        "the column alias of students.csv"
        for name in "ab"
    ]


def test_every_system_can_be_named(course: Path) -> None:
    assert SOURCES == SYSTEMS


def test_the_right_student_gets_the_points_and_the_systems_number_with_them(
    course: Path, executor: LocalExecutor
) -> None:
    """Three students per system, who are graded as one class."""
    unit, work = load_unit(course, NAME), made.notebooks(course)
    points = {f"{name} {student}": score for name in made.SYSTEMS for student, (_, score) in ANSWERS.items()}
    heading, *students = ROSTER.splitlines()
    rows = {name: [f"{name} {row},{row.split(',')[0]}" for row in students] for name in made.SYSTEMS}
    for name, files in made.SYSTEMS.items():
        (course / "students.csv").write_text("\n".join([f"{heading},alias", *rows[name]]), encoding="utf-8")
        assert not collect(course, write_zip(course / "download.zip", files(work))).problems
    # Here the id is the login too: each of them is on the list once for each system.
    by_id = "\n".join([heading.removesuffix(",username"), *itertools.chain(*rows.values())])
    (course / "students.csv").write_text(by_id, encoding="utf-8")
    records = grade(course, NAME, executor=executor)
    assert {record.student: record.score for record in records} == points
    for system, student, number in (("canvas", "SIS Login ID", "ID"), ("moodle", "username", "idnumber")):
        (path,) = export(course, [unit], system)
        with path.open(newline="", encoding="utf-8") as file:
            marks = {row[student]: (row[number], float(row[NAME])) for row in csv.DictReader(file) if row[student]}
        assert marks == {student: (NUMBERS[student.split()[-1]], score) for student, score in points.items()}
