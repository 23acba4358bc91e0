"""The widget of unit 07: differences between and within people, and the two R² they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course import plots
from course.widgets.explorer import Explorer, Slider, explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

MOST_SUBJECTS, REPORTS = 50, 40  # REPORTS is the number of answers per subject
WIDEST_BETWEEN, WIDEST_WITHIN = 2.5, 1.5


def subjects_explorer(
    between: float = 1.5,
    within: float = 1.0,
    knows_subjects: float = 1.0,
    knows_changes: float = 0.0,
    subjects: int = MOST_SUBJECTS,
    seed: int = 0,
) -> Explorer:
    """Return sliders for the spread between and within subjects, and for what a model knows, over pooled and within R².

    `between` and `within` are standard deviations: of the subjects' own levels, and of a subject's reports around its
    level. `knows_subjects` is the share of the variance of the subjects' means that the model predicts,
    `knows_changes` that of the changes around them; (1, 0) is the model that answers with each subject's mean.
    """
    rng = np.random.default_rng(seed)
    level, change = rng.normal(size=(MOST_SUBJECTS, 1)), rng.normal(size=(MOST_SUBJECTS, REPORTS))
    wrong_level, wrong_change = rng.normal(size=level.shape), rng.normal(size=change.shape)
    who = np.repeat(np.arange(MOST_SUBJECTS), REPORTS)
    inputs = {
        "between": Slider(float(between), 0.0, WIDEST_BETWEEN, 0.1, "spread between subjects"),
        "within": Slider(float(within), 0.1, WIDEST_WITHIN, 0.1, "spread within a subject"),
        "knows_subjects": Slider(float(knows_subjects), 0.0, 1.0, 0.05, "model knows the subjects' means"),
        "knows_changes": Slider(float(knows_changes), 0.0, 1.0, 0.05, "model knows a subject's changes"),
        "subjects": Slider(subjects, 2, MOST_SUBJECTS, 1, "number of subjects"),
    }
    for name, slider in inputs.items():
        if not slider.low <= slider.value <= slider.high:
            raise ValueError(f"{name} = {slider.value:g} must lie between {slider.low:g} and {slider.high:g}")

    # The limits of the axes suit the widest spreads and stay fixed, so that points are seen to move.
    reach = float(np.abs(WIDEST_BETWEEN * level + WIDEST_WITHIN * change).max().round() + 1)

    def draw(
        ax: Axes, between: float, within: float, knows_subjects: float, knows_changes: float, subjects: int
    ) -> None:
        y = between * level + within * change
        means = y.mean(axis=1, keepdims=True)
        predicted = _known(means, between * wrong_level, knows_subjects)
        predicted = predicted + _known(y - means, within * _centred(wrong_change), knows_changes)
        count = subjects * REPORTS  # the first subjects stay as they are when others join them
        plots.predictions_by_group(y.ravel()[:count], predicted.ravel()[:count], who[:count], reach=reach, ax=ax)

    return explorer(draw, inputs, size=(8.4, 3.8))


def _known(target: NDArray, noise: NDArray, share: float) -> NDArray:
    """Return a calibrated prediction that explains `share` of the variance of `target`; `noise` has the same spread."""
    return share * target + np.sqrt(share * (1 - share)) * noise


def _centred(values: NDArray) -> NDArray:
    return values - values.mean(axis=1, keepdims=True)
