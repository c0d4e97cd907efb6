"""Makes a chronology one HTML file that works offline, asks nobody for anything and can be read."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pkgutil import get_data
from string import Template
from typing import Any

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.export.field_rows import Wording
from timeline.export.page_data import data, script, zone_of
from timeline.export.page_packing import packed
from timeline.export.pictures import Lanes, checked_lanes, lanes_inside
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import looks, patterns
from timeline.export.theme import PLAIN, Theme
from timeline.text_safety import clean
from timeline.views.chronology import Chronology

__all__ = ["assembled", "asset", "credit", "meta", "missing", "to_html"]

_MOST_DRAWN = 300  # events that the picture for the first paint shows
_MOST_QUOTED = 1000  # events whose claims are in the list without scripts
_WIDTH = 1040  # pixels, of the picture for the first paint
_WEB = re.compile(r"https?://", re.IGNORECASE)
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
    theme: Theme,
    **parts: str,
) -> str:
    """Return a page whose policy lets its own style and script run, by their hashes, and no other.

    ``content`` is what the script draws, ``parts`` are HTML that is escaped already, and ``title``
    is a text.
    """
    texts = {f"t_{key}": escape(text) for key, text in words.texts.items() if isinstance(text, str)}
    said = {key: words.texts[key] for key in _keys(code)}
    shared = {
        "words": said,
        "months": words.short_months,
    }
    style += theme.style(len(looks(PLAIN)))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(code)}",
            f"style-src {_hash(style)}",
            "img-src data:",
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
        logo=_logo(theme),
        data=script({**content, **shared}),
        **parts,
    )


def to_html(
    chronology: Chronology | Iterable[Account],
    *,
    title: str | None = None,
    lanes: Lanes = "places",
    zone: str | None = None,
    words: Catalogue = ENGLISH,
    theme: Theme = PLAIN,
) -> str:
    """Return a page of one file: what happened in lanes and in order, and who says so.

    Save it, send it, open it: it needs no network and asks for nothing. The reader filters,
    chooses the lanes, and moves through time; a chronology made of a log, which must be open
    still, can be seen as it was known at each step. Times are shown as clocks in ``zone`` showed
    them, the one that all share unless given, else UTC; a date stays the day of its own zone, which
    is named. ``words`` are those of the page itself; ``theme`` has what the pages of a project
    share. The same chronology always gives the same bytes.
    """
    stands = chronology if isinstance(chronology, Chronology) else Chronology(tuple(chronology))
    checked_lanes(lanes)
    wording = Wording(words, zone or zone_of(stands))
    content = packed(data(stands, zone=zone, words=words, theme=theme))
    content |= {"lanes": lanes, "full_months": words.months}
    title = title or theme.title or words("chronology")
    lede = _lede(stands, words)
    drawn = len(stands) <= _MOST_DRAWN and len(stands) > 0
    return assembled(
        "page.html",
        content,
        style=asset("look.css") + asset("page.css"),
        code=asset("draw.js") + asset("page.js") + asset("lanes.js"),
        title=title,
        words=words,
        theme=theme,
        lede=_text(lede),
        meta=meta(title, lede, theme, words),
        credit=credit(content["steps"], words, theme),
        defs=patterns(
            {look for look, _ in content["glyphs"]},
            {look for _, look in content["holders"]},
            theme,
        ),
        picture=lanes_inside(stands, lanes, _WIDTH, wording, theme) if drawn else "",
        plain=_plain(stands, wording),
        missing=missing(stands, words),
        foot=escape(words("page_foot", zone=content["zone"])),
    )


def _lede(stands: Chronology, words: Catalogue) -> str:
    if not stands:
        return words("nothing_stands")
    sources = {source for account in stands for source in account.sources}
    return words(
        "lede", events=words("events", n=len(stands)), sources=words("sources", n=len(sources))
    )


def meta(title: str, lede: str, theme: Theme, words: Catalogue) -> str:
    """Return what search engines and messengers show of a page: title, description, picture."""
    shown = {
        "og:type": "article",
        "og:title": title,
        "og:description": theme.description or lede,
        "og:locale": words.lang,
        "og:url": theme.url,
        "og:image": theme.image,
        "og:site_name": theme.credit,
    }
    named = {"description": theme.description or lede, "author": theme.credit}
    tags = [
        f'<meta property="{name}" content="{_text(value)}">'
        for name, value in shown.items()
        if value
    ]
    tags += [
        f'<meta name="{name}" content="{_text(value)}">' for name, value in named.items() if value
    ]
    return "\n".join(tags)


def _logo(theme: Theme) -> str:
    address = theme.logo_address()
    if address is None:
        return ""
    return f'<img class="logo" src="{address}" alt="{_text(theme.credit or "")}">'


def credit(steps: Sequence[Sequence[Any]], words: Catalogue, theme: Theme) -> str:
    """Return whose page it is, under which licence, and as of when, as a paragraph."""
    parts = [] if theme.credit is None else [_text(theme.credit)]
    if theme.licence is not None:
        name = _text(theme.licence)
        if theme.licence_url and _WEB.match(theme.licence_url):
            address = _text(theme.licence_url)
            name = f'<a href="{address}" rel="license noopener noreferrer">{name}</a>'
        parts.append(escape(words("licence")) + name)
    if steps:
        time, position, _ = steps[-1]
        parts.append(_text(words("as_of", time=time, position=position)))
    return f'<p class="credit">{" · ".join(parts)}</p>' if parts else ""


def missing(chronology: Chronology, words: Catalogue) -> str:
    """Say how many entries of the log were redacted, as a paragraph; nothing where none were."""
    if not chronology.redacted:
        return ""
    return f"<p>{escape(words('redacted', n=chronology.redacted))}</p>"


def _plain(stands: Chronology, wording: Wording) -> str:
    """The chronology as a plain list, for readers whose browser runs no script."""
    quoted = len(stands) <= _MOST_QUOTED
    rows = "".join(
        f"<li>{_text(wording.time(account.when))}"
        f"<b>{_text(_headline(account, wording.words))}</b>"
        f"<i>{_text(_by(account, wording))}</i>"
        f"{_claims(account, wording) if quoted else ''}\n"
        for account in stands
    )
    nothing = _text(wording.words("nothing_stands"))
    return f"<ol class=plain>{rows}</ol>" if rows else f"<p>{nothing}</p>"


def _claims(account: Account, wording: Wording) -> str:
    """Who says what, in which words and where, as a list."""
    rows = "".join(f"<li dir=auto>{_claim(claim, wording)}</li>" for claim in account.counted)
    return f"<ul>{rows}</ul>"


def _claim(claim: Claim, wording: Wording) -> str:
    words, report = wording.words, claim.report
    known = report.published.lo is not None or report.published.hi is not None
    does = {"says": "says_so", "denies": "denies_so", "expects": "expects_so"}[claim.stance]
    parts = [
        f"{_text(claim.source)} {_text(words(does))}",
        _text(
            words("published", time=wording.time(report.published))
            if known
            else words("unpublished")
        ),
    ]
    if claim.according_to:
        parts.append(_text(words("according_to", names=", ".join(claim.according_to))))
    name = _text(report.title or report.url or "")
    if report.url and _WEB.match(report.url):
        name = f'<a href="{_text(report.url)}" rel="noopener noreferrer">{name}</a>'
    parts += [name] if name else []
    quote = f"<blockquote dir=auto>{_text(claim.quote)}</blockquote>" if claim.quote else ""
    return ", ".join(parts) + quote


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
