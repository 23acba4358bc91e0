"""Mistakes that a check names: each must be a value that the right answer and the check's other mistakes do not give."""

import contextlib
import io
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch

from autograder.model.units import Kind, list_units, load_unit
from course.checks import ATOL, RTOL, Check, CheckFailed, check_value
from tests.conftest import ROOT

ASSERTIONS = ("is_close", "equals", "is_shape")


def same(value: Any, other: Any, assertion: str, tolerances: dict[str, float]) -> bool:
    """Whether a result `value` passes for `other`, where two nans are the same."""
    try:
        getattr(check_value("a result", value), assertion)(other, **tolerances)
    except CheckFailed:
        return _both_nan(value, other)
    return True


def _both_nan(value: Any, other: Any) -> bool:
    with contextlib.suppress(TypeError, ValueError):
        a, b = (torch.as_tensor(v, dtype=torch.float64) for v in (value, other))
        same_shape = a.shape == b.shape
        return same_shape and bool(a.isnan().any()) and torch.allclose(a, b, rtol=RTOL, atol=ATOL, equal_nan=True)
    return False


def ambiguous(
    expected: Any, mistakes: Mapping[str, Any], assertion: str, tolerances: dict[str, float]
) -> Iterator[str]:
    """Name each mistake whose value is the right one, and each two that share a value."""
    entries = list(mistakes.items())
    for place, (words, value) in enumerate(entries):
        if same(value, expected, assertion, tolerances):
            yield f"the right value: {words}"
        for other_words, other in entries[place + 1 :]:
            if same(value, other, assertion, tolerances):
                yield f"one value: {words} | {other_words}"


def found_in(name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run a unit's reference and its tests, and name the ambiguous mistakes of all their checks."""
    findings: list[str] = []
    running = ""

    def watched(assertion: str) -> Any:
        original = getattr(Check, assertion)

        def watch(self: Check, expected: Any, *, mistakes: Mapping[str, Any] | None = None, **more: Any) -> Check:
            tolerances = {key: value for key, value in more.items() if key in ("rtol", "atol")}
            findings.extend(
                f"{running}, {self.call}: {finding}"
                for finding in ambiguous(expected, mistakes or {}, assertion, tolerances)
            )
            return original(self, expected, mistakes=mistakes, **more)

        return watch

    for assertion in ASSERTIONS:
        monkeypatch.setattr(Check, assertion, watched(assertion))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in load_unit(ROOT, name).of_kind(Kind.SHARED, Kind.PLAIN, Kind.ANSWER, Kind.TEST):
        running = cell.id
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell.source, cell.id, "exec"), namespace)
    return findings


@pytest.mark.parametrize("name", list_units(ROOT))
def test_a_mistake_that_a_check_names_can_be_no_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_in(name, monkeypatch) == []


@pytest.mark.parametrize(
    ("mistakes", "words"),
    [
        ({"Summed.": 6.0, "Not averaged.": 2.0}, "the right value: Not averaged."),
        ({"Summed.": 6.0, "Counted.": 6.00001, "Squared.": 36.0}, "one value: Summed. | Counted."),
        ({"Overflow.": float("nan"), "No rows.": float("nan")}, "one value: Overflow. | No rows."),
    ],
)
def test_mistakes_that_share_a_value_are_found(mistakes: dict[str, Any], words: str) -> None:
    assert list(ambiguous(2.0, mistakes, "is_close", {})) == [words]


def test_mistakes_that_differ_are_fine() -> None:
    mistakes = {"Summed.": 6.0, "Each by itself.": [1.0, 2.0, 3.0], "Lost.": float("nan")}
    assert not list(ambiguous(2.0, mistakes, "is_close", {}))
    assert not list(ambiguous((2, 3), {"Turned round.": (3, 2)}, "is_shape", {}))
