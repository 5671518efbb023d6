"""What a network answers while it is trained: by the array nodes that training runs on, and not neuron by neuron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.compiler.array_layout import ElementPosition
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.core.plan import make_plan
from minigrad.training.data import Columns
from minigrad.training.step import CompiledTrainer, Trainer


class ArrayAnswers:
    """Scalar outputs for many samples at once, with the parameters as a compiled trainer has them now."""

    def __init__(self, trainer: CompiledTrainer, places: Sequence[ElementPosition]) -> None:
        self.trainer = trainer
        self.places = places
        self.plan = make_plan(tuple(dict.fromkeys(place.array for place in places)))

    def __call__(self, samples: Columns) -> np.ndarray:
        values = interpreter.run_forward(self.plan, {**self.parameters(), **self.trainer.tables_of(samples)})
        return np.stack([self.element(values[place.array], place, len(samples)) for place in self.places], axis=-1)

    def parameters(self) -> dict[Any, np.ndarray]:
        """The array-valued parameters and constants."""
        compiled = self.trainer.compiled
        constants = {node: node.value for node in compiled.constants}
        return {**constants, **ParameterLayout(compiled.parameter_arrays).split(self.trainer.vector)}

    def element(self, whole: Any, place: ElementPosition, count: int) -> np.ndarray:
        """One element of an array node for every sample."""
        flat = np.reshape(whole, (*np.shape(whole)[: np.ndim(whole) - place.array.ndim], -1))
        return np.broadcast_to(flat[..., place.position], (count,))


def array_answers(trainer: Trainer, inputs: Sequence[Node], outputs: Sequence[Node]) -> ArrayAnswers | None:
    """The answers by arrays; None where training runs on none, or where outputs or inputs have no place there."""
    if not isinstance(trainer, CompiledTrainer):
        return None
    found = trainer.compiled.array_graph
    if not all(node in found.positions for node in outputs):
        return None
    answers = ArrayAnswers(trainer, [found.positions[node] for node in outputs])
    read = [leaf for node in answers.plan.nodes if node.kind == "input" for leaf in found.leaves[node]]
    return answers if all(leaf in inputs for leaf in read) else None
