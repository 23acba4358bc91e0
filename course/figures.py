"""What all figures of the course share: colours, axes, descriptions for readers who cannot see them, and pictures."""

from __future__ import annotations

import base64
import functools
import html
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib takes longer to import than the whole course, so it waits for the first figure
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart with any kind of colour vision (https://jfly.uni-koeln.de/color/).
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
CYCLE = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK)
MARKERS = "os^Dv*PX"  # in the order of the colours
GREY = "#767676"  # the lightest grey with a contrast of 4.5 on white

ALT, BUNDLE = "alt_text", "_repr_mimebundle_"  # attributes: the description of axes, and what IPython calls on figures

PAGE = 8.4  # inches: a wider picture is scaled down, and its text with it, most of all on a phone
CSS_DPI = 96  # pixels per inch in a browser
PIXELS = 1.5  # dots per such pixel: enough for sharp lines on dense screens, while a picture stays small


def axes(ax: Axes | None = None, size: tuple[float, float] = (6.4, 3.6)) -> Axes:
    """Return `ax`, or new axes in a new pyplot figure of `size` inches."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.figure(figsize=size, layout="constrained").subplots()


def panels(count: int, size: tuple[float, float] = (4.2, 3.2)) -> list[Axes]:
    """Return `count` axes side by side in a new pyplot figure, in the course's colours.

    `size` is one panel's, in inches; panels that are together wider than a page are narrowed to it.
    """
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(min(count * size[0], PAGE), size[1]), layout="constrained")
    row = list(figure.subplots(1, count, squeeze=False)[0])
    for ax in row:
        ax.set_prop_cycle(color=CYCLE)
    return row


def split(ax: Axes, widths: Sequence[float], gap: float = 0.1) -> list[Axes]:
    """Divide `ax` into parts side by side, in proportion to `widths` and `gap` of the whole width apart; hide `ax`."""
    ax.axis("off")
    scale = (1 - gap * (len(widths) - 1)) / sum(widths)
    lefts = [sum(widths[:i]) * scale + i * gap for i in range(len(widths))]
    return [ax.inset_axes((left, 0, width * scale, 1)) for left, width in zip(lefts, widths, strict=True)]


def describe(ax: Axes, text: str) -> Axes:
    """Give `ax` the alt text `text`, let its figure pass that on to a notebook, and return `ax`.

    A figure with several described axes passes on all their texts.
    """
    setattr(ax, ALT, text)
    figure = ax.figure.figure  # for a subfigure, the whole figure
    # IPython looks for this method on each object. Set on this figure, it also works for figures that readers made.
    setattr(figure, BUNDLE, functools.partial(mime_bundle, figure))
    return ax


def alt_text(figure: Figure) -> str:
    """Return the descriptions of all axes of `figure`, in their order."""
    return " ".join(text for ax in figure.axes if (text := getattr(ax, ALT, "")))


def png(figure: Figure) -> bytes:
    """Return `figure` as a PNG with `PIXELS` dots per pixel of a browser."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=PIXELS * CSS_DPI, pil_kwargs={"compress_level": 3})
    return stream.getvalue()


def img(picture: bytes, width: float, text: str) -> str:
    """Return an HTML image of a PNG, `width` inches wide, with the alt text `text`."""
    data = base64.b64encode(picture).decode()
    # Decoded together with the page, so that a picture which replaces another does not flicker.
    style = "max-width: 100%; height: auto; background: white"
    alt = html.escape(text)
    return f'<img alt="{alt}" width="{width * CSS_DPI:.0f}" style="{style}" decoding="sync" src="data:image/png;base64,{data}">'


def mime_bundle(figure: Figure, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `figure` in the forms that notebooks show (HTML with alt text, PNG, plain text), and the metadata.

    JupyterLab drops the alt text of a PNG, so it is given HTML. A PDF uses the PNG, a terminal the text.
    """
    return bundle(png(figure), figure.get_figwidth(), alt_text(figure))


def bundle(picture: bytes, width: float, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a PNG, `width` inches wide and described by `text`, in the forms that notebooks show, and the metadata."""
    data = {"text/plain": text, "text/html": img(picture, width, text), "image/png": base64.b64encode(picture).decode()}
    return data, {"image/png": {"alt": text, "width": round(width * CSS_DPI)}}


def sheet(count: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """Return a new figure of `size` inches for frequent redrawing, unknown to pyplot, and its `count` axes in a row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=PIXELS * CSS_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, count, squeeze=False)[0])
