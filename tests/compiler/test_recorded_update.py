"""Optimizers in JavaScript: the same weights and state as Python's, step by step."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.javascript import update_source
from minigrad.compiler.recorded_update import record_update
from minigrad.errors import CompileError

WEIGHTS, STEPS = np.array([0.5, -1.0, 2.0, 0.0, 1e-3]), 6


class Own:
    """An optimizer of a user's own, with most functions of NumPy that work on elements."""

    lr = 0.3

    def __init__(self) -> None:
        self.lr = 0.2

    def init(self, parameters: np.ndarray) -> tuple[np.ndarray, ...]:
        return np.zeros(1), np.ones_like(parameters)

    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        count, mean = state
        bounded = np.fmin(np.fmax(gradient, -0.5), 0.5) + np.square(gradient) / (1 + np.abs(gradient))
        rises = gradient > 0
        mean = rises * (0.5 * mean + np.tanh(bounded)) + (1 - rises) * np.minimum(mean, 2.0) - 0.01 * np.sign(mean)
        return parameters - self.lr * np.exp(-count) * mean - np.sqrt(np.power(gradient, 2.0)), (count + 1, mean)


class Counting(Own):
    """One that changes itself, which cannot be recorded."""

    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        self.lr = self.lr / 2
        return parameters - self.lr * gradient, state


class Remembering(Own):
    """One that changes an array of its own in place."""

    def __init__(self) -> None:
        self.factors = np.ones(1)

    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        self.factors /= 2
        return parameters - self.factors * gradient, state


class Replacing(Remembering):
    """One that replaces an array of its own, and does not use it."""

    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        self.factors = np.array([0.5, 0.25])
        return parameters - 0.1 * gradient, state


class Random(Own):
    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        return parameters - np.random.default_rng().uniform() * gradient, state


class Sorting(Own):
    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        return parameters - 0.1 * gradient[::-1], state


class Constants(Own):
    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        return parameters - np.array([0.1, 0.2, 0.3]) * gradient, state


class Asking(Own):
    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        return (parameters - gradient if gradient[0] > 0 else parameters), state


class Adaptive:
    """A schedule that depends on training."""

    def at(self, step: Any) -> float:
        return 0.1

    def state(self) -> dict[str, Any]:
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        pass


OPTIMIZERS: list[Any] = [
    mg.SGD(0.5), mg.SGD(0.5, weight_decay=0.1), mg.Momentum(0.1), mg.Nesterov(0.1), mg.AdaGrad(0.1), mg.RMSProp(0.1),
    mg.Adam(0.1), mg.AdamW(0.1), mg.Clipped(mg.Adam(0.1), norm=0.5), mg.Clipped(mg.SGD(1.0), value=0.3, norm=1e9),
    mg.SGD(mg.CosineDecay(0.5, 4)), mg.AdamW(mg.WarmUp(mg.StepDecay(0.5, 2), 3)), Own(), mg.Clipped(Own(), norm=0.1),
]  # fmt: skip

REFUSED: list[Any] = [
    mg.LBFGS(), mg.LevenbergMarquardt(), Counting(), Remembering(), Replacing(), Random(), Sorting(), Constants(),
    Asking(), mg.SGD(Adaptive()), mg.Clipped(Random(), norm=1.0),
]  # fmt: skip


def gradients() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=WEIGHTS.size) for _ in range(STEPS)]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_steps_in_javascript_are_those_of_python(tmp_path: Path) -> None:
    entries = []
    for optimizer in OPTIMIZERS:
        recorded = record_update(optimizer)
        rates = [
            {rate.name: rate.value if isinstance(rate.value, float) else rate.value.at(t) for rate in recorded.rates}
            for t in range(STEPS)
        ]
        state = [part.tolist() for part in optimizer.init(WEIGHTS)]
        entries.append(f"[{update_source(recorded)}, {json.dumps(state)}, {json.dumps(rates)}]")
    script = tmp_path / "run.mjs"
    listed, steps = ",\n".join(entries), json.dumps([gradient.tolist() for gradient in gradients()])
    script.write_text(f"""
for (let [update, state, rates] of [{listed}]) {{
  let w = {json.dumps(WEIGHTS.tolist())};
  {steps}.forEach((g, step) => {{ [w, state] = update(w, g, state, rates[step]); }});
  console.log(JSON.stringify([w, ...state]));
}}
""")
    run = subprocess.run(["node", str(script)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[:2000]
    for optimizer, line in zip(OPTIMIZERS, run.stdout.splitlines(), strict=True):
        w, state = WEIGHTS, optimizer.init(WEIGHTS)
        for gradient in gradients():
            w, state = optimizer.update(w, gradient, state)
        for found, expected in zip(json.loads(line), [w, *state], strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=repr(optimizer))


def test_learning_rates_are_settings() -> None:
    assert [rate.name for rate in record_update(mg.Clipped(mg.SGD(0.5), norm=1.0)).rates] == ["optimizer.lr"]
    (rate,) = record_update(mg.Adam(mg.CosineDecay(0.5, 4))).rates
    assert (rate.name, rate.count) == ("lr", 0)
    assert "settings['lr']" in update_source(record_update(Own()))


def test_recording_leaves_an_optimizer_as_it_is() -> None:
    inner = mg.SGD(0.5)
    optimizer = mg.Clipped(inner, norm=1.0)
    record_update(optimizer)
    assert optimizer.optimizer is inner
    assert inner.lr == 0.5
    own = Remembering()
    with pytest.raises(CompileError):
        record_update(own)
    assert own.factors == [1.0]


@pytest.mark.parametrize(
    "optimizer",
    REFUSED,
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_what_cannot_be_recorded_is_refused(optimizer: Any) -> None:
    with pytest.raises(CompileError, match=r"minigrad\.SGD, Momentum, RMSProp or Adam"):
        record_update(optimizer)
