"""Tests how a kind of event is made, what it refuses, and what its events are."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

import attrs
import pytest

from timeline.counts import Breakdown, Count
from timeline.errors import EventError, KindError, TimelineError
from timeline.events import (
    Event,
    UnknownEvent,
    earlier_ids,
    event,
    version_of,
)
from timeline.kinds import Attack
from timeline.places import Place
from timeline.schema import fraction, members
from timeline.time_parsing import when
from timeline.times import When

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see


@event("displacement/1")
class Displacement(Event):
    place: Place
    people: Count


class Road(Enum):
    OPEN = "open"
    CLOSED = "closed"


@attrs.frozen
class Leg:
    name: str
    next: Leg | None = None
    km: float = 0.0


@event("convoy/1")
class Convoy(Event):
    name: str
    trucks: int = 0
    armed: bool = False
    tonnes: float = 0.0
    share: Fraction | None = None
    route: tuple[Place, ...] = ()
    legs: tuple[Leg, ...] = ()
    seen: When | None = None
    loads: Breakdown = Breakdown()
    road: Road = Road.OPEN
    cargo: Literal["food", "fuel", 3] | None = None
    note: str | int | None = None
    speed: float | None = None


def convoy(**fields: Any) -> Convoy:
    return Convoy(**{"when": "2022-09-16", "name": "aid"} | fields)


def test_a_kind_is_frozen_keyword_only_and_comparable() -> None:
    moved = Displacement(when="2022-09", place="Izium", people=12)  # type: ignore[arg-type]
    assert moved == Displacement(when=when("2022-09"), place=Place("Izium"), people=Count(12))
    assert hash(moved) == hash(evolve(moved))
    assert moved.kind == "displacement/1"
    with pytest.raises(AttributeError):
        moved.people = Count(3)  # type: ignore[misc]
    with pytest.raises(TypeError, match="positional"):
        Displacement("2022-09", "Izium", 12)  # type: ignore[call-arg, arg-type]


def test_short_forms_are_read() -> None:
    read = convoy(
        tonnes=3,
        share="1/3",
        route=["Kharkiv", "Izium"],
        seen="2022-09-17",
        loads={"trucks": 2},
        speed=60,
    )
    assert read.share == Fraction(1, 3)
    assert read.route == (Place("Kharkiv"), Place("Izium"))
    assert read.loads == {"trucks": 2}
    assert read.seen == when("2022-09-17")
    assert (type(read.tonnes), type(read.speed)) == (float, float)
    assert convoy(tonnes=3).id == convoy(tonnes=3.0).id
    assert convoy(tonnes=-0.0).id == convoy(tonnes=0.0).id
    assert convoy(share=0.1).share == Fraction(1, 10)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", 3, "the field 'name' takes str, not 3"),
        ("name", None, "the field 'name' takes str, not None"),
        ("trucks", True, "'trucks' takes int, not True"),
        ("trucks", 1.0, "'trucks' takes int, not 1.0"),
        ("armed", 1, "'armed' takes bool, not 1"),
        ("tonnes", float("nan"), "'tonnes' takes float, not nan"),
        ("tonnes", float("inf"), "'tonnes' takes float, not inf"),
        ("tonnes", 10**400, "'tonnes' takes float"),
        ("tonnes", (1 << 53) + 1, "'tonnes' takes float"),
        ("share", "a third", "written '1/3'.*not 'a third'"),
        ("share", "1/0", "written '1/3'.*not '1/0'"),
        ("share", True, "written '1/3'.*not True"),
        ("share", float("nan"), "written '1/3'.*not nan"),
        ("route", 3, "takes a tuple or list, not 3"),
        ("route", ("Izium", 3), "a place is a Place or a name, not 3"),
        ("legs", (Leg("a", km=1),), "'legs' takes"),
        ("legs", (Leg(3),), "'legs' takes"),  # type: ignore[arg-type]
        ("seen", "soon", "soon"),
        ("loads", 3, "a breakdown is a mapping"),
        ("road", "open", "'road' takes Road, not 'open'"),
        ("cargo", "arms", "'cargo' takes"),
        ("cargo", 3.0, "'cargo' takes"),
        ("note", 1.5, "'note' takes"),
        ("when", "soon", "soon"),
        ("when", None, "as a time"),
        ("id", 3, "id"),
        ("id", " ", "a text such as 'ucdp:147997', not ' '"),
        ("summary", 3, "'summary' takes"),
    ],
)
def test_a_field_refuses_what_could_not_be_read_back(field: str, value: Any, message: str) -> None:
    with pytest.raises(TimelineError, match=message):
        convoy(**{field: value})


def test_a_lone_text_is_one_value() -> None:
    assert members("Wagner Group") == ("Wagner Group",)
    assert members(["a", "b"]) == ("a", "b")
    with pytest.raises(EventError, match="a tuple or list, not None"):
        members(None)  # type: ignore[arg-type]


def test_a_fraction_is_read_as_it_is_written() -> None:
    assert fraction(0.33) == fraction("0.33") == Fraction(33, 100)
    assert fraction(1) == 1
    with pytest.raises(EventError, match="not None"):
        fraction(None)  # type: ignore[arg-type]
    with pytest.raises(EventError, match="in at most 200 characters, not 1e"):
        fraction(1e300)


def test_an_id_is_given_or_derived_from_kind_and_content() -> None:
    one = convoy()
    assert one.id.startswith("convoy/1:")
    assert one.id == convoy().id
    assert one.id != convoy(name="arms").id
    assert convoy(id="ucdp:147997").id == "ucdp:147997"
    assert convoy(id="a") != convoy(id="b")


def test_kinds_with_equal_fields_are_unequal() -> None:
    @event("column/1")
    class Column(Event):
        name: str

    @event("column/2")
    class Wider(Event):
        name: str

    one, other = Column(when="2022", name="x"), Wider(when="2022", name="x")  # type: ignore[arg-type]
    assert one != other
    assert one.id != other.id


def test_a_field_that_equals_its_default_leaves_the_id_alone() -> None:
    @event("convoy/1")
    class Short(Event):
        name: str

    assert Short(when="2022-09-16", name="aid").id == convoy(trucks=0).id  # type: ignore[arg-type]


def test_a_kind_keeps_its_own_converter_and_check() -> None:
    def positive(_: object, attribute: attrs.Attribute[int], value: int) -> None:
        if value <= 0:
            raise EventError(f"{attribute.name} must be above zero, not {value}")

    @event("mine/1")
    class Mine(Event):
        depth: int = attrs.field(converter=abs, validator=positive)

        def check(self) -> None:
            if self.depth > 9:
                raise EventError("too deep")

    assert Mine(when="2022", depth=-3).depth == 3  # type: ignore[arg-type]
    for depth, message in [
        (0, "above zero, not 0"),
        (10, "too deep"),
        (-1.5, "takes int, not 1.5"),
    ]:
        with pytest.raises(EventError, match=message):
            Mine(when="2022", depth=depth)  # type: ignore[arg-type]


def test_a_kind_may_derive_from_a_kind() -> None:
    @event("shelling/1")
    class Shelling(Attack):
        rounds: int

    shelled = Shelling(when="2022-09-16", place="Kharkiv", wounded=2, rounds=30)  # type: ignore[arg-type]
    assert isinstance(shelled, Attack)
    assert shelled.wounded == 2
    assert shelled.kind == "shelling/1"
    assert Attack.kind == "attack/1"


def test_an_event_reads_as_its_summary_or_headline() -> None:
    assert str(convoy(summary="A convoy leaves")) == "A convoy leaves"
    assert str(convoy(id="un:7")) == "Convoy: name aid"


@pytest.mark.parametrize(
    "name",
    ["", "convoy", "convoy/0", "convoy/01", "Convoy/1", "convoy/1 ", "con voy/1", "convoy/x", "/1",
     "convoi\u00e9/1", "convoy/\uff11", "convoy/123456", "a" * 101 + "/1", None, 3],
)  # fmt: skip
def test_a_malformed_name_is_refused(name: Any) -> None:
    with pytest.raises(KindError, match="a kind is named 'displacement/1'"):
        event(name)


def test_a_name_has_a_version() -> None:
    assert version_of("territorial-change/12") == ("territorial-change", 12)


@pytest.mark.parametrize("thing", [object, int, lambda: None, 3])
def test_only_classes_of_events_are_kinds(thing: Any) -> None:
    with pytest.raises(KindError, match="above a class that derives from Event"):
        event("thing/1")(thing)


@pytest.mark.parametrize("start", [0, 2, "1"])
def test_an_upcast_starts_from_an_older_version(start: Any) -> None:
    with pytest.raises(KindError, match=r"starts from a version 1 to 1, not"):
        event("thing/2", upcasts={start: dict})


class Mixed(Enum):
    TEXT = "a"
    NUMBER = 1


class Empty(Enum):
    pass


@attrs.define
class Changeable:
    name: str


@attrs.frozen
class Deep:
    things: list[str]


@pytest.mark.parametrize(
    "hint",
    [
        object, Any, dict[str, int], list[str], set[int], bytes, complex, tuple, tuple[int, str],
        tuple[int], tuple[list[str], ...], list[str] | None, Mixed, Empty, Literal[True],
        Callable[[], int], Changeable, Deep,
    ],
)  # fmt: skip
def test_a_field_of_a_type_that_cannot_be_kept_is_refused(hint: Any) -> None:
    space = {"__annotations__": {"thing": hint}, "__module__": __name__}
    with pytest.raises(KindError, match=r"can't be of type .*; use str, int"):
        event("thing/1")(type("Thing", (Event,), space))


def test_an_annotation_may_carry_more() -> None:
    @event("thing/1")
    class Thing(Event):
        name: Annotated[str, "as the source has it"]
        seen: ClassVar[list[str]] = []

    assert Thing(when="2022", name="x").name == "x"  # type: ignore[arg-type]


@pytest.mark.parametrize("hint", ["Nowhere", "Place.nothing", "str |", "str | 3"])
def test_a_type_that_cannot_be_told_is_refused(hint: str) -> None:
    space = {"__annotations__": {"thing": hint}, "__module__": __name__}
    with pytest.raises(KindError, match="the fields of Thing can't be resolved"):
        event("thing/1")(type("Thing", (Event,), space))


@pytest.mark.parametrize("name", ["kind", "upcasts", "check", "headline", "as_recorded", "_hidden"])
def test_a_field_cannot_take_a_name_that_means_something_else(name: str) -> None:
    space = {"__annotations__": {name: "str"}, "__module__": __name__}
    with pytest.raises(KindError, match=f"can't be called '{name}'"):
        event("thing/1")(type("Thing", (Event,), space))


def test_an_event_is_of_a_kind() -> None:
    class Nameless(Event):
        pass

    for cls in (Event, Nameless):
        with pytest.raises(KindError, match=f"{cls.__name__} has no name on disk; put @event"):
            cls(when="2022")  # type: ignore[arg-type]


def test_an_unknown_event_says_what_it_is_and_keeps_its_bytes() -> None:
    stranger = UnknownEvent(
        when=when("2022"), id="x:1", recorded_kind="flood/3", content='{"id":"x:1"}'
    )
    assert str(stranger) == "flood/3 x:1"
    assert stranger.as_recorded == ("flood/3", b'{"id":"x:1"}')
    assert convoy().as_recorded is None


def test_a_kind_that_could_not_be_read_back_is_refused() -> None:
    with pytest.raises(KindError, match="can't be read back"):

        @event("muddle/1")
        class Muddle(Event):
            part: Place | Count | None = None


def test_the_headline_of_a_kind_of_ones_own_tells_its_fields() -> None:
    @event("tally/1")
    class Told(Event):
        hurt: Breakdown = Breakdown()
        names: tuple[str, ...] = ()

    assert str(Told(when=when("2022"), id="t")) == "Tally t"
    told = Told(when=when("2022"), hurt=Breakdown({"children": 2}), names=("A", "B"))
    assert str(told) == "Tally: hurt 2 children, names A, B"


def test_derived_ids_leave_out_the_zones_name() -> None:
    def attack(text: str, zone: str) -> Attack:
        return Attack(when=when(text, zone=zone), place="Izium")

    noon = attack("2022-09-10T12:00", "Europe/Kyiv")
    assert noon.id == attack("2022-09-10T12:00", "Europe/Kiev").id
    assert noon.id == attack("2022-09-10T12:00+03:00", "UTC").id
    assert noon.id != attack("2022-09-10T12:00", "UTC").id
    # By the ids that version 0.1 derived.
    assert earlier_ids(noon)[0] == "attack/1:cc95878fc05f1ec5a87cb7e87b4845f7"
    assert "attack/1:01ef3bf6c157b30c85a8245abeeadf67" in earlier_ids(noon)  # Europe/Kiev
    assert earlier_ids(attack("2022-09-10T12:00", "UTC"))[0] == attack("2022-09-10T12:00", "UTC").id
    assert earlier_ids(attack("2022-09-10T12:00:05+03:00", "UTC")) == (
        "attack/1:9acb8150a37e12a0fb0f2fe8c849f953",
    )
    assert earlier_ids(Attack(when="2022", place="Izium", id="ucdp:1")) == ()


def test_earlier_ids_know_the_times_and_tuples_within_an_event() -> None:
    kyiv = convoy(when=when("2022", zone="Europe/Kyiv"), seen=when("2022-01", zone="Asia/Kolkata"))
    old = convoy(when=when("2022", zone="Europe/Kiev"), seen=when("2022-01", zone="Asia/Calcutta"))
    assert kyiv.id == old.id
    assert len(earlier_ids(kyiv)) == len(earlier_ids(old)) > 2
    assert earlier_ids(kyiv)[0] != earlier_ids(old)[0]
    assert len(earlier_ids(convoy(legs=(Leg("a"), Leg("b"))))) >= 1
