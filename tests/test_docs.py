"""What README and docs say is true: their code runs, prints what they show, and their links lead somewhere.

The convention: all ```python blocks of a file run in order, in one namespace, in an empty folder. A ```text block that
directly follows one, with nothing but blank lines between, is what it prints, blank lines at its end aside; `...` in it
stands for anything.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from minigrad.ops.base import registry
from tests.laws import OPS
from tests.optional import reason_to_skip
from tests.reference import heading_anchors

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"""(?:\]\(|\b(?:src|href)=")(?P<target>[^)\s"]+)""")
SLOW = {"docs/plots.md"}
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


class Block(NamedTuple):
    """A block of code, the line it starts on, and what it is said to print, None where nothing is said."""

    line: int
    code: str
    printed: str | None


def blocks(text: str) -> Iterator[Block]:
    """The ```python blocks of a page."""
    fences = list(FENCE.finditer(text))
    for index, fence in enumerate(fences):
        if fence["language"].strip() != "python":
            continue
        follower = fences[index + 1] if index + 1 < len(fences) else None
        has_output = (
            follower is not None
            and follower["language"].strip() == "text"
            and not text[fence.end() : follower.start()].strip()
        )
        line = text.count("\n", 0, fence.start("body"))
        yield Block(line, fence["body"], follower["body"] if has_output and follower else None)


def anchors(text: str) -> set[str]:
    """The names under which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ +(.+?) *#*$", FENCE.sub("", text), re.MULTILINE)
    return {*heading_anchors(headings).values()}


def name(page: Path) -> str:
    """A page by its path in the repository."""
    return page.relative_to(ROOT).as_posix()


def test_blocks_and_what_they_print_are_found():
    page = "a\n```python\n1\n```\n\n```text\none\n```\n```python\n2\n```\nb\n```text\ntwo\n```\n```sh\n3\n```\n"
    assert list(blocks(page)) == [Block(2, "1\n", "one\n"), Block(9, "2\n", None)]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] if name(page) in SLOW else [])
        for page in PAGES
        if list(blocks(page.read_text(encoding="utf-8")))
    ],
    ids=name,
)
@pytest.mark.usefixtures("restored_registries")
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for label in registry.keys() - OPS.keys():  # what other tests have defined is not there for a reader
        monkeypatch.delitem(registry, label)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page.read_text(encoding="utf-8")):
        output = io.StringIO()
        program = compile("\n" * block.line + block.code, str(page), "exec")
        try:
            with contextlib.redirect_stdout(output):
                exec(program, namespace)
        except Exception:
            if reason := reason_to_skip(traceback.format_exc()):
                pytest.skip(reason)
            raise
        if block.printed is not None:
            actual, expected = (
                "\n".join(map(str.rstrip, text.splitlines())).rstrip() for text in (output.getvalue(), block.printed)
            )
            assert doctest.OutputChecker().check_output(expected, actual, doctest.ELLIPSIS), (
                f"{name(page)}, line {block.line + 1}, prints\n{actual}\nbut the page says\n{expected}"
            )


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_links_of_a_page_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    for link in LINK.finditer(FENCE.sub("", text)):
        if ELSEWHERE.match(link["target"]):
            continue
        target, _, anchor = link["target"].partition("#")
        path = page.parent / target if target else page
        assert path.exists(), f"{name(page)} links to {link['target']}, which is not there"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path.read_text(encoding="utf-8")), (
                f"{name(page)} links to {link['target']}, a heading that is not there"
            )
