"""The page that steps through a pass, in a browser: all that it shows is what Python computes, whatever a reader does."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import minigrad as mg
from minigrad.pages.explore import explore
from tests.pages.browser.conftest import OpenPage
from tests.pages.browser.explore_page import ExplorePage, false_numbers
from tests.pages.cases import CASES, Case, perceptron
from tests.pages.quantities import Quantities

SMALL = [name for name in CASES if name != "large"]


@cache
def page_of(name: str) -> mg.Page:
    """Return the page of a case, made once."""
    case = CASES[name]()
    return explore(case.network, case.sample, case.optimizer)


def open_case(name: str, open_page: OpenPage, **options: Any) -> ExplorePage:
    """Open the page of a case."""
    html = page_of(name).html
    return ExplorePage(open_page(html, **options), html)


@pytest.mark.parametrize("name", SMALL)
def test_every_number_of_every_step_is_that_of_python(name: str, open_page: OpenPage) -> None:
    page = open_case(name, open_page)
    quantities = Quantities(*CASES[name]())
    wrong, counted = walk(page, quantities)
    assert wrong == []
    assert counted > 10 * len(page.steps)


def walk(page: ExplorePage, quantities: Quantities) -> tuple[list[str], int]:
    """Go through all steps of a page, neuron by neuron; return what it shows wrong, and how many numbers it shows."""
    known: set[str] = set()
    wrong, counted = [], 0
    steps: list[dict[str, Any] | None] = [None, *page.steps]
    for step, shown in zip(steps, page.read_after(["Home", *["ArrowRight"] * len(page.steps)]), strict=True):
        known |= set(step["known"]) if step else set()
        wrong += [f"{shown.title}: {line}" for line in false_numbers(shown, quantities, step, known)]
        assert step is None or len(shown.results) == min(len(step["equations"]), 8)
        counted += len(shown.figure) + len(shown.results)
    return wrong, counted


def test_the_check_of_numbers_finds_false_ones(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    case = perceptron()
    case.network.graph["h2.b"].value = 0.001
    wrong, counted = walk(page, Quantities(*case))
    assert 0.1 * counted < len(wrong) < counted
