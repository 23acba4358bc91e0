"""The tests, and what makes the classes and kernels that they need."""

import autograder  # noqa: F401  before anything imports nbformat: it puts off an import that takes a second
