"""The types of compiled graphs: float64 and float32 and no other; float32 never rounds the readable graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.compiler.script_engine import ScriptEngine
from minigrad.errors import CompileError, SettingError

OTHER_TYPES = ["int16", "bool", "U7", "complex128", "float16", "longdouble", ">f8", "object", "no type", None, 7]
X, T = [[0.1, 0.2], [0.3, -0.4]], [[0.5], [0.6]]
SAMPLE = {"x1": 0.3, "x2": -0.7, "t1": 0.2}
COMPILERS: dict[str, Callable[[mg.Network, Any], Any]] = {
    "Network.compile": lambda net, dtype: net.compile(dtype),
    "Graph.compile": lambda net, dtype: net.graph.compile(dtype),
    "fit": lambda net, dtype: net.fit(X, T, dtype=dtype, progress=False),
    "train_step": lambda net, dtype: net.train_step(dtype=dtype),
}


def network() -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=0))


def values(net: mg.Network) -> list[float]:
    return [parameter.value for parameter in net.parameters]


def deltas(net: mg.Network) -> list[float]:
    return [parameter.delta for parameter in net.parameters]


@pytest.mark.parametrize("dtype", OTHER_TYPES)
@pytest.mark.parametrize("compile_", COMPILERS.values(), ids=COMPILERS)
def test_other_types_are_refused_and_change_nothing(compile_: Callable[..., Any], dtype: Any) -> None:
    net = network()
    before = values(net)
    with pytest.raises(SettingError, match="dtype"):
        compile_(net, dtype)
    assert values(net) == before


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("f4"), float, "float64"])
def test_these_types_have_many_names(dtype: Any) -> None:
    assert network().compile(dtype).forward(SAMPLE) == pytest.approx(network().compile().forward(SAMPLE), rel=1e-5)


class Asking(mg.ops.Activation):
    """A rule that cannot be recorded."""

    label = "asking for one number"

    def forward(self, xp: Any, s: Any) -> Any:
        return s if s > 0 else 0.1 * s

    def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
        return (delta if s > 0 else 0.1 * delta,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("engine", ["numpy", "tape", "script"])
def test_a_refused_compile_leaves_the_parameters_where_they_are(engine: str, dtype: Any) -> None:
    x = mg.Input("x", shape=2)
    net = mg.Network(x, mg.dense(x, 1, Asking(), name="y", rng=0))
    arrays = [parameter._own_value for parameter in net.parameters]
    with pytest.raises(CompileError):
        net.compile(dtype, engine)
    assert all(parameter._home is None for parameter in net.parameters)
    assert [parameter._own_value for parameter in net.parameters] == arrays


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_float32_is_honored_or_refused(engine: str) -> None:
    net = network()
    before = values(net)
    exact = net.compile()
    loss, slopes = exact.gradient(SAMPLE), deltas(net)
    try:
        rounded = net.compile(np.float32, engine)
    except CompileError:
        assert engine == "script"
        return
    assert rounded.gradient(SAMPLE) == pytest.approx(loss, rel=1e-4)
    assert rounded.gradient(SAMPLE) != loss
    assert deltas(net) == pytest.approx(slopes, rel=1e-3, abs=1e-6)
    assert deltas(net) != slopes
    assert {*map(type, deltas(net))} == {float}
    assert values(net) == before
    for row in (0.1, 0.4):  # a value that is assigned between two calls counts
        net.parameters[0].value = row
        assert rounded.forward(SAMPLE) == pytest.approx(exact.forward(SAMPLE), rel=1e-4)
        assert net.parameters[0].value == row


def test_auto_goes_on_to_an_engine_that_computes_in_float32() -> None:
    node: Any = mg.Parameter(1.1, "w")
    for _ in range(100):
        node = mg.sin(node) * 1.1
    exact, rounded = mg.Graph(node).compile(), mg.Graph(node).compile(np.float32)
    assert isinstance(exact.engine, ScriptEngine)
    assert exact.forward() != rounded.forward() == pytest.approx(exact.forward(), rel=1e-4)


@pytest.mark.parametrize("engine", ["numpy", "tape", "nodes"])
def test_derivatives_by_arrays_are_float64(engine: str) -> None:
    x = mg.Input("x", shape=2)
    graph = mg.Graph(mg.sum(mg.dense(x, 2, mg.tanh, name="y", rng=0)))
    try:
        graph.compile(np.float32, engine).gradient({x: [0.5, 1.5]})
    except CompileError:
        assert engine == "tape"  # which is for scalars
        return
    assert {parameter.delta.dtype for parameter in graph.parameters} == {np.dtype(np.float64)}


def test_an_exported_module_has_the_parameters_of_now(tmp_path: Any) -> None:
    w = mg.Parameter(1.0, "w")
    compiled = mg.Graph(w * 2.0).compile(np.float32, "numpy")
    w.value = 3.0
    module: dict[str, Any] = {}
    exec(compiled.export(tmp_path / "module.py").read_text(encoding="utf-8"), module)
    assert module["compute"]() == {"output0": 6.0}


def test_training_in_float32_goes_on_after_a_compiled_call_in_float32() -> None:
    """They have copies of their own: a call in the middle of an epoch takes no step back."""
    net, twin = network(), network()
    step, other = net.train_step(mg.SGD(0.1), dtype=np.float32), twin.train_step(mg.SGD(0.1), dtype=np.float32)
    compiled = net.compile(np.float32)
    for _ in range(3):
        assert step(X, T) == other(X, T)
        compiled.gradient(SAMPLE)
        net.predict(X)
    assert values(net) == values(twin)
