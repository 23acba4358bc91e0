"""Pairs of students who gave the same rare answers. Pure.

Nothing here proves anything: two students may have learned from the same page. It says where a person should look.
"""

import ast
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from autograder.model.outcomes import Result
from autograder.model.records import Record
from autograder.model.source import tree_of
from autograder.results.answers import answers_of

COMMON = 0.2  # if a larger share of the class gave an answer, two who share it are no surprise
LONG_ENOUGH = 12  # nodes of a syntax tree; a shorter program can hardly be written in two ways
STRIKING = 6.0  # bits of surprise from which a pair is shown

Pair = tuple[str, str]


@dataclass(frozen=True)
class Likeness:
    """Two students whose answers are the same program, up to names, comments and layout, in exercises where that is rare.

    `bits`: how surprising that is, the sum over these exercises of log2(class / number of students with that answer).
    """

    students: Pair
    exercises: tuple[str, ...]
    to_the_letter: tuple[str, ...]  # the exercises in which even names and comments are the same
    wrong: tuple[str, ...]  # the exercises in which the shared answer loses points
    bits: float


def likenesses(records: Sequence[Record]) -> list[Likeness]:
    """Return pairs of students who share more rare answers than chance explains, the most striking pair first."""
    answers = {record.student: _given_answers(record) for record in records if not record.problem}
    lost = {(r.student, t.exercise) for r in records for t in r.tests if t.outcome is not Result.PASSED}
    pairs = [_likeness(pair, bits, answers, lost) for pair, bits in _shared_rare_answers(answers).items()]
    return sorted((pair for pair in pairs if pair.bits >= STRIKING), key=lambda pair: -pair.bits)


def _shared_rare_answers(answers: Mapping[str, Mapping[str, str]]) -> dict[Pair, dict[str, float]]:
    """Return, for each pair of students, the bits of surprise of each exercise in which they share a rare answer."""
    shared: dict[Pair, dict[str, float]] = defaultdict(dict)
    for exercise in dict.fromkeys(exercise for of_student in answers.values() for exercise in of_student):
        same_program: dict[str, list[str]] = defaultdict(list)
        for student, of_student in answers.items():
            if form := normal_form(of_student.get(exercise, "")):
                same_program[form].append(student)
        for students in same_program.values():
            if 2 <= len(students) <= max(2, COMMON * len(answers)):
                for pair in combinations(students, 2):
                    shared[pair][exercise] = math.log2(len(answers) / len(students))
    return shared


def normal_form(source: str) -> str:
    """Return a program without its names, comments, docstrings and layout.

    Empty for what is not Python, or too short for two to be alike by more than chance.
    """
    tree = tree_of(source)
    if tree is None:
        return ""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        _remove_docstring(node)
        if isinstance(node, ast.arg):
            node.arg, node.annotation = names.setdefault(node.arg, f"n{len(names)}"), None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"n{len(names)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    if sum(1 for _ in ast.walk(tree)) < LONG_ENOUGH:
        return ""
    try:
        return ast.dump(tree)
    except ValueError:  # a number with more digits than Python writes
        return ""


def _remove_docstring(node: ast.AST) -> None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
        node.body = node.body[1:] or [ast.Pass()]


def _given_answers(record: Record) -> dict[str, str]:
    """Return what a student wrote, by exercise; without the exercises that were left unanswered."""
    answers = answers_of(record)
    tried = dict.fromkeys(test.exercise for test in record.tests if test.outcome is not Result.UNANSWERED)
    return {exercise: answers[exercise] for exercise in tried if exercise in answers}


def _likeness(
    pair: Pair,
    bits: Mapping[str, float],
    answers: Mapping[str, Mapping[str, str]],
    lost: set[tuple[str, str]],
) -> Likeness:
    one, other = (answers[student] for student in pair)
    return Likeness(
        students=pair,
        exercises=tuple(bits),
        to_the_letter=tuple(exercise for exercise in bits if one[exercise].split() == other[exercise].split()),
        wrong=tuple(exercise for exercise in bits if (pair[0], exercise) in lost),
        bits=sum(bits.values()),
    )
