"""The signature of a network: what can be an input, an output, a target, a loss, and what is refused."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import GraphError, MinigradError, OperandError, ShapeError
from minigrad.training.signature import check_nodes, make_target_inputs


def inputs(count=2):
    return [mg.Input(f"x{number}") for number in range(1, count + 1)]


@pytest.mark.parametrize("many", [tuple, list, iter], ids=["tuple", "list", "generator"])
def test_inputs_and_outputs_come_in_anything_that_can_be_gone_through(many):
    x, y = mg.mlp([2, 2], rng=0)
    network = mg.Network(many(x), many(y))
    assert (network.inputs, network.outputs) == (x, y)


def test_one_input_and_one_output_need_no_list():
    x = mg.Input("x")
    network = mg.Network(x, mg.tanh(x))
    assert network.predict([[0.5]])[0, 0] == pytest.approx(np.tanh(0.5))


def test_targets_step_aside_for_names_that_are_taken():
    t1 = mg.Input("t1")
    network = mg.Network([t1], [mg.tanh(t1, name="t′1")])
    assert [node.name for node in network.targets] == ["t′′1"]
    with mg.scope("part"):
        x = inputs()
        network = mg.Network(x, mg.neuron(x, name="y"))
    assert network.targets[0].name == "part/t1"


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (
            lambda x, y: mg.Network(x[:1], y),
            GraphError,
            "input x2: an input is missing from the list; expected the inputs",
        ),
        (lambda x, y: mg.Network([], y), GraphError, "input x1: an input is missing from the list"),
        (lambda x, y: mg.Network([*x, mg.Input("z")], y), GraphError, "input z: the outputs do not read this input"),
        (lambda x, y: mg.Network([*x, x[0]], y), GraphError, "input x1: an input is listed twice"),
        (lambda x, y: mg.Network([*x, y[0]], y), GraphError, "activation y1: the outputs do not read this input"),
        (lambda x, y: mg.Network([1, 2], y), OperandError, "inputs are nodes; found int 1"),
        (lambda x, y: mg.Network("x1", y), OperandError, "inputs are nodes; found str 'x1'"),
        (lambda x, y: mg.Network(None, y), OperandError, "found NoneType"),
        (lambda x, y: mg.Network(x, None), OperandError, "outputs are nodes; found NoneType"),
        (lambda x, y: mg.Network(x, []), GraphError, "a graph without outputs"),
        (
            lambda x, y: mg.Network([*x, mg.Input("z", 3)], y),
            ShapeError,
            "input z: an array node must be the only one of the inputs",
        ),
        (
            lambda x, y: mg.Network(x, [*y, mg.stack(y)]),
            ShapeError,
            "an array node must be the only one of the outputs",
        ),
        (lambda x, y: mg.Network(x, mg.neuron(x, name="x1")), GraphError, "x1: a name used twice"),
        (lambda x, y: mg.Network(x, y, loss=None), OperandError, "not a loss; found None"),
        (lambda x, y: mg.Network(x, y, loss="mse"), OperandError, "not a loss; found 'mse'"),
        (lambda x, y: mg.Network(x, y, loss=mg.Huber), OperandError, "not a loss; found <class"),
        (
            lambda x, y: mg.Network(x, y, loss=lambda o, t: (o - t) ** 2),
            OperandError,
            r"the loss function failed.*minigrad.stack",
        ),
        (lambda x, y: mg.Network(x, y, loss=lambda o, t: 1.0), OperandError, "did not return a node; found float"),
        (lambda x, y: mg.Network(x, y, loss=lambda o, t: None), OperandError, "did not return a node; found NoneType"),
        (lambda x, y: mg.Network(x, y, loss=lambda o, t: [o[0]]), OperandError, "did not return a node; found list"),
        (lambda x, y: mg.Network(x, y, loss=lambda o, t: mg.stack(o)), ShapeError, "Sum it up with minigrad.sum"),
        (lambda x, y: mg.Network(x, y, loss=lambda o, t: o[0] * mg.Input("rate")), GraphError, "input rate: an input"),
    ],
)
def test_what_is_no_network_is_refused_by_name(build, error, words):
    x = inputs()
    with pytest.raises(error, match=words) as caught:
        build(x, mg.layer(x, 2, name="y"))
    assert isinstance(caught.value, MinigradError)


def test_nodes_are_scalars_or_one_array():
    x = inputs()
    assert check_nodes(iter(x), "inputs") == tuple(x)
    assert check_nodes(x[0], "inputs") == (x[0],)
    with pytest.raises(ShapeError, match=r"an array node must be the only one of the outputs.*minigrad\.concat"):
        check_nodes([x[0], mg.stack(x)], "outputs")
    assert [node.shape for node in make_target_inputs([mg.stack(x)], ())] == [(2,)]
