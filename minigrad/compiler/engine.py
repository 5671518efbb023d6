"""The interface of engines, which compute the outputs of a graph and its gradient, and the simplest engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from minigrad.core import interpreter
from minigrad.core.passes import loss_derivative, store_deltas
from minigrad.core.plan import make_plan
from minigrad.errors import CompileError
from minigrad.ops.base import Value

if TYPE_CHECKING:
    from minigrad.compiler.row_reader import RowReader
    from minigrad.core.node import Node


class Engine(ABC):
    """Computation of the outputs of a graph, and of the gradient where it has one scalar output.

    An engine is made from the output nodes and a type, `engine(outputs, dtype)`, and raises CompileError for a graph
    that it cannot compute, or a type in which it cannot compute. It is handed the value of every leaf at each call, or
    of the inputs only. Several threads may call one engine at once: what a call writes into belongs to its thread.
    """

    reads_all_leaves: ClassVar[bool] = True
    """Whether a call is handed the value of every leaf; an engine that reads parameters by itself needs the inputs."""
    storing: ClassVar[Any] = Lock()
    """Held while δ is stored: after calls from several threads, the δ of all nodes are those of one of them."""

    owner: Callable[[], Any] = staticmethod(lambda: None)
    """A weak reference to the step of training that has this engine to itself, if one does."""

    @property
    @abstractmethod
    def source(self) -> str:
        """The code that runs for one sample, or a comment that says how the engine computes."""

    @abstractmethod
    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        """Return the value of each output, behind a batch axis where a leaf carries one."""

    @abstractmethod
    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        """Store δ of every parameter in its node; return the value of the output, its mean over a batch."""

    def row_reader(self, nodes: tuple[Node, ...], *blocks: tuple[Node, ...]) -> RowReader | None:
        """Return what computes some nodes for rows of samples at once; None where the engine has no such arrays.

        Each block has the nodes that the columns of one array feed.
        """
        return None

    def export_module(self, batch: int | None) -> str:
        """Return the forward program as a module that needs only NumPy; raise CompileError where there is none."""
        raise CompileError("no program to export", found=type(self).__name__, cure='Compile with engine="numpy".')


class StatelessEngine(Engine):
    """An engine that keeps nothing between two calls, and returns δ instead of storing it."""

    @abstractmethod
    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        """Return the value of the output, its mean over a batch, and δ of every leaf that has an influence on it."""

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        loss, deltas = self.gradients(leaves, batch)
        complete: dict[Node, Value] = {}
        for node in leaves:
            if node.kind == "parameter":
                delta = deltas[node] if node in deltas else np.zeros(node.shape)
                complete[node] = delta if type(delta) is float else np.asarray(delta, np.float64)
        with self.storing:
            store_deltas(complete)
        return loss


class NumpyNumbers:
    """NumPy's functions under another name than NumPy, for which the passes would compute with floats of Python's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class NodesEngine(StatelessEngine):
    """The graph computed node by node: with floats of Python's, or in float32 with NumPy's numbers."""

    def __init__(self, outputs: Sequence[Node], dtype: Any = np.float64, order: list[Node] | None = None) -> None:
        self.plan = make_plan(outputs, order)
        self.dtype = np.dtype(dtype)
        self.xp: Any = np if self.dtype == np.float64 else NumpyNumbers()

    @property
    def source(self) -> str:
        return "# computed node by node"

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        values = self.forward(leaves)
        return [values[root] for root in self.plan.roots]

    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        (root,) = self.plan.roots
        values = self.forward(leaves)
        seed = self.cast(loss_derivative(values[root]))
        deltas = interpreter.run_backward(self.plan, values, {root: seed}, self.xp)
        return float(np.mean(values[root])), deltas

    def forward(self, leaves: Mapping[Node, Value]) -> interpreter.Values:
        """Return the value of every node."""
        if self.xp is not np:
            leaves = {node: self.cast(value) for node, value in leaves.items()}
        return interpreter.run_forward(self.plan, leaves, self.xp)

    def cast(self, value: Value) -> Value:
        """Return a value in the type of this engine."""
        return value if self.xp is np else self.dtype.type(value)
