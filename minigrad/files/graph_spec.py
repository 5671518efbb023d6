"""A graph as plain data, and back: every node by its number, its op by label and settings, values in one vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from functools import cached_property
from math import isfinite, prod
from typing import Any

import numpy as np

from minigrad._toposort import topological_order
from minigrad.core.names import scoped
from minigrad.core.node import Constant, Input, Node, Parameter
from minigrad.core.plan import grouped
from minigrad.errors import FileError
from minigrad.ops.base import Op, Shape, registry

GENEROUS = 2**24
"""How many elements a file may ask for beyond those that it holds itself."""

AXES = 63
"""How many axes an array may have, so that one for a batch is left."""

Description = list[dict[str, Any]]


def described(roots: Sequence[Node]) -> tuple[list[Node], Description, np.ndarray]:
    """Every node that the roots are made of, parents first, in words, and the values that are their own in one vector.

    Raises FileError for an op that is not registered, or whose settings cannot be written.
    """
    nodes = topological_order(roots)
    numbers = {node: number for number, node in enumerate(nodes)}
    settings: dict[Op, dict[str, Any]] = {}
    for op in {node.op: None for node in nodes if node.op is not None}:
        settings[op] = settings_of(op)
    description = [describe(node, numbers, settings) for node in nodes]
    values = [np.ravel(node.value) for node in nodes if holds_value(node)]
    return nodes, description, np.concatenate(values) if values else np.zeros(0)


def describe(node: Node, numbers: dict[Node, int], settings: dict[Op, dict[str, Any]]) -> dict[str, Any]:
    """One node in JSON's words; what is empty is left out."""
    words = {
        "kind": node.kind,
        "name": node.name,
        "shape": list(node.shape),
        "op": node.op.label if node.op is not None else None,
        "settings": settings[node.op] if node.op is not None else None,
        "parents": [numbers[parent] for parent in node.parents],
    }
    return {word: value for word, value in words.items() if value not in (None, [], {})}


def rebuilt(description: Any, values: np.ndarray) -> list[Node]:
    """The nodes of a description, in its order; names are put behind the name scopes in force.

    Raises FileError for anything that `described` would not have written. The memory it takes is bounded by the size of
    the description and of the values, whatever the description claims.
    """
    if not isinstance(description, list) or not all(isinstance(words, dict) for words in description):
        raise FileError("a graph that is not a list of nodes", found=type(description).__name__)
    if values.dtype != np.float64 or values.ndim != 1:
        raise FileError("values that are not a vector of float64", found=f"{values.dtype} of shape {values.shape}")
    builder = Builder(values)
    for words in description:
        builder.add(words)
    if builder.used != len(values):
        raise FileError("values that no node has", found=len(values), expected=builder.used)
    return builder.nodes


class Builder:
    """Nodes made one after the other, each checked against what the description says of it."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.nodes: list[Node] = []
        self.used = 0
        self.budget = GENEROUS + 8 * len(values)
        self.ops: dict[str, Op] = {}
        self.shapes: dict[tuple[Op, tuple[Shape, ...]], Shape] = {}

    def add(self, words: dict[str, Any]) -> None:
        """The next node; raises FileError unless its words fit together and fit the nodes before it."""
        what = f"node {len(self.nodes)}"
        unknown = words.keys() - {"kind", "name", "shape", "op", "settings", "parents"}
        kind, name, shape = words.get("kind"), words.get("name"), words.get("shape", [])
        if unknown or not (name is None or isinstance(name, str)) or not whole_numbers(shape, 1) or len(shape) > AXES:
            raise FileError("words that describe no node", node=what, found=repr(words)[:200])
        if "op" in words:
            node = self.computed(words, what)
        elif words.keys() & {"settings", "parents"}:
            raise FileError("a node without an op that is made of others", node=what)
        else:
            node = self.leaf(kind, name, tuple(shape), what)
        if node.kind != kind or node.shape != tuple(shape):
            raise FileError(
                "a node that is not what it is said to be",
                node=what,
                found=f"{kind} of shape {shape}"[:200],
                expected=f"{node.kind} of shape {list(node.shape)}"[:200],
            )
        self.nodes.append(node)

    def leaf(self, kind: Any, name: str | None, shape: Shape, what: str) -> Node:
        """An input, or a parameter or constant with its share of the values."""
        if kind == Input.kind:
            self.spend(prod(shape), what)
            return Input(name, shape)
        made = {Parameter.kind: Parameter, Constant.kind: Constant}.get(kind) if isinstance(kind, str) else None
        if made is None:
            raise FileError("a node of no kind", node=what, found=repr(kind)[:80])
        size = prod(shape)
        if size > len(self.values) - self.used:
            raise FileError("fewer values than the nodes have", node=what, found=len(self.values))
        part = self.values[self.used : self.used + size]
        self.used += size
        return made(part.reshape(shape) if shape else part.item(), name)

    def computed(self, words: dict[str, Any], what: str) -> Node:
        """A node made of others by an op; it has no value before the first pass."""
        numbers = words.get("parents", [])
        if not whole_numbers(numbers, 0) or max(numbers, default=0) >= len(self.nodes):
            raise FileError("parents that do not stand before their child", node=what, found=repr(numbers)[:200])
        op = self.op_of(words)
        parents = tuple([self.nodes[number] for number in numbers])
        shape = self.shape_of(op, operand_shapes(op, parents, what), what)
        return Node(op, parents, scoped(words.get("name")), shape, None)

    def op_of(self, words: dict[str, Any]) -> Op:
        """The op of a node; like nodes share one."""
        label, settings = words["op"], words.get("settings", {})
        key = repr((label, settings))
        if key not in self.ops:
            self.ops[key] = op_of(label, settings)
        return self.ops[key]

    def shape_of(self, op: Op, shapes: tuple[Shape, ...], what: str) -> Shape:
        """The shape that the op makes of its operands, worked out once for all like nodes."""
        if (op, shapes) not in self.shapes:
            self.spend(sum(map(prod, shapes)), what)
            try:
                shape = op.shape(*shapes)
            except Exception as error:
                raise FileError(
                    f"the operands of {op.label!r} do not fit", node=what, found=str(error)[:200]
                ) from error
            self.spend(prod(shape), what)
            self.shapes[op, shapes] = shape
        return self.shapes[op, shapes]

    def spend(self, elements: int, what: str) -> None:
        """Counts the elements that are asked for; raises FileError for more than the file can stand for."""
        self.budget -= elements
        if self.budget < 0:
            raise FileError("arrays far larger than the file", node=what, expected=f"{GENEROUS} elements more at most")


def operand_shapes(op: Op, parents: tuple[Node, ...], what: str) -> tuple[Shape, ...]:
    """What the op reads, scalar nodes of a starred operand stacked; raises FileError for a wrong number of parents."""
    if op.stars and parents and not parents[0].shape:
        groups = grouped(op, parents) if len(parents) >= len(op.operands) else []
        if sum(len(group) if isinstance(group, tuple) else 1 for group in groups) != len(parents) or not groups:
            raise FileError(f"the op {op.label!r} does not take so many", node=what, found=len(parents))
        if any(node.shape for group in groups if isinstance(group, tuple) for node in group):
            raise FileError(f"the op {op.label!r} takes scalars or arrays, not both", node=what)
        return tuple((len(group),) if isinstance(group, tuple) else group.shape for group in groups)
    if not parents or not (op.variadic or len(parents) == len(op.operands)):
        raise FileError(f"the op {op.label!r} does not take so many", node=what, found=len(parents))
    return tuple(parent.shape for parent in parents)


def holds_value(node: Node) -> bool:
    """Whether a node's value is its own, neither fed nor computed."""
    return isinstance(node, (Parameter, Constant))


def whole_numbers(items: Any, least: int) -> bool:
    """Whether something is a list of whole numbers that are not too small."""
    return isinstance(items, list) and all(type(item) is int and item >= least for item in items)


Settings = dict[str, Any]


PLAIN = (bool, int, str, type(None))
"""Settings that JSON writes as they are."""


def settings_of(op: Op) -> Settings:
    """The settings of an op in JSON's words; raises FileError for an op that could not be made anew from them."""
    made = type(op)
    label = getattr(made, "label", None)
    if label is None or registry.get(label) is not made:
        raise FileError(
            f"the op {label!r} is not registered",
            node=made.__qualname__,
            cure="Give its class a label of its own, so that a file can name it",
        )
    names = [field.name for field in fields(made) if field.init]
    hidden = [name for name in vars(op) if name not in names and not cached(made, name)]
    if hidden:
        raise FileError(
            f"the op {label!r} holds more than the fields of a dataclass",
            found=", ".join(hidden),
            cure="Make it a frozen dataclass",
        )
    settings = {name: written(getattr(op, name), f"{label!r}, {name}") for name in names}
    if op_of(label, settings) != op:
        raise FileError(f"the op {label!r} is not the same when it is made anew", found=repr(op))
    return settings


def op_of(label: Any, settings: Settings) -> Op:
    """The op of a label, made with these settings; raises FileError where there is none such."""
    if not isinstance(label, str) or label not in registry:
        raise FileError(
            f"the op {label!r} is not registered", cure="Import or define it first, then read the file again"
        )
    made = registry[label]
    known = {field.name: field.default for field in fields(made) if field.init}
    if not isinstance(settings, dict) or not settings.keys() <= known.keys():
        raise FileError(f"the op {label!r} does not have these settings", found=repr(settings)[:200])
    values = {name: read(value, label) for name, value in settings.items()}
    for name, value in values.items():
        if not suits(value, known[name]):
            raise FileError(
                f"the op {label!r} has a setting of another kind",
                node=name,
                found=repr(value)[:80],
                expected=known[name],
            )
    try:
        return made(**values)
    except Exception as error:
        raise FileError(f"the op {label!r} cannot be made with these settings", found=str(error)[:200]) from error


def written(value: Any, what: str) -> Any:
    """A setting in JSON's words: a tuple as a list, a number that JSON does not know by its name."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, PLAIN):
        return plain
    if isinstance(plain, float):
        return plain if isfinite(plain) else {"float": repr(plain)}
    if isinstance(plain, tuple):
        return [written(item, what) for item in plain]
    raise FileError("a setting that cannot be written", node=what, found=repr(value)[:80], expected="numbers or text")


def read(value: Any, label: str) -> Any:
    """A setting from JSON's words."""
    if isinstance(value, (*PLAIN, float)):
        return value
    if isinstance(value, list):
        return tuple([read(item, label) for item in value])
    if isinstance(value, dict) and value.keys() == {"float"} and value["float"] in ("inf", "-inf", "nan"):
        return float(value["float"])
    raise FileError(f"the op {label!r} has a setting that cannot be read", found=repr(value)[:80])


def suits(value: Any, default: Any) -> bool:
    """Whether a setting is of the kind that its default is of; a whole number suits where a number does."""
    if default is MISSING or default is None:
        return True
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is type(default)


def cached(made: type[Op], name: str) -> bool:
    """Whether a name is a property that an op works out once and keeps."""
    return isinstance(getattr(made, name, None), cached_property)
