"""Steps are fed by views of data that was gathered for several of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import step_runner
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.step_runner import StepRunner

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(11, 3)), RNG.normal(size=(11, 2))


def network() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], mg.tanh, mg.identity, rng=0))


def make_runner(batch: int | None, dtype: Any = np.float64) -> StepRunner:
    return NumpyEngine(network().graph.outputs, dtype).step_runner(batch, mg.SGD(0.1), ())


@pytest.mark.parametrize("batch", [None, 1, 2])
@pytest.mark.parametrize("gathered_bytes", [1, 200, 1 << 18])
def test_each_step_gets_its_rows_and_the_views_of_them(batch, gathered_bytes, monkeypatch):
    monkeypatch.setattr(step_runner, "GATHERED_BYTES", gathered_bytes)
    runner = make_runner(batch)
    size = batch or 1
    arrays = {node: (X if node.shape == (3,) else T) for node in runner.inputs}
    rows = RNG.permutation(11)[: 5 * size]
    inputs = runner.program.step_inputs
    views = {runner.program.arrays[each.leaf].shape != each.shape for each in inputs}
    assert views == {False, True}  # one of them at least is a view
    seen = 0
    gathered = [[array.copy() for array in step] for steps in runner.gathered(arrays, rows) for step in steps]
    in_order = runner.in_order({node: array[rows] for node, array in arrays.items()}, len(rows))
    for step, alike in zip(gathered, in_order, strict=True):
        part = rows[seen : seen + size]
        for array, same, each in zip(step, alike, inputs, strict=True):
            leaf = X if "x" in each.leaf else T
            expected = leaf[part] if batch else leaf[part[0]]
            assert sorted(array.ravel()) == sorted(same.ravel()) == sorted(expected.ravel())
            np.testing.assert_array_equal(array, same)
        seen += size
    assert seen == 5 * size


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("optimizer", [mg.Adam(0.01), mg.SGD(mg.StepDecay(0.1, every=3))], ids=repr)
def test_how_much_is_gathered_at_once_changes_nothing(dtype, batch_size, optimizer, monkeypatch):
    settings: Any = {"epochs": 2, "batch_size": batch_size, "dtype": dtype, "progress": False}
    results = []
    for gathered_bytes in (1, 100, 1 << 18):
        monkeypatch.setattr(step_runner, "GATHERED_BYTES", gathered_bytes)
        net = network()
        losses = net.fit(X, T, optimizer, **settings).loss
        results.append((losses, [node.value for node in net.parameters]))
    assert results[0] == results[1] == results[2]


def test_a_program_makes_one_step_with_its_own_arrays_or_many_with_others():
    one, many = make_runner(None), make_runner(None)
    arrays = {node: (X if node.shape == (3,) else T) for node in one.inputs}
    losses = []
    for row in range(len(X)):
        for node, array in one.inputs.items():
            array[...] = (X if node.shape == (3,) else T)[row]
        losses += one.program.run()
        assert losses[-1] == one.program.results["loss"].item()
    by_shape = {node.shape: node for node in many.inputs}
    assert many.program.run(many.in_order({by_shape[3,]: X, by_shape[2,]: T}, len(X))) == losses
    assert len(arrays) == 2
