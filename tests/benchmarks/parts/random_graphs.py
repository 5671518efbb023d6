"""Random scalar graphs, and what each library makes of them: built, and differentiated, node by node or by a tape."""

from __future__ import annotations

import random
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from math import inf
from time import perf_counter as clock
from typing import Any, NamedTuple

import minigrad as mg
from tests.benchmarks.parts.by_peers import micrograd_function
from tests.benchmarks.parts.timing import Step, seconds_per_step

LEAVES, RECENT = 32, 100
WIDTH = 300
BOUND = 4.0


class Instruction(NamedTuple):
    """One node of the graph: what it computes, of which earlier nodes."""

    op: str
    first: int
    second: int


class Program:
    """Instructions that keep values within bounds: what could grow beyond BOUND becomes a tanh."""

    def __init__(self, leaves: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.leaves = [self.rng.uniform(-1, 1) for _ in range(leaves)]
        self.bounds = [1.0] * leaves
        self.instructions: list[Instruction] = []

    def __len__(self) -> int:
        return len(self.bounds)

    def add(self, first: int, second: int) -> int:
        """One more node, of a random op; returns its index."""
        op = self.rng.choice(["+", "−", "×", "tanh"])
        bounds = self.bounds[first], self.bounds[second]
        bound = bounds[0] * bounds[1] if op == "×" else sum(bounds)
        if op == "tanh" or bound > BOUND:
            op, second, bound = "tanh", first, 1.0
        return self.append(Instruction(op, first, second), bound)

    def add_up(self, nodes: list[int]) -> None:
        """The last node: the sum of some, in pairs."""
        while len(nodes) > 1:
            pairs = zip(nodes[::2], nodes[1::2], strict=False)
            sums = [self.append(Instruction("+", *pair), inf) for pair in pairs]
            nodes = sums + nodes[len(nodes) & ~1 :]

    def append(self, instruction: Instruction, bound: float) -> int:
        self.instructions.append(instruction)
        self.bounds.append(bound)
        return len(self.bounds) - 1


def deep(size: int, seed: int = 0) -> Program:
    """A graph of so many nodes with a level for every 18 of them; every node has an influence on the last.

    A node reads one that nothing has read yet, and another that is recent or, one time in five, of any age.
    """
    program = Program(LEAVES, seed)
    rng, unread = program.rng, list(range(LEAVES))
    while len(program) <= size - LEAVES:
        first = unread.pop(rng.randrange(len(unread)))
        second = rng.randrange(0 if rng.random() < 0.2 else max(0, len(program) - RECENT), len(program))
        unread.append(program.add(first, second))
    program.add_up(unread)
    return program


def wide(size: int, seed: int = 0, width: int = WIDTH) -> Program:
    """A graph of about so many nodes in layers, all of whose operands come from the layer before.

    Every node is read by one of the next layer at least; the last layer is added up in pairs.
    """
    program = Program(width, seed)
    layer = list(range(width))
    while len(program) + 2 * width <= size:
        firsts = program.rng.sample(layer, width)
        layer = [program.add(first, program.rng.choice(layer)) for first in firsts]
    program.add_up(layer)
    return program


def evaluate(nodes: list[Any], program: Program, tanh: Callable[[Any], Any]) -> Any:
    """Evaluate the program on anything that has operators; return its last node."""
    for op, first, second in program.instructions:
        if op == "+":
            nodes.append(nodes[first] + nodes[second])
        elif op == "−":
            nodes.append(nodes[first] - nodes[second])
        elif op == "×":
            nodes.append(nodes[first] * nodes[second])
        else:
            nodes.append(tanh(nodes[first]))
    return nodes[-1]


class Cost(NamedTuple):
    """Seconds that a gradient took by the clock on the wall, and the sum of the gradients of the leaves, to compare."""

    build: float
    """Nodes made, with their values where they have any."""
    passes: float
    """δ of every node; of a tape forward and backward."""
    gradient: float
    preparation: float = 0.0
    """A tape made of the nodes, once, and run."""

    @property
    def first(self) -> float:
        """Seconds until there is a gradient; preparing a tape includes its first run."""
        return self.build + (self.preparation or self.passes)

    @property
    def again(self) -> float:
        """Seconds for one gradient more: a tape runs again, else all nodes are made again."""
        return self.passes if self.preparation else self.build + self.passes


# Node by node.


def minigrad_cost(program: Program) -> Cost:
    start = clock()
    leaves: list[Any] = [mg.Parameter(value) for value in program.leaves]
    root = evaluate([*leaves], program, mg.tanh)
    built = clock()
    root.backward()
    passed = clock()
    return Cost(built - start, passed - built, sum(leaf.delta for leaf in leaves))


def micrograd_cost(program: Program) -> Cost:
    from micrograd.engine import Value

    start = clock()
    leaves: list[Any] = [Value(value) for value in program.leaves]
    root = evaluate([*leaves], program, lambda x: micrograd_function(Value, "tanh", x))
    built = clock()
    root.backward()
    passed = clock()
    return Cost(built - start, passed - built, sum(leaf.grad for leaf in leaves))


def torch_cost(program: Program) -> Cost:
    import torch

    start = clock()
    leaves: list[Any] = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in program.leaves]
    root = evaluate([*leaves], program, torch.tanh)
    built = clock()
    root.backward()
    passed = clock()
    return Cost(built - start, passed - built, sum(float(leaf.grad) for leaf in leaves))


def autograd_cost(program: Program) -> Cost:
    import autograd
    import autograd.numpy as anp

    start = clock()
    pull_back, _ = autograd.make_vjp(lambda leaves: evaluate([*leaves], program, anp.tanh))(program.leaves)
    built = clock()
    gradients = pull_back(1.0)
    passed = clock()
    return Cost(built - start, passed - built, float(sum(gradients)))


def mygrad_cost(program: Program) -> Cost:
    import mygrad

    start = clock()
    leaves: list[Any] = [mygrad.tensor(value) for value in program.leaves]
    root = evaluate([*leaves], program, mygrad.tanh)
    built = clock()
    root.backward()
    passed = clock()
    return Cost(built - start, passed - built, sum(float(leaf.grad) for leaf in leaves))


NODE_BY_NODE: dict[str, Callable[[Program], Cost]] = {
    "minigrad": minigrad_cost,
    "micrograd": micrograd_cost,
    "PyTorch": torch_cost,
    "autograd": autograd_cost,
    "MyGrad": mygrad_cost,
}


# By a tape.


class Tape(NamedTuple):
    """What runs again and again, and the seconds that it took to build its nodes and to prepare it."""

    build: float
    preparation: float
    run: Step
    """Forward and backward."""
    gradient: Callable[[], float]
    """The sum of the gradients of the leaves."""

    def cost(self, seconds: float) -> Cost:
        """What it costs, measured over some seconds."""
        return Cost(self.build, seconds_per_step(self.run, seconds).wall, self.gradient(), self.preparation)


def minigrad_tape(program: Program) -> Tape:
    start = clock()
    leaves: list[Any] = [mg.Parameter(value) for value in program.leaves]
    root = evaluate([*leaves], program, mg.tanh)
    built = clock()
    fast = mg.Graph(root).compile()
    fast.gradient()
    prepared = clock()
    return Tape(built - start, prepared - built, fast.gradient, lambda: sum(leaf.delta for leaf in leaves))


def casadi_tape(program: Program) -> Tape:
    import casadi

    start = clock()
    leaves = casadi.SX.sym("x", len(program.leaves))
    root = evaluate([leaves[index] for index in range(len(program.leaves))], program, casadi.tanh)
    built = clock()
    tape = casadi.Function("tape", [leaves], [root, casadi.gradient(root, leaves)])
    run = partial(tape, program.leaves)
    run()
    prepared = clock()
    return Tape(built - start, prepared - built, run, lambda: float(casadi.sum(run()[1])))


TAPES: dict[str, Callable[[Program], Tape]] = {"minigrad, compiled": minigrad_tape, "CasADi": casadi_tape}


def bytes_per_node(program: Program) -> float:
    """Bytes that a node of minigrad holds, with its value and δ."""
    tracemalloc.start()
    nodes: list[Any] = [mg.Parameter(value) for value in program.leaves]
    empty = tracemalloc.get_traced_memory()[0]
    root = evaluate(nodes, program, mg.tanh)
    root.backward()
    held = tracemalloc.get_traced_memory()[0] - empty - sys.getsizeof(nodes)
    tracemalloc.stop()
    return held / len(program.instructions)
