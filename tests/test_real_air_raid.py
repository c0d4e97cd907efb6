"""Asks a log of 23,812 air raid alerts, told by two sources, which sounded when and where."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from tests.readers import json_of
from tests.real import data_file
from timeline import (
    Account,
    Allen,
    Certainty,
    Claim,
    Event,
    Log,
    Place,
    Projection,
    Report,
    event,
    matching,
    on,
    when,
)
from timeline.importers import ImportSummary, import_into, table

pytestmark = pytest.mark.xdist_group("air raid data")  # read once

OFFICIAL, VOLUNTEER = "official channel", "volunteers"
MINUTE = 60_000_000  # microseconds
TOLERANCE = timedelta(minutes=5)


# Names repeat between oblasts, so a place's id is its whole path; the rows have none, so an alert
# goes by its place and its start.
OFFICIAL_SHEET = """
kind = "air-raid-alert"
id_prefix = "official channel:"
span = "lasted"
[columns]
id = ["oblast", "raion", "hromada", "started_at"]
when = { from = "started_at", to = "finished_at" }
place.path = ["oblast", "raion", "hromada"]
level = "level"
[only]
level = ["oblast", "raion", "hromada"]
[defaults]
source = "official channel"
"""
VOLUNTEER_SHEET = """
kind = "air-raid-alert"
id_prefix = "volunteers:"
span = "lasted"
[columns]
id = ["region", "started_at"]
when = { from = "started_at", to = "finished_at" }
place = "region"
naive = "naive"
[defaults]
source = "volunteers"
"""


@event("air-raid-alert/1")
class AirRaidAlert(Event):
    """Sirens sounded in an area, from one second to another.

    ``naive`` marks an end that the source made up, half an hour after the start.
    """

    place: Place
    level: str = "oblast"
    naive: bool = False


class Sounding(Projection[int]):
    """Whether the sirens sound, by area: they do until the latest end of what has begun."""

    start = 0

    def key(self, event: AirRaidAlert) -> str:
        return event.place.key

    @on(AirRaidAlert)
    def sound(self, until: int, alert: AirRaidAlert) -> int:
        assert alert.when.hi is not None
        return max(until, alert.when.hi)

    def result(self, until: int, at: int | None) -> bool:
        return at is not None and until > at


class Alerts(Projection[tuple[AirRaidAlert, ...]]):
    """The alerts of each area, in the order in which they began."""

    start: tuple[AirRaidAlert, ...] = ()

    def key(self, event: AirRaidAlert) -> str:
        return event.place.key

    @on(AirRaidAlert)
    def add(self, state: tuple[AirRaidAlert, ...], alert: AirRaidAlert) -> tuple[AirRaidAlert, ...]:
        return (*state, alert)


def begun(alert: AirRaidAlert) -> datetime:
    assert alert.when.earliest is not None
    return alert.when.earliest


def minutes(alert: AirRaidAlert) -> float:
    """How long it went on, from its first to its last second."""
    assert alert.when.lo is not None
    assert alert.when.end_lo is not None
    return (alert.when.end_lo - alert.when.lo) / MINUTE


@pytest.fixture(scope="module")
def expected() -> Any:
    return json_of(data_file("air_raid_expected.json"))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """Both files, row by row; nobody has said yet which alerts of the two are the same."""
    with Log(tmp_path_factory.mktemp("alerts") / "alerts.db", events=[AirRaidAlert]) as log:
        for name, mapping, rows in (
            ("air_raid_official.csv", OFFICIAL_SHEET, 12_713),
            ("air_raid_volunteer.csv", VOLUNTEER_SHEET, 11_099),
        ):
            with data_file(name).open("rb") as file:
                sheet = table(file, mapping, published="2022-09-15", kinds=[AirRaidAlert])
                assert import_into(log, sheet, batch=5000) == ImportSummary(new=rows)
        yield log


@pytest.fixture(scope="module")
def accounts(log: Log) -> list[Account]:
    return log.accounts()


@pytest.fixture(scope="module")
def by_area(log: Log) -> Mapping[str, tuple[AirRaidAlert, ...]]:
    return log.ask(Alerts())


def test_every_row_is_there(log: Log, accounts: list[Account], expected: Any) -> None:
    assert log.head == len(accounts) == 23_812
    assert Counter(source for one in accounts for source in one.sources) == {
        OFFICIAL: expected["official_rows"],
        VOLUNTEER: expected["volunteer_rows"],
    }
    assert len(log.accounts(known=12_713)) == expected["official_rows"]
    alerts = [one.event for one in accounts if isinstance(one.event, AirRaidAlert)]
    levels = Counter(alert.level for alert in alerts if alert.id.startswith(OFFICIAL))
    assert levels == expected["levels"]
    naive = [alert for alert in alerts if alert.naive]
    assert {minutes(alert) for alert in naive} == {30}
    assert {"True": len(naive), "False": expected["volunteer_rows"] - len(naive)} == expected[
        "naive"
    ]


def test_where_the_sirens_sound(log: Log, expected: Any) -> None:
    mapping = expected["official_vs_volunteer_corroboration"]["name_mapping"]
    right = 0
    for moment, wanted in expected["active_at_half_open"].items():
        sounding = {area for area, sounds in log.ask(Sounding(), at=moment).items() if sounds}
        assert sorted(sounding & mapping.keys()) == wanted["official_oblast_active"]
        assert sorted(sounding & set(mapping.values())) == wanted["volunteer_active"]
        right += 2
    assert right == 10


def test_what_is_certainly_over_and_what_may_have_begun(log: Log, accounts: list[Account]) -> None:
    """The same from the two readings: what has begun and isn't over goes on."""
    moment = "2022-09-10T09:00:00Z"
    over = log.accounts(at=moment)
    begun = log.accounts(at=moment, reading="possible")
    going_on = {one.event.id for one in begun} - {one.event.id for one in over}
    assert len(going_on) == 16
    now = when(moment)
    for one in accounts:
        relations = one.when.relation(now)
        assert (one.event.id in going_on) == (Allen.CONTAINS in relations)


def test_two_weeks_of_september(
    by_area: Mapping[str, tuple[AirRaidAlert, ...]], expected: Any
) -> None:
    first = datetime(2022, 9, 1, tzinfo=UTC)
    last = datetime(2022, 9, 15, tzinfo=UTC)
    started = [
        alert
        for alerts in by_area.values()
        for alert in alerts
        if alert.id.startswith(OFFICIAL) and first <= begun(alert) < last
    ]
    assert len(started) == expected["official_started_2022_09_01_to_14"]
    total = sum(minutes(alert) for alert in started if alert.level == "oblast")
    wanted = expected["official_oblast_level_total_minutes_2022_09_01_to_14_by_start"]
    assert round(total, 2) == wanted


def test_alerts_of_one_area_never_overlap(
    by_area: Mapping[str, tuple[AirRaidAlert, ...]], expected: Any
) -> None:
    found = {"official": 0, "volunteer": 0}
    pairs = 0
    apart = {Allen.BEFORE, Allen.MEETS}
    for alerts in by_area.values():
        source = "official" if alerts[0].id.startswith(OFFICIAL) else "volunteer"
        for one, other in pairwise(alerts):
            pairs += 1
            found[source] += not one.when.relation(other.when) & apart
    assert found == expected["overlaps_same_area"]
    assert pairs == 23_812 - len(by_area)


def test_how_often_in_each_oblast(
    by_area: Mapping[str, tuple[AirRaidAlert, ...]], expected: Any
) -> None:
    oblasts = expected["by_oblast_oblast_level"]
    found = {
        area: len(alerts)
        for area, alerts in by_area.items()
        if alerts[0].id.startswith(OFFICIAL) and alerts[0].level == "oblast"
    }
    assert found == oblasts
    assert len(found) == 25


def nearest(alert: AirRaidAlert, others: tuple[AirRaidAlert, ...]) -> AirRaidAlert | None:
    """The other source's alert that began nearest to one, if within the tolerance."""
    place = bisect_left(others, begun(alert), key=begun)
    close = [one for one in others[max(place - 1, 0) : place + 1]
             if abs(begun(one) - begun(alert)) <= TOLERANCE]  # fmt: skip
    return min(close, key=lambda one: abs(begun(one) - begun(alert)), default=None)


def candidates_found(
    log: Log,
    pairs: list[tuple[AirRaidAlert, AirRaidAlert]],
    names: Mapping[str, str],
    since: datetime,
) -> tuple[float, float]:
    """Recall and precision of what is proposed of the alerts since a day: names first, then alerts.

    Right is a pair of the two sources for one area that began within five minutes.
    """
    desk = Report("our desk", published="2022-10-01")
    with Log(events=[AirRaidAlert]) as joined:
        said = (entry.claim for entry in log if isinstance(entry.claim, Claim))
        joined.append(*(one for one in said if begun(one.event) >= since))  # type: ignore[arg-type]
        same = matching.places(joined)
        assert {frozenset(one.names) for one in same} <= set(map(frozenset, names.items()))
        assert len(same) >= len(names) - 1  # of one area no alert began in the last month
        joined.append(*(desk.says(one.link) for one in same))
        found = matching.candidates(joined, days=timedelta(minutes=10), least=0.74)
        proposed: list[Any] = [
            (one.first.event, one.second.event) for one in matching.one_to_one(found)
        ]
    right = {
        one.id
        for one, other in proposed
        if abs(begun(one) - begun(other)) <= TOLERANCE
        and names.get(one.place.name) == other.place.name
    }
    wanted = {alert.id for alert, other in pairs if min(begun(alert), begun(other)) >= since}
    return len(wanted & right) / len(wanted), len(right) / len(proposed)


def test_candidates_find_what_two_sources_say_of_one_alert(
    log: Log, by_area: Mapping[str, tuple[AirRaidAlert, ...]], expected: Any
) -> None:
    """Of the last month; ``benchmarks/matching.py`` measures all."""
    pytest.importorskip("rapidfuzz")
    names: dict[str, str] = expected["official_vs_volunteer_corroboration"]["name_mapping"]
    pairs = _pairs(by_area, names)
    recall, precision = candidates_found(log, pairs, names, datetime(2022, 8, 15, tzinfo=UTC))
    assert recall >= 0.98
    assert precision >= 0.95


def _pairs(
    by_area: Mapping[str, tuple[AirRaidAlert, ...]], names: Mapping[str, str]
) -> list[tuple[AirRaidAlert, AirRaidAlert]]:
    return [
        (alert, found)
        for area, region in names.items()
        for alert in by_area[area]
        if (found := nearest(alert, by_area.get(region, ()))) is not None
    ]


def test_two_sources_corroborate_each_other(
    log: Log,
    by_area: Mapping[str, tuple[AirRaidAlert, ...]],
    accounts: list[Account],
    expected: Any,
) -> None:
    wanted = expected["official_vs_volunteer_corroboration"]
    names: dict[str, str] = wanted["name_mapping"]
    pairs = _pairs(by_area, names)
    later = [begun(told) - begun(alert) for alert, told in pairs]
    assert sum(len(by_area[area]) for area in names) == wanted["official_oblast_rows"]
    assert len(pairs) == wanted["matched_within_5min"]
    assert (
        median(abs(one).total_seconds() for one in later) == wanted["median_abs_start_difference_s"]
    )
    assert sum(one > timedelta(0) for one in later) == wanted["volunteer_later"]
    since = min(begun(one) for area in names for one in by_area[area])
    same_period = [one for region in names.values() for one in by_area.get(region, ())
                   if begun(one) >= since]  # fmt: skip
    assert len(same_period) == wanted["volunteer_rows_same_period"]

    # Once the pairs are told, each is one event with two sources, and nothing is counted twice.
    claims = {one.event.id: one.claims[0] for one in accounts}
    linked: dict[str, Claim] = {}
    for alert, told in pairs:
        if told.id not in linked:
            old = claims[told.id]
            same = AirRaidAlert(id=alert.id, when=told.when, place=alert.place)
            linked[told.id] = old.report.says(same, replaces=old)
    with Log() as joined:  # a log of its own, because others read the shared one
        said = (entry.claim for entry in log if isinstance(entry.claim, Claim))
        joined.append(*said, *linked.values())
        assert joined.accounts(known=log.head) == accounts
        after = joined.accounts()
    together = [one for one in after if one.sources == {OFFICIAL, VOLUNTEER}]
    assert len(together) == wanted["distinct_volunteer_matched"]
    assert len(after) == 23_812 - len(together)
    disputed = [one for one in together if one.disputed]
    for one in disputed:
        first, second = (version.when for version in one.versions)
        assert Certainty.CERTAIN in (first.before(second), second.before(first))
    # Some began within five minutes of each other, but one was over when the other began: the rule
    # that paired them was too generous, and the accounts say so.
    assert len(disputed) == 13
