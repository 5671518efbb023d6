"""The garbage collector during large builds: off inside, as before outside."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

import minigrad as mg
from minigrad.core import building
from minigrad.core.building import CollectorHold


@pytest.fixture(autouse=True)
def collector_on() -> Iterator[None]:
    """Let every test begin and end with the collector on."""
    gc.enable()
    yield
    assert gc.isenabled()


def test_the_collector_is_off_inside_and_on_after_the_last_block() -> None:
    with mg.building():
        with mg.building():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(RuntimeError), mg.building():
        raise RuntimeError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with mg.building(), mg.building():
        assert not gc.isenabled()
    assert not gc.isenabled()
    gc.enable()


def test_a_function_may_be_a_block() -> None:
    @mg.building()
    def is_collecting() -> bool:
        return gc.isenabled()

    assert (is_collecting(), is_collecting(), gc.isenabled()) == (False, False, True)


def test_of_several_threads_the_last_one_turns_it_on() -> None:
    both_inside, one_left, seen = Barrier(2), Barrier(2), []

    def first() -> None:
        with mg.building():
            both_inside.wait(10)
        one_left.wait(10)

    def second() -> None:
        with mg.building():
            both_inside.wait(10)
            one_left.wait(10)
            seen.append(gc.isenabled())

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, gc.isenabled()) == ([False], True)


def test_what_a_large_block_makes_is_among_the_old_objects_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "FULL_COLLECTION", 1_000)
    with mg.building():
        nodes = [mg.Parameter(0.0) for _ in range(2_000)]
    assert gc.get_count()[0] < 700
    assert not gc.get_freeze_count()
    assert any(item is nodes[-1] for item in gc.get_objects(generation=2))


def test_objects_that_the_user_froze_stay_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "FULL_COLLECTION", 10)
    gc.freeze()
    frozen = gc.get_freeze_count()
    with mg.building():
        nodes = [mg.Parameter(0.0) for _ in range(20)]
    assert gc.get_freeze_count() > frozen - 100 > len(nodes)
    gc.unfreeze()


class Knot:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.me = self


def knots() -> int:
    """How many knots there are."""
    return sum(type(item) is Knot for item in gc.get_objects())


def test_cycles_that_large_blocks_leave_are_collected_before_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "FULL_COLLECTION", 1_000)
    monkeypatch.setattr(building, "hold", CollectorHold())
    with mg.building():
        for _ in range(2_000):
            Knot()
    assert knots() == 2_000
    with mg.building():
        assert knots() == 0


def test_small_blocks_are_left_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    collections = [generation["collections"] for generation in gc.get_stats()]
    monkeypatch.setattr(building, "hold", CollectorHold())
    for _ in range(20):
        mg.neuron([1.0, 2.0])
    assert gc.get_stats()[2]["collections"] == collections[2]


def test_nodes_that_python_frees_by_itself_do_not_call_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "FULL_COLLECTION", 1_000)
    monkeypatch.setattr(building, "hold", CollectorHold())
    collections = []
    for _ in range(4):
        with mg.building():
            collections.append(gc.get_stats()[2]["collections"])
            nodes = [mg.Parameter(0.0) for _ in range(2_000)]
        del nodes
    assert collections[1] == collections[0] + 1  # the first large block had not been seen
    assert collections[3] == collections[1]
