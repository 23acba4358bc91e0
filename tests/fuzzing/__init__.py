"""Fuzzing that follows the code: atheris changes its inputs until they reach new branches of reading, matching and the wire.

`python -m tests.fuzzing TARGET [RUNS]`; `make fuzz` runs every target. Inputs that reached something new are kept in `corpus/` (not
committed); an input that made a target fail is written beside it, and goes into `seeds/TARGET/` with the change that mends it.
"""
