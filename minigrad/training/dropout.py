"""The masks of dropout in training: drawn anew for every step, from a generator that an epoch of training starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from minigrad.core.node import Mask
from minigrad.ops.base import Value


class MaskSource:
    """The masks of a graph: 0 with the rate of each, else 1 / (1 − rate), one number for each element and sample.

    Engines lay out the same numbers as they need them, so that training does not depend on the engine. Every sample
    takes as many random numbers as the masks have elements: where an epoch stands, its generator is known.
    """

    def __init__(self, masks: Sequence[Mask]) -> None:
        self.nodes = masks
        sizes = [prod(node.shape) for node in self.nodes]
        self.size = sum(sizes)
        starts = accumulate(sizes, initial=0)
        self.columns: dict[Any, np.ndarray] = {
            node: np.arange(start, start + size) for node, start, size in zip(self.nodes, starts, sizes, strict=False)
        }
        self.kept = np.repeat([1.0 - node.rate for node in self.nodes], sizes)

    @cached_property
    def generator(self) -> np.random.Generator:
        """Return what the next masks are drawn from."""
        return np.random.Generator(np.random.PCG64(0))

    def __bool__(self) -> bool:
        return bool(self.nodes)

    def start_epoch(self, rng: np.random.Generator, position: int = 0) -> None:
        """Draw the seed of an epoch, of which so many samples have been learned from; without masks draw nothing."""
        if self.nodes:
            bits = np.random.PCG64(int(rng.integers(2**63)))
            self.generator = np.random.Generator(bits.advance(position * self.size))

    @property
    def state(self) -> Mapping[str, Any]:
        """What the next masks depend on."""
        return self.generator.bit_generator.state

    @state.setter
    def state(self, state: Mapping[str, Any]) -> None:
        self.generator.bit_generator.state = state

    def draw(self, batch: int | None) -> np.ndarray:
        """Return new masks for one sample, shape (elements,), or for a batch, shape (batch, elements)."""
        shape = (self.size,) if batch is None else (batch, self.size)
        return (self.generator.random(shape) < self.kept) / self.kept

    def by_node(self, masks: np.ndarray) -> dict[Any, Value]:
        """Return the value of every mask node, with a batch axis where the masks are those of a batch."""
        lead = masks.shape[:-1]
        values = {node: masks[..., columns].reshape((*lead, *node.shape)) for node, columns in self.columns.items()}
        return {node: value if value.ndim else value.item() for node, value in values.items()}
