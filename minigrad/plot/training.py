"""Plots of curves: how the loss fell, and the activation functions with their derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from math import ceil
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import as_list, check_bool, check_number, is_number, numeric_array
from minigrad.core.local_derivatives import activation_curve
from minigrad.errors import DataError, SettingError
from minigrad.ops.base import Op, registry
from minigrad.plot.style import INK, MUTED, label_axes, new_figure, series_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Curves = Mapping[str, Sequence[float]]
PANELS_IN_A_ROW = 4
SET_STYLES = dict(zip(("training", "validation"), series_styles(2), strict=True))
"""The styles of training and of validation data, in every panel."""


@runtime_checkable
class HistoryLike(Protocol):
    """The record of training: numbers by name, one for each epoch."""

    @property
    def columns(self) -> Mapping[str, Sequence[float]]: ...


class RateSearchLike(Protocol):
    """The result of the learning rate finder."""

    @property
    def rates(self) -> Sequence[float]: ...

    @property
    def losses(self) -> Sequence[float]: ...

    @property
    def suggestion(self) -> float: ...


def history(record: HistoryLike, *, logarithmic: bool = False, **more: Sequence[float] | Curves) -> Figure:
    """Plot the loss over the epochs, on training and validation data, and a panel for each metric.

    Args:
        record: The `History` that `Network.fit` returns. Its metrics are those of the validation data if there is any.
        logarithmic: Whether the axis of the loss is logarithmic.
        **more: Further panels by name: one number for each epoch, or several such curves by name.

    Returns:
        A matplotlib `Figure`.

    Raises:
        DataError: If the record is no history, or has no epochs.
        RenderError: If matplotlib is not installed.

    Example:
        >>> import minigrad as mg
        >>> record = mg.History([0.5, 0.2], [0.6, 0.3], {"accuracy": [0.7, 0.9]})
        >>> figure = mg.plot.history(record, rate={"cosine": [0.1, 0.05], "constant": [0.1, 0.1]})
        >>> [panel.get_ylabel() for panel in figure.axes]
        ['loss', 'accuracy', 'rate']
    """
    if not isinstance(record, HistoryLike):
        raise DataError(
            "nothing to plot over the epochs",
            found=describe_value(record),
            expected="a History, as fit returns it",
            cure="Of your own numbers write minigrad.plot.history(minigrad.History(losses)).",
        )
    is_logarithmic = check_bool(logarithmic, "logarithmic")
    quantities: dict[str, Curves] = {}
    measured = "validation" if "validation_loss" in record.columns else "training"
    for column, values in record.columns.items():
        name = column.removeprefix("validation_")
        curve = "training" if column == "loss" else measured
        quantities[name] = {**quantities.get(name, {}), curve: values}
    for name, values_or_curves in more.items():
        curves = values_or_curves if isinstance(values_or_curves, Mapping) else {name: values_or_curves}
        quantities[name] = {label: as_curve(values, label) for label, values in curves.items()}
    if not quantities or not all(len(values) for curves in quantities.values() for values in curves.values()):
        raise DataError("the history has no epochs", cure="Train first: minigrad.plot.history(network.fit(X, T)).")
    figure, panels = new_figure(4.8 * len(quantities), 3.4, len(quantities), len(quantities))
    for panel, (name, curves) in zip(panels, quantities.items(), strict=True):
        for other, (label, values) in zip(series_styles(len(curves)), curves.items(), strict=True):
            style = SET_STYLES.get(label, other)
            marker = style.marker if len(values) <= 30 else ""
            line = {"color": style.color, "linestyle": style.line, "marker": marker, "markersize": 4}
            panel.plot(range(1, len(values) + 1), values, label=label, **line)
        label_axes(panel, "epoch", name.replace("_", " "))
        panel.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        if max(map(len, curves.values())) == 1:
            panel.set_xlim(0.5, 1.5)
        panel.grid(alpha=0.25)
        if [*curves] != [name]:
            panel.legend(frameon=False, fontsize=9)
    if is_logarithmic:
        panels[0].set_yscale("log")
    return figure


def rates(search: RateSearchLike) -> Figure:
    """Plot the loss over the growing learning rate, and the rate that is suggested.

    Args:
        search: What `mg.find_rate` returns.

    Returns:
        A matplotlib `Figure`.

    Raises:
        RenderError: If matplotlib is not installed.

    Example:
        >>> import minigrad as mg
        >>> X, T = mg.datasets.two_moons(50, seed=0)
        >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, mg.sigmoid, rng=0))
        >>> figure = mg.plot.rates(mg.find_rate(network, X, T, mg.SGD()))
        >>> figure.axes[0].get_xlabel(), figure.axes[0].get_xscale()
        ('learning rate', 'log')
    """
    figure, (panel,) = new_figure(4.8, 3.4)
    loss, suggestion = series_styles(2)
    panel.semilogx(search.rates, search.losses, color=loss.color, label="loss after a step")
    label = f"suggestion, {search.suggestion:.2g}"
    panel.axvline(search.suggestion, color=suggestion.color, linestyle=suggestion.line, label=label)
    label_axes(panel, "learning rate", "loss")
    panel.set_ylim(*loss_limits(search.losses))
    panel.grid(alpha=0.25)
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    return figure


def loss_limits(losses: Sequence[float]) -> tuple[float, float]:
    """Return limits from below the lowest to above the first loss, however the loss diverges at the end."""
    low, high = min(losses), max(losses)
    top = min(high, low + 2 * (losses[0] - low)) if losses[0] > low else high
    margin = 0.08 * (top - low or 1.0)
    return low - margin, top + margin


def activations(ops: Sequence[Op] | Op | None = None, reach: float = 4.0) -> Figure:
    """Plot activation functions θ(s) with their derivatives θ′(s).

    The derivative is computed by the backward rule, so that the plot also shows a mistake in a rule of your own.

    Args:
        ops: One activation or several, such as `[mg.tanh, mg.LeakyReLU(0.1)]`; by default every registered one, your
            own included, that has default settings and works on each number alone (not softmax).
        reach: The largest |s| shown.

    Returns:
        A matplotlib `Figure` with a panel for each activation.

    Raises:
        SettingError: If there is no activation, or one that does not work on each number alone.
        RenderError: If matplotlib is not installed.

    Example:
        >>> import minigrad as mg
        >>> figure = mg.plot.activations([mg.sigmoid, mg.LeakyReLU(slope=0.1)])
        >>> [panel.get_title() for panel in figure.axes]
        ['sigmoid', 'leaky relu (slope 0.1)']
    """
    if ops is None:
        ops = []
        for op in registry.values():
            if op.kind == "activation" and not op.stars and len(op.operands) == 1:
                with suppress(TypeError):  # one of yours may have no default settings
                    ops.append(op())
    ops = [ops] if isinstance(ops, Op) else as_list(ops, "ops")
    half_width = check_number(reach, "reach")
    if not ops or not all(isinstance(op, Op) and not op.stars and len(op.operands) == 1 for op in ops):
        raise SettingError(
            "only functions of one number can be plotted", found=describe_value(ops), expected="such as [minigrad.tanh]"
        )
    columns = min(PANELS_IN_A_ROW, len(ops))
    figure, panels = new_figure(2.9 * columns, 2.4 * ceil(len(ops) / columns) + 0.5, columns, len(ops))
    s = np.linspace(-half_width, half_width, 801)
    theta, slope = series_styles(2)
    for panel, op in zip(panels, ops, strict=True):
        y, derivative = activation_curve(op, s)
        panel.axhline(0, color=MUTED, linewidth=0.6)
        panel.axvline(0, color=MUTED, linewidth=0.6)
        panel.plot(s, y, color=theta.color, linestyle=theta.line, label="θ(s)")
        panel.plot(s, derivative, color=slope.color, linestyle=slope.line, label="θ′(s)")
        panel.set_title(op_title(op), fontsize=10, color=INK)
        panel.set_ylim(*curve_limits(y, derivative))
    figure.supxlabel("s", color=INK, fontsize=10)
    lines, names = panels[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=2, frameon=False)
    return figure


def as_curve(values: Any, name: str) -> Sequence[float]:
    """Return one number for each epoch; raise DataError for anything else."""
    numbers: list[float] = numeric_array(values, name).tolist()
    if np.ndim(numbers) != 1:
        raise DataError("not one number for each epoch", node=name, found=f"shape {np.shape(numbers)}")
    return numbers


def op_title(op: Op) -> str:
    """Return the label of an op with its settings."""
    values = {field.name: getattr(op, field.name) for field in fields(op)}
    settings = ", ".join(
        f"{name} {value:g}" if is_number(value) else f"{name} {value!r}" for name, value in values.items()
    )
    return op.label.replace("_", " ") + (f" ({settings})" if settings else "")


def curve_limits(*curves: np.ndarray) -> tuple[float, float]:
    """Return limits around all curves, at least −1 and 1 and at most −2 and 3, so that shapes can be compared."""
    points = np.concatenate([[-1.0, 1.0], *curves])
    low, high = np.nanmin(points), np.nanmax(points)
    return max(float(low), -2.0) - 0.15, min(float(high), 3.0) + 0.15
