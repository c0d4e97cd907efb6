"""Looks at how values show themselves: in a notebook, and in the line that a shell prints."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest

from tests.chronologies import contested
from timeline import (
    Attack,
    Breakdown,
    Casualties,
    Control,
    Count,
    Log,
    Report,
    Statements,
    TerritorialChange,
    between,
    chronology,
    when,
)
from timeline.display import HtmlRepr
from timeline.testing.laws.formats import attacks, escape


def rows(card: Any) -> dict[str, str]:
    """Return what a card's table has, by its labels."""
    table = ET.fromstring(card._repr_html_())  # noqa: S314 - ours
    return {
        "".join(row[0].itertext()): "|".join(
            "".join(part.itertext()) for part in (row[1][0] if len(row[1]) else [row[1]])
        )
        for row in table.iter("tr")
    }


def everything() -> list[Any]:
    """Return one of every value and answer that shows itself."""
    log = contested()
    report = Report("One", published="2022-09-10", text="Words " * 100)
    return [
        log,
        *log,
        *log.accounts(),
        log.ask(Control()),
        *log.ask(Control()).values(),
        *log.ask(Statements()).values(),
        log.ask(Casualties()),
        log.ask(Casualties()).total,
        chronology(log),
        report,
        report.retracts("x", because="wrong"),
        Count(about=450),
        when("2022-09-10"),
    ]


@pytest.mark.parametrize("value", everything(), ids=lambda value: type(value).__name__)
def test_everything_shows_itself_and_loads_nothing(value: Any) -> None:
    shown = value._repr_html_()
    assert ET.fromstring(shown.replace("<br>", "<br/>")).tag == "table"  # noqa: S314 - ours
    assert not re.search(r"src=|href=|url\(|<script|<style", shown)


def test_a_table_has_what_matters() -> None:
    log = contested()
    shelled = log.accounts(known=7)
    told = rows(next(one for one in shelled if one.event.id == "shelled"))
    assert told["sources"] == "Agency, Wire"
    assert told["disputes"] == "killed"
    assert told["claims"].count("|") == 1
    assert rows(Count(low=3)) == {"words": "3 or more", "low": "3", "best": "3"}
    assert rows(Report("One", text="Words " * 100))["text"].endswith("…")
    assert rows(between("2022-09-08", "2022-09-10"))["bounds"] == "[2022-09-08, 2022-09-11)"
    assert rows(log.ask(Control(), at="2022-05")["geonames:707753"])["certain"] == "yes"


def test_a_tally_lists_places_and_sides() -> None:
    log = Log()
    log.append(
        *(
            Report("One").says(
                Attack(when="2022", place=f"P{n}", killed=1, including={"children": 1}, id=str(n))
            )
            for n in range(14)
        )
    )
    told = rows(log.ask(Casualties()))
    assert told["by place"].endswith("|and 2 more")
    assert told["by side"] == "not named: 14 killed; no figure of wounded; in 14 events"
    assert rows(log.ask(Casualties()).total)["including"] == "children: 14"


def test_lines_are_short() -> None:
    log = contested()
    for value in (*log, *log.accounts(), *log.ask(Control()).values(), log.ask(Casualties()), log):
        assert len(repr(value)) < 200
    assert repr(log) == "<Log in memory, 13 entries>"
    assert repr(next(iter(log))).startswith(
        "<Entry 1, recorded 2022-09-11 00:00:00 UTC: Wire says "
    )
    assert repr(log.ask(Control())["Kharkiv Oblast"]) == (
        "<Holding Russia (2/3) and Ukraine (1/3), since 2022-09-10>"
    )
    (account,) = (one for one in log.accounts() if one.event.id == "siege")
    assert repr(account) == "<Account Siege in Balakliia (2022-08-01 to 2022-09-05)>"


def test_a_closed_log_still_has_a_line(tmp_path: Any) -> None:
    with Log(tmp_path / "war.db") as log:
        log.append(Report("One").says(TerritorialChange(when="2022", place="Izium", to="A")))
        assert repr(log) == f"<Log in {tmp_path / 'war.db'}, 1 entry>"
    assert repr(log) == f"<Log in {tmp_path / 'war.db'}, closed>"
    assert "closed" in log._repr_html_()


@attrs.frozen
class Plain(HtmlRepr):
    """A card that says nothing about itself."""

    one: object = None
    other_: object = (1, 2)


def test_a_card_shows_its_fields_unless_it_says_otherwise() -> None:
    assert rows(Plain()) == {"other": "1, 2"}
    assert rows(Plain({"a": 1, "b": 2})) == {"one": "a: 1|b: 2", "other": "1, 2"}
    assert rows(Plain(Breakdown({"x" * 200: 1, "y" * 200: 1})))["one"].count("|") == 1
    assert rows(Plain(({"x" * 300: 1, None: 2},)))["one"].endswith("…")
    assert rows(Plain(({"x": 1, None: 2},)))["one"] == "1 x, 2 nobody named"
    assert Plain().summary() == "Plain(one=None, other_=(1, 2))"


@pytest.mark.parametrize("attack", attacks("html"))
def test_no_text_breaks_out_of_its_cell(attack: str) -> None:
    report = Report(attack, title=attack, url=attack, text=attack)
    claim = report.says(
        Attack(when="2022", place=attack, by=attack), quote=attack, according_to=attack
    )
    log = Log()
    (entry,) = log.append(claim)
    shown: list[Any] = [report, claim, entry, log.ask(Casualties()), chronology(log)]
    for value in (*shown, *log.accounts()):
        assert escape("html", value._repr_html_(), attack) is None
