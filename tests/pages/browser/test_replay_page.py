"""The page that replays a training, in a browser: at every moment it shows the network as it was then."""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad import datasets
from minigrad.errors import MinigradWarning
from tests.pages.browser.conftest import OpenPage
from tests.pages.browser.explore_page import FIGURE, written_as
from tests.pages.browser.opened_page import OpenedPage
from tests.pages.cases import HOSTILE
from tests.pages.quantities import Quantities
from tests.pages.test_replay import decoded, page_data


class Replay(NamedTuple):
    """A trained network, its page, and the parameters at each frame and the samples as the page has them."""

    network: mg.Network
    html: str
    frames: np.ndarray
    X: np.ndarray
    T: np.ndarray


def record(network: mg.Network, X: Any, T: Any, epochs: int, title: str = "", rate: float = 0.5) -> Replay:
    """Train a network with a recorder, and return its page."""
    recorder = mg.Recorder(every=5)
    network.fit(X, T, mg.SGD(rate), epochs=epochs, seed=0, callbacks=[recorder], progress=False)
    page = recorder.page(title=title)
    data = page_data(page)
    samples, targets = (
        np.frombuffer(b64decode(data[name]), "<f4").reshape(-1, len(nodes)).astype(float)
        for name, nodes in (("samples", network.inputs), ("targets", network.targets))
    )
    assert {*map(tuple, samples)} <= {*map(tuple, np.float32(X).astype(float))}
    return Replay(network, page.html, decoded(data["frames"]), samples, targets)


@cache
def xor() -> Replay:
    """Return the replay of XOR 2-4-1."""
    network = mg.Network(*mg.mlp([2, 4, 1], activation=mg.tanh, output=mg.sigmoid, rng=3))
    return record(network, *datasets.xor(), epochs=200)


@cache
def images() -> Replay:
    """Return the replay of a network that tells images of four by four pixels apart."""
    rng = np.random.default_rng(0)
    X = rng.random((30, 16))
    network = mg.Network(*mg.mlp([16, 3, 2], activation=mg.sigmoid, rng=0))
    return record(network, X, (X[:, :8].sum(axis=1) > X[:, 8:].sum(axis=1)).astype(int), epochs=20)


@cache
def hostile() -> Replay:
    """Return the replay of a network whose names try to leave their texts."""
    inputs = [mg.Input(f"{HOSTILE}{i}") for i in (1, 2)]
    h = mg.layer(inputs, 2, activation=mg.tanh, name=HOSTILE + "h", rng=8)
    y = mg.neuron(h, activation=mg.sigmoid, name=HOSTILE + "y", rng=9)
    return record(mg.Network(inputs, [y]), *datasets.xor(), epochs=10, title=HOSTILE)


def false_numbers(opened: OpenedPage, replay: Replay, frame: int, sample: int) -> list[str]:
    """Return what the figure shows at a frame that is not what Python computes with the parameters of then."""
    position = 0
    for parameter in replay.network.parameters:
        size = int(np.size(parameter.value))
        numbers = replay.frames[frame, position : position + size]
        parameter.value = numbers.reshape(parameter.shape) if parameter.shape else float(numbers[0])
        position += size
    quantities = Quantities(replay.network, (replay.X[sample], replay.T[sample]), mg.SGD(0.5))
    shown = opened.page.evaluate(FIGURE)
    assert len(shown) > 20
    return [f"{key} is shown as {text}" for key, text in shown if not written_as(text, quantities, key)]


@pytest.mark.parametrize("replay", [xor, images])
def test_every_number_of_a_moment_is_that_of_python(replay: Any, open_page: OpenPage) -> None:
    opened = open_page(replay().html)
    slider = opened.page.locator("input.moments")
    last = len(replay().frames) - 1
    assert int(slider.get_attribute("max") or 0) == last
    for frame in (0, 1, last // 2, last):
        slider.fill(str(frame))
        opened.settle()
        assert false_numbers(opened, replay(), frame, 0) == []


def test_keys_the_player_and_the_curve_choose_a_moment(open_page: OpenPage) -> None:
    opened = open_page(xor().html)
    slider = opened.page.locator("input.moments")
    for key, frame in (
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", len(xor().frames) - 1),
        ("Home", 0),
    ):
        opened.page.keyboard.press(key)
        opened.settle()
        assert int(slider.input_value()) == frame
    opened.page.keyboard.press("Space")
    opened.page.wait_for_function("() => document.querySelector('input.moments').valueAsNumber >= 2")
    opened.page.keyboard.press("Space")
    stopped = slider.input_value()
    opened.page.wait_for_timeout(900)
    assert slider.input_value() == stopped
    opened.settle()
    assert false_numbers(opened, xor(), int(stopped), 0) == []


def test_the_next_sample_is_shown(open_page: OpenPage) -> None:
    opened = open_page(xor().html)
    opened.page.keyboard.press("End")
    opened.page.get_by_role("button", name="Next sample").click()
    opened.settle()
    assert false_numbers(opened, xor(), -1, 1) == []


def test_hostile_names_and_titles_are_texts(open_page: OpenPage) -> None:
    opened = open_page(hostile().html)
    opened.page.keyboard.press("End")
    for part in opened.page.locator("[data-key^='edge:'], [data-key^='node:']").all()[:6]:
        part.focus()
        opened.page.keyboard.press("Enter")
    opened.settle()
    assert opened.page.evaluate("() => document.querySelectorAll('script, img, [onerror]').length") == 2


@pytest.mark.parametrize("replay", [xor, images])
def test_a_replay_is_soon_ready_and_does_not_scroll_sideways(replay: Any, open_page: OpenPage) -> None:
    opened = open_page(replay().html, width=360)
    assert opened.milliseconds_to_ready() < 2000
    for width in (360, 700, 1280, 2560):
        opened.page.set_viewport_size({"width": width, "height": 800})
        opened.settle()
        assert opened.sideways_scroll() <= 0


def test_the_map_of_large_numbers_is_not_that_of_lost_ones(open_page: OpenPage) -> None:
    network = mg.Network(*mg.mlp([2, 2, 1], activation=mg.relu, output=mg.identity, rng=0))
    with pytest.warns(MinigradWarning, match="training stops"):
        diverged = record(network, *datasets.xor(), epochs=60, rate=50.0)
    opened = open_page(diverged.html)
    opened.page.keyboard.press("End")
    opened.settle()
    share_of_ink = opened.page.evaluate("""() => {
      const canvas = document.querySelector("canvas.map");
      const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((number, index) => index % 4 === 2 && number < 60).length / (width * height);
    }""")
    assert share_of_ink < 0.2


def test_slider_and_player_stay_in_reach_on_a_small_screen(open_page: OpenPage) -> None:
    page = open_page(images().html, width=400, height=700).page
    is_in_reach = """(selector) => {
      const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2)?.closest(selector) !== null;
    }"""
    for top in (0, 150, 300, 500, 5000):
        page.evaluate("(top) => scrollTo(0, top)", top)
        for selector in ("input.moments", ".toolbar .main"):
            assert page.evaluate(is_in_reach, selector), (top, selector)
