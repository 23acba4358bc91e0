"""What the tests of one submission could leave behind in a judge for those of the next."""

import builtins
import os
import signal
import sys
import threading
import warnings
from typing import Any

import numpy as np
import torch


def state_of_process() -> tuple[Any, ...]:
    """Return what a test could leave behind for the tests of another submission."""
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        np.geterr(),
        list(warnings.filters),
        dict(os.environ),
        os.getcwd(),
        {name: id(value) for name, value in vars(builtins).items()},
        [id(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        threading.active_count(),
    )
