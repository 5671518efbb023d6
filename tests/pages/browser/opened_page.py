"""An HTML page in a browser that reaches nothing else, with what it asked for and what it complained of.

To look at pages as a reader sees them: python -m tests.pages.browser.opened_page FOLDER PAGE…
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.drawing.browser import browser as browser_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route

LOCALES = {"en": "en-US", "zh": "zh-CN"}
SERIOUS = ("error", "warning", "assert")
"""The kinds of console messages that a page must not write."""


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """Start a browser without a window, and end it afterwards."""
    from playwright.sync_api import sync_playwright

    as_root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=as_root)
        yield browser
        browser.close()


class OpenedPage:
    """One HTML file, opened in a context of its own; every request of it is blocked and written down.

    `page` is Playwright's page; `requests` has the addresses that the page asked for besides its own, `complaints` its
    errors and what it wrote to the console.
    """

    page: Page

    def __init__(
        self,
        browser: Browser,
        file: Path,
        *,
        width: int = 1280,
        height: int = 900,
        theme: str = "light",
        language: str = "en",
        reduced_motion: bool = False,
    ) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._address = file.as_uri()
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            locale=LOCALES[language],
            reduced_motion="reduce" if reduced_motion else "no-preference",
        )
        self.context.set_default_timeout(10_000)
        self.context.route("**/*", self._answer)
        self.page = self.context.new_page()
        self.page.on("request", self._note_request)
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._note_message)
        self.page.on("dialog", self._note_dialog)
        self.page.goto(self._address, wait_until="load")

    def _answer(self, route: Route) -> None:
        if route.request.url.partition("#")[0] == self._address:
            route.continue_()
        else:
            route.abort()

    def _note_request(self, request: Request) -> None:
        if request.url.partition("#")[0] != self._address and not request.url.startswith("data:"):
            self.requests.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in SERIOUS:
            self.complaints.append(f"{message.type}: {message.text}")

    def _note_dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def close(self) -> None:
        """Close the page, and all that belongs to it."""
        self.context.close()

    def settle(self) -> None:
        """Wait until the page has drawn what it was last asked to."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements that a selector names, without white space around them."""
        return [text.strip() for text in self.page.locator(selector).all_text_contents()]

    def milliseconds_to_ready(self) -> float:
        """Return how long it took from the start of the navigation until all scripts had run."""
        timing: float = self.page.evaluate("() => performance.getEntriesByType('navigation')[0].loadEventEnd")
        return timing

    def sideways_scroll(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        pixels: int = self.page.evaluate(
            "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth"
        )
        return pixels

    def accessibility_violations(self) -> list[str]:
        """Return what axe-core objects to in the page as it is now, one line for each kind of objection."""
        import axe_playwright_python

        script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(script)
        report = self.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{violation['id']}: {violation['help']}: "
            + "; ".join(f"{node['target']} {node.get('failureSummary', '')}" for node in violation["nodes"][:3])
            for violation in report["violations"]
        ]


def photograph(folder: Path, files: list[Path]) -> None:
    """Write screenshots of pages to a folder: wide and narrow, light and dark, in English and in Chinese."""
    folder.mkdir(parents=True, exist_ok=True)
    with launched_browser() as browser:
        for file, width, theme, language in product(files, (1280, 400), ("light", "dark"), LOCALES):
            opened = OpenedPage(browser, file.resolve(), width=width, theme=theme, language=language)
            opened.settle()
            picture = folder / f"{file.stem}_{width}_{theme}_{language}.png"
            opened.page.screenshot(path=picture, full_page=True)
            opened.close()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    photograph(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
