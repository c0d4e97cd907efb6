"""Follows a log: gives its entries as they come, in order and without a gap."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from types import TracebackType
from typing import Protocol, Self

from timeline.accounts import Entry
from timeline.errors import LogError, StoreError
from timeline.stores.base import EventStore, Record

__all__ = ["Reads", "Subscription"]

_SLICE = 0.25  # seconds between two looks whether to stop


class Reads(Protocol):
    """What reads a store's rows as entries."""

    @property
    def store(self) -> EventStore:
        """Where the rows are."""
        ...

    def entry(self, row: Record) -> Entry:
        """Return a row as the entry that it is."""
        ...


class Subscription(Iterator[Entry]):
    """The entries after a position, those that are there and then those that come.

    Every entry is given once, in the order of positions, whichever thread or process appended it.
    Who stores the position of what it has dealt with, and follows on from there, sees every entry
    at least once, whatever crashes. One thread iterates; ``stop`` may be called by any. It is a
    context manager and stops at the block's end. ``async for entry in log.follow()`` waits in a
    thread of its own, and stops when the task is cancelled.
    """

    def __init__(self, reader: Reads, *, after: int, idle: float | None) -> None:
        head = reader.store.head().position
        if isinstance(after, bool) or not isinstance(after, int) or not 0 <= after <= head:
            raise LogError(
                f"after={after!r} is no position of this log, which has entries 1 to {head}; give "
                "0 to follow from the start, or log.head for what comes from now on"
            )
        if idle is not None and not idle >= 0:
            raise LogError(f"idle is in seconds, or None to wait for ever, not {idle!r}")
        self.position = after
        """The position of the last entry that was given."""
        self._store = reader.store
        self._reader = reader
        self._idle = idle
        self._stopped = Flag()
        self._rows: Iterator[Record] = iter(())
        self._waiting: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __next__(self) -> Entry:
        """Return the next entry once it is there; ends when stopped, or ``idle`` s without one."""
        while not self._stopped.is_set():
            row = next(self._rows, None)
            if row is not None:
                if row.position != self.position + 1:
                    raise StoreError(
                        f"after position {self.position} the log gave {row.position}: entries are "
                        "missing; it is damaged: restore it from a copy"
                    )
                self.position = row.position
                return self._reader.entry(row)
            if self._more():
                self._rows = self._store.rows(after=self.position)
            else:
                self.stop()
        raise StopIteration

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Entry:
        """Return the next entry once it is there, without holding up the loop."""
        if self._waiting is None:
            # One thread for all of it, for a store's rows are read by the thread that began.
            self._waiting = ThreadPoolExecutor(1, thread_name_prefix="timeline-follow")
        try:
            found = await get_running_loop().run_in_executor(self._waiting, next, self, None)
        except BaseException:
            self._leave()
            raise
        if found is None:
            self._leave()
            raise StopAsyncIteration
        return found

    def _leave(self) -> None:
        """Stop, and let the thread that waits end by itself."""
        self.stop()
        if self._waiting is not None:
            self._waiting.shutdown(wait=False)

    def _more(self) -> bool:
        """Wait for the next entry; False where there is none in time. No clock is asked."""
        left = self._idle
        while not self._stopped.is_set():
            turn = _SLICE if left is None else min(_SLICE, left)
            if self._store.wait(self.position, turn):
                return True
            if left is not None:
                left -= turn
                if left <= 0:
                    return False
        return False

    def stop(self) -> None:
        """End the iteration, within a quarter of a second; any thread may call it."""
        self._stopped.set()
