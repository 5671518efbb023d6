"""What comes with an extra, or with the system: a test that meets a missing one is skipped and says which."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec

EXTRA_OF = {
    "sklearn": "data",
    "matplotlib": "plot",
    "anywidget": "widget",
    "pygraphviz": "draw",
    "torch": "oracle",
}
"""The extra that brings each optional package."""


def reason_to_skip(traceback: str) -> str | None:
    """Why a traceback is no failure: it ends for want of something optional that is truly not here."""
    for name in re.findall(r"No module named '(\w+)", traceback):
        if name in EXTRA_OF and find_spec(name) is None:
            return f"{name} is not installed: pip install '.[{EXTRA_OF[name]}]'"
    if "RenderError: cannot make" in traceback and shutil.which("dot") is None and find_spec("pygraphviz") is None:
        return "no Graphviz here: pip install '.[draw]'"
    return None
