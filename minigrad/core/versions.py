"""Versions of values, by which one sees whether the numbers in some nodes belong to one pass."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from minigrad._toposort import topological_order
from minigrad.errors import PassError
from minigrad.ops.base import Value

if TYPE_CHECKING:
    from minigrad.core.plan import Plan


class ChangeCounter:
    """How many changes of values there were in this process: assignments to leaves, forward passes, compiled steps.

    The version of a leaf is the number of the change that set its value; that of a computed node is the number of
    changes when it was built, or of the forward pass that computed it.
    """

    __slots__ = ("_lock", "latest", "latest_backward", "latest_pass", "trainable_flags")

    def __init__(self) -> None:
        self._lock = Lock()
        self.latest = 0
        self.latest_pass = -1  # no node has been computed by a forward pass
        self.latest_backward = 0
        self.trainable_flags = 0
        """How often some parameter was made trainable, or the opposite."""

    def advance(self) -> int:
        """Count one more change, also from several threads at once, and return its number."""
        with self._lock:
            self.latest = number = self.latest + 1
        return number

    def advance_pass(self) -> int:
        """Count a forward pass and return its number, which no node that is built afterwards has as its version."""
        with self._lock:
            self.latest_pass = number = self.latest + 1
            self.latest = number + 1
        return number

    def advance_backward(self) -> int:
        """Count a backward pass, which changes no value, and return its number."""
        with self._lock:
            self.latest_backward = number = self.latest_backward + 1
        return number

    def include(self, version: int, backward_pass: BackwardPass | None) -> None:
        """Count on from the numbers of a node that another process has computed, if they are higher."""
        if version <= self.latest and (backward_pass is None or backward_pass.number <= self.latest_backward):
            return  # these never become smaller, so that the lock, which costs much for each of many nodes, can wait
        with self._lock:
            self.latest = max(self.latest, version)
            if backward_pass is not None:
                self.latest_backward = max(self.latest_backward, backward_pass.number)


changes = ChangeCounter()
"""The changes so far."""


class BackwardPass(NamedTuple):
    """The backward pass that computed the δ of a node."""

    number: int
    starts: int
    """At how many nodes the pass started, if this is one of them; else 0."""


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


def newest_leaf(node: Any) -> Any:
    """Return the leaf that was fed in the forward pass which computed a node anew; else the node itself."""
    leaves = [leaf for leaf in topological_order([node]) if leaf.op is None]
    return next((leaf for leaf in leaves if leaf._version == node._version), node)


def is_one_pass(plan: Plan) -> bool:
    """Return whether all values of a plan were computed at once and no leaf is newer: a quick look that may miss it."""
    latest, latest_pass = changes.latest, changes.latest_pass
    if latest == latest_pass + 1 and all(root._version == latest_pass for root in plan.roots):
        return True  # the very last change was a pass over all that the roots are made of
    computed = [node for node in plan.nodes if node.op is not None] if plan.operands else plan.steps
    versions = [node._version for node in computed]  # two walks over all nodes would take twice as long
    if versions.count(latest) == len(versions):
        return True
    version = versions[0]
    return versions.count(version) == len(versions) and all(
        [node._version <= version for node in plan.nodes if node.op is None]
    )


def check_up_to_date(plan: Plan, roots: Sequence[Any]) -> None:
    """Raise PassError if some roots were computed from values that are no longer there."""
    if is_one_pass(plan):
        return
    stale = stale_nodes(plan.nodes)
    for root in roots:
        if root in stale:
            raise PassError(
                "computed before a value that it depends on changed",
                node=root.title,
                found=f"a newer value of {newest_leaf(stale[root]).title}",
                cure="Run forward again, or build the expression anew.",
            )


class PassNumbers:
    """The values and δ in the nodes of a graph that belong together, None for all others.

    The values are those that the present leaves give; δ are those of the last backward pass from the outputs of the
    graph, if it ran over these values.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stale = {} if is_one_pass(plan) else stale_nodes(plan.nodes)
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
        if any(output.value is None for output in self.plan.roots):
            return f"not known yet: {cure}"
        for output in self.plan.roots:
            if output in self.stale:
                return f"out of date since {newest_leaf(self.stale[output]).title} changed: {cure}"
        if deltas and any(output.delta is None for output in self.plan.roots):
            return f"not known yet: {cure}"
        previous = None  # all nodes of a pass share one object, so that most of them need no second look
        for node in self.plan.nodes if deltas else ():
            backward_pass = node._pass
            if backward_pass is not previous and node._delta is not None:
                if self.delta(node) is None:
                    return "not of this graph, but of the last backward pass, which started elsewhere: run backward"
                previous = backward_pass
        return None
