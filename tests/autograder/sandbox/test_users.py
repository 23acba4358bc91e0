"""Users of their own: no two graders of a machine give out the same number at the same time."""

import pytest

from autograder.sandbox import users
from autograder.sandbox.users import PER_BLOCK, Users


def block_of(giver: Users) -> int:
    return giver.next() // PER_BLOCK


def test_two_graders_give_out_different_users() -> None:
    givers = [Users() for _ in range(5)]
    try:
        assert len({block_of(giver) for giver in givers}) == 5
    finally:
        for giver in givers:
            giver.close()


def test_a_number_comes_again_after_all_others() -> None:
    giver = Users()
    numbers = [giver.next() for _ in range(PER_BLOCK)]
    assert len(set(numbers)) == PER_BLOCK
    assert giver.next() == numbers[0]
    giver.close()


def test_what_a_grader_held_is_free_after_it() -> None:
    first = Users()
    held = block_of(first)
    first.close()
    second = Users()
    assert block_of(second) == held
    second.close()


def test_where_all_are_held_there_is_still_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "BLOCKS", 1)
    first, second = Users(), Users()
    assert block_of(first) == block_of(second) == 0
    first.close()
    second.close()
