"""The checks of opened pages notice what they are there to notice, in small pages that are wrong on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pages.browser.conftest import OpenPage
from tests.pages.browser.opened_page import OpenedPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

START = "<!doctype html><html lang='en'><meta charset='utf-8'><title>A page</title><main><h1>A page</h1>"
WRONG = {
    "image": ("<img alt='' src='https://example.org/a.png'>", "requests"),
    "style sheet": ("<link rel='stylesheet' href='other.css'>", "requests"),
    "fetch": ("<script>fetch('https://example.org').catch(() => 0)</script>", "requests"),
    "module": ("<script type='module'>import 'https://example.org/a.js'</script>", "requests"),
    "error": ("<script>undefined.value</script>", "complaints"),
    "promise": ("<script>Promise.reject(new Error('no'))</script>", "complaints"),
    "console": ("<script>console.error('no')</script>", "complaints"),
    "dialog": ("<script>alert(1)</script>", "complaints"),
    "policy": (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><p style="color:red">red</p>',
        "complaints",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_requests_and_errors_are_noticed(fault: str, browser: Browser, tmp_path: Path) -> None:
    body, where = WRONG[fault]
    file = tmp_path / "wrong.html"
    file.write_text(START + body, encoding="utf-8")
    page = OpenedPage(browser, file)
    page.settle()
    page.close()
    assert getattr(page, where)


def test_what_is_wrong_for_readers_is_noticed(open_page: OpenPage) -> None:
    page = open_page(f"{START}<button></button><p style='color:#ccc;background:#fff;width:2000px'>pale and wide</p>")
    violations = " ".join(page.accessibility_violations())
    assert "button-name" in violations
    assert "color-contrast" in violations
    assert page.sideways_scroll() > 700


def test_a_page_that_is_right(open_page: OpenPage) -> None:
    page = open_page(f"{START}<p id='scheme'></p><p class='a'> one </p><p class='a'>two</p>", width=400)
    assert page.accessibility_violations() == []
    assert page.sideways_scroll() == 0
    assert page.texts(".a") == ["one", "two"]
    assert 0 < page.milliseconds_to_ready() < 5000


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_a_page_meets_the_settings_of_its_reader(theme: str, language: str, open_page: OpenPage) -> None:
    page = open_page(START, theme=theme, language=language, reduced_motion=True).page
    assert page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches") == (theme == "dark")
    assert page.evaluate("() => matchMedia('(prefers-reduced-motion: reduce)').matches")
    assert page.evaluate("() => navigator.language").startswith(language)
