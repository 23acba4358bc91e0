"""What pages without a kernel show of a widget: a picture for each pair of positions of its first two controls."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from course.figures import describe
from course.widgets import Choice, Slider, explorer
from course.widgets.explorer import Explorer
from course.widgets.frames import ASKED, FRAMES, frames_of, positions_of


@pytest.fixture
def lines() -> Explorer:
    def draw(ax, slope, style, level):
        ax.set(ylim=(-9, 9))
        ax.plot([0, 1], [level, level + slope], style)
        describe(ax, f"slope {slope}, {style}, level {level}")

    inputs = {
        "slope": Slider(2, 0, 3, 1, "the slope"),
        "style": Choice("--", {"dashed": "--", "whole": "-"}),
        "level": Slider(0.5, 0.0, 1.0, 0.25),
    }
    return explorer(draw, inputs, size=(2.0, 1.5))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_each_frame_is_what_the_controls_show_there(lines: Explorer) -> None:
    frames = frames_of(lines)
    assert frames["controls"] == [
        {"label": "the slope", "texts": ["0", "1", "2", "3"], "start": 2},
        {"label": "style", "texts": ["dashed", "whole"], "start": 0},
    ]
    assert len(frames["pictures"]) == len(frames["alts"]) == 8
    lines.redraw(slope=1, style="-")
    assert frames["alts"][3] == lines.alt_text == "slope 1, -, level 0.5"
    assert np.abs(pixels(base64.b64decode(frames["pictures"][3])) - pixels(lines.picture)).max() < 40
    assert frames["pictures"][3] != frames["pictures"][4]


def test_the_widget_is_left_as_it_was(lines: Explorer) -> None:
    before = lines.picture
    frames_of(lines)
    assert (lines.values, lines.picture) == ({"slope": 2, "style": "--", "level": 0.5}, before)


@pytest.mark.parametrize(
    ("control", "most", "texts"),
    [
        (Slider(20, 0, 200, 1), 6, ["0", "20", "80", "120", "160", "200"]),
        (Slider(0.1, 0.01, 0.13, 0.01), 3, ["0.01", "0.10", "0.13"]),
        (Slider(0.33, 0.0, 1.0, 0.5), 9, ["0.00", "0.33", "1.00"]),  # its own value lies between two steps
        (Choice("c", ["a", "b", "c", "d", "e", "f"]), 3, ["a", "c", "f"]),
    ],
)
def test_few_positions_are_spread_evenly_and_hold_the_first_and_the_last(control, most: int, texts: list[str]) -> None:
    assert [text for _, text in positions_of(control, most)] == texts


def test_they_are_made_only_where_a_page_asks(lines: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(FRAMES in data for data, _ in lines.outputs())
    monkeypatch.setenv(ASKED, "1")
    (data,) = (data for data, _ in lines.outputs() if FRAMES in data)
    assert "image/png" in data
