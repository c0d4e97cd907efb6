"""News phrases: the reference battery, phrases of real prose, and laws on random dates."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.news_phrases import ABSTAINED, LEFT_UNDATED, READ_FUTURE, READ_PAST
from tests.published_phrases import DATEPARSER, RECOGNIZERS
from tests.real import data_file
from timeline.calendar_math import DAY, HOUR, micros, wall, wall_of
from timeline.claims import Report
from timeline.errors import PhraseError, ZoneError
from timeline.phrases import POLICY, Gap, gap, resolve
from timeline.time_parsing import between, when
from timeline.times import When

Direction = Literal["past", "future"]

KYIV = "Europe/Kyiv"
ZONES = ("UTC", "Europe/Lisbon", KYIV, "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata")
FRIDAY_NOON = datetime(2022, 9, 16, 12)  # noqa: DTZ001 - local to whichever zone


def at(local: datetime | str, zone: str = KYIV) -> When:
    """Return the instant at which the clocks of a zone show a local time."""
    shown = datetime.fromisoformat(local) if isinstance(local, str) else local
    return when(shown.replace(tzinfo=ZoneInfo(zone)))


def instant(local: str, zone: str = KYIV) -> int | None:
    """Return the same in microseconds, None for an open end."""
    return None if local == ".." else at(local, zone).lo


def utc(text: str) -> int | None:
    """Return a time of UTC in microseconds, None for an open end."""
    return None if text == ".." else instant(text, "UTC")


def read(
    phrase: str,
    direction: Direction = "past",
    *,
    published: str | datetime = FRIDAY_NOON,
    zone: str = KYIV,
) -> When:
    """Read a phrase in a report of Friday 16 September 2022, noon, unless told otherwise."""
    return resolve(phrase, published=at(published, zone), zone=zone, direction=direction)


def why(phrase: str, direction: Direction = "past", **options: Any) -> str:
    """Return the reason for which a phrase is left undated."""
    with pytest.raises(PhraseError) as caught:
        read(phrase, direction, **options)
    assert caught.value.phrase == phrase
    return caught.value.reason


# The reference battery


def battery() -> list[dict[str, Any]]:
    """Return the 119 phrases of the shared data."""
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
            if case["phrase"] == "after 11 September":
                bounds[1] = published.hi  # what is past ended before the report was out
            if case["phrase"] == "06/09/2022":
                bounds[0] = when("2022-06-09", zone=zone).lo  # or 9 June: nobody said which
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
    if not re.search("GMT|UTC|ET|Moscow|0430Z", phrase):
        assert found.zone == KYIV


@pytest.mark.parametrize(
    ("reason", "phrase"), [(why, phrase) for why, all_ in LEFT_UNDATED.items() for phrase in all_]
)
def test_what_gives_no_date_is_left_with_the_reason(reason: str, phrase: str) -> None:
    with pytest.raises(PhraseError, match="cannot date") as caught:
        read(phrase)
    assert reason in caught.value.reason


@pytest.mark.parametrize("phrase", ABSTAINED)
def test_no_word_is_dropped_to_make_a_date(phrase: str) -> None:
    assert why(phrase)


@pytest.mark.parametrize("table", [DATEPARSER, RECOGNIZERS])
def test_the_phrases_that_others_publish(table: dict[str, dict[str, str | None]]) -> None:
    wrong = []
    for published, phrases in table.items():
        for phrase, bounds in phrases.items():
            try:
                found = resolve(phrase, published=when(published), zone="UTC")
            except PhraseError:
                if bounds:
                    wrong.append((phrase, "abstained"))
                continue
            expected = tuple(map(utc, bounds.split())) if bounds else None
            if (found.lo, found.hi) != expected:
                wrong.append((phrase, found.bounds()))
    assert wrong == []


@pytest.mark.parametrize(
    ("reason", "phrase"),
    [
        ("shortly before", "6 September"),
        ("lies before", "at 6 am"),
        ("next Sunday may be", "next Sunday"),
        ("next weekend may be", "next weekend"),
        ("this Monday may be", "this Monday"),
        ("lies before", "this May"),
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
        ("circa 2020", "2020~"),
        ("circa probably 2020", "2020%"),
        ("since 6 September", "2022-09-06/.."),
        ("until Thursday", "../2022-09-15"),
        ("before 6 September", "[..2022-09-05]"),
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


# How long after another event


@pytest.mark.parametrize(
    ("phrase", "least", "most"),
    [
        ("two days later", timedelta(days=1, microseconds=1), timedelta(days=3, microseconds=-1)),
        ("the next day", timedelta(microseconds=1), timedelta(days=2, microseconds=-1)),
        ("a day after", timedelta(microseconds=1), timedelta(days=2, microseconds=-1)),
        ("three hours later", timedelta(hours=2.5), timedelta(hours=3.5)),
        ("a week later", timedelta(days=2, microseconds=1), timedelta(days=12, microseconds=-1)),
        ("at least two days later", timedelta(days=1, microseconds=1), None),
        ("over two days later", timedelta(days=1, microseconds=1), None),
        ("less than two days later", None, timedelta(days=3, microseconds=-1)),
        ("the same day", None, timedelta(days=1, microseconds=-1)),
        ("two or three days later", timedelta(days=1, microseconds=1), timedelta(4, 0, -1)),
        ("a year later", timedelta(microseconds=1), timedelta(days=745, microseconds=-1)),
    ],
)
def test_a_gap_counts_days_of_the_calendar(
    phrase: str, least: timedelta | None, most: timedelta | None
) -> None:
    found = Report("Wire", published="2022-09-16").gap(phrase)
    assert (found.least, found.most, found.text) == (least, most, phrase)
    assert found == Gap(least=least, most=most)


@pytest.mark.parametrize(
    "phrase", ["two days ago", "later", "days later", "yesterday", "two people later", "", "é"]
)
def test_what_gives_no_gap_says_why(phrase: str) -> None:
    with pytest.raises(PhraseError) as caught:
        Report("Wire").gap(phrase)
    assert caught.value.reason


@given(
    st.integers(1, 400),
    st.sampled_from(["day", "week", "month", "year", "hour", "minute"]),
    st.sampled_from(["about", "nearly", "at least", "up to", "over", "under"]),
)
def test_a_word_in_front_never_narrows_a_gap(count: int, unit: str, word: str) -> None:
    plain, said = gap(f"{count} {unit}s later"), gap(f"{word} {count} {unit}s later")
    assert plain.least is not None
    assert plain.most is not None
    assert plain.least < plain.most
    assert said.least is None or word in {"at least", "over"} or said.least <= plain.least
    assert said.most is None or said.most >= plain.most


def test_the_order_of_a_date_in_figures_is_stated_or_both_are_kept() -> None:
    either = Report("Wire", published="2022-09-16").when("03/04/2022")
    assert either.edtf == "[2022-03-04,2022-04-03]"
    british, american = (
        Report("Wire", published="2022-09-16", date_order=order) for order in ("dmy", "mdy")
    )
    assert british.when("03/04/2022") == when("2022-04-03")
    assert american.when("03/04/2022") == when("2022-03-04")
    with pytest.raises(PhraseError, match="there is no day"):
        british.when("2/24/2022")
    # One that may be two days is no end of anything.
    for phrase in ("before 03/04/2022", "from 03/04/2022 to 05/04/2022", "about 03/04/2022"):
        with pytest.raises(PhraseError):
            Report("Wire", published="2022-09-16").when(phrase)


def test_a_part_of_what_goes_on_ends_with_the_report() -> None:
    assert read("early March", published="2022-03-05T12:00").hi == instant("2022-03-06")
    assert read("about 15 September").hi == instant("2022-09-17")
    published = at(FRIDAY_NOON)
    assert read("after 24 February").hi == published.hi
    assert read("after 24 February", "future").hi is None


# Laws


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


NEWS = st.sampled_from(sorted(set(READ_PAST) - {"14:00-16:00"}))  # read by noon
WIDER = set("about around roughly probably perhaps".split())
"""Words that leave a time as it is or make it vaguer."""
STRANGE = st.sampled_from(
    "attack killed people wave only except even nine every same a and or the to at".split()
)


@given(NEWS, STRANGE, st.booleans())
def test_a_word_of_another_sort_is_never_dropped(phrase: str, word: str, front: bool) -> None:
    said = read(phrase)
    try:
        found = read(f"{word} {phrase}" if front else f"{phrase} {word}")
    except PhraseError:
        return
    assert found.extent.lo is None or (said.lo is not None and found.extent.lo <= said.lo)
    assert found.extent.hi is None or (said.hi is not None and found.extent.hi >= said.hi)


@given(NEWS, st.sampled_from(sorted(WIDER)))
def test_a_doubt_never_narrows_a_time(phrase: str, word: str) -> None:
    said = read(phrase)
    try:
        found = read(f"{word} {phrase}")
    except PhraseError:
        return
    today = instant("2022-09-17")
    assert found.lo is None or (said.lo is not None and found.lo <= said.lo)
    assert found.hi is None or found.hi == today or (said.hi is not None and found.hi >= said.hi)


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
@example(date(2000, 7, 1), "UTC", "the last week of July")
@example(date(2000, 1, 1), "UTC", "this August")
def test_what_is_past_has_begun_by_the_end_of_the_publication(
    today: date, zone: str, phrase: str
) -> None:
    assume(not any(digit in phrase for digit in "0123456789"))
    assume(not phrase.startswith("after"))  # what follows today's own weekend is still to come
    published = when(today.isoformat(), zone=zone)
    try:
        found = resolve(phrase, published=published, zone=zone)
    except PhraseError:
        return
    assert published.hi is not None
    assert found.lo is None or found.lo < published.hi


def test_a_phrase_never_leaves_the_years_that_news_speaks_of() -> None:
    late = Report("Almanac", published="9999-12-01")
    with pytest.raises(PhraseError, match="beyond the years 1 to 9999"):
        late.when("in two years", direction="future")
    assert Report("Acta", published="-0044-03-15").when("today") == when("-0044-03-15")
