"""Tests how the fields of events are read from cells, by their types."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import Literal

import pytest

from tests.sheets import BASE, fails, one, outcome, refused, said
from timeline import (
    Attack,
    Breakdown,
    Count,
    Event,
    Place,
    Report,
    When,
    between,
    event,
    lasted,
    when,
)
from timeline.errors import ImporterError
from timeline.importers import Accepted, Refused
from timeline.importers import table as read
from timeline.importers.numbers_in_cells import Numbers


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d.%m.%Y", "16.09.2022", "2022-09-16"),
        ("%m/%d/%y", "09/16/22", "2022-09-16"),
        ("%B %d, %Y", "September 16, 2022", "2022-09-16"),
        ("%b %Y", "Sep 2022", "2022-09"),
        ("%m/%Y", "09/2022", "2022-09"),
        ("%Y", "2022", "2022"),
        ("%d.%m.%Y %H:%M", "16.09.2022 08:30", "2022-09-16T08:30"),
        ("%d.%m.%Y %I:%M %p", "16.09.2022 08:30 PM", "2022-09-16T20:30"),
        ("%d.%m.%Y %H:%M:%S", "16.09.2022 08:30:05", "2022-09-16T08:30:05"),
        ("%Y%m%d %H%M%z", "20220916 0830+0300", "2022-09-16T08:30+03:00"),
        ("edtf", "2022-09~", "2022-09~"),
    ],
)
def test_a_time_is_as_fine_as_its_format(form: str, text: str, expected: str) -> None:
    found = one("", top=f'formats = ["{form}"]\n', Date=text)
    assert found.when == when(expected)
    assert found.when.text == text


def test_times_without_formats_are_edtf_and_iso() -> None:
    assert one("", Date="2022-09-16 08:30:00").when == when("2022-09-16T08:30:00")
    assert one("", top='zone = "unknown"\n').when == when("2022-09-16", zone=None)
    plain = refused("", Date="16.9.2022").expected
    assert plain.startswith(
        "columns.when: expected a time in EDTF or ISO 8601, or formats = ['%d.%m.%Y'] to say how "
        "it is written; cannot read '16.9.2022' as a time"
    )
    found = refused("", top='formats = ["%d.%m.%Y", "edtf"]\n', Date="soon")
    assert found.expected == "columns.when: expected a time written as %d.%m.%Y or edtf"
    assert (found.column, found.value, found.row) == ("Date", "soon", 2)
    assert refused("", Date="", Town="x").expected == (
        "columns.when: expected a time, but the cell is empty"
    )


def test_phrases_are_read_against_the_report() -> None:
    mapping = 'formats = ["phrase"]\n' + BASE.format(columns="", defaults="published = 2022-09-16")
    found = said({"Date": "on Friday"}, mapping)
    assert found.event.when == Report("x", published="2022-09-16").when("on Friday")
    assert found.published == when("2022-09-16")
    bad = outcome({"Date": "the day after"}, mapping)
    assert isinstance(bad, Refused)
    assert "a time written as phrase" in bad.expected
    in_reports = BASE.format(columns='published = "Out"', defaults="").replace(
        "kind", 'formats = ["phrase"]\nkind'
    )
    assert isinstance(outcome({"Date": "on Friday", "Out": "on Monday"}, in_reports), Refused)


@pytest.mark.parametrize(
    ("span", "start", "end", "expected"),
    [
        ("lasted", "2022-09-08", "2022-09-10", lasted("2022-09-08", "2022-09-10")),
        ("between", "2022-09-08", "2022-09-10", between("2022-09-08", "2022-09-10")),
        ("lasted", "2022-09-08", "", lasted("2022-09-08", None)),
        ("lasted", "", "2022-09-10", lasted(None, "2022-09-10")),
        ("between", "", "2022-09-10", between(None, "2022-09-10")),
    ],
)
def test_a_first_and_a_last_time(span: str, start: str, end: str, expected: When) -> None:
    mapping = f'span = "{span}"\n' + BASE.format(columns="", defaults="").replace(
        'when = "Date"', 'when = { from = "From", to = "To" }'
    )
    assert said({"From": start, "To": end}, mapping).event.when == expected
    swapped = outcome({"From": "2022-09-10", "To": "2022-09-08"}, mapping)
    assert isinstance(swapped, Refused)
    assert swapped.column == "To"
    assert "were the two swapped?" in swapped.expected
    neither = outcome({"From": "", "To": "", "x": "y"}, mapping)
    assert isinstance(neither, Refused)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", Count(12)),
        ("12.0", Count(12)),
        ("1,200", Count(1200)),
        ("about 450", Count(about=450)),
        ("~450", Count(about=450)),
        ("400+", Count(low=400)),
        ("at least 400", Count(low=400)),
        (">= 1 200", Count(low=1200)),
        ("12 or more", Count(low=12)),
        ("3-5", Count(low=3, high=5)),
        ("3 to 5", Count(low=3, high=5)),
        ("3 – 5", Count(low=3, high=5)),
    ],
)
def test_how_many(text: str, expected: Count) -> None:
    assert Numbers().count(text) == expected


@pytest.mark.parametrize("text", ["many", "-3", "1,2", "5-3", "1e3", "٣", "1.5", "9" * 400])
def test_how_many_nobody_can_tell(text: str) -> None:
    with pytest.raises(ValueError, match=r"a number such as|needs low <= best <= high"):
        Numbers().count(text)


def test_counts_in_parts() -> None:
    parts = 'killed = { low = "Low", best = "Best", high = "High" }'
    found = one(parts, Low="1", Best="2", High="")
    assert isinstance(found, Attack)
    assert found.killed == Count(low=1, best=2)
    silent = one(parts, Low="", Best="", High="")
    assert isinstance(silent, Attack)
    assert silent.killed == Count()
    bad = refused(parts, Low="3", Best="2", High="1")
    assert (bad.column, bad.value) == ("Low", "3")
    assert bad.expected.startswith("columns.killed.low: a Count needs low <= best <= high")
    assert refused(parts, Low="x", Best="", High="").expected == (
        "columns.killed.low: expected a whole number"
    )


@pytest.mark.parametrize(
    ("columns", "cells", "expected"),
    [
        ('place = ["Town", "Street"]', {"Town": "Izium", "Street": "5"}, Place("Izium 5")),
        ('place.name = "Town"', {"Town": "Izium"}, Place("Izium")),
        ('place = { id = "Code" }', {"Code": "Q1"}, Place("Q1", id="Q1")),
        (
            'place = { latitude = "Lat", longitude = "Lon" }',
            {"Lat": "49.5", "Lon": "-37"},
            Place("49.5, -37.0", latitude=49.5, longitude=-37.0),
        ),
        ('place = { name = "Town", within = "Oblast" }', {"Town": "", "Oblast": ""}, None),
        (
            'place = { name = "Town", within = "Oblast" }',
            {"Town": "", "Oblast": "Kharkiv"},
            Place("Kharkiv"),
        ),
        (
            'place = { path = ["Oblast", "Raion"], within = "Land" }',
            {"Oblast": "Kharkiv", "Raion": "Izium", "Land": "Ukraine"},
            Place(
                "Izium",
                id="Kharkiv / Izium",
                within=Place("Kharkiv", id="Kharkiv", within="Ukraine"),
            ),
        ),
        (
            'place = { path = ["Oblast", "Raion"], latitude = "Lat" }',
            {"Oblast": "Kharkiv", "Raion": "", "Lat": "50"},
            Place("Kharkiv", id="Kharkiv", latitude=50.0),
        ),
        (
            'place = { path = "Oblast", name = "Town" }',
            {"Oblast": "Kharkiv", "Town": "Izium"},
            Place("Izium", within=Place("Kharkiv", id="Kharkiv")),
        ),
        ('place = { path = "Oblast", name = "Town" }', {"Oblast": "", "Town": ""}, None),
    ],
)
def test_places(columns: str, cells: dict[str, str], expected: Place | None) -> None:
    found = one(columns, **cells)
    assert isinstance(found, Attack)
    assert found.place == expected


class Colour(Enum):
    RED = "red"


@event("sample/1")
class Sample(Event):
    needed: str
    flag: bool = False
    number: int = 0
    ratio: float = 0.0
    part: Fraction | None = None
    colour: Colour | None = None
    size: Literal["big", "small"] = "big"
    names: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    parts: Breakdown = Breakdown()
    until: When | None = None
    either: int | str | None = None


SAMPLE = BASE.replace('"attack"', '"sample"')


def sample(columns: str, **cells: str) -> Sample:
    mapping = SAMPLE.format(columns=f'needed = "Date"\n{columns}', defaults="")
    found = said({"Date": "2022-09-16", **cells}, mapping, kinds=[Sample]).event
    assert isinstance(found, Sample)
    return found


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("flag", "Yes", True),
        ("flag", "no", False),
        ("number", "-3", -3),
        ("ratio", "2,5", 2.5),
        ("part", "1/3", Fraction(1, 3)),
        ("part", "0.5", Fraction(1, 2)),
        ("colour", "red", Colour.RED),
        ("size", "small", "small"),
        ("names", "a; b;;c", ("a", "b", "c")),
        ("names", ";", ()),
        ("places", "Izium;Lyman", (Place("Izium"), Place("Lyman"))),
        ("until", "2022-10", when("2022-10")),
        ("number", "", 0),
    ],
)
def test_a_field_is_read_by_its_type(name: str, text: str, expected: object) -> None:
    assert getattr(sample(f'{name} = "X"', X=text), name) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("flag", "perhaps", "yes or no"),
        ("number", "3.5", "a whole number"),
        ("ratio", "x", "a number such as 48.15"),
        ("part", "1/0", "a fraction that isn't over nothing"),
        ("part", "a third", "a fraction such as 1/3 or 0.33"),
        ("colour", "green", "one of red"),
        ("size", "huge", "one of big, small"),
        ("places", " x ;" + "y" * 10 + "; ", None),
    ],
)
def test_a_field_that_cannot_be_read(name: str, text: str, expected: str | None) -> None:
    mapping = SAMPLE.format(columns=f'needed = "Date"\n{name} = "X"', defaults="")
    found = outcome({"Date": "2022-09-16", "X": text}, mapping, kinds=[Sample])
    if expected is None:
        assert isinstance(found, Accepted)
        return
    assert isinstance(found, Refused)
    assert found.expected == f"columns.{name}: expected {expected}"
    assert (found.column, found.value) == ("X", text)


def test_several_columns_make_several_values() -> None:
    assert sample('names = ["A", "B"]', A="a", B="b; c").names == ("a", "b", "c")
    with_default = SAMPLE.format(columns='needed = "Date"\nnames = "A"', defaults='names = "d"')
    found = said({"Date": "2022", "A": ""}, with_default, kinds=[Sample]).event
    assert isinstance(found, Sample)
    assert found.names == ("d",)
    assert sample('parts = { a = "A", b = "B" }', A="", B="2").parts == Breakdown({"b": 2})
    assert sample('parts = { a = "A" }', A="").parts == Breakdown()
    bad = SAMPLE.replace("sample", "odd").format(columns='numbers = "A"', defaults="")
    found_bad = outcome({"Date": "2022", "A": "1;x"}, bad, kinds=[Odd])
    assert isinstance(found_bad, Refused)
    assert found_bad.expected == "columns.numbers: expected a whole number"


@event("odd/1")
class Odd(Event):
    numbers: tuple[int, ...] = ()


def test_a_value_that_is_needed_refuses_its_row() -> None:
    mapping = SAMPLE.format(columns='needed = "X"', defaults="")
    found = outcome({"Date": "2022", "X": ""}, mapping, kinds=[Sample])
    assert isinstance(found, Refused)
    assert found.expected == "columns.needed: expected a value; sample/1 needs one"
    fails(
        'kind = "political-statement"\n[columns]\nwhen = "Date"\n[defaults]\nsource = "x"',
        r"needs columns.speaker or defaults.speaker: an event of kind 'political-statement/1'",
    )


def test_what_no_cell_can_hold() -> None:
    mapping = SAMPLE.format(columns='needed = "Date"\neither = "Town"', defaults="")
    with pytest.raises(ImporterError, match="either holds more than a cell of a sheet can"):
        read(["Date,Town\n"], mapping, kinds=[Sample])
