"""Callbacks: when they are called; early stopping, and stopping at a loss that is not finite."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FileError, NotFiniteError, SettingError
from minigrad.training import loop
from minigrad.training.callbacks import EarlyStopping
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.history import Progress
from tests.training.networks import ENGINES, StopError, T, X, data, fitted, small_network, stop_after, values


def test_callbacks_are_told_after_each_epoch_in_order():
    network, (X, T) = small_network(), data()
    seen = []
    history = network.fit(
        X,
        T,
        epochs=3,
        callbacks=(call for call in (seen.append, lambda event: seen.append(event.epoch))),
        validation=(X, T),
        progress=False,
    )
    assert seen[1::2] == [1, 2, 3]
    assert seen[::2] == [
        Progress(epoch, *losses, step=epoch * len(X))
        for epoch, losses in enumerate(zip(history.loss, history.validation_loss, strict=True), start=1)
    ]


def test_without_validation_a_callback_hears_of_none():
    network, (X, T) = small_network(), data()
    seen = []
    network.fit(X, T, epochs=1, callbacks=[seen.append], progress=False)
    assert seen[0].validation_loss is None


@pytest.mark.parametrize("batch_size", [1, 5])
def test_a_callback_that_raises_leaves_the_parameters_of_its_epoch(batch_size):
    X, T = data()
    stopped, whole = small_network(), small_network()
    with pytest.raises(StopError):
        stopped.fit(X, T, epochs=9, batch_size=batch_size, callbacks=[stop_after(2)], progress=False)
    whole.fit(X, T, epochs=2, batch_size=batch_size, progress=False)
    assert values(stopped) == values(whole)
    np.testing.assert_array_equal(stopped.predict(X), whole.predict(X))


class Followed:
    """A training of which only the validation loss is known."""

    def __init__(self):
        self.reason, self.restored, self.epoch = None, None, 0

    def stop(self, reason):
        self.reason = reason

    def snapshot(self):
        return np.full(1, float(self.epoch))

    def restore(self, snapshot):
        self.restored = snapshot


def followed(stopping, losses):
    """The parameters restored after epochs with these validation losses, and after which of them training ends."""
    training, ends = Followed(), []
    stopping.start(Progress(0, np.nan, control=training))
    for epoch, value in enumerate(losses, start=1):
        training.epoch, training.reason = epoch, None
        record = Progress(epoch, 1.0, value, control=training)
        stopping.epoch_end(record)
        ends.append(training.reason is not None)
    stopping.finish(record)
    return training.restored, ends


def test_early_stopping_counts_epochs_without_progress():
    stopping = EarlyStopping(patience=2, least=0.1)
    for _ in range(2):  # nothing is left of the training before
        best, ends = followed(stopping, [3.0, 2.0, 1.95, np.nan, 1.8])
        assert ends == [False, False, False, True, False]
        np.testing.assert_array_equal(best, [5.0])
    best, ends = followed(EarlyStopping(1), [np.nan, np.inf])
    assert ends == [True, True]
    assert best is None


@ENGINES
def test_early_stopping_restores_the_best(engine):
    validation = (-X, T)
    settings = {"validation": validation, "optimizer": mg.SGD(2.0), "engine": engine}
    net = small_network()
    history = net.fit(X, T, epochs=200, callbacks=[EarlyStopping(patience=3)], progress=False, **settings)
    best = int(np.argmin(history.validation_loss))
    assert len(history.loss) == best + 4 < 200
    assert values(net) == fitted(epochs=best + 1, **settings)[0]
    assert net.evaluate(*validation) == pytest.approx(history.validation_loss[best], rel=1e-12)


@ENGINES
def test_early_stopping_goes_on_from_a_checkpoint(engine, tmp_path):
    settings = {"validation": (-X, T), "optimizer": mg.SGD(2.0), "engine": engine}
    alone = fitted(epochs=200, callbacks=[EarlyStopping(3)], **settings)
    checkpoint = Checkpoint(tmp_path / "run", 5)
    for epochs in (2, 5, 200, 200):
        found = fitted(epochs=epochs, callbacks=[checkpoint, EarlyStopping(3)], **settings)
    assert found == alone
    assert found[1].stop_reason == "the validation loss has not fallen for 3 epochs"
    with pytest.raises(FileError, match=r"another training; found callback EarlyStopping 1.patience 3, expected 4"):
        fitted(epochs=200, callbacks=[checkpoint, EarlyStopping(4)], **settings)


def test_early_stopping_needs_validation_data():
    with pytest.raises(SettingError, match="early stopping needs validation data"):
        fitted(callbacks=[EarlyStopping()])
    for wrong in (5, EarlyStopping, True):
        with pytest.raises(SettingError, match="not a callback"):
            fitted(callbacks=[wrong], validation=0.5)
    for impossible in ({"patience": 0}, {"least": -1}):
        with pytest.raises(SettingError):
            EarlyStopping(**impossible)


@pytest.mark.parametrize("engine", ["nodes", "numpy"])
@pytest.mark.parametrize("batch_size", [1, 5])
def test_training_that_diverges_stops_where_it_began_and_says_why(engine, batch_size):
    x = mg.Input("x")
    w = mg.Parameter(1.0, "w")
    network = mg.Network(x, mg.exp(w * x, name="y"))
    X, T = np.full((20, 1), 800.0), np.zeros((20, 1))
    with pytest.raises(NotFiniteError) as caught:
        network.fit(
            X,
            T,
            mg.SGD(0.1),
            epochs=5,
            batch_size=batch_size,
            progress=False,
            engine=engine,
            callbacks=[mg.StopOnNonFinite()],
        )
    assert caught.value.node == "arithmetic y"
    assert "inf" in caught.value.found
    assert "unnamed × node" in caught.value.found
    assert np.isfinite(w.value)
    assert not np.all(np.isfinite(network.outputs[0].value))
    assert network.parameters[0].delta is not None  # the backward pass of that step too
    assert "∞" in str(mg.draw(network, view="text"))


class Recorder:
    """A callback with every method, which notes each call."""

    def __init__(self, every=5):
        self.every, self.calls = every, []

    def start(self, progress):
        self.calls.append(("start", progress.epoch, progress.step))

    def step_end(self, progress):
        self.calls.append(("step", progress.epoch, progress.step))

    def epoch_end(self, progress):
        self.calls.append(("epoch", progress.epoch, progress.step))

    def finish(self, progress):
        self.calls.append(("finish", progress.epoch, progress.step))


CALLS = [("step", 1, 5), ("step", 1, 10), ("epoch", 1, 12), ("step", 2, 15), ("step", 2, 20), ("epoch", 2, 24)]


@ENGINES
def test_an_object_is_called_at_its_moments(engine, monkeypatch):
    alone = fitted(epochs=2, engine=engine)
    for uninterrupted in (1000, 4):
        monkeypatch.setattr(loop, "UNINTERRUPTED_STEPS", uninterrupted)
        recorder = Recorder()
        assert fitted(epochs=2, engine=engine, callbacks=[recorder]) == alone
        assert recorder.calls == [("start", 0, 0), *CALLS, ("finish", 2, 24)]


def test_batches_of_a_stream_are_steps():
    recorder, network = Recorder(every=2), small_network()
    network.fit(lambda: ((X[start : start + 4], T[start : start + 4]) for start in (0, 4, 8)), epochs=1,
                callbacks=[recorder], progress=False)  # fmt: skip
    assert recorder.calls == [("start", 0, 0), ("step", 1, 2), ("epoch", 1, 3), ("finish", 1, 3)]


def test_progress_does_not_change():
    seen = []
    fitted(epochs=2, metrics=[mg.r_squared], callbacks=[seen.append])
    assert [record.epoch for record in seen] == [1, 2]
    with pytest.raises(AttributeError):
        seen[0].epoch = 3
    with pytest.raises(TypeError):
        seen[0].metrics["r_squared"] = 1.0
    with pytest.raises(SettingError, match="belongs to no training"):
        Progress(1, 0.5).stop("no")


@ENGINES
@pytest.mark.parametrize("batch_size", [1, 5])
def test_parameters_are_known_within_an_epoch(engine, batch_size):
    class Look:
        every = 2

        def step_end(self, progress):
            looks.append({node.name: value for node, value in progress.parameters.items()})

    looks = []
    fitted(epochs=1, engine=engine, batch_size=batch_size, callbacks=[Look()])
    expected, _ = fitted(steps=2, engine=engine, batch_size=batch_size)
    assert looks[0] == expected


@ENGINES
@pytest.mark.parametrize("every", [1, 5, 12])
def test_training_ends_where_a_callback_stops_it(engine, every, tmp_path):
    class Halt:
        def __init__(self):
            self.every = every

        def step_end(self, progress):
            if progress.step >= 15:
                progress.stop("fifteen")

    steps = -(-15 // every) * every
    found = fitted(epochs=9, engine=engine, callbacks=[Halt()])
    expected = fitted(steps=steps, engine=engine)
    assert found[0] == expected[0]
    assert found[1].loss == expected[1].loss
    assert found[1].stop_reason == "fifteen"
    assert "stopped: fifteen" in repr(found[1])
    checkpoint = Checkpoint(tmp_path / "run", 7)
    for _ in range(2):
        assert fitted(epochs=9, engine=engine, callbacks=[checkpoint, Halt()]) == found


def test_training_that_is_stopped_before_it_begins_makes_no_step():
    class Never:
        def start(self, progress):
            assert np.isnan(progress.loss)
            progress.stop("never")

    assert fitted(callbacks=[Never()])[0] == values(small_network())


class Counter:
    """A callback with a state of its own, which decides when training ends."""

    every = 4

    def __init__(self, limit):
        self.limit, self.count, self.seen = limit, 0, np.zeros(0)

    def step_end(self, progress):
        self.count += 1
        self.seen = np.append(self.seen, progress.loss)
        if self.count == self.limit:
            progress.stop("enough")

    def state(self):
        return {"count": self.count, "seen": self.seen, "nested": [{"a": (1, None)}, np.float64(0.5), float("nan")]}

    def load_state(self, state):
        self.count, self.seen = state["count"], state["seen"]
        assert state["nested"][:2] == [{"a": (1, None)}, 0.5]


@pytest.mark.parametrize("epoch", [1, 2, 3])
@pytest.mark.parametrize("every", [1, 5, 12])
def test_a_checkpoint_keeps_the_state_of_callbacks(epoch, every, tmp_path):
    alone = Counter(11)
    expected = fitted(epochs=9, callbacks=[alone])
    checkpoint = Checkpoint(tmp_path / "run", every)
    with pytest.raises(StopError):
        fitted(epochs=9, callbacks=[checkpoint, Counter(11), stop_after(epoch)])
    for _ in range(2):
        again = Counter(11)
        assert fitted(epochs=9, callbacks=[checkpoint, again]) == expected
        np.testing.assert_array_equal(again.seen, alone.seen)
    with pytest.raises(FileError, match=r"another training; found callbacks Counter 1, expected none"):
        fitted(epochs=9, callbacks=[checkpoint])


def test_a_state_that_cannot_be_written_is_named(tmp_path):
    class Odd(Counter):
        def state(self):
            return {"count": object()}

    with pytest.raises(FileError, match="Odd 1: the state cannot be written to a checkpoint"):
        fitted(callbacks=[Checkpoint(tmp_path / "run"), Odd(1)])


class OwnRate:
    """A schedule that remembers how often it was asked."""

    def __init__(self):
        self.count = 0

    def at(self, step):
        self.count += 1
        return 0.5 / self.count

    def state(self):
        return {"count": self.count}

    def load_state(self, state):
        self.count = state["count"]

    def __repr__(self):
        return "OwnRate()"


def test_a_checkpoint_keeps_the_state_of_schedules(tmp_path):
    expected = fitted(epochs=4, optimizer=mg.SGD(OwnRate()))
    for epochs in (1, 3, 4):
        settings = {"epochs": epochs, "callbacks": [Checkpoint(tmp_path / "run", 5)]}
        found = fitted(optimizer=mg.Clipped(mg.SGD(OwnRate()), norm=1e9), **settings)
    assert found[0] == pytest.approx(expected[0], rel=1e-9)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (5, "callbacks must be a list"),
        ([5], "not a callback; found 5"),
        ([Recorder], r"not a callback.*Write Recorder\(...\), with parentheses"),
        ([Recorder(0)], "every: an impossible setting; found 0"),
        ([type("Half", (), {"state": lambda self: {}})()], "a callback needs both state and load_state, or neither"),
        ([mg.StopOnNonFinite(), mg.StopOnNonFinite()], "more than one StopOnNonFinite"),
    ],
)
def test_what_is_no_callback_is_named_before_anything_moves(wrong, words):
    network = small_network()
    with pytest.raises(SettingError, match=words):
        network.fit(X, T, callbacks=wrong, progress=False)
    assert values(network) == values(small_network())


@ENGINES
@pytest.mark.parametrize("every", [1, 7, 100])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_exact_step_of_the_first_non_finite_number_is_named(engine, every, batch_size):
    """w grows by 0.1 exp(w) in every step until exp overflows."""
    x, w = mg.Input("x"), mg.Parameter(-2.0, "w")
    network = mg.Network(x, mg.exp(w * x, name="y"), loss=lambda outputs, targets: -outputs[0])
    expected, step = w.value, 0
    with np.errstate(over="ignore"):
        while np.isfinite(np.exp(expected)):
            expected, step = expected + 0.1 * np.exp(expected), step + 1
    assert step > 50
    settings = {"epochs": 99, "batch_size": batch_size, "engine": engine, "callbacks": [mg.StopOnNonFinite(every)]}
    with pytest.raises(NotFiniteError, match=f"not finite in step {step + 1}, sample") as caught:
        network.fit(np.ones(30), np.zeros(30), mg.SGD(0.1), progress=False, **settings)
    assert w.value == pytest.approx(expected, rel=1e-9)
    assert caught.value.node == "arithmetic y"


@ENGINES
def test_a_derivative_that_is_not_finite_is_named_too(engine):
    x, w = mg.Input("x"), mg.Parameter(0.0, "w")
    network = mg.Network(x, mg.sqrt(w * x, name="root"), loss=lambda outputs, targets: outputs[0])
    with pytest.raises(NotFiniteError, match="not finite in step 1, sample 0") as caught:
        network.fit([1.0], [0.0], engine=engine, callbacks=[mg.StopOnNonFinite()], progress=False)
    assert w.value == 0
    assert "∂L/∂(" in caught.value.found


@ENGINES
def test_watching_for_non_finite_numbers_changes_nothing(engine):
    for every in (1, 5, 100):
        watch = [mg.StopOnNonFinite(every)]
        assert fitted(engine=engine, batch_size=5, callbacks=watch) == fitted(engine=engine, batch_size=5)


def rates_after(schedule, losses):
    """The rate of a schedule after each of some epochs with these validation losses."""
    rates = []
    for epoch, loss in enumerate(losses, start=1):
        schedule.epoch_end(Progress(epoch, 0.0, loss, {}, epoch, None))
        rates.append(schedule.at(epoch))
    return rates


@pytest.mark.parametrize(
    ("settings", "losses", "rates"),
    [
        # 2 epochs without improvement halve the rate, and counting begins anew
        ({"patience": 2}, [5, 5, 5, 4, 4, 4, 4, 4], [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]),
        # an improvement begins the count anew
        ({"patience": 2}, [5, 6, 4, 6, 3, 6, 6], [1, 1, 1, 1, 1, 1, 0.5]),
        # less than 10 % below the lowest loss is none
        ({"patience": 1, "threshold": 0.1}, [10, 9.5, 8.9, 8.1, 7.9], [1, 0.5, 0.5, 0.25, 0.25]),
        # of a loss below 0 too: below -1.1, not below -0.9
        ({"patience": 1, "threshold": 0.1}, [-1, -0.95, -1.05, -1.2], [1, 0.5, 0.25, 0.25]),
        # the 2 epochs after a reduction do not count
        ({"patience": 1, "cooldown": 2}, [5, 5, 5, 5, 5, 5], [1, 0.5, 0.5, 0.5, 0.25, 0.25]),
        # an improvement during them counts
        ({"patience": 1, "cooldown": 1}, [5, 5, 4, 4.5, 4.5], [1, 0.5, 0.5, 0.25, 0.25]),
        # the rate falls to the least, and stays
        ({"patience": 1, "min_lr": 0.3}, [5, 5, 5, 5], [1, 0.5, 0.3, 0.3]),
        # a least rate above the first one raises nothing
        ({"patience": 1, "min_lr": 2.0}, [5, 5, 5], [1, 1, 1]),
        # what is not finite is no improvement
        ({"patience": 2}, [np.nan, np.inf, 5, 5, -np.inf], [1, 0.5, 0.5, 0.5, 0.25]),
    ],
)
def test_the_rate_falls_on_a_plateau(settings, losses, rates):
    schedule = mg.ReduceOnPlateau(1.0, factor=0.5, **{"threshold": 0.0, **settings})
    assert rates_after(schedule, losses) == rates


@ENGINES
@pytest.mark.parametrize("wrap", [lambda rule: rule, lambda rule: mg.Clipped(rule, norm=1e9)])
def test_fit_tells_a_plateau_schedule_the_losses_and_follows_its_rate(engine, wrap):
    schedule = mg.ReduceOnPlateau(0.5, factor=0.1, patience=1, threshold=0.9)
    network, by_hand = small_network(), small_network()
    for rate in (0.5, 0.5, 0.05, 0.005):  # of the 4 epochs the first alone is an improvement
        by_hand.fit(X, T, mg.SGD(rate), epochs=1, shuffle=False, progress=False)
    settings = {"shuffle": False, "engine": engine, "validation": (X, T), "progress": False}
    network.fit(X, T, wrap(mg.SGD(schedule)), epochs=4, **settings)
    assert schedule.at(0) == pytest.approx(0.0005)
    assert values(network) == pytest.approx(values(by_hand), rel=1e-11)


def test_a_plateau_schedule_may_be_listed_as_a_callback_too_and_is_called_once():
    for listed in (lambda schedule: [], lambda schedule: [schedule]):
        schedule = mg.ReduceOnPlateau(1.0, factor=0.5, patience=1, threshold=0.99)
        fitted(optimizer=mg.SGD(schedule), epochs=3, callbacks=listed(schedule))
        assert schedule.at(0) == 0.25


def test_a_plateau_schedule_starts_anew_with_every_fit_but_a_warm_start():
    make = lambda: mg.ReduceOnPlateau(0.5, factor=0.5, patience=1, threshold=0.2)  # noqa: E731
    expected, _ = fitted(optimizer=mg.SGD(make()), epochs=6)
    assert fitted(optimizer=mg.SGD(make()), epochs=6)[0] == expected
    same = make()
    for optimizer in (lambda: mg.SGD(same), lambda: mg.SGD(make())):
        network = small_network()
        for _ in range(6):
            network.fit(X, T, optimizer(), epochs=1, progress=False, warm_start=True)
        assert values(network) == expected
    network.fit(X, T, mg.SGD(same), epochs=0, progress=False)
    assert same.at(0) == 0.5


@ENGINES
def test_a_checkpoint_keeps_the_rate_of_a_plateau_schedule(engine, tmp_path):
    def rule():
        return mg.Momentum(mg.ReduceOnPlateau(0.5, factor=0.5, patience=1, threshold=0.2))

    expected, _ = fitted(optimizer=rule(), epochs=6, engine=engine)
    for epochs in (2, 3, 6):
        found, _ = fitted(optimizer=rule(), epochs=epochs, engine=engine, callbacks=[Checkpoint(tmp_path / "run", 5)])
    assert found == expected
    other = mg.Momentum(mg.ReduceOnPlateau(0.5, factor=0.5, patience=2, threshold=0.2))
    with pytest.raises(FileError, match="the checkpoint belongs to another training"):
        fitted(optimizer=other, epochs=6, engine=engine, callbacks=[Checkpoint(tmp_path / "run", 5)])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": -1}, "lr"),
        ({"lr": None}, "lr"),
        ({"factor": 1.0}, "factor"),
        ({"patience": 0}, "patience"),
        ({"threshold": 1}, "threshold"),
        ({"cooldown": -1}, "cooldown"),
        ({"min_lr": np.nan}, "min_lr"),
    ],
)
def test_impossible_settings_of_a_plateau_schedule_are_named(settings, words):
    with pytest.raises(SettingError, match=words):
        mg.ReduceOnPlateau(**{"lr": 0.1, **settings})


def test_early_stopping_never_keeps_what_is_not_finite():
    kept = np.ones(2)

    class Following(Progress):
        def snapshot(self):
            return kept.copy()

    stopping = EarlyStopping(patience=9)
    for epoch, (loss, number) in enumerate([(3.0, 1.0), (-np.inf, 2.0), (2.0, np.nan), (np.nan, 3.0), (2.5, 4.0)], 1):
        kept[:] = number
        stopping.epoch_end(Following(epoch, 0.0, loss, {}, epoch, None))
    assert stopping.state()["best_epoch"] == 5
    np.testing.assert_array_equal(stopping.state()["best"], [4.0, 4.0])
