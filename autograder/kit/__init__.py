"""What students get: releases, the package `course`, the verb `check`, an environment, a start page; nothing else.

In: the course folder. Out: a folder, a zip or a git branch; CourseError where it would show a secret or overwrite what is not its own.
"""
