"""The throttle: what it limits is done at most so often, in at most so much of the time."""

import pytest
from hypothesis import given, strategies as st

from minigrad.training import throttle
from minigrad.training.throttle import Throttle


class Clock:
    """A time that only passes where a test says so."""

    now = 0.0

    def __call__(self):
        return self.now


@given(st.floats(0, 2), st.floats(0.01, 1), st.lists(st.floats(0, 5), min_size=1, max_size=30))
def test_neither_the_pause_nor_the_share_is_missed(least_seconds, most_share, costs):
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throttle, "perf_counter", clock)
        limit = Throttle(least_seconds, most_share)
        spent, begun = 0.0, 0.0
        for cost in costs:
            clock.now = limit.due
            assert not limit.is_due()
            clock.now += 1e-6
            assert limit.is_due()
            assert not limit.is_due(delay=0.5)
            assert clock.now >= begun + least_seconds
            assert spent <= most_share * clock.now + 1e-6
            begun = clock.now
            with limit.measure():
                clock.now += cost
            spent += cost
        assert limit.due == pytest.approx(max(begun + least_seconds, clock.now + cost * (1 / most_share - 1)))
