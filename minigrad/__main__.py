"""`python -m minigrad`: what is installed here, which renderers work, and how to get the others."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import minigrad
from minigrad.drawing.backends.graphviz_runner import RENDERERS, Renderer

COMPANIONS = {
    "numpy": "computes",
    "graphviz": "writes DOT text",
    "tqdm": "shows progress: pip install 'minigrad-bp[progress]'",
    "scikit-learn": "brings data: pip install 'minigrad-bp[data]'",
    "matplotlib": "plots: pip install 'minigrad-bp[plot]'",
}
PROBE = "digraph { works }"


def main() -> int:
    """Print the report; return the exit status, 0 if pictures can be laid out and 1 if they show as text."""
    print(f"minigrad {minigrad.__version__}")
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}\n")
    for name, purpose in COMPANIONS.items():
        print(f"  {name:14} {installed(name) or 'missing':12} {purpose}")
    print("\nPictures are laid out by the first of these that works:")
    states = {renderer: state(renderer) for renderer in RENDERERS}
    for renderer, status in states.items():
        print(f"  {renderer.name:14} {status:12} {', '.join(renderer.formats)}; to get it: {renderer.cure}")
    works = "works" in states.values()
    if not works:
        print("  none works: pictures show as text; .dot, .mmd and .txt files can be saved")
    return 0 if works else 1


def installed(distribution: str) -> str | None:
    """Return the version of a distribution; None if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def state(renderer: Renderer) -> str:
    """Return "works", "not found", or how a renderer fails to draw one node."""
    if not renderer.is_available():
        return "not found"
    try:
        renderer.render(PROBE, "svg")
    except Exception as error:  # a renderer may fail in ways of its own, which is what this report is for
        return f"fails: {str(error)[:60]}"
    return "works"


if __name__ == "__main__":
    sys.exit(main())
