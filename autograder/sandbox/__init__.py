"""What keeps a student's process in: namespaces, Landlock, seccomp, limits, and a watch over what it uses. Linux only.

In: limits and what the process may read. Out: a forked process that can do no more than that, or OSError.
Only `limits` and `usage` can be imported elsewhere too; the others make system calls, all of them through `calls`.
"""
