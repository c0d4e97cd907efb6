"""Compares quotes with texts, and marks the words of a quote where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Report
from timeline.quote_matching import located, normalized


def test_white_space_quote_marks_and_composition_make_no_difference() -> None:
    assert normalized(" “Our\n town”  is\tfre\u0301e ") == "Our town is frée"


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("сімʼя", "сім'я"),
        ("сім’я", "моя сімʼя тут"),
        ("un\u00adder fi\u200bre", "under fire"),
        ("no‑fly", "a no-fly zone"),
        ("wait…", "wait... he said"),
        ("wait...", "wait… he said"),
        ("10–12 people", "10-12 people"),
        ("town — all", "town - all"),
        ("﻿our town", "our town"),
        ("re\u200bfrée", "refrée"),
        ("e\u00ad́", "é"),
        ("сім’я", "сімя"),
    ],
)
def test_what_printing_does_to_words_makes_no_difference(quote: str, text: str) -> None:
    assert Report("One", text=text).holds(quote)
    assert located(quote, text) is not None


@pytest.mark.parametrize(
    ("quote", "text"), [("10 killed", "lO killed"), ("12", "1 2"), ("town", "tovvn"), ("י", "'")]
)
def test_letters_and_digits_are_not_confused(quote: str, text: str) -> None:
    assert not Report("One", text=text).holds(quote)


def test_a_mark_counts_as_browsers_do() -> None:
    assert located("our town", "😀 “our  town”") == [4, 13]


@given(st.text(alphabet="ab e\u0301é\n «»'😀\u00ad\u200b–…", max_size=40), st.data())
def test_every_quote_that_is_held_is_marked(text: str, drawn: st.DataObject) -> None:
    ends = sorted(drawn.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    quote = text[ends[0] : ends[1]]
    mark = located(quote, text)
    folded = normalized(quote)
    assert (mark is not None) == bool(
        folded and text.strip() and Report("One", text=text).holds(quote)
    )
    if mark is None:
        return
    told = text.encode("utf-16-le")[2 * mark[0] : 2 * mark[1]].decode("utf-16-le")
    assert Report("One", text=told).holds(quote)


def test_a_quote_from_elsewhere_is_not_marked() -> None:
    assert located("", "text") is None
    assert located("words", None) is None
    assert located("words", "other") is None
