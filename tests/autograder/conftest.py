"""One warm process for all tests of the grader: starting it takes seconds, forking from it milliseconds."""

from collections.abc import Iterator

import pytest

from autograder.running.processes import Zygote


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as warm:
        yield warm
