"""Axes that are cleared and drawn again and again, and keep what takes long to make: ticks, insets, pixels of an axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Literal, cast

import numpy as np
from matplotlib.artist import Artist, getp
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import TextArea
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course.widgets.renderer import Renderer, Stamp

# What `Axes.clear` leaves as it was, although a drawing may have changed it.
OF_AXES = ("adjustable", "alpha", "anchor", "aspect", "axisbelow", "box_aspect", "facecolor", "frame_on", "visible")
OF_AXIS = ("visible",)
OF_SPINES = ("alpha", "edgecolor", "linestyle", "linewidth", "visible")
# What decides the looks of a legend: properties of the lines and patches in it, and its own attributes of these types.
OF_HANDLES = (
    *("alpha", "color", "edgecolor", "facecolor", "fillstyle", "hatch", "linestyle", "linewidth", "marker"),
    *("markeredgecolor", "markeredgewidth", "markerfacecolor", "markersize", "sizes", "visible"),
)
IN_PLACE = ("outward", 0.0)  # a spine where it belongs
WHICH: tuple[Literal["major", "minor"], ...] = ("major", "minor")  # ticks
SETTINGS = (bool, int, float, str, tuple, type(None))


class Panel(Axes):
    """Axes that look like new ones after `clear`, but keep their ticks and insets for the next drawing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._kept: list[_KeptAxis] = []
        self._kept_legend = _KeptLegend()
        self._spare: dict[tuple[float, ...], Panel] = {}
        self._place: tuple[float, ...] = ()  # of an inset
        super().__init__(*args, **options)
        self._kept = [_KeptAxis(axis) for axis in (self.xaxis, self.yaxis)]
        self._plain = {artist: _properties(artist, names) for artist, names in self._unclearable()}

    def clear(self) -> None:
        """Clear the axes."""
        if not self._kept:  # they are being made
            super().clear()
            return
        self._spare = {inset._place: inset for inset in self.child_axes if isinstance(inset, Panel)}
        in_place = all(spine.get_position() == IN_PLACE for spine in self.spines.values())
        for axis in self._kept:
            axis.make_plain()
            if in_place:  # otherwise the ticks follow the spines
                axis.hide_ticks()
        for artist, names in self._unclearable():
            plain, now = self._plain[artist], _properties(artist, names)
            if now != plain:
                artist.set(**{name: value for name, value in plain.items() if now[name] != value})
        super().clear()
        for spine in self.spines.values():
            spine.get_spine_transform()  # matplotlib would do it later, and make the ticks anew
        for axis in self._kept:
            axis.show_ticks()

    def legend(self, *args: Any, **options: Any) -> Legend:
        """Add a legend, as usual."""
        return self._kept_legend.take(super().legend(*args, **options))

    def inset_axes(self, bounds: Any, **options: Any) -> Axes:
        """Return axes at `bounds`: those of the drawing before, if it had some there."""
        if options:
            return super().inset_axes(bounds, **options)
        place = tuple(bounds)
        if place in self._spare:
            inset = self._spare.pop(place)
            inset.clear()
            self.add_child_axes(inset)
        else:
            inset = cast(Panel, super().inset_axes(bounds, axes_class=Panel))
            inset._place = place
        return inset

    def _unclearable(self) -> Iterator[tuple[Artist, Sequence[str]]]:
        yield self, OF_AXES
        yield from ((axis, OF_AXIS) for axis in (self.xaxis, self.yaxis))
        yield from ((spine, OF_SPINES) for spine in self.spines.values())


class _Kept:
    """Takes the place of an artist's method `draw`: the artist is drawn anew only when it looks different."""

    draw_anew: Callable[[RendererBase], object]
    drawn: tuple[Any, ...] = ()
    stamp: Stamp

    def looks(self) -> tuple[Any, ...]:
        """Return all that decides what the artist looks like; nothing if that cannot be said."""
        raise NotImplementedError

    def draw(self, renderer: RendererBase) -> None:
        looks = self.looks() if isinstance(renderer, Renderer) else ()
        if not isinstance(renderer, Renderer) or not looks:  # such as the renderer of an SVG
            self.draw_anew(renderer)
            return
        if looks != self.drawn:
            self.stamp, self.drawn = renderer.stamp(self.draw_anew), looks
        renderer.put(self.stamp)


class _KeptAxis(_Kept):
    """Keeps an axis, its ticks too, and how much room it takes, for which matplotlib asks to place a title."""

    def __init__(self, axis: Axis) -> None:
        self.axis = axis
        ticks = *axis.get_major_ticks(1), *axis.get_minor_ticks(1)
        self.new_look, self.new_alpha = set(map(_look_of_tick, ticks)), ticks[0].gridline.get_alpha()
        self.new_style = {which: axis.get_tick_params(which) for which in WHICH}
        self.hidden: tuple[list[Tick], list[Tick]] | None = None
        self.measured: tuple[Any, ...] = ()
        self.draw_anew, self.reset_anew, self.measure_anew = axis.draw, axis.reset_ticks, axis.get_tightbbox
        vars(axis).update(draw=self.draw, reset_ticks=self.reset_ticks, get_tightbbox=self.get_tightbbox)

    def make_plain(self) -> None:
        """Undo changes of style that `Axes.clear` leaves. A grid is so common that it costs no ticks."""
        axis: Any = self.axis
        axis._autolabelpos = True  # nothing public undoes `set_label_coords`
        for which, new in self.new_style.items():
            style = axis.get_tick_params(which)
            changed = {name for name in {*style, *new} if repr(style.get(name)) != repr(new.get(name))}
            if changed - {"gridOn", "grid_alpha"}:
                axis.set_tick_params(which, reset=True, **new)
                axis.offsetText.set_visible(True)
            elif changed:
                axis.set_tick_params(which, gridOn=new["gridOn"], grid_alpha=self.new_alpha)

    def hide_ticks(self) -> None:
        """Put the ticks aside, unless some were changed one by one."""
        ticks = self.axis.majorTicks, self.axis.minorTicks
        if self.new_look.issuperset(_look_of_tick(tick) for each in ticks for tick in each):
            self.hidden = ticks
            self.axis.majorTicks, self.axis.minorTicks = [], []

    def show_ticks(self) -> None:
        """Put the ticks back."""
        if self.hidden:
            self.axis.majorTicks, self.axis.minorTicks = self.hidden
            self.hidden = None

    def reset_ticks(self) -> None:
        if not self.hidden:
            self.reset_anew()

    def get_tightbbox(self, renderer: RendererBase | None = None, **options: Any) -> Bbox | None:
        looks = self.looks()
        if looks != self.measured or options or not isinstance(renderer, Renderer) or self._offset():
            self.room, self.measured = self.measure_anew(renderer, **options), () if options else looks
        return self.room

    def looks(self) -> tuple[Any, ...]:
        axis: Any = self.axis
        ax, across = axis.axes, axis.axis_name == "x"
        transform = ax.get_xaxis_transform if across else ax.get_yaxis_transform
        parts: list[Any] = [ax.figure.dpi, axis.get_visible(), *ax.bbox.bounds, *axis.get_view_interval()]
        parts += [transform("tick1").transform([(0, 0), (1, 1)]).tobytes()]
        for which, ticker, places, ticks in (
            ("major", axis.major, axis.get_majorticklocs(), axis.majorTicks),
            ("minor", axis.minor, axis.get_minorticklocs(), axis.minorTicks),
        ):
            points = np.zeros((len(places), 2))
            points[:, 0 if across else 1] = places
            parts += [transform("grid").transform(points).tobytes(), *ticker.formatter.format_ticks(places)]
            parts += [frozenset(map(_look_of_tick, ticks)), repr(axis.get_tick_params(which))]
        place = axis.label.get_position()
        if getattr(axis, "_autolabelpos", True):  # drawing moves the label away from the numbers
            place = place[:1] if across else place[1:]
        parts += [axis.label.get_text(), *place, _look_of_text(axis.label), axis.labelpad, axis.get_label_position()]
        return (*parts, self._offset(), _look_of_text(axis.offsetText))

    def _offset(self) -> str:
        """Return what stands at the end of the axis and is to be added to its numbers, or be multiplied with them."""
        return cast(Any, self.axis.major.formatter).get_offset()


class _KeptLegend(_Kept):
    """Keeps the legend of some axes, which is a new one in each drawing."""

    legend: Legend

    def take(self, legend: Legend) -> Legend:
        """Care for this legend from now on, and return it."""
        self.legend, self.draw_anew = legend, legend.draw
        vars(legend).update(draw=self.draw)
        for area in legend.findobj(TextArea):  # which matplotlib measures five times to draw it once
            vars(area).update(get_bbox=cache(cast(TextArea, area).get_bbox))
        return legend

    def looks(self) -> tuple[Any, ...]:
        legend = self.legend
        if getattr(legend, "_loc", 0) == 0:  # "best": its place depends on the data
            return ()
        parts: list[Any] = [item for item in vars(legend).items() if isinstance(item[1], SETTINGS)]
        parts += [legend.figure.dpi, *legend.get_bbox_to_anchor().bounds, *legend.axes.bbox.bounds]
        for artist in legend.findobj():
            if isinstance(artist, Text):
                parts += [artist.get_text(), _look_of_text(artist)]
            else:
                parts += [repr(getp(artist, name)) for name in OF_HANDLES if hasattr(artist, f"get_{name}")]
        return tuple(parts)


def _properties(artist: Artist, names: Sequence[str]) -> dict[str, Any]:
    return {name: getp(artist, name) for name in names}


def _look_of_tick(tick: Tick) -> tuple[Any, ...]:
    lines, texts = (tick.gridline, tick.tick1line, tick.tick2line), (tick.label1, tick.label2)
    return (tick.get_visible(), *map(_look_of_line, lines), *map(_look_of_text, texts))


def _look_of_line(line: Line2D) -> tuple[Any, ...]:
    stroke = to_rgba(line.get_color(), line.get_alpha()), line.get_linestyle(), line.get_linewidth()
    marker = line.get_marker(), line.get_markersize(), line.get_markeredgewidth(), to_rgba(line.get_markeredgecolor())
    return (line.get_visible(), *stroke, *marker)


def _look_of_text(text: Text) -> tuple[Any, ...]:
    font = hash(text.get_fontproperties()), to_rgba(text.get_color(), text.get_alpha())  # a font itself can be changed
    place = text.get_rotation(), text.get_horizontalalignment(), text.get_verticalalignment()
    return (text.get_visible(), *font, *place)
