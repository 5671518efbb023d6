"""A training that is killed and started again: `python -m tests.files.interrupted PATH KIND EPOCHS [EVERY]`.

It writes the number of each epoch that is over, and at the end the parameters, to the bit.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad.training.checkpoint import Checkpoint

SAMPLES = 23


def train(path: Path | None, kind: str, epochs: int, callbacks: tuple = (), every: int = 10) -> mg.Network:
    """Trains sample by sample or in batches, plain or compiled."""
    network = mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0))
    rng = np.random.default_rng(0)
    network.fit(
        rng.normal(size=(SAMPLES, 2)),
        rng.uniform(size=(SAMPLES, 2)),
        mg.Adam(0.01),
        epochs=epochs,
        batch_size=4 if "batches" in kind else 1,
        engine="numpy" if "compiled" in kind else "nodes",
        callbacks=[*([Checkpoint(path, every)] if path else []), *callbacks],
        progress=False,
    )
    return network


def bits(network: mg.Network) -> str:
    """The parameters of a network, to the bit."""
    return " ".join(parameter.value.hex() for parameter in network.parameters)


if __name__ == "__main__":
    tell = [lambda event: print(event.epoch, flush=True)]
    print("start", flush=True)
    print(bits(train(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), tell, *map(int, sys.argv[4:]))), flush=True)
