"""Neurons, layers and whole networks: what they are made of, how their weights start, what they refuse."""

import gc

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import MinigradError, OperandError, SettingError, ShapeError
from tests.laws import OPS

INITIALIZERS = [mg.zeros, mg.glorot, mg.he, mg.Uniform(), mg.Uniform(-2, 3)]


def inputs(count=2):
    return tuple(mg.Input(f"x{number}") for number in range(1, count + 1))


def weights_of(nodes):
    return np.array([[parent.value for parent in node.parents[0].parents if ".w" in parent.label] for node in nodes])


def test_a_neuron_is_a_weighted_sum_and_an_activation():
    x = inputs()
    h = mg.neuron(x, activation=mg.tanh, name="h", rng=0)
    (s,) = h.parents
    assert (h.name, h.kind, s.name, s.kind) == ("h", "activation", "h.s", "weighted sum")
    assert s.parents[:2] == x
    assert [parent.name for parent in s.parents[2:]] == ["h.w1", "h.w2", "h.b"]
    assert s.parents[-1].value == 0.0, "a bias starts at 0"
    assert all(isinstance(parent, mg.Parameter) for parent in s.parents[2:])


def test_a_neuron_without_a_name_names_nothing():
    h = mg.neuron(inputs(), rng=0)
    assert {node.name for node in mg.Graph(h).nodes} == {"x1", "x2", None}


def test_a_neuron_computes_its_formula():
    x = mg.Input("x1", value=0.5), mg.Input("x2", value=-2.0)
    h = mg.neuron(x, activation=mg.tanh, name="h", rng=3, weights=mg.Uniform(-1, 1))
    w1, w2, b = h.parents[0].parents[2:]
    assert h.value == pytest.approx(np.tanh(0.5 * w1.value - 2.0 * w2.value + b.value), abs=1e-15)


@pytest.mark.parametrize("many", [tuple, list, iter], ids=["tuple", "list", "generator"])
def test_parents_come_in_any_iterable(many):
    x = inputs(3)
    h1, h2 = mg.layer(many(x), 2, name="h")
    assert h1.parents[0].parents[:3] == h2.parents[0].parents[:3] == x


def test_numbers_among_the_parents_become_constants():
    h = mg.neuron([mg.Input("x", value=1.0), 1, np.float32(2)], rng=0)
    assert [parent.kind for parent in h.parents[0].parents[:3]] == ["input", "constant", "constant"]
    assert h.value is not None


def test_a_neuron_reads_the_elements_of_an_array_valued_node():
    row = mg.Input("row", 3, value=[1.0, 2.0, 3.0])
    h = mg.neuron(row, activation=mg.identity, name="h", rng=0)
    w = [parent.value for parent in h.parents[0].parents[3:6]]
    assert h.value == pytest.approx(np.dot([1, 2, 3], w), abs=1e-15)


def test_a_layer_numbers_its_neurons():
    h = mg.layer(inputs(), 3, name="h", rng=0)
    assert [node.name for node in h] == ["h1", "h2", "h3"]
    assert [node.parents[0].parents[2].name for node in h] == ["h1.w1", "h2.w1", "h3.w1"]


def test_a_joint_activation_reads_the_whole_layer():
    x = mg.Input("x1", value=0.3), mg.Input("x2", value=-1.0)
    y = mg.layer(x, 3, activation=mg.softmax, name="y", rng=0)
    assert [node.name for node in y] == ["y1", "y2", "y3"]
    (joint,) = {node.parents[0] for node in y}
    assert [parent.name for parent in joint.parents] == ["y1.s", "y2.s", "y3.s"]
    sums = np.exp([parent.value for parent in joint.parents])
    np.testing.assert_allclose([node.value for node in y], sums / sums.sum(), rtol=1e-14)


ACTIVATIONS = {
    "a function": lambda s: s * mg.sigmoid(s),
    "a function of several steps": lambda s: mg.tanh(2 * s) / 2,
    "NumPy's function": np.tanh,
    "an op with settings": mg.LeakyReLU(0.2),
    "nothing at all": lambda s: s,
}


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())
def test_an_op_or_a_function_serves_as_activation(activation):
    x = mg.Input("x1", value=0.7), mg.Input("x2", value=-0.4)
    with mg.scope("part"):
        row = mg.layer(x, 2, activation=activation, name="h", rng=0)
    assert [node.name for node in row] == ["part/h1", "part/h2"]
    for node in row:
        total = mg.Graph(node)[f"{node.name}.s"]
        assert node.value == pytest.approx(activation(mg.Constant(total.value)).value, abs=1e-15)
    mg.check_gradients(mg.sum(mg.stack(row)))
    assert mg.dense(mg.Constant([0.7, -0.4]), 2, activation=activation, name="d", rng=0).name == "d"


def test_an_activation_may_return_a_node_that_has_a_name_already():
    shared = mg.Constant(0.5, "shared")
    row = mg.layer(inputs(), 2, activation=lambda s: shared, name="h")
    assert [node.name for node in row] == ["h1", "h2"]
    assert shared.name == "shared"


@pytest.mark.parametrize("op", sorted((op for op in OPS.values() if op.kind == "activation"), key=lambda op: op.label))
def test_every_activation_makes_a_layer(op):
    row = mg.layer([mg.Constant(0.5), mg.Constant(-1.0)], 3, activation=op(), name="h", rng=0)
    assert [node.name for node in row] == ["h1", "h2", "h3"]
    assert np.isfinite([node.value for node in row]).all()


def test_initializers_draw_from_their_distributions():
    count, fan_in = 400, 25
    x = [mg.Constant(0.0)] * fan_in
    drawn = {
        weights: weights_of(mg.layer(x, count, rng=0, name="h", weights=weights))
        for weights in (mg.zeros, mg.glorot, mg.he, mg.Uniform(-0.1, 0.3))
    }
    assert all(values.shape == (count, fan_in) for values in drawn.values())
    assert not drawn[mg.zeros].any()
    limit = np.sqrt(6 / (fan_in + count))
    assert abs(drawn[mg.glorot]).max() <= limit
    assert drawn[mg.glorot].std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert drawn[mg.he].std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.02)
    assert drawn[mg.he].mean() == pytest.approx(0, abs=0.01)
    even = drawn[mg.Uniform(-0.1, 0.3)]
    assert -0.1 <= even.min() < -0.09
    assert 0.29 < even.max() < 0.3
    assert even.mean() == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize("weights", INITIALIZERS, ids=str)
def test_the_same_seed_gives_the_same_weights(weights):
    def drawn(rng):
        return weights_of(mg.layer(inputs(), 3, name="h", rng=rng, weights=weights))

    np.testing.assert_array_equal(drawn(7), drawn(7))
    np.testing.assert_array_equal(drawn(7), drawn(np.random.default_rng(7)))
    assert weights is mg.zeros or (drawn(7) != drawn(8)).all()


def test_one_generator_gives_every_layer_weights_of_its_own():
    rng = np.random.default_rng(0)
    first, second = (weights_of(mg.layer(inputs(), 3, name="h", rng=rng)) for _ in range(2))
    assert (first != second).all()
    without_seed = [weights_of(mg.layer(inputs(), 3, name="h")) for _ in range(2)]
    assert (without_seed[0] != without_seed[1]).all()


def test_a_function_serves_as_initializer():
    x = inputs(3)
    row = mg.layer(x, 2, name="h", weights=lambda rng, shape, fan_in, fan_out: np.full(shape, fan_in / fan_out))
    np.testing.assert_array_equal(weights_of(row), np.full((2, 3), 1.5))


def test_mlp_counts_and_names():
    x, y = mg.mlp([3, 4, 2], activation=mg.tanh, output=mg.identity, rng=0)
    graph = mg.Graph(y)
    assert [node.name for node in x] == ["x1", "x2", "x3"]
    assert [node.name for node in y] == ["y1", "y2"]
    assert {node.name for node in graph.nodes if node.op is mg.tanh} == {"h1", "h2", "h3", "h4"}
    assert len(graph.parameters) == 4 * (3 + 1) + 2 * (4 + 1)
    assert graph.inputs == x


def test_layers_hold_the_garbage_collector_and_let_it_go():
    collecting = []

    def draw(rng, shape, fan_in, fan_out):
        collecting.append(gc.isenabled())
        return mg.zeros(rng, shape, fan_in, fan_out)

    mg.mlp([2, 3, 1], weights=draw)
    with pytest.raises(OperandError):
        mg.mlp([2, 3, 1], weights=0.5)
    assert (collecting, gc.isenabled()) == ([False, False], True)


def test_mlp_names_several_hidden_layers_and_none():
    _, y = mg.mlp([2, 3, 2, 1], rng=0)
    assert {"h1_1", "h1_3", "h2_2", "y1"} <= {node.name for node in mg.Graph(y).nodes}
    x, y = mg.mlp((2, 1), rng=0)
    assert mg.Graph(y)["y1.s"].parents[:2] == x


@pytest.mark.parametrize("sizes", [[2, 3, 1], (2, 3, 1), np.array([2, 3, 1]), iter([2, 3, 1])], ids=type)
def test_mlp_takes_its_sizes_from_anything(sizes):
    x, y = mg.mlp(sizes, rng=0)
    assert (len(x), len(y)) == (2, 1)


def test_mlp_equals_a_network_written_by_hand():
    x, y = mg.mlp([2, 3, 2], activation=mg.tanh, output=mg.sigmoid, rng=5)
    graph = mg.Graph(y)
    value = np.array([0.3, -0.8])
    W1 = weights_of([graph[f"h{number}"] for number in (1, 2, 3)])
    W2 = weights_of(y)
    expected = 1 / (1 + np.exp(-(W2 @ np.tanh(W1 @ value))))
    np.testing.assert_allclose(graph.forward(dict(zip(x, value, strict=True))), expected, rtol=1e-14)


def test_dense_is_a_layer_as_one_node():
    x = mg.Input("x", 3)
    y = mg.dense(x, 4, activation=mg.relu, name="y", rng=0, weights=mg.he)
    s = y.parents[0]
    assert [node.name for node in (y, s, *s.parents)] == ["y", "y.s", "x", "y.W", "y.b"]
    assert [parent.shape for parent in s.parents] == [(3,), (3, 4), (4,)]
    assert y.shape == (4,)
    assert not s.parents[2].value.any()
    again = mg.dense(mg.Input("x", 3), 4, name="y", rng=0, weights=mg.he)
    np.testing.assert_array_equal(s.parents[1].value, again.parents[0].parents[1].value)


def test_dense_stacks_a_row_of_scalar_nodes():
    x = mg.Input("x1", value=1.0), mg.Input("x2", value=2.0)
    y = mg.dense(x, 3, activation=mg.identity, name="y", rng=0)
    np.testing.assert_allclose(y.value, [1.0, 2.0] @ mg.Graph(y)["y.W"].value, rtol=1e-15)


def test_scopes_keep_names_apart():
    x = inputs()
    with mg.scope("encoder"):
        h = mg.layer(x, 2, name="h", rng=0)
        with mg.scope("deep"):
            d = mg.layer(h, 1, name="h", rng=0)
    y = mg.layer(d, 1, name="h", rng=0)
    assert [node.name for node in (*h, *d, *y)] == ["encoder/h1", "encoder/h2", "encoder/deep/h1", "h1"]
    assert mg.Graph(y)["encoder/deep/h1.w2"].parents == ()


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda x: mg.neuron([]), ShapeError, "a neuron needs parents"),
        (
            lambda x: mg.layer([], 2, name="h"),
            ShapeError,
            "h1: a neuron needs parents; found none, expected at least one",
        ),
        (lambda x: mg.neuron(x[0]), OperandError, "come as a list"),
        (lambda x: mg.neuron(None), OperandError, "come as a list"),
        (lambda x: mg.neuron(["x1", "x2"]), OperandError, "x1"),
        (lambda x: mg.neuron([x]), OperandError, "not a number"),
        (lambda x: mg.layer(x, 0), SettingError, "found 0, expected a whole number of at least 1"),
        (lambda x: mg.layer(x, -3), SettingError, "found -3"),
        (lambda x: mg.layer(x, 2.5), SettingError, "found 2.5"),
        (lambda x: mg.layer(x, "2"), SettingError, "found '2'"),
        (lambda x: mg.layer(x, 2, activation="tanh"), OperandError, "such as minigrad.tanh"),
        (lambda x: mg.layer(x, 2, activation=None), OperandError, "Use minigrad.identity"),
        (lambda x: mg.layer(x, 2, activation=mg.LeakyReLU, name="h"), OperandError, "h1"),
        (lambda x: mg.layer(x, 2, activation=lambda s: 1.0), OperandError, "not an activation; found"),
        (lambda x: mg.layer(x, 2, weights=[[1, 2], [3, 4]]), OperandError, "minigrad.weighted_sum"),
        (lambda x: mg.layer(x, 2, weights=mg.Uniform), OperandError, "initializer"),
        (lambda x: mg.layer(x, 2, weights=lambda rng, shape, i, o: np.ones(5)), ShapeError, r"\(5,\)"),
        (lambda x: mg.neuron(x, rng="seed"), SettingError, "found 'seed'"),
        (lambda x: mg.neuron(x, rng=-1), SettingError, "found -1"),
        (lambda x: mg.mlp([3]), ShapeError, "two or more sizes"),
        (lambda x: mg.mlp([]), ShapeError, "two or more sizes"),
        (lambda x: mg.mlp([2, 0, 1]), SettingError, "found 0"),
        (lambda x: mg.mlp([2, 1.5]), SettingError, "found 1.5"),
        (lambda x: mg.mlp(3), OperandError, "come as a list"),
        (lambda x: mg.dense(x[0], 2), ShapeError, "minigrad.layer"),
        (lambda x: mg.dense(mg.Input("row", 3), 0), SettingError, "found 0"),
        (lambda x: mg.dense("x", 3), OperandError, "not a number"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(build, error, words):
    with pytest.raises(error, match=words) as caught:
        build(inputs())
    assert isinstance(caught.value, MinigradError)
