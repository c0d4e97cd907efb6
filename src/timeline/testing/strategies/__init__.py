"""Draws times, places, counts, events, claims and whole histories of news for Hypothesis.

All of them draw from small pools of days, places, sides, sources and event ids, so that what they
draw collides: the same event is told twice, corrected, denied and taken back. They are built of
integers and lists and reject next to nothing, so a failing history shrinks to a tiny one.
"""

from timeline.testing.strategies.claims import DESK, SOURCES, claims, reports
from timeline.testing.strategies.events import events
from timeline.testing.strategies.histories import Batch, History, arrivals, filled, histories, logs
from timeline.testing.strategies.values import breakdowns, counts, places, whens
from timeline.testing.strategies.wide import Vocabulary

__all__ = [
    "DESK",
    "SOURCES",
    "Batch",
    "History",
    "Vocabulary",
    "arrivals",
    "breakdowns",
    "claims",
    "counts",
    "events",
    "filled",
    "histories",
    "logs",
    "places",
    "reports",
    "whens",
]
