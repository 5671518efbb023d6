"""A guard for what one thread at a time may do."""

from __future__ import annotations

from threading import RLock

from minigrad.errors import ThreadError


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
