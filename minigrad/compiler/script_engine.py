"""Narrow scalar graphs as straight-line Python over floats: a line for every node forward, and for every δ back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.engine import Stepwise
from minigrad.compiler.script_templates import OpTemplates, op_templates
from minigrad.core import floats
from minigrad.core.node import Node
from minigrad.errors import CompileError
from minigrad.ops.base import Value

LONGEST = 200_000
"""How many nodes of two parents a script may have: Python takes some 70 µs and 1 kB to compile the lines of one."""
PART = 200
"""How many such nodes one function computes; Python runs and compiles a long function slower than several short ones.
One node of thousands of parents is as long as thousands of nodes."""

Numbers = list[float]


class Part(NamedTuple):
    """Some consecutive nodes: functions that compute their values, and carry their δ on to their parents."""

    source: str
    forward: Callable[[Numbers], None]
    backward: Callable[[Numbers, Numbers], None]


class Script(Stepwise):
    """A graph of scalar nodes as Python code over a list of values and a list of δ, in the order of `nodes`.

    The rules are read as formulas, once for every op and count of parents; the code is written when it is first
    needed. Batches, and numbers at which Python has no answer, are left to `others`. Raises CompileError for a graph
    with array-valued nodes, one that is too long, a type that is not float64, and for rules that cannot be read so.
    """

    def __init__(self, outputs: Sequence[Node], dtype: Any, others: Stepwise, longest: int = LONGEST) -> None:
        self.others = others
        order = topological_order(outputs)
        edges, arrays = sum(len(node.parents) for node in order), sum(bool(node.shape) for node in order)
        if max(len(order), edges // 2) > longest or arrays or np.dtype(dtype) != np.float64:
            found = f"{len(order)} nodes, {arrays} of them arrays, {edges} edges, {np.dtype(dtype)}"
            expected = f"≤ {longest} scalar nodes, ≤ {2 * longest} edges, float64"
            raise CompileError("a graph for no script", found=found, expected=expected)
        self.leaves = [node for node in order if node.op is None]
        self.nodes = [*self.leaves, *(node for node in order if node.op is not None)]
        self.place = {node: place for place, node in enumerate(self.nodes)}
        self.roots = [self.place[output] for output in outputs]
        self.last_reader = [0] * len(self.nodes)
        for place, node in enumerate(self.nodes):
            for parent in node.parents:
                self.last_reader[self.place[parent]] = place
        for root in self.roots:
            self.last_reader[root] = len(self.nodes)
        forms = {(node.op, len(node.parents)) for node in order if node.op is not None}
        self.templates = {form: op_templates(*form) for form in forms}

    @cached_property
    def parts(self) -> list[Part]:
        """The functions, the first nodes first."""
        ends = np.cumsum([max(len(node.parents) / 2, 1) for node in self.nodes[len(self.leaves) :]]) // PART
        cuts = (np.flatnonzero(np.diff(ends)) + 1 + len(self.leaves)).tolist()
        bounds = [len(self.leaves), *cuts, len(self.nodes)]
        return [self.part(start, stop) for start, stop in pairwise(bounds) if start < stop]

    def part(self, start: int, stop: int) -> Part:
        """The functions of the nodes in some places."""
        source = PartWriter(self, start, stop).source
        space: dict[str, Any] = {"total": sum, "inf": np.inf, "nan": np.nan} | vars(floats)
        exec(compile(source, "<minigrad script>", "exec"), space)  # the source was written above
        return Part(source, space["forward"], space["backward"])

    def templates_of(self, node: Node) -> OpTemplates:
        """The rules of a computed node."""
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
        return self.others.outputs(leaves, batch)

    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        if batch is None:
            try:
                values = self.values(leaves)
                return values[self.roots[0]], dict(zip(self.leaves, self.deltas(values), strict=False))
            except floats.UNREADABLE:
                pass
        return self.others.gradients(leaves, batch)

    def values(self, leaves: Mapping[Node, Value]) -> Numbers:
        """The value of every node; raises one of floats.UNREADABLE where Python has no answer."""
        values = [leaves[node] for node in self.leaves] + [0.0] * (len(self.nodes) - len(self.leaves))
        for part in self.parts:
            part.forward(values)
        return values

    def deltas(self, values: Numbers) -> Numbers:
        """δ from a δ of 1 at the one output; that of leaves is complete."""
        deltas = [0.0] * len(values)
        deltas[self.roots[0]] = 1.0
        for part in reversed(self.parts):
            part.backward(values, deltas)
        return deltas


class PartWriter:
    """Writes the functions of one part: its own values and δ are variables, those of others stand in the lists."""

    def __init__(self, script: Script, start: int, stop: int) -> None:
        self.script = script
        self.own = range(start, stop)
        self.entering = [place for place in self.own if script.last_reader[place] >= stop]
        """The nodes whose δ has begun in a part further on."""
        self.begun = set(self.entering)
        self.forward: list[str] = []
        self.backward: list[str] = []
        for place in self.own:
            self.write_forward(place)
        for place in reversed(self.own):
            self.write_backward(place)

    def write_forward(self, place: int) -> None:
        node = self.script.nodes[place]
        lines, (value,) = self.script.templates_of(node).forward.fill(self.letters(place))
        self.forward += [*lines, f"v{place} = {value}{note(node)}"]

    def write_backward(self, place: int) -> None:
        """What flows from a node into the δ of its parents, unless nothing flows into its own."""
        if place not in self.begun:
            return
        node = self.script.nodes[place]
        lines, slopes = self.script.templates_of(node).backward.fill(self.letters(place))
        self.backward += lines
        for parent, slope in zip(node.parents, slopes, strict=True):
            if slope is not None:
                target = self.script.place[parent]
                name = f"d{target}" if target in self.own else f"d[{target}]"
                begins = target in self.own and target not in self.begun
                self.begun.add(target)
                self.backward.append(f"{name} {'=' if begins else '+='} {slope}")

    def letters(self, place: int) -> list[str]:
        """The variables of a node's parents, its value and its δ."""
        parents = [self.script.place[parent] for parent in self.script.nodes[place].parents]
        return [*(f"v{parent}" for parent in parents), f"v{place}", f"d{place}"]

    @property
    def source(self) -> str:
        """Both functions."""
        start, stop = self.own.start, self.own.stop
        nodes, places = self.script.nodes, self.script.place
        read = dict.fromkeys(places[parent] for place in self.own for parent in nodes[place].parents)
        others = [f"v{place} = v[{place}]{note(nodes[place])}" for place in read if place not in self.own]
        values = ", ".join(f"v{place}" for place in self.own)
        lines = [
            "def forward(v):",
            *(f"    {line}" for line in [*others, *self.forward, f"v[{start}:{stop}] = {values},"]),
            "",
            "def backward(v, d):",
            f"    {values}, = v[{start}:{stop}]",
            *(f"    d{place} = d[{place}]" for place in self.entering),
            *(f"    {line}" for line in [*others, *self.backward]),
        ]
        return "\n".join(lines)


def note(node: Node) -> str:
    """A comment with the name of a node."""
    return f"  # {node.name}" if node.name and node.name.isprintable() else ""
