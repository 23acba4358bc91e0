"""From the files of an attempt to what is written for each unit in it: the notebook under its unit's name, and the
files beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.collecting.attempt import Attempt, Piece
from autograder.collecting.entries import CannotRead, LeftOut, folders_above, on_any_system
from autograder.collecting.which_unit import Units
from autograder.model.text import listed, readable
from autograder.reading.beside import MAX_DEPTH, MAX_FILES, MAX_TOGETHER, TIME_STAMP
from autograder.reading.read import MAX_BYTES
from autograder.reading.submission import OTHER_ENDINGS

MAX_NOTEBOOKS = 50
OWN = "work"  # as course.start has it, whose package takes seconds to import
PACKED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")


@dataclass
class Files:
    """What is written for one unit, by name, and what is left out; `taken` are the paths in the source of what is
    written."""

    unit: str
    contents: dict[str, bytes] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Labelled:
    """A notebook and the unit that it belongs to; empty where nothing says so."""

    piece: Piece
    unit: str


def assembled(attempt: Attempt, pieces: Sequence[Piece], units: Units, wanted: str = "") -> list[Files]:
    """Return the files of each unit in an attempt; raises CannotRead where there is none, or nobody can say which.

    `wanted`: the only unit that is asked for; an attempt at another gives none.
    """
    unit = wanted
    if attempt.unit:
        unit = units.called(attempt.unit)
        if not unit:
            raise CannotRead(f"the course has no unit {readable(attempt.unit)!r}; rename the folder or the unit")
        if wanted and unit != wanted:
            return []
    notebooks = _labelled(pieces, units)
    if not notebooks:
        raise CannotRead(_no_notebook(pieces))
    if unit:
        return [_files(unit, _chosen(unit, notebooks, units, any_name=True), pieces, notebooks)]
    in_it = sorted({notebook.unit for notebook in notebooks} - {""})
    if not in_it:
        names = listed([readable(notebook.piece.path) for notebook in notebooks])
        raise CannotRead(f"nothing says which unit {names} is of; name the unit behind the source")
    return [_files(one, _chosen(one, notebooks, units), pieces, notebooks) for one in in_it]


def _labelled(pieces: Iterable[Piece], units: Units) -> list[Labelled]:
    """Return the notebooks of an attempt with their units; of all together no more is read than one may have."""
    notebooks = [piece for piece in pieces if piece.entry.is_notebook] or _with_another_ending(pieces, units)
    if len(notebooks) > MAX_NOTEBOOKS:
        raise CannotRead(f"over {MAX_NOTEBOOKS} notebooks in it; hand over a folder with those that count")
    labelled, room = [], MAX_BYTES
    for piece in notebooks:
        unit = units.named_in(piece.path)
        if not unit:
            try:
                data = piece.entry.read(room)
            except CannotRead:
                if len(notebooks) == 1:
                    raise
                data = b""
            room -= len(data)
            unit = units.holding(data)
        labelled.append(Labelled(piece, unit))
    return labelled


def _with_another_ending(pieces: Iterable[Piece], units: Units) -> list[Piece]:
    """Return the notebooks that have a unit's name, and the ending of what a browser took them for; as `grade` finds them."""
    return [piece for piece in pieces if piece.path.lower().endswith(OTHER_ENDINGS) and _is_of_a_unit(piece, units)]


def _is_of_a_unit(piece: Piece, units: Units) -> bool:
    try:
        return bool(units.named_in(piece.path)) and units.is_notebook(piece.entry.read(MAX_BYTES))
    except CannotRead:
        return False


def _no_notebook(pieces: Sequence[Piece]) -> str:
    packed = [readable(piece.path) for piece in pieces if piece.path.lower().endswith(PACKED)]
    if packed:
        return f"no notebook in it, but {listed(packed)}; unpack that and hand over the folder"
    elsewhere = [readable(piece.path) for piece in pieces if piece.entry.is_elsewhere]
    if elsewhere:
        return (
            f"no notebook in it, but {listed(elsewhere)}, which only says where a file is; ask for the notebook itself"
        )
    names = listed([readable(piece.path) for piece in pieces])
    return f"no notebook in it{f' ({names})' if names else ''}; ask for one"


def _chosen(unit: str, notebooks: Sequence[Labelled], units: Units, any_name: bool = False) -> Piece:
    """Return the notebook of a unit; raises CannotRead where that is none or one of several.

    A clone of the students' kit holds two: the one that it came with, and the student's own copy. What nobody has written in is
    not handed in where there is another.
    `any_name`: one of which nothing says the unit is of this one.
    """
    of_unit = [notebook.piece for notebook in notebooks if notebook.unit == unit]
    if not of_unit and any_name:
        of_unit = [notebook.piece for notebook in notebooks if not notebook.unit]
    if not of_unit:
        others = listed([f"{readable(notebook.piece.path)} of {notebook.unit}" for notebook in notebooks])
        raise CannotRead(f"no notebook of {unit} in it, but {others}; ask for the right one")
    if len(of_unit) > 1:
        of_unit = _answered(unit, of_unit, units) or _own_copies(unit, of_unit) or of_unit
    last = max(piece.order for piece in of_unit)
    for candidates in (
        of_unit,
        [piece for piece in of_unit if piece.order == last] if last else [],
        [piece for piece in of_unit if piece.path.rpartition("/")[2] == f"{unit}.ipynb"],
    ):
        if len(candidates) == 1:
            return candidates[0]
    names = listed([readable(piece.path) for piece in of_unit])
    raise CannotRead(f"{len(of_unit)} notebooks of {unit} in it ({names}); hand over a folder with one of them")


def _answered(unit: str, notebooks: Sequence[Piece], units: Units) -> list[Piece]:
    """Return the notebooks in which something is answered; of all together no more is read than one may have."""
    answered, room = [], MAX_BYTES
    for piece in notebooks:
        try:
            data = piece.entry.read(room)
        except CannotRead:  # who knows
            answered.append(piece)
            continue
        room -= len(data)
        if not units.is_unanswered(unit, data):
            answered.append(piece)
    return answered


def _own_copies(unit: str, notebooks: Sequence[Piece]) -> list[Piece]:
    """Return the notebooks that lie where the start page of the students' kit puts their own copies."""
    return [piece for piece in notebooks if f"/{piece.path}".endswith(f"/{OWN}/{unit}/{unit}.ipynb")]


def _files(unit: str, chosen: Piece, pieces: Sequence[Piece], notebooks: Sequence[Labelled]) -> Files:
    """Return a notebook and the files beside it, as far as they are read when it is graded."""
    name = f"{unit}.ipynb"
    files = Files(unit, {name: chosen.entry.read(MAX_BYTES)}, taken=[chosen.entry.path])
    labels = {notebook.piece.entry.path: notebook.unit for notebook in notebooks}
    folder = chosen.path.rpartition("/")[0]
    places = {on_any_system(name)}
    folders: set[str] = set()
    room = MAX_TOGETHER
    for piece in sorted(pieces, key=lambda piece: (-piece.order, piece.path)):
        if piece is chosen:
            continue
        try:
            path = _beside(piece, folder, labels.get(piece.entry.path, ""), unit)
            place = on_any_system(path)
            above = set(folders_above(place))
            if place in places or place in folders or above & places:
                raise CannotRead("a later file, or its folder, has the same name")
            if len(files.contents) > MAX_FILES:
                raise CannotRead(f"more than {MAX_FILES} files lay beside the notebook")
            content = piece.entry.read(room)
        except CannotRead as error:
            files.left_out.append(LeftOut(piece.entry.path, str(error), expected=True))
            continue
        places.add(place)
        folders |= above
        files.contents[path] = content
        files.taken.append(piece.entry.path)
        room -= len(content)
    return files


def _beside(piece: Piece, folder: str, label: str, unit: str) -> str:
    """Return a file's path beside the notebook; raises CannotRead where it is not graded with it."""
    if label == unit:
        raise CannotRead(f"another notebook of {unit} was taken")
    if label:
        raise CannotRead(f"a notebook of {label}")
    if piece.entry.is_elsewhere:
        raise CannotRead("it only says where a file is")
    inside = f"{folder}/" if folder else ""
    if not piece.path.startswith(inside):
        raise CannotRead("it lies outside the notebook's folder")
    path = piece.path.removeprefix(inside)
    if path.rpartition("/")[2] == TIME_STAMP:
        raise CannotRead("the time of handing in is the system's")
    if path.count("/") > MAX_DEPTH:
        raise CannotRead(f"it lies over {MAX_DEPTH} folders deep beside the notebook")
    return path
