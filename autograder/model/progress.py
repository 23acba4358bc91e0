"""How a long job says how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


def no_progress(what: str, done: int, total: int) -> None:
    """Ignore a report of progress, for callers who show none."""
