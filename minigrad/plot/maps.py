"""Plots of two dimensions: decisions over two features, a confusion matrix, weights as images."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod, sqrt
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from minigrad._format import describe_value
from minigrad._labels import check_threshold, class_labels, default_threshold
from minigrad._validation import (
    as_tuple,
    check_integer,
    finite_array,
    impossible_setting,
    numeric_array,
    whole_numbers,
)
from minigrad.errors import DataError, OperandError, SettingError, ShapeError
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.ops.base import Shape
from minigrad.plot.style import INK, MUTED, label_axes, new_figure, series_styles
from minigrad.structure import read_structure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIGNED = "cividis"
"""From dark to light: the sign is read by lightness, and by the color-blind as by others."""
GRID = 240
MOST_CLASSES = 200
MOST_NUMBERS = 120
"""Cells of a matrix that have their numbers written in them."""


class Predictor(Protocol):
    """Anything that predicts for rows of samples: a network, or an estimator of scikit-learn."""

    def predict(self, X: Any, /) -> np.ndarray: ...


def decision_boundary(
    network: Predictor, X: Any, T: Any, *, names: Sequence[str] = (), threshold: float | None = None
) -> Figure:
    """Plot the output of a network over its two inputs, the decision boundary, and the data.

    With one output the color shows its value, and the boundary is where it equals the threshold; with several, the
    color shows the class of the largest. Classes differ in marker as well as in color.

    Args:
        network: A `Network`, or anything else with `predict`, such as an estimator of scikit-learn.
        X: Samples, of shape (samples, 2).
        T: Class labels 0, 1, … or −1 and 1 of shape (samples,), or one-hot rows of shape (samples, classes).
        names: Names of the classes, for the legend.
        threshold: The output at the boundary: 0.5 for probabilities, 0 for logits. None for 0 with targets −1 and 1,
            else 0.5.

    Returns:
        A matplotlib `Figure`.

    Raises:
        DataError: If `X` has not two columns, or `X` and `T` differ in number.
        SettingError: If the threshold is not a number.
        RenderError: If matplotlib is not installed.

    Example:
        >>> import minigrad as mg
        >>> X, T = mg.datasets.two_moons(50, seed=0)
        >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, mg.sigmoid, rng=0))
        >>> figure = mg.plot.decision_boundary(network, X, T, names=["upper", "lower"])
        >>> [text.get_text() for text in figure.legends[0].get_texts()]
        ['upper', 'lower']
    """
    if not callable(getattr(network, "predict", None)):
        raise OperandError("not a network", found=describe_value(network), expected="an object with predict")
    rows, labels = finite_array(X, "samples"), class_labels(T, "targets", MOST_CLASSES)
    boundary = check_threshold(threshold, default_threshold(numeric_array(T, "targets")))
    if rows.ndim != 2 or rows.shape[1] != 2 or len(rows) != len(labels):
        found, expected = f"X {rows.shape}, T {labels.shape}", "X (samples, 2), T (samples,)"
        raise DataError("a decision boundary needs two inputs", found=found, expected=expected)
    low, high = rows.min(axis=0), rows.max(axis=0)
    margin = 0.12 * np.where(high > low, high - low, 1.0)
    across, along = (np.linspace(a, b, GRID) for a, b in zip(low - margin, high + margin, strict=True))
    plane = np.stack(np.meshgrid(across, along), axis=-1).reshape(-1, 2)
    outputs = np.asarray(network.predict(plane), float).reshape(len(plane), -1)
    count = max(outputs.shape[1], labels.max(initial=1) + 1)
    styles = series_styles(count)
    figure, (panel,) = new_figure(6.2, 4.8)
    if outputs.shape[1] == 1:
        field = outputs.reshape(GRID, GRID)
        reach = float(f"{max(float(np.max(np.abs(field - boundary))), 1e-12):.2g}")
        levels = np.linspace(boundary - reach, boundary + reach, 13)
        if not np.isfinite(levels).all():
            raise impossible_setting("threshold", threshold, "a number among the outputs")
        filled = panel.contourf(across, along, field, levels, cmap="RdBu", alpha=0.55, extend="both")
        draw_boundary(panel, across, along, field, [boundary])
        figure.colorbar(filled, ax=panel, label=f"output (boundary at {boundary:g})", ticks=levels[::3], format="%.2g")
        order = [1, 0, *range(2, count)]  # red is low, blue is high
    else:
        field = outputs.argmax(axis=1).reshape(GRID, GRID)
        order = list(range(count))
        edges = [label - 0.5 for label in range(count + 1)]
        panel.contourf(across, along, field, edges, colors=[style.color for style in styles], alpha=0.25)
        draw_boundary(panel, across, along, field, edges)
    titles = class_names(names, count, "class ")
    for label, title in enumerate(titles):
        style, points = styles[order[label]], rows[labels == label].T
        face = {"color": style.color, "marker": style.marker, "edgecolor": "white", "linewidth": 0.6}
        panel.scatter(*points, s=36, label=title, **face)
    label_axes(panel, "$x_1$", "$x_2$")
    close_frame(panel)
    figure.legend(loc="outside upper center", ncols=legend_columns(titles, 6.0), frameon=False)
    return figure


def legend_columns(names: Sequence[str], width: float) -> int:
    """Return how many entries of a legend fit beside one another in so many inches."""
    longest = max(map(len, names), default=0)
    return max(1, min(len(names), int(width / (0.09 * longest + 0.5))))


def close_frame(panel: Any) -> None:
    """Draw all four sides of the frame of a panel."""
    panel.spines[:].set_visible(True)
    panel.spines[:].set_color(MUTED)


def class_names(names: Sequence[str], count: int, before: str = "") -> list[str]:
    """Return a name for each class, its number where there is none; raise SettingError for what is no list of names."""
    known = as_tuple(names, (str, int, float, np.generic), "names", "a list of names")
    return [
        describe_value(known[label], 40, str) if label < len(known) else f"{before}{label}" for label in range(count)
    ]


def draw_boundary(
    panel: Any, across: np.ndarray, along: np.ndarray, field: np.ndarray, levels: Sequence[float]
) -> None:
    """Draw the lines on which a field crosses some levels, those that it crosses."""
    crossed = [level for level in levels if field.min() < level < field.max()]
    if crossed:
        panel.contour(across, along, field, crossed, colors=INK, linewidths=1.4)


def plot_confusion_matrix(T: Any, Y: Any, *, names: Sequence[str] = (), threshold: float | None = None) -> Figure:
    """Plot how many samples of each class were predicted as which class, with the share of the true class.

    Args:
        T: True classes: labels 0, 1, … or −1 and 1 of shape (samples,), or one-hot rows of shape (samples, classes).
        Y: Predictions, as `Network.predict` returns them: outputs of shape (samples, classes), one output for each
            sample, or labels.
        names: Names of the classes.
        threshold: With one output for each sample, class 1 is above it: 0.5 for probabilities, 0 for logits. None for 0
            with targets −1 and 1, else 0.5.

    Returns:
        A matplotlib `Figure` with a row for each true class and a column for each predicted class.

    Raises:
        DataError: If `T` and `Y` differ in number, or are not classes.
        RenderError: If matplotlib is not installed.

    Example:
        >>> import minigrad as mg
        >>> figure = mg.plot.confusion_matrix([0, 1, 1, 1], [0.1, 0.4, 0.8, 0.9], names=["no", "yes"])
        >>> figure.axes[0].get_title()
        '3 of 4 correct: 75.0%'
    """
    true = class_labels(T, "targets", MOST_CLASSES)
    divider = check_threshold(threshold, default_threshold(numeric_array(T, "targets")))
    predicted = class_labels(Y, "predictions", MOST_CLASSES, divider)
    if len(true) != len(predicted):
        raise DataError("targets and predictions differ in number", found=f"{len(true)} and {len(predicted)}")
    size = max(true.max(), predicted.max()) + 1
    counts = np.zeros((size, size), int)
    np.add.at(counts, (true, predicted), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    titles = class_names(names, size)
    inches = min(max(3.6, 0.62 * size + 1.6), 12.0)
    figure, (panel,) = new_figure(inches + 0.9, inches)
    image = panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    slant = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, titles)) > 4 else {}
    panel.set_xticks(range(size), titles, **slant)
    panel.set_yticks(range(size), titles)
    label_axes(panel, "predicted class", "true class")
    for (row, column), count in np.ndenumerate(counts):
        if size <= 20 and count:
            share = shares[row, column]
            text = f"{count}\n{share:.0%}" if size <= 12 else str(count)
            panel.text(column, row, text, ha="center", va="center", size=9, color="white" if share > 0.5 else INK)
    panel.set_title(
        f"{np.trace(counts)} of {len(true)} correct: {np.trace(counts) / len(true):.1%}", size=10, color=INK
    )
    figure.colorbar(image, ax=panel, label="share of the true class", shrink=0.8)
    close_frame(panel)
    return figure


def weights(network: HasGraph | Graph, *, layer: int = 1, shape: Shape | None = None, most: int = 64) -> Figure:
    """Plot the weights of a layer: one matrix with a row for each neuron, or one image for each neuron.

    Dark is negative and light positive, on one scale for all neurons; a small matrix shows its numbers.

    Args:
        network: A `Network`, or a `Graph` with neurons.
        layer: The number of the layer, 1 for the first that has weights.
        shape: The shape (height, width) of an image, if the layer reads images; each neuron is then shown as an image.
        most: The largest number of neurons shown.

    Returns:
        A matplotlib `Figure`.

    Raises:
        SettingError: If there is no such layer.
        ShapeError: If the neurons have not height · width weights each.
        RenderError: If matplotlib is not installed.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([6, 5, 2], rng=0))
        >>> mg.plot.weights(network, shape=(2, 3), most=4).get_suptitle()
        'weights of layer 1, 4 of 5 neurons'
    """
    names, sources, W = weight_matrix(graph_of(network), check_integer(layer, "layer", 1))
    count, total = min(len(W), check_integer(most, "most", 1)), len(W)
    W, names = W[:count], names[:count]
    largest = float(np.max(np.abs(W))) or 1.0
    scale = {"cmap": SIGNED, "vmin": -largest, "vmax": largest}
    title = f"weights of layer {layer}" + (f", {count} of {total} neurons" if count < total else "")
    if shape is None:
        figure, panels = new_figure(min(2.6 + 0.55 * W.shape[1], 14), min(1.6 + 0.5 * count, 12))
        image = panels[0].imshow(W, aspect="auto", **scale)
        every = ceil(W.shape[1] / 40)
        panels[0].set_xticks(range(0, W.shape[1], every), sources[::every], rotation=90 if W.shape[1] > 12 else 0)
        panels[0].set_yticks(range(count), names, fontsize=9 if count <= 40 else 5)
        if W.size <= MOST_NUMBERS:
            for (row, column), weight in np.ndenumerate(W):
                color = INK if weight > 0.1 * largest else "white"
                panels[0].text(column, row, format_signed(weight), ha="center", va="center", size=8, color=color)
        close_frame(panels[0])
    else:
        shape = whole_numbers(shape, "shape")
        if len(shape) != 2 or min(shape) < 1 or prod(shape) != W.shape[1]:
            expected = f"(height, width) of {W.shape[1]} pixels"
            raise ShapeError("weights do not fill such images", node=f"layer {layer}", found=shape, expected=expected)
        columns = ceil(sqrt(1.6 * count))
        figure, panels = new_figure(1.1 * columns + 1.2, 1.25 * ceil(count / columns) + 0.5, columns, count)
        for panel, name, row in zip(panels, names, W, strict=True):
            image = panel.imshow(row.reshape(shape), **scale)
            panel.set_title(name, size=8, color=MUTED, pad=2)
            panel.set_xticks([])
            panel.set_yticks([])
            close_frame(panel)
    figure.colorbar(image, ax=panels.tolist(), label="weight (dark −, light +)", shrink=0.9)
    figure.suptitle(title, size=10, color=INK)
    return figure


def weight_matrix(graph: Graph, layer: int) -> tuple[list[str], list[str], np.ndarray]:
    """Return the names of the neurons of a layer, of what they read, and the weights, a row a neuron, 0 for none."""
    structure = read_structure(graph)
    if layer > len(structure.layers):
        raise SettingError("no such layer", node="layer", found=layer, expected=f"at most {len(structure.layers)}")
    neurons = structure.layers[layer - 1]
    sources, entries = structure.weights(neurons)
    W = np.zeros((len(neurons), len(sources)))
    for column, row, weight in entries:
        W[row, column] += np.asarray(weight.value, float)
    return [*map(structure.name, neurons)], [*map(structure.name, sources)], W


def format_signed(weight: float) -> str:
    """Format a weight with its sign, as the color scale does."""
    return f"{weight:+.2f}".replace("-", "−")
