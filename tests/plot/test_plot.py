"""Plots: what each figure shows, said by its panels, and what is refused; skipped where matplotlib is missing."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad as mg
from minigrad import plot
from minigrad.errors import DataError, RenderError, SettingError, ShapeError
from minigrad.plot import maps
from minigrad.plot.style import series_styles

ROOT = Path(__file__).parent.parent.parent
needs_matplotlib = pytest.mark.skipif(
    find_spec("matplotlib") is None,
    reason="matplotlib is not installed: pip install '.[plot]'",
)

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([0, 1, 1, 0])


def network(outputs: int = 1) -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, outputs], rng=0))


def record(**columns: list[float]) -> SimpleNamespace:
    return SimpleNamespace(columns=columns)


def texts(panel) -> list[str]:
    return [text.get_text() for text in panel.texts]


def drawn(figure) -> bytes:
    """The figure as a picture; a warning while it is laid out is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return figure._repr_png_()


def test_importing_plots_imports_no_matplotlib():
    program = "import minigrad.plot, sys; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "False"


def test_without_matplotlib_the_cure_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(RenderError, match="pip install"):
        plot.activations()


@needs_matplotlib
def test_a_figure_shows_itself_and_needs_no_display():
    assert drawn(plot.activations([mg.tanh])).startswith(b"\x89PNG")
    program = "import sys; from minigrad import plot; plot.activations()._repr_png_(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert "matplotlib.pyplot" not in done.stdout.split()


@needs_matplotlib
def test_the_history_of_training_is_a_curve_for_each_set_and_a_panel_for_each_quantity():
    told = record(loss=[3.0, 2.0], validation_loss=[3.5, 2.5], accuracy=[0.5, 1.0])
    figure = plot.history(told, held_out=[0.2, 0.4], error={"a": [1, 2], "b": [2, 3]}, logarithmic=True)
    loss, accuracy, held_out, error = figure.axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    assert [line.get_label() for line in accuracy.lines] == ["validation"]
    assert accuracy.lines[0].get_linestyle() == loss.lines[1].get_linestyle()
    assert [len(panel.get_legend().get_texts()) if panel.get_legend() else 0 for panel in figure.axes] == [2, 1, 0, 2]
    np.testing.assert_array_equal(loss.lines[1].get_ydata(), [3.5, 2.5])
    np.testing.assert_array_equal(loss.lines[1].get_xdata(), [1, 2])
    assert [panel.get_ylabel() for panel in (accuracy, held_out, error)] == ["accuracy", "held out", "error"]
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear")
    assert len({(line.get_linestyle(), line.get_marker()) for line in error.lines}) == 2
    drawn(figure)


@needs_matplotlib
def test_the_history_that_fit_returns_is_drawn():
    history = network().fit(X, T, epochs=3, validation=(X, T), progress=False)
    (panel,) = plot.history(history).axes
    np.testing.assert_array_equal(panel.lines[0].get_ydata(), history.loss)


@needs_matplotlib
def test_an_epoch_is_a_whole_number_even_where_there_is_but_one():
    for epochs in (1, 2, 3):
        (panel,) = plot.history(record(loss=[1.0] * epochs)).axes
        low, high = panel.get_xlim()
        ticks = [tick for tick in panel.get_xticks() if low <= tick <= high]
        assert ticks == [*range(1, epochs + 1)]


@pytest.mark.parametrize("told", [record(), record(loss=[])])
def test_a_history_of_nothing_is_refused(told):
    with pytest.raises(DataError, match="no epochs"):
        plot.history(told)


@needs_matplotlib
def test_every_activation_of_one_number_stands_on_the_sheet():
    figure = plot.activations()
    shown = {panel.get_title() for panel in figure.axes if panel.lines}
    assert {"sigmoid", "tanh", "relu", "leaky relu (slope 0.01)"} <= shown
    assert "softmax" not in shown
    drawn(figure)


@needs_matplotlib
def test_the_derivative_is_that_of_the_function():
    (panel,) = plot.activations([mg.sigmoid], reach=2.0).axes
    s, theta = next(line for line in panel.lines if line.get_label() == "θ(s)").get_data()
    slope = next(line for line in panel.lines if line.get_label() == "θ′(s)").get_ydata()
    np.testing.assert_allclose(slope[1:-1], np.gradient(theta, s)[1:-1], atol=1e-4)


@needs_matplotlib
def test_one_activation_needs_no_list():
    assert [panel.get_title() for panel in plot.activations(mg.tanh).axes] == ["tanh"]


@pytest.mark.parametrize("chosen", [[], [mg.softmax], [mg.add], ["tanh"], [np.tanh], [mg.ELU]])
def test_what_has_no_curve_is_refused(chosen):
    with pytest.raises(SettingError):
        plot.activations(chosen)


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


def test_no_two_styles_are_alike():
    many = series_styles(49)
    assert len({style.color for style in many[:7]}) == len({style.marker for style in many[:7]}) == 7
    assert len(set(many)) == len({(style.color, style.marker) for style in many}) == 49


@needs_matplotlib
def test_a_legend_of_long_names_is_not_cut_off():
    names = ["a class with quite a long name", "another one that is as long as the first", "c"]
    figure = plot.decision_boundary(network(3), X, np.arange(len(X)) % 3, names=names)
    drawn(figure)
    (legend,) = figure.legends
    box, page = legend.get_window_extent(), figure.bbox
    assert page.x0 <= box.x0 < box.x1 <= page.x1


@needs_matplotlib
def test_a_boundary_may_be_that_of_another_library_and_of_logits():
    figure = plot.decision_boundary(
        SimpleNamespace(predict=lambda rows: rows[:, 0] - 0.5), X, np.eye(2)[T], threshold=0
    )
    drawn(figure)


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
    assert panel.get_title() == "3 of 4 right: 75.0%"
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a", "b", "c"]
    drawn(figure)


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
    with pytest.raises(DataError, match="differ in number"):
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


@needs_matplotlib
def test_a_history_plots_itself():
    figure = mg.History([0.5, 0.2], [0.6, 0.3], {"accuracy": [0.7, 0.9]}).plot()
    assert len(figure.axes) == 2
    drawn(figure)
