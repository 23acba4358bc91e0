"""The wire between judge and student: frames, values, messages, and the objects that stand for the other side's.

In: calls of a test in the judge. Out: plain data and opaque handles from the student's process. README.md tells one conversation.
"""
