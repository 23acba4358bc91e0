"""Which mistakes are made of an answer, and what they are called."""

import ast

import pytest

from autograder.probing.mutants import mutants

ANSWER = '''def scale(x, y, times: int, centre: bool = True, keep: bool = False):
    """Scale x, by 2 and more."""
    ### BEGIN SOLUTION
    {}
    ### END SOLUTION'''


def changes(*lines: str) -> list[str]:
    """The names of the mutants of an answer whose solution has these lines."""
    return [mutant.change for mutant in mutants("scale", ANSWER.format("\n    ".join(lines)))]


@pytest.mark.parametrize(
    ("line", "mutant"),
    [
        ("return x - y", "return x + y"),
        ("return x - y", "return y - x"),
        ("return x - y", "return x"),
        ("return x @ y", "return x * y"),
        ("return x >= 0", "return x > 0"),
        ("return x == y", "return x != y"),
        ("return x and y", "return x or y"),
        ("return not x", "return x"),
        ("return -x", "return x"),
        ("return x + 3", "return x + 4"),
        ("return x + 3", "return x + 2"),
        ("return x * 0.5", "return x * 0.0"),
        ("return x.sum(dim=1)", "return x.sum(dim=0)"),
        ("return x.sum(dim=1)", "return x.sum()"),
        ("return x.sum(dim=1, keepdim=True)", "return x.sum(dim=1)"),
        ("return x.sum(dim=1, keepdim=True)", "return x.sum(dim=1, keepdim=False)"),
        ("return x.sum(1)", "return x.mean(1)"),
        ("return x.amax(-1)", "return x.amax(1)"),
        ("return x.amax(-1)", "return x.amax(-2)"),
        ("return x.max()", "return x.min()"),
        ("return range(times)", "return range(times - 1)"),
        ("return range(times)", "return range(1, times)"),
        ("return x.double()", "return x"),
        ("return x.detach()", "return x"),
        ("return x.clone()", "return x"),
        ("return x.unsqueeze(1)", "return x"),
        ("return x.exp()", "return x.exp_()"),
        ("return torch.zeros(3, dtype=float)", "return torch.zeros(3)"),
        ("return torch.exp(x)", "return x"),
        ("return max(x, y)", "return max(y, x)"),
        ("return (x, y)", "return (y, x)"),
        ("return x[1:]", "return x[:]"),
        ("return x[:-1]", "return x[1:-1]"),
        ("return x[times]", "return x[times - 1]"),
        ("return x if y else 0", "return 0 if y else x"),
        ("return [a for a in x if a]", "return [a for a in x]"),
        ("return centre", "return keep"),
        ("return x + times", "return x + (times + 1)"),
        ("raise ValueError('no')", "raise RuntimeError('no')"),
    ],
)
def test_a_slip_in_one_expression_is_made(line: str, mutant: str) -> None:
    assert f"{line} → {mutant}" in changes(line)


@pytest.mark.parametrize(
    ("lines", "change"),
    [
        (["x = x + 1", "return x"], "x = x + 1 → nothing"),
        (["x = x + 1", "return x"], "x = x + 1 → x += 1"),
        (["x += 1", "return x"], "x += 1 → x = x + 1"),
        (["x += 1", "return x"], "x += 1 → x -= 1"),
        (["if x:", "    return y", "return x"], "if x: → if not x:"),
        (["if x:", "    return y", "return x"], "if x:; return y → nothing"),
        (["if x:", "    return y", "return x"], "if x:; return y → return y"),
        (["with torch.no_grad():", "    x += y", "return x"], "with torch.no_grad():; x += y → x += y"),
        (
            ["try:", "    x += y", "except (TypeError, KeyError):", "    x = 0", "return x"],
            "except (TypeError, KeyError): → except (KeyError,):",
        ),
        (["for i in x:", "    y += i", "return y"], "for i in x: → for i in list(x)[1:]:"),
        (["for i in x:", "    y += i", "return y"], "after y += i: break"),
        (["for i in x:", "    y += i", "return y"], "after y += i: return y"),
    ],
)
def test_a_slip_in_a_statement_is_made(lines: list[str], change: str) -> None:
    assert change in changes(*lines)


def test_a_parameter_that_is_ignored_has_its_usual_value() -> None:
    assert "return x * centre → return x * True" in changes("return x * centre")


def test_only_the_solution_is_changed_and_not_what_it_says() -> None:
    source = '''LEAST = 3

def f(x, by=2):
    """Twice 4."""
    ### BEGIN SOLUTION
    if x < LEAST:
        raise ValueError(f"{x - 1} is less than 5" + "6")
    return x
    ### END SOLUTION'''
    for mutant in mutants("f", source):
        assert mutant.source.startswith('LEAST = 3\n\ndef f(x, by=2):\n    """Twice 4."""\n')
        assert "x - 1} is less than 5" in mutant.source or "raise" not in mutant.source


def test_mutants_are_programs_and_differ_from_the_reference_and_each_other() -> None:
    source = ANSWER.format("y = -x * (2 - 1) if centre else x\n    return [y[i] for i in range(times)]")
    made = [ast.dump(ast.parse(mutant.source)) for mutant in mutants("scale", source)]
    assert len(made) > 20
    assert len({*made, ast.dump(ast.parse(source))}) == len(made) + 1


def test_the_name_of_a_mutant_stays_where_other_lines_come_and_go() -> None:
    before, after = changes("return x - y"), changes("z = 1", "z = 2", "return x - y")
    assert {*before} <= {*after}


def test_two_mutants_of_the_same_words_have_different_names() -> None:
    names = changes("x = x + y", "z = x", "x = x + y", "return x")
    assert len(names) == len({*names})
    assert "x = x + y → x = x - y (2)" in names


def test_the_diff_shows_the_change_alone() -> None:
    mutant = next(one for one in mutants("scale", ANSWER.format("return x - y")) if "→ return x + y" in one.change)
    changed = [line for line in mutant.diff.splitlines()[2:] if line[0] in "+-"]
    assert changed == ["-    return x - y", "+    return x + y"]
