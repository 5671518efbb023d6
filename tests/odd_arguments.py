"""Calls every public function with odd values in every position: `python -m tests.odd_arguments [EVERY] [NAME]`.

A call returns, or raises a MinigradError, or a TypeError where it has the wrong form; what an argument of a known name
cannot mean is refused. Meanwhile time and memory of this process are limited. Prints what went wrong otherwise; with
EVERY only every so many calls are made, with NAME only those of functions in whose name it occurs.
"""

from __future__ import annotations

import contextlib
import faulthandler
import inspect
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.errors import MinigradError
from tests.files.fuzz import limit_memory

SECONDS = 10
"""How long one call may take."""


def deep(levels: int = 3000) -> list:
    """A list in a list in a list …"""
    items: list = []
    for _ in range(levels):
        items = [items]
    return items


ODD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "0": lambda: 0,
    "-1": lambda: -1,
    "3": lambda: 3,
    "a huge integer": lambda: 10**5000,
    "2**64": lambda: 2**64,
    "0.5": lambda: 0.5,
    "-1.5": lambda: -1.5,
    "nan": lambda: float("nan"),
    "-inf": lambda: float("-inf"),
    "1e308": lambda: 1e308,
    "1j": lambda: 1j,
    "no text": lambda: "",
    "text": lambda: "no",
    "a surrogate": lambda: "\ud800",
    "bytes": lambda: b"no",
    "an empty list": list,
    "a set": lambda: {1.0, 2.0},
    "a dictionary": lambda: {"a": 1},
    "a ragged list": lambda: [1.0, [2.0, 3.0]],
    "a list of None": lambda: [None],
    "a deep list": deep,
    "a generator": lambda: (number for number in (1.0, 2.0)),
    "a range": lambda: range(3),
    "a slice": lambda: slice(None),
    "…": lambda: ...,
    "a class": lambda: int,
    "a function": lambda: lambda *arguments: None,
    "an object": object,
    "a module": lambda: np,
    "a decimal": lambda: Decimal("0.5"),
    "a fraction": lambda: Fraction(1, 2),
    "an empty array": lambda: np.zeros((0, 3)),
    "an array of text": lambda: np.array(["a", "b"]),
    "an array of objects": lambda: np.array([None, 1.0], object),
    "a masked array": lambda: np.ma.masked_array([1.0, 2.0], [False, True]),
    "an array of many axes": lambda: np.zeros((1,) * 40),
    "dates": lambda: np.array(["2020-01-01"], "datetime64[D]"),
    "a node": lambda: mg.Parameter(0.5, "odd"),
    "a graph": lambda: mg.Graph(mg.Parameter(0.5, "odd") * 2.0),
}

BOOLS = {"True", "False"}
WHOLE = {"0", "3", "a huge integer", "2**64"}
NUMBERS = {"0", "3", "2**64", "0.5", "1e308", "a fraction"}
TEXTS = {"no text", "text", "a surrogate"}
MEANINGFUL = {
    **dict.fromkeys(["keepdims", "shuffle", "stratify", "progress", "warm_start", "logarithmic", "training"], BOOLS),
    **{key: {"None", *WHOLE} for key in ["seed", "rng"]},
    **dict.fromkeys(["epochs", "batch_size", "every", "patience", "limit", "digits", "arms", "bits"], WHOLE),
    **dict.fromkeys(["memory", "tries", "count"], WHOLE),
    **{key: {"None", *WHOLE} for key in ["steps", "batch"]},
    **dict.fromkeys(
        ["lr", "tolerance", "least", "weight_decay", "epsilon", "ftol", "xtol", "gtol", "momentum"], NUMBERS
    ),
    **dict.fromkeys(["beta1", "beta2", "decay", "factor", "noise", "alpha", "slope", "threshold"], NUMBERS),
    **dict.fromkeys(["rise", "begin", "end", "start", "then"], NUMBERS),
    "name": {"None", *TEXTS},
    "dtype": set(),
    "view": set(),
    "engine": set(),
    "optimizer": {"None"},
    "callbacks": {"an empty list", "an empty array", "a function", "a generator"},
    "loss": {"a function", "a node"},
    "op": set(),
}
"""Which odd values mean something, by the name of an argument; every other is to be refused."""
MEANINGFUL["History.loss"] = {"an empty list", "an empty array"}
MEANINGFUL["Progress.loss"] = {*NUMBERS, "a huge integer", "-1.5", "-1", "nan", "-inf"}
MEANINGFUL["Recorder.every"] = {"None", *WHOLE}
MEANINGFUL["plot.confusion_matrix.threshold"] = {*NUMBERS, "-1.5", "-1", "None"}
MEANINGFUL["plot.decision_boundary.threshold"] = {*NUMBERS, "-1.5", "-1", "None"}
MEANINGFUL["accuracy.threshold"] = MEANINGFUL["confusion_matrix.threshold"] = {*NUMBERS, "-1.5", "-1", "None"}
MEANINGFUL["slope"] = MEANINGFUL["alpha"] = {*NUMBERS, "-1.5", "-1"}


class Call(NamedTuple):
    """A call that works: a function, and functions that make its arguments anew, those with a space in order."""

    name: str
    function: Callable[..., Any]
    arguments: dict[str, Callable[[], Any]]


def same(value: Any) -> Callable[[], Any]:
    """A function that returns a value that no call changes."""
    return lambda: value


def vector() -> mg.Node:
    return mg.Parameter(np.array([0.5, 0.25, 1.0]), "v")


def matrix() -> mg.Node:
    return mg.Parameter(np.arange(6.0).reshape(2, 3), "m")


def scalars() -> list[mg.Node]:
    return [mg.Input("x1", value=0.5), mg.Input("x2", value=0.25)]


def network() -> mg.Network:
    return mg.Network(*mg.mlp([2, 1], mg.tanh, rng=0))


def trained() -> mg.Network:
    result = network()
    result.loss_graph([0.5, 1.0], [1.0])
    return result


X, T = np.array([[0.0, 1.0], [1.0, 0.5], [0.5, 0.5]]), np.array([[0.0], [1.0], [1.0]])
NOT_CALLED = {
    *("Op", "Unary", "Binary", "Activation", "Loss", "MinigradError"),  # bases, and what is not called by users
    *(
        "IrregularError",
        "printable",
        "checked_optimizer",
        "is_full_batch",
        "Optimizer",
        "Schedule",
        "FullBatchOptimizer",
    ),
    *("GradientDescent", "State", "Vector", "Table", "Initializer", "checked_draw", "xor", "Status", "Dropout"),
}
FIT = {
    "epochs": same(1),
    "batch_size": same(2),
    "validation": same(0.4),
    "stratify": same(False),
    "metrics": same([mg.accuracy]),
    "sample_weight": same([1.0, 1.0, 1.0]),
    "shuffle": same(True),
    "seed": same(0),
    "callbacks": same([]),
    "progress": same(False),
    "engine": same("nodes"),
    "dtype": same(np.float64),
    "steps": same(2),
    "warm_start": same(False),
}
INITIALIZER = {
    "rng": lambda: np.random.default_rng(0),
    "shape": same((2, 3)),
    "fan_in": same(2),
    "fan_out": same(3),
}


def recorded() -> mg.Recorder:
    record = mg.Recorder()
    network().fit([[0.0, 1.0]], [1.0], epochs=1, callbacks=[record], progress=False, engine="nodes")
    return record


def op_calls() -> Iterator[Call]:
    """Every op of the public names with operands that fit it."""
    for module in (mg, mg.ops):
        for name in [*getattr(module, "__all__", []), *("abs", "max", "min", "pow", "sum")]:
            op = getattr(module, name, None)
            if isinstance(op, mg.Op):
                shapes = type(op).samples()[0].shapes
                operands = {
                    f"operand {index}": (lambda shape=shape: mg.Parameter(np.full(shape, 0.5) if shape else 0.5))
                    for index, shape in enumerate(shapes)
                }
                yield Call(
                    f"{module.__name__}.{name}", lambda *a, op=op, **k: op(*a, **k), {**operands, "name": same("y")}
                )


def calls() -> Iterator[Call]:
    """Every public function and class, and the methods of public classes, with arguments that work."""
    yield from op_calls()
    number, row = same(0.5), vector
    table = {
        "Input": {"name": same("x"), "shape": same(2), "value": same([1.0, 2.0])},
        "Parameter": {"value": number, "name": same("w")},
        "Constant": {"value": number, "name": same("c")},
        "Node": {
            "op": same(mg.tanh),
            "parents": lambda: (vector(),),
            "name": same("n"),
            "shape": same((3,)),
            "value": same(None),
        },
        "Graph": {"outputs": lambda: vector() * 2.0},
        "CompiledGraph": {
            "graph": lambda: mg.Graph(vector() * 2.0),
            "dtype": same(np.float64),
            "engine": same("nodes"),
        },
        "Network": {"inputs": list, "outputs": lambda: [mg.Parameter(1.0, "p")], "loss": same(mg.squared_error)},
        "Checkpoint": {"path": same("run"), "every": same(3)},
        "EarlyStopping": {"patience": same(3), "least": same(0.0)},
        "StopOnNonFinite": {"every": same(3)},
        "Recorder": {"every": same(None), "max_frames": same(5)},
        "History": {
            "loss": same([0.5]),
            "validation_loss": same([0.5]),
            "metrics": same({}),
            "stop_reason": same(None),
        },
        "Progress": {"epoch": same(1), "loss": number, "validation_loss": number, "metrics": same({}), "step": same(1)},
        "Uniform": {"low": same(-1.0), "high": same(1.0)},
        "accuracy": {"outputs": same([0.1, 0.9]), "targets": same([0, 1]), "threshold": number},
        "confusion_matrix": {"outputs": same([0.1, 0.9]), "targets": same([0, 1]), "threshold": number},
        "jacobian": {"outputs": lambda: vector() * 2.0, "wrt": same(None), "feeds": same(None)},
        "hessian": {"graph": lambda: mg.sum(vector() ** 2), "wrt": same(None), "feeds": same(None)},
        "r_squared": {"outputs": same([1.0, 2.0]), "targets": same([1.0, 3.0])},
        "check_gradients": {
            "graph": lambda: mg.sum(vector()),
            "feeds": same({}),
            "tolerance": same(1e-6),
            "seed": same(0),
        },
        "gradient_graph": {"graph": lambda: mg.sum(vector() * 2.0), "wrt": same(None)},
        "vectorize": {"graph": lambda: mg.sum(vector() * 2.0)},
        "explain": {"node": same("y1.w1"), "graph": trained, "limit": same(3), "digits": same(3)},
        "draw": {"what": trained, "view": same("neurons"), "most": same(5)},
        "explore": {
            "network": trained,
            "sample": same(None),
            "optimizer": same(None),
            "title": same("Steps"),
            "language": same("en"),
            "theme": same("dark"),
        },
        "find_rate": {
            "network": network,
            "X": same(X),
            "T": same(T),
            "optimizer": same(None),
            "low": same(1e-3),
            "high": same(1.0),
            "steps": same(5),
            "batch_size": same(1),
            "seed": same(0),
        },
        "dense": {
            "x": row,
            "count": same(2),
            "activation": same(mg.tanh),
            "name": same("h"),
            "rng": same(0),
            "weights": same(mg.he),
        },
        "layer": {
            "parents": scalars,
            "count": same(2),
            "activation": same(mg.tanh),
            "name": same("h"),
            "rng": same(0),
            "weights": same(mg.he),
        },
        "neuron": {
            "parents": scalars,
            "activation": same(mg.tanh),
            "name": same("h"),
            "rng": same(0),
            "weights": same(mg.he),
        },
        "mlp": {
            "sizes": same([2, 2]),
            "activation": same(mg.tanh),
            "output": same(mg.tanh),
            "rng": same(0),
            "weights": same(mg.he),
        },
        "glorot": INITIALIZER,
        "he": INITIALIZER,
        "zeros": INITIALIZER,
        "dropout": {"x": row, "rate": number, "name": same("d")},
        "ReduceOnPlateau": {
            "lr": number,
            "factor": number,
            "patience": same(2),
            "threshold": number,
            "cooldown": same(1),
            "min_lr": number,
        },
        "building": {},
        "scope": {"name": same("part")},
        "ELU": {"alpha": number},
        "Clip": {"low": number, "high": same(1.0)},
        "Huber": {"threshold": number},
        "LeakyReLU": {"slope": number},
        "affine": {"x": row, "W": lambda: mg.Parameter(np.eye(3)), "b": row, "name": same("a")},
        "broadcast_to": {"x": row, "shape": same((2, 3)), "name": same("a")},
        "clip": {"x": row, "low": number, "high": same(1.0), "name": same("a")},
        "concat": {"x": lambda: [vector(), vector()], "axis": same(0), "name": same("a")},
        "stack": {"x": lambda: [vector(), vector()], "axis": same(0), "name": same("a")},
        "expand_dims": {"x": row, "axis": same(0), "name": same("a")},
        "squeeze": {"x": lambda: mg.Parameter(np.zeros((1, 2))), "axis": same(0), "name": same("a")},
        "matmul": {"a": matrix, "b": row, "name": same("a")},
        "mean": {"x": matrix, "axis": same(0), "keepdims": same(False), "name": same("a")},
        "sum": {"x": matrix, "axis": same(0), "keepdims": same(False), "name": same("a")},
        "max": {"x": matrix, "axis": same(0), "keepdims": same(False), "name": same("a")},
        "permute_dims": {"x": matrix, "axes": same((1, 0)), "name": same("a")},
        "reshape": {"x": matrix, "shape": same((3, 2)), "name": same("a")},
        "take": {"x": row, "indices": same([0, 1]), "axis": same(0), "name": same("a")},
        "weighted_sum": {"parents": scalars, "weights": lambda: [0.5, 0.5], "bias": number, "name": same("a")},
        "ops.getitem": {"x": row, "index": same(0), "name": same("a")},
        "ops.matrix_transpose": {"x": matrix},
        "ops.transpose": {"x": matrix, "axes": same((1, 0)), "name": same("a")},
        "ops.unstack": {"x": matrix, "axis": same(0)},
        "ops.broadcast_arrays": {"operand 0": row, "operand 1": row},
        "LBFGS": {"memory": same(3), "tries": same(3), "ftol": number, "xtol": number, "gtol": number},
        "LevenbergMarquardt": {"factor": number, "tries": same(3), "ftol": number, "xtol": number, "gtol": number},
        "SGD": {"lr": number, "weight_decay": number},
        "AdaGrad": {"lr": number, "epsilon": number},
        "Adam": {"lr": number, "beta1": number, "beta2": number, "epsilon": number, "weight_decay": number},
        "AdamW": {"lr": number, "beta1": number, "beta2": number, "epsilon": number, "weight_decay": number},
        "RMSProp": {"lr": number, "decay": number, "epsilon": number},
        "Momentum": {"lr": number, "momentum": number},
        "Nesterov": {"lr": number, "momentum": number},
        "Clipped": {"optimizer": same(mg.SGD()), "norm": number, "value": number},
        "ConstantRate": {"lr": number},
        "CosineDecay": {"lr": number, "steps": same(3), "least": number},
        "ExponentialDecay": {"lr": number, "factor": number},
        "OneCycle": {"lr": number, "steps": same(9), "rise": number, "begin": number, "end": number},
        "StepDecay": {"lr": number, "every": same(3), "factor": number},
        "WarmUp": {"then": number, "steps": same(3), "start": number},
        "datasets.circles": {"count": same(4), "noise": number, "inner": number, "seed": same(0)},
        "datasets.curve": {"name": same("sine"), "count": same(4), "noise": number, "seed": same(0)},
        "datasets.parity": {"bits": same(2)},
        "datasets.spirals": {"count": same(4), "arms": same(2), "turns": number, "noise": number, "seed": same(0)},
        "datasets.two_moons": {"count": same(4), "noise": number, "seed": same(0)},
        "datasets.read_csv": {"path": same("table.csv"), "target": same("a"), "delimiter": same(",")},
        "datasets.read_idx": {"path": same("array.idx")},
    }
    for name, arguments in table.items():
        function: Any = mg
        for part in name.split("."):
            function = getattr(function, part)
        yield Call(name, function, arguments)
    yield from method_calls()


def method_calls() -> Iterator[Call]:
    """The methods of public classes, each of a new object."""

    def method(make: Callable[[], Any], name: str) -> Callable[..., Any]:
        return getattr(make(), name)

    def graph() -> mg.Graph:
        return mg.Graph(mg.sum(mg.Input("x", 3) * vector()))

    known = trained().graph
    of_graph = {
        "inputs": list,
        "outputs": lambda: [mg.Parameter(0.5, "p")],
        "targets": lambda: [mg.Input("t")],
        "loss": lambda: mg.Parameter(0.5, "p") * 1.0,
    }
    feeds = {"feeds": same({"x": [1.0, 2.0, 3.0]})}
    rows = {"X": same(X), "T": same(T)}
    methods = {
        "Network.fit": (network, {**rows, "optimizer": same(None), **FIT}),
        "Network.predict": (network, {"X": same(X)}),
        "Network.predict_classes": (network, {"X": same(X)}),
        "Network.evaluate": (network, {**rows, "metric": same(mg.accuracy)}),
        "Network.loss_graph": (network, {"x": same(X[0]), "t": same(T[0])}),
        "Network.data": (network, rows),
        "Network.compile": (network, {"dtype": same(np.float64), "engine": same("nodes")}),
        "Network.train_step": (network, {"optimizer": same(None), "engine": same("nodes"), "dtype": same(np.float64)}),
        "Network.save": (network, {"path": same("network.npz")}),
        "Network.load": (network, {"path": same("network.npz")}),
        "Graph.forward": (graph, feeds),
        "Graph.forward_and_backward": (graph, feeds),
        "Graph.leaves": (graph, feeds),
        "Graph.compile": (graph, {"dtype": same(np.float64), "engine": same("nodes")}),
        "Graph.backward": (lambda: trained().graph, {"deltas": same(None)}),
        "CompiledGraph.forward": (lambda: graph().compile(engine="nodes"), feeds),
        "CompiledGraph.gradient": (lambda: graph().compile(engine="numpy"), feeds),
        "CompiledGraph.export": (lambda: graph().compile(engine="numpy"), {"path": same("model.py"), "batch": same(2)}),
        "History.of_columns": (mg.History, {"columns": same({"loss": [0.5]}), "stop_reason": same(None)}),
        "History.to_csv": (lambda: mg.History([0.5]), {"path": same("history.csv")}),
        "History.record": (mg.History, {"progress": same(mg.Progress(1, 0.5))}),
        "Drawing.save": (lambda: mg.draw(trained()), {"path": same("network.dot")}),
        "Page.save": (lambda: mg.Page("<!doctype html>", "Nothing"), {"path": same("page.html")}),
        "Network.of_graph": (network, of_graph),
        "Graph.__getitem__": (lambda: trained().graph, {"the key": same("y1.w1")}),
        "Graph.short_name": (lambda: known, {"the node": same(known.nodes[0])}),
        "Graph.unique_name": (lambda: known, {"the node": same(known.nodes[0])}),
        "Graph.engine": (graph, {"engine name": same("nodes"), "dtype": same(np.float64), "training": same(False)}),
        "Progress.stop": (lambda: mg.Progress(1, 0.5), {"reason": same("enough")}),
        "Progress.restore": (lambda: mg.Progress(1, 0.5), {"snapshot": same(np.zeros(3))}),
        "Recorder.load_state": (mg.Recorder, {"state": same(mg.Recorder().state())}),
        "Recorder.page": (
            recorded,
            {"title": same("Steps"), "language": same("en"), "theme": same("dark"), "image": same((1, 2))},
        ),
        "EarlyStopping.load_state": (mg.EarlyStopping, {"state": same(mg.EarlyStopping().state())}),
    }
    for name, (make, arguments) in methods.items():
        yield Call(name, method(make, name.partition(".")[2]), arguments)
    for name in ("__add__", "__rsub__", "__mul__", "__truediv__", "__pow__", "__rpow__", "__matmul__", "__getitem__"):
        yield Call(f"Node.{name}", method(vector, name), {"operand 0": same(1 if name != "__matmul__" else np.ones(3))})
    yield Call("train_step()", network().train_step(engine="nodes"), rows)
    yield from plot_calls()
    yield Call("Node.name", lambda value: setattr(vector(), "name", value), {"value": same("w")})
    yield Call("Parameter.value", lambda value: setattr(vector(), "value", value), {"value": same([1.0, 2.0, 3.0])})
    yield Call("Parameter.trainable", lambda shuffle: setattr(vector(), "trainable", shuffle), {"shuffle": same(True)})


def plot_calls() -> Iterator[Call]:
    """The plots, where Matplotlib is installed."""
    if find_spec("matplotlib") is None:
        return
    yield Call(
        "History.plot",
        lambda logarithmic: mg.History([0.5, 0.25]).plot(logarithmic=logarithmic),
        {"logarithmic": same(True)},
    )
    yield Call("plot.activations", mg.plot.activations, {"ops": same(mg.tanh), "reach": same(2.0)})
    history = {"record": same(mg.History([0.5, 0.25])), "logarithmic": same(False), "more": same([0.5, 0.25])}
    yield Call("plot.history", mg.plot.history, history)
    labels = {"T": same([0, 1, 1]), "Y": same([0, 1, 0]), "names": same(("a", "b")), "threshold": same(0.5)}
    yield Call("plot.confusion_matrix", mg.plot.confusion_matrix, labels)
    boundary = {"network": network, "X": same(X), "T": same(T), "names": same(("a", "b")), "threshold": same(0.5)}
    yield Call("plot.decision_boundary", mg.plot.decision_boundary, boundary)
    grids = {"network": network, "layer": same(1), "shape": same(None), "most": same(5)}
    yield Call("plot.weights", mg.plot.weights, grids)


def arguments_of(call: Call, name: str | None = None, value: Any = None) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call by position and by name, one of them replaced."""
    made = {key: value if key == name else make() for key, make in call.arguments.items()}
    return [item for key, item in made.items() if " " in key], {
        key: item for key, item in made.items() if " " not in key
    }


ENDLESS = {("Network.fit", "steps", odd) for odd in ("a huge integer", "2**64")}
"""What takes as long as was asked for."""


def problem_of(call: Call, name: str, odd: str) -> str | None:
    """What goes wrong when an argument is replaced by an odd value; None where all is well."""
    value = ODD[odd]()
    positional, named = arguments_of(call, name, value)
    signal.alarm(SECONDS)
    try:
        with contextlib.suppress(MinigradError), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = call.function(*positional, **named)
            if result is NotImplemented:
                return None
            meaningful = MEANINGFUL.get(f"{call.name}.{name}", MEANINGFUL.get(name))
            if meaningful is not None and odd not in meaningful and not call.name.startswith("scope"):
                return f"accepted, {type(result).__name__}"
    except TimeoutError:
        return "hangs"
    except RecursionError:
        return "RecursionError"
    except Exception as error:
        frames = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        return f"{type(error).__name__}: {str(error)[:80]!r} at {where}"
    finally:
        signal.alarm(0)
    return None


def main(every: int = 1, part: str = "") -> int:
    """Makes all calls; prints the problems, and returns their number."""

    def stop(number: int, frame: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    faulthandler.enable()
    problems = made = number = 0
    for call in calls():
        if part not in call.name:
            continue
        positional, named = arguments_of(call)
        missing = (OSError, mg.errors.SettingError) if call.name.startswith("Progress.") else OSError
        with contextlib.suppress(missing), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call.function(*positional, **named)
        for name in call.arguments:
            for odd in ODD:
                number += 1
                if number % every or (call.name, name, odd) in ENDLESS:
                    continue
                made += 1
                problem = problem_of(call, name, odd)
                if problem is not None:
                    problems += 1
                    print(f"{call.name}({name}={odd}): {problem}", flush=True)
    print(made, "calls,", problems, "problems")
    return problems


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        limit_memory()
        raise SystemExit(bool(main(*map(int, sys.argv[1:2]), *sys.argv[2:3])))
