"""One core and one thread for everything that is measured: how that is set, and whether it holds.

Settings are read when NumPy and the other libraries are loaded, so this module imports none of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

ONE_THREAD = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
}
MOST_THREADS = 1.05
"""Seconds of the processor that may go into a second that passes: two threads at work are up to two."""
SHORTEST_CHECKED = 0.02
"""Seconds from which on that is checked: the two clocks tick at different times."""


class PinningError(Exception):
    """More than one core or one thread is in use, so that times would not be those of one."""


def pin() -> None:
    """Move this process, and those that it starts, to one core: the last one is the least used."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def is_set(environment: Mapping[str, str]) -> bool:
    """Whether an environment has all thread settings."""
    return ONE_THREAD.items() <= environment.items()


def check_pinning() -> None:
    """Raise PinningError unless this process has one core, and every library that is loaded has one thread."""
    if problems := list(find_problems()):
        raise PinningError("; ".join(problems))


def find_problems() -> Iterator[str]:
    """Yield what would let something run on more than one core."""
    if hasattr(os, "sched_getaffinity") and len(cores := os.sched_getaffinity(0)) > 1:
        yield f"the process may use {len(cores)} cores"
    for name, value in ONE_THREAD.items():
        if os.environ.get(name) != value:
            yield f"{name} is {os.environ.get(name)!r}, not {value!r}"
    if "torch" in sys.modules:
        import torch

        if torch.get_num_threads() > 1:
            yield f"PyTorch has {torch.get_num_threads()} threads"
    if "numba" in sys.modules:
        import numba

        if numba.get_num_threads() > 1:
            yield f"numba has {numba.get_num_threads()} threads"
    try:
        from threadpoolctl import threadpool_info
    except ModuleNotFoundError:
        return  # the clocks tell all the same, see check_seconds
    for pool in threadpool_info():
        if pool["num_threads"] > 1:
            yield f"{pool['prefix']} has {pool['num_threads']} threads"


def check_seconds(wall: float, processor: float) -> None:
    """Raise PinningError where the processor worked longer than time passed: then threads worked side by side."""
    if wall > SHORTEST_CHECKED and processor > MOST_THREADS * wall:
        raise PinningError(f"{processor:.3g} s of the processor in {wall:.3g} s: more than one thread was at work")
