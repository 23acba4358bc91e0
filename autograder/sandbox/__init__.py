"""What keeps a student's process in: namespaces, Landlock, seccomp, limits, and a watch over what is used. Linux only.

In: limits and what the process may read. Out: a forked process that can do no more than that, or OSError.
"""
