"""What shows how a network is run: a layer that notes it, and tensors that pretend to lie on another device.

    net = nn.Sequential(Watch(), nn.Linear(784, 10))
    for x, y in elsewhere(batches(images, labels, 50)): ...   # net(x) raises until x.to(device)

Both work on a machine with one device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Elsewhere", "Watch", "elsewhere"]

HERE = "Expected all tensors to be on the same device, but found at least two devices"
KNOWN_ANYWHERE = ("shape", "ndim", "dtype", "layout", "size", "dim", "numel", "is_floating_point")


class Watch(nn.Module):
    """A layer that hands on what it gets, of any shape, and notes how it was run.

    Its buffers: `trains`, whether it is in training mode now (shape ()), and `passes`, how many forward passes there
    were in evaluation mode (row 0) and in training mode (row 1), without gradients recorded (column 0) and with (column 1).
    """

    passes: Tensor
    trains: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("passes", torch.zeros(2, 2, dtype=torch.int64))
        self.register_buffer("trains", torch.tensor(True))

    @property
    def training(self) -> bool:  # type: ignore[override]
        """Whether the layer is in training mode, as with every module."""
        return bool(self.trains)

    @training.setter
    def training(self, mode: bool) -> None:
        if "trains" in self.__dict__.get("_buffers", ()):  # nn.Module sets the mode before there are buffers
            self.trains.fill_(mode)

    def forward(self, x: Tensor) -> Tensor:
        """Return x and count the pass."""
        self.passes[int(self.training), int(torch.is_grad_enabled())] += 1
        return x

    def __str__(self) -> str:
        """Return the mode and the passes in words."""
        words = [f"now in {'training' if self.training else 'evaluation'} mode"]
        for mode, row in zip(("evaluation", "training"), self.passes.tolist(), strict=True):
            for recorded, count in zip(("without", "with"), row, strict=True):
                if count:
                    words.append(f"{count} passes in {mode} mode {recorded} gradients")
        return "; ".join(words)


class Elsewhere:
    """A tensor that pretends to lie on another device: `to(device)` gives the tensor, all computing with it raises RuntimeError.

    Its size and dtype can be asked for, as on a real device.
    """

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    @property
    def device(self) -> torch.device:
        """A device that no tensor with numbers lies on."""
        return torch.device("meta")

    def to(self, *args: Any, **kwargs: Any) -> Tensor | Elsewhere:
        """Return the tensor on the device that is asked for; what asks for a dtype alone stays elsewhere."""
        target = args[0] if args else kwargs.get("device", kwargs.get("other"))
        moved = self._tensor.to(*args, **kwargs)
        return Elsewhere(moved) if target is None or isinstance(target, torch.dtype) else moved

    def __len__(self) -> int:
        return len(self._tensor)

    def __getattr__(self, name: str) -> Any:
        if name in KNOWN_ANYWHERE:
            return getattr(self._tensor, name)
        if name.startswith("__") or name == "_tensor":  # copies and pickles look for these
            raise AttributeError(name)
        raise RuntimeError(f"{HERE}: `{name}` was asked of a tensor that was not moved")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError(f"{HERE}: a tensor that was not moved was compared")

    def __hash__(self) -> int:
        return id(self)

    @classmethod
    def __torch_function__(cls, function: Callable[..., Any], *_: Any, **__: Any) -> Any:
        """Refuse every function of PyTorch."""
        raise RuntimeError(f"{HERE}: a tensor that was not moved reached `{getattr(function, '__name__', function)}`")

    def _refuse(self, *_: Any) -> Any:
        raise RuntimeError(f"{HERE}: a tensor that was not moved was computed with")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __matmul__ = __rmatmul__ = __neg__ = __getitem__ = __iter__ = __float__ = __int__ = __bool__ = _refuse

    def __repr__(self) -> str:
        return f"<tensor of shape {tuple(self.shape)} on another device>"


def elsewhere(batched: Iterable[tuple[Tensor, Tensor]]) -> list[tuple[Elsewhere, Elsewhere]]:
    """Return batches (x, y) as a list of pairs that pretend to lie on another device."""
    return [(Elsewhere(x), Elsewhere(y)) for x, y in batched]
