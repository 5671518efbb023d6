"""A graph: some nodes and all they are made of, with its inputs, its parameters and its two passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from minigrad._validation import checked_value
from minigrad.compiler.machine import make_machine, make_program
from minigrad.compiler.numpy_engine import Compiled
from minigrad.core.interpreter import as_float
from minigrad.core.node import Input, Node, Parameter
from minigrad.core.passes import backward_pass, forward_pass, single_root
from minigrad.core.plan import make_plan
from minigrad.errors import CompileError, FeedError, GraphError, OperandError, PassError, ShapeError
from minigrad.ops.base import Value

Feeds = Mapping[Any, Any]
"""Values of inputs, keyed by node or by name; each may carry a batch axis in front of the input's own shape."""


class Graph:
    """Everything that the given outputs are made of.

    `nodes` stand in topological order, parents first; a node's place in it is its number in pictures.
    Raises GraphError for a cycle or for a name that two nodes share, OperandError for what is not a node.
    """

    def __init__(self, outputs: Node | Sequence[Node]) -> None:
        self.outputs: tuple[Node, ...] = tuple(outputs) if isinstance(outputs, Sequence) else (outputs,)
        for output in self.outputs:
            if not isinstance(output, Node):
                raise OperandError("not a node", found=f"{type(output).__name__} {output!r}", expected="a node")
        if not self.outputs:
            raise GraphError("a graph of nothing", expected="at least one output node")
        self.plan = make_plan(self.outputs)
        self.nodes: tuple[Node, ...] = tuple(self.plan.nodes)
        self.position: dict[Node, int] = {node: place for place, node in enumerate(self.nodes)}
        self.inputs: tuple[Input, ...] = tuple(node for node in self.nodes if isinstance(node, Input))
        self.parameters: tuple[Parameter, ...] = tuple(node for node in self.nodes if isinstance(node, Parameter))
        self._leaves: tuple[Node, ...] = tuple(node for node in self.nodes if node.op is None)
        self._named = named(self.nodes)

    def __getitem__(self, name: str) -> Node:
        """The node of that name; raises GraphError where there is none."""
        if name not in self._named:
            raise GraphError("no node of that name", found=repr(name), expected=f"one of {_some(self._named)}")
        return self._named[name]

    def __contains__(self, node: Node) -> bool:
        return node in self.position

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return (
            f"<Graph of {len(self.nodes)} nodes, {len(self.inputs)} inputs, {len(self.parameters)} parameters, "
            f"outputs {', '.join(output.label for output in self.outputs[:8])}>"
        )

    def forward(self, feeds: Feeds | None = None) -> Value:
        """Carries the feeds forward through every node and returns the value of the output (of all, as a tuple).

        An input that is not fed keeps the value it has. A feed may carry a batch axis; the value of a loss is then
        returned as its mean over the batch, while `node.value` shows every sample.
        Raises FeedError for a feed that is missing, unknown or not a number, ShapeError for one that does not fit; the
        graph is then as it was.
        """
        forward_pass(self.plan, self.leaves(feeds or {}))
        return returned(self.outputs, [output.value for output in self.outputs])

    def backward(self, deltas: Mapping[Node | str, Any] | None = None) -> None:
        """Carries δ back from the output, where it is 1 (1/B for each of a batch of B), and stores it in every node.

        With several outputs, or one that is not a scalar, `deltas` says where δ starts and how large it is.
        Raises PassError before a forward pass, ShapeError where δ does not fit.
        """
        if deltas is None:
            backward_pass(self.plan)
            return
        seeds = {self.member(key): checked_value(delta, str(key)) for key, delta in deltas.items()}
        for node, delta in seeds.items():
            if node.value is None:
                raise PassError("no value yet", node=str(node), cure="Feed the inputs with Graph.forward first.")
            if np.shape(delta) != np.shape(node.value):
                raise ShapeError("δ does not fit", node=str(node), found=np.shape(delta), expected=np.shape(node.value))
        backward_pass(self.plan, seeds)

    def compile(self, dtype: Any = np.float64, engine: str = "auto") -> FastGraph:
        """The graph as array code: like nodes become arrays, weighted sums matrix products, passes NumPy programs.

        With a program, the values of the parameters live in one vector of this type from now on, which both graphs read
        and write. `engine` is "program", "tape" or "script" (for irregular graphs, wide or narrow), "nodes", or "auto"
        for the first that suits.
        Raises CompileError where the graph is not fit for the engine asked for.
        """
        return FastGraph(self, dtype, engine)

    @cached_property
    def program(self) -> Compiled:
        """The program over matrices that training runs in float64, made when first asked for and then kept.

        Raises CompileError for rules that cannot be recorded, and for a graph too irregular to gain.
        """
        return make_program(self.outputs)

    def leaves(self, feeds: Feeds) -> dict[Node, Value]:
        """The value of every leaf under the given feeds, checked and with one batch size throughout."""
        if not isinstance(feeds, Mapping):
            raise FeedError("feeds without keys", found=type(feeds).__name__, cure="Pass {input: value}, or names.")
        fed: dict[Node, Value] = {}
        for key, value in feeds.items():
            node = self.member(key)
            if node in fed:
                raise FeedError("fed twice", node=str(node), cure="Feed it by node or by name, not by both.")
            fed[node] = self.fed_value(node, value)
        leaves = {node: fed.get(node, node.value) for node in self._leaves}
        sizes: dict[int, Node] = {}
        for node, value in leaves.items():
            if value is None:
                raise FeedError("no value fed", node=str(node), cure=f"Pass {{{node.name!r}: …}} or assign its value.")
            if np.ndim(value) > node.ndim:
                sizes[len(value)] = node
        if len(sizes) > 1:
            found = " and ".join(f"{size} for {node}" for size, node in sizes.items())
            raise ShapeError("batches of different sizes", found=found, expected="one", cure="Feed all of them anew.")
        return leaves

    def fed_value(self, node: Node, value: Any) -> Value:
        """One feed, checked; raises FeedError or ShapeError."""
        if not isinstance(node, Input):
            raise FeedError("only inputs are fed", node=str(node), cure="Assign a parameter's value instead.")
        checked = checked_value(value, str(node))
        if np.isnan(checked).any():
            raise FeedError("a feed that is not a number", node=str(node), found="nan", cure="Clean the data first.")
        shape = np.shape(checked)
        if (shape != node.shape and shape[1:] != node.shape) or len(shape) > node.ndim + 1 or 0 in shape:
            raise ShapeError(
                "a feed that does not fit",
                node=str(node),
                found=shape,
                expected=f"{node.shape}, or a batch axis before it",
            )
        return checked

    def member(self, key: Any) -> Node:
        """The node that a key, a node or its name, stands for; raises FeedError where this graph has none."""
        node = self._named.get(key) if isinstance(key, str) else key
        if not isinstance(node, Node) or node not in self.position:
            raise FeedError(
                "not in this graph", node=str(key), expected=f"one of {_some([node.name for node in self.inputs])}"
            )
        return node


@runtime_checkable
class HasGraph(Protocol):
    """Anything that has a graph, such as a network."""

    @property
    def graph(self) -> Graph: ...


def graph_of(what: object) -> Graph:
    """The graph that is meant by a graph, a node, several nodes or a network; raises OperandError for what has none."""
    if isinstance(what, Graph):
        return what
    if isinstance(what, Node):
        return Graph(what)
    if isinstance(what, HasGraph) and isinstance(what.graph, Graph):
        return what.graph
    if isinstance(what, Sequence) and not isinstance(what, str):
        return Graph(tuple(what))
    raise OperandError(
        "nothing that has a graph",
        found=f"{type(what).__name__} {what!r}"[:100],
        expected="a node, a sequence of nodes, a graph or a network",
    )


class FastGraph:
    """A graph compiled: the same inputs and outputs, computed by NumPy over arrays instead of node by node.

    `machine` does the work: a straight-line program over matrices, a tape of groups, a script over floats, or the
    readable graph itself.
    """

    def __init__(self, graph: Graph, dtype: Any = np.float64, engine: str = "auto") -> None:
        self.graph = graph
        self.machine = make_machine(graph.outputs, dtype, engine)
        self.carriers: dict[frozenset[Node], list[bool]] = {}

    def __repr__(self) -> str:
        return f"<FastGraph by {type(self.machine).__name__} of {self.graph!r}>"

    @property
    def source(self) -> str:
        """The NumPy code that runs for one sample: forward, and backward where there is a loss with parameters."""
        return self.machine.source

    def forward(self, feeds: Feeds | None = None) -> Value:
        """What `Graph.forward` returns, without a trace in the readable nodes."""
        leaves, batch = self.fed(feeds)
        values = self.machine.outputs(leaves, batch)
        if batch is not None and len(values) > 1:
            batched = frozenset(node for node, value in leaves.items() if np.ndim(value) > node.ndim)
            outputs = zip(self.graph.outputs, values, self.carrying(batched), strict=True)
            values = [
                value[0] if np.ndim(value) > output.ndim and not carries else value
                for output, value, carries in outputs
            ]
        return returned(self.graph.outputs, list(map(as_float, values)))

    def carrying(self, batched: frozenset[Node]) -> list[bool]:
        """Which outputs are made of inputs that carry a batch axis: a program computes all of them behind one."""
        if batched not in self.carriers:
            found = set(batched)
            for node in self.graph.nodes:
                if not found.isdisjoint(node.parents):
                    found.add(node)
            self.carriers[batched] = [output in found for output in self.graph.outputs]
        return self.carriers[batched]

    def gradient(self, feeds: Feeds | None = None) -> float:
        """Runs forward and backward and returns the output, meaned over a batch; parameters show their δ."""
        single_root(self.graph.plan)
        return self.machine.gradient(*self.fed(feeds))

    def export(self, path: str | PathLike[str], batch: int | None = None) -> Path:
        """Writes the forward program, for one sample or for a batch, as a Python module that needs only NumPy.

        The module holds the parameters as they are now and a function `compute` of the input arrays that returns the
        outputs by name. Raises CompileError where there is no program.
        """
        if not isinstance(self.machine, Compiled):
            raise CompileError("no program to export", found=repr(self), cure='Compile with engine="program".')
        target = Path(path)
        target.write_text(self.machine.module(batch), encoding="utf-8")
        return target

    def fed(self, feeds: Feeds | None) -> tuple[dict[Node, Value], int | None]:
        """The leaves under the given feeds, and the size of the batch if there is one."""
        leaves = self.graph.leaves(feeds or {})
        sizes = [len(value) for node, value in leaves.items() if np.ndim(value) > node.ndim]
        return leaves, sizes[0] if sizes else None


def returned(outputs: Sequence[Node], values: Sequence[Value]) -> Value:
    """What a forward pass returns: the value of each output, that of a loss as its mean over the batch."""
    found = tuple(
        np.mean(value).item() if output.kind == "loss" and not output.shape else value
        for output, value in zip(outputs, values, strict=True)
    )
    return found if len(found) > 1 else found[0]


def named(nodes: Sequence[Node]) -> dict[str, Node]:
    """Nodes by name; raises GraphError for a name that two of them share."""
    found: dict[str, Node] = {}
    for node in nodes:
        if node.name and found.setdefault(node.name, node) is not node:
            raise GraphError(
                "a name used twice",
                node=node.name,
                found=f"{found[node.name]!r} and {node!r}",
                cure="Rename one, or build it inside minigrad.scope(…).",
            )
    return found


def _some(names: Any, most: int = 8) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:most] + ["…"] * (len(shown) > most)) or "nothing"
