"""Steps that leave some parameters as they are."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from minigrad.core.node import Node
from minigrad.optim import Optimizer, State


@dataclass(frozen=True)
class FrozenParameters:
    """An optimizer under which some parameters do not move: those whose `limit` is 0, where that of others is NaN.

    `fmin` and `fmax` take no notice of a limit that is NaN, and keep within the others what is NaN itself.
    """

    optimizer: Optimizer
    limit: np.ndarray = field(repr=False)

    def init(self, parameters: np.ndarray) -> State:
        return self.optimizer.init(parameters)

    def update(self, parameters: np.ndarray, gradient: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """Return parameters and state after a step in which the gradient of frozen parameters counts as 0."""
        limited = np.fmin(np.fmax(gradient, -self.limit), self.limit)
        updated, state = self.optimizer.update(parameters, limited, state)
        return np.fmin(np.fmax(updated, parameters - self.limit), parameters + self.limit), state


def freeze(optimizer: Optimizer, parameters: Sequence[Node], trainable: Container[Node] | None) -> Optimizer:
    """Return an optimizer that moves only those of the parameters that are trainable; itself where all are."""
    if trainable is None or all(node in trainable for node in parameters):
        return optimizer
    limits = [np.full(prod(node.shape), np.nan if node in trainable else 0.0) for node in parameters]
    return FrozenParameters(optimizer, np.concatenate(limits))
