"""Stores that keep their rows and break one promise each about what stands beside them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.faulty.stores_on_disk import WIDE
from timeline.errors import ConflictError
from timeline.stores import Head, MemoryStore, NewRecord, Record, SQLiteStore
from timeline.stores.base import SALT_BYTES, Snapshot, leaf

__all__ = ["UNFAITHFUL", "LeavesACopy"]


class SaltsWithNothing(MemoryStore):
    """Sixteen zeros are salt enough."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        salted = [one._replace(salt=one.salt or bytes(SALT_BYTES)) for one in drafts]
        return super().append(salted, reports, **options)


class ForgetsTheSalt(MemoryStore):
    """The salt is drawn, hashed and not kept."""

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        return (row._replace(salt=b"") for row in super().rows(after, upto))


class HashesAChain(MemoryStore):
    """The root is a chain of hashes over the leaves."""

    def head(self) -> Head:
        root = sha256(b"").digest()
        for one in self.leaves():
            root = sha256(root + one).digest()
        return super().head()._replace(root=root)


class DoublesTheOddLeaf(MemoryStore):
    """Where a level of the tree has an odd one out, it is its own neighbour."""

    def head(self) -> Head:
        level = list(self.leaves())
        while len(level) > 1:
            level += level[-1:] if len(level) % 2 else []
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [sha256(b"\1" + left + right).digest() for left, right in pairs]
        head = super().head()
        return head._replace(root=level[0]) if level else head


class StartsAtTheFirstLeaf(MemoryStore):
    """``leaves`` takes ``after`` for the first position to give."""

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        return map(leaf, self.rows(max(after - 1, 0), upto))


class PicksFromZero(MemoryStore):
    """Positions are taken for indices."""

    def get_by_position(self, positions: Iterable[int]) -> dict[int, Record]:
        rows = self._rows
        return {place: rows[place] for place in positions if 0 <= place < len(rows)}


class TakesAnyVersion(MemoryStore):
    """What is kept is written over, whatever was counted on."""

    def save_snapshot(self, name: str, **state: Any) -> int:
        kept = self.load_snapshot(name)
        del state["expect"]
        return super().save_snapshot(name, expect=kept.version if kept else 0, **state)


class KeepsWhatWasTakenAway(MemoryStore):
    """A piece that is given as None stays."""

    def save_snapshot(self, name: str, *, chunks: Mapping[str, bytes | None], **state: Any) -> int:
        left = {piece: body for piece, body in chunks.items() if body is not None}
        return super().save_snapshot(name, chunks=left, **state)


class CountsVersionsAnew(MemoryStore):
    """After ``forget`` the versions begin from 1 again."""

    def delete_snapshot(self, name: str) -> None:
        super().delete_snapshot(name)
        self._version = 0


class LooksThenKeeps(MemoryStore):
    """The version is compared before the lock is taken."""

    def save_snapshot(self, name: str, *, expect: int, **state: Any) -> int:
        kept = self.load_snapshot(name)
        version = kept.version if kept else 0
        if version != expect:
            raise ConflictError("somebody else was first")
        time.sleep(WIDE)
        with self._lock:
            current, _ = self._kept.get(name, (Snapshot(0, 0, b""), {}))
            return super().save_snapshot(name, expect=current.version, **state)


class _Erasing(MemoryStore):
    """What is wrong is done after erasing."""

    def erase(self, positions: Collection[int], draft: NewRecord, **options: Any) -> Record:
        before = self.get_by_position(positions), dict(self._reports), dict(self._kept)
        row = super().erase(positions, draft, **options)
        self.spoil(*before)
        return row

    def spoil(
        self, rows: dict[int, Record], reports: dict[bytes, bytes], kept: dict[str, Any]
    ) -> None:
        raise NotImplementedError


class KeepsTheReport(_Erasing):
    """The report that told it is left."""

    def spoil(self, _: Any, reports: dict[bytes, bytes], __: Any) -> None:
        self._reports = reports


class KeepsTheIndex(_Erasing):
    """It is still found by its id."""

    def spoil(self, rows: dict[int, Record], _: Any, __: Any) -> None:
        self._by_id |= {row.id: row for row in rows.values()}


class KeepsTheState(_Erasing):
    """States that were made from it are left."""

    def spoil(self, _: Any, __: Any, kept: dict[str, Any]) -> None:
        self._kept = kept


class BlanksTheLeaf(_Erasing):
    """The commitment goes with the content."""

    def spoil(self, rows: dict[int, Record], _: Any, __: Any) -> None:
        for place in rows:
            self._rows[place - 1] = self._rows[place - 1]._replace(body=bytes(32))


class TellsNobody(_Erasing):
    """Who remembers content isn't told that some was erased."""

    def spoil(self, *_: Any) -> None:
        self._erasures = 0


class LeavesACopy(SQLiteStore):
    """A journal of its own beside the file is never scrubbed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._log = path.with_suffix(".journal")

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        with self._log.open("ab") as file:
            file.writelines(one.body for one in drafts)
        return super().append(drafts, reports, **options)


class NeverWakes(MemoryStore):
    """Who waits looks once, at the end."""

    def wait(self, after: int, timeout: float) -> bool:
        if self.head().position <= after:
            time.sleep(timeout)
        return self.head().position > after


class NeverWaits(MemoryStore):
    """Who waits is told how things stand."""

    def wait(self, after: int, timeout: float) -> bool:
        del timeout
        return self.head().position > after


class CopiesInItsOwnName(MemoryStore):
    """A copy is another log, with other salts and roots."""

    def import_rows(
        self, rows: Sequence[Record], reports: Mapping[bytes, bytes], *, identity: str
    ) -> Head:
        super().import_rows(rows, reports, identity=identity if self._rows else self._identity)
        self._identity = identity.upper()
        return self.head()


class SaltsTheCopy(MemoryStore):
    """A copy has salts of its own."""

    def import_rows(
        self, rows: Sequence[Record], reports: Mapping[bytes, bytes], *, identity: str
    ) -> Head:
        salted = [row._replace(salt=row.salt and row.id[:SALT_BYTES]) for row in rows]
        return super().import_rows(salted, reports, identity=identity)


class TellsItTwice(MemoryStore):
    """An erasure that is told already, as in a copy, is told once more at the end."""

    def erase(self, positions: Collection[int], draft: NewRecord, **options: Any) -> Record:
        if draft.id in self._by_id:
            draft = draft._replace(id=sha256(draft.id).digest(), salt=b"")
        return super().erase(positions, draft, **options)


UNFAITHFUL: dict[type[MemoryStore], dict[str, str]] = {
    SaltsWithNothing: {"every_entry_has_a_salt_of_its_own": "shared salt"},
    ForgetsTheSalt: {"every_entry_has_a_salt_of_its_own": "changed salt"},
    HashesAChain: {"the_root_is_over_all_leaves": "wrong root"},
    DoublesTheOddLeaf: {"the_root_is_over_all_leaves": "wrong root"},
    StartsAtTheFirstLeaf: {"the_root_is_over_all_leaves": "wrong leaf"},
    PicksFromZero: {"picked_by_its_place_it_is_the_row": "wrong answer"},
    TakesAnyVersion: {"a_kept_state_is_swapped_whole": "no refusal"},
    KeepsWhatWasTakenAway: {"a_kept_state_is_swapped_whole": "wrong state"},
    CountsVersionsAnew: {"a_kept_state_is_swapped_whole": "version again"},
    LooksThenKeeps: {"of_two_keepers_one_wins": "lost update"},
    KeepsTheReport: {"what_was_erased_is_nowhere": "not erased"},
    KeepsTheIndex: {"what_was_erased_is_nowhere": "not erased"},
    KeepsTheState: {"what_was_erased_is_nowhere": "not erased"},
    BlanksTheLeaf: {"what_was_erased_is_nowhere": "torn erasure"},
    TellsNobody: {
        "what_was_erased_is_nowhere": "untold erasure",
        "a_copy_stays_a_prefix": "changed copy",
    },
    TellsItTwice: {"a_copy_stays_a_prefix": "changed copy, error"},
    NeverWakes: {"a_waiter_is_woken": "late wake"},
    NeverWaits: {"a_waiter_is_woken": "late wake"},
    CopiesInItsOwnName: {"a_copy_is_the_same_log": "changed copy, error"},
    SaltsTheCopy: {"a_copy_is_the_same_log": "changed copy"},
}
"""Stores in memory, with the law meant for each and the anomalies that it may find."""
