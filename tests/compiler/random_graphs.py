"""Random graphs of scalars and arrays as plain bytes, from a seed or from hypothesis, and what to feed them."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import minigrad as mg
from tests.compiler.node_makers import GraphBuilder

WIDTH = 7
"""Bytes of an instruction: which of the node makers, and which nodes to make it with."""


class Case(NamedTuple):
    """A graph in bytes: the kinds of its leaves, its instructions, and which nodes, counted from the last, come out."""

    leaves: bytes
    instructions: tuple[bytes, ...]
    outputs: bytes = b"\0"

    def build(self) -> mg.Graph:
        builder = self.add_instructions(GraphBuilder(self.leaves))
        return mg.Graph([builder.output(pick) for pick in self.outputs])

    def build_loss(self, row: int = 0) -> mg.Graph:
        """A loss over scalar inputs, of which one counts for certain and the last is the target.

        With `row` they are the elements of one array of so many.
        """
        builder = self.add_instructions(GraphBuilder(self.leaves, row, arrays=False))
        first = builder.row[0] if row else mg.Input("first")
        output = total([builder.output(pick) for pick in self.outputs])
        return mg.Graph(mg.squared_error([mg.tanh(output + 0.3 * first)], [mg.Input("target")]))

    def add_instructions(self, builder: GraphBuilder) -> GraphBuilder:
        for instruction in self.instructions:
            builder.add(instruction)
        return builder


def total(outputs: list[mg.Node] | tuple[mg.Node, ...]) -> mg.Node:
    """One scalar: the sum of all elements of all the different outputs."""
    first, *others = (mg.sum(node) if node.shape else node for node in dict.fromkeys(outputs))
    return sum(others, first)


def random_case(seed: int, most: int = 20) -> Case:
    random = Random(seed)
    instructions = tuple(random.randbytes(WIDTH) for _ in range(random.randint(1, most)))
    return Case(random.randbytes(random.randint(0, 8)), instructions, random_outputs(random))


def random_outputs(random: Random) -> bytes:
    """Mostly the last node alone, now and then several, the same one twice among them."""
    picks = bytes([random.randrange(8)]) + random.randbytes(random.randint(0, 2))
    return random.choice([b"\0", b"\0", picks, picks, picks * 2])


def cases(most: int = 20) -> st.SearchStrategy[Case]:
    """Such graphs for hypothesis, which drops instructions one by one from a failing one."""
    instructions = st.lists(st.binary(min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=most)
    return st.builds(Case, st.binary(max_size=8), instructions.map(tuple), st.binary(min_size=1, max_size=4))


def random_feeds(graph: mg.Graph, random: Random, batch: int | None) -> dict[Any, Any]:
    """Numbers for each input; with a batch, so many of them for about two of three."""
    rng = np.random.default_rng(random.randrange(1 << 30))
    return {
        node: rng.normal(size=(batch, *node.shape) if batch and rng.random() < 0.7 else node.shape)
        for node in graph.inputs
    }
