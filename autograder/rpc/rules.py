"""What a student's objects may do in a test: what the reference solution's did, as the manifest holds it.

The manifest says of each test which operations the reference needed, whether each gave plain data or an object, which of the test's
own values each changed, and which raised an exception. Holding a student to it closes the door to objects that are equal to everything, to
answers that return an object where a number belongs, to answers that overwrite the test's own data, and to exceptions that a test
swallows or takes for the end of a loop.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, Protocol

from autograder.rpc.faults import WireError

ResultKind = Literal["plain", "object", "kin"]
PLAIN: Literal["plain"] = "plain"
OBJECT: Literal["object"] = "object"
KIN: Literal["kin"] = "kin"  # plain data of a class of the student's own: it may do where either is expected
ALWAYS = ("repr", "str")  # asked for when a message is written; nothing but text can come back
MAY_FAIL = (*ALWAYS, "getattr", "signature", "calls_of_torch")  # asked for to see whether it is there


class InterfaceError(WireError):
    """A student's object is asked for, or gives, what the reference's never did in this test."""


@dataclass
class OperationSeen:
    """What the reference's object did when asked for one operation: what came back, what of the test's it changed, whether it failed.

    `changes`: values of the test's own, each by the argument in which it was first given away, such as `call:step()#1`.
    """

    results: list[ResultKind] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    fails: bool = False  # it raised an exception, at least once


@dataclass(frozen=True)
class Manifest:
    """What the reference solution did: by test and operation, and the processor time in seconds that each test took."""

    operations: dict[str, dict[str, OperationSeen]]
    seconds: dict[str, float]


class Rules(Protocol):
    """What the connection asks before and after each operation."""

    def before(self, test: str, operation: str) -> None:
        """Raise InterfaceError where the operation may not happen."""

    def may_change(self, test: str, operation: str, value: str) -> bool:
        """Return whether the operation may change a value of the test's own, which is named as in `OperationSeen.changes`."""

    def after(self, test: str, operation: str, result: ResultKind, changed: Collection[str] = ()) -> None:
        """Take note of what came back and of what was changed; raise InterfaceError where that may not be."""

    def may_fail(self, test: str, operation: str) -> bool:
        """Take note of an exception of the object's; return whether the test may go on to pass all the same."""

    def allows(self, test: str, operation: str) -> bool:
        """Return whether `before` would let the operation happen."""

    def wanted(self, test: str, operation: str) -> Literal["plain", "object", ""]:
        """Return what the reference always gave; empty where the student's object decides."""

    def names(self, test: str) -> list[str]:
        """Return the answers that the test asks for by name, as far as is known."""


@dataclass
class Recording:
    """Lets everything happen and writes it down: for the reference solution."""

    seen: dict[str, dict[str, OperationSeen]] = field(default_factory=dict)

    def before(self, test: str, operation: str) -> None:
        """Note the operation."""
        self._entry(test, operation)

    def may_change(self, test: str, operation: str, value: str) -> bool:
        """Allow everything."""
        return True

    def after(self, test: str, operation: str, result: ResultKind, changed: Collection[str] = ()) -> None:
        """Note what came of it."""
        entry = self._entry(test, operation)
        if result not in entry.results:
            entry.results.append(result)
        entry.changes += [value for value in changed if value not in entry.changes]

    def may_fail(self, test: str, operation: str) -> bool:
        """Note that it failed."""
        self._entry(test, operation).fails = True
        return True

    def allows(self, test: str, operation: str) -> bool:
        """Allow everything."""
        return True

    def wanted(self, test: str, operation: str) -> Literal["plain", "object", ""]:
        """Want nothing in particular."""
        return ""

    def names(self, test: str) -> list[str]:
        """Know none yet."""
        return []

    def _entry(self, test: str, operation: str) -> OperationSeen:
        return self.seen.setdefault(test, {}).setdefault(operation, OperationSeen())


@dataclass(frozen=True)
class Enforcing:
    """Holds a submission to what was recorded."""

    seen: dict[str, dict[str, OperationSeen]]

    def before(self, test: str, operation: str) -> None:
        """Raise InterfaceError for an operation that the reference never needed."""
        if operation.split(":", 1)[0] not in ALWAYS and not self.allows(test, operation):
            raise InterfaceError(
                "your code returned an object where the test expects a plain value (a tensor, a number, a list…)"
            )

    def may_change(self, test: str, operation: str, value: str) -> bool:
        """Return whether the reference's object changed it there too."""
        entry = self.seen.get(test, {}).get(operation)
        return entry is not None and value in entry.changes

    def after(self, test: str, operation: str, result: ResultKind, changed: Collection[str] = ()) -> None:
        """Raise InterfaceError for an object in place of plain data, or for data under the name of an answer."""
        verb = operation.split(":", 1)[0]
        result = PLAIN if result == KIN else result
        allowed = self._results(test, operation)
        if result in allowed or KIN in allowed:
            return  # what an object may do in place of kin is for `before` to say
        if result == PLAIN and verb != "name":
            return  # data can't pretend to be anything else: the test itself says what is wrong with it
        got, wanted = "a plain value", "a function or an object"
        if result == OBJECT:
            got, wanted = "an object", "a plain value (a tensor, a number, a list…)"
        raise InterfaceError(f"your code gave {got} where the test expects {wanted}")

    def may_fail(self, test: str, operation: str) -> bool:
        """Return whether the reference's object failed in this test too, or nothing rests on the operation."""
        entry = self.seen.get(test, {}).get(operation)
        return operation.partition(":")[0] in MAY_FAIL or (entry is not None and entry.fails)

    def allows(self, test: str, operation: str) -> bool:
        """Return whether the reference needed it."""
        return operation in self.seen.get(test, {})

    def wanted(self, test: str, operation: str) -> Literal["plain", "object", ""]:
        """Return what the reference gave, if that was always the same; the plain data of kin is what tests use of it."""
        results = self._results(test, operation)
        if not results:
            return ""
        if all(result == OBJECT for result in results):
            return OBJECT
        return "" if OBJECT in results else PLAIN

    def names(self, test: str) -> list[str]:
        """Return those that the reference was asked for."""
        asked = (operation.partition(":") for operation in self.seen.get(test, {}))
        return [name for verb, _, name in asked if verb == "name"]

    def _results(self, test: str, operation: str) -> list[ResultKind]:
        entry = self.seen.get(test, {}).get(operation)
        return [] if entry is None else entry.results
