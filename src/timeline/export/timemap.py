"""Writes accounts in the schema of timemap, the map of Forensic Architecture and Bellingcat.

Its schemas (``src/reducers/validate`` of forensic-architecture/timemap and
bellingcat/ukraine-timemap) take texts alone where others have numbers, refuse a key they don't
know, and its code throws where ``latitude``, ``longitude`` or ``associations`` is missing. Dates
are ``MM/DD/YYYY`` and times ``HH:mm``, read by the clock of whoever looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from timeline.accounts import Account
from timeline.calendar_math import DAY, MINUTE
from timeline.claims import Claim
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out, place_of
from timeline.export.text import Span, headline, json_text, notes, span, time_text
from timeline.text_safety import one_line
from timeline.views.chronology import Chronology

__all__ = ["to_timemap"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "edtf": "the time is written in words",
    "evidence": "a source is cited by its title and address",
    "fields": "what happened is described in words",
    "other_places": "an event has one location",
    "place_id": "a location is a name",
    "superseded": "an event tells what counts, not what it overtook",
    "texts": "a source is cited by its title and address",
    "within": "a location is a name",
}
NO_DATE = "timemap needs a date, and nobody says when it was"
TOO_FAR = "timemap reads the years 1 to 9999"
_YEARS = range(1, 10_000)


def _event(account: Account, found: Span) -> dict[str, Any]:
    year, month, day = found.date
    minutes = found.first % DAY // MINUTE
    place = place_of(account)
    located = place is not None and place.latitude is not None and place.longitude is not None
    sources = dict.fromkeys(claim.report.id for claim in account.counted)
    kind = account.event.kind.partition("/")[0]
    lines = [headline(account), *notes(account)]
    return {
        "id": account.event.id,
        "description": "\n".join(lines),
        "date": f"{month:02d}/{day:02d}/{year:04d}",
        "time": f"{minutes // 60:02d}:{minutes % 60:02d}" if found.exact else "",
        "time_precision": account.when.precision,
        "time_display": time_text(account.when),
        "location": "" if place is None else one_line(place.name),
        "latitude": str(place.latitude) if place is not None and located else "",
        "longitude": str(place.longitude) if place is not None and located else "",
        "type": kind,
        "category": kind,
        "associations": [f"kind {kind}", *(f"source {name}" for name in _names(account))],
        "sources": list(sources),
        "comments": "",
    }


def _names(account: Account) -> list[str]:
    return sorted({claim.source for claim in account.counted})


def _source(claim: Claim) -> dict[str, Any]:
    report = claim.report
    known = report.published.lo is not None or report.published.hi is not None
    return {
        "id": report.id,
        "title": report.title or "",
        "thumbnail": "",
        "paths": [],
        "type": "",
        "url": report.url or "",
        "description": "",
        "author": report.source,
        "date": str(report.published) if known else "",
    }


def _associations(accounts: Iterable[Account]) -> list[dict[str, Any]]:
    """What can be ticked on and off: the kinds as categories, the sources as filters."""
    shown = list(accounts)
    kinds = sorted({account.event.kind.partition("/")[0] for account in shown})
    names = sorted({name for account in shown for name in _names(account)})
    categories = [
        {"id": f"kind {kind}", "title": kind, "desc": "", "mode": "CATEGORY", "filter_paths": []}
        for kind in kinds
    ]
    filters = [
        {
            "id": f"source {name}",
            "title": name,
            "desc": "",
            "mode": "FILTER",
            "filter_paths": ["Source", name],
        }
        for name in names
    ]
    return [*categories, *filters]


def to_timemap(accounts: Chronology) -> ExportText:
    """Return timemap's domain as one JSON object: ``events``, ``sources`` and so on.

    Serve its parts at the addresses that timemap's ``config.js`` names (``EVENTS_EXT`` and so on).
    An event stands on the first day that it may have been, or the last where only that is known;
    ``time_display`` and the description say what is known, and a time of day is given only where
    it is known to the minute. An event open on both sides is left out.
    """
    shown: list[tuple[Account, Span]] = []
    missing: dict[str, list[Account]] = {NO_DATE: [], TOO_FAR: []}
    for account in accounts:
        found = span(account.when)
        if found is None:
            missing[NO_DATE].append(account)
        elif found.date[0] not in _YEARS:
            missing[TOO_FAR].append(account)
        else:
            shown.append((account, found))
    claims = (claim for account, _ in shown for claim in account.counted)
    head = {
        "associations": _associations(account for account, _ in shown),
        "sources": {claim.report.id: _source(claim) for claim in claims},
        "sites": [],
        "regions": [],
        "shapes": [],
        "notifications": [],
    }
    text = json_text(head, "events", (_event(account, found) for account, found in shown))
    return ExportText(text, left_out(accounts, LEAVES, missing))
