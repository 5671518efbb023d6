"""The engine that turns a graph into few array nodes, and their passes into straight-line NumPy programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from functools import cached_property
from math import inf
from operator import is_not
from threading import Lock, get_ident, local
from typing import Any, NamedTuple
from unicodedata import normalize
from weakref import ref

import numpy as np

from minigrad.compiler.engine import Engine
from minigrad.compiler.export import module_text
from minigrad.compiler.grouping import group_like_nodes
from minigrad.compiler.optimizer_trace import StepRate, gradient_factor, replace_schedules, schedules_of
from minigrad.compiler.program import Program, ProgramCode
from minigrad.compiler.program_trace import InputArray, ProgramTrace
from minigrad.compiler.purity import check_pure_optimizer, has_own_class, update_calls
from minigrad.compiler.row_reader import Block, RowReader, make_row_reader
from minigrad.compiler.settings import snapshot
from minigrad.compiler.step_runner import StepRunner
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterCopy, ParameterVector
from minigrad.core.plan import make_plan
from minigrad.core.threads import quiet_context
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, State


class BoundProgram(NamedTuple):
    """A program, the arrays of inputs to fill before it runs, and a context of its thread where NumPy does not warn."""

    program: Program
    inputs: Mapping[Node, np.ndarray]
    context: Context


class ThreadPrograms(local):
    """The programs of one thread, and the gradient that they compute, which no other thread writes into."""

    def __init__(self, size: int, dtype: np.dtype, threads: set[int]) -> None:
        self.programs: dict[Any, BoundProgram] = {}
        self.gradient = np.zeros(size, dtype)
        threads.add(get_ident())


MAX_BATCH_SIZES = 8
"""For how many batch sizes the programs of one purpose are kept."""
MAX_OPTIMIZERS = 4
"""For how many optimizers the programs of training steps are kept."""


class NumpyEngine(Engine):
    """Outputs as programs over fixed arrays, one for each batch size and purpose, made when first asked for.

    The parameters of the readable graph become views into `parameters.vector`: after any number of compiled steps they
    show the right values, and a value assigned to one of them is what the next step computes with. In float32 the
    vector holds rounded copies, and the engine is `detached`.
    """

    reads_all_leaves = False

    def __init__(
        self,
        outputs: Sequence[Node],
        dtype: Any = np.float64,
        max_arrays: float = inf,
        order: Sequence[Node] | None = None,
        depth: Mapping[Node, int] | None = None,
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.detached = self.dtype != np.float64
        self.array_graph = group_like_nodes(outputs, max_arrays, order=order, depth=depth)
        self.plan = make_plan(self.array_graph.outputs)
        leaves = [node for node in self.plan.nodes if node.op is None]
        self.parameter_arrays = [node for node in leaves if node.kind == "parameter"]
        masks = [node for node in leaves if node.kind == "mask"]
        self.mask_arrays = [
            InputArray(node, f"mask{index}", self.array_graph.leaves[node]) for index, node in enumerate(masks)
        ]
        inputs = [node for node in leaves if node.kind == "input"]
        names = identifiers([node.name or "x" for node in inputs])
        self.input_arrays = [
            InputArray(node, name, self.array_graph.leaves[node]) for node, name in zip(inputs, names, strict=True)
        ]
        members = [leaf for node in self.parameter_arrays for leaf in self.array_graph.leaves[node]]
        self.parameters = (ParameterCopy if self.detached else ParameterVector)(members, self.dtype)
        """The vectors that hold the parameters and their gradients once a program is ready."""
        self.codes: dict[Any, ProgramCode] = {}
        self.writing = Lock()
        self.threads: set[int] = set()
        """The threads that have programs."""
        self.own = ThreadPrograms(self.parameters.size, self.dtype, self.threads)
        self.step_programs: list[StepPrograms] = []
        self.readers: dict[tuple[Node, ...], tuple[RowReader | None, tuple[Block, ...]]] = {}
        """The last reader of some nodes, with the blocks that it was made for."""

    @cached_property
    def scratch_gradient(self) -> np.ndarray:
        """Memory for the gradient within a training step, where δ of the nodes is not to be read from."""
        return np.empty_like(self.parameters.gradient)

    @property
    def source(self) -> str:
        """The code that runs for one sample: forward, and backward where there is a loss with parameters."""
        (output, *others) = self.plan.roots
        return self.program_for(None, not (others or output.shape) and bool(self.parameter_arrays)).program.source

    def export_module(self, batch: int | None) -> str:
        """Return the forward program as a module that needs only NumPy, with the parameters as they are now."""
        program = self.program_for(batch).program
        self.parameters.refresh()
        return module_text(program, [array.name for array in self.input_arrays])

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        results = self.run(leaves, batch, gradient=False).results
        values = [results[f"output{index}"] for index in range(len(self.plan.roots))]
        return [value.copy() if value.ndim else value.item() for value in values]

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        program = self.run(leaves, batch, gradient=True)
        gradient = program.arrays["gradient"]
        with self.storing:
            self.parameters.publish_gradient(gradient if len(self.threads) == 1 else gradient.copy())
        loss: float = program.results["loss"].item()
        return loss

    def run(self, leaves: Mapping[Node, Value], batch: int | None, gradient: bool) -> Program:
        """Fill the input arrays and run the program for one sample or for a batch."""
        program, arrays, context = self.program_for(batch, gradient)
        self.parameters.refresh()
        for node, _, inputs in self.input_arrays:
            array, values = arrays[node], [leaves[leaf] for leaf in inputs]
            if inputs == (node,):  # an array in the readable graph too, which may have no batch axis
                array[...] = values[0]
            elif batch is None:
                array[...] = np.array(values).reshape(array.shape)
            else:
                if float in map(type, values):  # the same number for all samples
                    values = [add_batch_axis(value, leaf, batch) for leaf, value in zip(inputs, values, strict=True)]
                array[...] = np.concatenate(values).reshape(len(values), batch).T.reshape(array.shape)
        context.run(program.run)
        return program

    def program_for(self, batch: int | None, gradient: bool = False) -> BoundProgram:
        """Return the program of the outputs, with `gradient` also of δ of the parameters, for a sample or a batch.

        It is this thread's own: only the parameters, which it reads, are those of all threads.
        """
        return self.bound_program((batch, gradient), lambda: self.trace(batch, gradient))

    def trace(self, batch: int | None, gradient: bool) -> ProgramTrace:
        """Return what is traced for a program of the outputs, with `gradient` also of δ of the parameters."""
        trace = ProgramTrace(self, batch)
        if gradient:
            trace.trace_gradient()
        return trace

    def bound_program(self, key: Any, make_trace: Callable[[], ProgramTrace]) -> BoundProgram:
        """Return this thread's program of a key, from what is traced for it the first time."""
        own = self.own
        program = own.programs.get(key)
        if program is None:
            code = self.code_for(key, make_trace)
            drop_oldest(own.programs, 2 * MAX_BATCH_SIZES)
            inputs = {name: np.zeros_like(code.arrays[name]) for _, name, _ in self.input_arrays}
            bound = code.bind({**inputs, "gradient": own.gradient})
            program = BoundProgram(bound, {node: inputs[name] for node, name, _ in self.input_arrays}, quiet_context())
            own.programs[key] = program
        self.parameters.attach()
        return program

    def code_for(self, key: Any, make_trace: Callable[[], ProgramTrace]) -> ProgramCode:
        """Return the code of a program, which one thread writes for all of them."""
        with self.writing:
            if key not in self.codes:
                code = make_trace().code()
                drop_oldest(self.codes, 2 * MAX_BATCH_SIZES)
                self.codes[key] = code
            return self.codes[key]

    def programs_for(self, optimizer: Optimizer, owner: Any) -> StepPrograms:
        """Return the programs of steps by an optimizer, with its state as before the first step.

        They are those that were recorded before for an optimizer of the same settings, unless their owner still lives.
        """
        self.parameters.attach()
        self.parameters.refresh()  # a method may begin with the parameters themselves
        settings = settings_without_schedules(optimizer)
        for programs in self.step_programs:
            if settings is not None and programs.settings == settings and programs.owner() is None:
                programs.start(optimizer, owner)
                break
        else:
            programs = StepPrograms(self, optimizer, settings, owner)
            self.step_programs = [earlier for earlier in self.step_programs if earlier.settings != settings]
        if settings is not None:
            others = [earlier for earlier in self.step_programs if earlier is not programs]
            self.step_programs = [*others, programs][-MAX_OPTIMIZERS:]
        return programs

    def row_reader(self, nodes: tuple[Node, ...], *blocks: Block) -> RowReader | None:
        reader, its_blocks = self.readers.get(nodes, (None, ()))
        if len(its_blocks) != len(blocks) or any(map(is_not, its_blocks, blocks)):
            reader = make_row_reader(self, nodes, blocks)
            self.readers[nodes] = reader, blocks
        return reader

    def stack_inputs(self, batch: Mapping[Node, np.ndarray]) -> dict[Node, np.ndarray]:
        """Return the input arrays of which all inputs are in a batch, one row for each sample."""
        arrays = {}
        for node, _, inputs in self.input_arrays:
            if inputs == (node,):
                if node in batch:
                    arrays[node] = batch[node]
            elif batch.keys() >= {*inputs}:
                stacked = np.stack([batch[leaf] for leaf in inputs], axis=-1)
                arrays[node] = stacked.reshape(len(stacked), *node.shape).astype(self.dtype, copy=False)
        return arrays

    def step_runner(
        self, batch: int | None, optimizer: Optimizer, state: State, rates: Sequence[StepRate] = ()
    ) -> StepRunner:
        """Return what runs training steps, which update the parameters and the optimizer's state in place.

        `rates` are what stands in the optimizer for its schedules.
        """
        self.parameters.attach()
        trace = ProgramTrace(self, batch, self.scratch_gradient, self.mask_arrays)
        factor = gradient_factor(optimizer, self.parameters.vector, state, rates)
        state_before = trace.add_optimizer_leaves(state, rates)
        traced_factor = factor.leaf if isinstance(factor, StepRate) else factor
        trace.trace_gradient(1.0 if traced_factor is None else traced_factor)
        trace.trace_update(optimizer, state_before, traced_factor)
        masks = {node: trace.arrays[name] for node, name, _ in self.mask_arrays}
        names = {node: name for node, name, _ in self.input_arrays}
        return StepRunner(trace.code().bind({}), names, masks, batch)


class StepPrograms:
    """The programs of training steps by one optimizer, one for each batch size, and the state that they share.

    They work on the arrays of that state, and so for one owner at a time.
    """

    def __init__(self, engine: NumpyEngine, optimizer: Optimizer, settings: Any, owner: Any) -> None:
        self.engine = engine
        self.optimizer = optimizer
        self.rates = [StepRate(schedule, engine.dtype) for schedule in schedules_of(optimizer)]
        self.settings = settings
        self.state: State = tuple(map(np.array, optimizer.init(engine.parameters.vector)))
        self.runners: dict[int | None, StepRunner] = {}
        self.owner = ref(owner)
        self.may_change = has_own_class(optimizer)
        if self.may_change:
            check_pure_optimizer(*self.recorded)
            self.calls = update_calls(*self.recorded) if settings is None else None

    @property
    def recorded(self) -> tuple[Optimizer, np.ndarray, State, list[StepRate]]:
        """The optimizer with rates in place of its schedules, and what it is recorded with."""
        rates = iter(self.rates)
        optimizer = replace_schedules(self.optimizer, lambda _: next(rates))
        return optimizer, self.engine.parameters.vector, self.state, self.rates

    def start(self, optimizer: Optimizer, owner: Any) -> None:
        """Go back to the state before the first step, for a new owner and an optimizer of the same settings."""
        self.optimizer, self.owner = optimizer, ref(owner)
        for rate, schedule in zip(self.rates, schedules_of(optimizer), strict=True):
            rate.schedule = schedule
        for array, value in zip(self.state, optimizer.init(self.engine.parameters.vector), strict=True):
            array[...] = value

    def follow_changes(self) -> None:
        """Record steps anew where somebody changed an optimizer of their own class since they were recorded."""
        if not self.may_change:
            return
        settings = settings_without_schedules(self.optimizer)
        calls = update_calls(*self.recorded) if settings is None else None
        if (settings, calls) != (self.settings, self.calls):
            self.settings, self.calls = settings, calls
            self.runners.clear()

    def runner(self, batch: int | None) -> StepRunner:
        """Return what runs steps with a sample, or with a batch of that size."""
        if batch not in self.runners:
            drop_oldest(self.runners, MAX_BATCH_SIZES)
            optimizer, _, state, rates = self.recorded
            self.runners[batch] = self.engine.step_runner(batch, optimizer, state, rates)
        return self.runners[batch]


def settings_without_schedules(optimizer: Optimizer) -> Any:
    """Return a snapshot of the settings of an optimizer but for its schedules, which are asked at every step."""
    return snapshot(replace_schedules(optimizer, lambda _: None))


def drop_oldest(entries: dict[Any, Any], most: int) -> None:
    """Make room for one more where there are `most`."""
    if len(entries) >= most:
        del entries[next(iter(entries))]


def add_batch_axis(value: Value, node: Node, batch: int | None) -> Value:
    """Return a leaf's value with a batch axis in front, where there is a batch."""
    return value if batch is None or np.ndim(value) > node.ndim else np.broadcast_to(value, (batch, *node.shape))


def identifiers(names: Sequence[str]) -> list[str]:
    """Return names as Python takes them, all different; with `input_` in front none is a name of the program's own."""
    words: list[str] = []
    for name in names:
        word = "input_" + re.sub(r"\W+", "_", normalize("NFKC", name), flags=re.ASCII).strip("_")
        while word in words:
            word += "_"
        words.append(word)
    return words
