"""Graphs of single neurons as fast code: the one table of engines, and the one rule that chooses among them.

An engine of one's own is a class that implements `engine.Engine` and one line, `ENGINES["name"] = TheClass`; it is then
asked for by that name in `Graph.compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._format import describe_value
from minigrad._toposort import depths, topological_order
from minigrad.compiler.engine import Engine, NodesEngine, StatelessEngine
from minigrad.compiler.settings import is_fixed
from minigrad.core.building import building
from minigrad.errors import CompileError, ImpureError, SettingError

if TYPE_CHECKING:
    from minigrad.core.node import Node


FEW_ARRAYS = 64
"""How many array nodes are few: such a program is compiled in milliseconds and runs in microseconds."""
NODES_PER_ARRAY = 1024
"""How many nodes one array node should replace in a longer program."""
TAPE_BEATS_NODES = 8
"""Mean number of nodes in a group from which a tape is faster than the nodes themselves."""
TAPE_BEATS_SCRIPT = 128
"""Mean number of nodes in a group from which a tape is faster than a script."""
SCRIPT_NODES = 200_000
"""The longest graph for which a script is written: Python takes some 70 µs and 1 kB to compile a node of one."""
SCRIPT_NODES_IN_TRAINING = 20_000
"""The same for training, which should begin after a second or two."""


# Engines are imported when the first graph is compiled: building and looking at networks needs none of them.


def make_numpy_engine(outputs: Sequence[Node], dtype: Any = np.float64, **limits: Any) -> Engine:
    """Make a NumPy engine whose programs are known to work; raises CompileError for rules that cannot be recorded."""
    from minigrad.compiler.numpy_engine import NumpyEngine

    engine = NumpyEngine(outputs, dtype, **limits)
    _ = engine.source
    return engine


def make_tape_engine(outputs: Sequence[Node], dtype: Any = np.float64, **limits: Any) -> StatelessEngine:
    """Make a tape of groups of like nodes."""
    from minigrad.compiler.tape_engine import TapeEngine

    return TapeEngine(outputs, dtype, **limits)


def make_script_engine(
    outputs: Sequence[Node],
    dtype: Any = np.float64,
    max_nodes: int = SCRIPT_NODES,
    order: Sequence[Node] | None = None,
) -> Engine:
    """Make a script, which leaves batches to a tape, or to the nodes where that is not faster."""
    from minigrad.compiler.script_engine import ScriptEngine

    def make_fallback() -> StatelessEngine:
        try:
            return make_tape_engine(outputs, dtype, min_mean_width=TAPE_BEATS_NODES)
        except CompileError:
            return NodesEngine(outputs, dtype)

    return ScriptEngine(outputs, dtype, make_fallback, max_nodes, order)


ENGINES: dict[str, Callable[..., Engine]] = {
    "numpy": make_numpy_engine,
    "tape": make_tape_engine,
    "script": make_script_engine,
    "nodes": NodesEngine,
}
"""Every engine by name: what makes one from outputs, a type, and limits beyond which it refuses the graph."""


def candidates(order: list[Node], training: bool, stateless: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the engines for a graph, each with the limits within which it is faster than the next.

    A graph that is deep has at least as many groups of like nodes as levels: an engine that this excludes is not tried,
    since to find the groups takes longer than anything else. `order` are the nodes in topological order.
    """
    depth = depths(order)
    levels = max(depth.values())
    max_arrays = max(FEW_ARRAYS, len(order) // NODES_PER_ARRAY)
    mean_width = len(order) / max(levels, 1)  # of the groups, at most
    if not stateless and (levels <= max_arrays or not has_longer_path(depth, max_arrays)):
        yield "numpy", {"max_arrays": max_arrays, "depth": depth}  # few array operations do the work of many nodes
    max_nodes = SCRIPT_NODES_IN_TRAINING if training else SCRIPT_NODES
    if len(order) <= max_nodes:
        if mean_width >= TAPE_BEATS_SCRIPT:
            yield "tape", {"min_mean_width": TAPE_BEATS_SCRIPT, "depth": depth}
        yield "script", {"max_nodes": max_nodes}
    if mean_width >= TAPE_BEATS_NODES:
        yield "tape", {"min_mean_width": TAPE_BEATS_NODES, "depth": depth}


def has_longer_path(depth: Mapping[Node, int], length: int) -> bool:
    """Return whether more than so many computed nodes that no sum can absorb depend on one another in a row."""
    if sum(map(is_separate, deepest_path(depth))) > length:
        return True  # mostly, and found in no time
    lengths = dict.fromkeys(depth, 0)
    length_of = lengths.__getitem__
    for node in depth:
        if node.op is not None:
            lengths[node] = path = is_separate(node) + max(map(length_of, node.parents))
            if path > length:
                return True
    return False


def is_separate(node: Node) -> bool:
    """Return whether a computed node is no part of a sum, and no element of an array."""
    op: Any = node.op
    return bool(node.shape or not (op.is_sum or op.is_product)) and op.element is None


def deepest_path(depth: Mapping[Node, int]) -> Iterator[Node]:
    """Yield computed nodes, each with the deepest of its parents after it, from one that no other is deeper than."""
    node = max(depth, key=depth.__getitem__)
    while node.op is not None:
        yield node
        node = max(node.parents, key=depth.__getitem__)


def make_engine(
    outputs: Sequence[Node],
    dtype: Any = np.float64,
    name: str = "auto",
    *,
    training: bool = False,
    stateless: bool = False,
    order: list[Node] | None = None,
) -> Engine:
    """Make the engine of that name for some outputs, or with "auto" the fastest that can compute them.

    With `training` it must also be ready soon; with `stateless` it is a StatelessEngine. `order` are the nodes in
    topological order, where they have been sorted already.
    Where a rule is impure, "auto" is the engine that goes node by node, with a warning.
    Raises SettingError for an unknown name, CompileError for a graph that the named engine cannot compute.
    """
    if order is None:
        order = topological_order(outputs)
    try:
        if name != "nodes":
            check_own_rules(order)
    except ImpureError as error:
        if name != "auto":
            raise
        from minigrad.compiler.purity import warn_impure

        warn_impure(error)
        return NodesEngine(outputs, dtype, order)
    if name != "auto" and name not in ENGINES:
        raise SettingError("no such engine", found=describe_value(name), expected=f"one of auto, {', '.join(ENGINES)}")
    with building():  # what is made of a graph is as large as the graph
        if name != "auto":
            return ENGINES[name](outputs, dtype)
        for candidate, limits in candidates(order, training, stateless):
            try:
                return ENGINES[candidate](outputs, dtype, order=order, **limits)
            except CompileError:
                continue  # too irregular, too narrow, too long, or with a rule that serves single numbers only
        return NodesEngine(outputs, dtype, order)


def check_own_rules(order: Sequence[Node]) -> None:
    """Raise ImpureError where, among nodes in topological order, an op of a user's class is no pure function."""
    if not all(map(is_fixed, {*map(type, map(attrgetter("op"), order))})):
        from minigrad.compiler.purity import check_pure_rules

        check_pure_rules(order)
