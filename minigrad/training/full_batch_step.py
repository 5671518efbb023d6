"""A step of a full-batch optimizer: the loss, or every residual, as a pure function of all parameters."""

from __future__ import annotations

from collections.abc import Container, Sequence
from math import prod
from operator import is_
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.plan import make_plan
from minigrad.errors import SettingError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.ops.losses import Loss
from minigrad.optim import FullBatchOptimizer, Vector, is_full_batch
from minigrad.optim.full_batch import Status, column_rank, vanishing_columns
from minigrad.training.data import Columns
from minigrad.training.history import History
from minigrad.training.step import InterpretedStep, TrainingStep, make_training_step


class FullBatchStep(InterpretedStep):
    """A step on all data, at which the optimizer looks several times; it runs the readable graph with a batch axis.

    Raises SettingError for an optimizer that needs residuals where the loss is no sum of squares.
    """

    optimizer: FullBatchOptimizer

    def __init__(
        self,
        graph: Graph,
        optimizer: FullBatchOptimizer,
        samples: Columns,
        targets: Columns,
        trainable: Container[Node] | None = None,
    ) -> None:
        super().__init__(graph, optimizer, samples, targets, trainable)
        if optimizer.sees == "residuals":
            residuals, self.weight = residual_node(graph.outputs[0])
            self.residual_plan = make_plan([residuals])
            self.constants |= {node: node.value for node in self.residual_plan.nodes if node.kind == "constant"}

    def set_data(self, samples: Columns, targets: Columns) -> None:
        super().set_data(samples, targets)
        self.data = {**samples.batch(), **targets.batch()}
        self.evaluated: tuple[bytes, list[Value], Any] | None = None

    def run(self, rows: Any) -> float:
        """Learn from all samples, whatever rows are given, and return their mean loss before."""
        if self.masks:
            self.data |= self.draw_masks(len(self.samples))  # which stay while the optimizer looks around
            self.evaluated = None
        loss = float(np.mean(self.engine.outputs(self.leaves(self.data), len(self.samples))[0]))
        self.parameters, self.optimizer_state = self.optimizer.advance(
            self.function, self.parameters, self.optimizer_state
        )
        return loss

    @property
    def status(self) -> Status:
        """Status of the optimizer after the last step."""
        return self.optimizer.status(self.optimizer_state)

    @property
    def stop_reason(self) -> str | None:
        return None if self.status == Status.RUNNING else self.status.reason

    def finish(self, history: History) -> Sequence[str]:
        """Say in the history why training ended; return warnings of steps in vain and of parameters without influence.

        Too few epochs are what was asked for, and so no reason to warn.
        """
        if not history.loss:
            return ()
        messages = []
        reason = history.stop_reason or self.status.reason
        if reason == self.status.reason and self.status in (Status.NO_REDUCTION, Status.NOT_FINITE):
            cure = "Start nearer, scale the data, or check the derivatives of ops of your own."
            messages.append(f"{type(self.optimizer).__name__} has {self.status.reason}. {cure}")
        if self.optimizer.sees == "residuals":
            with np.errstate(all="ignore"):
                r, J = self.function(self.parameters)
            count = len(self.parameters)
            if len(r) >= count and np.all(np.isfinite(J)) and (rank := column_rank(J)) < count:
                reason += f"; the residuals determine {rank} of {count} parameters"
            names = self.names(vanishing_columns(r, J, self.parameters))
            if names:
                cure = "Start nearer, or leave out what has no influence."
                messages.append(
                    f"no residual depends on {', '.join(names)}: the derivatives are zero to rounding, on a plateau "
                    f"that may be far from the minimum. {cure}"
                )
        history.stop_reason = reason
        return messages

    def names(self, columns: np.ndarray) -> list[str]:
        """Return the names of parameters, or of their entries, by their positions in the vector; the first five."""
        names = []
        for parameter, part in self.layout.slices():
            for column in columns[(part.start <= columns) & (columns < part.stop)]:
                index = ", ".join(map(str, np.unravel_index(column - part.start, parameter.shape)))
                name = parameter.name or parameter.title
                names.append(f"{name}[{index}]" if index else name)
        return names if len(names) < 7 else [*names[:5], f"{len(names) - 5} others"]

    def function(self, parameters: Vector) -> tuple[Any, np.ndarray]:
        """Return what the optimizer sees at some parameters; keep it, for the next step begins where this one ends."""
        where = parameters.tobytes()
        data = [*map(self.constants.__getitem__, self.frozen), *self.data.values()]
        if self.evaluated is None or self.evaluated[0] != where or not all(map(is_, self.evaluated[1], data)):
            evaluate = self.residuals_and_jacobian if self.optimizer.sees == "residuals" else self.loss_and_gradient
            self.evaluated = where, data, evaluate(parameters)
        return self.evaluated[2]

    def loss_and_gradient(self, parameters: Vector) -> tuple[float, Vector]:
        """Return the mean loss over all samples, and its gradient."""
        leaves = {**self.constants, **self.layout.split(parameters), **self.data}
        loss, deltas = self.engine.gradients(leaves, len(self.samples))
        return loss, self.layout.flatten(deltas)

    def residuals_and_jacobian(self, parameters: Vector) -> tuple[Vector, np.ndarray]:
        """Return every residual r, one row for each sample and output, and its derivative by every parameter.

        The parameters carry the batch axis too, so that no δ is summed over the samples: one backward pass an output.
        """
        count, (root,) = len(self.samples), self.residual_plan.roots
        repeated: dict[Any, Value] = {
            parameter: np.broadcast_to(value, (count, *parameter.shape))
            for parameter, value in self.layout.split(parameters).items()
        }
        values = interpreter.run_forward(self.residual_plan, {**self.constants, **repeated, **self.data})
        size = prod(root.shape)
        residuals = np.broadcast_to(values[root], (count, *root.shape)).reshape(count, size)
        jacobian = np.zeros((count, size, len(parameters)))
        for index, unit in enumerate(np.eye(size)):
            seed = np.broadcast_to(unit.reshape(root.shape), np.shape(values[root]))
            deltas = interpreter.run_backward(self.residual_plan, values, {root: seed})
            for parameter, part in self.layout.slices():
                if parameter in deltas:
                    jacobian[:, index, part] = deltas[parameter].reshape(count, -1)
        if self.weight is not None:
            root_weight = np.sqrt(self.data[self.weight])[:, None]
            residuals, jacobian = root_weight * residuals, root_weight[..., None] * jacobian
        return residuals.reshape(-1), jacobian.reshape(residuals.size, len(parameters))


def residual_node(loss: Node) -> tuple[Node, Node | None]:
    """Return the residuals of which a loss is the sum of squares, and the input that is the weight of each sample.

    Raises SettingError for a loss that is neither a sum of squares nor one times an input.
    """
    squares, weight = loss.parents if loss.op == ops.multiply else (loss, None)
    residuals = None
    if isinstance(squares.op, Loss) and (weight is None or weight.kind == "input"):
        half = len(squares.parents) // 2
        outputs, targets = squares.parents[:half], squares.parents[half:]
        is_array = bool(outputs[0].shape)
        residuals = squares.op.residuals(
            ops, outputs[0] if is_array else ops.stack(outputs), targets[0] if is_array else ops.stack(targets)
        )
    if residuals is None:
        raise SettingError(
            "the loss is not a sum of squares",
            node=loss.title,
            found=loss.label,
            expected="squared_error or mean_squared_error",
            cure="Take minigrad.LBFGS(), which minimizes any smooth loss.",
        )
    return residuals, weight


def make_step(
    graph: Graph, optimizer: Any, samples: Columns, targets: Columns, engine: str, dtype: Any
) -> TrainingStep:
    """Return a training step by any optimizer, which moves the parameters that are trainable now."""
    frozen = graph.frozen_positions
    moving = set(graph.parameters).difference(graph.parameters[index] for index in frozen) if frozen else None
    if is_full_batch(optimizer):
        return FullBatchStep(graph, optimizer, samples, targets, moving)
    with np.errstate(all="ignore"):  # what is too large for float32 is infinite, which training reports
        return make_training_step(graph, optimizer, samples, targets, engine, moving, dtype)
