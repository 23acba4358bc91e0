"""Which functions of PyTorch a call uses, for exercises that ask to do without one."""

from collections.abc import Callable, Mapping
from typing import Any

from torch.overrides import TorchFunctionMode, resolve_name


def calls_of_torch(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> frozenset[str]:
    """Call `function` and return the names of the PyTorch functions that it used, such as "torch.Tensor.cumsum".

    What PyTorch's functions call inside themselves does not count. A function whose type has a method
    `__calls_of_torch__` is asked through that: while grading, a student's function runs in a process of its own, which
    reports what it used. The answer can therefore support a hint, but never prove anything.
    """
    ask = getattr(type(function), "__calls_of_torch__", None)
    if ask is not None:
        return frozenset(name for name in ask(function, *args, **kwargs) if isinstance(name, str))
    with _Recorder() as recorder:
        function(*args, **kwargs)
    return frozenset(recorder.names)


def base_name(name: str) -> str:
    """Return what all spellings of a function share: "cumsum" for `torch.cumsum` and for `torch.Tensor.cumsum_`."""
    return name.removesuffix(".__get__").rpartition(".")[2].rstrip("_")


class _Recorder(TorchFunctionMode):
    """Record the names of the PyTorch functions that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.names.add(resolve_name(func) or getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))
