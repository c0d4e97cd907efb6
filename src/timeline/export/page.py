"""Makes a chronology one HTML file that works offline, asks nobody for anything and can be read."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pkgutil import get_data
from string import Template
from typing import Any, Literal

from timeline.accounts import Account
from timeline.errors import LogError
from timeline.export.field_rows import Wording
from timeline.export.page_data import data, script
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import WEAVES
from timeline.text_safety import clean
from timeline.views.chronology import Chronology

__all__ = ["Lanes", "assembled", "asset", "checked_lanes", "missing", "to_html"]

Lanes = Literal["places", "actors", "kinds"]
"""By what the lanes of a page or picture are drawn."""

_LANES = ("places", "actors", "kinds")
_KEY = re.compile(r'\bt\("(\w+)"')


@cache
def asset(name: str) -> str:
    """Return a file of ``assets/``: a template, a style sheet or a script."""
    found = get_data("timeline.export", f"assets/{name}")
    assert found is not None, f"the package holds {name}"  # noqa: S101
    return found.decode()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _keys(code: str) -> tuple[str, ...]:
    """The keys of the catalogue that a script asks for."""
    return tuple(dict.fromkeys(_KEY.findall(code)))


def assembled(
    template: str,
    content: Mapping[str, Any],
    *,
    style: str,
    code: str,
    title: str,
    words: Catalogue,
    **parts: str,
) -> str:
    """Return a page whose policy lets its own style and script run, by their hashes, and no other.

    ``content`` is what the script draws, ``parts`` are HTML that is escaped already, and ``title``
    is a text.
    """
    texts = {f"t_{key}": escape(text) for key, text in words.texts.items() if isinstance(text, str)}
    said = {key: words.texts[key] for key in _keys(code)}
    shared = {"words": said, "months": words.short_months, "weaves": WEAVES}
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(code)}",
            f"style-src {_hash(style)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    return Template(asset(template)).substitute(
        texts,
        policy=escape(policy),
        lang=escape(words.lang),
        direction=words.direction,
        style=style,
        script=code,
        title=escape(clean(title)),
        data=script({**content, **shared}),
        **parts,
    )


def checked_lanes(lanes: str) -> str:
    """Return what lanes are drawn by; raises ``LogError`` for anything else."""
    if lanes not in _LANES:
        raise LogError(f"lanes are by {', '.join(_LANES)}, not {lanes!r}")
    return lanes


def to_html(
    chronology: Chronology | Iterable[Account],
    *,
    title: str | None = None,
    lanes: Lanes = "places",
    zone: str | None = None,
    words: Catalogue = ENGLISH,
) -> str:
    """Return a page of one file: what happened in lanes and in order, and who says so.

    Save it, send it, open it: it needs no network and asks for nothing. The reader filters,
    chooses the lanes, and moves through time; a chronology made of a log, which must be open
    still, can be seen as it was known at each step. Times are shown as clocks in ``zone`` showed
    them, the one that all share unless given, else UTC; a date stays the day of its own zone, which
    is named. ``words`` are those of the page itself. The same chronology always gives the same
    bytes.
    """
    stands = chronology if isinstance(chronology, Chronology) else Chronology(tuple(chronology))
    content = data(stands, zone=zone, words=words)
    content["lanes"] = checked_lanes(lanes)
    return assembled(
        "page.html",
        content,
        style=asset("look.css") + asset("page.css"),
        code=asset("draw.js") + asset("page.js") + asset("lanes.js"),
        title=title or words("chronology"),
        words=words,
        plain=_plain(stands, Wording(words, content["zone"])),
        missing=missing(stands, words),
        foot=escape(words("page_foot", zone=content["zone"])),
    )


def missing(chronology: Chronology, words: Catalogue) -> str:
    """Say how many entries of the log were redacted, as a paragraph; nothing where none were."""
    if not chronology.redacted:
        return ""
    return f"<p>{escape(words('redacted', n=chronology.redacted))}</p>"


def _plain(accounts: Iterable[Account], wording: Wording) -> str:
    """The chronology as a plain list, for readers whose browser runs no script."""
    rows = "".join(
        f"<li><p class=when>{_text(wording.time(account.when))}</p>"
        f"<p class=line dir=auto>{_text(_headline(account, wording.words))}</p>"
        f"<p class=by dir=auto>{_text(_by(account, wording))}</p></li>"
        for account in accounts
    )
    nothing = _text(wording.words("nothing_stands"))
    return f"<ol class=plain>{rows}</ol>" if rows else f"<p>{nothing}</p>"


def _text(text: str) -> str:
    return escape(clean(text))


def _headline(account: Account, words: Catalogue) -> str:
    return words("expected", what=account.event) if account.expected else str(account.event)


def _by(account: Account, wording: Wording) -> str:
    """Who says so, who denies it, and in what they differ."""
    parts = [", ".join(sorted(account.sources))]
    if account.denied_by:
        parts.append(wording.words("denied_by", names=", ".join(sorted(account.denied_by))))
    if account.disputes:
        fields = ", ".join(wording.name(account.event, name) for name in sorted(account.disputes))
        parts.append(wording.words("disputed_fields", names=fields))
    return "; ".join(part for part in parts if part)
