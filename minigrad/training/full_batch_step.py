"""A step of a full-batch optimizer: the loss, or every residual, as a pure function of all parameters."""

from __future__ import annotations

from collections.abc import Container
from math import prod
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
from minigrad.optim import FullBatchOptimizer, Vector
from minigrad.optim.full_batch import Function
from minigrad.training.data import Columns
from minigrad.training.step import InterpretedStep


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
        self.function: Function = self.loss_and_gradient
        if optimizer.sees == "residuals":
            self.function = self.residuals_and_jacobian
            residuals, self.weight = residual_node(graph.outputs[0])
            self.residual_plan = make_plan([residuals])
            self.constants |= {node: node.value for node in self.residual_plan.nodes if node.kind == "constant"}

    def set_data(self, samples: Columns, targets: Columns) -> None:
        super().set_data(samples, targets)
        self.data = {**samples.batch(), **targets.batch()}

    def run(self, rows: Any) -> float:
        """Learn from all samples, whatever rows are given, and return their mean loss before."""
        self.data |= self.draw_masks(len(self.samples))  # which stay while the optimizer looks around
        loss = float(np.mean(self.engine.outputs(self.leaves(self.data), len(self.samples))[0]))
        self.parameters, self.optimizer_state = self.optimizer.advance(
            self.function, self.parameters, self.optimizer_state
        )
        return loss

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
