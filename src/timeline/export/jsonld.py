"""Writes accounts as schema.org JSON-LD: events, and the claims that carry them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out, places_of
from timeline.export.text import headline, json_text, notes, span
from timeline.places import Place
from timeline.serialization import moment_text
from timeline.text_safety import one_line
from timeline.times import When
from timeline.views.chronology import Chronology

__all__ = ["to_jsonld"]

LEAVES: Mapping[str, str] = {
    "links": UNLINKED["links"],
    "fields": "schema.org has no terms for them; what happened is described in words",
    "precision": "the time is written in words",
    "superseded": "an event tells what counts, not what it overtook",
    "texts": "a report is cited by its title and address",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+", re.IGNORECASE)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def _interval(when: When) -> str | None:
    """The bounds as ISO 8601 has an interval, ``..`` where open."""
    if when.lo is None and when.hi is None:
        return None
    return f"{moment_text(when.lo) or '..'}/{moment_text(when.hi) or '..'}"


def _dates(when: When) -> dict[str, str | None]:
    """Dates of the event itself: one that is known to the day or better, and no other."""
    found = span(when)
    if found is not None and found.exact and not when.uncertain:
        return {"startDate": moment_text(when.lo)}
    # A day says so of itself: about, perhaps and by are in the words, and an unknown zone too.
    day = str(when)
    return {"startDate": day, "endDate": day} if _DAY.fullmatch(day) else {}


def _location(account: Account) -> Any:
    """One place, or a list of several: JSON-LD takes either."""
    places = [_place(place) for place in places_of(account.event)]
    return places if len(places) > 1 else next(iter(places), None)


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    located = place.latitude is not None and place.longitude is not None
    point = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    return _given(
        {
            "@type": "Place",
            "name": place.name,
            "identifier": place.id,
            "geo": point if located else None,
            "containedInPlace": _place(place.within),
        }
    )


def _file(**parts: str | None) -> dict[str, Any] | None:
    given = _given(parts)
    return {"@type": "MediaObject", **given} if given else None


def _rating(claim: Claim) -> dict[str, Any] | None:
    if claim.grade is None:
        return None
    return {"@type": "Rating", "ratingValue": claim.grade, "ratingExplanation": "NATO AJP-2.1"}


def _claim(claim: Claim, account: Account) -> dict[str, Any]:
    report = claim.report
    web = report.url if report.url is not None and _WEB.fullmatch(report.url) else None
    known = report.published.lo is not None or report.published.hi is not None
    published = str(report.published)
    day = _DAY.fullmatch(published)
    retrieved = None if report.retrieved is None else f"retrieved {report.retrieved}"
    return _given(
        {
            "@type": "Claim",
            "identifier": claim.id,
            "name": f"{one_line(claim.source)} {claim.stance}: {one_line(str(claim.event))}",
            "text": claim.quote,
            "temporalCoverage": _interval(claim.event.when),
            "author": list(claim.according_to),  # as text: a person or a body, nobody says which
            "appearance": _given(
                {
                    "@type": "CreativeWork",
                    "name": report.title,
                    "url": web,
                    "archivedAt": report.archived,
                    "inLanguage": report.language,
                    # The file as it was collected; schema.org has no date for that.
                    "encoding": _file(sha256=report.sha256),
                    "description": retrieved,
                    "citation": None if web else report.url,
                    **({"datePublished" if day else "creditText": published} if known else {}),
                    "publisher": {"@type": "Organization", "name": report.source},
                }
            ),
            "creativeWorkStatus": None if claim.event == account.event else "another version",
            "contentRating": _rating(claim),
            "associatedMedia": [
                _file(contentUrl=one.url, sha256=one.sha256, archivedAt=one.archived)
                for one in claim.media
            ],
        }
    )


def _urn(event_id: str) -> str:
    return f"urn:timeline:event:{quote(event_id, safe=':')}"


def _event(account: Account) -> dict[str, Any]:
    event, when = account.event, account.when
    return _given(
        {
            "@type": "Event",
            "identifier": event.id,
            "additionalType": event.kind,
            "name": headline(account),
            "description": "\n".join(notes(account)),
            "alternateName": when.edtf,
            "sameAs": [_urn(other) for other in sorted(account.ids - {event.id})],
            "subEvent": [
                {"@id": _urn(part), "@type": "Event", "identifier": part}
                for part in account.split_into
            ],
            **_dates(when),
            "location": _location(account),
            "subjectOf": [_claim(claim, account) for claim in account.counted],
        }
    )


def to_jsonld(accounts: Chronology) -> ExportText:
    """Return JSON-LD in the terms of schema.org: a graph with an Event for each account.

    ``startDate`` is there only where the day, or more, is certain; the bounds of any other time are
    the ``temporalCoverage`` of the claims, as an interval of ISO 8601, and in the description.
    """
    text = json_text({"@context": "https://schema.org"}, "@graph", map(_event, accounts))
    return ExportText(text, left_out(accounts, LEAVES))
