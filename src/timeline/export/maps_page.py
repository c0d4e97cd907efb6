"""Write a map of what happened and who held what as one HTML file, with sliders through time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from timeline.accounts import Account
from timeline.export.maps import (
    NO_WEIGHTS,
    BaseMap,
    Weights,
    base_map,
    map_notes,
    said_of,
    shown_now,
)
from timeline.export.maps_places import Outline, Site, outlines_of
from timeline.export.page import assembled, asset, credit, meta, missing
from timeline.export.page_data import data
from timeline.export.page_packing import packed
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import tag
from timeline.export.theme import PLAIN, Theme
from timeline.views.chronology import Chronology

__all__ = ["to_map_html"]

_WIDTH = 1000.0  # units of the picture, which the page scales
_KEPT = (
    "zone", "bounds", "moments", "steps", "published", "held", "held_published", "holdings",
    "holders", "kinds", "glyphs", "places", "actors",
)  # fmt: skip
_TOLD = ("time", "told", "kind", "lo", "hi", "places", "expected", "unfolded")


def to_map_html(
    chronology: Chronology | Iterable[Account],
    *,
    title: str | None = None,
    outlines: str | Mapping[str, Any] | None = None,
    zone: str | None = None,
    words: Catalogue = ENGLISH,
    theme: Theme = PLAIN,
    weights: Mapping[str, float] = NO_WEIGHTS,
    world: bool = True,
) -> str:
    """Return a page of one file: what happened where and who held it, with sliders through time.

    The same places, patterns and outlines as ``to_map``, which is what shows at first and without
    scripts. The reader zooms and moves, opens clusters and places, and finds all of them in a
    table, those without coordinates too. A chronology made of a log, which must be open still, can
    be seen as it was known and as it was published. It needs no network and asks for nothing; the
    same chronology always gives the same bytes. Other arguments as ``to_map`` and ``to_html``.
    """
    stands = chronology if isinstance(chronology, Chronology) else Chronology(tuple(chronology))
    content = data(stands, zone=zone, words=words, theme=theme)
    title = title or theme.title or words("who_holds")
    regions = outlines_of(outlines)
    sites = _sites(content["places"], regions)
    said = Weights(weights, said_of(stands, sites))
    base = base_map(sites, regions, said, {}, width=_WIDTH, words=words, world=world)
    shown = {name: content[name] for name in _KEPT} | _places(base, content["places"], said)
    shown["events"] = [
        [name, [[*life[:2], _lean(life[2])] for life in known], *rest]
        for name, known, *rest in content["events"]
    ]
    shown |= {"claims": [], "reports": [], "sources": []}
    patterns, marks = shown_now(base, stands, theme)
    return assembled(
        "map.html",
        packed(shown),
        style=asset("look.css") + asset("map.css"),
        code=asset("draw.js") + asset("map.js"),
        title=title,
        words=words,
        theme=theme,
        meta=meta(title, words("who_holds"), theme, words),
        credit=credit(content["steps"], words, theme),
        missing=missing(stands, words),
        foot=escape(" ".join([words("map_foot", zone=content["zone"]), *map_notes(base)])),
        defs=patterns,
        ground="".join(base.ground()),
        frame=tag("g", *base.frame()),
        marks=marks,
        scale=tag("g", *base.scale()),
        box=f"0 0 {base.width:.0f} {base.height:.0f}",
    )


def _lean(version: Mapping[str, Any]) -> dict[str, Any]:
    """What a map shows of an event."""
    return {name: version[name] for name in _TOLD if name in version} | {"claims": []}


def _sites(places: Iterable[list[Any]], regions: Sequence[Outline]) -> list[Site]:
    """The places that can be put on the map: by coordinates, or in the middle of an outline."""
    found = []
    for key, name, *spot in places:
        region = next((one for one in regions if one.filled and one.names & {key, name}), None)
        where = spot or (region.middle[::-1] if region is not None else None)
        if where:
            found.append(Site(key, name, where[0], where[1]))
    return found


def _places(base: BaseMap, places: Sequence[list[Any]], weights: Weights) -> dict[str, Any]:
    """Where places and outlines lie, for the script: the weightiest place first."""
    number = {key: index for index, (key, *_) in enumerate(places)}
    sites = [
        [number[site.key], round(x, 1), round(y, 1), -weights.order(site)[0]]
        for site, (x, y) in zip(base.sites, base.spots, strict=True)
    ]
    regions = [
        [
            base.region_path(region),
            next((number[one.key] for one in base.sites if region.names & {one.key, one.name}), -1),
            region.filled,
        ]
        for region in base.regions
    ]
    size = [base.width, round(base.height, 1), base.radius, base.kilometres]
    return {"sites": sites, "regions": regions, "map": size}
