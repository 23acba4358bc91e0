"""The page on the five decks: every item lives in cells that exist, and every text that names a deck is listed under it."""

import re
from dataclasses import dataclass
from functools import cache

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.model.units import list_units
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "decks.md").read_text(encoding="utf-8")
DECKS = ("000", "001", "002", "003", "004")
HEADING = re.compile(r"^## Deck (?P<deck>\d{3}): ", re.MULTILINE)
ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<words>.+) \| (?P<where>.*) \|$", re.MULTILINE)
UNIT = re.compile(r"\[(\d\d)\] ((?:`[^`]+`(?:, )?)+)")
LINK = re.compile(r"^\[(\d\d)\]: \.\./(\S+)$", re.MULTILINE)
NAMED = re.compile(r"\bdecks? (\d{3}(?:(?:, | and )\d{3})*)", re.IGNORECASE)
FOLDED = re.compile(r"<details>.*</details>", re.DOTALL)
LISTS = {
    "goals",
    "slides",
    "sources",
    "summary",
}  # cells that name decks, and slides at most, without teaching what is on them


@dataclass(frozen=True)
class Item:
    """One line of the page: what a deck teaches, and in which cells of which units."""

    deck: str
    number: int
    cells: frozenset[tuple[str, str]]


@cache
def items() -> tuple[Item, ...]:
    """Return all lines of the page."""
    _, *parts = HEADING.split(PAGE)
    return tuple(
        Item(deck, int(row["number"]), cells_of(row["where"]))
        for deck, table in zip(parts[::2], parts[1::2], strict=True)
        for row in ROW.finditer(table)
    )


def cells_of(where: str) -> frozenset[tuple[str, str]]:
    """Return the pairs (unit, id of a cell) that the last column of a line names."""
    return frozenset((unit, cell) for unit, ids in UNIT.findall(where) for cell in re.findall(r"`([^`]+)`", ids))


@cache
def notebooks() -> dict[str, NotebookNode]:
    """Return the source of each unit by its number."""
    return {
        name[:2]: nbformat.read(ROOT / "source" / name / f"{name}.ipynb", as_version=4) for name in list_units(ROOT)
    }


def decks_named(text: str) -> set[str]:
    """Return the numbers of the decks that a text speaks of, but for what is folded away in it."""
    return {number for match in NAMED.finditer(FOLDED.sub("", text)) for number in re.findall(r"\d{3}", match[1])}


def test_the_items_of_each_deck_are_numbered_without_a_gap() -> None:
    assert HEADING.findall(PAGE) == list(DECKS)
    for deck in DECKS:
        numbers = [item.number for item in items() if item.deck == deck]
        assert numbers == list(range(1, len(numbers) + 1)), deck
        assert len(numbers) >= 14, deck


def test_every_line_of_the_page_is_read_whole() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| no.")]
    assert len(rows) == len(items())
    for row in rows:
        where = row.strip("| ").rsplit(" | ", 1)[1]
        assert "; ".join(f"[{unit}] {ids}" for unit, ids in UNIT.findall(where)) == where, row


def test_every_item_lives_in_cells_that_exist() -> None:
    there = {(unit, cell.id) for unit, notebook in notebooks().items() for cell in notebook.cells}
    assert [(item.deck, item.number) for item in items() if not item.cells] == []
    assert [(item.deck, item.number, cell) for item in items() for cell in sorted(item.cells - there)] == []


def test_every_unit_has_a_link_to_what_students_get() -> None:
    links = dict(LINK.findall(PAGE))
    assert links == {name[:2]: f"release/{name}/{name}.ipynb" for name in list_units(ROOT)}
    assert all((ROOT / link).is_file() for link in links.values())


@pytest.mark.parametrize("deck", DECKS)
def test_every_text_that_names_a_deck_is_listed_under_it(deck: str) -> None:
    listed = {cell for item in items() if item.deck == deck for cell in item.cells}
    naming = {
        (unit, cell.id)
        for unit, notebook in notebooks().items()
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        and not is_solution(cell)
        and cell.id not in LISTS
        and deck in decks_named(cell.source)
    }
    assert sorted(naming - listed) == [], f"add these cells to docs/decks.md, under an item of deck {deck}"


def is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


@pytest.mark.parametrize(
    ("text", "decks"),
    [
        ("Deck 001's slide, and later deck 004.", {"001", "004"}),
        ("As on decks 000, 001 and 002, not in 30 or 003 other places.", {"000", "001", "002"}),
        ("A deck of 52 cards.<details>Deck 003</details>", set()),
    ],
    ids=["two", "a list", "none"],
)
def test_the_decks_that_a_text_names_are_those_outside_of_what_is_folded(text: str, decks: set[str]) -> None:
    assert decks_named(text) == decks
