"""The package as its users meet it: what it exports, what it documents, and what importing it costs."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

import minigrad

ROOT = Path(__file__).parent.parent
LAZY = ("graphviz", "pygraphviz", "tqdm", "sklearn", "matplotlib", "torch", "jax", "onnx")
"""Packages that are imported where they are needed, and not before."""

PUBLIC: dict[str, Any] = {
    name: value
    for name, value in vars(minigrad).items()
    if not name.startswith("_") and not isinstance(value, ModuleType)
}

CONTRACT: dict[str, tuple[str, ...]] = {
    "Input": ("name", "shape"),
    "Parameter": ("value", "name"),
    "Constant": ("value", "name"),
    "Node.backward": (),
    "neuron": ("parents", "activation", "name", "rng"),
    "layer": ("parents", "count", "activation", "name", "rng"),
    "mlp": ("sizes", "activation", "output", "rng"),
    "Graph": ("outputs",),
    "Graph.forward": ("feeds",),
    "Graph.backward": (),
    "Network": ("inputs", "outputs", "loss"),
    "Network.fit": (
        "X",
        "T",
        "optimizer",
        "epochs",
        "batch_size",
        "validation",
        "metrics",
        "sample_weight",
        "shuffle",
        "seed",
        "callbacks",
        "progress",
        "engine",
        "dtype",
        "steps",
        "warm_start",
    ),
    "Graph.compile": ("dtype", "engine"),
    "Network.compile": ("dtype",),
    "Network.predict": ("X",),
    "Network.evaluate": ("X", "T"),
    "Network.loss_graph": ("x", "t"),
    "SGD": ("lr",),
    "Momentum": ("lr",),
    "Adam": ("lr",),
    "draw": ("what", "view"),
    "gradient_graph": ("graph",),
    "check_gradients": ("graph",),
    "MinigradError": (),
}
"""The names that users build on, each with the parameters that it promises."""

OPS = ("weighted_sum", "affine", "squared_error", "sigmoid", "tanh", "relu", "leaky_relu", "softmax_cross_entropy")


def test_importing_minigrad_imports_nothing_heavy():
    program = f"import minigrad, sys; print(*[name for name in {LAZY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == ""


def test_the_package_says_that_it_is_typed():
    assert files("minigrad").joinpath("py.typed").is_file()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented(name: str):
    value = PUBLIC[name]
    documented = value if isinstance(value, type | FunctionType) else type(value)
    assert vars(documented).get("__doc__") if isinstance(documented, type) else documented.__doc__


@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_holds(name: str):
    value: Any = minigrad
    for part in name.split("."):
        value = getattr(value, part)
    promised = CONTRACT[name]
    offered = [parameter for parameter in inspect.signature(value).parameters if parameter in promised]
    assert tuple(offered) == promised


@pytest.mark.parametrize("name", OPS)
def test_the_ops_of_a_network_are_public(name: str):
    assert callable(getattr(minigrad, name))


def test_imports_point_one_way():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed: pip install '.[lint]'")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
