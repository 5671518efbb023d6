"""Copies of nodes by `copy` and `pickle`, which alone would recurse from node to parent: here parents come first."""

from __future__ import annotations

from contextvars import ContextVar
from copy import deepcopy
from types import NoneType
from typing import Any
from weakref import ReferenceType, ref

from minigrad._toposort import topological_order

ATOMIC = {NoneType, bool, int, float, str}
"""Types whose values need no copy."""


class WrittenNodes:
    """The nodes that one pickler has written, or is about to write.

    A pickler writes this object before the first node, and never twice. So the pickler that asks how to write it has no
    nodes yet, whatever another one left here, and is told to write the ancestors of the node at hand.
    """

    def __init__(self) -> None:
        self.finished: dict[Any, bool] = {}
        self.node: Any = None

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        self.finished = {}
        return list, (), None, iter(self.missing_ancestors())  # the items are written after the list is known

    def missing_ancestors(self) -> list[Any]:
        """Return the ancestors of the node at hand that are not written yet, parents first."""
        return topological_order([self.node], self.finished)[:-1]


class MissingAncestors:
    """The ancestors of the node at hand that are not written yet, determined when the pickler gets here."""

    def __init__(self, written: WrittenNodes) -> None:
        self.written = written

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return tuple, (self.written.missing_ancestors(),)


_written: ContextVar[ReferenceType[WrittenNodes] | None] = ContextVar("written", default=None)
"""The nodes written by the last pickler; only that pickler keeps them alive."""


def written_before(node: Any) -> Any:
    """Return what a pickler writes before a node, so that it then comes upon no parent that is not written."""
    if not node.parents:
        return None
    last = _written.get()
    written = last() if last is not None else None
    if written is None:
        written = WrittenNodes()
        _written.set(ref(written))
    written.node = node
    return written if node in written.finished else (written, MissingAncestors(written))


def new_node(node_class: Any, before: Any) -> Any:
    """Return a node without its state, which follows; `before` has been read by then and is of no further use."""
    return object.__new__(node_class)


def deep_copy(node: Any, memo: dict[Any, Any]) -> Any:
    """Return an independent copy of a node and of its ancestors, but for those that the memo of `deepcopy` has."""
    for original in topological_order([node], memo.setdefault(deep_copy, {})):
        if id(original) not in memo:
            memo[id(original)] = twin = object.__new__(type(original))
            state = original.__getstate__()
            parents, shape = tuple([memo[id(parent)] for parent in state.pop("parents")]), state.pop("shape")
            others = {name: value if type(value) in ATOMIC else deepcopy(value, memo) for name, value in state.items()}
            twin.__setstate__({**others, "parents": parents, "shape": shape})
    return memo[id(node)]
