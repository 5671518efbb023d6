"""Plots of training and of what was learned, each a matplotlib Figure: `figure.savefig(path)`, or shown by a notebook.

They need the extra `plot` and no display.
"""

from minigrad.plot.maps import (
    confusion_matrix as confusion_matrix,
    decision_boundary as decision_boundary,
    weights as weights,
)
from minigrad.plot.training import activations as activations, history as history, rates as rates
