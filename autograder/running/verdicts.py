"""What the end of a test says of the answer: one verdict per test. Pure."""

from dataclasses import dataclass

from autograder.model.outcomes import ENDED, Result
from autograder.model.remedies import code_raised, in_words, no_answer, not_defined
from autograder.rpc.connection import Missing
from autograder.rpc.faults import PeerGone, PeerTimeout, ProtocolError, TooLarge, WireError
from autograder.rpc.messages import StudentError
from autograder.rpc.values import NO_MEMORY

NOT_DATA = "your process sent something that is not plain data"
TOO_MUCH = "your code gave back more than a test can hold"
TIME_USED_UP = "the time for this submission was used up before this test"
NOT_ANSWERED = "not answered yet"
NOT_SURVIVED = (
    "what your code gives the tests of this exercise keeps them busy without end, or ends the process that runs them"
)
OUT_OF_MEMORY = "your code asked for more memory than it may have"
RAISED = "your code raised an exception"
UNUSABLE = "the test could not use what your code returned"


@dataclass(frozen=True)
class Verdict:
    """How a test ended: `message` in full, `hint` in words that may be shown for a hidden test: ours or the test author's."""

    result: Result
    message: str = ""
    hint: str = ""
    changed: tuple[str, ...] = ()  # arguments that the answer changed in place, where the reference does not


PASSED = Verdict(Result.PASSED)
GIVEN_UP = Verdict(Result.INTERFACE, NOT_SURVIVED, NOT_SURVIVED)
NOT_RUN = Verdict(Result.NOT_RUN, TIME_USED_UP, "time was used up")


def of_exception(error: BaseException, stopped: str | None) -> Verdict:
    """Return what an exception that ended a test says of the answer. `stopped`: the error with which the answer's cell had stopped."""
    if isinstance(error, NotImplementedError):
        return Verdict(Result.UNANSWERED, NOT_ANSWERED, NOT_ANSWERED)
    if isinstance(error, Missing):
        return _of_missing_name(error.name, stopped)
    cause = error.__cause__ or error
    text_of_cause = _text(cause)
    if isinstance(cause, MemoryError) or any(words in text_of_cause for words in NO_MEMORY):
        message = f"{OUT_OF_MEMORY} ({text_of_cause})" if text_of_cause else OUT_OF_MEMORY
        return Verdict(Result.MEMORY, message, OUT_OF_MEMORY)
    kind, text = type(error).__name__, _text(error)
    if hasattr(error, "hint"):  # course.checks.CheckFailed
        raised = getattr(error, "kind", "") == "raised"
        original = getattr(error.__cause__, "original", None)
        where = original.where if isinstance(original, StudentError) else ""
        return Verdict(Result.RAISED if raised else Result.FAILED, f"{text}\n{where}" if where else text, error.hint)
    if isinstance(original := getattr(error, "original", None), StudentError):
        # The class too may be chosen by what the code was called with.
        return Verdict(Result.RAISED, code_raised(said_of(original)), RAISED)
    if isinstance(error, AssertionError):
        return Verdict(Result.FAILED, text or "the test's assertion does not hold")
    return Verdict(Result.FAILED, f"{UNUSABLE} ({kind}: {text})", UNUSABLE)


def said_of(error: StudentError) -> str:
    """Return an exception of the student's in one sentence."""
    return in_words(error.classes[0].rpartition(".")[2] if error.classes else "", error.text, error.where)


def _of_missing_name(name: str | None, stopped: str | None) -> Verdict:
    """Return why a name that an answer should define is not there."""
    if stopped is None:
        message = f"{name} is not defined"
        return Verdict(Result.UNANSWERED, message, message)
    return Verdict(Result.RAISED, not_defined(str(name), stopped), not_defined(str(name), "an error"))


def of_fault(fault: WireError, waited: str) -> Verdict:
    """Return what an error of the interface says of the answer. `waited`: how long was waited, such as "within 10 s"."""
    if isinstance(fault, PeerTimeout):
        # The seconds are for visible tests alone: an answer that spends its time by what hidden tests ask could make them say it.
        return Verdict(Result.TIMEOUT, no_answer(waited), no_answer("in time"))
    if isinstance(fault, PeerGone):
        return Verdict(Result.CRASHED, ENDED, ENDED)
    if isinstance(fault, TooLarge):
        return Verdict(Result.INTERFACE, f"{TOO_MUCH}: {fault}", TOO_MUCH)
    if isinstance(fault, ProtocolError):
        return Verdict(Result.INTERFACE, f"{NOT_DATA} ({fault})", NOT_DATA)
    return Verdict(Result.INTERFACE, str(fault), str(fault))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # as of an int with more digits than Python writes
        return ""
