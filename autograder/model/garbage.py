"""Python's garbage collector in processes that import much and are forked from, or live long, afterwards."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Look for no garbage inside: hardly anything that is imported is any, and the search takes a sixth of the time.

    What is there at the end is never looked through again: the collector would write its marks into every page that forked
    processes share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
