"""Draws what sources say: reports and single claims."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from timeline.claims import Claim, Report, Stance, make_claim
from timeline.events import Event
from timeline.testing.strategies.events import events
from timeline.testing.strategies.values import day, picked
from timeline.times import When

__all__ = ["DESK", "SOURCES", "claims", "reports"]

SOURCES = ("ISW", "Reuters", "TASS")
"""The sources that reports are drawn from."""

DESK = "our desk"
"""Who voids."""

_TEXT = "It was said, and said again."


@lru_cache(maxsize=1024)
def _report(source: str, published: When, words: tuple[str | None, str | None]) -> Report:
    return Report(source, published=published, title=words[0], text=words[1])


def reports(
    *,
    sources: tuple[str, ...] = SOURCES,
    published: st.SearchStrategy[When] | None = None,
) -> st.SearchStrategy[Report]:
    """Draw reports of a few sources, published on a few days or at a time unknown."""
    words = [(None, None), (None, _TEXT), ("a second report", None), ("a third report", _TEXT)]
    if published is None:
        dates = [*map(day, range(8)), *map(day, range(8)), When()]
        return picked([_report(a, b, c) for c in words for a in sources for b in dates])
    return st.builds(_report, st.sampled_from(sources), published, st.sampled_from(words))


def _claimed(
    report: Report, event: Event, stance: Stance, *, quoted: bool, according_to: tuple[str, ...]
) -> Claim:
    # What is drawn may be published before it happened: no warning is due for that.
    quote = "said again" if quoted else None
    return make_claim(report, stance, event, quote=quote, according_to=according_to)


def claims(
    events: st.SearchStrategy[Any] = events(),  # noqa: B008 - a strategy is lazy and immutable
    *,
    reports: st.SearchStrategy[Report] = reports(),  # noqa: B008 - as above
    stances: tuple[Stance, ...] = ("says", "says", "says", "denies", "expects"),
) -> st.SearchStrategy[Claim]:
    """Draw single claims: a report of ``reports()`` on one of ``events()``."""
    return st.builds(
        _claimed,
        reports,
        events,
        st.sampled_from(stances),
        quoted=st.booleans(),
        according_to=st.sampled_from([(), (), ("officials in Kharkiv",)]),
    )
