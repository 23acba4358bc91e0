"""From a student's folder to what has to be run for it. Runs nothing.

In: the path of a submission and the unit. Out: a `Graft`: steps, answers, repairs, in the steps find, read, mend, match, plan.
"""
