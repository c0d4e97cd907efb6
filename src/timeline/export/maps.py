"""Draws what happened and who held which place on a map: one moment, or several side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from html import escape
from math import cos, pi, sin, sqrt
from types import MappingProxyType
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.errors import LogError
from timeline.export.maps_control import ControlTimeline, changes_by_place, control_timeline
from timeline.export.maps_events import Happened, events_by_place, happened, sites_of, weights_of
from timeline.export.maps_places import (
    Label,
    Outline,
    Projection,
    Site,
    fitted,
    labels,
    outlines_of,
)
from timeline.export.pictures_bars import parts
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import Tags, colour, cut, holders, patterns, stylesheet, tag, wide
from timeline.export.theme import PLAIN, Theme
from timeline.export.world import SOURCE, land, lines
from timeline.query import Moment
from timeline.text_safety import clean
from timeline.time_parsing import when
from timeline.views.control import Holding

__all__ = [
    "NO_WEIGHTS", "BaseMap", "Weights", "base_map", "circle_radius", "map_notes", "pie_slice",
    "said_of", "shown_now", "to_map",
]  # fmt: skip

_SANS = "system-ui, 'Segoe UI', 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"
_SERIF = "Charter, Georgia, 'Noto Serif', 'Liberation Serif', serif"
_MARGIN = 34
_NARROWEST = 320
_CROWD, _THRONG = 40, 150  # places: marks get smaller
_SPACED = 120  # pixels between lines of degrees, at least
_NAME = 12.0  # pixels
_KILOMETRES = 111.2  # in a degree of latitude, about
_PIXEL = 0.7
_CLEAR, _EMPTY = 20.0, 120.0  # pixels: about marks, and of a map of nothing
_WIDEST = 46.0  # pixels, of a circle
NO_WEIGHTS: Mapping[str, float] = MappingProxyType({})
_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_DEGREES = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45)


def to_map(
    chronology: Iterable[Account],
    *,
    at: Moment | Sequence[Moment] | None = None,
    outlines: str | Mapping[str, Any] | None = None,
    title: str | None = None,
    width: int = 960,
    words: Catalogue = ENGLISH,
    theme: Theme = PLAIN,
    weights: Mapping[str, float] = NO_WEIGHTS,
    world: bool = True,
) -> str:
    """Return a map of what happened and who held which place, as SVG; moments stand side by side.

    ``at`` is the moment asked, by its end; without it everything that stands counts. Places are
    put where their coordinates are, or in the middle of the outline that bears their key or name;
    ``outlines`` is GeoJSON that you bring; below it lie the coasts and borders of Natural Earth,
    unless ``world`` is False. A circle is as large as the number of events. Each holder has a
    pattern and its name; where the sources leave open who holds a place, the edge is dashed and all
    are shown; shares are parts of the mark. Names go to places by ``weights``, such as populations
    by key or name, then by how much is said of them. ``width`` is in pixels; ``words`` are those of
    the map itself, and ``theme`` says how each holder is drawn. The same accounts always give the
    same bytes.
    """
    moments: Sequence[Moment | None] = (
        at if isinstance(at, Sequence) and not isinstance(at, str) else (at,)
    )
    if not moments:
        raise LogError("at=[] asks for no moment; give one, several, or leave it out for all")
    accounts = list(chronology)
    changes, events = changes_by_place(accounts), events_by_place(accounts)
    courses = {key: control_timeline(key, accounts) for key, accounts in changes.items()}
    regions = outlines_of(outlines)
    sites = sites_of(accounts, regions)
    columns = min(len(moments), 2)
    each = (max(width, _NARROWEST) - 16 * (columns - 1)) / columns
    named = _named(courses.values(), theme)
    turns = {key: len(one.turns) for key, one in courses.items()}
    said = weights_of(sites, events, turns)
    answers = {key: _answers(one) for key, one in courses.items()}
    base = base_map(
        sites, regions, Weights(weights, said), answers, width=each, words=words, world=world
    )
    top = 56 if title else 0
    panels, y, tallest = [], float(top), base.height + (0 if at is None else 26)
    for index, moment in enumerate(moments):
        end = _end(moment)
        held = {key: one.by(end) for key, one in courses.items()}
        counts = {key: happened(some, end) for key, some in events.items()}
        inner = base.drawn(held, counts, named)
        head = "" if moment is None else _told(_asked(moment), 0, 16, size=14, weight=600)
        lift = tallest - base.height
        panel = head + tag("g", *inner, transform=f"translate(0 {lift:.0f})")
        x = (index % columns) * (each + 16)
        panels.append(tag("g", panel, transform=f"translate({x:.1f} {y:.1f})"))
        if index % columns == columns - 1 or index == len(moments) - 1:
            y += tallest + 14
    legend, y = _legend(
        named, courses, top=y + 8, width=max(width, _NARROWEST), base=base, events=events
    )
    absent = len(courses.keys() | events.keys()) - len(sites)
    if absent:
        missing = words("unplaced", n=absent)
        legend.append(_told(missing, 2, y + 6, size=12, look="soft"))
        y += 22
    whole = max(width, _NARROWEST)
    heading = ""
    if title:
        shown = escape(cut(title, 24, width - 4))
        heading = tag("text", shown, x=2, y=32, font_size=24, font_weight=600, font_family=_SERIF,
                      fill=colour("ink"), class_="ink")  # fmt: skip
    back = tag("rect", x=-11.5, y=-3.5, width=whole + 23, height=round(y) + 11, rx=10,
               fill=colour("paper"), stroke=colour("rule"), class_="paper rule-line")  # fmt: skip
    return tag(
        "svg",
        tag("title", escape(clean(title or words("who_holds")))),
        tag("desc", words("places", n=len(sites))),
        stylesheet(theme),
        tag("defs", patterns(set(), set(named.values()), theme)),
        back,
        heading,
        *panels,
        *legend,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"-12 -4 {whole + 24} {round(y) + 12}",
        width=whole + 24,
        height=round(y) + 12,
        font_family=_SANS,
        role="img",
    )


def _end(moment: Moment | None) -> int | None:
    if moment is None:
        return None
    end = when(moment).hi
    if end is None:
        raise LogError(f"at={str(moment)!r} has no end to ask by; leave at out for all")
    return end


def _asked(moment: Moment) -> str:
    return str(moment.isoformat() if isinstance(moment, date) else moment)


@attrs.frozen
class Weights:
    """Which places are named first: by weights given, then by how much is said of them."""

    given: Mapping[str, float]
    said: Mapping[str, int]

    def order(self, site: Site) -> tuple[float, int, str]:
        """Return the key by which places are sorted, the first one named first."""
        given = self.given.get(site.key, self.given.get(site.name, 0.0))
        return -given, -self.said.get(site.key, 0), site.key


def said_of(accounts: Sequence[Account], sites: Sequence[Site]) -> dict[str, int]:
    """Return how much is said of each place that is mapped."""
    turns = {key: len(some) for key, some in changes_by_place(accounts).items()}
    return weights_of(sites, events_by_place(accounts), turns)


def shown_now(base: BaseMap, accounts: Sequence[Account], theme: Theme) -> tuple[str, str]:
    """Return the patterns and the marks of a map that counts everything, as a page holds them."""
    courses = {key: control_timeline(key, some) for key, some in changes_by_place(accounts).items()}
    named = _named(courses.values(), theme)
    held = {key: one.last for key, one in courses.items()}
    counts = {key: happened(some, None) for key, some in events_by_place(accounts).items()}
    return patterns(set(), set(named.values()), theme), "".join(base.marks(held, counts, named))


def map_notes(base: BaseMap) -> list[str]:
    """Return whose outlines are shown, as a sentence."""
    return [base.words("outlines_of", source=SOURCE)] if base.world and base.sites else []


def _named(courses: Iterable[ControlTimeline], theme: Theme) -> dict[str, int]:
    """The looks of all who ever hold a place."""
    return holders(
        [
            who
            for one in courses
            for holding in (one.before, *(turn.after for turn in one.turns), one.last)
            if holding is not None
            for who in sorted(holding.holders)
        ],
        theme,
    )


def circle_radius(events: int) -> float:
    """Return how large a circle is for so many events, in pixels: its area grows with them."""
    return min(3.0 + 2.2 * sqrt(events), _WIDEST)


@attrs.frozen
class BaseMap:
    """A map without holders yet: where places, their names, outlines and lines of degrees lie."""

    width: float
    height: float
    radius: float
    projection: Projection
    sites: tuple[Site, ...]
    spots: tuple[tuple[float, float], ...]
    labels: tuple[Label | None, ...]
    regions: tuple[Outline, ...]
    words: Catalogue
    world: bool

    def drawn(
        self,
        holdings: Mapping[str, Holding | None],
        counts: Mapping[str, Happened],
        named: Mapping[str, int],
    ) -> Tags:
        """Return the elements of the map, with who holds each place and what happened there."""
        if not self.sites and not self.regions:
            return self.marks(holdings, counts, named)
        regions = [self._region(region, holdings, named) for region in self.regions]
        marks = self.marks(holdings, counts, named)
        # A picture within the picture ends at its edge.
        inside = tag("svg", *self.ground(), width=self.width, height=round(self.height, 1))
        return [inside, *self.frame(), *regions, *marks, *self.scale()]

    def marks(
        self,
        holdings: Mapping[str, Holding | None],
        counts: Mapping[str, Happened],
        named: Mapping[str, int],
    ) -> Tags:
        """Return what stands at each place, or that there is none."""
        if not self.sites and not self.regions:
            nothing = self.words("nothing_on_map")
            return [_told(nothing, self.width / 2, self.height / 2, size=14, anchor="middle")]
        marks = [
            tag("circle", cx=x, cy=y,
                r=circle_radius(count.most) + self.radius * (site.key in holdings),
                fill=colour("ink"),
                fill_opacity=0.22, stroke=colour("ink"), stroke_width=0.75,
                stroke_dasharray="2 2" if count.perhaps and not count.certain else None,
                class_="ink ink-line")
            for site, (x, y) in zip(self.sites, self.spots, strict=True)
            if (count := counts.get(site.key, Happened())).most
        ]  # fmt: skip
        for site, (x, y), label in zip(self.sites, self.spots, self.labels, strict=True):
            lines = self._captions(site.key, holdings, counts)
            shape = (
                _mark(x, y, self.radius, holdings[site.key], named) if site.key in holdings else []
            )
            if not shape and not counts.get(site.key, Happened()).most:
                shape = [tag("circle", cx=x, cy=y, r=1.5, fill=colour("soft"), class_="soft")]
            title = ": ".join([site.name, "; ".join(lines)]) if lines else site.name
            marks.append(tag("g", tag("title", escape(clean(title))), *shape))
            if label is not None:
                marks += _name(label, [site.name, *lines][: label.lines])
        return marks

    @property
    def kilometres(self) -> float:
        """How many kilometres a pixel is, at the middle latitude."""
        return _KILOMETRES / self.projection.scale

    def _captions(
        self, key: str, holdings: Mapping[str, Holding | None], counts: Mapping[str, Happened]
    ) -> list[str]:
        """Who holds a place, and how many events it has had."""
        lines = []
        if key in holdings:
            holding = holdings[key]
            lines.append(self.words("nobody_says") if holding is None else str(holding))
        if key in counts and counts[key].most:
            lines.append(self.words("events", n=counts[key].most))
        return lines

    def ground(self) -> Tags:
        """Land, coasts and borders, of which nothing is said here but where they lie."""
        if not self.world:
            return []
        window = self.projection.window(self.width, self.height)
        area = "".join(f"{self._drawn(ring)}Z" for ring in land(window))
        made = [tag("path", d=area, fill=colour("land"), class_="land")] if area else []
        paths = {True: "", False: ""}
        for coast, points in lines(window):
            paths[coast] += self._drawn(points)
        for coast, path in paths.items():
            if path:
                made.append(tag("path", d=path, fill="none", stroke=colour("soft"),
                                stroke_width=0.8 if coast else 0.9, stroke_opacity=0.7,
                                stroke_dasharray=None if coast else "6 2 1.5 2",
                                class_="soft-line"))  # fmt: skip
        return made

    def _drawn(self, points: Iterable[tuple[float, float]]) -> str:
        """A line through points, as the data of a path, without what lies within a pixel."""
        kept: list[tuple[float, float]] = []
        spots = [self.projection.straight(*point) for point in points]
        for x, y in spots:
            if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= _PIXEL:
                kept.append((x, y))
        if kept and spots and kept[-1] != spots[-1]:
            kept.append(spots[-1])
        (x, y), *rest = kept
        made = [f"M{x:.1f} {y:.1f}l"]
        for one, other in rest:
            made.append(f"{one - x:.1f} {other - y:.1f} ")
            x, y = x + float(f"{one - x:.1f}"), y + float(f"{other - y:.1f}")
        return "".join(made).rstrip(" l")

    def region_path(self, region: Outline) -> str:
        """Return a region's outline as the data of a path."""
        made = []
        for ring in region.rings:
            points = [self.projection.xy(*point) for point in ring]
            made.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points))
            made.append("Z" if region.filled else "")
        return "".join(made)

    def _region(
        self, region: Outline, holdings: Mapping[str, Holding | None], named: Mapping[str, int]
    ) -> str:
        keys = [site.key for site in self.sites if region.names & {site.key, site.name}]
        holding = next((holdings.get(key) for key in keys), None)
        whole = holding is not None and holding.certain and len(holding.holders) == 1
        fill = f"url(#weave{named[min(holding.holders)]})" if whole and holding else "none"
        open_ = holding is not None and not holding.certain
        return tag("path", d=self.region_path(region), fill=fill if region.filled else "none",
                   fill_opacity=0.45, stroke=colour("soft"), fill_rule="evenodd",
                   stroke_dasharray="5 4" if open_ else None, class_="soft-line")  # fmt: skip

    def frame(self) -> Tags:
        """Lines of degrees, with their numbers at the edge."""
        made = [tag("rect", x=0.5, y=0.5, width=self.width - 1, height=self.height - 1, rx=6,
                    fill="none", stroke=colour("rule"), class_="rule-line")]  # fmt: skip
        one = self.projection
        step = next((s for s in _DEGREES if s * one.scale >= _SPACED), _DEGREES[-1])
        east = (self.width - one.left) / (one.scale * one.squeeze) + one.west
        west = one.west - one.left / (one.scale * one.squeeze)
        south = one.north - (self.height - one.top) / one.scale
        north = one.north + one.top / one.scale
        for degree in _between(south, north, step):
            y = one.top + (one.north - degree) * one.scale
            made.append(_line(0, y, self.width, y))
            if 16 < y < self.height - 30:  # noqa: PLR2004 - clear of the corners
                made.append(
                    _told(self._degrees(degree, "north", "south"), 5, y - 4, size=10.5, look="soft")
                )
        for degree in _between(west, east, step):
            x = one.left + (degree - one.west) * one.scale * one.squeeze
            turned = (degree + 180) % 360 - 180
            made.append(_line(x, 0, x, self.height))
            if 40 < x < self.width - 40:  # noqa: PLR2004 - clear of the corners
                made.append(
                    _told(self._degrees(turned, "east", "west"), x + 4, 13, size=10.5, look="soft")
                )
        return made

    def _degrees(self, value: float, more: str, less: str) -> str:
        side = more if value > 0 else less if value < 0 else "degrees"
        return self.words(side, n=f"{abs(value):g}")

    def scale(self) -> Tags:
        """A bar of a round number of kilometres, true at the middle latitude."""
        pixel = _KILOMETRES / self.projection.scale
        length = max((n for n in _ROUND if n / pixel <= self.width / 4), default=_ROUND[0])
        x, y = self.width - 14, self.height - 12
        path = f"M{x - length / pixel:.1f} {y - 4:.1f}v4H{x:.1f}v-4"
        bar = tag(
            "path", d=path, fill="none", stroke=colour("ink"), stroke_width=1.5, class_="ink-line"
        )
        return [bar, _told(self.words("kilometres", n=length), x, y - 8, size=11, anchor="end")]


def _between(lo: float, hi: float, step: float) -> list[float]:
    first = int(lo // step) + 1
    return [n * step for n in range(first, int(hi // step) + 1)]


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour("rule"), stroke_width=0.75,
               class_="rule-line")  # fmt: skip


def _told(
    words: str, x: float, y: float, *, size: float, look: str = "ink", weight: int | None = None,
    anchor: str | None = None,
) -> str:  # fmt: skip
    return tag("text", escape(clean(words)), x=x, y=y, font_size=size, font_weight=weight,
               text_anchor=anchor, fill=colour(look), class_=look)  # fmt: skip


def _name(label: Label, lines: Sequence[str]) -> Tags:
    halo = {"paint_order": "stroke", "stroke_width": 3, "stroke_linejoin": "round"}
    made: Tags = []
    for index, line in enumerate(lines):
        look = "soft" if index else "ink"
        made.append(tag("text", escape(clean(line)), x=label.x, y=label.y + index * _NAME * 1.2,
                        font_size=_NAME - index, font_weight=None if index else 600,
                        text_anchor=label.anchor, stroke=colour("paper"), fill=colour(look),
                        class_=f"{look} paper-line", **halo))  # fmt: skip
    return made


def _mark(
    x: float, y: float, radius: float, holding: Holding | None, named: Mapping[str, int]
) -> Tags:
    """A disc in parts, one for each holder; its edge is dashed where it isn't certain."""
    if holding is None:
        return [tag("circle", cx=x, cy=y, r=radius / 2, fill=colour("paper"), stroke=colour("soft"),
                    class_="paper soft-line")]  # fmt: skip
    look = {"cx": x, "cy": y, "r": radius}
    made = [tag("circle", **look, fill=colour("paper"), class_="paper")]
    begun = Fraction(0)
    for who, share in parts(holding):
        fill = f"url(#weave{named[who]})"
        if share == 1:
            made.append(tag("circle", **look, fill=fill))
        else:
            part = pie_slice(x, y, radius, begun, begun + share)
            made.append(tag("path", d=part, fill=fill, stroke=colour("ink"), stroke_width=0.75,
                            class_="ink-line"))  # fmt: skip
        begun += share
    dashes = None if holding.certain else "3 2"
    made.append(tag("circle", **look, fill="none", stroke=colour("ink"), stroke_width=1.5,
                    stroke_dasharray=dashes, class_="ink-line"))  # fmt: skip
    return made


def pie_slice(x: float, y: float, radius: float, start: Fraction, end: Fraction) -> str:
    """Return the part of a disc from one share of the turn to another, clockwise from the top."""
    a, b = float(start) * 2 * pi, float(end) * 2 * pi
    ax, ay, bx, by = (
        x + radius * sin(a),
        y - radius * cos(a),
        x + radius * sin(b),
        y - radius * cos(b),
    )
    large = int(end - start > Fraction(1, 2))
    arc = f"A{radius:.1f} {radius:.1f} 0 {large} 1 {bx:.2f} {by:.2f}"
    return f"M{x:.1f} {y:.1f}L{ax:.2f} {ay:.2f}{arc}Z"


def base_map(
    sites: Sequence[Site],
    regions: Sequence[Outline],
    weights: Weights,
    answers: Mapping[str, Sequence[str]],
    *,
    width: float,
    words: Catalogue = ENGLISH,
    world: bool = True,
) -> BaseMap:
    """Lay out places and outlines in a width; the places of most weight are named first.

    ``answers`` is all that is ever answered for a place, by its key, so that its label has room for
    each.
    """
    points = [(site.longitude, site.latitude) for site in sites]
    points += [point for region in regions for ring in region.rings for point in ring]
    projection, height = fitted(points, width, width * 0.8, _MARGIN)
    if not points:
        height = _EMPTY
    radius = 9.0 if len(sites) <= _CROWD else 7.0 if len(sites) <= _THRONG else 4.8
    order = sorted(sites, key=weights.order)
    spots = [projection.xy(site.longitude, site.latitude) for site in order]
    captions = [
        [site.name, max((words("nobody_says"), *answers[site.key]), key=len)]
        if len(sites) <= _CROWD and site.key in answers
        else [site.name]
        for site in order
    ]
    placed = labels(
        [(x, y, lines) for (x, y), lines in zip(spots, captions, strict=True)],
        radius=[min(radius + weights.said.get(site.key, 0) ** 0.5, _CLEAR) for site in order],
        size=_NAME,
        bounds=(width - 4, height - 22),
    )
    at = (tuple(order), tuple(spots), tuple(placed), tuple(regions))
    return BaseMap(width, height, radius, projection, *at, words=words, world=world)


def _answers(one: ControlTimeline) -> list[str]:
    holdings = [one.before, one.last, *(turn.after for turn in one.turns)]
    return [str(answer) for answer in holdings if answer is not None]


def _legend(
    named: Mapping[str, int],
    courses: Mapping[str, ControlTimeline],
    *,
    top: float,
    width: float,
    base: BaseMap,
    events: Mapping[str, Sequence[object]],
) -> tuple[Tags, float]:
    made: Tags = []
    x, y, words = 2.0, top + 10, base.words
    items: list[tuple[str, str | None, str]] = [
        (f"url(#weave{n})", None, who) for who, n in named.items()
    ]
    if any(
        holding is not None and not holding.certain
        for one in courses.values()
        for holding in (one.before, one.last, *(turn.after for turn in one.turns))
    ):
        items.append(("none", "3 2", words("open_holder")))
    for fill, dashes, name in items:
        label = cut(name, 12, width - 40)
        if x + 24 + wide(label, 12) > width and x > 2:  # noqa: PLR2004 - where a row begins
            x, y = 2.0, y + 24
        made.append(tag("circle", cx=x + 8, cy=y - 4, r=7.5, fill=fill, stroke=colour("ink"),
                        stroke_width=1.25, stroke_dasharray=dashes,
                        class_="ink-line"))  # fmt: skip
        made.append(_told(label, x + 22, y, size=12))
        x += 42 + wide(label, 12)
    notes = [words("circles")] if events else []
    notes += map_notes(base)
    for note in notes:
        y += 22 if items else 0
        items = items or [("", None, "")]
        made.append(_told(cut(note, 11.5, width - 4), 2, y, size=11.5, look="soft"))
    return made, y + 14
