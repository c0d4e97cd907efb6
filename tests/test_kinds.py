"""Tests the four kinds that come with the library: what they take, refuse, and read as."""

from __future__ import annotations

import ast
import inspect
from fractions import Fraction
from typing import Any, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import kinds
from timeline.counts import Count
from timeline.errors import EventError
from timeline.events import Event
from timeline.kinds import KINDS, Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.places import Place
from timeline.time_parsing import when

DAY = when("2022-09-10")
IZIUM = Place("Izium")


def test_the_names_on_disk_stay() -> None:
    assert {kind.kind: kind for kind in KINDS} == {
        "territorial-change/1": TerritorialChange,
        "attack/1": Attack,
        "political-statement/1": PoliticalStatement,
        "incident/1": Incident,
    }


def test_a_change_needs_a_side() -> None:
    with pytest.raises(EventError, match=r"at Izium needs to= .* from_= .*or both"):
        TerritorialChange(when=DAY, place=IZIUM)


@pytest.mark.parametrize("share", ["0", "-1/3", "4/3"])
def test_a_share_is_a_part_of_the_whole(share: Any) -> None:
    with pytest.raises(EventError, match="the part of Izium that changed hands, above 0"):
        TerritorialChange(when=DAY, place=IZIUM, to="Ukraine", share=share)


@given(st.fractions(0, 1).filter(bool))
def test_every_part_of_the_whole_is_a_share(share: Fraction) -> None:
    change = TerritorialChange(when=DAY, place=IZIUM, to="Ukraine", share=share)
    assert change.share == share


def test_short_forms_are_read() -> None:
    attack = Attack(
        when="2022-09-16",
        place="Kharkiv",
        wounded=12,
        including={"children": 2},
    )
    assert attack.place == Place("Kharkiv")
    assert attack.wounded == Count(12)
    assert attack.killed == Count()
    assert attack.including["children"] == 2
    grave = Incident(when=DAY, category="mass grave", involved="police")
    assert grave.involved == ("police",)


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (TerritorialChange, {"place": None, "to": "x"}, "a place is a Place or a name, not None"),
        (TerritorialChange, {"place": "x", "to": 3}, "'to' takes"),
        (Attack, {"killed": -1}, "can't be below zero"),
        (Attack, {"killed": "twelve"}, "whole number, not 'twelve'"),
        (Attack, {"including": [("children", 2)]}, "a breakdown is a mapping"),
        (PoliticalStatement, {"speaker": None}, "'speaker' takes str, not None"),
        (Incident, {"category": "fire", "involved": (3,)}, "'involved' takes"),
    ],
)
def test_what_doesnt_fit_is_refused(
    kind: type[Event], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(EventError, match=message):
        kind(when=DAY, **fields)


@pytest.mark.parametrize(
    ("event", "headline"),
    [
        (TerritorialChange(when=DAY, place=IZIUM, to="Ukraine"), "Izium passes to Ukraine"),
        (TerritorialChange(when=DAY, place=IZIUM, from_="Russia"), "Izium passes from Russia"),
        (
            TerritorialChange(
                when=DAY,
                place=Place("Kharkiv Oblast"),
                to="Ukraine",
                from_="Russia",
                share=Fraction(1, 3),
                how="assault",
            ),
            "1/3 of Kharkiv Oblast passes from Russia to Ukraine (assault)",
        ),
        (
            TerritorialChange(when=DAY, place=IZIUM, to="Ukraine", share=Fraction(1)),
            "Izium passes to Ukraine",
        ),
        (Attack(when=DAY), "Attack"),
        (
            Attack(
                when=DAY,
                place=IZIUM,
                by="Russia",
                against="Ukraine",
                weapon="rockets",
                killed=Count(low=1),
                wounded=Count(12),
            ),
            "Attack on Ukraine in Izium by Russia with rockets: 1 or more killed, 12 wounded",
        ),
        (PoliticalStatement(when=DAY, speaker="Putin"), "Putin speaks"),
        (PoliticalStatement(when=DAY, speaker="Putin", topic="grain"), "Putin speaks: grain"),
        (
            PoliticalStatement(
                when=DAY,
                speaker="Galliamov",
                role="political scientist",
                addressee="Público",
                text="it is in shock",
                stance="talks",
            ),
            "Galliamov (political scientist) talks to Público: it is in shock",
        ),
        (Incident(when=DAY, category="road accident"), "Road accident"),
        (
            Incident(
                when=DAY,
                category="mass grave",
                place=IZIUM,
                involved=("police", "army"),
                found=Count(about=450),
            ),
            "Mass grave in Izium, police, army: about 450 (405 to 495) found",
        ),
    ],
)
def test_a_headline_says_what_the_event_says(event: Event, headline: str) -> None:
    assert event.headline() == str(event) == headline


def test_the_init_that_type_checkers_see_has_the_fields_there_are() -> None:
    source = ast.parse(inspect.getsource(kinds))
    seen = {
        made.name: [argument.arg for argument in init.args.kwonlyargs]
        for made in source.body
        if isinstance(made, ast.ClassDef)
        for guard in made.body
        if isinstance(guard, ast.If)
        for init in guard.body
        if isinstance(init, ast.FunctionDef)
    }
    fields = {
        kind.__name__: [one.name for one in attrs.fields(cast(Any, kind))] for kind in kinds.KINDS
    }
    assert {name: set(listed) for name, listed in seen.items()} == {
        name: set(listed) for name, listed in fields.items()
    }
