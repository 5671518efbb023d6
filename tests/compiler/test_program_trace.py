"""Traces of programs: the code that they become says which node each line computes, and masks are 1 unless listed."""

from __future__ import annotations

import numpy as np

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.program_trace import ProgramTrace


def test_lines_of_a_program_name_their_nodes() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    trace = ProgramTrace(NumpyEngine([mg.squared_error(mg.tanh(w * x, name="y"), 1.0)]), None)
    trace.trace_gradient()
    source = trace.code().source
    assert "# y" in source
    assert "# δ ×" in source


def test_the_gradient_of_a_batch_is_that_of_the_mean() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    engine = NumpyEngine([(w * x) ** 2])
    engine.parameters.attach()
    trace = ProgramTrace(engine, 2)
    trace.trace_gradient()
    program = trace.code().bind({"input_x": np.array([1.0, 3.0])})
    program.run()
    assert program.results["loss"] == 0.5 * (0.25 + 2.25)
    assert program.arrays["gradient"].tolist() == [0.5 * (1.0 + 9.0)]


def test_masks_are_1_unless_their_arrays_are_listed() -> None:
    x, w = mg.Input("x", 3), mg.Parameter([1.0, 2.0, 3.0], "w")
    engine = NumpyEngine([mg.sum(mg.dropout(w * x, 0.5))])
    assert "mask0" not in ProgramTrace(engine, None).arrays
    assert "mask0" in ProgramTrace(engine, None, mask_arrays=engine.mask_arrays).arrays
