"""The page that steps through a pass, read and used as a reader does, with what its numbers must be."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, NamedTuple

from tests.pages.browser.opened_page import OpenedPage
from tests.pages.quantities import Quantities, ways_to_write

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−")
READ = """(keys) => keys.map((key) => {
  if (key) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
  const card = document.querySelector(".card.active");
  return {
    figure: [...document.querySelectorAll("[role=tabpanel] svg [data-key]")]
      .filter((node) => /^t/.test(node.localName) && isShown(node))
      .map((node) => [node.dataset.key, node.textContent]),
    results: [...card.querySelectorAll(".equation.line, .result")]
      .map((node) => node.querySelector("math:last-of-type").textContent),
    plugged: [...card.querySelectorAll(".equation.line math:not(:first-of-type), .plugged math")]
      .flatMap((math) => [...math.querySelectorAll("mn")].map((number) => number.textContent)),
    title: card.querySelector("h2").textContent,
  };
})"""
"""Return what the page shows after each of some keys; the empty key presses nothing."""

FIGURE = """() => [...document.querySelectorAll(".figure svg [data-key]")]
  .filter((node) => /^t/.test(node.localName) && node.checkVisibility({ visibilityProperty: true }))
  .map((node) => [node.dataset.key, node.textContent])"""
"""Return the numbers that the figure shows, by their keys."""
POINT = """(part) => {
  const group = document.querySelector(`[role=tabpanel]:not([hidden]) [data-key="${part}"]`);
  const line = group.querySelector(".hit");
  if (!line) {
    const { x, y, width, height } = group.querySelector("circle, rect").getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  }
  const { x, y } = line.getPointAtLength(line.getTotalLength() * 0.25).matrixTransform(line.getScreenCTM());
  return [x, y];
}"""


class Shown(NamedTuple):
    """What a page shows: the numbers of its figure by their keys, the results and the numbers of its formulas."""

    figure: list[tuple[str, str]]
    results: list[str]
    plugged: list[str]
    title: str


class ExplorePage:
    """A page of `mg.explore` that is open in a browser."""

    def __init__(self, opened: OpenedPage, html: str) -> None:
        self.opened = opened
        self.page = opened.page
        self._html = html

    @cached_property
    def data(self) -> dict[str, Any]:
        """The data block of the page."""
        match = DATA.search(self._html)
        assert match
        data: dict[str, Any] = json.loads(match[1])
        return data

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of the page, by neuron."""
        steps: list[dict[str, Any]] = self.data["steps"]
        return steps

    def read(self) -> Shown:
        """Return what the page shows now."""
        (shown,) = self.read_after([""])
        return shown

    def read_after(self, keys: list[str]) -> list[Shown]:
        """Return what the page shows after each of some keys is pressed."""
        return [
            Shown([(key, text) for key, text in read["figure"]], read["results"], read["plugged"], read["title"])
            for read in self.page.evaluate(READ, keys)
        ]

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, name: str) -> None:
        """Press the button of a name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def click_part(self, part: str) -> None:
        """Click a neuron in its middle, or a connection near its start, before others cross it."""
        self.page.mouse.click(*self.page.evaluate(POINT, part))

    def fill(self, label: str, number: float) -> None:
        """Type a number into the field of a label, and leave it."""
        field = self.page.locator(".editor").get_by_label(label, exact=True)
        field.fill(str(number))
        field.press("Enter")

    @property
    def loss(self) -> str:
        """The loss that the page shows below its buttons."""
        return self.page.locator(".editor .caption").inner_text().split()[-1]


def plain(text: str) -> str:
    """Return a text without raised signs and spaces, as its pieces come out of a figure or a formula."""
    return text.translate(RAISED).replace(" ", "").replace("\u00a0", "").replace("·10", "×10")


def written(quantities: Quantities, key: str) -> set[str]:
    """Return the ways in which a page may write the number of a key; a key may be a sum of others."""
    number = sum(quantities.number(part) for part in key.split("+"))
    return {plain(text) for text in ways_to_write(number)}


def written_as(text: str, quantities: Quantities, key: str) -> bool:
    """Return whether a text of a page is the number of a key."""
    return plain(text) in written(quantities, key)


def false_numbers(
    shown: Shown, quantities: Quantities, step: dict[str, Any] | None, has_updated: set[str]
) -> list[str]:
    """Return what a page shows that is not what Python computes, one line for each number.

    Args:
        shown: What the page shows.
        quantities: The numbers of Python.
        step: The step that the page shows, None at its start.
        has_updated: The keys of parameters after their update, which are shown in place of those before.
    """
    wrong = []
    renewed = set()
    for key, text in shown.figure:
        kind, _, place = key.partition(":")
        before, pieces = written(quantities, key), plain(text).removeprefix("→").split("→")
        after = written(quantities, f"next:{place}") if kind == "value" and f"next:{place}" in has_updated else None
        if after is not None and pieces[-1] in after:
            renewed.add(key)
        possible = [before] if after is None else [before | after] if len(pieces) == 1 else [before, after]
        if len(pieces) != len(possible) or any(map(lambda piece, choices: piece not in choices, pieces, possible)):
            wrong.append(f"{key} is shown as {text}, not {possible}")
    values = {f"value:{key.partition(':')[2]}" for key in has_updated if key.startswith("next:")}
    wrong += [f"{key} is shown as it was" for key in values & {key for key, _ in shown.figure} - renewed]
    equations = step["equations"] if step else []
    for text, equation in zip(shown.results, equations, strict=False):
        result = plain(text).replace("←", "=").rpartition("=")[2]
        if result not in written(quantities, equation["left"]):
            wrong.append(f"{equation['left']} comes to {text}, not {written(quantities, equation['left'])}")
    return wrong
