"""News phrases: the reference battery, phrases of real prose, and laws on random dates."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.real import data_file
from timeline.civil import DAY, HOUR, civil, micros, wall, wall_of
from timeline.errors import PhraseError, ZoneError
from timeline.phrases import POLICY, resolve
from timeline.times import When
from timeline.written import between, when

Direction = Literal["past", "future"]

KYIV = "Europe/Kyiv"
ZONES = ("UTC", "Europe/Lisbon", KYIV, "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata")
FRIDAY_NOON = datetime(2022, 9, 16, 12)  # noqa: DTZ001 - local to whichever zone


def at(local: datetime | str, zone: str = KYIV) -> When:
    """Gives the instant at which the clocks of a zone show a local time."""
    shown = datetime.fromisoformat(local) if isinstance(local, str) else local
    return when(shown.replace(tzinfo=ZoneInfo(zone)))


def instant(local: str, zone: str = KYIV) -> int | None:
    """Gives the same in microseconds, None for an open end."""
    return None if local == ".." else at(local, zone).lo


def read(
    phrase: str,
    direction: Direction = "past",
    *,
    published: str | datetime = FRIDAY_NOON,
    zone: str = KYIV,
) -> When:
    """Reads a phrase in a report of Friday 16 September 2022, noon, unless told otherwise."""
    return resolve(phrase, published=at(published, zone), zone=zone, direction=direction)


def why(phrase: str, direction: Direction = "past", **options: Any) -> str:
    """Gives the reason for which a phrase is left undated."""
    with pytest.raises(PhraseError) as caught:
        read(phrase, direction, **options)
    assert caught.value.phrase == phrase
    return caught.value.reason


# The reference battery


def battery() -> list[dict[str, Any]]:
    """Gives the 119 phrases of the shared data."""
    phrases: list[dict[str, Any]] = json.loads(data_file("phrases_en.json").read_text())["battery"]
    return phrases


@pytest.mark.parametrize("zone", ["Europe/Lisbon", KYIV])
@pytest.mark.parametrize("unit", ["microsecond", "second", "minute"])
def test_the_battery(zone: str, unit: str) -> None:
    published = at(FRIDAY_NOON, zone)
    assert published.lo is not None
    length = {"microsecond": 1, "second": 1_000_000, "minute": 60_000_000}[unit]
    published = attrs.evolve(published, hi=published.lo + length)
    wrong = []
    for case in battery():
        expected: object = None
        if case["kind"] not in {"none", "duration"}:
            bounds = [end and micros(datetime.fromisoformat(end)) for end in case["utc"][zone]]
            expected = (*bounds, case["precision"], case["qualifier"] == "approximate")
        try:
            read = resolve(case["phrase"], published=published, zone=zone, direction=case["tense"])
            found: object = (read.lo, read.hi, read.precision, read.approximate)
        except PhraseError:
            found = None
        if found != expected:
            wrong.append((case["id"], case["phrase"], found))
    assert wrong == []


# Phrases as they stand in news, briefings and reports of human rights bodies


READ_PAST = {
    # days
    "Saturday, 10 September": "2022-09-10 2022-09-11",
    "Thursday (September 8th)": "2022-09-08 2022-09-09",
    "Mar 17, 2022": "2022-03-17 2022-03-18",
    "the 6th of September": "2022-09-06 2022-09-07",
    "Tuesday the 13th": "2022-09-13 2022-09-14",
    "on the 13th": "2022-09-13 2022-09-14",
    "17-07-2021": "2021-07-17 2021-07-18",
    "6.9.2022": "2022-09-06 2022-09-07",
    "the twenty-first of August": "2022-08-21 2022-08-22",
    "2/24/2022": "2022-02-24 2022-02-25",
    "Sunday's": "2022-09-11 2022-09-12",
    "Tuesday of last week": "2022-09-06 2022-09-07",
    "Monday last week": "2022-09-05 2022-09-06",
    "this Monday": "2022-09-12 2022-09-13",
    "this past Sunday": "2022-09-11 2022-09-12",
    "twenty-one days ago": "2022-08-26 2022-08-27",
    "29 February": "2020-02-29 2020-03-01",
    "17 September last year": "2021-09-17 2021-09-18",
    "sometime on 2022-09-06": "2022-09-06 2022-09-07",
    "as of October 11, 2019": "2019-10-11 2019-10-12",
    # weeks, months, years
    "this past weekend": "2022-09-10 2022-09-12",
    "last September": "2021-09-01 2021-10-01",
    "last August": "2022-08-01 2022-09-01",
    "this August": "2022-08-01 2022-09-01",
    "in March of last year": "2021-03-01 2021-04-01",
    "in the current month": "2022-09-01 2022-10-01",
    "last quarter": "2022-04-01 2022-07-01",
    "Q3 2021": "2021-07-01 2021-10-01",
    "the last quarter of 2021": "2021-10-01 2022-01-01",
    "the first half of 2022": "2022-01-01 2022-07-01",
    "late 2021": "2021-07-01 2022-01-01",
    "mid-2014": "2014-04-01 2014-10-01",
    "the late 1990s": "1995-01-01 2000-01-01",
    "the first half of the 1990s": "1990-01-01 1995-01-01",
    "this decade": "2020-01-01 2030-01-01",
    "the early 20th century": "1900-01-01 1951-01-01",
    "the year 1200": "1200-01-01 1201-01-01",
    "last winter": "2021-12-01 2022-03-22",
    "this spring": "2022-03-01 2022-06-22",
    "in the summer": "2022-06-01 2022-09-24",
    "late summer 2021": "2021-07-28 2021-09-24",
    "early spring 2021": "2021-03-01 2021-04-27",
    "the first days of September": "2022-09-01 2022-09-08",
    "the last days of August": "2022-08-25 2022-09-01",
    "the last week of August": "2022-08-22 2022-09-01",
    "the last week of July": "2022-07-25 2022-08-01",
    "the third week of August": "2022-08-15 2022-08-22",
    "the second week of September": "2022-09-05 2022-09-19",
    "the beginning of the year": "2022-01-01 2022-05-01",
    "the beginning of this week": "2022-09-12 2022-09-15",
    "earlier in the month": "2022-09-01 2022-09-16",
    # parts of days and clocks
    "on the evening of Thursday, September 8": "2022-09-08T16:00 2022-09-09",
    "early on May 18": "2022-05-18 2022-05-18T09:00",
    "late Thursday": "2022-09-15T16:00 2022-09-16",
    "late Wednesday evening": "2022-09-14T19:00 2022-09-15",
    "late last night": "2022-09-15T20:00 2022-09-16T06:00",
    "last evening": "2022-09-15T16:00 2022-09-16",
    "mid-afternoon on Tuesday": "2022-09-13T13:00 2022-09-13T17:00",
    "in the early hours of this morning": "2022-09-16 2022-09-16T06:00",
    "pre-dawn on Tuesday": "2022-09-13 2022-09-13T09:00",
    "yesterday at noon": "2022-09-15T11:00 2022-09-15T13:00",
    "earlier this morning": "2022-09-16 2022-09-16T12:00",
    "earlier today": "2022-09-16 2022-09-16T12:00",
    "earlier on Thursday": "2022-09-15 2022-09-16",
    "on the night of 15-16 September": "2022-09-15T18:00 2022-09-16T06:00",
    "Thursday night into Friday": "2022-09-15T18:00 2022-09-16T09:00",
    "overnight into Friday": "2022-09-15T17:00 2022-09-16T09:00",
    "overnight on Thursday": "2022-09-14T17:00 2022-09-16T09:00",
    "Thursday overnight": "2022-09-14T17:00 2022-09-16T09:00",
    "10:39 PM Mar 17, 2022": "2022-03-17T22:39 2022-03-17T22:40",
    "Thursday at about 5 p.m.": "2022-09-15T16:00 2022-09-15T18:00",
    "at 2 am this morning": "2022-09-16T02:00 2022-09-16T03:00",
    "at 12 am today": "2022-09-16 2022-09-16T01:00",
    "at 3 am last night": "2022-09-16T03:00 2022-09-16T04:00",
    # back from the publication
    "a couple of days ago": "2022-09-13 2022-09-15",
    "several weeks ago": "2022-07-08 2022-08-30",
    "five weeks ago": "2022-08-05 2022-08-20",
    "nearly two weeks ago": "2022-08-29 2022-09-08",
    "a fortnight ago": "2022-08-29 2022-09-06",
    "about three days ago": "2022-09-10 2022-09-17",
    "about two weeks ago": "2022-08-29 2022-09-06",
    "two years ago": "2020-01-01 2021-01-01",
    "ten years ago": "2011-01-01 2014-01-01",
    "two decades ago": "1996-09-16 2008-09-17",
    "a century ago": "1907-09-16 1937-09-17",
    "half an hour ago": "2022-09-16T11:22:30 2022-09-16T11:37:30",
    "a few hours ago": "2022-09-16T05:15 2022-09-16T10:30",
    "about 48 hours ago": "2022-09-14T05:00 2022-09-14T18:00",
    "the last hour": "2022-09-16T11:00 2022-09-16T12:00",
    "over past day": "2022-09-15 2022-09-17",
    "for the past two weeks": "2022-09-02 2022-09-17",
    "over the last few weeks": "2022-08-05 2022-09-17",
    "in recent months": "2022-03-01 2022-09-17",
    "in recent years": "2012-01-01 2022-09-17",
    # relations and ranges
    "since the beginning of the year": "2022-01-01 ..",
    "since Thursday evening": "2022-09-15T16:00 ..",
    "starting at 08:30 on 20 October 2021": "2021-10-20T08:30 ..",
    "from mid-August": "2022-08-08 ..",
    "before dawn on Thursday": ".. 2022-09-15T09:00",
    "before 5 pm on Thursday": ".. 2022-09-15T17:00",
    "before August": ".. 2022-08-01",
    "after the start of September": "2022-09-01 ..",
    "after the weekend": "2022-09-12 ..",
    "after August": "2022-09-01 ..",
    "no later than 11 September": ".. 2022-09-12",
    "until the end of August": ".. 2022-09-01",
    "from late February through March 2022": "2022-02-16 2022-04-01",
    "during the period of December 2021 to January 2022": "2021-12-01 2022-02-01",
    "29 December to 3 January 2022": "2021-12-29 2022-01-04",
    "from 28 December 2020 to 3 January": "2020-12-28 2021-01-04",
    "from 28 December to 3 January": "2021-12-28 2022-01-04",
    "from Friday to Sunday": "2022-09-09 2022-09-12",
    "between 5 and 6 pm on Thursday": "2022-09-15T17:00 2022-09-15T19:00",
    "Tuesday at 9 am to 5 pm": "2022-09-13T09:00 2022-09-13T18:00",
    "14:00-16:00": "2022-09-16T14:00 2022-09-16T16:01",
    "2022-09": "2022-09-01 2022-10-01",
    "2014-15": "2014-01-01 2016-01-01",
    "August 31-September 2": "2022-08-31 2022-09-03",
    "10 or 11 September": "2022-09-10 2022-09-12",
    "on March 8 and 9": "2022-03-08 2022-03-10",
    "29 February to 2 March": "2020-02-29 2020-03-03",
}
READ_FUTURE = {
    "on Monday": "2022-09-19 2022-09-20",
    "Friday": "2022-09-16 2022-09-17",
    "this coming Sunday": "2022-09-18 2022-09-19",
    "the coming weekend": "2022-09-17 2022-09-19",
    "over the weekend": "2022-09-17 2022-09-19",
    "the day after tomorrow": "2022-09-18 2022-09-19",
    "in three days": "2022-09-19 2022-09-20",
    "two days from now": "2022-09-18 2022-09-19",
    "in two weeks' time": "2022-09-26 2022-10-04",
    "in an hour": "2022-09-16T12:30 2022-09-16T13:30",
    "within three days": "2022-09-16 2022-09-20",
    "over the next 48 hours": "2022-09-16T12:00 2022-09-18T12:00",
    "in coming weeks": "2022-09-16 2022-11-07",
    "in the coming months": "2022-09-16 2023-04-01",
    "later today": "2022-09-16T12:00 2022-09-17",
    "later this month": "2022-09-17 2022-10-01",
    "in December": "2022-12-01 2023-01-01",
    "in May": "2023-05-01 2023-06-01",
    "next May": "2023-05-01 2023-06-01",
    "1 November": "2022-11-01 2022-11-02",
    "the 6th": "2022-10-06 2022-10-07",
    "next spring": "2023-03-01 2023-06-22",
    "spring": "2023-03-01 2023-06-22",
    "this winter": "2022-12-01 2023-03-22",
    "by the end of the week": ".. 2022-09-19",
    "12 September - 7 October": "2022-09-12 2022-10-08",
    "from Monday to Saturday": "2022-09-19 2022-09-25",
    "29 February": "2024-02-29 2024-03-01",
}


@pytest.mark.parametrize(
    ("direction", "phrase", "bounds"),
    [("past", *case) for case in READ_PAST.items()]
    + [("future", *case) for case in READ_FUTURE.items()],
)
def test_phrases_of_real_prose(direction: Direction, phrase: str, bounds: str) -> None:
    published = "2022-09-16T18:00" if phrase == "14:00-16:00" else FRIDAY_NOON
    found = read(phrase, direction, published=published)
    lo, hi = bounds.split()
    assert (found.lo, found.hi) == (instant(lo), instant(hi)), found.bounds()
    assert found.text == phrase
    assert found.policy == POLICY
    assert found.zone == KYIV


LEFT_UNDATED = {
    "how long": [
        "in two months", "over 24 hours", "within one day", "in the first week", "3-4 weeks",
        "first quarter", "the week of March 7", "a quarter ago", "in recent hours",
        "late hours of Friday", "the sixth week of May", "the last days of the 1990s",

    ],
    "anchor": [
        "that night", "a week later", "two weeks earlier", "the day before", "the night before",
        "later in the day", "the year before last", "the next day", "since then", "before the war",
        "earlier last night",
    ],
    "quantity": ["2 million", "450 bodies", "20 people", "half", "3.5", "5 of 6,000", "first half of this week"],
    "number alone": ["the winter of 2020-22", "1 in 5", "at seven", "6-11", "20220906", "1200"],
    "how often": ["every Monday", "Mondays and Thursdays", "daily"],
    "nothing here": [
        "until the deadline", "the night of spring to the break", "by the deadline",
        "after the war",
        "New Year", "the Friday prayers", "5 pm local time on Thursday", "at 14:00 Kyiv time",
        "9/11", "24/7", "450km", "14:30:15",
    ],
    "together": [
        "Tuesday Wednesday", "mid", "the second Sunday of September", "September last",
        "Friday at 5 pm Thursday", "on Friday morning Thursday",
        "around the weekend", "the Sunday Friday of May", "noon of summer", "5 pm in May",
        "coming Thursday Friday weekend", "late dawn on Friday",
        "spring or summer this autumn", "overnight in May", "the early 1990s summer",
    ],
    "contradicts": ["Friday 15 September", "Friday the 13th", "Monday 6 September 2022"],
    "there is no": ["30 February", "30 February to 2 March", "29 February 2021", "2022-02-30",
                    "13/13/2022", "the 32nd"],
    "but not the day": ["at night", "at dawn", "in the early hours"],
    "a clock shows no": ["25:00", "13 pm", "0 am", "14:75"],
    "doesn't fit": ["at 5 pm this morning"],
    "shortly after": ["20 September", "on 17 September"],
    "lies after": ["at 11 pm", "Friday evening", "this Sunday", "this weekend"],
    "may be": ["last summer", "the winter of 2021", "about 2000", "2011-12", "this winter"],
    "follow each other": ["the night of 13-16 September"],
    "before it begins": ["from 2021 to 2014", "from 11 September 2022 to 6 September 2022"],
    "no letter or digit": ["６ September", "\u0661 ago", "Fri\u00addāy"],
    "nothing to read": ["", " ", "()"],
    "are the most": ["a" * 201, "9" * 100_000, "1 " * 50],
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "phrase"), [(why, phrase) for why, all_ in LEFT_UNDATED.items() for phrase in all_]
)
def test_what_gives_no_date_is_left_with_the_reason(reason: str, phrase: str) -> None:
    with pytest.raises(PhraseError, match="cannot date") as caught:
        read(phrase)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("reason", "phrase"),
    [
        ("shortly before", "6 September"),
        ("lies before", "at 6 am"),
        ("next Sunday may be", "next Sunday"),
        ("next weekend may be", "next weekend"),
        ("this Monday may be", "this Monday"),
    ],
)
def test_what_gives_no_date_to_come(reason: str, phrase: str) -> None:
    assert reason in why(phrase, "future")


def test_words_that_depend_on_the_day_of_publication() -> None:
    sunday, monday = "2022-09-18T12:00", "2022-09-12T12:00"
    assert read("next weekend", "future", published=sunday) == between(
        "2022-09-24", "2022-09-25", zone=KYIV
    )
    assert read("this weekend", published=sunday).edtf == "[2022-09-17..2022-09-18]"
    assert read("next Monday", "future", published=monday).edtf == "2022-09-19"
    assert read("this summer", "future", published="2022-03-01T12:00").edtf == "2022-26"
    assert read("last summer", published="2023-01-01T12:00").edtf == "2022-26"
    assert "nothing of this week" in why("earlier this week", published=monday)
    assert "may be" in why("last winter", published="2022-01-10T12:00")


# What is exactly a date


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("this Friday", "2022-09-16"),
        ("September 2022", "2022-09"),
        ("in 2014", "2014"),
        ("the 1990s", "199X"),
        ("the summer of 2022", "2022-26"),
        ("the winter of 2021-22", "2021-28"),
        ("the first quarter of 2022", "2022-33"),
        ("about 6 September", "2022-09-06~"),
        ("on or around 6 September", "2022-09-06~"),
        ("probably on Tuesday", "2022-09-13?"),
        ("around probably 2021", "2021%"),
        ("since 6 September", "2022-09-06/.."),
        ("until Thursday", "../2022-09-15"),
        ("before 6 September", "[..2022-09-05]"),
        ("after 11 September", "[2022-09-12..]"),
        ("by 11 September", "[..2022-09-11]"),
        ("by 2021", "[..2021]"),
        ("from 6 to 11 September", "2022-09-06/2022-09-11"),
        ("from 2014 to 2021", "2014/2021"),
        ("Friday and Saturday", "{2022-09-09,2022-09-10}"),
        ("2022-09-XX", "2022-09-XX"),
        ("2022-09-06/2022-09-11", "2022-09-06/2022-09-11"),
        ("[2022-09-06..2022-09-11]", "[2022-09-06..2022-09-11]"),
        ("2022-09-06t14:30:00z", "2022-09-06T14:30:00Z"),
    ],
)
@pytest.mark.parametrize("zone", [KYIV, None])
def test_what_is_exactly_edtf_equals_what_when_reads(
    phrase: str, text: str, zone: str | None
) -> None:
    published = when("2022-09-16", zone=zone)
    found = resolve(phrase, published=published, zone=zone)
    assert found == when(text, zone=zone)
    assert found.edtf == text


@pytest.mark.parametrize("phrase", ["between 6 and 11 September", "6\u201311 September"])
def test_a_range_of_days_equals_between(phrase: str) -> None:
    assert read(phrase) == between("2022-09-06", "2022-09-11", zone=KYIV)


def test_a_range_that_lasted_is_told_from_one_moment_within() -> None:
    evening = read("from Monday evening to Thursday")
    assert evening.shape == "lasted"
    assert (evening.start_hi, evening.end_lo) == (instant("2022-09-13"), instant("2022-09-15"))
    assert read("Monday-Thursday").shape == "moment"
    assert read("since Thursday evening").start_hi == instant("2022-09-16")
    assert read("for the past two weeks").shape == "lasted"


# The publication


def test_a_publication_known_to_the_day_widens_what_counts_in_hours() -> None:
    day = when("2022-09-16", zone=KYIV)
    hour = resolve("an hour ago", published=day, zone=KYIV)
    assert day.lo is not None
    assert day.hi is not None
    assert (hour.lo, hour.hi) == (day.lo - 3 * HOUR // 2, day.hi - 1 - HOUR // 2)
    last = resolve("in the last 24 hours", published=day, zone=KYIV)
    assert (last.lo, last.hi) == (day.lo - DAY, day.hi - 1)
    assert resolve("Friday evening", published=day, zone=KYIV).lo == instant("2022-09-16T16:00")


def test_an_unknown_zone_gives_the_bounds_of_every_zone() -> None:
    day = when("2022-09-16", zone=None)
    found = resolve("yesterday", published=day, zone=None)
    assert found == when("2022-09-15", zone=None)
    # An instant lies on two or three local days, and "today" on any of them.
    noon = when("2022-09-16T12:00:00Z")
    today = resolve("today", published=noon, zone=None)
    assert (today.lo, today.hi) == (
        when("2022-09-16", zone=None).lo,
        when("2022-09-17", zone=None).hi,
    )
    assert today.edtf is None
    assert resolve("9 September", published=noon, zone=None).edtf == "2022-09-09"


def test_a_publication_that_lies_on_two_days_of_the_zone() -> None:
    day = when("2022-09-16", zone="UTC")
    found = resolve("today", published=day, zone=KYIV)
    assert (found.lo, found.hi) == (instant("2022-09-16"), instant("2022-09-18"))


def test_a_vague_publication_dates_only_what_needs_no_day() -> None:
    month = when("2022-09", zone=KYIV)
    assert resolve("last month", published=month, zone=KYIV).edtf == "2022-08"
    assert resolve("6 September 2022", published=When(), zone=KYIV).edtf == "2022-09-06"
    for phrase, published in [
        ("on Monday", month),
        ("an hour ago", month),
        ("yesterday", When()),
        ("in the last 24 hours", When()),
    ]:
        with pytest.raises(PhraseError, match="needs the day of publication"):
            resolve(phrase, published=published, zone=KYIV)


def test_a_zone_that_is_none() -> None:
    with pytest.raises(ZoneError):
        resolve("today", published=at(FRIDAY_NOON), zone="Kyiv/Europe")


# Laws


def local(day: int) -> str:
    """Gives a day as EDTF."""
    year, month, of_month = civil(day)
    return f"{year:04d}-{month:02d}-{of_month:02d}"


DATES = st.dates(date(1950, 1, 1), date(2100, 1, 1))
WORDS = st.sampled_from(
    "the a on in at of to from until between and or - 6 11 31 2022 2021 6th first second last "
    "next this past early late mid end start week weeks day days months years hours hour night "
    "morning dawn midnight noon overnight Thursday Friday weekend September February May 5pm "
    "14:30 ago recent coming since before after by about summer winter half quarter decade "
    "century 1990s today yesterday tonight for within over few couple two earlier later "
    "2022-09-06 06/09/2022 into no than from now time probably 2021-22 every same".split()
)


@given(
    st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=8).map(" ".join)),
    st.sampled_from(["past", "future"]),
)
@example("winter 2021 - between", "past")
@example("around probably 2021", "past")
def test_any_text_gives_a_time_or_a_reason(text: str, direction: Direction) -> None:
    try:
        found = read(text, direction)
    except PhraseError:
        return
    assert found.text == text
    # Neither case nor white space says anything.
    assert read(f"  {text.upper()}\t", direction) == found
    assert read(text.lower().replace(" ", "  "), direction) == found


@given(DATES, st.sampled_from(ZONES), st.integers(0, 400))
def test_days_ago_are_date_arithmetic(today: date, zone: str, count: int) -> None:
    published = when(today.isoformat(), zone=zone)
    expected = when((today - timedelta(days=count or 1)).isoformat(), zone=zone)
    assert resolve(f"{count or 1} days ago", published=published, zone=zone) == expected


@given(DATES, st.sampled_from(ZONES), st.sampled_from(["past", "future"]), st.integers(0, 6))
def test_a_weekday_is_the_nearest_of_its_name(
    today: date, zone: str, direction: Direction, weekday: int
) -> None:
    published = when(today.isoformat(), zone=zone)
    name = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()[weekday]
    step = timedelta(days=-1 if direction == "past" else 1)
    expected = next(day for n in range(7) if (day := today + n * step).weekday() == weekday)
    found = resolve(f"on {name}", published=published, zone=zone, direction=direction)
    assert found == when(expected.isoformat(), zone=zone)
    before = next(day for n in range(1, 8) if (day := today - timedelta(n)).weekday() == weekday)
    assert resolve(f"last {name}", published=published, zone=zone).edtf == before.isoformat()


@given(DATES, st.integers(1, 12), st.sampled_from(["past", "future"]))
def test_a_month_is_the_nearest_of_its_name(today: date, month: int, direction: Direction) -> None:
    published = when(today.isoformat())
    name = date(2000, month, 1).strftime("%B")
    this = today.replace(day=1)
    years = range(today.year - 1, today.year + 2)
    months = [date(year, month, 1) for year in years]
    past = max(at for at in months if at <= this)
    future = min(at for at in months if at >= this)
    found = resolve(f"in {name}", published=published, zone="UTC", direction=direction)
    assert found == when((past if direction == "past" else future).isoformat()[:7])


@given(DATES, st.integers(1, 12), st.integers(1, 31))
def test_a_day_without_a_year_is_the_latest_that_there_was(
    today: date, month: int, day: int
) -> None:
    text = f"{day} {date(2000, month, 1):%B}"
    published = when(today.isoformat())
    there = []
    for year in range(today.year - 9, today.year + 2):
        try:
            there.append(date(year, month, day))
        except ValueError:
            assume((month, day) == (2, 29) or there == [])
    past = [at for at in there if at <= today]
    soon = [at for at in there if 0 < (at - today).days <= 30]
    try:
        found = resolve(text, published=published, zone="UTC")
    except PhraseError:
        assert not past or (soon and past[-1] != today)
    else:
        assert found == when(past[-1].isoformat())


@given(DATES, st.sampled_from(ZONES))
@example(date(2022, 3, 27), KYIV)
@example(date(2022, 10, 30), KYIV)
@example(date(2018, 11, 4), "America/Sao_Paulo")
def test_days_begin_and_end_with_the_local_day(today: date, zone: str) -> None:
    published = when(today.isoformat(), zone=zone)
    for phrase, on in [("yesterday", -1), ("today", 0), ("tomorrow", 1)]:
        found = resolve(phrase, published=published, zone=zone)
        assert found == when((today + timedelta(on)).isoformat(), zone=zone)
        assert found.lo is not None
        midnight = (
            wall((today + timedelta(on)).year, 1, 1)
            + ((today + timedelta(on)).timetuple().tm_yday - 1) * DAY
        )
        assert 0 <= wall_of(found.lo, zone) - midnight <= HOUR


@given(DATES, st.sampled_from(ZONES), st.sampled_from(sorted(READ_PAST)))
def test_what_is_past_has_begun_by_the_end_of_the_publication(
    today: date, zone: str, phrase: str
) -> None:
    assume(not any(digit in phrase for digit in "0123456789"))
    published = when(today.isoformat(), zone=zone)
    try:
        found = resolve(phrase, published=published, zone=zone)
    except PhraseError:
        return
    assert published.hi is not None
    assert found.lo is None or found.lo < published.hi
