"""The plan for one submission: which cells are run, in which order, in which passes. Runs nothing."""

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.model.units import Kind, Unit
from autograder.reading.demos import BUILTINS, used_demos
from autograder.reading.dependencies import needed_cells, order_matters
from autograder.reading.names import Names, names_in

OWN = "own:"  # the ids of steps that are cells of the student's own begin with this, as no id of a unit's cell can
MAX_MOVED = 20
MODULE = re.compile(r"(?<!\w)(\w{1,100}+)\.py\b")
ROLES = {
    Kind.ANSWER: "student",
    Kind.MANUAL: "student",
    Kind.PLAIN: "lesson",
    Kind.SHARED: "both",
    Kind.TEST: "test",
}


@dataclass(frozen=True)
class Step:
    """A cell to be run.

    `run` says where: "student" (in the student's process), "both" (there and beside the tests), "test" (by the judge), "lesson" (an
    unchanged cell of the lesson: in the student's process, and only if the student's code needs it) or "demo" (an unchanged demo:
    likewise, and only if such code uses a name that it binds).
    `exercise` is the exercise that the cell answers or tests; empty for other cells.
    """

    id: str
    run: str
    source: str
    exercise: str = ""

    @property
    def own(self) -> bool:
        """Whether the student added this cell."""
        return self.id.startswith(OWN)

    @property
    def helps(self) -> bool:
        """Whether it is the student's and answers nothing: a cell that was added, or one of the lesson's that was changed."""
        return self.run == "student" and not self.exercise


def reference_steps(unit: Unit) -> Iterator[Step]:
    """Yield the unit's own cells as steps, reference answers included: what a perfect student's notebook would run."""
    for cell in [cell for cell in unit.of_kind(*ROLES) if cell.code]:
        yield Step(cell.id, ROLES[cell.kind], cell.source, cell.exercise or cell.id)


# ---- helpers that stand below the cells that use them


def helpers_first(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Move the student's own cells, and those of the lesson that the student changed, up to where their definitions are first needed; return the steps and what was moved.

    Students often run the cells of a notebook in another order than they stand in. Only definitions, imports and constants of
    names that no cell above binds are moved. What a function uses is needed at the first test of the answer that uses it.
    """
    ordered = list(steps)
    moved: list[str] = []
    names = {step.id: names_in(step.source) for step in steps if step.helps}
    if any(own.made or own.constants for own in names.values()):
        names |= {
            step.id: names_in(step.source) for step in steps if not step.helps and step.run not in ("test", "demo")
        }
        while len(moved) < MAX_MOVED and (late := _late_helper(ordered, names)):
            user = ordered[late.used_at]
            moved.append(f"the cell that defines {late.name} stands below {user.id}, which uses it: it was run first")
            ordered.insert(late.used_at, ordered.pop(late.defined_at))
    return tuple(ordered), tuple(moved)


@dataclass(frozen=True)
class _LateHelper:
    """A name that a step uses and only a cell of the student's own below it defines: the places of both steps."""

    name: str
    used_at: int
    defined_at: int


def _late_helper(steps: Sequence[Step], names: dict[str, Names]) -> _LateHelper | None:
    """Return the first helper that stands too far below; `names` by the id of the step."""
    backwards = range(len(steps) - 1, -1, -1)  # so that the first definition of a name counts
    own = [place for place in backwards if steps[place].helps]
    defined_at = {name: at for at in own for name in names[steps[at].id].made | names[steps[at].id].constants}
    bound_at: dict[str, int] = {}
    answers: dict[str, list[int]] = {}  # the places of each exercise's answers
    in_time: set[int] = set()  # the steps whose functions have all that they need
    for place, step in enumerate(steps):
        if step.run == "test":
            waiting = list(answers.get(step.exercise, []))
            while waiting:
                at = waiting.pop()
                for name in sorted(_from_outside(names[steps[at].id])) if at not in in_time else ():
                    if name in bound_at:
                        waiting.append(bound_at[name])
                    elif defined_at.get(name, -1) > place:
                        return _LateHelper(name, at, defined_at[name])
                in_time.add(at)
        if step.run in ("test", "demo"):
            continue
        in_step = names[step.id]
        if step.helps or step.exercise:
            for name in sorted(_needed_at_once(in_step) - bound_at.keys()):
                if defined_at.get(name, -1) > place:
                    return _LateHelper(name, place, defined_at[name])
        bound_at |= dict.fromkeys(in_step.bound, place)
        if step.exercise:
            answers.setdefault(step.exercise, []).append(place)
    return None


def _from_outside(names: Names) -> frozenset[str]:
    return names.used - BUILTINS - names.bound


def _needed_at_once(names: Names) -> frozenset[str]:
    """Return what has to be there when a cell runs: what its functions use too, where it calls them itself."""
    calls_its_own = names.at_once & names.made - names.imported
    return _from_outside(names) & (names.used if calls_its_own else names.at_once)


# ---- demos


def without_unused_demos(steps: Sequence[Step], users: Collection[str] | None = None) -> tuple[Step, ...]:
    """Leave out the demos that no step with one of these ids needs, by default none of the student's."""
    if users is None:
        users = {step.id for step in steps if step.run == "student"}
    cells = [(step.id, step.source) for step in steps if step.run != "test"]
    used = used_demos(cells, {step.id for step in steps if step.run == "demo"}, users)
    return tuple(step for step in steps if step.run != "demo" or step.id in used)


# ---- passes


def passes(unit: Unit, steps: Iterable[Step], files: Iterable[str] = ()) -> list[list[Step]]:
    """Divide the steps into passes, each of which is run in a fresh process of the student's.

    Visible tests come first, for nothing that a student can read may be said after a hidden test has run. Where the order of
    the cells matters, the hidden tests get a second pass, in which each runs right after its answer; elsewhere they end the
    only pass. `files`: the names of those that were handed in.
    """
    hidden = {test.id for test in unit.tests if test.hidden}
    steps = list(steps)
    modules = _own_modules(steps, files)
    needed = list(_without_unused(unit, steps, modules))
    visible = [step for step in needed if step.id not in hidden]
    if order_matters([step.source for step in needed if step.run != "test"], unit.answer_names, modules):
        return [visible, [step for step in needed if step.run != "test" or step.id in hidden]]
    return [visible + [step for step in needed if step.id in hidden]]


def _own_modules(steps: Iterable[Step], files: Iterable[str]) -> frozenset[str]:
    """Return the modules that a student may have of his own: handed in, or written by a cell."""
    first_parts = {name.partition("/")[0] for name in files}
    written = {name for step in steps if step.run == "student" for name in MODULE.findall(step.source)}
    return frozenset({part.removesuffix(".py") for part in first_parts} | written)


def _without_unused(unit: Unit, steps: list[Step], own_modules: frozenset[str]) -> Iterator[Step]:
    """Leave out the cells of the lesson and the student's own that no answer needs; they would be most of what a submission costs."""
    students = [step for step in steps if step.run == "student"]
    lessons = {step.id: step.source for step in steps if step.run == "lesson"}
    own = {step.id: step.source for step in students if not step.exercise}
    answers = [step for step in students if step.exercise]
    demos: dict[str, str] = {}
    while True:
        kept = [*(step.source for step in answers), *demos.values()]
        needed = needed_cells(lessons, own, kept, unit.answer_names, own_modules)
        with_demos = without_unused_demos(steps, {*needed, *(step.id for step in answers)})
        used = {step.id: step.source for step in with_demos if step.run == "demo"}
        if used.keys() <= demos.keys():
            break
        demos |= used
    for step in steps:
        if step.run == "demo":
            if step.id in demos:
                yield dataclasses.replace(step, run="student")
        elif step.id not in lessons and step.id not in own:
            yield step
        elif step.id in needed:
            yield dataclasses.replace(step, run="student")
