"""Formulas with slots: which slot is which, and when its filling needs parentheses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from minigrad.symbolic import DOTS, Symbol, namespace
from minigrad.symbolic.slots import slot_template

a, b, c = (Symbol("", name) for name in "abc")


def shape(formula: Any) -> str:
    """Return a template in short: a slot by its number, with the level up to which it needs parentheses."""
    markup = slot_template(formula).markup.replace(' data-times=""', "")
    markup = re.sub(r'<mi data-slot="(\d+)"(?: data-fence="(\w)\w+")?></mi>', lambda m: f"[{m[1]}{m[2] or ''}]", markup)
    return re.sub("<[^>]*>", "", markup).replace(" ", "").replace("&#x2061;", "")


@pytest.mark.parametrize(
    ("formula", "short"),
    [
        (a + b, "[0]+[1n]"),
        (a - b, "[0]−[1n]"),
        (a * b + c, "[0n]·[1n]+[2n]"),
        (-a, "−[0n]"),
        (a * a, "[0p]2"),
        ((a - b) * (a - b) * 0.5, "12·([0]−[1n])2"),
        (a / b, "[0][1]"),
        (namespace.exp(-a), "e−[0n]"),
        (namespace.tanh(a), "tanh([0])"),
        (namespace.abs(a), "|[0]|"),
        (namespace.where(a > 0, b, 0.3 * b), "{[0][1]&gt;00.3·[0n][1]≤0"),
        (namespace.where(a, b, c), "{[0][1]≠0[2][1]=0"),
        (a * b + DOTS + c, "[0n]·[1n]+…+[2n]"),
    ],
)
def test_slots_and_their_parentheses(formula: Any, short: str) -> None:
    assert shape(formula) == short


def test_slots_are_numbered_as_they_appear_behind_those_that_are_given() -> None:
    assert slot_template(b * a + b).symbols == (b, a)
    template = slot_template(b * a + b, (a, c))
    assert template.symbols == (a, c, b)
    assert re.findall(r'slot="(\d)"', template.markup) == ["2", "0", "2"]


def test_operands_that_are_left_out_have_no_slots() -> None:
    symbols = [Symbol("", f"x{number}") for number in range(20)]
    template = slot_template(sum(symbols[1:], symbols[0]))
    assert template.symbols == (*symbols[:6], symbols[-1])
    assert template.markup.count("…") == 1


def test_formulas_of_one_form_have_one_template() -> None:
    assert slot_template(a * b + c).markup == slot_template(c * a + b).markup
