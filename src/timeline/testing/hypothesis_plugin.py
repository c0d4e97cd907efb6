"""Tells Hypothesis how to draw this library's types, and the kinds that users make.

Hypothesis calls ``register`` as an entry point when it is imported, so that importing
``timeline`` costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from timeline.accounts import Account, Entry
from timeline.claims import Claim, Report, Retraction, Void
from timeline.counts import Breakdown, Count
from timeline.events import Event, UnknownEvent
from timeline.log import Log
from timeline.places import Place
from timeline.testing import strategies
from timeline.times import When

__all__ = ["register"]


def _retractions(_: Any) -> st.SearchStrategy[Retraction]:
    return st.builds(
        lambda report, event: report.retracts(event, because="it was wrong"),
        strategies.reports(),
        strategies.events(),
    )


def _voids(_: Any) -> st.SearchStrategy[Void]:
    return st.builds(
        lambda report, claim: report.voids(claim, because="typed twice"),
        strategies.reports(sources=(strategies.DESK,)),
        strategies.claims(),
    )


def _entries(_: Any) -> st.SearchStrategy[Entry]:
    recorded = st.datetimes(datetime(2022, 9, 1), datetime(2022, 9, 9), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
    return st.builds(Entry, st.integers(1, 9), recorded, strategies.claims())


def _accounts(_: Any) -> st.SearchStrategy[Account]:
    claims = strategies.claims(stances=("says",))
    return claims.map(lambda claim: Account(claim.event, (claim,), (claim,)))


def _of_unknown_kind(_: Any) -> st.SearchStrategy[UnknownEvent]:
    return strategies.events().map(
        lambda event: UnknownEvent(
            when=event.when, id=event.id, recorded_kind="unheard-of/1", content="{}"
        )
    )


def _of_kind(kind: type[Event]) -> st.SearchStrategy[Any]:
    # Looked up when drawn: Hypothesis may be imported, and so call here, while that room loads.
    return strategies.events(kind)


def _beneath(kind: type[Event]) -> Iterator[type[Event]]:
    for lower in kind.__subclasses__():
        yield lower
        yield from _beneath(lower)


def register() -> None:
    """Make ``st.from_type`` draw the library's types and every kind, made already or later."""
    for known, draws in {
        When: lambda _: strategies.whens(),
        Place: lambda _: strategies.places(),
        Count: lambda _: strategies.counts(),
        Breakdown: lambda _: strategies.breakdowns(),
        Report: lambda _: strategies.reports(),
        Claim: lambda _: strategies.claims(),
        Retraction: _retractions,
        Void: _voids,
        Entry: _entries,
        Account: _accounts,
        Event: lambda _: strategies.events(),
        Log: lambda _: strategies.logs(),
    }.items():
        st.register_type_strategy(known, draws)
    for kind in _beneath(Event):
        st.register_type_strategy(kind, _of_kind)
    st.register_type_strategy(UnknownEvent, _of_unknown_kind)
    # Hypothesis looks a class up by itself, never by its bases, and built from the annotations
    # alone a later kind would be given what its validators refuse: so each is told as it is made.
    Event.__init_subclass__ = classmethod(_made)  # type: ignore[assignment,method-assign]


def _made(kind: type[Event], /, **options: Any) -> None:
    super(Event, kind).__init_subclass__(**options)
    st.register_type_strategy(kind, _of_kind)
