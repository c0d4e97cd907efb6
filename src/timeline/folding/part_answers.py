"""Answers one question from any part of what was said, as if a log had never learned the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from timeline.accounts import Account
from timeline.claims import Said
from timeline.errors import LogError
from timeline.folding import replay
from timeline.linking import resolve_linked
from timeline.projection import Projection, powers_of
from timeline.resolution import Reading, Trust

__all__ = ["ALL", "MISSING", "PartAnswers"]


class _Marker:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ALL: Final = _Marker("ALL")
"""In the place of a key: the whole answer is asked."""

MISSING: Final = _Marker("MISSING")
"""The answer for a key of which nothing is said, or from a part that can't be folded."""


@attrs.frozen
class PartAnswers:
    """One question: a projection, the cut, the moment, and the key whose answer is meant.

    ``published`` and ``at`` are exclusive, in microseconds of UTC.
    """

    projection: Projection[Any]
    published: int | None = None
    trust: Trust = ()
    at: int | None = None
    reading: Reading = "certain"
    key: Any = ALL

    def whole(self, said: Iterable[Said]) -> Any:
        """Return the answer from a part of what was said, of every key."""
        return self.answered(self.accounts(said))

    def accounts(self, said: Iterable[Said]) -> list[Account]:
        """Return what stands of a part of what was said, in chronological order."""
        accounts, _, _ = resolve_linked(said, published=self.published, trust=self.trust)
        return accounts

    def answered(self, accounts: Iterable[Account]) -> Any:
        """Return the answer from accounts, of every key."""
        return replay.answer(self.projection, accounts, at=self.at, reading=self.reading)

    def from_part(self, said: Iterable[Said]) -> Any:
        """Return the answer that is meant; ``MISSING`` where a handler fails on the part."""
        try:
            return self.of(self.whole(said))
        except Exception:  # noqa: BLE001 - a fold of a part that makes no sense, in users' own code
            return MISSING

    def of(self, whole: Any) -> Any:
        """Return the part of a whole answer that belongs to the key.

        Raises ``LogError`` where the answers have no keys.
        """
        if self.key is ALL:
            return whole
        part = powers_of(self.projection).part
        if part is not None:
            return part(whole, self.key)
        if not isinstance(whole, Mapping):
            raise LogError(
                f"{type(self.projection).__name__} gives one answer, not one by key; "
                f"leave key={self.key!r} out"
            )
        return whole.get(self.key, MISSING)

    def same(self, one: Any, other: Any) -> bool:
        """Return whether two answers are the same by ``essence``, or by ``equal``, or by ``==``."""
        if one is MISSING or other is MISSING:
            return one is other
        if self.key is ALL and isinstance(one, Mapping) and powers_of(self.projection).key:
            return one.keys() == other.keys() and all(
                self._same(value, other[key]) for key, value in one.items()
            )
        return self._same(one, other)

    def same_part(self, one: Any, other: Any) -> bool:
        """Return whether two answers of one key are the same; as ``same``."""
        if one is MISSING or other is MISSING:
            return one is other
        return self._same(one, other)

    def _same(self, one: Any, other: Any) -> bool:
        essence, equal = powers_of(self.projection).essence, powers_of(self.projection).equal
        if essence is not None:
            return bool(essence(one) == essence(other))
        return bool(one == other if equal is None else equal(one, other))
