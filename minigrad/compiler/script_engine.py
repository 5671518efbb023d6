"""An engine for narrow scalar graphs: straight-line Python over floats, a line for every node and for every δ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.engine import StatelessEngine
from minigrad.compiler.script_templates import OpTemplates, op_templates
from minigrad.core import floats
from minigrad.core.node import Node
from minigrad.errors import CompileError
from minigrad.ops.base import Value

NODES_PER_PART = 200
"""How many nodes of two parents one function computes; Python runs and compiles a long function slower than several
short ones. One node of thousands of parents is as long as thousands of nodes."""

Numbers = list[float]


class ScriptPart(NamedTuple):
    """Some consecutive nodes: functions that compute their values, and carry their δ back to their parents."""

    source: str
    forward: Callable[[Numbers], None]
    backward: Callable[[Numbers, Numbers], None]


class ScriptEngine(StatelessEngine):
    """A graph of scalar nodes as Python code over a list of values and a list of δ, in the order of `nodes`.

    The rules are read as formulas, once for every op and number of parents; the code is written when it is first
    needed. Batches, and numbers for which Python raises, are left to the engine that `make_fallback` makes. Raises
    CompileError for a graph with array-valued nodes, one of more than `max_nodes` nodes of two parents, a type that is
    not float64, and for rules that are not made of formulas.
    """

    def __init__(
        self,
        outputs: Sequence[Node],
        dtype: Any,
        make_fallback: Callable[[], StatelessEngine],
        max_nodes: int,
        order: Sequence[Node] | None = None,
    ) -> None:
        self.make_fallback = make_fallback
        order = topological_order(outputs) if order is None else order
        edges, arrays = sum(len(node.parents) for node in order), sum(bool(node.shape) for node in order)
        if max(len(order), edges // 2) > max_nodes or arrays or np.dtype(dtype) != np.float64:
            found = f"{len(order)} nodes, {arrays} of them arrays, {edges} edges, {np.dtype(dtype)}"
            expected = f"≤ {max_nodes} scalar nodes, ≤ {2 * max_nodes} edges, float64"
            raise CompileError("a graph for no script", found=found, expected=expected)
        self.leaves = [node for node in order if node.op is None]
        self.nodes = [*self.leaves, *(node for node in order if node.op is not None)]
        self.position = {node: position for position, node in enumerate(self.nodes)}
        self.roots = [self.position[output] for output in outputs]
        self.last_reader = [0] * len(self.nodes)
        for position, node in enumerate(self.nodes):
            for parent in node.parents:
                self.last_reader[self.position[parent]] = position
        for root in self.roots:
            self.last_reader[root] = len(self.nodes)
        forms = {(node.op, len(node.parents)) for node in order if node.op is not None}
        self.templates = {form: op_templates(*form) for form in forms}

    @cached_property
    def fallback(self) -> StatelessEngine:
        """The engine for batches, and for numbers for which Python raises."""
        return self.make_fallback()

    @cached_property
    def parts(self) -> list[ScriptPart]:
        """The functions, those of the first nodes first."""
        ends = np.cumsum([max(len(node.parents) / 2, 1) for node in self.nodes[len(self.leaves) :]]) // NODES_PER_PART
        cuts = (np.flatnonzero(np.diff(ends)) + 1 + len(self.leaves)).tolist()
        bounds = [len(self.leaves), *cuts, len(self.nodes)]
        return [self.part(start, stop) for start, stop in pairwise(bounds) if start < stop]

    def part(self, start: int, stop: int) -> ScriptPart:
        """Compile the functions of the nodes at some positions."""
        source = PartWriter(self, start, stop).source
        namespace: dict[str, Any] = {"total": sum, "inf": np.inf, "nan": np.nan} | vars(floats)
        exec(compile(source, "<minigrad script>", "exec"), namespace)  # the source was written above
        return ScriptPart(source, namespace["forward"], namespace["backward"])

    def templates_of(self, node: Node) -> OpTemplates:
        """Return the rules of a computed node."""
        assert node.op is not None
        return self.templates[node.op, len(node.parents)]

    @property
    def source(self) -> str:
        return "\n\n\n".join(part.source for part in self.parts)

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        if batch is None:
            try:
                values = self.values(leaves)
                return [values[root] for root in self.roots]
            except floats.UNREADABLE:
                pass  # where Python raises, NumPy answers inf or nan
        return self.fallback.outputs(leaves, batch)

    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        if batch is None:
            try:
                values = self.values(leaves)
                return values[self.roots[0]], dict(zip(self.leaves, self.deltas(values), strict=False))
            except floats.UNREADABLE:
                pass
        return self.fallback.gradients(leaves, batch)

    def values(self, leaves: Mapping[Node, Value]) -> Numbers:
        """Return the value of every node; raises one of floats.UNREADABLE where Python has no answer."""
        values = [leaves[node] for node in self.leaves] + [0.0] * (len(self.nodes) - len(self.leaves))
        for part in self.parts:
            part.forward(values)
        return values

    def deltas(self, values: Numbers) -> Numbers:
        """Return δ from a δ of 1 at the one output; that of leaves is complete."""
        deltas = [0.0] * len(values)
        deltas[self.roots[0]] = 1.0
        for part in reversed(self.parts):
            part.backward(values, deltas)
        return deltas


class PartWriter:
    """The source of one part: its own values and δ are variables, those of other parts elements of the lists."""

    def __init__(self, script: ScriptEngine, start: int, stop: int) -> None:
        self.script = script
        self.own = range(start, stop)
        self.entering = [position for position in self.own if script.last_reader[position] >= stop]
        """The nodes whose δ has begun in a later part."""
        self.begun = set(self.entering)
        self.forward: list[str] = []
        self.backward: list[str] = []
        for position in self.own:
            self.write_forward(position)
        for position in reversed(self.own):
            self.write_backward(position)

    def write_forward(self, position: int) -> None:
        """Write the value of a node."""
        node = self.script.nodes[position]
        lines, (value,) = self.script.templates_of(node).forward.fill(self.variables(position))
        self.forward += [*lines, f"v{position} = {value}{name_comment(node)}"]

    def write_backward(self, position: int) -> None:
        """Write what flows from a node into the δ of its parents, unless nothing flows into its own."""
        if position not in self.begun:
            return
        node = self.script.nodes[position]
        lines, adjoints = self.script.templates_of(node).backward.fill(self.variables(position))
        self.backward += lines
        for parent, adjoint in zip(node.parents, adjoints, strict=True):
            if adjoint is not None:
                target = self.script.position[parent]
                name = f"d{target}" if target in self.own else f"d[{target}]"
                begins = target in self.own and target not in self.begun
                self.begun.add(target)
                self.backward.append(f"{name} {'=' if begins else '+='} {adjoint}")

    def variables(self, position: int) -> list[str]:
        """Return the variables of a node's parents, its value and its δ."""
        parents = [self.script.position[parent] for parent in self.script.nodes[position].parents]
        return [*(f"v{parent}" for parent in parents), f"v{position}", f"d{position}"]

    @property
    def source(self) -> str:
        """Both functions."""
        start, stop = self.own.start, self.own.stop
        nodes, positions = self.script.nodes, self.script.position
        read = dict.fromkeys(positions[parent] for position in self.own for parent in nodes[position].parents)
        others = [f"v{index} = v[{index}]{name_comment(nodes[index])}" for index in read if index not in self.own]
        values = ", ".join(f"v{position}" for position in self.own)
        lines = [
            "def forward(v):",
            *(f"    {line}" for line in [*others, *self.forward, f"v[{start}:{stop}] = {values},"]),
            "",
            "def backward(v, d):",
            f"    {values}, = v[{start}:{stop}]",
            *(f"    d{position} = d[{position}]" for position in self.entering),
            *(f"    {line}" for line in [*others, *self.backward]),
        ]
        return "\n".join(lines)


def name_comment(node: Node) -> str:
    """Return a comment with the name of a node."""
    return f"  # {node.name}" if node.name and node.name.isprintable() else ""
