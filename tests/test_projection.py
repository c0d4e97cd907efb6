"""Tests how a projection is put together, and what is refused when the class is made."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import pytest

from timeline.accounts import Account
from timeline.claims import Report
from timeline.errors import ProjectionError
from timeline.events import Event, UnknownEvent, event
from timeline.folding.replay import fold
from timeline.kinds import Attack, Incident, PoliticalStatement
from timeline.projection import Projection, on, powers_of
from timeline.times import When

NOW = When(lo=0, hi=1)
ATTACK = Attack(when=NOW, id="attack")
INCIDENT = Incident(when=NOW, id="incident", category="fire")
STATEMENT = PoliticalStatement(when=NOW, id="statement", speaker="Putin")
Heard = tuple[str, ...]


@event("shelling/1")
class Shelling(Attack):
    rounds: int = 0


SHELLING = Shelling(when=NOW, id="shelling")


def heard(projection: Projection[Any], *events: Event) -> Any:
    report = Report("ISW")
    claims = [report.says(one) for one in events]
    accounts = [Account(claim.event, (claim,), (claim,)) for claim in claims]
    return fold(projection, accounts, projection.start)


class Attacks(Projection[Heard]):
    start: Heard = ()

    @on(Attack)
    def attack(self, state: Heard, event: Attack) -> Heard:
        return (*state, f"attack {event.id}")


class Everything(Attacks):
    @on(Event)
    def other(self, state: Heard, event: Event) -> Heard:
        return (*state, f"other {event.id}")


def test_a_handler_hears_its_kind_and_those_derived_from_it() -> None:
    assert heard(Attacks(), ATTACK, INCIDENT, SHELLING) == ("attack attack", "attack shelling")


def test_on_event_hears_whatever_has_no_handler_of_its_own() -> None:
    stranger = UnknownEvent(when=NOW, id="x", recorded_kind="flood/1", content="{}")
    assert heard(Everything(), ATTACK, INCIDENT, stranger) == (
        "attack attack",
        "other incident",
        "other x",
    )


def test_the_nearest_kind_wins() -> None:
    class Both(Attacks):
        @on(Shelling)
        def shelling(self, state: Heard, event: Shelling) -> Heard:
            return (*state, f"{event.rounds} rounds")

    assert heard(Both(), ATTACK, SHELLING) == ("attack attack", "0 rounds")
    assert heard(Attacks(), SHELLING) == ("attack shelling",)  # the base is left as it was


def test_kinds_may_be_stacked_on_one_method() -> None:
    class Harm(Projection[int]):
        start = 0

        @on(Attack)  # type: ignore[arg-type] # a checker takes it for one of Incidents alone
        @on(Incident)
        def add(self, state: int, _: Any) -> int:
            return state + 1

    assert set(Harm.handlers) == {Attack, Incident}
    assert heard(Harm(), ATTACK, INCIDENT, STATEMENT) == 2


def test_a_subclass_may_override_a_handler_by_name_or_by_kind() -> None:
    class ByName(Attacks):
        def attack(self, state: Heard, event: Attack) -> Heard:
            return (*super().attack(state, event), "and more")

    class ByKind(Attacks):
        @on(Attack)
        def strike(self, state: Heard, event: Attack) -> Heard:
            return (*state, f"strike {event.id}")

    assert heard(ByName(), ATTACK) == ("attack attack", "and more")
    assert heard(ByKind(), ATTACK) == ("strike attack",)


def test_handlers_come_from_every_base() -> None:
    class Fires(Projection[Heard]):
        @on(Incident)
        def fire(self, state: Heard, _: Incident) -> Heard:
            return (*state, "fire")

        @on(Attack)
        def attack_too(self, state: Heard, _: Attack) -> Heard:
            return (*state, "never: Attacks comes first")

    class Both(Attacks, Fires):
        pass

    assert heard(Both(), ATTACK, INCIDENT) == ("attack attack", "fire")


def test_a_third_argument_is_the_account() -> None:
    class Sources(Projection[frozenset[str]]):
        start: frozenset[str] = frozenset()

        @on(Attack)
        def add(self, state: frozenset[str], _: Attack, account: Account) -> frozenset[str]:
            return state | account.sources

    assert heard(Sources(), ATTACK) == {"ISW"}


def test_a_handler_may_take_more_that_it_can_do_without() -> None:
    class Weighed(Projection[int]):
        start = 0

        @on(Attack)
        def add(self, state: int, _: Attack, *more: Any, weight: int = 2, **named: Any) -> int:
            return state + weight + len(more) + len(named)

    assert heard(Weighed(), ATTACK) == 2


def test_a_state_is_handed_on_not_kept() -> None:
    counting = Attacks()
    assert heard(counting, ATTACK) == heard(counting, ATTACK)


def test_result_may_be_told_the_moment_asked() -> None:
    class Plain(Attacks):
        def result(self, state: Heard) -> int:
            return len(state)

    class Weighing(Attacks):
        def result(self, state: Heard, at: int | None) -> tuple[int, int | None]:
            return len(state), at

    assert (Attacks.takes_query_time, Plain.takes_query_time, Weighing.takes_query_time) == (
        False,
        False,
        True,
    )


# What is refused.


def made(**methods: Any) -> Any:
    return type("Wrong", (Projection,), methods)


def test_a_kind_has_one_handler() -> None:
    handler = on(Attack)
    match = r"^Wrong handles Attack twice, in one and two; a kind has one handler$"
    with pytest.raises(ProjectionError, match=match):
        made(one=handler(lambda _s, state, _e: state), two=handler(lambda _s, state, _e: state))


@pytest.mark.parametrize(
    "handler",
    [
        lambda: None,
        lambda _self: None,
        lambda _self, _state: None,
        lambda _self, _state, _event, _account, _more: None,
        lambda _self, _state, _event, *, key: key,
        lambda _self, *more: more,
    ],
)
def test_a_handler_takes_state_and_event(handler: Any) -> None:
    # A copy, for a mark stays on a function, and these outlive the test.
    fresh = FunctionType(handler.__code__, {})
    with pytest.raises(ProjectionError, match=r"Wrong.add is written \(self, state, event\) or"):
        made(add=on(Attack)(fresh))


@pytest.mark.parametrize("result", [lambda _self: None, lambda _self, _s, _at, _more: None])
def test_a_result_takes_the_state(result: Any) -> None:
    with pytest.raises(ProjectionError, match=r"Wrong.result is written \(self, state\) or"):
        made(result=result)


@pytest.mark.parametrize("wrapper", [staticmethod, classmethod])
def test_a_handler_is_a_plain_method(wrapper: Any) -> None:
    def add(_self: Any, state: Any, _event: Attack) -> Any:
        return state

    with pytest.raises(ProjectionError, match=f"takes self; take the {wrapper.__name__} off"):
        made(add=wrapper(on(Attack)(add)))


def test_a_handler_isnt_silently_overridden_by_one_for_another_kind() -> None:
    match = r"takes the place of what handled Attack, and doesn't handle it; mark it with @on"
    with pytest.raises(ProjectionError, match=match):

        class Fires(Attacks):
            @on(Incident)
            def attack(self, state: Heard, _: Incident) -> Heard:  # type: ignore[override]
                return state

    with pytest.raises(ProjectionError, match=match):

        class Deaf(Attacks):
            attack = None  # type: ignore[assignment]


@pytest.mark.parametrize("thing", ["attack/1", int, ATTACK, None])
def test_on_takes_a_kind(thing: Any) -> None:
    with pytest.raises(ProjectionError, match="@on takes a kind of event such as Attack, not"):
        on(thing)


def test_on_goes_above_a_method() -> None:
    with pytest.raises(ProjectionError, match="@on goes above a method, not 3"):
        on(Attack)(3)  # type: ignore[call-overload]


def test_a_handler_that_waits_is_refused() -> None:
    with pytest.raises(ProjectionError, match="add is async; a fold is plain functions"):

        class Waiting(Projection[int]):
            start = 0

            @on(Attack)  # type: ignore[misc]
            async def add(self, state: int, _: Attack) -> int:
                return state


def test_powers_are_those_of_the_class_and_of_the_instance() -> None:
    class Summed(Attacks):
        def merge(self, a: int, b: int) -> int:
            return a + b

    summed = Summed()
    summed.key = lambda one: one.id  # type: ignore[attr-defined]
    powers = powers_of(summed)
    assert powers.merge is not None
    assert powers.merge(1, 2) == 3
    assert [name for name, power in powers._asdict().items() if power is None] == [
        "result", "compact", "equal", "narrows", "in_places", "essence", "part", "accounts"
    ]  # fmt: skip
    assert set(powers_of(Attacks())) == {None}
