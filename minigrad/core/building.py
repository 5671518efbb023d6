"""Large graphs are built without Python's garbage collector, which would look at every node again and again."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

FULL_COLLECTION = 70_000
"""After how many new objects Python's collector may look at all objects: the product of its thresholds 700, 10, 10."""


class CollectorHold:
    """Count the blocks, in all threads, that want Python's garbage collector off, and what it has not seen meanwhile.

    Where it is off, nobody notices that cycles fill the memory but this class: before the next block it runs the
    collector if Python holds half as much memory again as after the last run. What is freed without the collector, as
    graphs are, does not count, so that no block waits for it twice because of the same nodes.
    """

    __slots__ = ("_blocks", "_count", "_lock", "_most_held", "_unseen", "_was_enabled")

    def __init__(self) -> None:
        self._lock = RLock()  # a signal handler or a finalizer, which interrupts these lines, may build nodes too
        self._blocks = 0
        self._was_enabled = False
        self._count = 0
        self._unseen = 0
        self._most_held = 0
        """How many pieces of memory Python may hold before the collector looks at them."""

    def enter(self) -> None:
        """Turn the collector off, unless another block has done so."""
        with self._lock:
            is_due = not self._blocks and gc.isenabled() and self._unseen > FULL_COLLECTION
            if is_due and sys.getallocatedblocks() >= self._most_held:
                gc.collect()  # else what earlier blocks left in cycles would stay for long
                self._unseen, self._most_held = 0, sys.getallocatedblocks() * 3 // 2
            self._blocks += 1
            if self._blocks == 1:
                self._was_enabled = gc.isenabled()
                gc.disable()
                self._count = gc.get_count()[0]

    def leave(self) -> None:
        """Turn the collector on again if this is the last block and it was on before the first."""
        with self._lock:
            if self._blocks == 1 and self._was_enabled:
                new = gc.get_count()[0] - self._count
                self._unseen += max(new, 0)
                if new > FULL_COLLECTION and not gc.get_freeze_count():
                    gc.freeze()  # these two put all objects among the old ones, in no time: as young ones they would
                    gc.unfreeze()  # be looked at three times soon, at 10⁶ nodes for half a second to one each time
                gc.enable()
            self._blocks -= 1


hold = CollectorHold()
"""The blocks of this process."""


@contextmanager
def building() -> Iterator[None]:
    """Turn Python's garbage collector off while a large graph is built inside a `with` block.

    The collector looks for objects in cycles that nobody uses any more, and looks at every node of a graph several
    times as the graph grows, which takes most of the time that a large graph needs. Nodes know only their parents, so
    there are no cycles among them, and Python frees a node as ever once nothing refers to it. Afterwards the collector
    is on again, also after an error, if it was on before; where blocks overlap, also in several threads, the last one
    to end turns it on. `layer`, `mlp`, `gradient_graph`, `explain`, compiling, saving and loading do this.

    Example:
        >>> import gc
        >>> import minigrad as mg
        >>> with mg.building():
        ...     y = mg.Parameter(0.5, "w")
        ...     for _ in range(10_000):
        ...         y = mg.tanh(y)
        >>> f"{y.value:.5f}", gc.isenabled()
        ('0.01224', True)

    Source: the design of the collector, https://devguide.python.org/internals/garbage-collector.
    """
    hold.enter()
    try:
        yield
    finally:
        hold.leave()
