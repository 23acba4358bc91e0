"""A class is graded again when the grader changed in a way that can change a grade, and only then."""

import importlib.metadata
import shutil
from collections.abc import Iterable
from pathlib import Path

import grimp
import pytest

from autograder.model import version
from tests.conftest import ROOT

# Modules that grading imports although no edit of them can change a grade. Each with the reason.
NOT_HASHED = {
    "autograder": "puts off an import",
    "autograder.errors": "names the errors",
    "autograder.interpreter": "keeps other modules from taking the place of Python's own",
    "autograder.slow_import": "puts off an import",
    "autograder.gradebook": "shows records that are there already",
    "autograder.gradebook.limits": "reads settings, which are part of what a record remembers",
    "autograder.model": "says what lies in the folder",
    "autograder.model.files": "reads and writes files as they are",
    "autograder.model.lock": "keeps two graders apart",
    "autograder.model.progress": "reports progress",
    "autograder.model.records": "stores what was graded; a record of another layout has another VERSION",
    "autograder.model.version": "is this list itself",
    "autograder.release": "says what lies in the folder",
    "autograder.release.leaks": "can only refuse to release",
    "autograder.release.lint": "can only warn or refuse to release",
    "autograder.release.scope": "can only refuse to release",
    "autograder.release.stamp": "puts cells on top that are nobody's work",
    "course.figures": "draws",
    "course.plots": "draws",
    "course.progress": "draws",
    "course.quiz": "asks",
    "course.saving": "keeps a copy of the notebook",
    "course.start": "shows the student's own progress",
    "course.widgets": "draws",
}  # fmt: skip
FOLDERS = ("autograder.gradebook", "course.plots", "course.widgets")  # those above of which nothing is hashed
ROOMS = ("reading", "rpc", "running", "sandbox")
EDITED = ["grade.py", "model/units.py", "model/outcomes.py", "model/text.py", "release/build.py", "release/folding.py"]
EDITED_OF_COURSE = ["__init__.py", "checks.py", "data.py", "training.py", "inspection.py", "digits/digits_8x8.npz"]
HARMLESS = [
    "results/export.py",
    "results/feedback.py",
    "results/templates/feedback.html.j2",
    "gradebook/writer.py",
    "cli.py",
    "model/marks.py",
]
HARMLESS_OF_COURSE = [
    "plots/losses.py",
    "widgets/explorer.py",
    "quiz.py",
    "questions/01_autograd.toml",
    "digits/README.md",
]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with copies of the two packages."""
    folder = tmp_path_factory.mktemp("packages")
    for name in ("autograder", "course"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def digest(packages: Path) -> str:
    return version.digest(packages / "autograder", packages / "course")


def digest_after_an_edit(packages: Path, path: Path) -> str:
    before = path.read_bytes()
    path.write_bytes(before + b"\n# edited")
    try:
        return digest(packages)
    finally:
        path.write_bytes(before)


def of(package: str, names: list[str]) -> list[str]:
    return [f"{package}/{name}" for name in names]


@pytest.mark.parametrize("name", of("autograder", EDITED) + of("course", EDITED_OF_COURSE))
def test_an_edit_of_what_takes_part_in_grading_changes_the_digest(packages: Path, name: str) -> None:
    assert digest_after_an_edit(packages, packages / name) != digest(packages)


@pytest.mark.parametrize("room", ROOMS)
def test_so_does_an_edit_of_any_module_in_the_rooms_that_grade(packages: Path, room: str) -> None:
    before = digest(packages)
    for path in (packages / "autograder" / room).rglob("*.py"):
        assert digest_after_an_edit(packages, path) != before, path


@pytest.mark.parametrize("name", of("autograder", HARMLESS) + of("course", HARMLESS_OF_COURSE))
def test_an_edit_of_what_only_shows_grades_or_draws_changes_nothing(packages: Path, name: str) -> None:
    assert digest_after_an_edit(packages, packages / name) == digest(packages)


def test_a_new_module_in_a_hashed_folder_and_one_moved_between_two_change_the_digest(packages: Path) -> None:
    seen = {digest(packages)}
    for folder in ("rpc", "running"):
        added = packages / "autograder" / folder / "added.py"
        added.write_text("")
        seen.add(digest(packages))
        added.unlink()
    assert len(seen) == 3


def test_another_torch_is_another_grader(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(packages)
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "0.0")
    assert digest(packages) != before


def test_another_python_is_another_grader(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(packages)
    monkeypatch.setattr(version, "PYTHON", (3, 99))
    assert digest(packages) != before


def test_this_grader_s_digest_is_that_of_the_packages_in_use() -> None:
    assert version.grader_digest() == version.digest(ROOT / "autograder", ROOT / "course")


def test_whatever_grading_imports_is_hashed_or_has_a_reason_not_to_be() -> None:
    missing = {module for module in taking_part() - hashed_modules() if not harmless(module)}
    assert not missing, "add these to GRADER_PARTS in autograder/model/version.py, or to NOT_HASHED here with a reason"


def test_reasons_are_given_only_for_modules_that_are_there_and_not_hashed() -> None:
    assert {*NOT_HASHED} <= imports().modules - hashed_modules()
    assert all((ROOT / "course" / name).exists() for name in version.COURSE_WITHOUT)


def test_a_module_that_is_missing_in_the_list_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "GRADER_PARTS", tuple(set(version.GRADER_PARTS) - {"model/units.py", "rpc"}))
    missing = {module for module in taking_part() - hashed_modules() if not harmless(module)}
    assert {"autograder.model.units", "autograder.rpc.frames"} <= missing


def imports() -> grimp.ImportGraph:
    return grimp.build_graph("autograder", "course", cache_dir=None)


def taking_part() -> set[str]:
    """Return every module that grading imports, though not what only harmless modules import."""
    graph = imports()
    reached: set[str] = set()
    waiting = {"autograder.grade", *hashed_modules()}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        if not harmless(module):
            waiting |= (graph.find_modules_directly_imported_by(module) | folders(module)) - reached
    return reached


def hashed_modules() -> set[str]:
    return modules(version.grader_files(ROOT / "autograder")) | modules(version.course_files(ROOT / "course"))


def harmless(module: str) -> bool:
    """Return whether a reason is given for a module or for a folder of modules in which it lies."""
    return module in NOT_HASHED or any(folder in FOLDERS for folder in folders(module))


def modules(files: Iterable[Path]) -> set[str]:
    """Return the names of the modules in these files."""
    parts = [path.relative_to(ROOT).with_suffix("").parts for path in files if path.suffix == ".py"]
    return {".".join(names[:-1] if names[-1] == "__init__" else names) for names in parts}


def folders(module: str) -> set[str]:
    """Return the packages that importing a module runs first."""
    names = module.split(".")
    return {".".join(names[:count]) for count in range(1, len(names))}
