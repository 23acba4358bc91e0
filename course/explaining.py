"""What came back, how it differs from what was expected, and what an exception means, in words for whoever wrote the answer.

Each sentence is true of whatever it is said of. What an exercise asks for is the business of its check.
"""

import difflib
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from course.values import RTOL, holds_floats

Close = Callable[[Tensor, Tensor], bool]

LIKELY = 0.8  # how alike two names must be for one to be a slip of the other,
LONG = 4  # and how long: of shorter ones, many are alike
PLAIN_FACTORS = {
    2.0: "2 times",
    0.5: "half of",
    -2.0: "−2 times",
    -0.5: "−1/2 of",
    100.0: "100 times",
}  # no chance for one number

# What Python, NumPy and PyTorch say, and what it means: the first that fits.
MEANINGS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"a leaf Variable that requires grad is being used in an in-place operation",
            "autograd records this change of a leaf. An update belongs under torch.no_grad(); elsewhere, make a new tensor.",
        ),
        (
            r"does not require grad and does not have a grad_fn",
            "nothing that asks for a gradient leads to this number: requires_grad is not set, or something cut the graph, such as "
            "no_grad, detach() or a new tensor under the old name.",
        ),
        (
            r"Trying to backward through the graph a second time",
            "backward() goes through one graph twice: compute the loss afresh before each backward().",
        ),
        (
            r"grad can be implicitly created only for scalar outputs",
            "backward() starts from one number, and this tensor holds several: take their mean or sum first.",
        ),
        (
            r"needed for gradient computation has been modified by an inplace operation",
            "a tensor that the way back needs was changed in place: make a new one instead.",
        ),
        (
            r"Only Tensors of floating point and complex dtype can require gradients",
            "whole numbers have no gradient: write 0.0 for 0, or convert with .float().",
        ),
        (
            r"mat1 and mat2 shapes cannot be multiplied|^RuntimeError: size mismatch, got|^RuntimeError: inconsistent tensor size",
            "these shapes do not fit. In A @ B the last size of A must be the size of B that it meets.",
        ),
        (
            r"The size of tensor a \(\d+\) must match the size of tensor b|operands could not be broadcast",
            "these shapes do not fit. Compared from the right, two sizes must be equal or one of them 1.",
        ),
        (
            r"Boolean value of Tensor with more than one value is ambiguous|truth value of an array with more than one",
            "if, and, or, not, max() and the like ask for one True or False, and this holds several.",
        ),
        (
            r"only one element tensors can be converted to Python scalars|cannot be converted to Scalar"
            r"|only (length-1|0-dimensional) arrays can be converted",
            "this tensor holds several numbers; float(), int() and the functions of math take one. torch has exp, log and sqrt, too.",
        ),
        (
            r"mean\(\): could not infer output dtype|not implemented for '(Long|Int|Bool)'",
            "this works on floating-point numbers alone, and these are whole numbers or True and False. Are the arguments in the "
            "right order? .float() converts.",
        ),
        (
            r"torch\.return_types",
            "with a dimension, max, min, sort and the like give two things, values and places: take .values.",
        ),
        (
            r"'(builtin_function_or_method|method|method-wrapper)'",
            "this is a method that was not called: are its brackets () missing?",
        ),
        (r"'torch\.Size' object is not callable", "shape is no method: leave the brackets () behind it out."),
        (
            r"'(Tensor|list|tuple|dict|numpy\.ndarray)' object is not callable",
            "round brackets () call a function; square ones [] pick a place.",
        ),
        (
            r"'?NoneType'?",
            "something here is None. A function without return gives None, and so does append; .grad is None before backward(), and "
            "of a tensor that is no leaf.",
        ),
        (
            r"slice indices must be integers|tensors used as indices must be|only integers, slices .* are valid indices",
            "a place is counted in whole numbers, and this is none: a share times a number is a float, for example.",
        ),
        (
            r"'int' object is not iterable",
            "this is one number, and a loop needs several: range(n) counts from 0 to n - 1.",
        ),
        (
            r"is not a Module subclass",
            "only a module can be added: call a class, with (), and make a module of a text.",
        ),
        (r"before Module\.__init__\(\) call", "super().__init__() must come first in __init__."),
        (r'missing the required "forward" function', "the class has no method of the name forward: is it spelled so?"),
        (
            r"must be \w+, not (Constant|UnaryOp|Name|keyword|List|Tuple)",
            "this is a piece of the parsed text, not yet its value: ast.literal_eval reads it.",
        ),
        (r"must be Number, not str", "this number is still a text."),
        (r"ellipsis", "... stands for what you have to fill in."),
        (r"^RecursionError", "a function calls itself again and again: what ends that?"),
    )
)
REFUSED = re.compile(
    r"(missing \d+ required|takes (from )?\d+ |unexpected keyword argument|got multiple values for argument|takes no arguments)"
)
NOT_CALLABLE_SO = "it is called as above: keep the parameters of the exercise, with their order, names and defaults."
NOT_MADE_SO = f"{NOT_CALLABLE_SO} __init__ has two underscores on each side, and self comes first."


def is_refused(error: Exception, name: str) -> bool:
    """Return whether Python refused to call the function or class `name` with the arguments that it got."""
    called = re.search(rf"(^|\.){re.escape(name)}(\.__init__)?\(\) ", str(error))
    return isinstance(error, TypeError) and called is not None and REFUSED.search(str(error)) is not None


def is_misspelt(error: Exception) -> bool:
    """Return whether a name that is not there is most likely a slip of one that is."""
    return bool(_meant(error))


def meaning_of(error: Exception, name: str) -> str:
    """Return what an exception of a call of `name` means; empty where its own words have to do."""
    if is_refused(error, name):
        return NOT_MADE_SO if "__init__" in str(error) else NOT_CALLABLE_SO
    if meant := _meant(error):
        return f"is {meant} meant?"
    text = f"{type(error).__name__}: {error}"
    return next((words for pattern, words in MEANINGS if pattern.search(text)), "")


def _meant(error: Exception) -> str:
    """Return the name that a misspelt one is most like; empty where there is none."""
    missing = getattr(error, "name", None)
    if not isinstance(error, NameError | AttributeError) or not isinstance(missing, str) or len(missing) < LONG:
        return ""
    try:
        known = [name for name in _names_around(error) if isinstance(name, str) and not name.startswith("_")]
    except Exception:  # an object may refuse to tell what it has
        return ""
    return next(iter(difflib.get_close_matches(missing, known, 1, LIKELY)), "")


def _names_around(error: NameError | AttributeError) -> list[str]:
    if isinstance(error, AttributeError):
        return [] if error.obj is None else dir(error.obj)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return [] if trace is None else [*trace.tb_frame.f_locals, *trace.tb_frame.f_globals]


# What a result may be that is neither numbers nor what else a check could ask for.
ODD_RESULTS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (
        inspect.isgenerator,
        "a generator has computed nothing yet: is there a yield, or a (... for ...) without sum, list or the like?",
    ),
    (
        lambda value: isinstance(value, BaseException),
        "this exception was returned: write raise in place of return.",
    ),
    (inspect.isclass, "this is a class, not an object of it: are its brackets () missing?"),
    (inspect.isroutine, "this is a function, not what it returns: are its brackets () missing?"),
    (lambda value: isinstance(value, nn.Module), "this is a module, not what it makes of numbers: call it with them."),
    (lambda value: value is ..., "... stands for what you have to fill in."),
    (lambda value: isinstance(value, Mapping), "this is a dictionary: return the values without names."),
    (lambda value: isinstance(value, set | frozenset), "a set has no order: return a tuple or a list."),
    (
        lambda value: type(value).__module__ == "torch.return_types",
        "this holds two things, values and places: take .values.",
    ),
)


def what_it_is(value: Any) -> str:
    """Return what a result of an unexpected kind is; empty for numbers, texts and what is made of them."""
    return next((words for is_so, words in ODD_RESULTS if is_so(value)), "")


def how_they_differ(got: Tensor, wanted: Tensor, given: Any, rtol: float, atol: float) -> str:
    """Return in words how numbers differ from those expected, if that can be said; `given` holds `got` as it came back."""

    def close(a: Tensor, b: Tensor) -> bool:
        return a.shape == b.shape and torch.allclose(a, b, rtol=rtol, atol=atol)

    if words := what_it_is(given) or several_results(given, got.dim() - wanted.dim()):
        return words
    for differs_so in (_not_finite, _factor, _shift, _order, _shape_alone, _part, _reduced):
        if words := differs_so(got, wanted, close):
            return words
    return _cut(got, wanted, given, close)


def several_results(given: Any, dims_more: int) -> str:
    """Return that a tuple came back where one result is expected; it has `dims_more` dimensions more than that."""
    if type(given) is not tuple or dims_more != 1:
        return ""
    if len(given) == 1:
        return "one result came back in a tuple: take its entry [0], or leave the comma out."
    return f"{len(given)} results came back, and one is expected."


def why_no_shape(given: Any, expected: tuple[int, ...]) -> str:
    """Return why a result is not the shape `expected`, as far as its kind tells."""
    if isinstance(given, Tensor) and not given.is_nested and tuple(given.shape) == expected:
        return "this is the tensor itself, and its shape is right: return the shape."
    if isinstance(given, int) and given == math.prod(expected):
        return "this is how many numbers there are. A shape names each dimension."
    return "this is a text, not a shape." if isinstance(given, str) else what_it_is(given)


def _not_finite(got: Tensor, wanted: Tensor, close: Close) -> str:
    if got.isnan().any() and not wanted.isnan().any():
        return "nan comes of 0 / 0, of inf - inf, and of the logarithm or root of a negative number."
    if got.isinf().any() and not wanted.isinf().any():
        return "inf comes of a division by 0, of the logarithm of 0, and of exp of a large number."
    return ""


def _cut(got: Tensor, wanted: Tensor, given: Any, close: Close) -> str:
    if holds_floats(given) or got.shape != wanted.shape or close(wanted, wanted.round()):
        return ""
    if not any(close(got, way(wanted)) for way in (torch.floor, torch.ceil, torch.trunc, torch.round)):
        return ""
    return "these are whole numbers, and the expected ones are not: is something cut or rounded, or of a dtype such as int64?"


def _factor(got: Tensor, wanted: Tensor, close: Close) -> str:
    if got.shape != wanted.shape or not wanted.isfinite().all() or not (wanted != 0).any():
        return ""
    place = wanted.abs().flatten().argmax()
    factor = float(got.flatten()[place] / wanted.flatten()[place])
    if factor == 0 or abs(factor - 1) < RTOL or not close(got, factor * wanted):
        return ""
    if abs(factor + 1) < RTOL:
        return "the size is right, and the sign is the other one."
    if len(wanted[wanted != 0].unique()) > 1:
        return f"each number is {float(f'{factor:.5g}')} times the expected one."
    # Of two small whole numbers, one is often a multiple of the other by chance.
    if got.numel() > 1 or close(wanted, wanted.round()):
        return ""
    plain = next((words for times, words in PLAIN_FACTORS.items() if abs(factor / times - 1) < RTOL), "")
    return f"this is {plain} the expected number." if plain else ""


def _shift(got: Tensor, wanted: Tensor, close: Close) -> str:
    if got.shape != wanted.shape or wanted.numel() < 3 or len(wanted.unique()) < 2 or not got.isfinite().all():
        return ""
    shift = float((got - wanted).mean())
    if close(got, wanted) or not close(got, wanted + shift):
        return ""
    return f"each number is {float(f'{abs(shift):.5g}')} {'more' if shift > 0 else 'less'} than the expected one."


def _order(got: Tensor, wanted: Tensor, close: Close) -> str:
    if got.dim() == wanted.dim() == 2 and got.shape == wanted.T.shape and close(got, wanted.T):
        return "rows and columns have changed places."
    if got.shape != wanted.shape or not got.isfinite().all() or len(wanted.unique()) < 3:
        return ""
    same = close(got.flatten().sort().values, wanted.flatten().sort().values)
    return "the numbers are the expected ones, in another order." if same else ""


def _shape_alone(got: Tensor, wanted: Tensor, close: Close) -> str:
    if got.shape != wanted.shape and got.numel() == wanted.numel() and close(got.flatten(), wanted.flatten()):
        return "the numbers are the expected ones; only the shape is another."
    return ""


def _part(got: Tensor, wanted: Tensor, close: Close) -> str:
    one = "number" if wanted.dim() == 1 else "row"
    cases: list[tuple[Tensor, Tensor, str]] = []
    if wanted.dim() > 1 and len(wanted) > 1:
        cases += [
            (got, wanted[0], "this is the first of the expected rows alone."),
            (got, wanted[-1], "this is the last of the expected rows alone."),
        ]
    if got.dim() == wanted.dim() > 0 and min(len(got), len(wanted)) > 0:
        cases += [
            (got, wanted[1:], f"the first {one} is missing."),
            (got, wanted[:-1], f"the last {one} is missing."),
            (got[1:], wanted, f"there is one {one} too many in front."),
            (got[:-1], wanted, f"there is one {one} too many at the end."),
        ]
    return next((words for a, b, words in cases if close(a, b)), "")


def _reduced(got: Tensor, wanted: Tensor, close: Close) -> str:
    """Say that one of the two is the sum or mean of the other."""
    if got.dim() == wanted.dim() or not (got != 0).any():
        return ""
    if got.dim() > wanted.dim():
        ways = (way for way, one in _reductions(got) if close(one, wanted))
        return next((f"the {way} of this is the expected result." for way in ways), "")
    ways = (way for way, one in _reductions(wanted) if close(one, got))
    return next((f"this is the {way} of the expected result." for way in ways), "")


def _reductions(numbers: Tensor) -> Iterator[tuple[str, Tensor]]:
    for dim in range(numbers.dim()) if numbers.dim() > 1 else ():
        yield f"sum along dimension {dim}", numbers.sum(dim)
        yield f"mean along dimension {dim}", numbers.mean(dim)
    yield "sum", numbers.sum()
    yield "mean", numbers.mean()
