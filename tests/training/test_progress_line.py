"""The progress line: what it says, that it fits, where it is silent, and that training does not depend on it."""

import io
import sys
import types
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, strategies as st

import minigrad as mg
from minigrad.errors import MinigradWarning
from minigrad.training import loop, progress_line, throttle
from minigrad.training.history import History
from minigrad.training.progress_line import BARS, MOST_BARS, ProgressLine, duration, sparkline
from minigrad.training.state import StepBudget, TrainingState
from tests.training.networks import LABELS, data, small_network, values


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self):
        return True

    @property
    def lines(self):
        """What was on the screen, one line for each drawing."""
        return [line for line in self.getvalue().replace("\n", "\r").split("\r") if line]


def draw_always(monkeypatch):
    """Let the line be drawn after every epoch, and never within one."""
    monkeypatch.setattr(progress_line, "DRAW_SECONDS", 0.0)
    monkeypatch.setattr(progress_line, "DRAW_SHARE", inf)
    monkeypatch.setattr(progress_line, "POSITION_SECONDS", inf)


def watch(monkeypatch):
    """Let the standard error be a terminal of 120 columns in which every epoch is drawn."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    draw_always(monkeypatch)
    monkeypatch.setenv("COLUMNS", "120")
    return terminal


def fit_shown(epochs=3, **settings):
    return small_network().fit(data()[0], LABELS, epochs=epochs, **settings)


def test_every_epoch_shows_its_loss_the_rate_and_the_time(monkeypatch):
    terminal = watch(monkeypatch)
    history = fit_shown()
    lines = terminal.lines
    assert len(lines) == 4
    for epoch, line in enumerate(lines[:3], start=1):
        assert line.startswith(
            f"epoch {epoch}/3  loss {history.loss[epoch - 1]:.4g} {sparkline(history.loss[:epoch], 8)}"
        )
    assert "samples/s" in lines[0]
    assert lines[0].endswith(" s left")
    assert lines[-1].rstrip().endswith(" s")
    assert "  in 0." in lines[-1]
    assert terminal.getvalue().endswith("\n")


def test_what_was_measured_is_shown_after_the_loss(monkeypatch):
    terminal = watch(monkeypatch)
    history = fit_shown(validation=0.25, metrics=[mg.accuracy])
    measured = f"validation {history.validation_loss[-1]:.4g}  accuracy {history.metrics['accuracy'][-1]:.4g}"
    assert measured in terminal.lines[-1]


@pytest.mark.parametrize("stream", [False, True])
def test_a_long_epoch_is_seen_under_way(stream, monkeypatch):
    terminal = watch(monkeypatch)
    monkeypatch.setattr(progress_line, "POSITION_SECONDS", -1.0)
    monkeypatch.setattr(loop, "UNINTERRUPTED_STEPS", 3)
    network, (X, T) = small_network(), data()
    network.fit(*(([(X[:4], T[:4])] * 2,) if stream else (X, T)), epochs=2)
    assert f"epoch 2/2 ({'8 samples' if stream else '25%'})  loss " in terminal.getvalue()


def test_steps_and_a_checkpoint_count_the_epochs_that_are_left(tmp_path, monkeypatch):
    terminal = watch(monkeypatch)
    X, T = data()
    small_network().fit(X, T, steps=18)
    assert [line[:9] for line in terminal.lines] == ["epoch 1/2", "epoch 2/2", "epoch 2/2"]
    terminal = watch(monkeypatch)
    for epochs in (2, 4):
        small_network().fit(X, T, epochs=epochs, callbacks=[mg.Checkpoint(tmp_path / "run", every=1)])
    assert [line[:9] for line in terminal.lines[3:]] == ["epoch 3/4", "epoch 4/4", "epoch 4/4"]
    terminal = watch(monkeypatch)
    small_network().fit(X, T, epochs=4, callbacks=[mg.Checkpoint(tmp_path / "run", every=1)])
    small_network().fit(X, T, epochs=0)
    assert not terminal.lines  # nothing was left to do


def test_the_remaining_time_is_that_of_the_epochs_that_are_left(monkeypatch):
    now = 100.0
    for module in (progress_line, throttle):
        monkeypatch.setattr(module, "perf_counter", lambda: now)
    state = TrainingState(epoch=4, history=History([0.5] * 4))  # goes on from a checkpoint
    line = ProgressLine(state, StepBudget(samples=1000, epochs=10, batch_size=1), 1000, enabled=False)
    assert line.time_left(0.0) == ""
    now, line.samples_learned = 140.0, 2000
    state.epoch += 2
    shown = "epoch  6/10  loss 0.5 ▅▅▅▅  50 samples/s  1:20 left"  # 2 epochs took 40 s, 4 are left
    assert line.text(100) == shown
    state.epoch, state.position, state.loss_sum = 5, 500, 50.0
    assert line.text(100) == "epoch  6/10 (50%)  loss 0.1 ████▁  50 samples/s  2:00 left"
    state.epoch, state.position = 2, 0
    few = ProgressLine(state, StepBudget(samples=1000, epochs=10, batch_size=100, steps=25), 1000, enabled=False)
    few.first_epoch = 1.0
    assert few.time_left(30.0) == "0:15 left"  # one epoch took 30 s, half an epoch is left


def test_an_error_or_a_warning_begins_below_the_line(monkeypatch):
    terminal = watch(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        fit_shown(callbacks=[lambda event: 1 // (2 - event.epoch)])
    assert terminal.getvalue().endswith("\n")
    assert terminal.lines[-1].startswith("epoch 2/3")
    network, (X, T) = small_network(output=mg.identity), data()
    with pytest.warns(MinigradWarning, match="training stops"):
        network.fit(X, T, mg.SGD(1e200), epochs=3)
    assert terminal.lines[-1].startswith("epoch 1/3  loss nan !")


def test_nothing_is_shown_where_nobody_watches(monkeypatch):
    terminal, piped = Terminal(), io.StringIO()
    closed = Terminal()
    closed.close()
    for stream in (piped, None, closed, types.SimpleNamespace()):
        monkeypatch.setattr(sys, "stderr", stream)
        assert len(fit_shown().loss) == 3
    assert not piped.getvalue()
    monkeypatch.setattr(sys, "stderr", terminal)
    fit_shown(progress=False)
    assert not terminal.getvalue()


def test_a_notebook_shows_the_line_in_its_output(monkeypatch):
    class OutStream(io.StringIO):
        """The class that ipykernel writes with."""

    stream = OutStream()
    monkeypatch.setattr(sys, "stdout", stream)
    fit_shown()
    assert not stream.getvalue()
    monkeypatch.setitem(sys.modules, "ipykernel.iostream", types.SimpleNamespace(OutStream=OutStream))
    fit_shown()
    assert "\repoch 3/3  loss " in stream.getvalue()


def test_a_terminal_that_is_gone_does_not_end_training(monkeypatch, capsys):
    class Gone(Terminal):
        """A terminal that was closed meanwhile."""

        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    draw_always(monkeypatch)
    assert len(fit_shown().loss) == 3
    assert not capsys.readouterr().out


def test_the_line_does_not_change_what_is_learned(monkeypatch):
    watch(monkeypatch)
    shown, silent = small_network(), small_network()
    shown.fit(*data(), epochs=2)
    silent.fit(*data(), epochs=2, progress=False)
    assert values(shown) == values(silent)


@pytest.mark.parametrize("cost", [0.0, 0.0005, 0.004])
def test_the_line_is_drawn_ten_times_a_second_at_most_and_takes_a_hundredth_of_the_time(cost, monkeypatch):
    class SlowTerminal(Terminal):
        """A terminal that takes its time to show a line."""

        def write(self, text):
            nonlocal now
            now += cost if text else 0.0  # print writes its `end` as well
            return super().write(text)

    def let_time_pass(progress):
        nonlocal now
        now += 0.009

    now = 0.0
    terminal = SlowTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for module in (progress_line, throttle):
        monkeypatch.setattr(module, "perf_counter", lambda: now)
    fit_shown(epochs=300, callbacks=[let_time_pass])
    drawings = len(terminal.lines) - 1  # without that of the end
    pause = max(0.1, 100 * cost)
    assert 0.9 * now / (pause + 0.009) - 1 < drawings <= now / pause + 1


def line_of(width, losses, metrics=(), encoding="utf-8"):
    """The line after some epochs, in a terminal of that width and encoding."""
    history = History(list(losses), metrics={name: [0.123456] for name in metrics})
    line = ProgressLine(TrainingState(epoch=len(losses), history=history), StepBudget(4, 1000, 1), 4, enabled=False)
    line.stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    line.samples_learned = 4 * len(losses)
    line.first_epoch = 0.0
    line.started -= 100
    return line.text(width)


@given(
    st.integers(1, 250),
    st.lists(st.floats(), min_size=1, max_size=40),
    st.lists(st.sampled_from(["accuracy", "a" * 90, "größter", "r_squared"]), unique=True),
)
def test_the_line_fits_into_any_width(width, losses, metrics):
    text = line_of(width, losses, metrics)
    assert len(text) <= width
    assert text.startswith("epoch"[:width])
    if width > 60:
        assert f"loss {losses[-1]:.4g} " in text
        assert text.endswith("left")


def test_a_narrow_terminal_loses_the_rate_first_and_the_loss_last():
    losses = np.geomspace(1, 1e-3, 50).tolist()
    full = line_of(200, losses, ["accuracy"])
    assert full == (
        f"epoch   50/1000  loss 0.001 {sparkline(losses, MOST_BARS)}  accuracy 0.1235  2 samples/s  31:40 left"
    )
    assert (
        line_of(70, losses, ["accuracy"])
        == f"epoch   50/1000  loss 0.001 {sparkline(losses, 13)}  accuracy 0.1235  31:40 left"
    )
    assert line_of(50, losses, ["accuracy"]) == f"epoch   50/1000  loss 0.001 {sparkline(losses, 10)}  31:40 left"
    assert line_of(30, losses, ["accuracy"]) == "epoch   50/1000  loss 0.001"
    assert line_of(10, losses) == "epoch   50"
    assert line_of(70, losses, ["准确率"]).endswith("准确率 0.1235  31:40 left")
    assert len(line_of(70, losses, ["准确率"])) <= 67  # each of the three characters takes two columns


def test_an_encoding_without_bars_gets_ascii():
    text = line_of(90, [1.0, 0.1, 0.01, nan], ["größter"], encoding="ascii")
    assert text.isascii()
    assert "loss nan #=_!" in text
    assert "loss 0.01 █▅▁" in line_of(90, [1.0, 0.1, 0.01], encoding="gb18030")


@pytest.mark.parametrize(
    ("losses", "bars"),
    [
        ([0.5], "▅"),
        ([0.0, 0.0, 0.0], "▅▅▅"),
        ([nan], "!"),
        ([nan, inf, -inf], "!!!"),
        ([1.0, inf, 0.5, nan], "█!▁!"),
        ([8, 7, 6, 5, 4, 3, 2, 1, 0], "██▇▆▅▄▃▂▁"),
        ([1e-300, 1e300], "▁█"),
        ([-1.7e308, 0.0, 1.7e308], "▁▅█"),
        ([5e-324, 0.0, -5e-324], "▅▅▅"),
        ([100, 10, 1], "█▅▁"),
        ([], ""),
    ],
)
def test_bars_show_the_course_of_the_loss(losses, bars):
    assert sparkline(losses, 20) == bars


@given(st.lists(st.floats(), max_size=60), st.integers(1, 30))
def test_bars_rise_and_fall_with_the_loss(losses, most):
    bars = sparkline(losses, most)
    assert len(bars) == min(len(losses), most)
    count = len(bars)
    chosen = [losses[len(losses) * number // count - 1] for number in range(1, count + 1)]
    assert [bar == "!" for bar in bars] == [not np.isfinite(loss) for loss in chosen]
    pairs = sorted((loss, BARS.index(bar)) for loss, bar in zip(chosen, bars, strict=True) if bar != "!")
    heights = [height for _, height in pairs]
    assert heights == sorted(heights)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1.0, "0.0 s"),
        (0.34, "0.3 s"),
        (9.94, "9.9 s"),
        (12.4, "0:12"),
        (59.6, "1:00"),
        (3723, "1:02:03"),
        (2e5, "55:33:20"),
    ],
)
def test_durations_read_like_a_clock(seconds, text):
    assert duration(seconds) == text
