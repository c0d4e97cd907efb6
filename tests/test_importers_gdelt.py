"""Tests the reader of GDELT 2.0 on rows of our own, written by the code book."""

from __future__ import annotations

import io

import pytest

from timeline import Event, Log, Place, when
from timeline.errors import ImporterError
from timeline.importers import (
    Accepted,
    GdeltEvent,
    Outcome,
    Refused,
    Skipped,
    gdelt_mentions,
    import_into,
)
from timeline.importers import gdelt as read
from timeline.importers.gdelt import COLUMNS, MENTIONS

ROW = {
    "GlobalEventID": "1056000001", "Day": "20220916", "MonthYear": "202209", "Year": "2022",
    "FractionDate": "2022.7014", "Actor1Code": "GOV", "Actor1Name": "PRESIDENT",
    "Actor2Code": "UKR", "Actor2Name": "UKRAINE", "Actor2CountryCode": "UKR",
    "IsRootEvent": "1", "EventCode": "010", "EventBaseCode": "010", "EventRootCode": "01",
    "QuadClass": "1", "GoldsteinScale": "0.0", "NumMentions": "6", "NumSources": "1",
    "NumArticles": "6", "AvgTone": "-5.79710144927536", "ActionGeo_Type": "4",
    "ActionGeo_FullName": "Kharkiv, Kharkivs'ka Oblast', Ukraine", "ActionGeo_CountryCode": "UP",
    "ActionGeo_ADM1Code": "UP07", "ActionGeo_Lat": "50", "ActionGeo_Long": "36.25",
    "ActionGeo_FeatureID": "-1041320", "DATEADDED": "20220917081500",
    "SOURCEURL": "https://news.example/one",
}  # fmt: skip
MENTION = {
    "GlobalEventID": "1056000001", "EventTimeDate": "20220917081500",
    "MentionTimeDate": "20220917083000", "MentionType": "1", "MentionSourceName": "news.example",
    "MentionIdentifier": "https://news.example/two", "SentenceID": "1", "Confidence": "60",
}  # fmt: skip


def line(columns: tuple[str, ...] | list[str], row: dict[str, str], **cells: str) -> bytes:
    return ("\t".join({**row, **cells}.get(name, "") for name in columns) + "\n").encode()


def outcome(**cells: str) -> Outcome:
    (found,) = read([line(COLUMNS, ROW, **cells)])
    return found


def one(**cells: str) -> GdeltEvent:
    found = outcome(**cells)
    assert isinstance(found, Accepted), found
    (claim,) = found.said
    event = getattr(claim, "event", None)
    assert isinstance(event, GdeltEvent)
    return event


def test_the_layouts_are_those_of_the_code_book() -> None:
    assert (len(COLUMNS), len(set(COLUMNS)), len(MENTIONS)) == (61, 61, 16)
    assert (COLUMNS[26], COLUMNS[51], COLUMNS[59]) == ("EventCode", "ActionGeo_Type", "DATEADDED")


def test_a_row_is_an_event_with_its_codes_as_text() -> None:
    assert one() == GdeltEvent(
        id="gdelt:1056000001",
        when=when("2022-09-16"),
        code="010",
        actor1="PRESIDENT",
        actor1_code="GOV",
        actor2="UKRAINE",
        actor2_code="UKR",
        place=Place(
            "Kharkiv, Kharkivs'ka Oblast', Ukraine",
            id="gns:-1041320",
            latitude=50.0,
            longitude=36.25,
            precision="city",
        ),
        root_event=True,
        goldstein=0.0,
        tone=-5.79710144927536,
        mentions=6,
        sources=1,
        articles=6,
    )
    (told,) = read([line(COLUMNS, ROW)])
    assert isinstance(told, Accepted)
    report = told.said[0].report
    assert (report.source, report.url) == ("GDELT 2.0", "https://news.example/one")
    assert report.published == when("2022-09-17T08:15:00Z")


def test_a_headline_tells_the_code() -> None:
    assert str(one()) == (
        "PRESIDENT makes a statement (CAMEO 010) toward UKRAINE in Kharkiv, Kharkivs'ka Oblast', "
        "Ukraine"
    )
    bare = one(
        EventCode="20", Actor1Name="", Actor1Code="", Actor2Name="", Actor2Code="",
        ActionGeo_Type="0",
    )  # fmt: skip
    assert str(bare) == "Somebody uses mass violence (CAMEO 20)"
    assert bare.place is None
    assert one(AvgTone="").tone is None


@pytest.mark.parametrize(
    ("kind", "feature", "region", "expected"),
    [
        ("1", "UP", "UP", "fips:UP"),
        ("5", "25026", "UP07", "fips:UP07"),
        ("3", "531871", "USNY", "gnis:531871"),
        ("4", "", "UP07", None),
        ("1", "", "", "fips:UP"),
    ],
)
def test_a_place_has_the_id_of_its_gazetteer(
    kind: str, feature: str, region: str, expected: str | None
) -> None:
    found = one(ActionGeo_Type=kind, ActionGeo_FeatureID=feature, ActionGeo_ADM1Code=region).place
    assert found is not None
    assert found.id == expected
    bare = {"ActionGeo_CountryCode": "", "ActionGeo_ADM1Code": "", "ActionGeo_Type": "1"}
    nowhere = one(**bare).place
    assert nowhere is not None
    assert nowhere.id is None
    assert one(ActionGeo_FullName="").place is None


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("GlobalEventID", "x", "expected a whole number"),
        ("Day", "20220931", "expected a day that the calendar has"),
        ("Day", "20221301", "expected a day that the calendar has"),
        ("Day", "2022-09-16", "expected digits"),
        ("EventCode", "21", "expected a CAMEO code such as 010 or 1823"),
        ("EventCode", "---", "expected a CAMEO code"),
        ("IsRootEvent", "2", "expected one of 0, 1"),
        ("GoldsteinScale", "x", "expected a number"),
        ("ActionGeo_Type", "9", "expected one of 0, 1, 2"),
        ("ActionGeo_Lat", "95", "expected degrees"),
    ],
)
def test_a_bad_cell_refuses_its_row(column: str, value: str, expected: str) -> None:
    found = outcome(**{column: value})
    assert isinstance(found, Refused)
    assert (found.column, found.value) == (column, value)
    assert expected in found.expected


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([b"\t".join([b"1"] * 58) + b"\n"], "a file of GDELT 1.0, with 58 columns"),
        ([b",".join([b"1"] * 61) + b"\n"], "this one by commas"),
        ([b"a\tb\n"], "has 61 columns between tabs, and the first line of this has 2"),
    ],
)
def test_another_layout_is_refused_at_once(lines: list[bytes], message: str) -> None:
    with pytest.raises(ImporterError, match=message):
        read(lines)


def test_a_header_is_passed_over() -> None:
    header = "\t".join(COLUMNS).encode() + b"\n"
    (found,) = read([header, line(COLUMNS, ROW)])
    assert isinstance(found, Accepted)


def test_a_mention_waits_for_its_event() -> None:
    waiting = io.StringIO()
    (found,) = gdelt_mentions([line(MENTIONS, MENTION)], {}, waiting=waiting)
    assert isinstance(found, Skipped)
    with Log() as log:
        import_into(log, read([line(COLUMNS, ROW)]))
        events: dict[str, Event] = {account.event.id: account.event for account in log.accounts()}
        lines = waiting.getvalue().encode().splitlines(keepends=True)
        assert import_into(log, gdelt_mentions(lines, events)).new == 1


def test_a_mention_says_the_event_that_it_mentions() -> None:
    with Log() as log:
        import_into(log, read([line(COLUMNS, ROW)]))
        events: dict[str, Event] = {account.event.id: account.event for account in log.accounts()}
        cited = line(MENTIONS, MENTION, MentionType="2", MentionIdentifier="Paper, page 3")
        strange = line(MENTIONS, MENTION, GlobalEventID="7")
        lines = [line(MENTIONS, MENTION), cited, strange]
        found = import_into(log, gdelt_mentions(lines, events))
        assert (found.new, found.again, found.refused) == (1, 1, 1)
        assert found.examples[0].event_id == "gdelt:7"
        assert import_into(log, gdelt_mentions(lines, events.get)).ignored == 2
        (account,) = log.accounts()
        assert account.sources == {"GDELT 2.0", "news.example"}
        assert not account.disputed
        reports = [claim.report for claim in account.claims[1:]]
        assert {(one.title, one.url) for one in reports} == {
            (None, "https://news.example/two"),
            ("Paper, page 3", None),
        }
    with pytest.raises(ImporterError, match="events= gives an event for an id"):
        gdelt_mentions([], None)  # type: ignore[arg-type]
    (nobody,) = gdelt_mentions([line(MENTIONS, MENTION, MentionSourceName="")], events)
    assert isinstance(nobody, Refused)
    assert nobody.column == "MentionSourceName"
