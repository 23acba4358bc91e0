"""The files around the code agree with each other and with what is installed."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE = (ROOT / "Makefile").read_text()
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
TARGETS = ("demo", "test", "lint", "release", "bench", "lab")
MORE_TARGETS = ("quick", "fuzz", "test-user", "test-open", "test-noptrace", "test-onecore")


def test_conda_installs_this_project_and_nothing_beside_it() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == PROJECT["name"]
    *plain, from_pip = environment["dependencies"]
    assert plain == [f"python{PROJECT['requires-python']}", "pip"]
    assert from_pip == {"pip": ["-e .[test]"]}
    assert "test" in PROJECT["optional-dependencies"]


def test_what_is_installed_is_this_version() -> None:
    assert importlib.metadata.version(PROJECT["name"]) == PROJECT["version"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == PROJECT["version"]


def test_torch_and_torchvision_are_a_pair() -> None:
    import torch
    import torchvision

    kept = torchvision.ops.nms(torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1]]), torch.tensor([0.5, 0.9]), 0.5)
    assert kept.tolist() == [1]  # raises where torchvision was built for another torch


def test_both_licences_are_named() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert PROJECT["license"] == "MIT AND CC-BY-4.0"
    assert "Permission is hereby granted, free of charge" in text
    assert "https://creativecommons.org/licenses/by/4.0/" in text


@pytest.mark.parametrize("target", TARGETS + MORE_TARGETS)
def test_every_target_is_there_and_sets_up_the_environment(target: str) -> None:
    assert re.search(rf"^{target}: \$\(STAMP\)", MAKEFILE, re.MULTILINE)
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_readme_and_the_page_for_contributors_name_only_what_there_is() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    code = "\n".join(_code(README + CONTRIBUTING))
    named = set(re.findall(r"`?make ([a-z]+)", code))
    assert set(TARGETS) <= named <= targets
    verbs = set(re.findall(r"python -m autograder ([a-z]+)", code))
    for verb in verbs:
        done = subprocess.run([sys.executable, "-m", "autograder", verb, "--help"], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, f"a verb is named that does not exist: {verb}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_links_within_a_page_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_page_for_contributors_names_every_room_in_its_order() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    rooms = [room.strip() for layer in contract["layers"] for room in layer.split("|")]
    section = CONTRIBUTING[CONTRIBUTING.index("| room |") : CONTRIBUTING.index("## Commands")]
    first_columns = [line.split("|")[1] for line in section.splitlines()[2:] if line.startswith("|")]
    assert re.findall(r"`([a-z_]+)/?`", " ".join(first_columns)) == rooms


def test_pre_commit_runs_what_make_lint_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    old = ("-o", ".venv/installed")  # what sets up the environment is not asked for
    dry = subprocess.run(
        ["make", "--dry-run", *old, "lint"], cwd=ROOT, env=from_a_shell(), capture_output=True, text=True
    )
    lines = [line.replace('"', "") for line in dry.stdout.splitlines()]
    commands = [line.removeprefix(f"{ROOT}/") for line in lines if line.startswith(f"{ROOT}/.venv/bin")]
    assert [hook["entry"] for hook in hooks] == commands


def test_a_notebook_gets_a_diff_of_its_own_and_a_release_counts_as_generated() -> None:
    files = ["source/01_autograd/01_autograd.ipynb", "release/01_autograd/01_autograd.ipynb"]
    command = ["git", "-c", "safe.directory=*", "check-attr", "diff", "linguist-generated", "--", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    values = [line.rpartition(": ")[2] for line in done.stdout.splitlines()]
    assert values == ["jupyternotebook", "unspecified", "jupyternotebook", "set"]


@pytest.mark.parametrize("package", ["course", "autograder"])
def test_both_packages_say_that_they_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    assert "py.typed" in data[package]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ('case "$*" in *version_info*) exit 1;; --version) echo Python 3.9.2;; esac', "and Python 3.9.2 was found"),
        ('case "$*" in *ensurepip*) exit 1;; esac', "install the package python3-venv"),
        ("exit 127", "and none was found"),
    ],
)
def test_a_python_that_will_not_do_is_said_in_one_sentence(tmp_path: Path, answers: str, sentence: str) -> None:
    for file in ("Makefile", "pyproject.toml"):
        shutil.copyfile(ROOT / file, tmp_path / file)
    fake = tmp_path / "fake-python"
    fake.write_text(f"#!/bin/sh\n{answers}\n")
    fake.chmod(0o755)
    command = ["make", "-s", "lint", f"PYTHON={fake}"]
    done = subprocess.run(command, cwd=tmp_path, env=from_a_shell(), capture_output=True, text=True)
    assert done.returncode == 2
    reason, makes_own = done.stderr.splitlines()
    assert sentence in reason
    assert makes_own.startswith("make: ***")
    assert not (tmp_path / ".venv").exists()


KIT = ROOT / "autograder" / "kit" / "templates" / "Makefile"


@pytest.mark.parametrize(
    ("makefile", "remedy"), [(ROOT / "Makefile", "VENV=.venv-3.13"), (KIT, "remove the folder .venv")]
)
def test_an_environment_keeps_the_python_that_made_it(tmp_path: Path, makefile: Path, remedy: str) -> None:
    shutil.copyfile(makefile, tmp_path / "Makefile")
    same, other = fake_pythons(tmp_path)
    stamp = tmp_path / ".venv" / "installed"
    stamp.touch()
    (tmp_path / "pyproject.toml").touch()
    os.utime(tmp_path / "pyproject.toml", (0, 0))
    done = run_make(tmp_path, ".venv/installed", f"PYTHON={other}")
    assert done.returncode == 2
    assert done.stderr.startswith(f".venv has Python 3.11, and {other} is Python 3.13; ")
    assert remedy in done.stderr.splitlines()[0]
    for arguments in ([f"PYTHON={same}"], []):
        done = run_make(tmp_path, ".venv/installed", *arguments)
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "log").exists(), "nothing was made or installed"


@pytest.mark.parametrize("makefile", [ROOT / "Makefile", KIT])
def test_an_installation_that_broke_off_is_done_again_with_the_python_that_is_named(
    tmp_path: Path, makefile: Path
) -> None:
    shutil.copyfile(makefile, tmp_path / "Makefile")
    (tmp_path / "pyproject.toml").touch()
    same, other = fake_pythons(tmp_path)
    for python, made_anew in ((same, False), (other, True)):
        assert run_make(tmp_path, ".venv/installed", f"PYTHON={python}").returncode == 0
        (tmp_path / ".venv" / "installed").unlink()
        asked = (tmp_path / "log").read_text()
        assert ("-m venv --clear" in asked) is made_anew
        assert "-m pip install" in asked


def test_the_tests_of_another_python_have_an_environment_of_their_own() -> None:
    done = run_make(ROOT, "test-3.12", "--dry-run")
    assert re.search(r" test PYTHON=\S*python3.12\S* VENV=.venv-3.12$", done.stdout, re.MULTILINE), done.stderr


def fake_pythons(folder: Path) -> tuple[Path, Path]:
    """Put a Python 3.11 into the environment and a 3.13 beside it. Both write down what they are asked to do."""
    pythons = folder / ".venv" / "bin" / "python", folder / "other-python"
    for python, number in zip(pythons, ("3.11", "3.13"), strict=True):
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(
            f"""#!/bin/sh\ncase "$1 $2" in -c*print*) echo {number};; -m*) echo "$*" >> "{folder}/log";; esac\n"""
        )
        python.chmod(0o755)
    return pythons


def run_make(folder: Path, target: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-s", target, *arguments]
    return subprocess.run(command, cwd=folder, env=from_a_shell(), capture_output=True, text=True)


def test_make_works_in_a_folder_whose_name_has_a_space(tmp_path: Path) -> None:
    folder = tmp_path / "my course"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for file in ("Makefile", "pyproject.toml"):
        shutil.copyfile(ROOT / file, folder / file)
    python = folder / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "ran $*"\n')
    python.chmod(0o755)
    (folder / ".venv" / "installed").touch()
    command = ["make", "-s", "release"]
    done = subprocess.run(command, cwd=folder, env=from_a_shell(), capture_output=True, text=True)
    assert done.stdout == "ran -m autograder release\n", done.stderr


def from_a_shell() -> dict[str, str]:
    """Return the environment without what make adds: under `make test` another make would count itself as nested."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def test_another_environment_that_is_active_does_not_mix_with_this_one() -> None:
    command = ["make", "-s", "--eval", "active: ; @echo $$VIRTUAL_ENV", "active"]
    active = from_a_shell() | {"VIRTUAL_ENV": "/another"}
    done = subprocess.run(command, cwd=ROOT, env=active, capture_output=True, text=True)
    assert done.stdout.split() == [str(ROOT / ".venv")], done.stderr


def _code(text: str) -> list[str]:
    """Return what stands in code blocks and between backticks."""
    return re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL)
