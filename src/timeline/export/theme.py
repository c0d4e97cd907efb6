"""How the pages of one project look alike: title and credit, logo, and one colour for each actor.

A theme is a small TOML file that a project keeps beside its log::

    credit = "The Newsroom"
    licence = "CC BY 4.0"
    licence_url = "https://creativecommons.org/licenses/by/4.0/"
    url = "https://example.org/war"
    description = "Who held which town, and who says so."
    image = "https://example.org/war.png"
    accent = "#7a1f1f"
    logo = "logo.svg"

    [actors]
    Russia = "#b03a26 diagonal"
    Ukraine = "#2b65a0 lines"

All of it is optional. An actor has a colour, a pattern or both; patterns are diagonal, lines, dots,
bars, crosses, steep, grid and points.
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import attrs

from timeline.errors import LogError

__all__ = ["PATTERNS", "PLAIN", "Look", "Theme"]

PATTERNS = ("diagonal", "lines", "dots", "bars", "crosses", "steep", "grid", "points")
"""The patterns that tell holders apart without colour, by their numbers."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TEXTS = ("title", "credit", "licence", "licence_url", "url", "description", "image")
_SVG, _PNG, _JPEG = b"<", b"\x89PNG", b"\xff\xd8"


@attrs.frozen
class Look:
    """How a holder is drawn: lines and ground, in light and in dark, and which pattern."""

    line: str
    dark_line: str
    ground: str
    dark_ground: str
    pattern: int


def _mixed(colour: str, other: str, part: float) -> str:
    """A colour with a part of another mixed in."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _look(name: str, value: object, number: int) -> Look:
    colour, pattern = None, number % len(PATTERNS)
    for word in value.split() if isinstance(value, str) else [""]:
        if _COLOUR.fullmatch(word):
            colour = word.lower()
        elif word in PATTERNS:
            pattern = PATTERNS.index(word)
        else:
            raise LogError(
                f"the theme's actor {name!r} takes a colour such as '#b03a26', a pattern of "
                f"{', '.join(PATTERNS)}, or both; not {value!r}"
            )
    colour = colour or "#555a62"
    return Look(
        colour, _mixed(colour, "#ffffff", 0.45), _mixed(colour, "#ffffff", 0.8),
        _mixed(colour, "#101216", 0.68), pattern,
    )  # fmt: skip


@attrs.frozen(kw_only=True)
class Theme:
    """What pages, maps and pictures of one project share; make it with ``Theme.read``.

    ``actors`` says how each is drawn, wherever it appears; all others share what is left.
    ``accent`` is the colour of links and sliders. ``logo`` is an SVG, PNG or JPEG.
    """

    title: str | None = None
    credit: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    url: str | None = None
    description: str | None = None
    image: str | None = None
    accent: str | None = None
    logo: bytes | None = attrs.field(default=None, repr=False)
    actors: Mapping[str, Look] = attrs.field(factory=dict[str, Look])

    @staticmethod
    def logo_named(text: str) -> str | None:
        """Return the name of the file of the logo that a theme names, for whoever reads files."""
        name = _parsed(text).get("logo")
        return name if isinstance(name, str) else None

    @classmethod
    def read(cls, text: str, *, logo: bytes | None = None) -> Theme:
        """Return the theme that a text in TOML says; ``logo`` is the file that it names.

        Raises ``LogError`` for what a theme can't say.
        """
        parts = _parsed(text)
        parts.pop("logo", None)
        actors = parts.pop("actors", {})
        if not isinstance(actors, dict):
            raise LogError(f"the theme's actors are a table of names, not {actors!r}")
        strange = [name for name in parts if name not in (*_TEXTS, "accent")]
        if strange:
            known = ", ".join((*_TEXTS, "accent", "logo", "actors"))
            raise LogError(f"a theme says nothing of {strange[0]!r}; it has {known}")
        for name, value in parts.items():
            if not isinstance(value, str):
                raise LogError(f"the theme's {name} is a text, not {value!r}")
        accent = parts.get("accent")
        if accent is not None and not _COLOUR.fullmatch(accent):
            raise LogError(f"the theme's accent is a colour such as '#7a1f1f', not {accent!r}")
        looks = {
            name: _look(name, value, number) for number, (name, value) in enumerate(actors.items())
        }
        if logo is not None and not logo.lstrip().startswith((_SVG, _PNG, _JPEG)):
            raise LogError("the theme's logo is an SVG, PNG or JPEG; this file is none of them")
        return cls(logo=logo, actors=looks, **parts)

    @property
    def looks(self) -> list[Look]:
        """The looks of the theme's actors, in its order."""
        return list(self.actors.values())

    def numbered(self, first: int) -> dict[str, int]:
        """Return the number of each actor's look, from a first one."""
        return {name: first + index for index, name in enumerate(self.actors)}

    def logo_address(self) -> str | None:
        """Return the logo as an address that a page holds by itself."""
        if self.logo is None:
            return None
        kinds = {_PNG: "image/png", _JPEG: "image/jpeg"}
        kind = next(
            (kind for start, kind in kinds.items() if self.logo.startswith(start)), "image/svg+xml"
        )
        return f"data:{kind};base64,{base64.b64encode(self.logo).decode()}"

    def style(self, first: int) -> str:
        """Return the rules that a page's style sheet adds: accents, and looks from a number on."""
        light, dark, classes = [], [], []
        if self.accent:
            light.append(f"--accent:{self.accent}")
            dark.append(f"--accent:{_mixed(self.accent, '#ffffff', 0.5)}")
        for number, look in enumerate(self.looks, first):
            light.append(f"--h{number}:{look.line};--h{number}b:{look.ground}")
            dark.append(f"--h{number}:{look.dark_line};--h{number}b:{look.dark_ground}")
            classes.append(
                f".h{number}{{--h:var(--h{number});--hb:var(--h{number}b)}}"
                f".drawn .b{number}{{fill:var(--h{number}b)}}"
                f".drawn .w{number}{{stroke:var(--h{number})}}"
                f".drawn .d{number}{{fill:var(--h{number})}}"
            )
        if not light:
            return ""
        return (
            f":root{{{';'.join(light)}}}"
            f"@media screen and (prefers-color-scheme:dark){{:root{{{';'.join(dark)}}}}}"
            + "".join(classes)
        )


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LogError(f"a theme is a file in TOML; this isn't: {error}") from error


PLAIN = Theme()
"""The theme of a page that is given none."""
