"""Random numbers of a run's own: torch's global generators, seeded for a while and restored."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_noise(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch's global generators for the length of a `with` block, and restore them after it."""
    generators = generators_of(device)
    before = [generator.get_state() for generator in generators]
    for generator in generators:
        generator.manual_seed(seed)
    try:
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.set_state(state)


def generators_of(device: torch.device) -> list[torch.Generator]:
    """Return the global generators that a model on `device` may draw from."""
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        return [torch.default_generator, torch.cuda.default_generators[index]]
    if device.type == "mps":
        return [torch.default_generator, torch.mps._get_default_mps_generator()]
    return [torch.default_generator]
