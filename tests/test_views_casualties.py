"""Tests that harm is added up by place and side, and that nothing counts twice."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.claims import Report
from timeline.counts import Breakdown, Count
from timeline.events import Event
from timeline.importers import UcdpEvent
from timeline.kinds import Attack, Clash, CumulativeFigure, Incident
from timeline.log import Log
from timeline.places import Place
from timeline.testing import strategies
from timeline.time_parsing import when
from timeline.views.casualties import Casualties, Tally, Toll, Tolls

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see
ucdp_event: Any = UcdpEvent  # of which type checkers don't see the short forms
KHARKIV = Place("Kharkiv", id="geonames:706483")
ATTACK = Attack(when=when("2022-09-16"), place=KHARKIV, against="Ukraine", wounded=Count(12))


def claims(*events: Event, source: str = "A") -> list[Any]:
    return [Report(source, published="2022-09-20").says(one) for one in events]


def tally(*said: Any, **question: Any) -> Tally:
    with Log() as log:
        log.append(*said)
        found: Tally = log.ask(Casualties(), **question)
        return found


def test_an_attack_without_a_figure_is_missing_one() -> None:
    found = tally(*claims(Attack(when=when("2022"), place=KHARKIV), ATTACK))
    assert found.total == Toll(Count.sum([None, None]), Count.sum([12, None]), events=2)
    assert found.total.wounded.given == 12
    assert str(found) == "12 wounded; 1 event gives no figure; no figure of killed; in 2 events"


def test_an_incident_that_gives_no_figure_is_missing_none() -> None:
    assert tally(*claims(Incident(when=when("2022"), category="recruitment"))) == Tally()
    assert str(Tally()) == "no figures in 0 events"


def test_none_is_a_figure() -> None:
    found = tally(*claims(evolve(ATTACK, id="", killed=0), evolve(ATTACK, id="", killed=2)))
    assert found.total.killed == 2
    assert str(found) == "2 killed, 24 wounded in 2 events"
    nobody = tally(*claims(evolve(ATTACK, id="", killed=0, wounded=0)))
    assert str(nobody) == "0 killed, 0 wounded in 1 event"


def test_what_is_given_and_for_how_many_events_nothing_is_are_printed() -> None:
    events = [
        evolve(ATTACK, id="", when=when(f"2022-09-0{day}"), wounded=None) for day in (1, 2, 3)
    ]
    figure = evolve(ATTACK, id="", wounded=Count(low=10, best=12, high=15), killed=1)
    found = tally(*claims(figure, *events))
    assert "12 (10 to 15) wounded; 3 events give no figure" in str(found.total)


def test_none_against_some_is_a_dispute_and_opens_the_sum() -> None:
    said = [
        Report(source, published=f"2022-09-{day}").says(evolve(ATTACK, id="x", killed=killed))
        for source, day, killed in (("Agency", 16, 3), ("Ministry", 17, 0))
    ]
    with Log() as log:
        log.append(*said)
        [account] = log.accounts()
        assert account.disputes == {"killed"}
        for trust, best in (((), 0), (("Agency",), 3)):
            killed = log.ask(Casualties(), trust=trust).total.killed
            assert killed == Count(low=0, best=best, high=3)
        # A correction to none counts, and is no dispute.
        log.append(Report("Agency", published="2022-09-18").says(evolve(ATTACK, id="x", killed=0)))
        [account] = log.accounts()
        assert not account.disputed
        assert log.ask(Casualties()).total.killed == 0


def test_harm_is_added_up_in_all_by_place_and_by_side() -> None:
    found = tally(
        *claims(
            ATTACK,
            Attack(when=when("2022-09-17"), place=KHARKIV, against="Russia", killed=Count(low=3)),
            Attack(when=when("2022-09-18"), killed=Count(1)),
            Incident(when=when("2022"), category="fire", place=KHARKIV, killed=Count(2)),
        )
    )
    assert found.total.killed.given == Count(low=6)
    assert found.total.killed.missing == 1
    assert found.total.wounded.given == 12
    assert found.total.wounded.missing == 3
    assert found.total.events == 4
    assert {key: toll.events for key, toll in found.by_place.items()} == {
        "geonames:706483": 3,
        None: 1,
    }
    assert found.by_side["Ukraine"] == Toll(Count(), Count(12), events=1)
    assert found.by_side["Russia"].killed == Count(low=3)
    assert found.by_side[None].killed == 3


def test_an_event_that_two_report_counts_once() -> None:
    found = tally(*claims(ATTACK), *claims(ATTACK, source="B"))
    assert found.total == Toll(Count(), Count(12), events=1)
    assert str(found) == "12 wounded; no figure of killed; in 1 event"


def test_where_sources_differ_the_count_spans_them() -> None:
    shared = evolve(ATTACK, id="x")

    def said(wounded: Count, killed: Count = Count()) -> Attack:
        made: Attack = evolve(shared, wounded=wounded, killed=killed)
        return made

    believed = said(Count(12))
    higher = tally(*claims(believed), *claims(said(Count(15), Count(1)), source="B"), trust=["A"])
    assert higher.total.wounded == Count(low=12, best=12, high=15)
    assert higher.total.killed == 1  # the believed one is silent, and the other isn't
    assert higher.total.events == 1
    lower = tally(*claims(believed), *claims(said(Count(low=9)), source="B"), trust=["A"])
    assert lower.total.wounded == Count(12, low=9)
    silent = tally(*claims(believed), *claims(said(Count()), source="B"), trust=["A"])
    assert silent.total.wounded == 12


def test_a_version_of_another_kind_is_heard_too() -> None:
    fire = Incident(when=ATTACK.when, id=ATTACK.id, category="fire", wounded=Count(14))
    found = tally(*claims(ATTACK), *claims(fire, source="B"), trust=["B"])
    assert found.total.wounded == Count(low=12, best=14, high=14)


def test_who_was_harmed_is_added_up() -> None:
    def harmed(day: str, **groups: int) -> Attack:
        return Attack(when=when(day), killed=Count(9), including=Breakdown(groups))

    found = tally(*claims(harmed("2022-01", children=2, women=1), harmed("2022-02", children=3)))
    assert found.total.including == {"children": 5, "women": Count(1) + Count()}


def test_what_was_found_is_never_added_to_the_killed() -> None:
    grave = Incident(when=when("2022-09-15"), category="mass grave", found=Count(about=450))
    found = tally(*claims(grave))
    assert not found.total.killed.reported
    assert str(found) == (
        "about 450 (405 to 495) found; no figure of killed; no figure of wounded; in 1 event"
    )


def test_only_what_happened_by_then_counts() -> None:
    later = evolve(ATTACK, id="", when=when("2022-09"))
    assert tally(*claims(ATTACK, later), at="2022-09-16").total.events == 1
    assert tally(*claims(ATTACK, later), at="2022-09-16", reading="possible").total.events == 2


def test_tallies_are_frozen_values() -> None:
    given_tolls: dict[str | None, Toll] = {"x": Toll(events=1)}
    one = Tally(by_place=given_tolls)
    same = Tally(by_place=Tolls(given_tolls))
    given_tolls["y"] = Toll()
    assert one == same
    assert hash(one) == hash(same)
    assert one.by_place == {"x": Toll(events=1)}
    assert repr(Tolls()) == "Tolls({})"
    with pytest.raises(TypeError):
        one.by_place["x"] = Toll()  # type: ignore[index]


CLASH = Clash(
    when="2014-08-29",
    place="Ilovaisk",
    sides=("Government of Ukraine", "DPR"),
    losses={"Government of Ukraine": 366, "DPR": 200},
    civilians=0,
    unknown=0,
    id="clash",
)


def test_the_dead_of_a_clash_are_those_of_the_side_that_died() -> None:
    found = tally(*claims(CLASH))
    assert found.total.killed == 566
    assert {side: toll.killed for side, toll in found.by_side.items()} == {
        "Government of Ukraine": 366,
        "DPR": 200,
        "civilians": 0,
        None: 0,
    }
    assert found.by_place["Ilovaisk"] == found.total
    assert found.total.events == 1


def test_civilians_are_a_side_of_which_silence_leaves_the_number_open() -> None:
    silent = evolve(CLASH, id="silent", civilians=None, unknown=None, killed=None)
    assert set(tally(*claims(silent)).by_side) == {"Government of Ukraine", "DPR"}
    both = tally(*claims(silent, evolve(CLASH, civilians=7, killed=None)))
    assert both.total.killed.low == 566 + 573
    assert both.total.killed.high is None
    civilians = both.by_side["civilians"]
    assert (civilians.killed.given, civilians.killed.missing, civilians.events) == (7, 1, 1)


def test_a_clash_without_a_figure_is_missing_one_and_so_is_each_side() -> None:
    found = tally(*claims(Clash(when="2022", sides=("A", "B"))))
    assert str(found) == "no figures in 1 event"
    assert [toll.killed for toll in found.by_side.values()] == [Count(), Count()]


@pytest.mark.parametrize(
    ("violence", "sides"),
    [
        ("state-based", {"Government of Ukraine": 366, "DPR": 200, "civilians": 0, None: 0}),
        ("one-sided", {"Government of Ukraine": 366, "civilians": 200, None: 0}),
        (None, {"DPR": 566}),
    ],
)
def test_an_attack_of_ucdp_in_an_old_log_has_the_dead_of_each_side(
    violence: str | None, sides: dict[str | None, int]
) -> None:
    row = ucdp_event(
        when="2014-08-29",
        place="Ilovaisk",
        by="Government of Ukraine",
        against="DPR",
        killed=Count(low=566, best=566, high=566),
        low=566,
        best=566,
        high=566,
        deaths_a=366,
        deaths_b=200,
        year=2014,
        violence=violence,
    )
    assert isinstance(row, Attack)
    found = tally(*claims(row))
    assert {side: toll.killed for side, toll in found.by_side.items()} == sides
    fight = "Fighting between Government of Ukraine and DPR in Ilovaisk: 566 killed"
    assert (str(row) == fight) == (violence == "state-based")


def test_rows_of_ucdp_say_none_by_their_numbers_and_unreported_where_these_do_not_add_up() -> None:
    def row(best: int, **deaths: int) -> UcdpEvent:
        row: UcdpEvent = ucdp_event(
            when="2014",
            by="A",
            against="B",
            killed=best,
            low=best,
            best=best,
            high=best,
            year=2014,
            violence="non-state",
            **deaths,
        )
        return row

    # Killed is left out of old logs where it is 0.
    assert b"killed" not in claims(row(0))[0].body()
    assert row(0).killed_by_side() == {"A": 0, "B": 0, "civilians": 0, None: 0}
    assert row(5, deaths_a=3).killed_by_side() == {
        "A": Count(3), "B": Count(), "civilians": Count(), None: Count()
    }  # fmt: skip


def test_where_sources_differ_on_the_side_or_the_place_each_may_have_nobody() -> None:
    one = Attack(when="2022", place="Izium", against="A", killed=3, wounded=1, id="x")
    other = evolve(one, place="Kupiansk", against="B")
    found = tally(*claims(one), *claims(other, source="B"), trust=["A"])
    assert found.total.killed == 3
    for tolls, names in ((found.by_side, ("A", "B")), (found.by_place, ("Izium", "Kupiansk"))):
        assert set(tolls) == set(names)
        for toll in tolls.values():
            assert toll.killed == Count(low=0, best=3, high=3)
            assert toll.wounded == Count(low=0, best=1, high=1)
    battle = evolve(CLASH, id="x")
    both = tally(*claims(battle), *claims(evolve(one, against="DPR"), source="B"), trust=["A"])
    assert both.total.killed == Count(low=3, best=566, high=566)
    assert both.by_side["DPR"].killed == Count(low=3, best=200, high=200)
    assert both.by_side["Government of Ukraine"].killed == Count(low=0, best=366, high=366)


def test_places_that_agree_are_one() -> None:
    finer = evolve(ATTACK, id="x", place=Place("Kharkiv"))
    found = tally(*claims(evolve(ATTACK, id="x")), *claims(finer, source="B"), trust=["A"])
    assert set(found.by_place) == {KHARKIV.id}


def test_running_totals_are_not_added_up() -> None:
    rows = [
        CumulativeFigure(when="2022-03-01", subject="Russia", measure="personnel", total=total)
        for total in (2800, 4300, 4500, 5300)
    ]
    assert tally(*claims(*rows)) == Tally()


def holds(wide: Count, sharp: Count) -> bool:
    """Whether all that a sharper count leaves possible is possible under a wider one."""
    return wide.low <= sharp.low and (
        wide.high is None or (sharp.high is not None and sharp.high <= wide.high)
    )


harmful = strategies.events(Attack, Clash, Incident)


@given(st.lists(harmful, max_size=4), st.data())
def test_doubt_adds_no_certainty_to_a_toll(events: list[Any], data: Any) -> None:
    """Where a figure is widened or no longer given, no sum leaves out what was possible.

    But for an incident, which isn't missing a figure where it gives none at all.
    """
    said = [evolve(event, id=f"{place}") for place, event in enumerate(events)]
    wider = []
    for event in said:
        names = [n for n in ("killed", "wounded", "civilians", "unknown") if hasattr(event, n)]
        name = data.draw(st.sampled_from(names))
        figure: Count = getattr(event, name)
        low = data.draw(st.integers(0, figure.low))
        open_above = Count.of_parts(low=low, best=figure.best, high=None, approximate=False)
        # Killed that a clash leaves out is its losses, which may be more than it says.
        summed = isinstance(event, Clash) and name == "killed"
        silent = not summed and not isinstance(event, Incident)
        options = [open_above, Count()] if silent else [open_above]
        widened = data.draw(st.sampled_from(options)) if figure.reported else figure
        wider.append(evolve(event, **{name: widened}))
    sharp, wide = tally(*claims(*said)), tally(*claims(*wider))
    pairs = [(wide.total, sharp.total)]
    pairs += [
        (wide.by_side[side], toll) for side, toll in sharp.by_side.items() if side in wide.by_side
    ]
    pairs += [(wide.by_place[p], toll) for p, toll in sharp.by_place.items() if p in wide.by_place]
    for one, other in pairs:
        for name in ("killed", "wounded", "found"):
            assert holds(getattr(one, name), getattr(other, name))


tolls = st.builds(
    Toll,
    killed=st.just(Count()) | st.integers(0, 3).map(Count),
    wounded=st.integers(0, 3).map(lambda low: Count(low=low)),
    including=st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2).map(Breakdown),
    events=st.just(1),
)
by_name = st.dictionaries(st.none() | st.sampled_from("xyz"), tolls, max_size=3)
tallies = st.builds(Tally, tolls, by_name, by_name)


@given(tallies, tallies, tallies)
def test_tallies_add_in_any_order_and_grouping(a: Tally, b: Tally, c: Tally) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Tally() == Tally() + a == a


@given(st.lists(tallies, max_size=12), st.data())
def test_however_a_fold_is_cut_it_adds_up_to_the_same(parts: list[Tally], data: Any) -> None:
    def fold(some: list[Tally]) -> tuple[Tally, ...]:
        state = view.start
        for one in some:
            state = view.merge(state, (one,))
        return state

    view = Casualties()
    cut = data.draw(st.integers(0, len(parts)))
    whole = sum(parts, Tally())
    assert view.result(fold(parts)) == whole
    assert view.result(view.merge(fold(parts[:cut]), fold(parts[cut:]))) == whole
    # Few parts are kept: their sizes fall.
    sizes = [one.total.events for one in fold(parts)]
    assert sizes == sorted(set(sizes), reverse=True)


def test_a_source_that_is_silent_takes_nothing_from_what_others_told() -> None:
    told = Attack(
        when="2022-09-10", place="K", against="civ", killed=5, including={"children": 2}, id="1"
    )
    silent = Attack(when="2022-09-10", weapon="drone", id="1")
    found = tally(*claims(told), *claims(silent, source="B"), trust=["B"])
    assert found.total == Toll(Count(5), Count(), including=Breakdown({"children": 2}), events=1)
    assert found.by_place["K"] == found.by_side["civ"] == found.total


def test_a_denied_event_may_have_harmed_nobody() -> None:
    told = Attack(when="2022-09-10", place="K", killed=5, id="1")
    found = tally(*claims(told), Report("B", published="2022-09-11").denies(told))
    assert found.total.killed == Count(low=0, best=5, high=5)


def test_tolls_are_a_mapping_like_any_other() -> None:
    tolls = Tolls({"Izium": Toll(killed=Count(1), events=1), None: Toll(events=2)})
    assert len(tolls) == 2
    assert tolls == {"Izium": Toll(killed=Count(1), events=1), None: Toll(events=2)}
    assert len(Tolls()) == 0
