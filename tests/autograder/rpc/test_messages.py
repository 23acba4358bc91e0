"""The table of messages: what each may hold goes there and back, and nothing else is taken."""

import json
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from autograder.model.outcomes import Result
from autograder.reading.plan import Step
from autograder.rpc import messages
from autograder.rpc.faults import ProtocolError, TooLarge
from autograder.rpc.messages import Fork, Job, Operate, PutFiles, TensorChange, TensorValue, TestEnded, Verb, table
from autograder.rpc.rules import Manifest, OperationSeen
from autograder.rpc.schema import KIND, as_json, read_as
from autograder.rpc.student import OPERATIONS
from tests.autograder.judging import LIMITS

MANIFEST = Manifest({"f_0": {"call:f()": OperationSeen(["plain"], ["call:f()#1"])}}, {"f_0": 0.25})
CHANGE = TensorChange("j0", [2, 3], "float32", 0, None, True, False)
JOB = Job(((Step("f", "student", "x = 1", "f"),), ()), MANIFEST, ("f",), LIMITS)
LOST = TestEnded("f_0", Result.FAILED, "no", "", 0.5, ("argument 1",))
OPERATE = Operate("call", [1, ["list", []]], {"x": None}, "plain", True, [CHANGE], [None, 1, None])
TENSOR = TensorValue("s0", "float32", [], 0, True, False, False, None, None)
EXAMPLES: list[tuple[str, Any]] = [
    ("grader", JOB),
    ("grader", Fork("student", 3, LIMITS, None, "")),
    ("judge", LOST),
    ("judge", TestEnded("f_0", Result.PASSED, "", "", 0.5, (), trial=3)),
    ("judge", OPERATE),
    ("student", TENSOR),
]


def sent(message: Any) -> Any:
    return json.loads(json.dumps(message, default=as_json))


@pytest.mark.parametrize(("sender", "message"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_message_arrives_as_it_was_sent(sender: str, message: Any) -> None:
    assert table.read(sent(message), sender) == message


@pytest.mark.parametrize(("sender", "message"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_field_more_or_less_or_from_another_sender_is_refused(sender: str, message: Any) -> None:
    tree = sent(message)
    others = {"grader", "warm", "judge", "student"} - messages.senders()[tree[KIND]]
    refused = [({**tree, "more": 1}, sender), *((tree, other) for other in others)]
    refused += [({key: value for key, value in tree.items() if key != field.name}, sender) for field in fields(message)]
    for changed, by in refused:
        with pytest.raises(ProtocolError):
            table.read(changed, by)


@pytest.mark.parametrize(
    ("message", "change", "error"),
    [
        (TENSOR, {"name": "s" * 21}, TooLarge),
        (TENSOR, {"shape": [1] * 33}, TooLarge),
        (TENSOR, {"shape": [-1]}, ProtocolError),
        (TENSOR, {"data": True}, ProtocolError),
        (TENSOR, {"grad": "0"}, ProtocolError),
        (TENSOR, {"leaf": 1}, ProtocolError),
    ],
)
def test_a_value_beyond_its_type_or_bounds_is_refused(message: Any, change: dict, error: type[BaseException]) -> None:
    with pytest.raises(error):
        table.read({**sent(message), **change}, "student")


@pytest.mark.parametrize("files", [{f"{i}.txt": i for i in range(201)}, {"a" * 512: 0}])
def test_files_are_bounded_in_number_and_in_names(files: dict[str, int]) -> None:
    for sender, message in (("grader", JOB), ("judge", PutFiles({"data/a.txt": 0}))):
        assert table.read(sent(message), sender) == message
        with pytest.raises(TooLarge):
            table.read({**sent(message), "files": files}, sender)


def test_words_that_are_not_among_those_allowed_are_refused() -> None:
    for change in ({"verb": "eval"}, {"wanted": "all"}, {"verb": ["call"]}):
        with pytest.raises(ProtocolError):
            table.read({**sent(OPERATE), **change}, "judge")
    with pytest.raises(ProtocolError):
        table.read({**sent(LOST), "result": "won"}, "judge")


@pytest.mark.parametrize(
    "tree", [None, 1, "Value", [], ["Value", 1], {}, {KIND: 1}, {KIND: ["Value"]}, {KIND: "Nonsense"}]
)
def test_what_is_no_message_is_refused(tree: Any) -> None:
    for sender in ("grader", "warm", "judge", "student", ""):
        with pytest.raises(ProtocolError):
            table.read(tree, sender)


def test_every_class_of_the_table_can_be_checked_and_says_when_it_is_sent() -> None:
    for entry in table:
        assert entry.checks.keys() == {field.name for field in fields(entry.cls)}
        assert entry.senders <= {"grader", "warm", "judge", "student"}
        assert not entry.cls.__doc__.startswith(f"{entry.cls.__name__}("), f"{entry.cls.__name__} has no docstring"


def test_a_student_s_process_can_do_every_verb_and_no_other() -> None:
    assert OPERATIONS.keys() == set(get_args(Verb))


def test_a_manifest_is_kept_as_it_travels() -> None:
    assert read_as(Manifest, sent(MANIFEST)) == MANIFEST
    with pytest.raises(ProtocolError):
        read_as(Manifest, sent(replace(MANIFEST, seconds={"f_0": "long"})))  # type: ignore[dict-item]
