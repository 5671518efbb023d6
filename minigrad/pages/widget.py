"""A training seen live in a notebook: the replay page in a widget that gets new frames while `fit` goes on."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.errors import RenderError
from minigrad.pages.assembly import finite, script_of
from minigrad.pages.replay import moments, replay_page
from minigrad.training.throttle import Throttle

if TYPE_CHECKING:
    from minigrad.pages.page import Page
    from minigrad.pages.recorder import Recording, TrainingFrame

SEND_SECONDS, SEND_SHARE = 0.1, 0.05
"""The least time between two messages, and the share of the time that they may take."""


class LiveView:
    """Widget that shows a recording, and is told of new frames now and then while they are recorded.

    A widget hears nothing before the notebook has loaded it, and cannot ask while `fit` keeps Python busy. So it gets
    all frames again after one second, two, four and so on, and when training ends.
    """

    def __init__(self, recording: Recording) -> None:
        page = replay_page(recording, entry="live")
        self.widget = make_widget(page)
        self.throttle = Throttle(SEND_SECONDS, SEND_SHARE)
        self.started = perf_counter()
        self.all_due = self.started + 1.0
        self.sent: set[int] = set()
        """The steps of the frames that were sent."""

    def display(self) -> None:
        """Show the widget in the output of the cell that is run; do nothing outside of a notebook."""
        from IPython import display, get_ipython

        if get_ipython() is not None:
            display.display(self.widget)

    def update(self, recording: Callable[[], Recording]) -> None:
        """Send the frames that are new, unless that was done a moment ago or would take too much of the time."""
        if not self.throttle.is_due():
            return
        with self.throttle.measure():
            now = perf_counter()
            if now >= self.all_due:
                self.all_due = now + (now - self.started)
                self.sent.clear()
            self.send(recording())

    def finish(self, recording: Recording) -> None:
        """Send all frames, and let the widget keep them for a view of it that is opened later."""
        self.sent.clear()
        with self.widget.hold_sync():
            self.widget.content, self.widget.numbers = self.message(recording)

    def send(self, recording: Recording) -> None:
        """Send what is new."""
        content, numbers = self.message(recording)
        self.widget.send(content, [numbers])

    def message(self, recording: Recording) -> tuple[dict[str, Any], bytes]:
        """Return what was measured at every frame, and the parameters of those that were not sent."""
        new = [number for number, frame in enumerate(recording.frames) if frame.step not in self.sent]
        self.sent.update(frame.step for frame in recording.frames)
        return finite({**moments(recording), "new": new}), float32_bytes([recording.frames[number] for number in new])


def float32_bytes(frames: list[TrainingFrame]) -> bytes:
    """Return the parameters of some frames, one frame after another, each number in four bytes."""
    with np.errstate(over="ignore"):
        return np.array([frame.parameters for frame in frames], "<f4").tobytes()


def widget_module() -> str:
    """Return the script of the widget in the form that anywidget reads: a module that exports how to render it."""
    return f"{script_of('widget')}\nexport default {{ render: renderWidget }};\n"


def make_widget(page: Page) -> Any:
    """Return an anywidget that shows a page and passes frames on to it; raise RenderError without anywidget."""
    try:
        import anywidget
        from traitlets import Bytes, Dict, Int, Unicode
    except ModuleNotFoundError as error:
        raise RenderError(
            "live pages need anywidget",
            cure="Install it: pip install 'minigrad-bp[widget]'; or show recorder.page() after training.",
        ) from error
    members = {
        "_esm": widget_module(),
        "html": Unicode(page.html).tag(sync=True),
        "title": Unicode(page.title).tag(sync=True),
        "height": Int(page.height).tag(sync=True),
        "content": Dict().tag(sync=True),
        "numbers": Bytes().tag(sync=True),
    }
    return type("TrainingWidget", (anywidget.AnyWidget,), members)()
