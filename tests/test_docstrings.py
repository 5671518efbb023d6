"""Docstrings are true and complete: their examples run, and public ones say what to pass and how it is used."""

from __future__ import annotations

import doctest
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import minigrad
from tests.optional import reason_to_skip
from tests.reference import GROUPS, entries, page, public_names, takes_arguments

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(minigrad.__path__, "minigrad.") if "__main__" not in module.name
)
MOST_WITHOUT_ARGS = 0
MOST_WITHOUT_EXAMPLE = 3
"""How many public names lack a section: the three methods of EarlyStopping that `fit` calls, and nobody else."""


@pytest.mark.parametrize("module", ["minigrad", *MODULES])
@pytest.mark.usefixtures("restored_registries")
def test_the_examples_of_a_module_run(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    thing = import_module(module)
    report: list[str] = []
    for example in finder.find(thing, module, extraglobs={"mg": minigrad, "np": np}):
        runner.run(example, out=report.append)
    text = "".join(report)
    if text and (reason := reason_to_skip(text)):
        pytest.skip(reason)
    assert not text, text


@pytest.mark.parametrize(
    ("section", "most"), [("Args:", MOST_WITHOUT_ARGS), ("Example:", MOST_WITHOUT_EXAMPLE)], ids=["Args", "Example"]
)
def test_public_docstrings_have_the_section(section: str, most: int):
    pattern = re.compile(rf"^\s*{section}|>>>" if section == "Example:" else rf"^\s*{section}\s*$", re.MULTILINE)
    lacking = [e.name for _, e in entries() if takes_arguments(e) and not pattern.search(e.text)]
    assert len(lacking) <= most, f"{len(lacking)} public docstrings lack {section} {', '.join(lacking)}"


def test_every_public_name_belongs_to_one_group_of_the_reference():
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len({*grouped})
    assert {*public_names(minigrad)} - {*grouped} == {"MinigradError"}, "give it a group in tests/reference.py"


def test_the_reference_is_what_the_docstrings_say():
    written = (Path(__file__).parent.parent / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == page(), "write it anew: python -m tests.reference --write docs/reference.md"
