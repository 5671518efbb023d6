"""Symbols for names: as a textbook writes them, and any other name as typed."""

from __future__ import annotations

import pytest

from minigrad.symbolic import latex, symbol, symbols, text
from minigrad.symbolic.symbols import latex_name
from tests.symbolic.notation import balanced


@pytest.mark.parametrize(
    ("name", "in_latex"),
    [
        ("w", "w"),
        ("w11", "w_{11}"),
        ("h1.w2", "w_{h_{1},2}"),
        ("h1_2.w3", "w_{h_{1,2},3}"),
        ("theta", r"\theta"),
        ("alpha3", r"\alpha_{3}"),
        ("w₁₂⁽¹⁾", "w_{12}^{(1)}"),
        ("w₁₀,₂⁽⁰,²⁾", "w_{10,2}^{(0,2)}"),
        ("ŷ₁", r"\hat{y}_{1}"),
        ("δ₁⁽²⁾", r"\delta_{1}^{(2)}"),
        ("W⁽¹⁾", "W^{(1)}"),
        ("x₃…x₅", r"x_{3} \ldots x_{5}"),
        ("x…", r"\mathrm{x…}"),
        ("loss", r"\mathrm{loss}"),
        ("a b&c", r"\mathrm{a\ b\&c}"),
        ("$x^{2}$", r"\mathrm{\$xˆ\{2\}\$}"),
    ],
)
def test_names_in_latex(name: str, in_latex: str):
    assert latex_name(name) == in_latex


@pytest.mark.parametrize("name", ["a\nb", "\\", '"', "<b>", "权重", "🙂", "x" * 10_000, "}{", "a_", "", "."])
def test_any_name_is_shown_as_typed_and_never_as_markup(name: str):
    assert balanced(latex(symbol(name)))
    assert "\n" not in latex(symbol(name)) + text(symbol(name))
    assert len(text(symbol(name))) <= 24


def test_the_elements_of_an_array_are_numbered_from_one():
    elements = symbols("w1", (2, 2))
    assert [text(element) for element in elements.ravel()] == ["w1[1,1]", "w1[1,2]", "w1[2,1]", "w1[2,2]"]
    assert latex(elements[0, 1]) == "{w_{1}}_{1,2}"
