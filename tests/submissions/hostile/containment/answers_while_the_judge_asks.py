# Calls the judge back without end while it waits for an answer.
# points: double=0 total=7 stack=6
# outcome: double interface timeout
# %% double
import gc


def double(x):
    from autograder.rpc.student import Student

    student = next(o for o in gc.get_objects() if type(o) is Student)
    while True:
        try:
            student._call_back(0, [1], {})
        except Exception:
            pass
