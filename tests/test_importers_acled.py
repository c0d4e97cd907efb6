"""Tests the reader of ACLED on rows of our own, written by the code book."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from timeline import (
    Attack,
    Claim,
    Clash,
    Control,
    Event,
    Incident,
    Log,
    Place,
    Report,
    TerritorialChange,
    when,
)
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
    id="Ukraine / Kharkiv / Izium / Izium",
    latitude=49.2128,
    longitude=37.2692,
    within=Place(
        "Izium",
        id="Ukraine / Kharkiv / Izium",
        within=Place("Kharkiv", id="Ukraine / Kharkiv", within="Ukraine"),
    ),
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


def test_a_battle_is_a_clash() -> None:
    (claim,) = claims(ROW)
    assert claim.event == Clash(
        id="acled:UKR1",
        when=when("2022-09-16"),
        place=IZIUM,
        sides=("Military Forces of Ukraine", "Military Forces of Russia"),
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
    clash, change = events(**regains)
    assert isinstance(clash, Clash)
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
        (
            "event_date",
            "16th of September",
            "expected a day such as 2022-09-16 or 16 September 2022",
        ),
        ("event_date", "2022-09-31", "expected a day such as"),
        ("year", "2021", "expected the year of event_date, 16 September 2022"),
        ("time_precision", "4", "expected one of 1, 2, 3"),
        ("event_type", "Duels", "expected one of Battles"),
        ("fatalities", "some", "expected a whole number"),
        ("geo_precision", "9", "expected one of 1, 2, 3"),
        ("timestamp", "soon", "expected seconds since 1970"),
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
        assert import_into(log, read(sheet(taken))).older == 1  # older, though learned later
        clash = log.accounts()[0].event
        assert isinstance(clash, Clash)
        assert clash.killed == 5
        assert str(log.ask(Control())[IZIUM.key]) == "Military Forces of Ukraine"
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


OF_2016 = {
    "GWNO": "369", "EVENT_ID_CNTY": "1UKR", "EVENT_ID_NO_CNTY": "1", "EVENT_DATE": "16/09/2016",
    "YEAR": "2016", "TIME_PRECISION": "1", "EVENT_TYPE": "Battle-No change of territory",
    "ACTOR1": "A", "ALLY_ACTOR_1": "", "INTER1": "1", "ACTOR2": "B", "ALLY_ACTOR_2": "",
    "INTER2": "2", "INTERACTION": "12", "COUNTRY": "Ukraine", "ADMIN1": "Kharkiv", "ADMIN2": "",
    "ADMIN3": "", "LOCATION": "Izium", "LATITUDE": "49.2", "LONGITUDE": "37.3",
    "GEO_PRECISION": "1", "SOURCE": "Wire", "NOTES": "They fought.", "FATALITIES": "0",
}  # fmt: skip


def test_an_export_of_2016() -> None:
    (claim,) = claims(OF_2016, published="2016-12")
    found = claim.event
    assert isinstance(found, Clash)
    assert (found.when, found.sides, found.killed) == (when("2016-09-16"), ("A", "B"), 0)
    (other,) = claims(
        {**OF_2016, "EVENT_TYPE": "Riots/Protests", "FATALITIES": ""}, published="2016-12"
    )
    assert isinstance(other.event, Incident)
    assert (other.event.category, other.event.killed.reported) == ("Riots/Protests", False)
    (alone,) = claims({**OF_2016, "ACTOR2": ""}, published="2016-12")
    assert isinstance(alone.event, Attack)


@pytest.mark.parametrize(
    "text",
    [
        "5-Aug-24", "5 August 2024", "05-08-24", "5/8/2024", "2024-08-05", "2024-08-05T00:00:00",
        "5/8/2024 0:00", "Aug 5, 2024",
    ],
)  # fmt: skip
def test_dates_that_were_saved_again(text: str) -> None:
    other = {**ROW, "event_date": "31-12-19", "year": "2019"}
    first, _ = read(sheet({**ROW, "event_date": text, "year": "2024"}, other))
    assert isinstance(first, Accepted), first
    (claim,) = first.said
    assert isinstance(claim, Claim)
    assert claim.event.when == when("2024-08-05")


def test_dates_that_fit_both_orders_are_asked_about() -> None:
    row = {**ROW, "event_date": "5/8/2024", "year": "2024"}
    with pytest.raises(ImporterError, match="make sense in both orders; say dates="):
        read(sheet(row))
    (claim,) = claims(row, dates="month first")
    assert claim.event.when == when("2024-05-08")
    mixed = {**ROW, "event_date": "8/31/2024", "year": "2024"}, {**row, "event_date": "31/8/2024"}
    with pytest.raises(ImporterError, match="some with the month"):
        read(sheet(*mixed))
    with pytest.raises(ImporterError, match="dates= is"):
        read(sheet(row), dates="as it comes")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["2022-09-20T00:00:00Z", "2022-09-20 00:00:00", "1663632000", ""])
def test_timestamps(text: str) -> None:
    (claim,) = claims({**ROW, "timestamp": text})
    assert claim.published == (when("2022-09-20T00:00:00Z") if text else Report("x").published)


def test_places_of_one_name_are_known_by_their_paths() -> None:
    (one,) = events()
    (other,) = events(admin1="Donetsk", admin2="Lyman")
    assert isinstance(one, Clash)
    assert isinstance(other, Clash)
    assert one.place is not None
    assert other.place is not None
    assert one.place.key != other.place.key


def test_an_answer_of_the_api() -> None:
    text = json.dumps({"status": 200, "success": True, "data": [ROW]})
    (found,) = read(io.BytesIO(text.encode()))
    assert isinstance(found, Accepted)
    assert found.said == tuple(claims(ROW))


def test_types_are_known_in_other_letters() -> None:
    row = {**ROW, "event_type": "Violence Against Civilians", "sub_event_type": "Attack"}
    (outcome,) = read(sheet(row))
    assert isinstance(outcome, Accepted)
    (claim,) = outcome.said
    assert isinstance(claim, Claim)
    assert isinstance(claim.event, Attack)
