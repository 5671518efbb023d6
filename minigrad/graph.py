"""A graph: some nodes and all they are made of, with its inputs, its parameters and its two passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from minigrad._format import join_elided, shorten
from minigrad._validation import checked_value
from minigrad.compiler import make_engine
from minigrad.compiler.engine import Engine, StatelessEngine
from minigrad.compiler.settings import is_fixed, snapshot
from minigrad.core.interpreter import as_float
from minigrad.core.node import Input, Node, Parameter
from minigrad.core.parameters import ParameterVector
from minigrad.core.passes import backward_pass, clear_nodes, forward_pass, single_root
from minigrad.core.plan import make_plan
from minigrad.errors import FeedError, GraphError, OperandError, PassError, ShapeError
from minigrad.ops.base import Op, Value

if TYPE_CHECKING:
    from pathlib import Path

Feeds = Mapping[Any, Any]
"""Values of inputs, keyed by node or by name; each may carry a batch axis in front of the input's own shape."""


class Graph:
    """Everything that the given outputs are made of.

    `nodes` are in topological order, parents first; a node's position in it is its number in pictures.
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
        self.position: dict[Node, int] = {node: position for position, node in enumerate(self.nodes)}
        self.inputs: tuple[Input, ...] = tuple(node for node in self.nodes if isinstance(node, Input))
        self.parameters: tuple[Parameter, ...] = tuple(node for node in self.nodes if isinstance(node, Parameter))
        self._leaves: tuple[Node, ...] = tuple(node for node in self.nodes if node.op is None)
        self._by_name = nodes_by_name(self.nodes)
        self._engines: dict[Any, tuple[Any, Engine]] = {}

    def __getitem__(self, name: str) -> Node:
        """Return the node of that name; raises GraphError where there is none."""
        if name not in self._by_name:
            raise GraphError(
                "no node of that name",
                found=repr(name),
                expected=f"one of {join_elided([*self._by_name]) or 'nothing'}",
            )
        return self._by_name[name]

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
        """Carry the feeds forward through every node and return the value of the output (of all, as a tuple).

        An input that is not fed keeps the value it has. A feed may carry a batch axis; the value of a loss is then
        returned as its mean over the batch, while `node.value` shows every sample.
        Raises FeedError for a feed that is missing, unknown or not a number, ShapeError for one that does not fit; the
        graph is then as it was.
        """
        forward_pass(self.plan, self.leaves(feeds or {}))
        return forward_result(self.outputs, [output.value for output in self.outputs])

    def backward(self, deltas: Mapping[Node | str, Any] | None = None) -> None:
        """Carry δ back from the output, where it is 1 (1/B for each of a batch of B), and store it in every node.

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

    def compile(self, dtype: Any = np.float64, engine: str = "auto") -> CompiledGraph:
        """Compile the graph to array code: like nodes become arrays, weighted sums matrix products, passes NumPy code.

        With NumPy programs, the values of the parameters are in one vector of this type from now on, which both graphs
        read and write. `engine` is "numpy", "tape" or "script" (for irregular graphs, wide or narrow), "nodes", or
        "auto" for the fastest that suits.
        Raises CompileError where the graph is not fit for the engine asked for.
        """
        return CompiledGraph(self, dtype, engine)

    def short_name(self, node: Node) -> str:
        """Return the name of a node; L for a loss without a name, # and its number for other nodes."""
        if node.name:
            return shorten(node.name)
        return "L" if node is self._unnamed_loss else f"#{self.position[node]}"

    @cached_property
    def _unnamed_loss(self) -> Node | None:
        """The one output, where it is a scalar made of a loss and has no name, and no other node is called L."""
        (root, *others) = self.outputs
        if others or root.shape or root.name or "L" in self._by_name:
            return None
        return root if any(node.kind == "loss" for node in reversed(self.nodes)) else None

    @property
    def training_engine(self) -> Engine:
        """The fastest engine that trains this graph in float64."""
        return self.engine(training=True)

    def engine(self, name: str = "auto", dtype: Any = np.float64, training: bool = False) -> Engine:
        """Return an engine for this graph, the one that it returned before unless the settings of an op have changed.

        Raises SettingError and CompileError as `compile` does.
        """
        settings = snapshot(self._changeable_ops)
        keys = [(name, np.dtype(dtype), False), (name, np.dtype(dtype), True)]
        for key in keys[: 1 + training]:
            made_for, engine = self._engines.get(key, (None, None))
            if engine is not None and settings is not None and made_for == settings:
                return engine
        engine = make_engine(self.outputs, dtype, name, training=training)
        only_for_training = training and isinstance(engine, StatelessEngine)  # it has to be ready soon
        self._engines[keys[only_for_training]] = settings, engine
        return engine

    def forget_pass(self, parameters: ParameterVector | None = None) -> None:
        """Forget the values of computed nodes and every δ, as before a pass; at once for parameters in one vector."""
        if parameters is None or not parameters.attached or len(parameters.parameters) < len(self.parameters):
            clear_nodes(self.nodes)
        else:
            clear_nodes(self._other_nodes)
            parameters.count_pass(has_gradient=False)

    @cached_property
    def _other_nodes(self) -> list[Node]:
        """The nodes that are not parameters."""
        return [node for node in self.nodes if not isinstance(node, Parameter)]

    @cached_property
    def _changeable_ops(self) -> list[Op]:
        """The different ops whose settings may change: minigrad's own are fixed."""
        ops = {id(node.op): node.op for node in self.nodes if node.op is not None}
        return [op for op in ops.values() if not is_fixed(type(op))]

    def __getstate__(self) -> dict[str, Any]:
        """Return the state of a copy, which has no engine yet: those of this graph work on its own parameters."""
        return self.__dict__ | {"_engines": {}}

    def leaves(self, feeds: Feeds) -> dict[Node, Value]:
        """Return the value of every leaf under the given feeds, checked and with one batch size throughout."""
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
            batches = " and ".join(f"{size} for {node}" for size, node in sizes.items())
            raise ShapeError("batches of different sizes", found=batches, expected="one", cure="Feed all of them anew.")
        return leaves

    def fed_value(self, node: Node, value: Any) -> Value:
        """Return one feed, checked; raises FeedError or ShapeError."""
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
        """Return the node that a key, a node or its name, stands for; raises FeedError where this graph has none."""
        node = self._by_name.get(key) if isinstance(key, str) else key
        if not isinstance(node, Node) or node not in self.position:
            raise FeedError(
                "not in this graph",
                node=str(key),
                expected=f"one of {join_elided([str(node.name) for node in self.inputs]) or 'nothing'}",
            )
        return node


@runtime_checkable
class HasGraph(Protocol):
    """Anything that has a graph, such as a network."""

    @property
    def graph(self) -> Graph: ...


def graph_of(what: object) -> Graph:
    """Return the graph of a graph, a node, several nodes or a network; raises OperandError for what has none."""
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


class CompiledGraph:
    """A graph compiled: the same inputs and outputs, computed by `engine` and mostly not node by node.

    The engine runs straight-line NumPy programs over matrices, groups of like nodes on a tape, a script over floats, or
    one node after another.
    """

    def __init__(self, graph: Graph, dtype: Any = np.float64, engine: str = "auto") -> None:
        self.graph = graph
        self.engine = graph.engine(engine, dtype)
        self._batched_outputs: dict[frozenset[Node], list[bool]] = {}

    def __repr__(self) -> str:
        return f"<CompiledGraph by {type(self.engine).__name__} of {self.graph!r}>"

    @property
    def source(self) -> str:
        """The NumPy code that runs for one sample: forward, and backward where there is a loss with parameters."""
        return self.engine.source

    def forward(self, feeds: Feeds | None = None) -> Value:
        """Return what `Graph.forward` returns; the values and δ of the nodes stay as they are."""
        leaves, batch = self.leaves(feeds)
        values = self.engine.outputs(leaves, batch)
        if batch is not None and len(values) > 1:
            batched = frozenset(node for node, value in leaves.items() if np.ndim(value) > node.ndim)
            outputs = zip(self.graph.outputs, values, self.has_batch_axis(batched), strict=True)
            values = [
                value[0] if np.ndim(value) > output.ndim and not has_axis else value
                for output, value, has_axis in outputs
            ]
        return forward_result(self.graph.outputs, list(map(as_float, values)))

    def has_batch_axis(self, batched: frozenset[Node]) -> list[bool]:
        """Return which outputs depend on the leaves that are batched: a program computes all of them behind an axis."""
        if batched not in self._batched_outputs:
            dependent = set(batched)
            for node in self.graph.nodes:
                if not dependent.isdisjoint(node.parents):
                    dependent.add(node)
            self._batched_outputs[batched] = [output in dependent for output in self.graph.outputs]
        return self._batched_outputs[batched]

    def gradient(self, feeds: Feeds | None = None) -> float:
        """Run forward and backward, store δ of every parameter; return the output, its mean over a batch."""
        single_root(self.graph.plan)
        return self.engine.gradient(*self.leaves(feeds))

    def export(self, path: str | PathLike[str], batch: int | None = None) -> Path:
        """Write the forward program, for one sample or for a batch, as a Python module that needs only NumPy.

        The module holds the parameters as they are now and a function `compute` of the input arrays that returns the
        outputs by name. Raises CompileError where there is no program.
        """
        from pathlib import Path  # not needed to build and train

        module = self.engine.export_module(batch)
        target = Path(path)
        target.write_text(module, encoding="utf-8")
        return target

    def leaves(self, feeds: Feeds | None) -> tuple[dict[Node, Value], int | None]:
        """Return the leaves under the given feeds, and the size of the batch if there is one."""
        leaves = self.graph.leaves(feeds or {})
        sizes = [len(value) for node, value in leaves.items() if np.ndim(value) > node.ndim]
        return leaves, sizes[0] if sizes else None


def forward_result(outputs: Sequence[Node], values: Sequence[Value]) -> Value:
    """Return the value of each output, that of a loss as its mean over the batch; of one output without a tuple."""
    results = tuple(
        np.mean(value).item() if output.kind == "loss" and not output.shape else value
        for output, value in zip(outputs, values, strict=True)
    )
    return results if len(results) > 1 else results[0]


def nodes_by_name(nodes: Sequence[Node]) -> dict[str, Node]:
    """Return nodes by name; raises GraphError for a name that two of them share."""
    by_name: dict[str, Node] = {}
    for node in nodes:
        if node.name and by_name.setdefault(node.name, node) is not node:
            raise GraphError(
                "a name used twice",
                node=node.name,
                found=f"{by_name[node.name]!r} and {node!r}",
                cure="Rename one, or build it inside minigrad.scope(…).",
            )
    return by_name
