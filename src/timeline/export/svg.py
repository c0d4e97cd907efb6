"""What pictures are drawn of: escaped elements, hatches, symbols, and looks in light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import cycle
from math import ceil

from timeline.calendar_math import DAY, HOUR, civil, wall
from timeline.events import Event
from timeline.export.field_rows import kind_of
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.theme import PLAIN, Look, Theme
from timeline.text_safety import clean

__all__ = [
    "WEAVES",
    "Tags",
    "colour",
    "cut",
    "glyph",
    "glyphs",
    "holders",
    "kinds",
    "looks",
    "marker",
    "patterns",
    "stylesheet",
    "tag",
    "ticks",
    "wide",
]

Tags = list[str]
"""Elements, written and escaped."""

_LOOK = {
    "paper": ("#fffefb", "#1b1e23"),
    "ink": ("#1c1e22", "#ece9e2"),
    "soft": ("#555a62", "#adb1b8"),
    "rule": ("#dcd7cc", "#383c44"),
    "land": ("#f1ece0", "#262a30"),
}
_KINDS = (
    ("#a5341c", "#f08b72"),
    ("#1f5a92", "#86bbee"),
    ("#6a4494", "#c3a3ea"),
    ("#73590a", "#dfc05e"),
    ("#17694f", "#74cfae"),
    ("#8f2c66", "#ef95c8"),
    ("#40505c", "#b3c1cc"),
    ("#7a4a1e", "#deab78"),
)
# Of each holder the lines and the ground, in light and in dark.
_HOLDERS = (
    Look("#2b65a0", "#86bbee", "#d3e2f0", "#213a53", 0),
    Look("#b03a26", "#f08b72", "#f4dcd5", "#50261c", 1),
    Look("#2f7350", "#7fcfa2", "#d6e9dd", "#1f4030", 2),
    Look("#7b5aa6", "#c3a3ea", "#e6ddf0", "#3a2c50", 3),
    Look("#856408", "#dfc05e", "#f3e8c6", "#463a12", 4),
    Look("#3f6f78", "#8fc6d0", "#d7e7ea", "#1f3d44", 5),
    Look("#97356e", "#ef95c8", "#f2d9e7", "#4d2039", 6),
    Look("#555a62", "#b8bcc3", "#e2e2e0", "#33363c", 7),
)
WEAVES = (
    ("M-2 2 2-2M0 8 8 0M6 10 10 6", "1.6"),
    ("M0 4H8", "2"),
    (None, "1.5"),
    ("M4 0V8", "2"),
    ("M0 0 8 8M8 0 0 8", "1.1"),
    ("M-2 6 2 10M0 0 8 8M6-2 10 2", "1.6"),
    ("M0 2H8M2 0V8", "1"),
    (None, "0.9"),
)
"""Lines of each pattern that tells holders apart, and how wide they are; None is dots."""
_GLYPHS = {
    "attack": "M0-6.5 6.5 0 0 6.5-6.5 0Z",
    "territorial change": "M-5-6.5V6.5M-5-6 6-2.25-5 1.5Z",
    "political statement": "M0-5.5A5.5 5.5 0 1 1 0 5.5 5.5 5.5 0 1 1 0-5.5Z",
    "incident": "M-5-5H5V5H-5Z",
}
_OTHERS = (
    "M0-6 6 5H-6Z",
    "M-6-5H6L0 6Z",
    "M-6 0-3-5.5H3L6 0 3 5.5H-3Z",
    "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
)
_MOST_CATEGORIES = 12
_SQUARE = 0x2E80  # from there on letters fill a square
_NARROW = set("iljtfrI.,:;'|!()[] ")
_STEPS = (
    *((hours * HOUR, 0) for hours in (1, 3, 6, 12)),
    *((days * DAY, 0) for days in (1, 2, 7, 14)),
    *((0, months) for months in (1, 3, 6, 12, 24, 60, 120, 600, 1200, 6000, 12000, 120000)),
)
_MONTH = 30 * DAY


def tag(name: str, *inside: str, **parts: object) -> str:
    """Return an element; ``_`` in names of attributes is ``-``, and None leaves one out.

    What is ``inside`` is SVG already; a text has to come by ``escape(clean(text))``.
    """
    attributes = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(clean(_number(value)))}"'
        for key, value in parts.items()
        if value is not None
    )
    return f"<{name}{attributes}>{''.join(inside)}</{name}>" if inside else f"<{name}{attributes}/>"


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _advance(letter: str) -> float:
    """About how wide a letter is, in sizes of its face."""
    if letter in _NARROW:
        return 0.33
    if letter.isupper():
        return 0.7
    return 1.0 if ord(letter) >= _SQUARE else 0.58


def wide(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif face of a size; both in pixels."""
    return size * sum(map(_advance, text))


def cut(text: str, size: float, room: float) -> str:
    """Return a text, or as much of its beginning as has room, and an ellipsis."""
    text = " ".join(clean(text).split())
    advance, fits = 0.0, 0
    for at, letter in enumerate(text, 1):
        advance += _advance(letter)
        if size * advance + size <= room:
            fits = at  # with an ellipsis behind it
        if size * advance > room:
            return f"{text[:fits].rstrip()}…"
    return text


def marker(events: Iterable[Event]) -> Callable[[Event], str]:
    """Return what gives an event's mark: its kind, or its category where it has one.

    ``incident: mass grave``. Where there are more than a dozen categories, the rarest have the mark
    of their kind.
    """
    found = Counter(name for name in map(_category, events) if name is not None)
    often = set(sorted(found, key=lambda one: (-found[one], one))[:_MOST_CATEGORIES])

    def mark(event: Event) -> str:
        name = _category(event)
        return name if name in often and name is not None else kind_of(event)

    return mark


def _category(event: Event) -> str | None:
    category = getattr(event, "category", None)
    return f"{kind_of(event)}: {category}" if isinstance(category, str) and category else None


def kinds(names: Iterable[str]) -> dict[str, int]:
    """Number marks by the looks that they have."""
    return _numbers(names)


def _numbers(names: Iterable[str]) -> dict[str, int]:
    """The looks of marks: kinds have their own, other kinds and categories share what is left."""
    found = sorted(set(names))
    others = [name for name in found if name not in _GLYPHS and ":" not in name]
    categories = [name for name in found if ":" in name]
    return {
        name: list(_GLYPHS).index(name)
        if name in _GLYPHS
        else 3 + categories.index(name) % 5
        if name in categories
        else 4 + others.index(name) % 4
        for name in found
    }


def _path(name: str, number: int) -> str:
    return _GLYPHS.get(name.partition(":")[0]) or _OTHERS[number % 4]


def glyphs(names: Sequence[str]) -> list[tuple[int, str]]:
    """Return the number of the look and the path of the symbol of each mark, by their names."""
    numbers = _numbers(names)
    return [(numbers[name], _path(name, numbers[name])) for name in names]


def glyph(kind: str, number: int, *, x: float, y: float, hollow: bool, hatched: bool) -> str:
    """The symbol of a kind: hollow where it is only expected, hatched where it is disputed."""
    fill = f"url(#hatch{number})" if hatched else _LOOK["paper"][0] if hollow else _KINDS[number][0]
    look = f"s{number}" if hatched else f"s{number} paper" if hollow else f"k{number} s{number}"
    return tag(
        "path",
        d=_path(kind, number),
        transform=f"translate({_number(float(x))} {_number(float(y))})",
        fill=fill,
        stroke=_KINDS[number][0],
        stroke_width=1.75,
        stroke_linejoin="round",
        class_=look,
    )


def colour(name: str) -> str:
    """The colour in light of a part of the look: ``ink``, ``soft``, ``rule``, ``k0``, ``h0``."""
    if name in _LOOK:
        return _LOOK[name][0]
    return _KINDS[int(name[1:])][0] if name[0] == "k" else _HOLDERS[int(name[1:])].line


def looks(theme: Theme) -> list[Look]:
    """Return how holders may be drawn: the eight of any picture, then those of the theme."""
    return [*_HOLDERS, *theme.looks]


def holders(names: list[str], theme: Theme = PLAIN) -> dict[str, int]:
    """Number holders by the looks that they have, the most frequent first.

    An actor of the theme has its own, the same in every picture; the others share the eight.
    """
    often = Counter(names)
    order = sorted(often, key=lambda name: (-often[name], name))
    own = theme.numbered(len(_HOLDERS))
    free = iter(cycle(range(len(_HOLDERS))))
    return {name: own[name] if name in own else next(free) for name in order}


def patterns(used_kinds: set[int], used_holders: set[int], theme: Theme = PLAIN) -> str:
    """The hatches of disputed kinds and the hatches of holders."""
    made = []
    for n in sorted(used_kinds):
        lines = tag("line", y2=5, stroke=_KINDS[n][0], stroke_width=2.25, class_=f"s{n}")
        ground = tag("rect", width=5, height=5, fill=_LOOK["paper"][0], class_="paper")
        turned = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
        made.append(tag("pattern", ground, lines, id=f"hatch{n}", width=5, height=5, **turned))
    for n in sorted(used_holders):
        look = looks(theme)[n]
        line, back = look.line, look.ground
        path, width = WEAVES[look.pattern]
        ground = tag("rect", width=8, height=8, fill=back, class_=f"b{n}")
        drawn = (
            tag("path", d=path, stroke=line, stroke_width=width, fill="none", class_=f"w{n}")
            if path
            else "".join(
                tag("circle", cx=at, cy=at, r=width, fill=line, class_=f"d{n}") for at in (2, 6)
            )
        )
        square = {"patternUnits": "userSpaceOnUse"}
        made.append(tag("pattern", ground, drawn, id=f"weave{n}", width=8, height=8, **square))
    return "".join(made)


def stylesheet(theme: Theme = PLAIN) -> str:
    """The style sheet of a picture: what changes where the reader's screen is dark."""
    dark = [f".{name}{{fill:{tint}}}" for name, (_, tint) in _LOOK.items()]
    dark += [f".{name}-line{{stroke:{tint}}}" for name, (_, tint) in _LOOK.items()]
    dark += [f".k{n}{{fill:{tint}}}.s{n}{{stroke:{tint}}}" for n, (_, tint) in enumerate(_KINDS)]
    dark += [
        f".b{n}{{fill:{look.dark_ground}}}"
        f".w{n}{{stroke:{look.dark_line}}}.d{n}{{fill:{look.dark_line}}}"
        for n, look in enumerate(looks(theme))
    ]
    return tag("style", f"@media (prefers-color-scheme:dark){{{''.join(dark)}}}")


def ticks(lo: int, hi: int, width: float, *, words: Catalogue = ENGLISH) -> list[tuple[int, str]]:
    """Return round moments between two, at least 90 pixels apart, each with its label.

    Microseconds as a clock on the wall shows them.
    """
    least = (hi - lo) * 92 / max(width, 1)
    size, months = next(
        (step for step in _STEPS if max(step[0], step[1] * _MONTH) >= least), _STEPS[-1]
    )
    found: list[tuple[int, str]] = []
    year, month, _ = civil(lo // DAY)
    first = (year * 12 + month - 1) // months * months if months else ceil(lo / size)
    at, n = lo, 0
    while at <= hi:
        month_at = first + n * months
        at = wall(month_at // 12, month_at % 12 + 1) if months else (first + n) * size
        if lo <= at <= hi:
            found.append((at, _label(at, months, words, first=not found)))
        n += 1
    return found


def _label(at: int, months: int, words: Catalogue, *, first: bool) -> str:
    year, month, day = civil(at // DAY)
    era, name = words.date(year), words.short_months[month - 1]
    if months:
        return era if months % 12 == 0 else f"{name} {era}"
    hour = at % DAY // HOUR
    date = f"{day} {name}"
    return f"{hour:02d}:00" if hour and not first else f"{date} {era}" if first else date
