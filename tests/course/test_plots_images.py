"""Figures of images and of what happens batch by batch."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.axes import Axes

from course import figures, plots
from course.figures import VERMILION

IMAGES = torch.arange(24.0).view(4, 2, 3)


@pytest.fixture(autouse=True)
def _every_figure_closed():  # type: ignore[no-untyped-def]
    yield
    pyplot.close("all")


def test_each_image_is_drawn_under_its_title_and_marked_ones_are_red() -> None:
    images = torch.arange(3 * 4 * 5.0).view(3, 1, 4, 5)
    ax = plots.image_grid(images, titles=[7, 2, 1], marked=[False, True, False])
    assert [part.get_title() for part in ax.child_axes] == ["7", "2", "1"]
    assert [part.title.get_color() == VERMILION for part in ax.child_axes] == [False, True, False]
    for part, image in zip(ax.child_axes, images[:, 0], strict=True):
        assert np.array_equal(part.images[0].get_array(), image.numpy())
    assert figures.alt_text(ax.figure) == "3 images of 4 by 5 pixels: 7, 2 (marked), 1."


def test_images_of_several_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must have shape \(N, H, W\) or \(N, 1, H, W\)"):
        plots.image_grid(torch.zeros(3, 3, 4, 5))


def test_each_picture_is_drawn_with_its_title_in_rows() -> None:
    ax = plots.image_grid(IMAGES, ["a", "b", "c\nd", "e"], across=3)
    parts = [part for part in ax.child_axes if isinstance(part, Axes)]
    assert [part.get_title() for part in parts] == ["a", "b", "c\nd", "e"]
    for part, image in zip(parts, IMAGES, strict=True):
        assert np.array_equal(np.asarray(part.images[0].get_array()), image.numpy())
    ax.figure.canvas.draw()
    tops = [part.get_position().y1 for part in ax.child_axes]
    assert tops[:3] == pytest.approx([tops[0]] * 3)
    assert tops[3] < tops[0] - 0.1
    assert figures.alt_text(ax.figure) == "4 images of 2 by 3 pixels: a, b, c d, e."


def test_many_pictures_are_not_all_read_out_and_none_needs_a_title() -> None:
    assert figures.alt_text(plots.image_grid(torch.zeros(25, 2, 2), range(25)).figure).endswith(", 19, and so on.")
    assert figures.alt_text(plots.image_grid(IMAGES).figure) == "4 images of 2 by 3 pixels."


@pytest.mark.parametrize(
    ("images", "options", "words"),
    [
        (IMAGES[0], {}, r"their shape is \(2, 3\)"),
        (IMAGES[:0], {}, r"their shape is \(0, 2, 3\)"),
        (IMAGES, {"titles": ["a"]}, "1 titles for 4 images"),
        (IMAGES, {"marked": [True]}, "1 marks for 4 images"),
        (IMAGES, {"across": 0}, "across = 0 leaves no room"),
    ],
)
def test_images_that_do_not_fit_are_refused(images: torch.Tensor, options: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plots.image_grid(images, **options)


def test_batch_losses_show_the_mean_and_the_last_batch_of_each_epoch() -> None:
    ax = plots.batch_losses([3.0, 1.0, 2.0, 0.5], per_epoch=2)
    by_label = {line.get_label(): line for line in ax.lines}
    assert by_label["last batch of the epoch"].get_ydata().tolist() == [1.0, 0.5]
    assert by_label["mean of the epoch"].get_ydata()[0] == 2.0
    assert "epoch 2: mean 1.25, last batch 0.5" in figures.alt_text(ax.figure)
    with pytest.raises(ValueError, match="4 losses are no whole number of epochs of 3 batches"):
        plots.batch_losses([3.0, 1.0, 2.0, 0.5], per_epoch=3)


def test_timings_are_compared_with_the_first() -> None:
    ax = plots.timings({"slow": 3.0, "fast": 0.5})
    assert [bar.get_width() for bar in ax.patches] == [3.0, 0.5]
    assert figures.alt_text(ax.figure) == (
        "Bars of the time that each way takes: slow 3 s; fast 0.5 s, 6 times as fast."
    )
    for wrong, words in (({}, "nothing to draw"), ({"slow": 0.0}, "above 0")):
        with pytest.raises(ValueError, match=words):
            plots.timings(wrong)
