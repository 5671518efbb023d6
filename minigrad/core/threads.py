"""A guard for what one thread at a time may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

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


def by_one_thread(
    method: Callable[Concatenate[Owner, Arguments], Result],
) -> Callable[Concatenate[Owner, Arguments], Result]:
    """Let one thread at a time run a method that writes into the nodes of `graph`; another one gets ThreadError."""

    @wraps(method)
    def guarded(owner: Owner, /, *arguments: Arguments.args, **settings: Arguments.kwargs) -> Result:
        with owner.graph.one_thread:
            return method(owner, *arguments, **settings)

    return guarded
