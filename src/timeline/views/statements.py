"""Statements gathers what was said in public, by speaker."""

from __future__ import annotations

from timeline.accounts import Account
from timeline.kinds import PoliticalStatement
from timeline.projection import Projection, on
from timeline.views.chronology import Chronology

__all__ = ["Statements"]


class Statements(Projection[tuple[Account, ...]]):
    """Who said what: a mapping from speaker to the ``Chronology`` of their statements."""

    start: tuple[Account, ...] = ()

    def key(self, event: PoliticalStatement) -> str:
        """Keys by the speaker."""
        return event.speaker

    @on(PoliticalStatement)
    def add(
        self, state: tuple[Account, ...], _: PoliticalStatement, account: Account
    ) -> tuple[Account, ...]:
        """Add a statement."""
        return (*state, account)

    def merge(self, a: tuple[Account, ...], b: tuple[Account, ...]) -> tuple[Account, ...]:
        """Join two stretches."""
        return a + b

    def result(self, state: tuple[Account, ...]) -> Chronology:
        """Put them in order, and show what the sources leave unordered."""
        return Chronology(state)
