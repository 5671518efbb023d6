"""Dropout: its masks in training, the same for every engine and after a resume, and 1 everywhere else."""

import copy
import pickle

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.node import Mask
from minigrad.errors import FeedError, FileError, NotFiniteError, OperandError, SettingError
from minigrad.files.graph_spec import decode_graph
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.dropout import MaskSource

X = np.random.default_rng(0).normal(size=(10, 3))
T = np.tanh(X[:, :1] - X[:, 1:2])


def scalar_network(rates=(0.5, 0.25)):
    """A network of single neurons with a dropout behind each of two layers."""
    inputs = [mg.Input(f"x{number}") for number in (1, 2, 3)]
    hidden = mg.dropout(mg.layer(inputs, 4, mg.tanh, name="h", rng=0), rates[0])
    hidden = mg.dropout(mg.layer(hidden, 3, mg.tanh, name="g", rng=1), rates[1], name="d")
    return mg.Network(inputs, mg.layer(hidden, 1, name="y", rng=2))


def array_network(rates=(0.5, 0.25)):
    """A network of arrays with a dropout at its input and one behind its hidden layer."""
    x = mg.Input("x", 3)
    hidden = mg.dense(mg.dropout(x, rates[1]), 4, mg.tanh, "h", rng=0)
    return mg.Network(x, mg.dense(mg.dropout(hidden, rates[0]), 1, mg.identity, "y", rng=1))


networks = pytest.mark.parametrize("make", [scalar_network, array_network])


def vector(network):
    return np.concatenate([np.ravel(parameter.value) for parameter in network.parameters])


def trained(make, **settings):
    network = make()
    network.fit(X, T, mg.Momentum(0.1), progress=False, **{"epochs": 3, **settings})
    return vector(network)


def test_an_element_is_kept_with_probability_1_minus_rate_and_its_mean_stays():
    nodes = mg.Graph([mg.dropout(mg.Input("x", 50), 0.2), mg.dropout(mg.Input("z"), 0.75)]).nodes
    masks = MaskSource([node for node in nodes if isinstance(node, Mask)])
    masks.start_epoch(np.random.default_rng(0))
    first, second = masks.by_node(masks.draw(4000)).values()
    assert (first.shape, second.shape) == ((4000, 50), (4000,))
    assert {*np.unique(first)} == {0, 1 / 0.8}
    assert {*np.unique(second)} == {0, 1 / 0.25}
    assert np.abs(first.mean(axis=0) - 1).max() < 5 * np.sqrt(0.2 / 0.8 / 4000)
    assert abs(second.mean() - 1) < 5 * np.sqrt(0.75 / 0.25 / 4000)
    assert np.abs(np.corrcoef(first, rowvar=False) - np.eye(50)).max() < 0.1


def test_the_update_of_one_step_is_that_of_the_masked_network():
    x, w = mg.Input("x", 200), mg.Parameter(np.ones(200), "w")
    network = mg.Network(x, mg.expand_dims(mg.sum(mg.dropout(x, 0.5) * w), 0))
    step = network.train_step(mg.SGD(1e-3))
    step(np.ones((1, 200)), [[0.0]])
    change = 1 - w.value
    kept = np.count_nonzero(change)
    assert 60 < kept < 140
    np.testing.assert_allclose(change[change != 0], 1e-3 * 2 * (2 * kept), rtol=1e-12)  # η · ∂ŷ/∂w · (ŷ − 0)


@networks
@pytest.mark.parametrize("batch_size", [1, 4])
def test_the_same_seed_gives_the_same_training_by_every_engine(make, batch_size):
    expected = trained(make, batch_size=batch_size, engine="nodes")
    engines = ["numpy", "auto"] if make is array_network else ["numpy", "tape", "script", "auto"]
    for engine in engines:
        found = trained(make, batch_size=batch_size, engine=engine)
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
        np.testing.assert_array_equal(trained(make, batch_size=batch_size, engine=engine), found)
    assert not np.allclose(trained(make, batch_size=batch_size, seed=1, shuffle=False), expected, rtol=1e-3)
    without = trained(lambda: make((0.0, 0.0)), batch_size=batch_size)
    assert not np.allclose(without, expected, rtol=1e-3)


@networks
def test_a_rate_of_0_is_no_dropout(make):
    masks = MaskSource(make((0.0, 0.0)).graph.masks)
    masks.start_epoch(np.random.default_rng(0))
    np.testing.assert_array_equal(masks.draw(3), 1.0)


@networks
def test_every_sample_of_a_batch_and_every_step_has_masks_of_its_own(make):
    masks = MaskSource(make().graph.masks)
    masks.start_epoch(np.random.default_rng(0))
    drawn = np.concatenate([masks.draw(20), masks.draw(20)])
    assert len(np.unique(drawn, axis=0)) > 20


@networks
@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_a_resumed_training_draws_the_same_masks_bit_for_bit(make, batch_size, engine, tmp_path):
    settings = {"batch_size": batch_size, "engine": engine}
    expected = trained(make, epochs=3, **settings)
    per_epoch = -(-len(X) // batch_size)
    for steps in (1, per_epoch, 2 * per_epoch - 1):
        path = tmp_path / f"{steps}.ckpt"
        trained(make, steps=steps, callbacks=[Checkpoint(path, every=7)], **settings)
        found = trained(make, epochs=3, callbacks=[Checkpoint(path, every=7)], **settings)
        np.testing.assert_array_equal(found, expected)


def test_warm_starts_go_on_with_the_masks():
    network = array_network()
    for _ in range(3):
        network.fit(X, T, mg.Momentum(0.1), epochs=1, progress=False, warm_start=True)
    np.testing.assert_array_equal(vector(network), trained(array_network))


@networks
def test_the_mask_is_1_outside_of_training(make):
    network, plain = make(), make((0.0, 0.0))
    network.fit(X, T, epochs=2, progress=False, validation=0.3, metrics=[mg.r_squared])
    for ours, others in zip(network.parameters, plain.parameters, strict=True):
        others.value = ours.value
    np.testing.assert_array_equal(network.predict(X), plain.predict(X))
    assert network.evaluate(X, T) == plain.evaluate(X, T)
    assert network.loss_graph(X[0], T[0]).outputs[0].value == plain.loss_graph(X[0], T[0]).outputs[0].value
    assert all(np.all(node.value == 1) for node in network.graph.nodes if isinstance(node, Mask))
    feeds = dict(zip((*network.inputs, *network.targets), (*X.T, *T.T), strict=False))
    if make is array_network:
        feeds = {network.inputs[0]: X, network.targets[0]: T}
    for engine in ("nodes", "numpy", "auto"):
        assert network.compile(engine=engine).forward(feeds) == pytest.approx(network.evaluate(X, T), rel=1e-12)
    assert "mask" not in network.compile(engine="numpy").source


def test_validation_is_measured_without_dropout():
    network = array_network()
    history = network.fit(X, T, epochs=1, progress=False, validation=(X, T))
    assert history.validation_loss[0] == pytest.approx(network.evaluate(X, T), rel=1e-12)


@networks
def test_the_mask_is_no_input_and_cannot_be_fed(make):
    network = make()
    assert {node.kind for node in network.graph.inputs} == {"input"}
    mask = next(node for node in network.graph.nodes if isinstance(node, Mask))
    with pytest.raises(FeedError, match="only inputs are fed"):
        network.graph.forward({mask: 1.0})
    with pytest.raises(AttributeError):
        mask.value = 2.0


def test_a_loss_may_have_a_dropout_too():
    x, w = mg.Input("x"), mg.Parameter(1.0, "w")
    network = mg.Network(x, w * x, loss=lambda y, t: mg.dropout(mg.squared_error(y, t), 0.5))
    network.fit([1.0, 2.0], [0.0, 0.0], mg.SGD(0.01), progress=False)
    assert 0 < w.value < 1


@networks
def test_saved_copied_and_exported_networks_keep_their_dropouts(make, tmp_path):
    network = make()
    network.save(tmp_path / "network.npz")
    expected = trained(lambda: network)
    twins = [mg.Network.load(tmp_path / "network.npz"), copy.deepcopy(make()), pickle.loads(pickle.dumps(make()))]
    for twin in twins:
        assert [node.rate for node in twin.graph.nodes if isinstance(node, Mask)] == [
            node.rate for node in network.graph.nodes if isinstance(node, Mask)
        ]
        np.testing.assert_array_equal(trained(lambda twin=twin: twin), expected)
    path = mg.Graph(network.outputs).compile(engine="numpy").export(tmp_path / "exported.py")
    module = {}
    exec(path.read_text(), module)
    np.testing.assert_allclose(module["compute"](X[0])["output0"].ravel(), network.predict(X[0]), rtol=1e-13)


@pytest.mark.parametrize("rate", [1, -0.5, "half", None])
def test_a_file_with_another_rate_is_refused(rate):
    with pytest.raises(FileError, match="a dropout that cannot be"):
        decode_graph([{"kind": "mask", "rate": rate}], np.zeros(0))
    with pytest.raises(FileError, match="a rate that the node cannot have"):
        decode_graph([{"kind": "input", "rate": 0.5}], np.zeros(0))


@networks
def test_summaries_pictures_and_explanations_show_a_dropout(make):
    network = make()
    assert repr(network.summary()).count("dropout") == 2
    graph = network.loss_graph(X[0], T[0])
    for view in ("neurons", "layers", "process", "ends", "text"):
        assert mg.draw(network, view=view).source
    parameter = network.parameters[0]
    np.testing.assert_allclose(mg.explain(parameter, network).total, parameter.grad, rtol=1e-12)
    mg.check_gradients(graph)
    mg.vectorize(graph)


@networks
def test_full_batch_optimizers_keep_their_masks_within_a_step(make):
    for optimizer in (mg.LBFGS(), mg.LevenbergMarquardt()):
        network = make()
        history = network.fit(X, T, optimizer, epochs=3, progress=False)
        assert np.all(np.isfinite(history.loss))


def test_the_step_that_went_wrong_is_shown_with_its_masks():
    x, w = mg.Input("x"), mg.Parameter(1.0, "w")
    network = mg.Network(x, mg.exp(mg.dropout(w * x, 0.5)))
    for every in (1, 50):
        w.value = 1.0
        callbacks = [mg.StopOnNonFinite(every)]
        with pytest.raises(NotFiniteError, match="exp node: not finite in step"):
            network.fit(np.full(40, 400.0), np.zeros(40), mg.SGD(0.0), callbacks=callbacks, progress=False)
        mask = next(node for node in network.graph.nodes if isinstance(node, Mask))
        assert mask.value == 2.0
        assert network.predict([1.0]) == pytest.approx(np.exp(1.0))


def test_find_rate_uses_dropout():
    assert len(mg.find_rate(array_network(), X, T, steps=10).losses) > 1


@pytest.mark.parametrize("rate", [1, 1.5, -0.1, np.nan, "half", None])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises(SettingError, match="rate"):
        mg.dropout(mg.Input("x"), rate)


@pytest.mark.parametrize("x", [1.0, "x", np.ones(3), [1.0], None])
def test_what_is_no_node_is_refused(x):
    with pytest.raises(OperandError, match="not a node"):
        mg.dropout(x, 0.5)


def test_several_nodes_are_named_by_number():
    assert [node.name for node in mg.dropout([mg.Input("a"), mg.Input("b")], 0.5, name="d")] == ["d1", "d2"]
