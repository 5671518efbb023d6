"""JavaScript of pages, run by Node.js in one process."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import minigrad as mg
from minigrad.pages.steps import StepData

PAGES = Path(mg.__file__).parent / "pages"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


def run_node(source: str, folder: Path, imports: dict[str, str]) -> list[Any]:
    """Run a module and return what it printed, a line of JSON each; `imports` are names by module of the package."""
    lines = [f"import {{ {names} }} from {json.dumps((PAGES / module).as_uri())};" for module, names in imports.items()]
    script = folder / "run.mjs"
    script.write_text("\n".join([*lines, source]), encoding="utf-8")
    node = subprocess.run(["node", str(script)], capture_output=True, text=True, check=False, encoding="utf-8")
    assert node.returncode == 0, node.stderr[:3000]
    return [json.loads(line) for line in node.stdout.splitlines()]


def model_source(step_data: StepData) -> str:
    """Return an expression that makes the model of a page."""
    return f"new Model({json.dumps(step_data.data)}, {step_data.program})"
