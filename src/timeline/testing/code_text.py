"""Prints what was said as code of public calls, which can be pasted and run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any

import attrs

from timeline.canonical import plain
from timeline.claims import Claim, LinkClaim, Report, Retraction, Said, Void
from timeline.counts import Breakdown, Count
from timeline.events import Event
from timeline.places import Place
from timeline.time_parsing import when
from timeline.times import When

__all__ = ["code", "said_code", "script"]


def code(value: Any) -> str:
    """Return a value as the expression that makes it."""
    if isinstance(value, When):
        return _time(value)
    if isinstance(value, Place):
        named = attrs.evolve(value, name="x") == Place("x")
        return repr(value.name) if named else f"Place({_arguments(value, first='name')})"
    if isinstance(value, Count):
        return _count(value)
    if isinstance(value, Breakdown):
        return "{" + ", ".join(f"{name!r}: {code(part)}" for name, part in value.items()) + "}"
    if isinstance(value, Fraction):
        return repr(str(value))
    if isinstance(value, Report):
        return f"Report({_arguments(value, first='source')})"
    if isinstance(value, Event):
        return f"{type(value).__name__}({_arguments(value)})"
    if isinstance(value, tuple):
        return "(" + "".join(f"{code(part)}, " for part in value).rstrip() + ")"
    if attrs.has(type(value)):
        return f"{type(value).__name__}({_arguments(value)})"
    return repr(value)


def _arguments(value: Any, first: str = "") -> str:
    arguments = []
    for field in attrs.fields(type(value)):
        part = getattr(value, field.name)
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = default.factory() if not default.takes_self else attrs.NOTHING
        if not field.init or (default is not attrs.NOTHING and part == default):
            continue
        if field.name == "published" and part == When():
            continue
        shown = repr(part) if field.name == "name" else code(part)
        arguments.append(shown if field.name == first else f"{field.alias}={shown}")
    return ", ".join(arguments)


def _time(value: When) -> str:
    """The text that is read as this very time, with all that is written of it; else its fields."""
    for text in (value.text, value.edtf):
        for zone in ("UTC", value.zone):
            with suppress(ValueError, TypeError):
                if text and plain(when(text, zone=zone)) == plain(value):
                    return repr(text) if zone == "UTC" else f"when({text!r}, zone={zone!r})"
    return repr(value)


def _count(value: Count) -> str:
    if value == Count(value.best) and not value.approximate:
        return str(value.best)
    return f"Count(about={value.best})" if value.approximate else repr(value)


def said_code(history: Sequence[Said]) -> str:
    """Return a history as one list of calls."""
    return "[" + ", ".join(_call(one, {}) for one in history) + "]"


def _call(said: Said, names: dict[str, str]) -> str:
    report = code(said.report)
    if isinstance(said, Retraction):
        return f"{report}.retracts({said.event_id!r}, because={said.because!r})"
    if isinstance(said, Void):
        return (
            f"{report}.voids({names.get(said.target, repr(said.target))}, because={said.because!r})"
        )
    if isinstance(said, LinkClaim):
        return f"{report}.{said.stance}({code(said.link)})"
    more = f", quote={said.quote!r}" if said.quote else ""
    more += f", according_to={list(said.according_to)!r}" if said.according_to else ""
    if said.replaces:
        more += f", replaces=[{', '.join(names.get(one, repr(one)) for one in said.replaces)}]"
    return f"{report}.{said.stance}({code(said.event)}{more})"


def script(history: Sequence[Said]) -> str:
    """Return the lines that make a log of a history, with a name for each thing that is said."""
    names: dict[str, str] = {}
    lines = []
    # What is referred to is made first, even where it arrives later.
    for one in [*history]:
        for target in _needed(one, history, names):
            lines += [f"{_name(target, names)} = {_call(target, names)}"]
    lines.append("log = Log()")
    lines += [f"log.append({names[one.id]})" for one in history]
    return "\n".join(lines)


def _needed(said: Said, history: Sequence[Said], names: dict[str, str]) -> list[Said]:
    if said.id in names:
        return []
    about: tuple[str, ...] = said.replaces if isinstance(said, Claim) else ()
    if isinstance(said, Void):
        about = (said.target,)
    found: list[Said] = []
    for one in history:
        if one.id in about:
            found += [new for new in _needed(one, history, names) if new not in found]
    return [*found, said]


def _name(said: Said, names: dict[str, str]) -> str:
    return names.setdefault(said.id, f"{type(said).__name__.lower()}_{len(names) + 1}")
