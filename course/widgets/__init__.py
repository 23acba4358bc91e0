"""Sliders over the figures of `course.plots`, one module per subject. Training and plots do the work."""

from course.widgets.architecture import architecture_explorer
from course.widgets.backward import backward_explorer
from course.widgets.depth import depth_explorer
from course.widgets.descent import descent_explorer
from course.widgets.error_table import error_explorer
from course.widgets.explorer import Choice, Explorer, Slider, explorer
from course.widgets.hidden import hidden_explorer
from course.widgets.knots import knots_explorer
from course.widgets.losses import entropy_kl_explorer, logits_explorer, outlier_explorer
from course.widgets.subjects import subjects_explorer
from course.widgets.training import training_explorer

__all__ = [
    "Choice",
    "Explorer",
    "Slider",
    "architecture_explorer",
    "backward_explorer",
    "depth_explorer",
    "descent_explorer",
    "entropy_kl_explorer",
    "error_explorer",
    "explorer",
    "hidden_explorer",
    "knots_explorer",
    "logits_explorer",
    "outlier_explorer",
    "subjects_explorer",
    "training_explorer",
]
