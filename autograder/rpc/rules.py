"""What the reference solution did in each test: which operations, giving plain data or an object, changing which arguments.

A student's object may do in a test only what the reference's did. That closes the door to objects that are equal to
everything, to answers that return an object where a number belongs, and to answers that overwrite the test's own data.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder.rpc.frames import WireError

ALWAYS = ("repr", "str")  # asked for when a message is written; nothing but text can come back
PLAIN, OBJECT = "plain", "object"
KIN = "kin"  # plain data of a class of the student's own: it may do where either is expected


class InterfaceError(WireError):
    """The student's object is asked for, or gives, what the reference's never did in this test."""


class Rules(Protocol):
    """What the connection asks before and after each operation."""

    def before(self, test: str, operation: str) -> bool:
        """Whether the operation may change the judge's arguments; raises InterfaceError where it may not happen."""

    def after(self, test: str, operation: str, result: str, mutated: bool) -> None:
        """Told what came back (PLAIN, OBJECT or KIN) and whether an argument was changed."""

    def allows(self, test: str, operation: str) -> bool:
        """Whether `before` would let the operation happen."""

    def wanted(self, test: str, operation: str) -> str:
        """PLAIN or OBJECT where the reference gave nothing else; empty where the student's object decides."""

    def names(self, test: str) -> list[str]:
        """The answers that the test asks for by name, as far as is known."""


@dataclass
class Recording:
    """Lets everything happen and writes it down: for the reference solution."""

    seen: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def before(self, test: str, operation: str) -> bool:
        """Note the operation."""
        self.seen.setdefault(test, {}).setdefault(operation, {"results": [], "mutates": False})
        return True

    def after(self, test: str, operation: str, result: str, mutated: bool) -> None:
        """Note what came of it."""
        entry = self.seen[test][operation]
        if result not in entry["results"]:
            entry["results"].append(result)
        entry["mutates"] = entry["mutates"] or mutated

    def allows(self, test: str, operation: str) -> bool:
        """Everything is."""
        return True

    def wanted(self, test: str, operation: str) -> str:
        """Nothing in particular."""
        return ""

    def names(self, test: str) -> list[str]:
        """None yet."""
        return []


@dataclass(frozen=True)
class Enforcing:
    """Holds a submission to what was recorded."""

    seen: dict[str, dict[str, dict[str, Any]]]

    def before(self, test: str, operation: str) -> bool:
        """Raise InterfaceError for an operation that the reference never needed."""
        if operation.split(":", 1)[0] in ALWAYS:
            return False
        entry = self.seen.get(test, {}).get(operation)
        if entry is None:
            raise InterfaceError(
                "your code returned an object where the test expects a plain value (a tensor, a number, a list…)"
            )
        return bool(entry["mutates"])

    def after(self, test: str, operation: str, result: str, mutated: bool) -> None:
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

    def allows(self, test: str, operation: str) -> bool:
        """Whether the reference needed it."""
        return operation in self.seen.get(test, {})

    def wanted(self, test: str, operation: str) -> str:
        """What the reference gave, if that was always the same; the plain data of kin is at hand, where tests use it."""
        kinds = {PLAIN if kind == KIN else kind for kind in self._results(test, operation)}
        return kinds.pop() if len(kinds) == 1 else ""

    def names(self, test: str) -> list[str]:
        """Those that the reference was asked for."""
        asked = (operation.partition(":") for operation in self.seen.get(test, {}))
        return [name for verb, _, name in asked if verb == "name"]

    def _results(self, test: str, operation: str) -> list[str]:
        return list(self.seen.get(test, {}).get(operation, {"results": []})["results"])
