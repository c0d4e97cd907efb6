"""Tests the reader of UCDP GED on rows of our own, in each of the layouts it has had."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from timeline import Claim, Count, Log, Place, When, when
from timeline.errors import ImporterError
from timeline.importers import (
    IMPORTED,
    Accepted,
    Refused,
    Skipped,
    UcdpClash,
    UcdpEvent,
    UcdpSource,
    import_into,
    ucdp_release,
)
from timeline.importers import ucdp as read

RELEASE = ucdp_release("20.1", published="2020")
ucdp_clash: Any = UcdpClash  # of which type checkers don't see the short forms
ROW = {
    "id": "147997", "year": "2014", "type_of_violence": "1", "conflict_name": "Ukraine: Government",
    "dyad_name": "Government of Ukraine - Maidan", "side_a": "Government of Ukraine",
    "side_b": "Maidan", "number_of_sources": "2", "where_prec": "1",
    "where_coordinates": "Kiev city", "adm_1": "Kiev", "adm_2": "", "latitude": "50.45",
    "longitude": "30.52333", "country": "Ukraine", "event_clarity": "1", "date_prec": "2",
    "date_start": "2014-01-22 00:00:00.000", "date_end": "2014-01-23 00:00:00.000",
    "deaths_a": "0", "deaths_b": "5", "deaths_civilians": "0", "deaths_unknown": "",
}  # fmt: skip
CITED = {
    "source_article": '"Wire,2014-01-22,Shots; and more";"Paper,1753-01-01,Five dead"',
    "source_office": "Wire;Paper", "source_date": "2014-01-22;1753-01-01",
    "source_headline": "Shots; and more;Five dead",
}  # fmt: skip
OLDEST = {**ROW, "best_est": "5", "low_est": "4", "high_est": "6", "source_article": "Wire, 2014"}
OLD = {**ROW, **CITED, "conflict_new_id": "13219", "best": "5", "low": "4", "high": "6"}
NEW = {**OLD, "relid": "UKR-2014-1-14085-0", "code_status": "Clear", "where_description": "centre"}


def sheet(*rows: Mapping[str, str], header: bool = True) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def one(row: Mapping[str, str], **options: Any) -> UcdpClash | UcdpEvent:
    (told,) = read(sheet(row), RELEASE, **options)
    assert isinstance(told, Accepted), told
    claim = told.said[0]
    assert isinstance(claim, Claim)
    assert isinstance(claim.event, UcdpClash | UcdpEvent)
    return claim.event


def refused(row: Mapping[str, str], **options: Any) -> Refused:
    (told,) = read(sheet(row), RELEASE, **options)
    assert isinstance(told, Refused)
    return told


def test_a_row_is_a_clash_with_everything_that_it_says() -> None:
    kyiv = Place("Kiev", within="Ukraine")
    assert one(NEW) == ucdp_clash(
        id="ucdp:147997",
        when=when("[2014-01-22..2014-01-23]"),
        place=Place(
            "Kiev city",
            latitude=50.45,
            longitude=30.52333,
            within=kyiv,
            precision="exact location",
        ),
        sides=("Government of Ukraine", "Maidan"),
        losses={"Government of Ukraine": 0, "Maidan": 5},
        civilians=0,
        killed=Count(low=4, best=5, high=6),
        low=4,
        best=5,
        high=6,
        date_prec=2,
        year=2014,
        violence="state-based",
        conflict="Ukraine: Government",
        dyad="Government of Ukraine - Maidan",
        country="Ukraine",
        adm1="Kiev",
        sources=(
            UcdpSource("Wire", date=when("2014-01-22"), headline="Shots; and more"),
            UcdpSource("Paper", headline="Five dead"),
        ),
    )


def test_one_sided_violence_is_an_attack() -> None:
    found = one({**NEW, "type_of_violence": "3", "side_b": "Civilians"})
    assert isinstance(found, UcdpEvent)
    assert (found.by, found.against, found.violence) == (
        "Government of Ukraine", "Civilians", "one-sided",
    )  # fmt: skip


def test_the_dead_are_of_the_side_that_died_and_a_blank_is_no_figure() -> None:
    found = one({**NEW, "type_of_violence": "2", "deaths_a": "", "deaths_civilians": ""})
    assert isinstance(found, UcdpClash)
    assert (found.deaths_a, found.deaths_b) == (None, 5)
    assert (found.deaths_civilians, found.deaths_unknown) == (None, None)
    assert dict(found.losses) == {"Maidan": 5}
    assert not found.civilians.reported
    assert not found.unknown.reported
    with Log() as log:
        found_rows = import_into(log, read(sheet(NEW, {**NEW, "id": "2"}), RELEASE))
        assert (found_rows.new, found_rows.clashes) == (2, 2)
        assert "2 rows came in as clashes: handle them with @on(Clash)" in str(found_rows)


def test_each_layout_gives_the_same() -> None:
    assert one(OLD) == one(NEW)
    oldest = one(OLDEST)
    assert (oldest.killed, oldest.best) == (Count(low=4, best=5, high=6), 5)
    assert oldest.sources == (UcdpSource("", headline="Wire, 2014"),)
    shuffled = dict(sorted(NEW.items()))
    assert one(shuffled) == one(NEW)


def test_a_release_without_a_header() -> None:
    from timeline.importers.ucdp import _STANDARD  # noqa: PLC0415 - the one test that needs it

    full = {name: NEW.get(name, "") for name in _STANDARD}
    found = list(read(sheet(full, full, header=False), RELEASE))
    assert [one.row for one in found] == [1, 2]
    assert all(isinstance(one, Accepted) for one in found)


def test_the_row_of_tags_is_skipped() -> None:
    tags = dict.fromkeys(NEW, "") | {"year": "#date+year"}
    first, second = read(sheet(tags, NEW), RELEASE)
    assert first == Skipped(2, "the row of HXL tags")
    assert isinstance(second, Accepted)


def test_who_says_it() -> None:
    (told,) = read(sheet(NEW), RELEASE)
    assert isinstance(told, Accepted)
    (claim,) = told.said
    assert isinstance(claim, Claim)
    assert (claim.source, claim.report.title) == ("UCDP GED", "UCDP GED 20.1")
    assert claim.according_to == ("Wire", "Paper")
    (told,) = read(sheet(NEW), RELEASE, says="articles")
    assert isinstance(told, Accepted)
    reports = [one.report for one in told.said]
    assert [(one.source, one.title) for one in reports] == [
        ("Wire", "Shots; and more"),
        ("Paper", "Five dead"),
    ]
    assert [one.published for one in reports] == [when("2014-01-22"), When()]
    assert one(NEW, undated=()).sources[1].date == when("1753-01-01")


def test_articles_that_cannot_be_told_apart_are_kept_in_one_piece() -> None:
    mixed = {**NEW, "source_office": "Wire; Kyiv;Paper"}
    assert one(mixed).sources == (UcdpSource("", headline="Wire; Kyiv;Paper"),)
    assert refused(mixed, says="articles").column == "source_office"
    apart = {**NEW, "source_article": "?", "source_headline": "?"}
    assert [one.headline for one in one(apart).sources] == [None, None]
    by_headline = {**NEW, "source_article": "?", "source_headline": "Shots;Five dead"}
    assert [one.headline for one in one(by_headline).sources] == ["Shots", "Five dead"]
    assert one({**NEW, "source_office": "", "source_article": ""}).sources == ()
    with pytest.raises(
        ImporterError, match="dates of its sources: there is no column 'source_office"
    ):
        read(sheet(OLDEST), RELEASE, says="articles")


def test_disorder_is_quarantined() -> None:
    high = refused({**NEW, "high": "3"})
    assert (high.column, high.value, high.event_id) == ("high", "3", "ucdp:147997")
    assert high.expected.startswith("expected low <= best <= high, but they are 4, 5 and 3;")
    assert refused({**NEW, "low": "9"}).column == "low"
    assert refused({**OLDEST, "low_est": "9"}).column == "low_est"
    opened = one({**NEW, "high": "3"}, disorder="widen")
    assert opened.killed == Count(low=4, best=5, high=5)
    assert (opened.low, opened.best, opened.high) == (4, 5, 3)
    assert str(opened) == "UCDP event 147997, given as low 4, best 5, high 3"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("id", "", "expected a whole number, 0 or more"),
        ("best", "-1", "expected a whole number, 0 or more"),
        ("best", "9" * 5000, "expected a whole number, 0 or more"),
        ("date_start", "22.1.2014", "expected a day such as 2022-09-16"),
        ("latitude", "91", "expected degrees from -90 to 90"),
        ("longitude", "E30", "expected a number such as -3.5"),
        ("where_prec", "8", "expected one of 1, 2, 3, 4, 5, 6, 7"),
        ("side_a", " ", "expected a text that isn't empty, but the cell is empty"),
        ("source_date", "soon;1753-01-01", "expected days such as 2022-09-16 between ;"),
        ("date_end", "2014-01-01", "the last time 2014-01-01 ends before the first"),
        ("date_end", "2014-02-30", "2014-02 has 28 days"),
    ],
)
def test_a_bad_cell_refuses_its_row(column: str, value: str, expected: str) -> None:
    found = refused({**NEW, column: value})
    assert expected in found.expected
    assert found.row == 2
    assert found.raw[found.header.index(column)] == value
    if not expected.startswith(("the last", "2014")) and column != "source_date":
        assert (found.column, found.value) == (column, value.strip())
    assert found.event_id == (None if column == "id" else "ucdp:147997")


def test_what_is_not_told_is_left_out() -> None:
    bare = {**NEW, "type_of_violence": "", "where_prec": "", "event_clarity": "", "year": "",
            "where_coordinates": "", "date_prec": ""}  # fmt: skip
    found = one(bare)
    assert found.place == Place(
        "Kiev", latitude=50.45, longitude=30.52333, within=Place("Kiev", within="Ukraine")
    )
    assert (found.year, found.violence, found.clarity) == (2014, None, 1)
    assert one({**bare, "adm_1": "", "country": ""}).place is None
    assert one({**NEW, "date_end": NEW["date_start"]}).when == when("2014-01-22")
    assert one({**NEW, "where_prec": "1.0", "deaths_b": "5.0"}).deaths_b == 5


def test_what_is_no_release_is_refused() -> None:
    with pytest.raises(ImporterError, match="isn't a release of UCDP GED: there is no column 'id'"):
        read(["a,b\n"], RELEASE)
    with pytest.raises(ImporterError, match="no column 'low_est'"):
        read(sheet(ROW), RELEASE)
    with pytest.raises(ImporterError, match="says= is 'release' or 'articles'"):
        read(sheet(NEW), RELEASE, says="nobody")  # type: ignore[arg-type]
    with pytest.raises(ImporterError, match="disorder= 'refuse' or 'widen', not 'release' and 'x'"):
        read(sheet(NEW), RELEASE, disorder="x")  # type: ignore[arg-type]


def test_a_log_that_was_not_told_the_kind_compares_it_all_the_same() -> None:
    with Log() as log:
        import_into(log, read(sheet(NEW), RELEASE))
        entries = [entry.claim for entry in log]
    with Log(events=IMPORTED) as log:
        log.append(*entries)  # type: ignore[arg-type]
        newer = ucdp_release("21.1", published="2021")
        assert import_into(log, read(sheet(NEW), newer)).again == 1


def test_a_row_whose_last_article_says_something_new_takes_effect() -> None:
    """Of two articles of one paper the earlier one is outdated, in any release."""
    two = {
        **NEW, "source_office": "Wire;Wire", "source_date": "2014-01-22;2014-01-25",
        "source_headline": "Shots;Five dead",
        "source_article": '"Wire,2014-01-22,Shots";"Wire,2014-01-25,Five dead"',
    }  # fmt: skip
    mended = two | {"deaths_b": "6", "best": "6"}
    with Log() as log:
        import_into(log, read(sheet(two), RELEASE, says="articles"))
        found = import_into(log, read(sheet(mended), RELEASE, says="articles"))
        assert (found.changed, found.older) == (1, 0)
        (account,) = log.accounts()
    assert account.event.best == 6  # type: ignore[attr-defined]
