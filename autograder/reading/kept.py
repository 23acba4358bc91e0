"""What was read from a text is kept, within a bound of memory: of many short texts, and of few long ones."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

FEW = 32  # while one submission is read, each of its texts is asked for several times

Read = TypeVar("Read")


def kept_by_text(read: Callable[[str], Read], short: int, many: int) -> Callable[[str], Read]:
    """Return `read`, which keeps what it returns: of `many` texts of at most `short` characters, and of FEW that are longer.

    Most cells of a class are the unit's own, so the short ones come again in the next submission.
    """
    of_short, of_long = lru_cache(maxsize=many)(read), lru_cache(maxsize=FEW)(read)

    def kept(source: str) -> Read:
        return of_short(source) if len(source) <= short else of_long(source)

    return kept
