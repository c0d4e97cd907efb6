"""Tests that no text turns a page, steers a terminal, or runs as a formula."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.text_safety import clean, harmless, one_line, without_controls

EVERY_CHARACTER = [chr(code) for code in range(0x110000)]
MARKS = {"LEFT-TO-RIGHT MARK", "RIGHT-TO-LEFT MARK", "ARABIC LETTER MARK"}
FORMATTING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def turns(character: str) -> bool:
    """Return whether a character is one of UAX 9's marks or explicit directional formatting."""
    return (
        unicodedata.bidirectional(character) in FORMATTING
        or unicodedata.name(character, "") in MARKS
    )


def in_a_line(character: str) -> str:
    if turns(character):
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character


def test_a_line_keeps_all_but_turns_and_controls() -> None:
    assert all(without_controls(one) == in_a_line(one) for one in EVERY_CHARACTER)


def test_a_text_keeps_its_breaks_and_loses_what_is_no_character() -> None:
    for one in EVERY_CHARACTER:
        broken = unicodedata.category(one) == "Cs" or one in "\ufffe\uffff"
        kept = one if one in "\t\n\r\u2028\u2029" else in_a_line(one)
        assert clean(one) == ("\ufffd" if broken else kept)
    assert clean("a\u202eb\x07c\ud800\n") == "ab c\ufffd\n"


@given(st.text())
def test_a_line_is_what_its_characters_are(text: str) -> None:
    assert without_controls(text) == "".join(map(in_a_line, text))
    assert one_line(text) == " ".join(without_controls(text).split())
    assert clean(text) == "".join(map(clean, text))


@pytest.mark.parametrize("opening", list("=+-@\t\r\n＝＋－＠"))
def test_what_opens_a_formula_is_made_a_text(opening: str) -> None:
    assert harmless(f"{opening}1+1") == f"'{opening}1+1"


@pytest.mark.parametrize("text", ["", "Izium", "a=b", "'=1", " =1"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
