"""Measured slopes: as exact as they say, at any scale, and none at kinks, jumps and edges of the domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad.analysis.finite_differences import Slope, extrapolate, measure_slope


def measure(function: Callable[[Any], Any], at: float) -> Slope:
    with np.errstate(all="ignore"):
        return measure_slope(
            lambda t: np.asarray(function(at + t)), np.asarray(function(at)), np.ones(()), abs(at) or 1.0
        )


def of_reals(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that takes no complex numbers."""

    def real(x: Any) -> Any:
        if isinstance(x, complex):
            raise TypeError("only real numbers")
        return function(x)

    return real


SMOOTH: list[tuple[Callable[[Any], Any], Callable[[float], float], tuple[float, ...]]] = [
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2, (0.0, 0.3, -2.0, 1e-9)),
    (np.exp, np.exp, (-40.0, 0.0, 1.0, 40.0)),
    (lambda x: 1e-30 * x**3, lambda x: 3e-30 * x**2, (0.7, -1e5)),
    (lambda x: 1e30 * x**3, lambda x: 3e30 * x**2, (0.7, 1e-5)),
    (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2, (0.5, 30.0)),
    (lambda x: np.sin(30 * x), lambda x: 30 * np.cos(30 * x), (0.1, 1.0)),
    (lambda x: 1e6 + 1e-3 * x, lambda x: 1e-3, (1.0, -50.0)),
    (lambda x: 0 * x + 2.0, lambda x: 0.0, (0.0, 3.0)),
    (lambda x: x * x, lambda x: 2 * x, (0.0, 1.0)),
]


@pytest.mark.parametrize("case", SMOOTH)
def test_a_slope_is_as_exact_as_it_says(case: Any) -> None:
    function, slope, points = case
    for at in points:
        exact = measure(function, at)
        assert exact.value == pytest.approx(slope(at), rel=1e-9, abs=1e-30)
        measured = measure(of_reals(function), at)
        assert abs(measured.value - slope(at)) <= measured.uncertainty + 1e-15 * abs(slope(at))
        assert measured.uncertainty <= 1e-6 * abs(slope(at)) + 1e-7 * abs(function(at)) + 1e-14


def test_what_the_complex_step_misses_is_found_by_differences() -> None:
    for function, expected in (
        (lambda x: abs(x) * x, 1.4),
        (np.cbrt, 0.7 ** (-2 / 3) / 3),
        (lambda x: np.real(x) ** 2, 1.4),
    ):
        slope = measure(function, 0.7)
        assert slope.value == pytest.approx(expected, abs=2 * slope.uncertainty + 1e-12)
        assert slope.uncertainty < 1e-8


NONE: dict[str, tuple[Callable[[Any], Any], float]] = {
    "a kink": (np.abs, 0.0),
    "a kink beside 0": (lambda x: np.maximum(x, 3.0), 3.0),
    "a slight kink": (lambda x: np.where(x > 1, 1.01 * x - 0.01, x), 1.0),
    "a jump": (np.sign, 0.0),
    "a step of a comparison": (lambda x: np.where(x > 2, 1.0, 0.0), 2.0),
    "a single point": (lambda x: np.where(x == 2, 1.0, 0.0), 2.0),
    "a vertical tangent": (np.cbrt, 0.0),
    "a cusp": (lambda x: np.sqrt(np.abs(x)), 0.0),
    "an edge of the domain": (np.sqrt, 0.0),
    "one that is refused beyond an edge": (of_reals(lambda x: np.log(x) if x >= 1 else 1 // 0), 1.0),
}


@pytest.mark.parametrize("function, at", NONE.values(), ids=NONE.keys())
def test_where_there_is_no_slope_there_is_none(function: Callable[[Any], Any], at: float) -> None:
    for measured in (measure(function, at), measure(of_reals(function), at)):
        assert np.isnan(measured.value)


def test_a_kink_nearby_does_not_matter() -> None:
    for distance in (0.5, 1e-2, 1e-4):
        slope = measure(lambda x, distance=distance: np.maximum(x, 1.0) ** 2, 1.0 + distance)
        assert slope.value == pytest.approx(2 * (1 + distance), rel=1e-6)


def test_differences_of_terms_that_cancel_know_how_uncertain_they_are() -> None:
    for at in (-3.0, -5.3, -6.0):
        slope = measure(of_reals(lambda x: 0.5 * x * (1 + np.tanh(2.5 * x))), at)
        e = np.exp(5 * at)
        exact = e / (1 + e) + at * 5 * e / (1 + e) ** 2
        assert abs(slope.value - exact) <= slope.uncertainty + 1e-15


def test_extrapolation_finds_the_limit_of_a_power_series() -> None:
    steps = 0.1 / 4.0 ** np.arange(6)
    for order in (1, 2):
        limit = extrapolate(2 + 3 * steps**order - 5 * steps ** (2 * order), np.zeros(6), order)
        assert limit.value == pytest.approx(2, abs=1e-14)
        assert limit.uncertainty < 1e-10


@pytest.mark.parametrize("at", [0.5, 20.84, -37.64])
def test_steps_that_are_wider_than_those_of_a_staircase_do_not_count(at: float) -> None:
    slope = measure_slope(lambda t: np.floor(np.asarray(at + t)), np.floor(at), np.ones(()), abs(at))
    assert not slope.value or np.isnan(slope.value)


@pytest.mark.parametrize("at", [5.033, 2.7, -1.3])
def test_steps_that_are_wider_than_a_wave_do_not_count(at: float) -> None:
    slope = measure_slope(lambda t: np.sin(100 * np.asarray(at + t)), np.sin(100 * at), np.ones(()), abs(at))
    assert np.isclose(slope.value, 100 * np.cos(100 * at), rtol=1e-9)
