"""What type checkers know of minigrad, on a user's script that imports it."""

from __future__ import annotations

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
    settings = ["--strict", "--no-incremental", "--config-file", "", "--python-executable", sys.executable]
    done = subprocess.run(
        [checker("mypy"), *settings, str(SCRIPT)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_pyright_knows_the_types():
    command = [checker("basedpyright"), "--level", "error", "--pythonpath", sys.executable, str(SCRIPT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
