"""The page that steps through a pass, in a browser: it shows what Python computes, whatever a reader does."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import minigrad as mg
from minigrad.pages.explore import explore
from tests.pages.browser.conftest import OpenPage
from tests.pages.browser.explore_page import ExplorePage, false_numbers
from tests.pages.cases import CASES, perceptron
from tests.pages.quantities import Quantities, ways_to_write

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


def test_what_a_reader_types_is_computed_again(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    network, _, _ = perceptron()
    page.fill("x₁", 2.5)
    page.fill("t₁", 0.25)
    page.fill("Learning rate", 0.125)
    page.page.locator("[data-key='edge:3:5']").first.focus()
    page.press("Enter")
    field = page.page.locator(".reason input[type=number]")
    field.fill("-1.75")
    field.press("Enter")
    page.page.locator("body").click(position={"x": 2, "y": 2})
    network.graph["h1.w2"].value = -1.75
    wrong, _ = walk(page, Quantities(network, ([2.5, -0.5], [0.25]), mg.SGD(0.125)))
    assert wrong == []


def test_another_activation_is_computed_and_explained(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    before, sample, optimizer = perceptron()
    page.page.get_by_label("Activation, layer 1").select_option("tanh")
    network = mg.Network(*mg.mlp([2, 3, 1], activation=mg.tanh, output=mg.sigmoid, rng=1))
    for parameter, old in zip(network.parameters, before.parameters, strict=True):
        parameter.value = old.value
    wrong, _ = walk(page, Quantities(network, sample, optimizer))
    assert wrong == []
    output = page.steps.index(next(step for step in page.steps if step["known"] == ["value:6"]))
    page.press("Home", *["ArrowRight"] * (output + 1))
    assert "tanh" in page.page.locator(".card.active").inner_text()


def test_steps_of_training_undo_and_reset(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    network, sample, optimizer = perceptron()
    start = page.loss
    step = network.train_step(optimizer)
    losses = []
    for name, count in (("Take one step", 1), ("Take one step", 1), ("Take 100 steps", 100)):
        page.click(name)
        for _ in range(count):
            step([sample[0]], [sample[1]])
        losses.append(page.loss)
        assert losses[-1] in ways_to_write(network.loss_graph(*sample).outputs[0].value)
    wrong, _ = walk(page, Quantities(network, sample, optimizer))
    assert wrong == []
    for loss in [*losses[-2::-1], start]:
        page.click("Undo")
        assert page.loss == loss
    assert page.page.get_by_role("button", name="Undo").is_disabled()
    page.click("Take 100 steps")
    page.click("Reset")
    assert page.loss == start
    wrong, _ = walk(page, Quantities(*perceptron()))
    assert wrong == []


def test_the_slider_of_a_weight_is_one_change(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    start = page.loss
    page.page.locator("[data-key='edge:3:5']").first.focus()
    page.press("Enter")
    slider = page.page.locator(".reason input[type=range]")
    box = slider.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x + 0.33 * box["width"] / 2, y)
    page.page.mouse.down()
    for shift in (0.4, 0.5, 0.6):
        page.page.mouse.move(x + shift * box["width"] / 2, y)
    page.page.mouse.up()
    assert float(slider.input_value()) == pytest.approx(1.8, abs=0.2)
    assert page.loss != start
    page.click("Undo")
    assert page.loss == start


def test_a_number_is_dragged_in_the_figure(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    start = page.loss
    box = page.page.locator("[data-key='node:0']").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    for shift in (10, 20, 40):
        page.page.mouse.move(x + shift, y)
    page.page.mouse.up()
    (field,) = (page.page.locator(".editor").get_by_label("x₁", exact=True),)
    assert float(field.input_value()) > 0.8
    network, _, optimizer = perceptron()
    wrong, _ = walk(page, Quantities(network, ([float(field.input_value()), -0.5], [1.0]), optimizer))
    assert wrong == []
    page.click("Undo")
    assert page.loss == start


def test_a_drag_ends_where_the_pointer_is_let_go_of(open_page: OpenPage) -> None:
    """Also where the first move leaves the figure: afterwards a pointer without a pressed button changes nothing."""
    page = open_case("perceptron", open_page)
    field = page.page.locator(".editor").get_by_label("x₁", exact=True)
    box = page.page.locator("[data-key='node:0']").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x + 50, y - 400)
    page.page.mouse.up()
    assert float(field.input_value()) == 1.3
    page.page.mouse.move(x, y)
    assert float(field.input_value()) == 1.3
