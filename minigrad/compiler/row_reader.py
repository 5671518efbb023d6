"""The values of some nodes for rows of samples: whole arrays in, one array out, no Python for each node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from minigrad._validation import all_finite
from minigrad.compiler.array_layout import ElementPosition
from minigrad.compiler.program_trace import ProgramTrace
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.core.plan import Plan, make_plan
from minigrad.ops.base import Shape, Value

if TYPE_CHECKING:
    from minigrad.compiler.numpy_engine import BoundProgram, NumpyEngine
    from minigrad.compiler.program import Program

Block = tuple[Node, ...]
"""The nodes that the columns of one array feed: the inputs, or the targets."""
PROGRAM_SIZES = ((512, 384), (64, 24), (8, 0))
"""How many rows a program computes at once, and how many there have to be more than for it: the rest is left unused.

Its arrays are used again for the next rows, and stay in the cache. So few sizes serve any number of rows.
"""
MOST_NUMBERS_IN_ROW = 4096
"""The longest row of an array in such a program."""


class InputColumns(NamedTuple):
    """Where an input array of the array graph has its numbers: a block of data, and its columns; None for all."""

    node: Node
    block: int
    columns: np.ndarray | None

    def rows(self, blocks: Sequence[np.ndarray]) -> np.ndarray:
        """Return the numbers of the array, a row for each sample."""
        data = blocks[self.block]
        return data if self.columns is None else data[:, self.columns].reshape(len(data), *self.node.shape)


class RowReader:
    """Computes some nodes for one row or for many: by programs of a few sizes, or node by node where rows are long.

    Programs belong to the thread that runs them; several threads may read at once.
    """

    def __init__(
        self,
        engine: NumpyEngine,
        outputs: list[ElementPosition],
        plan: Plan,
        inputs: list[InputColumns],
        shape: Shape,
    ) -> None:
        self.engine = engine
        self.shape = shape
        """The shape of the outputs for one row."""
        self.plan = plan
        self.inputs = inputs
        self.layout = ParameterLayout(engine.parameter_arrays)
        self.constants = {
            node: np.asarray(node.value, engine.dtype) for node in plan.nodes if node.kind in ("constant", "mask")
        }
        arrays = [output.array for output in outputs]
        positions = [output.position for output in outputs]
        is_one_array = arrays.count(arrays[0]) == len(arrays) and positions == [*range(prod(arrays[0].shape))]
        self.outputs = None if is_one_array else outputs
        """Where the outputs are; None where they are all elements of the one root, in order."""
        self.has_programs_for_many = not any(
            prod(node.shape) > MOST_NUMBERS_IN_ROW or (node.op is not None and node.op.is_own) for node in plan.nodes
        )

    def read_row(self, row: np.ndarray) -> np.ndarray | None:
        """Return the outputs for one row of the only block, in float64; None unless all its numbers are finite."""
        program, arrays, context = self.program(None)
        return context.run(self.run_row, program, arrays, row)

    def run_row(self, program: Program, arrays: Mapping[Node, np.ndarray], row: np.ndarray) -> np.ndarray | None:
        """Do what `read_row` does, with a program for one row; NumPy's warnings are switched off."""
        if not all_finite(row):
            return None
        for node, _, columns in self.inputs:
            arrays[node][...] = row if columns is None else row[columns].reshape(node.shape)
        program.run()
        results = program.results
        if self.outputs is None:
            outputs = results["output0"].astype(np.float64)
            return outputs if outputs.shape == self.shape else outputs.reshape(self.shape)
        values = dict(zip(self.plan.roots, results.values(), strict=True))
        return np.array([values[array].item(position) for array, position in self.outputs], float)

    def read(self, *blocks: np.ndarray) -> np.ndarray:
        """Return the outputs for rows of samples, a row for each, in float64."""
        count = len(blocks[0])
        rows = np.empty((count, *self.shape))
        if not self.has_programs_for_many:
            self.store(rows, self.run_forward(blocks))
            return rows
        start = 0
        with np.errstate(all="ignore"):
            for size, least in PROGRAM_SIZES:
                if count - start > least:
                    program, arrays, _ = self.program(size)
                while count - start > least:
                    part = slice(start, start + size)
                    used = len(rows[part])
                    for columns in self.inputs:
                        arrays[columns.node][:used] = columns.rows([block[part] for block in blocks])
                    program.run()
                    self.store(rows[part], program.results.values())
                    start += used
        return rows

    def run_forward(self, blocks: Sequence[np.ndarray]) -> Iterable[Value]:
        """Return the values of the roots for rows of samples, computed node by node."""
        engine = self.engine
        engine.parameters.attach()
        engine.parameters.refresh()
        leaves: dict[Node, Value] = {**self.constants, **self.layout.split(engine.parameters.vector)}
        leaves |= {columns.node: columns.rows(blocks).astype(engine.dtype, copy=False) for columns in self.inputs}
        values = interpreter.run_forward(self.plan, leaves)
        return [values[root] for root in self.plan.roots]

    def store(self, rows: np.ndarray, values: Iterable[Value]) -> None:
        """Write the outputs into rows, from the values of the roots for these rows, and maybe for more behind them."""
        values = [
            value[: len(rows)] if np.ndim(value) > root.ndim else value
            for root, value in zip(self.plan.roots, values, strict=True)
        ]
        if self.outputs is None:
            (root,), (value,) = self.plan.roots, values
            rows.reshape(len(rows), *root.shape)[...] = value
            return
        value_of = dict(zip(self.plan.roots, values, strict=True))
        for index, (array, position) in enumerate(self.outputs):
            rows.reshape(len(rows), -1)[:, index] = flat_element(value_of[array], array.ndim, position)

    def program(self, batch: int | None) -> BoundProgram:
        """Return this thread's program for one row, or for so many, with the parameters as they are now."""
        program = self.engine.bound_program((self, batch), lambda: ProgramTrace(self.engine, batch, plan=self.plan))
        self.engine.parameters.refresh()
        return program


def make_row_reader(engine: NumpyEngine, nodes: Sequence[Node], blocks: Sequence[Block]) -> RowReader | None:
    """Return the reader of some nodes; None where the array graph lacks one, or an input that is in no block."""
    positions, arrays = engine.array_graph.positions, engine.array_graph.arrays
    outputs: list[ElementPosition] = []
    for node in nodes:
        if node not in (arrays if node.shape else positions):
            return None
        outputs += (
            [ElementPosition(arrays[node], index) for index in range(prod(node.shape))]
            if node.shape
            else [ElementPosition(*positions[node])]
        )
    plan = make_plan(tuple(dict.fromkeys(output.array for output in outputs)))
    inputs = [input_columns(engine, node, blocks) for node in plan.nodes if node.kind == "input"]
    known = [columns for columns in inputs if columns is not None]
    shape = nodes[0].shape or (len(nodes),)
    return RowReader(engine, outputs, plan, known, shape) if len(known) == len(inputs) else None


def input_columns(engine: NumpyEngine, node: Node, blocks: Sequence[Block]) -> InputColumns | None:
    """Return where the numbers of an input array stand; None where they are in no block, or in more than one."""
    leaves = engine.array_graph.leaves[node]
    for number, block in enumerate(blocks):
        if leaves == block and node.shape == (block[0].shape or (len(block),)):  # also the one array node of a block
            return InputColumns(node, number, None)
    for number, block in enumerate(blocks):
        column_of = {leaf: column for column, leaf in enumerate(block)}
        if not block[0].shape and all(leaf in column_of for leaf in leaves):
            return InputColumns(node, number, np.array([column_of[leaf] for leaf in leaves]))
    return None


def flat_element(value: Value, rank: int, position: int) -> Value:
    """Return one element, counted flat, of an array of that rank, for every sample where it has a batch axis."""
    return np.reshape(value, (*np.shape(value)[: np.ndim(value) - rank], -1))[..., position]
