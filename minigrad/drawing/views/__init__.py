"""The views, each a function in a module of its own that registers itself; a new one is a module and its name here."""

from minigrad.drawing.views import (
    backprop as backprop,
    explain as explain,
    expression as expression,
    health as health,
    layers as layers,
    matrices as matrices,
    neuron as neuron,
    neurons as neurons,
    process as process,
    update as update,
)
from minigrad.drawing.views.registry import VIEWS as VIEWS, register_view as register_view
