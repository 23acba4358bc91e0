"""Run one submission: the executors, the warm process, the judges and students' processes forked from it, the points.

In: a job (`job.py`), limits. Out: a `Run` (`run.py`): what the judge reported of each test; then its outcomes (`scores.py`).
The way down: executors or cluster, run, processes with pools; in processes of their own: warm, rehearsal, judge.
"""
