"""A graph as plain data, and back: every node by its number, its op by label and settings, values in one vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from functools import cached_property
from itertools import groupby
from math import isfinite, prod
from typing import Any

import numpy as np

from minigrad._format import describe_value
from minigrad._toposort import topological_order
from minigrad._validation import MAX_AXES
from minigrad.core.names import scoped
from minigrad.core.node import Constant, Input, Mask, Node, Parameter, node_of, shape_of_node
from minigrad.core.plan import grouped
from minigrad.errors import FileError
from minigrad.ops.base import Op, Shape, Value, registry

MAX_ELEMENTS = 2**24
"""How many elements a file may ask for beyond those that it contains itself."""

JSON_TYPES = (bool, int, str, type(None))
"""Settings that JSON writes as they are; floats only where they are finite."""

INTEGER = {int}
"""The type of the numbers of nodes."""

WORDS = {"kind", "name", "shape", "trainable", "rate", "op", "settings", "parents"}
"""What a spec may say about a node."""

NodeSpec = dict[str, Any]
Settings = dict[str, Any]


def encode_graph(roots: Sequence[Node]) -> tuple[dict[Node, int], list[NodeSpec], np.ndarray]:
    """Return the number of every node that the roots depend on, parents first, their specs, and all values of leaves.

    Raises FileError for an op that is not registered, or whose settings cannot be written.
    """
    nodes = topological_order(roots)
    numbers = dict(zip(nodes, range(len(nodes)), strict=True))
    ops = {id(node.op): node.op for node in nodes if node.op is not None}  # most nodes share one with many others
    settings = {op: encode_settings(op) for op in dict.fromkeys(ops.values())}
    settings_by_id = {key: settings[op] for key, op in ops.items()}
    specs = [encode_node(node, numbers, settings_by_id) for node in nodes]
    values = [node._value for node in nodes if isinstance(node, (Parameter, Constant))]
    return numbers, specs, flat_vector(values)


def encode_node(node: Node, numbers: dict[Node, int], settings: dict[int, Settings]) -> NodeSpec:
    """Return one node as JSON, given the settings of each op by its id; what is empty is left out."""
    spec: NodeSpec = {"kind": node.kind}
    if node.name is not None:
        spec["name"] = node.name
    if node.shape:
        spec["shape"] = [*node.shape]
    if node.op is not None:
        spec["op"] = node.op.label
        if settings[id(node.op)]:
            spec["settings"] = settings[id(node.op)]
        spec["parents"] = [*map(numbers.__getitem__, node.parents)]
    elif isinstance(node, Parameter):
        if not node.trainable:
            spec["trainable"] = False
    elif isinstance(node, Mask):
        spec["rate"] = node.rate
    return spec


def flat_vector(values: Sequence[Value]) -> np.ndarray:
    """Return numbers and arrays one after the other in one vector; rows of numbers are converted at once."""
    parts = [
        np.array([*row]) if row_type is float else np.concatenate([np.ravel(value) for value in row])
        for row_type, row in groupby(values, type)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def encode_settings(op: Op) -> Settings:
    """Return the settings of an op as JSON; raise FileError for an op that could not be rebuilt from them."""
    op_class = type(op)
    label = getattr(op_class, "label", None)
    if label is None or registry.get(label) is not op_class:
        raise FileError(
            f"the op {label!r} is not registered",
            node=op_class.__qualname__,
            cure="Give its class a label of its own, so that a file can name it",
        )
    names = [field.name for field in fields(op_class) if field.init]
    hidden = [
        name
        for name in vars(op)
        if name not in names and not isinstance(getattr(op_class, name, None), cached_property)
    ]
    if hidden:
        raise FileError(
            f"the op {label!r} holds more than the fields of a dataclass",
            found=", ".join(hidden),
            cure="Make it a frozen dataclass",
        )
    settings = {name: encode_setting(getattr(op, name), f"{label!r}, {name}") for name in names}
    if decode_op(label, settings) != op:
        raise FileError(f"the op {label!r} is not the same when it is made anew", found=describe_value(op))
    return settings


def encode_setting(value: Any, where: str) -> Any:
    """Return a setting as JSON: a tuple as a list, a float that JSON does not have by its name."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, JSON_TYPES):
        return plain
    if isinstance(plain, float):
        return plain if isfinite(plain) else {"float": repr(plain)}
    if isinstance(plain, tuple):
        return [encode_setting(item, where) for item in plain]
    raise FileError(
        "a setting that cannot be written", node=where, found=describe_value(value), expected="numbers or text"
    )


def decode_graph(specs: Any, values: np.ndarray) -> list[Node]:
    """Return the nodes of a list of specs, in its order; names are put behind the name scopes in force.

    Raises FileError for anything that `encode_graph` would not have written. The memory it takes is bounded by the size
    of the specs and of the values, whatever the specs claim.
    """
    if not isinstance(specs, list) or not all(isinstance(spec, dict) for spec in specs):
        raise FileError("a graph that is not a list of nodes", found=type(specs).__name__)
    if values.dtype != np.float64 or values.ndim != 1:
        raise FileError("values that are not a vector of float64", found=f"{values.dtype} of shape {values.shape}")
    decoder = GraphDecoder(values)
    for spec in specs:
        decoder.add(spec)
    if decoder.values_used != len(values):
        raise FileError("values that no node has", found=len(values), expected=decoder.values_used)
    return decoder.nodes


class GraphDecoder:
    """The nodes decoded so far, each checked against its spec, and the values and elements that they have used up."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.nodes: list[Node] = []
        self.values_used = 0
        self.elements_left = MAX_ELEMENTS + 8 * len(values)
        self.ops: dict[Any, Op] = {}
        self.scalar_ops: dict[str, Op] = {}
        """The ops without settings that made a number of one or two numbers, by label: their nodes need few checks."""
        self.shapes: dict[tuple[int, tuple[Shape, ...]], Shape] = {}

    @property
    def where(self) -> str:
        """How messages call the node that is decoded next."""
        return f"node {len(self.nodes)}"

    def add(self, spec: NodeSpec) -> None:
        """Decode the next node; raise FileError unless its spec is consistent and fits the nodes before it."""
        kind, name = spec.get("kind"), spec.get("name")
        is_named, used = name is None or isinstance(name, str), self.values_used
        if is_named and kind == Parameter.kind and len(spec) == 1 + ("name" in spec) and used < len(self.values):
            self.nodes.append(Parameter(self.values.item(used), name))  # as most nodes of a large network are
            self.values_used = used + 1
            return
        label, numbers = spec.get("op"), spec.get("parents")
        if is_named and type(label) is str and type(numbers) is list and len(spec) == 3 + ("name" in spec):
            scalar = self.scalar(kind, name, label, numbers)
            if scalar is not None:  # as most nodes of a scalar graph are
                self.nodes.append(scalar)
                return
        if not is_named or not spec.keys() <= WORDS or ("shape" in spec and not is_shape(spec["shape"])):
            raise FileError("words that describe no node", node=self.where, found=describe_value(spec))
        shape = tuple(spec["shape"]) if "shape" in spec else ()
        if "op" in spec:
            node = self.computed_node(spec)
        elif "settings" in spec or "parents" in spec:
            raise FileError("a node without an op that is made of others", node=self.where)
        elif kind == Mask.kind:
            node = self.mask(spec.get("rate"), name, shape)
        else:
            node = self.leaf(kind, name, shape)
        if node.kind != kind or node.shape != shape:
            raise FileError(
                "a node that is not what it is said to be",
                node=self.where,
                found=f"{kind} of shape {[*shape]}"[:200],
                expected=f"{node.kind} of shape {list(node.shape)}"[:200],
            )
        if "rate" in spec and kind != Mask.kind:
            raise FileError("a rate that the node cannot have", node=self.where, found=repr(spec["rate"])[:80])
        if "trainable" in spec:
            flag = spec["trainable"]
            if not isinstance(node, Parameter) or flag is not False:
                raise FileError("a flag that the node cannot have", node=self.where, found=describe_value(flag))
            node.trainable = False
        self.nodes.append(node)

    def scalar(self, kind: Any, name: str | None, label: str, numbers: list[Any]) -> Node | None:
        """Return a number that an op makes of other numbers as it did before; None where more has to be checked."""
        op = self.scalar_ops.get(label)
        if op is None or kind != op.kind or len(numbers) != op.arity or {*map(type, numbers)} != INTEGER:
            return None
        if min(numbers) < 0 or max(numbers) >= len(self.nodes):
            return None
        parents = tuple(map(self.nodes.__getitem__, numbers))
        return None if any(map(shape_of_node, parents)) else node_of(op, parents, scoped(name), (), None)

    def mask(self, rate: Any, name: str | None, shape: Shape) -> Node:
        """Return the mask of a dropout."""
        if type(rate) not in (int, float) or not 0 <= rate < 1 or name is not None:
            found = repr(rate)[:80]
            raise FileError("a dropout that cannot be", node=self.where, found=found, expected="a rate in [0, 1)")
        self.reserve(prod(shape))
        return Mask(float(rate), shape)

    def leaf(self, kind: Any, name: str | None, shape: Shape) -> Node:
        """Return an input, or a parameter or constant with the next of the values."""
        size = prod(shape)
        if kind == Input.kind:
            self.reserve(size)
            return Input(name, shape)
        leaf_class = Parameter if kind == Parameter.kind else Constant if kind == Constant.kind else None
        if leaf_class is None:
            raise FileError("a node of no kind", node=self.where, found=describe_value(kind))
        start = self.values_used
        if size > len(self.values) - start:
            raise FileError("fewer values than the nodes have", node=self.where, found=len(self.values))
        self.values_used += size
        return leaf_class(self.values[start : start + size].reshape(shape) if shape else self.values.item(start), name)

    def computed_node(self, spec: NodeSpec) -> Node:
        """Return a node computed from others by an op; it has no value before the first pass."""
        numbers = spec.get("parents", [])
        if not is_integer_list(numbers, 0) or max(numbers, default=0) >= len(self.nodes):
            found = describe_value(numbers)
            raise FileError("parents that do not stand before their child", node=self.where, found=found)
        label, settings = spec["op"], spec.get("settings", {})
        key = (repr(label), repr(settings)) if settings != {} or not isinstance(label, str) else label
        op = self.ops.get(key)
        if op is None:  # like nodes share one op
            op = self.ops[key] = decode_op(label, settings)
        parents = tuple(map(self.nodes.__getitem__, numbers))
        shape = self.result_shape(op, parents)
        if isinstance(key, str) and op.arity and not (shape or any(map(shape_of_node, parents))):
            self.scalar_ops[key] = op
        return node_of(op, parents, scoped(spec.get("name")), shape, None)

    def result_shape(self, op: Op, parents: tuple[Node, ...]) -> Shape:
        """Return the shape of the result of one of the ops, computed once for all like nodes."""
        shapes = self.operand_shapes(op, parents)
        shape = self.shapes.get((id(op), shapes))
        if shape is None:
            self.reserve(sum(map(prod, shapes)))
            try:
                shape = op.shape(*shapes)
            except Exception as error:
                what = f"the operands of {op.label!r} do not fit"
                raise FileError(what, node=self.where, found=str(error)[:200]) from error
            self.reserve(prod(shape))
            self.shapes[id(op), shapes] = shape
        return shape

    def operand_shapes(self, op: Op, parents: tuple[Node, ...]) -> tuple[Shape, ...]:
        """Return the shapes that the op reads, scalars of a starred one stacked; raise FileError for a wrong count."""
        if op.stars and parents and not parents[0].shape:
            groups = grouped(op, parents) if len(parents) >= len(op.operands) else []
            if sum(len(group) if isinstance(group, tuple) else 1 for group in groups) != len(parents) or not groups:
                raise FileError(f"the op {op.label!r} does not take so many", node=self.where, found=len(parents))
            if any(any(map(shape_of_node, group)) for group in groups if isinstance(group, tuple)):
                raise FileError(f"the op {op.label!r} takes scalars or arrays, not both", node=self.where)
            return tuple((len(group),) if isinstance(group, tuple) else group.shape for group in groups)
        if not parents or not (op.variadic or len(parents) == len(op.operands)):
            raise FileError(f"the op {op.label!r} does not take so many", node=self.where, found=len(parents))
        return tuple(map(shape_of_node, parents))

    def reserve(self, elements: int) -> None:
        """Count the elements that a node asks for; raise FileError for more than a file of this size may have."""
        self.elements_left -= elements
        if self.elements_left < 0:
            expected = f"{MAX_ELEMENTS} elements more at most"
            raise FileError("arrays far larger than the file", node=self.where, expected=expected)


def decode_op(label: Any, settings: Any) -> Op:
    """Return the op of a label with these settings; raise FileError where there is none such."""
    if not isinstance(label, str) or label not in registry:
        raise FileError(
            f"the op {label!r} is not registered", cure="Import or define it first, then read the file again"
        )
    op_class = registry[label]
    defaults = {field.name: field.default for field in fields(op_class) if field.init}
    if not isinstance(settings, dict) or not settings.keys() <= defaults.keys():
        raise FileError(f"the op {label!r} does not have these settings", found=describe_value(settings))
    values = {name: decode_setting(value, label) for name, value in settings.items()}
    for name, value in values.items():
        if not has_type_of(defaults[name], value):
            raise FileError(
                f"the op {label!r} has a setting of another kind",
                node=name,
                found=describe_value(value),
                expected=defaults[name],
            )
    try:
        return op_class(**values)
    except Exception as error:
        raise FileError(f"the op {label!r} cannot be made with these settings", found=str(error)[:200]) from error


def decode_setting(value: Any, label: str) -> Any:
    """Return a setting from its JSON."""
    if isinstance(value, (*JSON_TYPES, float)):
        return value
    if isinstance(value, list):
        return tuple([decode_setting(item, label) for item in value])
    if isinstance(value, dict) and value.keys() == {"float"} and value["float"] in ("inf", "-inf", "nan"):
        return float(value["float"])
    raise FileError(f"the op {label!r} has a setting that cannot be read", found=describe_value(value))


def has_type_of(default: Any, value: Any) -> bool:
    """Return whether a setting is of the type of its default; an integer may stand for a float."""
    if default is MISSING or default is None:
        return True
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is type(default)


def is_integer_list(items: Any, least: int) -> bool:
    """Return whether something is a list of integers that are not too small."""
    return isinstance(items, list) and {*map(type, items)} <= {int} and min(items, default=least) >= least


def is_shape(items: Any) -> bool:
    """Return whether something is a list of integers that can be a shape."""
    return is_integer_list(items, 1) and len(items) <= MAX_AXES
