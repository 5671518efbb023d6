"""A compiled graph written as a module that needs only NumPy."""

import subprocess
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import CompileError


def test_the_module_computes_what_the_network_predicts(tmp_path):
    inputs, outputs = mg.mlp([3, 4, 2], activation=mg.softsign, output=mg.softmax, rng=0)
    network = mg.Network(inputs, outputs)
    X = np.random.default_rng(0).normal(size=(5, 3))
    network.fit(X, np.eye(2)[[0, 1, 0, 1, 0]], epochs=3, progress=False)
    path = mg.Graph(outputs).compile().export(tmp_path / "model.py", batch=5)
    program = "import sys, numpy as np, model; print(repr(model.compute(np.array(eval(sys.argv[1])))))"
    program += "; assert not any(name.startswith('minigrad') for name in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, repr(X.tolist())],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = eval(done.stdout, {"array": np.array})
    np.testing.assert_allclose(np.stack(list(found.values()), axis=-1), network.predict(X), rtol=1e-7)
    assert path.name == "model.py"


def test_a_graph_without_inputs_exports_too(tmp_path):
    w = mg.Parameter(2.0, "w")
    text = mg.Graph(mg.sin(w) + w).compile(engine="numpy").export(tmp_path / "model.py").read_text(encoding="utf-8")
    namespace: dict = {}
    exec(text, namespace)
    assert namespace["compute"]()["output0"] == pytest.approx(np.sin(2.0) + 2.0)


def test_what_is_no_program_is_not_exported(tmp_path):
    w = mg.Parameter(2.0, "w")
    with pytest.raises(CompileError, match="no program to export"):
        mg.Graph(mg.sin(w)).compile(engine="nodes").export(tmp_path / "model.py")
    assert not list(tmp_path.iterdir())
