"""Training data: columns, the validation split, sample weights and streams of batches, and where a fault is."""

import re
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import DataError, MinigradError, NotFiniteError, SettingError
from minigrad.training import metrics
from minigrad.training.callbacks import EarlyStopping
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.data import Columns
from minigrad.training.metrics import accuracy
from tests.training.networks import ENGINES, LABELS, T_XOR, X_XOR, T, X, fitted, small_network, values


def scalars(count):
    return [mg.Input(f"x{number}") for number in range(count)]


ROWS = [[0, 1], [2, 3], [4, 5]]


def test_data_is_not_changed():
    data = np.array(ROWS, np.float64)
    columns = Columns(scalars(2), data, "samples")
    columns.rows[0, 0] = 7.0
    assert data[0, 0] == 0.0


def test_columns_feed_scalar_nodes_in_order():
    x = scalars(2)
    columns = Columns(x, ROWS, "samples")
    assert len(columns) == 3
    assert columns.sample(1) == {x[0]: 2.0, x[1]: 3.0}
    assert all(type(value) is float for value in columns.sample(1).values())
    batch = columns.batch(np.array([2, 0]))
    np.testing.assert_array_equal(batch[x[0]], [4.0, 0.0])
    np.testing.assert_array_equal(batch[x[1]], [5.0, 1.0])


def test_an_array_valued_node_takes_the_rows_whole():
    x = mg.Input("x", 2)
    columns = Columns([x], ROWS, "samples")
    np.testing.assert_array_equal(columns.sample(1)[x], [2.0, 3.0])
    np.testing.assert_array_equal(columns.batch(np.array([2, 0]))[x], [[4.0, 5.0], [0.0, 1.0]])


@pytest.mark.parametrize("nodes", [scalars(1), [mg.Input("x", 1)]], ids=["scalar", "array of one"])
def test_a_plain_list_is_one_column(nodes):
    columns = Columns(nodes, [1, 2, 3], "samples")
    assert columns.rows.shape == (3, 1)


@pytest.mark.parametrize(
    ("nodes", "data", "expected"),
    [
        (scalars(2), np.ones((4, 3)), "found shape \\(4, 3\\), expected \\(samples, 2\\).*, 2 numbers in each"),
        (scalars(1), np.ones((4, 3)), "expected \\(samples, 1\\).*, 1 number in each"),
        (scalars(2), [1, 2], "found shape \\(2,\\).*write \\[x\\]"),
        (scalars(2), np.ones((2, 9)), "found shape \\(2, 9\\).*turn the data around, data.T"),
        (scalars(2), np.ones((4, 2, 1)), "\\(4, 2, 1\\)"),
        ([mg.Input("x", 3)], np.ones((4, 2)), "expected \\(samples, 3\\)"),
        ([mg.Input("x", (2, 3))], np.ones((4, 6)), "expected \\(samples, 2, 3\\)"),
    ],
)
def test_another_width_is_refused(nodes, data, expected):
    with pytest.raises(DataError, match=r"samples do not fit the network.*One row per sample") as caught:
        Columns(nodes, data, "samples")
    assert re.search(expected, str(caught.value))


# The validation split.


def test_a_share_of_the_samples_is_held_out():
    seen = []

    def looked(outputs, targets):
        seen.append(targets)
        return 0.0

    _, history = fitted(validation=0.25, metrics=[looked], seed=5)
    assert [len(rows) for rows in seen] == [3, 3, 3, 3]  # once before training, lest a metric fails later
    held = [place for place in range(12) if (T[place] == seen[0]).all(axis=1).any()]
    rest = [place for place in range(12) if place not in held]
    assert len(held) == 3
    rng = np.random.default_rng(5)
    rng.permutation(12)
    expected = fitted(data=(X[rest], T[rest]), validation=(X[held], T[held]), seed=rng)[1]
    assert (history.loss, history.validation_loss) == (expected.loss, expected.validation_loss)


@ENGINES
def test_weights_of_samples_held_out_count_there(engine):
    weights = np.where(np.arange(12) < 6, 0.5, 3.0)
    settings = {"optimizer": mg.SGD(0.3), "engine": engine, "metrics": [metrics.r_squared]}
    found, history = fitted(validation=0.25, sample_weight=weights, seed=5, **settings)
    rng = np.random.default_rng(5)
    held = np.isin(np.arange(12), rng.permutation(12)[:3])
    net = small_network()
    expected = net.fit(
        X[~held],
        T[~held],
        sample_weight=weights[~held],
        validation=(X[held], T[held]),
        seed=rng,
        epochs=3,
        progress=False,
        **settings,
    )
    assert (found, history.loss, history.metrics) == (values(net), expected.loss, expected.metrics)
    losses = [weight * net.evaluate([x], [t]) for weight, x, t in zip(weights[held], X[held], T[held], strict=True)]
    assert history.validation_loss[-1] == pytest.approx(np.mean(losses), rel=1e-12)


def test_the_rows_held_out_are_in_the_history():
    _, history = fitted(validation=0.25, seed=5)
    np.testing.assert_array_equal(history.held_out, np.sort(np.random.default_rng(5).permutation(12)[:3]))
    assert fitted()[1].held_out is None
    assert fitted(validation=(X, T))[1].held_out is None
    held = history.held_out
    rest = np.setdiff1d(np.arange(12), held)
    rng = np.random.default_rng(5)
    rng.permutation(12)
    assert fitted(data=(X[rest], T[rest]), validation=(X[held], T[held]), seed=rng)[1] == history


def test_without_shuffling_the_end_is_held_out():
    found, history = fitted(validation=0.25, shuffle=False)
    np.testing.assert_array_equal(history.held_out, [9, 10, 11])
    expected, by_hand = fitted(data=(X[:9], T[:9]), validation=(X[9:], T[9:]), shuffle=False)
    assert (found, history) == (expected, by_hand)


CLASSES = np.repeat([0, 1, 2], [4, 6, 20])


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 0.77])
@pytest.mark.parametrize("seed", range(3))
def test_a_stratified_share_has_as_much_of_each_class(share, seed):
    net = mg.Network(*mg.mlp([2, 3], output=mg.identity, rng=0), loss=mg.softmax_cross_entropy)
    samples = np.random.default_rng(0).normal(size=(30, 2))
    history = net.fit(samples, CLASSES, epochs=1, validation=share, stratify=True, seed=seed, progress=False)
    counts = np.bincount(CLASSES[history.held_out], minlength=3)
    assert counts.sum() == len({*history.held_out.tolist()}) == round(share * 30)
    assert (np.abs(counts - share * np.array([4, 6, 20])) < 1).all()
    other = net.fit(samples, CLASSES, epochs=1, validation=share, stratify=True, seed=seed + 3, progress=False)
    assert not np.array_equal(other.held_out, history.held_out)


@pytest.mark.parametrize("targets", [np.repeat([0, 1], 6), np.repeat([-1, 1], 6), ["a"] * 6 + ["b"] * 6])
def test_two_classes_of_one_output_are_stratified(targets):
    net = mg.Network(*mg.mlp([2, 1], rng=0))
    history = net.fit(X, targets, epochs=1, validation=0.5, stratify=True, progress=False)
    assert (history.held_out < 6).sum() == 3


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({}, DataError, "targets that are no classes"),
        (
            {"data": (X, [0] * 11 + [1])},
            DataError,
            "class of one sample cannot be split; found class 1 only at row 11",
        ),
        ({"validation": None}, SettingError, "only a share that is drawn at random"),
        ({"validation": (X, T)}, SettingError, "only a share that is drawn at random"),
        ({"shuffle": False}, SettingError, "only a share that is drawn at random"),
        ({"stratify": T}, SettingError, "stratify"),
    ],
)
def test_what_cannot_be_stratified_is_refused(settings, error, words):
    with pytest.raises(error, match=words):
        fitted(**{"validation": 0.25, "stratify": True, **settings})


def test_a_fault_in_a_share_is_named_by_its_row_in_the_whole():
    spoiled = X.copy()
    spoiled[7, 1] = np.nan
    for share in (0.25, 0.75):
        with pytest.raises(DataError, match=r"^samples hold a value that is not finite; found nan at row 7, column 1"):
            fitted(data=(spoiled, T), validation=share)


def test_a_share_is_any_number():
    assert fitted(validation=np.float32(0.25)) == fitted(validation=0.25)


@pytest.mark.parametrize("share", [0.0, 1.0, 0.01, -0.5, 2.0, np.nan, 1])
def test_a_share_that_leaves_one_side_empty_is_refused(share):
    with pytest.raises(DataError, match="leaves no samples for"):
        fitted(validation=share)


def test_a_fault_in_the_validation_data_is_called_so():
    network = small_network()
    with pytest.raises(MinigradError, match=r"validation samples hold a value that is not finite.*row 0, column 1"):
        network.fit(X_XOR, T_XOR, validation=([[0, np.nan]], [0]))
    with pytest.raises(MinigradError, match="validation targets hold a label out of range"):
        network.fit(X_XOR, T_XOR, validation=([[0, 1]], [7]))


# Sample weights.


@ENGINES
@pytest.mark.parametrize("batch_size", [1, 4, 12])
def test_a_weight_of_two_is_a_sample_twice(engine, batch_size):
    weights = np.where(np.arange(12) % 3, 1.0, 2.0)
    net = small_network()
    before = net.evaluate(X, T)
    settings = {"batch_size": batch_size, "engine": engine, "shuffle": False, "optimizer": mg.SGD(0.3)}
    found, history = fitted(sample_weight=weights, validation=(X, T), **settings)
    ones, plain = fitted(sample_weight=np.ones(12), **settings), fitted(**settings)
    assert ones[0] == pytest.approx(plain[0], abs=1e-14)
    if batch_size == 12:
        twice = np.repeat(np.arange(12), weights.astype(int))
        scaled = {**settings, "optimizer": mg.SGD(0.3 * 16 / 12), "batch_size": 16}
        assert found == pytest.approx(fitted(data=(X[twice], T[twice]), **scaled)[0], abs=1e-12)
    assert history.validation_loss[-1] < before * 2
    assert found != plain[0]


def test_a_weight_of_zero_teaches_nothing():
    weights = np.zeros(12)
    assert fitted(sample_weight=weights)[0] == values(small_network())


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.ones(3), "numbers of sample weights and samples differ"),
        (-np.ones(12), "negative"),
        ([np.nan] * 12, "not finite"),
        ("heavy", "weights"),
    ],
)
def test_weights_that_are_none_are_refused(weights, words):
    with pytest.raises(DataError, match=words):
        fitted(sample_weight=weights)


def test_the_weight_has_no_name_that_could_be_taken():
    x = mg.Input("sample weight")
    net = mg.Network(x, mg.neuron([x], name="y", rng=0))
    for engine in ("nodes", "numpy"):
        net.fit([1.0, 2.0], [0.0, 1.0], sample_weight=[1, 2], engine=engine, epochs=1, progress=False)


# Streams of batches.


def batches():
    """The samples by fives, the last two alone."""
    return ((X[start : start + 5], T[start : start + 5].tolist()) for start in range(0, 12, 5))


class Loader:
    """Something that can be gone through again and again."""

    def __iter__(self):
        return batches()


@pytest.mark.parametrize("engine", ["nodes", "numpy"])
@pytest.mark.parametrize("source", [batches, Loader(), list(batches())], ids=["function", "loader", "list"])
@pytest.mark.parametrize("check_finite", [False, True])
def test_batches_are_learned_from_as_those_of_an_array(source, engine, check_finite):
    settings = {"optimizer": mg.Adam(0.05), "epochs": 3, "engine": engine}
    settings |= {"progress": False, "validation": (-X, LABELS), "metrics": [accuracy]}
    settings["callbacks"] = [EarlyStopping(5), *([mg.StopOnNonFinite()] if check_finite else [])]
    streamed, whole = small_network(), small_network()
    first = streamed.fit(source, **settings)
    second = whole.fit(X, T, batch_size=5, shuffle=False, **settings)
    assert values(streamed) == values(whole)
    assert first == second


def test_labels_and_array_inputs_stream_too():
    x = mg.Input("x", 2)
    net = mg.Network(x, mg.dense(x, 2, mg.identity, "y", rng=0), mg.softmax_cross_entropy)
    history = net.fit([(X[:6], [0, 1] * 3), (X[6:], [1, 0] * 3)], epochs=4, progress=False)
    assert len(history.loss) == 4


def test_no_more_than_two_batches_are_held_at_a_time():
    made, most = [], []

    def fresh():
        for _ in range(5):
            rows = X.copy()
            made.append(weakref.ref(rows))
            most.append(sum(batch() is not None for batch in made))
            yield rows, T

    small_network().fit(fresh, epochs=2, progress=False)
    assert len(made) == 10
    assert max(most) <= 2


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_source_of_batches_is_asked_once_an_epoch(epochs):
    calls, yielded = [], []

    def source():
        calls.append(1)
        for number in range(3):
            yielded.append(number)
            yield X[4 * number : 4 * number + 4], T[4 * number : 4 * number + 4]

    class Counted:
        def __iter__(self):
            return source()

    streamed, whole = small_network(), small_network()
    streamed.fit(source, epochs=epochs, progress=False)
    whole.fit(X, T, epochs=epochs, batch_size=4, shuffle=False, progress=False)
    assert values(streamed) == values(whole)
    assert (len(calls), yielded) == (epochs, [0, 1, 2] * epochs)
    small_network().fit(Counted(), epochs=epochs, progress=False)
    assert len(calls) == 2 * epochs


def once():
    yield X, T


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (once(), "only once; found generator.*Pass a function"),
        (iter([(X, T)]), "only once"),
        (lambda: (), "an epoch has no batches"),
        ([], "an epoch has no batches"),
        (lambda: None, "targets are missing"),
        (7, "targets are missing; found int"),
        (X, r"a batch must be a pair.*fit\(X, T\)"),
        ([X], "a batch must be a pair"),
        ([(X, T[:3])], "the numbers of samples and targets differ"),
        ([(X[:, :1], T)], "samples do not fit"),
        ([(X, T * np.nan)], "not finite"),
    ],
)
def test_what_gives_no_batches_is_refused(source, words):
    net = small_network()
    before = values(net)
    with pytest.raises(DataError, match=words):
        net.fit(source, progress=False)
    assert values(net) == before


def test_a_bad_batch_later_on_leaves_the_epoch_before():
    calls = []

    def made():
        calls.append(1)
        yield X, T
        if len(calls) > 1:
            yield X, T[:1]

    net, other = small_network(), small_network()
    with pytest.raises(DataError, match="the numbers of samples and targets differ"):
        net.fit(made, epochs=5, progress=False)
    other.fit([(X, T)], epochs=1, progress=False)
    assert values(net) == values(other)


def test_the_first_loss_that_is_not_finite_is_named():
    net = mg.Network(*mg.mlp([2, 1], output=mg.identity, rng=0))
    with pytest.raises(NotFiniteError):
        net.fit([(X * 1e200, T[:, :1])], epochs=9, callbacks=[mg.StopOnNonFinite()], progress=False)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"callbacks": [Checkpoint("run")]}, "a checkpoint"),
        ({"steps": 3}, "steps"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"metrics": [accuracy]}, "metrics without validation"),
        ({"validation": 0.5}, "a validation share"),
        ({"optimizer": optim.LBFGS()}, "a full-batch optimizer"),
        ({"batch_size": 5}, "batch_size"),
    ],
)
def test_settings_that_need_all_samples_are_refused(settings, words):
    with pytest.raises(SettingError, match=f"these options need all samples in memory; found {words}"):
        small_network().fit(batches, progress=False, **settings)
