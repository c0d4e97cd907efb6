"""Tests that what older releases wrote has the same bytes and ids today.

``fixtures/canonical-1.jsonl`` was written by the release before field types had one schema, from
what ``said`` gives: run with that release, this file prints the same lines.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import attrs
import msgspec

from timeline import (
    Attack,
    Breakdown,
    Count,
    Event,
    Incident,
    Log,
    Place,
    PoliticalStatement,
    Report,
    TerritorialChange,
    When,
    between,
    event,
    lasted,
    when,
)
from timeline.canonical import encode, packed, plain
from timeline.export import to_jsonl
from timeline.importers import read_jsonl

STORED = Path(__file__).parent / "fixtures" / "canonical-1.jsonl"


class Side(Enum):
    NEAR = "near"
    FAR = "far"


class Rank(IntEnum):
    LOW = 1
    HIGH = 2


@attrs.frozen(kw_only=True)
class Unit:
    name: str
    strength: Count | None = None
    based: tuple[Place, ...] = ()
    rank: Rank = Rank.LOW


@event("all-of-them/1")
class AllOfThem(Event):
    text: str
    number: int = 0
    measure: float = 0.0
    flag: bool = False
    share: Fraction | None = None
    until: When | None = None
    place: Place | None = None
    many: Count | None = None
    groups: Breakdown = Breakdown()
    side: Side = Side.NEAR
    rank: Rank | None = None
    word: Literal["one", "two", 3] | None = None
    unit: Unit | None = None
    places: tuple[Place, ...] = ()
    numbers: tuple[int, ...] = ()
    nested: tuple[tuple[str, ...], ...] = ()
    whens: tuple[When, ...] = ()
    either: str | int | None = None


def said() -> list[Any]:
    """Return one thing said for each form and each type of field there is."""
    izium = Place(
        "Ізюм", id="geonames:707753", latitude=49, longitude=37.25, precision="town",
        within=Place("Kharkiv Oblast", within="Ukraine"),
    )  # fmt: skip
    wire = Report(
        "Wire", published="2022-09-10", zone="Europe/Kyiv", title="Day 199", url="https://a.b/c",
        text="Izium fell this morning, officials said.\nThree died.",
    )  # fmt: skip
    bare = Report("Ünï “quoted”")
    other = Report("Other", published=lasted("2022-09-11", "2022-09-12"))
    day = "2022-09-10"
    first = wire.says(
        TerritorialChange(when=day, place=izium, to="Ukraine", from_="Russia", share="1/3"),
        quote="Izium fell this morning", according_to=["officials", "a soldier"],
    )  # fmt: skip
    second = wire.says(
        TerritorialChange(when="2022-09-10~", place="Lyman", to="Ukraine", how="assault", id="b"),
        replaces=first,
    )  # fmt: skip
    attack = Attack(
        when=between("2022-09-08", "2022-09-10"), place=izium, by="Russia", against="Ukraine",
        weapon="artillery", killed=Count(low=3, best=5, high=9), wounded=Count(about=40),
        including={"women": 2, "children": Count(low=1)}, summary="A <b>line</b>", id="attack:1",
    )  # fmt: skip
    spoken = PoliticalStatement(
        when=when("2022-09-16T08:00", zone="Europe/Kyiv"), speaker="A", role="mayor", topic="aid",
        addressee="B", text="“We ask…”", medium="radio", stance="demands", id="spoken:1",
    )  # fmt: skip
    incident = Incident(
        when=When(lo=-(10**20), hi=None, text="long ago"), category="mass grave", place="Izium",
        involved=["Police", "Prosecutor"], found=440, killed=Count(low=1, best=2, high=2),
    )  # fmt: skip
    kind: Any = AllOfThem  # which takes short forms that a type checker doesn't see
    whole = kind(
        when="[2022-09-01,2022-09-03]", id="all:1", text="tab\there \u2028 🕯", number=-(2**53),
        measure=0.1, flag=True, share=Fraction(2, 7), until="2022-09", place="Lyman", many=12,
        groups={"x": 1}, side=Side.FAR, rank=Rank.HIGH, word=3,
        unit=Unit(name="92nd", strength=Count(3000), based=(izium, Place("Lyman")), rank=Rank.HIGH),
        places=[izium, "Lyman"], numbers=[3, 1, 2], nested=(("a", "b"), ()), whens=[day, "2022?"],
        either=7,
    )  # fmt: skip
    least = kind(when="2022/2023", text="")
    claims = [
        first, second, wire.says(attack), wire.denies(attack), other.expects(attack),
        bare.says(spoken), other.says(incident), bare.says(whole), other.says(least),
        other.denies(whole, quote="no"),
    ]  # fmt: skip
    gone = wire.retracts(first, because="a misunderstanding")
    return [*claims, gone, bare.voids(gone, because="typed twice")]


def written() -> list[str]:
    """Return a log of all of it as JSON Lines."""
    with Log(events=[AllOfThem], clock=lambda: datetime(2022, 10, 1, tzinfo=UTC)) as log:
        log.append(*said())
        return list(to_jsonl(log))


def test_what_is_said_has_the_bytes_and_ids_that_it_always_had() -> None:
    assert "".join(written()) == STORED.read_text(encoding="utf-8")


def test_what_was_stored_is_read_and_written_again_as_it_stands() -> None:
    with Log(events=[AllOfThem]) as log, STORED.open(encoding="utf-8") as lines:
        stored: list[Any] = [entry.claim for entry in read_jsonl(lines, events=[AllOfThem])]
        log.append(*stored)
        assert [entry.statement for entry in log] == said()
        assert log.verify().ok
        for entry in log:
            claim: Any = entry.claim
            assert claim.body() == log.store.get_by_position([entry.position])[entry.position].body
            report = log.store.reports([bytes.fromhex(claim.report.id)])
            assert claim.report.body == report[bytes.fromhex(claim.report.id)]
            if hasattr(claim, "event"):
                parts = msgspec.json.decode(claim.body(), type=dict[str, msgspec.Raw])
                assert encode(packed(claim.event)) == bytes(parts["event"])
                assert encode(plain(claim.event)) == bytes(parts["event"])


if __name__ == "__main__":
    print("".join(written()), end="")  # noqa: T201 - how the fixture was made
