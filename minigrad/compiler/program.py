"""Programs from traced calls: dead code dropped, memory shared, written as readable NumPy source and compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.numpy_codegen import REDUCTIONS, NumpyCodegen
from minigrad.compiler.trace import (
    Instruction,
    TracedArray,
    Tracer,
    concat_spans,
    is_elementwise,
    is_full_view,
    is_ufunc,
    memory_layout,
    needed_instructions,
    traced_arrays,
)
from minigrad.ops.base import Value

WORD = re.compile(r"\w+")


class StepInput(NamedTuple):
    """An array that is another one in each step of a loop: the numbers of a leaf, or a view of them."""

    leaf: str
    shape: tuple[int, ...]
    dtype: np.dtype
    offset: int
    strides: tuple[int, ...]

    def of_steps(self, data: np.ndarray) -> np.ndarray:
        """Return the array of each step, from the numbers of the leaf in each, side by side in memory."""
        return np.ndarray((len(data), *self.shape), self.dtype, data, self.offset, (data.strides[0], *self.strides))


class Program(NamedTuple):
    """NumPy code over fixed arrays: fill the leaves, call `run`, read the results.

    A step of training can be run many times in a row: `run(steps)` takes for each step a tuple of the arrays of
    `step_inputs`, and returns the losses.
    """

    source: str
    run: Callable[..., Any]
    results: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray]
    """The arguments of `build` in the source, by name: the leaves and the constants."""
    step_inputs: Sequence[StepInput] = ()


class ProgramCode(NamedTuple):
    """The code of a program, compiled once, from which each thread makes a program with arrays of its own."""

    source: str
    build: Callable[..., tuple[Callable[..., Any], Mapping[str, np.ndarray]]]
    arrays: Mapping[str, np.ndarray]
    """The arguments of `build`, by name."""
    step_inputs: Sequence[StepInput] = ()

    def bind(self, arrays: Mapping[str, np.ndarray]) -> Program:
        """Return the program that works on some arrays, by name, and on those of the code for the other names."""
        arguments = {**self.arrays, **arrays}
        return Program(self.source, *self.build(**arguments), arguments, self.step_inputs)


class ProgramWriter:
    """The source of a program, and the memory of every array in it.

    An array that is a view of another is made once, before the program runs; the memory of an array that is not read
    any more is used for the next; the parts of a concatenation are computed in place.
    """

    def __init__(
        self,
        tracer: Tracer,
        leaves: Mapping[str, TracedArray],
        results: Mapping[str, Value],
        updates: Mapping[str, Value],
        comments: Mapping[TracedArray, str],
        scratch: Iterable[str],
        step_leaves: Sequence[str] | None,
    ) -> None:
        self.leaves = leaves
        self.step_leaves = step_leaves
        self.results = results
        self.updates = {leaves[name]: value for name, value in updates.items()}
        self.final_arrays = traced_arrays([*results.values(), *updates.values()])
        self.instructions = needed_instructions(tracer.instructions, self.final_arrays)
        self.base = {step.result: base for step in self.instructions if (base := step.base) is not None}
        self.comments = {self.root(array): comment for array, comment in comments.items()} | dict(comments)
        self.instruction_of = {step.result: step for step in self.instructions}
        self.last_use = self.last_uses()
        self.parts = self.parts_in_place()
        for part, (target, _, _) in self.parts.items():  # whose memory is that of the concatenation
            self.last_use[target] = max(self.last_use[target], self.last_use[part])
        self.names: dict[TracedArray, str] = {leaf: name for name, leaf in leaves.items()}
        self.codegen = NumpyCodegen(self.names, name_functions=step_leaves is not None)
        self.free: dict[Any, list[str]] = {memory_layout(leaves[name]): [name] for name in scratch}
        self.memory: list[str] = []
        self.views: list[str] = []
        self.body: list[str] = []
        for index, step in enumerate(self.instructions):
            self.write(index, step)
        for leaf, value in self.updates.items():
            if self.codegen.argument(value) != self.names[leaf]:
                self.body.append(self.codegen.copy(self.names[leaf], value))

    # Which memory an array has, and how long.

    def root(self, array: TracedArray) -> TracedArray:
        """Return the array that an array is a view of, or itself."""
        while (base := self.base.get(array)) is not None:
            array = base
        return array

    def last_uses(self) -> dict[TracedArray, int]:
        """Return the index of the last instruction that reads the memory of each array; results are read at the end."""
        last = {self.root(operand): index for index, step in enumerate(self.instructions) for operand in step.operands}
        return last | {self.root(array): len(self.instructions) for array in self.final_arrays}

    def parts_in_place(self) -> dict[TracedArray, tuple[TracedArray, int, int]]:
        """Return the arrays that can be computed as a part of a concatenation of flat arrays: of which, start, stop."""
        computed = {step.result for step in self.instructions} - set(self.base)
        parts: dict[TracedArray, tuple[TracedArray, int, int]] = {}
        for step in self.instructions:
            if step.function != "concat" or step.result.ndim != 1:
                continue
            for operand, start, stop in concat_spans(step):
                root = self.root(operand) if isinstance(operand, TracedArray) else None
                same_type = root is not None and root.value.dtype == step.result.value.dtype
                if root in computed and root not in parts and same_type and is_full_view(operand, root):
                    parts[root] = (step.result, start, stop)
        return parts

    # Writing.

    def write(self, index: int, step: Instruction) -> None:
        """Write one instruction: a view before the program, anything else in its body."""
        if step.result in self.base:
            self.names[step.result] = name = f"view{len(self.views) + 1}"
            self.views.append(f"{name} = {self.codegen.expression(step)}")
            return
        name = self.names[step.result] = self.result_name(index, step)
        self.body += [line + self.comment(step) for line in self.lines(step, name)]
        for operand in dict.fromkeys(map(self.root, step.operands)):
            self.release(operand, index)

    def result_name(self, index: int, step: Instruction) -> str:
        """Return the name of the array that the result is written to."""
        for leaf, value in self.updates.items():
            last = self.last_use.get(leaf, -1)
            if (
                value is step.result
                and memory_layout(value) == memory_layout(leaf)
                and (last < index or (last == index and is_elementwise(step)))
            ):
                return self.names[leaf]
        if step.result in self.names:
            return self.names[step.result]
        if step.result in self.parts:
            target, start, stop = self.parts[step.result]
            if target not in self.names:
                self.names[target] = self.result_name(index, self.instruction_of[target])
            name = f"part{len(self.views) + 1}"
            self.views.append(f"{name} = {self.names[target]}[{start}:{stop}].reshape({step.result.shape})")
            return name
        if is_elementwise(step) and step.result.value.size > 1:  # NumPy takes long to overwrite a single number
            for operand in step.operands:
                alone = all(other is operand or self.root(other) is not operand for other in step.operands)
                same_layout = memory_layout(operand) == memory_layout(step.result)
                if alone and self.is_last_use(operand, index) and same_layout:
                    self.last_use[operand] = -1  # its memory goes on as the result's
                    return self.names[operand]
        return self.allocate(step.result)

    def is_last_use(self, array: TracedArray, index: int) -> bool:
        """Return whether an array with memory of its own is read for the last time."""
        owned = array not in self.base and array not in self.leaves.values() and array not in self.parts
        return owned and self.last_use[array] == index

    def allocate(self, array: TracedArray) -> str:
        """Return the name of free memory, or of new memory."""
        layout = memory_layout(array)
        if self.free.get(layout):
            return self.free[layout].pop()
        name = f"a{len(self.memory) + 1}"
        self.memory.append(f"{name} = np.empty({array.shape}, np.{layout[1]})")
        return name

    def release(self, array: TracedArray, index: int) -> None:
        """Free the memory of an array that is read for the last time."""
        if self.is_last_use(array, index):
            self.free.setdefault(memory_layout(array), []).append(self.names[array])

    def lines(self, step: Instruction, out: str) -> list[str]:
        """Return the code of one instruction."""
        match step.function:
            case "where":
                condition, if_true, if_false = step.arguments
                start = [] if self.codegen.argument(if_false) == out else [self.codegen.copy(out, if_false)]
                return [*start, self.codegen.copy(out, if_true, f"where={self.codegen.argument(condition)}")]
            case "concat" if step.result.ndim == 1:
                return [
                    f"{out}[{start}:{stop}] = {self.codegen.argument(operand)}"
                    for operand, start, stop in concat_spans(step)
                    if not self.is_in_place(operand, (step.result, start, stop))
                ]
            case "astype":
                return [self.codegen.copy(out, step.arguments[0])]
            case "take":
                return [self.codegen.expression(step, f"out={out}", "mode='clip'")]
            case name if name in REDUCTIONS or name in ("concat", "stack") or is_ufunc(name):
                return [self.codegen.expression(step, f"out={out}")]
            case _:
                return [f"{out}[...] = {self.codegen.expression(step)}"]

    def is_in_place(self, operand: Any, part: tuple[TracedArray, int, int]) -> bool:
        """Return whether an operand is computed as this part of a concatenation."""
        return isinstance(operand, TracedArray) and self.parts.get(self.root(operand)) == part

    def comment(self, step: Instruction) -> str:
        """Return the comment behind an instruction."""
        text = self.comments.get(step.result, "")
        return "  # " + "".join(letter if letter.isprintable() else " " for letter in text) if text else ""

    def views_read(self) -> list[str]:
        """Return the views that anything reads."""
        read = set(WORD.findall(" ".join([*self.body, *map(self.codegen.argument, self.results.values())])))
        views = []
        for view in reversed(self.views):
            name, *others = WORD.findall(view)
            if name in read:
                read.update(others)
                views.append(view)
        return views[::-1]

    def step_inputs(self) -> dict[str, StepInput]:
        """Return the leaves that are fed in each step, and the views of them that the body reads, by name."""
        read = set(WORD.findall(" ".join(self.body)))
        fed = {self.leaves[name]: name for name in self.step_leaves or ()}
        inputs = {}
        for array, name in self.names.items():
            leaf = self.root(array)
            if leaf in fed and name in read:
                view, memory = array.value, leaf.value
                offset = view.ctypes.data - memory.ctypes.data
                inputs[name] = StepInput(fed[leaf], view.shape, view.dtype, offset, view.strides)
        return inputs

    def function(self) -> list[str]:
        """Return the lines of the function that computes."""
        if self.step_leaves is None:
            return ["def run():", *(f"    {line}" for line in self.body or ["pass"])]
        inputs = [*self.step_inputs()]
        arrays = f"({', '.join(inputs)}{',' * (len(inputs) == 1)})"
        return [
            f"def run(steps=({arrays},)):",
            "    losses = []",
            f"    for {arrays} in steps:",
            *(f"        {line}" for line in self.body),
            f"        losses.append({self.codegen.argument(self.results['loss'])}.item())",
            "    return losses",
        ]

    def source(self, title: str) -> str:
        """Return the program as a module that needs only NumPy."""
        results = ", ".join(f"{name!r}: {self.codegen.argument(value)}" for name, value in self.results.items())
        numbers = [f"{name} = {text}" for text, name in self.codegen.numbers.items()]
        blocks = [
            *(f"{word} = {name}" for name, word in self.codegen.functions.items()),
            *numbers,
            *self.memory,
            *self.views_read(),
            "",
            *self.function(),
            "",
        ]
        lines = [
            f'"""{title}"""',
            "import numpy as np",
            "",
            "",
            f"def build({', '.join([*self.leaves, *self.codegen.constants])}):",
            '    """Make all arrays once; return the function that computes the results, and the results by name."""',
            *(f"    {line}".rstrip() for line in blocks),
            f"    return run, {{{results}}}",
            "",
        ]
        return "\n".join(lines)


def build_program(
    tracer: Tracer,
    leaves: Mapping[str, TracedArray],
    arrays: Mapping[str, np.ndarray],
    results: Mapping[str, Value],
    updates: Mapping[str, Value],
    comments: Mapping[TracedArray, str],
    title: str,
    scratch: Iterable[str] = (),
    step_leaves: Sequence[str] | None = None,
) -> ProgramCode:
    """Write and compile the program that computes the results from the leaves, and updates some leaves in place.

    `arrays` holds the memory of each leaf. Leaves named in `scratch` hold nothing: their memory may be used. With
    `step_leaves`, those that are fed in each step, the program is a loop over steps, and the loss is its result.
    """
    writer = ProgramWriter(tracer, leaves, results, updates, comments, scratch, step_leaves)
    source = writer.source(title)
    namespace: dict[str, Any] = {}
    exec(compile(source, "<minigrad program>", "exec"), namespace)  # the source was written above
    arguments = {name: arrays[name] for name in leaves} | writer.codegen.constants
    return ProgramCode(source, namespace["build"], arguments, tuple(writer.step_inputs().values()))
