"""`python -m minigrad`: what is installed here, which renderers work, and how to get the others."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import minigrad
from minigrad.drawing.backends.graphviz_runner import RENDERERS
from minigrad.drawing.backends.renderers import Renderer
from minigrad.drawing.backends.svg_converter import CONVERTERS

COMPANIONS = {
    "numpy": "computes",
    "graphviz": "writes DOT text",
    "scikit-learn": "brings data: pip install 'minigrad-bp[data]'",
    "matplotlib": "plots: pip install 'minigrad-bp[plot]'",
    "anywidget": "shows training live in notebooks: pip install 'minigrad-bp[widget]'",
}
PROBE = "digraph { works }"
SVG_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">x</text></svg>'


def main() -> int:
    """Print the report; return the exit status, 0 if every picture can be laid out and 1 if some show as text."""
    print(f"minigrad {minigrad.__version__}")
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}\n")
    for name, purpose in COMPANIONS.items():
        print(f"  {name:14} {installed(name) or 'missing':12} {purpose}")
    print("\nPictures of networks need no program as .svg; other files of them are made by:")
    report(CONVERTERS, SVG_PROBE)
    print("\nOther pictures are laid out by the first of these that works:")
    works = report(RENDERERS, PROBE)
    if not works:
        print("  none works: these pictures show as text; .dot, .mmd and .txt files can be saved")
    return 0 if works else 1


def report(renderers: Sequence[Renderer], probe: str) -> bool:
    """Print which renderers work, what they make, and how to get them; return whether one works."""
    states = {renderer: state(renderer, probe) for renderer in renderers}
    for renderer, status in states.items():
        print(f"  {renderer.name:14} {status:12} {', '.join(renderer.formats)}; to get it: {renderer.cure}")
    return "works" in states.values()


def installed(distribution: str) -> str | None:
    """Return the version of a distribution; None if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def state(renderer: Renderer, probe: str) -> str:
    """Return "works", "not found", or how a renderer fails to draw one text."""
    if not renderer.is_available():
        return "not found"
    try:
        renderer.render(probe, renderer.formats[0])
    except Exception as error:  # a renderer may fail in ways of its own, which is what this report is for
        return f"fails: {str(error)[:60]}"
    return "works"


if __name__ == "__main__":
    sys.exit(main())
