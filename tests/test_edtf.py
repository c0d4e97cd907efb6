"""Checks EDTF texts against published vectors, trying every day, and reading them again."""

from __future__ import annotations

import json
import re
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.edtf_texts import date_texts, outer_days, texts
from tests.real import data_file
from timeline.calendar_math import DAY, HOUR, MINUTE, SECOND, wall
from timeline.edtf import APPROXIMATE, coarser, parse, widened
from timeline.errors import WhenError, ZoneError
from timeline.time_parsing import when
from timeline.times import Precision, When

ZONES = ["UTC", "Europe/Kyiv", "America/Sao_Paulo", "+05:30", None]


def vectors(verdict: str) -> list[str]:
    """Return the published texts on which all implementations agree, by their verdict."""
    listed = json.loads(data_file("edtf_vectors.json").read_text(encoding="utf-8"))["vectors"]
    return [vector["edtf"] for vector in listed if vector["verdict"] == verdict]


def bounds(text: str) -> str:
    """Return a text's bounds in UTC."""
    return parse(text).bounds()


def refusal(text: str, **options: Any) -> str:
    """Return the message with which a text is refused, without the hint that closes each."""
    with pytest.raises(WhenError) as refused:
        parse(text, **options)
    message, hint = str(refused.value).rsplit("; write 2022, ", 1)
    assert hint == "2022-09, 2022-09-10, add ~ for about, or use between()"
    return message


def test_every_valid_vector_is_read_and_round_trips() -> None:
    valid = vectors("valid")
    assert len(valid) == 498
    for text in valid:
        for zone in ZONES:
            read = parse(text, zone=zone)
            assert read.edtf == read.text == text
            assert parse(read.edtf, zone=read.zone) == read
            assert when(text, zone=zone) == read


@pytest.mark.parametrize("read", [parse, when])
def test_every_invalid_vector_is_refused(read: Any) -> None:
    invalid = vectors("invalid")
    assert len(invalid) == 202
    for text in invalid:
        if read is when and re.search(r"T.*[.]\d|^\d{8}$|T.*/|/.*T", text):
            continue  # no EDTF, but ISO 8601
        with pytest.raises(WhenError, match=r"as a time.*use between\(\)"):
            read(text)


@given(texts, st.sampled_from(ZONES))
@example("[..1760-12-03]", "UTC")
@example("{1760-12..}", None)
@example("../..", "Europe/Kyiv")
def test_a_time_is_read_again_from_its_edtf(text: str, zone: str | None) -> None:
    read = parse(text, zone=zone)
    assert read.edtf is not None
    again = parse(read.edtf, zone=read.zone)
    assert again == read
    assert hash(again) == hash(read)
    assert again.policy == read.policy == (APPROXIMATE if read.approximate else None)


@given(date_texts, st.sampled_from(ZONES))
def test_doubt_leaves_bounds_alone_and_about_only_widens(text: str, zone: str | None) -> None:
    plain = parse(text.translate(str.maketrans("", "", "?~%")), zone=zone)
    read = parse(text, zone=zone)
    assert read.uncertain == ("?" in text or "%" in text)
    assert read.approximate == ("~" in text or "%" in text)
    assert read.lo is not None
    assert read.hi is not None
    assert plain.lo is not None
    assert plain.hi is not None
    assert read.lo <= plain.lo < plain.hi <= read.hi
    if not read.approximate:
        assert (read.lo, read.hi) == (plain.lo, plain.hi)
    elif "X" not in text:
        assert read.lo < plain.lo
        assert plain.hi < read.hi


x_years = st.text("0123456789X", min_size=2, max_size=2).map("0{}4".format) | st.sampled_from(
    ["20XX", "201X", "1X00", "19X9", "00X0", "2004"]
)
x_months = st.text("012X", min_size=2, max_size=2)
x_days = st.text("01239X", min_size=2, max_size=2)


@given(x_years, x_months, x_days)
@example("XXXX", "02", "29")
@example("XXX1", "02", "29")
@example("1X00", "02", "2X")
@example("1X00", "02", "X9")
@example("20XX", "XX", "31")
def test_unspecified_digits_span_all_days_that_match(year: str, month: str, day: str) -> None:
    found = outer_days(year, month, day)
    if found:
        read = parse(f"{year}-{month}-{day}")
        assert (read.lo, read.hi) == (wall(*found[0]), wall(*found[-1]) + DAY)
        assert read.precision == "day"
    else:
        assert "cannot read" in refusal(f"{year}-{month}-{day}")


@given(x_years, x_months)
def test_unspecified_months_span_all_that_match(year: str, month: str) -> None:
    found = outer_days(year, month)
    if found:
        read = parse(f"{year}-{month}")
        assert (read.lo, read.hi) == (wall(*found[0]), wall(*found[-1]) + DAY)
        assert read.precision == "month"
    elif month not in {"21", "22"}:
        assert f"no month {month}" in refusal(f"{year}-{month}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-XXXX", "[-9999-01-01, 0000-01-01)"),
        ("-000X", "[-0009-01-01, 0000-01-01)"),
        ("-0X00", "[-0900-01-01, -0099-01-01)"),
        ("-00X5", "[-0095-01-01, -0004-01-01)"),
        ("-XXXX-02-29", "[-9996-02-29, -0004-03-01)"),
        ("-1XXX-12", "[-1999-12-01, -0999-01-01)"),
        ("0000-02-29", "[0000-02-29, 0000-03-01)"),
    ],
)
def test_years_before_0_count_down_and_none_of_them_is_0(text: str, shown: str) -> None:
    assert bounds(text) == shown


@pytest.mark.parametrize(
    ("text", "shown", "precision"),
    [
        ("1950S2", "[1900-01-01, 2000-01-01)", "century"),
        ("1950S1", "[1000-01-01, 2000-01-01)", "millennium"),
        ("1953S3", "[1950-01-01, 1960-01-01)", "decade"),
        ("-1859S5", "[-1859-01-01, -1858-01-01)", "year"),
        ("-1859S2", "[-1899-01-01, -1799-01-01)", "century"),
        ("0050S1", "[0050-01-01, 0060-01-01)", "decade"),
        ("0000S1", "[0000-01-01, 0001-01-01)", "year"),
        ("Y171010000S3", "[171000000-01-01, 172000000-01-01)", "millennium"),
        ("Y3388E2S3", "[338000-01-01, 339000-01-01)", "millennium"),
        ("Y-17E7", "[-170000000-01-01, -169999999-01-01)", "year"),
        ("Y1E12", "[1000000000000-01-01, 1000000000001-01-01)", "year"),
        ("1950S3~", "[1940-01-01, 1970-01-01)", "decade"),
        ("Y12345?", "[12345-01-01, 12346-01-01)", "year"),
    ],
)
def test_far_years_and_significant_digits_are_exact(
    text: str, shown: str, precision: Precision
) -> None:
    assert bounds(text) == shown
    assert parse(text).precision == precision


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2022-09-06~", "[2022-09-03, 2022-09-10)"),
        ("2022-09-06%", "[2022-09-03, 2022-09-10)"),
        ("2022-09~", "[2022-08-01, 2022-11-01)"),
        ("2019~", "[2018-01-01, 2021-01-01)"),
        ("~2019", "[2018-01-01, 2021-01-01)"),
        ("201X~", "[2000-01-01, 2030-01-01)"),
        ("19XX~", "[1800-01-01, 2100-01-01)"),
        ("XXXX~", "[0000-01-01, 10000-01-01)"),
        ("2022-26~", "[2022-05-01, 2022-10-24)"),
        ("2022-33~", "[2021-12-01, 2022-05-01)"),
        # Approximate from the year down: by the last such unit.
        ("2004-06~-11", "[2004-05-11, 2004-07-12)"),
        ("~2004-06-11", "[2003-06-11, 2005-06-12)"),
        ("~2004-~06-~11", "[2004-06-08, 2004-06-15)"),
        # Approximate elsewhere: each by its own unit.
        ("2004-~06-11", "[2004-05-11, 2004-07-12)"),
        ("2011-~06-~04", "[2011-05-01, 2011-07-08)"),
        ("~2004-06-~11", "[2003-06-08, 2005-06-15)"),
        # A day that the month before or after hasn't got.
        ("2004-~01-30", "[2003-12-30, 2004-03-01)"),
        ("2004-~03-31", "[2004-02-29, 2004-05-01)"),
    ],
)
def test_about_widens_by_the_stated_policy(text: str, shown: str) -> None:
    assert bounds(text) == shown
    assert parse(text).policy == APPROXIMATE


@pytest.mark.parametrize(
    ("unit", "reach"),
    [("second", SECOND), ("minute", MINUTE), ("hour", HOUR), ("day", 3 * DAY), ("week", 7 * DAY)],
)
def test_about_widens_shorter_units_on_both_sides(unit: Precision, reach: int) -> None:
    assert widened(0, DAY, unit) == (-reach, DAY + reach)
    assert widened(0, DAY, "vague") == (0, DAY)


@pytest.mark.parametrize(
    ("season", "first", "last"),
    [
        # Without a hemisphere, the season of both.
        (21, "2022-03-01", "2022-12-23"),
        (22, "2022-06-01", "2023-03-22"),
        (23, "2022-03-01", "2022-12-23"),
        (24, "2022-06-01", "2023-03-22"),
        # The northern hemisphere's, then the southern one's.
        (25, "2022-03-01", "2022-06-22"),
        (26, "2022-06-01", "2022-09-24"),
        (27, "2022-09-01", "2022-12-23"),
        (28, "2022-12-01", "2023-03-22"),
        (29, "2022-09-01", "2022-12-23"),
        (30, "2022-12-01", "2023-03-22"),
        (31, "2022-03-01", "2022-06-22"),
        (32, "2022-06-01", "2022-09-24"),
        # Quarters, quadrimesters, semesters.
        (33, "2022-01-01", "2022-04-01"),
        (36, "2022-10-01", "2023-01-01"),
        (37, "2022-01-01", "2022-05-01"),
        (39, "2022-09-01", "2023-01-01"),
        (40, "2022-01-01", "2022-07-01"),
        (41, "2022-07-01", "2023-01-01"),
    ],
)
def test_a_season_has_outer_bounds(season: int, first: str, last: str) -> None:
    read = parse(f"2022-{season}")
    assert read.bounds() == f"[{first}, {last})"
    assert read.precision == ("quarter" if 33 <= season <= 36 else "season")


def test_a_season_of_some_year_spans_those_of_all() -> None:
    assert bounds("20XX-28") == "[2000-12-01, 2100-03-22)"


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2022", "year"),
        ("202X", "decade"),
        ("20XX", "century"),
        ("2XXX", "millennium"),
        ("XXXX", "unknown"),
        ("2X22", "year"),
        ("2022-XX", "month"),
        ("2022-09-XX", "day"),
        ("2022-09-10T08:00:00", "second"),
        ("2022-09-10/2022-11", "month"),
        ("2022-09/..", "month"),
        ("../..", "unknown"),
        ("[2022-09-10,2022]", "year"),
    ],
)
def test_precision_is_the_unit_in_which_the_source_spoke(text: str, precision: str) -> None:
    assert parse(text).precision == precision


def test_the_coarser_precision_counts() -> None:
    assert coarser("day", "second", "month") == "month"


def test_a_date_is_the_whole_day_of_its_zone() -> None:
    kyiv = parse("2022-09-10", zone="Europe/Kyiv")
    assert (kyiv.lo, kyiv.hi) == (wall(2022, 9, 9, 21 * HOUR), wall(2022, 9, 10, 21 * HOUR))
    nowhere = parse("2022-09-10", zone=None)
    assert nowhere.lo is not None
    assert nowhere.hi is not None
    assert nowhere.hi - nowhere.lo == 50 * HOUR
    long = parse("2022-10-30", zone="Europe/Kyiv")
    assert long.lo is not None
    assert long.hi is not None
    assert long.hi - long.lo == 25 * HOUR


@pytest.mark.parametrize(
    ("offset", "zone", "hours"),
    [
        ("Z", "UTC", 0),
        ("+00:00", "UTC", 0),
        ("+03:00", "+03:00", -3),
        ("-04", "-04:00", 4),
        ("+14:00", "+14:00", -14),
        ("", "Europe/Kyiv", -3),
    ],
)
def test_a_time_with_an_offset_has_that_for_its_zone(offset: str, zone: str, hours: int) -> None:
    read = parse(f"2022-09-10T08:00:00{offset}", zone="Europe/Kyiv")
    at = wall(2022, 9, 10, (8 + hours) * HOUR)
    assert (read.lo, read.hi, read.zone) == (at, at + SECOND, zone)


def test_a_local_time_spans_both_its_readings() -> None:
    twice = parse("2022-10-30T03:30:00", zone="Europe/Kyiv")
    skipped = parse("2022-03-27T03:30:00", zone="Europe/Kyiv")
    for read in (twice, skipped):
        assert read.lo is not None
        assert read.hi is not None
        assert read.hi - read.lo == HOUR + SECOND


def test_24_00_00_is_the_first_second_of_the_next_day() -> None:
    midnight, next_day = parse("2016-12-31T24:00:00"), parse("2017-01-01T00:00:00")
    assert (midnight.lo, midnight.hi) == (next_day.lo, next_day.hi)


def test_an_interval_lasted_from_its_start_to_its_end() -> None:
    read = parse("2004-06-~11/2006", zone="Europe/Kyiv")
    start, end = parse("2004-06-~11", zone="Europe/Kyiv"), parse("2006", zone="Europe/Kyiv")
    assert (read.shape, read.approximate, read.uncertain) == ("lasted", True, False)
    assert (read.lo, read.start_hi, read.end_lo, read.hi) == (start.lo, start.hi, end.lo, end.hi)


@pytest.mark.parametrize("text", ["2022/", "2022/..", "/2022", "../2022", "/..", "../", "../.."])
def test_an_open_or_unknown_end_is_unbounded(text: str) -> None:
    read = parse(text)
    start, end = text.split("/")
    assert read.lasted
    assert (read.lo is None) == (read.start_hi is None) == (start != "2022")
    assert (read.hi is None) == (read.end_lo is None) == (end != "2022")


def test_open_and_unknown_are_not_the_same() -> None:
    assert parse("2022/") != parse("2022/..")


def test_one_of_a_set_is_a_moment_within_its_outer_bounds() -> None:
    read = parse("[1672,1667?,1668..1670~]")
    assert (read.shape, read.approximate, read.uncertain) == ("moment", True, True)
    assert read.bounds() == "[1667-01-01, 1673-01-01)"
    assert parse("[..1984]").lo is None
    assert parse("[1760-01,1760-12..]").hi is None


def test_all_of_a_set_reaches_from_its_first_member_to_its_last() -> None:
    read = parse("{1672,1667,1668..1670}")
    assert read == When(
        lo=wall(1667),
        start_hi=wall(1668),
        end_lo=wall(1672),
        hi=wall(1673),
        shape="all",
        precision="year",
        edtf="{1672,1667,1668..1670}",
    )
    assert parse("{..1984}").lo is None
    assert parse("{1984..}").hi is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("soon", "cannot read 'soon' as a time"),
        ("2022-02-30", "2022-02 has 28 days"),
        ("1900-02-29", "1900-02 has 28 days"),
        ("19X1-02-29", "no day matches 19X1-02-29"),
        ("2022-13", "no month 13"),
        ("2022-2X", "no month 2X"),
        ("2022-21-05", "no month 21"),
        ("2022-01-32", "no month has a day 32"),
        ("2023/2022", "ends before it begins"),
        ("2012-24/2012-21", "ends before it begins"),
        ("2022/2023/2024", "a slash stands between"),
        ("/", "one of them given"),
        ("2022-09-10T08:00:00/2023", "dates, not times"),
        ("[2023..2022]", "'2023..2022' ends before it begins"),
        ("{1987-10..1988}", "in the same"),
        ("[2022", "a set is written"),
        ("[2022}", "a set is written"),
        ("[2022..,2023]", "at its beginning or at its end"),
        ("{2021,..2022}", "at its beginning or at its end"),
        ("[..]", "cannot read"),
        ("[]", "cannot read"),
        ("[2022,]", "cannot read"),
        ("[2022..2023..]", "cannot read"),
        ("[[2022]]", "cannot read"),
        ("-0000", "no year -0000"),
        ("-0000S1", "no year -0000"),
        ("-0000-01-01", "no year -0000"),
        ("12345", "a year has four digits"),
        ("12345-06", "a year has four digits"),
        ("17E8", "a year has four digits"),
        ("Y2022", "write 2022"),
        ("Y-2E3", "write -2000"),
        ("Y012345", "no leading zero"),
        ("Y12345E01", "no leading zero"),
        ("1950S0", "no leading zero"),
        ("y12345", "capital Y"),
        ("Y12345-06", "without a month"),
        ("Y10000000000001", "no further"),
        ("Y1000000000001", "no further"),
        ("Y1E13", "no further"),
        ("Y1E999999999", "no further"),
        ("1950S999999999", "no further"),
        ("Y" + "9" * 300, "no further"),
        ("199x", "capital X"),
        ("1984?~", "together is %"),
        ("2004-(06)~", "without brackets"),
        ("2004/open", "an open end"),
        ("2022-09-10T08:00:00z", "capitals"),
        ("2022-09-10t08:00:00", "capitals"),
        ("2022-09-10T08:00", "to the second only"),
        ("2022-09-10 08:00:00", "to the second only"),
        ("10.09.2022", "the day or the month"),
        ("2022.09.10", "a date has hyphens"),
        ("2022-09-10T08:00:00+0300", "has a colon"),
        ("2022-09-10T08:00:00-00:00", "write Z"),
        ("2022-09-10T08:00:00+15:00", "+15:00"),
        ("2022-09-10T8:00:00", "T16:10:34"),
        ("2022-09-10T24:00:01", "from 00:00:00 to 24:00:00"),
        ("2022-09-10T08:60:00", "from 00:00:00 to 24:00:00"),
        ("2016-12-31T23:59:60Z", "from 00:00:00 to 24:00:00"),
        (" 2022", "a space"),
        ("2022\n", "a space"),
        ("", "cannot read ''"),
    ],
)
def test_a_refusal_names_the_trouble(text: str, why: str) -> None:
    assert why in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "２０２２",
        "٢٠٢٢-٠٩",
        "2022-0\uff19",
        "202²",
        "2022\u201309",
        "Y1２345",
        "2022-09-10T08:00:0０",
    ],
)
def test_only_ascii_digits_are_digits(text: str) -> None:
    assert "ASCII" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "9" * 1_000_000,
        "Y" + "9" * 1_000_000,
        "{" + ",".join(["1990"] * 5_000) + "}",
        "[" + "," * 5_000 + "]",
        "[" * 5_000,
        "?" * 5_000,
        "1990/" * 5_000,
    ],
)
def test_what_is_too_long_is_refused_and_shown_shortened(text: str) -> None:
    message = refusal(text)
    assert "400 is the most" in message
    assert len(message) < 200


@given(st.text(max_size=40) | st.text("0123456789XYTES?~%-/.,[]{} ", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = parse(text)
    except WhenError as refused:
        assert "as a time" in str(refused)  # noqa: PT017 - either outcome is right
    else:
        assert read.edtf == text


def test_a_zone_that_is_none_is_refused_whatever_the_text() -> None:
    with pytest.raises(ZoneError, match="Europe/Kiyv"):
        parse("2022-09-10T08:00:00Z", zone="Europe/Kiyv")


@pytest.mark.parametrize("text", ["2022-09-10T08:00", "2022-09-10 08:00:00"])
def test_iso_times_are_read_on_request(text: str) -> None:
    read = parse(text, iso=True)
    assert read.lo == wall(2022, 9, 10, 8 * HOUR)
    assert read.text == text
    assert read.edtf == (None if read.precision == "minute" else "2022-09-10T08:00:00")
    assert attrs.evolve(read, text=None) == read
