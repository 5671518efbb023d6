"""A network: inputs, outputs and a loss, ready to be trained, asked and looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from minigrad._validation import Seed, as_tuple, make_generator, numeric_array
from minigrad.core import interpreter
from minigrad.core.node import Node, Parameter
from minigrad.errors import GraphError, SettingError
from minigrad.files import model
from minigrad.graph import FastGraph, Graph
from minigrad.ops import squared_error
from minigrad.ops.base import Value
from minigrad.optim import SGD, FullBatchOptimizer, Optimizer, checked_optimizer, is_full_batch
from minigrad.training import loop
from minigrad.training.answers import array_answers
from minigrad.training.callbacks import EarlyStopping, checked_stopping
from minigrad.training.careful import CarefulTrainer
from minigrad.training.checkpoint import make_keeper
from minigrad.training.checkpoint_file import Checkpoint
from minigrad.training.data import Columns, as_targets, check_same_length, is_share, sample_shape
from minigrad.training.full_batch_step import FullBatchTrainer
from minigrad.training.metrics import number_of
from minigrad.training.signature import check_inputs, check_targets, checked_loss, made_loss, side, target_inputs
from minigrad.training.state import Course
from minigrad.training.step import Trainer, make_trainer
from minigrad.training.stream import check_settings
from minigrad.training.supply import make_supply

Loss = Callable[[Any, Any], Node]
"""Anything that makes a scalar node of outputs and targets: a loss op, or a function of yours.

Both come as tuples of scalar nodes, or as one node each where the output is an array.
"""


class Network:
    """Inputs, outputs and the loss L(outputs, targets) that training makes small.

    `targets` are new inputs t1, t2, …, one for each output (one array input t for an array-valued output); `graph` is
    the graph of the loss. Raises GraphError unless `inputs` are just those that the outputs read, ShapeError for a loss
    that is not a scalar, or where an array-valued input or output stands beside others.
    """

    def __init__(
        self, inputs: Node | Iterable[Node], outputs: Node | Iterable[Node], loss: Loss = squared_error
    ) -> None:
        self._open(inputs, outputs)
        targets = target_inputs(self.outputs, {node.name for node in self.forward_graph.nodes})
        self._close(targets, made_loss(loss, self.outputs, targets))

    @classmethod
    def of_graph(
        cls,
        inputs: Node | Iterable[Node],
        outputs: Node | Iterable[Node],
        targets: Node | Iterable[Node],
        loss: Node,
    ) -> Network:
        """A network whose loss is a node already, made of the outputs and of `targets`, one input for each output.

        Raises GraphError and ShapeError as `Network` does.
        """
        network = cls.__new__(cls)
        network._open(inputs, outputs)
        asked = side(targets, "targets")
        check_targets(asked, network.outputs)
        network._close(asked, checked_loss(loss))
        return network

    def _open(self, inputs: Node | Iterable[Node], outputs: Node | Iterable[Node]) -> None:
        self.inputs, self.outputs = side(inputs, "inputs"), side(outputs, "outputs")
        self.forward_graph = Graph(self.outputs)
        check_inputs(self.inputs, self.forward_graph.inputs)
        self.whole = bool(self.outputs[0].shape)

    def _close(self, targets: tuple[Node, ...], loss: Node) -> None:
        self.targets = targets
        self.loss = loss
        self.graph = Graph(loss)
        for node in self.graph.inputs:
            if node not in (*self.inputs, *self.targets):
                raise GraphError(
                    "an input of the loss alone", node=str(node), cure="Make it a Constant, or an input of the outputs."
                )

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
        T: Any = None,
        optimizer: Optimizer | FullBatchOptimizer | None = None,
        epochs: int = 10,
        batch_size: int = 1,
        seed: Seed = 0,
        shuffle: bool = True,
        validation: tuple[Any, Any] | float | None = None,
        callbacks: Sequence[loop.Callback] = (),
        progress: bool = True,
        compiled: bool | Literal["auto"] = "auto",
        check_finite: bool = False,
        checkpoint: Checkpoint | None = None,
        steps: int | None = None,
        metrics: Sequence[loop.Metric] = (),
        stopping: EarlyStopping | None = None,
        weights: Any = None,
        trainable: Iterable[Node | str] | Node | str | None = None,
    ) -> loop.History:
        """Learns from samples X and targets T, sample by sample unless `batch_size` says otherwise.

        Shapes: X (samples, inputs), T (samples, outputs), or class labels 0, 1, … for many outputs, T (samples,).
        Without T, X gives batches (X, T), each learned from in one step: a function that is called for every epoch, or
        anything that can be gone through again and again.
        The order of samples is shuffled anew each epoch by `seed`; the same seed gives the same weights, bit for bit.
        The graph is compiled where that is faster, see `trainer.make_trainer`; the results are equal to rounding.
        With LBFGS or LevenbergMarquardt every epoch is one step on all samples, whatever the batch size.

        - `validation`: data (X, T) on which the loss is measured after each epoch, or the share of samples to hold out.
        - `metrics`: functions of outputs and targets that are measured after each epoch, on the validation data if any.
        - `callbacks`: functions that are told of each epoch, see `Progress`.
        - `stopping`: when to end before all epochs are over, and the best parameters then, see `EarlyStopping`.
        - `checkpoint`: a file that training is written to, and that it goes on from if it is there, see `Checkpoint`.
        - `steps`: so many steps instead of epochs.
        - `weights`: one number w ≥ 0 for each sample, whose loss L counts as wL, held out or not.
        - `trainable`: the parameters, or their names, that move; all others stay. One needs no list.
        - `check_finite`: stops at the first loss that is NaN or infinite, as NotFiniteError with the node at fault and
          what fed it; the parameters are then those before that step.

        Raises DataError for data that does not fit, SettingError for an impossible setting, FileError for a checkpoint
        that cannot be trusted, before any parameter moves.
        """
        if T is None:
            given = {"checkpoint": checkpoint is not None, "steps": steps is not None, "weights": weights is not None}
            given["metrics without validation"] = bool(metrics) and validation is None
            given["a share for validation"] = is_share(validation)
            given["batch_size"] = batch_size != 1
            check_settings(given | {"a full-batch optimizer": is_full_batch(optimizer)})
        rng = make_generator(seed)
        supply = make_supply(self.graph, self.data, (X, T), validation, weights, rng)
        graph, samples, targets, held_out, measured, stream = supply
        stopping = checked_stopping(stopping, held_out is not None)
        free = None if trainable is None else self.chosen(trainable)
        trainer: Trainer
        if is_full_batch(optimizer):
            trainer, batch_size = FullBatchTrainer(graph, optimizer, samples, targets, free), len(samples)
        else:
            rule = SGD() if optimizer is None else checked_optimizer(optimizer)
            trainer = make_trainer(graph, rule, samples, targets, compiled, free)
        checks = loop.checked_metrics(metrics)
        measure = partial(
            self.measured, checks, *measured, array_answers(trainer, self.inputs, self.outputs) or self.answers
        )
        names = [*measure()]  # one that fails does so before any parameter moves
        settings: dict[str, Any] = {"batch_size": batch_size, "shuffle": shuffle, "validated": held_out is not None}
        settings |= {"metrics": names, "stopping": repr(stopping)}
        settings["trainable"] = None if free is None else sorted(graph.position[node] for node in free)
        return loop.fit(
            CarefulTrainer(trainer, graph, samples, targets) if check_finite else trainer,
            Course(len(samples), epochs, batch_size, steps),
            rng=rng,
            shuffle=shuffle,
            validation=held_out,
            callbacks=loop.checked_callbacks(callbacks),
            progress=progress,
            measure=measure,
            stopping=stopping,
            keeper=make_keeper(checkpoint, graph, trainer, (samples, targets), seed, settings),
            stream=stream,
        )

    def save(self, path: Any) -> None:
        """Writes the network to a file that `Network.load` rebuilds it from, see docs/files.md.

        The file is there whole or not at all. Raises FileError for an op that is not registered, and where nothing can
        be written.
        """
        model.save(path, model.Parts(self.inputs, self.outputs, self.targets, self.loss))

    @classmethod
    def load(cls, path: Any) -> Network:
        """The network of a file, its structure, names, parameters and loss as they were when it was saved.

        Names are put behind the name scopes in force. Raises FileError, or another MinigradError, for a file that is
        damaged or foreign, or that has an op which is not registered; no file makes it run code.
        """
        return cls.of_graph(*model.load(path))

    def compile(self, dtype: Any = np.float64, engine: str = "auto") -> FastGraph:
        """The graph of the loss as array code, its matrices found again; `source` shows the NumPy program.

        See `Graph.compile` for the engines.
        """
        return self.graph.compile(dtype, engine)

    def predict(self, X: Any) -> np.ndarray:
        """The outputs for every row of X, shape (samples, outputs), or for one sample where X is one."""
        rows, one = numeric_array(X, "samples"), sample_shape(self.inputs)
        alone = rows.shape == one or (not rows.shape and one == (1,))
        found = self.answers(Columns(self.inputs, rows[None] if alone else rows, "samples"))
        return found[0] if alone else found

    def answers(self, samples: Columns) -> np.ndarray:
        """The outputs for samples that are checked already."""
        feed = samples.batch(slice(None))
        values = interpreter.run_forward(self.forward_graph.plan, self.forward_graph.leaves(feed))
        found = [np.broadcast_to(values[output], (len(samples), *output.shape)) for output in self.outputs]
        return found[0] if self.whole else np.stack(found, axis=-1)

    def evaluate(self, X: Any, T: Any, metric: loop.Metric | None = None) -> Any:
        """The mean loss over samples X with targets T, or what `metric` makes of outputs and targets."""
        samples, targets = self.data(X, T)
        if metric is not None:
            if not callable(metric):
                raise SettingError(
                    "a metric that cannot be called", found=repr(metric), expected="a function f(outputs, targets)"
                )
            return metric(self.answers(samples), targets.rows)
        everything = slice(None)
        feed = self.read({**samples.batch(everything), **targets.batch(everything)})
        return float(np.mean(interpreter.run_forward(self.graph.plan, self.graph.leaves(feed))[self.loss]))

    def measured(
        self,
        metrics: Sequence[Any],
        samples: Columns,
        targets: Columns,
        answers: Callable[[Columns], np.ndarray],
    ) -> dict[str, float]:
        """What some metrics make of the outputs now, by name."""
        if not metrics:
            return {}
        outputs = answers(samples)
        return {metric.__name__: number_of(metric, metric(outputs, targets.rows)) for metric in metrics}

    def chosen(self, keys: Any) -> set[Parameter]:
        """Some parameters of this network, or one, by themselves or by name."""
        found = as_tuple(keys, (Node, str), "trainable", "parameters of the network, or their names")
        return {self.parameter(key) for key in found}

    def parameter(self, key: Node | str) -> Parameter:
        """A parameter of this network, as it is or by its name; raises GraphError where there is none."""
        node = self.graph[key] if isinstance(key, str) else key
        if not isinstance(node, Parameter) or node not in self.graph:
            raise GraphError("not a parameter of this network", node=str(node))
        return node

    def loss_graph(self, x: Any, t: Any) -> Graph:
        """The graph of the loss for one sample, forward and backward done: read `value` and `delta` off its nodes."""
        samples, targets = self.data([x], [t])
        self.graph.forward(self.read({**samples.sample(0), **targets.sample(0)}))
        self.graph.backward()
        return self.graph

    def read(self, feed: dict[Any, Value]) -> dict[Any, Value]:
        """The part of a feed that the loss reads."""
        return {node: value for node, value in feed.items() if node in self.graph}

    def data(self, X: Any, T: Any, purpose: str = "") -> tuple[Columns, Columns]:
        """Samples and targets, checked against the network."""
        samples = Columns(self.inputs, X, f"{purpose}samples")
        targets = Columns(self.targets, as_targets(self.targets, T, f"{purpose}targets"), f"{purpose}targets")
        check_same_length(samples, targets)
        return samples, targets
