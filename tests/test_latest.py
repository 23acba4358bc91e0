"""`make latest`: what it installs, what it says has changed, and what it blames."""

from packaging.requirements import Requirement

from tests.conftest import ROOT
from tests.latest import EVERYTHING, Change, blamed, changes, newest, read_green, requirements, write_green

BEFORE = {"numpy": "2.0", "rich": "13", "gone": "1"}
NOW = {"numpy": "2.1", "rich": "13", "added": "3"}


def test_upper_bounds_and_exact_versions_are_left_out() -> None:
    assert newest("nbgrader>=0.9.5,<0.10") == "nbgrader>=0.9.5"
    assert newest("torch>=2.11,!=2.13.*") == "torch!=2.13.*,>=2.11"
    assert newest("rich==13") == newest("rich~=13.0") == "rich"


def test_what_is_installed_is_all_that_the_tests_need() -> None:
    names = {Requirement(one).name for one in requirements((ROOT / "pyproject.toml").read_text())}
    assert {"torch", "distributed", "pytest", "sphinx"} <= names
    assert names.isdisjoint({"mlp-course", "atheris"})


def test_as_many_tests_run_at_once_as_under_make_test() -> None:
    assert f"AT_ONCE := {' '.join(EVERYTHING)}\n" in (ROOT / "Makefile").read_text()


def test_changes_are_named_with_both_versions() -> None:
    said = [str(change) for change in changes(BEFORE, NOW)]
    assert said == ["added (not there) -> 3", "gone 1 -> (gone)", "numpy 2.0 -> 2.1"]


def test_what_was_kept_of_a_green_run_is_read_back() -> None:
    assert read_green(write_green(NOW)) == NOW


def test_only_a_package_whose_old_version_mends_the_tests_is_blamed() -> None:
    changed = changes(BEFORE | {"jinja2": "3.0"}, NOW | {"jinja2": "3.1"})
    tried: list[str] = []

    def passes_with(change: Change) -> bool:
        tried.append(change.name)
        return change.name == "numpy"

    assert blamed(changed, passes_with) == [Change("numpy", "2.0", "2.1")]
    assert tried == ["jinja2", "numpy"], "a package that is new or gone has no version to go back to"
