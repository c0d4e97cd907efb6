"""Tests how numbers are read as people write them, and refused where two signs could mean two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Count
from timeline.errors import ImporterError
from timeline.importers.numbers_in_cells import VAGUE, Numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", Count(12)),
        ("12.0", Count(12)),
        ("1,200", Count(1200)),
        ("1 200", Count(1200)),
        ("1\u202f200", Count(1200)),
        ("about 450", Count(about=450)),
        ("~450", Count(about=450)),
        ("400+", Count(low=400)),
        ("at least 400", Count(low=400)),
        (">10", Count(low=11)),
        ("more than 10", Count(low=11)),
        ("up to 10", Count(low=0, high=10)),
        ("no more than 10", Count(low=0, high=10)),
        ("<10", Count(low=0, high=9)),
        ("10/12", Count(low=10, high=12)),
        ("3-5", Count(low=3, high=5)),
        ("between 3 and 5", Count(low=3, high=5)),
        ("1,200 – 1,300", Count(low=1200, high=1300)),
        ("none", Count(0)),
        ("two", Count(2)),
        ("a dozen", Count(about=12)),
        ("dozens", Count.of_parts(low=24, best=24, high=None, approximate=True)),
        ("several dozen", Count.of_parts(low=24, best=24, high=None, approximate=True)),
        ("сотні", Count.of_parts(low=200, best=200, high=None, approximate=True)),
        ("unknown", None),
        ("N/A", None),
        ("", None),
    ],
)
def test_how_many(text: str, expected: Count | None) -> None:
    assert Numbers().count(text) == expected


def test_how_many_of_whom() -> None:
    for text in ("10 (incl. 2 children)", "10, including 2 children", "10 [of them 2 children]"):
        tally = Numbers().tally(text)
        assert tally is not None
        assert (tally.count, tally.including) == (10, {"children": 2})
    tally = Numbers().tally("~40 (including 2 children and at least 3 women)")
    assert tally is not None
    assert tally.including == {"children": Count(2), "women": Count(low=3)}
    with pytest.raises(ImporterError, match="a number alone"):
        Numbers().count("10 (incl. 2 children)")


@pytest.mark.parametrize("text", ["1.000", "12.500", "1.000.000", "1.000-3.000", "about 1.000"])
def test_a_point_that_may_part_thousands_is_asked_about(text: str) -> None:
    with pytest.raises(ImporterError, match="may part thousands or decimals"):
        Numbers().tally(text)
    assert Numbers(thousands=".").tally(text) is not None


def test_one_rule_for_a_column() -> None:
    points, commas = Numbers(thousands="."), Numbers(decimal=".")
    assert (points.count("1.000"), commas.count("1.000")) == (1000, 1)
    with pytest.raises(ImporterError):
        points.count("1,000")
    assert Numbers(thousands=".", decimal=",").real("1.234,5") == 1234.5
    assert Numbers(thousands=",").real("1,234.5") == 1234.5
    assert Numbers(decimal=",").real("48,123") == 48.123


@pytest.mark.parametrize("text", ["x", "12.5", "-3", "5-3", "10 or so", "ten thousand men", "1,20"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ImporterError):
        Numbers().tally(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("48.15", 48.15), ("48,15", 48.15), ("-0.5", -0.5), ("−3", -3.0), ("1e-3", 0.001),
     ("49.123456789012345678901234567890", 49.123456789012344)],
)  # fmt: skip
def test_a_real_number(text: str, expected: float) -> None:
    assert Numbers().real(text) == expected


def test_a_comma_that_may_part_thousands_is_asked_about() -> None:
    with pytest.raises(ImporterError, match="may part thousands or decimals"):
        Numbers().real("48,123")
    with pytest.raises(ImporterError, match=r"48\.15"):
        Numbers().real("forty")


@given(st.integers(0, 10**9), st.sampled_from([",", ".", " ", "'", "\u00a0"]))
def test_a_number_written_with_a_thousands_sign_comes_back(number: int, sign: str) -> None:
    text = f"{number:,}".replace(",", sign)
    assert Numbers(thousands=sign).whole(text) == number
    try:
        assert Numbers().whole(text) == number
    except ImporterError:
        assert sign == "."


@given(st.integers(0, 999), st.integers(0, 999))
def test_bounds_are_never_narrower_than_what_is_written(low: int, more: int) -> None:
    high = low + more
    for text in (f"{low}-{high}", f"{low} to {high}", f"{low}/{high}", f"between {low} and {high}"):
        assert Numbers().count(text) == Count(low=low, high=high)
    assert all(least >= 20 for least in VAGUE.values())
