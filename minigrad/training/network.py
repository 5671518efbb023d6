"""A network: inputs, outputs and a loss, to be trained, asked for predictions and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from minigrad._format import printable
from minigrad._validation import Seed, as_tuple, make_generator, numeric_array
from minigrad.core import interpreter
from minigrad.core.node import Input, Node, Parameter
from minigrad.errors import GraphError, SettingError
from minigrad.files import model
from minigrad.graph import CompiledGraph, Graph
from minigrad.ops import squared_error
from minigrad.ops.base import Value
from minigrad.optim import SGD, FullBatchOptimizer, Optimizer, checked_optimizer, is_full_batch
from minigrad.training import signature
from minigrad.training.callbacks import (
    Callback,
    EarlyStopping,
    check_callbacks,
    check_early_stopping,
    stop_on_non_finite,
)
from minigrad.training.checkpoint import Checkpoint, make_checkpoint_file
from minigrad.training.data import (
    Columns,
    check_stream_settings,
    is_fraction,
    make_pair,
    make_training_data,
    sample_shape,
)
from minigrad.training.full_batch_step import FullBatchStep
from minigrad.training.history import History
from minigrad.training.loop import TrainingLoop
from minigrad.training.metrics import Metric, check_metrics, measure_all
from minigrad.training.state import StepBudget
from minigrad.training.step import TrainingStep, as_rows, make_predict_step, make_training_step

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
        self._set_outputs(inputs, outputs)
        targets = signature.make_target_inputs(self.outputs, {node.name for node in self.forward_graph.nodes})
        self._set_loss(targets, signature.make_loss(loss, self.outputs, targets))

    @classmethod
    def of_graph(
        cls,
        inputs: Node | Iterable[Node],
        outputs: Node | Iterable[Node],
        targets: Node | Iterable[Node],
        loss: Node,
    ) -> Network:
        """Return a network whose loss is a node of the outputs and of `targets`, one input for each output.

        Raises GraphError and ShapeError as `Network` does.
        """
        network = cls.__new__(cls)
        network._set_outputs(inputs, outputs)
        target_nodes = signature.check_nodes(targets, "targets")
        signature.check_targets(target_nodes, network.outputs)
        network._set_loss(target_nodes, signature.check_loss(loss))
        return network

    def _set_outputs(self, inputs: Node | Iterable[Node], outputs: Node | Iterable[Node]) -> None:
        self.inputs, self.outputs = signature.check_nodes(inputs, "inputs"), signature.check_nodes(outputs, "outputs")
        self.forward_graph = Graph(self.outputs)
        signature.check_inputs(self.inputs, self.forward_graph.inputs)

    def _set_loss(self, targets: tuple[Node, ...], loss: Node) -> None:
        self.targets = targets
        self.loss = loss
        self.graph = Graph(loss)
        for node in self.graph.inputs:
            if node not in (*self.inputs, *self.targets):
                raise GraphError(
                    "an input of the loss alone",
                    node=node.title,
                    cure="Make it a Constant, or an input of the outputs.",
                )

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every weight and bias."""
        return self.graph.parameters

    def __repr__(self) -> str:
        count = sum(int(np.prod(parameter.shape)) for parameter in self.parameters)
        return printable(
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
        callbacks: Sequence[Callback] = (),
        progress: bool = True,
        compiled: bool | Literal["auto"] = "auto",
        check_finite: bool = False,
        checkpoint: Checkpoint | None = None,
        steps: int | None = None,
        metrics: Sequence[Metric] = (),
        stopping: EarlyStopping | None = None,
        weights: Any = None,
        trainable: Iterable[Node | str] | Node | str | None = None,
    ) -> History:
        """Learn from samples X and targets T, sample by sample unless `batch_size` says otherwise.

        Shapes: X (samples, inputs), T (samples, outputs), or class labels 0, 1, … for many outputs, T (samples,).
        Without T, X gives batches (X, T), each learned from in one step: a function that is called for every epoch, or
        anything that can be gone through again and again.
        The order of samples is shuffled anew each epoch by `seed`; the same seed gives the same weights, bit for bit.
        The graph is compiled where that is faster, see `step.make_training_step`; the results are equal to rounding.
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
            used = {"checkpoint": checkpoint is not None, "steps": steps is not None, "weights": weights is not None}
            used["metrics without validation"] = bool(metrics) and validation is None
            used["a share for validation"] = is_fraction(validation)
            used["batch_size"] = batch_size != 1
            check_stream_settings(used | {"a full-batch optimizer": is_full_batch(optimizer)})
        rng = make_generator(seed)
        weight = None if weights is None else Input()
        graph = self.graph if weight is None else Graph(self.loss * weight)
        sample_weights = None if weight is None else (weight, weights)
        data = make_training_data(self.data, X, T, validation, sample_weights, rng)
        stopping = check_early_stopping(stopping, data.validation is not None)
        moving = None if trainable is None else self._select_parameters(trainable)
        step: TrainingStep
        if is_full_batch(optimizer):
            step, batch_size = FullBatchStep(graph, optimizer, data.samples, data.targets, moving), len(data.samples)
        else:
            rule = SGD() if optimizer is None else checked_optimizer(optimizer)
            step = make_training_step(graph, rule, data.samples, data.targets, compiled, moving)
        predict = make_predict_step(step, self.inputs, self.outputs) or self._outputs
        measure = partial(measure_all, check_metrics(metrics), predict, *data.measured)
        settings = {
            "batch_size": batch_size,
            "shuffle": shuffle,
            "validated": data.validation is not None,
            "metrics": [*measure()],  # a metric that fails does so before any parameter changes
            "stopping": repr(stopping),
            "trainable": None if moving is None else sorted(graph.position[node] for node in moving),
        }
        return TrainingLoop(
            step=step,
            run_step=stop_on_non_finite(step, graph) if check_finite else step.run,
            budget=StepBudget(len(data.samples), epochs, batch_size, steps),
            rng=rng,
            shuffle=shuffle,
            validation=data.validation,
            measure=measure,
            callbacks=check_callbacks(callbacks),
            early_stopping=stopping,
            checkpoint=make_checkpoint_file(checkpoint, graph, step, seed, settings),
            stream=data.stream,
        ).run(progress)

    def save(self, path: Any) -> None:
        """Write the network to a file that `Network.load` rebuilds it from, see docs/files.md.

        The file is there whole or not at all. Raises FileError for an op that is not registered, and where nothing can
        be written.
        """
        model.save(path, model.Parts(self.inputs, self.outputs, self.targets, self.loss))

    @classmethod
    def load(cls, path: Any) -> Network:
        """Return the network of a file, its structure, names, parameters and loss as they were when it was saved.

        Names are put behind the name scopes in force. Raises FileError, or another MinigradError, for a file that is
        damaged or foreign, or that has an op which is not registered; no file makes it run code.
        """
        return cls.of_graph(*model.load(path))

    def compile(self, dtype: Any = np.float64, engine: str = "auto") -> CompiledGraph:
        """Return the graph of the loss as array code over matrices; `source` shows the NumPy program.

        See `Graph.compile` for the engines.
        """
        return self.graph.compile(dtype, engine)

    def predict(self, X: Any) -> np.ndarray:
        """Return the outputs for every row of X, shape (samples, outputs), or for one sample where X is one."""
        rows, shape = numeric_array(X, "samples"), sample_shape(self.inputs)
        is_sample = rows.shape == shape or (not rows.shape and shape == (1,))
        outputs = self._outputs(Columns(self.inputs, rows[None] if is_sample else rows, "samples"))
        return outputs[0] if is_sample else outputs

    def _outputs(self, samples: Columns) -> np.ndarray:
        """Return the outputs for checked samples."""
        values = self.graph.training_engine.values_of(self.outputs, samples.batch())
        if values is None:
            table = interpreter.run_forward(self.forward_graph.plan, self.forward_graph.leaves(samples.batch()))
            values = [table[output] for output in self.outputs]
        return as_rows(values, self.outputs, len(samples))

    def evaluate(self, X: Any, T: Any, metric: Metric | None = None) -> Any:
        """Return the mean loss over samples X with targets T, or what `metric` computes from outputs and targets."""
        samples, targets = self.data(X, T)
        if metric is not None:
            if not callable(metric):
                raise SettingError(
                    "a metric that cannot be called", found=repr(metric), expected="a function f(outputs, targets)"
                )
            return metric(self._outputs(samples), targets.rows)
        leaves = self.graph.leaves(self._loss_feed(samples.batch(), targets.batch()))
        return float(np.mean(interpreter.run_forward(self.graph.plan, leaves)[self.loss]))

    def _select_parameters(self, keys: Any) -> set[Parameter]:
        """Return some parameters of this network, or one, by themselves or by name; raise GraphError for others."""
        parameters = set()
        for key in as_tuple(keys, (Node, str), "trainable", "parameters of the network, or their names"):
            node = self.graph[key] if isinstance(key, str) else key
            if not isinstance(node, Parameter) or node not in self.graph:
                raise GraphError("not a parameter of this network", node=node.title)
            parameters.add(node)
        return parameters

    def loss_graph(self, x: Any, t: Any) -> Graph:
        """Return the graph of the loss after both passes over one sample: its nodes have `value` and `delta`."""
        samples, targets = self.data([x], [t])
        self.graph.forward(self._loss_feed(samples.sample(0), targets.sample(0)))
        self.graph.backward()
        return self.graph

    def _loss_feed(self, samples: dict[Any, Value], targets: dict[Any, Value]) -> dict[Any, Value]:
        """Return what the loss reads of samples and targets."""
        return {node: value for node, value in {**samples, **targets}.items() if node in self.graph}

    def data(self, X: Any, T: Any, purpose: str = "") -> tuple[Columns, Columns]:
        """Return samples and targets, checked against the network."""
        return make_pair(self.inputs, self.targets, X, T, purpose)
