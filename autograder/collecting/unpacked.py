"""The files of an attempt, with those of a zip that a student handed in instead of the notebook."""

from dataclasses import dataclass, replace

from autograder.collecting.archive import read_nested
from autograder.collecting.attempt import Attempt, Piece
from autograder.collecting.entries import CannotRead, Entry, LeftOut


@dataclass(frozen=True)
class Unpacked:
    """The files of an attempt, and what its zips held that is not among them."""

    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...] = ()


def unpacked(attempt: Attempt) -> Unpacked:
    """Open the zips of an attempt that holds no notebook beside them, one level deep."""
    archives = [piece for piece in attempt.pieces if piece.entry.is_archive]
    if not archives or any(piece.entry.is_notebook for piece in attempt.pieces):
        return Unpacked(attempt.pieces)
    pieces = [piece for piece in attempt.pieces if piece not in archives]
    left_out: list[LeftOut] = []
    for archive in archives:
        path = archive.entry.path
        folder = f"{archive.path}/" if len(archives) > 1 else ""
        try:
            nested = read_nested(archive.entry)
        except CannotRead as error:
            left_out.append(LeftOut(path, str(error)))
            continue
        left_out.append(LeftOut(path, "was opened", expected=True))
        left_out += [replace(one, path=f"{path}/{one.path}") for one in nested.left_out]
        for entry in nested.entries:
            inside = Entry(f"{path}/{entry.path}", entry.read)
            pieces.append(Piece(f"{folder}{entry.path}", inside, archive.order))
    return Unpacked(tuple(pieces), tuple(left_out))
