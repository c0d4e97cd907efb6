"""Holds the stream of accounts against ``resolve``, which it has to equal whatever was said."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import account_sort
from timeline.accounts import Account
from timeline.claims import Report, Said
from timeline.codec import Codec
from timeline.entry_reader import EntryReader
from timeline.errors import FormatError
from timeline.events import Event
from timeline.kinds import KINDS, Attack, Incident
from timeline.log import Log
from timeline.projection import Projection, on
from timeline.resolution import resolve
from timeline.stores.base import NewRecord, Record
from timeline.stores.memory import MemoryStore
from timeline.testing.strategies import SOURCES, histories

CODEC = Codec(KINDS)
KINDS_ASKED = [set(KINDS), {Attack}, {Incident, Attack}]
MONDAY = Report("ISW", published="2022-09-12")
TUESDAY = Report("ISW", published="2022-09-13")


class Count(Projection[int]):
    """How many attacks there were."""

    start = 0

    @on(Attack)
    def one(self, count: int, _: Attack) -> int:
        return count + 1


def streamed(
    said: Sequence[Said],
    *,
    published: int | None = None,
    trust: Sequence[str] = (),
    kinds: Collection[type[Event]] = KINDS,
) -> list[Account]:
    """What the stream gives of a store that holds all this."""
    store = MemoryStore()
    reports = {bytes.fromhex(one.report.id): one.report for one in said}
    store.append(
        [CODEC.draft(one) for one in said],
        {name: report.body for name, report in reports.items()},
        recorded=0,
        explicit=False,
    )
    reader = EntryReader(store, CODEC)
    found = account_sort.accounts(
        store.rows(), reader, kinds=tuple(kinds), published=published, trust=trust
    )
    return list(found)


@given(
    histories(),
    st.none() | st.integers(1_662_000_000_000_000, 1_664_000_000_000_000),
    st.lists(st.sampled_from(SOURCES), unique=True),
)
def test_the_stream_is_what_stands(
    history: list[Said], published: int | None, trust: list[str]
) -> None:
    asked = {"published": published, "trust": trust}
    assert streamed(history, **asked) == resolve(history, **asked)  # type: ignore[arg-type]


@given(histories(), st.sampled_from(KINDS_ASKED), st.integers(1, 4))
def test_sorting_on_disk_and_kinds_that_nobody_asks_for_change_nothing(
    history: list[Said], kinds: set[type[Event]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_sort, "_IN_MEMORY", most)
        found = streamed(history, kinds=kinds)
    stands = resolve(history)
    assert [one for one in stands if type(one.event) in kinds] == [
        one for one in found if type(one.event) in kinds
    ]
    # Others come where they were resolved with what else is said about their event.
    assert [one for one in stands if one in found] == found


def test_how_far_it_is_is_told_and_that_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_sort, "_PAGE", 2)
    monkeypatch.setattr(account_sort, "_REPORTED_EVERY", 3)
    told: list[tuple[int, int]] = []
    with Log() as log:
        log.ask(Count(), progress=lambda *steps: told.append(steps))
        log.append(MONDAY.says(Attack(when="2022-09-10", id="a")))
        log.ask(Count(), progress=lambda *steps: told.append(steps))
        assert told == []  # too short a log for that
        log.append(*(MONDAY.says(Attack(when="2022-09-10", id=name)) for name in "bcdefg"))
        log.append(TUESDAY.says(Incident(when="2022-09-11", category="fire")))
        log.ask(Count(), progress=lambda *steps: told.append(steps))
        assert told == [(4, 16), (8, 16), (12, 16), (15, 16), (16, 16)]
        told.clear()
        log.accounts(known=4, progress=lambda *steps: told.append(steps))
        assert told == [(4, 8), (8, 8), (8, 8)]


def test_what_nobody_asks_for_is_held_against_its_id_all_the_same() -> None:
    claim = MONDAY.says(Attack(when="2022-09-10", id="a"))
    draft = CODEC.draft(claim)
    changed = draft.body.replace(b'"id":"a"', b'"id":"b"')
    for row in (
        Record(1, 0, draft.id, "claim", "attack/1", draft.report, changed),
        Record(1, 0, draft.id, "claim", "attacks/1", draft.report, draft.body),
    ):
        headers = CODEC.headers((Incident,))
        with pytest.raises(FormatError, match="entry 1"):
            headers.read(row)


def test_it_is_in_order_beyond_one_page() -> None:
    said: list[Said] = [
        MONDAY.says(Incident(when=f"2022-09-{1 + no * 7 % 30:02d}", category=f"fire {no}"))
        for no in range(1100)
    ]
    said += [MONDAY.retracts(said[7].event, because="-"), TUESDAY.says(said[9].event)]  # type: ignore[union-attr]
    assert streamed(said) == resolve(said)
    assert len(streamed(said)) == 1099


def test_a_claim_that_another_event_s_claim_replaces_falls() -> None:
    old = MONDAY.says(Attack(when="2022-09-10", id="a"))
    new = TUESDAY.says(Attack(when="2022-09-11", id="b"), replaces=old)
    void = TUESDAY.voids(new, because="typed wrongly")
    gone = TUESDAY.voids(MONDAY.retracts("a", because="-"), because="twice")
    told: list[list[Said]] = [[old, new], [old, new, void], [new], [old, void, gone], [gone]]
    for said in told:
        assert streamed(said) == resolve(said)


def test_what_was_erased_meanwhile_is_passed_over() -> None:
    with Log() as log:
        log.append(*(MONDAY.says(Attack(when="2022-09-10", id=name)) for name in "abc"))
        stream = log.as_of()._accounts(log.reader, None, None)
        first = next(stream)
        assert [first.event.id, *(one.event.id for one in stream)] == ["a", "b", "c"]
        stream = log.as_of()._accounts(log.reader, None, None)
        found = log._store.get_by_position
        redacted = Record(2, 0, b"", "redacted", "", b"", b"\0" * 32)
        log._store.get_by_position = lambda places: found(places) | {2: redacted}  # type: ignore[assignment, method-assign]
        assert [one.event.id for one in stream] == ["a", "c"]


def test_ids_that_are_none_reach_nothing() -> None:
    claim = MONDAY.says(Attack(when="2022-09-10", id="a"))
    store = MemoryStore()
    draft = CODEC.draft(claim)
    body = draft.body.replace(b'"report"', b'"replaces":["what?"],"report"')
    store.append(
        [NewRecord(draft.id, *draft[1:4], body)],
        {draft.report: MONDAY.body},
        recorded=0,
        explicit=False,
    )

    class Lenient(EntryReader):
        def statement(self, row: Record) -> Said:
            assert row.position
            return claim

    found = account_sort.accounts(store.rows(), Lenient(store, CODEC))
    assert [one.event.id for one in found] == ["a"]


def test_a_claim_without_an_event_is_named() -> None:
    with pytest.raises(FormatError, match=r"entry 4 \(claim aa\) can't be read: .*event"):
        CODEC.headers().read(Record(4, 0, b"\xaa", "claim", "attack/1", b"", b"{}"))
