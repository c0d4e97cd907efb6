"""Group commit: threads that write at the same time share one transaction, and its sync.

The first thread to get its turn leads: it commits its own request and those of all who wait behind
it. Each request is written whole or not at all, whatever becomes of the others, and none counts as
done before the transaction is durable. A group that fails as a whole is given up, and each of its
threads tries alone, so that an error reaches the one who caused it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["AppendRequest", "GroupCommit"]

W = TypeVar("W")
R = TypeVar("R")


class AppendRequest(Generic[W, R]):
    """What one thread wants written, and the result or error that came of it.

    ``size`` counts the rows, for a transaction that takes so many and no more.
    """

    def __init__(self, work: W, *, size: int = 1) -> None:
        self.work = work
        self.size = size
        self.done = False
        self.result: R
        self.error: BaseException | None = None

    def succeed(self, result: R) -> None:
        """Note that it is written, durably."""
        self.result = result
        self.error = None
        self.done = True

    def fail(self, error: BaseException) -> None:
        """Note why it isn't written."""
        self.error = error
        self.done = True


class GroupCommit(Generic[W, R]):
    """The requests that wait for one writer.

    ``commit`` writes a group in one transaction and calls ``succeed`` or ``fail`` on each request;
    where the transaction fails as a whole it raises, having written nothing. ``turn`` lets one
    thread write at a time. ``most`` is how many rows one transaction takes.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[AppendRequest[W, R]]], None],
        *,
        turn: Callable[[], AbstractContextManager[object]],
        most: int | None = None,
    ) -> None:
        self._commit = commit
        self._turn = turn
        self._most = most
        self._lock = Lock()
        self._waiting: list[AppendRequest[W, R]] = []

    @property
    def waiting(self) -> int:
        """How many requests are neither written nor refused yet."""
        return len(self._waiting)

    def submit(self, work: W, *, size: int = 1) -> R:
        """Write, in this thread or in that of the leader, and return the result.

        Raises what went wrong with this request; nothing of it is written then.
        """
        request: AppendRequest[W, R] = AppendRequest(work, size=size)
        with self._lock:
            self._waiting.append(request)
        try:
            with self._turn():
                if not request.done:
                    self._lead(request)
        finally:
            with self._lock:
                self._waiting.remove(request)
        if request.error is not None:
            raise request.error
        return request.result

    def _lead(self, request: AppendRequest[W, R]) -> None:
        group = self._group(request)
        if len(group) > 1:
            with suppress(Exception):  # each that isn't done yet tries alone and has its own error
                self._commit(group)
        if not request.done:
            self._commit([request])

    def _group(self, request: AppendRequest[W, R]) -> list[AppendRequest[W, R]]:
        group, rows = [request], request.size
        with self._lock:
            for other in self._waiting:
                fits = self._most is None or rows + other.size <= self._most
                if other is not request and not other.done and fits:
                    group.append(other)
                    rows += other.size
        return group
