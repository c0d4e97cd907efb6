"""Tests the reader of ACLED on rows of our own, written by the code book."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from timeline import Attack, Claim, Control, Event, Incident, Log, Place, TerritorialChange, when
from timeline.errors import ImporterError
from timeline.importers import Accepted, Refused, acled_deletions, import_into
from timeline.importers import acled as read

ROW = {
    "event_id_cnty": "UKR1", "event_date": "16 September 2022", "year": "2022",
    "time_precision": "1", "disorder_type": "Political violence", "event_type": "Battles",
    "sub_event_type": "Armed clash", "actor1": "Military Forces of Ukraine",
    "assoc_actor_1": "", "inter1": "State forces", "actor2": "Military Forces of Russia",
    "assoc_actor_2": "", "inter2": "External/Other forces", "civilian_targeting": "",
    "region": "Europe", "country": "Ukraine", "admin1": "Kharkiv", "admin2": "Izium",
    "admin3": "", "location": "Izium", "latitude": "49.2128", "longitude": "37.2692",
    "geo_precision": "1", "source": "Wire; Paper;Wire", "source_scale": "National",
    "notes": "The two sides clashed.", "fatalities": "3", "tags": "", "timestamp": "1663632000",
}  # fmt: skip
IZIUM = Place(
    "Izium",
    latitude=49.2128,
    longitude=37.2692,
    within=Place("Izium", within=Place("Kharkiv", within="Ukraine")),
    precision="town",
)


def sheet(*rows: Mapping[str, str]) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def claims(row: Mapping[str, str], **options: Any) -> list[Claim]:
    (told,) = read(sheet(row), **options)
    assert isinstance(told, Accepted), told
    return [one for one in told.said if isinstance(one, Claim)]


def events(**cells: str) -> list[Event]:
    return [one.event for one in claims({**ROW, **cells})]


def test_a_battle_is_an_attack() -> None:
    (claim,) = claims(ROW)
    assert claim.event == Attack(
        id="acled:UKR1",
        when=when("2022-09-16"),
        place=IZIUM,
        by="Military Forces of Ukraine",
        against="Military Forces of Russia",
        killed=3,
    )
    assert (claim.source, claim.quote) == ("ACLED", "The two sides clashed.")
    assert claim.published == when("2022-09-20T00:00:00Z")
    assert claim.according_to == ("Wire", "Paper")


@pytest.mark.parametrize(
    ("kind", "sub_type", "expected"),
    [
        ("Explosions/Remote violence", "Air/drone strike", Attack),
        ("Remote violence", "Shelling/artillery/missile attack", Attack),
        ("Violence against civilians", "Attack", Attack),
        ("Violence against civilians", "Sexual violence", Incident),
        ("Violence against civilians", "Abduction/forced disappearance", Incident),
        ("Protests", "Peaceful protest", Incident),
        ("Riots", "Mob violence", Incident),
        ("Strategic developments", "Agreement", Incident),
    ],
)
def test_types_are_kinds(kind: str, sub_type: str, expected: type[Event]) -> None:
    (found,) = events(event_type=kind, sub_event_type=sub_type)
    assert type(found) is expected
    if isinstance(found, Attack):
        assert found.weapon == (None if sub_type == "Attack" else sub_type)
    if isinstance(found, Incident):
        assert (found.category, found.killed) == (sub_type, 3)
        assert found.involved == ("Military Forces of Ukraine", "Military Forces of Russia")


def test_a_battle_that_takes_a_place_is_a_change_of_territory_too() -> None:
    regains = {"sub_event_type": "Government regains territory", "inter2": "Rebel group"}
    attack, change = events(**regains)
    assert isinstance(attack, Attack)
    assert change == TerritorialChange(
        id="acled:UKR1:territory",
        when=when("2022-09-16"),
        place=IZIUM,
        to="Military Forces of Ukraine",
        from_="Military Forces of Russia",
        how="Government regains territory",
    )
    taken = {"sub_event_type": "Non-state actor overtakes territory", "inter1": "1", "inter2": "2"}
    _, change = events(**taken)
    assert isinstance(change, TerritorialChange)
    assert (change.to, change.from_) == ("Military Forces of Russia", "Military Forces of Ukraine")
    # Two states: the codes don't say which of them the government is.
    assert len(events(sub_event_type="Government regains territory")) == 1
    _, alone = events(**regains, actor2="")
    assert isinstance(alone, TerritorialChange)
    assert alone.from_ is None
    assert len(events(**regains, location="", country="", admin1="", admin2="")) == 1


def test_a_transfer_without_violence() -> None:
    passed = {
        "event_type": "Strategic developments",
        "sub_event_type": "Non-violent transfer of territory",
    }
    (change,) = events(**passed, actor2="")
    assert isinstance(change, TerritorialChange)
    assert (change.to, change.id) == ("Military Forces of Ukraine", "acled:UKR1")
    (unclear,) = events(**passed)
    assert isinstance(unclear, Incident)
    (nowhere,) = events(**passed, actor2="", location="", country="", admin1="", admin2="")
    assert isinstance(nowhere, Incident)


@pytest.mark.parametrize(
    ("date", "precision", "bounds"),
    [
        ("2022-09-16", "1", "[2022-09-16, 2022-09-17)"),
        ("16-Sep-2022", "1", "[2022-09-16, 2022-09-17)"),
        ("16 September 2022", "2", "[2022-09-10, 2022-09-23)"),
        ("1 September 2022", "3", "[2022-09-01, 2022-10-01)"),
    ],
)
def test_precision_widens(date: str, precision: str, bounds: str) -> None:
    (found,) = events(event_date=date, time_precision=precision)
    assert found.when.bounds() == bounds
    assert found.when.text == date
    assert found.when.policy == (None if precision == "1" else "acled-time-precision/1")


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("event_id_cnty", "", "an id such as UKR12345"),
        ("event_date", "09/16/2022", "expected a day such as 2022-09-16 or 16 September 2022"),
        ("event_date", "2022-09-31", "expected a day such as"),
        ("year", "2021", "expected the year of event_date, 16 September 2022"),
        ("time_precision", "4", "expected one of 1, 2, 3"),
        ("event_type", "Duels", "expected one of Battles"),
        ("sub_event_type", "", "expected a text"),
        ("fatalities", "some", "expected a whole number"),
        ("geo_precision", "9", "expected one of 1, 2, 3"),
        ("timestamp", "soon", "expected a whole number"),
        ("timestamp", "253402300800", "before the year 10000"),
        ("latitude", "100", "expected degrees"),
    ],
)
def test_a_bad_cell_refuses_its_row(column: str, value: str, expected: str) -> None:
    (found,) = read(sheet({**ROW, column: value}))
    assert isinstance(found, Refused)
    assert (found.column, found.value) == (column, value)
    assert expected in found.expected
    assert found.event_id == (None if column == "event_id_cnty" else "acled:UKR1")


def test_the_ends_of_time_are_refused() -> None:
    row = {**ROW, "event_date": "0001-01-02", "year": "", "time_precision": "2"}
    (found,) = read(sheet(row))
    assert isinstance(found, Refused)
    assert "well within the years 1 to 9999" in found.expected


def test_an_export_without_timestamps_needs_a_day() -> None:
    bare = {name: cell for name, cell in ROW.items() if name not in ("timestamp", "notes")}
    with pytest.raises(ImporterError, match=r"no column 'timestamp'.*give published="):
        read(sheet(bare))
    (claim,) = claims(bare, published="2022-10")
    assert (claim.published, claim.quote) == (when("2022-10"), None)
    with pytest.raises(ImporterError, match="isn't an export of ACLED: there is no column"):
        read(["a,b\n"])


def test_a_later_timestamp_counts_and_a_deletion_takes_back() -> None:
    taken = {**ROW, "sub_event_type": "Government regains territory", "inter2": "Rebel group"}
    more = {**taken, "fatalities": "5", "timestamp": "1663718400"}
    gone = {"event_id_cnty": "UKR1", "deleted_timestamp": "1664000000"}
    with Log() as log:
        assert import_into(log, read(sheet(more))).new == 1
        assert import_into(log, read(sheet(taken))).changed == 1  # older, though learned later
        attack = log.accounts()[0].event
        assert isinstance(attack, Attack)
        assert attack.killed == 5
        assert str(log.ask(Control())["Izium"]) == "Military Forces of Ukraine"
        found = import_into(log, acled_deletions(sheet(gone)))
        assert (found.retracted, found.rows) == (1, 1)
        assert log.accounts() == []
        assert import_into(log, acled_deletions(sheet(gone))).ignored == 1
        assert import_into(log, read(sheet(more))).ignored == 1
        assert log.accounts() == []
    with pytest.raises(ImporterError, match="list of ACLED's deleted events"):
        acled_deletions(sheet(ROW))
    (bad,) = acled_deletions(sheet({**gone, "deleted_timestamp": "x"}))
    assert isinstance(bad, Refused)
    assert bad.event_id == "acled:UKR1"
