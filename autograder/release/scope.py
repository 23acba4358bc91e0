"""Find names that are not where they are used: tests and locked cells see less in the judge than in a notebook. Pure.

Beside the tests, only the locked cells run: of the ordinary ones, which students may change, tests see nothing, and neither do they see
names of other tests. The answers stand for objects in the student's process, and locked cells run before there are any.
"""

import builtins
from collections.abc import Iterator

from autograder.model.source import without_magics
from autograder.model.units import Cell, Kind, Unit
from autograder.reading.names import names_in

BUILTINS = frozenset(dir(builtins))


def out_of_sight(unit: Unit) -> list[str]:
    """Return a sentence for each name that a test or a locked cell uses and does not see in the judge."""
    return [f"{unit.path}: {words}" for words in (*_in_locked_cells(unit), *_in_tests(unit))]


def _in_locked_cells(unit: Unit) -> Iterator[str]:
    for cell in unit.of_kind(Kind.SHARED):
        names = names_in(without_magics(cell.source))
        for name in sorted(names.at_once & unit.answer_names - names.bound):
            yield (
                f"the locked cell {cell.id!r} uses the answer {name} when it runs, which is before there is one beside the tests; "
                "unlock it (nbgrader's panel: type -), or move the use into a test"
            )


def _in_tests(unit: Unit) -> Iterator[str]:
    shared = [names_in(without_magics(cell.source)) for cell in unit.of_kind(Kind.SHARED)]
    if any("import *" in cell.source for cell in unit.of_kind(Kind.SHARED)):
        return  # which names that binds is not in the text
    seen = BUILTINS.union(unit.answer_names, *(names.bound for names in shared))
    above: list[Cell] = []  # cells that bind names for a notebook's kernel, and none for the tests
    for cell in unit.cells:
        if cell.kind is Kind.TEST:
            names = names_in(cell.source)
            for name in sorted(names.used - names.bound - seen):
                makers = [other for other in above if name in names_in(other.source).bound]
                if makers:
                    yield _sentence(cell, name, makers[-1])
        if cell.kind in (Kind.PLAIN, Kind.DEMO, Kind.MANUAL, Kind.TEST) and cell.code:
            above.append(cell)


def _sentence(test: Cell, name: str, maker: Cell) -> str:
    if maker.kind is Kind.TEST:
        return (
            f"the test {test.id!r} uses {name}, which only the test {maker.id!r} defines, and each test sees names of its own alone; "
            "define it in both, or in a locked cell (nbgrader's panel: Read-only)"
        )
    return (
        f"the test {test.id!r} uses {name}, which only the ordinary cell {maker.id!r} defines, and students may change that; lock that "
        "cell (nbgrader's panel: Read-only), or define the name in the test"
    )
