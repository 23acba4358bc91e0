"""A grader that has many files open, as one with hundreds of workers has."""

import contextlib
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.running.executors import LocalExecutor
from autograder.running.processes import Zygote
from autograder.sandbox.limits import Limits
from tests.autograder.judging import job

BEYOND = 1100  # `select.select` takes no descriptor above 1023


@pytest.fixture
def many_files() -> Iterator[None]:
    """More open files than descriptors that `select.select` takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * BEYOND:
        pytest.skip("this system gives no process so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * BEYOND, hard))
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(BEYOND):
            cleanup.callback(os.close, os.open(Path("/dev/null"), os.O_RDONLY))
        yield


def test_the_grader_may_have_more_descriptors_under_way_than_students_can_take(zygote: Zygote) -> None:
    soft, hard = resource.prlimit(zygote._process.pid, resource.RLIMIT_NOFILE)
    assert soft == hard > Limits().open_files


def test_a_submission_is_run_beside_a_thousand_open_files(many_files: None) -> None:
    with LocalExecutor(1) as executor:
        run = executor.run(job("def f(): return 1", ["assert f() == 1"], None, limits=Limits()))
    assert [test.result for test in run.tests.values()] == ["passed"]
