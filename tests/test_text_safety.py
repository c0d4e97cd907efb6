"""No cell that a spreadsheet opens runs as a formula."""

from __future__ import annotations

import pytest

from timeline.text_safety import harmless


@pytest.mark.parametrize("opening", list("=+-@\t\r\n＝＋－＠"))
def test_what_opens_a_formula_is_made_a_text(opening: str) -> None:
    assert harmless(f"{opening}1+1") == f"'{opening}1+1"


@pytest.mark.parametrize("text", ["", "Izium", "a=b", "'=1", " =1"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
