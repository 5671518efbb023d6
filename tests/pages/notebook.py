"""A notebook's side of a widget, without a notebook: it keeps what it is sent, as `live.js` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pytest

from minigrad.pages import widget
from minigrad.pages.page import Page


class Message(NamedTuple):
    """What a widget was sent: what was measured at each frame, and the numbers of new frames."""

    content: dict[str, Any]
    numbers: bytes


class Notebook:
    """A widget as a view of a training sees it; `messages` has what it was sent, `parameters` what it could show."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.content: dict[str, Any] = {}
        self.numbers = b""
        self.messages: list[Message] = []
        self.parameters: dict[int, np.ndarray] = {}
        """The parameters of every frame that arrived and is still there, by its step."""

    @contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Take in what is assigned meanwhile as one message."""
        yield
        self.send(self.content, [self.numbers])

    def send(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Take in a message."""
        (numbers,) = buffers
        self.messages.append(Message(content, numbers))
        new = [content["steps"][frame] for frame in content["new"]]
        rows = np.frombuffer(numbers, "<f4").reshape(len(new), -1) if new else []
        arrived = self.parameters | dict(zip(new, rows, strict=True))
        self.parameters = {step: arrived[step] for step in content["steps"] if step in arrived}


def watch(monkeypatch: pytest.MonkeyPatch) -> list[Notebook]:
    """Let widgets be those of such notebooks from now on; return the list that they will stand in."""
    notebooks: list[Notebook] = []

    def make_widget(page: Page) -> Notebook:
        notebooks.append(Notebook(page.html))
        return notebooks[-1]

    monkeypatch.setattr(widget, "make_widget", make_widget)
    monkeypatch.setattr(widget.LiveView, "display", lambda self: None)
    return notebooks
