"""How a long job reports how far it has come."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


def no_progress(what: str, done: int, total: int) -> None:
    """Ignore a report of progress, for callers who show none."""
