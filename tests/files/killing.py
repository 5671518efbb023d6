"""Kills a training at random moments until it is done: `python -m tests.files.killing KILLS [MODE]`.

Every restart goes on, no file is ever unreadable, and in the end the parameters are those of a run that was left alone.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from minigrad.training.checkpoint import read_state
from tests.files.interrupted import MODES, bits, train

ROOT = Path(__file__).parents[2]


def kill_often(path: Path, kind: str, kills: int, seed: int = 0) -> list[tuple[int, int]]:
    """Kills a training so many times and lets it end; returns where it stood after each kill, and checks its result."""
    chance, stood = random.Random(seed), []
    epochs = 4 * kills
    for turn in range(kills + 1):
        command = [sys.executable, "-m", "tests.files.interrupted", str(path), kind, str(epochs)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as running:
            assert running.stdout is not None
            if turn < kills:
                for _ in range(chance.randint(1, 5)):
                    running.stdout.readline()
                time.sleep(chance.uniform(0, 0.01))
                running.kill()
            last = running.stdout.read().splitlines()
        if path.exists():
            _, state = read_state(path)
            stood.append((state.epoch, state.position))
    assert stood == sorted(stood)
    assert stood[-1] == (epochs, 0)
    assert last[-1] == bits(train(None, kind, epochs))
    assert list(path.parent.iterdir()) == [path]
    return stood


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[2:] or MODES:
            print(name, kill_often(Path(folder) / "run", name, int(sys.argv[1])), flush=True)
            (Path(folder) / "run").unlink()
