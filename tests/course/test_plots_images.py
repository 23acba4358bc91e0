"""Figures of images and of what happens batch by batch."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot

from course import figures, plots
from course.figures import VERMILION


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


def test_images_of_another_shape_and_missing_titles_are_named() -> None:
    with pytest.raises(ValueError, match=r"must have shape \(N, H, W\) or \(N, 1, H, W\)"):
        plots.image_grid(torch.zeros(3, 3, 4, 5))
    with pytest.raises(ValueError, match="there are 1 titles for 2 images"):
        plots.image_grid(torch.zeros(2, 4, 5), titles=["one"])


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
