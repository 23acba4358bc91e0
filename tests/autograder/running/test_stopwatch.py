"""The clocks of a test: none of them runs on after it."""

import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.running import stopwatch
from autograder.running.stopwatch import Stopwatch, TestTimeout
from autograder.sandbox.limits import Limits
from autograder.sandbox.usage import ReadyTime

ALARMS = (signal.SIGALRM, signal.SIGVTALRM)
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


@pytest.fixture
def handlers() -> Iterator[None]:
    """What heeds the alarms is there again afterwards."""
    before = [signal.getsignal(alarm) for alarm in ALARMS]
    yield
    for alarm, handler in zip(ALARMS, before, strict=True):
        signal.signal(alarm, handler)
    for timer in TIMERS:
        signal.setitimer(timer, 0)


@pytest.mark.usefixtures("handlers")
def test_an_alarm_that_comes_while_the_clocks_are_stopped_leaves_none_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends what runs then; a clock that went on would end the judge in the middle of something else."""
    real, came = signal.signal, []

    def with_an_alarm(number: int, handler: Any) -> Any:
        if handler == signal.SIG_IGN and not came:
            came.append(number)
            raise TestTimeout
        return real(number, handler)

    watch, connection = Stopwatch(Limits()), SimpleNamespace(channel=SimpleNamespace())
    monkeypatch.setattr("autograder.running.stopwatch.signal.signal", with_an_alarm)
    with pytest.raises(TestTimeout), watch.bound(connection, 50, 40):  # type: ignore[arg-type]
        assert all(signal.getitimer(timer)[0] > 30 for timer in TIMERS)
    watch.close()
    assert came
    assert [signal.getitimer(timer)[0] for timer in TIMERS] == [0, 0, 0]
    assert [signal.getsignal(alarm) for alarm in ALARMS] == [signal.SIG_IGN] * 2


@pytest.mark.usefixtures("handlers")
def test_each_pass_gives_the_cells_their_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now, cell = 0.0, SimpleNamespace(channel=SimpleNamespace())
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(stopwatch, "ready_time_of", lambda _pid: ReadyTime(-1))  # nobody else has the core
    watch, given = Stopwatch(Limits(cell_seconds=4, submission_seconds=5)), []
    for begins in (True, False, True):
        if begins:
            watch.begin_pass()
        with watch.cells(cell):  # type: ignore[arg-type]
            given.append(cell.channel.deadline - now)
            now += 3
    watch.close()
    assert given == [4, 2, 4]
