"""A class that handed in the small unit, and what each system makes of it."""

import io
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.model.units import load_unit
from autograder.release.build import released
from tests.autograder.small_unit import NAME, RIGHT, write_unit

ROSTER = """\
id,last_name,first_name,email,lms_user_id,username
007,Novák,Jana,jana@uni.example,4021,jnovak
b-02,O'Brien,Séan Óg,sean@uni.example,4022,sean_ob
cy,Müller,Cy,cy@uni.example,4023,cymu
"""
ANSWERS = {  # the points that each has for them
    "007": (RIGHT, 20),
    "b-02": ({**RIGHT, "double": "def double(x):\n    return 4"}, 14),
    "cy": ({"total": RIGHT["total"]}, 10),
}
NUMBERS = {"007": "4021", "b-02": "4022", "cy": "4023"}
TIMES = {"007": "2026-03-01 10:00:00", "b-02": "2026-03-01 11:30:05", "cy": "2026-03-02 00:00:00"}
Files = dict[str, bytes]


def make_course(folder: Path, roster: str = ROSTER) -> Path:
    """Write a course folder with the small unit and its students."""
    write_unit(folder)
    if roster:
        (folder / "students.csv").write_text(roster, encoding="utf-8")
    return folder


def notebook_of(course: Path, answers: Mapping[str, str]) -> bytes:
    """The release with some answers filled in, as a file."""
    done: NotebookNode = released(load_unit(course, NAME))
    for cell in done.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    return nbformat.writes(done).encode()


def notebooks(course: Path) -> dict[str, bytes]:
    return {student: notebook_of(course, answers) for student, (answers, _) in ANSWERS.items()}


def canvas(work: Mapping[str, bytes]) -> Files:
    return {
        f"novákjana_4021_90001_{NAME}.ipynb": work["007"],
        "novákjana_4021_90002_helper.py": b"x = 1",
        f"obrienséanóg_LATE_4022_90003_{NAME}-1.ipynb": work["b-02"],
        "obrienséanóg_LATE_4022_90004_helper-1.py": b"x = 2",
        "müllercy_4023_90005_homework.ipynb": work["cy"],
    }


def moodle(work: Mapping[str, bytes]) -> Files:
    return {
        f"Jana Novák_711_assignsubmission_file/{NAME}.ipynb": work["007"],
        "Jana Novák_711_assignsubmission_file/helper.py": b"x = 1",
        "Jana Novák_711_assignsubmission_onlinetext/onlinetext.html": b"<p>see file",
        f"Séan Óg OBrien_712_assignsubmission_file/nb/{NAME}.ipynb": work["b-02"],
        "Müller Cy_713_assignsubmission_file/homework.ipynb": work["cy"],
    }


def moodle_before_4_1(work: Mapping[str, bytes]) -> Files:
    return {path.replace("/", "_/", 1): content for path, content in moodle(work).items()}


def moodle_flat(work: Mapping[str, bytes]) -> Files:
    return {
        f"Jana Novák_711_assignsubmission_file_{NAME}.ipynb": work["007"],
        "Séan Óg OBrien_712_assignsubmission_file_x.ipynb": work["b-02"],
        "Cy Muller_713_assignsubmission_file_homework.ipynb": work["cy"],
    }


def gradescope(work: Mapping[str, bytes]) -> Files:
    who = {"submission_11": "007", "submission_12": "b-02", "submission_13": "cy"}
    files = {f"assignment_5_export/{folder}/{NAME}.ipynb": work[student] for folder, student in who.items()}
    metadata = "".join(
        f"{folder}:\n  :submitters:\n  - :name: Whoever\n    :sid: '{student}'\n    :email: \n"
        f"  :created_at: {TIMES[student]}.123456000 Z\n  :score: 0.0\n  :results: !ruby/hash:Thing\n    tests: []\n"
        for folder, student in who.items()
    )
    return {**files, "assignment_5_export/submission_metadata.yml": metadata.encode()}


def blackboard(work: Mapping[str, bytes]) -> Files:
    files: Files = {}
    for username, student in (("jnovak", "007"), ("sean_ob", "b-02"), ("cymu", "cy")):
        stamp = TIMES[student].replace(" ", "-").replace(":", "-")
        files[f"Home_work 1_{username}_attempt_{stamp}_{NAME}.ipynb"] = work[student]
        note = f"Name: Some Body ({username})\r\nAssignment: Home_work 1\r\nDate Submitted: {TIMES[student]}\r\n"
        files[f"Home_work 1_{username}_attempt_{stamp}.txt"] = note.encode()
    return files


def exchange(work: Mapping[str, bytes]) -> Files:
    files: Files = {}
    for student, time in TIMES.items():
        folder = f"mlp/inbound/{student}+{NAME}+{time}.000000 UTC+cmFuZG9t"
        files |= {f"{folder}/{NAME}.ipynb": work[student], f"{folder}/timestamp.txt": f"{time}.000000 UTC".encode()}
    return files


def folders(work: Mapping[str, bytes]) -> Files:
    return {
        f"007/{NAME}/{NAME}.ipynb": work["007"],
        f"007/{NAME}/timestamp.txt": b"2026-03-01 10:00:00 UTC",
        "sean@uni.example/my.ipynb": work["b-02"],
        "Müller, Cy.zip": zipped({f"in/{NAME}.ipynb": work["cy"]}),
    }


SYSTEMS: dict[str, Callable[[Mapping[str, bytes]], Files]] = {
    "canvas": canvas,
    "moodle": moodle,
    "moodle before 4.1": moodle_before_4_1,
    "moodle flat": moodle_flat,
    "gradescope": gradescope,
    "blackboard": blackboard,
    "exchange": exchange,
    "folders": folders,
}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip."""
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return file.getvalue()


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    path.write_bytes(zipped(files))
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


def clone(path: Path, files: Mapping[str, bytes], committed: str) -> None:
    """A clone of a student's repository, as `gh classroom clone student-repos` leaves it."""
    write_folder(path, files)
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(path), "GIT_COMMITTER_DATE": committed, **identity}
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-q", "-m", "work"],
        ["gc", "-q"],
        ["pack-refs", "--all"],
    ):
        subprocess.run(["git", *arguments], cwd=path, env=environment, check=True)
