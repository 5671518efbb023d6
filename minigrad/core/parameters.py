"""How parameters lie side by side in a flat vector, and the vector that compiled graphs keep them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from math import prod
from threading import Lock
from typing import Any, ClassVar

import numpy as np

from minigrad.core.interpreter import read_only
from minigrad.core.versions import BackwardPass, changes
from minigrad.ops.base import Shape, Value


class ParameterLayout:
    """The order of some parameters in a flat vector; the numbers of each stand together, row by row."""

    def __init__(self, parameters: Sequence[Any]) -> None:
        self.parameters = tuple(parameters)
        shapes: list[Shape] = [parameter.shape for parameter in self.parameters]
        self.all_scalar = not any(shapes)
        self.offsets: list[int] = (
            list(range(len(shapes) + 1)) if self.all_scalar else np.cumsum([0, *map(prod, shapes)]).tolist()
        )

    @property
    def size(self) -> int:
        """How many numbers the vector has."""
        return self.offsets[-1]

    def slices(self) -> Iterator[tuple[Any, slice]]:
        """Yield each parameter with the slice of the vector that holds its numbers."""
        return zip(self.parameters, map(slice, self.offsets, self.offsets[1:]), strict=True)

    def flatten(self, values: Mapping[Any, Value]) -> np.ndarray:
        """Return the vector of a value, or of a δ, of each parameter; what is missing counts as 0."""
        if self.all_scalar:
            try:
                return np.array([*map(values.__getitem__, self.parameters)], np.float64)
            except KeyError:
                return np.array([values.get(parameter, 0.0) for parameter in self.parameters], np.float64)
        parts = [np.broadcast_to(values.get(parameter, 0.0), parameter.shape).ravel() for parameter in self.parameters]
        return np.concatenate(parts)

    def split(self, vector: np.ndarray) -> dict[Any, Value]:
        """Return the part of each parameter: a float for a scalar, else a view of the vector."""
        if self.all_scalar:
            return dict(zip(self.parameters, vector.tolist(), strict=True))
        return {
            parameter: vector[part].reshape(parameter.shape) if parameter.shape else vector.item(part.start)
            for parameter, part in self.slices()
        }

    def read(self) -> np.ndarray:
        """Return the vector of the values that the parameters have now."""
        values = [parameter._value for parameter in self.parameters]
        if self.all_scalar:
            return np.array(values, np.float64)
        return self.flatten(dict(zip(self.parameters, values, strict=True)))

    def write(self, vector: np.ndarray) -> None:
        """Assign every parameter its value from the vector."""
        for parameter, value in self.split(vector).items():
            parameter.value = value


class ParameterVector(ParameterLayout):
    """A vector of parameters and one of their gradients, which compiled steps write and the nodes look into.

    The parameters live elsewhere until `attach`.
    """

    attaching: ClassVar[Any] = Lock()
    """Held while parameters move, which may be from another vector that another thread wants to move them to."""

    def __init__(self, parameters: Sequence[Any], dtype: Any = np.float64) -> None:
        super().__init__(parameters)
        self.vector = np.zeros(self.size, dtype)
        self.gradient = np.zeros(self.size, dtype)
        self.passes = 0
        """How often the δ of all parameters changed; a parameter remembers how often before it got a δ of its own."""
        self.has_gradient = False
        self.backward_pass: BackwardPass | None = None
        """The backward pass over the nodes that `gradient` is from; None of a compiled one."""
        self.version = 0
        """The number of the last change of the vector by compiled code, see `versions`."""
        self.attached = False

    @property
    def of_nodes(self) -> ParameterVector:
        """The vector that the nodes look into."""
        return self

    def attach(self) -> None:
        """Let all parameters live in this vector, with the values they have, unless they do already."""
        if self.attached:
            return
        with self.attaching:
            self.vector[...] = self.read()
            for parameter, home in zip(self.parameters, zip(repeat(self), self.offsets), strict=False):
                parameter._attach(home)
            self.attached = True

    def publish(self, which: Any = True) -> None:
        """Give the nodes the numbers of this vector, or `which` of them: nothing to do where they live in it."""

    def publish_gradient(self, gradient: np.ndarray, backward_pass: BackwardPass | None = None) -> None:
        """Let a vector, which stays as it is until the next call, hold δ of all parameters."""
        self.attach()  # another thread may have moved them meanwhile
        self.gradient = gradient
        self.count_pass(True, backward_pass)

    def refresh(self) -> None:
        """Take the numbers of the nodes: nothing to do where they live in this vector."""

    def values(self) -> dict[Any, Value]:
        """Return the value of each parameter, which lives in this vector: arrays as views of it."""
        return self.split(self.vector)

    def count_change(self) -> None:
        """Let all that was computed from the parameters before be out of date."""
        self.version = changes.advance()

    def count_pass(self, has_gradient: bool, backward_pass: BackwardPass | None = None) -> None:
        """Let δ of every parameter be its gradient here, or none, from now on."""
        self.passes += 1
        self.has_gradient = has_gradient
        self.backward_pass = backward_pass

    def view(self, flat: np.ndarray, start: int, shape: Shape) -> Value:
        """Return the number or array of one parameter in a flat vector, in float64."""
        if not shape:
            return flat.item(start)
        return flat[start : start + prod(shape)].reshape(shape).astype(np.float64, copy=False)


class ParameterCopy(ParameterVector):
    """A vector of copies in a type of its own: the nodes keep their values, to the last bit, until `publish`.

    They live in another vector in float64, so that a copy of all of them is one operation.
    """

    def __init__(self, parameters: Sequence[Any], dtype: Any) -> None:
        super().__init__(parameters, dtype)
        self.exact = ParameterVector(parameters)

    @property
    def of_nodes(self) -> ParameterVector:
        return self.exact

    def attach(self) -> None:
        """Copy the values of all parameters, the first time."""
        if not self.attached:
            self.attached = True
            self.refresh()

    def publish(self, which: Any = True) -> None:
        self.exact.attach()
        if which is True:  # in half the time
            self.exact.vector[...] = self.vector
        else:
            np.copyto(self.exact.vector, self.vector, where=which)
        self.exact.count_change()

    def count_change(self) -> None:
        """Nothing is out of date: no node sees the copies before `publish`."""

    def publish_gradient(self, gradient: np.ndarray, backward_pass: BackwardPass | None = None) -> None:
        self.exact.publish_gradient(gradient, backward_pass)

    def refresh(self) -> None:
        self.exact.attach()
        self.vector[...] = self.exact.vector


class VectorElements:
    """The numbers of one parameter: its own, or those of a vector that it lives in, once a graph is compiled."""

    # `Parameter` has the slots, since of two bases one may have some; written so, mypy does not miss them here.
    __slots__ = tuple[str, ...]()
    shape: Shape
    _home: tuple[ParameterVector, int] | None
    _own_value: Value
    _own_version: int
    _own_delta: Value
    _own_pass: BackwardPass | None
    _passes: int

    def _attach(self, home: tuple[ParameterVector, int]) -> None:
        """Live in a vector, at an offset, from now on; one that it lived in before has to attach it anew."""
        if self._home is not None:
            self._own_delta, self._own_pass, self._own_version = read_only(self._delta), self._pass, self._version
            if self._home[0] is not home[0]:
                self._home[0].attached = False
        self._passes = home[0].passes
        self._home = home  # at once, for other threads that read

    @property
    def _value(self) -> Value:
        home = self._home
        if home is None:
            return self._own_value
        vector, offset = home
        return vector.view(vector.vector, offset, self.shape)

    @_value.setter
    def _value(self, value: Value) -> None:
        self._own_value = value
        if self._home is not None:
            vector, offset = self._home
            vector.vector[offset : offset + prod(self.shape)] = np.ravel(value)

    @property
    def _version(self) -> int:
        home = self._home
        return self._own_version if home is None else max(self._own_version, home[0].version)

    @_version.setter
    def _version(self, version: int) -> None:
        self._own_version = version

    @property
    def _delta(self) -> Value:
        home = self._home
        if home is None:
            return self._own_delta
        vector, offset = home
        if vector.passes == self._passes:
            return self._own_delta
        return vector.view(vector.gradient, offset, self.shape) if vector.has_gradient else None

    @_delta.setter
    def _delta(self, delta: Value) -> None:
        self._own_delta = delta
        if self._home is not None:
            self._passes = self._home[0].passes

    @property
    def _pass(self) -> BackwardPass | None:
        home = self._home
        return self._own_pass if home is None or home[0].passes == self._passes else home[0].backward_pass

    @_pass.setter
    def _pass(self, backward_pass: BackwardPass | None) -> None:
        self._own_pass = backward_pass
