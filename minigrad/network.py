"""A network: inputs, outputs and a loss, ready to be trained, asked and looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from minigrad import engine, train
from minigrad.data import Columns, as_targets, numeric, sample_shape
from minigrad.errors import GraphError, OperandError, ShapeError
from minigrad.files import model
from minigrad.files.checkpoint import Checkpoint
from minigrad.fullbatch import FullBatchTrainer
from minigrad.graph import FastGraph, Graph
from minigrad.keeper import make_keeper
from minigrad.naming import scoped
from minigrad.node import Input, Node, Parameter
from minigrad.ops import squared_error
from minigrad.ops.op import Value
from minigrad.optim import SGD, FullBatchOptimizer, Optimizer, checked_optimizer, is_full_batch
from minigrad.settings import generator, whole_number
from minigrad.trainer import CarefulTrainer, Trainer, make_trainer

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
        T: Any,
        optimizer: Optimizer | FullBatchOptimizer | None = None,
        epochs: int = 10,
        batch_size: int = 1,
        seed: int | None = 0,
        shuffle: bool = True,
        validation: tuple[Any, Any] | None = None,
        callbacks: Sequence[train.Callback] = (),
        progress: bool = True,
        compiled: bool | Literal["auto"] = "auto",
        check_finite: bool = False,
        checkpoint: Checkpoint | None = None,
    ) -> train.History:
        """Learns from samples X and targets T, sample by sample unless `batch_size` says otherwise.

        Shapes: X (samples, inputs), T (samples, outputs), or T (samples,) with class labels 0, 1, … for many outputs.
        The order of samples is shuffled anew each epoch by `seed`; the same seed gives the same weights, bit for bit.
        The graph is compiled where that is faster, see `trainer.make_trainer`; the results are equal to rounding.
        With LBFGS or LevenbergMarquardt every epoch is one step on all samples, whatever the batch size.
        With `check_finite` training stops at the first loss that is NaN or infinite, as NotFiniteError with the node at
        fault and what fed it; the parameters are then those before that step.
        A `checkpoint` is a file that training is written to, and that it goes on from if it is there, see `Checkpoint`.
        Raises DataError for data that does not fit, SettingError for an impossible setting, FileError for a checkpoint
        that cannot be trusted, before any parameter moves.
        """
        samples, targets = self.data(X, T)
        trainer: Trainer
        if is_full_batch(optimizer):
            trainer, batch_size = FullBatchTrainer(self.graph, optimizer, samples, targets), len(samples)
        else:
            rule = SGD() if optimizer is None else checked_optimizer(optimizer)
            trainer = make_trainer(self.graph, rule, samples, targets, compiled)
        settings = {"batch_size": batch_size, "shuffle": shuffle, "validated": validation is not None}
        return train.fit(
            CarefulTrainer(trainer, self.graph, samples, targets) if check_finite else trainer,
            len(samples),
            epochs=whole_number(epochs, "epochs", 0),
            batch_size=whole_number(batch_size, "batch_size", 1),
            rng=generator(seed),
            shuffle=shuffle,
            validation=None if validation is None else self.data(*train.checked_pair(validation), "validation "),
            callbacks=train.checked_callbacks(callbacks),
            progress=progress,
            keeper=make_keeper(checkpoint, self.graph, trainer, (samples, targets), seed, settings),
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

    def compile(self, dtype: Any = np.float64) -> FastGraph:
        """The graph of the loss as array code, its matrices found again; `source` shows the NumPy program."""
        return self.graph.compile(dtype)

    def predict(self, X: Any) -> np.ndarray:
        """The outputs for every row of X, shape (samples, outputs), or for one sample where X is one."""
        rows, one = numeric(X, "samples"), sample_shape(self.inputs)
        alone = rows.shape == one or (not rows.shape and one == (1,))
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
        feed = self.read({**samples.batch(everything), **targets.batch(everything)})
        return float(np.mean(engine.evaluate(self.graph.plan, self.graph.leaves(feed))[self.loss]))

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
        train.check_same_length(samples, targets)
        return samples, targets


def side(nodes: Any, role: str) -> tuple[Node, ...]:
    """One side of a network as a tuple: scalar nodes, or one array-valued node alone."""
    found = tuple(nodes) if isinstance(nodes, Iterable) and not isinstance(nodes, (Node, str)) else (nodes,)
    for node in found:
        if not isinstance(node, Node):
            raise OperandError(f"{role} are nodes", found=f"{type(node).__name__} {node!r}", expected="a node")
    arrays = [node for node in found if node.shape]
    if arrays and len(found) > 1:
        raise ShapeError(
            f"an array among the {role}",
            node=str(arrays[0]),
            found=f"shape {arrays[0].shape} beside {len(found) - 1} more",
            expected="scalar nodes, or one array-valued node",
            cure="Take slices of one long input, or join outputs with minigrad.concat.",
        )
    return found


def check_inputs(listed: Sequence[Node], read: Sequence[Node]) -> None:
    """Raises GraphError unless the listed inputs are those that the outputs read, each once."""
    expected = f"the inputs {', '.join(node.label for node in read) or 'none'}"
    for place, node in enumerate(listed):
        if node not in read:
            raise GraphError("not an input that the outputs read", node=str(node), expected=expected)
        if node in listed[:place]:
            raise GraphError("an input listed twice", node=str(node), expected=expected)
    for node in read:
        if node not in listed:
            raise GraphError("an input that is not listed", node=str(node), expected=expected)


def check_targets(targets: Sequence[Node], outputs: Sequence[Node]) -> None:
    """Raises GraphError or ShapeError unless there is one input of the same shape for each output."""
    for node in targets:
        if not isinstance(node, Input):
            raise GraphError("a target that is not an input", node=str(node))
    found, expected = [node.shape for node in targets], [node.shape for node in outputs]
    if found != expected or len(set(targets)) < len(targets):
        raise ShapeError("targets that do not fit the outputs", found=found, expected=f"one input each, {expected}")


def target_inputs(outputs: Sequence[Node], taken: Iterable[str | None]) -> tuple[Input, ...]:
    """A new input for each output: t1, t2, … (t for an array-valued one), with primes where such a name is taken."""
    prime = ""
    while True:
        names = [f"t{prime}" if node.shape else f"t{prime}{number}" for number, node in enumerate(outputs, start=1)]
        if {*map(scoped, names)}.isdisjoint(taken):
            return tuple(Input(name, node.shape) for name, node in zip(names, outputs, strict=True))
        prime += "′"


LOSSES = "a loss such as minigrad.squared_error, or a function that makes a node of outputs and targets"


def made_loss(loss: Any, outputs: Sequence[Node], targets: Sequence[Node]) -> Node:
    """The node of the loss; raises OperandError for a loss that makes none, ShapeError for one that is not a scalar."""
    if isinstance(loss, type) or not callable(loss):
        raise OperandError("not a loss", found=repr(loss), expected=LOSSES)
    return checked_loss(loss(outputs[0], targets[0]) if outputs[0].shape else loss(outputs, targets))


def checked_loss(made: Any) -> Node:
    """What a loss made; raises OperandError unless it is a node, ShapeError unless it is a scalar."""
    if not isinstance(made, Node):
        raise OperandError("a loss that makes no node", found=f"{type(made).__name__} {made!r}", expected=LOSSES)
    if made.shape:
        raise ShapeError(
            "a loss that is not a scalar", node=str(made), found=made.shape, cure="Sum it up with minigrad.sum."
        )
    return made
