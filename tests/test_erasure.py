"""Tests erasing what entries say, and what is told of what still speaks of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_merkle import root_of
from timeline import chronology
from timeline.accounts import Entry
from timeline.claims import Claim, Report
from timeline.codec import Codec
from timeline.counts import Count
from timeline.errors import ClaimError, ConflictError, FormatError, LogError
from timeline.kinds import Attack
from timeline.links import SameEvent
from timeline.log import Log
from timeline.projection import Projection, on
from timeline.proofs import SigningKey
from timeline.redaction_records import Redacted, Redaction
from timeline.stores.base import NewRecord, Record
from timeline.stores.memory import MemoryStore
from timeline.time_parsing import when
from timeline.views.casualties import Casualties

NOON = datetime(2022, 9, 16, 12, tzinfo=UTC)
ISW = Report("ISW", published="2022-09-10", text="Three were wounded in Izium: A. B., …")
UCDP = Report("UCDP", published="2022-09-12")
DESK = Report("Desk", published="2022-09-17")
WHY: dict[str, Any] = {"because": "a court asked for it", "basis": "GDPR 17(1)(d)"}


def attack(number: int, report: Report = ISW) -> Claim:
    return report.says(Attack(when=when("2022-09-09"), wounded=Count(number), id=str(number)))


class Wounded(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, state: int, event: Attack) -> int:
        return state + event.wounded.best


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    target = None if request.param == "memory" else tmp_path / "war.db"
    with Log(target, clock=lambda: NOON) as opened:
        yield opened


def places(entries: tuple[Entry, ...]) -> list[int]:
    return [entry.position for entry in entries]


# --- what it does


def test_what_is_redacted_is_gone_and_says_why(log: Log) -> None:
    one, two = attack(1), attack(2)
    log.append(one, two)
    erasure = log.redact(one, **WHY, by="A. Editor")
    told = Redaction(positions=(1,), **WHY, by="A. Editor")
    assert erasure.entry == Entry(3, NOON, told)
    first, second, third = log
    assert isinstance(first.claim, Redacted)
    assert (first.claim.position, first.claim.redaction) == (1, told)
    assert first.recorded == NOON
    assert second.claim == two
    assert third == erasure.entry
    assert log.redactions() == [third]
    assert log.find(one.id) == {}
    assert [account.event for account in log.accounts()] == [two.event]
    assert log.ask(Wounded()) == log.ask(Wounded(), known=2) == 2
    assert log.verify().ok
    assert list(log.entries(known=1)) == [first]


def test_a_log_that_is_opened_again_knows_why(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db") as log:
        log.append(attack(1), attack(2))
        log.redact(1, **WHY)
        log.redact(1, 2, because="another reason", basis="a law")
    with Log(tmp_path / "war.db") as log:
        first, second, *_ = log
        assert isinstance(first.claim, Redacted)
        assert isinstance(second.claim, Redacted)
        assert first.claim.redaction == Redaction(positions=(1,), **WHY)
        assert str(second.claim) == "redacted: another reason (a law)"
        assert places(tuple(log.redactions())) == [3, 4]


@pytest.mark.parametrize("naming", ["claim", "id", "entry", "position"])
def test_an_entry_is_named_in_any_way(log: Log, naming: str) -> None:
    claim = attack(1)
    (entry,) = log.append(claim)
    ways: dict[str, Any] = {"claim": claim, "id": claim.id, "entry": entry, "position": 1}
    assert log.redact(ways[naming], **WHY).entry.position == 2
    assert log.accounts() == []


def test_retractions_and_voids_can_be_redacted(log: Log) -> None:
    claim = attack(1)
    void, retraction = DESK.voids(claim, because="A. B."), ISW.retracts("2", because="A. B.")
    log.append(claim, attack(2), void, retraction)
    assert log.ask(Wounded()) == 0
    erasure = log.redact(void, retraction, **WHY)
    assert log.ask(Wounded()) == 3
    assert places(erasure.counts_again) == [1, 2]


def test_a_report_goes_with_all_that_stands_in_it(log: Log) -> None:
    log.append(attack(1), attack(2), attack(1, UCDP), DESK.voids(attack(2), because="twice"))
    erasure = log.redact(ISW, **WHY)
    assert [type(entry.claim).__name__ for entry in log] == [
        "Redacted", "Redacted", "Claim", "Void", "Redaction",
    ]  # fmt: skip
    assert erasure.reports_left == ()
    assert log.store.reports([bytes.fromhex(ISW.id)]) == {}
    with pytest.raises(LogError, match=r"report .* isn't in this log: it was never recorded, or"):
        log.redact(ISW, **WHY)
    again = log.append(attack(1))  # nobody can tell that it was there
    assert again[0].position == 6


def test_redacting_again_scrubs_again_and_adds_nothing(log: Log) -> None:
    claim = attack(1)
    log.append(claim)
    erasure = log.redact(claim, **WHY)
    head = log.head
    gone = next(iter(log))
    assert log.redact(gone, **WHY).entry == log.redact(1, **WHY).entry == erasure.entry
    assert log.head == head
    with pytest.raises(LogError, match="isn't in this log: it was never recorded, or was redacted"):
        log.redact(claim, **WHY)


@pytest.mark.parametrize(
    ("what", "why", "error", "message"),
    [
        ([], WHY, LogError, "name what to redact"),
        ([attack(7)], WHY, LogError, "isn't in this log"),
        (["no id"], WHY, LogError, "an entry is named by itself"),
        ([None], WHY, LogError, "not by None"),
        ([True], WHY, LogError, "not by True"),
        ([9], WHY, LogError, "position 9 isn't there"),
        ([1], {"because": "", "basis": "a law"}, ClaimError, "because"),
        ([1], {"because": "a court", "basis": " "}, ClaimError, "basis"),
    ],
)
def test_what_cannot_be_redacted_changes_nothing(
    log: Log, what: list[Any], why: dict[str, Any], error: type[Exception], message: str
) -> None:
    log.append(attack(1))
    before = list(log)
    with pytest.raises(error, match=message):
        log.redact(*what, **why)
    assert list(log) == before


def test_a_redaction_itself_stays(log: Log) -> None:
    log.append(attack(1))
    entry = log.redact(1, **WHY).entry
    with pytest.raises(LogError, match="holds a redaction, which can't be erased"):
        log.redact(entry, **WHY)


# --- what still speaks of it


def test_what_still_speaks_of_it_is_told(log: Log) -> None:
    wrong, same = attack(1), attack(1, UCDP)
    right = ISW.says(Attack(when=when("2022-09-09"), wounded=Count(5), id="1"), replaces=wrong)
    void = DESK.voids(right, because="typed twice")
    retraction = UCDP.retracts("1", because="not ours")
    log.append(wrong, same, right, void, retraction, attack(2))
    erasure = log.redact(right, **WHY)
    assert places(erasure.named_by) == [4]
    assert places(erasure.same_event) == [1, 2, 5]
    assert places(erasure.counts_again) == [1]
    assert erasure.reports_left == (ISW,)
    assert str(erasure) == (
        "1 entry redacted: a court asked for it (GDPR 17(1)(d)).\n"
        "1 other entry still names what was erased, by a hash of its content: 4.\n"
        "3 other entries are about the same events: 1, 2, 5.\n"
        "1 other entry counts again, as what took it back was erased: 1.\n"
        "The report by 'ISW' (2022-09-10) is kept, as other entries stand in it."
    )


def test_what_leaves_nothing_behind_says_so(log: Log) -> None:
    log.append(attack(1), attack(2))
    erasure = log.redact(1, 2, **WHY)
    left = (erasure.named_by, erasure.same_event, erasure.counts_again, erasure.reports_left)
    assert left == ((), (), (), ())
    assert str(erasure) == "2 entries redacted: a court asked for it (GDPR 17(1)(d))."


def test_many_are_named_in_short(log: Log) -> None:
    log.append(*(ISW.says(attack(1).event, quote=None, according_to=str(n)) for n in range(13)))
    assert "12 other entries are about the same events: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …." in str(
        log.redact(1, **WHY)
    )


def test_another_sources_claim_is_not_brought_back(log: Log) -> None:
    log.append(attack(1), attack(1, UCDP), retraction := ISW.retracts("1", because="wrong"))
    assert places(log.redact(retraction, **WHY).counts_again) == [1]


def test_what_is_damaged_can_be_redacted_and_doesnt_hinder() -> None:
    store = MemoryStore()
    log = Log(store, clock=lambda: NOON)
    log.append(attack(1), attack(2), attack(3), ISW.says(attack(1).event, according_to="A. B."))
    deep = b'{"event":' + b"[" * 100_000
    for position, body in ((2, deep), (3, attack(1).body()), (4, b"{}")):
        store._rows[position - 1] = store._rows[position - 1]._replace(body=body)
    erasure = log.redact(1, 4, **WHY)
    assert erasure.same_event == ()
    assert [row.record_type for row in store.rows()] == [
        "redacted", "claim", "claim", "redacted", "redaction",
    ]  # fmt: skip


# --- who writes meanwhile


class Busy(MemoryStore):
    """A store in which somebody adds to the report just before it is erased."""

    def __init__(self) -> None:
        super().__init__()
        self.late = [attack(2), attack(3)]

    def erase(self, positions: Any, draft: NewRecord, **options: Any) -> Record:
        if self.late:
            Log(self).append(self.late.pop())
        return super().erase(positions, draft, **options)


def test_what_another_program_appended_so_that_nobody_can_read_it_is_taken_out() -> None:
    log = Log()
    sound = Codec().draft(attack(3))
    body = sound.body.replace(b'"best":3', b'"best":"x"')
    assert body != sound.body
    name = sound.id[:8] + sha256(b"claim\0" + body).digest()[:24]  # it is that of its content
    log.store.append(
        [sound._replace(id=name, body=body)], {sound.report: ISW.body}, recorded=0, explicit=False
    )
    with pytest.raises(
        FormatError, match=r"log\.redact\(1, because=…, basis=…\) by the log's owner"
    ):
        list(log)
    assert [one.position for one in log.verify().damaged] == [1]
    log.redact(1, because="no such count", basis="house rules")
    assert log.verify().ok
    assert len(list(log)) == 2


def test_what_is_added_to_a_report_meanwhile_goes_too() -> None:
    store = Busy()
    log = Log(store)
    log.append(attack(1), attack(1, UCDP))
    entry = log.redact(ISW, **WHY).entry
    assert isinstance(entry.claim, Redaction)
    assert entry.claim.positions == (1, 3, 4)
    assert store.late == []


def test_a_report_that_somebody_else_redacts_meanwhile_is_said_to_be_gone() -> None:
    class Raced(MemoryStore):
        first = True

        def reports(self, ids: Any) -> dict[bytes, bytes]:
            found = super().reports(ids)
            if self.first and found:
                self.first = False
                redacted.redact(ISW, **WHY)
            return found

    redacted = Log(Raced())
    redacted.append(attack(1))
    with pytest.raises(LogError, match="isn't in this log: it was never recorded, or was redact"):
        redacted.redact(ISW, because="asked twice", basis="law")
    assert redacted.head == 2


def test_a_conflict_is_let_through_where_nothing_can_have_come() -> None:
    class Broken(MemoryStore):
        def erase(self, *_: Any, **__: Any) -> Record:
            raise ConflictError("for ever")

    log = Log(Broken())
    log.append(attack(1))
    with pytest.raises(ConflictError, match="for ever"):
        log.redact(1, **WHY)


def test_another_process_forgets_the_report_too(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db") as log, Log(tmp_path / "war.db") as other:
        log.append(attack(1))
        assert len(other.accounts()) == 1
        log.redact(1, **WHY)
        assert other.accounts() == []
        assert other.reader._reports.get.cache_info().currsize == 0


# --- what users see


def test_a_chronology_says_that_something_is_missing(log: Log) -> None:
    log.append(attack(1), attack(2), attack(3))
    log.redact(1, **WHY)
    log.redact(1, 2, because="again", basis="a law")
    told = chronology(log)
    assert told.redacted == 2
    assert str(told).endswith("2 entries redacted: what the log held there can't be told any more.")
    assert "<p>2 entries redacted: what the log held" in told._repr_html_()
    earlier = chronology(log, known=1)
    assert str(earlier) == (
        "nothing stands\n\n1 entry redacted: what the log held there can't be told any more."
    )
    assert "<p>nothing stands</p><p>1 entry redacted" in earlier._repr_html_()
    assert chronology(log, known=0).redacted == 0


def test_a_kept_projection_forgets_it(log: Log) -> None:
    log.append(attack(1), attack(2))
    kept = log.keep(Wounded())
    assert kept.answer() == 3
    log.redact(1, **WHY)
    assert kept.answer() == log.ask(Wounded()) == 2
    log.append(attack(4))
    assert kept.answer() == 6


CANARY = "canary-Ольга-4c1d"


def traces(folder: Path, *needles: bytes) -> set[str]:
    """The files in which one of these can be read."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    return {one.name for one in files if any(needle in one.read_bytes() for needle in needles)}


def test_nothing_of_it_is_left_in_any_file_or_answer(tmp_path: Path) -> None:
    report = Report(CANARY, published="2022-09-10", text=f"{CANARY} was wounded")
    secret = report.says(
        Attack(when=when("2022-09-09"), summary=CANARY, place=CANARY, killed=Count(1)),
        quote=f"{CANARY} was",
        according_to=CANARY,
    )
    needles = (CANARY.encode(), bytes.fromhex(secret.id), bytes.fromhex(report.id))
    key = SigningKey(name="archive.example/war", seed=bytes(32))
    with Log(tmp_path / "war.db") as log:
        log.append(attack(1), secret, attack(2))
        kept = log.keep(Casualties())
        kept.answer()
        kept.save()
        log.prove(secret)
        assert CANARY in str(chronology(log))
        assert traces(tmp_path, *needles) != set()
        erasure = log.redact(secret, because="a court", basis="GDPR 17")
        assert (erasure.reports_left, erasure.named_by, erasure.same_event) == ((), (), ())
        assert traces(tmp_path, *needles) == set()
        log.append(attack(3))
        kept.answer()
        kept.save()
        told = [
            repr(list(log)), repr(log.accounts()), str(chronology(log)), repr(kept.answer()),
            chronology(log)._repr_html_(), str(log.verify()), repr(log.prove(2)),
            repr(erasure), str(erasure), repr(list(log.store.rows())),
        ]  # fmt: skip
        assert not any(CANARY in one for one in told)
        with Log(tmp_path / "copy.db") as copy:
            log.copy_to(copy)
            assert copy.checkpoint(key).root == log.checkpoint(key).root
        assert traces(tmp_path, *needles) == set()
    assert traces(tmp_path, *needles) == set()


# --- the law


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8, unique=True), st.data())
def test_answers_are_as_if_it_had_never_been_said(numbers: list[int], data: st.DataObject) -> None:
    log, other = Log(clock=lambda: NOON), Log(clock=lambda: NOON)
    said = [attack(number, data.draw(st.sampled_from([ISW, UCDP]))) for number in numbers]
    gone = data.draw(st.lists(st.sampled_from(said), unique=True, min_size=1))
    log.append(*said)
    leaves = list(log.store.leaves())
    log.redact(*gone, **WHY)
    other.append(*(one for one in said if one not in gone))
    assert log.accounts() == other.accounts()
    assert log.ask(Wounded()) == other.ask(Wounded())
    assert list(log.store.leaves(upto=len(said))) == leaves
    assert log.store.head().root == root_of(list(log.store.leaves()))
    texts = [row.body for row in log.store.rows()]
    assert not any(one.body() in texts for one in gone)


# --- ids that are derived from what was erased


SECRET = Attack(when="2022-09-09", place="Izium", summary="O. K. wounded")  # no id of its own
LATER = Report("ISW", published="2022-09-20", title="Correction")


def test_a_derived_id_that_stays_behind_is_named_with_the_entry_that_holds_it(log: Log) -> None:
    other = Attack(when="2022-09-10", id="other")
    log.append(
        ISW.says(SECRET),
        UCDP.retracts(SECRET, because="not ours"),
        UCDP.says(SECRET),
        UCDP.says(SameEvent(SECRET, other)),
        UCDP.says(other),
    )
    erasure = log.redact(1, **WHY)
    assert places(erasure.named_by) == [2, 3, 4]
    assert "still name" in str(erasure)


def test_an_id_that_was_given_tells_nothing_of_the_content(log: Log) -> None:
    log.append(attack(1), UCDP.retracts(attack(1).event, because="not ours"))
    assert log.redact(1, **WHY).named_by == ()


def test_what_holds_derived_ids_is_erased_too_where_asked_for(log: Log) -> None:
    retraction = UCDP.retracts(SECRET, because="not ours")
    log.append(
        ISW.says(SECRET),
        retraction,
        DESK.voids(retraction, because="typed twice"),  # holds the id of what held the id
        attack(1),
    )
    erasure = log.redact(ISW.says(SECRET), **WHY, naming=True)
    assert isinstance(erasure.entry.claim, Redaction)
    assert erasure.entry.claim.positions == (1, 2, 3)
    assert erasure.named_by == ()
    derived = SECRET.id.rsplit(":")[-1].encode()
    assert not any(derived in row.body for row in log.store.rows())
    assert log.verify().ok


@given(st.lists(st.tuples(st.sampled_from("crvl"), st.integers(0, 5)), min_size=1, max_size=8))
def test_after_erasing_with_naming_no_derived_id_is_left_anywhere(
    drawn: list[tuple[str, int]],
) -> None:
    """Whatever retracts, voids, replaces and links what, nothing left holds an id that went."""
    reports = [Report("ISW", published="2022-09-10", title=str(n)) for n in range(3)]
    said: list[Any] = [reports[0].says(SECRET)]
    for number, (how, which) in enumerate(drawn):
        report, target = reports[number % 3], said[which % len(said)]
        if how == "c":
            event = Attack(when="2022-09-09", summary=f"other {number}")
            replaced = target if isinstance(target, Claim) else None
            said.append(report.says(event, replaces=replaced))
        elif how == "r":
            said.append(report.retracts(SECRET, because=f"{number}"))
        elif how == "v":
            said.append(report.voids(target, because=f"{number}"))
        else:
            said.append(report.says(SameEvent(SECRET, f"ucdp:{number}")))
    with Log() as log:
        log.append(*said)
        before = {row.position: row for row in log.store.rows()}
        erasure = log.redact(1, **WHY, naming=True)
        assert isinstance(erasure.entry.claim, Redaction)
        gone = [before[position] for position in erasure.entry.claim.positions]
        ids = {row.id.hex() for row in gone} | {SECRET.id}
        for row in log.store.rows():
            if row.record_type not in ("redacted", "redaction"):
                assert not any(name in row.body.decode() for name in ids)
