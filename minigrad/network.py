"""A network: inputs, outputs and a loss, ready to be trained, asked and looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import engine, train
from minigrad.data import Columns, as_targets, finite
from minigrad.errors import DataError, GraphError, ShapeError
from minigrad.graph import Graph
from minigrad.node import Input, Node, Parameter
from minigrad.ops import squared_error
from minigrad.optim import SGD, Optimizer

Loss = Callable[[Any, Any], Node]
"""Anything that makes a scalar node of outputs and targets: a loss op, or a function of yours."""


class Network:
    """Inputs, outputs and the loss L(outputs, targets) that training makes small.

    `targets` are new inputs t1, t2, …, one for each output (one array input t for an array-valued output); `graph` is
    the graph of the loss. Raises GraphError unless `inputs` are just those that the outputs read, ShapeError for a loss
    that is not a scalar.
    """

    def __init__(
        self, inputs: Input | Sequence[Node], outputs: Node | Sequence[Node], loss: Loss = squared_error
    ) -> None:
        self.inputs: tuple[Node, ...] = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
        self.outputs: tuple[Node, ...] = (outputs,) if isinstance(outputs, Node) else tuple(outputs)
        self.forward_graph = Graph(self.outputs)
        read = self.forward_graph.inputs
        for node in {*read} ^ {*self.inputs}:
            fault = "an input that is not listed" if node in read else "not an input of the outputs"
            raise GraphError(fault, node=str(node), expected=f"inputs {', '.join(map(str, read))}")
        self.whole = len(self.outputs) == 1 and bool(self.outputs[0].shape)
        names = ["t"] if self.whole else [f"t{number}" for number in range(1, len(self.outputs) + 1)]
        self.targets = tuple(Input(name, node.shape) for name, node in zip(names, self.outputs, strict=True))
        self.loss = loss(self.outputs[0], self.targets[0]) if self.whole else loss(self.outputs, self.targets)
        self.graph = Graph(self.loss)
        if self.loss.shape:
            raise ShapeError("a loss that is not a scalar", node=str(self.loss), found=self.loss.shape, expected=())

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every weight and bias."""
        return self.graph.parameters

    def __repr__(self) -> str:
        count = sum(int(np.prod(parameter.shape)) for parameter in self.parameters)
        return (
            f"<Network of {len(self.inputs)} inputs, {len(self.outputs)} outputs, "
            f"{count} parameters, loss {self.loss.label}>"
        )

    def fit(
        self,
        X: Any,
        T: Any,
        optimizer: Optimizer | None = None,
        epochs: int = 10,
        batch_size: int = 1,
        seed: int | None = 0,
        shuffle: bool = True,
        validation: tuple[Any, Any] | None = None,
        callbacks: Sequence[train.Callback] = (),
        progress: bool = True,
    ) -> train.History:
        """Learns from samples X and targets T, sample by sample unless `batch_size` says otherwise.

        Shapes: X (samples, inputs), T (samples, outputs), or T (samples,) with class labels 0, 1, … for many outputs.
        The order of samples is shuffled anew each epoch by `seed`; the same seed gives the same weights, bit for bit.
        Raises DataError for data that does not fit, before any parameter moves.
        """
        if epochs < 0 or batch_size < 1:
            raise DataError(
                "impossible settings", found=f"epochs={epochs}, batch_size={batch_size}", expected="≥ 0, ≥ 1"
            )
        samples, targets = self.data(X, T)
        return train.fit(
            train.Trainer(self.graph, SGD() if optimizer is None else optimizer),
            samples,
            targets,
            epochs=epochs,
            batch_size=batch_size,
            rng=np.random.default_rng(seed),
            shuffle=shuffle,
            validation=None if validation is None else self.data(*validation),
            callbacks=callbacks,
            progress=progress,
        )

    def predict(self, X: Any) -> np.ndarray:
        """The outputs for every row of X, shape (samples, outputs), or for one sample where X is one."""
        rows = finite(X, "samples")
        single = self.inputs[0].shape or (len(self.inputs),)
        alone = rows.shape == single
        feed = Columns(self.inputs, rows[None] if alone else rows, "samples").batch(slice(None))
        values = engine.evaluate(self.forward_graph.plan, self.forward_graph.leaves(feed))
        count = 1 if alone else len(rows)
        found = [np.broadcast_to(values[output], (count, *output.shape)) for output in self.outputs]
        result: np.ndarray = found[0] if self.whole else np.stack(found, axis=-1)
        return result[0] if alone else result

    def evaluate(self, X: Any, T: Any) -> float:
        """The mean loss over samples X with targets T."""
        samples, targets = self.data(X, T)
        everything = slice(None)
        feed = {**samples.batch(everything), **targets.batch(everything)}
        return float(np.mean(engine.evaluate(self.graph.plan, self.graph.leaves(feed))[self.loss]))

    def loss_graph(self, x: Any, t: Any) -> Graph:
        """The graph of the loss for one sample, forward and backward done: read `value` and `delta` off its nodes."""
        samples, targets = self.data([x], [t])
        self.graph.forward({**samples.sample(0), **targets.sample(0)})
        self.graph.backward()
        return self.graph

    def data(self, X: Any, T: Any) -> tuple[Columns, Columns]:
        """Samples and targets, checked against the network."""
        samples = Columns(self.inputs, X, "samples")
        targets = Columns(self.targets, as_targets(self.targets, T), "targets")
        train.check_same_length(samples, targets)
        return samples, targets
