"""The files of a source by names that are safe to write, and what was left out and why."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from autograder.model.text import readable
from autograder.reading.beside import LEFT_BEHIND, NOTEBOOKS, TIME_STAMP

LONGEST_NAME = 255  # bytes of one part of a path: more than that, no common file system takes
LONGEST_PATH = 1_000  # bytes
LEFT_BY_PROGRAMS = "left behind by a program"
MAX_ENTRIES = 200_000
DRIVE = re.compile(r"[A-Za-z]:")
ENCODINGS = ("utf-8", "cp437", "cp1252")  # in which names without a mark of their encoding are written
# Of files that only say where another one is: iCloud's, shortcuts of Windows, macOS and Linux, and Google's.
ELSEWHERE = (".icloud", ".lnk", ".url", ".webloc", ".desktop", ".gdoc", ".gcolab")
OF_PROGRAMS = LEFT_BEHIND - {TIME_STAMP}


class CannotRead(Exception):
    """A file of a source, or a whole source, that is not read; the message says why in half a sentence."""


def too_large(most: int) -> CannotRead:
    """Return the error for a file of more bytes than may be read."""
    return CannotRead(f"it is over {most / 1e6:,.0f} MB")


@dataclass(frozen=True)
class Entry:
    """One file of a source. `read` returns its content, and raises CannotRead where that is more bytes than asked
    for."""

    path: str  # its folders and its name, joined by /, fit to be written below any folder
    read: Callable[[int], bytes] = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """Its name without the folders."""
        return self.path.rpartition("/")[2]

    @property
    def is_notebook(self) -> bool:
        """Whether it is called as a notebook, or as what a browser made of that name."""
        return NOTEBOOKS in self.name.lower() and not self.is_archive and not self.is_elsewhere

    @property
    def is_elsewhere(self) -> bool:
        """Whether it only says where a file is that nobody handed in."""
        return self.name.lower().endswith(ELSEWHERE)

    @property
    def is_archive(self) -> bool:
        """Whether it is called as a zip."""
        return self.name.lower().endswith(".zip")


@dataclass(frozen=True)
class LeftOut:
    """A file or folder of a source that was not placed. `expected`: nobody will miss it, so nobody has to be told."""

    path: str
    reason: str
    expected: bool = False

    def __str__(self) -> str:
        return f"{readable(self.path)}: {self.reason}"


@dataclass(frozen=True)
class Contents:
    """What a source holds."""

    entries: tuple[Entry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def safe_path(name: str) -> str:
    """Return the path of a file as it may be written below a folder; raises CannotRead for a name that leads
    elsewhere."""
    name = name.replace("\\", "/")  # some programs on Windows write archives so
    if name.startswith("/") or DRIVE.match(name):
        raise CannotRead("its name is a place on a disk, not in the archive; rename it")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise CannotRead("its name leads out of its folder (..); rename it")
    if not parts:
        raise CannotRead("it has no name; rename it")
    path = "/".join(parts)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        raise CannotRead("its name has characters that no name may have; rename it")
    if len(path.encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        raise CannotRead(
            f"its name is too long (over {LONGEST_NAME} bytes, or {LONGEST_PATH} with its folders); shorten it"
        )
    return path


def safe_name(name: str) -> bool:
    """Whether a name can be a folder of `submitted/`."""
    try:
        return safe_path(name) == name and "/" not in name and name[0] != "."
    except CannotRead:
        return False


def decoded(name: bytes) -> str:
    """Return a file's name whose encoding nobody noted: the first reading in which all letters are those of a name."""
    for encoding in ENCODINGS:
        try:
            text = name.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or all(_is_latin_letter(character) for character in text if not character.isascii()):
            return text
    return name.decode("latin-1")


def left_by_programs(path: str) -> bool:
    """Whether a file is one that notebook servers, Git, Python and archives leave behind."""
    *folders, name = path.split("/")
    hidden = [part for part in folders if part[0] == "."] or (name[0] == "." and not name.lower().endswith(ELSEWHERE))
    return bool(hidden) or any(part in OF_PROGRAMS for part in (*folders, name))


def without_clashes(entries: Iterable[Entry]) -> Contents:
    """Return the entries by name, of those whose names are the same on some system only the last."""
    kept: dict[str, Entry] = {}
    left_out = []
    for entry in entries:
        key = on_any_system(entry.path)
        if key in kept:
            left_out.append(LeftOut(kept[key].path, f"{entry.path} has the same name; rename one of them"))
        kept[key] = entry
    for key in [key for key in kept if any(folder in kept for folder in folders_above(key))]:
        left_out.append(LeftOut(kept.pop(key).path, "its folder has the name of a file; rename one of them"))
    return Contents(tuple(kept.values()), tuple(left_out))


def folders_above(path: str) -> Iterator[str]:
    """Yield the folder of a path, the folder of that, and so on."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def on_any_system(path: str) -> str:
    """Return what paths have in common that are one file on a system that knows no capitals or composes accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _is_latin_letter(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN")
