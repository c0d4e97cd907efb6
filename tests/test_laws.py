"""The laws of projections catch what they are meant to, and stay silent where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from tests.faulty.field import FIELD_FAULTY
from tests.faulty.field_sound import FIELD_SOUND
from tests.faulty.projections import FAULTY_PROJECTIONS, SOUND_PROJECTIONS
from tests.faulty.sound import Displacement, Wounded
from timeline import Attack, Control, Event, Projection, Report, event, on
from timeline.errors import LawError, ProjectionError
from timeline.testing import laws, strategies
from timeline.testing.laws.base import Subject
from timeline.testing.laws.law_suite import CORPUS
from timeline.testing.laws.runner import trial

SEED = 2022

# The whole of both sets takes many minutes: `make strength` and the soak profile try all of it.
EACH = 1 if settings().max_examples > 1000 else 8
SOUND = [*SOUND_PROJECTIONS, *FIELD_SOUND][::EACH]
FIELD = [*FIELD_FAULTY][::EACH]


@pytest.mark.parametrize("faulty", FAULTY_PROJECTIONS, ids=lambda faulty: faulty.__name__)
def test_a_faulty_projection_is_caught(faulty: type[Projection[Any]]) -> None:
    law = FAULTY_PROJECTIONS[faulty]
    report = laws.verify(faulty, seed=SEED, only=[law])
    assert report.falsified == (law,)
    (verdict,) = report.verdicts
    assert isinstance(verdict.found, laws.Broken)
    # It takes two claims, and two links or a link and its void.
    assert verdict.found.finding.size <= (4 if "link" in law else 3)


@pytest.mark.parametrize("faulty", FIELD, ids=lambda faulty: faulty.__name__)
def test_what_users_of_the_field_get_wrong_is_caught(faulty: type[Projection[Any]]) -> None:
    suite = trial(faulty)
    laws_of_it = [law for law in suite.laws if suite.left_out(law) is None]
    cases = [(law, CORPUS) for law in laws_of_it if law.whole]
    cases += [(law, case) for case in suite.explicit for law in laws_of_it if not law.whole]
    # The corpus alone shows it, so that no seed matters; what takes other processes comes last.
    cases.sort(key=lambda pair: pair[0].begin is not None)
    assert any(suite.attempt(law, case) for law, case in cases)


@pytest.mark.parametrize("sound", SOUND, ids=lambda sound: sound.__name__)
def test_a_sound_projection_raises_no_alarm(sound: Callable[[], Projection[Any]]) -> None:
    report = laws.verify(sound, seed=SEED, smoke=True)
    assert report.ok, str(report)


def test_every_law_has_a_projection_that_breaks_it() -> None:
    assert {law.name for law in laws.LAWS} == set(FAULTY_PROJECTIONS.values())


def test_optional_powers_switch_their_laws_on() -> None:
    def left_out(make: Callable[[], Projection[Any]]) -> set[str]:
        suite = trial(make)
        return {law.name for law in suite.laws if suite.left_out(law) is not None}

    assert left_out(Wounded) == {
        "a_sharper_time_only_narrows",
        "essence_goes_by_the_answer",
        "keys_are_independent",
        "merging_is_folding",
        "compaction_preserves_answers",
    }
    assert "merging_is_folding" not in left_out(Control)
    assert "same_answer_in_every_process" in left_out(lambda: Wounded())  # noqa: PLW0108 - the point


def test_a_skip_needs_a_law_and_a_reason() -> None:
    with pytest.raises(LawError, match="without a reason"):
        laws.verify(Wounded, skip={"kept_equals_replayed": " "})
    with pytest.raises(LawError, match="no law is called 'kept'"):
        laws.verify(Wounded, skip={"kept": "why not"})
    with pytest.raises(LawError, match="no law is called 'kept'"):
        laws.verify(Wounded, only=["kept"])
    report = laws.verify(
        Wounded, skip={"kept_equals_replayed": "another day"}, only=["kept_equals_replayed"]
    )
    assert "kept_equals_replayed: skipped (another day)" in str(report)


def test_an_instance_is_refused_with_a_hint() -> None:
    with pytest.raises(ProjectionError, match="give Wounded, or a function"):
        laws.verify(Wounded())  # type: ignore[arg-type]


def test_what_makes_no_projection_is_refused_with_a_hint() -> None:
    class Named(Wounded):
        def __init__(self, name: str) -> None:
            self.name = name

    with pytest.raises(ProjectionError, match=r"fresh projection, such as lambda: Named\("):
        laws.verify(Named)  # type: ignore[arg-type]
    with pytest.raises(ProjectionError, match="Displacement is no projection; give a class"):
        laws.verify(Displacement)  # type: ignore[arg-type]
    with pytest.raises(ProjectionError, match="ask with a projection"):
        laws.verify(lambda: 3)  # type: ignore[arg-type, return-value]


def test_a_report_counts_in_words() -> None:
    told = str(laws.verify(Wounded, only=["kept_equals_replayed"], smoke=True))
    assert told.startswith("Wounded: 1 law held, 0 broken\n")


@event("unheard/1")
class Unheard(Event):
    pass


class Deaf(Projection[int]):
    start = 0

    @on(Unheard)
    def add(self, total: int, _: Unheard) -> int:
        return total + 1


def test_a_trial_on_nothing_is_an_error() -> None:
    with pytest.raises(LawError, match="no events could be drawn that Deaf handles"):
        laws.verify(Deaf, events=[strategies.events(Attack)])


def test_own_strategies_are_what_is_drawn() -> None:
    seen: set[str] = set()

    class Watching(Projection[int]):
        start = 0

        @on(Displacement)
        def add(self, total: int, event: Displacement) -> int:
            seen.add(event.place.name)
            return total + 1

    only = strategies.events(Displacement, place=strategies.places().filter(lambda p: p.id is None))
    few = ["kept_equals_replayed", "arrival_order_is_irrelevant"]
    report = laws.verify(Watching, events=[only], examples=10, only=few)
    assert report.ok, str(report)
    assert seen <= {"Izium", "Kupiansk", "Kherson", "Place A", "Place B"}
    seen.clear()
    told = st.just([Report("One", published="2022-09-02").says(_displacement())])
    assert laws.verify(Watching, histories=told, examples=10, only=few).ok
    assert "Lyman" in seen


def _displacement() -> Displacement:
    return Displacement(when="2022-09-01", place="Lyman", people=3)  # type: ignore[arg-type]


class Noisy(Projection[float]):
    start = 0.0

    @on(Attack)
    def add(self, total: float, attack: Attack) -> float:
        return total + attack.wounded.best

    def result(self, total: float) -> float:
        return total


def test_an_equality_can_be_handed_in() -> None:
    few = ["kept_equals_replayed", "no_answer_from_an_order_nobody_knows"]
    with_it = laws.verify(Noisy, equal=lambda a, b: abs(a - b) < 1, examples=5, only=few)
    assert with_it.ok


class Vague:
    """Something that doesn't say whether it equals another one."""

    def __eq__(self, other: object) -> bool:
        raise TypeError("cannot tell")

    __hash__ = None  # type: ignore[assignment]


class Vaguely(Noisy):
    def result(self, _: float) -> Any:
        return Vague()


class Roughly(Noisy):
    """Compared by place, each roughly."""

    def key(self, attack: Attack) -> str:
        return attack.by or ""

    def equal(self, a: float, b: float) -> bool:
        return round(a) == round(b)


def test_answers_that_cannot_be_compared_ask_for_an_equality() -> None:
    told = str(laws.verify(Vaguely, only=["kept_equals_replayed"], examples=5))
    assert "two answers of Vaguely can't be compared: cannot tell; define equal" in " ".join(
        told.split()
    )
    with_it = laws.verify(Vaguely, only=["kept_equals_replayed"], equal=lambda *_: True, examples=5)
    assert with_it.ok


def test_the_answers_of_keys_are_compared_one_by_one() -> None:
    subject = Subject(Roughly)
    assert subject.same({"a": 1.1, "b": 2.0}, {"a": 1.0, "b": 2.2})
    assert not subject.same({"a": 1.1}, {"a": 2.0})
    assert not subject.same({"a": 1.1}, {"b": 1.1})
    assert Subject(Noisy, lambda a, b: a is b).same(None, None)


class Holders(Projection[tuple[str, ...]]):
    """All who were ever said to have attacked, in any order; and by ``guess`` the last of them."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, told: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return tuple(sorted({*told, str(attack.when)}))

    def narrows(self, wide: tuple[str, ...], sharp: tuple[str, ...]) -> bool:
        return set(sharp) <= set(wide)


def test_without_a_key_a_sharper_time_may_narrow_the_whole_answer() -> None:
    law = "a_sharper_time_only_narrows"
    report = laws.verify(Holders, only=[law], examples=20, seed=1)
    assert report.falsified == (law,)  # a time that is told is another one when it is sharper
    assert "With a sharper one" in str(report)


class Untyped(Projection):  # type: ignore[type-arg]
    start = 0

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


def test_a_state_without_a_type_cannot_be_stored() -> None:
    (verdict,) = laws.verify(Untyped, only=["a_stored_state_resumes"]).verdicts
    assert verdict.outcome == "doesn't apply"
    assert "Untyped" in verdict.reason


def test_events_that_cannot_be_drawn_are_an_error() -> None:
    with pytest.raises(LawError, match="no events could be drawn that Wounded handles"):
        laws.verify(Wounded, events=[st.nothing()])


def test_a_finding_reads_well() -> None:
    faulty = next(one for one in FAULTY_PROJECTIONS if one.__name__ == "LastHolder")
    report = str(laws.verify(faulty, only=["no_answer_from_an_order_nobody_knows"], seed=SEED))
    for part in (
        "LastHolder breaks the law no_answer_from_an_order_nobody_knows",
        "Where the sources leave two events unordered",
        "source  published   happened",
        "In this order:",
        "They first differ in",
        "Likely cause: the last of two events wins",
        "What to do: ",
    ):
        assert part in report


def test_an_error_is_told_once() -> None:
    average = next(one for one in FAULTY_PROJECTIONS if one.__name__ == "Average")
    report = laws.verify(average, examples=5)
    assert report.falsified == ("handlers_accept_every_event",)
    assert str(report).count("Raised: ") == 1
    assert "impure.py:" in str(report)
    assert "see handlers_accept_every_event" in str(report)
