"""A finished picture: its files, and what a notebook shows."""

import pytest

from minigrad.drawing import VIEWS, draw
from minigrad.drawing.backends.graphviz_runner import RENDERERS, run_graphviz
from minigrad.drawing.backends.svg_converter import CONVERTERS
from minigrad.drawing.drawing import Drawing
from minigrad.errors import RenderError
from tests.drawing import networks

GRAPHVIZ_VIEWS = {"expression", "backprop", "explain", "ends", "layers"}
"""The views whose layout Graphviz computes."""
BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
TEXTS = ("dot", "gv", "mmd", "txt")


@pytest.fixture(scope="module", params=sorted(VIEWS))
def of_a_view(request):
    """A picture in each view there is."""
    return networks.draw_view(networks.small(), request.param)


def can_make(drawing, form):
    """Return whether a renderer that is here makes a picture file in a format."""
    if form == "svg" and drawing.figure is not None:
        return True
    renderers = RENDERERS if drawing.figure is None else CONVERTERS
    return any(form in renderer.formats and renderer.is_available() for renderer in renderers)


def needed(drawing, form):
    """Return what an error says is missing here for a format."""
    if drawing.figure is None:
        return r"no dot, no pygraphviz, .*pip install 'minigrad-bp\[draw\]'"
    return {
        "png": r"no resvg-py.*pip install 'minigrad-bp\[draw\]'",
        "pdf": r"no cairosvg.*'minigrad-bp\[pdf\]' and the cairo library",
    }[form]


def check_file(drawing, path, form):
    """Save a picture: as a file of the format where something here makes it, else with an error and without a file."""
    afresh = Drawing(drawing.diagram, drawing.settings)  # nothing of it is computed yet
    if can_make(afresh, form):
        content = afresh.save(path).read_bytes()
        assert content.startswith(BEGINNINGS[form])
        assert len(content) > 500
    else:
        with pytest.raises(RenderError, match=needed(afresh, form)):
            afresh.save(path)
        assert not path.exists()


@pytest.mark.parametrize("form", BEGINNINGS)
def test_every_view_becomes_every_picture_file(of_a_view, tmp_path, form):
    check_file(of_a_view, tmp_path / f"picture.{form}", form)


@pytest.mark.parametrize("form", BEGINNINGS)
def test_without_any_renderer(of_a_view, tmp_path, nothing, form):
    assert can_make(of_a_view, form) == (form == "svg" and of_a_view.figure is not None)
    check_file(of_a_view, tmp_path / f"picture.{form}", form)


@pytest.mark.parametrize("form", TEXTS)
def test_texts_need_no_program(of_a_view, tmp_path, form, nothing):
    text = of_a_view.save(str(tmp_path / f"picture.{form}")).read_text(encoding="utf-8")
    assert len(text) > 10


def test_networks_need_no_graphviz(of_a_view):
    assert of_a_view.figure is not None or of_a_view.diagram.view in GRAPHVIZ_VIEWS


def test_graphviz_draws_the_source_of_every_view(of_a_view):
    if not any(renderer.is_available() for renderer in RENDERERS):
        pytest.skip("needs a graphviz")
    assert b"<svg" in run_graphviz(of_a_view.source, "svg")


def test_png_never_comes_from_graphviz_where_the_picture_is_ours(nothing, monkeypatch):
    monkeypatch.setattr("minigrad.drawing.drawing.run_graphviz", lambda source, form: b"another picture")
    with pytest.raises(RenderError, match="no resvg-py"):
        draw(networks.small(), "neurons").save("picture.png")


def test_suffixes_in_capitals(tmp_path):
    assert draw(networks.small()).save(tmp_path / "picture.SVG").read_bytes().startswith(b"<?xml")


def test_unknown_suffix(drawing, tmp_path):
    with pytest.raises(RenderError, match=r"\.svg \.png"):
        drawing.save(tmp_path / "picture.jpeg")


def test_notebooks_show_networks_without_any_program(drawing, nothing):
    bundle = drawing._repr_mimebundle_(include=None, exclude=None)
    assert bundle["image/svg+xml"].startswith("<?xml")


def test_notebooks_show_text_and_help_where_graphviz_is_missing(nothing):
    bundle = draw(networks.micrograd_example(), "expression")._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "tanh" in bundle["text/plain"]
    assert "pip install" in bundle["text/plain"]


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
