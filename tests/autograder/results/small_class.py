"""A class of six that handed in the small unit: what the report is made of in its tests."""

from autograder.model.outcomes import Result, TestOutcome
from autograder.model.records import Record
from autograder.model.units import Unit
from autograder.release.build import to_save
from tests.autograder.small_unit import NAME

PASSES = {  # student: which of the four tests pass
    "ada": (1, 1, 1, 1),
    "ben": (1, 0, 1, 1),
    "cy": (1, 0, 0, 0),
    "dee": (0, 0, 1, 0),
    "eve": (1, 1, 1, 0),
    "fay": (0, 1, 0, 0),
}
OTHER = {
    "ada": "def double(x):\n    # mine\n    return sum([x for _ in range(2)]) + 0",
    "ben": "def double(number: int) -> int:\n    '''Twice.'''\n    return sum([number for step in range(2)]) + 0",
    "cy": "def double(x):\n    return sum([x for _ in range(3)]) + 0",
    "dee": "def double(x):\n    result = 0\n    for _ in range(2):\n        result += x\n    return result",
    "eve": "def double(x):\n    if x:\n        return x + x\n    return 0 * len([x])",
    "fay": "def double(x):\n    return np.add(np.asarray(x), np.asarray(x)).item()",
}


def record(unit: Unit, student: str, passes: tuple, answers: dict[str, str]) -> Record:
    notebook = to_save(unit)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    tests = tuple(
        TestOutcome(
            test.id,
            test.exercise,
            test.hidden,
            test.points * passed,
            test.points,
            Result.PASSED if passed else Result.FAILED,
            "",
            "" if passed else f"Think about {test.id}.",
        )
        for test, passed in zip(unit.tests, passes, strict=True)
    )
    return Record(student, NAME, tests, "none", notebook=notebook)
