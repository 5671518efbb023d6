"""Libraries run in turn, ratios are what they say, and who cannot run says why."""

from __future__ import annotations

import gc

import pytest

from tests.benchmarks.parts.timing import (
    Effort,
    Seconds,
    UnavailableError,
    duration,
    frozen_heap,
    make_steps,
    measure_rounds,
    median_duration,
    number,
    ratio,
    time_call,
    walls,
)

EFFORT = Effort(
    rounds=3,
    seconds=0.0,
    small=(4, 3, 2),
    sizes=(5, 4, 3),
    types=("float32",),
    epoch=11,
    rows=70,
    widths=(8,),
    samples=5,
    nodes=(100,),
    growth=(1_000,),
    boxes=20,
    steps=22,
    backend="aot_eager",
)


def test_libraries_run_in_turn_after_a_round_and_a_step_that_do_not_count():
    order: list[str] = []
    seconds_of = measure_rounds({name: lambda name=name: order.append(name) for name in "ab"}, EFFORT)
    assert order == list("aabb" * 4)
    assert {name: len(seconds) for name, seconds in seconds_of.items()} == {"a": 3, "b": 3}


def test_a_frozen_heap_is_unfrozen():
    with frozen_heap():
        assert gc.get_freeze_count()
    assert not gc.get_freeze_count()


def test_ratios_are_medians_with_quartiles():
    share = ratio([2.0, 4.0, 9.0], [1.0, 1.0, 1.0])
    assert share.median == 4
    assert str(share) == "4 (3 … 6.5)"
    assert str(ratio([1.0], [4.0])) == "0.25 (0.25 … 0.25)"


def test_who_cannot_run_says_why():
    def nowhere():
        import no_such_package  # noqa: F401

    def unable():
        raise UnavailableError("no compiler")

    steps, unavailable = make_steps({"here": lambda: print, "nowhere": nowhere, "unable": unable})
    assert list(steps) == ["here"]
    assert unavailable == {"nowhere": "no_such_package is not installed", "unable": "no compiler"}


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "0.25"), (7.0, "7"), (12.345, "12.3"), (99.96, "100"), (23_474.4, "23,474")]
)
def test_numbers_have_three_digits(value: float, text: str):
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5, "2.5 s"), (0.05, "50 ms"), (3.2e-5, "32 µs"), (4.56e-8, "45.6 ns")]
)
def test_durations_have_units(seconds: float, text: str):
    assert duration(seconds) == text


def test_the_processor_is_told_where_the_clocks_are_apart():
    assert median_duration([Seconds(2e-3, 1.95e-3)] * 3) == "2 ms"
    assert median_duration([Seconds(2e-3, 1e-3)] * 3) == "2 ms, processor 1 ms"
    assert walls([Seconds(3.0, 1.0), Seconds(4.0, 2.0)]) == [3, 4]
    assert Seconds(3.0, 1.0).per(2) == (1.5, 0.5)


def test_a_call_is_timed_and_returns_its_result():
    seconds, result = time_call(max, 2, 3)
    assert result == 3
    assert 0 <= seconds.wall < 1
