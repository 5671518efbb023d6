"""Every public function answers odd arguments with an error of its own, at once; the table of calls leaves none out."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import MinigradError, OperandError, SettingError
from tests.odd_arguments import NOT_CALLED, ODD, calls

ROOT = Path(mg.__file__).parents[1]
EVERY = 23
"""Which part of the calls the suite makes; `python -m tests.odd_arguments` makes all."""


def made(every: int) -> str:
    command = [sys.executable, "-m", "tests.odd_arguments", str(every)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
    return result.stdout


def test_odd_arguments_are_refused_or_mean_something():
    assert "0 problems" in made(EVERY)


@pytest.mark.slow
def test_all_odd_arguments_are_refused_or_mean_something():
    assert "0 problems" in made(1)


def test_every_public_function_is_called():
    called = {part for call in calls() for part in call.name.split(".")}
    public = {
        name
        for module in (mg, mg.optim, mg.nn, mg.datasets, *([mg.plot] if find_spec("matplotlib") else []))
        for name in getattr(module, "__all__", dir(module))
        if not name.startswith("_") and (inspect.isfunction(item := getattr(module, name)) or isinstance(item, type))
        if item.__module__.startswith(("minigrad.ops", module.__name__))
    }
    assert public - called - NOT_CALLED - {"rates"} == set()
    assert len(ODD) >= 40


@pytest.mark.parametrize(
    "call",
    [
        lambda: mg.Huber(-1),
        lambda: mg.take(mg.Parameter(np.arange(3.0)), [0.9]),
        lambda: mg.stack({mg.Parameter(1.0), mg.Parameter(2.0)}),
        lambda: mg.stack([]),
        lambda: mg.concat([]),
        lambda: mg.Input("x", 0.05),
        lambda: mg.SGD(10**5000),
        lambda: mg.Parameter(np.ma.masked_array([1.0, 2.0], [False, True])),
        lambda: mg.softmax(mg.Parameter(np.eye(2)), axis=0),
        lambda: mg.Node(None, (), None, (), 1.0),
        lambda: mg.Node(mg.tanh, "parents", None, (), 1.0),
        lambda: mg.tanh(0.5, name=3),
        lambda: mg.mlp([True, 2]),
        lambda: mg.datasets.two_moons(4, seed=[[[1]]]),
    ],
)
def test_what_means_nothing_is_refused(call):
    with pytest.raises(MinigradError):
        call()


def test_an_error_about_a_huge_or_a_deep_value_is_short():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    for value in (10**5000, deep):
        with pytest.raises(SettingError) as caught:
            mg.SGD(value)
        assert len(str(caught.value)) < 300
        with pytest.raises(OperandError):
            mg.Parameter(value)


def test_a_masked_array_without_gaps_is_an_array():
    assert mg.Parameter(np.ma.masked_array([1.0, 2.0], [False, False])).value.tolist() == [1.0, 2.0]
