"""The table of grades: nothing that a student chose takes the points of others out of sight."""

import dataclasses
import io

from rich.console import Console

from autograder.model.marks import Mark
from autograder.model.records import Record
from autograder.model.units import Unit
from autograder.results.table import table_of

LONG = "l" * 255


def test_a_long_name_leaves_room_for_the_points_and_is_shown_whole(unit: Unit, records: list[Record]) -> None:
    records = [dataclasses.replace(records[0], student=LONG, repairs=("r" * 1000,)), *records[1:]]
    marks = {record.student: Mark(record.student, unit.name, record.score, record.max_score) for record in records}
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(table_of(unit, records, marks))
    text = console.export_text()
    assert text.count("20/20") == 1
    assert "14/20" in text
    assert text.count("l") >= len(LONG)


def test_a_short_name_stands_on_one_line(unit: Unit, records: list[Record]) -> None:
    name = "maximiliane.von-und-zu@uni.example"
    records = [dataclasses.replace(records[0], student=name, notes=("n" * 1000,))]
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(table_of(unit, records, {name: Mark(name, unit.name, 20, 20)}))
    assert name in console.export_text()
