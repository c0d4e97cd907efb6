"""Damages logs in every way that comes to mind, and holds verify and rescue to what they say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Attack, Claim, Incident, Log, Report, Retraction, TerritorialChange, Void, when
from timeline.errors import LogError, StoreError, TimelineError, UnknownKindWarning
from timeline.integrity import Audit, Damage, Rescue, _settled
from timeline.stores import Head, MemoryStore, SQLiteStore
from timeline.views.casualties import Casualties

WIRE = Report("Wire", published="2022-09-16", text="Shells hit Kharkiv. " * 30)
DESK = Report("Desk", published="2022-09-17")
START = datetime(2023, 1, 1, tzinfo=UTC)


def said(number: int) -> Claim | Retraction | Void:
    """Something of every form and of several kinds, the same for a number every time."""
    if number % 10 == 7:
        return DESK.voids(f"{number:064x}", because="twice")
    if number % 10 == 8:
        return WIRE.retracts(f"event {number}", because="mistaken")
    events = (
        Attack(when="2022-09-16", place="Kharkiv", wounded=number, id=f"event {number}"),
        Incident(when="2022-09", category="fire " * (number % 400), id=f"event {number}"),
        TerritorialChange(
            when=when("2022-09~"), place="Izium", to="Ukraine", share="1/3", id=f"event {number}"
        ),
    )
    return (WIRE, DESK)[number % 2].says(events[number % 3])


def filled(target: Path | None, count: int = 60) -> Log:
    """A log of so many entries, recorded on days of their own."""
    log = Log(target)
    for start in range(0, count, 1 + count // 100):
        batch = map(said, range(start, min(start + 1 + count // 100, count)))
        log.append(*batch, recorded=START + timedelta(days=start))
    return log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "war.db"
    filled(path).close()
    return path


def alter(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def audited(path: Path) -> Audit:
    with Log(path) as log:
        return log.verify()


# --- verify


@pytest.mark.parametrize("make", [lambda _: None, lambda folder: folder / "war.db"])
def test_a_sound_log_is_well(make: Callable[[Path], Path | None], tmp_path: Path) -> None:
    with filled(make(tmp_path), 600) as log:
        told: list[tuple[int, int | None]] = []
        audit = log.verify(progress=lambda *how: told.append(how))
        assert (audit.ok, audit.checked, audit.head, audit.redacted) == (True, 600, 600, 0)
        assert audit.damaged == ()
        assert audit.root_matches is True
        assert audit.root == log.store.head().root
        assert str(audit).startswith("All is well: 600 entries read; the root is ")
        assert told == [(512, 600)]


def test_an_empty_log_is_well() -> None:
    assert Log().verify().ok


def test_a_redacted_log_is_well() -> None:
    with filled(None) as log:
        log.redact(3, because="asked to", basis="GDPR 17")
        audit = log.verify()
        assert (audit.ok, audit.redacted, audit.checked) == (True, 1, 61)
        assert "61 entries read, 1 of them redacted" in str(audit)


DAMAGE = {
    "a body": ("body = replace(body, 'Kharkiv', 'Kharkow')", 1, "isn't what its id was made of"),
    "an id": ("id = zeroblob(32)", 1, "isn't what its id was made of"),
    "a form": ("form = 'void'", 1, "isn't what its id was made of"),
    "a kind": ("kind = 'incident/1'", 1, "kind is 'incident/1', and its content's is 'attack/1'"),
    "a report": ("report = 3 - report", 1, "isn't what its id was made of"),
    "a salt's length": ("salt = x'00'", 1, "salt isn't as long as a salt"),
    "a time that turns back": ("recorded = 5", 1, "recorded before the entry"),
    "a time's type": ("recorded = 'noon'", 1, "has changed its type"),
    "a body's type": ("body = x'ff00'", 1, "isn't what its id was made of"),
    "a form in bytes": ("form = x'ff00'", 1, "has changed its type"),
    "a position": ("position = 1000", 1, "it is missing"),
    "a redaction by hand": (
        "form = 'redacted', id = NULL, kind = '', report = 0, salt = x'', body = zeroblob(32)",
        1,
        "it is redacted, and no redaction tells of it",
    ),
    "half a redaction": ("form = 'redacted'", 1, "redacted only in part"),
    "a form nobody knows": ("form = 'redaction'", 1, "can't be read"),
    "a salt": ("salt = zeroblob(16)", None, "a position, a recorded time, a salt"),
    "a time in between": ("recorded = recorded + 1", None, "a position, a recorded time"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_placed(name: str, path: Path) -> None:
    change, position, reason = DAMAGE[name]
    place = 4  # an attack in Kharkiv, and no first entry
    alter(path, f"UPDATE entries SET {change} WHERE position = {place}")
    audit = audited(path)
    assert not audit.ok
    assert audit.root_matches is False or name in {"an id", "a position"}
    assert any(
        reason in one.reason and one.position == (position and place) for one in audit.damaged
    ), str(audit)
    assert "Damaged: " in str(audit)
    assert "restore the log from a backup" in str(audit)


def test_a_damaged_report_spoils_what_stands_in_it(path: Path) -> None:
    alter(path, "UPDATE reports SET body = replace(body, 'Shells', 'Shelli') WHERE number = 1")
    audit = audited(path)
    spoilt = {one.position for one in audit.damaged}
    with Log(path) as log:
        wire = {row.position for row in log.store.rows() if row.report.hex() == WIRE.id}
    assert spoilt == wire
    assert "was changed" in audit.damaged[0].reason
    alter(path, "UPDATE reports SET body = 'no json' WHERE number = 1")
    assert "a report of the log can't be read" in audited(path).damaged[0].reason
    alter(path, "DELETE FROM reports WHERE number = 1")
    assert "missing" in str(audited(path))


def test_a_head_that_was_changed_is_noticed(path: Path) -> None:
    alter(path, "UPDATE head SET recorded = recorded + 1")
    assert "the head's time isn't that of the last entry" in str(audited(path))
    alter(path, "UPDATE head SET recorded = recorded - 1, position = 59")
    audit = audited(path)
    assert audit.root_matches is False
    assert "1 entries have positions beyond the head's, 59" in str(audit)


def test_many_damages_are_counted(path: Path) -> None:
    alter(path, "UPDATE entries SET salt = x'00'")
    audit = audited(path)
    assert len(audit.damaged) == 60
    assert "- … and 40 more\n0 of 60 entries can be read" in str(audit)
    assert str(Damage(position=None, reason="all of it")) == "all of it"


def test_a_page_of_garbage_is_noticed(path: Path) -> None:
    sound, said_by_sqlite = path.read_bytes(), 0
    for page in range(1, len(sound) // 4096):
        garbage = Random(page).randbytes(4096)
        path.write_bytes(sound[: page * 4096] + garbage + sound[(page + 1) * 4096 :])
        try:
            audit = audited(path)
        except StoreError:
            continue
        assert not audit.ok
        said_by_sqlite += "SQLite: " in str(audit) or "is damaged" in str(audit)
    assert said_by_sqlite


def test_a_file_says_what_its_tables_tell(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        assert list(store.complaints()) == []
        alter(path, "UPDATE head SET unscrubbed = 1")
        assert any("erased may still be in the file" in told for told in store.complaints())
        alter(path, "DROP TABLE head")
        assert any("has no table 'head'" in told for told in store.complaints())
        quoted = store._file.explained(UnicodeDecodeError("utf-8", b"\xcc", 0, 1, "no letter"))
        assert "is damaged" in str(quoted)


# --- never answers from damaged entries


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE reports SET body = replace(body, 'Shells', 'Shelli') WHERE number = 1", "changed"),
        ("DELETE FROM reports WHERE number = 1", "of the entries"),
        ("UPDATE entries SET body = replace(body, 'Kharkiv', 'Kharkow')", "isn't what its id"),
        ("UPDATE entries SET recorded = 5 WHERE position = 4", "don't follow one another"),
        ("UPDATE entries SET recorded = 'noon' WHERE position = 4", "has changed its type"),
    ],
)
def test_what_is_damaged_is_not_answered_from(change: str, reason: str, path: Path) -> None:
    alter(path, change)
    with Log(path) as log:
        with pytest.raises(StoreError, match=reason):
            log.ask(Casualties())
        with pytest.raises(StoreError, match=reason):
            list(log)


def test_a_report_that_is_missing_is_named() -> None:
    store = MemoryStore()
    log = Log(store)
    log.append(said(0))
    store._reports.clear()
    with pytest.raises(StoreError, match=r"its report \w+ is missing; run log.verify\(\) for all"):
        list(log)


def test_no_flipped_bit_changes_an_answer(path: Path) -> None:
    with Log(path) as log:
        whole = [log.ask(Casualties()), list(log), log.accounts()]
    sound, random = path.read_bytes(), Random(7)
    noticed = 0
    for _ in range(100):
        at, bit = random.randrange(len(sound)), 1 << random.randrange(8)
        path.write_bytes(sound[:at] + bytes([sound[at] ^ bit]) + sound[at + 1 :])
        try:
            with Log(path) as log:
                accounts, answer = log.accounts(), log.ask(Casualties())
                assert [answer, accounts] == [whole[0], whole[2]]
        except (TimelineError, UnknownKindWarning):  # of a bit in the name of a kind
            noticed += 1
            continue
    assert noticed


# --- rescue


def rescued(path: Path, name: str = "new.db") -> tuple[Rescue, Log]:
    log = Log(path.with_name(name))
    return log.rescue(path), log


def test_a_whole_file_is_rescued_whole(path: Path) -> None:
    report, log = rescued(path)
    with log, Log(path) as old:
        assert report == Rescue(kept=60, lost=(), retimed=(), whole=True)
        assert report.ok
        assert str(report) == "Nothing is lost: 60 entries kept, and the root is the same."
        assert list(log.store.rows()) == list(old.store.rows())
        assert log.store.head() == old.store.head()


def test_a_large_append_is_rescued_in_parts(path: Path) -> None:
    path.unlink()
    with Log(path) as log:
        log.append(*map(said, range(512)))
    report, log = rescued(path)
    with log:
        assert (report.kept, report.whole) == (512, True)


def test_a_file_in_use_is_rescued_with_its_wal(path: Path, tmp_path: Path) -> None:
    with Log(path) as old:
        old.append(said(100), said(101))
        for one in (path, path.with_name("war.db-wal")):
            (tmp_path / one.name.replace("war", "copy")).write_bytes(one.read_bytes())
        report, log = rescued(tmp_path / "copy.db")
        with log:
            assert report.whole
            assert list(log.store.rows()) == list(old.store.rows())


def test_what_was_erased_stays_erased(path: Path) -> None:
    with Log(path) as old:
        old.redact(3, because="asked to", basis="GDPR 17")
        rows = list(old.store.rows())
    report, log = rescued(path)
    with log:
        assert report.whole
        assert list(log.store.rows()) == rows
        assert log.verify().ok


def test_any_page_may_be_lost_and_the_rest_is_rescued(path: Path, tmp_path: Path) -> None:
    with Log(path) as old:
        rows = list(old.store.rows())
    sound = path.read_bytes()
    kept = 0
    for page in range(0, len(sound) // 4096, 5):
        wreck = tmp_path / f"{page}.db"
        garbage = Random(page).randbytes(4096)
        wreck.write_bytes(sound[: page * 4096] + garbage + sound[(page + 1) * 4096 :])
        report, log = rescued(wreck, f"from {page}.db")
        with log:
            found = [row[1:] for row in log.store.rows()]
            lost = {place for a, b in report.lost for place in range(a, b + 1)}
            assert found == [row[1:] for row in rows if row.position not in lost]
            assert report.kept == len(found)
            assert log.verify().ok
            kept += report.kept
            assert str(report.kept) in str(report)
    assert kept > 30 * len(sound) // 4096 // 5


def test_a_truncated_file_is_rescued_up_to_its_end(path: Path, tmp_path: Path) -> None:
    sound = path.read_bytes()
    wreck = tmp_path / "half.db"
    wreck.write_bytes(sound[: len(sound) - 4096 - 5])
    with pytest.raises(StoreError):
        Log(wreck)
    report, log = rescued(wreck)
    with log:
        assert 0 < report.kept < 60
        assert report.lost
        assert "Lost: " in str(report)
        assert "positions are counted anew" in str(report)
        assert log.verify().ok


@pytest.mark.parametrize("content", [b"", b"no database at all", bytes(5000), b"\x0d" * 9000])
def test_nothing_is_rescued_from_nothing(content: bytes, tmp_path: Path) -> None:
    wreck = tmp_path / "wreck.db"
    wreck.write_bytes(content)
    report, log = rescued(wreck)
    with log:
        assert (report.kept, log.head, report.ok) == (0, 0, False)


def test_what_was_changed_is_left_behind(path: Path) -> None:
    alter(path, "UPDATE entries SET body = replace(body, 'Kharkiv', 'Kharkow') WHERE position = 4")
    report, log = rescued(path)
    with log:
        assert (report.kept, report.lost, report.ok) == (59, ((4, 4),), False)
        assert "Lost: 4." in str(report)
        assert log.verify().ok


def test_a_time_that_contradicts_the_others_is_told(path: Path) -> None:
    alter(path, "UPDATE entries SET recorded = 1 << 60 WHERE position IN (4, 5)")
    report, log = rescued(path)
    with log:
        assert (report.kept, report.retimed, report.lost) == (60, (4, 5), ())
        assert "Recorded at a time that can't be read, here as the one before: 4, 5." in str(report)
        times = [entry.recorded for entry in log]
        assert times[3] == times[4] == times[2]


def test_a_changed_time_that_fits_is_not_passed_off_as_whole(path: Path) -> None:
    alter(path, "UPDATE entries SET recorded = recorded + 1 WHERE position = 4")
    report, log = rescued(path)
    with log:
        assert (report.kept, report.lost, report.ok) == (60, (), False)
        assert "a time may have been changed" in str(report)


def test_a_rescue_needs_an_empty_log_and_a_file(path: Path, tmp_path: Path) -> None:
    with filled(None, 1) as log, pytest.raises(LogError, match="needs an empty log"):
        log.rescue(path)
    with Log() as log, pytest.raises(StoreError, match="there is no file"):
        log.rescue(tmp_path / "missing.db")
    with Log() as log, pytest.raises(StoreError, match="can't be read"):
        log.rescue(tmp_path)


@given(st.lists(st.integers(0, 9), max_size=8))
def test_as_few_times_as_can_be_are_changed(times: list[int]) -> None:
    found = list(enumerate(times, 1))
    settled = _settled(found)
    values = [settled[position] for position, _ in found]
    assert values == sorted(values)
    best = 0
    for mask in range(1 << len(times)):
        some = [time for at, time in enumerate(times) if mask >> at & 1]
        if some == sorted(some):
            best = max(best, len(some))
    assert sum(settled[position] == time for position, time in found) >= best


def test_what_is_erased_while_it_is_read_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    class Raced(MemoryStore):
        times = 0

        def reports(self, ids: Any) -> dict[bytes, bytes]:
            if self.times:
                left, self.times = self.times - 1, 0
                log.redact(alone.pop(), because=f"asked {len(alone)}", basis="law")
                self.times = left
            return super().reports(ids)

    store = Raced()
    log = Log(store)
    alone = [Report("Wire", title=f"{n}").says(Attack(when="2022", id=f"{n}")) for n in range(20)]
    log.append(*reversed(alone))
    store.times = 2
    found = log.verify()
    assert found.ok
    assert (found.head, found.redacted) == (22, 2)
    monkeypatch.setattr("timeline.integrity._PASSES", 1)  # as if it never came to rest
    store.times = 1
    assert not log.verify().ok


def test_what_others_append_while_it_is_checked_is_no_damage(path: Path) -> None:
    with Log(path) as log, Log(path) as other:
        store = log.store
        assert isinstance(store, SQLiteStore)
        head = store._head

        def then_appended(connection: sqlite3.Connection) -> Head:
            found = head(connection)
            other.append(said(100 + other.head))
            return found

        store._head = then_appended  # type: ignore[method-assign]
        assert list(store.complaints()) == []
        assert other.head == 61


def test_memory_is_audited_as_it_is() -> None:
    store = MemoryStore()
    log = Log(store)
    log.append(said(0), said(1))
    store._rows[1] = store._rows[1]._replace(body=b"{}")
    assert not log.verify().ok
    assert isinstance(SQLiteStore.complaints, Callable)  # type: ignore[arg-type]
