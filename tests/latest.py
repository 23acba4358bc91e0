"""Run the tests with the newest release of every dependency, upper bounds ignored, and name what broke them: `make latest`.

`.venv-latest` is made anew. The versions with which all tests passed last are kept in `tests/latest_green.txt`; commit it after a
run that wrote it. Where tests fail, each package that changed since then is put back to its old version, alone, and the failed tests
run again: a package with whose old version they pass is named. Where none is, several broke them together, or it was no package.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.conftest import ROOT

VENV = ROOT / ".venv-latest"
PYTHON = VENV / "bin" / "python"
GREEN = ROOT / "tests" / "latest_green.txt"
OWN = "mlp-course"
EVERYTHING = ("-n", "auto", "--maxprocesses", "8")  # as `make test` does: each process takes a gigabyte of memory
LOWER = (
    ">=",
    ">",
    "!=",
)  # what is kept of a requirement: too old stays too old, and what is known to be broken stays out


@dataclass(frozen=True)
class Change:
    """A package whose version is another one; "" where there was or is none."""

    name: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.name} {self.old or '(not there)'} -> {self.new or '(gone)'}"


def main(arguments: list[str]) -> int:
    """Run the tests that pytest's arguments choose; return 0 where they pass."""
    try:
        _install()
    except subprocess.CalledProcessError:
        print(
            "the newest releases cannot be installed together; pip says above which of them stand in each other's way"
        )
        return 1
    now = _versions(PYTHON)
    before = read_green(GREEN.read_text()) if GREEN.is_file() else _versions(Path(sys.executable))
    changed = changes(before, now)
    print(f"{len(changed)} packages differ from {GREEN.name if GREEN.is_file() else '.venv'}:", *changed, sep="\n  ")
    if _passes(arguments):
        if not arguments:
            GREEN.write_text(write_green(now))
            print(f"all tests pass; commit {GREEN.relative_to(ROOT)}")
        return 0
    broken = blamed(changed, _passes_with)
    names = ", ".join(map(str, broken)) or "no package alone; it may be several together, or the code"
    print(f"tests failed; to blame: {names}")
    return 1


def newest(requirement: str) -> str:
    """Return a requirement without its upper bounds and exact versions."""
    parsed = Requirement(requirement)
    parsed.specifier = SpecifierSet(",".join(str(bound) for bound in parsed.specifier if bound.operator in LOWER))
    return str(parsed)


def requirements(pyproject: str, extra: str = "test") -> list[str]:
    """Return what the project requires with an extra and those that it names, without upper bounds and without the project itself."""
    project = tomllib.loads(pyproject)["project"]
    return [newest(one) for one in [*project["dependencies"], *_of_extra(project["optional-dependencies"], extra)]]


def _of_extra(extras: Mapping[str, list[str]], name: str) -> Iterator[str]:
    for one in extras[name]:
        parsed = Requirement(one)
        if parsed.name != OWN:
            yield one
        for other in sorted(parsed.extras) if parsed.name == OWN else []:
            yield from _of_extra(extras, other)


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    """Return the packages whose versions differ, by name."""
    names = sorted({*before, *now})
    every = [Change(name, before.get(name, ""), now.get(name, "")) for name in names]
    return [change for change in every if change.old != change.new]


def blamed(changed: Iterable[Change], passes_with: Callable[[Change], bool]) -> list[Change]:
    """Return the packages with whose old version, and the new one of all others, the failed tests pass."""
    return [change for change in changed if change.old and change.new and passes_with(change)]


def read_green(text: str) -> dict[str, str]:
    """Return the versions by package that `write_green` wrote."""
    return dict(line.split("==") for line in text.split())


def write_green(versions: Mapping[str, str]) -> str:
    """Return versions by package as pip writes them, one per line."""
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def _install() -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    _pip("install", "--upgrade", *requirements((ROOT / "pyproject.toml").read_text()))
    _pip("install", "--no-deps", "--editable", str(ROOT))


def _pip(*arguments: str) -> None:
    subprocess.run([PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def _versions(python: Path) -> dict[str, str]:
    command = [python, "-m", "pip", "--disable-pip-version-check", "list", "--format=json"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {package["name"].lower(): package["version"] for package in listed if package["name"].lower() != OWN}


def _passes(arguments: list[str]) -> bool:
    return subprocess.run([PYTHON, "-m", "pytest", *(arguments or EVERYTHING)], cwd=ROOT).returncode == 0


def _passes_with(change: Change) -> bool:
    """Put one package back, run the tests that failed, and bring it up to date again."""
    try:
        _pip("install", "--no-deps", f"{change.name}=={change.old}")
        return _passes(["--last-failed", "--last-failed-no-failures", "none", "-q"])
    except subprocess.CalledProcessError:
        return False  # that version cannot be had any more
    finally:
        _pip("install", "--no-deps", f"{change.name}=={change.new}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
