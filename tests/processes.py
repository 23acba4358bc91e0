"""What tests ask of processes that are not their own children."""

import psutil


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for its parent to take note of its end; the first process of a container may never do so."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
