"""Tests that a store may lack a feature, and that what needs it says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from timeline import Attack, Log, Projection, Report, on
from timeline.errors import LogError, StoreError
from timeline.stores import EventStore, Head, MemoryStore, NewRecord, Record
from timeline.stores.features import is_store, self_checking, snapshot_store

REPORT = Report("ISW", published="2022-09-10")


class BareStore:
    """An event store and nothing else: no snapshots, no erasing, no import."""

    def __init__(self) -> None:
        self._inner = MemoryStore()
        self.identity = self._inner.identity

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        return self._inner.append(drafts, reports, **options)

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        return self._inner.rows(after, upto)

    def reports(self, ids: Any) -> dict[bytes, bytes]:
        return self._inner.reports(ids)

    def get_by_id(self, ids: Any) -> dict[bytes, Record]:
        return self._inner.get_by_id(ids)

    def get_by_position(self, positions: Any) -> dict[int, Record]:
        return self._inner.get_by_position(positions)

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        return self._inner.leaves(after, upto)

    def head(self) -> Head:
        return self._inner.head()

    def wait(self, after: int, timeout: float) -> bool:
        return self._inner.wait(after, timeout)

    def close(self) -> None:
        self._inner.close()


class Killed(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best


@pytest.fixture
def log() -> Log:
    bare: EventStore = BareStore()
    log = Log(bare)
    log.append(*[REPORT.says(Attack(when="2022-09-09", id=f"e{n}", killed=n)) for n in range(4)])
    return log


def test_a_store_without_snapshots_folds_anew(log: Log) -> None:
    kept = log.keep(Killed())
    assert kept.answer() == log.ask(Killed()) == 6
    kept.save()
    nothing = snapshot_store(log.store)
    assert nothing.load_snapshot(kept.name) is None
    assert list(nothing.load_chunks(kept.name)) == []
    nothing.delete_snapshot(kept.name)
    assert log.keep(Killed()).answer() == 6
    assert log.prove_since(log.checkpoint()).path == ()


def test_a_store_that_can_not_erase_says_so(log: Log) -> None:
    with pytest.raises(StoreError, match="BareStore can't erase"):
        log.redact(1, because="asked", basis="law")
    assert len(list(log)) == 4


def test_a_store_that_can_not_become_a_copy_says_so(log: Log) -> None:
    with pytest.raises(StoreError, match="BareStore can't become a copy"):
        Log().copy_to(Log(BareStore()))
    assert log.copy_to(Log()) == 4


def test_a_store_that_does_not_check_itself_is_verified_by_its_rows(log: Log) -> None:
    assert self_checking(log.store) is None
    assert log.verify().ok


def test_what_lacks_a_method_is_no_store() -> None:
    assert is_store(BareStore())
    assert not is_store(object())
    with pytest.raises(LogError, match="a log is kept in a file"):
        Log(object())  # type: ignore[arg-type]
