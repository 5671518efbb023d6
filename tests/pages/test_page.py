"""A page as a file and in a notebook."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

import minigrad as mg
from minigrad.errors import FileError, RenderError

HTML = "<!doctype html><title>δ & \"quotes\"</title><p onclick='x'>"


@pytest.fixture
def page() -> mg.Page:
    return mg.Page(HTML, "δ & <b>")


@pytest.mark.parametrize("name", ["page.html", "page.HTM"])
def test_save_writes_the_page_and_returns_the_path(page: mg.Page, tmp_path: Path, name: str):
    assert page.save(tmp_path / name) == tmp_path / name
    assert (tmp_path / name).read_bytes() == HTML.encode()
    assert page.save(str(tmp_path / name)) == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["page", "page.svg", "page.html.txt"])
def test_another_suffix_is_refused(page: mg.Page, tmp_path: Path, name: str):
    with pytest.raises(RenderError, match=r"found '" + name.replace(".", r"\.") + r"', expected \.html or \.htm"):
        page.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written(page: mg.Page, tmp_path: Path):
    with pytest.raises(FileError):
        page.save(tmp_path / "missing" / "page.html")


def test_repr_is_short(page: mg.Page):
    assert repr(page) == "<Page 'δ & <b>', 1 kB; .save('….html')>"
    assert len(repr(mg.Page(HTML, "long " * 1000))) < 200


def test_a_notebook_shows_the_page_in_a_frame_without_rights(page: mg.Page):
    frame = page._repr_html_()
    assert frame.startswith('<iframe title="δ &amp; &lt;b&gt;" srcdoc="')
    assert unescape(frame.partition('srcdoc="')[2].partition('"')[0]) == HTML
    assert 'sandbox="allow-scripts"' in frame
    assert 'width="100%"' in frame
