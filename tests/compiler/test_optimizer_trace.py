"""Optimizers in compiled steps: where their learning rate goes, and schedules that are asked before each step."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.optimizer_trace import StepRate, gradient_factor, replace_schedules, schedules_of
from minigrad.errors import CompileError


def test_a_learning_rate_goes_into_the_start_of_delta() -> None:
    compiled = NumpyEngine([mg.Network(*mg.mlp([3, 4, 2], mg.tanh, rng=0)).loss])
    source = compiled.step_runner(None, mg.SGD(0.25), ()).program.source
    assert "np.multiply(n1, gradient" not in source
    assert source.count("gradient, out=") == 1  # np.subtract(parameters, gradient, out=parameters)
    vector = compiled.parameters.vector
    for optimizer in (mg.Momentum(0.25), mg.SGD(0.25, weight_decay=0.1)):
        assert gradient_factor(optimizer, vector, optimizer.init(vector)) is None
    assert gradient_factor(mg.SGD(0.25), vector, ()) == 0.25
    schedule = mg.optim.StepDecay(0.25, 2, 0.5)
    rate, scheduled = StepRate(schedule, float), mg.SGD(schedule)
    state = tuple(map(np.array, scheduled.init(vector)))
    assert gradient_factor(replace_schedules(scheduled, lambda _: rate), vector, state, [rate]) is rate


def test_the_schedules_of_an_optimizer_are_listed_and_replaced_wherever_they_are() -> None:
    first, second = mg.optim.StepDecay(0.25, 2, 0.5), mg.optim.StepDecay(0.5, 2, 0.5)
    optimizer = mg.Clipped(mg.Momentum(first), norm=1.0)
    assert [*schedules_of(optimizer)] == [first]
    assert [*schedules_of(replace_schedules(optimizer, lambda _: second))] == [second]
    assert [*schedules_of(optimizer)] == [first]


def test_a_rate_is_asked_for_with_the_count_of_steps_and_nothing_else() -> None:
    rate = StepRate(mg.optim.StepDecay(0.25, 2, 0.5), float)
    rate.counts = {}
    with pytest.raises(CompileError, match="cannot be read from the optimizer's state"):
        rate.at(3)
