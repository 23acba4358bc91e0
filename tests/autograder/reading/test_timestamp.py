"""When a submission was handed in: read exactly from timestamp.txt, or named as unreadable."""

from pathlib import Path

import pytest

from autograder.reading.timestamp import TimeStamp, read_timestamp


def stamped(folder: Path, text: str) -> TimeStamp:
    (folder / "timestamp.txt").write_text(text, encoding="utf-8")
    return read_timestamp(folder)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-03-10 12:00:00.250000 UTC", "2024-03-10T12:00:00.250000+00:00"),
        ("2024-03-10 12:00:00", "2024-03-10T12:00:00+00:00"),
        ("2024-03-10 12:00 CET", "2024-03-10T11:00:00+00:00"),
        ("2024-07-10 12:00 CEST", "2024-07-10T10:00:00+00:00"),
        ("2024-03-10T12:00:00+02:00", "2024-03-10T10:00:00+00:00"),
        ("2024-03-10 12:00 GMT+1", "2024-03-10T11:00:00+00:00"),
        ("2024-03-10 12:00 EST", "2024-03-10T17:00:00+00:00"),
        ("2016-01-30-20-30-10", "2016-01-30T20:30:10+00:00"),
        ("10.03.2024 23:59", "2024-03-10T23:59:00+00:00"),
        ("25/03/2024 23:59", "2024-03-25T23:59:00+00:00"),
        ("3/25/2024 11:59 PM", "2024-03-25T23:59:00+00:00"),
        ("\ufeffSunday, 10 March 2024 23:59:00", "2024-03-10T23:59:00+00:00"),
    ],
)
def test_a_time_is_read_in_its_own_zone_and_format(tmp_path: Path, text: str, utc: str) -> None:
    assert stamped(tmp_path, text) == TimeStamp(utc)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10/03/2024 23:59", "could be two days"),
        ("03-10-2024", "could be two days"),
        ("10.03.24", "could be several days"),
        ("yesterday", "is no time"),
        ("", "is no time"),
        ("2024-03-10 12:00 IST", "is no time"),  # India, Israel or Ireland
        ("2024-03-10 12:00 XYZ", "is no time"),
        ("23:59", "is no whole date"),
        ("March 2024", "is no whole date"),
        ("2024-02-30 12:00", "is no time"),
    ],
)
def test_a_text_that_could_be_two_times_is_named(tmp_path: Path, text: str, why: str) -> None:
    stamp = stamped(tmp_path, text)
    assert stamp.utc == ""
    assert f"{text!r}, which {why}" in "".join(stamp.repairs)
    assert "2024-03-10 23:59:00 +01:00" in "".join(stamp.repairs)


def test_without_a_time_stamp_there_is_no_time_and_nothing_to_say(tmp_path: Path) -> None:
    assert read_timestamp(tmp_path) == TimeStamp()
    assert read_timestamp(tmp_path / "nowhere") == TimeStamp()


def test_a_link_is_not_followed_and_a_long_file_not_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("2024-03-10 12:00")
    (tmp_path / "timestamp.txt").symlink_to(tmp_path / "elsewhere")
    stamp = read_timestamp(tmp_path)
    assert stamp.utc == ""
    assert "could not be read (no plain file): no time of handing in was noted" in "".join(stamp.repairs)
    (tmp_path / "timestamp.txt").unlink()
    assert "too long" in "".join(stamped(tmp_path, "x" * 1000).repairs)
