"""The description and the picture of a figure, in a figure of ours and in one that a reader made."""

import base64
import io
from collections.abc import Iterator

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot
from PIL import Image

from course import figures


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def displayed(shown: object) -> tuple[dict, dict]:
    return DisplayFormatter().format(shown)


def test_a_described_figure_is_shown_as_html_with_the_alt_text_escaped() -> None:
    ax = figures.describe(figures.axes(), 'one "bar" < two')
    data, metadata = displayed(ax.figure)
    assert 'alt="one &quot;bar&quot; &lt; two"' in data["text/html"]
    assert metadata["image/png"]["alt"] == 'one "bar" < two'
    assert data["text/plain"] == 'one "bar" < two'


def test_a_readers_own_figure_tells_the_descriptions_of_all_its_axes_in_order() -> None:
    figure, (left, middle, right) = pyplot.subplots(1, 3)
    figures.describe(right, "Second.")
    figures.describe(left, "First.")
    middle.plot([1, 2])
    assert figures.alt_text(figure) == "First. Second."
    assert 'alt="First. Second."' in displayed(figure)[0]["text/html"]


def test_axes_in_a_subfigure_describe_the_whole_figure() -> None:
    figure = pyplot.figure()
    figures.describe(figure.subfigures(1, 2)[1].subplots(), "Inside.")
    assert displayed(figure)[0]["text/plain"] == "Inside."


def test_the_html_image_and_the_png_are_the_figure() -> None:
    ax = figures.describe(figures.axes(size=(4, 2)), "")
    data, _ = displayed(ax.figure)
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.size == (4 * 96 * figures.PIXELS, 2 * 96 * figures.PIXELS)
    assert 'width="384"' in data["text/html"]
    assert data["image/png"] in data["text/html"]


def test_given_axes_are_drawn_on_and_no_figure_is_made() -> None:
    _, ax = pyplot.subplots()
    before = pyplot.get_fignums()
    assert figures.axes(ax) is ax
    assert pyplot.get_fignums() == before


def test_split_parts_have_the_widths_and_the_gap_asked_for() -> None:
    _, ax = pyplot.subplots()
    left, right = figures.split(ax, [2, 1], gap=0.1)
    ax.figure.canvas.draw()
    places = [part.get_window_extent().transformed(ax.transAxes.inverted()) for part in (left, right)]
    assert [place.x0 for place in places] == pytest.approx([0, 0.7])
    assert [place.x1 for place in places] == pytest.approx([0.6, 1.0])
    assert not ax.axison


def test_panels_wider_than_a_page_are_narrowed_to_it_and_draw_in_the_courses_colours() -> None:
    wide, narrow = figures.panels(3, size=(4, 1)), figures.panels(2, size=(4, 1))
    assert wide[0].figure.get_size_inches().tolist() == [figures.PAGE, 1]
    assert narrow[0].figure.get_size_inches().tolist() == [8, 1]
    assert [wide[2].plot([0, 1])[0].get_color() for _ in range(2)] == list(figures.CYCLE[:2])


def test_panels_are_so_many_axes_in_one_figure() -> None:
    axes = figures.panels(3, size=(2, 1))
    assert len(axes) == 3
    assert {ax.figure for ax in axes} == {axes[0].figure}
    assert axes[0].figure.get_size_inches() == pytest.approx([6, 1])


def test_a_sheet_is_no_figure_of_pyplots() -> None:
    figure, axes = figures.sheet(2, (4, 2))
    assert pyplot.get_fignums() == []
    assert figure.axes == axes
    assert figure.get_size_inches().tolist() == [4, 2]


def test_the_palette_is_distinct_without_colour() -> None:
    """No two of the colours used together have the same luminance: they differ in a grey print as well."""
    from matplotlib.colors import to_rgb

    def luminance(color: str) -> float:
        channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    for first, second in [
        (figures.BLUE, figures.ORANGE),
        (figures.BLUE, figures.VERMILION),
        (figures.GREEN, figures.SKY),
    ]:
        assert abs(luminance(first) - luminance(second)) > 0.05
    assert 1.05 / (luminance(figures.GREY) + 0.05) >= 4.5  # WCAG 2, text on white
