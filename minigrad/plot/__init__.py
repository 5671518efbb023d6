"""Plots of training and of what was learned, each a matplotlib Figure: `figure.savefig(path)` or shown in a notebook.

They need matplotlib (`pip install 'minigrad-bp[plot]'`) and no display.
"""

from minigrad.plot.maps import decision_boundary, plot_confusion_matrix as confusion_matrix, weights
from minigrad.plot.training import activations, history, rates

__all__ = ["activations", "confusion_matrix", "decision_boundary", "history", "rates", "weights"]
