"""What computes a compiled graph: a program over matrices, a tape of groups, or the nodes themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from minigrad import engine
from minigrad.compiler.compiled import Compiled
from minigrad.compiler.tape import Tape
from minigrad.errors import CompileError, SettingError
from minigrad.node import Node
from minigrad.ops.op import Value
from minigrad.passes import in_numbers, store_deltas
from minigrad.plan import make_plan, topological_order

FEW = 64
"""How many array operations are few: such a program is compiled in milliseconds and runs in microseconds."""
MANY = 1024
"""How many nodes one array operation should stand for in a longer program."""
WIDE = 8
"""How many nodes one group of a tape should hold on average."""
KINDS = ("auto", "program", "tape", "nodes")


class Machine(Protocol):
    """Something that computes the outputs of a graph, and the gradients of its one output."""

    @property
    def source(self) -> str:
        """The code that runs for one sample."""
        ...

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        """The value of each output."""
        ...

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        """The value of the output, its mean over the batch; the parameters show their δ."""
        ...


class Nodes:
    """The readable graph's own plan, evaluated node by node."""

    source = "# computed node by node"

    def __init__(self, outputs: Sequence[Node]) -> None:
        self.plan = make_plan(outputs)

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        values = engine.evaluate(self.plan, leaves, numbers=in_numbers(leaves))
        return [values[root] for root in self.plan.roots]

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        (root,) = self.plan.roots
        numbers = in_numbers(leaves)
        values = engine.evaluate(self.plan, leaves, numbers=numbers)
        seed = 1.0 if np.ndim(values[root]) == 0 else np.full_like(values[root], 1 / len(values[root]))
        deltas = engine.pull_back(self.plan, values, {root: seed}, numbers=numbers)
        parameters = [node for node in leaves if node.kind == "parameter"]
        store_deltas({node: deltas.get(node, np.zeros(node.shape)) for node in parameters})
        return float(np.mean(values[root]))


def make_machine(outputs: Sequence[Node], dtype: Any = np.float64, kind: str = "auto") -> Machine:
    """The machine that was asked for, or with "auto" the first that suits the graph.

    A program, where few array operations do the work of many nodes; a tape, where at least WIDE like nodes stand on a
    level; else the nodes themselves. Raises CompileError where the graph is not fit for the one asked for.
    """
    if kind not in KINDS:
        raise SettingError("no such engine", found=repr(kind), expected=f"one of {', '.join(KINDS)}")
    if kind == "nodes":
        return Nodes(outputs)
    try:
        if kind != "tape":
            return make_program(outputs, dtype, patient=kind == "program")
    except CompileError:
        if kind == "program":
            raise
    try:
        tape = Tape(outputs, dtype)
    except CompileError:
        if kind == "tape":
            raise
        return Nodes(outputs)
    return tape if kind == "tape" or len(tape.nodes) >= WIDE * len(tape.groups) else Nodes(outputs)


def make_program(outputs: Sequence[Node], dtype: Any = np.float64, patient: bool = False) -> Compiled:
    """The program of some outputs, written so that it is known to work.

    Raises CompileError for rules that cannot be recorded, and unless `patient` for a graph too irregular to gain.
    """
    if patient:
        compiled = Compiled(outputs, dtype)
    else:
        compiled = Compiled(outputs, dtype, most=max(FEW, len(topological_order(outputs)) // MANY))
    _ = compiled.source
    return compiled
