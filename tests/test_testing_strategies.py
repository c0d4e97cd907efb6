"""Measures what the strategies draw, and holds them to the shares that the laws count on."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from hypothesis import HealthCheck, assume, find, given, settings
from hypothesis import strategies as st

from tests import naive
from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Report, Retraction, Said, Void
from timeline.codec import Codec
from timeline.counts import Breakdown, Count
from timeline.errors import EventError, KindError
from timeline.events import Event, UnknownEvent, event
from timeline.kinds import KINDS, Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.log import Log
from timeline.places import Place
from timeline.resolution import resolve
from timeline.testing.strategies import (
    DESK,
    SOURCES,
    arrivals,
    breakdowns,
    claims,
    counts,
    events,
    filled,
    histories,
    logs,
    places,
    reports,
    whens,
)
from timeline.times import When

ROOT = Path(__file__).parents[1]
EXAMPLES = 400


def drawn(strategy: st.SearchStrategy[Any], examples: int = EXAMPLES) -> list[Any]:
    """What a strategy draws, the same on every run."""
    found: list[Any] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(one: Any) -> None:
        found.append(one)

    collect()
    return found


def overlap(one: When, other: When) -> bool:
    return naive.lo(one) < naive.hi(other) and naive.lo(other) < naive.hi(one)


def told(history: list[Said]) -> list[Claim]:
    return [one for one in history if isinstance(one, Claim)]


def pairs(history: list[Said]) -> Iterator[tuple[Claim, Claim]]:
    """Each two unlike claims, the one that arrived sooner first."""
    found = told(history)
    return ((a, b) for index, b in enumerate(found) for a in found[:index] if a.id != b.id)


def voided(history: list[Said]) -> set[str]:
    return {one.target for one in history if isinstance(one, Void)}


def ids(history: list[Said]) -> set[str]:
    return {one.id for one in history}


def live(history: list[Said]) -> list[Account]:
    return [account for account in resolve(history) if not account.expected]


NEWS: dict[str, Callable[[list[Said]], bool]] = {
    "late": lambda said: any(
        naive.hi(b.event.when) <= naive.lo(a.event.when) for a, b in pairs(said)
    ),
    "published later, heard sooner": lambda said: any(
        naive.hi(b.published) <= naive.lo(a.published) for a, b in pairs(said)
    ),
    "overlapping": lambda said: any(
        a.event.id != b.event.id and overlap(a.event.when, b.event.when) for a, b in pairs(said)
    ),
    "retracted": lambda said: any(
        isinstance(one, Retraction)
        and claim.source == one.report.source
        and claim.event.id == one.event_id
        and naive.lo(claim.published) < naive.hi(one.report.published)
        for one in said
        for claim in told(said)
    ),
    "replaced": lambda said: any(set(claim.replaces) & ids(said) for claim in told(said)),
    "denied": lambda said: any(
        a.event.id == b.event.id and "denies" in (a.stance, b.stance) for a, b in pairs(said)
    ),
    "expected": lambda said: any(claim.stance == "expects" for claim in told(said)),
    "voided": lambda said: bool(voided(said) & ids(said)),
    "void voided": lambda said: any(
        isinstance(one, Void) and one.id in voided(said) for one in said
    ),
    "void before its target": lambda said: any(
        isinstance(a, Void) and a.target == b.id for i, b in enumerate(said) for a in said[:i]
    ),
    "corroborated": lambda said: any(
        a.source != b.source and a.event == b.event for a, b in pairs(said)
    ),
    "corrected": lambda said: any(
        a.source == b.source and a.event.id == b.event.id and a.event != b.event
        for a, b in pairs(said)
    ),
    "disputed": lambda said: any(account.disputes for account in live(said)),
    "redelivered": lambda said: len(ids(said)) < len(said),
    "something stands": lambda said: bool(live(said)),
}
"""What kinds of trouble a history may hold."""


def news(history: list[Said]) -> set[str]:
    """What kinds of trouble a history holds."""
    return {name for name, holds in NEWS.items() if holds(history)}


SHARES = {
    "late": 0.25,
    "published later, heard sooner": 0.40,
    "overlapping": 0.15,
    "retracted": 0.10,
    "replaced": 0.20,
    "denied": 0.20,
    "expected": 0.15,
    "voided": 0.20,
    "void voided": 0.02,
    "void before its target": 0.015,
    "corroborated": 0.15,
    "corrected": 0.30,
    "disputed": 0.02,
    "redelivered": 0.15,
    "something stands": 0.70,
}
"""In what part of the histories drawn each kind of news occurs at the least."""


def shares(found: Iterable[set[str]]) -> dict[str, float]:
    all_found = list(found)
    met = Counter(name for names in all_found for name in names)
    return {name: met[name] / len(all_found) for name in SHARES}


@pytest.mark.parametrize("kinds", [(), (Attack,), (TerritorialChange,)], ids=str)
def test_each_kind_of_trouble_is_met_often(kinds: tuple[type[Event], ...]) -> None:
    met = shares(map(news, drawn(histories(*kinds))))
    rare = {name: met[name] for name, least in SHARES.items() if met[name] < least}
    assert not rare, f"drawn in too small a part of the histories: {rare}"


def test_times_overlap_and_are_told_apart_both() -> None:
    pairs = drawn(st.tuples(whens(), whens()))
    apart = sum(not overlap(a, b) for a, b in pairs) / len(pairs)
    assert 0.25 <= apart <= 0.75
    assert {one.shape for pair in pairs for one in pair} == {"moment", "lasted", "all"}
    assert any(one.lo is None and one.hi is None for pair in pairs for one in pair)


@given(whens(bounded=True, days=3))
def test_bounded_times_have_both_bounds(time: When) -> None:
    assert time.lo is not None
    assert time.hi is not None


@given(counts(most=6), breakdowns(), places())
def test_counts_stay_below_the_most(count: Count, among: Breakdown, place: Place) -> None:
    assert count.low <= 6
    assert set(among) <= {"children", "medics"}
    assert place.key


def test_batches_arrive_at_one_instant_and_apart() -> None:
    batches = drawn(histories(min_size=4).flatmap(arrivals))
    times = [[batch.recorded for batch in one] for one in batches]
    assert all(one == sorted(one) for one in times)
    assert sum(len(set(one)) < len(one) for one in times) / len(times) >= 0.3
    assert sum(len(set(one)) > 1 for one in times) / len(times) >= 0.5
    assert sum(any(len(batch.said) > 1 for batch in one) for one in batches) / len(times) >= 0.3


@given(st.data(), histories())
def test_all_that_is_said_arrives(data: st.DataObject, history: list[Said]) -> None:
    def said(batches: Iterable[Any]) -> list[Said]:
        return [one for batch in batches for one in batch.said]

    assert said(data.draw(arrivals(history, shuffled=False))) == history
    key = lambda one: one.id  # noqa: E731
    assert sorted(said(data.draw(arrivals(history))), key=key) == sorted(history, key=key)
    again = data.draw(arrivals(history, repeated=True))
    assert {one.id for one in said(again)} == {one.id for one in history}
    assert filled(again).head == len({one.id for one in history})


@given(logs(Attack, history=histories(Attack, min_size=1), shuffled=True))
def test_a_log_is_filled(log: Log) -> None:
    assert log.head >= 1
    assert all(isinstance(one.claim.event, Attack) for one in log if isinstance(one.claim, Claim))


@given(claims(events(Incident), reports=reports(sources=("BBC",)), stances=("denies",)))
def test_strategies_compose(claim: Claim) -> None:
    assert claim.source == "BBC"
    assert claim.stance == "denies"
    assert isinstance(claim.event, Incident)


@given(histories(events=events(Attack), reports=reports(sources=("BBC",)), max_size=3))
def test_histories_take_strategies(history: list[Said]) -> None:
    assert len(history) <= 3
    assert {one.report.source for one in history} <= {"BBC", DESK}


# Shrinking.


@pytest.mark.parametrize(
    ("holds", "size"),
    [
        (lambda said: any(isinstance(one, Claim) for one in said), 1),
        (lambda said: any(isinstance(one, Void) for one in said), 2),
        (NEWS["void before its target"], 3),
        (NEWS["disputed"], 3),
        (NEWS["void voided"], 4),
    ],
)
def test_what_is_found_shrinks_to_little(holds: Callable[[list[Said]], bool], size: int) -> None:
    quiet = settings(
        database=None, derandomize=True, max_examples=1000, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    assert len(find(histories(), holds, settings=quiet)) <= size


def test_times_shrink_to_the_first_day() -> None:
    assert str(find(whens(), lambda _: True, settings=settings(database=None))) == "2022-09-01"


# Kinds of the user's own.


class Route(Enum):
    ROAD = "road"
    RAIL = "rail"


@attrs.frozen
class Bus:
    number: int = attrs.field(validator=attrs.validators.ge(1))
    stops: tuple[Place, ...] = ()


def _odd(_: object, __: object, value: int) -> None:
    if value % 2 == 0:
        raise EventError(f"{value} isn't odd")


@event("test-displacement/1")
class Displacement(Event):
    place: Place
    people: Count
    until: When | None = None
    among: Breakdown = Breakdown()
    part: Fraction = Fraction(1)
    route: Route | None = None
    how: Literal["fled", "evacuated"] = "fled"
    families: int = attrs.field(default=1, validator=attrs.validators.and_(
        attrs.validators.ge(1), attrs.validators.lt(40)))  # fmt: skip
    kilometres: float = 0.0
    forced: bool = False
    names: tuple[str, ...] = ()
    buses: tuple[Bus, ...] = ()
    note: str | int | None = None
    code: str = attrs.field(default="A1", validator=attrs.validators.matches_re(r"[A-Z][0-9]"))
    word: str = attrs.field(default="ab", validator=[
        attrs.validators.min_len(2), attrs.validators.max_len(4)])  # fmt: skip
    side: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.in_(["left", "right"]))
    )
    height: float = attrs.field(default=1.0, validator=attrs.validators.gt(0.5))
    depth: int = attrs.field(default=-1, validator=attrs.validators.le(-1))
    odd: int = attrs.field(default=1, validator=_odd)

    def check(self) -> None:
        if self.forced and self.how == "fled":
            raise EventError("whoever is forced doesn't flee")


@given(events(Displacement), reports())
def test_a_kind_is_drawn_from_its_annotations_and_validators(
    one: Displacement, report: Report
) -> None:
    assert 1 <= one.families < 40
    assert one.height > 0.5
    assert one.depth <= -1
    assert one.odd % 2
    assert one.side in (None, "left", "right")
    claim = report.says(one)
    log = Log()
    log.append(claim)
    (entry,) = log
    assert entry.claim == claim


def test_every_field_of_a_kind_varies() -> None:
    made = drawn(events(Displacement))
    names = [name for name in vars(made[0]) if not name.startswith("_")]
    assert "people" in names
    same = [name for name in names if len({getattr(one, name) for one in made}) == 1]
    assert not same, f"always drawn the same: {same}"


@pytest.mark.parametrize("wrong", [Event, str, Report("ISW")])
def test_only_kinds_are_drawn(wrong: Any) -> None:
    with pytest.raises(KindError, match="is no kind of event"):
        events(wrong)


@attrs.frozen
class Odd:
    values: dict[str, int]


def test_a_type_that_cannot_be_drawn_is_named() -> None:
    from timeline.testing.strategies.events import values_of  # noqa: PLC0415

    with pytest.raises(KindError, match="hand in a strategy"):
        values_of(Odd)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_events_of_every_kind_survive_the_codec(kind: type[Event]) -> None:
    codec = Codec(KINDS)
    report = Report("ISW")
    for one in drawn(events(kind), 100):
        assert isinstance(one, kind)
        read = codec.event(kind.kind, codec.event_body(one)[1])
        assert read == one
        assert report.says(read).id == report.says(one).id


# Hypothesis' entry point.


def hook() -> Callable[[], None]:
    """What pyproject.toml has Hypothesis call."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["hypothesis"]["timeline"].partition(":")
    found: Callable[[], None] = getattr(importlib.import_module(module), name)
    return found


TYPES = [
    Account, Attack, Breakdown, Claim, Count, Displacement, Entry, Event, Incident, Log, Place,
    PoliticalStatement, Report, Retraction, TerritorialChange, UnknownEvent, Void, When,
]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
@given(st.data())
def test_from_type_draws_every_type(kind: type[Any], data: st.DataObject) -> None:
    hook()()
    assert isinstance(data.draw(st.from_type(kind)), kind)


def test_from_type_draws_kinds_that_are_made_later() -> None:
    hook()()

    @event("test-blackout/1")
    class Blackout(Event):
        place: Place
        hours: int = attrs.field(validator=attrs.validators.ge(0))

    @given(st.from_type(Blackout), st.builds(Blackout, hours=st.just(3)))
    def drawn_and_built(one: Any, other: Any) -> None:
        assert one.hours >= 0
        assert other.hours == 3
        assume(one.id)

    drawn_and_built()
    assert set(SOURCES) == {one.source for one in drawn(st.from_type(Report), 60)}


def python(code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        cwd=ROOT / "src",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_importing_the_library_imports_no_hypothesis() -> None:
    assert python("import sys, timeline; print('hypothesis' in sys.modules)") == "False"


def test_without_hypothesis_the_extra_is_named() -> None:
    told = python(
        "import sys; sys.modules['hypothesis'] = None\n"
        "from timeline.errors import MissingExtraError\n"
        "try:\n    import timeline.testing\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    assert "pip install 'timeline-events[testing]'" in told


@pytest.mark.parametrize("first", ["timeline.testing.strategies", "hypothesis"])
def test_the_hook_may_run_while_the_strategies_load(first: str) -> None:
    # Installed, Hypothesis calls the hook whenever it is imported first; here it is called after.
    code = (
        f"import {first}\nfrom timeline.testing.hypothesis_plugin import register\n"
        "register(); print('told')"
    )
    assert python(code) == "told"


def test_links_are_drawn_among_what_they_link() -> None:
    found = drawn(histories(links=True), 100)
    links = [one for history in found for one in history if isinstance(one, LinkClaim)]
    assert {type(one.link).__name__ for one in links} == {
        "Before",
        "SameActor",
        "SameEvent",
        "SamePlace",
    }
    assert {one.stance for one in links} == {"says", "denies"}
    assert sum(any(isinstance(one, LinkClaim) for one in history) for history in found) > 20
    voided = {one.target for history in found for one in history if isinstance(one, Void)}
    assert voided & {one.id for one in links}
    assert not any(
        isinstance(one, LinkClaim) for history in drawn(histories(), 20) for one in history
    )
