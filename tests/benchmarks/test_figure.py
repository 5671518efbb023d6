"""The plot names every line, keeps the names apart, and is the same for the same figures."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install '.[plot]'")

from minigrad.plot.style import SeriesStyle
from tests.benchmarks.parts import figure
from tests.benchmarks.parts.growth import PLOTTED, PLOTTED_KINDS

STEPS = {"minigrad, fit": {8: 1e-4, 16: 2e-4}, "JAX": {8: 1.01e-4, 16: 3e-4}, "micrograd": {8: 1.0}}
GRADIENTS = {"minigrad, node by node": {1_000: 5e-6, 10_000: 5e-6}, "CasADi": {1_000: 4e-8, 10_000: 5e-8}}

CURVES = {"widths": STEPS, "scalars": GRADIENTS}


def test_every_line_has_its_name_and_its_look():
    panels = figure.draw_all(CURVES)["performance.svg"].axes
    assert [[text.get_text() for text in panel.texts] for panel in panels] == [
        ["minigrad, fit", "JAX", "micrograd"],
        ["CasADi", "minigrad, node by node"],
    ]
    heights = [text.xyann[1] for text in panels[0].texts]
    assert heights[1] - heights[0] == pytest.approx(figure.LABEL_HEIGHT)
    assert all(panel.get_xscale() == panel.get_yscale() == "log" for panel in panels)


@pytest.mark.parametrize("looks", [figure.LOOKS, figure.OPERATIONS], ids=["libraries", "operations"])
def test_looks_differ_in_more_than_color(looks: dict[str, SeriesStyle]):
    shapes = [(look.line, look.marker) for look in looks.values()]
    assert len(set(shapes)) == len(shapes)


def test_a_plot_is_drawn_where_all_its_panels_were_measured():
    assert list(figure.draw_all({"widths": STEPS})) == []
    operations = {"build": {1_000: 1e-6, 10_000: 1e-6}}
    assert list(figure.draw_all({**CURVES, "network": operations, "wide": operations})) == list(figure.PLOTS)


def test_every_operation_of_the_plot_has_a_look():
    assert set(PLOTTED) == set(figure.OPERATIONS)
    assert set(PLOTTED_KINDS) < {panel.curves for panels in figure.PLOTS.values() for panel in panels}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], []),
        ([0.1, 0.5], [0.1, 0.5]),
        ([0.5, 0.5], [0.45, 0.55]),
        ([0.1, 0.12, 0.9], [0.06, 0.16, 0.9]),
        ([0.2, 0.2, 0.2, 0.22], [0.055, 0.155, 0.255, 0.355]),
    ],
)
def test_names_are_moved_apart_and_no_further(wanted: list[float], found: list[float]):
    assert figure.spread(wanted, 0.1) == pytest.approx(found)


@pytest.mark.parametrize(("value", "text"), [(8, "8"), (1_024, "1024"), (1_000_000, "10⁶"), (10, "10¹")])
def test_powers_of_ten_are_written_as_such(value: float, text: str):
    assert figure.format_size(value) == text


def test_the_file_is_small_and_always_the_same(tmp_path: Path):
    for name in ("one.svg", "two.svg"):
        figure.save(figure.draw_all(CURVES)["performance.svg"], tmp_path / "pictures" / name)
    one, two = ((tmp_path / "pictures" / name).read_bytes() for name in ("one.svg", "two.svg"))
    assert one == two
    assert len(one) < 200_000
