"""Asks a log of Wikipedia's control table, 14 May to 4 July 2022, what was known when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.readers import Cell, Snapshot, control_snapshots, json_of, rows_of
from tests.real import data_file
from timeline import (
    Certainty,
    Claim,
    Control,
    Holding,
    Log,
    Place,
    Report,
    TerritorialChange,
    chronology,
    when,
)

pytestmark = pytest.mark.xdist_group("control data")  # read once


class Change(NamedTuple):
    """A row of the table that says something new of a place; the times are ISO texts."""

    recorded: str
    place: Place
    status: str
    as_of: str


class Sorted(NamedTuple):
    """What became of every cell of the snapshots."""

    changes: list[Change]
    quarantined: list[tuple[str, Cell, str]]  # snapshot, cell, reason
    unchanged: int


def day(words: str) -> str:
    """Return the table's '26 May 2022' as an ISO date."""
    return datetime.strptime(words, "%d %B %Y").replace(tzinfo=UTC).date().isoformat()


def sort_out(
    snapshots: Iterable[Snapshot],
    statuses: Iterable[str],
    place_of: Callable[[Cell], Place | None],
) -> Sorted:
    """Take every cell somewhere: a change, nothing new, or quarantine with the reason.

    ``place_of`` says which place a cell speaks of, None where nobody could tell.
    """
    out = Sorted([], [], 0)
    unchanged = 0
    last: dict[str, tuple[str, str]] = {}
    for snapshot in snapshots:
        for cell in snapshot.cells:
            place = place_of(cell)
            if place is None:
                out.quarantined.append((snapshot.file, cell, "ambiguous name"))
            elif cell.status not in statuses:
                out.quarantined.append((snapshot.file, cell, "unknown status"))
            elif last.get(place.key) == (said := (cell.status, day(cell.as_of))):
                unchanged += 1
            else:
                last[place.key] = said
                out.changes.append(Change(snapshot.recorded, place, *said))
    return out._replace(unchanged=unchanged)


def names_of_several(snapshots: Iterable[Snapshot]) -> list[str]:
    """Return the names that stand in some snapshot more than once."""
    found: set[str] = set()
    for snapshot in snapshots:
        often = Counter(cell.name for cell in snapshot.cells)
        found |= {name for name, times in often.items() if times > 1}
    return sorted(found)


def append(log: Log, changes: Iterable[Change], edited: Mapping[str, str]) -> None:
    """Append changes as the table means them: each row holds from its date on, until another.

    So a row that restates an earlier or equal date takes back what stood on or after it.
    """
    stands: defaultdict[str, list[Claim]] = defaultdict(list)
    for recorded, group in groupby(changes, attrgetter("recorded")):
        page = Report("Wikipedia", published=edited[recorded], title="Control of cities")
        claims = []
        for change in group:
            place = change.place
            event = TerritorialChange(when=when(change.as_of), place=place, to=change.status)
            before: list[Claim] = []
            onward: list[Claim] = []
            for one in stands[place.key]:
                earlier = one.event.when.before(event.when) is Certainty.CERTAIN
                (before if earlier else onward).append(one)
            claim = page.says(event, replaces=onward)
            stands[place.key] = [*before, claim]
            claims.append(claim)
        log.append(*claims, recorded=recorded)


@pytest.fixture(scope="module")
def folder() -> Path:
    return data_file("wiki_control")


@pytest.fixture(scope="module")
def snapshots(folder: Path) -> list[Snapshot]:
    return list(control_snapshots(folder))


@pytest.fixture(scope="module")
def expected(folder: Path) -> Any:
    return json_of(folder / "expected.json")


@pytest.fixture(scope="module")
def bitemporal(folder: Path) -> Any:
    return json_of(folder / "expected_bitemporal.json")


@pytest.fixture(scope="module")
def edited(folder: Path) -> dict[str, str]:
    """When the page itself was edited, by when the snapshot was recorded."""
    index = rows_of(folder / "index.csv")
    return {row["recorded_at"]: row["page_updated_at"] for row in index}


@pytest.fixture(scope="module")
def changes(folder: Path) -> list[Change]:
    return [
        Change(row["recorded_at"], Place(row["place"]), row["status"], row["as_of"])
        for row in rows_of(folder / "assertions_unique_places.csv")
    ]


@pytest.fixture(scope="module")
def log(changes: list[Change], edited: dict[str, str]) -> Iterator[Log]:
    with Log() as log:
        append(log, changes, edited)
        yield log


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_every_cell_of_the_grid(
    store: str, tmp_path: Path, changes: list[Change], edited: dict[str, str], bitemporal: Any
) -> None:
    with Log(None if store == "memory" else tmp_path / "control.db") as log:
        append(log, changes, edited)
        right = 0
        for known, days in bitemporal["grid"].items():
            for at, holders in days.items():
                held = log.ask(Control(), at=at, known=known)
                for place, holder in holders.items():
                    assert (held[place].holders, held[place].certain) == ({holder}, True), (
                        f"{place} at {at} as known at {known}"
                    )
                    right += 1
        assert right == 150


def test_who_holds_how_many_places(log: Log, bitemporal: Any, expected: Any) -> None:
    right = 0
    for known, days in bitemporal["counts"].items():
        for at, counts in days.items():
            held = log.ask(Control(), at=at, known=known)
            found = Counter(str(holding) for holding in held.values())
            found["None"] = expected["unique_name_places"] - len(held)
            assert {name: count for name, count in found.items() if count} == counts
            right += len(counts)
    assert right == 149


def test_the_segments_of_each_place(log: Log, bitemporal: Any) -> None:
    right = 0
    for known, places in bitemporal["segments"].items():
        told = chronology(log, known=known)
        held = log.ask(Control(), known=known)
        for place, segments in places.items():
            found: list[list[str]] = []
            for account in told:
                change = account.event
                assert isinstance(change, TerritorialChange)
                # Restating who holds it starts no new segment.
                if change.place.key == place and (not found or found[-1][1] != change.to):
                    found.append([str(change.when), str(change.to)])
            assert found == segments
            assert [str(held[place].since), str(held[place])] == segments[-1]
            right += len(segments)
    assert right == 50


def test_the_published_axis_gives_what_the_page_said(log: Log, edited: dict[str, str]) -> None:
    # Edits and commits have the same order, so the last commit of an edit cuts the same claims off.
    commits = {published: recorded for recorded, published in edited.items()}
    assert list(commits) == sorted(commits)
    sample = list(commits.items())[::12]
    for published, recorded in sample:
        assert log.ask(Control(), published=published) == log.ask(Control(), known=recorded)
    assert (len(commits), len(sample)) == (196, 17)
    # Lyman's loss was on the page at 17:34 and in the log at 17:45.
    moment = "2022-05-24T17:40:00Z"
    assert str(log.ask(Control(), published=moment)["Lyman"]) == "Contested"
    assert str(log.ask(Control(), known=moment)["Lyman"]) == "Ukraine"
    # Both axes at once: what the page said by then, of what the log knew by then.
    both = log.ask(Control(), at="2022-05-24", published=moment, known="2022-05-20")
    assert str(both["Lyman"]) == "Ukraine"


def test_nothing_was_known_before_the_first_snapshot(log: Log, expected: Any) -> None:
    first = expected["first_recorded"]
    assert log.ask(Control(), known="2022-05-13") == {}
    assert log.ask(Control(), published="2022-05-13") == {}
    assert next(iter(log)).recorded.isoformat() == first


def test_each_place_as_the_table_had_it(log: Log, expected: Any, snapshots: list[Snapshot]) -> None:
    tables = {snapshot.file: snapshot for snapshot in snapshots}
    right = 0
    for known, table in expected["as_known_at"].items():
        held = log.ask(Control(), known=known)
        for place, (status, words) in table["focus"].items():
            *_, latest = held[place].claims
            assert (str(held[place]), str(latest.event.when)) == (status, day(words))
            right += 2
        # The log goes on to hold what left the table, and never held the malformed cells.
        listed = {cell.name for cell in tables[table["snapshot"]].cells}
        malformed = {
            cell.name
            for cell in tables[table["snapshot"]].cells
            if cell.status not in expected["allowed_status"]
        }
        found = Counter(
            str(holding)
            for place, holding in held.items()
            if place in listed and place not in malformed
        )
        wanted = {who: count for who, count in table["counts"].items() if who != "<malformed>"}
        assert found == wanted
        assert len(malformed) == table["counts"].get("<malformed>", 0)
        right += len(table["counts"])
    assert right == 151


def test_the_history_of_what_was_known(log: Log, expected: Any) -> None:
    told: defaultdict[str, list[list[str]]] = defaultdict(list)
    for entry in log:
        assert isinstance(entry.claim, Claim)
        change = entry.claim.event
        assert isinstance(change, TerritorialChange)
        published = entry.claim.published.earliest
        assert published is not None
        told[change.place.key].append(
            [entry.recorded.isoformat(), published.isoformat(), str(change.to), str(change.when)]
        )
    right = 0
    for place, history in expected["knowledge_history"].items():
        assert told[place] == [
            [
                step["recorded_at"],
                step["page_updated_at"].replace("Z", "+00:00"),
                step["rows"][0][0],
                day(step["rows"][0][1]),
            ]
            for step in history
        ]
        right += len(history)
    assert right == 35


def test_dates_that_went_back(log: Log, bitemporal: Any) -> None:
    last: dict[str, TerritorialChange] = {}
    back, delays = [], []
    for entry in log:
        assert isinstance(entry.claim, Claim)
        change = entry.claim.event
        assert isinstance(change, TerritorialChange)
        before = last.get(change.place.key)
        if before is not None and change.when.before(before.when) is Certainty.CERTAIN:
            steps = [[str(one.to), str(one.when)] for one in (before, change)]
            back.append([entry.recorded.isoformat(), change.place.key, *steps])
        last[change.place.key] = change
        if entry.recorded.isoformat() != "2022-05-14T00:58:01+00:00":
            assert change.when.earliest is not None
            delays.append((entry.recorded.date() - change.when.earliest.date()).days)
    assert back == bitemporal["as_of_moved_backwards"]
    delays.sort()
    wanted = bitemporal["recorded_minus_as_of_days"]
    assert (len(delays), delays[0], delays[len(delays) // 2], delays[-1]) == (
        wanted["n"], wanted["min"], wanted["median"], wanted["max"],
    )  # fmt: skip
    assert sum(delay < 0 for delay in delays) == wanted["negative"]


def test_what_was_believed_only_briefly(log: Log, expected: Any) -> None:
    for brief in expected["retractions_within_72h"]:
        start, end = (
            datetime.fromisoformat(brief[name]) for name in ("from_recorded", "to_recorded")
        )
        place = brief["place"]
        position = next(
            entry.position
            for entry in log
            if entry.recorded == start
            and isinstance(entry.claim, Claim)
            and isinstance(entry.claim.event, TerritorialChange)
            and entry.claim.event.place.key == place
        )
        assert str(log.ask(Control(), known=position - 1)[place]) == brief["believed_before"]
        assert str(log.ask(Control(), known=start)[place]) == brief["briefly"]
        assert str(log.ask(Control(), known=end)[place]) == brief["believed_before"]
        assert round((end - start).total_seconds() / 3600, 2) == brief["hours"]
    assert len(expected["retractions_within_72h"]) == 8


def test_the_net_change(log: Log, snapshots: list[Snapshot], expected: Any) -> None:
    listed = {cell.name for cell in snapshots[-1].cells}
    first = log.ask(Control(), known=expected["first_recorded"])
    last = log.ask(Control(), known=expected["last_recorded"])
    changed = {
        place: [str(first[place]), str(last[place]), last[place].claims[-1].event.when]
        for place in first
        if place in listed and str(first[place]) != str(last[place])
    }
    wanted = {
        place: [before, after, when(day(words))]
        for place, (before, after, words) in expected["net_change_first_to_last"].items()
    }
    # 'Uncontrolled' is no status: the cell is quarantined, and Russia goes on holding the island.
    assert wanted.pop("Bile (Snake Island)")[:2] == ["Russia", "Uncontrolled"]
    assert str(last["Bile (Snake Island)"]) == "Russia"
    assert changed == wanted
    assert len(changed) == 12


def test_no_cell_of_the_snapshots_is_lost(
    snapshots: list[Snapshot], changes: list[Change], expected: Any, bitemporal: Any
) -> None:
    several = names_of_several(snapshots)
    assert several == expected["ambiguous_names"]
    names = {cell.name for snapshot in snapshots for cell in snapshot.cells}
    assert (len(names), len(names) - len(several)) == (361, expected["unique_name_places"])

    found = sort_out(
        snapshots,
        expected["allowed_status"],
        lambda cell: None if cell.name in several else Place(cell.name),
    )
    assert found.changes == changes
    assert Counter(reason for *_, reason in found.quarantined) == {
        "ambiguous name": 8038,
        "unknown status": 159,
    }
    cells = sum(len(snapshot.cells) for snapshot in snapshots)
    assert len(found.changes) + found.unchanged + len(found.quarantined) == cells == 85_008
    assert cells == expected["as_of_cells"]["ok"]  # every date could be read

    malformed = [one for one in found.quarantined if one[2] == "unknown status"]
    wanted = expected["malformed_status_cells"]
    assert len(found.changes) == bitemporal["assertions"] == 409
    assert len(malformed) == wanted["count"] == bitemporal["quarantined_cells"] == 159
    assert Counter(cell.status for _, cell, _ in malformed) == wanted["distinct_values"]
    shown = [[file, cell.name, cell.status, cell.as_of] for file, cell, _ in malformed]
    assert shown[:20] == wanted["first20"]
    assert len(snapshots) == expected["n_snapshots"]
    assert (snapshots[0].recorded, snapshots[-1].recorded) == (
        expected["first_recorded"],
        expected["last_recorded"],
    )


def test_status_changes_from_table_to_table(
    folder: Path, snapshots: list[Snapshot], expected: Any
) -> None:
    several = set(expected["ambiguous_names"])
    tables = [
        (one.recorded, {cell.name: cell.status for cell in one.cells if cell.name not in several})
        for one in snapshots
    ]
    found = [
        {"recorded_at": recorded, "place": place, "before": before.get(place, ""),
         "after": after.get(place, "")}
        for (_, before), (recorded, after) in pairwise(tables)
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    ]  # fmt: skip
    assert found == rows_of(folder / "changes_status.csv")
    wanted = expected["status_transitions_unique_places"]
    assert len(found) == wanted["total"] == 74
    steps = ((row["before"], row["after"]) for row in found)
    assert Counter(f"{old}->{new}" for old, new in steps if old and new) == wanted["matrix"]


def test_the_log_follows_every_status_change(log: Log, folder: Path, expected: Any) -> None:
    rows = rows_of(folder / "changes_status.csv")
    times = {row["recorded_at"] for row in rows}
    known = {time: log.ask(Control(), known=time) for time in times}
    followed: Counter[str] = Counter()
    for row in rows:
        held = known[row["recorded_at"]].get(row["place"])
        if row["after"] in expected["allowed_status"]:
            assert held is not None
            assert str(held) == row["after"]
            followed["changed" if row["before"] else "appeared"] += 1
        elif row["after"]:
            assert str(held) == row["before"]
            followed["malformed"] += 1
        else:
            # A row that left the table denies nothing.
            assert held is None or str(held) == row["before"]
            followed["disappeared"] += 1
    kinds = expected["status_transitions_unique_places"]["by_kind"]
    assert followed["changed"] + followed["malformed"] == kinds["changed"]
    assert (followed["appeared"], followed["disappeared"]) == (
        kinds["appeared"],
        kinds["disappeared"],
    )


def test_an_id_keeps_places_of_one_name_apart(
    snapshots: list[Snapshot], edited: dict[str, str], expected: Any
) -> None:
    several = set(expected["ambiguous_names"])

    # The table gives no id, and its coordinates were looked up by name: both Oleksandrivkas lie
    # in one spot. Population tells namesakes apart, and repetitions of one row from namesakes.
    def by_name(cell: Cell) -> Place | None:
        return Place(cell.name)

    def by_id(cell: Cell) -> Place | None:
        if cell.name not in several:
            return Place(cell.name)
        known = cell.population
        return Place(cell.name, id=f"{cell.name}, {known} people") if known else None

    held = {}
    for place_of in (by_name, by_id):
        found = sort_out(snapshots, expected["allowed_status"], place_of)
        lost = Counter(reason for *_, reason in found.quarantined)
        assert len(found.changes) + found.unchanged + lost.total() == 85_008
        assert lost["unknown status"] == 159
        assert lost["ambiguous name"] == (0 if place_of is by_name else 63)
        with Log() as log:
            append(log, found.changes, edited)
            held[place_of] = log.ask(Control(), at="2022-06-20", known="2022-06-20")
    told = {
        key: str(held[by_id][key])
        for key in (
            "Kamianske, 229794 people",
            "Kamianske, 2639 people",
            "Oleksandrivka, 2596 people",
            "Oleksandrivka, 499 people",
        )
    }
    assert list(told.values()) == ["Ukraine", "Contested", "Ukraine", "Russia"]
    # By name, a city of 229,794 takes on what is said of a village, and one place is all there is.
    assert str(held[by_name]["Kamianske"]) == "Contested"
    assert (len(held[by_name]), len(held[by_id])) == (355, 363)


def test_a_holding_rests_on_claims(log: Log) -> None:
    lyman: Holding = log.ask(Control(), at="2022-07-03")["Lyman"]
    (claim,) = lyman.claims
    assert claim.source == "Wikipedia"
    assert claim.published == when("2022-05-30T21:17:00Z")
