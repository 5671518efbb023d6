"""The views: pure functions from a graph and options to a diagram. A new one is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from minigrad.render.diagram import Diagram
from minigrad.render.views.backprop import backprop
from minigrad.render.views.ends import ends
from minigrad.render.views.explain import explain
from minigrad.render.views.expression import expression
from minigrad.render.views.health import health
from minigrad.render.views.layers import layers
from minigrad.render.views.matrices import matrices
from minigrad.render.views.neuron import neuron
from minigrad.render.views.neurons import neurons
from minigrad.render.views.passes import passes
from minigrad.render.views.update import update

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
