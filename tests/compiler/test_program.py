"""Programs as text: nothing dead, nothing twice, memory shared only when free, the source short and always the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.program import Program, ProgramWriter, build_program
from minigrad.compiler.trace import TracedArray, Tracer
from tests.compiler.random_graphs import random_case

Rule = Callable[[Tracer, TracedArray, TracedArray], Any]
X = np.random.default_rng(0).normal(size=(3, 3))
Y = np.random.default_rng(1).normal(size=(3, 3))


@np.errstate(all="ignore")
def traced_program(rule: Rule) -> tuple[Program, dict[str, np.ndarray]]:
    """The program of a rule over two matrices, x and y, and its arrays; a dict of results assigns to x or y."""
    xp = Tracer()
    arrays = {"x": X.copy(), "y": Y.copy()}
    leaves = {name: xp.leaf(array) for name, array in arrays.items()}
    outcome = rule(xp, leaves["x"], leaves["y"])
    updates = outcome if isinstance(outcome, dict) else {}
    results = {} if updates else {"z": outcome}
    return build_program(xp, leaves, arrays, results, updates, {}, "A test.").bind({}), arrays


def body(program: Program) -> list[str]:
    """The lines that run."""
    return [line.strip() for line in program.source.split("def run():\n")[1].split("\n\n")[0].splitlines()]


RULES: dict[str, Rule] = {
    "a view with other strides": lambda xp, x, y: (t := x * y) + xp.matrix_transpose(t),
    "an array and its reverse": lambda xp, x, y: (t := x + y) * t[::-1],
    "an array and a part of it": lambda xp, x, y: (t := x + y) - t[0],
    "an array and itself": lambda xp, x, y: (t := x + y) * t,
    "a choice over both sides": lambda xp, x, y: xp.where((t := x - y) > 0, xp.matrix_transpose(t), t[::-1]),
    "a choice of whole numbers": lambda xp, x, y: xp.where(x > y, 1, 2) * x,
    "a choice that guards against what is none": lambda xp, x, y: (
        xp.where(x > 0, xp.log(x), 0.0) + xp.where(y > 0, xp.sqrt(y), xp.sin(x)) + xp.where(x > y, 0.0, 1 / (y - x))
    ),
    "a choice of constants": lambda xp, x, y: xp.where(x > y, 1.0, 2.0) * x,
    "a product into an operand": lambda xp, x, y: xp.matmul(t := x + y, xp.matrix_transpose(t)) + t,
    "parts that go on being read": lambda xp, x, y: (
        (w := xp.concat([a := xp.tanh(x)[0] * 2.0, b := xp.exp(y[1])], axis=0))
        + xp.concat([xp.sin(w)[:3], a * b], axis=0)
        + xp.concat([a - 1.0, b * w[3:]], axis=0)
    ),
    "parts of parts": lambda xp, x, y: xp.concat([xp.concat([a := xp.exp(x[0]), y[0] * a], axis=0), a + 1.0], axis=0),
    "one part twice": lambda xp, x, y: xp.concat([a := xp.exp(x[0]), a, x[1] * a], axis=0),
    "matrices joined": lambda xp, x, y: xp.concat([xp.exp(x), y], axis=-1),
    "matrices stacked": lambda xp, x, y: xp.stack([xp.exp(x), y], axis=0),
    "what lies in another order": lambda xp, x, y: xp.reshape(
        xp.matrix_transpose(xp.matrix_transpose(x) + xp.matrix_transpose(y)), (-1,)
    ),
    "numbers without axes": lambda xp, x, y: xp.sum(x, axis=(0, 1)) * xp.max(y, axis=(0, 1)) - x[0][1],
    "reductions": lambda xp, x, y: xp.mean(x * y, axis=0) + xp.sum(x, axis=1) + xp.max(y, axis=-1, keepdims=False),
    "kept axes": lambda xp, x, y: x - xp.max(x, axis=-1, keepdims=True) + xp.mean(y, axis=0, keepdims=True),
    "gathers": lambda xp, x, y: xp.take(xp.reshape(x * y, (-1,)), np.array([8, 0, 0]), axis=-1),
    "comparisons": lambda xp, x, y: xp.where(xp.equal(x, y), x, y) + xp.where(xp.greater(x, 0), x, 0.0),
    "constants in arrays": lambda xp, x, y: x * np.arange(3.0) + np.ones((3, 1)) * 2 - np.float64(0.5),
    "a leaf itself": lambda xp, x, y: x,
    "a view of a leaf": lambda xp, x, y: xp.matrix_transpose(y),
    "a constant": lambda xp, x, y: np.arange(3.0),
    "a long chain": lambda xp, x, y: xp.tanh(xp.sin(xp.exp(xp.tanh(xp.sin(x) + y) - x) * y)),
}


@pytest.mark.parametrize("name", RULES)
def test_a_program_computes_what_numpy_computes_again_and_again(name: str) -> None:
    program, arrays = traced_program(RULES[name])
    for seed in range(3):
        rng = np.random.default_rng(seed)
        for array in arrays.values():
            array[...] = rng.normal(size=array.shape)
        rule: Any = RULES[name]
        with np.errstate(all="ignore"):
            expected = rule(np, arrays["x"].copy(), arrays["y"].copy())
            program.run()
        np.testing.assert_allclose(program.results["z"], expected, rtol=1e-15, atol=1e-15)


def with_spoiled_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every array that is free is filled with nan before anything else may use it."""
    release = ProgramWriter.release

    def spoil(self: ProgramWriter, array: TracedArray, index: int) -> None:
        if self.is_last_use(array, index):
            value = {"f": "np.nan", "i": "-9", "b": "True"}[array.value.dtype.kind]
            self.body.append(f"{self.names[array]}.fill({value})")
        release(self, array, index)

    monkeypatch.setattr(ProgramWriter, "release", spoil)


def sharing_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every array has memory of its own."""
    monkeypatch.setattr(ProgramWriter, "is_last_use", lambda self, array, index: False)
    monkeypatch.setattr(ProgramWriter, "parts_in_place", lambda self: {})


def gradients(count: int, batch: int | None) -> list[np.ndarray]:
    """What the programs of random graphs compute: outputs, loss, gradient."""
    values = []
    for seed in range(count):
        graph = random_case(seed).build_loss()
        compiled = NumpyEngine(graph.outputs)
        bound = compiled.program_for(batch, gradient=True)
        rng = np.random.default_rng(seed)
        for array in bound.inputs.values():
            array[...] = rng.normal(size=array.shape)
        with np.errstate(all="ignore"):
            for _ in range(2):
                bound.program.run()
        values += [np.copy(value) for value in (*bound.program.results.values(), compiled.parameters.gradient)]
    return values


@pytest.mark.parametrize("batch", [None, 3])
def test_memory_is_shared_only_when_it_is_free(batch: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = gradients(35, batch)
    with_spoiled_memory(monkeypatch)
    spoiled = gradients(35, batch)
    monkeypatch.undo()
    sharing_nothing(monkeypatch)
    separate = gradients(35, batch)
    for value, among_nan, expected in zip(shared, spoiled, separate, strict=True):
        np.testing.assert_array_equal(value, expected)
        np.testing.assert_array_equal(among_nan, expected)


def test_memory_is_shared_where_it_can_be() -> None:
    def chain(xp: Tracer, x: TracedArray, y: TracedArray) -> Any:
        for _ in range(50):
            x = xp.tanh(x + y)
        return x

    program, _ = traced_program(chain)
    assert program.source.count("np.empty") == 1


def test_what_nothing_needs_is_not_computed() -> None:
    def rule(xp: Tracer, x: TracedArray, y: TracedArray) -> Any:
        xp.exp(y) * x
        return xp.tanh(x)

    assert body(traced_program(rule)[0]) == ["np.tanh(x, out=a1)"]


def test_parts_of_a_concatenation_are_computed_in_place() -> None:
    program, _ = traced_program(lambda xp, x, y: xp.concat([xp.exp(x[0]), xp.reshape(xp.sin(y), (-1,)), x[1]], axis=0))
    assert body(program) == ["np.exp(view1, out=part2)", "np.sin(y, out=part3)", "a1[12:15] = view5"]


def test_a_leaf_is_assigned_in_place_as_soon_as_it_is_free() -> None:
    program, arrays = traced_program(lambda xp, x, y: {"x": x - 0.5 * y})
    assert body(program)[-1] == "np.subtract(x, a1, out=x)"
    program.run()
    np.testing.assert_array_equal(arrays["x"], X - 0.5 * Y)


def test_a_leaf_that_is_still_read_is_assigned_at_the_end() -> None:
    program, arrays = traced_program(lambda xp, x, y: {"x": (new := x - y), "y": xp.tanh(new) * x})
    program.run()
    np.testing.assert_array_equal(arrays["x"], X - Y)
    np.testing.assert_allclose(arrays["y"], np.tanh(X - Y) * X, rtol=1e-15)


def test_constants_are_kept_once() -> None:
    program, _ = traced_program(lambda xp, x, y: x * np.arange(3.0) + np.arange(3.0) * y + np.arange(3))
    assert "def build(x, y, c1, c2):" in program.source


# The network of single neurons.


def network(array: bool = False) -> mg.Graph:
    if array:
        x = mg.Input("x", shape=20)
        output = mg.dense(mg.dense(x, 12, mg.relu, "h", 0), 10, mg.identity, "y", 0)
        return mg.Network(x, output, mg.softmax_cross_entropy).graph
    return mg.Network(*mg.mlp([20, 12, 10], mg.relu, mg.identity, rng=0), mg.softmax_cross_entropy).graph


def spelled_out() -> mg.Graph:
    rng = np.random.default_rng(0)

    def layer(x: list[mg.Node], count: int) -> list[mg.Node]:
        return [sum((mg.Parameter(rng.normal()) * item for item in x), mg.Parameter(0.0)) for _ in range(count)]

    x: list[mg.Node] = [mg.Input(f"x{number}") for number in range(20)]
    outputs = layer([mg.relu(node) for node in layer(x, 12)], 10)
    return mg.Network(x, outputs, mg.softmax_cross_entropy).graph


def trained(graph: mg.Graph, batch: int | None = 4) -> str:
    return NumpyEngine(graph.outputs).step_runner(batch, mg.SGD(0.1), ()).program.source


@pytest.mark.parametrize("graph", [network, spelled_out], ids=["neurons", "spelled out"])
@pytest.mark.parametrize("batch", [None, 4])
def test_the_source_of_single_neurons_holds_five_products_and_no_gather(
    graph: Callable[[], mg.Graph], batch: int | None
) -> None:
    source = trained(graph(), batch)
    numbers = re.findall(r"(\w+) = np.empty\(\(\)", source)
    products = re.findall(r"dot_\((\w+), (\w+), out=(\w+)\)", source)
    matrices = [(a, b) for a, b, out in products if out not in numbers and "ones" not in a + b]  # the others are sums
    assert len(matrices) == 5
    assert "matmul" not in source
    assert "take" not in source


def test_single_neurons_are_as_short_as_arrays() -> None:
    singles, arrays = trained(network()), trained(network(array=True))
    assert len(singles.splitlines()) <= len(arrays.splitlines())
    assert singles.count("np.empty") <= arrays.count("np.empty")


def test_the_comments_hold_the_names_of_the_nodes() -> None:
    source = trained(network())
    for note in ("# h1.s…h12.s", "# h1…h12", "# y1.s…y10.s", "# δ h1.w1…h12.w20", "# δ y1.b…y10.b"):
        assert note in source


def test_every_line_runs_alone_with_numpy() -> None:
    """The source is a module that knows nothing of minigrad."""
    graph = network()
    compiled = NumpyEngine(graph.outputs)
    bound = compiled.program_for(None, gradient=True)
    assert "minigrad" not in re.sub(r'""".*?"""', "", bound.program.source)
    space: dict[str, Any] = {}
    exec(bound.program.source, space)
    assert set(space) >= {"build", "np"}


PRINTED = """
from minigrad.compiler.numpy_engine import NumpyEngine
from tests.compiler.random_graphs import random_case
for seed in range(25):
    print(NumpyEngine(random_case(seed).build_loss().outputs).program_for(3, True).program.source)
"""


def test_the_source_is_the_same_in_every_process() -> None:
    root = Path(mg.__file__).parents[1]
    sources = {
        subprocess.run(
            [sys.executable, "-c", PRINTED],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(sources) == 1
