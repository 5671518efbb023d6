"""A graph: some nodes and all they are made of, with its inputs, its parameters and its two passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from math import prod
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from minigrad._format import describe_value, join_elided, printable, shorten
from minigrad._io import write_file
from minigrad._validation import FLOAT64, check_bool, check_dtype, check_integer, check_text, checked_value
from minigrad.compiler.engine import Engine
from minigrad.compiler.graph_engines import GraphEngines
from minigrad.core.feeds import feeds_by_node, input_values
from minigrad.core.interpreter import Values, read_only
from minigrad.core.node import Constant, Input, Mask, Node, Parameter
from minigrad.core.node_table import NodeTable
from minigrad.core.parameters import ParameterVector
from minigrad.core.passes import backward_pass, clear_nodes, forward_pass, single_root
from minigrad.core.plan import make_plan
from minigrad.core.threads import OneThread
from minigrad.core.vector_plan import VectorPlan
from minigrad.core.versions import changes
from minigrad.errors import FeedError, GraphError, OperandError, PassError, ShapeError
from minigrad.ops.base import Value
from minigrad.structure import Units, find_units, read_structure
from minigrad.textbook_names import TextbookNames

if TYPE_CHECKING:
    from pathlib import Path

Feeds = Mapping[Any, Any]
"""Values of inputs, keyed by node or by name; each may carry a batch axis in front of the input's own shape.

A tuple of scalar inputs stands for the columns of an array of shape (samples, inputs), or of one row.
"""

MANY_PARAMETERS = 8
"""From how many parameters in a vector it is faster to read that than each of them."""
MOST_SAMPLES = 10**9
"""How many samples a batch may have."""


class Graph:
    """Everything that some outputs are made of: `nodes`, `inputs`, `parameters` and `outputs`.

    `nodes` are in topological order, parents first; the position of a node in it is its number in pictures.
    `graph["name"]` is the node of that name, `node in graph` and `len(graph)` work as for a set of nodes.

    Args:
        outputs: A node, or several.
        unused_inputs: Inputs that no output depends on, but that may be fed nevertheless.

    Raises:
        GraphError: If a node is its own ancestor, if two nodes have the same name, or if there are no outputs. Only
            computed nodes and constants whose names begin with δ, derivatives such as those that `gradient_graph`
            makes, may share a name; they are then not found by it.
        OperandError: If an output is not a node.

    Example:
        >>> import minigrad as mg
        >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
        >>> graph = mg.Graph(mg.tanh(w * x, name="y"))
        >>> len(graph), graph["w"] is w
        (4, True)
        >>> graph
        <Graph of 4 nodes, 1 inputs, 1 parameters, outputs y>
    """

    def __init__(self, outputs: Node | Sequence[Node], *, unused_inputs: Sequence[Input] = ()) -> None:
        self.outputs: tuple[Node, ...] = tuple(outputs) if isinstance(outputs, Sequence) else (outputs,)
        for output in self.outputs:
            if not isinstance(output, Node):
                raise OperandError(
                    "not a node", found=f"{type(output).__name__} {describe_value(output)}", expected="a node"
                )
        if not self.outputs:
            raise GraphError("a graph without outputs", expected="at least one output node")
        self.plan = make_plan(self.outputs)
        self.nodes: tuple[Node, ...] = tuple(self.plan.nodes)
        self.table = NodeTable(self.nodes)
        """The nodes looked up by name, by position and by what reads them."""
        leaves = [node for node in self.nodes if node.op is None]
        self.parameters: tuple[Parameter, ...] = tuple([node for node in leaves if isinstance(node, Parameter)])
        if self.parameters:  # of most networks nearly all leaves
            leaves = [node for node in leaves if not isinstance(node, Parameter)]
        self.inputs: tuple[Input, ...] = tuple([node for node in leaves if isinstance(node, Input)])
        self.masks: tuple[Mask, ...] = tuple([node for node in leaves if isinstance(node, Mask)])
        self._fed_leaves = [node for node in leaves if not isinstance(node, (Constant, Mask))]
        """The leaves that have the value of the last feed: the inputs, and what may have no value yet."""
        self._last_vector_plan: tuple[ParameterVector, VectorPlan | None] | None = None
        """The last vector that parameters of this graph lived in, and the plan if it has all of them and no others."""
        used = {*self.inputs} if unused_inputs else ()
        self.unused_inputs = tuple(node for node in unused_inputs if node not in used)
        self._frozen: tuple[int, list[int]] = (-1, [])
        self._cleared_after: tuple[int, int] | None = None
        """The latest passes of this process when the values of nodes were last forgotten."""
        self._engines = GraphEngines(self.plan)
        self.one_thread = OneThread("a graph that passes or training write into")

    def __getitem__(self, name: str) -> Node:
        """Return the node of that name; raise GraphError if there is none."""
        if not isinstance(name, str) or name not in self.table.by_name:
            is_shared = isinstance(name, str) and name in self.table.shared_names
            raise GraphError(
                "a name that several derivatives share" if is_shared else "no node of that name",
                found=describe_value(name),
                expected=f"one of {join_elided([*self.table.by_name]) or 'nothing'}",
            )
        return self.table.by_name[name]

    def __contains__(self, node: Node) -> bool:
        return node in self.position

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return printable(
            f"<Graph of {len(self.nodes)} nodes, {len(self.inputs)} inputs, {len(self.parameters)} parameters, "
            f"outputs {', '.join(output.label for output in self.outputs[:8])}>"
        )

    def forward(self, feeds: Feeds | None = None) -> Value:
        """Compute the value of every node and return that of the output.

        Args:
            feeds: The values of inputs, by node or by name, each of the shape of its input or with a batch axis before
                it. A tuple of scalar inputs, such as `network.inputs`, is fed an array of shape (samples, inputs), or
                one row of it. An input that is not fed keeps the value it has.

        Returns:
            The value of the output, a float or an array; a tuple where there are several outputs. The value of a loss
            over a batch is its mean, while `node.value` has that of every sample.

        Raises:
            FeedError: If an input has no value, or a feed belongs to no input or is not a number.
            ShapeError: If a feed has another shape, or batches differ in size. The graph then stays as it was.
            ThreadError: If another thread is in a pass over this graph, or trains it.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
            >>> graph = mg.Graph(w * x)
            >>> graph.forward({"x": 4.0})
            2.0
            >>> graph.forward({x: [1.0, 2.0]}).tolist()
            [0.5, 1.0]
        """
        if not self.one_thread.acquire(False):
            raise self.one_thread.error()
        try:
            self._forward(feeds, self._vector_plan)
            return forward_result(self.outputs, [output.value for output in self.outputs])
        finally:
            self.one_thread.release()

    def _forward(self, feeds: Feeds | None, vector_plan: VectorPlan | None) -> Values:
        """Run forward and store the value of every node; return what `forward_pass` returns."""
        fed = self._fed(feeds)
        inputs, _ = input_values(self._fed_leaves, fed)
        leaves = self._leaf_values(inputs, None if vector_plan is None else vector_plan.values())
        return forward_pass(self.plan, leaves, fed, vector_plan)

    def backward(self, deltas: Mapping[Node | str, Any] | None = None) -> None:
        """Compute ∂L/∂node for every node, where L is the output (its mean over a batch), and store it as `delta`.

        Args:
            deltas: ∂L/∂node at the nodes, or names of nodes, from which to start. By default it is 1 at the one output,
                which must be a scalar, and 1/B for each sample of a batch of B.

        Raises:
            PassError: If no forward pass was run, or not since a leaf was assigned or fed to another graph.
            ShapeError: If the output is not one scalar, or a derivative has another shape than the value of its node.
            FeedError: If a node is not in this graph.
            ThreadError: If another thread is in a pass over this graph, or trains it.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
            >>> graph = mg.Graph(w * x)
            >>> _ = graph.forward({x: 4.0})
            >>> graph.backward()
            >>> w.grad
            4.0
        """
        if not self.one_thread.acquire(False):
            raise self.one_thread.error()
        try:
            seeds = None if deltas is None else self._seeds(deltas)
            is_at_parameter = any(isinstance(node, Parameter) for node in seeds or ())
            backward_pass(self.plan, seeds, vector_plan=None if is_at_parameter else self._vector_plan)
        finally:
            self.one_thread.release()

    def forward_and_backward(self, feeds: Feeds | None = None) -> Value:
        """Run `forward` and then `backward`, in less time than the two calls take, and return the value of the output.

        Args:
            feeds: The values of inputs, as in `forward`.

        Returns:
            What `forward` returns.

        Raises:
            FeedError: If an input has no value, or a feed belongs to no input or is not a number.
            ShapeError: If the output is not one scalar, a feed has another shape, or batches differ in size.
            ThreadError: If another thread is in a pass over this graph, or trains it.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
            >>> mg.Graph(w * x).forward_and_backward({x: 4.0}), w.grad
            (2.0, 4.0)
        """
        if not self.one_thread.acquire(False):
            raise self.one_thread.error()
        try:
            single_root(self.plan)  # raises before anything is computed anew
            vector_plan = self._vector_plan
            backward_pass(self.plan, None, self._forward(feeds, vector_plan), vector_plan)
            return forward_result(self.outputs, [output.value for output in self.outputs])
        finally:
            self.one_thread.release()

    @property
    def _vector_plan(self) -> VectorPlan | None:
        """The plan over the vector that just the parameters of this graph live in, if there is one that is worth it."""
        home = self.parameters[0]._home if len(self.parameters) >= MANY_PARAMETERS else None
        if home is None or not home[0].attached:
            return None
        vector = home[0]
        if self._last_vector_plan is None or self._last_vector_plan[0] is not vector:
            is_ours = {*vector.parameters} == {*self.parameters}
            self._last_vector_plan = vector, VectorPlan(self.plan, vector) if is_ours else None
        return self._last_vector_plan[1]

    def _seeds(self, deltas: Mapping[Node | str, Any]) -> dict[Node, Value]:
        """Return the δ from which to start, checked."""
        if not isinstance(deltas, Mapping):
            raise FeedError("deltas without keys", found=type(deltas).__name__, cure="Pass {output: delta}, or names.")
        seeds = {(node := self.table.member(key)): checked_value(delta, node.title) for key, delta in deltas.items()}
        for node, delta in seeds.items():
            if node.value is None:
                raise PassError("no value yet", node=node.title, cure="Feed the inputs with Graph.forward first.")
            if np.shape(delta) != np.shape(node.value):
                raise ShapeError(
                    "a delta that does not fit", node=node.title, found=np.shape(delta), expected=np.shape(node.value)
                )
        return seeds

    def compile(self, dtype: Any = np.float64, engine: str = "auto") -> CompiledGraph:
        """Compile the graph to array code: like nodes become arrays, weighted sums matrix products, passes NumPy code.

        A second call with the same arguments compiles nothing, unless a setting of an op has changed. With NumPy
        programs, the values of the parameters are in one vector from now on, which this graph and the compiled one read
        and write. Several threads may call the compiled graph at once.

        Args:
            dtype: The type of the arrays, numpy.float64, or numpy.float32 to compute with rounded copies of the
                parameters, which keep their own values.
            engine: "numpy" (array programs), "tape" or "script" (for irregular graphs, wide or narrow), "nodes" (node
                by node), or "auto" for the fastest that suits the graph.

        Returns:
            A `CompiledGraph` with the same inputs and outputs.

        Raises:
            SettingError: If there is no engine of that name, or for another type.
            CompileError: If the named engine cannot compute this graph, or not in this type; nothing has changed then.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
            >>> compiled = mg.Graph(w * x).compile()
            >>> compiled.forward({x: 4.0})
            2.0
        """
        return CompiledGraph(self, dtype, engine)

    def unique_name(self, node: Node) -> str:
        """Return the name of a node; L for a loss without a name, # and its number for other nodes.

        The number also follows a name that several derivatives share.

        Args:
            node: A node of this graph.

        Example:
            >>> import minigrad as mg
            >>> loss = mg.squared_error(mg.Parameter(3.0, "w") * 2.0, 1.0)
            >>> graph = mg.Graph(loss)
            >>> [graph.unique_name(node) for node in graph.nodes]
            ['w', '#1', '#2', '#3', 'L']
        """
        if not isinstance(node, Node) or node not in self.position:
            raise GraphError("not a node of this graph", found=describe_value(node), expected="one of its nodes")
        name = node.name
        if name:
            return f"{name} #{self.position[node]}" if name in self.table.shared_names else name
        return "L" if node is self._unnamed_loss else f"#{self.position[node]}"

    def short_name(self, node: Node) -> str:
        """Return the unique name of a node, shortened where it is long.

        Args:
            node: A node of this graph.

        Example:
            >>> import minigrad as mg
            >>> w = mg.Parameter(3.0, "a weight with quite a long name")
            >>> mg.Graph(w * 2.0).short_name(w)
            'a weight with q…ong name'
        """
        return shorten(self.unique_name(node))

    def textbook_name(self, node: Node, position: Any = None) -> str:
        """Return the name that a node of a network has in textbooks, such as x₁, w₁₂⁽¹⁾, s₂⁽¹⁾, h₂ or ŷ₁.

        - Inputs are x₁, x₂, …, targets t₁, …, outputs ŷ₁, … in the order in which the graph and its losses read them. A
          weighted sum that is an output itself is ŷₖ.
        - The j-th neuron of layer l has the sum sⱼ⁽ˡ⁾, the bias bⱼ⁽ˡ⁾ and the output hⱼ; that is hⱼ⁽ˡ⁾ where several
          layers are hidden. The weight from i to j is wᵢⱼ⁽ˡ⁾, past a layer wᵢⱼ⁽ᵏ,ˡ⁾. What is used several times has the
          name of its first use.
        - The loss is L; where it is made of several, these are L₁, L₂, ….
        - An array is x, h, s⁽ˡ⁾ or W⁽ˡ⁾. Other nodes have the name that `unique_name` returns.

        Args:
            node: A node of this graph.
            position: Which element of an array, a number or a tuple; None for all.

        Returns:
            A text that no other node or element of this graph has.

        Raises:
            GraphError: If the node is not in this graph.
            PositionError: If there is no element at this position.

        Example:
            >>> import minigrad as mg
            >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=0))
            >>> graph = network.graph
            >>> [graph.textbook_name(graph[name]) for name in ("x2", "h3.w2", "h3.s", "h3", "y1.b", "y1", "t1")]
            ['x₂', 'w₂₃⁽¹⁾', 's₃⁽¹⁾', 'h₃', 'b₁⁽²⁾', 'ŷ₁', 't₁']
        """
        self.unique_name(node)  # raises GraphError for a node of another graph
        return self.textbook_names.name(node, position)

    @property
    def position(self) -> dict[Node, int]:
        """The position of every node in topological order."""
        return self.table.position

    @cached_property
    def parameter_count(self) -> int:
        """How many numbers the parameters have."""
        return sum(prod(parameter.shape) for parameter in self.parameters)

    @cached_property
    def units(self) -> Units:
        """The graph read as a network: inputs, neurons and other units by column, and the targets."""
        return find_units(self)

    @cached_property
    def textbook_names(self) -> TextbookNames:
        """The textbook names of all nodes."""
        return TextbookNames(read_structure(self))

    @cached_property
    def _unnamed_loss(self) -> Node | None:
        """The one output, where it is a scalar made of a loss and has no name, and no other node is called L."""
        (root, *others) = self.outputs
        if others or root.shape or root.name or any(node.name == "L" for node in self.nodes):
            return None
        return root if any(node.kind == "loss" for node in reversed(self.nodes)) else None

    @property
    def frozen_positions(self) -> list[int]:
        """Which parameters are not trainable, by their positions among all; looked up anew after a flag has changed."""
        count = changes.trainable_flags
        if self._frozen[0] != count:
            self._frozen = count, [index for index, node in enumerate(self.parameters) if not node.trainable]
        return self._frozen[1]

    @property
    def training_engine(self) -> Engine:
        """The fastest engine that trains this graph in float64."""
        return self._engines.engine("auto", FLOAT64, training=True)

    def engine(self, name: str = "auto", dtype: Any = np.float64, training: bool = False) -> Engine:
        """Return an engine for this graph, the one that it returned before unless the settings of an op have changed.

        Args:
            name: The name of the engine, or "auto".
            dtype: The type of the arrays.
            training: Whether the engine must be ready soon, rather than be as fast as can be.

        Raises:
            SettingError: If there is no engine of that name, or for a type other than float64 and float32.
            CompileError: If the named engine cannot compute this graph, or not in this type.

        Example:
            >>> import minigrad as mg
            >>> graph = mg.Graph(mg.Parameter(3.0, "w") * 2.0)
            >>> graph.engine() is graph.engine()
            True
        """
        return self._engines.engine(check_text(name, "engine"), check_dtype(dtype), check_bool(training, "training"))

    def forget_pass(self, parameters: ParameterVector | None = None) -> None:
        """Forget the values of computed nodes and every δ, as before a pass; at once for parameters in one vector.

        Args:
            parameters: The vector that the parameters live in, if they do.

        Example:
            >>> import minigrad as mg
            >>> y = mg.Parameter(3.0, "w") * 2.0
            >>> mg.Graph(y).forget_pass()
            >>> print(y.value)
            None
        """
        if parameters is None or not parameters.attached or len(parameters.parameters) < len(self.parameters):
            clear_nodes(self.nodes)
        else:
            if self._cleared_after != (passes := (changes.latest_pass, changes.latest_backward)):
                clear_nodes(self._other_nodes)  # which may have numbers again
                self._cleared_after = passes
            parameters.count_pass(has_gradient=False)

    @cached_property
    def _other_nodes(self) -> list[Node]:
        """The nodes that are not parameters."""
        return [node for node in self.nodes if not isinstance(node, Parameter)]

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy is made of: the outputs. Its engines are made on demand, for its own parameters."""
        return type(self), (self.outputs,), {"unused_inputs": self.unused_inputs}

    def __copy__(self) -> Graph:
        return deepcopy(self)

    def leaves(self, feeds: Feeds) -> dict[Node, Value]:
        """Return the value of every leaf under the given feeds, checked and with one batch size throughout.

        Args:
            feeds: The values of inputs, by node or by name.

        Raises:
            FeedError: If an input has no value, or a feed belongs to no input or is not a number.
            ShapeError: If a feed has another shape, or batches differ in size.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(3.0, "w")
            >>> list(mg.Graph(w * x).leaves({"x": 2.0}).values())
            [3.0, 2.0]
        """
        inputs, _ = input_values(self._fed_leaves, self._fed(feeds))
        values = self._leaf_values(inputs)
        return {node: read_only(values[node]) for node in self.nodes if node.op is None}

    def _fed(self, feeds: Feeds | None) -> dict[Node, Value]:
        """Return the feeds by node, checked, and 1 for masks, in which a step of training may have left others."""
        fed = feeds_by_node({} if feeds is None else feeds, self.table, self.unused_inputs)
        return fed | self._ones if self.masks else fed

    def _leaf_values(self, inputs: Mapping[Node, Value], parameters: Values | None = None) -> Values:
        """Return the value of every leaf, those of the inputs as they are; `parameters` are added to."""
        if parameters is None:
            vector_plan = self._vector_plan
            parameters = (
                {node: node._value for node in self.parameters} if vector_plan is None else vector_plan.vector.values()
            )
        for leaves in (self._constants, self._ones, inputs):
            parameters |= leaves
        return parameters

    @cached_property
    def _constants(self) -> dict[Node, Value]:
        """The values of the constants."""
        return {node: node._value for node in self.nodes if isinstance(node, Constant)}

    @property
    def _ones(self) -> dict[Node, Value]:
        """The values of the masks outside of training."""
        return {mask: mask.ones for mask in self.masks}


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
        "no graph",
        found=f"{type(what).__name__} {describe_value(what)}"[:100],
        expected="a node, a sequence of nodes, a graph or a network",
    )


class CompiledGraph:
    """A compiled graph: the same inputs and outputs, computed by an engine; `Graph.compile` makes it.

    The engine runs straight-line NumPy programs over matrices, groups of like nodes on a tape, a script over floats, or
    one node after another.

    Args:
        graph: The graph to compile.
        dtype: The type of the arrays.
        engine: The name of the engine.

    Raises:
        SettingError: If there is no engine of that name.
        CompileError: If the named engine cannot compute this graph.

    Example:
        >>> import minigrad as mg
        >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
        >>> compiled = mg.Graph(mg.squared_error(w * x, 1.0)).compile()
        >>> compiled.gradient({x: 4.0}), w.grad
        (0.5, 4.0)
    """

    def __init__(self, graph: Graph, dtype: Any = np.float64, engine: str = "auto") -> None:
        self.graph = graph_of(graph)
        self.engine = self.graph.engine(engine, dtype)
        self._settings = dtype, engine
        self._batched_outputs: dict[frozenset[Node], list[bool]] = {}

    def __repr__(self) -> str:
        return f"<CompiledGraph by {type(self.engine).__name__} of {self.graph!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy is made of: the graph, which is compiled anew."""
        return type(self), (self.graph, *self._settings)

    def __copy__(self) -> CompiledGraph:
        return deepcopy(self)

    @property
    def source(self) -> str:
        """The NumPy code that runs for one sample: forward, and backward where there is a loss with parameters."""
        return printable(self.engine.source, "ascii")

    def forward(self, feeds: Feeds | None = None) -> Value:
        """Return what `Graph.forward` returns; the values and δ of the nodes stay as they are.

        Args:
            feeds: The values of inputs, by node or by name, as in `Graph.forward`.

        Returns:
            The value of the output, or a tuple of those of several.

        Raises:
            FeedError: If an input has no value, or a feed belongs to no input or is not a number.
            ShapeError: If a feed has another shape, or batches differ in size.

        Example:
            >>> import minigrad as mg
            >>> x = mg.Input("x")
            >>> mg.Graph(x * x).compile().forward({x: [1.0, 2.0, 3.0]}).tolist()
            [1.0, 4.0, 9.0]
        """
        inputs, batch = input_values(self.graph._fed_leaves, self.graph._fed(feeds))
        values = self.engine.outputs(self._read_by_engine(inputs), batch)
        if batch is not None and len(values) > 1:
            batched = frozenset(node for node, value in inputs.items() if np.ndim(value) > node.ndim)
            outputs = zip(self.graph.outputs, values, self._has_batch_axis(batched), strict=True)
            values = [
                value[0] if np.ndim(value) > output.ndim and not has_axis else value
                for output, value, has_axis in outputs
            ]
        return forward_result(self.graph.outputs, list(map(read_only, values)))

    def _has_batch_axis(self, batched: frozenset[Node]) -> list[bool]:
        """Return which outputs depend on the leaves that are batched: a program computes all of them behind an axis."""
        if batched not in self._batched_outputs:
            dependent = set(batched)
            for node in self.graph.nodes:
                if not dependent.isdisjoint(node.parents):
                    dependent.add(node)
            self._batched_outputs[batched] = [output in dependent for output in self.graph.outputs]
        return self._batched_outputs[batched]

    def gradient(self, feeds: Feeds | None = None) -> float:
        """Run forward and backward, store ∂L/∂w in every parameter, and return L, its mean over a batch.

        Of calls from several threads each returns its own L; the ∂L/∂w stored are those of one of them.

        Args:
            feeds: The values of inputs, by node or by name, as in `Graph.forward`.

        Returns:
            The value of the output L.

        Raises:
            ShapeError: If the output is not one scalar, or a feed does not fit.
            FeedError: If an input has no value, or a feed belongs to no input or is not a number.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(3.0, "w")
            >>> mg.Graph(w * x).compile().gradient({x: 2.0}), w.grad
            (6.0, 2.0)
        """
        single_root(self.graph.plan)
        inputs, batch = input_values(self.graph._fed_leaves, self.graph._fed(feeds))
        return self.engine.gradient(self._read_by_engine(inputs), batch)

    def export(self, path: str | PathLike[str], batch: int | None = None) -> Path:
        """Write the forward program, for one sample or for a batch, as a Python module that needs only NumPy.

        The module holds the parameters as they are now and a function `compute` of the input arrays that returns the
        outputs by name; several threads may call it at once. The arrays are called `input_` and the name of the input.

        Args:
            path: The file to write.
            batch: The number of samples that `compute` takes; by default one sample without a batch axis.

        Returns:
            The path of the file.

        Raises:
            CompileError: If the engine has no program.
            FileError: If the file cannot be written.

        Example:
            >>> import tempfile, minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(3.0, "w")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = mg.Graph(w * x).compile(engine="numpy").export(f"{folder}/model.py")
            ...     "def compute(" in path.read_text()
            True
        """
        count = None if batch is None else check_integer(batch, "batch", 1, MOST_SAMPLES)
        return write_file(path, self.engine.export_module(count).encode())

    def _read_by_engine(self, inputs: Mapping[Node, Value]) -> Mapping[Node, Value]:
        """Return what a call of the engine is handed: the values of the inputs, or those of all leaves."""
        return self.graph._leaf_values(inputs) if self.engine.reads_all_leaves else inputs


def forward_result(outputs: Sequence[Node], values: Sequence[Value]) -> Value:
    """Return the value of each output, that of a loss as its mean over the batch; of one output without a tuple."""
    results = tuple(
        np.mean(value).item() if type(value) is not float and output.kind == "loss" and not output.shape else value
        for output, value in zip(outputs, values, strict=True)
    )
    return results if len(results) > 1 else results[0]
