"""All parameters in one flat vector, so that one update serves them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from minigrad.core.node import Parameter
from minigrad.ops.base import Value


class Packing:
    """The order of some parameters in a flat float64 vector."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters = tuple(parameters)
        self.ends = np.cumsum([prod(parameter.shape) for parameter in self.parameters], dtype=np.intp).tolist()
        self.scalar = all(not parameter.shape for parameter in self.parameters)

    def pack(self, values: Mapping[Any, Value]) -> np.ndarray:
        """The vector of the values, or of the δ, of the parameters; what is missing counts as 0."""
        if self.scalar:
            return np.array([values.get(parameter, 0.0) for parameter in self.parameters])
        parts = [np.broadcast_to(values.get(parameter, 0.0), parameter.shape).ravel() for parameter in self.parameters]
        return np.concatenate(parts) if parts else np.zeros(0)

    def unpack(self, vector: np.ndarray) -> dict[Any, Value]:
        """The value of each parameter: a float for a scalar, else an array that looks into the vector."""
        if self.scalar:
            return dict(zip(self.parameters, vector.tolist(), strict=True))
        parts = np.split(vector, self.ends[:-1])
        return {
            parameter: part.reshape(parameter.shape) if parameter.shape else part.item()
            for parameter, part in zip(self.parameters, parts, strict=True)
        }

    def spans(self) -> Iterator[tuple[Parameter, int, int]]:
        """Each parameter, with where its numbers start in the vector and where they stop."""
        return zip(self.parameters, [0, *self.ends][:-1], self.ends, strict=True)

    def read(self) -> np.ndarray:
        """The vector of the values that the parameters have now."""
        return self.pack({parameter: parameter.value for parameter in self.parameters})

    def write(self, vector: np.ndarray) -> None:
        """Gives every parameter its value from the vector."""
        for parameter, value in self.unpack(vector).items():
            parameter.value = value
