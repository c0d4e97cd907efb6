"""Two desks' logs become one: nothing twice, nothing lost, and each can still prove its past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import (
    Attack,
    Casualties,
    Control,
    Log,
    Report,
    SameEvent,
    TerritorialChange,
    chronology,
)
from timeline.claims import Said
from timeline.errors import FormatError, LogError
from timeline.formats.json_lines import import_jsonl, to_jsonl
from timeline.merge_provenance import Merge
from timeline.proofs import SigningKey, verify_entry, verify_growth
from timeline.redaction_records import Redacted
from timeline.testing import strategies

WIRE = Report("Wire", published="2022-09-16")
PAPER = Report("Paper", published="2022-09-17")


def _attack(name: str, killed: int = 1) -> Attack:
    return Attack(id=name, when="2022-09-10", place="Izium", killed=killed)


def _clock(year: int) -> Any:
    times = iter(range(10**6))
    return lambda: datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=next(times))


def _all(log: Log) -> list[Any]:
    return [
        log.accounts(),
        str(chronology(log)),
        log.links(),
        log.ask(Casualties()),
        dict(log.ask(Control())),
        log.accounts(published="2022-09-16"),
    ]


def _by(report: Report) -> tuple[Said, ...]:
    return (
        *(report.says(_attack(name, killed)) for name in "abc" for killed in (1, 2)),
        report.denies(_attack("a")),
        report.retracts(_attack("a"), because="wrong"),
        report.says(SameEvent("a", "b")),
        report.denies(SameEvent("a", "b")),
        report.says(TerritorialChange(id="t", when="2022-09-10", place="Izium", to="Ukraine")),
    )


SAID = [*_by(WIRE), *_by(PAPER)]
SAID += [PAPER.voids(one.id, because="typed twice") for one in SAID[::3]]


@given(
    st.lists(st.sampled_from(SAID), max_size=8),
    st.lists(st.sampled_from(SAID), max_size=8),
    st.lists(st.sampled_from(SAID), max_size=4),
)
def test_a_merged_log_answers_as_one_in_which_both_had_written(
    ours: list[Said], theirs: list[Said], later: list[Said]
) -> None:
    log, other, both = Log(clock=_clock(2023)), Log(clock=_clock(2022)), Log()
    log.append(*ours)
    other.append(*theirs)
    both.append(*ours, *theirs)
    kept = log.keep(Casualties())
    before, size, was = log.checkpoint(), log.head, _all(log)
    there = list(other)

    summary = log.merge(other)
    assert (summary.new + summary.there, summary.redacted) == (other.head, 0)
    assert _all(log) == _all(both)
    assert kept.answer() == log.ask(Casualties())
    assert [log.accounts(known=size), log.as_of(known=size).links()] == [was[0], was[2]]
    assert list(other) == there
    head = log.head
    assert not log.merge(other).new
    assert log.head == head
    assert log.verify().ok
    if size:
        log.prove_since(before)
    for entry in there:
        (mine,) = log.find(entry.claim.id).values()
        (found,) = log.recorded_elsewhere(mine)
        assert (found.log, found.position) == (other.store.identity, entry.position)
        assert datetime.fromtimestamp(found.recorded / 1e6, UTC) == entry.recorded
        assert mine.recorded.year >= 2023

    other.append(*later)
    both.append(*later)
    other.merge(log)
    log.merge(other)
    assert _all(log) == _all(other) == _all(both)


@given(strategies.histories(), strategies.histories())
def test_whatever_is_said_comes_along(ours: Any, theirs: Any) -> None:
    log, other, both = Log(), Log(), Log()
    log.append(*ours)
    other.append(*theirs)
    both.append(*ours, *theirs)
    log.merge(other)
    assert log.accounts() == both.accounts()


def test_what_the_other_log_erases_later_is_erased_here_and_doesnt_come_back() -> None:
    log, other = Log(), Log()
    claim = WIRE.says(_attack("a"))
    log.append(PAPER.says(_attack("z")), claim)
    other.append(claim, WIRE.says(_attack("b")), PAPER.says(_attack("c")))
    other.redact(3, because="a minor", basis="GDPR 17")
    summary = log.merge(other)
    assert str(summary) == "1 new entries, 1 here already"
    other.redact(claim, because="asked to", basis="GDPR 17", by="the desk")
    summary = log.merge(other)
    assert str(summary) == "0 new entries, 0 here already, 1 redacted"
    gone = next(iter(log.entries())), list(log.entries())[1]
    assert isinstance(gone[1].claim, Redacted)
    assert str(gone[1].claim) == "redacted by the desk: asked to (GDPR 17)"
    assert not log.find(claim.id)
    assert [one.event.id for one in log.accounts()] == ["b", "z"]
    head = log.head
    assert not log.merge(other).redacted
    assert log.head == head
    assert log.verify().ok


WHY: dict[str, Any] = {"because": "a minor", "basis": "GDPR 17"}
POOL = [report.says(_attack(name)) for report in (WIRE, PAPER) for name in "abc"]
WHAT = st.sampled_from(["say", "erase", "merge"])
STEPS = st.lists(st.tuples(WHAT, st.booleans(), st.integers(0, len(POOL) - 1)), max_size=12)


@given(STEPS)
def test_what_either_log_erased_is_in_neither_after_they_are_merged(
    steps: list[tuple[str, bool, int]],
) -> None:
    logs = Log(), Log()
    said: set[Any] = set()
    erased: set[Any] = set()
    for what, second, number in steps:
        log, other, claim = logs[second], logs[not second], POOL[number]
        if what == "say" and claim not in erased:
            log.append(claim)
            said.add(claim)
        elif what == "erase" and claim in log:
            log.redact(claim, **WHY)
            erased.add(claim)
        elif what == "merge":
            log.merge(other)
    for log, other in (logs, logs[::-1], logs):
        log.merge(other)
    both = Log()
    both.append(*(claim for claim in POOL if claim in said - erased))
    for log, other in (logs, logs[::-1]):
        assert {claim for claim in POOL if claim in log} == said - erased
        assert log.accounts() == both.accounts()
        assert log.verify().ok
        head = log.head
        assert str(log.merge(other)) == "0 new entries, 0 here already"
        assert log.head == head


def test_it_goes_from_log_to_log_by_its_mark_and_may_be_said_again() -> None:
    ours, between, theirs = Log(), Log(), Log()
    claim, other = POOL[0], POOL[1]
    for log in (ours, theirs):
        log.append(claim, other)
    ours.redact(claim, **WHY)
    assert not between.merge(ours).lost
    assert (
        str(between.merge(theirs)) == "0 new entries, 1 here already, 1 kept out as redacted here"
    )
    assert str(theirs.merge(between)) == "0 new entries, 1 here already, 1 redacted"
    assert claim not in theirs
    ours.append(claim)  # somebody says it again, knowing
    assert theirs.merge(ours).kept_out == 1
    theirs.append(claim)
    assert ours.merge(theirs).redacted == 0
    assert claim in ours


def test_without_a_mark_it_is_known_by_its_salt_or_place_alone(tmp_path: Any) -> None:
    claim = POOL[0]
    with Log(tmp_path / "war.db") as log, Log(tmp_path / "copy.db") as copy:
        log.append(claim, POOL[1])
        log.copy_to(copy)
        copy.append(POOL[2])
        log.append(POOL[3])
        made = log.redact(claim, **WHY, recognisable=False)
        assert not made.entry.claim.marks  # type: ignore[union-attr] # a redaction
        assert log.merge(copy).kept_out == 1  # the copy has its salt
        assert copy.merge(log).redacted == 1
        assert [claim in one for one in (log, copy)] == [False, False]
    log, other = Log(), Log()
    other.append(claim, POOL[1])
    log.append(POOL[2])
    log.merge(other)
    log.redact(claim, **WHY, recognisable=False)
    other.append(POOL[3])
    assert not log.merge(other).kept_out  # nothing of it was read again
    assert other.merge(log).redacted == 1  # the place in the other is known here
    third = Log()
    third.append(claim)
    assert str(third.merge(log)).endswith("1 redacted there before")
    assert claim in third
    assert log.merge(third).new == 1


def test_a_merge_that_is_broken_off_is_taken_up_again() -> None:
    log, other = Log(), Log()
    log.append(*POOL)
    other.append(*POOL[::-1])
    other.redact(POOL[0], **WHY)

    class BrokenError(RuntimeError):
        pass

    store: Any = log.store
    append, calls = store.append, iter(range(9))

    def fails(*drafts: Any, **how: Any) -> Any:
        if next(calls) == 0:
            raise BrokenError
        return append(*drafts, **how)

    store.append = fails
    with pytest.raises(BrokenError):
        log.merge(other)
    summary = log.merge(other)
    assert (summary.there, summary.redacted) == (len(POOL) - 1, 0)
    assert POOL[0] not in log
    assert len(log.redactions()) == 1


def test_what_was_merged_is_provable_and_goes_through_json_lines() -> None:
    key = SigningKey.generate("example.org/desk")
    log, other = Log(), Log()
    log.append(WIRE.says(_attack("a")))
    other.append(WIRE.says(_attack("b")))
    mine, its = log.checkpoint(key), other.checkpoint(key)
    log.merge(other)
    verify_growth(str(log.prove_since(mine, checkpoint=log.checkpoint(key))), mine, key=key.public)
    verify_entry(str(other.prove(1, checkpoint=its)), key=key.public)
    proven = verify_entry(str(log.prove(3, checkpoint=log.checkpoint(key))), key=key.public)
    assert isinstance(proven.entry.claim, Merge)
    assert str(proven.entry.claim) == f"merged entries 1 to 1 of the log {other.store.identity}"
    again = Log()
    assert import_jsonl(again, to_jsonl(log)) == 2
    assert again.accounts() == log.accounts()
    third = Log()
    third.merge(log)
    record = list(third)[-1].claim
    assert isinstance(record, Merge)
    assert [one[2] for one in record.records] == ["merge"]
    assert third.accounts() == log.accounts()


def test_a_log_isnt_merged_into_itself_and_nothing_comes_from_a_damaged_one(tmp_path: Any) -> None:
    with Log(tmp_path / "war.db") as log, Log(tmp_path / "war.db") as same:
        log.append(WIRE.says(_attack("a")))
        for other in (log, same):
            with pytest.raises(LogError, match="into itself"):
                log.merge(other)
        with Log(tmp_path / "copy.db") as copy:
            log.copy_to(copy)
            copy.append(WIRE.says(_attack("b")))
            log.append(WIRE.says(_attack("c")))
            assert log.merge(copy).new == 1  # a copy that was written to apart
            assert [one.event.id for one in log.accounts()] == ["a", "b", "c"]

    class Damaged:
        def __init__(self, store: Any) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        def rows(self, after: int = 0, upto: int | None = None) -> Any:
            return (row._replace(body=b"{}") for row in self._store.rows(after, upto))

    source = Log()
    source.append(WIRE.says(_attack("a")))
    target = Log()
    with pytest.raises(FormatError, match="can't be taken over"):
        target.merge(Log(Damaged(source.store)))
    assert target.head == 0
