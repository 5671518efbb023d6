"""docs/architecture.md, its drawing, the contract in pyproject.toml and the package show the same layers."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import minigrad

PACKAGE = Path(minigrad.__file__).parent
ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DRAWING = (ROOT / "docs" / "pictures" / "architecture.svg").read_text(encoding="utf-8")
PATHS = ("number", "sample", "picture", "compilation")

Layers = dict[int, set[str]]
"""The packages and modules of each layer, by its number."""


def layers_of_the_contract() -> Layers:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = (contract for contract in config["contracts"] if contract["type"] == "layers")
    assert contract["containers"] == ["minigrad"]
    rows = reversed(contract["layers"])  # the contract has the top layer first
    return {number: set(re.split(r" [|:] ", row)) for number, row in enumerate(rows, start=1)}


def layers_of_the_page() -> Layers:
    rows = re.findall(r"^\| (\d) \| (.+?) \|", PAGE, re.MULTILINE)
    return {int(number): set(re.findall(r"`(\w+)`", names)) for number, names in rows}


def layers_of_the_drawing() -> Layers:
    bands = re.findall(r'<g class="layer">(.+?)</g>', DRAWING, re.DOTALL)
    layers = {}
    for band in bands:
        (number,) = re.findall(r'class="number"[^>]*>(\d)<', band)
        layers[int(number)] = set(re.findall(r'class="name"[^>]*>(\w+)<', band))
    return layers


def layer_of(module: str) -> int:
    """Return the number of the layer that a path inside the package belongs to."""
    name = module.split("/", maxsplit=1)[0].removesuffix(".py")
    (number,) = (number for number, names in layers_of_the_contract().items() if name in names)
    return number


def modules_named(text: str) -> list[str]:
    """Return the paths of modules, and of packages with a slash at their end, that a text names."""
    return re.findall(r"`((?:\w+/)*\w+\.py|(?:\w+/)+)`", text)


def test_page_drawing_and_contract_have_the_same_layers():
    assert layers_of_the_page() == layers_of_the_contract()
    assert layers_of_the_drawing() == layers_of_the_contract()


def test_every_module_belongs_to_one_layer():
    names = [name for layer in layers_of_the_contract().values() for name in layer]
    assert len(names) == len(set(names))
    entries = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")}
    assert entries - {"__init__"} == set(names)


@pytest.mark.parametrize("module", sorted({*modules_named(PAGE)}))
def test_a_module_on_the_page_exists(module: str):
    assert (PACKAGE / module).exists()


@pytest.mark.parametrize("path", PATHS)
def test_a_path_goes_through_the_layers_that_the_drawing_shows(path: str):
    section = PAGE.partition(f"## The path of a {path}\n")[2].partition("\n## ")[0]
    (layers,) = re.findall(rf'data-layers="([\d ]+)"><title>a {path}<', DRAWING)
    assert {layer_of(module) for module in modules_named(section)} == {*map(int, layers.split())}
