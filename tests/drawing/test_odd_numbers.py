"""Pictures of networks whose numbers are huge, NaN or infinite, and of losses that are made of several."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing.figure import Stroke, Text, walk_shapes
from minigrad.drawing.text_layout import plain_text
from minigrad.errors import SettingError
from tests.drawing.figures import corners_of
from tests.drawing.networks import deep, perceptron


def texts_of(drawing):
    return [plain_text(shape.line) for shape in walk_shapes(drawing.figure.shapes) if isinstance(shape, Text)]


def network_with(value, activation=mg.relu):
    """A network of which one weight has this value, after one pass."""
    network = mg.Network(*mg.mlp([2, 3, 2], activation, mg.identity, rng=1))
    network.parameters[0].value = value
    with np.errstate(all="ignore"):
        network.loss_graph([1.0, -2.0], [0.0, 0.0])
    return network


def two_losses():
    """Two losses, weighted by a number and by a parameter, after one pass."""
    outputs = mg.layer([mg.Input("x1"), mg.Input("x2")], 2, mg.identity, "y", rng=0)
    first, second = (mg.squared_error(y, mg.Input(f"t{number}")) for number, y in enumerate(outputs, start=1))
    graph = mg.Graph(0.25 * first + mg.Parameter(0.7, "alpha") * second)
    graph.forward({"x1": 1.0, "x2": -0.5, "t1": 1.0, "t2": 2.0})
    graph.backward()
    return graph


@pytest.mark.parametrize("value", [1e300, 1.7e308, 1e-300, np.inf, np.nan])
def test_a_neuron_of_any_sum_has_lines_of_finite_points(value):
    shapes = walk_shapes(mg.draw(network_with(value), "neuron").figure.shapes)
    points = [point for shape in shapes if isinstance(shape, Stroke) for point in shape.points]
    assert points and np.isfinite(points).all()


def test_layers_in_rows_whose_targets_stand_in_a_later_row_than_their_losses():
    figure = mg.draw(two_losses(), "layers", direction="right", width=400).figure
    arrows = [shape.points for shape in walk_shapes(figure.shapes) if isinstance(shape, Stroke) and shape.head]
    assert any(points[0].y > points[-1].y for points in arrows)  # from targets back to losses above
    assert figure.width == 400.0


def test_the_largest_of_a_matrix_is_that_of_its_finite_numbers():
    network = network_with(np.nan, activation=mg.tanh)
    titles = [group.title for group in mg.draw(network, "matrices").diagram.groups]
    assert titles[0].endswith("2 × 3, largest finite 0.9869")
    assert titles[1].endswith("2 × 3, largest finite —")


def test_the_legend_of_a_large_process_shows_the_dot_of_biases_of_zero():
    assert "exactly zero" in texts_of(mg.draw(perceptron(16, 13, 4), "process"))


def test_weighted_losses_show_the_number_and_the_gradient_of_the_weight():
    graph = two_losses()
    texts = mg.draw(graph, "process").text
    assert "0.25 × L₁" in texts and "#0" not in texts
    assert "∂L/∂alpha" in texts
    assert graph["alpha"].grad == pytest.approx(0.5 * (graph["y2"].value - 2.0) ** 2)


def test_the_process_writes_the_formula_of_the_loss():
    assert "L = ½(ŷ₁ − t₁)²" in texts_of(mg.draw(perceptron(2, 3, 1), "process"))
    assert "⟨L⟩ = ⟨½(ŷ₁ − t₁)²⟩" in texts_of(mg.draw(perceptron(2, 3, 1, batch=3), "process"))


def test_the_target_of_a_deep_network_stays_on_a_narrow_page():
    figure = mg.draw(deep(), "process", width=400).figure
    texts = [shape for shape in walk_shapes(figure.shapes) if isinstance(shape, Text)]
    assert min(point.x for text in texts for point in corners_of(text)) >= 0.0


def test_long_names_keep_a_neuron_on_the_page():
    x = [mg.Input(f"a name that is far too long for a picture {number}", value=1.0) for number in (1, 2)]
    h = mg.neuron(x, mg.tanh, "a neuron with a name that is far too long", rng=0)
    assert mg.draw(h, "neuron", names="own").figure.width < 850.0


@pytest.mark.parametrize("highlight", [3, None])
def test_what_is_no_list_of_nodes_cannot_be_highlighted(highlight):
    with pytest.raises(SettingError, match="highlight"):
        mg.draw(perceptron(2, 1), "layers", highlight=highlight)
