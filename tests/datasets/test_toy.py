"""Toy data sets: their shapes and values, seeds, noise, and impossible settings."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import datasets
from minigrad.datasets.toy import balanced_labels
from minigrad.errors import SettingError

SEEDED = [datasets.two_moons, datasets.circles, datasets.spirals, datasets.curve]


def test_xor_is_parity_of_two_bits():
    X, T = datasets.xor()
    np.testing.assert_array_equal(X, [[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(T, [0, 1, 1, 0])


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_parity_counts_the_ones_of_every_row_there_is(bits: int):
    X, T = datasets.parity(bits)
    assert len({tuple(row) for row in X.tolist()}) == 2**bits
    assert [sum(row) % 2 for row in X.tolist()] == T.tolist()


@pytest.mark.parametrize("maker", SEEDED, ids=lambda maker: maker.__name__)
def test_a_seed_decides_the_data(maker):
    once, again, other = maker(seed=1), maker(seed=1), maker(seed=2)
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0]) or not np.array_equal(once[1], other[1])


@pytest.mark.parametrize("maker", SEEDED, ids=lambda maker: maker.__name__)
def test_shapes_fit_what_fit_takes(maker):
    X, T = maker(count=31)
    network = mg.Network(*mg.mlp([X.shape[1], 3, 1], rng=0))
    assert X.shape[0] == 31
    assert T.shape == (31,)
    assert X.dtype == T.dtype == np.float64
    assert len(network.fit(X, T, epochs=1, progress=False).loss) == 1


def test_two_moons_without_noise_are_half_circles():
    X, T = datasets.two_moons(50, noise=0)
    np.testing.assert_allclose(np.hypot(*X[T == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(X[T == 1] - [1.0, 0.5]).T), 1)
    assert X[T == 0, 1].min() >= 0
    assert X[T == 1, 1].max() <= 0.5
    assert T.sum() == 25


def test_circles_without_noise_are_circles():
    X, T = datasets.circles(50, noise=0, inner=0.3)
    np.testing.assert_allclose(np.hypot(*X[T == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*X[T == 1].T), 0.3)


def test_spirals_have_as_many_arms_as_asked_for():
    X, T = datasets.spirals(90, arms=3, turns=0.0, noise=0)
    angles = np.round(np.degrees(np.arctan2(X[:, 1], X[:, 0]))) % 360
    assert {(label, angle) for label, angle in zip(T.tolist(), angles.tolist(), strict=True)} == {
        (0, 0),
        (1, 120),
        (2, 240),
    }
    assert np.hypot(*X.T).max() <= 1


@pytest.mark.parametrize("name", datasets.CURVES)
def test_curves_stay_within_their_square(name: str):
    X, T = datasets.curve(name, count=101, noise=0)
    assert (X.min(), X.max()) == (-1, 1)
    assert np.abs(T).max() <= 1 + 1e-12
    assert np.ptp(T) > 0.5


def test_noise_is_the_deviation_of_the_error():
    errors = datasets.curve(count=4000, noise=0.2)[1] - datasets.curve(count=4000, noise=0)[1]
    assert errors.std() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    "make",
    [
        lambda: datasets.parity(0),
        lambda: datasets.parity(21),
        lambda: datasets.parity(2.5),
        lambda: datasets.two_moons(0),
        lambda: datasets.two_moons(noise=-1),
        lambda: datasets.circles(inner=1.0),
        lambda: datasets.spirals(arms=0),
        lambda: datasets.spirals(turns=np.inf),
        lambda: datasets.curve("sinus"),
        lambda: datasets.two_moons(seed="x"),
    ],
)
def test_impossible_settings_are_refused(make):
    with pytest.raises(SettingError):
        make()


def test_labels_are_balanced():
    assert balanced_labels(7, 3).tolist() == [0, 1, 2, 0, 1, 2, 0]
