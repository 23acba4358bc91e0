"""Forbidding a call: the same in the judge and in a kernel, and nothing to be gained by lying about it."""

import pytest
import torch

from autograder.running.processes import Zygote
from course.checks import CheckFailed, check
from course.torch_calls import calls_of_torch
from tests.autograder.judging import IMPORTS, judge, results
from tests.plain_kernel import run_cells

REFERENCE = """
def f(x):
    total, out = 0, []
    for value in x:
        total = total + value
        out.append(total)
    return torch.stack(out)
"""
TEST = "check(f, torch.arange(4.0)).is_close([0, 1, 3, 6]).uses_no('torch.cumsum', hint='Write the loop.')"
ANSWERS = {
    "a loop": (REFERENCE, True),
    "a matrix": ("def f(x): return torch.ones(len(x), len(x)).tril() @ x", True),
    "the function": ("def f(x): return torch.cumsum(x, 0)", False),
    "the method": ("def f(x): return x.cumsum(0)", False),
    "in place": ("def f(x): return x.clone().cumsum_(0)", False),
    "in a helper's module": (
        "class Sum(nn.Module):\n    def forward(self, x): return x.cumsum(0)\ndef f(x): return Sum()(x)",
        False,
    ),
}


@pytest.mark.parametrize(("answer", "right"), ANSWERS.values(), ids=ANSWERS.keys())
def test_judge_and_kernel_agree_on_a_forbidden_call(zygote: Zygote, answer: str, right: bool) -> None:
    run = judge(zygote, REFERENCE, [TEST], answer)
    assert results(run) == ["passed" if right else "failed"], run.tests
    told = run_cells(zygote, [("imports", IMPORTS), ("f", answer), ("t", TEST)])["t"]
    assert (told is None) == right
    if told is not None:
        for message in (told, run.tests["f_0"].message):
            assert "cumsum" in message
            assert "Write the loop." in message
        assert "Used:" in run.tests["f_0"].message


HIDES = {
    "the mode taken out": "import course.torch_calls, torch.overrides\ncourse.torch_calls._Recorder.__torch_function__ = lambda s, f, t, a=(), k=None: f(*a, **(k or {}))",
    "the report forged": "import autograder.rpc.student as s\ns.OPERATIONS['calls_of_torch'] = lambda *a, **k: []",
    "the mode left": "import torch._C",
}


@pytest.mark.parametrize("hide", HIDES.values(), ids=HIDES.keys())
def test_who_hides_a_call_gains_what_the_rest_of_the_test_gives_and_no_more(zygote: Zygote, hide: str) -> None:
    inside = "with torch._C.DisableTorchFunction():" if "_C" in hide else "if True:"
    for added, result in ((0, "passed"), (1, "failed")):
        answer = f"{hide}\ndef f(x):\n    {inside}\n        return torch.cumsum(x, 0) + {added}"
        assert results(judge(zygote, REFERENCE, [TEST], answer)) == [result]
        assert results(judge(zygote, REFERENCE, [TEST.partition(".uses_no")[0]], answer)) == [result]


FORGED = {"not names": ("[1, 2]", "passed"), "an object": ("object()", "interface"), "a number": ("3", "failed")}


@pytest.mark.parametrize(("report", "result"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_report_is_data_or_no_report(zygote: Zygote, report: str, result: str) -> None:
    forge = f"import autograder.rpc.student as s\ns.OPERATIONS['calls_of_torch'] = lambda *a, **k: {report}\n"
    run = judge(zygote, REFERENCE, [TEST, TEST], forge + "def f(x): return x.cumsum(0)")
    assert results(run) == [result] * 2
    assert results(judge(zygote, REFERENCE, [TEST], forge + "def f(x): return x")) == ["failed"]


def test_calls_are_named_as_pytorch_names_them() -> None:
    def f(x: torch.Tensor, by: int = 1) -> torch.Tensor:
        return torch.exp(x.T) @ x + torch.nn.functional.softmax(x, dim=by)

    x = torch.ones(2, 2)
    assert calls_of_torch(f, x, by=0) == {
        "torch.exp",
        "torch.Tensor.T.__get__",
        "torch.Tensor.matmul",
        "torch.Tensor.add",
        "torch.nn.functional.softmax",
    }
    for name in ("exp", "torch.matmul", "torch.Tensor.add_", "T", "torch.softmax"):
        with pytest.raises(CheckFailed, match="Used:") as failed:
            check(f, x).uses_no(name, hint="Do without.")
        assert failed.value.hint == "The answer uses a function that it should do without. Do without."
    check(f, x).uses_no("torch.cumsum", "sub")


def test_an_answer_that_fails_the_second_time_is_told(zygote: Zygote) -> None:
    answer = "calls = []\ndef f(x):\n    calls.append(1)\n    return torch.tensor([0, 1, 3, 6]) if len(calls) == 1 else 1 / 0"
    run = judge(zygote, REFERENCE, [TEST], answer)
    assert results(run) == ["raised"]
    assert "ZeroDivisionError" in run.tests["f_0"].message
