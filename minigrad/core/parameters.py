"""Where parameters live once their graph is compiled: side by side in one vector, their gradients in another."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np


class Storage:
    """A flat vector of parameters and one of gradients that fast steps write and readable nodes look into."""

    def __init__(self, parameters: Sequence[Any], dtype: Any = np.float64) -> None:
        self.parameters = tuple(parameters)
        sizes = [prod(parameter.shape) for parameter in self.parameters]
        self.offsets = np.cumsum([0, *sizes]).tolist()
        self.vector = np.zeros(self.offsets[-1], dtype)
        self.gradient = np.zeros(self.offsets[-1], dtype)
        self.passes = 0
        """How many gradients were found so far: a parameter compares with how many there were when it got its own δ."""
        self.owned = False
        self.adopt()

    def adopt(self) -> None:
        """Takes the parameters in, with the values they have; a storage that they lived in before is told."""
        for parameter, start, stop in zip(self.parameters, self.offsets, self.offsets[1:], strict=False):
            if parameter.shape:
                self.vector[start:stop] = np.ravel(parameter.value)
            else:
                self.vector[start] = parameter.value
            parameter.move_to(self, start)
        self.owned = True

    def take_in(self) -> None:
        """Adopts the parameters once more, if another storage has done so since."""
        if not self.owned:
            self.adopt()

    def part(self, whole: np.ndarray, start: int, shape: tuple[int, ...]) -> Any:
        """The number or array of one parameter in a vector, in float64."""
        if not shape:
            return whole.item(start)
        return whole[start : start + prod(shape)].reshape(shape).astype(np.float64, copy=False)
