"""What happens to honest notebooks on their way: one small function a damage.

Four sorts, done in this order: to the cells, to the text of the file, to its bytes, and to its name and place. Each is given a
`random.Random` and so does the same again for the same seed. While damages are done, a cell that holds an answer says so under
the key `ANSWERS` and keeps its stub under `STUB`, and a student's own cell says so under `OWN`: so they are known when their
marks are gone. `text_of` leaves these keys out of the file.
"""

import copy
import difflib
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

ANSWERS, STUB, OWN = "__answers", "__stub", "__own"
Notebook = dict[str, Any]
Cell = dict[str, Any]


def text_of(notebook: Notebook) -> str:
    """The notebook as JupyterLab writes it, without what only this module knows."""
    cells = [
        {key: value for key, value in cell.items() if key not in (ANSWERS, STUB, OWN)}
        if isinstance(cell, dict)
        else cell
        for cell in notebook["cells"]
    ]
    return json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False) + "\n"


def answers_in(notebook: Notebook) -> list[Cell]:
    """Every cell that holds an answer, or a part of one."""
    return [cell for cell in _cells(notebook) if ANSWERS in cell]


def _cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook["cells"] if isinstance(cell, dict)]


def _lesson(notebook: Notebook) -> list[Cell]:
    return [cell for cell in _cells(notebook) if ANSWERS not in cell and OWN not in cell]


def _code_answers(notebook: Notebook) -> list[Cell]:
    return [cell for cell in answers_in(notebook) if cell["cell_type"] == "code"]


def _source(cell: Cell) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else source if isinstance(source, str) else ""


def _marks(cell: Cell) -> dict:
    return (cell.get("metadata") or {}).get("nbgrader", {})


def _place(notebook: Notebook, cell: Cell) -> int:
    return next(i for i, other in enumerate(notebook["cells"]) if other is cell)


def _copy(cell: Cell, rng: Random, **changed: Any) -> Cell:
    """A copy with an id of its own, as every front end gives one."""
    made = {**copy.deepcopy(cell), **changed}
    if "id" in made:
        made["id"] = f"{rng.getrandbits(32):08x}"
    return made


def _become(cell: Cell, kind: str) -> None:
    cell["cell_type"] = kind
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}


# ---- cells there twice


def paste_an_answer_again(notebook: Notebook, rng: Random) -> None:
    """Copied and pasted, marks and all, anywhere."""
    cell = rng.choice(answers_in(notebook))
    notebook["cells"].insert(rng.randint(0, len(notebook["cells"])), _copy(cell, rng))


def paste_a_stub(notebook: Notebook, rng: Random) -> None:
    """The cell of the release pasted in again, above or below the answer."""
    cell = rng.choice(answers_in(notebook))
    at = _place(notebook, cell) + rng.randint(0, 1)
    notebook["cells"].insert(at, _copy(cell, rng, source=cell[STUB]))


def keep_an_older_version(notebook: Notebook, rng: Random) -> None:
    """A copy made before the last changes, above."""
    cell = rng.choice(_code_answers(notebook) or answers_in(notebook))
    older = cell[STUB].replace("raise NotImplementedError", "return None  # ")
    notebook["cells"].insert(_place(notebook, cell), _copy(cell, rng, source=older))


def paste_everything_again(notebook: Notebook, rng: Random) -> None:
    """Select all, copy, paste."""
    notebook["cells"] += [_copy(cell, rng) if isinstance(cell, dict) else cell for cell in list(notebook["cells"])]


def paste_locked_cells_again(notebook: Notebook, rng: Random) -> None:
    """Tests and imports there twice."""
    for cell in [cell for cell in _cells(notebook) if _marks(cell).get("locked")][:: rng.randint(1, 4)]:
        notebook["cells"].insert(rng.randint(0, len(notebook["cells"])), _copy(cell, rng))


# ---- split, deleted, moved


def _split(notebook: Notebook, cell: Cell, at: int, rng: Random, **changed: Any) -> None:
    """As JupyterLab splits at the cursor: the newline there belongs to neither part."""
    source = _source(cell)
    below = _copy(cell, rng, source=source[at:].lstrip("\n"), **changed)
    cell["source"] = source[:at].removesuffix("\n")
    notebook["cells"].insert(_place(notebook, cell) + 1, below)


def _starts_of_lines(source: str) -> list[int]:
    return [at + 1 for at, sign in enumerate(source) if sign == "\n"] or [0]


def split_an_answer(notebook: Notebook, rng: Random) -> None:
    """Both parts keep the marks, as in JupyterLab."""
    cell = rng.choice(answers_in(notebook))
    _split(notebook, cell, rng.choice(_starts_of_lines(_source(cell))), rng)


def split_an_answer_in_three(notebook: Notebook, rng: Random) -> None:
    """Split twice; both times the marks go with both parts."""
    cell = rng.choice(answers_in(notebook))
    for at in sorted(rng.choices(_starts_of_lines(_source(cell)), k=2), reverse=True):
        _split(notebook, cell, at, rng)


def split_an_answer_within_a_line(notebook: Notebook, rng: Random) -> None:
    """The cursor stood in the middle of a line that is no comment."""
    cell = rng.choice(_code_answers(notebook) or answers_in(notebook))
    source = _source(cell)
    lines = [at for at in _starts_of_lines(source) if "#" not in source[at:].partition("\n")[0]]
    start = rng.choice(lines or [0])
    _split(notebook, cell, start + rng.randint(0, len(source[start:].partition("\n")[0])), rng)


def split_an_answer_and_lose_marks(notebook: Notebook, rng: Random) -> None:
    """The second part is a new cell, as in Colab and VS Code."""
    cell = rng.choice(_code_answers(notebook) or answers_in(notebook))
    _split(notebook, cell, rng.choice(_starts_of_lines(_source(cell))), rng, metadata={})


def delete_an_answer(notebook: Notebook, rng: Random) -> None:
    """Every cell of one exercise is gone."""
    name = rng.choice(answers_in(notebook))[ANSWERS]
    notebook["cells"] = [c for c in notebook["cells"] if not isinstance(c, dict) or c.get(ANSWERS) != name]


def delete_tests(notebook: Notebook, rng: Random) -> None:
    """ "I did not need them." """
    for cell in _lesson(notebook):
        if _marks(cell).get("points"):
            del notebook["cells"][_place(notebook, cell)]


def delete_half_of_the_lesson(notebook: Notebook, rng: Random) -> None:
    """Text, demos, imports and tests; what the student wrote stays."""
    for cell in _lesson(notebook):
        if rng.random() < 0.5:
            del notebook["cells"][_place(notebook, cell)]


def shuffle(notebook: Notebook, rng: Random) -> None:
    """No cell is where it was."""
    rng.shuffle(notebook["cells"])


def move_an_answer(notebook: Notebook, rng: Random) -> None:
    """Cut and pasted somewhere else."""
    cell = rng.choice(answers_in(notebook))
    del notebook["cells"][_place(notebook, cell)]
    notebook["cells"].insert(rng.randint(0, len(notebook["cells"])), cell)


def put_the_answers_last(notebook: Notebook, rng: Random) -> None:
    """All answers below everything else."""
    cells = notebook["cells"]
    cells.sort(key=lambda cell: isinstance(cell, dict) and ANSWERS in cell)


def turn_upside_down(notebook: Notebook, rng: Random) -> None:
    """The last cell first."""
    notebook["cells"].reverse()


# ---- another type


def make_an_answer_text(notebook: Notebook, rng: Random) -> None:
    """A slip on the key M or R in command mode."""
    cell = rng.choice(_code_answers(notebook) or answers_in(notebook))
    _become(cell, rng.choice(["markdown", "raw"]))


def make_the_reflection_code(notebook: Notebook, rng: Random) -> None:
    """A slip on the key Y in the answer in words."""
    for cell in answers_in(notebook):
        if cell[ANSWERS] == "reflection":
            _become(cell, "code")


def make_the_lesson_code(notebook: Notebook, rng: Random) -> None:
    """Text that Python is now to understand."""
    for cell in _lesson(notebook):
        if cell.get("cell_type") == "markdown" and rng.random() < 0.3:
            _become(cell, "code")


def make_tests_text(notebook: Notebook, rng: Random) -> None:
    """Tests nobody can run any more."""
    for cell in _lesson(notebook):
        if _marks(cell).get("points"):
            _become(cell, "raw")


# ---- metadata


def lose_all_marks(notebook: Notebook, rng: Random) -> None:
    """nbgrader's metadata is gone; ids and tags stay."""
    for cell in _cells(notebook):
        (cell.get("metadata") or {}).pop("nbgrader", None)


def lose_all_metadata(notebook: Notebook, rng: Random) -> None:
    """As after "strip" tools: nothing but the cells' type and text, and the notebook's format."""
    notebook["metadata"] = {}
    for cell in _cells(notebook):
        cell["metadata"] = {}
        cell.pop("id", None)


def lose_the_marks_of_an_answer(notebook: Notebook, rng: Random) -> None:
    """Written into a new cell, and the old one deleted."""
    cell = rng.choice(answers_in(notebook))
    cell["metadata"] = {}
    if "id" in cell:
        cell["id"] = f"{rng.getrandbits(32):08x}"


def lose_metadata_altogether(notebook: Notebook, rng: Random) -> None:
    """Cells that have not even an empty mapping, which no front end opens."""
    for cell in _cells(notebook):
        cell.pop("metadata", None)


def give_new_ids(notebook: Notebook, rng: Random) -> None:
    """As tools do that write notebooks anew."""
    for cell in _cells(notebook):
        if "id" in cell:
            cell["id"] = f"{rng.getrandbits(32):08x}"


def tamper_with_marks(notebook: Notebook, rng: Random) -> None:
    """Points, locks and schema changed by a click in the wrong panel."""
    for cell in _cells(notebook):
        if marks := _marks(cell):
            marks |= {"points": rng.randint(0, 99), "locked": rng.random() < 0.5, "schema_version": rng.randint(0, 9)}


def ask_for_another_kernel(notebook: Notebook, rng: Random) -> None:
    """The kernel of the student's own machine."""
    notebook["metadata"] = {
        **notebook.get("metadata", {}),
        "kernelspec": {"name": f"env_{rng.getrandbits(16)}", "display_name": "My env", "language": "R"},
        "language_info": {"name": "R"},
    }


# ---- format


def write_an_older_format_4(notebook: Notebook, rng: Random) -> None:
    """4.0 to 4.4 have no ids of cells."""
    notebook["nbformat_minor"] = rng.randint(0, 4)
    for cell in _cells(notebook):
        cell.pop("id", None)


def write_format_3(notebook: Notebook, rng: Random) -> None:
    """As `nbconvert --nbformat 3` gives it: worksheets, and `input` for the text of code. Done when the file is written."""
    notebook["nbformat"], notebook["nbformat_minor"] = 3, 0


def sources_as_lists(notebook: Notebook, rng: Random) -> None:
    """A line an item: how front ends save."""
    for cell in _cells(notebook):
        cell["source"] = _source(cell).splitlines(keepends=True)


def windows_lines_in_cells(notebook: Notebook, rng: Random) -> None:
    """Pasted from an editor of Windows."""
    for cell in _cells(notebook):
        cell["source"] = _source(cell).replace("\r\n", "\n").replace("\n", "\r\n")


def spaces_at_the_ends_of_lines(notebook: Notebook, rng: Random) -> None:
    """And lines at the ends of cells."""
    for cell in _lesson(notebook):
        cell["source"] = _source(cell).replace("\n", "  \n") + "\n\n"


def odd_cells(notebook: Notebook, rng: Random) -> None:
    """Cells that are none."""
    for odd in (None, 7, [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": 5, "metadata": None}):
        notebook["cells"].insert(rng.randint(0, len(notebook["cells"])), odd)


def a_picture_in_a_text(notebook: Notebook, rng: Random) -> None:
    """Colab writes a pasted picture into the text itself."""
    picture = f"![image](data:image/png;base64,{'iVBORw0KGgo' * 100_000})"
    cell = {"cell_type": "markdown", "id": f"{rng.getrandbits(32):08x}", "metadata": {}, "source": picture}
    notebook["cells"].insert(rng.randint(0, len(notebook["cells"])), cell)


def outputs_by_the_megabyte(notebook: Notebook, rng: Random) -> None:
    """A loop that printed."""
    for cell in rng.sample([c for c in _cells(notebook) if c.get("cell_type") == "code"], k=2):
        printed = "".join(f"step {step}: loss {rng.random()}\n" for step in range(10_000))
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": printed}] * 3


def odd_outputs(notebook: Notebook, rng: Random) -> None:
    """Outputs that no schema allows."""
    for cell in _cells(notebook):
        if cell.get("cell_type") == "code":
            cell["outputs"] = rng.choice([None, "text", {}, [None], [{"output_type": 3}]])


def merge_inside_an_answer(notebook: Notebook, rng: Random) -> None:
    """As nbdime leaves a conflict: the marks stand in the cell, the file is whole."""
    cell = rng.choice(_code_answers(notebook) or answers_in(notebook))
    sides = [_source(cell), cell[STUB]]
    rng.shuffle(sides)
    cell["source"] = f"<<<<<<< local\n{sides[0]}\n=======\n{sides[1]}\n>>>>>>> remote"


CELLS: tuple[Callable[[Notebook, Random], None], ...] = (
    paste_an_answer_again,
    paste_a_stub,
    keep_an_older_version,
    paste_everything_again,
    paste_locked_cells_again,
    split_an_answer,
    split_an_answer_in_three,
    split_an_answer_within_a_line,
    split_an_answer_and_lose_marks,
    delete_an_answer,
    delete_tests,
    delete_half_of_the_lesson,
    shuffle,
    move_an_answer,
    put_the_answers_last,
    turn_upside_down,
    make_an_answer_text,
    make_the_reflection_code,
    make_the_lesson_code,
    make_tests_text,
    lose_all_marks,
    lose_all_metadata,
    lose_the_marks_of_an_answer,
    lose_metadata_altogether,
    give_new_ids,
    tamper_with_marks,
    ask_for_another_kernel,
    write_an_older_format_4,
    write_format_3,
    sources_as_lists,
    windows_lines_in_cells,
    spaces_at_the_ends_of_lines,
    odd_cells,
    a_picture_in_a_text,
    outputs_by_the_megabyte,
    odd_outputs,
    merge_inside_an_answer,
)


# ---- the text of the file


def as_format_3(text: str) -> str:
    """What `write_format_3` announced."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell["input"] = cell.pop("source", "")
            cell["language"], cell["prompt_number"] = "python", cell.pop("execution_count", None)
    notebook["worksheets"] = [{"cells": notebook.pop("cells"), "metadata": {}}]
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _merged(ours: list[str], theirs: list[str], labels: tuple[str, str] = ("HEAD", "theirs")) -> str:
    lines: list[str] = []
    for what, i, j, k, m in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what == "equal":
            lines += ours[i:j]
        else:
            lines += [f"<<<<<<< {labels[0]}\n", *ours[i:j], "=======\n", *theirs[k:m], f">>>>>>> {labels[1]}\n"]
    return "".join(lines)


def merge_with_an_older_version(text: str, rng: Random) -> str:
    """git left the marks of a merge in the file: the other side has other code in some cells."""
    lines = text.splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if "return" in line]
    theirs = list(lines)
    for place in rng.sample(places, k=min(3, len(places))):
        theirs[place] = theirs[place].replace("return", "print() or", 1)
    return _merged(lines, theirs)


def merge_that_broke_the_other_side(text: str, rng: Random) -> str:
    """The other side of the merge is no JSON."""
    lines = text.splitlines(keepends=True)
    theirs = list(lines)
    theirs[rng.randrange(len(lines))] = ' "half a line\n'
    return _merged(lines, theirs)


def a_mark_left_over(text: str, rng: Random) -> str:
    """A conflict solved by hand, but for one line."""
    lines = text.splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines)), rng.choice(["<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n"]))
    return "".join(lines)


def cut_off(text: str, rng: Random) -> str:
    """The upload ended early."""
    return text[: rng.randrange(len(text) // 3, len(text))]


def lose_the_beginning(text: str, rng: Random) -> str:
    """The first block of the file is gone."""
    return text[rng.randrange(1, len(text) // 4) :]


def a_hole(text: str, rng: Random) -> str:
    """A block in the middle is gone."""
    at = rng.randrange(len(text))
    return text[:at] + text[at + rng.randint(1, 2000) :]


def zeros_in_the_middle(text: str, rng: Random) -> str:
    """A block that the file system never wrote."""
    at, length = rng.randrange(len(text)), rng.randint(1, 2000)
    return text[:at] + "\0" * length + text[at + length :]


def zeros_at_the_end(text: str, rng: Random) -> str:
    """Room that was made for more."""
    return text + "\0" * rng.randint(1, 5000)


def commas_too_many(text: str, rng: Random) -> str:
    """Edited by hand: a comma after the last item."""
    notebook = "".join(
        line.rstrip("\n") + (",\n" if following.strip()[:1] in ("]", "}") and line.strip()[-1:] in '"]}0' else "\n")
        for line, following in zip(text.splitlines(), [*text.splitlines()[1:], ""], strict=True)
    )
    return notebook


def text_around_it(text: str, rng: Random) -> str:
    """Pasted from a mail."""
    return f"Here is my notebook:\n\n{text}\n-- \nAda\n"


def saved_twice(text: str, rng: Random) -> str:
    """Appended to, not written anew."""
    return text + text


def windows_lines(text: str, rng: Random) -> str:
    """The file's own line ends."""
    return text.replace("\n", "\r\n")


def on_one_line(text: str, rng: Random) -> str:
    """Without the spaces that nobody needs."""
    try:
        return json.dumps(json.loads(text), separators=(",", ":")) + "\n"
    except ValueError:
        return text  # damaged already, and more than spaces would be lost


TEXT: tuple[Callable[[str, Random], str], ...] = (
    merge_with_an_older_version,
    merge_that_broke_the_other_side,
    a_mark_left_over,
    cut_off,
    lose_the_beginning,
    a_hole,
    zeros_in_the_middle,
    zeros_at_the_end,
    commas_too_many,
    text_around_it,
    saved_twice,
    windows_lines,
    on_one_line,
)


# ---- the bytes of the file


def byte_order_mark(text: str, rng: Random) -> bytes:
    """As Notepad writes UTF-8."""
    return text.encode("utf-8-sig")


def utf_16(text: str, rng: Random) -> bytes:
    """As PowerShell redirects output."""
    return text.encode("utf-16")


def utf_16_without_a_mark(text: str, rng: Random) -> bytes:
    """Known by its zeros alone."""
    return text.encode(rng.choice(["utf-16-le", "utf-16-be"]))


def utf_32(text: str, rng: Random) -> bytes:
    """Four bytes a character."""
    return text.encode("utf-32")


def windows_1252(text: str, rng: Random) -> bytes:
    """As an old editor saves; it has no place for some characters."""
    return text.encode("cp1252", errors="replace")


def bad_bytes(text: str, rng: Random) -> bytes:
    """A bit or two fell over."""
    data = bytearray(text.encode())
    for _ in range(rng.randint(1, 3)):
        data[rng.randrange(len(data))] = rng.randint(0x80, 0xFF)
    return bytes(data)


def cut_within_a_character(text: str, rng: Random) -> bytes:
    """The file ends in the middle of a character of several bytes."""
    data = text.encode()
    places = [i for i in range(len(data) // 2, len(data)) if data[i] & 0xC0 == 0x80]
    return data[: rng.choice(places)] if places else data


BYTES: tuple[Callable[[str, Random], bytes], ...] = (
    byte_order_mark,
    utf_16,
    utf_16_without_a_mark,
    utf_32,
    windows_1252,
    bad_bytes,
    cut_within_a_character,
)


# ---- its name and place


def another_name(path: Path, rng: Random) -> None:
    """What browsers, file shops and people call it."""
    unit = path.stem
    names = (
        f"{unit} (1).ipynb",
        f"{unit}-Copy1.ipynb",
        f"Copy of {unit}.ipynb",
        f"{unit}.ipynb.txt",
        f"{unit}.ipynb.json",
        f"{unit.upper()}.IPYNB",
        "final_final.ipynb",
    )
    path.rename(path.with_name(rng.choice(names)))


def a_folder_within(path: Path, rng: Random) -> None:
    """An archive was unpacked into a folder of its own."""
    folder = path.parent / rng.choice([path.stem, "my work", "a/b"])
    folder.mkdir(parents=True)
    path.rename(folder / path.name)


def files_beside(path: Path, rng: Random) -> None:
    """A scratch notebook, checkpoints, and what macOS puts into archives."""
    path.with_name("Untitled.ipynb").write_text('{"cells": []}')
    path.with_name(f"._{path.name}").write_bytes(b"\0\5\26\7")
    (path.parent / ".ipynb_checkpoints").mkdir()
    (path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb").write_text("{}")


PLACE: tuple[Callable[[Path, Random], None], ...] = (another_name, a_folder_within, files_beside)
