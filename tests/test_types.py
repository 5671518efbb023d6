"""What type checkers know of minigrad, on a user's script that imports it."""

from __future__ import annotations

import ast
import importlib
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad

ROOT = Path(minigrad.__file__).parents[1]
SCRIPT = ROOT / "tests" / "user_script.py"


def checker(name: str) -> str:
    """Return the path of a type checker; skip the test where it is not installed."""
    command = shutil.which(name, path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip(f"{name} is not installed: pip install '.[lint]'")
    return command


def test_the_script_runs():
    names = runpy.run_path(str(SCRIPT))
    assert isinstance(names["s"], minigrad.Node)


@pytest.mark.slow
def test_mypy_knows_the_types():
    settings = ["--strict", "--follow-imports=silent", "--no-incremental", "--config-file="]
    done = subprocess.run(
        [checker("mypy"), *settings, "--python-executable", sys.executable, str(SCRIPT)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_pyright_knows_the_types():
    command = [checker("basedpyright"), "--level", "error", "--pythonpath", sys.executable, str(SCRIPT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", ["__init__.py", "optim/__init__.py"])
def test_type_checkers_know_every_public_name(module):
    """A name that only `__getattr__` gives is Any to a type checker: it is imported too, or under TYPE_CHECKING."""
    path = ROOT / "minigrad" / module
    package = importlib.import_module("minigrad" if module == "__init__.py" else "minigrad.optim")
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    known = {alias.asname or alias.name for node in imports for alias in node.names}
    known |= {child.stem if child.suffix else child.name for child in path.parent.iterdir()} | {"__version__"}
    assert {name for name in dir(package) if name[0].isupper() or name in getattr(package, "__all__", ())} <= known
