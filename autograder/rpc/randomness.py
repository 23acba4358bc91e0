"""The global random states of torch, NumPy and Python: both sides of the wire keep them alike."""

import _random
import ctypes
import pickle
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.rpc.faults import ProtocolError
from autograder.rpc.frames import Buffers
from autograder.rpc.values import put

PYTHON_GENERATOR: Any = random._inst
MT19937_BYTES = 4 * 624 + 4  # the state of NumPy's global generator: its words and its place among them


@dataclass(frozen=True)
class Generator:
    """One library's global generator. `look` returns its state as something quick to compare; `dump` and `load` use bytes.

    `move` leaves it in another state, as its use by somebody does.
    """

    look: Callable[[], Any]
    dump: Callable[[], bytes]
    load: Callable[[bytes | memoryview], Any]
    move: Callable[[], Any]


def seed() -> None:
    """Seed all three generators: each test begins so."""
    torch.default_generator.manual_seed(0)  # torch.manual_seed would write down a stack trace for CUDA each time
    np.random.seed(0)
    random.seed(0)


def states() -> list[Any]:
    """Return the states, to be compared."""
    return [generator.look() for generator in GENERATORS]


def _look_at_numpy() -> bytes:
    # np.random.get_state makes its array number by number, which takes 100 times as long.
    generator = np.random.get_bit_generator()  # type: ignore[attr-defined]
    return ctypes.string_at(generator.ctypes.state_address, MT19937_BYTES)


def _move_numpy() -> None:
    # A number drawn moves only the place among 624 words, and a test may look at the words alone: a seed changes them.
    np.random.seed(np.random.randint(1 << 32, dtype=np.uint32))
    np.random.random_sample()


def _look_at_torch() -> bytes:
    return torch.get_rng_state().numpy().tobytes()


def _look_at_python() -> tuple[bytes, float | None]:
    # random.getstate makes a number of each of its 625 words.
    size = _random.Random.__basicsize__ - object.__basicsize__
    return ctypes.string_at(id(PYTHON_GENERATOR) + object.__basicsize__, size), PYTHON_GENERATOR.gauss_next


GENERATORS = (
    Generator(
        _look_at_torch,
        _look_at_torch,
        lambda data: torch.set_rng_state(torch.frombuffer(bytearray(data), dtype=torch.uint8)),
        lambda: torch.rand(()),
    ),
    Generator(
        _look_at_numpy,
        lambda: pickle.dumps(np.random.get_state()),
        lambda data: np.random.set_state(pickle.loads(data)),
        _move_numpy,
    ),
    Generator(
        _look_at_python,
        lambda: pickle.dumps(random.getstate()),
        lambda data: random.setstate(pickle.loads(data)),
        random.random,
    ),
)


class SentStates:
    """The judge's global random states, sent when the test has set or used them: a test begins with the same on both sides.

    Where the student's code has used or set its own, the one here moves on: never to the student's, which could be chosen. So a
    test sees a global state change as it would in one process, and setting the same seed again is seen as a change.
    """

    def __init__(self) -> None:
        self._left = states()

    def news(self, buffers: Buffers) -> list[int | None]:
        """Return, for each generator, the buffer with its state, or None where the student's may run on."""
        now = states()
        changed = [new != old for new, old in zip(now, self._left, strict=True)]
        self._left = now
        return [
            put(generator.dump(), buffers) if is_new else None
            for is_new, generator in zip(changed, GENERATORS, strict=True)
        ]

    def note_used(self, flags: list[bool]) -> None:
        """Take note of which of its generators the student's process has used; raise ProtocolError for too few flags."""
        if len(flags) != len(GENERATORS):
            raise ProtocolError("a list of another length than expected")
        for i, generator in enumerate(GENERATORS):
            if flags[i]:
                generator.move()
                self._left[i] = generator.look()


def load_states(numbers: list[int | None], buffer: Callable[[int], bytes | memoryview]) -> None:
    """Set this side's generators to the states that `news` sent."""
    for generator, number in zip(GENERATORS, numbers, strict=True):
        if number is not None:
            generator.load(buffer(number))
