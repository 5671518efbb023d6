"""One step of training: an interface, and its bodies by the readable graph and by a compiled program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from minigrad._format import describe_value
from minigrad.compiler import check_own_rules, make_engine
from minigrad.compiler.engine import NodesEngine, StatelessEngine
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.core.passes import clear_nodes
from minigrad.errors import CompileError
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, State
from minigrad.optim.base import has_state, is_optimizer, optimizer_parts
from minigrad.training.data import Columns
from minigrad.training.dropout import MaskSource
from minigrad.training.freezing import FrozenParameters, freeze
from minigrad.training.history import History

if TYPE_CHECKING:
    from minigrad.compiler.numpy_engine import NumpyEngine
    from minigrad.compiler.row_reader import Block, InputColumns
    from minigrad.compiler.step_runner import StepRunner
    from minigrad.graph import Graph


class TrainingStep(ABC):
    """A loss with its data, its optimizer and the parameters that the optimizer moves.

    `parameters` are a flat vector; the nodes have them as of the last `commit`.
    """

    engine: Any
    optimizer: Any
    parameters: np.ndarray
    optimizer_state: State
    samples: Columns
    targets: Columns
    masks: MaskSource
    drawn: np.ndarray | None = None
    """The masks of the last step."""

    @property
    def stop_reason(self) -> str | None:
        """Why no further step helps; None as long as one may."""
        return None

    def finish(self, history: History) -> Sequence[str]:
        """Complete the history of a training that has ended; return warnings of what may be wrong with its result."""
        return ()

    def set_data(self, samples: Columns, targets: Columns) -> None:
        """Learn from these data from now on."""
        self.samples, self.targets = samples, targets

    def feed(self, rows: Any) -> dict[Any, Value]:
        """Return one sample (a row number), or a batch (an array of them), with its targets."""
        return {**self.samples.feed(rows), **self.targets.feed(rows)}

    def draw_masks(self, batch: int | None) -> dict[Any, Value]:
        """Return new masks of dropout by node, for one sample or for a batch."""
        if not self.masks:
            return {}
        self.drawn = self.masks.draw(batch)
        return self.masks.by_node(self.drawn)

    @abstractmethod
    def run(self, rows: Any) -> float:
        """Learn from one sample (a row number) or a batch (an array of them); return its mean loss before."""

    def run_steps(self, rows: np.ndarray, batch: int | None) -> list[float]:
        """Learn from some rows, one by one or so many in a step, the last maybe fewer; return the loss before each."""
        return [self.run(step) for step in rows_of_steps(rows, batch)]

    def run_all(self, batch: int) -> list[float]:
        """Learn from all samples in their order, so many in a step; return the loss before each step."""
        return self.run_steps(np.arange(len(self.samples)), batch)

    @abstractmethod
    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        """Return the mean loss over some data, without learning from it."""

    @abstractmethod
    def commit(self) -> None:
        """Give the nodes the parameters as they are now; values and δ of older passes are forgotten."""

    @abstractmethod
    def roll_back(self) -> None:
        """Go back to the parameters of the last commit, or to what the nodes were assigned since."""

    def follow_changes(self) -> None:
        """Go on with the settings that the optimizer has now, where it is of a class that lets them be assigned."""
        return  # nothing is recorded, so nothing is out of date

    @abstractmethod
    def count_change(self) -> None:
        """Let what the nodes computed before the last steps be out of date, where these moved their parameters."""

    @abstractmethod
    def parameter_values(self) -> dict[Any, Value]:
        """Return the present value of every parameter that moves."""


def rows_of_steps(rows: np.ndarray, batch: int | None) -> list[Any]:
    """Return the row of each step, or the rows of so many samples, the last maybe fewer."""
    return rows.tolist() if batch is None else [rows[start : start + batch] for start in range(0, len(rows), batch)]


def make_training_step(
    graph: Graph,
    optimizer: Optimizer,
    samples: Columns,
    targets: Columns,
    engine: str = "auto",
    trainable: Container[Node] | None = None,
    dtype: Any = np.float64,
) -> TrainingStep:
    """Return the step for a graph by the named engine, or with "auto" by the fastest that can compute it.

    With `trainable` all other parameters stay as they are; in another type than float64 a copy of the parameters is
    trained, which `commit` writes back. Raises CompileError where the named engine cannot compute the graph, or the
    optimizer.
    """
    from minigrad.compiler.numpy_engine import NumpyEngine  # engines are imported when they are needed
    from minigrad.compiler.purity import warn_impure

    if engine == "nodes":
        return InterpretedStep(graph, optimizer, samples, targets, trainable, dtype=dtype)
    if engine == "numpy":
        check_own_rules(graph.nodes)
    chosen = graph.engine("auto" if engine == "numpy" else engine, dtype, training=True)
    if engine == "numpy" and not isinstance(chosen, NumpyEngine):
        chosen = graph.engine(engine, dtype, training=True)
    if isinstance(chosen, NumpyEngine):
        try:
            if any(has_state(part) for part in optimizer_parts(optimizer) if is_optimizer(part)):
                raise CompileError(
                    "an optimizer with a state of its own cannot be recorded", found=describe_value(optimizer)
                )
            return CompiledStep(
                graph, chosen, freeze(optimizer, chosen.parameters.parameters, trainable), samples, targets
            )
        except CompileError as error:  # the optimizer cannot be recorded
            if engine != "auto":
                raise
            warn_impure(error)
            chosen = make_engine(graph.outputs, dtype, training=True, stateless=True, order=graph.plan.nodes)
    if not isinstance(chosen, StatelessEngine):
        raise CompileError("the engine cannot train", found=engine, expected="a StatelessEngine")
    return InterpretedStep(graph, optimizer, samples, targets, trainable, chosen, dtype)


class InterpretedStep(TrainingStep):
    """A step by an engine that is handed all leaves every time; by default it goes node by node.

    With `trainable` all other parameters stay as they are.
    """

    def __init__(
        self,
        graph: Graph,
        optimizer: Any,
        samples: Columns,
        targets: Columns,
        trainable: Container[Node] | None = None,
        engine: StatelessEngine | None = None,
        dtype: Any = np.float64,
    ) -> None:
        self.nodes = graph.nodes
        self.dtype = dtype
        self.engine = engine or NodesEngine(graph.outputs, dtype, graph.plan.nodes)
        self.layout = ParameterLayout([node for node in graph.parameters if trainable is None or node in trainable])
        moved = {*self.layout.parameters}
        self.frozen = [node for node in graph.parameters if node not in moved]
        self.constants: dict[Any, Value] = {node: node.value for node in graph.nodes if node.kind == "constant"}
        self.masks = MaskSource(graph.masks)
        self.constants |= {mask: mask.ones for mask in self.masks.nodes}
        self.set_data(samples, targets)
        self.roll_back()
        self.optimizer = optimizer
        self.optimizer_state = optimizer.init(self.parameters)

    def run(self, rows: Any) -> float:
        leaves = self.leaves(self.feed(rows))
        leaves |= self.draw_masks(None if isinstance(rows, int) else len(rows))
        loss, deltas = self.engine.gradients(leaves, None if isinstance(rows, int) else len(rows))
        gradient = self.layout.flatten(deltas).astype(self.dtype, copy=False)
        self.parameters, self.optimizer_state = self.optimizer.update(self.parameters, gradient, self.optimizer_state)
        return loss

    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        leaves = self.leaves({**samples.batch(), **targets.batch()})
        return float(np.mean(self.engine.outputs(leaves, len(samples))[0]))

    def leaves(self, feed: dict[Any, Value]) -> dict[Any, Value]:
        """Return the value of every leaf under a feed."""
        return {**self.constants, **self.layout.split(self.parameters), **feed}

    def commit(self) -> None:
        self.layout.write(self.parameters)
        clear_nodes(self.nodes)

    def roll_back(self) -> None:
        self.parameters = self.layout.read().astype(self.dtype, copy=False)
        self.constants |= {node: node.value for node in self.frozen}

    def count_change(self) -> None:
        pass  # the nodes have parameters of their own until `commit`

    def parameter_values(self) -> dict[Any, Value]:
        return self.layout.split(self.parameters.copy())


class CompiledStep(TrainingStep):
    """A step by a program: it fills the input arrays, and the program moves the parameters."""

    def __init__(
        self, graph: Graph, engine: NumpyEngine, optimizer: Optimizer, samples: Columns, targets: Columns
    ) -> None:
        self.graph = graph
        self.engine = engine
        if engine.detached:
            engine.owner = ref(self)
        self.optimizer = optimizer
        self.moving = np.isnan(optimizer.limit) if isinstance(optimizer, FrozenParameters) else True
        """Which numbers of the parameters are not frozen."""
        self.programs = engine.programs_for(optimizer, self)
        self.runners = self.programs.runners
        self.rates = self.programs.rates
        self.masks = MaskSource(graph.masks)
        self.mask_columns = {
            node: np.concatenate([self.masks.columns[mask] for mask in masks]) for node, _, masks in engine.mask_arrays
        }
        self.blocks: tuple[Block, ...] = ()
        self.columns: list[InputColumns | None] = []
        """Where the input arrays have their numbers in samples and targets."""
        self.committed: np.ndarray | None = None
        """The parameters of the last commit, where steps have moved them since."""
        self.set_data(samples, targets)
        self.runner(None)

    @property
    def parameters(self) -> np.ndarray:
        """The vector that the parameters live in; assigning writes into it."""
        self.engine.parameters.attach()
        return self.engine.parameters.vector

    @parameters.setter
    def parameters(self, parameters: np.ndarray) -> None:
        self.engine.parameters.attach()  # or the nodes, which live elsewhere, would not see it
        self.engine.parameters.vector[...] = parameters
        self.count_change()

    @property
    def optimizer_state(self) -> State:
        """What the optimizer remembers, in arrays that all programs share; assigning writes into them."""
        return self.programs.state

    @optimizer_state.setter
    def optimizer_state(self, state: State) -> None:
        for array, value in zip(self.programs.state, state, strict=True):
            array[...] = value

    def set_data(self, samples: Columns, targets: Columns) -> None:
        super().set_data(samples, targets)
        self.arrays = self.input_arrays(samples, targets)

    def run(self, rows: Any) -> float:
        is_sample = isinstance(rows, int)
        (loss,) = self.run_steps(np.array([rows]) if is_sample else rows, None if is_sample else len(rows))
        return loss

    def run_steps(self, rows: np.ndarray, batch: int | None) -> list[float]:
        losses: list[float] = []
        size = batch or 1
        rest = len(rows) % size
        for part, count in ((rows[: len(rows) - rest], batch), (rows[len(rows) - rest :], rest)):
            if len(part):
                runner = self.runner(count)
                for steps in runner.gathered(self.arrays, part):
                    losses += self.run_program(runner, steps, count)
        return losses

    def run_all(self, batch: int) -> list[float]:
        runner = self.runner(batch)
        return self.run_program(runner, runner.in_order(self.arrays, len(self.samples)), batch)

    def program_on(self, samples: np.ndarray, targets: np.ndarray) -> Callable[[], list[float]] | None:
        """Return what makes a step with the batch that stands in two arrays; None where the step depends on more.

        It may depend on masks, on rates and settings that change, and on input arrays with only a part of the batch.
        """
        rows = {
            known.node: (samples, targets)[known.block] for known in self.columns if known and known.columns is None
        }
        if self.mask_columns or self.rates or self.programs.may_change or len(rows) < len(self.columns):
            return None
        runner = self.runner(len(samples))
        return partial(runner.program.run, [*runner.in_order(rows, len(samples))])

    def run_program(self, runner: StepRunner, steps: Iterable[Any], batch: int | None) -> list[float]:
        """Make steps, each with a sample or a batch; return the losses."""
        self.engine.parameters.attach()  # a callback may have moved them, by compiling another graph
        if self.committed is None:
            self.committed = self.parameters.copy()
        if self.mask_columns or self.rates:
            steps = self.prepare_steps(steps, runner, batch)
        losses: list[float] = runner.program.run(steps)
        return losses

    def prepare_steps(self, steps: Iterable[Any], runner: StepRunner, batch: int | None) -> Iterator[Any]:
        """Yield the arrays of each step; before, draw its masks and ask the schedules for its rates."""
        for arrays in steps:
            if self.mask_columns:
                self.drawn = self.masks.draw(batch)
                for node, columns in self.mask_columns.items():
                    array = runner.masks[node]
                    array[...] = self.drawn[..., columns].reshape(array.shape)
            for rate in self.rates:
                rate.set_array()
            yield arrays

    def runner(self, batch: int | None) -> StepRunner:
        """Return what runs steps of that size; those of all sizes share one optimizer state."""
        if batch == 1:  # its mean loss is that of the sample
            batch = None
        return self.runners[batch] if batch in self.runners else self.programs.runner(batch)

    def follow_changes(self) -> None:
        self.programs.follow_changes()

    def mean_loss(self, samples: Columns, targets: Columns) -> float:
        program, inputs, _ = self.engine.program_for(len(samples))
        arrays = self.input_arrays(samples, targets)
        for node, array in inputs.items():
            array[...] = arrays[node]
        program.run()
        return float(np.mean(program.results["output0"]))

    def input_arrays(self, *data: Columns) -> dict[Node, np.ndarray]:
        """Return the data of each input array of the program that it is for, one row for each sample."""
        from minigrad.compiler.row_reader import input_columns  # an engine is there, so it has been imported

        blocks = tuple(part.nodes for part in data)
        if blocks != self.blocks:
            self.blocks = blocks
            self.columns = [input_columns(self.engine, array.node, blocks) for array in self.engine.input_arrays]
        known_columns = [known for known in self.columns if known is not None]
        if len(known_columns) == len(self.columns):
            rows = [part.rows for part in data]
            return {known.node: np.ascontiguousarray(known.rows(rows), self.engine.dtype) for known in known_columns}
        return self.engine.stack_inputs({node: rows for part in data for node, rows in part.batch().items()})

    def commit(self) -> None:
        self.committed = None
        self.engine.parameters.publish(self.moving)
        self.count_change()
        self.graph.forget_pass(self.engine.parameters.of_nodes)

    def count_change(self) -> None:
        self.engine.parameters.count_change()

    def roll_back(self) -> None:
        self.engine.parameters.attach()
        if self.committed is not None:
            self.parameters, self.committed = self.committed, None
        self.engine.parameters.refresh()

    def parameter_values(self) -> dict[Any, Value]:
        return self.engine.parameters.split(self.parameters.copy())


def make_predict_step(
    step: TrainingStep, inputs: Sequence[Node], outputs: Sequence[Node]
) -> Callable[[Columns], np.ndarray] | None:
    """Return a function that predicts by the arrays of a compiled step; None where they lack an output or an input."""
    if not isinstance(step, CompiledStep):
        return None
    reader = step.engine.row_reader(tuple(outputs), tuple(inputs))
    return None if reader is None else lambda samples: reader.read(samples.rows)
