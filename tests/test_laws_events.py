"""The laws of kinds of event, tried on kinds that break one each and on others."""

from __future__ import annotations

import pytest

from tests.faulty.events import FAULTY_EVENTS, SOUND_EVENTS, SiegeOne, SiegeTwo
from timeline import Attack, Event, Incident, PoliticalStatement, TerritorialChange, event
from timeline.errors import KindError, LawError
from timeline.testing import laws, strategies

SEEDS = range(10)

test_changes = laws.check_event(TerritorialChange, examples=10)
test_attacks = laws.check_event(Attack, examples=10)
test_statements = laws.check_event(PoliticalStatement, examples=10)
test_incidents = laws.check_event(Incident, examples=10)


@pytest.mark.parametrize("name", FAULTY_EVENTS)
def test_a_faulty_kind_breaks_the_law_meant_for_it_under_any_seed(name: str) -> None:
    kind, law, options = FAULTY_EVENTS[name]
    for seed in SEEDS:
        report = laws.verify_event(kind, seed=seed, examples=10, only=[law], **options)
        assert report.falsified == (law,)
        assert law in str(report)


@pytest.mark.parametrize("name", SOUND_EVENTS)
def test_a_sound_kind_raises_no_alarm(name: str) -> None:
    kind, _, options = SOUND_EVENTS[name]
    report = laws.verify_event(kind, seed=1, examples=20, **options)
    assert report.ok, str(report)


def test_a_failure_names_the_event_and_what_to_do() -> None:
    kind, law, options = FAULTY_EVENTS["made twice"]
    told = str(laws.verify_event(kind, only=[law], examples=5, **options))
    assert "Shelling breaks the law what_is_written_is_read_back" in told
    assert "Written" in told
    assert "What to do" in told


@event("silence/1")
class Silence(Event):
    """Nothing is to be said of it."""

    def headline(self) -> str:
        return " "


def test_an_empty_headline_is_shown_with_its_event() -> None:
    told = str(laws.verify_event(Silence, only=["every_event_has_a_headline"], examples=5))
    assert "headline(): ' '" in told
    assert "The event:  " in told
    assert "first differ" not in told


def test_no_pass_without_a_trial() -> None:
    with pytest.raises(LawError, match="could be drawn"):
        laws.verify_event(Attack, events=strategies.events(Incident))
    with pytest.raises(KindError, match="no kind of event"):
        laws.verify_event(Event)
    kind = SOUND_EVENTS["siege"].subject
    with pytest.raises(LawError, match="lifts version 1"):
        laws.verify_event(kind)
    with pytest.raises(LawError, match="versions of 'siege/3' are 1 to 2"):
        laws.verify_event(kind, older={1: SiegeOne, 2: SiegeTwo, 3: SiegeTwo})
    with pytest.raises(LawError, match="class of 'siege/2'"):
        laws.verify_event(kind, older={1: SiegeOne, 2: SiegeOne})


def test_a_law_is_skipped_with_a_reason_only() -> None:
    report = laws.verify_event(
        Attack, smoke=True, skip={"the_kind_is_its_own": "it is another team's"}
    )
    assert "the_kind_is_its_own: skipped (it is another team's)" in str(report)
    with pytest.raises(LawError, match="say why"):
        laws.verify_event(Attack, skip={"the_kind_is_its_own": " "})
    with pytest.raises(LawError, match="no law is called 'gravity'"):
        laws.verify_event(Attack, only=["gravity"])


def test_kinds_beside_it_may_not_have_its_name() -> None:
    @event("strike/2")
    class Other(Event):
        pass

    @event("strike/2")
    class Same(Event):
        pass

    report = laws.verify_event(Same, beside=[Other], only=["the_kind_is_its_own"], examples=1)
    assert not report.ok
