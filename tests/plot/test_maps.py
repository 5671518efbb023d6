"""Plots: what each figure shows, said by its panels, and what is refused; skipped where matplotlib is missing."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad as mg
from minigrad import plot
from minigrad.errors import DataError, SettingError, ShapeError
from minigrad.plot import maps
from tests.plot.figures import T, X, drawn, needs_matplotlib, network, texts


@needs_matplotlib
@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_a_boundary_has_the_data_in_it_with_a_mark_a_class(outputs: int):
    figure = plot.decision_boundary(network(outputs), X, T, names=["even", "odd"])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][:2] == ["even", "odd"]
    points = [dots for dots in figure.axes[0].collections if dots.get_label() in ("even", "odd")]
    assert sorted(map(tuple, np.concatenate([dots.get_offsets() for dots in points]).tolist())) == sorted(
        map(tuple, X.tolist())
    )
    assert len({dots.get_paths()[0].vertices.tobytes() for dots in points}) == 2
    drawn(figure)


@needs_matplotlib
def test_a_boundary_may_be_that_of_another_library_and_of_logits():
    figure = plot.decision_boundary(
        SimpleNamespace(predict=lambda rows: rows[:, 0] - 0.5), X, np.eye(2)[T], threshold=0
    )
    drawn(figure)


@needs_matplotlib
def test_a_boundary_between_classes_of_both_signs_is_at_0():
    for targets, expected in ((T, "0.5"), (2 * T - 1, "0")):
        figure = plot.decision_boundary(network(1), X, targets)
        assert figure.axes[1].get_ylabel() == f"output (boundary at {expected})"


@needs_matplotlib
def test_a_network_that_says_the_same_everywhere_has_no_boundary_and_is_drawn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot.decision_boundary(SimpleNamespace(predict=lambda rows: np.ones(len(rows))), X, T)


@pytest.mark.parametrize(
    ("samples", "targets"), [(np.ones((4, 3)), T), (X, T[:3]), (X, T + 0.5), (X, -T), (X, [])], ids=str
)
def test_a_boundary_of_other_data_is_refused(samples, targets):
    with pytest.raises(DataError):
        plot.decision_boundary(network(), samples, targets)


@needs_matplotlib
def test_a_confusion_matrix_counts():
    figure = plot.confusion_matrix([0, 0, 1, 2], np.eye(3)[[0, 1, 1, 2]], names=["a", "b", "c"])
    panel = figure.axes[0]
    np.testing.assert_allclose(panel.images[0].get_array(), [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]])
    assert texts(panel) == ["1\n50%", "1\n50%", "1\n100%", "1\n100%"]
    assert panel.get_title() == "3 of 4 correct: 75.0%"
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a", "b", "c"]
    drawn(figure)


@needs_matplotlib
def test_targets_of_both_signs_are_divided_at_0():
    assert plot.confusion_matrix([-1, 1, 1], [-0.2, 0.3, 0.9]).axes[0].get_title() == "3 of 3 correct: 100.0%"
    assert plot.confusion_matrix([0, 1, 1], [-0.2, 0.3, 0.9]).axes[0].get_title() == "2 of 3 correct: 66.7%"
    with pytest.raises(DataError, match="no classes; found 1, 1, 0 at row 0"):
        plot.confusion_matrix([[1, 1, 0], [1, 0, 1]], [[0.8, 0.7, 0.1], [0.9, 0.2, 0.6]])


@needs_matplotlib
@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_a_single_output_is_a_class_where_it_is_above_the_threshold(shape):
    answers = np.array([0.2, 0.7, 0.4, 0.9]).reshape(shape)
    counts = {0.5: ["1\n100%", "1\n33%", "2\n67%"], 0.3: ["1\n100%", "3\n100%"]}
    for threshold, expected in counts.items():
        figure = plot.confusion_matrix([0, 1, 1, 1], answers, threshold=threshold)
        assert texts(figure.axes[0]) == expected


@needs_matplotlib
def test_slanted_names_end_where_their_class_is():
    figure = plot.confusion_matrix([0, 1, 2], [0, 1, 2], names=["a rather long name", "versicolor"])
    drawn(figure)
    labels = figure.axes[0].get_xticklabels()
    assert [label.get_text() for label in labels] == ["a rather long name", "versicolor", "2"]
    ends = [label.get_window_extent().x1 for label in labels]
    assert np.diff(ends) == pytest.approx(
        np.diff(figure.axes[0].transData.transform([(k, 0) for k in range(3)])[:, 0]), rel=0.1
    )


def test_answers_to_other_targets_are_refused():
    with pytest.raises(DataError, match="targets and predictions differ in number"):
        plot.confusion_matrix([0, 1], [0])


def test_a_label_without_end_is_refused():
    with pytest.raises(DataError, match="too many classes"):
        plot.confusion_matrix([0, 1], [0, 1e9])


@needs_matplotlib
def test_weights_are_a_row_for_each_neuron():
    small = network()
    panel = plot.weights(small).axes[0]
    expected = [[small.graph[f"h{j}.w{i}"].value for i in (1, 2)] for j in (1, 2, 3)]
    np.testing.assert_array_equal(panel.images[0].get_array(), expected)
    assert texts(panel)[0] == f"{expected[0][0]:+.2f}".replace("-", "−")
    assert any(text.startswith("−") for text in texts(panel))
    assert [label.get_text() for label in panel.get_xticklabels()] == ["x1", "x2"]


@needs_matplotlib
def test_of_many_sources_some_are_named():
    wide = mg.Network(*mg.mlp([100, 2, 1], rng=0))
    labels = [label.get_text() for label in plot.weights(wide).axes[0].get_xticklabels()]
    assert labels == [f"x{number}" for number in range(1, 101, 3)]


@needs_matplotlib
def test_weights_of_an_array_valued_layer_are_the_same_picture():
    x = mg.Input("x", 2)
    hidden = mg.dense(x, 3, name="h", rng=0)
    names, sources, W = maps.weight_matrix(mg.Graph(mg.dense(hidden, 1, name="y", rng=1)), 1)
    np.testing.assert_array_equal(W, np.asarray(mg.Graph(hidden)["h.W"].value).T)
    assert (len(names), len(sources)) == (3, 2)


@needs_matplotlib
def test_weights_as_images():
    wide = mg.Network(*mg.mlp([6, 5, 1], rng=0))
    figure = plot.weights(wide, shape=(2, 3), most=4)
    images = [panel.images[0].get_array() for panel in figure.axes if panel.images]
    assert [image.shape for image in images][:4] == [(2, 3)] * 4
    assert figure.get_suptitle() == "weights of layer 1, 4 of 5 neurons"
    drawn(figure)


@pytest.mark.parametrize(
    ("options", "error"),
    [({"layer": 3}, SettingError), ({"layer": 0}, SettingError), ({"shape": (2, 2)}, ShapeError)],
)
def test_weights_that_are_not_there_are_refused(options, error):
    with pytest.raises(error):
        plot.weights(network(), **options)
