"""What comes from the student's process, turned into the judge's values. Strict: only plain data, tensors and handles come in."""

from typing import Any, Protocol

import torch

from autograder.rpc import values
from autograder.rpc.faults import ProtocolError
from autograder.rpc.frames import Buffers
from autograder.rpc.gradients import Differentiator, Inputs, remote_output
from autograder.rpc.messages import Handle, Kin, Numbers, TensorValue, read_student
from autograder.rpc.proxies import Operator, make_kin, make_proxy
from autograder.rpc.tables import Tables


class Peer(Operator, Differentiator, Protocol):
    """What the stand-ins for a student's objects and the nodes for their results ask."""


class Incoming(values.Decoder):
    """The values of one frame that came from the student's process.

    `path`: that of objects at the depth `first`, as the manifest spells it; what lies deeper is called as if it had been asked for with
    []. `inputs`: what tensors with a graph can be differentiated by. `as_leaves`: such a tensor is a leaf here, since the student's
    process goes back through its own part of the graph.
    """

    def __init__(
        self,
        peer: Peer,
        tables: Tables,
        buffers: Buffers,
        path: str = "",
        inputs: Inputs | None = None,
        first: int = 1,
        as_leaves: bool = False,
    ) -> None:
        super().__init__(buffers)
        self._peer = peer
        self._tables = tables
        self._path = path
        self._inputs = inputs or []
        self._first = first
        self._as_leaves = as_leaves

    def part(self, node: dict[str, Any]) -> Any:
        """Return the tensor, the stand-in for an object or the kin of a built-in type that a part is; raise ProtocolError."""
        part = read_student(node)
        if isinstance(part, TensorValue):
            return self._leaf(part) if self._as_leaves else self._tensor(part)
        if isinstance(part, Handle):
            return self._proxy(part)
        if isinstance(part, Kin):
            return self._kin(part)
        if isinstance(part, Numbers):
            return self.numbers(part)
        raise ProtocolError("a message where a value belongs")

    def numbers(self, part: Numbers) -> torch.Tensor:
        """Return a tensor without identity."""
        return values.tensor_from(self.buffer(part.data), part.dtype, part.shape)

    def _tensor(self, part: TensorValue) -> torch.Tensor:
        mirror, name = self._tables.mirror, part.name
        if not name.startswith(("j", "s")):
            raise ProtocolError("a tensor without a name")
        new = values.tensor_from(self.buffer(part.data), part.dtype, part.shape)
        old = mirror.get(name)
        if old is not None and self._is_still(old, new, name):
            return old
        if name.startswith("j"):  # the judge's own tensor, changed: a new value, and the judge's stays as it was
            return new
        if part.requires_grad and not part.leaf and new.is_floating_point():
            tensor = remote_output(self._peer, name, new, self._inputs)
        elif part.parameter:
            tensor = torch.nn.Parameter(new, requires_grad=part.requires_grad)
        else:
            tensor = new.requires_grad_() if part.requires_grad else new
        if part.grad is not None and part.leaf:
            tensor.grad = values.tensor_from(self.buffer(part.grad), part.dtype, part.shape)
        mirror.add(name, tensor)
        return tensor

    def _leaf(self, part: TensorValue) -> torch.Tensor:
        """Return a tensor at which the judge's graph ends: the student's process goes back from there."""
        tensor = self._tensor(part)
        if not tensor.requires_grad or not torch.is_grad_enabled():
            return tensor
        leaf = tensor.detach().requires_grad_()
        self._tables.leaves[id(leaf)] = leaf, part.name
        return leaf

    def _is_still(self, old: torch.Tensor, new: torch.Tensor, name: str) -> bool:
        """Return whether a tensor that came before is the one that comes now (the student's own may have changed since)."""
        if old.shape != new.shape or old.dtype != new.dtype:
            return False
        if values.tensor_bytes(old) == values.tensor_bytes(new):
            return True
        if name.startswith("s"):
            with torch.no_grad():
                old.copy_(new)
            self._tables.mirror.agree(name)
            return True
        return False

    def _proxy(self, part: Handle) -> Any:
        self._tables.count_handle()
        path = self._path + "[]" * max(0, self.depth - self._first)
        return make_proxy(self._peer, part.number, frozenset(part.can), tuple(part.classes), path)

    def _kin(self, part: Kin) -> Any:
        self.depth -= 1  # its items are as deep as those of a plain list in its place
        try:
            value = self.value(part.value)
        finally:
            self.depth += 1
        if type(value) not in (list, tuple, dict, set):
            raise ProtocolError("kin of a type that has none")
        return make_kin(value, self._proxy(part.object))
