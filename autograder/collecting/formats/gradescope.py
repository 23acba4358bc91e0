"""Gradescope's "Export Submissions": a folder per submission, and `submission_metadata.yml`, which says whose each is.

The metadata hold, by the name of a folder, `:submitters:` (each with `:name:`, `:sid:`, `:email:`) and
`:created_at:`, and all that autograders wrote. A group's submission has several submitters. The YAML is Ruby's, so it
is read without its types.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import yaml

from autograder.collecting.attempt import Attempt, Claim, Piece, Setting, Sorted
from autograder.collecting.entries import CannotRead, Entry, LeftOut
from autograder.errors import CourseError
from autograder.model.text import first_line
from autograder.reading.timestamp import utc_or_none

METADATA = re.compile(r"(submission_)?metadata\.ya?ml")
PREFIX = "submission_"
MAX_METADATA = 200 << 20  # bytes: it holds what every autograder wrote
MAX_DEPTH = 100
LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def matches(path: str) -> bool:
    """Whether a file is called as Gradescope would."""
    return METADATA.fullmatch(path) is not None or path.startswith(PREFIX)


def sort(setting: Setting) -> Sorted:
    """Return one attempt per submission."""
    metadata: dict[str, Any] = {}
    groups: dict[str, list[Piece]] = {}
    left_out = []
    for entry in setting.entries:
        folder, _, inside = entry.path.partition("/")
        if METADATA.fullmatch(entry.path):
            metadata = _read(entry)
            left_out.append(LeftOut(entry.path, "says whose each submission is", expected=True))
        elif inside:
            groups.setdefault(folder, []).append(Piece(inside, entry))
        else:
            groups.setdefault(folder, []).append(Piece(folder, entry))  # such as submission_123.zip
    attempts = [_attempt(folder, pieces, metadata.get(folder)) for folder, pieces in groups.items()]
    return Sorted(tuple(attempts), tuple(left_out))


def _attempt(folder: str, pieces: list[Piece], metadata: Any) -> Attempt:
    about = metadata if isinstance(metadata, dict) else {}
    submitters = about.get(":submitters")
    claims = tuple(_claims(submitters)) if isinstance(submitters, list) else ()
    return Attempt(folder, claims or (Claim(folder),), tuple(pieces), _time(about.get(":created_at")))


def _claims(submitters: list[Any]) -> Iterator[Claim]:
    for submitter in submitters:
        if isinstance(submitter, dict):
            name, sid, email = (_text(submitter.get(key)) for key in (":name", ":sid", ":email"))
            yield Claim(sid or email or name, (sid, email), name=name, fallback=sid)


def _time(value: Any) -> datetime | None:
    """Return the time of a submission, which some versions of Ruby write as an object."""
    if isinstance(value, dict):
        value = value.get("utc") or value.get("time")
    return utc_or_none(value) if isinstance(value, str) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value != "~" else ""


def _read(entry: Entry) -> dict[str, Any]:
    """Return the metadata as plain texts, lists and mappings, whatever types the YAML names."""
    try:
        text = entry.read(MAX_METADATA).decode("utf-8-sig", errors="replace")
        _check_depth(text)
        value = yaml.load(text, Loader=LOADER)
    except (yaml.YAMLError, ValueError, TypeError, CannotRead) as error:
        raise CourseError(
            f"{entry.path}: cannot be read ({first_line(error)}); export it from Gradescope again"
        ) from error
    if not isinstance(value, dict):
        raise CourseError(f"{entry.path}: says nothing about submissions; export it from Gradescope again")
    return value


def _check_depth(text: str) -> None:
    """Raise ValueError for lists in lists in lists: libyaml builds them with one call in another."""
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError(f"over {MAX_DEPTH} lists in one another")
