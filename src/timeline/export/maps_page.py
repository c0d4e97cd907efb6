"""Write a map of control as one HTML file, with a slider through time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from timeline.accounts import Account
from timeline.export.maps import BaseMap, base_map
from timeline.export.maps_places import Label, Site, labels, outlines_of
from timeline.export.page import assembled, asset, credit, meta, missing
from timeline.export.page_data import data
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import tag
from timeline.export.theme import PLAIN, Theme
from timeline.views.chronology import Chronology

__all__ = ["to_map_html"]

_LARGE, _LARGER = 30.0, 1.7  # the letters of a narrow screen, and how much its marks grow
_FEW = 40  # places, of which each has room for larger letters
_WIDTHS = {True: 720.0, False: 1000.0}  # units of the picture, which the page scales


def to_map_html(
    chronology: Chronology | Iterable[Account],
    *,
    title: str | None = None,
    outlines: str | Mapping[str, Any] | None = None,
    zone: str | None = None,
    words: Catalogue = ENGLISH,
    theme: Theme = PLAIN,
) -> str:
    """Return a page of one file: who held which place, with a slider through time.

    The same places, hatches and outlines as ``to_map``. A chronology made of a log, which must be
    open still, gets a second slider, for what was known. Beside the map stands a table of all
    places, those without coordinates too. It needs no network and asks for nothing; the same
    chronology always gives the same bytes. ``words`` are those of the page itself.
    """
    stands = chronology if isinstance(chronology, Chronology) else Chronology(tuple(chronology))
    page = data(stands, zone=zone, control=True, words=words, theme=theme)
    title = title or theme.title or words("who_holds")
    regions = outlines_of(outlines)
    sites = _sites(page["places"], regions)
    turns = {page["places"][place][0]: len(course[1]) for place, _, _, *course in page["held"]}
    names = {page["places"][place][0]: _answers(page, place) for place, *_ in page["held"]}
    width = _WIDTHS[len(sites) <= _FEW]
    base = base_map(sites, regions, turns, names, width=width, words=words)
    number = {key: index for index, (key, *_) in enumerate(page["places"])}
    # On a narrow screen the picture shrinks, so there the letters are larger and the names fewer.
    spots = [(x, y, [site.name]) for site, (x, y) in zip(base.sites, base.spots, strict=True)]
    bounds = (base.width, base.height)
    large = labels(
        spots, radius=base.radius * _LARGER, size=_LARGE * width / _WIDTHS[False], bounds=bounds
    )
    page["sites"] = [
        [number[site.key], round(x, 1), round(y, 1), _label(label), _label(other)]
        for site, (x, y), label, other in zip(
            base.sites, base.spots, base.labels, large, strict=True
        )
    ]
    page["regions"] = _regions(base, sites, number)
    page["map"] = [base.width, round(base.height, 1), base.radius]
    kept = ("zone", "bounds", "moments", "steps", "held", "holdings", "holders", "places", "actors")
    shown = {name: page[name] for name in (*kept, "sites", "regions", "map")}
    return assembled(
        "map.html",
        shown,
        style=asset("look.css") + asset("map.css"),
        code=asset("draw.js") + asset("map.js"),
        title=title,
        words=words,
        theme=theme,
        meta=meta(title, words("who_holds"), theme, words),
        credit=credit(page["steps"], words, theme),
        missing=missing(stands, words),
        foot=escape(words("map_foot", zone=page["zone"])),
        frame=tag("g", *base.frame()),
        scale=tag("g", *base.scale()),
        box=f"0 0 {base.width:.0f} {base.height:.0f}",
    )


def _regions(base: BaseMap, sites: Iterable[Site], number: Mapping[str, int]) -> list[list[Any]]:
    """Outlines, each with the number of the place that it is of, -1 for none."""
    places = list(sites)
    return [
        [
            base.region_path(region),
            next((number[one.key] for one in places if region.names & {one.key, one.name}), -1),
            region.filled,
        ]
        for region in base.regions
    ]


def _sites(places: Iterable[list[Any]], regions: Iterable[Any]) -> list[Site]:
    """The places that can be put on the map: by coordinates, or in the middle of an outline."""
    found = []
    for key, name, *spot in places:
        region = next((one for one in regions if one.filled and one.names & {key, name}), None)
        where = spot or (region.middle[::-1] if region is not None else None)
        if where:
            found.append(Site(key, name, where[0], where[1]))
    return found


def _answers(page: Mapping[str, Any], place: int) -> list[str]:
    """Every answer that a place ever has, in words."""
    found: dict[str, None] = {}
    for other, _, _, before, turns, last in page["held"]:
        if other == place:
            for holding in (before, last, *(after for _, _, after in turns)):
                if holding >= 0:
                    found[page["holdings"][holding][0]] = None
    return list(found)


def _label(label: Label | None) -> list[Any] | None:
    return (
        None if label is None else [round(label.x, 1), round(label.y, 1), label.anchor, label.lines]
    )
