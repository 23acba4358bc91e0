"""What nbgrader is told about a course folder: its `nbgrader_config.py`, and where its files lie."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Application, Config

from autograder.errors import CourseError


@dataclass(frozen=True)
class Settings:
    """nbgrader's configuration of one course, and the course's folders and database by that configuration."""

    config: Config
    folders: CourseDirectory


def read_settings(course: Path) -> Settings:
    """Run the course's `nbgrader_config.py`, if there is one; raises CourseError where it fails."""
    config = _run_config_file(course)
    return Settings(config, CourseDirectory(config=config, root=str(course.absolute())))


@contextlib.contextmanager
def plugins_importable(course: Path) -> Iterator[None]:
    """Let nbgrader import plugins from the course folder: a late-penalty plugin may be a module there."""
    sys.path.insert(0, str(course.absolute()))
    try:
        yield
    finally:
        sys.path.remove(str(course.absolute()))


def _run_config_file(course: Path) -> Config:
    application = Application()
    application.raise_config_file_errors = True
    before = Path.cwd()
    try:
        os.chdir(course)  # nbgrader runs the file there, and the file may rely on it
        with plugins_importable(course):  # it may import them itself
            application.load_config_file("nbgrader_config", path=["."])
    except (Exception, SystemExit) as error:  # the file is a program and may raise anything
        raise CourseError(f"{course / 'nbgrader_config.py'}: cannot be run ({error}); fix it") from error
    finally:
        os.chdir(before)
    return application.config
