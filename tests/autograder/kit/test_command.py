"""`python -m autograder kit`, and the Makefile that the kit brings along."""

import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.kit.contents import Files
from autograder.kit.write import write_folder
from tests.autograder.small_unit import NAME
from tests.test_packaging import from_a_shell


@pytest.fixture
def course(small_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(small_course, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


def test_a_folder_a_zip_and_a_branch_are_made_and_named(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kit"]) == 0
    assert "wrote kit:" in capsys.readouterr().out
    assert (course / "kit" / "release" / NAME / f"{NAME}.ipynb").is_file()
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", course], check=True)
    (course / "pyproject.toml").write_text('[tool.mlp-course]\nrepository = "someone/mlp-kit"\n')
    assert main(["kit", "out/term", "--zip", "--branch", "kit", "--units", "90"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "wrote out/term.zip:" in said
    assert "publish it with git push https://github.com/someone/mlp-kit kit:main" in said
    assert (course / "out" / "term.zip").is_file()
    assert not (course / "out" / "term").exists()


def test_what_stands_in_the_way_is_said_in_one_sentence(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kit", "source"]) == 2
    assert "source: holds something that is no kit" in " ".join(capsys.readouterr().err.split())
    assert sorted(path.name for path in (course / "source").iterdir()) == [NAME]


def test_make_lab_sets_up_the_environment_and_opens_the_start_page(files: Files, tmp_path: Path) -> None:
    write_folder(files, tmp_path)
    done = subprocess.run(
        ["make", "--dry-run", "lab"], cwd=tmp_path, env=from_a_shell(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "pip install" in done.stdout
    assert done.stdout.rstrip().endswith("-m jupyterlab start.ipynb")


@pytest.mark.parametrize("writable", [True, False])
def test_where_nobody_may_write_to_the_home_folder_jupyter_has_another(
    files: Files, tmp_path: Path, writable: bool
) -> None:
    write_folder(files, tmp_path / "kit")
    home = tmp_path if writable else Path("/proc/nobody")
    python = tmp_path / "kit" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$HOME"\n')  # asked for the folder of JupyterLab first, then started
    python.chmod(0o755)
    (tmp_path / "kit" / ".venv" / "installed").touch()
    done = subprocess.run(
        ["make", "-s", "lab"],
        cwd=tmp_path / "kit",
        env=from_a_shell() | {"HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{home if writable else tmp_path / 'kit' / '.venv' / 'home'}\n", done.stderr


def test_a_python_that_will_not_do_is_said_in_one_sentence(files: Files, tmp_path: Path) -> None:
    write_folder(files, tmp_path)
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "-s", "lab", f"PYTHON={old}"], cwd=tmp_path, env=from_a_shell(), capture_output=True, text=True
    )
    assert done.returncode == 2
    reason, makes_own = done.stderr.splitlines()
    assert reason.startswith("Python 3.11 or newer")
    assert makes_own.startswith("make: ***")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("target", "python", "words"),
    [
        ("check", "exit 0", "Name your notebook: make check NOTEBOOK=work/"),
        ("lab", 'case "$*" in *venv*) exit 1;; esac', "copy the folder to where you may write"),
        (
            "lab",
            'case "$*" in *"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;; *pip*) exit 1;; esac',
            "needs a network",
        ),
    ],
    ids=["no notebook", "read-only", "no network"],
)
def test_what_make_cannot_do_is_said_with_what_to_do(
    files: Files, tmp_path: Path, target: str, python: str, words: str
) -> None:
    write_folder(files, tmp_path)
    (tmp_path / "python").write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*|*version_info*) exit 0;; esac\n{python}\n')
    (tmp_path / "python").chmod(0o755)
    if target == "check":
        (tmp_path / ".venv").mkdir()
        (tmp_path / ".venv" / "installed").touch()
    done = subprocess.run(
        ["make", "-s", target, f"PYTHON={tmp_path / 'python'}"],
        cwd=tmp_path,
        env=from_a_shell(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    said, makes_own = done.stderr.splitlines()
    assert words in said
    assert makes_own.startswith("make: ***")
    assert (tmp_path / ".venv" / "installed").exists() == (target == "check")
