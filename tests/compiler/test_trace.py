"""The namespace that records: one call, one instruction; the same call twice is one; constants are computed at once."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.compiler.trace import TracedArray, Tracer, as_compile_error
from minigrad.errors import CompileError


def functions(recorder: Tracer) -> list[str]:
    return [step.function for step in recorder.instructions]


def leaf(recorder: Tracer, *shape: int) -> TracedArray:
    return recorder.leaf(np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape))


def test_operators_and_functions_become_instructions() -> None:
    xp = Tracer()
    x = leaf(xp, 2, 3)
    y = xp.tanh(1 - 2 * x / 3 + x) - (-x) ** 2 * x
    assert functions(xp) == [
        "multiply",
        "divide",
        "subtract",
        "add",
        "tanh",
        "negative",
        "pow",
        "multiply",
        "subtract",
    ]
    np.testing.assert_array_equal(y.value, np.tanh(1 - 2 * x.value / 3 + x.value) - (-x.value) ** 2 * x.value)


def test_the_same_call_twice_is_one() -> None:
    xp = Tracer()
    x = leaf(xp, 3)
    table = np.array([0, 2])
    assert xp.sum(x * x, axis=-1) is xp.sum(x * x, axis=-1)
    assert xp.take(x, table, axis=-1) is xp.take(x, table, axis=-1)
    assert x[0:2] is x[0:2]
    assert x[0:2] is not x[1:2]
    assert xp.sum(x, axis=0) is not xp.sum(x, axis=0, keepdims=True)
    assert functions(xp).count("multiply") == 1


def test_an_integer_and_the_float_of_the_same_size_are_two() -> None:
    xp = Tracer()
    x = leaf(xp, 3)
    assert x**2 is not x**2.0


def test_constants_are_computed_at_once() -> None:
    xp = Tracer()
    np.testing.assert_array_equal(xp.add(np.ones(2), xp.exp(np.zeros(2))), [2.0, 2.0])
    assert xp.instructions == []


def test_a_factor_of_one_changes_nothing() -> None:
    xp = Tracer()
    x = leaf(xp, 3)
    assert x * 1 is x
    assert np.ones(3) * x is x
    assert (np.ones((2, 1)) * x).shape == (2, 3)
    assert functions(xp) == ["multiply"]


def test_views_know_their_base() -> None:
    xp = Tracer()
    x = leaf(xp, 2, 3)
    for view in (xp.reshape(x, (-1,)), xp.matrix_transpose(x), x[..., 1:], xp.broadcast_to(x, (4, 2, 3))):
        assert next(step for step in xp.instructions if step.result is view).base is x
    computed = xp.exp(x)
    assert next(step for step in xp.instructions if step.result is computed).base is None


def test_computed_values_lie_in_memory_as_the_arrays_of_the_program_do() -> None:
    xp = Tracer()
    transposed = xp.matrix_transpose(leaf(xp, 2, 3))
    total = transposed + transposed
    assert total.value.flags.c_contiguous
    flat = xp.reshape(xp.matrix_transpose(total), (-1,))
    assert next(step for step in xp.instructions if step.result is flat).base is None


def asks_for_truth(xp: Tracer, x: TracedArray) -> object:
    return x if x > 0 else -x


def asks_for_numbers(xp: Tracer, x: TracedArray) -> object:
    return np.linalg.norm(x)


def asks_for_a_float(xp: Tracer, x: TracedArray) -> object:
    return float(x)  # type: ignore[arg-type]


def asks_for_what_is_not_there(xp: Tracer, x: TracedArray) -> object:
    return xp.no_such_function(x)


@pytest.mark.parametrize(
    "rule", [asks_for_truth, asks_for_numbers, asks_for_a_float, asks_for_what_is_not_there], ids=lambda f: f.__name__
)
def test_a_rule_that_asks_for_more_than_arrays_cannot_be_recorded(rule: object) -> None:
    xp = Tracer()
    with (
        pytest.raises(CompileError, match=r"the rule cannot be recorded; found .*, expected operators and functions"),
        as_compile_error("the rule"),
    ):
        rule(xp, leaf(xp, 3))  # type: ignore[operator]


def test_functions_of_numpy_are_recorded_too() -> None:
    xp = Tracer()
    x = leaf(xp, 3)
    assert isinstance(np.tanh(x), TracedArray)
    assert isinstance(np.float64(2.0) * x, TracedArray)
    assert functions(xp) == ["tanh", "multiply"]


def test_a_call_with_an_assumed_result_has_it() -> None:
    xp = Tracer()
    x, y = leaf(xp, 3), leaf(xp, 3)
    xp.assume_result(y, "multiply", 0.5, x)
    assert 0.5 * x is y
    assert x * 0.5 is not y
