"""Graphs in JavaScript, run by Node.js: every value and every δ is what the interpreter computes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.javascript import graph_source
from minigrad.errors import CompileError
from tests.compiler.random_graphs import random_case, random_feeds, total

GRAPH_MODULE = Path(mg.__file__).parent / "pages" / "graph.js"
RUN = """
for (const [source, leaves] of graphs) {
  const graph = new Graph(source);
  graph.values.set(leaves);
  graph.forward();
  graph.backward(source.nodes.length - 1);
  console.log(JSON.stringify([Array.from(graph.values, String), Array.from(graph.deltas, String)]));
}
"""

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


def run_in_node(graphs: Sequence[mg.Graph], folder: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the values and the δ that JavaScript computes for each graph, from the values that its leaves have."""
    entries = []
    for graph in graphs:
        known = [np.ravel(node.value if node.op is None else np.zeros(node.shape)) for node in graph.nodes]
        entries.append(f"[{graph_source(graph.nodes)}, {json.dumps(np.concatenate(known).tolist())}]")
    script = folder / "run.mjs"
    listed = ",\n".join(entries)
    script.write_text(
        f"import {{ Graph }} from {json.dumps(GRAPH_MODULE.as_uri())};\nconst graphs = [{listed}];\n{RUN}"
    )
    node = subprocess.run(["node", str(script)], capture_output=True, text=True, check=False)
    assert node.returncode == 0, node.stderr[:2000]
    numbers: Any = [json.loads(line) for line in node.stdout.splitlines()]
    return [(np.array(values, float), np.array(deltas, float)) for values, deltas in numbers]


def elements(numbers: Sequence[Any], graph: mg.Graph) -> np.ndarray:
    """Return one number or array for each node of a graph as elements one after another."""
    return np.concatenate(
        [np.broadcast_to(number, node.shape).ravel() for number, node in zip(numbers, graph.nodes, strict=True)]
    )


@needs_node
def test_values_and_derivatives_of_random_graphs(tmp_path: Path) -> None:
    graphs = []
    for seed in range(200):
        graph = mg.Graph(total(random_case(seed).build().outputs))
        graph.forward(random_feeds(graph, Random(seed), None))
        try:
            graph_source(graph.nodes)
        except CompileError:
            continue
        graph.backward()
        graphs.append(graph)
    assert len(graphs) > 150
    for graph, (values, deltas) in zip(graphs, run_in_node(graphs, tmp_path), strict=True):
        np.testing.assert_allclose(values, elements([node.value for node in graph.nodes], graph), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(deltas, elements([node.delta for node in graph.nodes], graph), rtol=1e-9, atol=1e-12)
