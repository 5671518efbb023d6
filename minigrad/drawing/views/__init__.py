"""The views: pure functions from a graph and options to a diagram. A new one is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from minigrad.drawing.diagram import Diagram
from minigrad.drawing.views.backprop import backprop
from minigrad.drawing.views.ends import ends
from minigrad.drawing.views.explain import explain
from minigrad.drawing.views.expression import expression
from minigrad.drawing.views.health import health
from minigrad.drawing.views.layers import layers
from minigrad.drawing.views.matrices import matrices
from minigrad.drawing.views.neuron import neuron
from minigrad.drawing.views.neurons import neurons
from minigrad.drawing.views.passes import passes
from minigrad.drawing.views.update import update

VIEWS: Mapping[str, Callable[..., Diagram]] = MappingProxyType(
    {
        "neurons": neurons,
        "expression": expression,
        "ends": ends,
        "neuron": neuron,
        "passes": passes,
        "backprop": backprop,
        "explain": explain,
        "update": update,
        "health": health,
        "layers": layers,
        "matrices": matrices,
    }
)
"""Every view there is, by its name."""
