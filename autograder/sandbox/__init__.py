"""What keeps a student's process in: namespaces, Landlock, seccomp, limits, control groups, and a watch over what it uses. Linux only.

In: limits and what the process may read. Out: a forked process that can do no more than that, or OSError.
`limits`, `usage`, `cgroups`, `watch`, `ending` and `waiting` can be imported elsewhere too; the others make system calls, all of them
through `calls`.
"""
