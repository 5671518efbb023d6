"""The state of a training, and how long it is."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import SettingError
from minigrad.training.checkpoint import Checkpoint, read_state, write_state
from minigrad.training.history import History
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import InterpretedStep
from tests.training.networks import ENGINES, fitted


def test_a_budget_of_epochs():
    budget = StepBudget(samples=12, epochs=3, batch_size=5)
    assert (budget.steps_per_epoch, budget.last_epoch) == (3, 3)
    assert [budget.samples_in(epoch) for epoch in (1, 2, 3)] == [12, 12, 12]


def test_a_budget_of_steps_may_end_within_an_epoch():
    budget = StepBudget(samples=12, epochs=100, batch_size=5, steps=5)
    assert budget.last_epoch == 2
    assert [budget.samples_in(epoch) for epoch in (1, 2)] == [12, 10]
    assert StepBudget(12, 100, 5, steps=6).samples_in(2) == 12
    assert StepBudget(12, 100, 5, steps=0).last_epoch == 0


def test_a_state_is_all_that_a_checkpoint_holds(tmp_path):
    state = TrainingState(
        epoch=2,
        position=3,
        loss_sum=0.1,
        generator=np.random.default_rng(0).bit_generator.state,
        history=History([0.5, 0.25], [0.75, 1.0], stop_reason="enough"),
        parameters=np.arange(4.0),
        optimizer_state=(np.zeros(1), np.ones((2, 2), np.float32)),
        step=7,
        callbacks={"Own 1": {"a": (1, [None, True]), "lowest": float("inf"), "text": "b"}},
    )
    write_state(tmp_path / "run", {"data": "a"}, state)
    identity, copy = read_state(tmp_path / "run")
    assert identity == {"data": "a"}
    assert vars(copy).keys() == vars(state).keys()
    for name, value in vars(state).items():
        if "parameters" in name:
            np.testing.assert_array_equal(vars(copy)[name], value)
        elif name != "optimizer_state":
            assert vars(copy)[name] == value, name
    for array, expected in zip(copy.optimizer_state, state.optimizer_state, strict=True):
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(("steps", "epochs"), [(0, 0), (5, 2), (6, 2), (9, 3)])
def test_so_many_steps_are_made(steps, epochs, monkeypatch):
    made = []
    monkeypatch.setattr(InterpretedStep, "run", lambda self, rows: made.append(len(rows)) or 1.0)
    _, history = fitted(steps=steps, batch_size=5, epochs=100, engine="nodes")
    assert made == [5, 5, 2, 5, 5, 2, 5, 5, 2][:steps]
    assert len(history.loss) == epochs


@ENGINES
def test_steps_are_the_first_of_the_epochs(engine, tmp_path):
    settings = {"batch_size": 5, "engine": engine, "optimizer": mg.Adam(0.05)}
    assert fitted(steps=6, **settings) == fitted(epochs=2, **settings)
    checkpoint = Checkpoint(tmp_path / "run", 2)
    for steps in (1, 4, 5, 5, 8):
        found = fitted(steps=steps, callbacks=[checkpoint], **settings)
        assert found == fitted(steps=steps, **settings)
    with pytest.raises(SettingError, match="steps"):
        fitted(steps=-1)
