"""The command line itself: verbs on systems that lack what Linux has, and output that somebody closes."""

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from autograder.cli import SYSTEMS, main
from autograder.grade import grade
from autograder.model.records import read_records, write_record
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.results.export import FORMATS
from autograder.running.executors import LocalExecutor
from autograder.terminal import errors, output
from tests.autograder.collecting.made import write_zip
from tests.autograder.elsewhere import HIDE, MODULES, NAMES, VERBS
from tests.autograder.small_unit import NAME, RIGHT, hand_in, write_unit

SIGPIPE_STATUS = 141  # what a shell reports of a program that was ended by SIGPIPE


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, executor: LocalExecutor) -> Path:
    """A released unit that two students handed in, graded here."""
    folder = tmp_path_factory.mktemp("course")
    write_unit(folder)
    release = released(load_unit(folder, NAME))
    for student, answers in (("ada", RIGHT), ("ben", {"double": "def double(x):\n    return x ** 2"})):
        hand_in(folder, student, release, answers)
    grade(folder, NAME, executor=executor)
    (folder / "release" / NAME).mkdir(parents=True)
    nbformat.write(release, folder / "release" / NAME / f"{NAME}.ipynb")
    write_zip(folder / "work.zip", {f"ada/{NAME}.ipynb": (folder / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes()})
    return folder


@dataclass(frozen=True)
class Ended:
    """What a command line came to."""

    status: int
    out: str
    error: str


def elsewhere(course: Path, *command_lines: list[str], platform: str = "win32") -> list[Ended]:
    """Run verbs in one process where our modules find nothing that Windows and macOS lack."""
    command = [sys.executable, "-c", VERBS, platform, json.dumps(command_lines)]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return [Ended(*ended) for ended in json.loads(done.stdout)]


# What each verb but `grade` is given, and says.
EVERYWHERE = {
    "release": (["release", NAME], f"released release/{NAME}/{NAME}.ipynb"),
    "collect": (["collect", "work.zip"], "1 submissions, from folders"),
    "new": (["new", "92_new"], "wrote source/92_new/92_new.ipynb"),
    "results": (["results", NAME], "20/20"),
    "results --json": (["results", NAME, "--json"], '"student": "ben"'),
    "export": (["export", NAME, "--to", "moodle"], "wrote export/moodle.csv"),
    "feedback": (["feedback", NAME], "2 pages in feedback"),
    "report": (["report", NAME], f"wrote report/{NAME}.html"),
    "check": (["check", f"submitted/ada/{NAME}/{NAME}.ipynb"], "Passed  double_two"),
}


@pytest.fixture(scope="module")
def everywhere(course: Path) -> dict[str, Ended]:
    """What each of them came to."""
    return dict(zip(EVERYWHERE, elsewhere(course, *(line for line, _ in EVERYWHERE.values())), strict=True))


@pytest.mark.parametrize("verb", EVERYWHERE)
def test_every_verb_but_grade_runs_on_every_system(everywhere: dict[str, Ended], verb: str) -> None:
    ended = everywhere[verb]
    assert ended.status == 0, ended.error
    assert EVERYWHERE[verb][1] in ended.out
    assert not ended.error


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_grade_says_in_one_sentence_what_it_needs(course: Path, platform: str) -> None:
    (ended,) = elsewhere(course, ["grade", NAME], platform=platform)
    assert ended.status == 2
    assert not ended.out
    (line,) = ended.error.splitlines()
    assert line.startswith("error: grade needs Linux")
    assert "container" in line


def test_what_is_hidden_there_is_really_missing() -> None:
    """What the tests above rest on: for a module of ours none of it is there."""
    wanted = [f"import {module}" for module in MODULES]
    wanted += [f"from {module} import {name}" for module, names in NAMES.items() for name in names]
    program = f"""{HIDE}
for statement in {wanted!r}:
    try:
        exec(statement, {{"__name__": "autograder.somewhere"}})
    except (ImportError, AttributeError):
        continue
    print(statement)
"""
    done = subprocess.run([sys.executable, "-c", program, "win32"], capture_output=True, text=True, timeout=300)
    assert done.stdout == ""
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["release", "--help"], ["grade", NAME]], ids=" ".join)
def test_a_verb_imports_nothing_large_that_it_does_not_need(course: Path, arguments: list[str]) -> None:
    program = f"""
import sys
from autograder.cli import main
try:
    status = main({arguments!r})
except SystemExit as end:
    status = end.code
large = {{"nbgrader", "torch", "matplotlib", "IPython", "sqlalchemy"}}.intersection(sys.modules)
sys.exit(f"imported {{large}}" if large else status)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=course, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_without_a_verb_all_verbs_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr().err
    assert all(
        f"\n    {verb} " in said for verb in ("release", "collect", "grade", "feedback", "export", "check", "kit")
    )


def test_names_between_colons_are_no_emoji(capsys: pytest.CaptureFixture[str]) -> None:
    output().print("page.md:100: :cat:")
    errors().print("page.md:100: :cat:")
    assert capsys.readouterr() == ("page.md:100: :cat:\n", "page.md:100: :cat:\n")


def test_the_command_line_names_every_format() -> None:
    assert set(SYSTEMS) == set(FORMATS)


@pytest.fixture(scope="module")
def large_class(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More records than a pipe holds."""
    folder = tmp_path_factory.mktemp("large")
    write_unit(folder)
    one = read_records(course, NAME).readable[0]
    for number in range(300):
        write_record(folder, dataclasses.replace(one, student=f"s{number:03}"))
    return folder


@pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [
        (["results", NAME, "--json"], ""),
        (["results", NAME, "--json"], "1"),
        (["results", NAME], ""),
        (["feedback", NAME], ""),
        (["--help"], ""),
    ],
    ids=["json", "json unbuffered", "table", "feedback", "help"],
)
def test_output_that_nobody_reads_any_more_ends_a_verb_quietly(
    large_class: Path, arguments: list[str], unbuffered: str
) -> None:
    """The reader closes the pipe before a line is written; with a buffer, Python notices when it is flushed."""
    command = [sys.executable, "-m", "autograder", *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            command, cwd=large_class, env=environment, stdout=pipe, stderr=subprocess.PIPE, timeout=300
        )
    assert (done.returncode, done.stderr) == (SIGPIPE_STATUS, b"")


def test_head_gets_its_line(large_class: Path) -> None:
    shell = f"set -o pipefail; {sys.executable} -m autograder results {NAME} --json | head -n 1"
    done = subprocess.run(["bash", "-c", shell], cwd=large_class, capture_output=True, text=True, timeout=300)
    assert done.stdout.startswith('{"student": "s000"')
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
    assert done.returncode == SIGPIPE_STATUS
