"""What is recorded for one program of the NumPy engine: both passes, and the step of an optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad.compiler.numpy_trace import NumpyTracer
from minigrad.compiler.optimizer_trace import StepRate
from minigrad.compiler.program import ProgramCode, build_program
from minigrad.compiler.trace import TracedArray, as_compile_error
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.core.passes import loss_derivative
from minigrad.core.plan import Plan
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, State

if TYPE_CHECKING:
    from minigrad.compiler.numpy_engine import NumpyEngine


class InputArray(NamedTuple):
    """An input of the array graph, its name in the program, and the inputs that its elements stand for."""

    node: Node
    name: str
    inputs: tuple[Node, ...]


class ProgramTrace:
    """The traced calls of one program: the forward pass, and what is traced after it.

    `plan` is the part of the array graph that is computed; by default the engine's own, up to its outputs.
    The masks of dropout are 1, unless their arrays are listed.
    """

    def __init__(
        self,
        engine: NumpyEngine,
        batch: int | None,
        gradient: np.ndarray | None = None,
        mask_arrays: Sequence[InputArray] = (),
        plan: Plan | None = None,
    ) -> None:
        self.engine = engine
        self.plan = plan = engine.plan if plan is None else plan
        self.batch = batch
        gradient = engine.parameters.gradient if gradient is None else gradient
        lead = () if batch is None else (batch,)
        self.arrays = {"parameters": engine.parameters.vector, "gradient": gradient}
        self.fed_arrays = [*engine.input_arrays, *mask_arrays]
        for node, name, _ in self.fed_arrays:
            self.arrays[name] = np.zeros((*lead, *node.shape), engine.dtype)
        self.tracer = NumpyTracer(engine.dtype)
        self.leaves = {name: self.tracer.leaf(array) for name, array in self.arrays.items()}
        self.comments: dict[TracedArray, str] = {}
        self.updates: dict[str, Value] = {}
        self.scratch: list[str] = []
        self.step_leaves: list[str] | None = None
        with as_compile_error("a forward rule"):
            self.values = interpreter.run_forward(plan, self.leaf_values(), self.tracer)
        self.add_comments(self.values, "")
        self.results = {f"output{index}": self.values[root] for index, root in enumerate(plan.roots)}

    def leaf_values(self) -> dict[Any, Value]:
        """Return the leaves: parameters as views of the flat vector, inputs as arrays, constants."""
        engine, values = self.engine, {}
        for node, part in ParameterLayout(engine.parameter_arrays).slices():
            values[node] = self.tracer.reshape(self.leaves["parameters"][part], node.shape)
            self.comments[values[node]] = node.label
        values |= {node: np.ones(node.shape, engine.dtype) for node, _, _ in engine.mask_arrays}
        values |= {node: self.leaves[name] for node, name, _ in self.fed_arrays}
        values |= {node: np.asarray(node.value, engine.dtype) for node in self.plan.nodes if node.kind == "constant"}
        return values

    def trace_gradient(self, factor: float | TracedArray = 1.0) -> None:
        """Trace the backward pass from the mean loss times a factor, and join the gradients of all parameters."""
        engine, tracer, values = self.engine, self.tracer, self.values
        (root,) = self.plan.roots
        loss = values[root]
        example = loss.value if isinstance(loss, TracedArray) else loss
        derivative = loss_derivative(example)
        seed = (
            factor * np.asarray(derivative, engine.dtype)
            if isinstance(factor, TracedArray)
            else np.asarray(factor * derivative, engine.dtype)
        )
        with as_compile_error("a backward rule"):
            deltas = interpreter.run_backward(self.plan, values, {root: seed}, tracer)
        self.add_comments(deltas, "δ ")
        parts = [
            tracer.reshape(deltas[node], (-1,)) if node in deltas else np.zeros(prod(node.shape), engine.dtype)
            for node in engine.parameter_arrays
        ]
        self.updates["gradient"] = tracer.concat(parts, axis=0) if parts else np.zeros(0, engine.dtype)
        self.results["loss"] = tracer.mean(loss) if loss.shape else loss

    def add_optimizer_leaves(self, state: State, rates: Sequence[StepRate]) -> State:
        """Add the state and the rates of an optimizer to the leaves; return the traced state."""
        state_arrays = {f"state{index}": array for index, array in enumerate(state)}
        self.arrays |= state_arrays
        state_before: Any = tuple(map(self.tracer.leaf, state))
        self.leaves |= dict(zip(state_arrays, state_before, strict=True))
        for index, rate in enumerate(rates):
            self.arrays[f"rate{index}"] = rate.array
            self.leaves[f"rate{index}"] = rate.record(self.tracer, state, state_before)
        return state_before

    def trace_update(self, optimizer: Optimizer, state_before: State, factor: float | TracedArray | None) -> None:
        """Trace the optimizer's own rule over the flat vectors: one update for all parameters.

        Where the gradient was traced with a `factor`, its product with that is itself.
        """
        parameters: Any = self.leaves["parameters"]
        gradient: Any = self.updates.pop("gradient")  # nobody reads it between the steps
        self.scratch.append("gradient")
        self.step_leaves = [name for _, name, _ in self.engine.input_arrays]
        if factor is not None:
            self.tracer.assume_result(gradient, "multiply", factor, gradient)
            self.tracer.assume_result(gradient, "multiply", gradient, factor)
        new_parameters: Any
        new_state: Any
        with as_compile_error("the optimizer"):
            new_parameters, new_state = optimizer.update(parameters, gradient, state_before)
        states = {f"state{index}": value for index, value in enumerate(new_state)}
        for name, value in {"parameters": new_parameters, **states}.items():
            self.updates[name] = value if value is self.leaves[name] else self.without_shared_memory(value)
        self.results = {"loss": self.without_shared_memory(self.results["loss"])}

    def without_shared_memory(self, value: Value) -> Value:
        """Return a value, copied where it is a view of a leaf, which the step is about to overwrite."""
        leaves = [leaf.value for leaf in self.leaves.values()]
        shared = isinstance(value, TracedArray) and any(np.may_share_memory(value.value, leaf) for leaf in leaves)
        return self.tracer.positive(value) if shared else value

    def add_comments(self, values: Mapping[Any, Value], prefix: str) -> None:
        """Remember which node each traced array belongs to."""
        for node, value in values.items():
            if isinstance(value, TracedArray) and isinstance(node, Node):
                self.comments.setdefault(value, f"{prefix}{node.label}")

    def code(self) -> ProgramCode:
        """Return the program written and compiled."""
        title = f"Written by minigrad for {'one sample' if self.batch is None else f'a batch of {self.batch}'}."
        return build_program(
            self.tracer,
            self.leaves,
            self.arrays,
            self.results,
            self.updates,
            self.comments,
            title,
            self.scratch,
            self.step_leaves,
        )
