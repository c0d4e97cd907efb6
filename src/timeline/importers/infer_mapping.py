"""Proposes a mapping for a sheet from its header row, for its owner to read and mend."""

from __future__ import annotations

import re
from collections.abc import Iterable

from timeline.errors import ImporterError

__all__ = ["guess"]

# What people call columns, in the order in which a name is tried; the whole name counts.
_NAMES = {
    "id": "id|no|nr|number|event id|case|ref|reference|code",
    "kind": "kind|type|event type",
    "when.from": "start|from|start date|date start|begin|began|started|started at|first day",
    "when.to": "end|to|until|end date|date end|ended|finished|finished at|last day",
    "when": "when|date|day|time|event date|datetime|date time|occurred",
    "place.name": "place|location|town|city|settlement|village|where|oblast|region",
    "place.latitude": "lat|latitude|y",
    "place.longitude": "lon|lng|long|longitude|x",
    "killed.low": "killed low|killed min|deaths low|low",
    "killed.best": "killed best|best",
    "killed.high": "killed high|killed max|deaths high|high",
    "killed": "killed|dead|deaths|fatalities|fatality",
    "wounded": "wounded|injured|injuries",
    "by": "by|perpetrator|attacker|actor1|actor 1|side a",
    "against": "against|target|victim|actor2|actor 2|side b",
    "weapon": "weapon|means|munition",
    "source": "source|who says|outlet|publisher|reported by",
    "published": "published|publication date|date published|reported|reported on",
    "url": "url|link|source url|source link|web",
    "quote": "quote|excerpt|text|words",
    "summary": "summary|headline|title|what happened|event|incident|description|notes|note|comment",
}
_WORDS = re.compile(r"[\W_]+")


def guess(header: Iterable[str]) -> str:
    """Gives TOML text for ``table`` from the names of columns; what it can't place is a comment.

    It knows common English names and is a start, not an answer: try it with ``dry_run``.
    """
    if isinstance(header, str):
        raise ImporterError(f"a header is the names of columns in a list, not one text, {header!r}")
    names = [str(name).encode("utf-8", "replace").decode().strip() for name in header]
    found: dict[str, str] = {}
    for key, words in _NAMES.items():
        known = set(words.split("|"))
        for name in names:
            plain = _WORDS.sub(" ", name.casefold()).strip()
            if name and plain in known and name not in found.values():
                found.setdefault(key, name)
    # What is told as a whole isn't told in parts as well.
    for name in ("when", "killed"):
        if name in found:
            found = {key: column for key, column in found.items() if f"{name}." not in key}
    if "when.to" in found and "when.from" not in found:
        found["when"] = found.pop("when.to")
    return _written(found, [name for name in names if name])


def _written(found: dict[str, str], names: list[str]) -> str:
    lines = [] if "kind" in found else ['kind = "attack"']
    lines += ['zone = "UTC"  # whose days and times these are, such as "Europe/Kyiv"']
    lines += ['# formats = ["%d.%m.%Y", "edtf"]  # how times are written; edtf reads 2022-09-16']
    if "when.to" in found:
        lines += ['span = "lasted"  # or "between": at some one moment from one to the other']
    lines += ["", "[columns]"]
    lines += [f"{key} = {_text(name)}" for key, name in found.items()]
    if not {"when", "when.from"} & found.keys():
        lines += ['# when = "…"  # needed: when it happened']
    left = [name for name in dict.fromkeys(names) if name not in found.values()]
    lines += [f"# … = {_text(name)}" for name in left]
    if "source" not in found:
        lines += ["", "[defaults]", 'source = "our desk"  # who says it']
    if "kind" in found:
        lines += ["", f"[translate.{_text(found['kind'])}]", '# shelling = "attack"']
    return "\n".join(lines) + "\n"


def _text(name: str) -> str:
    """A name as a basic string of TOML, which has control characters escaped."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    shown = (one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped)
    return f'"{"".join(shown)}"'
