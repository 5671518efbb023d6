"""What computes a compiled graph: a program over matrices, a tape of groups, a script, or the nodes themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.engine import NodesEngine, StatelessEngine
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.tape_engine import TapeEngine
from minigrad.core.node import Node
from minigrad.errors import CompileError, SettingError
from minigrad.ops.base import Value

FEW = 64
"""How many array operations are few: such a program is compiled in milliseconds and runs in microseconds."""
MANY = 1024
"""How many nodes one array operation should stand for in a longer program."""
WIDE = 8
"""How many nodes one group of a tape should hold on average to be faster than the nodes themselves."""
WIDER = 128
"""How many it should hold to be faster than a script."""
KINDS = ("auto", "program", "tape", "script", "nodes")


class Machine(Protocol):
    """Something that computes the outputs of a graph, and the gradients of its one output."""

    @property
    def source(self) -> str:
        """The code that runs for one sample."""
        ...

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        """The value of each output."""
        ...

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        """The value of the output, its mean over the batch; the parameters show their δ."""
        ...


def make_machine(outputs: Sequence[Node], dtype: Any = np.float64, kind: str = "auto") -> Machine:
    """The machine that was asked for, or with "auto" the first that suits the graph.

    A program, where few array operations do the work of many nodes; else what `make_stepwise` finds. Raises
    CompileError where the graph is not fit for the one asked for.
    """
    if kind not in KINDS:
        raise SettingError("no such engine", found=repr(kind), expected=f"one of {', '.join(KINDS)}")
    if kind in ("auto", "program"):
        try:
            return make_program(outputs, dtype, patient=kind == "program")
        except CompileError:
            if kind == "program":
                raise
    return make_stepwise(outputs, dtype, kind)


def make_stepwise(
    outputs: Sequence[Node], dtype: Any = np.float64, kind: str = "auto", longest: int | None = None
) -> StatelessEngine:
    """A machine for an irregular graph: the one that was asked for, or with "auto" the first that suits.

    A tape, where many like nodes stand on a level; a script for narrower ones in float64, of at most `longest` nodes;
    else the nodes themselves.
    Raises CompileError where the graph is not fit for the one asked for.
    """
    if kind == "nodes":
        return NodesEngine(outputs)
    if kind == "tape":
        return TapeEngine(outputs, dtype)
    from minigrad.compiler.script_engine import (  # and with it the formulas, which few graphs need
        MAX_NODES,
        ScriptEngine,
    )

    irregular = make_irregular(outputs, dtype)
    try:
        script = ScriptEngine(outputs, dtype, irregular, longest or MAX_NODES)
    except CompileError:
        if kind == "script":
            raise
        return irregular
    fast = isinstance(irregular, TapeEngine) and irregular.mean_width >= WIDER
    return irregular if fast and kind == "auto" else script


def make_irregular(outputs: Sequence[Node], dtype: Any) -> TapeEngine | NodesEngine:
    """A tape, if it is faster than the nodes themselves."""
    try:
        tape = TapeEngine(outputs, dtype)
    except CompileError:
        return NodesEngine(outputs)
    return tape if tape.mean_width >= WIDE else NodesEngine(outputs)


def make_program(outputs: Sequence[Node], dtype: Any = np.float64, patient: bool = False) -> NumpyEngine:
    """The program of some outputs, written so that it is known to work.

    Raises CompileError for rules that cannot be recorded, and unless `patient` for a graph too irregular to gain.
    """
    if patient:
        compiled = NumpyEngine(outputs, dtype)
    else:
        compiled = NumpyEngine(outputs, dtype, most=max(FEW, len(topological_order(outputs)) // MANY))
    _ = compiled.source
    return compiled
