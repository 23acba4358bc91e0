"""The files around the code agree with each other and with what is installed."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE = (ROOT / "Makefile").read_text()
README = (ROOT / "README.md").read_text()
TARGETS = ("demo", "test", "lint", "release", "bench", "lab")


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


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_there_and_sets_up_the_environment(target: str) -> None:
    assert re.search(rf"^{target}: \$\(STAMP\)", MAKEFILE, re.MULTILINE)
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_readme_names_only_what_there_is() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", "\n".join(_code(README))))
    assert set(TARGETS) <= named <= targets
    verbs = set(re.findall(r"python -m autograder ([a-z]+)", "\n".join(_code(README))))
    for verb in verbs:
        done = subprocess.run(
            [ROOT / ".venv/bin/python", "-m", "autograder", verb, "--help"], cwd=ROOT, capture_output=True
        )
        assert done.returncode == 0, f"README.md tells of a verb that is not there: {verb}"


def test_links_within_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


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
    told, makes_own = done.stderr.splitlines()
    assert sentence in told
    assert makes_own.startswith("make: ***")
    assert not (tmp_path / ".venv").exists()


def from_a_shell() -> dict[str, str]:
    """The environment without what make adds: under `make test` a make within would count itself as the second."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def test_another_environment_that_is_active_does_not_mix_with_this_one() -> None:
    command = ["make", "-s", "--eval", "told: ; @echo $$VIRTUAL_ENV", "told"]
    active = from_a_shell() | {"VIRTUAL_ENV": "/another"}
    done = subprocess.run(command, cwd=ROOT, env=active, capture_output=True, text=True)
    assert done.stdout.split() == [str(ROOT / ".venv")], done.stderr


def _code(text: str) -> list[str]:
    """What stands in code blocks and between backticks."""
    return re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL)
