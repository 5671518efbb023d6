"""The page that steps through a pass, in a browser: it shows what Python computes, whatever a reader does."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import minigrad as mg
from tests.pages.browser.conftest import OpenPage
from tests.pages.browser.explore_page import ExplorePage, false_numbers, plain, written
from tests.pages.cases import CASES, HOSTILE, perceptron
from tests.pages.quantities import Quantities, ways_to_write

SMALL = [name for name in CASES if name != "large"]


@cache
def page_of(name: str) -> mg.Page:
    """Return the page of a case, made once."""
    case = CASES[name]()
    return mg.explore(case.network, case.sample, case.optimizer)


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


def latest(figure: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the numbers of a figure, those after an update alone where both are shown."""
    return [(key, text.rpartition("→")[2].strip()) for key, text in figure]


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


def test_a_weight_that_changes_its_sign_changes_its_color(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    colors = """() => [...document.querySelectorAll('[role=tabpanel]:not([hidden]) [data-key="edge:7:10"] text')]
      .slice(0, 2).map((text) => getComputedStyle(text).fill)"""
    page.page.locator("[data-key='edge:7:10']").first.focus()
    page.press("Enter")
    field = page.page.locator(".reason input[type=number]")
    for weight, color in ((0.5, "rgb(13, 94, 166)"), (0.0, "rgb(106, 114, 124)"), (-0.5, "rgb(180, 74, 0)")):
        field.fill(str(weight))
        field.press("Enter")
        page.page.get_by_role("tab").last.click()
        assert page.page.evaluate(colors) == [color, color]


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


def test_the_curve_of_a_loss_below_zero_stays_in_its_picture(open_page: OpenPage) -> None:
    a, b = mg.Parameter(-4.0, "a"), mg.Parameter(2.0, "b")
    loss = a * b + mg.tanh(a)
    loss.backward()
    html = mg.explore(loss).html
    page = ExplorePage(open_page(html), html)
    for _ in range(2):
        page.click("Take one step")
    bounds = page.page.evaluate("""() => {
      const { y, height } = document.querySelector("svg.losses path").getBBox();
      return [y, y + height];
    }""")
    assert 0 <= bounds[0] < bounds[1] <= 48


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


def test_keys_and_buttons_go_through_the_steps(open_page: OpenPage) -> None:
    page = open_case("textbook", open_page)
    first, second, *_, last = page.read_after(["ArrowRight", "ArrowRight", "End"])
    assert len({first.title, second.title, last.title}) == 3
    page.press("Home", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert page.read() == first
    page.press("End")
    assert page.read() == last
    page.click("Back to the start")
    page.click("One step on")
    assert page.read() == first
    page.press("Space")
    page.page.wait_for_function(
        "(title) => document.querySelector('.card.active h2').textContent !== title", arg=first.title
    )
    page.press("Space")
    stopped = page.read()
    page.page.wait_for_timeout(1700)
    assert page.read() == stopped


def test_steps_by_layer_end_with_the_same_numbers(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    page.press("End")
    by_neuron = latest(page.read().figure)
    page.press("Home")
    page.page.get_by_label("Steps", exact=True).select_option("layer")
    page.page.locator("body").click(position={"x": 2, "y": 2})
    quantities = Quantities(*perceptron())
    count = len(page.page.locator(".timeline button").all())
    assert count < len(page.steps)
    page.press("End")
    assert latest(page.read().figure) == by_neuron
    shown = page.read_after(["Home", *["ArrowRight"] * (count - 4)])
    assert [line for one in shown for line in false_numbers(one, quantities, None, set())] == []


def test_a_neuron_and_a_connection_explain_themselves(open_page: OpenPage) -> None:
    page = open_case("textbook", open_page)
    page.press("End")
    quantities = Quantities(*CASES["textbook"]())
    parts = {
        "node:5": ["value:5", "value:6", "delta:6", "slope:6:5", "delta:5"],
        "edge:3:5": ["delta:3", "next:3"],
    }
    for part, keys in parts.items():
        page.click_part(part)
        lines = page.opened.texts(".reason .equation.line")
        assert len(lines) == len(keys)
        for line, key in zip(lines, keys, strict=True):
            assert line.replace("·10", "×10").rpartition("=")[2] in written(quantities, key)
    page.press("Escape")
    assert page.opened.texts(".reason .equation.line") == []


def test_the_page_answers_the_questions_of_a_student(open_page: OpenPage) -> None:
    page = open_case("textbook", open_page)
    card = page.page.locator(".card.active")
    page.press("End")
    page.click_part("node:5")  # why is δ of h₁ this number?
    reason = page.page.locator(".reason").inner_text().replace("\n", "")
    for number in ("0.4·0.1385", "0.5·(−0.03810)", "0.2413", "0.008771"):
        assert number in reason
    assert "changes most, by −0.04133" in card.inner_text().replace("\n", "")  # which weight, and why?
    page.page.locator("[data-key='edge:2:5']").first.focus()  # what happens to δ if h₁ saturates?
    page.press("Enter")
    field = page.page.locator(".reason input[type=number]")
    field.fill("100")
    field.press("Enter")
    page.page.locator("body").click(position={"x": 2, "y": 2})
    delta = next(number for number, step in enumerate(page.steps, start=1) if "delta:5" in step["known"])
    shown = page.read_after(["Home", *["ArrowRight"] * delta])[-1]
    network, sample, optimizer = CASES["textbook"]()
    network.parameters[0].value = 100.0
    quantities = Quantities(network, sample, optimizer)
    assert plain(shown.results[-1]).rpartition("=")[2] in written(quantities, "delta:5")
    assert quantities.delta("5") < 0.0002
    assert "the neuron is saturated" in card.inner_text()


def test_the_tabs_show_the_same_numbers(open_page: OpenPage) -> None:
    page = open_case("perceptron", open_page)
    quantities = Quantities(*perceptron())
    tabs = page.page.get_by_role("tab")
    assert tabs.count() >= 2
    for tab in tabs.all():
        tab.click()
        assert tab.get_attribute("aria-selected") == "true"
        assert page.page.get_by_role("tabpanel").count() == 1
        wrong, counted = walk(page, quantities)
        assert wrong == []
        assert counted > 100
    tabs.last.focus()
    page.press("ArrowLeft")
    assert tabs.nth(tabs.count() - 2).get_attribute("aria-selected") == "true"


def test_language_and_theme_are_the_readers_and_can_be_switched(open_page: OpenPage) -> None:
    for theme, language, code in (("light", "en", "en"), ("dark", "zh", "zh-CN")):
        page = open_case("textbook", open_page, theme=theme, language=language)
        page.press("ArrowRight")
        english, shown = page.page.locator("h1").inner_text(), page.read()
        assert page.page.evaluate("() => document.documentElement.lang") == code
        is_dark = "() => parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]) < 100"
        assert page.page.evaluate(is_dark) == (theme == "dark")
        other, scheme = page.page.locator("header .tools button").all()
        other.click()
        scheme.click()
        assert page.page.evaluate("() => document.documentElement.lang") != code
        assert page.page.evaluate(is_dark) == (theme == "light")
        assert page.page.locator("h1").inner_text() != english
        assert page.read().figure == shown.figure
        assert page.read().title != shown.title


@pytest.mark.parametrize("reduced_motion", [False, True])
def test_dots_run_only_where_motion_is_welcome(reduced_motion: bool, open_page: OpenPage) -> None:
    page = open_case("textbook", open_page, reduced_motion=reduced_motion)
    page.page.evaluate("""() => {
      globalThis.dots = 0;
      const isDot = (node) => node.classList?.contains("dot");
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) dots += [...addedNodes].filter(isDot).length;
      }).observe(document.body, { subtree: true, childList: true });
    }""")
    page.press("ArrowRight")
    page.page.wait_for_timeout(300)
    assert (page.page.evaluate("() => dots") > 0) == (not reduced_motion)
    page.page.wait_for_function("() => document.querySelector('svg .dot') === null")


@pytest.mark.parametrize(("name", "step", "width"), [("large", 8, 1280), ("large", 8, 400), ("deep", 3, 400)])
def test_labels_without_room_stay_hidden_where_many_edges_are_lit(
    name: str, step: int, width: int, open_page: OpenPage
) -> None:
    page = open_case(name, open_page, width=width)
    page.page.evaluate("(fragment) => { location.hash = fragment; }", f"#{step},layer")
    page.opened.settle()
    assert page.page.locator(".part.node .lit, .part.node.lit, .glow.lit").count() > 0
    assert page.page.locator("[role=tabpanel]:not([hidden]) .demand.shown").count() == 0


def test_hostile_names_are_texts(open_page: OpenPage) -> None:
    page = open_case("hostile", open_page)
    scripts = page.page.evaluate("() => document.querySelectorAll('script, img, [onerror]').length")
    page.press(*["ArrowRight"] * 12)
    for part in page.page.locator("[data-key^='edge:'], [data-key^='node:']").all()[:4]:
        part.focus()
        page.press("Enter")
    assert page.page.evaluate("() => document.querySelectorAll('script, img, [onerror]').length") == scripts == 2


def test_a_hostile_title_is_a_text(open_page: OpenPage) -> None:
    network, sample, optimizer = perceptron()
    html = mg.explore(network, sample, optimizer, title=HOSTILE).html
    page = ExplorePage(open_page(html), html)
    assert page.page.locator("h1").inner_text().startswith("</script><script>alert(1)")
    assert page.page.evaluate("() => document.querySelectorAll('script, img, [onerror]').length") == 2


@pytest.mark.parametrize(("name", "most"), [("textbook", 400_000), ("perceptron", 400_000), ("large", 2_000_000)])
def test_a_page_is_small_and_soon_ready(name: str, most: int, open_page: OpenPage) -> None:
    html = page_of(name).html
    assert len(html.encode()) <= most
    assert min(open_page(html).milliseconds_to_ready() for _ in range(2)) <= 1000


@pytest.mark.parametrize("name", ["textbook", "softmax", "arrays", "large"])
def test_no_page_scrolls_sideways(name: str, open_page: OpenPage) -> None:
    page = open_case(name, open_page, width=360)
    for width in (360, 700, 2560):
        page.page.set_viewport_size({"width": width, "height": 800})
        for key in ("Home", "ArrowRight", "End"):
            page.press(key)
            page.opened.settle()
            assert page.opened.sideways_scroll() <= 0


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
