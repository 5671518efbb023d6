"""The widget in a browser: what a training sends is on the page, whenever it comes."""

from __future__ import annotations

from base64 import b64encode

import pytest

import minigrad as mg
from minigrad.pages import widget
from minigrad.pages.assembly import finite
from tests.pages.browser.conftest import OpenPage
from tests.pages.notebook import Message, watch

HOST = """\
<!doctype html>
<html lang="en"><title>Notebook</title><main id="cell"></main>
<script type="module">
const listeners = new Set();
const model = {
  get: (name) => globalThis.state[name],
  on: (event, listener) => event === "msg:custom" && listeners.add(listener),
  off: (event, listener) => listeners.delete(listener),
};
const { default: widget } = await import("data:text/javascript;base64,{module}");
globalThis.display = (state) => {
  globalThis.state = { ...state, content: {}, numbers: new DataView(new ArrayBuffer(0)) };
  globalThis.leave = widget.render({ model, el: document.getElementById("cell") });
};
globalThis.send = (content, numbers) => {
  const bytes = Uint8Array.from(atob(numbers), (letter) => letter.charCodeAt(0));
  for (const listener of listeners) listener(content, [new DataView(bytes.buffer)]);
};
</script>
</html>
"""
"""A page that displays a widget as notebooks do."""


def test_a_page_shows_what_arrives_while_training_goes_on(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    notebooks, first = watch(monkeypatch), ""

    def look(progress: mg.Progress) -> None:
        nonlocal first
        first = first or notebooks[0].html

    monkeypatch.setattr(widget, "SEND_SECONDS", 0.0)
    monkeypatch.setattr(widget, "SEND_SHARE", 1.0)
    network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, mg.sigmoid, rng=0))
    recorder, (X, T) = mg.Recorder(live=True), mg.datasets.xor()
    network.fit(X, T, mg.SGD(0.5), epochs=9, callbacks=[recorder, look], progress=False)
    messages = notebooks[0].messages
    assert [len(content["steps"]) for content, _ in messages] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 10]

    opened = open_page(HOST.replace("{module}", b64encode(widget.widget_module().encode()).decode()))
    page = opened.page

    def send(message: Message) -> None:
        numbers = b64encode(message.numbers).decode()
        page.evaluate("([content, numbers]) => send(content, numbers)", [finite(message.content), numbers])

    page.evaluate("(state) => display(state)", {"html": first, "title": "Training", "height": 900})
    for message in messages[:2]:
        send(message)  # the page is not loaded yet
    frame = page.frame_locator("iframe")
    slider, moment = frame.get_by_role("slider").first, frame.locator(".card.active h2")
    frame.get_by_text("2 of 2", exact=False).first.wait_for()
    assert slider.get_attribute("max") == "2"

    slider.evaluate("(node) => { node.value = 1; node.dispatchEvent(new Event('input')); }")
    send(messages[2])
    frame.get_by_text("1 of 3", exact=False).first.wait_for()  # who looks back is not taken along
    slider.press("End")
    send(messages[4])  # the one before was lost, with its frame
    frame.get_by_text("5 of 5", exact=False).first.wait_for()
    assert slider.get_attribute("max") == "4"
    send(messages[-1])
    frame.get_by_text("9 of 9", exact=False).first.wait_for()
    assert slider.get_attribute("max") == "9"
    last = recorder.frames[-1]
    assert frame.locator(".measured dd").first.inner_text() == f"{last.measured['loss']:#.4g}"
    shown = frame.locator(".figure").inner_text()
    numbers = [f"{number:#.4g}".replace("-", "−") for number in last.parameters if abs(number) > 1e-3]
    assert len(numbers) > 10
    assert [number for number in numbers if number not in shown] == []
    page.evaluate("() => leave()")
    send(messages[0])
    opened.settle()
    assert "9 of 9" in moment.inner_text()
