"""The stage of the widgets: whatever is kept from one drawing to the next, each picture is that of a drawing from scratch."""

import io
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from numpy.typing import NDArray
from PIL import Image

from course import figures, widgets
from course.widgets import Choice, Explorer, Slider, explorer, renderer, stage

NEARLY = 2  # of 255: pixels that are put back are rounded twice
EXPLORERS: dict[str, Callable[[], Explorer]] = {
    "descent": widgets.descent_explorer,
    "hidden": widgets.hidden_explorer,
    "knots": widgets.knots_explorer,
    "architecture": lambda: widgets.architecture_explorer((784, 64, 10)),
    "logits": widgets.logits_explorer,
    "entropy_kl": widgets.entropy_kl_explorer,
    "outlier": widgets.outlier_explorer,
    "training": lambda: widgets.training_explorer(batch_sizes=(64, 512), rates=(0.1, 1.0)),
    "subjects": widgets.subjects_explorer,
    "backward": widgets.backward_explorer,
    "depth": widgets.depth_explorer,
    "error_table": widgets.error_explorer,
}
# A control that moves neither limits nor ticks.
MOVED = {
    "descent": "steps",
    "hidden": "direction1",
    "knots": "units",
    "architecture": "hidden1",
    "logits": "z0",
    "entropy_kl": "q1",
    "outlier": "outlier",
    "training": "rate",
    "subjects": "between",
    "backward": "step",
    "depth": "depth",
    "error_table": "level",
}


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def pixels(picture: bytes) -> NDArray:
    return np.asarray(Image.open(io.BytesIO(picture))).astype(int)


def from_scratch(shown: Explorer) -> NDArray:
    """Return what matplotlib alone draws for the present values, on new axes at the same places."""
    width, height = shown.figure.get_size_inches()
    figure, axes = figures.sheet(len(shown.axes), (width, height))
    figure.set_layout_engine("none")
    for new, own in zip(axes, shown.axes, strict=True):
        new.set_position(own.get_position(original=True))
    shown.draw(*axes, **shown.values)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)  # type: ignore[attr-defined]


def difference(shown: Explorer) -> int:
    return int(np.abs(pixels(shown.picture) - from_scratch(shown)).max())


@pytest.mark.parametrize("name", EXPLORERS)
def test_wherever_the_controls_went_the_picture_is_that_of_a_drawing_from_scratch(name: str) -> None:
    shown, rng = EXPLORERS[name](), np.random.default_rng(0)
    for control in rng.choice(list(shown.inputs), 5):
        values = shown.inputs[control].values()
        shown.redraw(**{control: values[rng.integers(len(values))][0]})
        assert difference(shown) <= NEARLY, (control, shown.values)


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_control_that_moves_makes_no_tick_and_draws_no_axis_anew(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both took half of the time of a change."""
    shown = EXPLORERS[name]()
    values = [value for value, _ in shown.inputs[MOVED[name]].values()]
    low, high = values[len(values) // 2 - 1], values[len(values) // 2]
    for value in (low, high, low):  # the first drawings make what later ones keep
        shown.redraw(**{MOVED[name]: value})
    calls: Counter[str] = Counter()
    for kind, method in ((Tick, "__init__"), (Axis, "draw")):
        monkeypatch.setattr(kind, method, counted(getattr(kind, method), calls))
    shown.redraw(**{MOVED[name]: high})
    assert calls == {}


def counted(method: Callable, calls: Counter[str]) -> Callable:
    def call(self: object, *args: object, **options: object) -> object:
        calls[method.__qualname__] += 1
        return method(self, *args, **options)

    return call


def insets(ax: Axes, *draw: Callable[[Axes], object]) -> None:
    for inset, part in zip(figures.split(ax, [1.0, 1.0]), draw, strict=True):
        part(inset)


def turn_one_by_one(ax: Axes) -> None:
    for label in ax.get_xticklabels():
        label.set_rotation(30)


def put_ticks_on_top(ax: Axes) -> None:
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set(xlabel="below the title", title="a title")


def put_label_elsewhere(ax: Axes) -> None:
    ax.set_xlabel("a label")
    ax.xaxis.set_label_coords(0.3, 0.4)


def name_wrongly(ax: Axes) -> None:
    ax.set(xlim=(-3, 4))
    ax.set_xticks([0, 1], ["0.0", "0.5"])


def put_title_over_offset(ax: Axes) -> None:
    ax.set(ylim=(1e9, 1e9 + 1))
    ax.set_title("a title", loc="left")


# What a drawing may do to its axes. None may be left over for the next one, and none may be lost.
LOOKS: dict[str, Callable[[Axes], object]] = {
    "as it is": lambda ax: None,
    "a grid": lambda ax: Axes.grid(ax),
    "a faint red grid": lambda ax: Axes.grid(ax, alpha=0.2, color="red", which="both"),
    "turned labels": lambda ax: ax.set_xticks([0, 1], ["left", "right"], rotation=40, color="green"),
    "labels turned one by one": turn_one_by_one,
    "long ticks inwards": lambda ax: ax.tick_params(length=9, color="red", direction="in", labelsize=6, pad=9),
    "ticks on top": put_ticks_on_top,
    "no ticks": lambda ax: ax.set(xticks=[], yticks=[]),
    "logarithmic": lambda ax: ax.set(yscale="log", ylim=(1e-3, 1e3)),
    "other limits": lambda ax: ax.set(xlim=(-3, 4)),
    "other limits, the same numbers": name_wrongly,
    "upside down": lambda ax: ax.invert_yaxis(),
    "far from 0": put_title_over_offset,
    "minor ticks": lambda ax: ax.minorticks_on(),
    "no spines": lambda ax: ax.spines[:].set_visible(False),
    "red spines": lambda ax: ax.spines[:].set(edgecolor="red", linewidth=3),
    "axes through 0": lambda ax: ax.spines[["left", "bottom"]].set_position("zero"),
    "square": lambda ax: ax.set_aspect("equal"),
    "tinted": lambda ax: ax.set_facecolor("#EEEEFF"),
    "no frame": lambda ax: ax.set_frame_on(False),
    "hidden": lambda ax: ax.set_visible(False),
    "off": lambda ax: ax.axis("off"),
    "a title of its own": lambda ax: ax.set_title("red", color="red", loc="left", y=0.5, fontsize=20),
    "labels": lambda ax: ax.set(xlabel="a label", ylabel="another"),
    "a label on the right": lambda ax: ax.set_xlabel("a label", loc="right", color="red", labelpad=9),
    "a label elsewhere": put_label_elsewhere,
    "no x axis": lambda ax: ax.xaxis.set_visible(False),
    "a legend": lambda ax: ax.legend(ax.lines, ["a line"], loc="lower left"),
    "another legend": lambda ax: ax.legend(
        ax.lines, ["a line"], loc="lower right", title="bold", prop={"weight": "bold"}
    ),
    "the best legend": lambda ax: ax.legend(ax.lines, ["a line"]),
    "a legend above": lambda ax: ax.legend(
        ax.lines, ["a line"], loc="lower left", bbox_to_anchor=(0, 1), frameon=False
    ),
    "two insets": lambda ax: insets(ax, lambda part: part.plot([0, 1]), lambda part: part.bar([0], [1])),
    "two other insets": lambda ax: insets(ax, lambda part: part.set(aspect="equal", xlim=(0, 9)), Axes.set_axis_off),
}


def test_whatever_a_drawing_did_to_its_axes_is_gone_in_the_next(subtests: pytest.Subtests) -> None:
    def draw(ax: Axes, look: str, level: float) -> None:
        ax.plot([0, 1], [level, 1], color="red" if level else "blue")
        LOOKS[look](ax)
        figures.describe(ax, f"{look}, {level}")

    shown = explorer(draw, {"look": Choice("as it is", list(LOOKS)), "level": Slider(0.0, 0.0, 1.0, 0.5)}, size=(3, 2))
    rng = np.random.default_rng(0)
    for look in (*LOOKS, *rng.permutation(list(LOOKS))):
        for level in (0.0, 0.5):  # the second time much is kept
            with subtests.test(look=look, level=level):
                shown.redraw(look=look, level=level)
                assert difference(shown) <= NEARLY


def test_a_text_is_drawn_where_and_as_it_is_wanted_however_often() -> None:
    def draw(ax: Axes, place: float, color: str, size: int, words: str) -> None:
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.text(place, 0.5, words, color=color, fontsize=size, alpha=place)
        ax.text(0.5, place, "cut off at the border", rotation=90 * place, clip_on=True)
        figures.describe(ax, f"{place} {color} {size}")

    inputs: dict[str, Slider | Choice] = {
        "place": Slider(0.5, 0.25, 1.0, 0.25),
        "color": Choice("red", ["red", "blue"]),
        "size": Choice(10, [10, 14]),
        "words": Choice("two\nlines", ["two\nlines", "$x^2$"]),
    }
    shown, rng = explorer(draw, inputs, size=(3, 2)), np.random.default_rng(0)
    for _ in range(30):
        shown.redraw(**{name: rng.choice([value for value, _ in inputs[name].values()]) for name in ("place", "color")})
        shown.redraw(size=int(rng.choice([10, 14])), words=str(rng.choice(["two\nlines", "$x^2$"])))
        assert difference(shown) <= NEARLY, shown.values


def test_texts_that_are_kept_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "MOST_TEXTS", 20)
    shown = widgets.logits_explorer()
    for value in (1.0, 2.0, 3.0, 1.0, 2.0, 3.0):
        shown.controls["z0"].value = value
        assert len(shown.figure.canvas.renderer._texts) <= 20  # type: ignore[attr-defined]
        assert difference(shown) <= NEARLY


def test_a_figure_is_saved_as_usual_in_every_format_and_size() -> None:
    shown = widgets.outlier_explorer()
    shown.controls["outlier"].value = 4.0
    files = {ending: io.BytesIO() for ending in ("svg", "pdf", "png")}
    for ending, file in files.items():
        shown.figure.savefig(file, format=ending, dpi=50)
    assert b"<image" not in files["svg"].getvalue()
    assert b"/Subtype /Image" not in files["pdf"].getvalue()
    assert Image.open(files["png"]).size == (420, 170)
    shown.controls["outlier"].value = 4.5
    assert difference(shown) <= NEARLY


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (257, 130)])
def test_a_png_holds_the_very_pixels(size: tuple[int, int]) -> None:
    wanted = np.random.default_rng(0).integers(0, 256, (*size, 4), dtype=np.uint8)
    image = Image.open(io.BytesIO(stage.png(wanted)))
    assert image.mode == "RGB"
    assert (np.asarray(image) == wanted[..., :3]).all()


def test_a_sheet_is_no_figure_of_pyplots_and_its_snapshots_keep_their_layout() -> None:
    from matplotlib import pyplot

    figure, (ax,) = stage.sheet(1, (4, 2))
    assert pyplot.get_fignums() == []
    first = Image.open(io.BytesIO(stage.snapshot(figure)))
    place = ax.get_position().bounds
    ax.set_ylabel("a label\nof several\nlines")
    stage.snapshot(figure)
    assert ax.get_position().bounds == place
    assert first.size == (4 * 96 * figures.PIXELS, 2 * 96 * figures.PIXELS)
