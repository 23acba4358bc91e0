"""Checks of a model, its data and its loss before training; each error says in one sentence what is wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from course.batching import Batches

Loss = Callable[[Tensor, Tensor], Tensor]
Batched = Iterable[Sequence[Tensor]]  # pairs (x, y), iterated over once per epoch: batches, a DataLoader, a list

PAIRS = "it must give pairs (x, y) of tensors, as batches(x, y, size) does"

CLASS_LOSSES = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)
CLASS_LOSS_FUNCTIONS = (functional.cross_entropy, functional.nll_loss, functional.multi_margin_loss)


class TrainingError(ValueError):
    """Training cannot begin or continue; the message says why and what to change."""


def require(holds: bool, otherwise: str) -> None:
    """Raise TrainingError(otherwise) unless the condition holds."""
    if not holds:
        raise TrainingError(otherwise)


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the first parameter of `model`."""
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise TrainingError("the model has no parameters, so there is nothing to train; give it a layer with weights")
    return parameter.device


def uncompiled(model: nn.Module) -> nn.Module:
    """Return the model that was given to `torch.compile`, whose parameters have their usual names."""
    return getattr(model, "_orig_mod", model)


def check_parts(model: nn.Module, loss: Loss, optimizer: Optimizer) -> None:
    """Raise TrainingError if model, loss and optimizer cannot train together, whatever the data."""
    check_made("model", model, isinstance(model, nn.Module), "nn.Linear(2, 2)")
    check_made("loss", loss, callable(loss), "nn.CrossEntropyLoss()")
    check_made("optimizer", optimizer, isinstance(optimizer, Optimizer), "torch.optim.SGD(model.parameters(), lr=0.1)")
    parameters = list(model.parameters())
    theirs = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    ours = [parameter for parameter in parameters if id(parameter) in theirs]
    require(
        bool(ours),
        "the optimizer holds none of the model's parameters, so the model would never change; "
        "make it from model.parameters() of this model",
    )
    require(
        any(parameter.requires_grad for parameter in ours),
        "all parameters that the optimizer holds are frozen; let some learn with requires_grad_(True)",
    )
    devices = sorted({str(parameter.device) for parameter in parameters})
    require(
        len(devices) == 1,
        f"parts of the model are on {' and '.join(devices)}; move all of it with model.to({devices[0]!r})",
    )


def check_made(what: str, thing: object, fits: bool, example: str) -> None:
    """Raise TrainingError unless `thing` fits; the message differs if it is a class in place of an instance."""
    if isinstance(thing, type):
        raise TrainingError(f"the {what} is the class {thing.__name__}; make an instance, such as {example}")
    require(fits, f"the {what} is of type {type(thing).__name__}; give one such as {example}")


def look_once(model: nn.Module, loss: Loss) -> Callable[[Batched, str], Batched]:
    """Return a function (data, name) that passes data on, and inspects it the first time that it meets a name.

    It draws no batch of its own: that would advance the generator that shuffles, and so change every later batch.
    """
    seen: set[str] = set()
    model = uncompiled(model)  # compiling for two examples would take longer than a small training run

    def look(batched: Batched, name: str) -> Batched:
        if name in seen:
            return batched
        seen.add(name)
        return _inspected(model, loss, batched, name)

    return look


def _inspected(model: nn.Module, loss: Loss, batched: Batched, name: str) -> Iterator[Sequence[Tensor]]:
    require(isinstance(batched, Iterable), f"`{name}` is of type {type(batched).__name__}; {PAIRS}")
    iterator = iter(batched)
    classes = None
    for pair in islice(iterator, 1):
        _check_pair(pair, name)
        x, y = pair
        # Data held as whole tensors are inspected at once, others batch by batch.
        everything = (batched.x, batched.y) if isinstance(batched, Batches) else (x, y)
        classes = _check_batch(model, loss, x, y, everything, name)
        yield x, y
    for x, y in iterator:
        if classes and not isinstance(batched, Batches):
            _check_labels(y, classes, loss, name)
        yield x, y


def _check_pair(pair: object, name: str) -> None:
    if isinstance(pair, Tensor):
        raise TrainingError(f"`{name}` gives tensors one by one, as x or (x, y) itself would; {PAIRS}")
    require(
        isinstance(pair, Sequence) and len(pair) == 2,
        f"`{name}` gives {len(pair) if isinstance(pair, Sequence) else type(pair).__name__} at a time; {PAIRS}",
    )
    for what, part in zip(("inputs", "targets"), cast(Sequence, pair), strict=True):
        require(
            isinstance(part, Tensor),
            f"the {what} of `{name}` are of type {type(part).__name__}; make them tensors with torch.as_tensor",
        )


def _check_batch(
    model: nn.Module, loss: Loss, x: Tensor, y: Tensor, everything: tuple[Tensor, Tensor], name: str
) -> int | None:
    """Try model and loss on two examples, changing nothing; return the number of classes if the targets are classes."""
    device = device_of(model)
    for what, tensor, whole in zip(("inputs", "targets"), (x, y), everything, strict=True):
        require(
            tensor.device == device,
            f"the {what} of `{name}` are on {tensor.device} and the model is on {device}; move the data with "
            "x.to(device), or the model with model.to(device) before its optimizer is made",
        )
        require(
            not whole.is_floating_point() or _is_finite(whole),
            f"the {what} of `{name}` contain numbers that are nan or infinite; correct or drop these examples",
        )
    x, y = x[:2], y[:2]
    in_classes = _is_class_loss(loss) and not y.is_floating_point()
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            scores = _try_model(model, x, name)
            if in_classes:
                _check_class_numbers(scores, y, name)
                _check_labels(everything[1], scores.shape[1], loss, name)
            elif _is_torchs(loss):
                _check_same_shape(scores, y, name)
            _try_loss(loss, scores, y, name)
    finally:
        model.train(was_training)
    return scores.shape[1] if in_classes else None


def _try_model(model: nn.Module, x: Tensor, name: str) -> Tensor:
    try:
        scores = model(x)
    except RuntimeError as error:
        raise TrainingError(
            f"the model cannot take inputs of shape {_shape(x)} and type {x.dtype} from `{name}` ({first_line(error)}); "
            + _remedy(model, x)
        ) from error
    require(
        isinstance(scores, Tensor),
        f"the model returns a {type(scores).__name__} but must return one tensor; return only the scores from its forward",
    )
    return scores


def _remedy(model: nn.Module, x: Tensor) -> str:
    first = next((module for module in model.modules() if isinstance(module, nn.Linear)), None)
    if first is None:
        return "change the model's first layer or the inputs"
    if x.dtype != first.weight.dtype:
        return f"give it inputs of type {first.weight.dtype}, such as x.to({first.weight.dtype})"
    if first.in_features == x[0].numel():
        return "each example must be one row of numbers, so put nn.Flatten() first or give it x.flatten(1)"
    return f"its first linear layer needs {first.in_features} numbers per example and gets {x.shape[-1]}"


def _check_class_numbers(scores: Tensor, y: Tensor, name: str) -> None:
    require(y.dtype == torch.int64, f"the labels of `{name}` are {y.dtype} and must be torch.int64; use y.long()")
    fits = scores.ndim > 1 and y.shape == scores.shape[:1] + scores.shape[2:]
    wanted = "one class number per example" if scores.ndim != 2 else "shape (N,), one class number per example"
    require(
        fits,
        f"the labels of `{name}` have shape {_shape(y)} and the model's scores {_shape(scores)}; the loss needs scores "
        f"of shape (N, classes) and labels of {wanted}",
    )


def _check_same_shape(scores: Tensor, y: Tensor, name: str) -> None:
    """Raise TrainingError for shapes that PyTorch's losses would broadcast."""
    require(
        y.is_floating_point(),
        f"the targets of `{name}` are {y.dtype}, but this loss needs floating-point numbers; use y.float()",
    )
    require(
        y.shape == scores.shape,
        f"the targets of `{name}` have shape {_shape(y)} and the model's outputs {_shape(scores)}, so the loss would not "
        "compare each output with its own target; give both the same shape, for one output y.unsqueeze(1)",
    )


def _try_loss(loss: Loss, scores: Tensor, y: Tensor, name: str) -> None:
    try:
        value = loss(scores, y)
    except (RuntimeError, ValueError, IndexError) as error:
        raise TrainingError(
            f"the loss cannot compare outputs of shape {_shape(scores)} and type {scores.dtype} with targets of shape "
            f"{_shape(y)} and type {y.dtype} from `{name}` ({first_line(error)}); change the last layer or the targets"
        ) from error
    require(value.ndim == 0, f"the loss has shape {_shape(value)} and must be one number; use reduction='mean'")


def _check_labels(y: Tensor, classes: int, loss: Loss, name: str) -> None:
    """Raise TrainingError for labels out of range; they would end the use of a GPU, without a reason given."""
    counted = y[y != getattr(loss, "ignore_index", -100)]
    if not counted.numel():
        return
    low, high = (int(end) for end in counted.aminmax())
    require(
        low >= 0 and high < classes,
        f"the labels of `{name}` go from {low} to {high}, but the model has {classes} outputs, for classes 0 to "
        f"{classes - 1}; count classes from 0, or give the last layer as many outputs as there are classes",
    )


def _is_finite(tensor: Tensor) -> bool:
    """Return whether all numbers are finite; a finite sum proves it in a tenth of the time."""
    return bool(tensor.sum().isfinite()) or bool(tensor.isfinite().all())


def _is_torchs(loss: Loss) -> bool:
    return (getattr(loss, "__module__", None) or "").startswith("torch.nn")


def _is_class_loss(loss: Loss) -> bool:
    return isinstance(loss, CLASS_LOSSES) or loss in CLASS_LOSS_FUNCTIONS


def _shape(tensor: Tensor) -> str:
    """Return a shape as text, with N for the number of examples."""
    return f"({', '.join(['N', *map(str, tensor.shape[1:])])}{',' if tensor.ndim == 1 else ''})"


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, to be quoted within a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".: ")
