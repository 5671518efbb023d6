"""Feeds: what may be fed to an input, and the values that leaves then have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.feeds import checked_feed, input_values
from minigrad.errors import FeedError, MinigradError, ShapeError


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (np.nan, FeedError),
        (np.ones(3), ShapeError),
        (np.ones((0, 2)), ShapeError),
        (np.ones((2, 2, 2)), ShapeError),
        ("one", MinigradError),
    ],
)
def test_what_does_not_fit_an_input_is_refused(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="input x"):
        checked_feed(mg.Input("x", 2), value)


def test_one_sample_or_a_batch_of_them_may_be_fed() -> None:
    x = mg.Input("x", 2)
    assert np.shape(checked_feed(x, [1, 2])) == (2,)
    assert np.shape(checked_feed(x, [[1, 2]] * 3)) == (3, 2)
    with pytest.raises(FeedError, match="only inputs are fed"):
        checked_feed(mg.Parameter(1.0, "w"), 2.0)


def test_inputs_that_are_not_fed_have_the_values_they_had() -> None:
    x, t = mg.Input("x"), mg.Input("t", value=3.0)
    assert input_values([x, t], {x: 2.0}) == ({x: 2.0, t: 3.0}, None)
    assert input_values([x, t], {x: np.ones(2)})[1] == 2
    with pytest.raises(FeedError, match="input x: no value fed"):
        input_values([x, t], {t: 2.0})
    with pytest.raises(ShapeError, match="2 for input x and 3 for input t"):
        input_values([x, t], {x: np.ones(2), t: np.ones(3)})
