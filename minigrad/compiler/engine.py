"""Machines that find δ outside the nodes and tell the parameters of it; the simplest goes from node to node."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np

from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.passes import loss_derivative, store_deltas
from minigrad.core.plan import make_plan
from minigrad.ops.base import Value


class Stepwise(ABC):
    """A machine that is handed the leaves at every pass, and keeps nothing from one to the next."""

    @property
    @abstractmethod
    def source(self) -> str:
        """The code that runs, or how the machine goes about it."""

    @abstractmethod
    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        """The value of each output, behind a batch axis where a leaf carries one."""

    @abstractmethod
    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        """The value of the one output, its mean over the batch, and δ of every parameter that has an influence."""

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        """The value of the output, its mean over the batch; the parameters show their δ."""
        loss, deltas = self.gradients(leaves, batch)
        parameters = [node for node in leaves if node.kind == "parameter"]
        store_deltas({node: deltas.get(node, np.zeros(node.shape)) for node in parameters})
        return loss


class Nodes(Stepwise):
    """The readable graph's own plan, evaluated node by node."""

    def __init__(self, outputs: Sequence[Node]) -> None:
        self.plan = make_plan(outputs)

    @property
    def source(self) -> str:
        return "# computed node by node"

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        values = interpreter.run_forward(self.plan, leaves)
        return [values[root] for root in self.plan.roots]

    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        (root,) = self.plan.roots
        values = interpreter.run_forward(self.plan, leaves)
        deltas = interpreter.run_backward(self.plan, values, {root: loss_derivative(values[root])})
        return float(np.mean(values[root])), deltas
