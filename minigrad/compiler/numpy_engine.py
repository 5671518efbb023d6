"""A graph compiled: matrices found, passes recorded as straight-line NumPy code, parameters in one vector."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from keyword import iskeyword
from math import inf, prod
from typing import Any, NamedTuple
from unicodedata import normalize

import numpy as np

from minigrad.compiler.export import module_text
from minigrad.compiler.grouping import group_like_nodes
from minigrad.compiler.numpy_trace import NumpyTracer
from minigrad.compiler.program import Program, build_program
from minigrad.compiler.trace import TracedArray, Tracer, as_compile_error, needed_instructions, traced_arrays
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout, ParameterVector
from minigrad.core.plan import make_plan
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, State

OWN_NAMES = re.compile(
    r"np|build|run|parameters|gradient|None|True|False|(a|c|n|ones|zeros|full|view|part|state|output)\d+"
)
"""What a program calls things of its own."""


class InputArray(NamedTuple):
    """An input array of the compiled graph, its name in the program, and the inputs its elements stand for."""

    array: Node
    name: str
    inputs: tuple[Node, ...]


class NumpyEngine:
    """Outputs as programs over fixed arrays, one for each batch size and purpose, written when first asked for.

    The parameters of the readable graph become views into `parameters.vector`: after any number of fast steps they show
    the right values, and a value assigned to one of them is what the next step computes with.
    """

    def __init__(self, outputs: Sequence[Node], dtype: Any = np.float64, most: float = inf) -> None:
        self.dtype = np.dtype(dtype)
        self.vectorized = group_like_nodes(outputs, most)
        self.plan = make_plan(self.vectorized.outputs)
        leaves = [node for node in self.plan.nodes if node.op is None]
        self.matrices = [node for node in leaves if node.kind == "parameter"]
        inputs = [node for node in leaves if node.kind == "input"]
        names = identifiers([node.name or "x" for node in inputs])
        self.feeders = [
            InputArray(node, name, self.vectorized.leaves[node]) for node, name in zip(inputs, names, strict=True)
        ]
        self.constants = [node for node in leaves if node.kind == "constant"]
        self.programs: dict[tuple[int | None, bool], BoundProgram] = {}

    @cached_property
    def parameters(self) -> ParameterVector:
        """The vectors in which the parameters and their gradients live from now on."""
        members = [leaf for node in self.matrices for leaf in self.vectorized.leaves[node]]
        return ParameterVector(members, self.dtype)

    @property
    def source(self) -> str:
        """The code that runs for one sample: forward, and backward where there is a loss with parameters."""
        (output, *others) = self.plan.roots
        return self.runner(None, not (others or output.shape) and bool(self.matrices)).program.source

    def module(self, batch: int | None) -> str:
        """The forward program as a module that needs only NumPy, with the parameters as they are now."""
        program = self.runner(batch).program
        return module_text(program, [feeder.name for feeder in self.feeders if feeder.name in program.arrays])

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        """The value of each output."""
        results = self.run(leaves, batch, gradient=False).results
        found = [results[f"output{place}"] for place in range(len(self.plan.roots))]
        return [value.copy() if value.ndim else value.item() for value in found]

    def gradient(self, leaves: Mapping[Node, Value], batch: int | None) -> float:
        """The value of the output, its mean over the batch; the parameters show their δ."""
        loss: float = self.run(leaves, batch, gradient=True).results["loss"].item()
        self.parameters.passes += 1
        return loss

    def run(self, leaves: Mapping[Node, Value], batch: int | None, gradient: bool) -> Program:
        """Fills the input arrays and runs the program for one sample or for a batch."""
        runner = self.runner(batch, gradient)
        for feeder in self.feeders:
            values = [add_batch_axis(leaves[leaf], leaf, batch) for leaf in feeder.inputs]
            array = runner.inputs[feeder.array]
            array[...] = values[0] if feeder.inputs == (feeder.array,) else np.stack(values, -1).reshape(array.shape)
        with np.errstate(all="ignore"):
            runner.program.run()
        return runner.program

    def runner(self, batch: int | None, gradient: bool = False) -> BoundProgram:
        """The program of the outputs, with `gradient` also that of the parameters, for one sample or for a batch."""
        self.parameters.attach()
        if (batch, gradient) not in self.programs:
            recording = ProgramTrace(self, batch)
            if gradient:
                recording.record_gradient()
            self.programs[batch, gradient] = recording.runner()
        return self.programs[batch, gradient]

    def training(self, batch: int | None, optimizer: Optimizer, state: State) -> BoundProgram:
        """The program of one training step, which moves the parameters and the optimizer's state in place."""
        self.parameters.attach()
        recording = ProgramTrace(self, batch)
        factor = gradient_factor(optimizer, self.parameters.vector, state)
        recording.record_gradient(factor or 1.0)
        recording.record_update(optimizer, state, factor)
        return recording.runner()


class BoundProgram(NamedTuple):
    """A program with the arrays to fill before it runs."""

    program: Program
    inputs: Mapping[Node, np.ndarray]


class ProgramTrace:
    """One reading of the compiled graph's rules by a recorder."""

    def __init__(self, compiled: NumpyEngine, batch: int | None) -> None:
        self.compiled = compiled
        self.batch = batch
        lead = () if batch is None else (batch,)
        self.arrays = {"parameters": compiled.parameters.vector, "gradient": compiled.parameters.gradient}
        for feeder in compiled.feeders:
            self.arrays[feeder.name] = np.zeros((*lead, *feeder.array.shape), compiled.dtype)
        self.recorder = NumpyTracer(compiled.dtype)
        self.leaves = {name: self.recorder.leaf(array) for name, array in self.arrays.items()}
        self.notes: dict[TracedArray, str] = {}
        self.assigned: dict[str, Value] = {}
        self.spare: list[str] = []
        with as_compile_error("a forward rule"):
            self.values = interpreter.run_forward(compiled.plan, self.leaf_values(), self.recorder)
        self.note(self.values, "")
        roots = compiled.plan.roots
        self.results = {f"output{place}": self.values[root] for place, root in enumerate(roots)}

    def leaf_values(self) -> dict[Any, Value]:
        """The leaves as views of the flat vector, as input arrays, as constants."""
        compiled, values = self.compiled, {}
        for node, part in ParameterLayout(compiled.matrices).slices():
            values[node] = self.recorder.reshape(self.leaves["parameters"][part], node.shape)
            self.notes[values[node]] = node.label
        values |= {feeder.array: self.leaves[feeder.name] for feeder in compiled.feeders}
        values |= {node: np.asarray(node.value, compiled.dtype) for node in compiled.constants}
        return values

    def record_gradient(self, factor: float = 1.0) -> None:
        """The backward pass from the mean loss times a factor, with the gradients of all parameters side by side."""
        compiled, recorder, values = self.compiled, self.recorder, self.values
        (root,) = compiled.plan.roots
        loss = values[root]
        seed = np.full(loss.shape, factor / prod(loss.shape), compiled.dtype)
        with as_compile_error("a backward rule"):
            deltas = interpreter.run_backward(compiled.plan, values, {root: seed}, recorder)
        self.note(deltas, "δ ")
        parts = [
            recorder.reshape(deltas[node], (-1,)) if node in deltas else np.zeros(prod(node.shape), compiled.dtype)
            for node in compiled.matrices
        ]
        self.assigned["gradient"] = recorder.concat(parts, axis=0) if parts else np.zeros(0, compiled.dtype)
        self.results["loss"] = recorder.mean(loss) if loss.shape else loss

    def record_update(self, optimizer: Optimizer, state: State, factor: float | None) -> None:
        """The optimizer's own rule, read over the flat vectors: one update for all parameters.

        Where the gradient has a `factor` already, its product with it is itself.
        """
        memory = {f"state{place}": array for place, array in enumerate(state)}
        self.arrays |= memory
        self.leaves |= {name: self.recorder.leaf(array) for name, array in memory.items()}
        before: Any = tuple(self.leaves[name] for name in memory)
        parameters: Any = self.leaves["parameters"]
        gradient: Any = self.assigned.pop("gradient")  # nobody asks for it between the steps
        self.spare.append("gradient")
        if factor is not None:
            self.recorder.suppose(gradient, "multiply", factor, gradient)
        moved: Any
        after: Any
        with as_compile_error("the optimizer"):
            moved, after = optimizer.update(parameters, gradient, before)
        for name, value in {"parameters": moved, **dict(zip(memory, after, strict=True))}.items():
            self.assigned[name] = value if value is self.leaves[name] else self.apart(value)
        self.results = {"loss": self.apart(self.results["loss"])}

    def apart(self, value: Value) -> Value:
        """A value with memory of its own where it looks into a leaf, which the step is about to overwrite."""
        leaves = [leaf.value for leaf in self.leaves.values()]
        looks = isinstance(value, TracedArray) and any(np.may_share_memory(value.value, leaf) for leaf in leaves)
        return self.recorder.positive(value) if looks else value

    def note(self, values: Mapping[Any, Value], sign: str) -> None:
        """Remembers which node each recorded array belongs to."""
        for node, value in values.items():
            if isinstance(value, TracedArray) and isinstance(node, Node):
                self.notes.setdefault(value, f"{sign}{node.label}")

    def runner(self) -> BoundProgram:
        """The program written, compiled and bound to its arrays."""
        title = f"Written by minigrad for {'one sample' if self.batch is None else f'a batch of {self.batch}'}."
        program = build_program(
            self.recorder, self.leaves, self.arrays, self.results, self.assigned, self.notes, title, self.spare
        )
        inputs = {feeder.array: self.arrays[feeder.name] for feeder in self.compiled.feeders}
        return BoundProgram(program, inputs)


def gradient_factor(optimizer: Optimizer, parameters: np.ndarray, state: State) -> float | None:
    """The number that an optimizer multiplies the gradient by, if that is all it does with it.

    δ is linear in the δ at the loss: one that starts with this factor saves the product with a whole gradient.
    """
    recorder = Tracer(parameters.dtype)
    before, gradient, *memory = map(recorder.leaf, (parameters, parameters, *state))
    start: Any = (before, gradient, tuple(memory))
    with as_compile_error("the optimizer"):
        moved, after = optimizer.update(*start)
    results = traced_arrays([moved, *after])
    readers = [step for step in needed_instructions(recorder.instructions, results) if gradient in step.operands]
    if len(readers) != 1 or readers[0].function != "multiply" or gradient in results:
        return None
    numbers = [factor for factor in readers[0].arguments if type(factor) is float]
    return numbers[0] if numbers else None


def add_batch_axis(value: Value, node: Node, batch: int | None) -> Value:
    """A leaf's value with a batch axis in front, where there is a batch."""
    return value if batch is None or np.ndim(value) > node.ndim else np.broadcast_to(value, (batch, *node.shape))


def identifiers(names: Sequence[str]) -> list[str]:
    """Names as Python takes them, each once and none that a program uses for its own arrays."""
    found: list[str] = []
    for name in names:
        word = re.sub(r"\W+", "_", normalize("NFKC", name), flags=re.ASCII).strip("_") or "x"
        if iskeyword(word) or word[0].isdigit() or OWN_NAMES.fullmatch(word):
            word = f"input_{word}"
        while word in found:
            word += "_"
        found.append(word)
    return found
