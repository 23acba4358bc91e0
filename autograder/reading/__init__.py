"""From a student's folder to what has to be run for it. Runs nothing.

In: the folder of a submission and the unit. Out: a `Graft` (steps, answers, repairs) and the passes in which its steps run.
The way through: find, read (with mend), graft (with cells, match, pieces), plan (with dependencies and names), assemble.
"""
