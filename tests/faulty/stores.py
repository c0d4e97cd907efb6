"""Stores with one fault each, the law that has to catch it, and stores that are sound."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import attrs

from tests.faulty.stores_on_disk import (
    WIDE,
    AcknowledgesEarly,
    CountsAnew,
    ForgetsTheLast,
    ForgetsWhoItIs,
    Journal,
    LooksThenLeapsOnDisk,
    OneByOne,
    look_then_leap,
)
from tests.faulty.stores_unfaithful import UNFAITHFUL, LeavesACopy
from timeline.errors import RecordedError
from timeline.stores import FullStore, Head, MemoryStore, NewRecord, Record, SQLiteStore

__all__ = ["FAULTY", "SOUND", "Case"]


@attrs.frozen
class Case:
    """A store, the laws meant for it with the anomalies they may find, and whether it lasts."""

    make: Callable[[Path], FullStore]
    laws: Mapping[str, set[str]] = attrs.field(factory=dict)
    lasting: bool = False
    skip: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def name(self) -> str:
        return self.make.__name__


class LosesTheLast(MemoryStore):
    """The last of a batch is answered and not kept."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        if len(drafts) < 2:
            return super().append(drafts, reports, **options)
        rows = super().append(drafts[:-1], reports, **options)
        last = self.get_by_id([drafts[-1].id]).get(drafts[-1].id)
        return [*rows, last or Record(self.head().position + 1, rows[-1].recorded, *drafts[-1])]


class LosesOne(MemoryStore):
    """Every fifth append is answered and not kept."""

    _appends = 0

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        rows = super().append(drafts, reports, **options)
        self._appends += 1
        if self._appends % 5 == 0:
            gone = self._rows.pop()
            del self._by_id[gone.id]
        return rows


class TearsOnFailure(MemoryStore):
    """Drafts are written one by one; the one that fails leaves the others there."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        expect = options.pop("expect", None)
        known = self.get_by_id([one.id for one in drafts])
        if expect is not None and len(known) < len({one.id for one in drafts}):
            super().append([drafts[0]], reports, expect=expect, **options)
        return [
            row
            for one in drafts
            for row in super(TearsOnFailure, self).append([one], reports, **options)
        ]


class SkipsPositions(MemoryStore):
    """Positions come from a counter that an append takes from before it may fail."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        before = self.head().position
        self._last += len(
            {one.id for one in drafts} - self.get_by_id([d.id for d in drafts]).keys()
        )
        super().append(drafts, reports, **options)
        added = len(self._rows) - before
        for index in range(before, before + added):
            row = self._rows[index]._replace(position=self._last - added + 1 + index - before)
            self._rows[index] = self._by_id[row.id] = row
        return [self._by_id[one.id] for one in drafts]

    def head(self) -> Head:
        head = super().head()
        return head._replace(position=len(self._rows))


class Doubles(MemoryStore):
    """A draft is looked for in the last batch alone."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        kept = self._by_id
        self._by_id = {row.id: row for row in self._rows[-1:]}
        try:
            return super().append(drafts, reports, **options)
        finally:
            self._by_id = kept | self._by_id


class DoublesInABatch(MemoryStore):
    """A draft that stands twice in one batch is kept twice."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        known = self.get_by_id([one.id for one in drafts])
        rows = super().append(drafts, reports, **options)
        twice = [one for i, one in enumerate(drafts) if one in drafts[:i] and one.id not in known]
        for one in twice:
            self._rows.append(Record(len(self._rows) + 1, self._rows[-1].recorded, *one))
        return rows


class Reorders(MemoryStore):
    """A batch is kept in the order of its ids."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        super().append(sorted(drafts), reports, **options)
        return [self._by_id[one.id] for one in drafts]


class TimeGoesBack(MemoryStore):
    """The clock's time is written as it comes."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        before = len(self._rows)
        super().append(drafts, reports, **options)
        for index in range(before, len(self._rows)):
            row = self._rows[index]._replace(recorded=options["recorded"])
            self._rows[index] = self._by_id[row.id] = row
        return [self._by_id[one.id] for one in drafts]


class TakesAnyTime(MemoryStore):
    """An explicit time that goes back is held, as if it came from the clock."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        try:
            return super().append(drafts, reports, **options)
        except RecordedError:
            return super().append(drafts, reports, **options | {"explicit": False})


class IgnoresExpect(MemoryStore):
    """``expect=`` is passed over."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        return super().append(drafts, reports, **options | {"expect": None})


class LooksThenLeaps(MemoryStore):
    """``expect=`` is compared before the lock is taken."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        return look_then_leap(super(), drafts, reports, **options)


class ShowsTooEarly(MemoryStore):
    """A position is given at once, and the row can be read some time later."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: set[int] = set()

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        rows = super().append(drafts, reports, **options)
        if drafts and drafts[0].id[0] % 2:
            time.sleep(WIDE)
        self._shown |= {row.position for row in rows}
        return rows

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        return (row for row in super().rows(after, upto) if row.position in self._shown)


class ReadsTooFar(MemoryStore):
    """``upto`` is taken for the first position that isn't wanted, the wrong way round."""

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        return super().rows(after, None if upto is None else upto + 1)


class ReadsOn(MemoryStore):
    """A reading goes on into what is appended meanwhile."""

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        place = max(after, 0)
        while place < len(self._rows) and (upto is None or place < upto):
            yield self._rows[place]
            place += 1


class FindsTooMuch(MemoryStore):
    """``find`` gives everything where it is asked for nothing."""

    def get_by_id(self, ids: Iterable[bytes]) -> dict[bytes, Record]:
        ids = list(ids)
        return super().get_by_id(ids) if ids else dict(self._by_id)


class KeepsTheLastReports(MemoryStore):
    """The reports of one append push out those of the others."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        rows = super().append(drafts, reports, **options)
        self._reports = {row.report: reports[row.report] for row in rows}
        return rows


class Composes(MemoryStore):
    """Text is normalised on the way in."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        drafts = [
            one._replace(body=unicodedata.normalize("NFC", one.body.decode()).encode())
            for one in drafts
        ]
        return super().append(drafts, reports, **options)


class Shortens(MemoryStore):
    """The column for bodies has a width."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        drafts = [one._replace(body=one.body[:2000]) for one in drafts]
        return super().append(drafts, reports, **options)


class Shares(MemoryStore):
    """The rows stand on the class."""

    _everyones: ClassVar[list[Record]] = []

    def __init__(self) -> None:
        super().__init__()
        self._rows = self._everyones


# --- how each is opened; at the top of the module, so that other processes can


def _in_memory(kind: type[MemoryStore], **laws: str) -> Case:
    def make(_folder: Path) -> FullStore:
        return kind()

    make.__name__ = make.__qualname__ = kind.__name__
    return Case(make, _laws(**laws))


def on_disk(folder: Path) -> FullStore:
    return SQLiteStore(folder / "war.db")


def in_memory(_folder: Path) -> FullStore:
    return MemoryStore()


def leaping(folder: Path) -> FullStore:
    return LooksThenLeapsOnDisk(folder / "war.db")


def one_by_one(folder: Path) -> FullStore:
    return OneByOne(folder / "war.db")


def leaving_a_copy(folder: Path) -> FullStore:
    return LeavesACopy(folder / "war.db")


_ALONE = dict.fromkeys(
    [
        "a_reader_sees_no_gap",
        "of_two_writers_one_wins",
        "a_reader_in_another_process_sees_no_gap",
        "of_two_processes_one_wins",
        "of_two_keepers_one_wins",
        "a_waiter_is_woken",
    ],
    "one opening at a time",
) | dict.fromkeys(
    ["what_was_erased_is_nowhere", "a_copy_is_the_same_log", "a_copy_stays_a_prefix"],
    "its journal holds appends alone",
)


def _alone(kind: type[Journal], **laws: str) -> Case:
    return Case(kind, _laws(**laws), lasting=True, skip=_ALONE)


def _laws(**laws: str) -> dict[str, set[str]]:
    return {law: set(anomalies.split(", ")) for law, anomalies in laws.items()}


FAULTY = [
    _in_memory(LosesTheLast, an_append_is_all_or_none="torn batch"),
    _in_memory(
        LosesOne,
        an_append_is_all_or_none="lost write, torn batch",
        a_reader_sees_no_gap="lost write, torn batch, duplicate, poll skip, error",
    ),
    _in_memory(TearsOnFailure, an_append_is_all_or_none="torn batch"),
    _in_memory(SkipsPositions, positions_run_without_a_gap="poll skip"),
    _in_memory(
        Reorders, positions_run_without_a_gap="reorder", a_reader_sees_no_gap="reorder, torn batch"
    ),
    _in_memory(Doubles, an_id_is_kept_once="duplicate"),
    _in_memory(DoublesInABatch, an_id_is_kept_once="duplicate"),
    _in_memory(TimeGoesBack, recorded_never_goes_back="recorded goes back"),
    _in_memory(TakesAnyTime, recorded_never_goes_back="recorded goes back"),
    _in_memory(
        IgnoresExpect,
        a_stale_condition_changes_nothing="stale conditional write",
        of_two_writers_one_wins="stale conditional write",
    ),
    _in_memory(LooksThenLeaps, of_two_writers_one_wins="stale conditional write"),
    _in_memory(ShowsTooEarly, a_reader_sees_no_gap="poll skip"),
    _in_memory(ReadsTooFar, a_slice_is_what_was_asked_for="wrong answer"),
    _in_memory(ReadsOn, a_slice_is_what_was_asked_for="wrong answer"),
    _in_memory(FindsTooMuch, a_slice_is_what_was_asked_for="wrong answer"),
    _in_memory(KeepsTheLastReports, it_answers_like_a_plain_list="lost write"),
    _in_memory(Composes, bytes_in_are_bytes_out="changed bytes"),
    _in_memory(Shortens, bytes_in_are_bytes_out="changed bytes"),
    _in_memory(Shares, two_stores_share_nothing="shared state"),
    _alone(AcknowledgesEarly, acknowledged_is_there_after_a_crash="lost write"),
    _alone(ForgetsTheLast, reopened_it_remembers="lost write"),
    _alone(ForgetsWhoItIs, reopened_it_remembers="lost identity"),
    _alone(CountsAnew, reopened_it_remembers="lost write"),
    Case(
        leaping,
        _laws(
            of_two_processes_one_wins="stale conditional write",
            of_two_writers_one_wins="stale conditional write",
        ),
        lasting=True,
    ),
    Case(
        one_by_one,
        _laws(
            a_reader_in_another_process_sees_no_gap="torn batch",
            acknowledged_is_there_after_a_crash="torn batch",
        ),
        lasting=True,
    ),
    Case(leaving_a_copy, _laws(what_was_erased_is_nowhere="not erased"), lasting=True),
    *(_in_memory(kind, **laws) for kind, laws in UNFAITHFUL.items()),
]

SOUND = [Case(in_memory), Case(on_disk, lasting=True), _alone(Journal)]
