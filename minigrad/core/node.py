"""The objects a graph is made of: inputs, parameters, constants, and the nodes that ops make of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np

from minigrad import ops
from minigrad._format import format_number, list_labels
from minigrad.core import interpreter
from minigrad.core.names import scoped
from minigrad.core.operators import Operators
from minigrad.core.parameters import ParameterVector
from minigrad.core.passes import backward_from, stored_value
from minigrad.core.plan import Plan, stacked_operands
from minigrad.errors import OperandError, ShapeError
from minigrad.ops.base import Op, Shape, Value, misfit, shape_of
from minigrad.ops.shaping import sizes


class Node(Operators):
    """One value of a network and how it came about.

    The structure (`op`, `parents`, `name`, `shape`) is fixed when the node is made. `value` and `delta` are what the
    last pass found, None before it; δ of a node is ∂L/∂(that node's value), where L is the root of the pass.
    A node is what it is, not what it holds: `==` compares identity, so nodes serve as keys.
    """

    __slots__ = ("_delta", "_value", "name", "op", "parents", "shape")

    def __init__(self, op: Op | None, parents: tuple[Node, ...], name: str | None, shape: Shape, value: Value) -> None:
        self.op = op
        self.parents = parents
        self.name = name
        self.shape = shape
        self._value = value
        self._delta: Value = None

    value = property(attrgetter("_value"), doc="The value that the last forward pass found; None before it.")
    delta = property(attrgetter("_delta"), doc="δ = ∂L/∂value, as the last backward pass found it; None before it.")
    grad = property(attrgetter("_delta"), doc="δ under its familiar name.")

    @property
    def kind(self) -> str:
        """What the node is in the textbook: input, parameter, constant, weighted sum, activation, loss, …"""
        return self.op.kind if self.op is not None else "constant"

    @property
    def label(self) -> str:
        """What is written on the node: its name, else the label of its op."""
        return self.name or (self.op.label if self.op is not None else self.kind)

    @property
    def ndim(self) -> int:
        """Number of axes, a batch axis not counted."""
        return len(self.shape)

    @property
    def T(self) -> Node:
        """The axes reversed."""
        return ops.permute_dims(self)

    def backward(self) -> None:
        """Carries δ from this node, where it is 1, back to every node it is made of, and stores it there as `delta`.

        A value with a batch axis counts as its mean over the batch. Raises PassError before a forward pass, and
        ShapeError unless the node is a scalar.
        """
        backward_from(self)

    @staticmethod
    def __apply__(op: Op, operands: tuple[Any, ...], name: str | None = None) -> Node:
        """The node that an op makes of its operands, evaluated at once where every parent has a value.

        Numbers and arrays among the operands become constants. Raises ShapeError where counts or shapes do not fit, and
        OperandError for what is neither a node nor a number.
        """
        if op.arity != len(operands) or not operands:
            op.check_count(len(operands))
            return evaluated(op, starred_parents(op, operands, name) if op.stars else as_nodes(operands), name)
        parents = as_nodes(operands)
        value = interpreter.float_value(op, parents, stored_value)
        return evaluated(op, parents, name) if value is None else Node(op, parents, name and scoped(name), (), value)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else f"unnamed {self.label} node"

    def __repr__(self) -> str:
        made = f" = {self.op.label}({list_labels(self.parents)})" if self.op is not None else ""
        shape = f" of shape {self.shape}" if self.shape else ""
        return f"<{self}{made}{shape}, value {format_number(self._value)}, δ {format_number(self._delta)}>"


class Leaf(Node):
    """A node without parents, whose value is given rather than computed."""

    __slots__ = ()

    def __init__(self, value: Any, name: str | None = None) -> None:
        who = name or self.kind
        checked = checked_value(value, who)
        shape = () if type(checked) is float else checked_shape(shape_of(checked), who)
        super().__init__(None, (), scoped(name), shape, checked)


class Assignable(Leaf):
    """A leaf whose value may be assigned anew."""

    __slots__ = ()

    @property
    def value(self) -> Value:
        """The value; assigning one of another shape raises ShapeError and leaves the old one in place."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        checked = checked_value(value, str(self))
        if np.shape(checked) != self.shape:
            raise ShapeError("a value of another shape", node=str(self), found=np.shape(checked), expected=self.shape)
        self._value = checked


class Input(Assignable):
    """An input xᵢ, fed anew for every sample; `shape` is that of one sample, without a batch axis.

    With `value` the nodes built from it are evaluated as they are built.
    """

    __slots__ = ()
    kind = "input"

    def __init__(self, name: str | None = None, shape: int | Sequence[int] = (), value: Any = None) -> None:
        own = sizes(shape)
        Node.__init__(self, None, (), scoped(name), checked_shape(own, name or self.kind), None)
        if value is not None:
            self.value = value


class Parameter(Assignable):
    """A weight or bias, which training moves against its gradient.

    Once its graph is compiled, its value and δ are read from, and assigned to, the vectors that fast steps work on.
    """

    __slots__ = ("_offset", "_own_delta", "_own_value", "_passes", "_vector")
    kind = "parameter"

    def __init__(self, value: Any, name: str | None = None) -> None:
        self._vector: ParameterVector | None = None
        self._offset = self._passes = 0
        super().__init__(value, name)

    def attach(self, vector: ParameterVector, offset: int) -> None:
        """Live in a vector from now on; one that the parameter lived in before has to attach it anew."""
        if self._vector is not None and self._vector is not vector:
            self._vector.attached = False
        self._own_delta = self._delta
        self._vector, self._offset, self._passes = vector, offset, vector.passes

    @property
    def _value(self) -> Value:
        vector = self._vector
        return self._own_value if vector is None else vector.view(vector.vector, self._offset, self.shape)

    @_value.setter
    def _value(self, value: Value) -> None:
        self._own_value = value
        if self._vector is not None:
            self._vector.vector[self._offset : self._offset + prod(self.shape)] = np.ravel(value)

    @property
    def _delta(self) -> Value:
        vector = self._vector
        if vector is None or vector.passes == self._passes:
            return self._own_delta
        return vector.view(vector.gradient, self._offset, self.shape)

    @_delta.setter
    def _delta(self, delta: Value) -> None:
        self._own_delta = delta
        if self._vector is not None:
            self._passes = self._vector.passes


class Constant(Leaf):
    """A number or array that stays what it is."""

    __slots__ = ()
    kind = "constant"

    @property
    def label(self) -> str:
        return self.name or (format_number(self._value) if not self.shape else self.kind)


def evaluated(op: Op, parents: tuple[Node, ...], name: str | None) -> Node:
    """The node with its shape found and, where every parent has one, its value."""
    steps: list[Any] = []
    starred = op.stars and not parents[0].shape
    operands = stacked_operands(op, parents, {}, steps) if starred else parents
    try:
        shape = op.shape(*(operand.shape for operand in operands))
    except ValueError as error:
        found = ", ".join(f"{parent.label} {parent.shape}" for parent in parents)
        raise misfit(op, found, name, error) from error
    node = Node(op, parents, scoped(name), shape, None)
    leaves = {parent: parent._value for parent in parents}
    if not any(value is None for value in leaves.values()):
        plan = Plan((node,), [node], [*steps, node], {node: operands})
        node._value = interpreter.run_forward(plan, leaves)[node]
    return node


def starred_parents(op: Op, operands: Sequence[Any], name: str | None) -> tuple[Node, ...]:
    """The parents of a starred op: flat where every starred operand is a sequence of scalars, else one array each.

    A row of numbers in an array, beside single nodes, is a sequence of scalars too.
    """
    rows = {
        place: [as_node(item) for item in operand] if isinstance(operand, (list, tuple)) else as_node(operand)
        for place, operand in enumerate(operands)
    }
    starred = [place for place, operand in enumerate(op.operands) if operand.startswith("*")]
    for place in starred:
        row = rows[place]
        if isinstance(row, Node) and not row.shape:
            rows[place] = [row]
    lists = [row for place in starred if isinstance(row := rows[place], list)]
    if 0 < len(lists) < len(starred) and not any(item.shape for row in lists for item in row):
        for place in starred:
            row = rows[place]
            if isinstance(row, Node) and row is not operands[place] and row.ndim == 1:
                rows[place] = [Constant(number) for number in row.value.tolist()]
    if any(isinstance(rows[place], Node) or any(item.shape for item in rows[place]) for place in starred):
        return tuple(ops.stack(row, axis=-1) if isinstance(row, list) else row for row in rows.values())
    counts = [len(rows[place]) for place in starred]
    if len(set(counts)) > 1 or not counts[0]:
        raise ShapeError(
            f"{op.label} takes as many {' as '.join(op.operands[place].lstrip('*') for place in starred)}",
            node=name,
            found=" and ".join(map(str, counts)),
            expected="equal counts, at least 1",
            cure="Give one for each.",
        )
    return tuple(node for row in rows.values() for node in (row if isinstance(row, list) else [row]))


def as_nodes(items: tuple[Any, ...]) -> tuple[Node, ...]:
    """Nodes as they are, numbers and arrays as constants."""
    for item in items:
        if not isinstance(item, Node):
            return tuple(map(as_node, items))
    return items


def as_node(item: Any) -> Node:
    """A node as it is, a number or array as a constant."""
    return item if isinstance(item, Node) else Constant(item)


def checked_shape(shape: Shape, who: str) -> Shape:
    """A shape of at least one element; raises ShapeError for another."""
    if min(shape, default=1) < 1:
        raise ShapeError("a shape without elements", node=who, found=shape, expected="axes of length 1 or more")
    return shape


def checked_value(value: Any, who: str) -> Value:
    """A value as a float or a float64 array of its own; raises OperandError for what is not a number."""
    if type(value) is float:
        return value
    try:
        if isinstance(value, (int, float)):
            return float(value)
        array = np.multiply(np.asarray(value), 1.0, dtype=np.float64)  # undefined for text, None and complex numbers
    except (TypeError, ValueError, OverflowError) as error:
        raise OperandError(
            "not a number",
            node=who,
            found=f"{type(value).__name__} {value!r}",
            expected="a number or an array of numbers",
        ) from error
    return array.item() if array.ndim == 0 else array
