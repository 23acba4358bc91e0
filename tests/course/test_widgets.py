"""Widgets: a control changes the drawing, the picture and its description; where nothing is live, the picture stays."""

import base64
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import nbclient
import nbformat
import pytest
import torch
from matplotlib import pyplot
from nbconvert import HTMLExporter
from PIL import Image
from torch.nn import functional as F

from course import plots, widgets
from course.widgets import Choice, Explorer, Slider, explorer
from course.widgets.explorer import BOX, CONTROL_WIDTH
from tests.warm.processes import kernels

EXPLORERS: dict[str, tuple[Callable[[], Explorer], str, Any]] = {
    "logits": (widgets.logits_explorer, "z0", 7.0),
    "entropy_kl": (widgets.entropy_kl_explorer, "q1", 0.1),
    "outlier": (widgets.outlier_explorer, "outlier", -15.0),
    "training": (widgets.training_explorer, "rate", 1.0),
    "backward": (widgets.backward_explorer, "step", 2),
    "depth": (widgets.depth_explorer, "depth", 20),
    "error_table": (widgets.error_explorer, "level", 0.5),
}
REMEMBERING = {"training"}  # these show the setting before, too
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def _every_widget_closed() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


@dataclass(frozen=True)
class State:
    picture: bytes
    alt_text: str
    html: str


@dataclass(frozen=True)
class Tried:
    """What a reader sees who runs a cell with a widget, moves one control, and moves it back."""

    explorer: Explorer
    live: dict[str, Any]
    data: dict[str, Any]
    metadata: dict[str, Any]
    model: str
    first: State
    changed: State
    back: State
    figures: tuple[list[int], list[int]]  # pyplot's, before and after


def state_of(shown: Explorer) -> State:
    return State(shown.picture, shown.alt_text, shown._image.value)


@cache
def tried(name: str) -> Tried:
    make, control, value = EXPLORERS[name]
    before = pyplot.get_fignums()
    shown = make()
    (live, _), (data, metadata) = shown.outputs()
    model, first, started = shown._view.model_id, state_of(shown), shown.controls[control].value
    shown.controls[control].value = value
    changed = state_of(shown)
    shown.controls[control].value = started
    return Tried(shown, live, data, metadata, model, first, changed, state_of(shown), (before, pyplot.get_fignums()))


def bars(explorer: Explorer, part: int) -> list[float]:
    patches = explorer.axes[0].child_axes[part].patches
    return [bar.get_width() if part_is_rows(explorer) else bar.get_height() for bar in patches]


def part_is_rows(explorer: Explorer) -> bool:
    return "y" in explorer.values


def size(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


def test_logits_under_sliders_draw_their_softmax_and_the_loss_of_the_chosen_class() -> None:
    shown = widgets.logits_explorer()
    shown.controls["z0"].value = -2.5
    shown.controls["y"].value = 1
    z = torch.tensor([-2.5, 5.1, -1.7], dtype=torch.float64)
    assert bars(shown, 0) == pytest.approx(z.tolist())
    assert bars(shown, 1) == pytest.approx(torch.softmax(z, 0).tolist())
    assert bars(shown, 2) == [0, 1, 0]
    loss = F.cross_entropy(z, torch.tensor(1)).item()
    assert f"{loss:.2f}" in shown.alt_text
    assert "true class is car" in shown.alt_text


def test_the_axis_of_the_logits_stands_still() -> None:
    shown = widgets.logits_explorer()
    limits = shown.axes[0].child_axes[0].get_xlim()
    shown.controls["z2"].value = 8.0
    assert shown.axes[0].child_axes[0].get_xlim() == limits


def test_logits_beyond_the_usual_range_widen_the_sliders() -> None:
    shown = widgets.logits_explorer(z=(100.0, 0.0), labels=("a", "b"), y=1)
    assert shown.controls["z0"].value == shown.controls["z0"].max == 100


def test_weights_under_sliders_are_normalised_and_stack_to_the_cross_entropy() -> None:
    shown = widgets.entropy_kl_explorer()
    shown.controls["q0"].value = 0.8
    shown.controls["Y2"].value = 0.0
    p, q = torch.tensor([0.5, 0.3, 0]).double(), torch.tensor([0.8, 0.7, 0.1]).double()
    p, q = p / p.sum(), q / q.sum()
    assert bars(shown, 0) == pytest.approx([*p.tolist(), *q.tolist()])
    entropy, divergence, total = bars(shown, 1)
    assert total == pytest.approx(F.cross_entropy(q.log(), p).item())
    assert divergence == pytest.approx(F.kl_div(q.log(), p, reduction="sum").item())
    assert entropy + divergence == pytest.approx(total)
    assert "Y = weights / 0.80;  q = weights / 1.60" in shown.axes[0].get_title()
    assert "Shown: Y = weights / 0.80" in shown.alt_text


def test_weights_that_are_all_zero_stand_for_equal_ones_and_a_missed_class_for_infinity() -> None:
    shown = widgets.entropy_kl_explorer()
    for i in range(3):
        shown.controls[f"Y{i}"].value = 0.0
    assert bars(shown, 0)[:3] == pytest.approx([1 / 3] * 3)
    assert "all weights of Y are 0, drawn as equal ones" in shown.axes[0].get_title()
    shown.controls["q2"].value = 0.0
    assert "∞" in shown.alt_text


def test_the_outlier_under_a_slider_moves_the_mean_and_hardly_the_median() -> None:
    shown = widgets.outlier_explorer()
    shown.controls["outlier"].value = 17.5
    left = shown.axes[0].child_axes[0]
    places = {str(c.get_label()).split()[0]: c.get_segments()[0][0][0] for c in left.collections}
    assert places == {"mean": pytest.approx(5.0), "median": pytest.approx(2.75)}


@pytest.mark.parametrize("name", EXPLORERS)
def test_controls_stand_one_above_another_so_that_tracks_are_long(name: str) -> None:
    """A browser showed tracks of some 300 pixels in this layout, and of 28 where controls stood side by side."""
    shown = tried(name).explorer
    assert list(shown._view.children[:-1]) == list(shown.controls.values())
    longest = max(len(control.description) for control in shown.controls.values())
    for control in shown.controls.values():
        assert control.layout.max_width == CONTROL_WIDTH
        assert control.style.description_width == f"{longest}ch"


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_change_replaces_picture_and_alt_text_and_keeps_the_size(name: str) -> None:
    first, changed = tried(name).first, tried(name).changed
    assert changed.picture != first.picture
    assert changed.alt_text != first.alt_text
    assert size(changed.picture) == size(first.picture)
    assert changed.html != first.html
    assert base64.b64encode(changed.picture).decode() in changed.html


@pytest.mark.parametrize("name", sorted(EXPLORERS.keys() - REMEMBERING))
def test_going_back_gives_the_same_picture_again(name: str) -> None:
    """Nothing of an earlier drawing is left over."""
    assert tried(name).back.picture == tried(name).first.picture


@pytest.mark.parametrize("name", EXPLORERS)
def test_it_shows_the_live_widget_and_a_picture_that_the_widget_hides(name: str) -> None:
    seen = tried(name)
    assert seen.live[VIEW]["model_id"] == seen.model
    assert set(seen.data) == {"text/html", "image/png", "text/plain"}
    (hidden,) = re.findall(r"<style>\.(\S+) {display: none}", seen.first.html)
    assert f'<div class="{hidden}"><img alt=' in seen.data["text/html"]
    assert "Run this cell to get the sliders." in seen.data["text/html"]
    assert Image.open(io.BytesIO(base64.b64decode(seen.data["image/png"]))).format == "PNG"
    assert seen.metadata["image/png"]["alt"] == seen.data["text/plain"] != ""


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_figure_is_left_with_pyplot(name: str) -> None:
    before, after = tried(name).figures
    assert after == before


def test_the_picture_hides_the_error_that_stands_where_its_widget_was_and_no_other() -> None:
    """A browser showed that the error is gone from a notebook opened again, and that live widgets stay."""
    first, second = widgets.outlier_explorer(), widgets.outlier_explorer()
    rules = [re.findall(r"<style>(.+)</style>", shown.outputs()[1][0]["text/html"]) for shown in (first, second)]
    for shown, (rule,) in zip((first, second), rules, strict=True):
        assert f":has(+ .jp-OutputArea-child .{shown._stand_in})" in rule  # the output before this picture
        assert ":not(:has(.jp-OutputArea-output *))" in rule  # which holds words alone, as a live widget does not
    assert rules[0] != rules[1]


def test_labels_go_above_their_controls_where_there_is_little_room() -> None:
    shown = widgets.outlier_explorer()
    assert BOX in shown._view._dom_classes
    assert re.search(rf"@container \(max-width: \d+em\) {{\s+\.{BOX} ", shown._image.value)


def test_without_ipywidgets_the_picture_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # what `import ipywidgets` raises on, as if not installed
    shown = widgets.logits_explorer()
    ((data, _),) = shown.outputs()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert shown.controls == {}
    assert "cat 3.20" in repr(shown)


@pytest.mark.parametrize("missing", ["FloatSlider", "HTML", "VBox"])
def test_with_another_ipywidgets_the_picture_is_shown_and_the_reason_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    import ipywidgets

    monkeypatch.delattr(ipywidgets, missing)
    shown = widgets.logits_explorer()
    ((data, _),) = shown.outputs()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert shown.controls == {}
    assert "The sliders need another ipywidgets (AttributeError: " in capsys.readouterr().out


def test_importing_the_course_package_imports_neither_ipywidgets_nor_matplotlib() -> None:
    code = (
        "import sys; from course import figures, plots, widgets; print({'ipywidgets', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_several_panels_are_drawn_on_and_a_choice_gives_the_value_behind_its_text() -> None:
    def draw(left, right, q: float, p: list[float], twice: int) -> None:
        plots.nll_curve(q, ax=left)
        plots.nll_curve(p, ax=right)

    shown = explorer(
        draw,
        {
            "q": Slider(0.5, 0.0, 1.0, 0.1),
            "p": Choice([0.1], {"one": [0.1], "two": [0.1, 0.2]}, "which"),
            "twice": Slider(2, 0, 4, 1),
        },
        panels=2,
    )
    assert len(shown.axes) == 2
    shown.controls["p"].value = [0.1, 0.2]
    assert "q = 0.2 costs 1.61" in shown.alt_text
    assert shown.values == {"q": 0.5, "p": [0.1, 0.2], "twice": 2}
    assert isinstance(shown.controls["twice"].value, int)
    assert shown.controls["q"].description == "q"


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    source = "from course import plots, widgets\nwidgets.outlier_explorer()"
    curve = "ax = plots.nll_curve(0.25)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (source, curve)])
    client = nbclient.NotebookClient(
        notebook, timeout=300, startup_timeout=300, kernel_name="python3", store_widget_state=False
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND", raising=False)  # the tests' own setting; the kernel is to choose as in a notebook
        patch.setenv("JUPYTER_PATH", kernels().specs)
        return client.execute()


def test_in_a_kernel_nothing_is_shown_twice_and_nothing_warns(executed: nbformat.NotebookNode) -> None:
    explorer, curve = (cell.outputs for cell in executed.cells)
    assert [output.output_type for output in [*explorer, *curve]] == ["display_data"] * 3
    assert set(explorer[0].data) == {VIEW, "text/plain"}
    assert set(explorer[1].data) == set(curve[0].data) == {"text/html", "image/png", "text/plain"}
    assert "q = 0.25 costs 1.39" in curve[0].metadata["image/png"]["alt"]


def test_a_saved_notebook_becomes_a_page_with_a_described_picture(executed: nbformat.NotebookNode) -> None:
    page, _ = HTMLExporter().from_notebook_node(executed)
    assert page.count('<img alt="') == 2
    assert "widget-view" not in page
    assert "the mean, best for MSE, lies at 3.42" in page
