"""Count what a log holds of kinds that nobody here can read, so that no answer hides it."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from threading import Lock

from timeline.codec import Codec
from timeline.errors import UnknownKindWarning
from timeline.stores.base import EventStore, KindCounting

__all__ = ["UnknownKinds", "asker", "warn_of"]

_SHOWN = 5  # kinds that a warning names


class UnknownKinds:
    """Claims of a store by the kind of their event; what was counted once isn't counted again."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._lock = Lock()
        self._start()

    def _start(self) -> None:
        self._position, self._erasures, self._kinds = 0, 0, Counter[str]()

    def kinds(self, upto: int) -> Counter[str]:
        """Return how many claims up to a position are about events of each kind."""
        kinds, position = self._counted(upto)
        return Counter(kinds) if upto == position else _count_kinds(self._store, 0, upto)

    def _counted(self, upto: int) -> tuple[Counter[str], int]:
        """Count on up to a position, at least, and return what was counted and how far."""
        with self._lock:
            erasures = self._store.head().erasures
            if erasures != self._erasures:  # what was erased is of no kind
                self._start()
                self._erasures = erasures
            if upto > self._position:
                self._kinds += _count_kinds(self._store, self._position, upto)
                self._position = upto
            return self._kinds, self._position

    def count(self, codec: Codec, upto: int) -> Counter[str]:
        """Return how many claims up to a position are about events of each kind unreadable here."""
        kinds, position = self._counted(upto)
        unknown = Counter({kind: n for kind, n in kinds.items() if not codec.reads(kind)})
        if unknown and upto < position:
            earlier = _count_kinds(self._store, 0, upto)
            return Counter({kind: earlier[kind] for kind in unknown if earlier[kind]})
        return unknown


def warn_of(unknown: Counter[str], codec: Codec) -> None:
    """Warn whoever asked, once, of claims that were counted by their unknown kinds."""
    if unknown:
        warnings.warn(_warning_text(unknown, codec), UnknownKindWarning, asker())


def asker() -> int:
    """Return the ``stacklevel`` of the nearest code that isn't this library's."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001 - as warnings itself finds it
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] == "timeline":
        level, frame = level + 1, frame.f_back
    return level


def _count_kinds(store: EventStore, after: int, upto: int) -> Counter[str]:
    """Return how many claims of each kind lie after one position, up to another."""
    if isinstance(store, KindCounting):
        return Counter(store.count_kinds(after, upto))
    return Counter(row.kind for row in store.rows(after, upto) if row.record_type == "claim")


def _warning_text(unknown: Counter[str], codec: Codec) -> str:
    """Return the warning's words: which kinds, how many claims, and what to pass."""
    named = [_described(kind, n, codec) for kind, n in sorted(unknown.items())[:_SHOWN]]
    if len(unknown) > _SHOWN:
        named.append(f"{len(unknown) - _SHOWN} kinds more")
    total = unknown.total()
    claims = "1 claim is" if total == 1 else f"{total:,} claims are"
    return (
        f"{claims} about events of kinds that can't be read here, and this answer leaves out what "
        f"they say: {'; '.join(named)}. Pass their classes: Log(…, events=[…])"
    )


def _described(kind: str, number: int, codec: Codec) -> str:
    name = kind.partition("/")[0]
    known = next((one for one in codec.kinds if one.partition("/")[0] == name), None)
    if known is None:
        return f"{kind} ({number:,})"
    cls = codec.kinds[known].__qualname__
    return f"{kind} ({number:,}; {cls} reads {known} and needs an upcast from this version)"
