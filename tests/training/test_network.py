"""A network: how it is put together, asked, evaluated and looked into, and what it refuses."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.errors import DataError, FeedError, SettingError
from tests.optim.helpers import OPTIMIZERS, WITH_WEIGHT_DECAY

X = np.array([[0.0, 0.5], [1.0, -0.5], [-2.0, 0.25]])


def inputs(count=2):
    return [mg.Input(f"x{number}") for number in range(1, count + 1)]


def scalar_network(sizes=(2, 3, 2), **settings):
    return mg.Network(*mg.mlp(sizes, mg.tanh, mg.sigmoid, rng=0), **settings)


def array_network(count=2):
    x = mg.Input("x", 2)
    return mg.Network(x, mg.dense(mg.dense(x, 3, mg.tanh, "h", rng=0), count, mg.sigmoid, "y", rng=1))


def one_by_one(network, rows):
    """The outputs by the graph itself, sample by sample."""
    found = []
    for row in rows:
        feeds = {network.inputs[0]: row} if network.inputs[0].shape else dict(zip(network.inputs, row, strict=True))
        found.append(network.forward_graph.forward(feeds))
    return np.array(found)


def test_a_network_has_a_target_for_each_output():
    network = scalar_network()
    assert [node.name for node in network.targets] == ["t1", "t2"]
    assert network.loss.parents == (*network.outputs, *network.targets)
    assert network.graph.outputs == (network.loss,)
    assert len(network.parameters) == 3 * 3 + 2 * 4
    assert repr(network) == "<Network of 2 inputs, 2 outputs, 17 parameters, loss ½Σ(ŷ−t)²>"


def test_an_array_valued_network_has_one_target_and_counts_every_weight():
    network = array_network()
    assert [(node.name, node.shape) for node in network.targets] == [("t", (2,))]
    assert repr(network) == "<Network of 1 inputs, 1 outputs, 17 parameters, loss ½Σ(ŷ−t)²>"


def test_predict_gives_a_row_for_each_sample_and_one_for_one():
    for network in (scalar_network(), array_network()):
        outputs = network.predict(X)
        assert outputs.shape == (3, 2)
        np.testing.assert_allclose(outputs, one_by_one(network, X), rtol=1e-14)
        np.testing.assert_allclose(network.predict(X[0]), outputs[0], rtol=1e-14)
        np.testing.assert_allclose(network.predict(X[:1]), outputs[:1], rtol=1e-14)
        np.testing.assert_allclose(network.predict(X.tolist()), outputs, rtol=1e-14)


def test_predict_with_one_input():
    network = scalar_network((1, 2, 1))
    outputs = network.predict([0.5, -1.0, 2.0])
    assert outputs.shape == (3, 1)
    assert network.predict(0.5) == network.predict([0.5]) == outputs[0]
    assert network.predict([[0.5]]) == outputs[:1]


def test_predict_where_an_output_does_not_depend_on_the_sample():
    x, w = mg.Input("x"), mg.Parameter(3.0, "w")
    np.testing.assert_array_equal(mg.Network(x, [x * 1.0, w * 1.0]).predict([1.0, 2.0]), [[1, 3], [2, 3]])


def test_predict_and_evaluate_leave_values_and_deltas_alone():
    network = scalar_network()
    graph = network.loss_graph(X[0], [0, 1])
    before = [(node.value, node.delta) for node in graph.nodes]
    network.predict(X)
    network.evaluate(X, [0, 1, 0])
    assert [(node.value, node.delta) for node in graph.nodes] == before


def test_matrices_as_samples():
    x = mg.Input("x", (2, 3))
    network = mg.Network(x, mg.mean(mg.dense(x, 2, name="y", rng=0), axis=0))
    samples = np.random.default_rng(0).normal(size=(5, 2, 3))
    assert network.predict(samples).shape == (5, 2)
    np.testing.assert_allclose(network.predict(samples[3]), network.predict(samples)[3], rtol=1e-14)
    assert np.isfinite(network.fit(samples, [0, 1, 0, 1, 1], epochs=2, progress=False).loss).all()


def test_an_array_of_one_output_takes_a_plain_list_of_targets():
    network = array_network(1)
    assert network.evaluate(X, [0, 1, 0]) == pytest.approx(network.evaluate(X, [[0], [1], [0]]), abs=1e-16)


def test_evaluate_is_the_mean_loss():
    network = scalar_network()
    T = np.array([[0, 1], [0.5, 0.5], [1, 0]])
    expected = np.mean(0.5 * ((network.predict(X) - T) ** 2).sum(axis=1))
    assert network.evaluate(X, T) == pytest.approx(expected, abs=1e-15)
    assert type(network.evaluate(X, T)) is float


def test_labels_mean_one_hot_targets():
    for network in (scalar_network(), array_network()):
        assert network.evaluate(X, [1, 0, 1]) == network.evaluate(X, np.eye(2)[[1, 0, 1]])
        assert network.loss_graph(X[0], 1).forward() == network.loss_graph(X[0], [0, 1]).forward()


def test_loss_graph_is_one_sample_forward_and_backward():
    for network in (scalar_network(), array_network()):
        graph = network.loss_graph(X[1], [0, 1])
        assert graph is network.graph
        assert network.loss.delta == 1.0
        assert network.loss.value == pytest.approx(network.evaluate(X[1:2], [[0, 1]]), abs=1e-15)
        for node in graph.nodes:
            assert np.shape(node.value) == np.shape(node.delta) == node.shape
        for parameter in network.parameters:
            kept, step = np.array(parameter.value), 1e-6
            for place in np.ndindex(parameter.shape):
                losses = []
                for shift in (step, -step):
                    moved = kept.copy()
                    moved[place] += shift
                    parameter.value = moved
                    losses.append(network.evaluate(X[1:2], [[0, 1]]))
                slope = (losses[0] - losses[1]) / (2 * step)
                assert np.asarray(parameter.grad)[place] == pytest.approx(slope, abs=1e-8)
                parameter.value = kept


def test_loss_graph_of_one_input_and_one_output_takes_numbers():
    network = scalar_network((1, 1))
    assert network.loss_graph(0.5, 1).forward() == network.loss_graph([0.5], [1]).forward()


def test_a_loss_of_ones_own_combines_nodes():
    x, y = mg.mlp([2, 3, 1], mg.tanh, mg.sigmoid, rng=0)
    weights = [node for node in mg.Graph(y).parameters if ".w" in node.name]
    losses = [
        lambda outputs, targets: mg.squared_error(outputs, targets) + 0.01 * sum(w * w for w in weights),
        lambda outputs, targets: mg.squared_error(outputs, targets) + 0.01 * mg.sum(mg.stack(weights) ** 2),
        lambda outputs, targets: 0.5 * (outputs[0] - targets[0]) ** 2 + 0.01 * np.sum([w**2 for w in weights]),
    ]
    networks = [mg.Network(x, y, loss=loss) for loss in losses]
    T = [0, 1, 1]
    plain = mg.Network(x, y)
    expected = plain.evaluate(X, T) + 0.01 * sum(w.value**2 for w in weights)
    plain.loss_graph(X[0], 1)
    gradient = weights[0].grad + 0.02 * weights[0].value
    for network in networks:
        assert network.evaluate(X, T) == pytest.approx(expected, abs=1e-15)
        network.loss_graph(X[0], 1)
        assert weights[0].grad == pytest.approx(gradient, abs=1e-15)
    for network in networks:
        assert len(network.fit(X, T, epochs=2, batch_size=2, progress=False).loss) == 2


@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_loss_that_reads_no_sample_is_learned_too(batch_size):
    x, w = mg.Input("x"), mg.Parameter(1.0, "w")
    network = mg.Network(x, w * x, loss=lambda outputs, targets: 0.5 * w * w)
    network.fit([1.0, 2.0], [0.0, 0.0], mg.SGD(0.5), epochs=1, batch_size=batch_size, progress=False)
    assert w.value == pytest.approx(0.5 ** (2 // batch_size), abs=1e-15)


def test_a_target_that_the_loss_does_not_read_is_no_hindrance():
    x, y = mg.mlp([2, 2], rng=0)
    network = mg.Network(x, y, loss=lambda outputs, targets: mg.squared_error(outputs[:1], targets[:1]))
    losses = [network.loss_graph(*sample).outputs[0].value for sample in zip(X, [0, 1, 0], strict=True)]
    assert network.evaluate(X, [0, 1, 0]) == pytest.approx(np.mean(losses), abs=1e-15)


def test_a_loss_of_an_array_valued_network_gets_one_node_each():
    x = mg.Input("x", 2)
    network = mg.Network(x, mg.dense(x, 2, name="y", rng=0), loss=lambda output, target: mg.sum((output - target) ** 2))
    assert network.evaluate(X, [0, 1, 0]) == pytest.approx(
        ((network.predict(X) - np.eye(2)[[0, 1, 0]]) ** 2).sum(axis=1).mean(), abs=1e-15
    )


def test_networks_share_weights():
    x = inputs()
    h = mg.layer(x, 3, mg.tanh, "h", rng=0)
    first, second = mg.Network(x, mg.neuron(h, name="y", rng=1)), mg.Network(x, mg.neuron(h, name="z", rng=2))
    before = second.predict(X)
    first.fit(X, [0, 1, 0], epochs=1, progress=False)
    assert (second.predict(X) != before).all()
    assert len({*first.parameters} & {*second.parameters}) == 9
    second.fit(X, [1, 0, 1], epochs=1, progress=False)


def test_connections_may_skip_a_layer():
    x = inputs()
    h = mg.layer(x, 3, mg.tanh, "h", rng=0)
    network = mg.Network(x, mg.layer([*x, *h], 2, mg.softmax, "y", rng=1), loss=mg.squared_error)
    history = network.fit(X, [0, 1, 1], mg.SGD(0.5), epochs=30, progress=False)
    assert history.loss[-1] < history.loss[0]
    mg.check_gradients(network.loss_graph(X[0], 1))


def test_plain_expressions_make_a_network():
    x = mg.Input("x")
    a, b = mg.Parameter(0.0, "a"), mg.Parameter(0.0, "b")
    network = mg.Network(x, a * x + b)
    network.fit([0, 1, 2, 3], [1, 3, 5, 7], mg.SGD(0.05), epochs=400, progress=False)
    assert [a.value, b.value] == pytest.approx([2, 1], abs=1e-3)


@pytest.mark.parametrize(
    "weights", [[0.1, 0.2], (0.1, 0.2), np.array([0.1, 0.2]), [np.float32(0.1), 1], [1, 2]], ids=repr
)
def test_weights_that_are_numbers_stay_fixed(weights):
    x = inputs()
    network = mg.Network(x, mg.tanh(mg.weighted_sum(tuple(x), weights, mg.Parameter(0.0, "b"))))
    assert [node.name for node in network.parameters] == ["b"]
    np.testing.assert_allclose(network.predict(X)[:, 0], np.tanh(X @ np.array(weights, float)), rtol=1e-14)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([], "hold no sample"),
        (1.0, "hold no sample"),
        ([1, 2, 3], r"found shape \(3,\), expected \(samples, 2\)"),
        (np.ones((2, 3)), r"found shape \(2, 3\)"),
        ([0, np.nan], "found nan at row 0, column 1"),
        ([[0, 1], [np.inf, 1]], "found inf at row 1, column 0"),
        (["a", "b"], "samples are not numbers"),
    ],
)
@pytest.mark.parametrize("build", [scalar_network, array_network])
def test_predict_says_what_is_wrong_with_its_samples(build, samples, words):
    with pytest.raises(DataError, match=words):
        build().predict(samples)


def test_evaluate_and_loss_graph_check_their_data():
    network = scalar_network()
    with pytest.raises(DataError, match="numbers of samples and targets differ; found 3 and 2"):
        network.evaluate(X, [0, 1])
    with pytest.raises(DataError, match="label out of range; found 2 at row 1"):
        network.evaluate(X, [0, 2, 1])
    with pytest.raises(DataError, match="samples do not fit"):
        network.loss_graph([0, 1, 2], 1)
    with pytest.raises(DataError, match="label out of range; found 5"):
        network.loss_graph([0, 1], 5)
    with pytest.raises(FeedError, match="not in this graph"):
        network.graph.forward({"x9": 1.0})


@pytest.mark.parametrize("engine", ["nodes", "numpy", "auto"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_own_loops_make_the_steps_of_fit(engine, dtype):
    T = np.array([[0, 1], [0.5, 0.5], [1, 0]])
    settings = {"engine": engine, "dtype": dtype}
    fitted, looped = scalar_network(), scalar_network()
    history = fitted.fit(X, T, mg.Adam(0.1), epochs=4, batch_size=2, shuffle=False, progress=False, **settings)
    step = looped.train_step(mg.Adam(0.1), **settings)
    losses = [(2 * step(X[:2], T[:2]) + step(X[2:], T[2:])) / 3 for _ in range(4)]
    assert [p.value for p in looped.parameters] == [p.value for p in fitted.parameters]
    assert losses == pytest.approx(history.loss, rel=1e-6)


@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_own_loops_see_assigned_values_and_flags(engine):
    x, w, b = mg.Input("x"), mg.Parameter(1.0, "w"), mg.Parameter(2.0, "b")
    b.trainable = False
    step = mg.Network(x, w * x + b).train_step(mg.SGD(0.5), engine=engine)
    w.value = 0.0
    assert step([[1.0]], [[0.0]]) == 2.0
    assert (w.value, b.value) == (-1.0, 2.0)
    for optimizer in (mg.LBFGS(), mg.LevenbergMarquardt()):
        step = mg.Network(x, w * x + b).train_step(optimizer)
        for _ in range(3):
            step([[1.0], [2.0]], [[3.0], [4.0]])
        assert (w.value, b.value) == (pytest.approx(1.0), 2.0)


class InverseRate:
    """A schedule of one's own."""

    def at(self, step):
        return 0.3 / (1.0 + step)


RULES = [*OPTIMIZERS, *WITH_WEIGHT_DECAY, mg.SGD(InverseRate()), mg.LBFGS(), mg.LevenbergMarquardt()]


def in_parts(whole, parts, count, **settings):
    """The parameters after one fit of some epochs, and after as many fits of one, and their losses."""
    history = whole.fit(epochs=count, progress=False, **settings)
    losses = [parts.fit(epochs=1, progress=False, warm_start=True, **settings).loss[0] for _ in range(count)]
    return ([p.value for p in whole.parameters], history.loss), ([p.value for p in parts.parameters], losses)


@pytest.mark.parametrize("engine", ["nodes", "numpy"])
@pytest.mark.parametrize("optimizer", RULES, ids=repr)
def test_eight_fits_of_one_epoch_are_one_of_eight(engine, optimizer):
    at_once, parts = in_parts(
        scalar_network(), scalar_network(), 8, X=X, T=[[0, 1], [0.5, 0.5], [1, 0]], optimizer=optimizer, engine=engine
    )
    assert parts == at_once


ROWS = np.random.default_rng(3).normal(size=(10, 2))
SETTINGS = {
    "plain": {},
    "a share": {"validation": 0.3},
    "a stratified share": {"validation": 0.3, "stratify": True},
    "batches": {"batch_size": 4, "sample_weight": np.arange(10.0)},
    "in order": {"shuffle": False, "validation": 0.3},
    "float32": {"dtype": np.float32},
}


@pytest.mark.parametrize("engine", [*ENGINES])
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_warm_start_goes_on_in_every_engine_with_every_option(engine, settings):
    if (engine, settings) == ("script", "float32"):
        pytest.skip("scripts compute in float64")
    optimizer = mg.Momentum(mg.CosineDecay(0.3, 40))
    for seeds in ((4, 4), (np.random.default_rng(4), np.random.default_rng(4))):
        networks = [scalar_network() for _ in seeds]
        fits = []
        for network, seed, epochs in zip(networks, seeds, ([4], [1, 1, 2]), strict=True):
            for count in epochs:
                history = network.fit(
                    ROWS,
                    np.arange(10) % 2,
                    optimizer,
                    epochs=count,
                    seed=seed,
                    engine=engine,
                    warm_start=True,
                    progress=False,
                    **SETTINGS[settings],
                )
            fits.append(([p.value for p in network.parameters], history.loss[-1], np.array(history.held_out).tolist()))
        assert fits[0] == fits[1]


def test_a_warm_start_holds_out_the_same_rows_and_goes_on_counting_steps():
    network, steps, rows = scalar_network(), [], []
    for _ in range(3):
        history = network.fit(
            ROWS,
            np.arange(10) % 2,
            epochs=2,
            seed=None,
            validation=0.3,
            warm_start=True,
            callbacks=[lambda progress: steps.append(progress.step)],
            progress=False,
        )
        rows.append(history.held_out.tolist())
    assert rows[0] == rows[1] == rows[2]
    assert steps == [7, 14, 21, 28, 35, 42]
    assert network.fit(ROWS, np.arange(10) % 2, validation=0.2, warm_start=True, progress=False).held_out.size == 2


def test_a_warm_start_needs_an_equal_optimizer():
    networks = [scalar_network() for _ in range(2)]
    for network, warm_start in zip(networks, (True, False), strict=True):
        network.fit(X, [0, 1, 0], mg.Adam(0.1), epochs=2, progress=False)
        network.fit(X, [0, 1, 0], mg.Adam(0.2), epochs=2, progress=False, warm_start=warm_start)
    first, second = ([parameter.value for parameter in network.parameters] for network in networks)
    assert first == second


def test_a_network_keeps_the_history_of_its_last_fit(tmp_path):
    network = scalar_network()
    assert network.history.loss == []
    for epochs in (3, 2):
        history = network.fit(X, [0, 1, 0], epochs=epochs, metrics=[mg.accuracy], progress=False)
        assert network.history is history
    history.stop_reason = "enough"
    network.save(tmp_path / "network.npz")
    again = mg.Network.load(tmp_path / "network.npz")
    assert again.history == history
    assert scalar_network().history is not network.history


# Classes.

ANIMALS = ["dog", "cat", "dog", "cat", "dog", "cat", "dog", "cat", "dog", "cat"]


@pytest.mark.parametrize("labels", [ANIMALS, np.array(ANIMALS), np.array(ANIMALS, object)[:, None], tuple(ANIMALS)])
@pytest.mark.parametrize(
    ("loss", "outputs"), [(mg.softmax_cross_entropy, 2), (mg.binary_cross_entropy, 1), (mg.hinge, 1)]
)
def test_labels_may_be_text(labels, loss, outputs):
    network, other = (mg.Network(*mg.mlp([2, outputs], output=mg.identity, rng=0), loss=loss) for _ in range(2))
    settings = {"metrics": [mg.accuracy], "validation": 0.3, "progress": False}
    history = network.fit(ROWS, labels, **settings)
    numbers = np.arange(10) % 2 == 0  # cat is 0, dog is 1
    assert other.fit(ROWS, 2 * numbers - 1 if loss == mg.hinge else numbers, **settings) == history
    assert network.classes == ("cat", "dog")
    assert other.classes is None
    predicted = network.predict_classes(ROWS)
    assert np.mean(predicted == np.array(ANIMALS)) == network.evaluate(ROWS, labels, mg.accuracy)
    assert network.predict_classes(ROWS[3]) == predicted[3]
    assert network.evaluate(ROWS, ANIMALS) == other.evaluate(ROWS, 2 * numbers - 1 if loss == mg.hinge else numbers)
    assert network.loss_graph(ROWS[0], "dog").forward() == pytest.approx(network.evaluate(ROWS[:1], ["dog"]), rel=1e-13)
    network.fit(ROWS[:2], ["dog", "dog"], epochs=1, progress=False)
    assert network.classes == ("cat", "dog")
    network.train_step()(ROWS[:2], ["dog", "cat"])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["a", "b", "c"], r"another number of classes; found 3: a, b, c, expected 2"),
        (["a", "a", "a"], r"found 1: a, expected 2. Name them all, if some are missing here: network.classes"),
        (["a", None, "b"], "targets hold text beside other values; found None at row 1"),
        (["a", 1, "b"], "targets hold text beside other values; found 1 at row 1"),
        ([["a", "b"], ["a", "b"], ["a", "b"]], r"no column of labels; found text of shape \(3, 2\)"),
        (np.ma.masked_array(["a", "b", "a"], [0, 0, 1]), "text beside other values; found None at row 2"),
    ],
)
def test_text_that_is_no_label_is_refused(labels, words):
    for network in (scalar_network(), array_network()):
        with pytest.raises(DataError, match=words):
            network.fit(X, labels, progress=False)
        assert network.classes is None


def test_classes_are_named_before_batches_of_text_are_learned_from():
    network = scalar_network()
    with pytest.raises(DataError, match=r"text, and the network knows no classes; found 'dog'.*network\.classes"):
        network.fit([(X, ["dog", "cat", "dog"])], progress=False)
    network.classes = ["dog", "cat"]
    network.fit([(X, ["dog", "cat", "dog"])], epochs=1, progress=False)
    assert network.classes == ("dog", "cat")
    with pytest.raises(DataError, match="unknown label; found 'cow' at row 1, expected one of dog, cat"):
        network.fit(X, ["dog", "cow", "cat"], progress=False)
    with pytest.raises(DataError, match="validation targets hold an unknown label; found 'cow' at row 0"):
        network.fit(X, ["dog", "dog", "cat"], validation=(X[:1], ["cow"]), progress=False)
    network.classes = None
    network.fit(X, ["dog", "cow", "dog"], epochs=1, progress=False)
    assert network.classes == ("cow", "dog")


@pytest.mark.parametrize("wrong", ["ab", ["a"], ["a", "a"], ["a", 1], ["a", "b", "c"], 7, (), (-1, 1)])
def test_names_of_classes_are_checked(wrong):
    network = scalar_network()
    with pytest.raises(SettingError, match="classes: an impossible setting"):
        network.classes = wrong
    assert network.classes is None


def test_classes_without_names_are_labels():
    network = scalar_network()
    np.testing.assert_array_equal(network.predict_classes(X), network.predict(X).argmax(axis=1))
    assert network.predict_classes(X[0]) == network.predict(X[0]).argmax()
    single = scalar_network((2, 1))
    np.testing.assert_array_equal(single.predict_classes(X), (single.predict(X)[:, 0] > 0.5).astype(int))
    assert {*single.predict_classes(X, threshold=-1)} == {1}
    hinge = mg.Network(*mg.mlp([2, 1], output=mg.identity, rng=0), loss=mg.hinge)
    np.testing.assert_array_equal(hinge.predict_classes(X), np.sign(hinge.predict(X)[:, 0]))
    x = mg.Input("x", (2, 3))
    with pytest.raises(DataError, match=r"no classes; found shape \(1, 2, 3\)"):
        mg.Network(x, mg.tanh(x), lambda y, t: mg.sum(y - t)).predict_classes(np.zeros((1, 2, 3)))
    with pytest.raises(SettingError, match="threshold"):
        single.predict_classes(X, threshold="high")
    single.parameters[0].value = np.nan
    with pytest.raises(DataError, match="outputs hold a value that is not finite"):
        single.predict_classes(X)


def test_classes_are_kept_in_files(tmp_path):
    network = scalar_network()
    for classes in (None, ("ja", "nein, ∅\u202e")):
        network.classes = classes
        network.save(tmp_path / "network.npz")
        assert mg.Network.load(tmp_path / "network.npz").classes == classes


def test_loss_graph_of_a_batch_has_the_mean_loss():
    for network in (scalar_network(), array_network()):
        T = np.array([[0, 1], [0.5, 0.5], [1, 0]])
        graph = network.loss_graph(X, T)
        assert np.mean(network.loss.value) == pytest.approx(network.evaluate(X, T), rel=1e-14)
        batch = [np.copy(parameter.grad) for parameter in graph.parameters]
        single = []
        for x, t in zip(X, T, strict=True):
            network.loss_graph(x, t)
            single.append([np.copy(parameter.grad) for parameter in graph.parameters])
        for gradient, gradients in zip(batch, zip(*single, strict=True), strict=True):
            np.testing.assert_allclose(gradient, np.mean(gradients, axis=0), rtol=1e-12)
    one = scalar_network((1, 1))
    assert np.shape(one.loss_graph([0.5, 1.0, 2.0], [1, 0, 1]).outputs[0].value) == (3,)
    assert np.shape(one.loss_graph([0.5], [1]).outputs[0].value) == ()


TARGETS = np.zeros((3, 2))


def test_training_forgets_what_any_pass_has_left_in_the_nodes():
    network = scalar_network()
    network.fit(X, TARGETS, epochs=1, progress=False)
    node = network.outputs[0]
    passes = [
        lambda: network.forward_graph.forward(dict(zip(network.inputs, X[0], strict=True))),
        lambda: network.loss_graph(X[0], TARGETS[0]),
    ]
    for run_pass in passes:
        run_pass()
        assert node.value is not None
        network.fit(X, TARGETS, epochs=1, progress=False)
        assert node.value is None
        assert node.delta is None


def test_frozen_parameters_are_looked_up_after_a_flag_has_changed():
    network = scalar_network()
    assert network.graph.frozen_positions == []
    network.parameters[1].trainable = False
    assert network.graph.frozen_positions == [1]
    network.parameters[1].trainable = True
    assert network.graph.frozen_positions == []


def test_one_more_axis_is_so_many_steps():
    rng = np.random.default_rng(0)
    samples, targets = rng.normal(size=(4, 5, 2)), rng.random((4, 5, 2))
    one_by_one, at_once = scalar_network(), scalar_network()
    step = one_by_one.train_step(mg.Momentum(0.1))
    losses = [step(x, t) for x, t in zip(samples, targets, strict=True)]
    all_losses = at_once.train_step(mg.Momentum(0.1))(samples.tolist(), targets)
    assert all_losses.tolist() == losses
    assert [node.value for node in at_once.parameters] == [node.value for node in one_by_one.parameters]
    labels = at_once.train_step()(samples, rng.integers(0, 2, (4, 5)))
    assert labels.shape == (4,)
    before = [node.value for node in at_once.parameters]
    with pytest.raises(DataError, match="numbers of steps or samples"):
        at_once.train_step()(samples, targets[:3])
    with pytest.raises(DataError, match="rows of one length"):
        at_once.train_step()(samples, [[0, 1], [1]])
    with pytest.raises(DataError):
        at_once.train_step()(np.full((4, 5, 2), np.nan), targets)
    assert [node.value for node in at_once.parameters] == before
