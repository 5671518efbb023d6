"""The objects a graph is made of: inputs, parameters, constants, and the nodes that ops make of them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from operator import attrgetter
from types import NoneType
from typing import Any

import numpy as np

from minigrad import ops
from minigrad._format import describe_value, format_number, list_labels, printable
from minigrad._validation import check_bool, checked_shape, checked_value, requested_shape, shape_of
from minigrad.core import copies, floats, interpreter
from minigrad.core.interpreter import read_only, stored_value
from minigrad.core.names import scoped
from minigrad.core.operators import Operators
from minigrad.core.parameters import ParameterVector, VectorElements
from minigrad.core.passes import backward_from
from minigrad.core.plan import Plan, stacked_operands
from minigrad.core.versions import BackwardPass, changes
from minigrad.errors import OperandError, ShapeError
from minigrad.ops.base import Elementwise, Op, Shape, Value, misfit

new_object = object.__new__
"""Returns an object without attributes; looked up once, since every node needs it."""


class Node(Operators["Node"]):
    """One value of a network and how it is computed: y = op(parents).

    Ops and operators make nodes; you need not call this class. `op`, `parents`, `name` and `shape` are fixed when the
    node is made. `value` and `delta` are what the last pass computed, None before it, and arrays among them are
    read-only: a later pass computes new ones. `==` compares identity, not values, so that nodes serve as keys.

    Args:
        op: The op, or None for a leaf.
        parents: The operands, in order; one that is used twice is there twice.
        name: A name for messages and pictures, or None.
        shape: The shape of the value without a batch axis, () for a scalar.
        value: The value, or None before a pass.

    Example:
        >>> import minigrad as mg
        >>> a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
        >>> y = a * b + a
        >>> y.value, [parent.label for parent in y.parents]
        (8.0, ['×', 'a'])
        >>> y.backward()
        >>> a.grad, b.grad
        (4.0, 2.0)
    """

    __slots__ = ("_delta", "_pass", "_value", "_version", "name", "op", "parents", "shape")

    def __init__(self, op: Op | None, parents: tuple[Node, ...], name: str | None, shape: Shape, value: Value) -> None:
        if type(self) is Node and not (
            isinstance(op, Op)
            and isinstance(parents, tuple)
            and all(isinstance(parent, Node) for parent in parents)
            and isinstance(shape, tuple)
            and (name is None or isinstance(name, str))
        ):
            found, cure = describe_value(op), "Call the op: minigrad.tanh(x, name=…) makes the node of tanh and x."
            raise OperandError("not the parts of a node", found=found, cure=cure)
        self.op = op
        self.parents = parents
        self.name = name
        self.shape = shape
        self._value = value
        self._version = changes.latest
        self._delta: Value = None
        self._pass: BackwardPass | None = None

    value = property(attrgetter("_value"), doc="The value that the last forward pass computed; None before it.")
    delta = property(attrgetter("_delta"), doc="∂L/∂value, L the root of the last backward pass; None before it.")
    grad = property(attrgetter("_delta"), doc="The gradient ∂L/∂value: the same number as `delta`.")

    @property
    def kind(self) -> str:
        """The textbook's word for the node: "input", "parameter", "weighted sum", "activation", "loss", …"""
        return self.op.kind if self.op is not None else "constant"

    @property
    def label(self) -> str:
        """The text that pictures write on the node: its name, else the label of its op."""
        return self.name or (self.op.label if self.op is not None else self.kind)

    @property
    def ndim(self) -> int:
        """The number of axes, a batch axis not counted."""
        return len(self.shape)

    @property
    def T(self) -> Node:
        """The node with its axes reversed, xᵀ for a matrix."""
        return ops.permute_dims(self)

    def backward(self) -> None:
        """Compute ∂L/∂node for every node that this one, L, is made of, and store it there as `delta`.

        If the value has a batch axis, L is its mean over the batch.

        Raises:
            PassError: If a value is missing, since no forward pass was run, or a leaf was changed after this node was
                computed from it.
            ShapeError: If this node is not a scalar.

        Example:
            >>> import minigrad as mg
            >>> w = mg.Parameter(3.0, "w")
            >>> (w * w).backward()
            >>> w.grad
            6.0
        """
        backward_from(self)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state of a copy by name: all slots, and the attributes of an instance of a user's subclass."""
        state: Any = super().__getstate__()
        attributes, slots = state
        return {**slots, **(attributes or {})}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the state of a copy: its arrays are read-only, its numbers count among those of this process."""
        for name, value in state.items():
            of_numpy = isinstance(value, (np.ndarray, np.generic))
            is_number = of_numpy and name in ("_value", "_delta", "_own_value", "_own_delta")
            setattr(self, name, read_only(value) if is_number else value)
        changes.include(self._version, self._pass)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return copies.new_node, (type(self), copies.written_before(self)), self.__getstate__()

    __deepcopy__ = copies.deep_copy

    @staticmethod
    def __apply__(op: Op, operands: tuple[Any, ...], name: str | None = None) -> Node:
        """Return the node that an op makes of its operands, evaluated at once where every parent has a value.

        Numbers and arrays among the operands become constants. Raises ShapeError where counts or shapes do not fit, and
        OperandError for what is neither a node nor a number.
        """
        count = len(operands)
        if op.arity != count or not count:
            op.check_count(count)
            return evaluated(op, starred_parents(op, operands, name) if op.stars else as_nodes(operands), name)
        value: Value = None
        if count == 2:  # as in `interpreter.float_value`, without its calls
            first, second = operands
            if not (isinstance(first, Node) and isinstance(second, Node)):
                operands = first, second = as_node(first), as_node(second)
            a, b = first._value, second._value
            if type(a) is float and type(b) is float:
                try:
                    value = op.forward(floats, a, b)
                except floats.UNREADABLE:
                    value = None
        elif count == 1 and isinstance(operands[0], Node):
            x = operands[0]._value
            if type(x) is float:
                try:
                    value = op.forward(floats, x)
                except floats.UNREADABLE:
                    value = None
        else:
            operands = as_nodes(operands)
            value = interpreter.float_value(op, operands, stored_value)
        if type(value) is not float:
            return evaluated(op, operands, name)
        node = new_object(Node)  # `node_of` in place: the call would take a tenth of the time
        node.op = op
        node.parents = operands
        node.name = name if name is None else scoped(name)
        node.shape = ()
        node._value = value
        node._version = changes.latest
        node._delta = None
        node._pass = None
        return node

    @property
    def title(self) -> str:
        """The words for the node in messages: its kind and name, or else its label."""
        return printable(f"{self.kind} {self.name}" if self.name else f"unnamed {self.label} node")

    def __str__(self) -> str:
        value = self._value
        if np.ndim(value):
            return f"{self.title} =\n{np.array2string(value, precision=4, threshold=20, edgeitems=2)}"
        return printable(f"{self.title} = {format_number(value)}")

    def __repr__(self) -> str:
        formula = f" = {self.op.label}({list_labels(self.parents)})" if self.op is not None else ""
        shape = f" of shape {self.shape}" if self.shape else ""
        numbers = f"value {format_number(self._value)}, delta {format_number(self._delta)}"
        return printable(f"<{self.title}{formula}{shape}, {numbers}>")


def checked_leaf(value: Any, title: str) -> tuple[Shape, Value]:
    """Return the shape and the value of a leaf; raise OperandError or ShapeError where it can have none."""
    checked = checked_value(value, title)
    return () if type(checked) is float else checked_shape(shape_of(checked), title), checked


class Leaf(Node):
    """A node without parents, whose value is given rather than computed."""

    __slots__ = ()

    def __init__(self, value: Any, name: str | None = None) -> None:
        full_name = scoped(name)
        shape, checked = checked_leaf(value, name or self.kind)
        Node.__init__(self, None, (), full_name, shape, checked)


class Assignable(Leaf):
    """A leaf whose value may be assigned anew."""

    __slots__ = ()

    def _assign(self, value: Any) -> None:
        """Set the value; raise ShapeError for one of another shape. All that was computed from the old one is stale."""
        self._value = self._checked(value)
        self._version = changes.advance()

    def _checked(self, value: Any) -> Value:
        """Return a new value, a copy of an array; raise ShapeError for one of another shape."""
        checked = checked_value(value, self.title) if self.shape or type(value) is not float else value
        if (self.shape or type(checked) is not float) and np.shape(checked) != self.shape:
            raise ShapeError("a value of another shape", node=self.title, found=np.shape(checked), expected=self.shape)
        return checked

    value = property(
        attrgetter("_value"),
        _assign,
        doc="The value, a float or a read-only array; assigning one of another shape raises ShapeError.",
    )


class Input(Assignable):
    """An input xᵢ, whose value is fed anew for every sample or batch.

    Args:
        name: A name, by which the input can also be fed.
        shape: The shape of one sample, without a batch axis; () for a scalar.
        value: A value to begin with; the nodes built from the input are then evaluated as they are built.

    Raises:
        ShapeError: If the value has another shape.
        OperandError: If the value is not a number or an array of numbers.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Input("x")
        >>> y = x * x
        >>> mg.Graph(y).forward({x: 3.0})
        9.0
        >>> mg.Input("pixels", shape=(28, 28)).ndim
        2
    """

    __slots__ = ()
    kind = "input"

    def __init__(self, name: str | None = None, shape: int | Sequence[int] = (), value: Any = None) -> None:
        full_name = scoped(name)
        Node.__init__(self, None, (), full_name, requested_shape(shape, name or self.kind), None)
        if value is not None:
            self._value = self._checked(value)


class Parameter(VectorElements, Assignable):
    """A weight or bias, which training moves against its gradient unless `trainable` is False.

    Once its graph is compiled, its value and δ are read from, and assigned to, the vectors that compiled steps use;
    arrays are read as copies. Training and `w.value = …` leave `grad` as it is, so that a loop over all parameters can
    move one after another.

    Args:
        value: The value to begin with: a number, or anything that NumPy makes an array of numbers of.
        name: A name for messages and pictures.

    Raises:
        OperandError: If the value is not a number or an array of numbers.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Parameter(0.5, "w")
        >>> mg.squared_error(w * 2.0, 3.0).backward()
        >>> w.value -= 0.1 * w.grad
        >>> w.value
        0.9
    """

    __slots__ = ("_home", "_own_delta", "_own_pass", "_own_value", "_own_version", "_passes", "_trainable")
    kind = "parameter"

    def __init__(self, value: Any, name: str | None = None) -> None:
        self.op = None
        self.parents = ()
        self.name = name if name is None else scoped(name)
        if type(value) is float:
            self.shape: Shape = ()
            self._own_value: Value = value
        else:
            self.shape, self._own_value = checked_leaf(value, name or self.kind)
        self._own_version = changes.latest
        self._own_delta: Value = None
        self._own_pass: BackwardPass | None = None
        self._home: tuple[ParameterVector, int] | None = None
        self._passes = 0
        self._trainable = True

    def _set_trainable(self, trainable: bool) -> None:
        self._trainable = check_bool(trainable, "trainable")
        changes.trainable_flags += 1

    trainable = property(attrgetter("_trainable"), _set_trainable, doc="Whether training moves the parameter.")

    value = property(lambda self: read_only(self._value), Assignable._assign, doc=Assignable.value.__doc__)
    delta = property(lambda self: read_only(self._delta), doc=Node.delta.__doc__)
    grad = property(lambda self: read_only(self._delta), doc=Node.grad.__doc__)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state of a copy, which has numbers of its own and lives in no vector."""
        state = super().__getstate__()
        for name in ("_delta", "_pass", "_value", "_version"):
            number = state.pop(name)
            state[f"_own{name}"] = deepcopy(number) if isinstance(number, np.ndarray) else number
        return state | {"_home": None, "_passes": 0}


class Constant(Leaf):
    """A number or array that no pass and no training changes.

    Numbers and arrays among the operands of an op become constants by themselves.

    Args:
        value: A number, or anything that NumPy makes an array of numbers of.
        name: A name for messages and pictures.

    Raises:
        OperandError: If the value is not a number or an array of numbers.

    Example:
        >>> import minigrad as mg
        >>> half = mg.Constant(0.5, "half")
        >>> (half * mg.Parameter(3.0, "w")).value
        1.5
    """

    __slots__ = ()
    kind = "constant"

    @property
    def label(self) -> str:
        return self.name or (format_number(self._value) if not self.shape else self.kind)


def node_of(
    op: Op | None,
    parents: tuple[Node, ...],
    name: str | None,
    shape: Shape,
    value: Value,
    node_class: type[Node] = Node,
) -> Node:
    """Return the node of parts that are right, without checking them as `Node` does."""
    node = new_object(node_class)
    node.op = op
    node.parents = parents
    node.name = name
    node.shape = shape
    node._value = value
    node._version = changes.latest
    node._delta = None
    node._pass = None
    return node


class Mask(Leaf):
    """What dropout multiplies by: 1, except in a step of training, which draws it anew; `minigrad.dropout` makes it.

    It is no input, and nobody feeds it.

    Args:
        rate: The share of elements that are 0 in training, at least 0 and below 1.
        shape: The shape for one sample.

    Example:
        >>> import minigrad as mg
        >>> x, mask = mg.dropout(mg.Input("x", 3), 0.5).parents
        >>> mask.label, mask.value.tolist()
        ('mask 0.5', [1.0, 1.0, 1.0])
    """

    __slots__ = ("rate",)
    kind = "mask"

    def __init__(self, rate: float, shape: Shape = ()) -> None:
        self.rate = rate
        Node.__init__(self, None, (), None, shape, np.ones(shape) if shape else 1.0)

    @property
    def label(self) -> str:
        return f"mask {self.rate:g}"

    @property
    def ones(self) -> Value:
        """The value outside of training."""
        return np.ones(self.shape) if self.shape else 1.0


shape_of_node = attrgetter("shape")
"""The shape of a node, read faster than in a loop."""


def evaluated(op: Op, parents: tuple[Node, ...], name: str | None) -> Node:
    """Return the node with its shape and, where every parent has one, its value."""
    is_scalar = type(op).shape is Elementwise.shape and not any(map(shape_of_node, parents))
    if is_scalar and NoneType in map(type, map(stored_value, parents)):  # there is nothing to compute
        return node_of(op, parents, name if name is None else scoped(name), (), None)
    steps: list[Any] = []
    starred = op.stars and not parents[0].shape
    operands = stacked_operands(op, parents, {}, steps) if starred else parents
    try:
        shape = op.shape(*(operand.shape for operand in operands))
    except ValueError as error:
        found = ", ".join(f"{parent.label} {parent.shape}" for parent in parents)
        raise misfit(op, [operand.shape for operand in operands], found, name) from error
    node = node_of(op, parents, scoped(name), shape, None)
    leaves: dict[Any, Value] = {}
    for parent in parents:
        value = leaves[parent] = parent._value
        if value is None:
            break
    else:
        plan = Plan((node,), [node], [*steps, node], {node: operands})
        node._value = read_only(interpreter.run_forward(plan, leaves)[node])
    return node


def starred_parents(op: Op, operands: Sequence[Any], name: str | None) -> tuple[Node, ...]:
    """Return the parents of a starred op: flat where every starred operand is a row of scalars, else one array each.

    A row of numbers in an array, beside single nodes, is a row of scalars too.
    """
    rows: list[Any] = [list(map(as_node, row)) if isinstance(row, (list, tuple)) else as_node(row) for row in operands]
    starred = [index for index, operand in enumerate(op.operands) if operand.startswith("*")]
    for index in starred:
        if isinstance(rows[index], Node) and not rows[index].shape:
            rows[index] = [rows[index]]
    lists = [rows[index] for index in starred if isinstance(rows[index], list)]
    if 0 < len(lists) < len(starred) and not any(node.shape for row in lists for node in row):
        for index in starred:
            row = rows[index]
            if isinstance(row, Node) and row is not operands[index] and row.ndim == 1:
                rows[index] = [Constant(number) for number in row.value.tolist()]
    if any(isinstance(rows[index], Node) or any(node.shape for node in rows[index]) for index in starred):
        return tuple(ops.stack(row, axis=-1) if isinstance(row, list) else row for row in rows)
    counts = [len(rows[index]) for index in starred]
    if len(set(counts)) > 1 or not counts[0]:
        raise ShapeError(
            f"{op.label} takes as many {' as '.join(op.operands[index].lstrip('*') for index in starred)}",
            node=name,
            found=" and ".join(map(str, counts)),
            expected="equal counts, at least 1",
            cure="Give one for each.",
        )
    return tuple(node for row in rows for node in (row if isinstance(row, list) else [row]))


def as_nodes(items: tuple[Any, ...]) -> tuple[Node, ...]:
    """Return nodes as they are, numbers and arrays as constants."""
    for item in items:
        if not isinstance(item, Node):
            return tuple(map(as_node, items))
    return items


def as_node(item: Any) -> Node:
    """Return a node as it is, a number or array as a constant."""
    if isinstance(item, Node):
        return item
    if type(item) is float or (type(item) is int and item.bit_length() < 64):  # needs no check
        return node_of(None, (), None, (), float(item), Constant)
    return Constant(item)
