"""Tests how outcomes go into a log: counted, in batches, idempotent, and with nothing lost."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Account, Attack, Claim, Count, Event, Log, Report, Retraction, event, when
from timeline.errors import ImporterError, KindError
from timeline.events import UnknownEvent
from timeline.importers import (
    Accepted,
    ImportSummary,
    Outcome,
    Refused,
    Skipped,
    import_into,
    import_jsonl,
    table,
)
from timeline.stores.features import snapshot_store

FIXTURES = Path(__file__).parent / "fixtures"
YEARS = st.integers(2019, 2022)


def release(year: int, source: str = "Data set") -> Report:
    return Report(source, published=str(year), title=f"release {year}")


def attack(name: int, killed: int = 0) -> Attack:
    return Attack(when="2014", place="Izium", killed=killed, id=f"event:{name}")


def rows(report: Report, events: dict[int, int]) -> list[Outcome]:
    """The rows of a release: how many each event killed."""
    told = [report.says(attack(name, killed)) for name, killed in events.items()]
    return [Accepted(row, (claim,)) for row, claim in enumerate(told, 2)]


def last(log: Log) -> Claim:
    """The claim of the last entry."""
    *_, entry = log
    assert isinstance(entry.claim, Claim)
    return entry.claim


def killed_by(account: Account) -> set[int]:
    events = [claim.event for claim in account.claims]
    return {one.killed.best for one in events if isinstance(one, Attack)}


def believed(log: Log) -> dict[str, int]:
    return {
        one.event.id: one.event.killed.best
        for one in log.accounts()
        if isinstance(one.event, Attack)
    }


RELEASES = st.dictionaries(
    YEARS, st.dictionaries(st.integers(0, 6), st.integers(0, 2), max_size=6), min_size=1, max_size=3
)


@given(RELEASES, st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_last_release_is_what_stands(
    releases: dict[int, dict[int, int]], batch: int, chance: object
) -> None:
    """The law of releases: each replaces the one before, removals included, in any row order."""
    with Log() as log, Log() as shuffled:
        for year in sorted(releases):
            told = rows(release(year), releases[year])
            dry = import_into(log, told, release=release(year), dry_run=True, batch=batch)
            head = log.head
            found = import_into(log, told, release=release(year), batch=batch)
            assert found.rows == len(told) == dry.rows
            assert str(dry).removeprefix("dry run, nothing was written: ") == str(found)
            assert log.head == head + found.new + found.changed + found.again + found.missing
            chance.shuffle(told)  # type: ignore[attr-defined]
            import_into(shuffled, told, release=release(year))
            head = log.head
            again = import_into(log, told, release=release(year), batch=batch)
            assert (again, log.head) == (ImportSummary(ignored=len(told)), head)
        last = releases[max(releases)]
        assert believed(log) == {f"event:{name}": killed for name, killed in last.items()}
        assert shuffled.accounts() == log.accounts()


@given(RELEASES)
def test_what_a_row_is_to_the_log(releases: dict[int, dict[int, int]]) -> None:
    """The naive definition: by what the release before had of the same event."""
    with Log() as log:
        before: dict[int, int] = {}
        for year, events in sorted(releases.items()):
            found = import_into(log, rows(release(year), events))
            assert found == ImportSummary(
                new=sum(name not in before for name in events),
                changed=sum(before.get(name, killed) != killed for name, killed in events.items()),
                again=sum(before.get(name) == killed for name, killed in events.items()),
            )
            before |= events


def test_what_a_release_covers() -> None:
    with Log() as log:
        import_into(log, rows(release(2019), {1: 0, 2: 0, 3: 0}))
        import_into(log, rows(release(2019, "Another"), {1: 0, 4: 0}))

        def covered(event: Event) -> bool:
            return event.id != "event:3"

        newer = release(2020)
        found = import_into(log, rows(newer, {1: 0}), release=newer, covers=covered)
        assert (found.again, found.missing) == (1, 1)
        assert str(found).endswith("1 event that the release no longer has: retracted")
        assert believed(log).keys() == {"event:1", "event:3", "event:4"}
        assert [one.claim.because for one in log if isinstance(one.claim, Retraction)] == [
            "no longer in release 2020"
        ]


def test_an_older_release_takes_nothing_from_a_later_one() -> None:
    with Log() as log:
        import_into(log, rows(release(2021), {1: 1, 2: 1}), release=release(2021))
        found = import_into(log, rows(release(2019), {1: 0, 3: 0}), release=release(2019))
        assert (found.new, found.changed, found.older, found.missing) == (1, 1, 1, 0)
        assert believed(log) == {"event:1": 1, "event:2": 1, "event:3": 0}
        # What the older one alone had is retracted once the later one is imported again.
        again = import_into(log, rows(release(2021), {1: 1, 2: 1}), release=release(2021))
        assert (again.ignored, again.missing) == (2, 1)
        assert believed(log) == {"event:1": 1, "event:2": 1}


def test_what_does_not_stand_is_not_retracted() -> None:
    """Denied, retracted, voided, replaced or merged away: the source stands by none of these."""
    old, new = release(2019), release(2021)
    first, second, third = (old.says(attack(name)) for name in (1, 2, 3))
    desk = Report("our desk", published="2020")
    with Log() as log:
        log.append(first, second, third, old.says(attack(4)), old.says(attack(6)))
        log.append(release(2020).retracts(first, because="it never happened"))
        log.append(desk.voids(second, because="typed twice"))
        log.append(release(2020).says(attack(5), replaces=third), release(2020).denies(attack(4)))
        merged = Accepted(9, (new.retracts("event:6", because="merged"),))
        found = import_into(log, [*rows(new, {5: 0}), merged], release=new)
        assert (found.again, found.retracted, found.missing) == (1, 1, 0)
        assert believed(log) == {"event:5": 0}


def test_a_row_that_nobody_can_name_withholds_retractions() -> None:
    newer = release(2020)
    for event_id, missing, why in (
        ("event:2", 1, None),
        (None, 0, "row 3 can't be read so far that its event is known"),
    ):
        with Log() as log:
            import_into(log, rows(release(2019), {1: 0, 2: 0, 3: 0}))
            bad = Refused(3, "killed", "many", "expected a number", event_id=event_id)
            found = import_into(log, [*rows(newer, {1: 0}), bad, bad], release=newer)
            assert (found.missing, found.unretracted, found.refused) == (missing, why, 2)
            assert ("wasn't retracted: row 3" in str(found)) == bool(why)
            assert "event:2" in believed(log)


def test_a_row_may_say_several_things() -> None:
    report = release(2020)
    old, new = report.says(attack(1)), report.says(attack(2))
    gone = report.retracts("event:9", because="merged")
    with Log() as log:
        log.append(old)
        found = import_into(
            log, [Accepted(2, (old, new)), Accepted(3, (gone,)), Accepted(4, (new, gone))]
        )
        assert (found.new, found.retracted, found.ignored) == (1, 1, 1)
        assert str(found) == "3 rows: 1 new, 0 changed, 1 retracted, 1 ignored, 0 refused"


def test_refused_rows_go_to_quarantine() -> None:
    header = ("id", "killed", "who")
    refused = [
        Refused(number, "killed", raw[1], "expected a number", raw, header)
        for number, raw in enumerate(
            [("1", "many", "=1+1"), ("2", "-3.5", "@x"), ("3", "", "+1")], 2
        )
    ]  # fmt: skip
    for dry_run in (True, False):
        out = io.StringIO(newline="")
        with Log() as log:
            found = import_into(log, refused, quarantine=out, dry_run=dry_run)
        assert list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [
            ["row", "column", "value", "expected", "id", "killed", "who"],
            ["2", "killed", "many", "expected a number", "1", "many", "'=1+1"],
            ["3", "killed", "-3.5", "expected a number", "2", "-3.5", "'@x"],
            ["4", "killed", "", "expected a number", "3", "", "+1"],
        ]
        assert found.refused == found.rows == 3


def test_a_summary_shows_the_first_refused() -> None:
    many = [Refused(row, "", "", "it has 2 cells") for row in range(2, 1002)]
    with Log() as log:
        found = import_into(log, [Skipped(1, "an empty row"), *many])
    lines = str(found).splitlines()
    assert lines[0] == "1,001 rows: 0 new, 0 changed, 1 ignored, 1,000 refused"
    assert lines[1] == "  row 2: it has 2 cells"
    assert lines[-1] == "  … and 995 more refused"
    assert str(ImportSummary(new=1)) == "1 row: 1 new, 0 changed, 0 ignored, 0 refused"
    assert str(Refused(2, "a", "x" * 100, "less")) == f"row 2, column 'a': '{'x' * 80}…': less"


def test_progress_is_told_as_it_streams() -> None:
    told: list[tuple[int, int | None]] = []
    read = []

    def reading() -> Iterator[Outcome]:
        for one in rows(release(2020), dict.fromkeys(range(10), 0)):
            read.append(one)
            yield one

    with Log() as log:
        seen: list[int] = []

        def progress(done: int, total: int | None) -> None:
            told.append((done, total))
            seen.append(log.head)
            assert len(read) == done

        import_into(log, reading(), batch=4, progress=progress, total=10)
        assert told == [(4, 10), (8, 10), (10, 10)]
        assert seen == [4, 8, 10]


def test_what_a_log_refuses_is_a_refused_row() -> None:
    """A claim is made of what fits, but the log may find that it can't be read again."""
    good, bad = rows(release(2020), {1: 0, 2: 0})
    assert isinstance(bad, Accepted)
    odd = UnknownEvent(when=when("2020"), id="odd", recorded_kind="odd/1", content="{}")
    spoilt = Accepted(3, (release(2020).says(odd),))
    gone = Accepted(4, (release(2020).retracts("event:1", because="merged"),))
    for dry_run in (True, False):
        with Log() as log:
            found = import_into(log, [good, spoilt, bad, gone], dry_run=dry_run)
            assert (found.new, found.retracted, found.refused) == (2, 1, 1)
            assert found.examples[0].event_id == "odd"
            assert "can't be read again" in found.examples[0].expected
            assert log.head == (0 if dry_run else 3)


def test_a_kind_of_another_class_is_the_callers_error() -> None:
    @event("attack/1")
    class Mine(Event):
        pass

    with Log() as log, pytest.raises(KindError, match="attack/1"):
        import_into(log, [Accepted(2, (release(2020).says(Mine(when=when("2020"))),))])


def test_recorded_is_the_logs() -> None:
    with Log() as log:
        import_into(log, rows(release(2019), {1: 0, 2: 0}), recorded="2019-06-15T12:00")
        newer = release(2020)
        import_into(log, rows(newer, {1: 0}), release=newer, recorded="2020-06-15T12:00")
        assert [entry.recorded for entry in log] == [
            datetime(year, 6, 15, 12, tzinfo=UTC) for year in (2019, 2019, 2020, 2020)
        ]


@pytest.mark.parametrize("batch", [0, True, "many"])
def test_a_batch_has_one_claim_or_more(batch: int) -> None:
    with Log() as log, pytest.raises(ImporterError, match="batch is how many"):
        import_into(log, [], batch=batch)


def test_a_log_of_a_file_remembers(tmp_path: Path) -> None:
    for expected in (ImportSummary(new=1), ImportSummary(ignored=1)):
        with Log(tmp_path / "war.db") as log:
            assert import_into(log, rows(release(2020), {1: 0})) == expected


def test_counts_are_those_of_events_not_of_their_words() -> None:
    """A count that is told as an int and one told as a Count are the same version."""
    with Log() as log:
        import_into(log, rows(release(2019), {1: 2}))
        same = attack(1, 0).__class__(when="2014", place="Izium", killed=Count(2), id="event:1")
        found = import_into(log, _one(release(2020).says(same)))
        assert found == ImportSummary(again=1)


def _one(*said: object) -> Iterable[Outcome]:
    return [Accepted(2, said)]  # type: ignore[arg-type]


# -- imports that replace


def table_of(*rows: tuple[int, int], published: str | None = "2022-09-16") -> list[Outcome]:
    """A sheet's rows, id and killed, all of one report."""
    report = Report("Sheet", published=published)
    said = [report.says(attack(name, killed)) for name, killed in rows]
    return [Accepted(row, (claim,)) for row, claim in enumerate(said, 2)]


@pytest.mark.parametrize("published", ["2022-09-16", None])
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_the_sheet_imported_last_is_what_stands(published: str | None, sheets: list[int]) -> None:
    """Whatever was in earlier ones of the same publication."""
    with Log() as log:
        before = None
        for killed in sheets:
            found = import_into(log, table_of((1, killed), published=published))
            if before is None:
                assert found == ImportSummary(new=1)
            else:
                assert found == ImportSummary(ignored=before == killed, changed=before != killed)
            assert believed(log) == {"event:1": killed}
            (account,) = log.accounts()
            assert not account.disputed
            before = killed


def test_a_replacement_names_all_that_is_not_certainly_later() -> None:
    with Log() as log:
        report = Report("Sheet", published="2022-09-16")
        first = report.says(attack(1, 5))
        later = Report("Sheet", published="2023").says(attack(1, 9))
        vague = Report("Sheet").says(attack(1, 6))
        other = Report("Other", published="2022-09-16").says(attack(1, 8))
        taken = report.retracts("event:1", because="wrong")
        earlier = Report("Sheet", published="2021").retracts("event:1", because="wrong")
        log.append(first, later, vague, other, taken, earlier)
        log.append(Report("desk").voids(first, because="typed twice"))
        (row,) = table_of((1, 7))
        found = import_into(log, [row])
        assert (found.changed, found.older) == (1, 1)
        assert set(last(log).replaces) == {first.id, vague.id, taken.id}


def test_a_row_equal_to_a_voided_claim_stays_voided() -> None:
    desk = Report("desk", published="2023")
    with Log() as log:
        import_into(log, table_of((1, 5)))
        void = desk.voids(last(log), because="typed twice")
        log.append(void)
        for _ in range(2):
            found = import_into(log, table_of((1, 5)))
            assert found == ImportSummary(withheld=1)
            assert believed(log) == {}
        found = import_into(log, table_of((1, 5)))
        assert str(found).startswith("1 row: 0 new, 0 changed, 1 withheld, as the log voids them")
        assert import_into(log, table_of((1, 7))).changed == 1
        log.append(desk.voids(void, because="it was right"))
        assert believed(log) == {"event:1": 7}  # undoing the void brings no old version back
        assert import_into(log, table_of((1, 5))).changed == 1
        assert believed(log) == {"event:1": 5}


@pytest.mark.parametrize("published", ["2022-09-16", "2023", None])
@pytest.mark.parametrize("by_id", [True, False])
def test_a_row_equal_to_a_retracted_claim_is_said_again(published: str | None, by_id: bool) -> None:
    """And stands then, once; only an undated retraction of an id reaches undated claims alone."""
    with Log() as log:
        import_into(log, table_of((1, 5)))
        first = last(log)
        mistake = Report("Sheet", published=published)
        taken = mistake.retracts("event:1" if by_id else first, because="a mistake")
        log.append(taken)
        reached = published is not None or not by_id
        assert believed(log) == ({} if reached else {"event:1": 5})
        found = import_into(log, table_of((1, 5)))
        assert found == ImportSummary(again=reached, ignored=not reached)
        assert believed(log) == {"event:1": 5}
        if reached:
            assert set(last(log).replaces) == {first.id, taken.id}
        assert import_into(log, table_of((1, 5))) == ImportSummary(ignored=1)


def test_an_older_release_brings_nothing_back() -> None:
    """Neither what a whole release no longer had, nor an older version."""
    with Log() as log:
        import_into(log, rows(release(2019), {1: 0, 2: 0}), release=release(2019))
        import_into(log, rows(release(2021), {1: 1}), release=release(2021))
        head = log.head
        for whole in (None, release(2019)):
            again = import_into(log, rows(release(2019), {1: 0, 2: 0}), release=whole)
            assert (again, log.head) == (ImportSummary(ignored=2), head)
        assert believed(log) == {"event:1": 1}


def test_rows_of_one_file_stand_side_by_side() -> None:
    """Two rows of one id say two things at once; a mended file replaces both."""
    with Log() as log:
        import_into(log, table_of((1, 5), (1, 7)))
        assert import_into(log, table_of((1, 5), (1, 7))) == ImportSummary(ignored=2)
        (account,) = log.accounts()
        assert killed_by(account) == {5, 7}
        for batch in (1, 500):
            with Log() as other:
                import_into(other, table_of((1, 5), (1, 7)))
                for _ in range(2):
                    import_into(other, table_of((1, 6), (1, 5)), batch=batch)
                (account,) = other.accounts()
                assert killed_by(account) == {5, 6}
                head = other.head
                assert import_into(other, table_of((1, 6), (1, 5)), batch=batch).ignored == 2
                assert other.head == head


def test_a_release_of_nobody_here_is_an_error() -> None:
    with Log() as log, pytest.raises(ImporterError, match="no row is"):
        import_into(log, table_of((1, 5)), release=Report("sheet", published="2022"))


def test_events_that_come_back_under_another_id_are_counted() -> None:
    with Log() as log:
        import_into(log, rows(release(2019), {1: 3, 2: 4}), release=release(2019))
        found = import_into(log, rows(release(2020), {7: 3, 8: 9}), release=release(2020))
        assert (found.new, found.missing, found.renumbered) == (2, 2, 1)
        assert "1 of them are in the release under another id" in str(found)


def test_the_index_is_kept_beside_the_log(tmp_path: Path) -> None:
    """What others appended meanwhile is taken in, and what is damaged is made again."""
    for killed in range(3):
        with Log(tmp_path / "war.db") as log:
            log.append(release(2018, f"Other {killed}").says(attack(9, killed)))
            import_into(log, table_of((1, killed)))
            assert believed(log)["event:1"] == killed
            snapshot = snapshot_store(log.store).load_snapshot("importers/event-index/1")
            assert snapshot is not None
            assert snapshot.position == log.head
    with Log(tmp_path / "war.db") as log:
        store = snapshot_store(log.store)
        snapshot = store.load_snapshot("importers/event-index/1")
        assert snapshot is not None
        chunks = {name: b"nonsense" for name, _ in store.load_chunks("importers/event-index/1")}
        store.save_snapshot(
            "importers/event-index/1",
            expect=snapshot.version,
            position=snapshot.position,
            note=b"",
            chunks=chunks,
        )
        assert import_into(log, table_of((1, 2))).ignored == 1
        assert import_into(log, table_of((1, 4))).changed == 1


# -- logs that an earlier release wrote

SHEET = """\
When,Town,Side,Dead,Hurt,Who,Note
2022-09-16,Izium,Russia,3,,Wire,
2022-09-16T08:30,Kharkiv,Russia,0,2,Wire,"Two shells"
2022-09-16,Izium,Russia,3,,Wire,
2022-09,Balakliia,,,,Ministry,
2022-09-17,Izium,Russia,about 40,400+,Wire,"At the market, twice"
"""
MAPPING = """
kind = "attack"
zone = "{zone}"
[columns]
when = "When"
place = "Town"
by = "Side"
killed = "Dead"
wounded = "Hurt"
source = "Who"
summary = "Note"
[defaults]
published = "2022-10-01"
"""


@pytest.mark.parametrize("stored", ["kiev", "kyiv"])
@pytest.mark.parametrize("zone", ["Europe/Kiev", "Europe/Kyiv"])
def test_a_sheet_without_ids_imported_by_an_earlier_release(stored: str, zone: str) -> None:
    """Its ids had the zone's name in them; importing it again adds no event, by either name."""
    with Log() as log:
        with (FIXTURES / f"sheet-{stored}.jsonl").open("rb") as lines:
            import_jsonl(log, lines)
        ids = {one.event.id for one in log.accounts()}
        assert len(ids) == 4
        for changed in (1, 0):
            found = import_into(
                log, table(SHEET.splitlines(keepends=True), MAPPING.format(zone=zone))
            )
            # That release kept a 0 as if nobody had given a figure.
            assert found == ImportSummary(changed=changed, ignored=5 - changed)
            assert {one.event.id for one in log.accounts()} == ids
        later = SHEET.replace("2022-09-17,Izium", "2022-09-17,Kupiansk")
        again = import_into(log, table(later.splitlines(keepends=True), MAPPING.format(zone=zone)))
        assert (again.new, again.ignored) == (1, 4)


def test_rows_that_came_out_too_early_are_counted_and_listed() -> None:
    early = Report("Wire", published="2022-09-01")
    events = [Attack(when=when(f"2022-09-{day:02d}"), place="Izium", id=str(day)) for day in (1, 2)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = import_into(
            Log(), (Accepted(at, (early.says(one),)) for at, one in enumerate(events, 1))
        )
    assert (found.new, found.early) == (2, 1)
    assert found.warnings == ("published before it can have happened: row 2",)
    assert "1 row came out before" in str(found)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("batch", [1, 500])
def test_a_row_that_stands_is_replaced_by_no_other_row_of_the_file(order: int, batch: int) -> None:
    attacks = [Attack(when="2022-09-16", id="x", place="Izium", killed=n) for n in (5, 7)]
    report = Report("our desk", published="2022-09-20")
    rows = [Accepted(number, (report.says(one),)) for number, one in enumerate(attacks, 2)]
    with Log() as log:
        import_into(log, rows[:1])
        assert import_into(log, rows[::order], batch=batch).changed >= 1
        (account,) = log.accounts()
        assert {one.event for one in account.counted} == set(attacks)
