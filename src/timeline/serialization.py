"""Gives values and answers as plain dicts, with every key there and nothing but JSON in them.

Unlike the canonical form, which leaves out what is at its default, these are for reading: a key is
always there, None where nothing is known, and times are given as moments of UTC and in words.

============  ======================================================================================
a time        ``told`` in words; ``earliest`` and ``latest``, ISO 8601 in UTC, None where open, the
              latest excluded; ``start_latest`` and ``end_earliest`` of what lasted; ``precision``,
              ``shape``, ``approximate``, ``uncertain``, ``zone``, ``edtf``, ``text`` as written
a count       ``low``, ``best``, ``high`` (None is no ceiling), ``approximate``, ``missing``: how
              many figures nobody gives; where there is none at all, ``low`` and ``best`` are None
a place       ``name``, ``id``, ``latitude``, ``longitude``, ``precision``, ``within`` (a place)
a claim       ``id``, ``source``, ``stance``, ``counted``, ``published`` (a time), ``title``,
              ``url``, ``archived``, ``retrieved`` (a time), ``sha256``, ``language`` and
              ``reliability`` of its report, ``quote``, ``according_to``, ``replaces``,
              ``credibility``, ``grade`` (``B2``), ``media`` (``url``, ``sha256``, ``archived``
              each), ``report`` (its id), ``version``: the event as this claim has it, None where
              that is what is believed
an account    ``id``, ``kind``, ``what`` in words, ``summary``, ``when`` (a time), ``fields`` of its
              kind, ``expected``, ``disputed``, ``disputes``, ``denied_by``, ``sources``,
              ``origins``, ``claims``
============  ======================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

import attrs

from timeline.calendar_math import DAY, civil, micros
from timeline.counts import Breakdown, Count
from timeline.errors import EventError
from timeline.events import Event
from timeline.places import Place
from timeline.schema import leaf_of
from timeline.times import When

__all__ = [
    "Plain",
    "account_dict",
    "event_dict",
    "fields_of",
    "moment_text",
    "time_dict",
    "to_dicts",
    "value_dict",
]

Plain = dict[str, Any]
"""A dict of plain JSON."""

_LAST_YEAR = 9999  # beyond it ISO 8601 asks for a sign
_SHARED = frozenset({"id", "when", "summary"})


def moment_text(instant: int | None) -> str | None:
    """Return microseconds of UTC in ISO 8601, ``2022-09-10T00:00:00Z``; None stays None.

    A part of a second is written where there is one. Years before 1 and after 9999 have the sign
    that ISO 8601 asks for (``-0044-03-15T00:00:00Z``).
    """
    if instant is None:
        return None
    day, rest = divmod(instant, DAY)
    year, month, of_month = civil(day)
    seconds, fraction = divmod(rest, 1_000_000)
    sign = "-" if year < 0 else "+" if year > _LAST_YEAR else ""
    part = f".{fraction:06d}" if fraction else ""
    return (
        f"{sign}{abs(year):04d}-{month:02d}-{of_month:02d}"
        f"T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{part}Z"
    )


def time_dict(when: When) -> Plain:
    """Return a time: its bounds as moments of UTC, and what is known of it in words."""
    return {
        "told": str(when),
        "earliest": moment_text(when.lo),
        "latest": moment_text(when.hi),
        "start_latest": moment_text(when.start_hi),
        "end_earliest": moment_text(when.end_lo),
        "precision": when.precision,
        "shape": when.shape,
        "approximate": when.approximate,
        "uncertain": when.uncertain,
        "zone": when.zone,
        "edtf": when.edtf,
        "text": when.text,
    }


def value_dict(value: Any) -> Any:
    """Return a value as plain JSON: that of a field, or one of which an answer is made.

    A set gives a sorted list, a datetime the moment of UTC. Raises ``EventError`` for a value that
    has no such form.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, When):
        return time_dict(value)
    if isinstance(value, Count):
        return _count_dict(value)
    if isinstance(value, Place):
        return _place_dict(value)
    leaf = leaf_of(type(value))
    if leaf is not None and leaf.write is not None:
        return leaf.write(value)
    if isinstance(value, datetime):
        return moment_text(micros(value))
    return _made_of_others(value)


def _made_of_others(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(value_dict(name)): value_dict(part) for name, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((value_dict(part) for part in value), key=str)
    if isinstance(value, tuple | list):
        return [value_dict(part) for part in value]
    cls: Any = type(value)
    if attrs.has(cls):
        return {field.name: value_dict(getattr(value, field.name)) for field in attrs.fields(cls)}
    raise EventError(
        f"{value!r} has no plain form; rows hold texts, numbers, times, places, counts, classes of "
        "attrs, and lists, sets and mappings of these"
    )


def _count_dict(count: Count) -> Plain:
    given = count.reported
    return {
        "low": count.low if given else None,
        "best": count.best if given else None,
        "high": count.high,
        "approximate": count.approximate,
        "missing": count.missing,
    }


def _place_dict(place: Place) -> Plain:
    return {
        "name": place.name,
        "id": place.id,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "precision": place.precision,
        "within": None if place.within is None else _place_dict(place.within),
    }


def fields_of(kind: type[Event]) -> tuple[str, ...]:
    """Return the names of the fields that a kind has of its own, in the order of its class."""
    return _fields(kind)  # type: ignore[arg-type] # mypy takes a class of attrs for unhashable


@lru_cache(maxsize=1024)
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind) if field.name not in _SHARED)


def event_dict(event: Event) -> Plain:
    """Return an event alone: ``id``, ``kind``, ``what``, ``summary``, ``when`` and ``fields``."""
    return {
        "id": event.id,
        "kind": event.kind,
        "what": str(event),
        "summary": event.summary,
        "when": time_dict(event.when),
        "fields": {name: value_dict(getattr(event, name)) for name in fields_of(type(event))},
    }


def account_dict(account: Any) -> Plain:
    """Return an Account with its claims, oldest publication first."""
    counted = {claim.id for claim in account.counted}
    return {
        **event_dict(account.event),
        "expected": account.expected,
        "disputed": account.disputed,
        "disputes": sorted(account.disputes),
        "denied_by": sorted(account.denied_by),
        "sources": sorted(account.sources),
        "origins": sorted(account.origins),
        "claims": [
            {
                "id": claim.id,
                "source": claim.source,
                "stance": claim.stance,
                "counted": claim.id in counted,
                "published": time_dict(claim.published),
                "title": claim.report.title,
                "url": claim.report.url,
                "archived": claim.report.archived,
                "retrieved": value_dict(claim.report.retrieved),
                "sha256": claim.report.sha256,
                "language": claim.report.language,
                "reliability": claim.report.reliability,
                "quote": claim.quote,
                "according_to": list(claim.according_to),
                "replaces": list(claim.replaces),
                "credibility": claim.credibility,
                "grade": claim.grade,
                "media": value_dict(claim.media),
                "report": claim.report.id,
                "version": None if claim.event == account.event else event_dict(claim.event),
            }
            for claim in account.claims
        ],
    }


def to_dicts(answer: Any) -> list[Plain]:
    """Return any answer as rows: a list of dicts of plain JSON, ready for a frame or a file.

    What has ``to_dicts`` of its own (a Chronology, an Account, a Holding, a Tally) gives that. A
    mapping gives the rows of its values, each with its ``key``; several values in a row give theirs
    one after the other; any other value gives the one row ``{"value": …}``.
    """
    own = getattr(answer, "to_dicts", None)
    if own is not None:
        return list(own())
    if isinstance(answer, Mapping) and not isinstance(answer, Breakdown):
        return [{"key": value_dict(key), **row} for key in answer for row in to_dicts(answer[key])]
    if isinstance(answer, Iterable) and not isinstance(answer, str | Breakdown):
        several = sorted(answer, key=str) if isinstance(answer, set | frozenset) else answer
        return [row for one in several for row in to_dicts(one)]
    plain = value_dict(answer)
    return [plain if isinstance(plain, dict) else {"value": plain}]
