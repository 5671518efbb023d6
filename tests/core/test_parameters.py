"""Storage: parameters side by side in one vector, read and written through the readable nodes."""

from __future__ import annotations

import numpy as np

import minigrad as mg
from minigrad.core.parameters import Storage


def parameters() -> list[mg.Parameter]:
    return [mg.Parameter(0.5, "a"), mg.Parameter([[1.0, 2.0], [3.0, 4.0]], "b"), mg.Parameter(-1.0, "c")]


def test_parameters_stand_side_by_side_with_the_values_they_have() -> None:
    storage = Storage(parameters())
    np.testing.assert_array_equal(storage.vector, [0.5, 1.0, 2.0, 3.0, 4.0, -1.0])
    assert storage.offsets == [0, 1, 5, 6]
    assert storage.owned


def test_both_sides_see_what_the_other_writes() -> None:
    a, b, c = members = parameters()
    storage = Storage(members)
    storage.vector += 1
    assert (a.value, b.value.tolist(), c.value) == (1.5, [[2.0, 3.0], [4.0, 5.0]], 0.0)
    a.value, b.value = 7.0, np.zeros((2, 2))
    np.testing.assert_array_equal(storage.vector, [7.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_numbers_are_floats_and_arrays_float64_whatever_the_type() -> None:
    a, b, _ = members = parameters()
    Storage(members, np.float32)
    assert type(a.value) is float
    assert b.value.dtype == np.float64


def test_a_gradient_is_shown_once_it_is_newer() -> None:
    a, b, c = members = parameters()
    storage = Storage(members)
    (a * 2.0).backward()
    storage.gradient[:] = 3.0
    assert (a.delta, b.delta, c.delta) == (2.0, None, None)
    storage.passes += 1
    assert (a.delta, b.delta.tolist(), c.delta) == (3.0, [[3.0, 3.0], [3.0, 3.0]], 3.0)
    (a * 5.0).backward()
    assert (a.delta, c.delta) == (5.0, 3.0)


def test_the_last_to_adopt_has_them() -> None:
    a, b, c = members = parameters()
    first = Storage(members)
    first.passes += 1
    second = Storage([a, c], np.float32)
    assert (first.owned, second.owned) == (False, True)
    assert a.delta == 0.0
    second.vector[0] = 9.0
    first.vector[1] = 8.0
    assert (a.value, b.value[0, 0]) == (9.0, 8.0)
    first.take_in()
    assert (first.owned, second.owned) == (True, False)
    assert first.vector[:2].tolist() == [9.0, 8.0]
    assert a.value == 9.0


def test_a_storage_of_nothing() -> None:
    assert Storage([]).vector.shape == (0,)
