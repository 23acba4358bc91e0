"""The cells that are run for one submission, in order."""

import builtins
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.reading.dependencies import Names, names_in

OWN = "own_"  # how the ids of steps begin that are cells of the student's own
MAX_MOVED = 20
BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Step:
    """A cell to be run: where, and which exercise a test belongs to.

    `run` is "student", "both" (there and beside the tests), "test", or "lesson": an unchanged cell of the lesson, run beside
    the student's only where their code needs it.
    """

    id: str
    run: str
    source: str
    exercise: str = ""

    @property
    def own(self) -> bool:
        """Whether it is a cell that the student added."""
        return self.id.startswith(OWN)


def helpers_first(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Move each of the student's own cells that defines what cells above it use to where it is needed; say which were moved.

    A notebook's cells are often run in another order than they stand in. Only definitions and imports count, of names that
    nothing above defines.
    """
    ordered = list(steps)
    moved: list[str] = []
    names = {step.id: names_in(step.source) for step in steps if step.own}
    if any(found.made for found in names.values()):
        names |= {step.id: names_in(step.source) for step in steps if not step.own and step.run != "test"}
        while len(moved) < MAX_MOVED and (found := _late(ordered, names)):
            at, late, name = found
            moved.append(f"the cell that defines {name} stands below {ordered[at].id}, which uses it: it was run first")
            ordered.insert(at, ordered.pop(late))
    return tuple(ordered), tuple(moved)


def _late(steps: Sequence[Step], names: dict[str, Names]) -> tuple[int, int, str] | None:
    """The place of a step that uses a name defined by one of the student's own below alone, that one's place, the name."""
    made = {name: at for at in range(len(steps) - 1, -1, -1) if steps[at].own for name in names[steps[at].id].made}
    known = set(BUILTINS)
    for place, step in enumerate(steps):
        if step.run == "test":
            continue
        found = names[step.id]
        if step.own or step.exercise:
            late = [name for name in sorted(found.used - known - found.bound) if made.get(name, -1) > place]
            if late:
                return place, made[late[0]], late[0]
        known |= found.bound
    return None
