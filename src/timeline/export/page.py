"""Makes a chronology one HTML file that works offline, asks nobody for anything and can be read."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from pkgutil import get_data
from string import Template
from typing import Literal

from timeline.accounts import Account
from timeline.errors import LogError
from timeline.export.page_data import data, script
from timeline.text_safety import clean
from timeline.views.chronology import Chronology

__all__ = ["Lanes", "assembled", "asset", "checked_lanes", "missing", "to_html"]

Lanes = Literal["places", "actors", "kinds"]
"""By what the lanes of a page or picture are drawn."""

_LANES = ("places", "actors", "kinds")


@cache
def asset(name: str) -> str:
    """Return a file of ``assets/``: a template, a style sheet or a script."""
    found = get_data("timeline.export", f"assets/{name}")
    assert found is not None, f"the package holds {name}"  # noqa: S101
    return found.decode()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def assembled(template: str, *, style: str, code: str, title: str, **parts: str) -> str:
    """Return a page whose policy lets its own style and script run, by their hashes, and no other.

    ``parts`` are HTML that is escaped already; ``title`` is a text.
    """
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
        policy=escape(policy), style=style, script=code, title=escape(clean(title)), **parts
    )


def checked_lanes(lanes: str) -> str:
    """Return what lanes are drawn by; raises ``LogError`` for anything else."""
    if lanes not in _LANES:
        raise LogError(f"lanes are by {', '.join(_LANES)}, not {lanes!r}")
    return lanes


def to_html(
    chronology: Chronology | Iterable[Account],
    *,
    title: str = "Chronology",
    lanes: Lanes = "places",
    zone: str | None = None,
) -> str:
    """Return a page of one file: what happened in lanes and in order, and who says so.

    Save it, send it, open it: it needs no network and asks for nothing. The reader filters,
    chooses the lanes, and moves through time; a chronology made of a log, which must be open
    still, can be seen as it was known at each step. Times are shown in ``zone``, the one that all
    share unless given, else UTC. The same chronology always gives the same bytes.
    """
    stands = chronology if isinstance(chronology, Chronology) else Chronology(tuple(chronology))
    content = data(stands, zone=zone)
    content["lanes"] = checked_lanes(lanes)
    return assembled(
        "page.html",
        style=asset("look.css") + asset("page.css"),
        code=asset("draw.js") + asset("page.js") + asset("lanes.js"),
        title=title,
        data=script(content),
        plain=_plain(stands),
        missing=missing(stands),
        zone=escape(content["zone"]),
    )


def missing(chronology: Chronology) -> str:
    """Say how many entries of the log were redacted, as a paragraph; nothing where none were."""
    if not chronology.redacted:
        return ""
    entries = "1 entry" if chronology.redacted == 1 else f"{chronology.redacted} entries"
    return f"<p>{entries} redacted: what the log held there can’t be read any more.</p>"


def _plain(accounts: Iterable[Account]) -> str:
    """The chronology as a plain list, for readers whose browser runs no script."""
    rows = "".join(
        f"<li><p class=when>{escape(clean(str(account.when)))}</p>"
        f"<p class=line>{'Expected: ' if account.expected else ''}"
        f"{escape(clean(str(account.event)))}</p>"
        f"<p class=by>{escape(clean(_by(account)))}</p></li>"
        for account in accounts
    )
    return f"<ol class=plain>{rows}</ol>" if rows else "<p>Nothing stands.</p>"


def _by(account: Account) -> str:
    denied = f"; denied by {', '.join(sorted(account.denied_by))}" if account.denied_by else ""
    fields = f"; disputed: {', '.join(sorted(account.disputes))}" if account.disputes else ""
    return ", ".join(sorted(account.sources)) + denied + fields
