"""A training that is killed and started again: `python -m tests.files.interrupted PATH MODE EPOCHS [EVERY]`.

It writes the number of each epoch that is over, and at the end the parameters, to the bit.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad.training.checkpoint import Checkpoint

SAMPLES = 23


class Plateau:
    """A learning rate with a state of its own, which a callback changes."""

    def __init__(self) -> None:
        self.lr = 0.02

    def at(self, step):
        return self.lr

    def state(self):
        return {"lr": self.lr}

    def load_state(self, state):
        lr = float(state["lr"])
        if not 0 <= lr < 10:
            raise ValueError(lr)
        self.lr = lr


class Meddler:
    """A callback whose state decides what it does: it lowers a rate and assigns a value to a parameter."""

    every = 5

    def __init__(self, rate: Plateau) -> None:
        self.rate, self.losses, self.steps = rate, [], 0

    def step_end(self, progress):
        self.steps += 1

    def epoch_end(self, progress):
        self.losses = [*self.losses[-3:], progress.loss]
        self.rate.lr *= 0.99
        if progress.epoch % 3 == 0:
            progress.network.parameters[0].value = sum(self.losses) / (1 + self.steps)

    def state(self):
        return {"losses": self.losses, "steps": self.steps, "array": np.array(self.losses)}

    def load_state(self, state):
        losses, steps = [float(loss) for loss in state["losses"]], int(state["steps"])
        if steps < 0:
            raise ValueError(steps)
        self.losses, self.steps = losses, steps


def validated(rng):
    """Settings that measure on data of their own and keep the best parameters."""
    pair = rng.normal(size=(5, 2)), rng.uniform(size=(5, 2))
    return {
        "validation": pair,
        "metrics": [mg.r_squared],
        "callbacks": [mg.EarlyStopping(10**6), mg.StopOnNonFinite(7)],
    }


def meddled(rng):
    """Settings with states of schedules and callbacks."""
    rate = Plateau()
    return {"optimizer": mg.Momentum(rate), "callbacks": [Meddler(rate)], "batch_size": 4, "engine": "auto"}


MODES = {
    "plain": lambda rng: {},
    "compiled": lambda rng: {"engine": "numpy"},
    "plain, in batches": lambda rng: {"batch_size": 4},
    "compiled, in batches": lambda rng: {"batch_size": 4, "engine": "numpy"},
    "tape": lambda rng: {"engine": "tape"},
    "script": lambda rng: {"engine": "script"},
    "float32": lambda rng: {"engine": "auto", "dtype": np.float32, "batch_size": 4},
    "L-BFGS": lambda rng: {"optimizer": mg.optim.LBFGS()},
    "Levenberg-Marquardt": lambda rng: {"optimizer": mg.optim.LevenbergMarquardt()},
    "scheduled": lambda rng: {"optimizer": mg.Adam(mg.CosineDecay(0.1, 500)), "engine": "numpy"},
    "validated": validated,
    "validated, compiled": lambda rng: {**validated(rng), "engine": "numpy", "batch_size": 3},
    "weighted": lambda rng: {"sample_weight": rng.uniform(size=SAMPLES), "engine": "numpy"},
    "in order": lambda rng: {"shuffle": False, "seed": np.random.Generator(np.random.MT19937(3))},
    "meddled": meddled,
    "dropout": lambda rng: {"engine": "auto", "batch_size": 4},
    "plateau": lambda rng: {"optimizer": mg.SGD(mg.ReduceOnPlateau(0.9, 0.5, patience=1)), "engine": "auto"},
}
"""The settings of every mode of training, from random numbers for their data."""


def train(path: Path | None, kind: str, epochs: int, callbacks: tuple = (), every: int = 10) -> mg.Network:
    """Trains in a mode; one parameter does not move."""
    inputs = [mg.Input("x1"), mg.Input("x2")]
    hidden = mg.layer(inputs, 3, mg.tanh, "h", rng=0)
    if kind == "dropout":
        hidden = mg.dropout(hidden, 0.25)
    network = mg.Network(inputs, mg.layer(hidden, 2, mg.sigmoid, "y", rng=1))
    network.parameters[-1].trainable = False
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(SAMPLES, 2)), rng.uniform(size=(SAMPLES, 2))
    settings = {"optimizer": mg.Adam(0.01), "engine": "nodes", "callbacks": [], **MODES[kind](rng)}
    settings["callbacks"] = [*([Checkpoint(path, every)] if path else []), *settings["callbacks"], *callbacks]
    network.fit(X, T, epochs=epochs, progress=False, **settings)
    return network


def bits(network: mg.Network) -> str:
    """The parameters of a network and the history of its training, to the bit."""
    numbers = [[parameter.value for parameter in network.parameters], *network.history.columns.values()]
    return " ".join(float(number).hex() for column in numbers for number in column)


if __name__ == "__main__":
    tell = [lambda event: print(event.epoch, flush=True)]
    print("start", flush=True)
    print(bits(train(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), tell, *map(int, sys.argv[4:]))), flush=True)
