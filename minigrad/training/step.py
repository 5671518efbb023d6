"""How one step of training is made: by the readable graph, or by the program that it was compiled to."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, Protocol

import numpy as np

from minigrad.compiler import make_engine
from minigrad.compiler.engine import NodesEngine, StatelessEngine
from minigrad.compiler.numpy_engine import BoundProgram, NumpyEngine
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.core.passes import clear_pass
from minigrad.errors import CompileError, SettingError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, State
from minigrad.training.data import Columns


class Trainer(Protocol):
    """A loss, its data and its optimizer."""

    optimizer: Any
    vector: np.ndarray
    """All parameters as they are now."""
    state: State
    """What the optimizer remembers."""

    def step(self, rows: Any) -> float:
        """Learns from one sample (a row number) or from a batch (an array of them); returns its mean loss before."""
        ...

    def serve(self, samples: Columns, targets: Columns) -> None:
        """Learns from other data from now on."""
        ...

    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        """The mean loss over some data, without learning from it."""
        ...

    def store(self) -> None:
        """Lets the nodes know their parameters; values and δ of older passes are forgotten."""
        ...

    def restore(self) -> None:
        """Goes back to the parameters that the nodes were told last."""
        ...


def make_trainer(
    graph: Graph,
    optimizer: Optimizer,
    samples: Columns,
    targets: Columns,
    compiled: bool | Literal["auto"],
    trainable: Container[Node] | None = None,
) -> Trainer:
    """The trainer for a graph: with "auto" the compiled one, unless its ops cannot be recorded or it would not pay.

    It pays where few array nodes do the work of the readable graph; another graph learns by the engine that suits it,
    see `compiler.make_engine`. With `trainable` all other parameters stay as they are. Raises CompileError with
    compiled=True for ops that cannot be recorded, SettingError for a setting that is none.
    """
    if not (isinstance(compiled, (bool, np.bool)) or compiled == "auto"):
        raise SettingError(
            "an impossible setting", node="compiled", found=repr(compiled), expected='True, False or "auto"'
        )
    if not compiled:
        return PlainTrainer(graph, held(optimizer, graph.parameters, trainable), samples, targets)
    engine = graph.training_engine
    if compiled != "auto" and not isinstance(engine, NumpyEngine):
        engine = make_engine(graph.outputs, name="numpy")
    if isinstance(engine, NumpyEngine):
        try:
            rule = held(optimizer, engine.parameters.parameters, trainable)
            return CompiledTrainer(graph, engine, rule, samples, targets)
        except CompileError:  # the optimizer cannot be recorded
            if compiled != "auto":
                raise
            engine = make_engine(graph.outputs, training=True, stateless=True)
    assert isinstance(engine, StatelessEngine)
    return PlainTrainer(graph, held(optimizer, graph.parameters, trainable), samples, targets, engine)


class PlainTrainer:
    """Training by an engine that is handed all leaves in every step; node by node, unless it is told otherwise."""

    def __init__(
        self,
        graph: Graph,
        optimizer: Optimizer,
        samples: Columns,
        targets: Columns,
        engine: StatelessEngine | None = None,
    ) -> None:
        self.plan = graph.plan
        self.engine = engine or NodesEngine(graph.outputs)
        self.optimizer = optimizer
        self.samples = samples
        self.targets = targets
        self.layout = ParameterLayout(graph.parameters)
        self.fixed: dict[Any, Value] = {node: node.value for node in graph.nodes if node.kind == "constant"}
        self.vector = self.layout.read()
        self.state: State = optimizer.init(self.vector)

    def step(self, rows: Any) -> float:
        leaves = self.leaves({**self.samples.rows_of(rows), **self.targets.rows_of(rows)})
        loss, deltas = self.engine.gradients(leaves, None if isinstance(rows, int) else len(rows))
        self.vector, self.state = self.optimizer.update(self.vector, self.layout.flatten(deltas), self.state)
        return loss

    def serve(self, samples: Columns, targets: Columns) -> None:
        self.samples, self.targets = samples, targets

    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        everything = slice(None)
        leaves = self.leaves({**samples.batch(everything), **targets.batch(everything)})
        return float(np.mean(self.engine.outputs(leaves, len(samples))[0]))

    def leaves(self, feed: dict[Any, Value]) -> dict[Any, Value]:
        return {**self.fixed, **self.layout.split(self.vector), **feed}

    def store(self) -> None:
        self.layout.write(self.vector)
        clear_pass(self.plan)

    def restore(self) -> None:
        self.vector = self.layout.read()


class CompiledTrainer:
    """Training by the compiled graph: fill the input arrays, run the program."""

    def __init__(
        self, graph: Graph, compiled: NumpyEngine, optimizer: Optimizer, samples: Columns, targets: Columns
    ) -> None:
        self.graph = graph
        self.compiled = compiled
        self.optimizer = optimizer
        self.tables = self.tables_of(samples, targets)
        self.memory = tuple(map(np.array, optimizer.init(compiled.parameters.vector)))
        self.runners: dict[int | None, BoundProgram] = {}
        self.before: np.ndarray | None = None
        """The parameters that the nodes were told last, where steps have moved them since."""
        self.runner(None)

    @property
    def vector(self) -> np.ndarray:
        """The vector that the parameters live in; assigning writes into it."""
        self.compiled.parameters.attach()
        return self.compiled.parameters.vector

    @vector.setter
    def vector(self, vector: np.ndarray) -> None:
        self.compiled.parameters.vector[...] = vector

    @property
    def state(self) -> State:
        """What the optimizer remembers, in arrays that all programs share; assigning writes into them."""
        return self.memory

    @state.setter
    def state(self, state: State) -> None:
        for array, value in zip(self.memory, state, strict=True):
            array[...] = value

    def step(self, rows: Any) -> float:
        if self.before is None:
            self.before = self.vector.copy()
        if isinstance(rows, int):
            runner = self.runner(None)
            for node, array in runner.inputs.items():
                array[...] = self.tables[node][rows]
        else:
            runner = self.runner(len(rows))
            for node, array in runner.inputs.items():  # picked rows go straight to where they are read
                self.tables[node].take(rows, axis=0, out=array, mode="clip")
        runner.program.run()
        return runner.program.results["loss"].item()

    def serve(self, samples: Columns, targets: Columns) -> None:
        self.tables = self.tables_of(samples, targets)

    def runner(self, batch: int | None) -> BoundProgram:
        """The program of one step; those of all batch sizes share one optimizer state."""
        if batch not in self.runners:
            self.runners[batch] = self.compiled.step_program(batch, self.optimizer, self.memory)
        return self.runners[batch]

    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        runner = self.compiled.program_for(len(samples))
        tables = self.tables_of(samples, targets)
        for node, array in runner.inputs.items():
            array[...] = tables[node]
        runner.program.run()
        return float(np.mean(runner.program.results["output0"]))

    def tables_of(self, *data: Columns) -> dict[Node, np.ndarray]:
        """The data of each input array of the compiled graph that it is for, one row for each sample."""
        columns: dict[Any, np.ndarray] = {}
        for side in data:
            columns |= side.batch(slice(None))
        tables = {}
        for feeder in self.compiled.input_arrays:
            if not columns.keys() >= {*feeder.inputs}:
                continue
            if feeder.inputs == (feeder.node,):
                tables[feeder.node] = columns[feeder.node]
            else:
                table = np.stack([columns[leaf] for leaf in feeder.inputs], axis=-1)
                tables[feeder.node] = table.reshape(len(table), *feeder.node.shape).astype(self.compiled.dtype)
        return tables

    def store(self) -> None:
        self.before = None
        clear_pass(self.graph.plan)

    def restore(self) -> None:
        if self.before is not None:
            self.vector = self.before


@dataclass(frozen=True)
class Held:
    """An optimizer that leaves some parameters where they are: those whose slack is 0, while that of others is ∞."""

    optimizer: Optimizer
    slack: np.ndarray = field(repr=False)

    def init(self, parameters: np.ndarray) -> State:
        return self.optimizer.init(parameters)

    def update(self, parameters: np.ndarray, gradient: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """One step of the optimizer, of which only the free parameters see a gradient and only they move."""
        felt = np.minimum(np.maximum(gradient, -self.slack), self.slack)
        moved, state = self.optimizer.update(parameters, felt, state)
        return np.minimum(np.maximum(moved, parameters - self.slack), parameters + self.slack), state


def held(optimizer: Optimizer, order: Sequence[Node], trainable: Container[Node] | None) -> Optimizer:
    """The optimizer, where some parameters are not trainable one that holds them; `order` is that of the vector."""
    if trainable is None or all(node in trainable for node in order):
        return optimizer
    slack = [np.full(prod(node.shape), np.inf if node in trainable else 0.0) for node in order]
    return Held(optimizer, np.concatenate(slack))
