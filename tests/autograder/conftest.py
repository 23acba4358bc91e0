"""One warm process for all tests of the grader: starting it takes seconds, forking from it milliseconds."""

from collections.abc import Iterator

import pytest

from autograder.running.executors import LocalExecutor
from autograder.running.processes import Zygote


@pytest.fixture(scope="session")
def executor() -> Iterator[LocalExecutor]:
    """For tests that call `grade`: it would start a warm process of its own."""
    with LocalExecutor() as shared:
        yield shared


@pytest.fixture(scope="session")
def zygote(executor: LocalExecutor) -> Zygote:
    return executor.zygote


@pytest.fixture(scope="session")
def open_zygote() -> Iterator[Zygote]:
    """The warm process of a system that gives no namespaces."""
    with Zygote(["namespaces"]) as shared:
        yield shared


@pytest.fixture
def one_warm_process(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    """The warm process of the tests serves whatever would start one of its own in this process."""
    monkeypatch.setattr("autograder.running.executors.Zygote", lambda: zygote)
    monkeypatch.setattr(zygote, "close", lambda: None)
