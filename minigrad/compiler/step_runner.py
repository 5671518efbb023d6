"""What feeds a program of training steps: the data of many steps side by side, a view of them for each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

import numpy as np

from minigrad.compiler.program import Program
from minigrad.core.node import Node

GATHERED_BYTES = 1 << 18
"""How much data is gathered at once, in the order in which steps learn from it: as much as stays in a cache."""


class StepRunner:
    """A program of training steps, each with one sample or with a batch.

    `inputs` and `masks` are the arrays of one step that `program.run()` makes on its own. Many steps in a row are made
    by `program.run(steps)`, where `gathered` or `in_order` gives the steps.
    """

    def __init__(
        self,
        program: Program,
        names: Mapping[Node, str],
        masks: Mapping[Node, np.ndarray],
        batch: int | None,
    ) -> None:
        self.program = program
        self.names = names
        self.inputs = {node: program.arrays[name] for node, name in names.items()}
        self.masks = masks
        self.size = batch or 1
        step_bytes = sum(array.nbytes for array in self.inputs.values())
        self.capacity = max(1, GATHERED_BYTES // max(1, step_bytes))
        """How many steps are gathered at once."""
        self.buffers = {
            node: array[None] if self.capacity == 1 else np.zeros((self.capacity, *array.shape), array.dtype)
            for node, array in self.inputs.items()
        }
        self.views = self.views_of(self.buffers)

    def gathered(self, arrays: Mapping[Node, np.ndarray], rows: np.ndarray) -> Iterator[Iterable[Any]]:
        """Yield steps, each with the next of some rows of the input arrays; all that are yielded at once share memory.

        The rows fill every step.
        """
        most = self.capacity * self.size
        for start in range(0, len(rows), most):
            part = rows[start : start + most]
            steps = len(part) // self.size
            for node, buffer in self.buffers.items():
                target = buffer[:steps].reshape(len(part), *node.shape)
                arrays[node].take(part, axis=0, out=target, mode="clip")
            yield as_steps([view[:steps] for view in self.views], steps)

    def in_order(self, arrays: Mapping[Node, np.ndarray], count: int) -> Iterable[Any]:
        """Return the steps with so many rows of the input arrays, where they are."""
        data = {
            node: np.ascontiguousarray(arrays[node]).reshape(-1, *array.shape) for node, array in self.inputs.items()
        }
        return as_steps(self.views_of(data), count // self.size)

    def views_of(self, data: Mapping[Node, np.ndarray]) -> list[np.ndarray]:
        """Return what the program reads, from the numbers of the input arrays in many steps."""
        by_name = {name: data[node] for node, name in self.names.items()}
        return [step_input.of_steps(by_name[step_input.leaf]) for step_input in self.program.step_inputs]


def as_steps(views: list[np.ndarray], steps: int) -> Iterable[Any]:
    """Return the arrays of each step."""
    return zip(*views, strict=True) if views else repeat((), steps)
