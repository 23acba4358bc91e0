"""A course of one small unit, and its kit."""

import shutil
from pathlib import Path

import pytest

from autograder.kit.contents import Files, kit_files
from tests.autograder import small_unit
from tests.conftest import ROOT

SETTING = '[tool.mlp-course]\nrepository = "someone/mlp-kit"\nbranch = "term"\n'


@pytest.fixture(scope="session")
def small_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("course")
    small_unit.write_unit(course)
    (course / "source" / small_unit.NAME / "numbers.csv").write_text("1,2\n")
    shutil.copyfile(ROOT / "LICENSE", course / "LICENSE")
    return course


@pytest.fixture(scope="session")
def files(small_course: Path) -> Files:
    return kit_files(small_course)


@pytest.fixture(scope="session")
def published(small_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The kit of the same course with a repository set."""
    course = tmp_path_factory.mktemp("published")
    shutil.copytree(small_course, course, dirs_exist_ok=True)
    (course / "pyproject.toml").write_text(SETTING)
    return kit_files(course)
