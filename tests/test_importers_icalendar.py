"""Tests the reader of iCalendar files."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import pytest

from timeline import (
    Certainty,
    Claim,
    Incident,
    Log,
    Place,
    Retraction,
    chronology,
    lasted,
    when,
)
from timeline.errors import ImporterError, MissingExtraError
from timeline.export import to_icalendar
from timeline.importers import Accepted, Outcome, Refused, Skipped, import_into
from timeline.importers import icalendar as read
from timeline.importers.icalendar import _decoded
from timeline.importers.outcomes import CellError

EVENT = {
    "UID": "1@desk.example",
    "DTSTAMP": "20220920T080000Z",
    "DTSTART": "20220916T083000Z",
    "SUMMARY": "Shelling",
}
ZONE = """BEGIN:VTIMEZONE
TZID:Own
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""


def calendar(*components: str) -> list[str]:
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n" + "".join(components)
    return (text + "END:VCALENDAR\n").splitlines(keepends=True)


def vevent(**lines: str) -> str:
    told = {**EVENT, **{name.replace("_", "-"): line for name, line in lines.items()}}
    content = "".join(
        f"{name}{line}\n" if line[:1] in ";:" else f"{name}:{line}\n"
        for name, line in told.items()
        if line
    )
    return f"BEGIN:VEVENT\n{content}END:VEVENT\n"


def outcome(*before: str, options: Any = (), **lines: str) -> Outcome:
    (found,) = read(calendar(*before, vevent(**lines)), "our desk", **dict(options))
    return found


def said(*before: str, options: Any = (), **lines: str) -> Claim:
    found = outcome(*before, options=options, **lines)
    assert isinstance(found, Accepted), found
    (claim,) = found.said
    assert isinstance(claim, Claim)
    return claim


def test_an_event_is_an_incident() -> None:
    claim = said(
        LOCATION="Kharkiv", GEO="50.0;36.25", CATEGORIES="shelling,war", URL="https://desk.example",
        DESCRIPTION="Two shells\\, at dawn.",
    )  # fmt: skip
    assert claim.event == Incident(
        id="ical:1@desk.example",
        when=when("2022-09-16T08:30:00Z"),
        category="shelling",
        place=Place("Kharkiv", latitude=50.0, longitude=36.25),
        summary="Shelling",
    )
    assert (claim.source, claim.quote) == ("our desk", "Two shells, at dawn.")
    assert claim.published == when("2022-09-20T08:00:00Z")
    assert claim.report.url == "https://desk.example"
    bare = said(GEO="50.0;36.25").event
    assert isinstance(bare, Incident)
    assert (bare.category, bare.place and bare.place.name) == ("event", "50.0, 36.25")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"DTSTART": ";VALUE=DATE:20220916"}, when("2022-09-16")),
        (
            {"DTSTART": ";VALUE=DATE:20220916", "DTEND": ";VALUE=DATE:20220917"},
            when("2022-09-16"),
        ),
        (
            {"DTSTART": ";VALUE=DATE:20220916", "DTEND": ";VALUE=DATE:20220919"},
            lasted("2022-09-16", "2022-09-18"),
        ),
        (
            {"DTEND": "20220916T093000Z"},
            lasted("2022-09-16T08:30:00Z", "2022-09-16T09:30:00Z", through=False),
        ),
        (
            {"DURATION": "PT1H"},
            lasted("2022-09-16T08:30:00Z", "2022-09-16T09:30:00Z", through=False),
        ),
        ({"DTEND": "20220916T083000Z"}, when("2022-09-16T08:30:00Z")),
        (
            {"DTSTART": ";TZID=Europe/Kyiv:20220916T113000"},
            when("2022-09-16T11:30:00", zone="Europe/Kyiv"),
        ),
        ({"DTSTART": ";TZID=Own:20220916T113000"}, when("2022-09-16T08:30:00Z")),
        ({"DTSTART": "20220916T113000"}, when("2022-09-16T11:30:00")),
    ],
)
def test_times(lines: dict[str, str], expected: object) -> None:
    assert said(ZONE, **lines).event.when == expected


def test_what_has_no_zone_is_read_in_one() -> None:
    found = said(options={"zone": None}, DTSTART="20220916T113000").event
    assert found.when == when("2022-09-16T11:30:00", zone=None)
    day = said(options={"zone": "Europe/Kyiv"}, DTSTART=";VALUE=DATE:20220916").event
    assert day.when == when("2022-09-16", zone="Europe/Kyiv")


def test_when_it_was_published() -> None:
    assert said(LAST_MODIFIED="20220921T080000Z").published == when("2022-09-21T08:00:00Z")
    assert said(options={"published": "2022-10"}).published == when("2022-10")
    found = outcome(DTSTAMP="")
    assert isinstance(found, Refused)
    assert (found.column, found.expected[:12]) == ("DTSTAMP", "expected whe")


def test_cancelled_and_tentative() -> None:
    with Log() as log:
        import_into(log, read(calendar(vevent()), "our desk"))
        later = vevent(STATUS="CANCELLED", LAST_MODIFIED="20220922T080000Z")
        found = import_into(log, read(calendar(later), "our desk"))
        assert (found.retracted, log.accounts()) == (1, [])
        assert [one.claim.because for one in log if isinstance(one.claim, Retraction)] == [
            "cancelled"
        ]
    assert said(STATUS="TENTATIVE").stance == "expects"


@pytest.mark.parametrize(
    ("lines", "column", "expected"),
    [
        ({"UID": ""}, "UID", "an id, by which"),
        ({"DTSTART": ""}, "DTSTART", "expected a day or a time"),
        ({"DTSTART": "soon"}, "DTSTART", ""),
        ({"RRULE": "FREQ=DAILY;COUNT=3"}, "RRULE", "write each repetition out"),
        ({"DTEND": ";VALUE=DATE:20220917"}, "DTEND", "a day after a day"),
        ({"DTEND": "20220915T083000Z"}, "", "were the two swapped?"),
        ({"DURATION": "P9999999D"}, "DURATION", "one that ends by 9999"),
        ({"GEO": "91;0"}, "", "latitude"),
        ({"DTSTART": ";TZID=Own:00010101T000000"}, "DTSTART", "a time of the years 1 to 9999"),
        ({"DESCRIPTION": "one\nBEGIN:VALARM"}, "", "it can't be read"),
    ],
)
def test_a_bad_event_is_refused(lines: dict[str, str], column: str, expected: str) -> None:
    found = outcome(ZONE, **lines)
    assert isinstance(found, Refused), found
    assert expected in found.expected
    assert not expected or found.column == column
    assert found.raw[0].startswith("BEGIN:VEVENT")


def test_an_overridden_repetition_is_an_event_of_its_own() -> None:
    assert said(RECURRENCE_ID="20220916T083000Z").event.id == "ical:1@desk.example@20220916T083000Z"


def test_other_components_are_skipped_and_open_ones_refused() -> None:
    todo = "BEGIN:VTODO\nUID:2\nEND:VTODO\n"
    lines = [*calendar(todo, vevent()), "BEGIN:VEVENT\n", "UID:3\n"]
    skipped, told, refused = read(lines, "our desk")
    assert skipped == Skipped(1, "a VTODO, not an event")
    assert isinstance(told, Accepted)
    assert isinstance(refused, Refused)
    assert "isn't closed by END:VEVENT" in refused.expected
    unfinished = read([*calendar()[:3], *ZONE.splitlines(keepends=True)[:-1]], "our desk")
    assert list(unfinished) == []


def test_a_huge_event_is_refused_in_bounded_memory() -> None:
    lines = calendar("BEGIN:VEVENT\n", "DESCRIPTION:x\n" * 100_000, "END:VEVENT\n", vevent())
    refused, told = read(lines, "our desk")
    assert isinstance(refused, Refused)
    assert len(refused.raw[0]) <= 1_000_000
    assert isinstance(told, Accepted)


@pytest.mark.parametrize("lines", [[], ["BEGIN:VCARD\n"]])
def test_another_file_is_refused(lines: list[str]) -> None:
    with pytest.raises(ImporterError, match="opens with BEGIN:VCALENDAR"):
        read(lines, "our desk")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'timeline-events\[calendar\]'"):
        read(calendar(), "our desk")


def test_a_line_that_stands_twice_counts_once() -> None:
    assert said(SUMMARY="Shelling\nSUMMARY:Again").event.summary == "Shelling"


def test_a_value_that_the_library_cannot_decode_is_refused() -> None:
    class Broken(dict[str, str]):
        def decoded(self, name: str) -> object:
            raise KeyError(name)

    with pytest.raises(CellError, match="can't be read: 'DTSTART'"):
        _decoded(Broken(DTSTART="soon"), "DTSTART")


def several(*events: str, head: str = "") -> list[Outcome]:
    text = f"BEGIN:VCALENDAR\n{head}{''.join(events)}END:VCALENDAR\n"
    return list(read(text.splitlines(keepends=True), "our desk"))


def test_an_end_is_no_part_of_its_event() -> None:
    """So one event after the other is certainly before it."""
    first = said(DTSTART="20220916T090000Z", DTEND="20220916T100000Z").event
    second = said(DTSTART="20220916T100000Z", DTEND="20220916T110000Z").event
    assert first.when.before(second.when) is Certainty.CERTAIN
    assert "10:00:01" not in str(first.when)


@pytest.mark.parametrize("within", [(8, 30, 9, 30), (9, 30, 10, 30)])
def test_a_timed_entry_comes_out_as_it_came_in(within: tuple[int, int, int, int]) -> None:
    start = f"20220916T{within[0]:02}{within[1]:02}00Z"
    end = f"20220916T{within[2]:02}{within[3]:02}00Z"
    with Log() as log:
        import_into(log, read(calendar(vevent(DTSTART=start, DTEND=end)), "our desk"))
        text = to_icalendar(chronology(log))
        assert f"DTSTART:{start}\r\nDTEND:{end}\r\n" in text
        with Log() as other:
            import_into(other, read(text.splitlines(keepends=True), "our desk"))
            assert [one.when for one in other.accounts()] == [one.when for one in log.accounts()]


def test_a_broken_property_refuses_its_entry_alone() -> None:
    outcomes = several(vevent(UID="1"), vevent(UID="2", GEO="49.2,37.2"), vevent(UID="3"))
    assert [type(one) for one in outcomes] == [Accepted, Refused, Accepted]
    bad = outcomes[1]
    assert isinstance(bad, Refused)
    assert (bad.column, bad.value) == ("GEO", "49.2,37.2")


def test_of_several_versions_the_last_counts() -> None:
    for order in ((0, 2), (2, 0)):
        versions = [vevent(SEQUENCE=str(number), SUMMARY=f"version {number}") for number in order]
        outcomes = several(*versions)
        (kept,) = (one for one in outcomes if isinstance(one, Accepted))
        (claim,) = kept.said
        assert isinstance(claim, Claim)
        assert claim.event.summary == "version 2"
        (skipped,) = (one for one in outcomes if isinstance(one, Skipped))
        assert "SEQUENCE 2" in skipped.reason


def test_the_zone_of_the_calendar_and_one_that_nobody_knows() -> None:
    floating = vevent(DTSTART="20220916T113000")
    (kyiv,) = several(floating, head="X-WR-TIMEZONE:Europe/Kyiv\n")
    assert isinstance(kyiv, Accepted)
    (claim,) = kyiv.said
    assert isinstance(claim, Claim)
    assert claim.event.when == when("2022-09-16T11:30:00", zone="Europe/Kyiv")
    (strange,) = several(vevent(DTSTART=";TZID=Foo/Bar:20220916T113000"))
    assert isinstance(strange, Accepted)
    assert strange.warnings == ("the zone 'Foo/Bar' isn't known: any zone is possible",)
    (claim,) = strange.said
    assert isinstance(claim, Claim)
    assert claim.event.when.zone is None


def test_what_lies_ahead_is_expected() -> None:
    assert said(DTSTART="20301231T000000Z").stance == "expects"
    assert said().stance == "says"


def test_each_time_of_a_repeating_event_is_an_event() -> None:
    weekly = vevent(DTSTART="20220905T083000Z", RRULE="FREQ=WEEKLY", EXDATE="20220912T083000Z")
    moved = vevent(DTSTART="20220920T083000Z", RECURRENCE_ID="20220919T083000Z")
    text = f"BEGIN:VCALENDAR\n{weekly}{moved}END:VCALENDAR\n".splitlines(keepends=True)
    outcomes = list(read(text, "our desk", within=(date(2022, 9, 1), date(2022, 9, 26))))
    claims = [one for row in outcomes if isinstance(row, Accepted) for one in row.said]
    days = {
        claim.event.id: str(claim.event.when.earliest)[:10]
        for claim in claims
        if isinstance(claim, Claim)
    }
    assert sorted(days.values()) == ["2022-09-05", "2022-09-20", "2022-09-26"]
    assert len(days) == 3
