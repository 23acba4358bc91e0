"""Probe a unit's tests: wrong answers that they should refuse and right ones that they should accept, made from the reference.

In: a unit, and the file that lists its equivalents (`equivalents.py`). Out: a `Probed` (`probe.py`): what survived, what was lost.
`together.py` runs the easy ones, many in one process, and `probe.py` all others, each in its own (`jobs.py`).
Made by `mutants.py`, `mimics.py` and `disguises.py`; what the last two put into an answer stands in `planted_mimics.py` and `planted_disguises.py`.
"""
