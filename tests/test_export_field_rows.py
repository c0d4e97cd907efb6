"""Reads the rows of fields as readers do: names in words, values without code, times in a zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given, settings

from timeline import (
    Attack,
    Clash,
    Count,
    Event,
    Incident,
    Log,
    Place,
    Report,
    TerritorialChange,
    chronology,
    event,
    when,
)
from timeline.events import UnknownEvent
from timeline.export import to_csv, to_html, to_markdown
from timeline.export.field_rows import Wording
from timeline.export.strings import ENGLISH
from timeline.importers import UcdpEvent, UcdpSource
from timeline.testing import strategies

CODE = re.compile(r"\b[A-Z]\w+\([\w']+[=)]|datetime\.|<[\w.]+ object at")
HERE = Wording(ENGLISH, "UTC")


def ucdp() -> UcdpEvent:
    """Return a row of UCDP that cites two articles."""
    return UcdpEvent(
        when=when("2014-05-02"), id="ucdp:1", by="A", against="B", low=1, best=1, high=2, year=2014,
        killed=Count(1, low=1, high=2), adm1="Donetsk",
        sources=(
            UcdpSource("Reuters", date=when("2014-05-03"), headline="A day"),
            UcdpSource("BBC"),
        ),
    )  # fmt: skip


def test_a_value_of_parts_is_a_small_table() -> None:
    rows = dict(map(tuple, HERE.rows(ucdp())))
    assert rows["sources"] == {
        "head": ["office", "date", "headline"],
        "rows": [["Reuters", "2014-05-03", "A day"], ["BBC", "", ""]],
    }
    assert rows["first-level division"] == "Donetsk"
    assert rows["deaths, side A"] == "0"
    assert HERE.text(ucdp().sources) == (
        "office: Reuters; date: 2014-05-03; headline: A day, office: BBC"
    )


def test_no_page_shows_code() -> None:
    log = Log(events=[UcdpEvent])
    log.append(Report("UCDP").says(ucdp()))
    for write in (to_html, to_csv, to_markdown):
        assert not CODE.search(
            re.sub(r"<(script|style)>.*?</\1>", "", write(chronology(log)), flags=re.DOTALL)
        )


class Grade(Enum):
    """How well it is known."""

    HIGH = "high"


@event("seen-lights/1")
class Lights(Event):
    """A kind that says how it and its fields are called."""

    kind_name: ClassVar[str] = "lights in the sky"
    field_names: ClassVar[Mapping[str, str]] = {"how_many": "number of lights"}

    how_many: int = 0
    seen_from: Place | None = None


def test_a_kind_says_how_it_and_its_fields_are_called() -> None:
    lights = Lights(
        when=when("2022"), how_many=3, seen_from=Place("Izium", within="Kharkiv Oblast")
    )
    assert HERE.kind(lights) == "lights in the sky"
    assert HERE.rows(lights) == [
        ["number of lights", "3"],
        ["seen from", "Izium, in Kharkiv Oblast"],
    ]
    assert str(lights) == "Seen lights: how_many 3, seen_from Izium"
    assert HERE.kind(Incident(when="2022", category="fire")) == "incident"
    assert HERE.kind(ucdp()) == "UCDP event"


@attrs.frozen
class Pair:
    """A value of two parts, which says nothing of how it reads."""

    first: str
    second: int | None = None


@event("pairs/1")
class Pairs(Event):
    """A kind of nested values without a headline of its own."""

    pairs: tuple[Pair, ...] = ()


def test_a_headline_of_fields_shows_no_code() -> None:
    told = str(Pairs(when=when("2022"), pairs=(Pair("a", 2), Pair("b"))))
    assert told == "Pairs: pairs first a second 2, first b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (2.50, "2.5"),
        (Fraction(1, 3), "1/3"),
        (Grade.HIGH, "high"),
        (frozenset({"b", "a"}), "a, b"),
        (("x", 1), "x, 1"),
        ({"children": 2, "named": "A"}, "2 children, named: A"),
        (datetime(2022, 9, 10, 8, tzinfo=UTC), "2022-09-10 08:00"),
        (Place("Izium", latitude=49.2, longitude=37.25), "Izium (49.2, 37.25)"),
    ],
)  # fmt: skip
def test_values_read_as_people_write_them(value: Any, text: str) -> None:
    assert HERE.text(value) == text


def test_a_fight_says_which_figures_nobody_gives() -> None:
    assert HERE.rows(Attack(when="2022", killed=0)) == [
        ["killed", "0"],
        ["wounded", "no figure given"],
    ]
    assert ["killed", "no figure given"] in HERE.rows(Clash(when="2022", sides=("A", "B")))
    assert HERE.rows(Incident(when="2022", category="fire")) == [["category", "fire"]]


def unknown(content: str) -> UnknownEvent:
    """Return an event of a kind that nothing here can read."""
    return UnknownEvent(when=when("2022"), id="x", recorded_kind="odd/1", content=content)


def test_what_nobody_here_can_read_is_shown_as_rows_too() -> None:
    odd = unknown('{"id":"x","colour":"red","parts":[1]}')
    assert HERE.rows(odd) == [["colour", "red"], ["parts", "1"]]
    assert HERE.kind(odd) == "odd"
    assert HERE.rows(unknown("[]")) == []


def test_a_clock_is_read_in_the_zone_asked_and_a_date_names_its_own() -> None:
    there = Wording(ENGLISH, "America/Los_Angeles")
    clock = when("2022-09-10T08:00", zone="Europe/Kyiv")
    day = when("2022-09-10", zone="Europe/Kyiv")
    assert there.time(clock) == "2022-09-09 22:00"
    assert there.time(day) == "2022-09-10 (Europe/Kyiv)"
    assert Wording(ENGLISH, "Europe/Kyiv").time(day) == "2022-09-10"
    assert Wording(ENGLISH, "Europe/Helsinki").time(day) == "2022-09-10"
    assert there.time(when("2022-09-10", zone=None)) == "2022-09-10 (zone unknown)"
    change = TerritorialChange(when=clock, place="Izium", to="Ukraine")
    log = Log()
    log.append(Report("One").says(change))
    page = to_html(chronology(log), zone="America/Los_Angeles")
    assert "<li>2022-09-09 22:00<b>" in page
    assert "clocks in America/Los_Angeles" in page


@settings(max_examples=60)
@given(strategies.events())
def test_no_row_of_any_event_shows_code(one: Event) -> None:
    texts = " ".join(value for _, value in HERE.rows(one) if isinstance(value, str))
    assert "UcdpSource(" not in texts
    assert "Place(name" not in texts
    assert "When(lo" not in texts
