"""The summary of a network: its layers, units and parameters, as text and as HTML."""

import minigrad as mg
from minigrad.training.summary import LayerSummary


def test_layers_of_neurons_and_of_arrays():
    x = mg.Input("x", 2)
    array = mg.Network(x, mg.dense(mg.dense(x, 3, mg.tanh, "h", rng=0), 2, mg.sigmoid, "y", rng=1))
    assert array.summary().layers == (
        LayerSummary("x[0] … x[1]", 2, "input", 0, 0),
        LayerSummary("h[0] … h[2]", 3, "tanh", 9, 9),
        LayerSummary("y[0] … y[1]", 2, "sigmoid", 8, 8),
    )
    network = mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0))
    assert [layer[1:] for layer in network.summary().layers] == [layer[1:] for layer in array.summary().layers]


def test_frozen_and_shared_parameters_are_counted_once():
    x, w, b = mg.Input("x"), mg.Parameter(1.0, "w"), mg.Parameter(0.0, "b")
    hidden = mg.tanh(mg.weighted_sum([x], [w], b), name="h")
    network = mg.Network(x, mg.sigmoid(mg.weighted_sum([hidden], [w], b), name="y"))
    b.trainable = False
    summary = network.summary()
    assert [layer.parameters for layer in summary.layers] == [0, 2, 0]
    assert (summary.parameters, summary.trainable) == (2, 1) == (len(network.parameters), 1)


def test_plain_expressions_and_their_parameters():
    x = mg.Input("x")
    network = mg.Network(x, mg.Parameter(1.0, "a") * x + mg.Parameter(2.0, "b"))
    assert network.summary().parameters == 2
    assert "2 parameters, 2 trainable; loss ½Σ(ŷ−t)²" in str(network.summary())


def test_html_is_escaped_and_long_networks_are_elided():
    node = x = mg.Input("<x>")
    for number in range(60):
        node = mg.tanh(node, name=f"h{number}")
    summary = mg.Network(x, node).summary()
    html = summary._repr_html_()
    assert "&lt;x&gt;" in html
    assert "<x>" not in html
    assert html.count("<tr>") == 41 == len(str(summary).splitlines()) - 1
    assert len(summary.layers) == 61
