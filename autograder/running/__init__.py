"""One submission, run: the warm process, the student's processes and judges forked from it, and where jobs run.

In: a job (steps, manifest, limits). Out: a `Run`: what the judge reported of each test, then the outcomes with their points.
"""
