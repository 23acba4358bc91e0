"""The glossary: each term where a notebook first prints it in bold, with the sentence that explains it there.

`python -m tests.notebooks.glossary` writes docs/glossary.md; a test says when it has fallen behind. In the notebooks bold is for
terms and for labels such as **Predict.**; what is only emphasised is in italics.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.model.units import list_units

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "glossary.md"
HEAD = """\
# Glossary

Each term where the course explains it first, in the words of that notebook. The page is made from the notebooks:
`python -m tests.notebooks.glossary`.
"""
TERM = re.compile(r"\*\*(?P<term>[^\W\d_][^*\n`$,·:]*[\w)])\*\*")
MOST_WORDS = 4
LABELS = {
    "predict",
    "explain",
    "try",
    "time",
    "points",
    "sources",
    "further reading",
    "words",
    "in practice",
    "training",
}
LONGER_LABEL = re.compile(r"after this notebook|sources and|deck \d")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
SECTION = re.compile(r"^## (?:(?P<number>\d+) · )?(?P<words>.+)$", re.MULTILINE)
FOLDED = re.compile(r"<details>.*</details>", re.DOTALL)  # hints and slides
DISPLAYED = re.compile(r"\s*\n\s*\$\$(.+?)\$\$\s*", re.DOTALL)
AFTER = "\ue000"  # stands after a displayed formula, where a sentence may end
END = re.compile(rf"(?:(?<=[.?!{AFTER}])|(?<=[.?!]\)))(?<! al\.) (?=[A-Z*`$(])")
POINTS_BACK = re.compile(r"(?:Among|Backwards|Each is|Its?|Such|That|Their|Then|These|They|This|Those)\b")
LABEL = re.compile(r"^\*\*[^*]+[.?!:]\*\* ")


@dataclass(frozen=True)
class Entry:
    """A term, its explanation in Markdown, and where it stands."""

    term: str
    explanation: str
    unit: str
    place: str


def entries(root: Path = ROOT) -> list[Entry]:
    """Return the terms of all notebooks in alphabetical order, each with its first use."""
    first: dict[str, Entry] = {}
    for unit in list_units(root):
        for entry in _entries_of_unit(root, unit):
            first.setdefault(entry.term.lower().removesuffix("s"), entry)
    return sorted(first.values(), key=lambda entry: entry.term.lower())


def page(glossary: list[Entry]) -> str:
    """Return the glossary as Markdown."""
    lines = [
        f"- **{entry.term}**: {entry.explanation} ([{entry.place}](../release/{entry.unit}/{entry.unit}.ipynb))"
        for entry in glossary
    ]
    return HEAD + "\n" + "\n".join(lines) + "\n"


def _entries_of_unit(root: Path, unit: str) -> Iterator[Entry]:
    notebook = nbformat.read(root / "source" / unit / f"{unit}.ipynb", as_version=4)
    title, section = unit, "opening"
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        title = next(iter(TITLE.findall(cell.source)), title)
        heading = SECTION.search(cell.source)
        if heading:
            section = f"section {heading['number']}" if heading["number"] else f"“{heading['words']}”"
        for term, explanation in terms_of(FOLDED.sub("", cell.source)):
            yield Entry(term, explanation, unit, f"{title}, {section}")


def terms_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield each term in a text cell with its explanation: the rest of its row in a table, else its sentence."""
    joined = DISPLAYED.sub(lambda formula: f" ${' '.join(formula[1].split())}${AFTER} ", text)
    for paragraph in re.split(r"\n\s*\n|\n(?=[-|>] ?)", joined):
        for match in TERM.finditer(paragraph):
            if _is_term(match["term"]):
                yield match["term"], _explanation(paragraph.strip(), match[0])


def _is_term(words: str) -> bool:
    low = words.lower()
    return len(words.split()) <= MOST_WORDS and low not in LABELS and not LONGER_LABEL.match(low)


def _explanation(paragraph: str, bold: str) -> str:
    if paragraph.startswith("|"):
        return _tidied(paragraph.strip("|").split("|")[1].strip())
    sentences = END.split(" ".join(LABEL.sub("", paragraph.lstrip("-> ")).split()))
    at = next(index for index, sentence in enumerate(sentences) if bold in sentence)
    start = at
    while start > 0 and POINTS_BACK.match(sentences[start]):
        start -= 1
    return _tidied(" ".join(sentences[start : at + 1]).replace(AFTER, ""))


def _tidied(words: str) -> str:
    """Return sentences without half a pair of brackets, ending in a full stop."""
    if words.count("(") != words.count(")"):
        words = words.removeprefix("(") if words.startswith("(") else words.removesuffix(")")
    return words if words.endswith((".", "?", "!", ")")) else words.rstrip(":;, ") + "."


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(entries()), encoding="utf-8")


if __name__ == "__main__":
    main()
