"""Textbook names: x₁, w₁₂⁽¹⁾, s₂⁽¹⁾, h₂, ŷ₁, t₁, L, each once in a network, and each weight by what it connects."""

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import minigrad as mg
from minigrad.errors import GraphError, PositionError
from minigrad.graph import Graph
from minigrad.structure import read_structure, weighted_sum_operands
from tests.drawing import networks
from tests.graphs import as_nodes, programs


def names(graph):
    return {node.label: graph.textbook_name(node) for node in graph.nodes if node.name}


def all_names(graph):
    """Every name of a node, and of an element of an array."""
    for node in graph.nodes:
        yield graph.textbook_name(node)
        if node.shape:
            yield from (graph.textbook_name(node, position) for position in np.ndindex(node.shape))


def assert_unique(graph):
    listed = list(all_names(graph))
    assert len(listed) == len(set(listed))


def read_indices(name):
    """The letter, the indices and the layers of a name: w₁₀,₂⁽⁰,²⁾ is ("w", [10, 2], [0, 2])."""
    plain = unicodedata.normalize("NFKC", name)
    letter, indices, layers = re.fullmatch(r"(ŷ|δ|[a-z])([\d,]+)(?:\(([\d,]+)\))?", plain).groups()
    numbers = indices.split(",") if "," in indices or letter != "w" else indices
    return letter, [*map(int, numbers)], [*map(int, layers.split(","))] if layers else []


def test_one_hidden_layer():
    network = networks.perceptron(2, 3, 1)
    assert names(network.graph) == {
        "x1": "x₁", "x2": "x₂", "t1": "t₁", "y1": "ŷ₁", "y1.s": "s₁⁽²⁾", "y1.b": "b₁⁽²⁾",
        "h1": "h₁", "h2": "h₂", "h3": "h₃", "h1.s": "s₁⁽¹⁾", "h2.s": "s₂⁽¹⁾", "h3.s": "s₃⁽¹⁾",
        "h1.b": "b₁⁽¹⁾", "h2.b": "b₂⁽¹⁾", "h3.b": "b₃⁽¹⁾",
        "h1.w1": "w₁₁⁽¹⁾", "h2.w1": "w₁₂⁽¹⁾", "h3.w1": "w₁₃⁽¹⁾",
        "h1.w2": "w₂₁⁽¹⁾", "h2.w2": "w₂₂⁽¹⁾", "h3.w2": "w₂₃⁽¹⁾",
        "y1.w1": "w₁₁⁽²⁾", "y1.w2": "w₂₁⁽²⁾", "y1.w3": "w₃₁⁽²⁾",
    }  # fmt: skip
    assert network.textbook_name(network.loss) == "L"
    assert network.graph.textbook_names.delta(network.graph["h3.s"]) == "δ₃⁽¹⁾"


def test_outputs_of_several_hidden_layers_carry_their_layer():
    graph = networks.perceptron(1, 2, 2, 1).graph
    assert [graph.textbook_name(graph[name]) for name in ("h1_1", "h1_2", "h2_1", "y1")] == [
        "h₁⁽¹⁾", "h₂⁽¹⁾", "h₁⁽²⁾", "ŷ₁",
    ]  # fmt: skip


def test_indices_of_ten_and_more_stand_apart():
    graph = networks.perceptron(11, 10, 1).graph
    assert [graph.textbook_name(graph[name]) for name in ("x11", "h1.w11", "h10.w2", "h10", "h9.w9")] == [
        "x₁₁", "w₁₁,₁⁽¹⁾", "w₂,₁₀⁽¹⁾", "h₁₀", "w₉₉⁽¹⁾",
    ]  # fmt: skip


def test_arrays_have_the_letter_and_their_elements_the_indices():
    network = networks.layered(3, 12, 2)
    graph = network.graph
    listed = [network.textbook_name(node) for node in graph.nodes]
    assert listed == ["x", "W⁽¹⁾", "b⁽¹⁾", "s⁽¹⁾", "h", "W⁽²⁾", "b⁽²⁾", "s⁽²⁾", "ŷ", "t", "L"]
    assert network.textbook_name(graph["h1.W"], (2, 9)) == "w₃,₁₀⁽¹⁾"
    assert network.textbook_name(graph["h1.b"], 1) == "b₂⁽¹⁾" == network.textbook_name(graph["h1.b"], (1,))
    assert network.textbook_name(graph["h2"], 1) == "ŷ₂"
    assert graph.textbook_names.delta(graph["h2.s"], 1) == "δ₂⁽²⁾"
    assert graph.textbook_names.delta(graph["h2.s"]) == "δ⁽²⁾"
    assert_unique(graph)


def test_an_array_and_single_neurons_have_the_same_names():
    arrays, singles = networks.layered(2, 3, 2).graph, networks.perceptron(2, 3, 2).graph
    elements = {name for name in all_names(arrays) if re.search("[₀-₉]", name) or name == "L"}
    assert elements == set(all_names(singles))


def test_a_weight_past_a_layer_names_both_layers():
    graph = networks.shortcut()
    assert names(graph)["y2.w3"] == "w₃₂⁽⁰,²⁾"
    assert names(graph)["y2.w4"] == "w₁₂⁽²⁾"


def test_a_sum_without_an_activation_is_the_output_or_stays_a_sum():
    x = mg.Input("x")
    s = mg.weighted_sum([x], [mg.Parameter(0.5, "w")], mg.Parameter(0.0, "b"), name="s")
    y = mg.weighted_sum([s], [mg.Parameter(0.5, "v")], name="y")
    graph = mg.Network(x, y).graph
    assert names(graph) == {"x": "x₁", "w": "w₁₁⁽¹⁾", "b": "b₁⁽¹⁾", "s": "s₁⁽¹⁾", "v": "w₁₁⁽²⁾", "y": "ŷ₁", "t1": "t₁"}
    assert graph.textbook_names.delta(y) == "δ₁⁽²⁾"


def test_a_shared_weight_has_the_name_of_its_first_use():
    graph = networks.textbook()
    assert names(graph)["b1"] == "b₁⁽¹⁾"
    assert names(graph)["b2"] == "b₁⁽²⁾"
    assert_unique(graph)


def test_several_losses_are_numbered_and_their_total_is_l():
    y = mg.layer([mg.Input("x")], 2, mg.tanh, "y", rng=0)
    first, second = mg.squared_error(y[0], mg.Input("t", value=0.5)), mg.huber(y[1], 0.5)
    graph = Graph(mg.add(first, 2.0 * second, name="total"))
    assert [graph.textbook_name(node) for node in (first, second, graph["total"])] == ["L₁", "L₂", "L"]
    assert [graph.textbook_name(node) for node in (*y, graph["t"])] == ["ŷ₁", "ŷ₂", "t₁"]
    both = Graph([first, second])
    assert [both.textbook_name(node) for node in (first, second)] == ["L₁", "L₂"]
    alone = Graph([first, y[1]])
    assert alone.textbook_name(first) == "L"


@pytest.mark.parametrize("arrays", [False, True])
def test_classes_of_a_softmax_are_the_outputs(arrays):
    if arrays:
        x = mg.Input("x", 2)
        network = mg.Network(x, mg.dense(x, 3, mg.softmax, "y", rng=0))
        outputs = [(network.outputs[0], index) for index in range(3)]
    else:
        network = mg.Network(*mg.mlp([2, 3], output=mg.softmax, rng=0))
        outputs = [(node, None) for node in network.outputs]
    assert [network.textbook_name(*output) for output in outputs] == ["ŷ₁", "ŷ₂", "ŷ₃"]
    assert network.textbook_name(network.graph["y.s" if arrays else "y1.s"]) == ("s⁽¹⁾" if arrays else "s₁⁽¹⁾")
    assert_unique(network.graph)
    assert_unique(network.forward_graph)


def test_what_has_one_element_for_each_neuron_counts_as_the_neuron():
    x = mg.Input("x")
    s = mg.weighted_sum([x], [0.5], name="s")
    normal = mg.multiply(s - 0.1, mg.Parameter(2.0, "scale"), name="normal")
    h = mg.tanh(normal, name="h")
    (dropped,) = mg.dropout([h], 0.5)
    graph = mg.Network(x, mg.sigmoid(mg.weighted_sum([dropped], [mg.Parameter(1.0, "v")]), name="y")).graph
    assert [graph.textbook_name(graph[name]) for name in ("s", "normal", "scale", "h", "v", "y")] == [
        "s₁⁽¹⁾", "normal", "scale", "h₁", "w₁₁⁽²⁾", "ŷ₁",
    ]  # fmt: skip


def test_other_nodes_that_weights_read_are_numbered_behind_the_neurons():
    x = mg.Input("x")
    h = mg.layer([x], 2, mg.tanh, "h", rng=0)
    product = mg.multiply(*h, name="product")
    (y,) = mg.layer([*h, product], 1, mg.tanh, "y", rng=0)
    graph = mg.Network(x, y).graph
    assert [graph.textbook_name(graph[f"y1.w{number}"]) for number in (1, 2, 3)] == ["w₁₁⁽²⁾", "w₂₁⁽²⁾", "w₃₁⁽²⁾"]
    (y,) = mg.layer([product], 1, mg.tanh, "y", rng=0)
    graph = mg.Network(x, y).graph
    assert graph.textbook_name(graph["y1.w1"]) == "w₁₁⁽²⁾"


def test_names_that_are_taken_are_left_to_the_own_name_and_its_number():
    x = mg.Input("x")
    w = [mg.Parameter(0.5, name) for name in ("first", "second", "h₁", "L")]
    s = mg.weighted_sum([x, x, x], w[:3], w[3])
    graph = mg.Network(x, mg.tanh(s) * mg.Parameter(1.0, "x₁")).graph
    named = names(graph)
    assert named["first"] == "w₁₁⁽¹⁾"
    assert named["second"] == "second"
    assert named["L"] == "b₁⁽¹⁾"
    assert named["h₁"] == f"h₁ #{graph.position[w[2]]}"
    assert named["x₁"].startswith("x₁ #")
    assert_unique(graph)


def test_a_loss_of_your_own_has_the_outputs_of_the_last_layer():
    inputs, outputs = mg.mlp([2, 2, 2], rng=0)
    network = mg.Network(inputs, outputs, loss=lambda y, t: mg.sum((mg.stack(y) - mg.stack(t)) ** 2))
    nodes = (*network.outputs, *network.targets, network.loss)
    assert [network.textbook_name(node) for node in nodes] == ["ŷ₁", "ŷ₂", "t₁", "t₂", "L"]


def test_a_stack_of_outputs_is_its_outputs():
    inputs, outputs = mg.mlp([2, 2], rng=0)
    network = mg.Network(inputs, outputs, loss=lambda y, t: mg.squared_error(mg.stack(y), mg.stack(t)))
    assert [network.textbook_name(node) for node in network.outputs] == ["ŷ₁", "ŷ₂"]


def test_the_backward_pass_as_a_graph_keeps_the_names_of_the_network():
    network = networks.perceptron(2, 2, 1)
    back = mg.gradient_graph(network.graph)
    shared = [node for node in network.graph.nodes if node in back]
    assert [back.textbook_name(node) for node in shared] == [network.textbook_name(node) for node in shared]
    assert [back.textbook_name(node) for node in back.outputs] == [node.name for node in back.outputs]
    alone = mg.gradient_graph(network.graph, wrt=network.parameters[0])
    assert alone.textbook_name(alone.outputs[0]) == alone.outputs[0].name


def test_expressions_have_their_own_names():
    root = networks.micrograd_example()
    graph = Graph(root)
    assert [graph.textbook_name(node) for node in graph.nodes] == [graph.unique_name(node) for node in graph.nodes]


def test_structure_and_graph_agree():
    graph = networks.textbook()
    structure = read_structure(graph)
    assert [structure.textbook_name(node) for node in graph.nodes] == [graph.textbook_name(n) for n in graph.nodes]


@pytest.mark.parametrize("position", [3, -1, (0, 0, 0), (2, 3), (0.5, 1), "1", None])
def test_positions_outside_are_refused(position):
    network = networks.layered(2, 3)
    with pytest.raises(PositionError if position is not None else GraphError):
        network.textbook_name(network.graph["h1.W"] if position is not None else mg.Parameter(1.0), position)


@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_a_scalar_has_no_elements_and_a_matrix_of_inputs_has_them(shape):
    x = mg.Input("x", shape)
    graph = Graph(mg.sum(mg.tanh(x)))
    if shape:
        assert graph.textbook_name(x, (1, 2)) == "x₂,₃"
        assert_unique(graph)
    else:
        with pytest.raises(PositionError):
            graph.textbook_name(x, 0)


@st.composite
def random_networks(draw):
    """Networks of single neurons in layers that read any nodes before them, with weights that may be shared."""
    inputs = [mg.Input(f"in{number}") for number in range(draw(st.integers(1, 12)))]
    nodes, weights = [*inputs], [mg.Parameter(0.1, f"p{number}") for number in range(5)]
    for _ in range(draw(st.integers(1, 4))):
        neurons = []
        for _ in range(draw(st.integers(1, 11))):
            sources = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=5))
            new = [mg.Parameter(0.5) if draw(st.booleans()) else draw(st.sampled_from(weights)) for _ in sources]
            s = mg.weighted_sum(sources, new, draw(st.sampled_from([mg.Parameter(0.0), weights[0], 0.0])))
            neurons.append(draw(st.sampled_from([mg.tanh(s), s, mg.relu(mg.tanh(s)), mg.tanh(s * 2.0)])))
        nodes += draw(st.sampled_from([neurons, [*mg.dropout(neurons, 0.5)], [*neurons, neurons[0] * neurons[-1]]]))
        last = neurons
    losses = [mg.squared_error(last, [mg.Input(f"goal{number}") for number in range(len(last))])]
    if draw(st.booleans()):
        losses.append(mg.huber([last[0]], [0.5]))
    return Graph(losses[0] if len(losses) == 1 else losses[0] + losses[1])


def neuron_numbers(graph):
    """The layer of each node and its number there, where it is an input, a neuron or made of one of them alone."""
    numbers = {}
    for node in graph.nodes:
        sources = {numbers[parent] for parent in node.parents if parent in numbers}
        if node.kind == "weighted sum":
            numbers[node] = tuple(part for (part,) in read_indices(graph.textbook_names.delta(node))[:0:-1])
        elif node.kind == "input":
            numbers[node] = 0, *read_indices(graph.textbook_name(node))[1]
        elif len(sources) == 1 and not any(parent.op and parent not in numbers for parent in node.parents):
            (numbers[node],) = sources
    return numbers


@settings(max_examples=60, deadline=None)
@given(random_networks())
def test_names_of_random_networks_are_unique_and_say_what_weights_connect(graph):
    assert_unique(graph)
    sums = [node for node in graph.nodes if node.kind == "weighted sum"]
    assert len({*map(graph.textbook_names.delta, sums)}) == len(sums)
    numbers = neuron_numbers(graph)
    uses = {}
    for node in sums:
        layer, to = numbers[node]
        x, w, b = weighted_sum_operands(node)
        uses.setdefault(b, []).append(("b", [to], [layer]))
        for source, weight in zip(x, w, strict=True):
            before, number = numbers.get(source, (None, None))
            layers = [layer] if before in {layer - 1, None} else [before, layer]
            uses.setdefault(weight, []).append(("w", [number, to], layers))
    taken = [read_indices(graph.textbook_name(weight)) for weight in uses if is_textbook_name(graph, weight)]
    for weight, connections in uses.items():
        if is_textbook_name(graph, weight):
            letter, indices, layers = read_indices(graph.textbook_name(weight))
            behind = (letter, [None, *indices[1:]], layers[-1:])  # what is read has no number of its own
            assert (letter, indices, layers) in connections or behind in connections
        else:
            assert all(connection in taken for connection in connections if None not in connection[1])


def is_textbook_name(graph, node):
    return graph.textbook_name(node) != graph.unique_name(node)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_names_of_random_graphs_are_unique(program):
    leaves = [mg.Input(name, value=value) for name, value in zip("xhtL", program.leaves, strict=False)]
    nodes = as_nodes(program, leaves)
    assert_unique(Graph(nodes[-1]))
    assert_unique(Graph(nodes))
