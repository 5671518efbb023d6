"""Every example says what it shows, and does it within a minute."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.optional import reason_to_skip

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SLOW = {"symmetry_1986", "xor"}
"""The examples that train a hundred networks, or twenty for long."""


def test_there_are_examples():
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_shows(example: Path):
    text = ast.get_docstring(ast.parse(example.read_text(encoding="utf-8")))
    assert text
    assert text.splitlines()[0].endswith((".", ":", "?"))


def run(example: Path, folder: Path, encoding: str) -> str:
    """Run an example in a folder; return what it prints."""
    searched = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", str(example)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": searched, "PYTHONIOENCODING": encoding, "MPLBACKEND": "Agg"},
        capture_output=True,
        encoding=encoding,
        timeout=60,
        check=False,
    )
    if done.returncode and (reason := reason_to_skip(done.stderr)):
        pytest.skip(reason)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "example",
    [pytest.param(path, marks=[pytest.mark.slow] if path.stem in SLOW else []) for path in EXAMPLES],
    ids=lambda path: path.stem,
)
def test_an_example_runs(example: Path, tmp_path: Path):
    assert run(example, tmp_path, "utf-8").strip(), "an example prints what it does"
    assert {path.name for path in tmp_path.iterdir()} <= {"out"}, "an example writes into the folder out alone"


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "ascii"])
@pytest.mark.parametrize("example", ["single_neuron", "rat42"])
def test_an_example_prints_in_any_encoding(example: str, encoding: str, tmp_path: Path):
    assert run(ROOT / "examples" / f"{example}.py", tmp_path, encoding)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_its_own_words_in_ascii(example: Path):
    calls = [node for node in ast.walk(ast.parse(example.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    printed = [ast.unparse(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert [text for text in printed if not text.isascii()] == []
