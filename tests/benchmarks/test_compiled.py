"""The benchmark of compiled networks: contestants compute the same, ratios are what they say, the table is written."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.benchmarks import _contestants as by, compiled


def start_alike(graph: mg.Graph, work: by.Task) -> None:
    """Gives the neurons the weights that the peers start with."""
    W1, b1, W2, b2 = by.matrices(work.sizes)
    for letter, W, b in (("h", W1, b1), ("y", W2, b2)):
        for neuron in range(W.shape[1]):
            graph[f"{letter}{neuron + 1}.b"].value = b[neuron]  # type: ignore[misc]
            for place in range(W.shape[0]):
                graph[f"{letter}{neuron + 1}.w{place + 1}"].value = W[place, neuron]  # type: ignore[misc]


@pytest.mark.parametrize("batch", [None, 8])
def test_contestants_find_the_same_losses(batch: int | None) -> None:
    work = by.task((6, 5, 3), batch)
    loss, name = (mg.squared_error, "squared error") if batch is None else (mg.softmax_cross_entropy, "cross-entropy")
    activations = (mg.sigmoid, mg.sigmoid) if batch is None else (mg.relu, mg.identity)
    graph = by.single_neurons(work.sizes, loss, *activations)
    start_alike(graph, work)
    by_hand = by.sigmoids_by_hand if batch is None else by.classes_by_hand
    peers = [by.by_minigrad(work, graph), by_hand(work)]
    if importlib.util.find_spec("jax"):
        peers.append(by.by_jax(work, name))
    losses = np.array([[step() for _ in range(10)] for step in peers])
    np.testing.assert_allclose(losses, np.broadcast_to(losses[0], losses.shape), rtol=1e-4)


def test_moons_unrolled_and_batched_find_the_same_loss() -> None:
    X, labels = by.moons(12)
    whole, one = by.moons_graph(X, labels), by.moons_graph(None, labels)
    columns = np.transpose(X)
    assert one.forward({"x1": columns[0], "x2": columns[1], "label": labels}).mean() == pytest.approx(whole.forward())
    assert np.isfinite(by.moons_step(one, 12)())


def test_ratios_are_medians_with_quartiles() -> None:
    assert compiled.ratio([2.0, 4.0, 9.0], [1.0, 1.0, 1.0]) == (4.0, "4 (3 … 6.5)")
    rows = list(compiled.compared("w", {"minigrad": [1.0], "peer": [2.0]}, {"peer": 0.4, "other": 1.0}))
    assert [row.holds for row in rows] == [False, None]
    assert rows[1].reached == "not installed"


def test_the_page_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    for measure in ("sample_by_sample", "classes", "moons"):
        monkeypatch.setattr(compiled, measure, lambda effort: iter(()))
    monkeypatch.setattr(compiled, "memory", lambda effort: iter([compiled.Row("w", "f", "1", "≤ 2", True)]))
    page = tmp_path / "performance.md"
    monkeypatch.setattr("sys.argv", ["compiled", "--short", "--write", str(page)])
    compiled.main()
    assert "| w | f | 1 | ≤ 2 | ✓ |" in page.read_text(encoding="utf-8")
    assert "w: f: 1" in capsys.readouterr().out
