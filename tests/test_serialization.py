"""Tests the plain dicts that answers give: every key is there, and nothing but JSON is in them."""

from __future__ import annotations

import json
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import told
from timeline import (
    Attack,
    Casualties,
    Chronology,
    Control,
    Count,
    Event,
    Incident,
    Log,
    Place,
    Report,
    Statements,
    TerritorialChange,
    When,
    event,
    when,
)
from timeline.calendar_math import as_datetime
from timeline.errors import EventError
from timeline.resolution import resolve
from timeline.serialization import event_dict, moment_text, time_dict, to_dicts, value_dict
from timeline.testing import strategies

REPORT = Report("ISW", published="2022-09-11", zone="UTC")


class Size(Enum):
    SMALL = "small"


@attrs.frozen
class Part:
    name: str
    size: Size


@event("parade/1")
class Parade(Event):
    parts: tuple[Part, ...] = ()
    long: bool = False
    share: Fraction | None = None
    ended: When | None = None


@given(st.integers(-(10**17), 10**18))
def test_a_moment_is_iso_8601_in_utc(instant: int) -> None:
    moment = as_datetime(instant)
    if moment is not None:
        assert moment_text(instant) == moment.isoformat().replace("+00:00", "Z")


def test_moments_beyond_the_years_of_datetime_have_a_sign() -> None:
    assert moment_text(None) is None
    assert moment_text(0) == "1970-01-01T00:00:00Z"
    assert moment_text(500_000) == "1970-01-01T00:00:00.500000Z"
    by_year = {"-0044": "-0044-03-15", "0000": "0000-01-01", "+12345": "Y12345"}
    for opening, text in by_year.items():
        lo = Incident(when=text, category="old").when.lo
        assert str(moment_text(lo)).startswith(f"{opening}-")


def test_a_time_tells_its_bounds_and_what_is_known_of_it() -> None:
    lasted = time_dict(Incident(when="2022-03/2022-05", category="siege").when)
    assert lasted == {
        "told": "2022-03-01 to 2022-05-31",
        "earliest": "2022-03-01T00:00:00Z",
        "latest": "2022-06-01T00:00:00Z",
        "start_latest": "2022-04-01T00:00:00Z",
        "end_earliest": "2022-05-01T00:00:00Z",
        "precision": "month",
        "shape": "lasted",
        "approximate": False,
        "uncertain": False,
        "zone": "UTC",
        "edtf": "2022-03/2022-05",
        "text": "2022-03/2022-05",
    }


def test_every_value_that_a_field_holds_has_a_plain_form() -> None:
    parade = Parade(
        when=when("2022"),
        parts=(Part("band", Size.SMALL),),
        share=Fraction(1, 3),
        ended=when("2023"),
        id="p",
    )
    assert event_dict(parade)["fields"] == {
        "parts": [{"name": "band", "size": "small"}],
        "long": False,
        "share": "1/3",
        "ended": time_dict(when("2023")),
    }
    with pytest.raises(EventError, match="no plain form"):
        value_dict(object())


@given(strategies.histories())
def test_accounts_are_plain_json_with_all_keys(history: Any) -> None:
    rows = Chronology(tuple(resolve(history))).to_dicts()
    assert json.loads(json.dumps(rows)) == rows
    assert len({frozenset(row) for row in rows}) <= 1
    assert len({frozenset(claim) for row in rows for claim in row["claims"]}) <= 1


def test_an_account_is_the_row_that_it_is_in_a_chronology() -> None:
    accounts = told()
    assert [row for one in accounts for row in one.to_dicts()] == accounts.to_dicts()
    [shelled] = [row for row in accounts.to_dicts() if row["id"] == "shelled"]
    assert (shelled["disputed"], shelled["denied_by"]) == (True, ["Other, Ltd"])
    denial, claim = shelled["claims"]
    assert (denial["stance"], claim["stance"]) == ("denies", "says")
    assert (claim["quote"], claim["title"], claim["counted"]) == ("x", "News", True)
    [freed] = [row for row in accounts.to_dicts() if row["id"] == "freed"]
    assert freed["claims"][0]["version"]["when"]["told"] == "2022-09-12"
    assert freed["claims"][1]["version"] is None


def test_every_answer_gives_rows() -> None:
    with Log() as log:
        log.append(
            REPORT.says(TerritorialChange(when="2022-09-10", place="Izium", to="Ukraine")),
            REPORT.says(
                TerritorialChange(
                    when="2022-09-11", place="Oblast", to="Ukraine", from_="Russia", share="1/3"
                )
            ),
            REPORT.says(Attack(when="2022-09-10", place="Izium", against="Town", killed=3)),
        )
        held = to_dicts(log.ask(Control(), at="2022-09-12"))
        assert [(row["key"], row["told"], row["certain"]) for row in held] == [
            ("Izium", "Ukraine", True),
            ("Oblast", "Russia and Ukraine (1/3)", True),
        ]
        assert (held[0]["holders"], held[0]["since"]["told"]) == (["Ukraine"], "2022-09-10")
        assert held[1]["shares"] == {"Russia": None, "Ukraine": "1/3"}
        assert len(held[0]["claims"]) == 1
        tolls = to_dicts(log.ask(Casualties()))
        assert [(row["of"], row["name"], row["killed"]["best"]) for row in tolls] == [
            ("all", None, 3),
            ("place", "Izium", 3),
            ("side", "Town", 3),
        ]
        assert to_dicts(log.ask(Statements())) == []
        json.dumps([held, tolls])


def test_entries_of_a_log_give_rows() -> None:
    with Log() as log:
        log.append(REPORT.says(Incident(when="2022", category="fire")), recorded="2022-09-12")
        [row] = to_dicts(log)
    assert (row["position"], row["recorded"]) == (1, "2022-09-12T00:00:00Z")
    assert row["claim"]["event"]["category"] == "fire"
    assert row["claim"]["report"]["source"] == "ISW"
    json.dumps(row)


def test_values_of_a_users_own_give_rows_too() -> None:
    assert to_dicts(3) == [{"value": 3}]
    assert to_dicts({"a": 1, "b": 2}) == [{"key": "a", "value": 1}, {"key": "b", "value": 2}]
    assert to_dicts([Count(2), Place("Izium")])[0] == {
        "low": 2,
        "best": 2,
        "high": 2,
        "approximate": False,
        "missing": 0,
    }
    assert to_dicts(Count()) == [
        {"low": None, "best": None, "high": None, "approximate": False, "missing": 1}
    ]
    assert to_dicts([{"who": {"b", "a"}, "n": [1, None]}]) == [
        {"key": "who", "value": "a"},
        {"key": "who", "value": "b"},
        {"key": "n", "value": 1},
        {"key": "n", "value": None},
    ]
    assert to_dicts(Part("band", Size.SMALL)) == [{"name": "band", "size": "small"}]
    assert value_dict({"who": frozenset({"b", "a"}), 1: [2]}) == {"who": ["a", "b"], "1": [2]}
    assert to_dicts("Izium") == [{"value": "Izium"}]
    assert to_dicts(Attack(when="2022", including={"children": 2}).including) == [
        {"children": {"low": 2, "best": 2, "high": 2, "approximate": False, "missing": 0}}
    ]
