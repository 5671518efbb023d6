"""Plots of training and of activations, described by their panels, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import minigrad as mg
from minigrad import plot
from minigrad.errors import DataError, SettingError
from minigrad.plot.training import op_title
from tests.laws import OPS
from tests.plot.figures import T, X, drawn, needs_matplotlib, network, record


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


def test_plain_numbers_are_no_history():
    with pytest.raises(DataError, match=r"found \[0.5, 0.2\].*minigrad.History\(losses\)"):
        plot.history([0.5, 0.2])


@needs_matplotlib
def test_every_activation_of_one_number_stands_on_the_sheet(monkeypatch):
    monkeypatch.setattr("minigrad.plot.training.registry", OPS)  # without those that other tests define
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
def test_a_history_plots_itself():
    figure = mg.History([0.5, 0.2], [0.6, 0.3], {"accuracy": [0.7, 0.9]}).plot()
    assert len(figure.axes) == 2
    drawn(figure)


def test_a_title_has_the_settings_of_an_op():
    assert op_title(mg.LeakyReLU(0.25)) == "leaky relu (slope 0.25)"


@pytest.mark.usefixtures("restored_registries")
def test_a_setting_that_is_no_number_stands_in_the_title_too():
    @dataclass(frozen=True)
    class Shifted(mg.Activation):
        shift: float | None = None
        label = "shifted, to plot"

    assert op_title(Shifted()) == "shifted, to plot (shift None)"
