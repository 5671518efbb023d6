"""Renderers are tried in turn; an error tells what was tried, and what is wrong with a picture is not tried twice."""

import pytest

from minigrad.drawing.backends.renderers import Renderer, failure_reason, is_installed, render_with_first
from minigrad.errors import RenderError


def renderer(name, result, formats=("svg",), available=True):
    def render(source, form):
        if isinstance(result, Exception):
            raise result
        return result

    return Renderer(name, formats, lambda: available, render, f"install {name}")


def test_the_first_that_works_makes_the_picture():
    renderers = [
        renderer("absent", b"1", available=False),
        renderer("other", b"2", formats=("png",)),
        renderer("broken", OSError("no\nlibrary")),
        renderer("good", b"4"),
        renderer("late", b"5"),
    ]
    assert render_with_first(renderers, "", "svg", "help") == b"4"
    with pytest.raises(RenderError, match=r"no absent, other makes no svg, broken failed: no library\. help"):
        render_with_first(renderers[:3], "", "svg", "help")


def test_a_picture_that_cannot_be_drawn_here_is_reported_as_it_is():
    with pytest.raises(RenderError, match="no font"):
        render_with_first([renderer("first", RenderError("no font")), renderer("second", b"2")], "", "svg", "help")


def test_reasons():
    error = OSError("text")
    error.stderr = b"what the program\nprinted"
    assert failure_reason(error) == "what the program printed"
    assert failure_reason(ValueError()) == "ValueError"
    assert is_installed("json", "re")
    assert not is_installed("json", "no_such_package")
