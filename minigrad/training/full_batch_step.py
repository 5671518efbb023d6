"""Training by full-batch optimizers: the loss, or every residual, as a pure function of all parameters."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np

from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.core.passes import clear_pass, loss_derivative
from minigrad.errors import SettingError
from minigrad.graph import Graph
from minigrad.ops import multiply
from minigrad.ops.base import Value
from minigrad.ops.losses import MeanSquaredError, SquaredError
from minigrad.optim import FullBatchOptimizer, State, Vector
from minigrad.training.data import Columns


class FullBatchTrainer:
    """A loss, all of its data, and an optimizer that looks at all of it several times in every step.

    It works on the readable graph, with a batch axis; with `trainable` all other parameters stay as they are. Raises
    SettingError for an optimizer that sees residuals where the loss is no sum of squares.
    """

    def __init__(
        self,
        graph: Graph,
        optimizer: FullBatchOptimizer,
        samples: Columns,
        targets: Columns,
        trainable: Container[Node] | None = None,
    ) -> None:
        (self.loss,) = graph.outputs
        self.plan = graph.plan
        self.optimizer = optimizer
        self.layout = ParameterLayout([node for node in graph.parameters if trainable is None or node in trainable])
        self.fixed: dict[Any, Value] = {
            node: node.value
            for node in graph.nodes
            if node.kind in ("constant", "parameter") and node not in self.layout.parameters
        }
        self.serve(samples, targets)
        self.vector: Vector
        self.restore()
        self.state: State = optimizer.init(self.vector)
        if optimizer.sees == "residuals":
            self.squares, self.weight = squares_of(self.loss)

    def serve(self, samples: Columns, targets: Columns) -> None:
        """Learns from other data from now on."""
        self.count = len(samples)
        self.data = feed_of(samples, targets)

    def step(self, rows: Any) -> float:
        """Learns from all samples, whatever rows are named, and returns their mean loss before."""
        loss = self.loss_of(self.data, self.vector)
        function = self.residuals_and_slopes if self.optimizer.sees == "residuals" else self.loss_and_gradient
        self.vector, self.state = self.optimizer.advance(function, self.vector, self.state)
        return loss

    def loss_and_gradient(self, vector: Vector) -> tuple[float, Vector]:
        """The mean loss over all samples, and its gradient."""
        values = interpreter.run_forward(self.plan, {**self.fixed, **self.layout.split(vector), **self.data})
        deltas = interpreter.run_backward(self.plan, values, {self.loss: loss_derivative(values[self.loss])})
        return float(np.mean(values[self.loss])), self.layout.flatten(deltas)

    def residuals_and_slopes(self, vector: Vector) -> tuple[Vector, np.ndarray]:
        """Every residual r = ŷ − y, one row for each sample and output, and its slope by every parameter.

        The parameters carry the batch axis too, so that no δ is summed over the samples: one backward pass an output.
        """
        own: dict[Any, Value] = {
            parameter: np.broadcast_to(value, (self.count, *parameter.shape))
            for parameter, value in self.layout.split(vector).items()
        }
        values = interpreter.run_forward(self.plan, {**self.fixed, **own, **self.data})
        outputs, targets = self.plan.operands_of(self.squares)
        residuals = np.broadcast_to(values[outputs] - values[targets], (self.count, *outputs.shape))
        slopes = np.zeros((*residuals.shape, len(vector)))
        for place, one in enumerate(np.eye(residuals.shape[-1])):
            seeds = {
                operand: np.broadcast_to(start, np.shape(values[operand]))
                for operand, start in ((targets, -one), (outputs, one))
            }
            deltas = interpreter.run_backward(self.plan, values, seeds)
            for parameter, part in self.layout.slices():
                if parameter in deltas:
                    slopes[:, place, part] = deltas[parameter].reshape(self.count, -1)
        if self.weight is not None:
            root = np.sqrt(self.data[self.weight])[:, None]
            residuals, slopes = root * residuals, root[..., None] * slopes
        return residuals.reshape(-1), slopes.reshape(residuals.size, len(vector))

    def loss_of(self, feed: dict[Any, Value], vector: Vector) -> float:
        """The mean loss over some data."""
        leaves = {**self.fixed, **self.layout.split(vector), **feed}
        return float(np.mean(interpreter.run_forward(self.plan, leaves)[self.loss]))

    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        """The mean loss over some data, without learning from it."""
        return self.loss_of(feed_of(samples, targets), self.vector)

    def store(self) -> None:
        """Lets the nodes know their parameters; values and δ of older passes are forgotten."""
        self.layout.write(self.vector)
        clear_pass(self.plan)

    def restore(self) -> None:
        """Goes back to the parameters that the nodes were told last."""
        self.vector = self.layout.read()


def feed_of(samples: Columns, targets: Columns) -> dict[Any, Value]:
    """All samples with their targets, as a feed with a batch axis."""
    return {**samples.batch(slice(None)), **targets.batch(slice(None))}


def squares_of(loss: Node) -> tuple[Node, Node | None]:
    """The sum of squares that a loss is, and the input that is the weight of each sample if there is one.

    Raises SettingError for a loss that is neither a sum of squares nor one times an input.
    """
    square, weight = loss.parents if loss.op == multiply else (loss, None)
    if not isinstance(square.op, (SquaredError, MeanSquaredError)) or (weight is not None and weight.kind != "input"):
        raise SettingError(
            "least squares of a loss that is no sum of squares",
            node=str(loss),
            found=loss.label,
            expected="squared_error or mean_squared_error",
            cure="Take minigrad.LBFGS(), which minimizes any smooth loss.",
        )
    return square, weight
