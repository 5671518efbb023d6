"""What belongs to a thread: a guard for what one at a time may do, and a context in which NumPy does not warn."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, copy_context
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from minigrad.errors import ThreadError

Arguments = ParamSpec("Arguments")
Owner = TypeVar("Owner", bound=Any)
Result = TypeVar("Result")


class OneThread:
    """A guard that one thread at a time enters, as often as it likes; another thread gets an error and does not wait.

    A short function enters by `acquire` and `release` themselves, which costs a third of `with`.
    """

    __slots__ = ("acquire", "release", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        lock = RLock()
        self.acquire, self.release = lock.acquire, lock.release

    def __enter__(self) -> None:
        if not self.acquire(False):
            raise self.error()

    def __exit__(self, *_: object) -> None:
        self.release()

    def error(self) -> ThreadError:
        """Return the error for a second thread."""
        return ThreadError(
            f"two threads at once in {self.subject}",
            cure="Let one wait for the other, or give each a copy; compiled graphs and predict serve all threads.",
        )


def quiet_context() -> Context:
    """Return a context for one thread where NumPy warns of nothing, which costs far less than `np.errstate`."""
    context = copy_context()
    context.run(np.seterr, all="ignore")
    return context


def by_one_thread(
    method: Callable[Concatenate[Owner, Arguments], Result],
) -> Callable[Concatenate[Owner, Arguments], Result]:
    """Let one thread at a time run a method that writes into the nodes of `graph`; another one gets ThreadError."""

    @wraps(method)
    def guarded(owner: Owner, /, *arguments: Arguments.args, **settings: Arguments.kwargs) -> Result:
        with owner.graph.one_thread:
            return method(owner, *arguments, **settings)

    return guarded
