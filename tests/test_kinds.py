"""Tests the kinds that come with the library: what they take, refuse, and read as."""

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
from timeline.events import Event, event
from timeline.kinds import (
    KINDS,
    Actor,
    Attack,
    Clash,
    CumulativeFigure,
    Incident,
    PoliticalStatement,
    TerritorialChange,
    actor_fields,
)
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
        "armed-clash/1": Clash,
        "cumulative-figure/1": CumulativeFigure,
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
        (Clash, {"sides": "A"}, "a Clash has two sides or more, not"),
        (Clash, {"sides": ("A", "B"), "losses": {"C": 1}}, "losses of 'C' are those of no side"),
        (CumulativeFigure, {"subject": "A", "measure": "dead", "total": None}, "needs a total"),
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
        (Attack(when=DAY, killed=0), "Attack: 0 killed"),
        (
            Clash(
                when=DAY,
                place="Ilovaisk",
                sides=["Government of Ukraine", "DPR"],
                killed=Count(low=366, best=566, high=566),
            ),
            "Fighting between Government of Ukraine and DPR in Ilovaisk: 566 killed (366 to 566)",
        ),
        (Clash(when=DAY, sides=["A", "B", "C"]), "Fighting between A, B and C"),
        (
            Clash(when=DAY, sides=["A", "B"], losses={"A": 3}),
            "Fighting between A and B: 3 or more killed",
        ),
        (
            Clash(when=DAY, sides=["A", "B"], killed=Count(about=30)),
            "Fighting between A and B: about 30 killed (27 to 33)",
        ),
        (
            CumulativeFigure(when=DAY, subject="Russia", measure="personnel", total=56300),
            "Russia, personnel: 56300 in all",
        ),
        (
            CumulativeFigure(when=DAY, subject="A", measure="dead", total=3, place=IZIUM),
            "A, dead in Izium: 3 in all",
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


def clash(**losses: Any) -> Clash:
    sides = {name: losses.pop(name, None) for name in ("A", "B")}
    return Clash(when=DAY, sides=("A", "B"), losses=sides, **losses)


def test_killed_left_out_is_the_sum_of_losses_where_all_are_given() -> None:
    whole = clash(A=366, B=Count(low=150, best=200, high=210), civilians=0, unknown=4)
    assert whole.killed == Count(low=520, best=570, high=580)
    for less in ({"A": None}, {"civilians": None}, {"unknown": None}):
        parts: dict[str, Any] = {"A": 3, "B": 2, "civilians": 1, "unknown": 0, **less}
        given = sum(number for number in parts.values() if number is not None)
        assert clash(**parts).killed == Count(low=given)
    assert clash().killed == Count()


def test_killed_that_is_said_is_the_total_and_nothing_is_made_to_fit() -> None:
    said = clash(A=3, B=2, civilians=0, unknown=0, killed=9)
    assert said.killed == 9
    assert said.losses == {"A": 3, "B": 2}


def test_whose_dead_they_are_is_kept_apart() -> None:
    assert clash(A=3, civilians=2).killed_by_side() == {
        "A": Count(3),
        "B": Count(),
        "civilians": Count(2),
        None: Count(),
    }
    assert Attack(when=DAY, against="A", killed=3).killed_by_side() == {"A": 3}
    named = Clash(when=DAY, sides=("civilians", "B"), losses={"civilians": 3}, civilians=2)
    assert named.killed_by_side()["civilians"] == 5


def test_fields_that_name_actors_are_known_and_hold_plain_texts() -> None:
    assert {kind: actor_fields(kind) for kind in KINDS} == {
        TerritorialChange: ("to", "from_"),
        Attack: ("by", "against"),
        PoliticalStatement: ("speaker", "addressee"),
        Incident: ("involved",),
        Clash: ("sides",),
        CumulativeFigure: (),
    }
    assert type(Attack(when=DAY, by="Russia").by) is str

    @event("arrest/1")
    class Arrest(Event):
        suspects: tuple[Actor, ...] = ()
        judge: Actor | None = None
        town: str = ""

    assert actor_fields(Arrest) == ("suspects", "judge")
    assert Arrest(when=DAY, suspects=("X",), judge="Y").judge == "Y"
