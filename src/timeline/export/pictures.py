"""Draws a chronology as one SVG picture of lanes through time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

import attrs

from timeline.accounts import Account
from timeline.calendar_math import HOUR, wall_of
from timeline.errors import LogError
from timeline.export.dropped_fields import places_of
from timeline.export.field_rows import Wording, kind_of
from timeline.export.maps_control import ControlTimeline, changes_by_place, control_timeline
from timeline.export.page_data import actors_of, zone_of
from timeline.export.pictures_bars import bars
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import (
    Tags,
    colour,
    cut,
    glyph,
    holders,
    kinds,
    marker,
    patterns,
    stylesheet,
    tag,
    ticks,
    wide,
)
from timeline.export.theme import PLAIN, Theme
from timeline.text_safety import clean
from timeline.views.chronology import Chronology

__all__ = ["Lanes", "checked_lanes", "lanes_inside", "to_svg"]

Lanes = Literal["places", "actors", "kinds"]
"""By what the lanes of a page or picture are drawn."""

_LANES = ("places", "actors", "kinds")

_SANS = "system-ui, 'Segoe UI', 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"
_SERIF = "Charter, Georgia, 'Noto Serif', 'Liberation Serif', serif"
_GUTTER = 150
_MARGIN = 22
_MOST_LABELLED = 60  # events; more are drawn without their headlines
_NARROWEST = 480
_SYMBOL = 18  # pixels, a little wider than a symbol
_LABEL = 12.0  # pixels, the size of a headline
_ROW = {True: 33, False: 16}


@attrs.frozen
class _Scale:
    """Where moments lie across the picture; microseconds as clocks in the zone show them."""

    lo: int
    hi: int
    left: float
    right: float
    zone: str

    def at(self, wall: int) -> float:
        return self.left + (wall - self.lo) / (self.hi - self.lo) * (self.right - self.left)

    def x(self, moment: int | None, *, otherwise: float) -> float:
        return otherwise if moment is None else self.at(wall_of(moment, self.zone))


def checked_lanes(lanes: str) -> str:
    """Return what lanes are drawn by; raises ``LogError`` for anything else."""
    if lanes not in _LANES:
        raise LogError(f"lanes are by {', '.join(_LANES)}, not {lanes!r}")
    return lanes


def to_svg(
    chronology: Chronology | Iterable[Account],
    *,
    title: str | None = None,
    lanes: Lanes = "places",
    width: int = 960,
    zone: str | None = None,
    words: Catalogue = ENGLISH,
    theme: Theme = PLAIN,
) -> str:
    """Return a picture: lanes by places, actors or kinds, with what happened and who held what.

    A whisker is a time known only roughly, with an arrow where it is open; hatched is disputed,
    hollow only expected, dashed what the sources leave unordered to the one before. ``width`` is
    in pixels, at least 480; the height follows. The picture looks well in light and dark, shows on
    any page that shows images, and is the same bytes for the same chronology. ``words`` are those
    of the picture itself, and ``theme`` says how each holder is drawn.
    """
    checked_lanes(lanes)
    stands = chronology if isinstance(chronology, Chronology) else Chronology(tuple(chronology))
    wording = Wording(words, zone or zone_of(stands))
    picture = _Picture(stands, lanes, max(width, _NARROWEST), wording, theme)
    return picture.drawn(title)


def lanes_inside(
    chronology: Chronology, lanes: Lanes, width: int, wording: Wording, theme: Theme
) -> str:
    """Return the same picture as a page holds it: coloured by the style sheet of the page."""
    return _Picture(chronology, lanes, width, wording, theme).drawn(None, inside=True)


def _names(account: Account, lanes: Lanes) -> list[str]:
    """The lanes in which an account is drawn, the one of what is nowhere named empty."""
    event = account.event
    if lanes == "kinds":
        return [kind_of(event)]
    if lanes == "actors":
        return actors_of(event) or [""]
    return list(dict.fromkeys(place.key for place in places_of(event))) or [""]


class _Picture:
    def __init__(
        self, chronology: Chronology, lanes: Lanes, width: int, wording: Wording, theme: Theme
    ) -> None:
        self._theme = theme
        self._say, zone = wording.words, wording.zone
        self._mark_of = marker(account.event for account in chronology)
        self._called: dict[str, str] = {}
        for account in chronology:
            name, label = self._mark_of(account.event), wording.kind(account.event)
            self._called.setdefault(kind_of(account.event), clean(label))
            category = name.partition(": ")[2]
            label = self._say("colon", name=label, value=category) if category else label
            self._called.setdefault(name, clean(label))
        self._accounts = chronology.accounts
        self._width = width
        self._kinds = kinds(self._mark_of(account.event) for account in chronology)
        self._ordered = {id(one): chronology.ordered(at) for at, one in enumerate(chronology)}
        self._lanes: defaultdict[str, list[Account]] = defaultdict(list)
        nowhere = "no_place" if lanes == "places" else "nobody_named"
        self._titles: dict[str, str] = {"": self._say(nowhere)}
        for account in chronology:
            named = {place.key: place.name for place in reversed(places_of(account.event))}
            for name in _names(account, lanes):
                self._lanes[name].append(account)
                shown = named.get(name, name) if lanes == "places" else name
                if lanes == "kinds":
                    shown = self._called[name][:1].upper() + self._called[name][1:]
                self._titles.setdefault(name, shown)
        self._labelled = len(chronology) <= _MOST_LABELLED
        self._courses: dict[str, ControlTimeline] = {}
        if lanes == "places":
            changes = changes_by_place(chronology)
            self._courses = {
                name: control_timeline(name, accounts) for name, accounts in changes.items()
            }
            for name in self._courses:
                self._lanes[name] += []
                self._titles.setdefault(name, name)
        self._holders = holders(
            [
                who
                for one in self._courses.values()
                for holding in (one.before, *(turn.after for turn in one.turns))
                if holding is not None
                for who in sorted(holding.holders)
            ],
            theme,
        )
        self._scale = self._fitting(chronology, zone)

    def _fitting(self, accounts: Sequence[Account], zone: str) -> _Scale:
        walls = [
            wall_of(bound, zone)
            for account in accounts
            for bound in (account.when.lo, account.when.hi)
            if bound is not None
        ] or [0]
        span = max(walls) - min(walls)
        pad = max(span // 18, 12 * HOUR)
        end = pad * 5 // 2 if self._courses else pad
        left, right = float(_GUTTER + 8), float(self._width - _MARGIN)
        return _Scale(min(walls) - pad, max(walls) + end, left, right, zone)

    def drawn(self, title: str | None, *, inside: bool = False) -> str:
        top = 62 if title else 16
        body: Tags = []
        y = top + 30.0
        order = sorted(
            self._lanes,
            key=lambda name: (
                not name,
                name not in self._courses,
                -len(self._lanes[name]),
                name,
            ),
        )
        for index, name in enumerate(order):
            if index:
                body.append(self._rule(_MARGIN, y, self._width - _MARGIN, y))
            y = self._lane(body, name, y)
        axis = self._axis(top, y)
        legend, height = self._legend(y + 22)
        words = title or self._say("a_chronology")
        head = [
            tag("title", escape(clean(words))),
            tag("desc", escape(clean(self._described()))),
            *([] if inside else [stylesheet(self._theme)]),
            *([] if inside else [self._patterns()]),
            tag("rect", x=0.5, y=0.5, width=self._width - 1, height=height - 1, rx=10,
                fill=colour("paper"), stroke=colour("rule"), class_="paper rule-line"),
        ]  # fmt: skip
        if title:
            shown = escape(cut(title, 24, self._width - 2 * _MARGIN))
            head.append(
                self._text(shown, _MARGIN, 44, size=24, weight=600, family=_SERIF, look="ink")
            )
        return tag(
            "svg",
            *head,
            *axis,
            *body,
            *legend,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {self._width} {height}",
            width=self._width,
            height=height,
            font_family=_SANS,
            role="img",
            class_="drawn" if inside else None,
        )

    def _patterns(self) -> str:
        drawn = patterns(set(self._kinds.values()), set(self._holders.values()), self._theme)
        return tag("defs", drawn)

    def _described(self) -> str:
        events = self._say("events", n=len(self._accounts))
        return self._say("picture", events=events, lanes=self._say("lanes", n=len(self._lanes)))

    @staticmethod
    def _text(
        shown: str,
        x: float,
        y: float,
        *,
        size: float,
        look: str = "ink",
        weight: int | None = None,
        family: str | None = None,
        anchor: str | None = None,
    ) -> str:
        return tag("text", shown, x=x, y=y, font_size=size, font_weight=weight, font_family=family,
                   text_anchor=anchor, fill=colour(look), class_=look)  # fmt: skip

    @staticmethod
    def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
        return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour("rule"), class_="rule-line")

    def _axis(self, top: float, bottom: float) -> Tags:
        made: Tags = []
        scale = self._scale
        for wall, label in ticks(scale.lo, scale.hi, scale.right - scale.left, words=self._say):
            x = scale.at(wall)
            made.append(self._rule(x, top + 22, x, bottom))
            if x + wide(label, 12) < self._width - 8:
                made.append(self._text(escape(label), x + 4, top + 17, size=12, look="soft"))
        made.append(self._rule(_MARGIN, top + 26, self._width - _MARGIN, top + 26))
        return made

    def _lane(self, body: Tags, name: str, top: float) -> float:
        y = top + 12
        title = escape(cut(self._titles[name], 13.5, _GUTTER - 16))
        body.append(self._text(title, _MARGIN, top + 25, size=13.5, weight=600))
        if name in self._courses:
            body += bars(
                self._courses[name],
                self._scale.x,
                self._holders,
                y=y,
                left=self._scale.left,
                right=self._scale.right,
            )
            y += 25
        placed, rows = self._placed(self._lanes[name])
        for account, box, row in placed:
            self._mark(body, account, box, y + row * _ROW[self._labelled])
        return max(y + rows * _ROW[self._labelled] + 8, top + 40)

    def _placed(
        self, accounts: Sequence[Account]
    ) -> tuple[list[tuple[Account, tuple[float, float], int]], int]:
        """Each account with its left and right edge and its row, such that nothing overlaps."""
        free: list[float] = []
        placed = []
        scale = self._scale
        for account in accounts:
            a = scale.x(account.when.lo, otherwise=scale.left)
            b = scale.x(account.when.hi, otherwise=scale.right)
            words = wide(self._words(account), _LABEL) + 10 if self._labelled else 0.0
            first, last = min(a, b - words), max(b, a + words) + 10
            row = next((at for at, edge in enumerate(free) if edge <= first), len(free))
            free[row : row + 1] = [last]
            placed.append((account, (a, b), row))
        return placed, len(free)

    def _words(self, account: Account) -> str:
        return cut(str(account.event), _LABEL, self._scale.right - self._scale.left - 4)

    def _mark(self, body: Tags, account: Account, box: tuple[float, float], y: float) -> None:
        a, b = box
        kind = self._mark_of(account.event)
        number = self._kinds[kind]
        line = y + (24 if self._labelled else 10)
        x = (a + b) / 2
        if b - a > _SYMBOL:
            open_lo, open_hi = account.when.lo is None, account.when.hi is None
            if open_lo != open_hi:
                x = b - 9 if open_lo else a + 9
            ends = (f"M{a + 6:.1f} {line - 4:.1f}L{a:.1f} {line:.1f}l6 4" if open_lo
                    else f"M{a:.1f} {line - 5:.1f}v10")  # fmt: skip
            ends += (f"M{b - 6:.1f} {line - 4:.1f}L{b:.1f} {line:.1f}l-6 4" if open_hi
                     else f"M{b:.1f} {line - 5:.1f}v10")  # fmt: skip
            stroke = {"stroke": colour(f"k{number}"), "stroke_width": 1.5, "fill": "none"}
            dashes = None if self._ordered[id(account)] else "5 3"
            body.append(tag("path", d=f"M{a:.1f} {line:.1f}H{b:.1f}", stroke_dasharray=dashes,
                            class_=f"s{number}", **stroke))  # fmt: skip
            body.append(tag("path", d=ends, class_=f"s{number}", **stroke))
            if account.when.lasted:
                start = self._scale.x(account.when.start_hi, otherwise=a)
                end = self._scale.x(account.when.end_lo, otherwise=b)
                if end > start:
                    body.append(tag("rect", x=start, y=line - 3.5, width=end - start, height=7,
                                    fill=colour(f"k{number}"), class_=f"k{number}"))  # fmt: skip
        body.append(
            glyph(kind, number, x=x, y=line, hollow=account.expected, hatched=account.disputed)
        )
        if self._labelled:
            words = self._words(account)
            length = wide(words, _LABEL)
            left = max(a if b - a > _SYMBOL else x + 10, self._scale.left)
            at_end = account.when.lo is None or left + length >= self._scale.right
            at_end = at_end and min(b, self._scale.right) - length >= self._scale.left
            at, anchor = (min(b, self._scale.right), "end") if at_end else (left, None)
            below = 13 if b - a > _SYMBOL else 28
            body.append(self._text(escape(words), at, y + below, size=_LABEL, anchor=anchor))

    def _legend(self, top: float) -> tuple[Tags, int]:
        """How to read it: the kinds that are there, and the ways in which they are drawn."""
        seen = self._accounts
        number = min(self._kinds.values(), default=0)
        kind = next((name for name, n in self._kinds.items() if n == number), "attack")
        items: list[tuple[str, str]] = []
        for name, n in sorted(self._kinds.items()):
            items.append(
                (glyph(name, n, x=8, y=-4, hollow=False, hatched=False), self._called[name])
            )
        line = {"stroke": colour(f"k{number}"), "stroke_width": 1.5, "class_": f"s{number}"}
        whisker = tag("path", d="M0-4H26M0-9v10M26-9v10", fill="none", **line)
        dashed = tag("path", d="M0-4H26", stroke_dasharray="5 3", fill="none", **line)
        if any(
            account.when.lo is None
            or account.when.hi is None
            or account.when.hi - account.when.lo > HOUR
            for account in seen
        ):
            items.append((whisker, self._say("at_some_moment")))
        if not all(self._ordered.values()):
            items.append((dashed, self._say("order_unknown")))
        if any(account.disputed for account in seen):
            items.append(
                (
                    glyph(kind, number, x=8, y=-4, hollow=False, hatched=True),
                    self._say("is_disputed"),
                )
            )
        if any(account.expected for account in seen):
            items.append(
                (
                    glyph(kind, number, x=8, y=-4, hollow=True, hatched=False),
                    self._say("only_expected"),
                )
            )
        made: Tags = []
        x, y = float(_MARGIN), top
        for picture, words in items:
            room = 34 if picture in (whisker, dashed) else 22
            if x + room + wide(words, 12) > self._width - _MARGIN:
                x, y = float(_MARGIN), y + 22
            made.append(tag("g", picture, transform=f"translate({x:.1f} {y:.1f})"))
            made.append(self._text(escape(words), x + room, y, size=12, look="soft"))
            x += room + wide(words, 12) + 20
        return made, round(y + 18)
