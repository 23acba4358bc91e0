"""What a message says about the kind of a result, about its difference from what was expected, and about an exception."""

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from course.checks import Check, CheckFailed, check, check_value


def message_of(assertion: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(CheckFailed) as caught:
        assertion(*args, **kwargs)
    return str(caught.value)


def note_on(answer: object, expected: Any, **more: Any) -> str:
    """The note in the message for an answer that returns `answer` where `expected` was right."""
    return line_of("Note", message_of(check_value("a result", answer).is_close, expected, **more))


def line_of(fact: str, message: str) -> str:
    return next(
        (line.split(":", 1)[1].strip() for line in message.splitlines() if line.strip().startswith(f"{fact}:")), ""
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((n for n in (1.0, 2.0)), "a generator has computed nothing yet"),
        (torch.ones(2).sum, "this is a function, not what it returns"),
        (lambda: 2.0, "this is a function, not what it returns"),
        (nn.ReLU, "this is a class, not an object of it"),
        (nn.ReLU(), "this is a module, not what it makes of numbers"),
        (ValueError("no"), "write raise in place of return"),
        (..., "... stands for what you have to fill in"),
        ({"a": 1.0}, "this is a dictionary"),
        ({1.0, 2.0}, "a set has no order"),
        ("2", "a text is not a number"),
        ([None, 2.0], "there is None among these"),
        ([[1.0], [1.0, 2.0]], "the rows are of unequal length"),
        ((torch.ones(2), 4), "2 results came back, and one is expected"),
        (torch.tensor([[1.0, 3.0]]).max(1), "values and places: take .values"),
        ((torch.ones(2),), "take its entry [0]"),
        ((torch.ones(2), torch.ones(2)), "2 results came back, and one is expected"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_result_of_another_kind_is_called_what_it_is(answer: object, words: str) -> None:
    assert words in note_on(answer, [1.0, 2.5])


@pytest.mark.parametrize("assertion", ["has_shape", "numbers", "parts", "is_a", "is_shape"])
def test_every_assertion_about_the_kind_says_so(assertion: str) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "has_shape": ((2,),),
        "parts": ("a", "b"),
        "is_a": (Tensor,),
        "is_shape": ((2,),),
    }
    made = check_value("a result", {"a": 1})
    assert "this is a dictionary" in message_of(getattr(made, assertion), *arguments.get(assertion, ()))


def test_a_returned_exception_is_told_from_a_raised_one() -> None:
    assert "write raise" in message_of(check_value("a result", ValueError("no")).raises, ValueError)
    assert "Note" not in message_of(check_value("a result", {"a": 1}).raises, ValueError)


WANTED = torch.tensor([[1.0, 2.5], [4.0, -3.0], [0.5, 7.0]])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (-WANTED, "the sign is the other one"),
        (WANTED * 3, "each number is 3.0 times the expected one"),
        (WANTED / 4, "each number is 0.25 times the expected one"),
        (WANTED + 1.5, "each number is 1.5 more than the expected one"),
        (WANTED - 1, "each number is 1.0 less than the expected one"),
        (WANTED.T, "rows and columns have changed places"),
        (WANTED.flip(0), "in another order"),
        (WANTED[:, None], "only the shape is another"),
        (WANTED.flatten(), "only the shape is another"),
        (WANTED[0], "the first of the expected rows alone"),
        (WANTED[-1], "the last of the expected rows alone"),
        (WANTED[1:], "the first row is missing"),
        (WANTED[:-1], "the last row is missing"),
        (torch.cat([torch.zeros(1, 2), WANTED]), "one row too many in front"),
        (torch.cat([WANTED, torch.zeros(1, 2)]), "one row too many at the end"),
        (WANTED.sum(0), "this is the sum along dimension 0 of the expected result"),
        (WANTED.mean(1), "this is the mean along dimension 1 of the expected result"),
        (WANTED.sum(), "this is the sum of the expected result"),
        (torch.stack([WANTED - 1, WANTED + 1]), "the mean along dimension 0 of this is the expected result"),
        (WANTED.long(), "is something cut or rounded, or of a dtype such as int64"),
        (torch.log(WANTED), "nan comes of"),
        (WANTED / torch.tensor([0.0, 1.0]), "inf comes of"),
    ],
)
def test_how_numbers_differ_is_said_where_it_can_be(answer: Tensor, words: str) -> None:
    assert words in note_on(answer, WANTED)
    if answer.dim():
        assert words in note_on(answer.tolist(), WANTED)


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (2.6, 1.3, "this is 2 times the expected number"),
        (0.65, 1.3, "this is half of the expected number"),
        (-1.3, 1.3, "the sign is the other one"),
        (1, 1.3, "is something cut or rounded"),
    ],
)
def test_how_one_number_differs(answer: float, expected: float, words: str) -> None:
    assert words in note_on(answer, expected)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (WANTED**2, WANTED),
        ([2, 3], [1, 2]),
        (2, 1),
        (1.0, 1.3),
        (0.1, 0.6),
        (torch.zeros(3, 2), WANTED),
        (0.0, [1.0, -1.0]),
        (torch.tensor([2.0, 2.0]), [1.0, 1.0]),
        (math.nan, math.nan),
    ],
)
def test_chance_and_ignorance_say_nothing(answer: Any, expected: Any) -> None:
    assert note_on(answer, expected) == ""


def test_exactness_is_no_factor() -> None:
    assert line_of("Note", message_of(check_value("a result", [1.0, 2.00001]).equals, [1.0, 2.0])) == ""


def test_a_mistake_that_is_known_says_it_all() -> None:
    error = message_of(check_value("a result", 2.6).is_close, 1.3, mistakes={"The half is missing.": 2.6})
    assert "The half is missing." in error
    assert "Note" not in error


def test_a_tolerance_of_the_check_is_one_of_the_note() -> None:
    assert "rows and columns" in note_on([[0.1001, 3], [2, 4]], [[0.1, 2], [3, 4]], atol=1e-3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (torch.ones(2, 3), "this is the tensor itself, and its shape is right"),
        (6, "this is how many numbers there are"),
        ("(2, 3)", "this is a text, not a shape"),
        (torch.ones(2, 3).size, "this is a function"),
    ],
)
def test_what_is_no_shape_is_called_what_it_is(answer: object, words: str) -> None:
    assert words in message_of(check_value("a result", answer).is_shape, (2, 3))


def slip(x: Tensor) -> Any:
    leaf = x.clone().requires_grad_()
    return {
        "leaf in place": lambda: leaf.add_(1),
        "no graph": lambda: x.sum().backward(),
        "twice": lambda: [loss.backward() for loss in [(leaf**2).sum()] * 2],
        "not one": lambda: (leaf**2).backward(),
        "whole": lambda: torch.tensor([1], requires_grad=True),
        "product": lambda: torch.ones(2, 3) @ torch.ones(2, 3),
        "vector": lambda: torch.ones(2, 3) @ torch.ones(2),
        "broadcast": lambda: torch.ones(3) + torch.ones(2),
        "broadcast in NumPy": lambda: np.ones(3) + np.ones(2),
        "if": lambda: max(0, x),
        "if in NumPy": lambda: bool(np.ones(2) > 0),
        "math": lambda: math.exp(x),
        "mean": lambda: (x > 0).mean(),
        "integers": lambda: torch.nn.functional.mse_loss(x.long(), x.long()),
        "places": lambda: x - x.max(0),
        "not called": lambda: x - x.max,
        "size": lambda: x.shape(),
        "round": lambda: x(0),
        "none": lambda: [].append(1) + 1,  # type: ignore[func-returns-value]
        "float place": lambda: x[: 0.5 * 2],  # type: ignore[misc]
        "float index": lambda: x[x],
        "loop": lambda: list(3),  # type: ignore[call-overload]
        "piece": lambda: torch.nn.functional.elu(x, ast.parse("2.0", mode="eval").body),  # type: ignore[arg-type]
        "text": lambda: torch.nn.functional.elu(x, "2.0"),  # type: ignore[arg-type]
        "gap": lambda: torch.tensor([...]),
        "class": lambda: nn.Sequential().add_module("a", nn.ReLU),  # type: ignore[arg-type]
        "no forward": lambda: nn.Module()(x),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("leaf in place", "under torch.no_grad()"),
        ("no graph", "nothing that asks for a gradient"),
        ("twice", "through one graph twice"),
        ("not one", "starts from one number"),
        ("whole", "whole numbers have no gradient"),
        ("product", "In A @ B"),
        ("vector", "In A @ B"),
        ("broadcast", "Compared from the right"),
        ("broadcast in NumPy", "Compared from the right"),
        ("if", "ask for one True or False"),
        ("if in NumPy", "ask for one True or False"),
        ("math", "functions of math take one"),
        ("mean", ".float() converts"),
        ("integers", ".float() converts"),
        ("places", "take .values"),
        ("not called", "brackets () missing"),
        ("size", "shape is no method"),
        ("round", "square ones [] pick a place"),
        ("none", "something here is None"),
        ("float place", "counted in whole numbers"),
        ("float index", "counted in whole numbers"),
        ("loop", "range(n) counts"),
        ("piece", "ast.literal_eval reads it"),
        ("text", "still a text"),
        ("gap", "what you have to fill in"),
        ("class", "only a module can be added"),
        ("no forward", "the name forward"),
    ],
)
def test_the_words_of_python_and_pytorch_are_explained(name: str, words: str) -> None:
    made = check(lambda x: slip(x)[name](), torch.tensor([0.5, 1.5]))
    error = message_of(made.is_close, 1.0, hint="Take the mean.")
    assert words in line_of("Means", error), error
    assert "Task:       Take the mean." in error


def test_an_exception_that_was_asked_for_is_not_explained() -> None:
    error = message_of(check(lambda: torch.ones(3) + torch.ones(2)).raises, ValueError, hint="Raise ValueError.")
    assert "Means" not in error


class Untidy(nn.Module):
    """A module that adds to itself before it is one."""

    def __init__(self) -> None:
        self.layer = nn.Linear(1, 1)


def test_modules_that_cannot_be_made_are_explained() -> None:
    assert "super().__init__() must come first" in message_of(check(Untidy).is_a, nn.Module)
    error = message_of(check(Untidy, 1, 2).is_a, nn.Module, hint="Make a module.")
    assert "keep the parameters of the exercise" in error
    assert "self comes first" in error
    assert "Make a module." not in error


def test_a_call_that_python_refuses_is_followed_by_nothing_else() -> None:
    def mean(values: Tensor, axis: int) -> Tensor:
        return values.mean(axis)

    for made in (check(mean, torch.ones(2)), check(mean, torch.ones(2), dim=0), check(mean, torch.ones(2), 0, 1)):
        error = message_of(made.is_close, 1.0, hint="Take the mean.")
        assert "Means:      it is called as above: keep the parameters" in error
        assert "Take the mean." not in error


def test_another_function_that_refuses_its_call_is_not_the_exercise() -> None:
    error = message_of(check(lambda: nn.ReLU()()).is_close, 1.0, hint="Take the mean.")
    assert "keep the parameters" not in error
    assert "Task:       Take the mean." in error


def test_a_misspelt_name_is_told_with_the_right_one() -> None:
    def backwards(weights: Tensor) -> Tensor:
        return weights.sqare()  # type: ignore[operator]

    def unknown(weights: Tensor) -> Tensor:
        return weihgts + 1  # type: ignore[name-defined]  # noqa: F821

    for answer, words in ((backwards, "is square meant?"), (unknown, "is weights meant?")):
        error = message_of(check(answer, torch.ones(2)).is_close, 1.0, hint="Take the mean.")
        assert line_of("Means", error) == words
        assert "Take the mean." not in error


def test_a_short_or_strange_name_suggests_nothing() -> None:
    for answer in (lambda x: x.len(), lambda x: x.volume_of_it(), lambda x: None.grad):  # type: ignore[attr-defined]
        assert " meant?" not in message_of(check(answer, torch.ones(2)).is_close, 1.0)


def test_a_function_without_end_is_followed_by_nothing_else() -> None:
    def again(x: float) -> float:
        return again(x)

    error = message_of(check(again, 1.0).is_close, 1.0, hint="Take the mean.")
    assert "a function calls itself again and again: what ends that?" in error
    assert "Take the mean." not in error


def in_a_cell(source: str, name: str) -> Any:
    """A function of a notebook's cell, as far as its tracebacks tell."""
    namespace: dict[str, Any] = {"nn": nn, "torch": torch}
    exec(compile(source, "/tmp/ipykernel_1/1.py", "exec"), namespace)
    return namespace[name]


def test_a_slip_that_a_wide_except_hides_is_told() -> None:
    source = "def f(x):\n    try:\n        return missing + x\n    except Exception:\n        raise ValueError('does not fit')"
    error = message_of(check(in_a_cell(source, "f"), 1).is_close, 1.0)
    assert "Raised:     ValueError: does not fit" in error
    assert "From:       NameError: name 'missing' is not defined (line 3 of the cell with f" in error
    error = message_of(check(in_a_cell(source + " from None", "f"), 1).is_close, 1.0)
    assert "From:" not in error


def test_every_failure_is_still_made_of_the_authors_words_alone() -> None:
    for made in (check(lambda: torch.ones(3) + torch.ones(2)), Check("a result", -1.3), Check("a result", {"a": 1})):
        with pytest.raises(CheckFailed) as caught:
            made.is_close(1.3, hint="Take the mean.")
        assert not {"Compared", "sign", "dictionary"} & set(caught.value.hint.split())
