"""The HTML file of a page: its modules in order, its policy and its data; nothing comes from outside."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import pytest

import minigrad as mg
from minigrad.pages import explore, replay
from minigrad.pages.assembly import (
    IMPORT,
    data_json,
    module_order,
    page_html,
    read_source,
    script_of,
)
from tests.pages.node_runner import needs_node, run_node

FOLDER = Path(mg.__file__).parent / "pages"
MODULES = sorted(path.name for path in FOLDER.glob("*.js"))
STANDALONE = {"widget.js"}
"""Modules that are loaded as they are, not joined to a page."""
STYLES = sorted(path.name for path in FOLDER.glob("*.css"))
DEFINITION = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
HOSTILE = "</script><script>alert(1)</script> \" ' & \u2028 \u2029 \u202e <!-- \ud800 \0"
MOST_BYTES = 120_000
PAGES = {"explore": explore.STYLES, "replay": replay.STYLES}
"""The modules that pages begin with, each with its style sheets."""


class Elements(HTMLParser):
    """The elements of an HTML file as (tag, attributes, text)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self._is_open = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), ""))
        self._is_open = True

    def handle_endtag(self, tag: str) -> None:
        self._is_open = False

    def handle_data(self, data: str) -> None:
        if self._is_open:
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = tag, attributes, text + data

    def named(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return page_html("explore", {"title": HOSTILE, "numbers": [1.5, nan, inf, (-inf,)]}, title=HOSTILE)


def hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@needs_node
def test_every_module_is_one_and_finds_what_it_imports(tmp_path: Path):
    addresses = [(FOLDER / name).as_uri() for name in MODULES]
    run_node(f"for (const address of {json.dumps(addresses)}) await import(address);", tmp_path, {})


@needs_node
def test_all_modules_together_are_a_script(tmp_path: Path):
    script = tmp_path / "page.mjs"
    script.write_text(script_of(*(name.removesuffix(".js") for name in MODULES)), encoding="utf-8")
    node = subprocess.run(["node", "--check", str(script)], capture_output=True, text=True, check=False)
    assert node.returncode == 0, node.stderr


def test_no_two_modules_define_a_name():
    defined = Counter(name for module in MODULES for name in DEFINITION.findall(read_source(module)))
    assert "Graph" in defined
    assert [name for name, count in defined.items() if count > 1] == []


@pytest.mark.parametrize("name", MODULES)
def test_imports_and_exports_have_the_form_that_is_removed(name: str):
    source = read_source(name)
    assert all(other in MODULES for other in IMPORT.findall(source))
    for imported in re.findall(r"^import \{([^}]*)\}", source, re.MULTILINE):
        assert " as " not in imported
    rest = script_of(name.removesuffix(".js"))
    if name in STANDALONE:
        rest = rest.replace("\nexport default ", "\n")
    assert not re.search(r"^\s*(import|export)\b|\bimport\(", rest, re.MULTILINE)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_follows_its_imports(name: str):
    order = module_order([name])
    assert order[-1] == name
    assert len(order) == len(set(order))
    assert set(IMPORT.findall(read_source(name))) <= set(order)


@pytest.mark.parametrize("entry", PAGES)
def test_scripts_and_styles_of_a_page_are_small(entry: str):
    sources = [script_of(entry), *map(read_source, PAGES[entry])]
    assert sum(len(source.encode()) for source in sources) <= MOST_BYTES


def test_comments_are_left_out():
    for name in MODULES:
        assert not re.search(r"^\s*(/\*|\*|//)", script_of(name.removesuffix(".js")), re.MULTILINE)


def test_scripts_and_styles_refer_to_nothing_outside():
    sources = {name: read_source(name) for name in (*MODULES, *STYLES)}
    for name, source in sources.items():
        addresses = set(re.findall(r"\bhttps?://[^\s\"'`)]+", source))
        assert addresses <= {"http://www.w3.org/2000/svg"}, name
        assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|importScripts|eval|new Function)\b\s*\(", source), name
        assert not re.search(r"@import|url\(", source), name


def test_the_policy_allows_the_script_and_the_style_of_the_page_alone(html: str):
    page = Elements(html)
    (policy,) = (a["content"] for a, _ in page.named("meta") if a.get("http-equiv") == "Content-Security-Policy")
    (style,) = (text for _, text in page.named("style"))
    (script,) = (text for attributes, text in page.named("script") if attributes["type"] == "module")
    directives = dict(part.strip().split(" ", 1) for part in str(policy).split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": hash_of(script),
        "style-src": hash_of(style),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "\r" not in script + style  # a browser would hash a newline


def test_no_attribute_runs_or_styles_or_loads_anything(html: str):
    for _, attributes, _ in Elements(html).elements:
        assert not {"style", "src", "href", "srcdoc"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]


def test_hostile_names_are_text(html: str):
    page = Elements(html)
    assert len(page.named("script")) == 2
    assert "alert(1)</script>" not in html
    (title,) = (text for _, text in page.named("title"))
    assert "<script>alert(1)</script>" in unescape(title)
    for character in "\u2028\u2029\u202e\ud800\0":
        assert character not in title
    html.encode()  # raises for what UTF-8 cannot hold
    (data,) = (text for attributes, text in page.named("script") if attributes["type"] == "application/json")
    assert json.loads(data)["title"] == HOSTILE


def test_numbers_that_are_not_finite_are_words():
    numbers = json.loads(data_json({"a": [1.5, nan, inf, (-inf,)], "b": {"c": -0.0}}))
    assert numbers == {"a": [1.5, "NaN", "Infinity", ["-Infinity"]], "b": {"c": 0}}
    assert str(numbers["b"]["c"]) == "-0.0"
    assert isnan(float(numbers["a"][1]))


def test_a_program_that_would_end_the_script_is_refused():
    for program in ("'</SCRIPT>'", "x<!--y"):
        with pytest.raises(mg.errors.RenderError, match="script"):
            page_html("explore", {}, title="page", program=program)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, '<html lang="en">'),
        ({"language": "zh", "theme": "dark"}, '<html lang="zh-CN" data-theme="dark">'),
        ({"language": "en", "theme": "light"}, '<html lang="en" data-theme="light">'),
    ],
)
def test_language_and_theme_stand_in_the_page(settings: dict[str, Any], expected: str):
    assert expected in page_html("explore", {}, title="page", **settings)
