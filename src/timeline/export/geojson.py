"""Writes accounts as GeoJSON (RFC 7946), every time as a full moment of UTC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from timeline.accounts import Account
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out, places_of
from timeline.export.text import json_text
from timeline.views.chronology import Chronology

__all__ = ["to_geojson"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "texts": "a report is cited once for every claim",
}


def _feature(account: Account) -> dict[str, Any]:
    [row] = account.to_dicts()
    when = row.pop("when")
    places = places_of(account.event)
    points = [
        [place.longitude, place.latitude]
        for place in places
        if place.latitude is not None and place.longitude is not None
    ]
    geometry: dict[str, Any] | None = None
    if len(points) == 1:
        geometry = {"type": "Point", "coordinates": points[0]}
    elif points:
        geometry = {"type": "MultiPoint", "coordinates": points}
    return {
        "type": "Feature",
        "id": row.pop("id"),
        "geometry": geometry,
        "properties": {
            "what": row.pop("what"),
            "when": when["told"],
            "earliest": when["earliest"],
            "latest": when["latest"],
            "place": ", ".join(place.name for place in places) or None,
            "time": when,
            **row,
        },
    }


def to_geojson(accounts: Chronology) -> ExportText:
    """Return a FeatureCollection: a feature for each account, with all that stands as properties.

    It is a point, or several for an event in several places. An event without coordinates has no
    geometry, as RFC 7946 (3.2) writes it; the larger place that it lies in isn't put in its stead.
    ``earliest`` and ``latest`` are full times of UTC (RFC 3339 for the years 0 to 9999), the latest
    excluded, null where open.
    """
    head = {"type": "FeatureCollection"}
    text = json_text(head, "features", map(_feature, accounts))
    return ExportText(text, left_out(accounts, LEAVES))
