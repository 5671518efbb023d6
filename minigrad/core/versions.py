"""Versions of values, by which one sees whether the numbers in some nodes belong to one pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import inf
from operator import attrgetter
from threading import Lock
from typing import Any, NamedTuple

from minigrad.core.plan import Plan
from minigrad.errors import PassError
from minigrad.ops.base import Value

stored_version = attrgetter("_version")
"""The number of changes when the value of a node was computed, or, of a leaf, when it was assigned or fed."""


class ChangeCounter:
    """How many changes of values there were in this process: assignments to leaves, forward passes, compiled steps."""

    __slots__ = ("_lock", "latest")

    def __init__(self) -> None:
        self._lock = Lock()
        self.latest = 0

    def advance(self) -> int:
        """Count one more change, also from several threads at once, and return its number."""
        with self._lock:
            self.latest = number = self.latest + 1
        return number


changes = ChangeCounter()
"""The changes so far."""


class BackwardPass(NamedTuple):
    """The backward pass that computed the δ of a node."""

    number: int
    starts: int
    """At how many nodes the pass started, if this is one of them; else 0."""


backward_passes = count(1)
"""The numbers of backward passes."""


def stale_nodes(nodes: Sequence[Any]) -> dict[Any, Any]:
    """Return the nodes that were computed from values that are no longer there, each with the node that changed since.

    No node that is up to date is older than a parent. The nodes are in topological order.
    """
    stale: dict[Any, Any] = {}
    for node in nodes:
        version = node._version
        for parent in node.parents:
            if parent._version > version or parent in stale:
                stale[node] = stale.get(parent, parent)
                break
    return stale


def is_latest(plan: Plan) -> bool:
    """Return whether nothing at all has changed since the oldest value of a plan was computed: a quick first look."""
    return min(map(stored_version, plan.steps), default=inf) >= changes.latest


def check_up_to_date(plan: Plan, roots: Sequence[Any]) -> None:
    """Raise PassError if some roots were computed from values that are no longer there."""
    if is_latest(plan):
        return
    stale = stale_nodes(plan.nodes)
    for root in roots:
        if root in stale:
            raise PassError(
                "computed before a value that it depends on changed",
                node=root.title,
                found=f"a newer value of {stale[root].title}",
                cure="Run forward again, or build the expression anew.",
            )


class PassNumbers:
    """The values and δ in the nodes of a graph that belong together, None for all others.

    The values are those that the present leaves give; δ are those of the last backward pass from the outputs of the
    graph, if it ran over these values.
    """

    def __init__(self, plan: Plan) -> None:
        self.outputs = plan.roots
        self.stale = {} if is_latest(plan) else stale_nodes(plan.nodes)
        passes = {
            output: output._pass
            for output in plan.roots
            if output._delta is not None and output._pass is not None and output._pass.starts
        }
        newest = max(passes.values(), default=None)
        starts = [output for output, backward_pass in passes.items() if backward_pass == newest]
        is_ours = newest is not None and newest.starts == len(starts) and self.stale.keys().isdisjoint(starts)
        self.pass_number = newest.number if newest is not None and is_ours else None

    def value(self, node: Any) -> Value:
        """Return the value of a node; None before a forward pass, and where the node has to be computed again."""
        return None if node in self.stale else node.value

    def delta(self, node: Any) -> Value:
        """Return δ of a node; None unless it is of the pass that the outputs have theirs from."""
        backward_pass = node._pass
        return None if backward_pass is None or backward_pass.number != self.pass_number else node.delta

    def missing(self, deltas: bool = True) -> str | None:
        """Return why values, or with `deltas` δ, of the outputs are not known, and what to do; None if they are."""
        cure = "run forward, then backward" if deltas else "run forward"
        if any(output.value is None for output in self.outputs):
            return f"not known yet: {cure}"
        for output in self.outputs:
            if output in self.stale:
                return f"out of date since {self.stale[output].title} changed: {cure}"
        if deltas and any(output.delta is None for output in self.outputs):
            return f"not known yet: {cure}"
        if deltas and self.pass_number is None:
            return "not of this graph, but of the last backward pass, which started elsewhere: run backward"
        return None
