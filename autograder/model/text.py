"""Text that came from strangers, made fit to be shown and stored."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Sequence

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")
LISTED = 3  # names that are shown of many
# With these marks, text can be made to read as something that it is not.
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def encodable(text: str) -> str:
    """Return the text with lone surrogates replaced: JSON may hold them, UTF-8 may not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_encodable(text: str) -> bool:
    """Whether a text can be written as UTF-8: the name of a file may hold bytes that are no text."""
    return text == encodable(text)


def first_free(name: str, taken: Collection[str]) -> str:
    """Return the name, with the first number that makes it differ from those that are taken."""
    numbered = (f"{name} ({number})" for number in itertools.count(2))
    return next(candidate for candidate in itertools.chain([name], numbered) if candidate not in taken)


def listed(names: Sequence[str]) -> str:
    """Return names in a row, of many only the first few and how many more there are."""
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def readable(text: str) -> str:
    """Return the text without terminal colours, control characters and marks that turn the reading direction."""
    text = DIRECTION.sub("", ANSI.sub("", encodable(text))).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, at most 200 characters; the name of its class if it has no message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
