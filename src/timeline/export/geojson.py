"""Writes accounts as GeoJSON (RFC 7946), every time as a full moment of UTC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from timeline.accounts import Account
from timeline.export.dropped_fields import ExportText, left_out, place_of
from timeline.export.text import json_text
from timeline.views.chronology import Chronology

__all__ = ["to_geojson"]

LEAVES: Mapping[str, str] = {"texts": "a report is cited once for every claim"}


def _feature(account: Account) -> dict[str, Any]:
    [row] = account.to_dicts()
    when = row.pop("when")
    place = place_of(account)
    located = place is not None and place.latitude is not None and place.longitude is not None
    point = [place.longitude, place.latitude] if place is not None and located else None
    return {
        "type": "Feature",
        "id": row.pop("id"),
        "geometry": None if point is None else {"type": "Point", "coordinates": point},
        "properties": {
            "what": row.pop("what"),
            "when": when["told"],
            "earliest": when["earliest"],
            "latest": when["latest"],
            "place": None if place is None else place.name,
            "time": when,
            **row,
        },
    }


def to_geojson(accounts: Chronology) -> ExportText:
    """Gives a FeatureCollection: a point for each account, with all that stands as its properties.

    An event without coordinates has no geometry, as RFC 7946 (3.2) writes it; the larger place that
    it lies in isn't put in its stead. ``earliest`` and ``latest`` are full times of UTC (RFC 3339
    for the years 0 to 9999), the latest excluded, null where open.
    """
    head = {"type": "FeatureCollection"}
    text = json_text(head, "features", map(_feature, accounts))
    return ExportText(text, left_out(accounts, LEAVES))
