"""Pages for everyone: axe-core objects to nothing, in no state, language, theme or width."""

from __future__ import annotations

from itertools import product

import pytest

from tests.pages.browser.conftest import OpenPage
from tests.pages.browser.test_explore import open_case
from tests.pages.browser.test_replay_page import images, xor

pytestmark = pytest.mark.slow

LOOKS = [*product((1280, 400), ("light", "dark"), ("en", "zh"))]


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_the_page_of_a_pass(width: int, theme: str, language: str, open_page: OpenPage) -> None:
    page = open_case("textbook", open_page, width=width, theme=theme, language=language)
    violations = []
    for fragment in ("#0", "#3", "#11,node:5", f"#{len(page.steps)},process"):
        page.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        page.opened.settle()
        violations += [f"{fragment}: {violation}" for violation in page.opened.accessibility_violations()]
    assert violations == []


@pytest.mark.parametrize("name", ["softmax", "arrays", "shared", "large"])
def test_pages_of_other_networks(name: str, open_page: OpenPage) -> None:
    page = open_case(name, open_page)
    page.press("End")
    page.opened.settle()
    assert page.opened.accessibility_violations() == []


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS[::3])
def test_the_page_of_a_training(width: int, theme: str, language: str, open_page: OpenPage) -> None:
    for replay, chosen in ((xor, "edge:2:5"), (images, "")):
        opened = open_page(replay().html, width=width, theme=theme, language=language)
        opened.page.evaluate("(fragment) => { location.hash = fragment; }", f"#5,{chosen}")
        opened.settle()
        assert opened.accessibility_violations() == []
