"""How a test can end, and what is kept of that."""

from dataclasses import dataclass
from enum import StrEnum

ENDED = "your code ended its own process (os._exit, a crash, or a limit on memory or processor time)"
NOTHING_RAN = "nothing ran"  # the isolation on the record of a submission that could not be read
FULL = (
    "namespaces, landlock, seccomp"  # the isolation on a record where nothing that keeps students' code in was missing
)
GROUP = ", cgroup"  # added to it where the kernel itself bounded the memory of a submission's processes together
LIMITS_ONLY = "limits"  # the isolation on a record where the system offered none of these


def with_group(isolation: str) -> str:
    """Return the isolation with the word for a control group, before what it says in brackets."""
    means, space, rest = isolation.partition(" (")
    return f"{GROUP.lstrip(', ') if means == LIMITS_ONLY else means + GROUP}{space}{rest}"


def weakest(*isolations: str) -> str:
    """Return what held in all runs of a submission: of several isolations, the one that names fewest walls."""
    return min(isolations, key=_walls)


def _walls(isolation: str) -> int:
    """Return how many walls an isolation names. What it says in brackets are gaps."""
    named = isolation.partition(" (")[0]
    return 0 if named in ("", LIMITS_ONLY) else 1 + named.count(",")


def is_weakened(isolation: str) -> bool:
    """Return whether something that keeps students' code in was missing. A control group bounds only what has a limit without it too."""
    return isolation.removesuffix(GROUP) not in (FULL, NOTHING_RAN)


class Result(StrEnum):
    """How one test ended. Only PASSED earns points, and only the first five say something about the answer."""

    PASSED = "passed"
    FAILED = "failed"  # a check said no
    RAISED = "raised"  # the answer raised an exception
    UNANSWERED = "unanswered"  # the answer raises NotImplementedError, or is missing
    INTERFACE = "interface"  # the answer gave an object where a plain value belongs
    TIMEOUT = "timeout"
    CRASHED = "crashed"  # the student's process ended (os._exit, a segmentation fault)
    MEMORY = "memory"
    BROKEN = "broken"  # the test itself is at fault, not the student
    NOT_RUN = "not_run"  # the submission could not be read, or its time was used up


class Aside(StrEnum):
    """What a cell asked for that is not there when submissions are graded, though the cell went on."""

    COMMAND = (
        "a line of the shell did not succeed: not every program is there when submissions are graded, and no network"
    )
    CONDA = "%conda and %mamba were passed over: packages cannot be installed when submissions are graded"
    DEBUGGER = "the debugger was passed over: nobody can use it when submissions are graded"
    QUIT = "quit() and exit() were passed over: what comes after them is graded too"
    RESTART = "a restart of the kernel was passed over: what comes after it is graded too"


@dataclass(frozen=True)
class TestOutcome:
    """What one test cell said.

    `message` is the whole message, for the instructor, and for the student where the test is visible. `hint` is in the
    author's own words and safe to show even for a hidden test.
    """

    __test__ = False  # the name begins with Test, but this is no pytest class

    grade_id: str
    exercise: str
    hidden: bool
    score: float
    max_score: float
    outcome: Result
    message: str = ""
    hint: str = ""
    seconds: float = 0.0
