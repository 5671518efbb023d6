"""A second `fit`, `compile` or `predict` on the same network records and compiles nothing, unless a setting changed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import program_trace
from minigrad.compiler.numpy_engine import MAX_BATCH_SIZES, MAX_OPTIMIZERS, NumpyEngine

X = np.random.default_rng(0).uniform(-1, 1, (6, 3))
T = X[:, :1] * X[:, 1:2]
OPTIMIZERS = [mg.SGD(0.1), mg.Momentum(0.1), mg.Adam(mg.CosineDecay(0.1, 20)), mg.Clipped(mg.SGD(0.1), norm=0.5)]


def network() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 1], mg.tanh, rng=0))


def values(trained: mg.Network) -> list[float]:
    return [parameter.value for parameter in trained.parameters]


def fit(trained: mg.Network, **settings: Any) -> list[float]:
    trained.fit(X, T, progress=False, **{"epochs": 3, "batch_size": 2, **settings})
    return values(trained)


@pytest.fixture
def recorded(monkeypatch) -> Callable[[], int]:
    """Return a function that returns how many programs were written since it was last called."""
    count = 0
    build = program_trace.build_program

    def counting_build(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return build(*arguments)

    def count_since() -> int:
        nonlocal count
        result, count = count, 0
        return result

    monkeypatch.setattr(program_trace, "build_program", counting_build)
    return count_since


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_second_fit_records_nothing_and_starts_afresh(recorded, optimizer):
    once, twice = network(), network()
    fit(once, optimizer=optimizer)
    assert recorded()
    start = values(network())
    fit(twice, optimizer=optimizer)
    for parameter, value in zip(twice.parameters, start, strict=True):
        parameter.value = value
    recorded()
    assert fit(twice, optimizer=copy.copy(optimizer)) == values(once)
    assert recorded() == 0


def test_predict_and_compile_use_what_fit_recorded(recorded):
    trained = network()
    fit(trained)
    recorded()
    assert trained.compile().source
    assert recorded() == 0
    for rows in (X[0], X):
        trained.predict(rows)
        assert recorded() == 1  # the program for one row, or for a few
        trained.predict(rows)
        assert recorded() == 0
    assert trained.compile().engine is trained.graph.training_engine


def test_predictions_before_and_after_training_and_of_one_row_are_those_of_the_nodes():
    trained = network()
    for _ in range(2):
        nodes = np.array([[trained.forward_graph.forward(dict(zip(trained.inputs, x, strict=True)))] for x in X])
        np.testing.assert_allclose(trained.predict(X), nodes, rtol=1e-12)
        np.testing.assert_allclose([trained.predict(x) for x in X], nodes, rtol=1e-12)
        fit(trained)


def test_another_optimizer_is_recorded_and_the_last_few_are_kept(recorded):
    trained = network()
    for rate in range(1, MAX_OPTIMIZERS + 2):
        fit(trained, optimizer=mg.SGD(rate / 100))
        assert recorded()
    fit(trained, optimizer=mg.SGD(0.02))
    assert recorded() == 0
    fit(trained, optimizer=mg.SGD(0.01))
    assert recorded()


def test_programs_of_eight_batch_sizes_are_kept():
    trained = network()
    step = mg.SGD(0.1)
    engine = trained.graph.training_engine
    assert isinstance(engine, NumpyEngine)
    owner = network()
    programs = engine.programs_for(step, owner)
    for size in range(1, MAX_BATCH_SIZES + 3):
        programs.runner(size)
    assert [*programs.runners] == list(range(3, MAX_BATCH_SIZES + 3))


def test_two_owners_at_a_time_share_no_state():
    engine = network().graph.training_engine
    assert isinstance(engine, NumpyEngine)
    first, second = network(), network()
    programs = engine.programs_for(mg.Momentum(0.1), first)
    assert engine.programs_for(mg.Momentum(0.1), second) is not programs
    del second
    kept = engine.programs_for(mg.Momentum(0.1), first)
    assert kept is not programs
    del first
    assert engine.programs_for(mg.Momentum(0.1), owner := network()) is kept
    assert kept.owner() is owner


class OwnDescent:
    """An optimizer with a function among its settings, which cannot be compared."""

    def __init__(self, rate: Callable[[], float]) -> None:
        self.rate = rate

    def init(self, parameters: np.ndarray) -> tuple[np.ndarray, ...]:
        return ()

    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        return parameters - self.rate() * gradient, state


def test_an_optimizer_that_cannot_be_compared_is_recorded_anew(recorded):
    trained, rates = network(), {"rate": 0.1}
    optimizer = OwnDescent(lambda: rates["rate"])
    fit(trained, optimizer=optimizer)
    recorded()
    rates["rate"] = 0.0
    before = values(trained)
    assert fit(trained, optimizer=optimizer) == before
    assert recorded()


def test_other_schedules_need_no_new_recording(recorded):
    trained = network()
    fit(trained, optimizer=mg.Adam(mg.CosineDecay(0.1, 20)))
    recorded()
    fit(trained, optimizer=mg.Adam(mg.StepDecay(0.2, 5)))
    assert recorded() == 0


@dataclass(frozen=True)
class Tilted(mg.Activation):
    """An activation with a setting, which the test below assigns in spite of the dataclass."""

    label = "tilted"

    slope: float = 1.0

    def forward(self, xp, s):
        return self.slope * s

    def backward(self, xp, delta, y, s):
        return (self.slope * delta,)


def test_an_op_whose_setting_changed_is_recorded_anew(recorded):
    tilted = Tilted(1.0)
    trained = mg.Network(*mg.mlp([3, 4, 1], tilted, rng=0))
    before = trained.predict(X)
    fit(trained, optimizer=mg.SGD(0.0))
    recorded()
    np.testing.assert_array_equal(trained.predict(X), before)
    assert recorded() == 0
    object.__setattr__(tilted, "slope", 2.0)
    fresh = mg.Network(*mg.mlp([3, 4, 1], Tilted(2.0), rng=0))
    np.testing.assert_array_equal(trained.predict(X), fresh.predict(X))
    recorded()
    assert fit(trained) == fit(fresh)
    assert recorded()


@pytest.mark.parametrize("make_copy", [copy.deepcopy, lambda trained: pickle.loads(pickle.dumps(trained))])
def test_a_copy_of_a_trained_network_is_independent(make_copy):
    trained = network()
    fit(trained)
    twin = make_copy(trained)
    np.testing.assert_array_equal(twin.predict(X), trained.predict(X))
    before = values(trained)
    assert fit(twin) != before
    assert values(trained) == before


def test_a_gradient_of_a_compiled_graph_is_not_overwritten_by_steps():
    trained = network()
    compiled = trained.compile()
    nodes = (*trained.inputs, *trained.targets)
    compiled.gradient(dict(zip(nodes, [*X[0], *T[0]], strict=True)))
    gradient = [parameter.grad for parameter in trained.parameters]
    engine = trained.graph.training_engine
    assert isinstance(engine, NumpyEngine)
    engine.programs_for(mg.SGD(0.0), trained).runner(2).program.run()
    assert [parameter.grad for parameter in trained.parameters] == gradient
    fit(trained)
    assert [parameter.grad for parameter in trained.parameters] == [None] * len(gradient)


def test_a_learning_rate_of_zero_moves_nothing():
    trained = network()
    before = values(trained)
    assert fit(trained, optimizer=mg.SGD(0.0)) == before


def test_a_float32_copy_is_trained_by_the_engine_of_the_fit_before(recorded):
    trained, other = network(), network()
    fit(trained, dtype=np.float32)
    recorded()
    assert fit(trained, dtype=np.float32) == values(trained)
    assert recorded() == 0
    for _ in range(2):
        fit(other, dtype=np.float32)
    assert values(other) == values(trained)


def test_steps_of_float32_that_live_at_once_have_engines_of_their_own():
    trained = network()
    engine = trained.graph.engine(dtype=np.float32, training=True)
    steps = [trained.train_step(dtype=np.float32) for _ in range(3)]
    engines = [step._step.engine for step in steps]
    assert engines[0] is engine
    assert len({*map(id, engines)}) == 3
    assert trained.graph.engine(dtype=np.float32) not in engines  # which calls of the compiled graph overwrite
    del steps
    assert trained.train_step(dtype=np.float32)._step.engine in engines


def test_a_fit_within_a_fit_in_float32_does_not_touch_its_copy():
    plain, nested = network(), network()

    class Within:
        every = 2

        def step_end(self, progress):
            before = [parameter.value for parameter in nested.parameters]
            nested.train_step(mg.SGD(0.5), dtype=np.float32)(X, T)
            nested.compile(np.float32).gradient(dict(zip(nested.inputs, X[0], strict=True)) | {nested.targets[0]: 1.0})
            for parameter, value in zip(nested.parameters, before, strict=True):
                parameter.value = value

    fit(plain, dtype=np.float32)
    fit(nested, dtype=np.float32, callbacks=[Within()])
    assert values(nested) == values(plain)


def test_sample_weights_compile_nothing_anew(recorded):
    trained = network()
    weights = np.arange(len(X), dtype=float)
    fit(trained, sample_weight=weights)
    recorded()
    fit(trained, sample_weight=weights[::-1])
    assert recorded() == 0
