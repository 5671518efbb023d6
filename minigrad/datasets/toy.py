"""Toy data sets generated from a seed.

Each function returns (X, T): samples of shape (count, features), and class labels or values of shape (count,), as
`Network.fit` takes them. Iris, digits, wine, breast cancer and diabetes come with scikit-learn, as do splitting,
standardizing and one-hot coding: use those.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad._validation import Seed, check_integer, check_number, make_generator
from minigrad.errors import SettingError

Data = tuple[np.ndarray, np.ndarray]
"""Samples X and targets T."""

MAX_BITS = 20


def xor() -> Data:
    """Return the four samples of exclusive or, which no single neuron can learn: X of shape (4, 2), T of shape (4,)."""
    return parity(2)


def parity(bits: int) -> Data:
    """Return all rows of so many bits, and whether the number of ones is odd: X (2ᵇⁱᵗˢ, bits), T (2ᵇⁱᵗˢ,) of 0 and 1.

    Raises SettingError for fewer than 1 and more than 20 bits. Source: Minsky and Papert, *Perceptrons*, 1969.
    """
    count = check_integer(bits, "bits", 1)
    if count > MAX_BITS:
        raise SettingError("too many bits to list all rows", found=count, expected=f"at most {MAX_BITS}")
    X = (np.arange(1 << count)[:, None] >> np.arange(count)[::-1] & 1).astype(np.float64)
    return X, X.sum(axis=1) % 2


def two_moons(count: int = 200, noise: float = 0.1, seed: Seed = 0) -> Data:
    """Return two interleaving half circles, a class each: X (count, 2), T (count,) of 0 and 1.

    `noise` is the standard deviation of the Gaussian noise added to every point. The shape is that of
    scikit-learn's `make_moons`.
    """
    labels, rng = balanced_labels(count, 2), make_generator(seed)
    angle = rng.uniform(0, np.pi, len(labels))
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = np.where(labels[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)
    return add_noise(X, noise, rng), labels


def circles(count: int = 200, noise: float = 0.05, inner: float = 0.5, seed: Seed = 0) -> Data:
    """Return a circle of radius 1, class 0, around one of radius `inner`, class 1: X (count, 2), T (count,).

    `noise` is the standard deviation of the Gaussian noise added to every point. The shape is that of
    scikit-learn's `make_circles`.
    """
    check_number(inner, "inner", below=1)
    labels, rng = balanced_labels(count, 2), make_generator(seed)
    angle = rng.uniform(0, 2 * np.pi, len(labels))
    radius = np.where(labels == 0, 1.0, inner)
    return add_noise(from_polar(radius, angle), noise, rng), labels


def spirals(count: int = 200, arms: int = 2, turns: float = 1.5, noise: float = 0.02, seed: Seed = 0) -> Data:
    """Return spiral arms around the origin, a class each: X (count, 2) in the unit circle, T (count,) of 0 … arms − 1.

    `noise` is the standard deviation of the Gaussian noise added to every point.
    Source: Lang and Witbrock, 1988, with two arms.
    """
    check_number(turns, "turns")
    number = check_integer(arms, "arms", 1)
    labels, rng = balanced_labels(count, number), make_generator(seed)
    radius = np.sqrt(rng.uniform(0.01, 1, len(labels)))
    angle = 2 * np.pi * (turns * radius + labels / number)
    return add_noise(from_polar(radius, angle), noise, rng), labels


def bell(x: np.ndarray) -> np.ndarray:
    """Return exp(−8x²)."""
    return np.exp(-8 * x * x)


CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sine": lambda x: np.sin(np.pi * x),
    "sinc": lambda x: np.sinc(4 * x),
    "bell": bell,
    "cubic": lambda x: 4 * x**3 - 3 * x,
    "step": np.sign,
    "absolute": np.abs,
}
"""Functions from [−1, 1] to [−1, 1] that `curve` draws points from."""


def curve(name: str = "sine", count: int = 100, noise: float = 0.1, seed: Seed = 0) -> Data:
    """Return points of a curve for regression, x evenly spaced in [−1, 1] and in order: X (count, 1), T (count,).

    The curves are those of `CURVES`; "sine" is one full wave, sin πx. `noise` is the standard
    deviation of the Gaussian noise added to T.
    Raises SettingError for a curve that is not there.
    """
    if name not in CURVES:
        raise SettingError("no such curve", found=repr(name), expected=" or ".join(map(repr, CURVES)))
    X = np.linspace(-1, 1, check_integer(count, "count", 1))[:, None]
    return X, add_noise(CURVES[name](X[:, 0]), noise, make_generator(seed))


def balanced_labels(count: int, classes: int) -> np.ndarray:
    """Return the labels 0, 1, …, 0, 1, …, as many of each class as of the others, or one more."""
    return np.arange(check_integer(count, "count", 1)) % classes * 1.0


def from_polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return points of the plane from polar coordinates."""
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def add_noise(exact: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Return the values plus Gaussian noise of the given standard deviation."""
    check_number(noise, "noise")
    return exact + rng.normal(0.0, 1.0, exact.shape) * noise
