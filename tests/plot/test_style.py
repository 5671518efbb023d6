"""Figures and the styles of series; importing plots imports no Matplotlib."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad import plot
from minigrad.errors import RenderError
from minigrad.plot.style import series_styles
from tests.plot.figures import X, drawn, needs_matplotlib, network

ROOT = Path(__file__).parents[2]


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
    program = "import sys, minigrad as mg; mg.plot.activations(mg.tanh)._repr_png_(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert "matplotlib.pyplot" not in done.stdout.split()


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
