"""Figures: results in, `Axes` out. Nothing here trains, moves a model or changes a global setting.

Every function draws on `ax`, or on new axes if none are given, adds a description in words (see
`course.figures.describe`) and returns the axes. Numbers may be tensors on any device, arrays or lists. A figure with
several parts fills the width of a page, and its parts are `ax.child_axes`.
"""

from course.figures import panels
from course.plots.approximation import approximation_error, height_map, relu_interpolant, relu_pieces, sorted_errors
from course.plots.architecture import network_layers
from course.plots.backward import backward_pass
from course.plots.calculation import calculation_graph
from course.plots.curves import curves
from course.plots.evaluation import best_of_many, predictions_by_group, splits, subgroup_bars
from course.plots.images import batch_losses, image_grid, timings
from course.plots.layers import gradient_profile, parameters_per_layer, weight_templates
from course.plots.losses import entropy_stack, likelihood_underflow, logits_to_probabilities, nll_curve
from course.plots.nonlinearity import function_and_slope, success_rates
from course.plots.outlier import outlier_losses
from course.plots.plane import decision_regions, hidden_lines, hidden_space
from course.plots.regression import fitted_curves, line_fit, loss_surface
from course.plots.results import compare_runs, confusion_matrix, error_against, learning_curves
from course.plots.uncertainty import binomial_tails

__all__ = [
    "approximation_error",
    "backward_pass",
    "batch_losses",
    "best_of_many",
    "binomial_tails",
    "calculation_graph",
    "compare_runs",
    "confusion_matrix",
    "curves",
    "decision_regions",
    "entropy_stack",
    "error_against",
    "fitted_curves",
    "function_and_slope",
    "gradient_profile",
    "height_map",
    "hidden_lines",
    "hidden_space",
    "image_grid",
    "learning_curves",
    "likelihood_underflow",
    "line_fit",
    "logits_to_probabilities",
    "loss_surface",
    "network_layers",
    "nll_curve",
    "outlier_losses",
    "panels",
    "parameters_per_layer",
    "predictions_by_group",
    "relu_interpolant",
    "relu_pieces",
    "sorted_errors",
    "splits",
    "subgroup_bars",
    "success_rates",
    "timings",
    "weight_templates",
]
