"""Tests that values written in any way of spreadsheets come back, or are refused or asked about."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline import Attack, Claim, Count, when
from timeline.errors import ImporterError
from timeline.importers import Accepted, Refused, guess_sheet, table

HEADER = ["Date", "Town", "Latitude", "Longitude", "Killed"]
TOWNS = ["Ізюм", "Lyman", 'The "Bridge"', "Mykolaiv; port", "Kyiv, centre", "Sumy\nnorth"]


@attrs.frozen
class Values:
    """What a row of a made-up sheet means."""

    day: date
    town: str
    latitude: float
    longitude: float
    killed: int | None


@attrs.frozen
class Manner:
    """How a program writes days and numbers, and how it saves the sheet."""

    day: Callable[[date], str]
    thousands: str
    decimal: str
    delimiter: str
    encoding: str
    above: str

    def whole(self, number: int | None) -> str:
        """Return a number with the sign of thousands, empty where there is none."""
        return "" if number is None else f"{number:,}".replace(",", self.thousands)

    def saved(self, rows: list[Values]) -> bytes:
        """Return the file of a sheet with these rows."""
        text = io.StringIO()
        text.write(self.above)
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow(HEADER)
        for row in rows:
            spot = [repr(one).replace(".", self.decimal) for one in (row.latitude, row.longitude)]
            writer.writerow([self.day(row.day), row.town, *spot, self.whole(row.killed)])
        return text.getvalue().encode(self.encoding)


DAYS: list[Callable[[date], str]] = [
    date.isoformat,
    lambda day: f"{day} 00:00:00",
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day:%m/%d/%Y}",
    lambda day: f"{day.month}/{day.day}/{day.year}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day:%d %B %Y}",
    lambda day: f"{day:%B %d, %Y}",
    lambda day: f"{day:%Y/%m/%d}",
    lambda day: f"{day:%d-%b-%Y}",
]
SIGNS = [("", "."), ("", ","), (",", "."), (".", ","), (" ", ","), ("\u00a0", ",")]
MANNERS = st.builds(
    lambda day, signs, *rest: Manner(day, signs[0], signs[1], *rest),
    st.sampled_from(DAYS),
    st.sampled_from(SIGNS),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["", "\r\n", "Attacks of our desk\r\n\r\n"]),
)
ROWS = st.builds(
    Values,
    st.dates(date(1914, 1, 1), date(2026, 12, 31)),
    st.sampled_from(TOWNS),
    st.integers(-900_000, 900_000).map(lambda one: one / 10_000),
    st.integers(-1_800_000, 1_800_000).map(lambda one: one / 10_000),
    st.none() | st.integers(0, 30) | st.integers(0, 200_000),
)


def asked(mapping: str, key: str) -> bool:
    """Whether a mapping asks for a key, and says which values leave it open."""
    name = key.rpartition(".")[2]
    lines = [line for line in mapping.splitlines() if line.startswith(f"{name} = ")]
    return any('"?"' in line and "# " in line for line in lines)


@settings(deadline=None, max_examples=25)
@given(MANNERS, st.lists(ROWS, min_size=1, max_size=6))
def test_values_come_back_or_are_refused_by_row_column_and_value(
    manner: Manner, rows: list[Values]
) -> None:
    content = manner.saved(rows)
    mapping = guess_sheet(io.BytesIO(content), name="sheet.csv")
    if '"?"' in mapping:  # a question, which is in the mapping with an example of it
        with pytest.raises(ImporterError, match="the mapping still asks") as error:
            table(io.BytesIO(content), mapping)
        assert asked(mapping, str(error.value).partition(":")[0]), mapping
        return
    outcomes = list(table(io.BytesIO(content), mapping))
    assert len(outcomes) == len(rows), mapping
    for values, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Refused):
            assert outcome.column in HEADER
            assert outcome.value
            assert outcome.value in outcome.raw
            continue
        assert isinstance(outcome, Accepted)
        (claim,) = outcome.said
        assert isinstance(claim, Claim)
        event = claim.event
        assert isinstance(event, Attack)
        assert event.when == when(f"{values.day}")
        assert event.place is not None
        assert event.place.name == values.town
        assert (event.place.latitude, event.place.longitude) == (values.latitude, values.longitude)
        assert event.killed == (Count() if values.killed is None else Count(values.killed))
