"""Draw bars for who controlled a place through time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from html import escape
from itertools import pairwise
from typing import Protocol

from timeline.export.maps_control import ControlTimeline
from timeline.export.svg import Tags, colour, cut, tag, wide
from timeline.views.control import Holding

__all__ = ["bars", "parts"]

_HIGH = 19.0  # pixels
_LETTERS = 3  # of a name, the fewest that are worth showing


class _Across(Protocol):
    """Where a moment lies across the picture; ``otherwise`` where there is none."""

    def __call__(self, moment: int | None, *, otherwise: float) -> float: ...


def parts(holding: Holding) -> list[tuple[str, Fraction]]:
    """How much of a place each holder's part takes up: what is said of it, else an even part."""
    shares = dict(holding.shares)
    named = sorted(holding.holders)
    said = {who: shares[who] for who in named if shares.get(who) is not None}
    rest = max(Fraction(0), 1 - sum((share or Fraction(0) for share in said.values()), Fraction(0)))
    even = rest / max(len(named) - len(said), 1)
    return [(who, share) for who in named if (share := said.get(who) or even)]


def _stretches(course: ControlTimeline) -> Iterable[tuple[int | None, int | None, Holding | None]]:
    """Return the intervals of equal answers, each with its start and end."""
    found: list[tuple[int | None, Holding | None]] = [(None, course.before)]
    for turn in course.turns:
        if _looks(turn.after) != _looks(found[-1][1]):
            found.append((turn.moment, turn.after))
    if not course.turns:
        found = [(None, course.last)]
    for (start, holding), (end, _) in pairwise([*found, (None, None)]):
        yield start, end, holding


def _looks(holding: Holding | None) -> object:
    return holding and (str(holding), holding.certain, holding.holders, holding.shares)


def bars(
    course: ControlTimeline,
    across: _Across,
    holders: Mapping[str, int],
    *,
    y: float,
    left: float,
    right: float,
) -> Tags:
    """The bars of one place: parts of a bar are shares, a dashed edge is what is left open."""
    made: Tags = []
    for start, end, holding in _stretches(course):
        a, b = across(start, otherwise=left), across(end, otherwise=right)
        if holding is None or b - a < 1:
            continue
        top = y
        for who, share in parts(holding):
            high = _HIGH * float(share)
            made.append(
                tag("rect", x=a, y=top, width=b - a, height=high, fill=f"url(#weave{holders[who]})")
            )
            top += high
        edge = {"stroke": colour("ink"), "stroke_width": 1.25, "class_": "ink-line"}
        dashes = None if holding.certain else "4 3"
        made.append(
            tag("rect", x=a + 0.5, y=y + 0.5, width=b - a - 1, height=_HIGH - 1, fill="none",
                stroke_dasharray=dashes, **edge)
        )  # fmt: skip
        name = cut(str(holding), 11.5, b - a - 12)
        if len(name) > _LETTERS or name == str(holding):
            chip = wide(name, 11.5) * 1.06 + 8
            made.append(tag("rect", x=a + 3, y=y + 3, width=chip, height=13, rx=3,
                            fill=colour("paper"), class_="paper"))  # fmt: skip
            made.append(tag("text", escape(name), x=a + 7, y=y + 13.5, font_size=11.5,
                            font_weight=600, fill=colour("ink"), class_="ink"))  # fmt: skip
    return made
