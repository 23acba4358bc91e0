"""What a check accepts, what it refuses and what it says."""

import math
import pickle
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.release.build import CODE_STUB
from course.checks import CheckFailed, check, check_value

SCORES = torch.tensor([[-1.0, -3.0, 4.0], [-3.0, 3.0, -1.0]])


def give(value: object) -> object:
    """Stand for a student's function that returns `value`."""
    return value


def failure(assertion, *args: object, **kwargs: object) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        assertion(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        2.5,
        np.float32(2.5),
        np.array(2.5),
        np.array(2.5 + 0j),
        torch.tensor(2.5),
        torch.tensor(2.5, dtype=torch.float64),
        torch.tensor(2.5, dtype=torch.float16),
        torch.tensor(2.5, dtype=torch.bfloat16),
        torch.tensor(2.5, requires_grad=True),
        nn.Parameter(torch.tensor([2.5])),
        torch.tensor([2.5]),
        [2.5],
        2.5 + 1e-7,
    ],
    ids=repr,
)
def test_a_right_number_is_right_however_it_is_stored(answer: object) -> None:
    check(lambda: answer).is_close(2.5)


@pytest.mark.parametrize(
    "answer",
    [
        [[1, 0], [0, 1]],
        ((1.0, 0.0), (0.0, 1.0)),
        np.eye(2, dtype=np.int8),
        torch.eye(2, dtype=torch.bool),
        torch.eye(2).to_sparse(),
        [torch.tensor([1.0, 0.0]), np.array([0.0, 1.0])],
        torch.eye(2, requires_grad=True).T,
        torch.eye(4)[::2, ::2],
    ],
    ids=repr,
)
def test_a_right_matrix_is_right_however_it_is_stored(answer: object) -> None:
    check(give, answer).is_close(torch.eye(2)).equals(torch.eye(2)).has_shape((2, 2)).is_finite()


@given(st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=1, max_size=8))
def test_float32_and_float64_of_the_same_numbers_agree(numbers: list[float]) -> None:
    check(give, torch.tensor(numbers)).is_close(np.array(numbers))
    check(give, torch.tensor(numbers, dtype=torch.float64)).is_close(torch.tensor(numbers))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_right_answer_on_the_gpu_is_right() -> None:
    check(torch.exp, SCORES.cuda()).is_close(SCORES.exp()).has_gradient(SCORES.exp())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_may_round_but_no_more(dtype: torch.dtype) -> None:
    check(torch.softmax, SCORES.to(dtype), dim=1).is_close(torch.softmax(SCORES, 1))
    failure(check(give, torch.tensor(0.97, dtype=dtype)).is_close, 1.0)
    failure(check(give, torch.tensor(1.0, dtype=dtype)).equals, 1.001)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_an_answer_that_rounds_of_its_own_accord_gains_nothing(dtype: torch.dtype) -> None:
    failure(check(lambda x: (x * 1.004).to(dtype), torch.ones(3)).is_close, torch.ones(3))
    failure(check(lambda x: torch.tensor(1.0).to(dtype), 1.0).is_close, 1.003)
    check(lambda x: x.to(dtype), torch.ones(3)).is_close(torch.ones(3))


def test_a_wrong_value_names_call_result_expectation_and_place() -> None:
    error = failure(check(torch.softmax, SCORES[:1], dim=1).is_close, [[0.5, 0.0009, 0.5]], hint="Look at dim.")
    assert str(error).splitlines() == [
        "Not right yet.",
        "  Called:     softmax(tensor([[-1.0, -3.0, 4.0]]), dim=1)",
        "  Returned:   tensor([[0.0066868, 0.00090496, 0.99241]])",
        "  Expected:   [[0.5, 0.0009, 0.5]]",
        "  Difference: largest at [0, 0]: 0.0066868 instead of 0.5",
        "  Hint:       Look at dim.",
    ]
    assert (error.kind, error.hint) == ("value", "Look at dim.")


def test_a_known_mistake_replaces_the_hint() -> None:
    mistakes = {"That is the sum.": 6.0, "That is the mean.": 2.0}
    hints = [
        failure(check(give, value).is_close, 3.0, hint="Add.", mistakes=mistakes).hint for value in (2.0, 6.0, 5.0)
    ]
    assert hints == ["That is the mean.", "That is the sum.", "Add."]


def test_a_mistake_may_have_another_shape_or_be_nan() -> None:
    mistakes = {"Take the mean.": [1.0, 2.0], "It overflowed.": math.nan}
    parts = failure(check(give, torch.tensor([1.0, 2.0])).is_close, 1.5, mistakes=mistakes)
    assert (parts.kind, parts.hint) == ("shape", "The result has the wrong shape. Take the mean.")
    assert failure(check(give, math.nan).is_close, 1.5, mistakes=mistakes).hint == "It overflowed."


def test_shapes_are_compared_apart_and_never_broadcast() -> None:
    for answer in (torch.zeros(3), torch.zeros(1, 3), torch.zeros(3, 1), 0.0, torch.zeros(2, 3, 1)):
        error = failure(check(give, answer).is_close, torch.zeros(2, 3))
        assert error.kind == "shape"
        assert "Expected:   shape (2, 3)" in str(error)
    assert failure(check(give, torch.zeros(2)).is_close, 0.0).kind == "shape"
    assert failure(check(give, torch.zeros(1)).has_shape, ()).kind == "shape"


@pytest.mark.parametrize("answer", [math.nan, math.inf, -math.inf, 1e30])
def test_nan_and_infinity_are_close_to_nothing_finite(answer: float) -> None:
    assert failure(check(give, answer).is_close, 0.0).kind == "value"


def test_an_expected_infinity_must_be_that_infinity() -> None:
    check(give, torch.tensor(math.inf)).is_close(math.inf)
    for answer in (-math.inf, 1e300, math.nan):
        failure(check(give, answer).is_close, math.inf)
    error = failure(check(give, torch.tensor([math.inf, math.nan])).is_close, [math.inf, 1.0])
    assert "largest at [1]: nan instead of 1.0" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        "2.5",
        torch.tensor(2.5 + 0j),
        np.array(2.5 + 1j),
        np.complex64(2.5 + 1j),
        object(),
        {"a": 1},
        [1.0, "b"],
        [[1], [1, 2]],
    ],
)
def test_what_is_no_number_is_of_the_wrong_type(answer: object) -> None:
    assert failure(check(give, answer).is_close, 2.5).kind == "type"


def test_what_is_no_number_is_told_from_what_was_expected() -> None:
    error = str(failure(check(give, [[1.0], [1.0, 2.0]]).is_close, [[1.0, 2.0], [3.0, 4.0]]))
    assert "Expected:   [[1.0, 2.0], [3.0, 4.0]]" in error
    assert "Note:       the rows are of unequal length" in error
    error = str(failure(check(give, "no").equals, False))
    assert "Expected:   False" in error
    assert "a text is not a number" in error
    assert "a text is not a number" in str(failure(check(give, [1.0, "2"]).is_close, [1.0, 2.0]))


NOTHING = check(give, None)


@pytest.mark.parametrize(
    ("assertion", "arguments"),
    [
        (NOTHING.is_close, (2.5,)),
        (NOTHING.equals, ("relu",)),
        (NOTHING.equals, (False,)),
        (NOTHING.has_shape, ((2,),)),
        (NOTHING.is_shape, ((2,),)),
        (NOTHING.numbers, ()),
        (NOTHING.has_dtype, (torch.int64,)),
        (NOTHING.is_floating, ()),
        (NOTHING.is_finite, ()),
        (NOTHING.is_a, (int,)),
        (NOTHING.satisfies, (bool, "true")),
        (NOTHING.parts, ("slope", "height")),
    ],
)
def test_every_assertion_asks_for_a_missing_return(assertion, arguments: tuple[object, ...]) -> None:
    error = failure(assertion, *arguments, hint="Take the mean.")
    assert (error.kind, error.hint) == ("nothing", "Nothing came back: is there a `return`? The task: Take the mean.")
    assert "Returned:   None. Nothing came back: is there a `return`?" in str(error)
    assert "Hint:" not in str(error)


with warnings.catch_warnings(action="ignore"):  # PyTorch is about to give the first up, and is not sure of the second
    QUANTIZED = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)
    NESTED = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
HOLDS_ITSELF: list[object] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)
HOLDS_EACH_OTHER: list[object] = [[1.0], []]
HOLDS_EACH_OTHER[1] = [HOLDS_EACH_OTHER, HOLDS_EACH_OTHER]


class Odd(list):
    """A list that refuses to be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "answer",
    [
        torch.ones(2, device="meta"),
        np.arange(6.0)[::-2],
        [np.ones(2), np.ones(3)],
        Odd(),
        {1, 2},
        iter([1, 2]),
        "two",
        [None, None],
        torch.ones(2, 2),
        QUANTIZED,
        NESTED,
        torch.eye(2).to_sparse(),
        HOLDS_ITSELF,
        HOLDS_EACH_OTHER,
        np.zeros(3, dtype=[("a", float)]),
        np.ma.masked_array([1.0, 2.0], [0, 1]),
        NotImplemented,
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_no_check_crashes_on_what_an_answer_returns(answer: object) -> None:
    made = check(give, answer)
    calls = [
        (made.is_close, 7.5),
        (made.equals, "relu"),
        (made.equals, Odd([1])),
        (made.equals, True),
        (made.has_shape, (9,)),
        (made.is_shape, (9,)),
        (made.numbers, 5),
        (made.has_dtype, torch.int64),
        (made.is_a, int),
        (made.satisfies, lambda value: value[0][0][0] > 0, "positive"),
        (made.parts, "a", "b", "c", "d"),
        (made.has_gradient, 1.0),
    ]
    for assertion, *arguments in calls if not isinstance(answer, torch.Tensor) else calls[:-1]:
        if assertion == made.has_gradient:
            made = check(lambda x, given=answer: given, torch.ones(1))
            assertion = made.has_gradient
        failure(assertion, *arguments)


def test_numbers_are_handed_out_whatever_holds_them() -> None:
    for answer in (torch.tensor([True, False]), np.array([0, 1])[::-1], [1, 0], (1.0, 0.0)):
        numbers = check(give, answer).numbers(1)
        assert (numbers.dtype, numbers.tolist()) == (torch.float64, [1.0, 0.0])
    error = failure(check(give, torch.ones(3, 2)).numbers, 1, hint="y comes second.")
    assert (error.kind, error.hint) == ("shape", "The result has the wrong shape. y comes second.")
    assert "Expected:   1 dimension\n" in str(error)


def test_a_gradient_that_cannot_be_followed_is_no_crash() -> None:
    def overwrites(x: Tensor) -> Tensor:
        root = x.exp()
        result = root * root
        root.zero_()
        return result

    error = failure(check(overwrites, torch.ones(2)).has_gradient, [1.0, 1.0], hint="Change nothing in place.")
    assert (error.kind, error.hint) == ("gradient", "No gradient reaches the argument. Change nothing in place.")
    assert "modified by an inplace operation" in str(error)


def test_an_exception_of_the_answer_is_told_with_the_call() -> None:
    def broken(x: Tensor) -> Tensor:
        return x[7]

    error = failure(check(broken, torch.zeros(2)).is_close, 0.0, hint="Count from 0.")
    assert (error.kind, error.hint) == ("raised", "The call raised an exception. The task: Count from 0.")
    assert "Task:       Count from 0." in str(error)
    assert "Called:     broken(tensor([0.0, 0.0]))" in str(error)
    assert "Raised:     IndexError: index 7 is out of bounds" in str(error)
    assert isinstance(error.__cause__, IndexError)


def test_an_exception_that_tells_its_cause_is_followed_by_nothing_else() -> None:
    error = failure(check(lambda: missing + 1).is_close, 0.0, hint="Take the mean.")  # type: ignore[name-defined]  # noqa: F821
    assert "Raised:     NameError: name 'missing' is not defined" in str(error)
    assert "Take the mean" not in str(error)


def test_every_assertion_reports_an_exception_of_the_answer() -> None:
    made = check(lambda: 1 / 0)
    calls = [
        (made.is_close, 1),
        (made.equals, "a"),
        (made.has_shape, ()),
        (made.has_dtype, torch.int64),
        (made.is_floating,),
        (made.is_finite,),
        (made.is_a, int),
        (made.satisfies, bool, "true"),
        (made.has_gradient, 1),
        (made.passed, "nothing"),
        (made.raises, KeyError),
    ]
    assert {failure(*call).kind for call in calls} == {"raised"}


def test_raises_accepts_the_class_and_its_subclasses() -> None:
    check(lambda: {}["a"]).raises(KeyError).raises(LookupError)
    assert failure(check(lambda: {}["a"]).raises, IndexError, hint="Raise.").kind == "raised"
    error = failure(check(give, 3).raises, IndexError, hint="Raise.")
    assert (error.kind, error.hint) == ("no_error", "The call should have raised an exception. Raise.")
    assert "Expected:   an IndexError" in str(error)


@pytest.mark.parametrize("stub", [CODE_STUB, "raise NotImplementedError", "raise NotImplementedError()"])
def test_an_unanswered_exercise_passes_through(stub: str) -> None:
    def unanswered() -> None:
        exec(stub)

    with pytest.raises(NotImplementedError):
        check(unanswered)


def test_torchs_own_not_implemented_error_is_the_answers_fault() -> None:
    error = failure(check(torch.mean, torch.arange(3)).is_close, 1.0, hint="Convert to floats.")
    assert (error.kind, error.hint) == ("raised", "The call raised an exception. The task: Convert to floats.")


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_is_never_caught(ending: type[BaseException]) -> None:
    def stop() -> None:
        raise ending

    with pytest.raises(ending):
        check(stop)


def test_an_answer_cannot_spoil_the_arguments_of_a_test() -> None:
    def spoil(tensor: Tensor, array: np.ndarray, nested: list) -> Tensor:
        tensor.zero_()
        array[:] = 0
        nested[0].append(tensor)
        return tensor

    tensor, array, nested = torch.ones(2), np.ones(2), [[1]]
    check(spoil, tensor, array, nested).is_close([0, 0])
    assert tensor.tolist() == [1, 1]
    assert array.tolist() == [1, 1]
    assert nested == [[1]]


def test_gradients_are_compared() -> None:
    def cube(x: Tensor, power: int = 3) -> Tensor:
        return x**power

    x = torch.tensor([1.0, 2.0])
    check(cube, x).is_close([1, 8]).has_gradient([3, 12])
    check(cube, x, power=2).has_gradient([2, 4])
    check(lambda a, b: a @ b, x, x.double().float() * 3).has_gradient(x, of=1)
    assert x.grad is None
    assert not x.requires_grad
    error = failure(check(cube, x).has_gradient, [1, 4], hint="Differentiate.", mistakes={"Three times.": [3, 12]})
    assert (error.kind, error.hint) == ("value", "Three times.")


@pytest.mark.parametrize("cut", [lambda x: x.detach().sum(), lambda x: x.sum().item(), lambda x: torch.ones(1) * 1.0])
def test_a_cut_graph_is_named(cut) -> None:
    error = failure(check(cut, torch.ones(1)).has_gradient, [1.0], hint="Keep tensors.")
    assert (error.kind, error.hint) == ("gradient", "No gradient reaches the argument. Keep tensors.")


def test_a_result_that_ignores_the_argument_has_no_gradient_in_it() -> None:
    weight = torch.ones(1, requires_grad=True)
    assert failure(check(lambda x: weight * 2, torch.ones(1)).has_gradient, [1.0]).kind == "gradient"


def test_modules_can_be_checked() -> None:
    net = nn.Linear(3, 2, bias=False)
    check(net, torch.ones(5, 3)).has_shape((5, 2)).is_a(Tensor).has_dtype(torch.float32).is_floating()
    error = failure(check(net, torch.ones(5, 3)).has_shape, (5, 3))
    assert "Called:     Linear(tensor([[1.0, 1.0, 1.0]" in str(error)
    check_value("net.weight", net.weight).has_shape((2, 3))
    assert "Called:     net.weight" in str(failure(check_value("net.weight", net.weight).is_close, torch.zeros(3)))


def test_dtypes_are_asserted_only_where_asked() -> None:
    check(give, torch.ones(2, dtype=torch.int64)).is_close(torch.ones(2)).has_dtype(torch.int64)
    assert failure(check(give, torch.ones(2)).has_dtype, torch.int64).kind == "dtype"
    assert failure(check(give, [1.0]).has_dtype, torch.float32).kind == "dtype"
    for whole in (torch.ones(2, dtype=torch.int64), torch.ones(2, dtype=torch.bool), [1, 2], np.ones(2, dtype=int), 1):
        assert failure(check(give, whole).is_floating).kind == "dtype"
    for real in (torch.ones(2), torch.ones(2).half(), [1.0, 2.0], np.ones(2), np.float32(1), 1.0):
        check(give, real).is_floating()


def test_equality_of_what_is_no_number() -> None:
    check(give, "relu").equals("relu")
    check(give, [("x", "mul"), ("b", "add")]).equals([("x", "mul"), ("b", "add")])
    assert failure(check(give, "tanh").equals, "relu", hint="h", mistakes={"tanh it is": "tanh"}).hint == "tanh it is"
    assert failure(check(give, 3).equals, "relu").kind == "type"
    assert failure(check(give, torch.ones(2)).equals, "relu").kind == "type"
    assert failure(check(give, 3.0001).equals, 3).kind == "value"


def test_an_object_that_agrees_with_everything_does_not_pass() -> None:
    class Yes:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    for wanted in (1.0, "relu", torch.ones(2)):
        failure(check(give, Yes()).equals, wanted)


def test_properties_can_be_asserted() -> None:
    check(give, 3).satisfies(lambda n: n > 2, "more than 2")
    error = failure(check(give, 1).satisfies, lambda n: n > 2, "more than 2", hint="Count.")
    assert "Expected:   more than 2" in str(error)
    assert failure(check(give, math.nan).is_finite).kind == "value"
    assert failure(check(give, 3).is_a, (str, list)).kind == "type"


def test_a_badly_written_check_is_not_blamed_on_the_answer() -> None:
    with pytest.raises(TypeError, match="this check is written wrongly"):
        check(give, 1.0).is_close("one")


@pytest.mark.parametrize(
    "answer", [(2, 3), [2, 3], torch.Size([2, 3]), torch.tensor([2, 3]), np.array([2, 3]), (np.int64(2), 3.0)]
)
def test_a_shape_may_come_in_any_sequence(answer: object) -> None:
    check(give, answer).is_shape((2, 3))


def test_the_empty_shape_is_a_shape() -> None:
    check(give, ()).is_shape(())
    assert failure(check(give, (1,)).is_shape, ()).kind == "value"


@pytest.mark.parametrize("answer", [6, "23", (2, 3.5), ((2, 3),), [2, "3"], (2, math.inf)])
def test_what_is_no_shape_is_refused(answer: object) -> None:
    assert failure(check(give, answer).is_shape, (2, 3), hint="H").kind == "type"


def test_a_wrong_shape_is_told_with_the_mistake_behind_it() -> None:
    error = failure(check(give, [3, 2]).is_shape, (2, 3), hint="H", mistakes={"turned round": (3, 2), "no": (1,)})
    assert (error.kind, error.hint) == ("value", "turned round")
    assert "Returned:   [3, 2]\n  Expected:   (2, 3)" in str(error)


@pytest.mark.parametrize(
    "answer", [(1.0, 2.0), [torch.tensor([1.0]), 2], torch.tensor([1.0, 2.0]), np.array([1.0, 2.0])]
)
def test_results_that_come_together_are_checked_one_by_one(answer: object) -> None:
    first, second = check(give, answer).parts("slope", "height")
    first.is_close(1)
    error = failure(second.is_close, 3, hint="H")
    assert "give(" in str(error)
    assert ", height" in str(error)


@pytest.mark.parametrize("answer", [1.0, (1.0,), (1.0, 2.0, 3.0), torch.tensor(1.0), {1: 2, 3: 4}])
def test_another_number_of_results_is_refused(answer: object) -> None:
    error = failure(check(give, answer).parts, "slope", "height", hint="H")
    assert (error.kind, "2 results: slope, height" in str(error)) == ("type", True)
    assert ("return line" in str(error)) is (answer is None)


def test_hints_are_made_of_the_authors_words_alone() -> None:
    secret = 271828
    errors = [
        failure(check(give, secret).is_close, 1.0, hint="H"),
        failure(check(give, str(secret)).equals, "x", hint="H"),
        failure(check(lambda: {}[secret]).is_close, 1.0, hint="H"),
        failure(check(give, torch.zeros(7, 9)).has_shape, (secret, 1), hint="H"),
        failure(check(give, secret).raises, ValueError, hint="H"),
    ]
    for error in errors:
        assert str(secret) in str(error)
        assert str(secret) not in error.hint
        assert error.hint.endswith("H")


def test_passing_says_what_was_proved_and_what_was_not(capsys: pytest.CaptureFixture[str]) -> None:
    check(give, 1.0).is_close(1).passed("one value", "other values")
    check(give, 1.0).is_close(1).passed("one value")
    assert capsys.readouterr().out.splitlines() == [
        "Passed: one value. Not tested here, but at grading: other values.",
        "Passed: one value.",
    ]


def test_the_error_survives_pickling() -> None:
    error = failure(check(give, 1.0).is_close, 2.0, hint="H")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.kind, copy.hint) == (str(error), "value", "H")


def test_jupyter_shows_the_message_alone() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    error = failure(check(give, 1.0).is_close, 2.0, hint="H")
    shell = InteractiveShell()
    try:
        shown = []
        shell._showtraceback = lambda etype, evalue, stb: shown.extend(stb)  # type: ignore[method-assign]
        shell.showtraceback((type(error), error, error.__traceback__))
    finally:
        shell.restore_sys_module_state()
        shell.history_manager.end_session()
    assert shown == str(error).splitlines()


@pytest.mark.parametrize("stub", ["", "Not answered yet: write your code in place of this line."])
def test_jupyter_shows_one_line_for_an_exercise_without_an_answer(stub: str) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    def unanswered(z: float) -> float:
        raise NotImplementedError(stub)

    with pytest.raises(NotImplementedError) as caught:
        check(unanswered, 1.0)
    shell = InteractiveShell()
    try:
        shown: list[str] = []
        shell._showtraceback = lambda etype, evalue, stb: shown.extend(stb)  # type: ignore[method-assign]
        shell.showtraceback((caught.type, caught.value, caught.tb))
    finally:
        shell.restore_sys_module_state()
        shell.history_manager.end_session()
    assert shown == [
        "Not answered yet: write your code for unanswered in the cell above, run it, then run this cell again."
    ]
    assert caught.type is NotImplementedError
    assert str(caught.value) == stub


def test_a_matrix_is_told_row_by_row() -> None:
    wanted = F.one_hot(torch.tensor([2, 0, 2, 1, 3]), 4).float()
    error = failure(check(give, torch.ones(5, 4)).is_close, wanted)
    assert str(error).splitlines() == [
        "Not right yet.",
        "  Called:     give(tensor of shape (5, 4), float32)",
        "  Returned:   shape (5, 4)",
        *(["              1 1 1 1"] * 5),
        "  Expected:   shape (5, 4)",
        *(f"              {' '.join(str(int(number)) for number in row)}" for row in wanted.tolist()),
        "  Difference: largest at [0, 0]: 1.0 instead of 0.0",
    ]
    error = failure(check(give, torch.full((3, 6), -0.5)).is_close, wanted)
    assert "Returned:   shape (3, 6)\n              -0.5 -0.5 -0.5 -0.5 -0.5 -0.5\n" in str(error)
    assert "Expected:   shape (5, 4)\n              0 0 1 0\n" in str(error)
    assert "Returned:   tensor of shape (41, 1), float32" in str(
        failure(check(give, torch.ones(41, 1)).is_close, 1.5 * torch.ones(41, 1))
    )
