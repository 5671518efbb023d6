"""Training that looks at every loss and stops at the first that is not finite."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from minigrad.core.passes import first_not_finite
from minigrad.errors import NotFiniteError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.optim import State
from minigrad.training.data import Columns
from minigrad.training.step import Trainer


class CarefulTrainer:
    """A trainer that stops at the first loss that is not finite, with the parameters as they were before that step."""

    def __init__(self, trainer: Trainer, graph: Graph, samples: Columns, targets: Columns) -> None:
        self.trainer = trainer
        self.graph = graph
        self.samples = samples
        self.targets = targets
        self.optimizer = trainer.optimizer
        self.mean_loss = trainer.mean_loss
        self.store = trainer.store
        self.restore = trainer.restore

    @property
    def vector(self) -> np.ndarray:
        """All parameters as they are now."""
        return self.trainer.vector

    @vector.setter
    def vector(self, vector: np.ndarray) -> None:
        self.trainer.vector = vector

    @property
    def state(self) -> State:
        """What the optimizer remembers."""
        return self.trainer.state

    @state.setter
    def state(self, state: State) -> None:
        self.trainer.state = state

    def step(self, rows: Any) -> float:
        before = self.vector.copy()
        loss = self.trainer.step(rows)
        if not isfinite(loss):
            self.vector = before
            self.store()
            self.explain(rows)
        return loss

    def serve(self, samples: Columns, targets: Columns) -> None:
        self.samples, self.targets = samples, targets
        self.trainer.serve(samples, targets)

    def explain(self, rows: Any) -> None:
        """Raises NotFiniteError that names the first node which is not finite, and the values that fed it.

        The nodes keep the values of the samples at fault, to look at or to draw.
        """
        self.graph.forward({**self.samples.rows_of(rows), **self.targets.rows_of(rows)})
        node = first_not_finite(self.graph.plan)
        fed = ", ".join(f"{parent} = {extremes(parent.value)}" for parent in node.parents[:8])
        raise NotFiniteError(
            f"not finite at sample {rows if isinstance(rows, int) else rows.tolist()}",
            node=str(node),
            found=f"{extremes(node.value)}, computed from {fed}{', …' * (len(node.parents) > 8)}",
            expected="a finite number",
            cure="Learn more slowly, scale the data, or look at draw(network, view='health')",
        )


def extremes(value: Value) -> str:
    """A number, or the least and the largest of many."""
    return f"{value:.4g}" if np.ndim(value) == 0 else f"{np.min(value):.4g} … {np.max(value):.4g}"
