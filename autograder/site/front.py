"""The pages that are not units: what the site begins with, and the texts of the course's own such as a glossary."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.model.files import read_words
from autograder.model.units import BY_HAND, Kind, Unit

TEXTS = ("docs/site/*.md", "docs/glossary.md")  # the course's own pages; index.md begins the site
# A link from a page of docs/ to a unit.
RELEASED = re.compile(r"\[(?P<words>[^\]]*)\]\(\.\./release/(?P<unit>[^/()]+)/(?P=unit)\.ipynb(?P<place>[^)]*)\)")
TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
TIME = re.compile(r"^\*\*Time\*\* about (\d+ minutes)", re.MULTILINE)
CONTENTS = """\
```{{toctree}}
:hidden:

{names}
```"""


@dataclass(frozen=True)
class Text:
    """A page of Markdown."""

    name: str
    source: str


def texts_of(course: Path, units: Sequence[Unit]) -> list[Text]:
    """Return the course's own pages, the first one completed by a table of all units; raise CourseError if one is unreadable."""
    known = {unit.name for unit in units}
    own = [_read(path, known) for pattern in TEXTS for path in sorted(course.glob(pattern))]
    begin = next((text.source for text in own if text.name == "index"), "# Course")
    others = [text for text in own if text.name != "index"]
    names = [*(unit.name for unit in units), *(text.name for text in others)]
    index = "\n\n".join([begin.strip(), _table(units), CONTENTS.format(names="\n".join(names))])
    return [Text("index", f"{index}\n"), *others]


def title_of(notebook: NotebookNode) -> str:
    """Return the first heading of a notebook; empty where it has none."""
    return _first(TITLE, notebook)


def _table(units: Sequence[Unit]) -> str:
    rows = [
        f"| [{title_of(unit.notebook) or unit.name}]({unit.name}.ipynb) | {_first(TIME, unit.notebook)} "
        f"| {', '.join(f'`{unit.exercise_in_words(exercise)}`' for exercise in unit.exercises)} | {_points(unit):g} |"
        for unit in units
    ]
    return "\n".join(["| unit | time | exercises | points |", "|---|---|---|---|", *rows])


def _points(unit: Unit) -> float:
    """Return what a unit is worth, with what people grade, as the start page of the kit says it."""
    return sum(cell.points for cell in unit.of_kind(Kind.TEST, *BY_HAND))


def _first(pattern: re.Pattern[str], notebook: NotebookNode) -> str:
    matches = (pattern.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((match[1].strip() for match in matches if match), "")


def _read(path: Path, units: Collection[str]) -> Text:
    """Read a page; its links lead to the pages of these units, and of one to another unit the words are left."""

    def link(match: re.Match[str]) -> str:
        words = match["words"]
        return f"[{words}]({match['unit']}.ipynb{match['place']})" if match["unit"] in units else words

    try:
        return Text(path.stem, RELEASED.sub(link, read_words(path)))
    except (OSError, ValueError) as error:
        raise CourseError(f"{path}: cannot be read ({error}); save it as UTF-8 and mend its permissions") from error
