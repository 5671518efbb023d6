"""The laws of copies: of whatever users hold, each way of copying makes an equal twin that shares nothing with it."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import pickletools
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import compiler, errors, optim
from tests.copies import DEEP_COPIES, contents
from tests.drawing.test_golden import PICTURES
from tests.files.networks import NETWORKS, T, X
from tests.laws import OPS, draw
from tests.optim.helpers import OPTIMIZERS, WITH_WEIGHT_DECAY
from tests.training.networks import fitted

every_deep_copy = pytest.mark.parametrize("make_twin", DEEP_COPIES.values(), ids=DEEP_COPIES)
RATES = (optim.ExponentialDecay(0.1, 0.9), optim.ConstantRate(0.1))
ORIGINS = {"minigrad", "numpy", "builtins", "__builtin__", "_codecs"}


def fit(network: mg.Network, **settings: Any) -> mg.History:
    return network.fit(X, T, **{"epochs": 2, "progress": False, **settings})


def numbers(network: mg.Network) -> list[bytes]:
    return [np.asarray(parameter.value).tobytes() for parameter in network.parameters]


TREATMENTS: dict[str, Callable[[mg.Network], Any]] = {
    "new": lambda network: None,
    "with δ": lambda network: network.loss_graph(X[0], T[0]),
    "trained": lambda network: fit(network, optimizer=mg.Adam(0.01)),
    "trained by nodes": lambda network: fit(network, engine="nodes"),
    "trained in float32": lambda network: fit(network, dtype=np.float32),
    "trained on all samples": lambda network: fit(network, optimizer=mg.LBFGS()),
    "compiled": lambda network: network.compile(),
}


def every_twin() -> Iterator[Any]:
    """Every network in every state by two ways of copying, and one by all."""
    for make_network in NETWORKS:
        for state, treat in TREATMENTS.items():
            for way in DEEP_COPIES if (make_network, state) == (NETWORKS[0], "trained") else ("deepcopy", "pickle 5"):
                yield pytest.param(make_network, treat, DEEP_COPIES[way], id=f"{make_network.__name__}-{state}-{way}")


@pytest.mark.parametrize(("make_network", "treat", "make_twin"), [*every_twin()])
def test_a_network_has_equal_and_independent_twins(
    make_network: Callable[[], mg.Network], treat: Any, make_twin: Any
) -> None:
    network = make_network()
    treat(network)
    twin = make_twin(network)
    assert type(twin) is mg.Network
    assert contents(twin.graph.outputs + twin.outputs) == contents(network.graph.outputs + network.outputs)
    assert (twin.history, repr(twin)) == (network.history, repr(network))
    assert set(twin.graph.nodes).isdisjoint(network.graph.nodes)
    assert all(node in twin.graph for node in twin.targets if node.name in map(str, network.graph.table.by_name))
    np.testing.assert_array_equal(twin.predict(X), network.predict(X))
    before = numbers(network)
    fit(twin)
    assert numbers(network) == before != numbers(twin)
    moved = numbers(twin)
    fit(network, epochs=1)
    assert numbers(twin) == moved


@every_deep_copy
def test_training_goes_on_in_a_twin_as_in_the_original(make_twin: Any) -> None:
    network = NETWORKS[0]()
    fit(network, optimizer=mg.Adam(0.1))
    twin = make_twin(network)
    for trained in (network, twin):
        fit(trained, optimizer=mg.Adam(0.1), warm_start=True)
    assert numbers(twin) == numbers(network)
    assert twin.history == network.history


@every_deep_copy
def test_a_node_of_every_op_has_an_equal_and_independent_twin(make_twin: Any) -> None:
    nodes = []
    for op_class in OPS.values():
        for sample in op_class.samples():
            nodes.append(mg.sum(sample.op(*map(mg.Parameter, draw(sample)))))
            nodes[-1].backward()
    before = contents(nodes)
    twins = make_twin(nodes)
    assert contents(twins) == before
    graph = mg.Graph(twins)
    for leaf in graph.parameters:
        leaf.value = np.zeros(leaf.shape)
    graph.forward()
    assert contents(nodes) == before


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    """Whatever the public functions return, and the errors they raise, by names for messages."""
    network = NETWORKS[0]()
    graph = network.loss_graph(X[0], T[0])
    records: list[mg.Progress] = []
    history = fit(network, validation=(X, T), metrics=[mg.r_squared], callbacks=[records.append])
    error_classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    raised = [
        kind("what", node="w", found=(1, 2), expected="(3,)", cure="Mend it.")
        if issubclass(kind, mg.MinigradError)
        else kind("what")
        for kind in error_classes
    ]
    printed = mg.explain("h1.w1", graph)
    str(printed)
    chain = mg.Graph(mg.tanh(mg.Parameter(0.5, "w") * mg.Input("x", value=2.0)))
    return {
        "graph": graph,
        "gradient graph": mg.gradient_graph(graph),
        "explanation": mg.explain("h1.w1", graph),
        "explanation, printed": printed,
        "array form": mg.vectorize(network),
        "gradient checks": mg.check_gradients(chain),
        "summary": network.summary(),
        "history": history,
        "progress": records[0],
        "rates": mg.find_rate(network, X, T),
        "callbacks": [mg.EarlyStopping(3), mg.Checkpoint("run.checkpoint"), mg.StopOnNonFinite(), mg.Recorder()],
        "initializer": mg.Uniform(0.1),
        **{repr(item): item for item in (*OPTIMIZERS, *WITH_WEIGHT_DECAY, *RATES)},
        **{type(item).__name__: item for item in (mg.LBFGS(), mg.LevenbergMarquardt(), *raised)},
        **{f"picture {name}": make() for name, make in PICTURES.items()},
    }


@every_deep_copy
def test_what_users_have_in_hand_has_equal_twins(objects: dict[str, Any], make_twin: Any) -> None:
    for name, item in objects.items():
        twin = make_twin(item)
        assert twin is not item, name
        assert type(twin) is type(item), name
        assert str(twin) == str(item), name
        assert without_addresses(repr(twin)) == without_addresses(repr(item)), name
        for attribute in ("what", "node", "found", "expected", "cure", "source", "latex", "mermaid", "args"):
            if hasattr(item, attribute):
                assert str(getattr(twin, attribute)) == str(getattr(item, attribute)), name


def without_addresses(text: str) -> str:
    return text.partition(" object at 0x")[0]


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *WITH_WEIGHT_DECAY, mg.LBFGS()], ids=repr)
def test_a_twin_of_an_optimizer_is_equal_to_it(optimizer: Any) -> None:
    for make_twin in DEEP_COPIES.values():
        assert make_twin(optimizer) == optimizer


@every_deep_copy
@pytest.mark.parametrize("engine", ["auto", *compiler.ENGINES])
def test_a_compiled_graph_has_equal_and_independent_twins(engine: str, make_twin: Any) -> None:
    network = NETWORKS[0]()
    compiled = network.compile(engine=engine)
    feeds = dict(zip(("x1", "x2", "t1", "t2"), [*X[0], *T[0]], strict=True))
    loss = compiled.gradient(feeds)
    before = contents([network.loss])
    twin = make_twin(compiled)
    assert type(twin.engine) is type(compiled.engine)
    assert twin.source == compiled.source
    assert twin.gradient(feeds) == loss
    assert [p.grad for p in twin.graph.parameters] == [p.grad for p in network.parameters]
    for parameter in twin.graph.parameters:
        parameter.value = 0.0
    assert contents([network.loss]) == before
    assert compiled.forward(feeds) == loss != twin.forward(feeds)


def test_a_shallow_copy_of_a_network_or_graph_is_a_deep_one() -> None:
    network = NETWORKS[0]()
    for item in (network, network.graph, network.compile()):
        twin: Any = copy.copy(item)
        nodes = (twin if isinstance(twin, mg.Graph) else twin.graph).nodes
        assert type(twin) is type(item)
        assert contents(nodes[-1:]) == contents([network.loss])
        assert set(nodes).isdisjoint(network.graph.nodes)


def test_a_pickle_holds_data_and_ops_but_no_engine() -> None:
    network = NETWORKS[0]()
    fit(network)
    network.predict(X)
    operations = [*pickletools.genops(pickle.dumps((network, network.compile()), 2))]
    named = {argument for operation, argument, _ in operations if operation.name == "GLOBAL"}
    texts = [argument for operation, argument, _ in operations if "UNICODE" in operation.name]
    assert {name.partition(" ")[0].partition(".")[0] for name in named} <= ORIGINS
    engines = {name for name in named if "compiler" in name}
    assert engines <= {"minigrad.compiler.numpy_engine NumpyEngine"}, "only the class, by which warm_start compares"
    assert not [text for text in texts if "def " in text or "import " in text]


@dataclass(frozen=True)
class Shifted(mg.Activation):
    """An activation of the user's, θ(s) = shift(s)."""

    shift: Any = None

    label = "shifted, for copies"

    def forward(self, xp: Any, s: Any) -> Any:
        return s + 1.0

    def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
        return (delta,)


@every_deep_copy
def test_an_op_of_the_users_is_pickled_by_its_name(make_twin: Any) -> None:
    node = Shifted(2.0)(mg.Parameter(1.0, "w"))
    assert make_twin(node).op == node.op
    assert type(make_twin(node).op) is Shifted


def test_what_pickle_cannot_name_is_an_error_that_says_so() -> None:
    node = mg.tanh(Shifted(lambda s: s)(mg.Parameter(1.0, "w")))
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(node)
    assert copy.deepcopy(node).value == node.value


def test_a_network_predicts_in_a_process_of_its_own() -> None:
    network = NETWORKS[0]()
    fit(network)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        np.testing.assert_array_equal(pool.submit(network.predict, X).result(60), network.predict(X))
        with pytest.raises(errors.DataError) as raised:
            pool.submit(network.predict, [[1.0]]).result(60)
    with pytest.raises(errors.DataError) as expected:
        network.predict([[1.0]])
    assert repr(raised.value) == repr(expected.value)


def test_the_record_of_progress_of_a_copy_belongs_to_no_training() -> None:
    records: list[mg.Progress] = []
    fitted(callbacks=[records.append])
    twin = copy.deepcopy(records[0])
    assert twin == records[0]
    with pytest.raises(errors.SettingError):
        _ = twin.network
