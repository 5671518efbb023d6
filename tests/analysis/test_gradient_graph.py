"""The backward pass as a graph: its values are the engine's δ, it can be differentiated again, and it stays small."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.analysis.gradient_graph import delta_nodes
from minigrad.errors import FeedError, GraphError, MinigradError, OperandError, ShapeError

SMOOTH = (mg.tanh, mg.sigmoid, mg.softplus, mg.sin, mg.gelu, mg.silu, mg.softsign)
KINKED = (mg.relu, mg.abs, mg.leaky_relu, mg.elu, mg.hard_tanh)


# What a random graph is made of: functions of nodes drawn from those there are so far, f an activation.
SCALAR_MAKERS = (
    lambda f, a, b, c: f(a),
    lambda f, a, b, c: a + b,
    lambda f, a, b, c: a - b,
    lambda f, a, b, c: mg.tanh(a) * b,
    lambda f, a, b, c: a / (1 + b * b),
    lambda f, a, b, c: mg.exp(mg.tanh(a)) ** 2,
    lambda f, a, b, c: mg.weighted_sum([a, b, a], [c, b, 0.5], c),
    lambda f, a, b, c: mg.squared_error([a, mg.tanh(b)], [b, c]),
    lambda f, a, b, c: mg.softmax_cross_entropy([a, b, c], [0.5, mg.sigmoid(a), 0.25]),
    lambda f, a, b, c: mg.layer([a, b], 2, mg.softmax, rng=0)[0],
    lambda f, a, b, c: mg.sum(mg.stack([a, b, c]) * mg.stack([c, c, a])),
)
ARRAY_MAKERS = (
    lambda f, s, v, u, M, N: f(v) * u,
    lambda f, s, v, u, M, N: v @ M,
    lambda f, s, v, u, M, N: mg.affine(v, M, u),
    lambda f, s, v, u, M, N: mg.dense(v, 3, f, rng=0),
    lambda f, s, v, u, M, N: mg.softmax(v),
    lambda f, s, v, u, M, N: mg.log_softmax(u) * s,
    lambda f, s, v, u, M, N: mg.max(M, axis=0) + mg.max(N, axis=-1),
    lambda f, s, v, u, M, N: v[np.array([2, 0, 2])],
    lambda f, s, v, u, M, N: mg.take(v, [1, 1, 0]),
    lambda f, s, v, u, M, N: mg.concat([v[:1], u[1:]]),
    lambda f, s, v, u, M, N: mg.stack([s, v[0], s]),
    lambda f, s, v, u, M, N: mg.where(mg.greater(v, u), v, s),
    lambda f, s, v, u, M, N: mg.sum(M * v, axis=1),
    lambda f, s, v, u, M, N: mg.reshape(mg.expand_dims(v, axis=0), (3,)),
    lambda f, s, v, u, M, N: mg.maximum(v, u) - mg.minimum(v, s),
    lambda f, s, v, u, M, N: mg.tanh(M + mg.expand_dims(v, axis=0)),
    lambda f, s, v, u, M, N: f(M) * v,
    lambda f, s, v, u, M, N: mg.tanh(M @ N),
    lambda f, s, v, u, M, N: M.T * s,
    lambda f, s, v, u, M, N: mg.broadcast_to(v, (3, 3)) - N,
    lambda f, s, v, u, M, N: mg.stack([v, u, v]) / (1 + M * M),
    lambda f, s, v, u, M, N: mg.concat([M[:2], N[1:2]]),
    lambda f, s, v, u, M, N: mg.mean(M),
    lambda f, s, v, u, M, N: mg.tanh(mg.sum(M * M)),
    lambda f, s, v, u, M, N: mg.tanh(v @ u),
    lambda f, s, v, u, M, N: v[1] * s,
    lambda f, s, v, u, M, N: mg.tanh(mg.softmax_cross_entropy(v, mg.softmax(u))),
    lambda f, s, v, u, M, N: mg.tanh(mg.squared_error(v, u)),
    lambda f, s, v, u, M, N: mg.tanh(mg.mean_squared_error(v, u)),
    lambda f, s, v, u, M, N: mg.tanh(mg.binary_cross_entropy(v, mg.sigmoid(u))),
    lambda f, s, v, u, M, N: mg.tanh(mg.huber(v, u)),
    lambda f, s, v, u, M, N: mg.weighted_sum(v, u, s),
)


def one_of(many, rng):
    return many[rng.integers(len(many))]


def random_scalar_loss(seed, activations=SMOOTH + KINKED):
    """A scalar expression of scalar nodes in which any node may be read many times."""
    rng = np.random.default_rng(seed)
    nodes = [mg.Parameter(rng.uniform(-1.5, 1.5), f"p{number}") for number in range(rng.integers(1, 5))]
    nodes += [mg.Input("x", value=rng.uniform(-1, 1)), mg.Constant(rng.uniform(-1, 1))]
    for _ in range(rng.integers(1, 25)):
        parents = [one_of(nodes, rng) for _ in range(3)]
        nodes.append(one_of(SCALAR_MAKERS, rng)(one_of(activations, rng), *parents))
    return mg.tanh(nodes[-1]) + mg.tanh(nodes[-2]) * mg.tanh(nodes[-3])


def random_array_loss(seed, activations=SMOOTH + KINKED):
    """A scalar expression of arrays: products, reductions, broadcasting, indexing, layers, losses."""
    rng = np.random.default_rng(seed)
    nodes = {
        (): [mg.Parameter(rng.uniform(-1, 1), "s")],
        (3,): [mg.Parameter(rng.uniform(-1, 1, 3), "v"), mg.Input("x", 3, value=rng.uniform(-1, 1, 3))],
        (3, 3): [mg.Parameter(rng.uniform(-1, 1, (3, 3)), "M")],
    }
    for _ in range(rng.integers(2, 20)):
        parents = [one_of(nodes[shape], rng) for shape in ((), (3,), (3,), (3, 3), (3, 3))]
        made = one_of(ARRAY_MAKERS, rng)(one_of(activations, rng), *parents)
        nodes[made.shape].append(made)
    s, v, M = (nodes[shape][-1] for shape in nodes)
    return mg.tanh(s) + mg.sum(mg.tanh(v)) + mg.mean(mg.tanh(M))


def assert_same_deltas(loss, feeds=None):
    """The values of the gradient graph are the δ of the engine, for every node of the graph."""
    graph = mg.Graph(loss)
    graph.forward(feeds)
    graph.backward()
    expected = {node: node.delta for node in graph.nodes}
    back = mg.gradient_graph(graph, wrt=graph.nodes)
    back.forward(feeds)
    for node, delta in zip(graph.nodes, back.outputs, strict=True):
        assert delta.shape == node.shape
        np.testing.assert_allclose(delta.value, expected[node], rtol=1e-10, atol=1e-12, err_msg=repr(node))


@pytest.mark.parametrize("seed", range(200))
def test_values_of_a_scalar_gradient_graph_are_the_deltas(seed):
    assert_same_deltas(random_scalar_loss(seed))


@pytest.mark.parametrize("seed", range(200))
def test_values_of_an_array_gradient_graph_are_the_deltas(seed):
    assert_same_deltas(random_array_loss(seed))


NETWORKS = {
    "scalar, squared error": lambda: mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0)),
    "scalar, two hidden layers": lambda: mg.Network(*mg.mlp([2, 3, 3, 2], mg.relu, mg.identity, rng=0)),
    "scalar, softmax": lambda: mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.softmax, rng=0)),
    "scalar, cross-entropy": lambda: mg.Network(
        *mg.mlp([2, 3, 2], mg.gelu, mg.identity, rng=0), loss=mg.softmax_cross_entropy
    ),
    "array, squared error": lambda: array_network(mg.squared_error),
    "array, cross-entropy": lambda: array_network(mg.softmax_cross_entropy),
}
networks = pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS.keys())


def array_network(loss):
    x = mg.Input("x", 2)
    return mg.Network(x, mg.dense(mg.dense(x, 3, mg.tanh, "h", rng=0), 2, mg.identity, "y", rng=1), loss=loss)


@networks
def test_the_gradient_graph_of_a_network_is_its_backward_pass(build):
    network = build()
    network.loss_graph([0.5, -1.0], [0, 1])
    assert_same_deltas(network.loss)


@networks
def test_the_inputs_get_a_delta_only_where_they_are_asked_for(build):
    network = build()
    graph = network.loss_graph([0.5, -1.0], [0, 1])
    of_parameters = mg.gradient_graph(graph)
    of_all = mg.gradient_graph(graph, [*graph.parameters, *graph.inputs])
    assert not {f"δ {node.name}" for node in graph.inputs} & {node.name for node in of_parameters.nodes}
    for one, other in zip(of_parameters.outputs, of_all.outputs, strict=False):
        assert (one.name, one.shape) == (other.name, other.shape)
        np.testing.assert_array_equal(one.value, other.value)


def test_few_nodes_are_made_for_a_wide_network(monkeypatch):
    count = 0
    apply = mg.Node.__apply__

    def counted(*arguments):
        nonlocal count
        count += 1
        return apply(*arguments)

    graph = mg.Network(*mg.mlp([50, 4, 1], mg.tanh, rng=0)).graph
    monkeypatch.setattr(mg.Node, "__apply__", staticmethod(counted))
    back = mg.gradient_graph(graph)
    new = len(back) - sum(node in back for node in graph.nodes)
    assert count < 1.5 * new  # those of the inputs would be as many again


@pytest.mark.parametrize("seed", range(20))
def test_what_is_called_delta_is_the_delta(seed):
    graph = mg.Graph(random_scalar_loss(seed))
    graph.backward()
    by_name = {node.name: node for node in mg.gradient_graph(graph, graph.parameters or graph.inputs).nodes}
    for node in graph.nodes:
        delta = by_name.get(f"δ {graph.unique_name(node)}")
        if delta is not None:
            np.testing.assert_allclose(delta.value, node.delta, rtol=1e-10, atol=1e-12)


def test_a_part_of_a_delta_has_not_its_name():
    x, w, v = mg.Input("x", value=2.0), mg.Parameter(3.0, "w"), mg.Parameter(5.0, "v")
    graph = mg.Graph(mg.weighted_sum([x], [w], 0.5) + mg.tanh(v + x))  # δ x has two parts: one is δ of v + x
    assert "δ x" not in {node.name for node in mg.gradient_graph(graph).nodes}


@networks
def test_with_a_batch_axis_each_sample_has_its_own_delta(build):
    network = build()
    back = mg.gradient_graph(network.graph)
    X, T = np.random.default_rng(0).normal(size=(4, 2)), np.eye(2)[[0, 1, 1, 0]]
    samples, targets = network.data(X, T)
    back.forward({**samples.batch(slice(None)), **targets.batch(slice(None))})
    found = {delta.name: delta.value for delta in back.outputs}
    for row in range(4):
        network.loss_graph(X[row], T[row])
        for parameter in network.parameters:
            np.testing.assert_allclose(found[f"δ {parameter.name}"][row], parameter.grad, rtol=1e-10, atol=1e-13)


@networks
def test_second_derivatives_are_central_differences_of_first_ones(build):
    network = build()
    graph = network.loss_graph([0.5, -1.0], [0, 1])
    assert_second_derivatives(graph)


@pytest.mark.parametrize("seed", range(25))
def test_second_derivatives_of_random_graphs(seed):
    smooth = (mg.tanh, mg.sigmoid, mg.softplus, mg.sin)
    assert_second_derivatives(mg.Graph(random_scalar_loss(seed, smooth)))


@pytest.mark.parametrize("op", [op for op in SMOOTH if op is not mg.softsign], ids=lambda op: op.label)
def test_second_derivatives_of_activations(op):
    assert_second_derivatives(mg.Graph(mg.sum(op(mg.Parameter([0.3, -1.2, 2.0], "p")))))


ARRAY_EXPRESSIONS = {
    "matmul": lambda M, v: mg.sum(mg.tanh(v @ M @ M)),
    "affine": lambda M, v: mg.sum(mg.affine(mg.tanh(v), M, v) ** 2),
    "softmax": lambda M, v: mg.sum(mg.softmax(M) * v),
    "log-softmax": lambda M, v: mg.sum(mg.log_softmax(v * v) * v),
    "cross-entropy": lambda M, v: mg.softmax_cross_entropy(v @ M, mg.softmax(v)),
    "binary cross-entropy": lambda M, v: mg.binary_cross_entropy(v @ M, mg.sigmoid(v)),
    "mean squared error": lambda M, v: mg.mean_squared_error(mg.tanh(v @ M), v),
    "indexing": lambda M, v: mg.sum((M[np.array([0, 2, 0])] * v[::-1]) ** 2),
    "reductions": lambda M, v: mg.mean(mg.sum(M * M, axis=0) * mg.mean(M * v, axis=1)),
    "shapes": lambda M, v: mg.sum(mg.concat([M.T, mg.expand_dims(v, axis=0)]) ** 3),
    "power": lambda M, v: mg.sum(mg.pow(1.5 + mg.tanh(v), M)),
    "quotient": lambda M, v: mg.sum(v / (1 + mg.exp(M))),
}


@pytest.mark.parametrize("expression", ARRAY_EXPRESSIONS.values(), ids=ARRAY_EXPRESSIONS.keys())
def test_second_derivatives_of_array_expressions(expression):
    rng = np.random.default_rng(0)
    M, v = mg.Parameter(rng.uniform(-1, 1, (3, 3)), "M"), mg.Parameter(rng.uniform(-1, 1, 3), "v")
    assert_second_derivatives(mg.Graph(expression(M, v)))


def assert_second_derivatives(graph):
    """Hc, the second derivatives along a direction c, by differentiating Σ c·δ and by differences of δ."""
    rng = np.random.default_rng(0)
    parameters = graph.parameters
    directions = [rng.uniform(-1, 1, parameter.shape) for parameter in parameters]
    slope = sum(mg.sum(direction * delta) for direction, delta in zip(directions, first_deltas(graph), strict=True))
    mg.Graph(slope).backward()
    found = [
        np.array(parameter.delta if parameter in mg.Graph(slope) else np.zeros(parameter.shape))
        for parameter in parameters
    ]
    step, ends = 1e-6, []
    start = [np.array(parameter.value) for parameter in parameters]
    for shift in (step, -step):
        for parameter, value, direction in zip(parameters, start, directions, strict=True):
            parameter.value = value + shift * direction
        graph.forward()
        graph.backward()
        ends.append([np.array(parameter.delta) for parameter in parameters])
    for curvature, ahead, behind in zip(found, *ends, strict=True):
        np.testing.assert_allclose(curvature, (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-7)


def first_deltas(graph):
    return mg.gradient_graph(graph).outputs


def test_third_derivatives_of_a_polynomial():
    x = mg.Parameter(1.5, "x")
    node = x**5
    for expected in (5 * 1.5**4, 20 * 1.5**3, 60 * 1.5**2):
        (node,) = mg.gradient_graph(node, wrt=x).outputs
        assert node.value == pytest.approx(expected, rel=1e-12)


def textbook():
    x = mg.Input("x1", value=0.05), mg.Input("x2", value=0.10)
    return mg.Network(*[x, mg.layer(mg.layer(x, 2, name="h", rng=0), 2, name="y", rng=1)]).graph


def test_names_say_whose_delta_it_is():
    graph = textbook()
    back = mg.gradient_graph(graph)
    assert [delta.name for delta in back.outputs] == [f"δ {parameter.name}" for parameter in graph.parameters]
    unnamed = mg.Parameter(2.0)
    (delta,) = mg.gradient_graph(unnamed * 3).outputs
    assert delta.name == "δ #0"


def test_a_second_gradient_graph_has_names_of_its_own():
    a = mg.Parameter(2.0, "a")
    (first,) = mg.gradient_graph(mg.tanh(a, name="h")).outputs
    second = mg.gradient_graph(first, wrt=[a])
    assert [delta.name for delta in second.outputs] == ["δδ a"]
    assert "δ a" in {node.name for node in second.nodes} | {first.name}


def test_the_graph_of_the_textbook_is_the_textbook():
    graph = textbook()
    back = mg.gradient_graph(graph)
    for layer, before in (("h", ("x1", "x2")), ("y", ("h1", "h2"))):
        for neuron in (1, 2):
            total = f"δ {layer}{neuron}.s"
            for place, source in enumerate(before, start=1):
                weight = back[f"δ {layer}{neuron}.w{place}"]
                assert weight.op is mg.multiply
                assert {parent.name for parent in weight.parents} == {total, source}, "δ w = δ s × x"
            bias = back[f"δ {layer}{neuron}.b"]
            assert [parent.name for parent in bias.parents] == [total], "δ b = δ s"
    assert all(not node.shape for node in back.nodes), "every node is a number, none a row of them"


def test_the_graph_of_the_textbook_counts_a_few_nodes_for_each_of_its_own():
    graph = textbook()
    assert len(mg.gradient_graph(graph)) < 4 * len(graph)


def test_thirty_doublings_stay_thirty():
    a = node = mg.Parameter(1.0, "a")
    for _ in range(30):
        node = node + node
    assert len(mg.Graph(node)) == 31
    back = mg.gradient_graph(node)
    assert back.outputs[0].value == 2.0**30
    assert len(back) < 100
    products = a
    for _ in range(30):
        products = mg.tanh(products * products)
    assert len(mg.gradient_graph(products)) < 30 * 12


@pytest.mark.parametrize("width", [5, 50])
def test_size_is_linear_in_the_network(width):
    graph = mg.Network(*mg.mlp([4, width, 3], mg.tanh, mg.sigmoid, rng=0)).graph
    assert len(mg.gradient_graph(graph)) < 4 * len(graph)


def test_a_long_chain_is_no_trouble():
    a = node = mg.Parameter(0.5, "a")
    for _ in range(20_000):
        node = mg.sin(node)
    back = mg.gradient_graph(node)
    node.backward()
    assert back.outputs[0].value == pytest.approx(a.delta, rel=1e-9)


def test_delta_nodes_cover_every_node():
    graph = textbook()
    assert set(delta_nodes(graph)) == set(graph.nodes)


def test_by_what_to_differentiate():
    a, b = mg.Parameter(2.0, "a"), mg.Input("b", value=3.0)
    loss = mg.multiply(a, b, name="L") + 1
    assert [node.value for node in mg.gradient_graph(loss).outputs] == [3.0]
    for wrt in (b, [b], (b,), "b", ["b"]):
        assert [node.value for node in mg.gradient_graph(loss, wrt=wrt).outputs] == [2.0]
    assert [node.value for node in mg.gradient_graph(loss, wrt=["L", a]).outputs] == [1.0, 3.0]
    assert [node.value for node in mg.gradient_graph(loss, wrt=loss).outputs] == [1.0]


def test_whatever_has_a_graph_has_a_gradient_graph():
    network = mg.Network(*mg.mlp([2, 2, 1], rng=0))
    network.loss_graph([0.5, -1.0], 1)
    expected = [parameter.delta for parameter in network.parameters]
    for what in (network, network.graph, network.loss, [network.loss]):
        back = mg.gradient_graph(what)
        assert [node.name for node in back.outputs] == [f"δ {parameter.name}" for parameter in network.parameters]
        np.testing.assert_allclose([node.value for node in back.outputs], expected, rtol=1e-14)


def test_a_node_without_influence_has_a_delta_of_0():
    a, v = mg.Parameter(2.0, "a"), mg.Parameter([1.0, 2.0], "v")
    loss = mg.where(mg.greater(a, v), 1.0, 2.0)
    found = mg.gradient_graph(mg.sum(loss)).outputs
    assert found[0].value == 0.0
    np.testing.assert_array_equal(found[1].value, [0.0, 0.0])


def test_the_gradient_graph_leaves_the_graph_as_it_was():
    graph = textbook()
    before = [(node.name, node.parents, node.value, node.delta) for node in graph.nodes]
    mg.gradient_graph(graph)
    assert [(node.name, node.parents, node.value, node.delta) for node in graph.nodes] == before


def test_the_gradient_graph_of_unevaluated_nodes_waits_for_feeds():
    x, w = mg.Input("x"), mg.Parameter(3.0, "w")
    back = mg.gradient_graph(mg.tanh(x * w))
    assert back.outputs[0].value is None
    assert back.forward({"x": 0.5}) == pytest.approx(0.5 * (1 - np.tanh(1.5) ** 2), abs=1e-15)


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda a: mg.gradient_graph(mg.Constant(2.0) * 3), GraphError, "nothing to differentiate with respect to"),
        (lambda a: mg.gradient_graph(a * a, wrt=[]), GraphError, "nothing to differentiate with respect to"),
        (lambda a: mg.gradient_graph(a * a, wrt=[1.0]), OperandError, "not a node; found float 1.0"),
        (lambda a: mg.gradient_graph(a * a, wrt="z"), GraphError, "no node of that name; found 'z'"),
        (lambda a: mg.gradient_graph(mg.Graph([a * a, a])), ShapeError, "the backward pass starts at one scalar"),
        (lambda a: mg.gradient_graph([a * a, a]), ShapeError, "the backward pass starts at one scalar"),
        (
            lambda a: mg.gradient_graph(mg.stack([a, a])),
            ShapeError,
            r"pass starts at one scalar; found shape \(2,\)",
        ),
        (lambda a: mg.gradient_graph("a"), OperandError, "no graph; found str 'a'"),
    ],
)
def test_what_cannot_be_differentiated_is_refused_by_name(build, error, words):
    with pytest.raises(error, match=words) as caught:
        build(mg.Parameter(2.0, "a"))
    assert isinstance(caught.value, MinigradError)


def two_losses():
    w = mg.Parameter(0.8, "w")
    return w, mg.exp(w, name="a"), mg.sin(w * w, name="b")


def test_gradients_of_two_losses_stand_in_one_graph():
    w, a, b = two_losses()
    (first,), (second,) = (mg.gradient_graph(loss, wrt=w).outputs for loss in (a, b))
    joined = mg.Graph(first * second)
    joined.forward()
    joined.backward()
    e, c, s = np.exp(0.8), np.cos(0.64), np.sin(0.64)
    assert joined.outputs[0].value == pytest.approx(e * 1.6 * c)
    assert w.grad == pytest.approx(e * 1.6 * c + e * (2 * c - 2.56 * s))
    assert joined.compile().forward() == pytest.approx(e * 1.6 * c)
    assert mg.hessian(joined, w) == pytest.approx(mg.gradient_graph(mg.gradient_graph(joined), w).forward())


def test_a_name_that_derivatives_share_is_shown_with_a_number_and_not_looked_up():
    w, a, b = two_losses()
    joined = mg.Graph([*mg.gradient_graph(a, wrt=w).outputs, *mg.gradient_graph(b, wrt=w).outputs])
    assert {output.name for output in joined.outputs} == {"δ w"}
    names = [joined.unique_name(node) for node in joined.nodes]
    assert len({*names}) == len(names)
    assert [joined.unique_name(node) for node in joined.outputs] == [
        f"δ w #{joined.position[node]}" for node in joined.outputs
    ]
    with pytest.raises(GraphError, match="a name that several derivatives share; found 'δ w'"):
        joined["δ w"]
    picture = mg.draw(joined, view="expression").source
    assert all(f"δ w #{joined.position[node]}" in picture for node in joined.outputs)


def test_the_same_gradient_twice_stands_in_one_graph():
    w, a, _ = two_losses()
    graphs = [mg.gradient_graph(a, wrt=w).outputs[0] for _ in range(2)]
    assert mg.Graph(graphs[0] - graphs[1]).forward() == 0.0


def test_only_derivatives_may_share_a_name():
    for make in (mg.Parameter, lambda value, name: mg.Input(name, value=value)):
        with pytest.raises(GraphError, match="a name used twice"):
            mg.Graph(make(1.0, "δ w") * make(2.0, "δ w"))
    with pytest.raises(GraphError, match="a name used twice"):
        mg.Graph(mg.tanh(1.0 * mg.Parameter(1.0), name="h") * mg.sin(mg.Parameter(1.0), name="h"))
    with mg.scope("part"):
        w, a, b = two_losses()
    assert len(mg.Graph([*mg.gradient_graph(a).outputs, *mg.gradient_graph(b).outputs])) > 5
    assert w.name == "part/w"


@pytest.mark.parametrize("named", [False, True])
def test_gradients_of_any_order(named):
    x = mg.Parameter(1.5, "x" if named else None)
    node, factor = mg.sin(2 * x), 1.0
    for order in range(1, 6):
        (node,) = mg.gradient_graph(node, wrt=x).outputs
        factor *= 2
        assert node.value == pytest.approx(factor * np.sin(3.0 + order * np.pi / 2), rel=1e-12)


def test_beyond_the_last_order_there_are_zeros():
    x, v = mg.Parameter(1.5, "x"), mg.Parameter([1.0, 2.0], "v")
    node = mg.sum(x * v)
    for expected in (3.0, 0.0, 0.0):
        node, by_v = mg.gradient_graph(node, wrt=[x, v]).outputs
        assert node.value == expected
        assert by_v.shape == (2,)
    zero = mg.gradient_graph(x * 2.0, wrt=[v]).outputs[0]
    assert zero.kind == "constant"
    assert zero.name == "δ v"
    np.testing.assert_array_equal(zero.value, [0.0, 0.0])


@pytest.mark.parametrize("compiled", [False, True])
def test_the_feeds_of_the_graph_feed_its_gradient_graph(compiled):
    w, x, t = mg.Parameter(2.0, "w"), mg.Input("x"), mg.Input("t")
    back = mg.gradient_graph(w * x + t, wrt=w)
    again = mg.gradient_graph(back, wrt=w)
    for graph, expected in ((back, 3.0), (again, 0.0)):
        runs = graph.compile() if compiled else graph
        for feeds in ({x: 3.0, t: 0.5}, {"x": 3.0, "t": 0.5}):
            assert runs.forward(feeds) == expected
        with pytest.raises(FeedError, match="input z: not in this graph"):
            runs.forward({mg.Input("z"): 1.0})
        with pytest.raises(FeedError, match="u: not in this graph"):
            runs.forward({x: 3.0, "u": 1.0})
        with pytest.raises(ShapeError, match="input t: a feed that does not fit"):
            runs.forward({x: 3.0, t: [[1.0]]})
        with pytest.raises(FeedError, match="input t: fed twice"):
            runs.forward({x: 3.0, t: 1.0, "t": 1.0})
    assert back.forward({x: [1.0, 2.0], t: [0.0, 0.0]}).tolist() == [1.0, 2.0]
    with pytest.raises(FeedError, match="t: not in this graph"):
        back.backward({"t": 1.0})


def test_joined_gradients_can_be_saved_as_a_network(tmp_path):
    w, a, b = two_losses()
    x = mg.Input("x")
    slope = mg.gradient_graph(a, wrt=w).outputs[0] * mg.gradient_graph(b, wrt=w).outputs[0]
    network = mg.Network(x, mg.tanh(slope * x, name="y"))
    path = network.save(tmp_path / "slopes.npz") or tmp_path / "slopes.npz"
    assert mg.Network.load(path).predict([0.5]) == pytest.approx(network.predict([0.5]))
    with mg.scope("loaded"):
        assert mg.Network.load(path).predict([0.5]) == pytest.approx(network.predict([0.5]))
