"""A browser for the tests of this folder, and pages in it that may neither fail nor ask for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.drawing.browser import browser as browser_program
from tests.pages.browser.opened_page import OpenedPage, launched_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OpenPage = Callable[..., OpenedPage]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start one browser for all tests of the folder: Playwright's loop of events must not outlive them."""
    if browser_program() is None:
        pytest.skip("needs a browser: install chromium")
    for package in ("playwright", "axe_playwright_python"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install '.[browser]'")
    with launched_browser() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Open HTML texts as pages; at the end each must have asked for nothing and complained of nothing."""
    opened: list[OpenedPage] = []

    def open_one(html: str, **options: Any) -> OpenedPage:
        file = tmp_path / f"page_{len(opened)}.html"
        file.write_text(html, encoding="utf-8", newline="\n")
        opened.append(OpenedPage(browser, file, **options))
        return opened[-1]

    yield open_one
    for page in opened:
        page.close()
    assert [request for page in opened for request in page.requests] == []
    assert [complaint for page in opened for complaint in page.complaints] == []
