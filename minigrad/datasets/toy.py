"""Toy data sets generated from a seed.

Each function returns (X, T): samples of shape (count, features), and class labels or values of shape (count,), as
`Network.fit` takes them. Iris, digits, wine, breast cancer and diabetes come with scikit-learn, as do splitting,
standardizing and one-hot coding: use those.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import Seed, check_integer, check_number, check_text, make_generator
from minigrad.errors import SettingError

Data = tuple[np.ndarray, np.ndarray]
"""Samples X and targets T."""

MAX_SAMPLES = 10**9
"""How many samples may be drawn at once."""
MAX_BITS = 20


def xor() -> Data:
    """Return the four samples of exclusive or, which no single neuron can learn.

    Returns:
        X of shape (4, 2) and T of shape (4,).

    Example:
        >>> X, T = mg.datasets.xor()
        >>> print(X.tolist(), T)
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] [0. 1. 1. 0.]
    """
    return parity(2)


def parity(bits: int) -> Data:
    """Return all rows of some bits, and whether the number of ones is odd.

    Source: Minsky and Papert, Perceptrons, 1969.

    Args:
        bits: Bits in a row, from 1 to 20.

    Returns:
        X of shape (2ᵇⁱᵗˢ, bits) and T of shape (2ᵇⁱᵗˢ,), both of 0 and 1.

    Raises:
        SettingError: If `bits` is no integer from 1 to 20.

    Example:
        >>> X, T = mg.datasets.parity(3)
        >>> print(X[6], T[6], X[7], T[7])
        [1. 1. 0.] 0.0 [1. 1. 1.] 1.0
    """
    count = check_integer(bits, "bits", 1, MAX_BITS)
    X = (np.arange(1 << count)[:, None] >> np.arange(count)[::-1] & 1).astype(np.float64)
    return X, X.sum(axis=1) % 2


def two_moons(count: int = 200, noise: float = 0.1, seed: Seed = 0) -> Data:
    """Return two interleaving half circles, a class each, as scikit-learn's `make_moons` does.

    Args:
        count: Number of samples, at least 1; the classes take turns.
        noise: Standard deviation of the Gaussian noise added to every coordinate, at least 0.
        seed: Seed or random generator; None for new samples every time.

    Returns:
        X of shape (count, 2) and T of shape (count,), of 0 and 1.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> X, T = mg.datasets.two_moons(100, noise=0.0)
        >>> upper = X[T == 0]
        >>> print(np.allclose(np.hypot(upper[:, 0], upper[:, 1]), 1), np.min(upper[:, 1]) >= 0)
        True True
    """
    labels, rng = balanced_labels(count, 2), make_generator(seed)
    angle = rng.uniform(0, np.pi, len(labels))
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = np.where(labels[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)
    return add_noise(X, noise, rng), labels


def circles(count: int = 200, noise: float = 0.05, inner: float = 0.5, seed: Seed = 0) -> Data:
    """Return a circle of radius 1, class 0, around a smaller one, class 1, as scikit-learn's `make_circles` does.

    Args:
        count: Number of samples, at least 1; the classes take turns.
        noise: Standard deviation of the Gaussian noise added to every coordinate, at least 0.
        inner: Radius of the inner circle, at least 0 and below 1.
        seed: Seed or random generator; None for new samples every time.

    Returns:
        X of shape (count, 2) and T of shape (count,), of 0 and 1.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> X, T = mg.datasets.circles(4, noise=0.0, inner=0.5)
        >>> print(np.hypot(X[:, 0], X[:, 1]).round(6), T)
        [1.  0.5 1.  0.5] [0. 1. 0. 1.]
    """
    inner_radius = check_number(inner, "inner", below=1)
    labels, rng = balanced_labels(count, 2), make_generator(seed)
    angle = rng.uniform(0, 2 * np.pi, len(labels))
    radius = np.where(labels == 0, 1.0, inner_radius)
    return add_noise(from_polar(radius, angle), noise, rng), labels


def spirals(count: int = 200, arms: int = 2, turns: float = 1.5, noise: float = 0.02, seed: Seed = 0) -> Data:
    """Return spiral arms around the origin, a class each, within the unit circle.

    Source: Lang and Witbrock, Learning to Tell Two Spirals Apart, 1988, for two arms.

    Args:
        count: Number of samples, at least 1; the classes take turns.
        arms: Number of arms and classes, at least 1.
        turns: Number of times that an arm winds around the origin, at least 0.
        noise: Standard deviation of the Gaussian noise added to every coordinate, at least 0.
        seed: Seed or random generator; None for new samples every time.

    Returns:
        X of shape (count, 2) and T of shape (count,), of 0, …, arms − 1.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> X, T = mg.datasets.spirals(300, arms=3)
        >>> print(X.shape, np.bincount(T.astype(int)))
        (300, 2) [100 100 100]
    """
    count_of_turns = check_number(turns, "turns")
    number = check_integer(arms, "arms", 1, MAX_SAMPLES)
    labels, rng = balanced_labels(count, number), make_generator(seed)
    radius = np.sqrt(rng.uniform(0.01, 1, len(labels)))
    angle = 2 * np.pi * (count_of_turns * radius + labels / number)
    return add_noise(from_polar(radius, angle), noise, rng), labels


CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sine": lambda x: np.sin(np.pi * x),
    "sinc": lambda x: np.sinc(4 * x),
    "bell": lambda x: np.exp(-8 * x * x),
    "cubic": lambda x: 4 * x**3 - 3 * x,
    "step": np.sign,
    "absolute": np.abs,
}
"""Functions from [−1, 1] to [−1, 1] that `curve` draws points from."""


def curve(name: str = "sine", count: int = 100, noise: float = 0.1, seed: Seed = 0) -> Data:
    """Return points of a curve for regression, T = f(x) plus noise, with x evenly spaced over [−1, 1].

    Args:
        name: "sine" (one full wave), "sinc", "bell", "cubic", "step" or "absolute".
        count: Number of samples, at least 1.
        noise: Standard deviation of the Gaussian noise added to T, at least 0.
        seed: Seed or random generator; None for new noise every time.

    Returns:
        X of shape (count, 1), in increasing order, and T of shape (count,).

    Raises:
        SettingError: If there is no such curve, or a setting is out of range.

    Example:
        >>> X, T = mg.datasets.curve("absolute", 5, noise=0.0)
        >>> print(X[:, 0], T)
        [-1.  -0.5  0.   0.5  1. ] [1.  0.5 0.  0.5 1. ]
    """
    if check_text(name, "name") not in CURVES:
        raise SettingError("unknown curve", found=describe_value(name), expected=" or ".join(map(repr, CURVES)))
    X = np.linspace(-1, 1, check_integer(count, "count", 1, MAX_SAMPLES))[:, None]
    return X, add_noise(CURVES[name](X[:, 0]), noise, make_generator(seed))


def balanced_labels(count: int, classes: int) -> np.ndarray:
    """Return the labels 0, 1, …, 0, 1, …, as many of each class as of the others, or one more."""
    return np.arange(check_integer(count, "count", 1, MAX_SAMPLES)) % classes * 1.0


def from_polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return points of the plane from polar coordinates."""
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def add_noise(exact: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Return the values plus Gaussian noise of the given standard deviation."""
    return exact + rng.normal(0.0, 1.0, exact.shape) * check_number(noise, "noise")
