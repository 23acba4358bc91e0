"""A training step recorded once as a CUDA graph and replayed for every batch: one launch in place of dozens.

A small network leaves a GPU idle while Python launches kernel after kernel; a graph launches them all at once
(https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs). What is recorded is fixed: the tensors' addresses
and shapes, and every Python number, such as a learning rate that is no tensor.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.optim import SGD, Optimizer

from course.inspection import TrainingError, first_line, require

WARM_UP = 3  # steps before the recording, in which libraries and optimizers allocate the memory that they keep

Outputs = tuple[Tensor, Tensor]  # a batch's mean loss and its scores
Run = Callable[[], Outputs]
Step = Callable[[Tensor, Tensor, float, bool], Outputs]


class Recorder(Protocol):
    """What `GraphedStep` needs of a device: run something as a recording does, and record it without running it."""

    def warm_up(self, run: Run) -> Outputs: ...

    def record(self, run: Run) -> Run: ...


class CudaRecorder:
    """Record on the current CUDA device."""

    def __init__(self) -> None:
        self.side = torch.cuda.Stream()  # work that first ran on the default stream cannot be recorded

    def warm_up(self, run: Run) -> Outputs:
        self.side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.side):
            outputs = run()
        torch.cuda.current_stream().wait_stream(self.side)
        return outputs

    def record(self, run: Run) -> Run:
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                outputs = run()
        except RuntimeError as error:
            raise TrainingError(
                f"the step cannot be recorded as a CUDA graph ({first_line(error)}); it must not fetch numbers, as "
                ".item() does, or move data; change that or leave graphs=True out"
            ) from error

        def replay() -> Outputs:
            graph.replay()
            return outputs

        return replay


class GraphedStep:
    """A step that runs as a graph for batches of the first one's shape, and directly for all others."""

    def __init__(self, step: Step, optimizer: Optimizer, recorder: Recorder) -> None:
        self.step, self.optimizer, self.recorder = step, optimizer, recorder
        self.inputs: tuple[Tensor, Tensor] | None = None  # the recorded step reads them at their address
        self.replay: Run | None = None
        self.numbers: list[dict[str, Any]] = []  # those of the optimizer when its step was recorded
        self.steps = self.recorded_at = 0

    def __call__(self, x: Tensor, y: Tensor, share: float = 1.0, last: bool = True) -> Outputs:
        """Train on a batch; return its mean loss and its scores, which the next call overwrites."""
        self.inputs = self.inputs or (torch.empty_like(x), torch.empty_like(y))
        if any(kept.shape != new.shape for kept, new in zip(self.inputs, (x, y), strict=True)):
            return self.step(x, y, share, last)
        for kept, new in zip(self.inputs, (x, y), strict=True):
            kept.copy_(new)
        self.steps += 1
        if self.steps <= WARM_UP:
            with warnings.catch_warnings():  # an optimizer made with capturable=True warns when it is not recorded
                warnings.filterwarnings("ignore", "This instance was constructed with capturable=True")
                return self.recorder.warm_up(self._run)
        if self.replay is None or self.numbers != _numbers(self.optimizer):
            self.replay = self._recorded()
        return self.replay()

    def _run(self) -> Outputs:
        assert self.inputs is not None
        return self.step(*self.inputs, 1.0, True)

    def _recorded(self) -> Run:
        require(
            self.replay is None or self.steps > self.recorded_at + 1,
            "the optimizer's numbers change at every step, so that a graph would have to be recorded for each; give it "
            "lr=torch.tensor(...) on the device (SGD with fused=True), and a OneCycleLR cycle_momentum=False",
        )
        self.numbers, self.recorded_at = _numbers(self.optimizer), self.steps
        self.optimizer.zero_grad()  # so that the recorded backward pass makes gradients in the graph's own memory
        return self.recorder.record(self._run)


def graphed(step: Step, optimizer: Optimizer, device: torch.device) -> GraphedStep:
    """Return `step` as a step that is recorded; raise TrainingError if it cannot be."""
    require(device.type == "cuda", f"graphs need CUDA, but the model is on {device}; leave graphs=True out")
    require(
        device.index is None or device.index == torch.cuda.current_device(),
        f"the model is on {device}, where nothing is recorded; call torch.cuda.set_device({device.index}) first",
    )
    for group in optimizer.param_groups:
        remedy = "make it with" if "capturable" in group else "use SGD, or Adam with"
        require(
            group.get("capturable", isinstance(optimizer, SGD)),
            f"{type(optimizer).__name__} cannot be recorded as a CUDA graph; {remedy} capturable=True",
        )
    return GraphedStep(step, optimizer, CudaRecorder())


def _numbers(optimizer: Optimizer) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in group.items() if name != "params" and not isinstance(value, Tensor)}
        for group in optimizer.param_groups
    ]
