"""Every message between the grader, the warm process, a judge and a student's process, and every part of a value that is no plain data.

One table serves all ends. A class says in its docstring when it is sent; `@table.sent_by(...)` says by whom; a field's annotation says
what it may hold and how much of it. `schema.py` refuses everything else. README.md shows one conversation from beginning to end.

A field of type `Tree` holds a value as `values.py` writes it. A field of type `Buffer` is the number of one of the frame's buffers, which
hold the bytes of tensors, arrays and pickles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from autograder.model.outcomes import Aside, Result
from autograder.reading.beside import MAX_FILES
from autograder.reading.plan import Step
from autograder.rpc.frames import MAX_FRAME
from autograder.rpc.rules import Manifest
from autograder.rpc.schema import AtMost, Table, Within
from autograder.sandbox.limits import Limits

table = Table()

MAX_TENSOR_NAME = 20  # characters of a tensor's identity
MAX_CLASSES = 20  # names of an object's or exception's classes
MAX_CLASS_NAME = 200  # characters
MAX_TEXT = 4_000  # characters of an exception's text
MAX_LINE = 200  # characters of the line that raised an exception
MAX_PRINTED = 100_000  # characters that one operation prints
MAX_MESSAGE, MAX_HINT = 4_000, 2_000  # characters of what a judge reports
MAX_REASON = 500  # characters of why something of our own went wrong
MAX_DIMENSIONS = 32
MAX_NUMBER = (1 << 53) - 1  # the largest whole number that every reader of JSON keeps

MAX_STATEMENTS = 10_000  # of one cell that are reported
MAX_FILE_NAME = 2 * 255 + 1  # characters: a folder and a file in it
GENERATORS = 3  # torch's, NumPy's and Python's: see randomness.py

Tree = Any
Buffer = Annotated[int, Within(0, MAX_NUMBER)]
Files = Annotated[dict[Annotated[str, AtMost(MAX_FILE_NAME)], Buffer], AtMost(MAX_FILES)]
Place = Annotated[int, Within(0, MAX_STATEMENTS - 1)]
Number = Annotated[int, Within(0, MAX_NUMBER)]
Reason = Annotated[str, AtMost(MAX_REASON)]
Size = Annotated[int, Within(0, MAX_FRAME)]
Shape = Annotated[list[Size], AtMost(MAX_DIMENSIONS)]
TensorName = Annotated[str, AtMost(MAX_TENSOR_NAME)]
ClassNames = Annotated[list[Annotated[str, AtMost(MAX_CLASS_NAME)]], AtMost(MAX_CLASSES)]
Capability = Literal["call", "len", "getitem", "iter", "next", "type", "missing"]
Wanted = Literal[
    "plain", "object", ""
]  # what the test can use: plain data, an object, or what the student's object decides
DefaultDtype = Literal["float32", "float64"]
Verb = Literal[
    "call",
    "method",
    "getattr",
    "setattr",
    "len",
    "iter",
    "next",
    "repr",
    "str",
    "isinstance",
    "calls_of_torch",
    "signature",
    "getitem",
    "setitem",
    "contains",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "matmul",
    "mod",
    "pow",
    "neg",
]


# ---- between the grader and the warm process, with the descriptors named


@table.sent_by("warm")
@dataclass(frozen=True)
class Warm:
    """The warm process is ready to fork. `isolation`: what it can keep students' code in with."""

    isolation: str


@table.sent_by("grader")
@dataclass(frozen=True)
class Fork:
    """Fork a judge or a student's process. With it come two descriptors: the process's channel, and where its output goes.

    `slot`: a number that no other process has at the time. `core`: where a judge is to run. `home`: an empty folder for a student's
    files, where there are no namespaces to give it one.
    """

    role: Literal["judge", "student"]
    slot: Number
    limits: Limits
    core: Number | None
    home: str


@table.sent_by("warm")
@dataclass(frozen=True)
class Forked:
    """A process was forked. With it comes one descriptor, which names the process."""

    pid: Number


@table.sent_by("warm")
@dataclass(frozen=True)
class NotForked:
    """No process could be forked."""

    reason: Reason


@table.sent_by("warm")
@dataclass(frozen=True)
class Ready:
    """The first frame of a process, sent when all its walls stand and before any code of a student's: it can be believed."""


@table.sent_by("warm")
@dataclass(frozen=True)
class NotReady:
    """The first and last frame of a process whose walls cannot be put up."""

    reason: Reason


# ---- between the grader and a judge


@table.sent_by("grader")
@dataclass(frozen=True)
class Job:
    """Judge one submission.

    `passes`: the steps of each pass, which begins with a fresh student's process. `manifest`: what the reference solution did in
    each test; None while it is recorded. `answers`: the names that stand for the student's objects in a test. `shown`: the ids of the
    tests that students can read from beginning to end. `silent`: whether a hidden test has begun in an earlier run of the job.
    `files`: what was handed in beside the notebook, by its name in the student's working directory, a file of a folder as
    `folder/name`. `until_lost`: end at the first test that is not passed. `trials`: steps to be run after those of the passes in the
    same student's process, each trial up to the first test that is not passed; where a trial breaks the process, none is run after it.
    `given_up`: exercises whose tests are not run, since no judge has survived them.
    """

    passes: tuple[tuple[Step, ...], ...]
    manifest: Manifest | None
    answers: tuple[str, ...]
    limits: Limits
    shown: tuple[str, ...] = ()
    silent: bool = False
    files: Files = field(default_factory=dict)
    until_lost: bool = False
    trials: tuple[tuple[Step, ...], ...] = ()
    given_up: tuple[str, ...] = ()


@table.sent_by("judge")
@dataclass(frozen=True)
class StudentWanted:
    """The judge needs a fresh student's process; the one that it had is to be ended."""


@table.sent_by("grader")
@dataclass(frozen=True)
class StudentGiven:
    """Answers StudentWanted. With it comes one descriptor: the judge's end of the channel to the process `pid`."""

    pid: Number


@table.sent_by("judge")
@dataclass(frozen=True)
class CellStopped:
    """A cell of the student's ended with an error. Students read it, so it is sent only while no hidden test has begun."""

    id: str
    error: Annotated[str, AtMost(MAX_HINT)]


@table.sent_by("judge")
@dataclass(frozen=True)
class ProcessEnded:
    """A student's process ended while it ran a cell after a hidden test had begun, or a visible test beside the cells.

    No student reads it: it says only that the job may have to be run again.
    """

    id: str


@table.sent_by("judge")
@dataclass(frozen=True)
class CellWentOn:
    """A cell of the student's asked for what is not there, and went on. Sent only while no hidden test has begun."""

    id: str
    asides: list[Aside]


@table.sent_by("judge")
@dataclass(frozen=True)
class TestEnded:
    """A test came to its end, or was ended.

    `changed`: the arguments that the answer changed in place where the reference does not. `trial`: the number of the job's trial that
    the test was run in; None where it belongs to a pass.
    """

    __test__ = False  # the name begins with Test, but this is no pytest class

    id: str
    result: Result
    message: Annotated[str, AtMost(MAX_MESSAGE)]
    hint: Annotated[str, AtMost(MAX_HINT)]
    seconds: float
    changed: tuple[str, ...]
    trial: Number | None = None


@table.sent_by("judge")
@dataclass(frozen=True)
class Done:
    """The judge has judged the submission.

    `manifest`: what was recorded, where the job had none. `as_it_was`: whether the judge may judge another submission.
    """

    manifest: Manifest | None
    as_it_was: bool


# ---- from the judge to the student's process


@table.sent_by("judge")
@dataclass(frozen=True)
class PutFiles:
    """Put what was handed in beside the notebook into the working directory. Answered by FilesPut, before any cell is run.

    `files`: as in Job. A file of the same name is replaced.
    """

    files: Files


@table.sent_by("judge")
@dataclass(frozen=True)
class RunCell:
    """Run a cell. Answered by CellRan; on the way, the student's process sends StatementBegun.

    `skipped`: the place of a statement that did not come to its end before: it is left out, and of those after it only imports and
    definitions are run. None: run the whole cell.
    """

    source: str
    skipped: Place | None = None


@table.sent_by("judge")
@dataclass(frozen=True)
class BeginTest:
    """Forget the tensors and objects of the test before, and seed the generators. Answered by TestBegun.

    `names`: the answers that the test is known to ask for.
    """

    names: list[str]


@table.sent_by("judge")
@dataclass(frozen=True)
class GetName:
    """Give the object that a name stands for. Answered by Value or NotDefined."""

    name: str
    wanted: Wanted


@table.sent_by("judge")
@dataclass(frozen=True)
class Operate:
    """Do one operation on an object. Answered by Operated; on the way, the student's process may send CallBack and GiveGradient.

    `changes`: how the judge's tensors changed since both sides agreed. `random`: for each generator, the state that the test has set
    or used, or None where the student's may run on. `grad`: whether gradients are recorded.
    """

    verb: Verb
    arguments: list[Tree]
    keywords: dict[str, Tree]
    wanted: Wanted
    grad: bool
    changes: "list[TensorChange]"
    random: list[Buffer | None]


@table.sent_by("judge")
@dataclass(frozen=True)
class Differentiate:
    """Propagate a gradient from a tensor that came from the student's process back to `inputs`. Answered by Differentiated.

    `gain`: whether the other leaves gain their gradients too, as by `backward()`. `create`: whether the gradients can be
    differentiated in turn (PyTorch's create_graph).
    """

    output: TensorName
    gradient: Tree
    inputs: list[TensorName]
    gain: bool
    create: bool


@table.sent_by("judge")
@dataclass(frozen=True)
class Returned:
    """Answers CallBack and GiveGradient: the value, or the class and text of the exception that the test's own function raised."""

    value: Tree
    error: "CallbackError | None"


@dataclass(frozen=True)
class CallbackError:
    """An exception of one of the test's own functions: the name of its class, and its text."""

    name: str
    text: str


# ---- from the student's process to the judge: everything here is read as if a stranger had written it


@dataclass(frozen=True)
class StudentError:
    """An exception of the student's code: its classes, nearest first, its text, and the line of the student's cell that raised it."""

    classes: ClassNames
    text: Annotated[str, AtMost(MAX_TEXT)]
    where: Annotated[str, AtMost(MAX_LINE)]


@table.sent_by("student")
@dataclass(frozen=True)
class Failed:
    """Answers any request: it ended with an exception. `printed`: what was printed before."""

    error: StudentError
    printed: Annotated[str, AtMost(MAX_PRINTED)]


@table.sent_by("student")
@dataclass(frozen=True)
class FilesPut:
    """Answers PutFiles."""


@table.sent_by("student")
@dataclass(frozen=True)
class StatementBegun:
    """A top-level statement of the cell that is run begins, the one at this place."""

    place: Place


@table.sent_by("student")
@dataclass(frozen=True)
class CellRan:
    """Answers RunCell. `error`: the exception that ended the cell. `asides`: what it asked for in vain before."""

    error: StudentError | None
    asides: Annotated[list[Aside], AtMost(len(Aside))]


@table.sent_by("student")
@dataclass(frozen=True)
class TestBegun:
    """Answers BeginTest: the functions and classes among the names, each a Handle, and PyTorch's default dtype there."""

    __test__ = False  # the name begins with Test, but this is no pytest class

    named: dict[str, Tree]
    dtype: DefaultDtype


@table.sent_by("student")
@dataclass(frozen=True)
class Value:
    """Answers GetName."""

    value: Tree


@table.sent_by("student")
@dataclass(frozen=True)
class NotDefined:
    """Answers GetName: the notebook does not define the name."""


@table.sent_by("student")
@dataclass(frozen=True)
class Operated:
    """Answers Operate.

    `mutable`: the arguments that the operation may have changed in place, by their place, as they are now. `changes`: how tensors
    changed. `used`: for each generator, whether the operation has used or set its state. `rebound`: names of functions and classes
    that no longer stand for what the judge has.
    """

    value: Tree
    mutable: list["MutableArgument"]
    changes: list["TensorChange"]
    printed: Annotated[str, AtMost(MAX_PRINTED)]
    used: Annotated[list[bool], AtMost(GENERATORS)]
    rebound: list[str]


@table.sent_by("student")
@dataclass(frozen=True)
class Differentiated:
    """Answers Differentiate: a gradient for each input or None, and what other leaves gained."""

    gradients: list[Tree]
    others: list["Gain"]


@table.sent_by("student")
@dataclass(frozen=True)
class CallBack:
    """Call one of the test's own functions and answer with Returned. `grad`: whether gradients are recorded."""

    number: Number
    arguments: Tree
    keywords: Tree
    grad: bool


@table.sent_by("student")
@dataclass(frozen=True)
class GiveGradient:
    """Go back through a result of one of the test's own functions and answer with Returned. `create`: as in Differentiate."""

    number: Number
    gradient: Tree
    create: bool


@dataclass(frozen=True)
class MutableArgument:
    """An argument of an operation, by its place, as it is after the operation."""

    place: Number
    value: Tree


@dataclass(frozen=True)
class Gain:
    """What a leaf gained in its `.grad`."""

    leaf: TensorName
    gradient: "Numbers"


# ---- parts of values that are no plain data


@dataclass(frozen=True)
class TensorChange:
    """How a tensor changed since both sides agreed.

    `data` and `grad`: its new values, None where they are the old ones. `no_grad`: its gradient is gone. `versioned`: whether PyTorch
    counted the change, which it does not through `.data`.
    """

    name: TensorName
    shape: Shape
    dtype: str
    data: Buffer | None
    grad: Buffer | None
    no_grad: bool
    versioned: bool


@table.sent_by("judge", "student")
@dataclass(frozen=True)
class TensorValue:
    """A tensor by value, with its identity and its place in the autograd graph.

    `strides`: how its elements lie in memory, where that is not C order; a student's process does not say so.
    """

    name: TensorName
    dtype: str
    shape: Shape
    data: Buffer
    requires_grad: bool
    leaf: bool
    parameter: bool
    grad: Buffer | None
    strides: Annotated[list[int], AtMost(MAX_DIMENSIONS)] | None


@table.sent_by("judge", "student")
@dataclass(frozen=True)
class Numbers:
    """The values of a tensor without its identity, such as a gradient."""

    dtype: str
    shape: Shape
    data: Buffer


@table.sent_by("student")
@dataclass(frozen=True)
class Handle:
    """An object of the student's that stays where it is: its number, what it can do, its classes, its own name."""

    number: Number
    can: Annotated[list[Capability], AtMost(MAX_CLASSES)]
    classes: ClassNames
    name: Annotated[str, AtMost(100)]


@table.sent_by("student")
@dataclass(frozen=True)
class Kin:
    """Plain data of a class of the student's own, with a handle of the object itself."""

    value: Tree
    object: Handle


@table.sent_by("judge")
@dataclass(frozen=True)
class KnownTensor:
    """A tensor that both sides have."""

    name: TensorName


@table.sent_by("judge")
@dataclass(frozen=True)
class CutTensor:
    """A tensor that came from the student's process with a graph: a new leaf there, since the judge keeps the graph between the two."""

    name: TensorName
    source: TensorName


@table.sent_by("judge")
@dataclass(frozen=True)
class CallbackOutput:
    """What one of the test's own functions made of tensors: a node of their graph, whose gradients the judge is asked for."""

    name: TensorName
    dtype: str
    shape: Shape
    data: Buffer
    number: Number
    inputs: list[Tree]


@table.sent_by("judge")
@dataclass(frozen=True)
class StudentObject:
    """An object of the student's, by the number of its Handle."""

    number: Number


@table.sent_by("judge")
@dataclass(frozen=True)
class LibraryName:
    """A function or class of a library, by its module and its path there."""

    module: str
    path: str


@table.sent_by("judge")
@dataclass(frozen=True)
class Callback:
    """A function of the test's own: a call of it is a CallBack."""

    number: Number


@table.sent_by("judge")
@dataclass(frozen=True)
class Pickled:
    """An object of the test's, pickled. Only a judge sends one: nothing from a student is ever unpickled.

    `parts`: what crosses apart, the tensors and the student's objects in it. Classes of locked cells go by their names.
    """

    number: Number
    data: Buffer
    parts: list[Tree]


@table.sent_by("judge")
@dataclass(frozen=True)
class PickledBefore:
    """An object of the test's that was sent before."""

    number: Number


def read_student(tree: object) -> Any:
    """Return the message or part of a value that a student's process has sent; raise ProtocolError."""
    return table.read(tree, "student")


def read_judge(tree: object) -> Any:
    """Return the message or part of a value that a judge has sent; raise ProtocolError."""
    return table.read(tree, "judge")


def senders() -> Mapping[str, frozenset[str]]:
    """Return who sends each message and part, by its name on the wire."""
    return {entry.cls.__name__: entry.senders for entry in table}
