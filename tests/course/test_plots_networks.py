"""What the figures say of a network against the network itself, and that it is left as it was."""

import math
from collections.abc import Callable, Iterator

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from torch import Tensor, nn
from torchvision.ops import MLP

from course import figures, plots

XOR = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LABELS = torch.tensor([0, 1, 1, 0])
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"))]


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def described(ax: Axes) -> str:
    return figures.alt_text(ax.figure)


def half_plane(device: str = "cpu") -> nn.Linear:
    """Say class 1 where x₁ > 0.5."""
    model = nn.Linear(2, 2, device=device)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[0.0, 0.0], [1.0, 0.0]]))
        model.bias.copy_(torch.tensor([0.0, -0.5]))
    return model


MODEL = half_plane()
EVERY: dict[str, Callable[..., Axes]] = {
    "decision_regions": lambda **k: plots.decision_regions(MODEL, XOR, LABELS, **k),
    "hidden_lines": lambda **k: plots.hidden_lines([[1, 1], [0, 2]], [-0.5, -1], **k),
    "hidden_space": lambda **k: plots.hidden_space(XOR, LABELS, (1, -1, 0), **k),
    "relu_pieces": lambda **k: plots.relu_pieces([0, 1, 2], [[0, 1, 2], [0, 0, -2]], 1.0, [1, 2, 1], **k),
    "gradient_profile": lambda **k: plots.gradient_profile({"tanh": [1e-3, 1.0], "dead": [0.0, 1.0]}, **k),
    "parameters_per_layer": lambda **k: plots.parameters_per_layer(MODEL, **k),
    "weight_templates": lambda **k: plots.weight_templates(torch.eye(6), (2, 3), **k),
    "learning_curves": lambda **k: plots.learning_curves({"train_loss": [1, 0.5], "train_accuracy": [0.5, 1]}, **k),
    "confusion_matrix": lambda **k: plots.confusion_matrix([0, 1, 2], [0, 2, 2], **k),
    "error_against": lambda **k: plots.error_against([1, 10], [0.5, 0.1], **k),
}


@pytest.mark.parametrize("name", EVERY)
def test_each_draws_on_the_axes_given_describes_itself_and_touches_nothing_global(name: str) -> None:
    _, ax = pyplot.subplots()
    settings, state = dict(matplotlib.rcParams), torch.get_rng_state()
    assert EVERY[name](ax=ax) is ax
    figures.png(ax.figure)
    assert len(pyplot.get_fignums()) == 1
    assert len(described(ax)) > 40
    assert dict(matplotlib.rcParams) == settings
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", EVERY)
def test_each_makes_one_figure_with_labelled_axes_when_none_are_given(name: str) -> None:
    ax = EVERY[name]()
    assert pyplot.get_fignums() == [ax.figure.number]
    for part in ax.child_axes or [ax]:
        assert part.get_xlabel() or part.get_title()
        assert part.get_ylabel() or part.get_title()


@pytest.mark.parametrize("device", DEVICES)
def test_the_map_shows_what_the_model_decides_and_counts_what_is_right(device: str) -> None:
    ax = plots.decision_regions(half_plane(device), XOR, LABELS)
    assert ax.get_title() == "2 of 4 right"
    (boundary,) = [c for c in ax.collections if not c.get_fill() or c.get_alpha() is None]
    points = np.concatenate([path.vertices for path in boundary.get_paths()])
    assert np.abs(points[:, 0] - 0.5).max() < 2 * 1.3 / 200  # a grid step
    assert "0 0.50, 1 0.50" in described(ax)


@pytest.mark.parametrize("shape", [(-1, 1), (-1,)])
def test_one_logit_decides_by_its_sign(shape: tuple[int, ...]) -> None:
    class Logit(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x[:, 0] - 0.5).reshape(shape)

    assert plots.decision_regions(Logit(), XOR, LABELS).get_title() == "2 of 4 right"


def test_examples_of_a_class_share_colour_and_marker_and_no_two_classes_do() -> None:
    ax = plots.decision_regions(half_plane(), XOR, LABELS, ["even", "odd"])
    even, odd = ax.lines
    assert np.asarray(even.get_xydata()) == pytest.approx(XOR[LABELS == 0].numpy())
    assert even.get_color() != odd.get_color()
    assert even.get_marker() != odd.get_marker()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["even", "odd"]


@pytest.mark.parametrize("device", DEVICES)
def test_the_model_is_left_as_it_was(device: str) -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 2)).to(device).double()
    model[1].eval()  # frozen, while the rest trains
    before = {name: value.clone() for name, value in model.state_dict().items()}
    plots.decision_regions(model, XOR, LABELS)
    assert [module.training for module in model.modules()] == [True, True, False, True, True]
    assert all(
        torch.equal(value, before[name]) and value.device.type == device for name, value in model.state_dict().items()
    )
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_model_that_fails_gets_its_mode_back_as_well() -> None:
    model = nn.Linear(3, 2)
    with pytest.raises(RuntimeError):
        plots.decision_regions(model, XOR, LABELS)
    assert model.training


def test_the_line_of_the_output_goes_through_the_points_where_it_is_zero() -> None:
    ax = plots.hidden_space(XOR, LABELS, line=(2.0, -1.0, 0.5))
    (line,) = [line for line in ax.lines if line.get_label() == "output undecided"]
    (x1, y1), (x2, y2) = line.get_xy1(), line.get_xy2()
    assert [2 * x1 - y1 + 0.5, 2 * x2 - y2 + 0.5] == pytest.approx([0, 0])
    assert (x1, y1) != (x2, y2)
    assert "3 points on its positive side" in described(ax)  # 2 h₁ - h₂ + 0.5: 0.5, -0.5, 2.5, 1.5


@pytest.mark.parametrize("line", [(2.0, -1.0, 0.5), (-2.0, 1.0, -0.5), (0.0, 1.0, -0.25)])
def test_the_sides_of_the_output_have_the_colours_of_their_classes(line: tuple[float, float, float]) -> None:
    ax = plots.hidden_space(XOR, LABELS, line)
    sides = [c for c in ax.collections if c.get_fill()]
    v1, v2, c = line
    for point in ((0.9, 0.1), (0.1, 0.9), (1e3, 3e3)):
        place = 1 if v1 * point[0] + v2 * point[1] + c > 0 else 0
        assert inside(sides, point) == matplotlib.colors.to_rgba(ax.lines[place].get_color(), 0.25)


def inside(collections: list, point: tuple[float, float]) -> tuple[float, ...]:
    """Return the colour of the filled contour that covers a point."""
    (contour,) = collections
    (color,) = [
        tuple(contour.get_facecolor()[i])
        for i, path in enumerate(contour.get_paths())
        if len(path.vertices) and path.contains_point(point)
    ]
    return color


def test_the_side_colours_do_not_widen_the_axes() -> None:
    plain, coloured = plots.hidden_space(XOR, LABELS), plots.hidden_space(XOR, LABELS, (1, -1, 0.2))
    assert plain.get_xlim() == coloured.get_xlim()
    assert plain.get_ylim() == coloured.get_ylim()


def test_a_mesh_is_drawn_row_by_row_and_column_by_column() -> None:
    mesh = torch.cartesian_prod(torch.linspace(0, 1, 3), torch.linspace(0, 2, 4)).reshape(3, 4, 2)
    ax = plots.hidden_space(XOR, LABELS, mesh=mesh)
    (lines,) = ax.collections
    assert [len(segment) for segment in lines.get_segments()] == [4] * 3 + [3] * 4
    assert lines.get_segments()[0] == pytest.approx(mesh[0].numpy())
    assert lines.get_segments()[-1] == pytest.approx(mesh[:, -1].numpy())


def test_examples_on_one_place_stay_visible() -> None:
    first, second = plots.hidden_space([[0, 0], [0, 0]], [0, 1]).lines
    assert first.get_markersize() > second.get_markersize()


def test_each_hidden_unit_has_its_line_and_an_arrow_to_its_positive_side() -> None:
    weight = torch.tensor([[1.0, 2.0], [0.0, -3.0], [0.5, 0.0]]).double()
    bias = torch.tensor([-1.5, 1.0, -0.2]).double()
    ax = plots.hidden_lines(weight, bias)
    assert len(ax.lines) == 3
    arrows = [text for text in ax.texts if isinstance(text, Annotation)]
    for w, b, line, arrow in zip(weight, bias, ax.lines, arrows, strict=True):
        for point in (line.get_xy1(), line.get_xy2()):
            assert float(w @ torch.tensor(point).double()) + float(b) == pytest.approx(0, abs=1e-5)
        assert float(w @ torch.tensor(arrow.xy).double()) + float(b) > 0.05
    assert "h₁ is 0 on 0.45 x₁ + 0.89 x₂ = 0.67" in described(ax)
    assert "h₂ is 0 on 0.00 x₁ − 1.00 x₂ = −0.33" in described(ax)


def test_lines_over_a_map_keep_its_limits_and_add_to_its_description() -> None:
    ax = plots.decision_regions(MODEL, XOR, LABELS)
    limits, words = (ax.get_xlim(), ax.get_ylim()), described(ax)
    plots.hidden_lines([[1.0, 0.0]], [-9.0], ax=ax)
    assert (ax.get_xlim(), ax.get_ylim()) == limits
    assert described(ax) == f"{words} Hidden unit h₁ is 0 on 1.00 x₁ + 0.00 x₂ = 9.00."


def test_a_unit_that_listens_to_nothing_has_no_line() -> None:
    ax = plots.hidden_lines([[0.0, 0.0], [1.0, 0.0]], [1.0, 0.0])
    assert len(ax.lines) == 1
    assert "h₁ has no line: both its weights are 0" in described(ax)


def test_the_sum_is_the_sum_of_the_pieces_and_its_largest_error_is_named() -> None:
    x = torch.linspace(0, 1, 11)
    pieces = torch.stack([torch.relu(x), -2 * torch.relu(x - 0.5)])
    ax = plots.relu_pieces(x, pieces, constant=0.25, target=torch.zeros(11))
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in ax.lines}
    assert lines["their sum + 0.25"] == pytest.approx((pieces.sum(0) + 0.25).numpy())
    assert ax.get_title() == "largest error 0.75"


@pytest.mark.parametrize(("constant", "words"), [(0.0, "their sum"), (1.0, "their sum + 1"), (-0.5, "their sum − 0.5")])
def test_the_constant_that_lifts_the_sum_is_named_in_legend_and_description(constant: float, words: str) -> None:
    ax = plots.relu_pieces([0, 1, 2], [[0, 1, 2], [0, 0, -2]], constant)
    assert ax.get_legend().get_texts()[-1].get_text() == words
    assert f"2 weighted ReLUs and {words}, from" in described(ax)


def test_each_template_is_its_row_and_all_share_one_scale_around_zero() -> None:
    weight = torch.arange(12.0).reshape(2, 6) - 3
    ax = plots.weight_templates(weight, (2, 3), ["a", "b"])
    pictures = [part.images[0] for part in ax.child_axes]
    assert [np.asarray(picture.get_array()).tolist() for picture in pictures] == weight.reshape(2, 2, 3).tolist()
    assert {picture.get_clim() for picture in pictures} == {(-8.0, 8.0)}
    assert [part.get_title() for part in ax.child_axes] == ["a", "b"]


def test_norms_are_drawn_layer_by_layer_and_zeros_marked_at_the_foot() -> None:
    ax = plots.gradient_profile(torch.tensor([0.0, 1e-3, 1.0]))
    line, zeros = ax.lines
    assert np.asarray(line.get_xydata())[1:] == pytest.approx(np.array([[2, 1e-3], [3, 1.0]]))
    assert math.isnan(np.asarray(line.get_ydata())[0])
    assert np.asarray(zeros.get_xydata()) == pytest.approx(np.array([[1, 1e-4]]))
    assert "exactly 0 in 1 layers" in described(ax)
    assert ax.get_yscale() == "log"


def test_all_norms_zero_is_drawn_too() -> None:
    figures.png(plots.gradient_profile([0.0, 0.0]).figure)


def test_parameters_are_those_of_the_table_of_lecun() -> None:
    ax = plots.parameters_per_layer(MLP(784, [300, 100, 10]))
    assert [bar.get_width() for bar in ax.patches] == [235_500, 30_100, 1_010]
    assert ax.get_title() == "266,610 parameters"


def test_shared_parameters_and_a_modules_own_count_once() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(5))
            self.first = nn.Linear(4, 4)
            self.second = self.first

    model = Scaled()
    ax = plots.parameters_per_layer(model)
    assert [bar.get_width() for bar in ax.patches] == [5, 20]
    assert sum(parameter.numel() for parameter in model.parameters()) == 25


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.decision_regions(half_plane(), XOR[:, :1], LABELS), r"x must hold points.*\(4, 1\)"),
        (lambda: plots.decision_regions(half_plane(), XOR, LABELS[:3]), "y has 3 class numbers for 4 examples"),
        (lambda: plots.decision_regions(half_plane(), XOR, [0.5, 0, 0, 0]), "y must hold class numbers"),
        (lambda: plots.decision_regions(half_plane(), XOR, [math.nan, 0, 0, 0]), "y must hold class numbers"),
        (lambda: plots.decision_regions(half_plane(), XOR, LABELS, ["one"]), "1 labels, but class 1 occurs"),
        (lambda: plots.decision_regions(nn.Flatten(0), XOR, LABELS), r"the model gave \(80000,\) for 40000 points"),
        (lambda: plots.hidden_space(XOR, LABELS, (0, 0, 1)), "makes no line"),
        (lambda: plots.relu_pieces([0, 1], [[1, 2, 3]]), r"pieces must have shape \(K, 2\)"),
        (lambda: plots.relu_pieces([0, 1], [[1, 2]], target=[1]), "target has 1 values for 2 places"),
        (lambda: plots.weight_templates(torch.zeros(2, 5), (2, 3)), "2 × 3 = 6"),
        (lambda: plots.gradient_profile([-1.0]), "a norm is never negative"),
        (lambda: plots.parameters_per_layer(nn.ReLU()), "ReLU has no parameters"),
    ],
)
def test_a_wrong_argument_is_named_in_one_sentence_and_leaves_no_figure(call: Callable[[], Axes], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
    assert pyplot.get_fignums() == []
