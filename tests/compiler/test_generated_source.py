"""Generated source holds numbers and names of our own: what users name, or let print themselves, is never executed."""

from __future__ import annotations

import builtins
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.numpy_codegen import literal
from minigrad.errors import CompileError

NAMES = [
    *("ARRAYS", "BUFFERS", "Buffers", "base64", "build", "compute", "decode", "name", "np", "results", "run", "self"),
    *("threading", "value", "a1", "c1", "n1", "view1", "ones1", "zeros1", "full1", "part1", "state0", "output0"),
    *(
        "input_x",
        "parameters",
        "gradient",
        "lambda",
        "",
        " ",
        "é",
        "1",
        'a"b',
        "\n",
        "x\nimport this",
        "#",
        "\u2028",
        "{}",
    ),
    *("float", "print", "dict", "True", "__name__", "__builtins__", "__import__"),
]
EVIL = "evil\nraise SystemExit\u2028raise SystemExit\r\x0c\x85raise SystemExit {0} {x} % '''\"\"\""


class Sly(float):
    """A number that prints itself as code."""

    def __repr__(self) -> str:
        return "exit('executed') or 0.5"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)


class SlyInt(int):
    __repr__ = __str__ = Sly.__repr__
    __format__ = Sly.__format__


class SlyText(str):
    __slots__ = ()
    __repr__ = __str__ = Sly.__repr__
    __format__ = Sly.__format__


class Times(mg.Unary):
    """A factor of whatever class of numbers."""

    label = EVIL
    numeric = True

    @classmethod
    def samples(cls) -> tuple[Any, ...]:
        return ()

    def __init__(self, factor: Any) -> None:
        object.__setattr__(self, "factor", factor)

    def forward(self, xp: Any, x: Any) -> Any:
        return self.factor * x

    def backward(self, xp: Any, delta: Any, y: Any, x: Any) -> Any:
        return (self.factor * delta,)


@pytest.mark.parametrize("name", NAMES)
def test_an_input_may_have_any_name(name: str, tmp_path: Path) -> None:
    x = mg.Input(name, shape=2)
    compiled = mg.Graph(mg.sum(mg.minimum(mg.maximum(x, -inf), 0.9) * 2.0)).compile(engine="numpy")
    assert compiled.forward({x: [0.25, 5.0]}) == 2.3
    module: dict[str, Any] = {}
    exec(compiled.export(tmp_path / "module.py").read_text(encoding="utf-8"), module)
    assert module["compute"]([0.25, 5.0]) == {"output0": 2.3}


def test_the_names_of_all_builtins_at_once(tmp_path: Path) -> None:
    inputs = [mg.Input(name, shape=2) for name in dir(builtins)]
    compiled = mg.Graph(mg.sum(mg.concat(inputs, axis=0))).compile(engine="numpy")
    assert compiled.forward({x: [1.0, 2.0] for x in inputs}) == 3.0 * len(inputs)
    module: dict[str, Any] = {}
    exec(compiled.export(tmp_path / "module.py").read_text(encoding="utf-8"), module)
    assert module["compute"](*np.ones((len(inputs), 2))) == {"output0": 2.0 * len(inputs)}


def test_inputs_of_like_names_stay_apart(tmp_path: Path) -> None:
    inputs = [mg.Input(name, shape=2) for name in ("x 1", "x_1", "x-1", "x₁", "x1")]
    total: Any = sum(mg.sum(x) * 10.0**power for power, x in enumerate(inputs))
    compiled = mg.Graph(total).compile(engine="numpy")
    assert compiled.forward({x: [1.0, 0.0] for x in inputs}) == 11111.0
    module: dict[str, Any] = {}
    exec(compiled.export(tmp_path / "module.py").read_text(encoding="utf-8"), module)
    assert module["compute"](*np.eye(5)[:, :2]) == {"output0": 11.0}


@pytest.mark.parametrize("engine", ["numpy", "tape", "script", "nodes"])
@pytest.mark.parametrize("number", [Sly(0.25), SlyInt(3), np.float64(0.25), np.float32(0.25), np.int8(3), True, -0.0])
def test_a_setting_of_any_class_of_numbers(number: Any, engine: str) -> None:
    w = mg.Parameter(2.0, EVIL)
    graph = mg.Graph(mg.tanh(Times(number)(w), name=f"2 {EVIL}"))
    compiled = graph.compile(engine=engine)
    value = float(np.tanh(2.0 * float(number)))
    assert compiled.gradient() == pytest.approx(value)
    assert w.delta == pytest.approx(float(number) * (1 - value**2))
    assert "exit(" not in compiled.source


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "optimizer", [mg.SGD, mg.Momentum, mg.Adam, mg.RMSProp], ids=lambda optimizer: optimizer.__name__
)
def test_a_learning_rate_of_any_class_of_numbers(optimizer: Any, dtype: Any) -> None:
    trained = []
    for rate in (0.125, Sly(0.125), np.float64(0.125), np.float32(0.125)):
        net = mg.Network(*mg.mlp([2, 2, 1], mg.tanh, rng=0))
        net.fit([[0.1, 0.2]] * 4, [0.3] * 4, optimizer(rate), engine="numpy", dtype=dtype, progress=False)
        trained.append([parameter.value for parameter in net.parameters])
    assert all(values == trained[0] for values in trained)


def test_an_exported_module_has_no_names_of_the_user_but_in_comments(tmp_path: Path) -> None:
    x = mg.Input("x", shape=2)
    path = mg.Graph(mg.sum(Times(0.5)(mg.tanh(x, name=EVIL)))).compile(engine="numpy").export(tmp_path / "module.py")
    text = path.read_text(encoding="utf-8")
    module: dict[str, Any] = {}
    exec(text, module)
    assert module["compute"]([0.0, 0.0]) == {"output0": 0.0}
    assert all("#" in line for line in text.splitlines() if "evil" in line)


@pytest.mark.parametrize(
    ("number", "source"),
    [
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (inf, "np.inf"),
        (-inf, "-np.inf"),
        (float("nan"), "np.nan"),
        (Sly(0.5), "0.5"),
        (Sly(-inf), "-np.inf"),
        (SlyInt(3), "3"),
        (SlyText("it's"), '"it\'s"'),
        (True, "True"),
        (None, "None"),
        (np.dtype(np.float32), "np.float32"),
    ],
)
def test_literals(number: Any, source: str) -> None:
    assert literal(number) == source


def test_what_is_no_number_has_no_literal() -> None:
    with pytest.raises(CompileError, match="cannot be written into a program"):
        literal(object())


# Numbers that are equal and not the same stay apart.


@pytest.mark.parametrize("engine", ["numpy", "tape", "script", "nodes"])
def test_zero_and_minus_zero_are_two_constants(engine: str) -> None:
    x = mg.Input("x")
    nodes = [1.0 / (mg.Constant(zero) * x) for zero in (0.0, -0.0)]
    nodes += [1.0 / mg.maximum(x * 0.0, zero) for zero in (-0.0, 0.0)]
    nodes += [1.0 / (x * -0.0 + zero) for zero in (0.0, -0.0)]
    nodes += [1.0 / (0 + x * -0.0), 1.0 / mg.where(x, -0.0, 0.0), 1.0 / mg.where(x, 0.0, -0.0)]
    vectors = [mg.sum(1.0 / (x * mg.Constant([zero, zero, 1.0]))) for zero in (0.0, -0.0)]
    graph = mg.Graph(nodes if engine in ("tape", "script") else nodes + vectors)
    expected = graph.forward({x: 2.0})
    assert graph.compile(engine=engine).forward({x: 2.0}) == expected
    assert set(expected) == {inf, -inf}


def test_true_and_one_and_nan_are_constants_of_their_own() -> None:
    w = mg.Parameter(3.0, "w")
    graph = mg.Graph([w * True, w + 1, w / 1.0, w * float("nan"), mg.Constant(float("nan")) + w])
    for engine in ("numpy", "tape", "script", "nodes"):
        np.testing.assert_array_equal(graph.compile(engine=engine).forward(), [3.0, 4.0, 3.0, np.nan, np.nan])
