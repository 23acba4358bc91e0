"""Everything that the notebooks of this course import, so that each needs only `from course import ...`."""

from course import plots, quiz, widgets
from course.batching import batches
from course.checks import CheckFailed, check, check_value
from course.data import Examples, Scores, cat_scores, line, moons, polynomial, sine, spirals, xor
from course.image_data import FASHION_CLASSES, digits, fashion_mnist, mnist, small_digits
from course.saving import save_answers
from course.start import start_page
from course.steps import compare_steps
from course.training import (
    Ensemble,
    History,
    Metrics,
    TrainingError,
    evaluate,
    fit,
    fit_many,
    pick_device,
    train_epoch,
)
from course.watching import Watch, elsewhere

__all__ = [
    "FASHION_CLASSES",
    "CheckFailed",
    "Ensemble",
    "Examples",
    "History",
    "Metrics",
    "Scores",
    "TrainingError",
    "Watch",
    "batches",
    "cat_scores",
    "check",
    "check_value",
    "compare_steps",
    "digits",
    "elsewhere",
    "evaluate",
    "fashion_mnist",
    "fit",
    "fit_many",
    "line",
    "mnist",
    "moons",
    "pick_device",
    "plots",
    "polynomial",
    "quiz",
    "save_answers",
    "sine",
    "small_digits",
    "spirals",
    "start_page",
    "train_epoch",
    "widgets",
    "xor",
]
