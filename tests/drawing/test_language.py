"""Tests of the table of phrases: nothing in it is unused, and nothing that views say is missing."""

import ast
from functools import cache
from pathlib import Path

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.language import CHINESE
from tests.drawing import networks

PACKAGE = Path(mg.__file__).parent


@cache
def syntax_trees():
    paths = [path for path in PACKAGE.rglob("*.py") if path.name != "language.py"]
    return [ast.parse(path.read_text(encoding="utf8")) for path in paths]


def test_every_phrase_is_used():
    nodes = [node for tree in syntax_trees() for node in ast.walk(tree)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    source = "\n".join(texts)  # a noun is counted as f"{{count}} {noun}", so look for it without the count
    assert [phrase for phrase in CHINESE if phrase.removeprefix("{count} ").removesuffix("s") not in source] == []


def test_every_phrase_that_is_said_is_in_the_table():
    for tree in syntax_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "say":
                phrase = node.args[0]
                choices = [phrase.body, phrase.orelse] if isinstance(phrase, ast.IfExp) else [phrase]
                assert {choice.value for choice in choices if isinstance(choice, ast.Constant)} <= CHINESE.keys()


@pytest.mark.parametrize("view", ["neurons", "layers", "matrices", "expression", "process", "neuron", "backprop"])
def test_notes_on_the_pass_are_in_the_language_of_the_page(view):
    graph = networks.textbook()
    graph.parameters[0].value = 0.5
    assert "自" in draw(graph, view, language="zh").text
    assert "out of date" not in draw(graph, view, language="zh").text
