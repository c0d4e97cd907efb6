"""Draws EDTF texts of every level by the grammar, and reads X-forms by trying every day."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterator

from hypothesis import strategies as st

from timeline.edtf import parse
from timeline.errors import WhenError

MARKS = ["", "", "", "?", "~", "%"]
marks = st.sampled_from(MARKS)
signs = st.sampled_from(["", "", "-"])


def _digits(size: int, alphabet: str = "0123456789XX") -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


years = st.builds("{}{}".format, signs, _digits(4))
months = st.integers(1, 12).map("{:02d}".format) | _digits(2, "01X")
seasons = st.integers(21, 41).map(str)
days = st.integers(1, 31).map("{:02d}".format) | _digits(2, "0123X")

plain_dates = (
    st.builds("{}{}{}".format, marks, years, marks)
    | st.builds("{}{}{}-{}{}{}".format, marks, years, marks, marks, months | seasons, marks)
    | st.builds(
        "{}{}{}-{}{}{}-{}{}{}".format,
        *(marks, years, marks),
        *(marks, months, marks),
        *(marks, days, marks),
    )
)
significant = st.sampled_from(["", "S1", "S2", "S3", "S12"])
long_years = st.builds(
    "{}Y{}{}{}{}{}".format,
    marks,
    signs,
    st.integers(10_000, 10**9).map(str),
    st.sampled_from(["", "E1", "E3"]),
    significant,
    marks,
) | st.builds("{}{}{}".format, signs, _digits(4, "0123456789"), significant)
dates = plain_dates | plain_dates | long_years
offsets = st.sampled_from(["", "Z", "+00:00", "-04", "+05:30", "+14:00", "-12"])
moments = st.builds(
    "{}{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}{}".format,
    *(signs, st.integers(0, 9999), st.integers(1, 12), st.integers(1, 28)),
    *(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), offsets),
)
ends = dates | st.sampled_from(["", ".."])
members = dates | st.builds("{}..{}".format, dates, dates)


def _set(brackets: str, listed: list[str], before: str, after: str) -> str:
    return f"{brackets[0]}{before}{','.join(listed)}{after}{brackets[1]}"


dots = st.sampled_from(["", "", ".."])
sets = st.builds(
    _set, st.sampled_from(["[]", "{}"]), st.lists(members, min_size=1, max_size=4), dots, dots
)


def _reads(text: str) -> bool:
    try:
        parse(text)
    except WhenError:
        return False
    return True


# The grammar alone also draws what it forbids by meaning: 30 February, a reversed interval.
date_texts = dates.filter(_reads)
texts = (dates | moments | st.builds("{}/{}".format, ends, ends) | sets).filter(_reads)


def matching_days(
    year: str, month: str = "XX", day: str = "XX", *, step: int = 1
) -> Iterator[tuple[int, int, int]]:
    """Return every day of the years 0 to 9999 whose digits match, X being any; -1 from the last."""
    wanted = re.compile(f"{year}-{month}-{day}".replace("X", "."))
    of_year = re.compile(year.replace("X", "."))
    for number in range(10_000)[::step]:
        if not of_year.fullmatch(f"{number:04d}"):
            continue
        for at in range(1, 13)[::step]:
            # Years that datetime hasn't got are shown by one that has their calendar.
            length = monthrange(2000 if isleap(number) else 2001, at)[1]
            for of_month in range(1, length + 1)[::step]:
                if wanted.fullmatch(f"{number:04d}-{at:02d}-{of_month:02d}"):
                    yield number, at, of_month


def outer_days(*digits: str) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """Return the first and the last day whose digits match, None where there is none."""
    first = next(matching_days(*digits), None)
    return None if first is None else (first, next(matching_days(*digits, step=-1)))
