"""Sliders over the figures of `course.plots`. Nothing is computed here: moving a slider redraws the figure.

Every widget of the course is an `Explorer`. Where no slider can be moved (no ipywidgets, a saved notebook on a web
page, a PDF) it shows a picture of its initial values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch

from course import figures
from course.widgets import frames

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CONTROL_WIDTH = "46em"  # controls are stacked, so that a slider's track is long enough for a mouse
NOT_LIVE = "Run this cell to get the sliders."
OTHER_VERSION = (
    "The sliders need another ipywidgets ({}: {}); install it with: python -m pip install --upgrade ipywidgets. Until then the picture "
    "stands still."
)
BOX = "course-explorer"
# Where there is little room, each label goes above its slider: a short track would be too coarse for a mouse.
STYLE = f"""
.{BOX} {{container-type: inline-size}}
@container (max-width: 38em) {{
  .{BOX} .widget-inline-hbox {{flex-wrap: wrap; height: auto}}
  .{BOX} .widget-inline-hbox > .widget-label {{width: 100% !important; text-align: left}}
}}"""
# For a widget without a kernel JupyterLab shows "model not found"; the picture after it says what to do.
HIDE_ERROR = (
    ".jp-OutputArea-child:has(+ .jp-OutputArea-child .{0}):not(:has(.jp-OutputArea-output *)) {{display: none}}"
)


@dataclass(frozen=True)
class Slider:
    """A number between `low` and `high`, in steps of `step`; whole numbers where all four are whole."""

    value: float
    low: float
    high: float
    step: float
    label: str = ""

    def widget(self, name: str) -> Any:
        """Return the ipywidgets slider of the value called `name`."""
        import ipywidgets

        kind = ipywidgets.IntSlider if self._is_whole else ipywidgets.FloatSlider
        return kind(self.value, min=self.low, max=self.high, step=self.step, description=self.label or name)

    @property
    def _is_whole(self) -> bool:
        return all(isinstance(number, int) for number in (self.value, self.low, self.high, self.step))

    def values(self) -> list[tuple[Any, str]]:
        """Return the values that the slider can have, with what it shows for each; its own value is one of them."""
        steps = [self.low + place * self.step for place in range(1 + int((self.high - self.low) / self.step + 1e-9))]
        steps[min(range(len(steps)), key=lambda place: abs(steps[place] - self.value))] = self.value
        return [(value, str(value) if self._is_whole else f"{value:.2f}") for value in steps]


@dataclass(frozen=True)
class Choice:
    """One of `options`, from a menu or, if it `slides`, on a slider; a mapping maps texts to values."""

    value: Any
    options: Sequence[Any] | Mapping[str, Any]
    label: str = ""
    slides: bool = False

    def widget(self, name: str) -> Any:
        """Return the ipywidgets menu, or slider, of the value called `name`."""
        import ipywidgets

        options = list(self.options.items()) if isinstance(self.options, Mapping) else list(self.options)
        kind = ipywidgets.SelectionSlider if self.slides else ipywidgets.Dropdown
        return kind(options=options, value=self.value, description=self.label or name)

    def values(self) -> list[tuple[Any, str]]:
        """Return the values that can be chosen, with what the menu shows for each."""
        if isinstance(self.options, Mapping):
            return [(value, text) for text, value in self.options.items()]
        return [(value, str(value)) for value in self.options]


class Explorer:
    """A figure and its controls, shown as one object; `explorer` makes it.

    `controls` holds the live ipywidgets by name: setting `controls[name].value` redraws, as moving the slider does.
    Without ipywidgets it is empty. `values` are the values drawn, `figure` and `axes` what they are drawn on, and
    `picture` is the PNG of that.
    """

    def __init__(
        self, draw: Callable[..., Any], inputs: Mapping[str, Slider | Choice], count: int, size: tuple[float, float]
    ) -> None:
        self.draw = draw
        self.inputs = inputs
        self.values: dict[str, Any] = {name: control.value for name, control in inputs.items()}
        self.figure, self.axes = _stage().sheet(count, size)
        self.picture = b""
        self.controls: dict[str, Any] = {}
        self._view: Any = None
        self._redraw()
        try:
            self._make_live(inputs)
        except ImportError:  # without ipywidgets the picture has to do
            self.controls = {}
        except Exception as error:  # so it has with one that is too old or too new
            self.controls = {}
            print(OTHER_VERSION.format(type(error).__name__, error))

    @property
    def alt_text(self) -> str:
        """What the figure shows at present, in words."""
        return figures.alt_text(self.figure)

    def _make_live(self, inputs: Mapping[str, Slider | Choice]) -> None:
        import ipywidgets  # here, so that `import course` stays fast and works without

        self.controls = {name: control.widget(name) for name, control in inputs.items()}
        self._image = ipywidgets.HTML()
        self._stand_in = f"stands-in-for-{self._image.model_id}"
        self._show()
        longest = max(len(control.description) for control in self.controls.values()) if self.controls else 0
        for name, control in self.controls.items():
            control.style.description_width = f"{longest}ch"
            control.layout.width, control.layout.max_width = "auto", CONTROL_WIDTH
            control.observe(lambda change, name=name: self._change(name, change["new"]), names="value")
        self._view = ipywidgets.VBox([*self.controls.values(), self._image]).add_class(BOX)

    def _change(self, name: str, value: Any) -> None:
        self.redraw(**{name: value})
        self._show()

    def redraw(self, **values: Any) -> None:
        """Draw with other values of some controls."""
        self.values |= values
        self._redraw()

    def _show(self) -> None:
        self._image.value = f"<style>.{self._stand_in} {{display: none}} {STYLE}</style>{self._img()}"

    def _redraw(self) -> None:
        """Draw on the same axes. The first drawing freezes the layout, so later ones are fast and nothing jumps."""
        for ax in self.axes:
            ax.clear()
        self.draw(*self.axes, **self.values)
        self.picture = _stage().snapshot(self.figure)

    def _img(self) -> str:
        return figures.img(self.picture, self.figure.get_figwidth(), self.alt_text)

    def outputs(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return what a notebook shows, MIME bundles with metadata: the live widget, then the picture.

        While the widget is live, a style in it hides the picture. A notebook opened again has no live widget until the
        cell is run; then a style in the picture hides the error that JupyterLab shows in the widget's place.
        """
        data, metadata = figures.bundle(self.picture, self.figure.get_figwidth(), self.alt_text)
        if self._view is None:
            return [(data, metadata)]
        style = f"<style>{HIDE_ERROR.format(self._stand_in)}</style>"
        if frames.are_asked_for():
            data[frames.FRAMES] = frames.frames_of(self)
        data["text/html"] = f'{style}<div class="{self._stand_in}">{data["text/html"]}<p>{NOT_LIVE}</p></div>'
        view = {"version_major": 2, "version_minor": 0, "model_id": self._view.model_id}
        return [({"text/plain": NOT_LIVE, WIDGET_VIEW: view}, {}), (data, metadata)]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for data, metadata in self.outputs():
            display(data, metadata=metadata, raw=True)

    def __repr__(self) -> str:
        return self.alt_text


def _stage() -> ModuleType:
    """Return the module that figures are drawn with; it imports matplotlib, so it waits for the first widget."""
    from course.widgets import stage

    return stage


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch calculate on one thread: with small tensors, several would mostly wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def explorer(
    draw: Callable[..., Any],
    inputs: Mapping[str, Slider | Choice],
    *,
    panels: int = 1,
    size: tuple[float, float] = (8.0, 3.4),
) -> Explorer:
    """Return a figure that is redrawn whenever one of the `inputs` changes.

    `draw(*axes, **values)` receives `panels` axes and the inputs' values by name; it draws with functions of
    `course.plots`. `size` is that of the whole figure in inches.
    """
    return Explorer(draw, inputs, panels, size)
