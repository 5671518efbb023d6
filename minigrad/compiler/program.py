"""A recorded program made ready to run: dead code dropped, memory shared, and written as readable NumPy source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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


class Program(NamedTuple):
    """Straight-line NumPy code over fixed arrays: fill the leaves, call `run`, read the results."""

    source: str
    run: Callable[[], None]
    results: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray]
    """What `build` in the source is called with, by name: the leaves and the constants."""


class ProgramWriter:
    """Finds memory for every array that the results need and writes the source.

    An array that is a view of another is made once, before the program runs; an array that nothing reads any more
    leaves its memory to the next; the parts of a concatenation are computed in place.
    """

    def __init__(
        self,
        recorder: Tracer,
        leaves: Mapping[str, TracedArray],
        results: Mapping[str, Value],
        assigned: Mapping[str, Value],
        notes: Mapping[TracedArray, str],
        spare: Iterable[str],
    ) -> None:
        self.leaves = leaves
        self.results = results
        self.assigned = {leaves[name]: value for name, value in assigned.items()}
        self.kept = traced_arrays([*results.values(), *assigned.values()])
        self.instructions = needed_instructions(recorder.instructions, self.kept)
        self.base = {step.result: base for step in self.instructions if (base := step.base) is not None}
        self.notes = {self.root(array): note for array, note in notes.items()} | dict(notes)
        self.maker = {step.result: step for step in self.instructions}
        self.last_use = self.last_uses()
        self.parts = self.parts_in_place()
        for part, (whole, _, _) in self.parts.items():  # whose memory is that of the whole
            self.last_use[whole] = max(self.last_use[whole], self.last_use[part])
        self.names: dict[TracedArray, str] = {leaf: name for name, leaf in leaves.items()}
        self.spelling = NumpyCodegen(self.names)
        self.free: dict[Any, list[str]] = {memory_layout(leaves[name]): [name] for name in spare}
        self.memory: list[str] = []
        self.views: list[str] = []
        self.body: list[str] = []
        for place, step in enumerate(self.instructions):
            self.write(place, step)
        for leaf, value in self.assigned.items():
            if self.spelling.argument(value) != self.names[leaf]:
                self.body.append(f"np.copyto({self.names[leaf]}, {self.spelling.argument(value)})")

    # What lives where, and how long.

    def root(self, array: TracedArray) -> TracedArray:
        """The array whose memory an array looks into."""
        while (base := self.base.get(array)) is not None:
            array = base
        return array

    def last_uses(self) -> dict[TracedArray, int]:
        """The place of the last instruction that reads the memory of each array; what is kept is read after the end."""
        last = {self.root(operand): place for place, step in enumerate(self.instructions) for operand in step.operands}
        return last | {self.root(array): len(self.instructions) for array in self.kept}

    def parts_in_place(self) -> dict[TracedArray, tuple[TracedArray, int, int]]:
        """Computed arrays that are parts of a concatenation of flat arrays: which one, from where to where."""
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

    def build_program(self, place: int, step: Instruction) -> None:
        """Adds one instruction: a view before the program, anything else to its body."""
        if step.result in self.base:
            self.names[step.result] = name = f"view{len(self.views) + 1}"
            self.views.append(f"{name} = {self.spelling.expression(step)}")
            return
        name = self.names[step.result] = self.home(place, step)
        self.body += [line + self.comment(step) for line in self.lines(step, name)]
        for operand in dict.fromkeys(map(self.root, step.operands)):
            self.release(operand, place)

    def home(self, place: int, step: Instruction) -> str:
        """The name of the array that takes the result."""
        for leaf, value in self.assigned.items():
            last = self.last_use.get(leaf, -1)
            if (
                value is step.result
                and memory_layout(value) == memory_layout(leaf)
                and (last < place or (last == place and is_elementwise(step)))
            ):
                return self.names[leaf]
        if step.result in self.names:
            return self.names[step.result]
        if step.result in self.parts:
            whole, start, stop = self.parts[step.result]
            if whole not in self.names:
                self.names[whole] = self.home(place, self.maker[whole])
            name = f"part{len(self.views) + 1}"
            self.views.append(f"{name} = {self.names[whole]}[{start}:{stop}].reshape({step.result.shape})")
            return name
        if is_elementwise(step) and step.result.value.size > 1:  # NumPy takes long to overwrite a single number
            for operand in step.operands:
                alone = all(other is operand or self.root(other) is not operand for other in step.operands)
                if alone and self.dies_here(operand, place) and memory_layout(operand) == memory_layout(step.result):
                    self.last_use[operand] = -1  # its memory goes on as the result's
                    return self.names[operand]
        return self.allocate(step.result)

    def dies_here(self, array: TracedArray, place: int) -> bool:
        """Whether an array of its own is read for the last time here."""
        owned = array not in self.base and array not in self.leaves.values() and array not in self.parts
        return owned and self.last_use[array] == place

    def allocate(self, array: TracedArray) -> str:
        """An array that is free, or a new one."""
        layout = memory_layout(array)
        if self.free.get(layout):
            return self.free[layout].pop()
        name = f"a{len(self.memory) + 1}"
        self.memory.append(f"{name} = np.empty({array.shape}, np.{layout[1]})")
        return name

    def release(self, array: TracedArray, place: int) -> None:
        """Leaves the memory of an array that is read for the last time to the next one."""
        if self.dies_here(array, place):
            self.free.setdefault(memory_layout(array), []).append(self.names[array])

    def lines(self, step: Instruction, out: str) -> list[str]:
        """The code of one instruction."""
        match step.function:
            case "where":
                condition, chosen, otherwise = map(self.spelling.argument, step.arguments)
                start = [] if otherwise == out else [f"np.copyto({out}, {otherwise})"]
                return [*start, f"np.copyto({out}, {chosen}, where={condition})"]
            case "concat" if step.result.ndim == 1:
                return self.concatenation(step, out)
            case "take":
                return [self.spelling.expression(step, f"out={out}", "mode='clip'")]
            case name if name in REDUCTIONS or name in ("concat", "stack") or is_ufunc(name):
                return [self.spelling.expression(step, f"out={out}")]
            case _:
                return [f"{out}[...] = {self.spelling.expression(step)}"]

    def concatenation(self, step: Instruction, out: str) -> list[str]:
        """Copies of the parts that are not computed in place."""
        return [
            f"{out}[{start}:{stop}] = {self.spelling.argument(operand)}"
            for operand, start, stop in concat_spans(step)
            if not isinstance(operand, TracedArray) or self.parts.get(self.root(operand)) != (step.result, start, stop)
        ]

    def comment(self, step: Instruction) -> str:
        note = self.notes.get(step.result)
        return f"  # {''.join(letter if letter.isprintable() else ' ' for letter in note)}" if note else ""

    def views_read(self) -> list[str]:
        """The views that anything reads."""
        read = set(WORD.findall(" ".join([*self.body, *map(self.spelling.argument, self.results.values())])))
        kept = []
        for view in reversed(self.views):
            name, *others = WORD.findall(view)
            if name in read:
                read.update(others)
                kept.append(view)
        return kept[::-1]

    def source(self, title: str) -> str:
        """The whole program as a module that needs only NumPy."""
        results = ", ".join(f"{name!r}: {self.spelling.argument(value)}" for name, value in self.results.items())
        numbers = [f"{name} = {text}" for text, name in self.spelling.numbers.items()]
        blocks = [
            *numbers,
            *self.memory,
            *self.views_read(),
            "",
            "def run():",
            *(f"    {line}" for line in self.body or ["pass"]),
            "",
        ]
        lines = [
            f'"""{title}"""',
            "import numpy as np",
            "",
            "",
            f"def build({', '.join([*self.leaves, *self.spelling.constants])}):",
            '    """All arrays are made once; the function that is returned computes the results in the dict."""',
            *(f"    {line}".rstrip() for line in blocks),
            f"    return run, {{{results}}}",
            "",
        ]
        return "\n".join(lines)


def build_program(
    recorder: Tracer,
    leaves: Mapping[str, TracedArray],
    arrays: Mapping[str, np.ndarray],
    results: Mapping[str, Value],
    assigned: Mapping[str, Value],
    notes: Mapping[TracedArray, str],
    title: str,
    spare: Iterable[str] = (),
) -> Program:
    """The program that computes the results from the leaves, whose memory is given, and assigns new values to some.

    Leaves that are `spare` hold nothing: their memory may be used.
    """
    writer = ProgramWriter(recorder, leaves, results, assigned, notes, spare)
    source = writer.source(title)
    namespace: dict[str, Any] = {}
    exec(compile(source, "<minigrad program>", "exec"), namespace)  # the source was written above
    given = {name: arrays[name] for name in leaves} | writer.spelling.constants
    run, found = namespace["build"](**given)
    return Program(source, run, found, given)
