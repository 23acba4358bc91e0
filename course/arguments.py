"""Arguments that many functions of the course take, checked in one place."""

from numbers import Integral

from torch import Generator


def generator_from(seed: int | None, generator: Generator | None) -> Generator:
    """Return `generator`, or a new one with `seed` (0 by default); raise ValueError if both are given."""
    if generator is None:
        return Generator().manual_seed(0 if seed is None else seed)
    if seed is not None:
        raise ValueError("give a seed or a generator, not both")
    return generator


def check_at_least(value: int, least: int, name: str) -> None:
    """Raise ValueError unless `value` is a whole number of at least `least`; `name` is the argument's name."""
    if not isinstance(value, Integral):
        raise ValueError(f"{name} = {value} is not a whole number; give {least} or more")
    if value < least:
        raise ValueError(f"{name} = {value} is too small; it must be {least} or more")
