"""Makes answers one HTML file in which each opens its reasons, and changes one that marks them.

Both work offline, run no script and load nothing: what opens is HTML's own ``details``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from typing import Any

from timeline.accounts import Entry
from timeline.changes import Change, Changes
from timeline.claims import Claim, LinkClaim
from timeline.display import HtmlRepr
from timeline.export.page import asset
from timeline.export.strings import ENGLISH, Catalogue
from timeline.text_safety import clean
from timeline.why import Reasons, Why

__all__ = ["to_changes_html", "to_reasons_html"]

_STYLE = """
main { max-width: 52rem; margin: 0 auto; padding: 0 var(--edge, 1rem) 3rem; }
.head { max-width: 52rem; margin: 0 auto; padding: 2rem var(--edge, 1rem) 1rem; }
details, .change { border-top: 1px solid var(--rule); padding: .5rem 0; }
summary { cursor: pointer; } summary b { margin-inline-end: .5rem; }
ol, table { margin: .75rem 0 .75rem 1.5rem; } li { margin: .25rem 0; }
table { border-collapse: collapse; } td, th { text-align: start; padding: .15rem .75rem .15rem 0; }
caption { text-align: start; color: var(--soft); }
.by, .why { color: var(--soft); } mark { color: inherit; } del { color: var(--soft); }
"""


def to_reasons_html(
    reasons: Reasons, *, title: str | None = None, words: Catalogue = ENGLISH
) -> str:
    """Return a page of answers, each of which opens the entries that it rests on.

    Those whose loss alone would change it are marked, and a table says what it would be without
    each source. ``reasons`` is what ``log.reasons`` returns; ``words`` are those of the page.
    """
    parts = [_answer(why, reasons.without[key], words) for key, why in reasons.items()]
    body = "".join(parts) or f"<p>{_text(words('nothing_stands'))}</p>"
    return _page(title or words("reasons"), body, words)


def to_changes_html(
    changes: Changes, *, title: str | None = None, words: Catalogue = ENGLISH
) -> str:
    """Return a page of what changed: before struck through, after marked, and what did it."""
    parts = [_change(change, words) for change in changes.values()]
    body = "".join(parts) or f"<p>{_text(words('nothing_changed'))}</p>"
    if changes.redacted:
        body += f"<p>{_text(words('redacted', n=len(changes.redacted)))}</p>"
    return _page(title or words("changes"), body, words)


def _answer(why: Why, without: Mapping[str, Any], words: Catalogue) -> str:
    pivotal = {one.position for one in why.pivotal}
    rows = {one.position: one for one in (*why.entries, *why.pivotal)}
    items = "".join(
        f"<li>{_entry(entry, words)}"
        + (f" <mark>{_text(words('needed'))}</mark>" if position in pivotal else "")
        + "</li>"
        for position, entry in sorted(rows.items())
    )
    others = "".join(
        f'<tr><th scope="row" dir="auto">{_text(source)}</th>'
        f'<td dir="auto">{_said(answer, words)}</td></tr>'
        for source, answer in without.items()
    )
    table = f"<table><caption>{_text(words('without'))}</caption>{others}</table>" if others else ""
    paragraph = f'<p dir="auto">{_text(str(why).partition(chr(10))[0])}</p>'
    key = "" if why.key is None else f"<b>{_text(str(why.key))}</b>"
    return (
        f'<details><summary dir="auto">{key}{_said(why.answer, words)}</summary>'
        f"{paragraph}<ol>{items}</ol>{table}</details>"
    )


def _change(change: Change, words: Catalogue) -> str:
    key = "" if change.key is None else f"<b>{_text(str(change.key))}</b> "
    items = "".join(
        f'<li><span class="why">{_text(reason)}</span> {_entry(entry, words)}</li>'
        for entry, reason in zip(change.entries, change.reasons, strict=True)
    )
    return (
        f'<div class="change"><p dir="auto">{key}<del>{_said(change.before, words)}</del> → '
        f"<ins><mark>{_said(change.after, words)}</mark></ins></p><ul>{items}</ul></div>"
    )


def _entry(entry: Entry, words: Catalogue) -> str:
    said = entry.statement
    quote = said.quote if isinstance(said, Claim | LinkClaim) else None
    text = said.summary() if isinstance(said, HtmlRepr) else str(said)
    url = None if not isinstance(said, Claim | LinkClaim) else said.report.url
    quoted = f" <q>{_text(quote)}</q>" if quote else ""
    where = f" {_text(url)}" if url else ""
    number = _text(words("entry_number", n=entry.position))
    return f'<span dir="auto">{_text(text)}{quoted}</span> <span class="by">{number}{where}</span>'


def _said(answer: Any, words: Catalogue) -> str:
    return _text(words("no_answer") if answer is None else str(answer))


def _text(text: str) -> str:
    return escape(clean(text))


def _page(title: str, body: str, words: Catalogue) -> str:
    style = asset("look.css") + _STYLE
    allowed = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    )
    head: Iterable[str] = (
        "<!DOCTYPE html>",
        f'<html lang="{escape(words.lang)}" dir="{words.direction}">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(title)}</title>",
        f"<style>{style}</style></head>",
    )
    top = f'<body><header class="head"><h1 dir="auto">{_text(title)}</h1></header>'
    return "\n".join([*head, f"{top}<main>{body}</main></body></html>"]) + "\n"
