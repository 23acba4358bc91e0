"""What a record says of the isolation."""

import pytest

from autograder.model.outcomes import FULL, LIMITS_ONLY, NOTHING_RAN, is_weakened, weakest, with_group


@pytest.mark.parametrize(
    ("isolation", "words"),
    [
        (FULL, "namespaces, landlock, seccomp, cgroup"),
        ("landlock, seccomp (all is open)", "landlock, seccomp, cgroup (all is open)"),
        (LIMITS_ONLY, "cgroup"),
    ],
)
def test_a_control_group_is_named_beside_what_else_there_was(isolation: str, words: str) -> None:
    assert with_group(isolation) == words


@pytest.mark.parametrize("isolation", [FULL, with_group(FULL), NOTHING_RAN])
def test_nothing_is_missing_with_or_without_a_control_group(isolation: str) -> None:
    assert not is_weakened(isolation)


@pytest.mark.parametrize("isolation", ["landlock, seccomp", "landlock, seccomp, cgroup", LIMITS_ONLY, "cgroup"])
def test_what_is_missing_is_said_with_a_control_group_too(isolation: str) -> None:
    assert is_weakened(isolation)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("landlock, seccomp (what a submission writes to /dev/shm has no limit)", FULL),
        ("seccomp", "landlock, seccomp"),
        (FULL, with_group(FULL)),
        (LIMITS_ONLY, "seccomp"),
        ("", "seccomp"),
    ],
)
def test_of_several_runs_the_one_with_fewest_walls_counts(less: str, more: str) -> None:
    assert weakest(less, more) == weakest(more, less) == weakest(more, less, more) == less
