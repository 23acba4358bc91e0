"""A widget for pages without a kernel: a picture for each of a few positions of its first two controls."""

from __future__ import annotations

import base64
import io
import os
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from course.widgets.explorer import Choice, Explorer, Slider

FRAMES = "application/vnd.mlp-course.frames+json"
ASKED = "MLP_COURSE_FRAMES"  # an environment variable: set where a page without a kernel is made, since drawing takes a while
COLOURS = 128  # enough for smooth lines and for a surface
MOST = (9, 6)  # positions of the first control, and of the second


def are_asked_for() -> bool:
    """Return whether a page without a kernel is being made."""
    return bool(os.environ.get(ASKED))


def frames_of(explorer: Explorer) -> dict[str, Any]:
    """Return the positions of the first two controls and a picture for each pair, those of the second changing fastest.

    The other controls stay where they are. `start`: the index of the position that is shown first.
    """
    before = dict(explorer.values)
    names = list(explorer.inputs)[: len(MOST)]
    positions = [positions_of(explorer.inputs[name], most) for name, most in zip(names, MOST, strict=False)]
    pictures, alts = [], []
    for pair in product(*positions):
        explorer.redraw(**{name: value for name, (value, _) in zip(names, pair, strict=True)})
        pictures.append(_few_colours(explorer.picture))
        alts.append(explorer.alt_text)
    explorer.redraw(**before)
    controls = [
        {
            "label": explorer.inputs[name].label or name,
            "texts": [text for _, text in values],
            "start": next(place for place, (value, _) in enumerate(values) if value == before[name]),
        }
        for name, values in zip(names, positions, strict=True)
    ]
    return {"controls": controls, "pictures": pictures, "alts": alts}


def positions_of(control: Slider | Choice, most: int) -> list[tuple[Any, str]]:
    """Return at most `most` (3 or more) values of a control, evenly spread, with the texts that a reader sees.

    The first, the last and its own value are among them.
    """
    every = control.values()
    texts = [text for _, text in every]
    own = next(place for place, (value, _) in enumerate(every) if value == control.value)
    places = np.unique(np.linspace(0, len(every) - 1, min(most, len(every))).round().astype(int))
    if own not in places:
        places[1 + np.abs(places[1:-1] - own).argmin()] = own  # both ends stay
    return [(every[place][0], texts[place]) for place in places]


def _few_colours(png: bytes) -> str:
    """Return a picture with few colours, in base64: a page holds dozens of them."""
    from PIL import Image

    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()
