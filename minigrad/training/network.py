"""A network: inputs, outputs and a loss, to be trained, asked for predictions and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cached_property, partial
from typing import Any

import numpy as np

from minigrad._format import printable
from minigrad._labels import Classes, check_classes, learned_classes
from minigrad._validation import Seed, check_dtype, finite_array, make_generator, numeric_array
from minigrad.core.node import Input, Node, Parameter
from minigrad.core.threads import by_one_thread
from minigrad.errors import GraphError
from minigrad.files import model
from minigrad.graph import CompiledGraph, Graph
from minigrad.ops import squared_error
from minigrad.optim import FullBatchOptimizer, Optimizer, is_full_batch
from minigrad.training import signature
from minigrad.training.callbacks import Callback, stateful_parts
from minigrad.training.checkpoint import CheckpointFile
from minigrad.training.data import Columns, make_pair, make_training_data, sample_shape
from minigrad.training.full_batch_step import make_step
from minigrad.training.history import History
from minigrad.training.identity import identify
from minigrad.training.loop import TrainingLoop
from minigrad.training.metrics import Metric, check_metrics, measure, measure_all
from minigrad.training.options import check_engine, check_options, checked_rule
from minigrad.training.own_loop import OwnLoopStep
from minigrad.training.rows import loss_feed, mean_loss, output_rows
from minigrad.training.state import LastFit, StepBudget
from minigrad.training.step import make_predict_step
from minigrad.training.summary import NetworkSummary, summarize
from minigrad.training.targets import make_target_rules

Loss = Callable[[Any, Any], Node]
"""Anything that makes a scalar node of outputs and targets: a loss op, or a function of yours.

Both come as tuples of scalar nodes, or as one node each where the output is an array.
"""


class Network:
    """Inputs, outputs ŷ and the loss L(ŷ, t) that training makes small.

    Args:
        inputs: The input nodes that the outputs read, in the order of the columns of X: scalar ones, or one array node.
        outputs: The output nodes, scalar ones or one array node.
        loss: A loss such as minigrad.squared_error, or a function of outputs and targets that returns a scalar node. It
            gets tuples of scalar nodes, or one node each where the output is an array: for example
            `lambda y, t: minigrad.sum((minigrad.stack(y) - minigrad.stack(t)) ** 2)` of tuples.

    Attributes:
        targets: New inputs t1, t2, …, one for each output; one array input t for an array-valued output.
        graph: The graph of the loss.
        history: The history of the last `fit`; an empty one before it.
        classes: The names of the classes, in the order of the outputs, as `fit` learned them from labels that are text
            or as you assign them; −1 and 1 after a `fit` with such targets of a single output; None without.

    Raises:
        GraphError: If `inputs` are not just those that the outputs read.
        ShapeError: If the loss is not a scalar, or an array-valued input or output stands beside others.
        OperandError: If the loss makes no node.

    Example:
        >>> import minigrad as mg
        >>> x, w = mg.Input("x"), mg.Parameter(2.0, "w")
        >>> network = mg.Network(x, w * x, loss=mg.squared_error)
        >>> network.predict([[1.0], [3.0]]).tolist()
        [[2.0], [6.0]]
    """

    def __init__(
        self, inputs: Node | Iterable[Node], outputs: Node | Iterable[Node], loss: Loss = squared_error
    ) -> None:
        self._set_outputs(inputs, outputs)
        targets = signature.make_target_inputs(self.outputs, [node.name for node in self.forward_graph.nodes])
        self._set_loss(targets, signature.make_loss(loss, self.outputs, targets))

    @classmethod
    def of_graph(
        cls,
        inputs: Node | Iterable[Node],
        outputs: Node | Iterable[Node],
        targets: Node | Iterable[Node],
        loss: Node,
    ) -> Network:
        """Return a network whose loss is a given node.

        Args:
            inputs: The input nodes that the outputs read.
            outputs: The output nodes.
            targets: An input for each output, of the same shape.
            loss: A scalar node that depends on outputs and targets.

        Returns:
            A network.

        Raises:
            GraphError: If inputs or targets do not fit the graph.
            ShapeError: If shapes do not fit, or the loss is not a scalar.

        Example:
            >>> import minigrad as mg
            >>> x, t, w = mg.Input("x"), mg.Input("t"), mg.Parameter(2.0, "w")
            >>> y = w * x
            >>> mg.Network.of_graph(x, y, t, (y - t) ** 2).evaluate([1.0], [5.0])
            9.0
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
        self.history = History()
        self._last_fit: LastFit | None = None
        self._classes: Classes | None = None
        self.graph = Graph(loss)
        self._target_rules = make_target_rules(self.graph.plan.steps, self.outputs, targets)
        listed = {*self.inputs, *self.targets}
        for node in self.graph.inputs:
            if node not in listed:
                raise GraphError(
                    "an input that only the loss reads",
                    node=node.title,
                    cure="Make it a Constant, or use it in the outputs.",
                )

    @cached_property
    def _weighted(self) -> tuple[Input, Graph]:
        """An input for the weight of a sample, and the graph of the loss times this weight."""
        weight = Input()
        return weight, Graph(self.loss * weight)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every weight and bias that the loss depends on, in the order of the graph."""
        return self.graph.parameters

    def __copy__(self) -> Network:
        return deepcopy(self)

    @property
    def classes(self) -> Classes | None:
        """The names of the classes, in the order of the outputs; of a single output, of the lower and the higher."""
        return self._classes

    @classes.setter
    def classes(self, classes: Sequence[str] | Sequence[int] | None) -> None:
        self._classes = None if classes is None else check_classes(classes, self._target_rules.count)

    def __repr__(self) -> str:
        return printable(
            f"<Network of {len(self.inputs)} inputs, {len(self.outputs)} outputs, "
            f"{self.graph.parameter_count} parameters, loss {self.loss.label}>"
        )

    @by_one_thread
    def fit(
        self,
        X: Any,
        T: Any = None,
        optimizer: Optimizer | FullBatchOptimizer | None = None,
        *,
        epochs: int = 10,
        batch_size: int = 1,
        validation: tuple[Any, Any] | float | None = None,
        stratify: bool = False,
        metrics: Sequence[Metric] = (),
        sample_weight: Any = None,
        shuffle: bool = True,
        seed: Seed = 0,
        callbacks: Iterable[Callback] = (),
        progress: bool = True,
        engine: str = "auto",
        dtype: Any = np.float64,
        steps: int | None = None,
        warm_start: bool = False,
    ) -> History:
        """Minimize the mean loss of samples X with targets T, step by step along the gradient.

        The same seed gives the same parameters, bit for bit. Parameters whose `trainable` is False when `fit` begins
        stay as they are. With LBFGS or LevenbergMarquardt every epoch is one step on all samples, and training ends
        when they have converged. It also ends where a callback calls `progress.stop(reason)`, and, with a warning,
        after an epoch whose loss or new parameters are not finite: the parameters are then those of the epoch before.
        `stop_reason` of the history says why training ended early.

        Args:
            X: Samples, shape (samples, inputs). Without T: batches (X, T), each of them one step, from a function that
                is called for every epoch or from an iterable that can be repeated. Arrays of float64 or of `dtype` are
                read where they are while training lasts, and not copied.
            T: Targets, shape (samples, outputs); class labels 0, 1, … of shape (samples,) for several outputs; or text
                as labels, which `classes` keeps in alphabetical order.
            optimizer: How a gradient changes the parameters; SGD() for None.
            epochs: How many times to go through all samples.
            batch_size: Samples in a step, whose mean loss is differentiated; the last step of an epoch may have fewer.
            validation: A pair (X, T) to measure the loss on after each epoch, or the share of samples to hold out: at
                random, or with shuffle=False the last ones. `History.held_out` has their rows.
            stratify: Whether the share has as much of each class as all samples have.
            metrics: Named functions f(outputs, targets) of rows of samples that return one number, measured after each
                epoch, on the validation data where there is any.
            sample_weight: A number w ≥ 0 for each sample, shape (samples,): its loss L counts as wL, in a batch of B
                samples Σ wL / B.
            shuffle: Whether the order of the samples is drawn anew in each epoch.
            seed: A seed or generator for the order of samples and the held-out share; None for a new one.
            callbacks: Functions f(progress), called after each epoch, or objects such as EarlyStopping, Checkpoint and
                StopOnNonFinite, see docs/training.md.
            progress: Whether a terminal or notebook shows the course of the loss, the rate and the remaining time.
            engine: What computes the steps: "nodes", "numpy", "tape", "script", or "auto" for the fastest.
            dtype: numpy.float64, or numpy.float32 to train a copy of the parameters in that type, which is written back
                at the end of each epoch.
            steps: Train so many steps instead of `epochs`.
            warm_start: Go on with the optimizer's state, the count of steps, the random generator and the rows held
                out of the last `fit` of this network, if that was with an equal optimizer and the same trainable
                parameters.

        Returns:
            The history of the loss and the metrics, which `history` keeps.

        Raises:
            KeyboardInterrupt: If the user interrupts training (Ctrl-C). The parameters are then those of the last
                finished epoch, `history` has all finished epochs, and a checkpoint is as it was last written.
            DataError: If X, T, weights or validation data do not fit the network, or the loss is not defined for a
                target; no parameter has moved then.
            ThreadError: If another thread trains the network or is in a pass over its graph.
            SettingError: If an option is impossible, alone or beside the others; no parameter has moved then.
            FileError: If a checkpoint is damaged or belongs to another training; no parameter has moved then.
            NotFiniteError: With StopOnNonFinite, at the first step with a number that is not finite.

        Example:
            >>> import minigrad as mg
            >>> x, w, b = mg.Input("x"), mg.Parameter(0.0, "w"), mg.Parameter(0.0, "b")
            >>> network = mg.Network(x, w * x + b)
            >>> network.fit([0, 1, 2, 3], [1, 3, 5, 7], mg.SGD(lr=0.1), epochs=200, progress=False)
            <History of 200 epochs, loss 4.449 → ...>
            >>> round(w.value, 3), round(b.value, 3)
            (2.0, 1.0)
        """
        options = check_options(
            has_targets=T is not None,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=batch_size,
            validation=validation,
            stratify=stratify,
            metrics=metrics,
            sample_weight=sample_weight,
            shuffle=shuffle,
            seed=seed,
            callbacks=callbacks,
            progress=progress,
            engine=engine,
            dtype=dtype,
            steps=steps,
            warm_start=warm_start,
        )
        weight, graph = (None, self.graph) if sample_weight is None else self._weighted
        rng = options.rng
        weights = None if weight is None else (weight, sample_weight)
        classes, last = learned_classes(T, self._target_rules.count, self.classes), self._last_fit
        # A stream may write its next batch into the same array; full-batch optimizers know a loss from the step before.
        is_copied = T is None or is_full_batch(options.optimizer)
        data = make_training_data(
            partial(self._target_rules.make_pair, self.inputs, classes=classes, dtype=options.dtype, copy=is_copied),
            X,
            T,
            validation,
            weights,
            rng,
            shuffle=options.shuffle,
            stratify=options.stratify,
            previous=(last.split, last.held_out) if warm_start and last is not None else (None, None),
        )
        step = make_step(graph, options.optimizer, data.samples, data.targets, options.engine, options.dtype)
        frozen = self.graph.frozen_positions
        fit_key = (options.optimizer, type(step.engine), options.dtype, frozen)
        steps_before = 0
        earlier_states: Mapping[str, Any] = {}
        if warm_start and last is not None and last.key == fit_key:
            rng, step.optimizer_state, steps_before = last.rng, last.optimizer_state, last.steps
            earlier_states = last.part_states
        predict = make_predict_step(step, self.inputs, self.outputs) or partial(output_rows, self)
        classes = classes or self._target_rules.signed_classes(data.all_targets.rows)
        threshold = self._target_rules.threshold_for(classes)
        measure_epoch = partial(measure_all, options.metrics, predict, *data.measured, threshold)
        if is_full_batch(options.optimizer):
            batch_size = len(data.samples)
        settings = {
            "batch_size": batch_size,
            "shuffle": shuffle,
            "metrics": [*measure_epoch()],  # a metric that fails does so before any parameter changes
            "frozen parameters": [self.graph.parameters[index].name or index for index in frozen],
            "dtype": str(options.dtype),
            "classes": classes and [*classes],
        }
        parts = stateful_parts(options.callbacks)
        checkpoint = None
        if options.checkpoint is not None:
            identity = identify(graph, step, data.validation, options.metrics, seed, parts, settings)
            names = ["loss"] if data.validation is None else ["loss", "validation_loss"]
            columns = [*names, *(metric.__name__ for metric in options.metrics)]
            checkpoint = CheckpointFile(options.checkpoint, identity, columns, parts)
        loop = TrainingLoop(
            network=self,
            graph=graph,
            step=step,
            budget=StepBudget(len(data.samples), epochs, batch_size, steps),
            rng=rng,
            shuffle=options.shuffle,
            validation=data.validation,
            measure=measure_epoch,
            callbacks=options.callbacks,
            parts=parts,
            non_finite=options.non_finite,
            checkpoint=checkpoint,
            stream=data.stream,
            classes=classes,
            held_out=data.held_out,
            steps_before=steps_before,
        )
        self._last_fit = None  # an interrupted or diverged training is none to go on from
        history = loop.run(options.progress, earlier_states)
        if not loop.diverged:
            part_states = {name: part.state() for name, part in parts.items() if part.of_optimizer and part.state}
            state, steps = tuple([np.copy(array) for array in step.optimizer_state]), loop.state.step
            self._last_fit = LastFit(fit_key, state, part_states, steps, rng, data.split, data.held_out)
        return history

    @by_one_thread
    def train_step(
        self,
        optimizer: Optimizer | FullBatchOptimizer | None = None,
        *,
        engine: str = "auto",
        dtype: Any = np.float64,
        seed: Seed = 0,
    ) -> Callable[[Any, Any], Any]:
        """Return a function step(X, T) that makes one step of training, or several, for loops of your own.

        After each step the nodes have the parameters. Parameters whose `trainable` is False now stay as they are.

        Args:
            optimizer: How a gradient changes the parameters; SGD() for None. Its state lasts from step to step.
            engine: What computes the steps, as in `fit`.
            dtype: numpy.float64 or numpy.float32, as in `fit`.
            seed: A seed or generator for the masks of dropout; None for a new one.

        Returns:
            A function of a batch, X of shape (samples, inputs) and T of shape (samples, outputs) or labels (samples,),
            that returns the mean loss before the step. From arrays with one more axis in front, (steps, samples, …), it
            makes a step with each batch and returns their losses.

        Raises:
            SettingError: If there is no such optimizer, engine or type.
            CompileError: If the engine cannot compute the graph.
            ThreadError: If another thread trains the network or is in a pass over its graph; so does a step.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(0.0, "w")
            >>> step = mg.Network(x, w * x).train_step(mg.SGD(lr=0.1))
            >>> step([[1.0], [2.0]], [[2.0], [4.0]])
            5.0
            >>> w.value
            0.5
        """
        rule, kind = checked_rule(optimizer), check_dtype(dtype)
        zeros = np.zeros((1, *sample_shape(self.inputs))), np.zeros((1, *sample_shape(self.targets)))
        nothing = make_pair(self.inputs, self.targets, *zeros)
        step = make_step(self.graph, rule, *nothing, check_engine(engine), kind)
        step.masks.start_epoch(make_generator(seed))
        return OwnLoopStep(self, step, self._target_rules)

    def summary(self) -> NetworkSummary:
        """Return a table of the layers: units, operation, parameters and how many of them are trainable.

        Returns:
            A summary; it prints as text, and notebooks show it as a table.

        Example:
            >>> import minigrad as mg
            >>> mg.Network(*mg.mlp([2, 3, 1], mg.tanh, mg.sigmoid, rng=0)).summary()
            layer    units  operation  parameters  trainable
            x1 … x2      2  input               0          0
            h1 … h3      3  tanh                9          9
            y1           1  sigmoid             4          4
            13 parameters, 13 trainable; loss ½Σ(ŷ−t)²
        """
        return summarize(self.forward_graph, self.loss)

    def textbook_name(self, node: Node, position: Any = None) -> str:
        """Return the name that a node has in textbooks: x₁, w₁₂⁽¹⁾, s₂⁽¹⁾, h₂, ŷ₁, t₁ or L.

        Args:
            node: A node of the graph of the loss.
            position: Which element of an array, a number or a tuple; None for all.

        Returns:
            A text that no other node or element of the network has; `Graph.textbook_name` says what it consists of.

        Raises:
            GraphError: If the node is not in the graph.
            PositionError: If there is no element at this position.

        Example:
            >>> import minigrad as mg
            >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=0))
            >>> [network.textbook_name(node) for node in (*network.inputs, *network.outputs, network.loss)]
            ['x₁', 'x₂', 'ŷ₁', 'L']
        """
        return self.graph.textbook_name(node, position)

    def save(self, path: Any) -> None:
        """Write the network to a file that `Network.load` rebuilds it from, see docs/files.md.

        The file holds structure, names, parameters, trainable flags, the loss, the history and the classes. It is
        complete or not written at all.

        Args:
            path: The file, by convention with the ending .npz.

        Raises:
            FileError: If an op is not registered, or the file cannot be written.

        Example:
            >>> import tempfile
            >>> import minigrad as mg
            >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=0))
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     network.save(folder + "/network.npz")
            ...     again = mg.Network.load(folder + "/network.npz")
            >>> bool((again.predict([0, 1]) == network.predict([0, 1])).all())
            True
        """
        parts = model.Parts(self.inputs, self.outputs, self.targets, self.loss)
        model.save(path, parts, model.SavedHistory(self.history.columns, self.history.stop_reason), self.classes)

    @classmethod
    def load(cls, path: Any) -> Network:
        """Return the network of a file as it was when it was saved; the file runs no code.

        Names are put behind the name scopes in force.

        Args:
            path: A file that `save` wrote.

        Returns:
            A new network.

        Raises:
            FileError: If the file cannot be read, is damaged or foreign, or has an op that is not registered.

        Example:
            See `save`.
        """
        with model.reading_model(path) as (parts, history, classes):
            network = cls.of_graph(*parts)
        network.classes = classes
        columns = {name: [*numbers] for name, numbers in history.columns.items()}
        network.history = History.of_columns(columns, history.stop_reason)
        return network

    def compile(self, dtype: Any = np.float64, engine: str = "auto") -> CompiledGraph:
        """Return the graph of the loss as array code over matrices; `source` shows the NumPy program.

        Args:
            dtype: numpy.float64, or numpy.float32 to compute with rounded copies of the parameters.
            engine: "numpy", "tape", "script", "nodes", or "auto" for the fastest, see `Graph.compile`.

        Returns:
            A compiled graph.

        Raises:
            SettingError: If there is no such engine or type.
            CompileError: If the engine cannot compute the graph, or not in this type; nothing has changed then.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(2.0, "w")
            >>> mg.Network(x, w * x).compile().gradient({"x": 1.0, "t1": 5.0}), w.grad
            (4.5, -3.0)
        """
        return self.graph.compile(dtype, engine)

    def predict(self, X: Any) -> np.ndarray:
        """Return the outputs ŷ for every row of X.

        Args:
            X: Samples of shape (samples, inputs), or one sample of shape (inputs,).

        Returns:
            An array of shape (samples, outputs), or (outputs,) for one sample.

        Raises:
            DataError: If X does not fit the network.

        Example:
            >>> import minigrad as mg
            >>> x1, x2 = mg.Input("x1"), mg.Input("x2")
            >>> network = mg.Network([x1, x2], x1 * x2)
            >>> network.predict([[2, 3], [4, 5]]).tolist(), network.predict([2, 3]).tolist()
            ([[6.0], [20.0]], [6.0])
        """
        rows, shape = numeric_array(X, "samples", copy=False), sample_shape(self.inputs)
        if rows.shape == shape:
            reader = self.graph.training_engine.row_reader(self.outputs, self.inputs)
            outputs = None if reader is None else reader.read_row(rows)
            if outputs is not None:
                return outputs
        is_sample = rows.shape == shape or (not rows.shape and shape == (1,))
        samples = Columns(self.inputs, rows[None] if is_sample else rows, "samples", copy=False)
        outputs = output_rows(self, samples)
        return outputs[0] if is_sample else outputs

    def predict_classes(self, X: Any, threshold: float | None = None) -> Any:
        """Return the class of every row of X: that of the largest output, or the side of a threshold for a single one.

        Args:
            X: Samples of shape (samples, inputs), or one sample of shape (inputs,).
            threshold: The number above which a single output means class 1. None for what the loss says, which is 0 for
                `binary_cross_entropy`, whose outputs are logits, and for `hinge`, 0 after a `fit` with targets −1 and
                1, and else ½.

        Returns:
            An array of shape (samples,), or one class for one sample: names where the network has `classes`, else
            labels 0, 1, …, or of a single output −1 and 1 with `hinge` and after a `fit` with such targets.

        Raises:
            DataError: If X does not fit the network, an output is not finite, or outputs are no row of numbers.
            SettingError: If the threshold is not a number.

        Example:
            >>> import minigrad as mg
            >>> x, w, b = mg.Input("x"), mg.Parameter(0.0, "w"), mg.Parameter(0.0, "b")
            >>> network = mg.Network(x, w * x + b, loss=mg.binary_cross_entropy)
            >>> history = network.fit([-2, -1, 1, 2], ["cold", "cold", "warm", "warm"], progress=False)
            >>> network.classes, network.predict_classes([-3.0, 3.0]).tolist()
            (('cold', 'warm'), ['cold', 'warm'])
        """
        outputs = finite_array(np.atleast_1d(self.predict(X)), "outputs", copy=False)
        is_sample = outputs.shape == sample_shape(self.outputs)
        labels = self._target_rules.decode(outputs[None] if is_sample else outputs, threshold, self.classes)
        return labels[0] if is_sample else labels

    def evaluate(self, X: Any, T: Any, metric: Metric | Sequence[Metric] | None = None) -> Any:
        """Return the mean loss over samples X with targets T, or a metric of them, or several.

        Args:
            X: Samples, shape (samples, inputs).
            T: Targets, shape (samples, outputs), or class labels of shape (samples,) for several outputs.
            metric: A function f(outputs, targets), such as minigrad.accuracy, or a list of such functions.

        Returns:
            The mean loss as a float, or what the metric returns; for a list a dictionary of that by the metrics' names.

        Raises:
            DataError: If X or T do not fit the network, or the loss or a metric is not defined for a target.
            SettingError: If the metric is no function and no list of functions with different names.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(2.0, "w")
            >>> network = mg.Network(x, w * x)
            >>> network.evaluate([1.0, 2.0], [2.0, 5.0])
            0.25
            >>> network.evaluate([1.0, 2.0], [2.0, 5.0], [mg.r_squared])
            {'r_squared': 0.777...}
        """
        metrics = () if metric is None else check_metrics([metric] if callable(metric) else metric)
        samples, targets = self._pair(X, T)
        if metric is None:
            return mean_loss(self, samples, targets)
        outputs, threshold = output_rows(self, samples), self._target_rules.threshold_for(self.classes)
        results = {each.__name__: measure(each, outputs, targets.rows, threshold) for each in metrics}
        return results.popitem()[1] if callable(metric) else results

    @by_one_thread
    def loss_graph(self, x: Any, t: Any) -> Graph:
        """Return the graph of the loss after both passes over a sample or a batch: its nodes have `value` and `delta`.

        Args:
            x: One sample, shape (inputs,), or a number for a single input; or a batch, shape (samples, inputs).
            t: Its target, shape (outputs,), a number for a single output, or a class label; of a batch, one for each
                sample. The loss of a batch is the mean.

        Returns:
            The graph of this network, whose values the next call overwrites.

        Raises:
            DataError: If the data does not fit the network, or the loss is not defined for a target.
            ThreadError: If another thread trains the network or is in a pass over its graph.

        Example:
            >>> import minigrad as mg
            >>> x, w = mg.Input("x"), mg.Parameter(2.0, "w")
            >>> graph = mg.Network(x, w * x).loss_graph(1.0, 5.0)
            >>> w.grad
            -3.0
            >>> graph = mg.Network(x, w * x).loss_graph([[1.0], [1.0]], [5.0, 2.0])
            >>> w.grad
            -1.5
        """
        rows, shape = numeric_array(x, "samples", copy=False), sample_shape(self.inputs)
        is_batch = rows.ndim > len(shape) or (shape == (1,) and rows.size > 1)
        samples, targets = self._pair(rows, t) if is_batch else self._pair(rows[None], [t])
        parts = (samples.batch(), targets.batch()) if is_batch else (samples.sample(0), targets.sample(0))
        self.graph.forward_and_backward(loss_feed(self.graph, *parts))
        return self.graph

    def data(self, X: Any, T: Any, purpose: str = "") -> tuple[Columns, Columns]:
        """Return samples and targets as columns, checked against the network.

        Args:
            X: Samples, shape (samples, inputs).
            T: Targets, shape (samples, outputs), or class labels of shape (samples,) for several outputs.
            purpose: A word for the error text, such as "validation ".

        Returns:
            Two objects with `rows`, the checked arrays of shapes (samples, inputs) and (samples, outputs).

        Raises:
            DataError: If X or T do not fit the network, or differ in number, or the loss is not defined for a target.

        Example:
            >>> import minigrad as mg
            >>> network = mg.Network(*mg.mlp([2, 3], rng=0))
            >>> samples, targets = network.data([[0, 1], [1, 0]], [2, 0])
            >>> targets.rows.tolist()
            [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        """
        return self._target_rules.make_pair(self.inputs, X, T, purpose, self.classes)

    def _pair(self, X: Any, T: Any) -> tuple[Columns, Columns]:
        """Return what `data` returns, for a call that has read it when it returns: as views of arrays of the caller."""
        return self._target_rules.make_pair(self.inputs, X, T, classes=self.classes, copy=False)
