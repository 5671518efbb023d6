"""The widget: how often it is sent how much, that nothing is missing in the end, and what happens without it."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import RenderError, SettingError
from minigrad.pages import widget
from minigrad.pages.widget import SEND_SECONDS, SEND_SHARE, LiveView
from minigrad.training import throttle
from tests.pages.notebook import Notebook, watch

X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def make_network(*sizes: int) -> mg.Network:
    return mg.Network(*mg.mlp([2, *sizes, 1], mg.tanh, mg.sigmoid, rng=0))


def train(network: mg.Network, record: mg.Recorder, epochs: int = 300, **settings: Any) -> mg.History:
    return network.fit(X, T, mg.SGD(0.5), epochs=epochs, callbacks=[record], progress=False, **settings)


class Clock:
    """A time that goes on by `tick` whenever somebody looks at it, and by `cost` with every message."""

    def __init__(self, tick: float, cost: float = 0.0) -> None:
        self.now, self.tick, self.cost = 1000.0, tick, cost

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@pytest.fixture
def notebooks(monkeypatch: pytest.MonkeyPatch) -> list[Notebook]:
    """The notebooks that the widgets of a test were made for."""
    return watch(monkeypatch)


def use_clock(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[tuple[float, float]]:
    """Let the widget's time be that of a clock; return when messages begin and end."""
    for module in (widget, throttle):
        monkeypatch.setattr(module, "perf_counter", clock)
    sent: list[tuple[float, float]] = []
    send = LiveView.send

    def timed(view: LiveView, *arguments: Any) -> None:
        send(view, *arguments)
        clock.now += clock.cost
        sent.append((clock.now - clock.cost, clock.now))

    monkeypatch.setattr(LiveView, "send", timed)
    return sent


@pytest.mark.parametrize("settings", [{}, {"every": 3}, {"max_frames": 7}, {"every": 1, "max_frames": 30}])
def test_in_the_end_the_notebook_has_all_frames(settings: dict[str, int], notebooks: list[Notebook]) -> None:
    record = mg.Recorder(live=True, **settings)
    network = make_network(3)
    for _ in range(2):  # the second fit goes on in a cell of its own
        train(network, record)
    for notebook in notebooks:
        assert [*notebook.parameters] == notebook.messages[-1].content["steps"]
    first, second = notebooks
    assert first.messages[-1].content["epochs"][-1] == 300
    frames = record.frames
    assert [*second.parameters] == [frame.step for frame in frames]
    np.testing.assert_allclose([*second.parameters.values()], [frame.parameters for frame in frames], rtol=1e-6)
    content = second.messages[-1].content
    assert content["epochs"] == [frame.epoch for frame in frames]
    assert content["curves"]["loss"][1:] == [frame.measured["loss"] for frame in frames][1:]
    assert content["curves"]["loss"][0] is None  # nothing is measured before training
    json.dumps(content, allow_nan=False)


def test_frames_are_sent_once_and_all_of_them_now_and_then(
    notebooks: list[Notebook], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_clock(monkeypatch, Clock(tick=0.0025))
    train(make_network(3), mg.Recorder(live=True, max_frames=2000), epochs=1100)
    *messages, last = notebooks[0].messages
    counts = [(len(content["new"]), len(content["steps"])) for content, _ in messages]
    complete = [number for number, (new, there) in enumerate(counts) if new == there]
    assert len(messages) > 20
    assert len(complete) == 3  # the first, after a second and after two
    assert all(new <= 50 for number, (new, _) in enumerate(counts) if number not in complete)
    assert len(last.content["new"]) == 1101


def test_a_widget_that_is_loaded_late_misses_nothing_for_long(
    notebooks: list[Notebook], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_clock(monkeypatch, Clock(tick=0.0025))
    train(make_network(3), mg.Recorder(live=True, max_frames=2000), epochs=1100)
    late = Notebook("")
    for message in notebooks[0].messages[4:-1]:  # those before were sent too early
        late.send(message.content, [message.numbers])
    assert [*late.parameters] == notebooks[0].messages[-2].content["steps"]


@pytest.mark.parametrize("cost", [0.0, 0.001, 0.02, 0.3])
def test_messages_are_few_and_take_a_small_share_of_the_time(
    cost: float, notebooks: list[Notebook], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(tick=0.005, cost=cost)
    sent = use_clock(monkeypatch, clock)
    start = clock.now
    train(make_network(3), mg.Recorder(live=True, max_frames=50), epochs=1200)
    seconds = sent[-1][0] - start
    assert len(sent) <= seconds / SEND_SECONDS + 1
    assert cost * (len(sent) - 1) <= SEND_SHARE * seconds
    assert len(sent) > 0.8 * min(seconds / SEND_SECONDS, seconds * SEND_SHARE / (cost + 2 * clock.tick))


def test_what_is_learned_and_recorded_does_not_depend_on_who_watches(notebooks: list[Notebook]) -> None:
    recorders = mg.Recorder(), mg.Recorder(live=True)
    networks = make_network(3), make_network(3)
    for network, record in zip(networks, recorders, strict=True):
        train(network, record, epochs=30)
    assert len(notebooks) == 1
    assert [node.value for node in networks[0].parameters] == [node.value for node in networks[1].parameters]
    copy = deepcopy(recorders[1])
    assert [frame.step for frame in copy.frames] == [frame.step for frame in recorders[1].frames]
    for silent, live in zip(*(record.frames for record in recorders), strict=True):
        np.testing.assert_array_equal(silent.parameters, live.parameters)


def test_a_checkpoint_does_not_depend_on_who_watches(notebooks: list[Notebook], tmp_path: Any) -> None:
    for epochs, live in ((3, False), (6, True)):
        record, checkpoint = mg.Recorder(live=live), mg.Checkpoint(tmp_path / "run", every=4)
        make_network(3).fit(X, T, epochs=epochs, callbacks=[record, checkpoint], progress=False)
    assert notebooks[0].messages[-1].content["epochs"] == [0, 1, 2, 3, 4, 5, 6]


def test_live_is_yes_or_no() -> None:
    with pytest.raises(SettingError, match="live"):
        mg.Recorder(live="yes")  # type: ignore[arg-type]


def test_without_anywidget_fit_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    network = make_network(3)
    before = [node.value for node in network.parameters]
    with pytest.raises(RenderError, match=r"live pages need anywidget.*minigrad-bp\[widget\].*page\(\)"):
        train(network, mg.Recorder(live=True))
    assert [node.value for node in network.parameters] == before


def test_anywidget_gets_the_page_and_binary_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed: pip install '.[widget]'")
    import comm
    from comm.base_comm import BaseComm

    published: list[tuple[str, str, dict[str, Any], list[bytes]]] = []

    class Channel(BaseComm):
        """What carries messages to a notebook."""

        def publish_msg(
            self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any
        ) -> None:
            published.append((self.comm_id, msg_type, data, buffers or []))

    monkeypatch.setattr(comm, "create_comm", Channel)
    record = mg.Recorder(live=True)
    train(make_network(3), record)
    ((identity, state),) = [
        (identity, data["state"])
        for identity, kind, data, _ in published
        if kind == "comm_open" and "_esm" in data["state"]
    ]
    assert state["html"].startswith("<!doctype html>")
    assert "render" in state["_esm"]
    assert "_css" not in state
    notebook = Notebook(state["html"])
    for channel, kind, data, buffers in published:
        if channel == identity and kind == "comm_msg":
            if data["method"] == "custom":
                notebook.send(data["content"], buffers)
            else:  # all frames, which the widget keeps
                assert [*data["state"]] == ["content"]
                assert data["buffer_paths"] == [["numbers"]]
                notebook.send(data["state"]["content"], buffers)
    assert len(notebook.parameters) == len(notebook.messages[-1].content["new"]) == len(record.frames)
