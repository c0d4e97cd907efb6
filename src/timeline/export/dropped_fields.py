"""Says what an export gives, a text or bytes, and what the format had no place for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

import attrs

from timeline.accounts import Account
from timeline.events import Event
from timeline.export.text import quoted_time
from timeline.places import Place
from timeline.serialization import fields_of

__all__ = [
    "EVIDENCE",
    "PARTS",
    "UNLINKED",
    "DroppedFields",
    "ExportBytes",
    "ExportText",
    "left_out",
    "place_of",
    "places_of",
]

EVIDENCE = ("archived", "retrieved", "sha256", "language")
"""What a report may have by which its publication is found and known again."""

UNLINKED: Mapping[str, str] = {
    "ids": "an event has one id",
    "links": "an account is written by itself",
    "parts": "an account is written by itself",
}
"""What formats without links leave out of accounts, and why."""

_SHOWN = 3  # events named when what was left out is printed


@attrs.frozen
class DroppedFields:
    """One part of accounts that an export doesn't carry: which, of which events, and why.

    ``part`` is a key of ``PARTS``, or ``event`` for events that are missing altogether;
    ``events`` are the ids of those that have it.
    """

    part: str
    why: str
    events: tuple[str, ...]

    def __str__(self) -> str:
        named = ", ".join(self.events[:_SHOWN]) + (", …" if len(self.events) > _SHOWN else "")
        many = "1 event" if len(self.events) == 1 else f"{len(self.events)} events"
        return f"{self.part} of {many}: {self.why} ({named})"


class ExportText(str):  # noqa: SLOT000 - what was left out is beside the text
    """A text like any other, which also says what it had to leave out.

    ``Path("war.csv").write_text(to_csv(accounts), encoding="utf-8")`` writes it.
    """

    _left_out: tuple[DroppedFields, ...]

    def __new__(cls, text: str, left_out: Iterable[DroppedFields] = ()) -> Self:  # noqa: D102 - the class says it
        made = super().__new__(cls, text)
        made._left_out = tuple(left_out)
        return made

    @property
    def left_out(self) -> tuple[DroppedFields, ...]:
        """What isn't in it; empty where everything is."""
        return self._left_out


class ExportBytes(bytes):
    """Bytes like any others, which also say what they had to leave out."""

    _left_out: tuple[DroppedFields, ...]

    def __new__(cls, content: bytes, left_out: Iterable[DroppedFields] = ()) -> Self:  # noqa: D102 - the class says it
        made = super().__new__(cls, content)
        made._left_out = tuple(left_out)
        return made

    @property
    def left_out(self) -> tuple[DroppedFields, ...]:
        """What isn't in them; empty where everything is."""
        return self._left_out


def places_of(event: Event) -> list[Place]:
    """Return each place of an event once: that of its field ``place``, then of its other fields."""
    names = fields_of(type(event))
    ordered = ("place", *names) if "place" in names else names
    values = (getattr(event, name) for name in ordered)
    found = (one for value in values for one in (value if isinstance(value, tuple) else (value,)))
    return list(dict.fromkeys(one for one in found if isinstance(one, Place)))


def place_of(account: Account) -> Place | None:
    """Return where an event happened, the first of its places, for a format that has one."""
    return next(iter(places_of(account.event)), None)


def _places(account: Account) -> list[Place]:
    return places_of(account.event)


def _has_evidence(account: Account) -> bool:
    return any(
        claim.media or any(getattr(claim.report, name) is not None for name in EVIDENCE)
        for claim in account.claims
    )


def _of_reports(name: str) -> Callable[[Account], bool]:
    return lambda account: any(getattr(one.report, name) is not None for one in account.claims)


PARTS: Mapping[str, Callable[[Account], bool]] = {
    "according_to": lambda account: any(claim.according_to for claim in account.claims),
    "bounds": lambda account: account.when.lo is not None or account.when.hi is not None,
    "coordinates": lambda account: any(one.latitude is not None for one in _places(account)),
    "denied_by": lambda account: bool(account.denied_by),
    "disputes": lambda account: bool(account.disputes),
    "edtf": lambda account: account.when.edtf is not None,
    "evidence": _has_evidence,
    "expected": lambda account: account.expected,
    "fields": lambda account: bool(fields_of(type(account.event))),
    "grades": lambda account: any(claim.grade is not None for claim in account.claims),
    "ids": lambda account: len(account.ids) > 1,
    "links": lambda account: (
        bool(account.maybe_same)
        or (account.linked is not None and account.linked.order is not None)
    ),
    "parts": lambda account: bool(account.split_into),
    "pairing": lambda account: len(account.counted) > 1,
    "other_places": lambda account: len(_places(account)) > 1,
    "place_id": lambda account: any(one.id is not None for one in _places(account)),
    "precision": lambda account: account.when.precision != "unknown",
    "published": lambda account: any(
        one.published.lo is not None or one.published.hi is not None for one in account.claims
    ),
    "quotes": lambda account: any(claim.quote is not None for claim in account.claims),
    "superseded": lambda account: len(account.claims) > len(account.counted),
    "texts": _of_reports("text"),
    "titles": _of_reports("title"),
    "urls": _of_reports("url"),
    "versions": lambda account: any(one.event != account.event for one in account.counted),
    "within": lambda account: any(one.within is not None for one in _places(account)),
    "words": lambda account: quoted_time(account.when) is not None,
    "zone": lambda account: account.when.zone != "UTC",
}
"""What an account may have that a format may lack, each with the test whether it has it.

``evidence`` is where reports and media are archived, when they were retrieved, their hashes and
language; ``grades`` how reliable and credible they are; ``fields`` are those of its kind, as data
rather than in the words of its headline; ``ids`` all those that name the event, where links join
several; ``links`` what else they say of it, an order or that it may be another; ``parts`` what it
is an aggregate of; ``pairing`` is which of several sources has which quote, title and address;
``superseded`` the claims of a source that a later one of its own overtook; ``texts`` those of whole
reports; ``versions`` the event as sources tell it that aren't the one believed; ``words`` the
phrase in which the time was written.
"""


def left_out(
    accounts: Sequence[Account],
    leaves: Mapping[str, str],
    missing: Mapping[str, Sequence[Account]] | None = None,
) -> tuple[DroppedFields, ...]:
    """Return what an export lacks of its accounts.

    ``leaves`` maps those ``PARTS`` that the format has no place for to the reason; ``missing`` maps
    reasons to the accounts that are missing altogether.
    """
    gone = [
        DroppedFields("event", why, tuple(account.event.id for account in some))
        for why, some in (missing or {}).items()
        if some
    ]
    out = {id(account) for some in (missing or {}).values() for account in some}
    here = [account for account in accounts if id(account) not in out]
    for part, why in leaves.items():
        has = PARTS[part]
        events = tuple(account.event.id for account in here if has(account))
        if events:
            gone.append(DroppedFields(part, why, events))
    return tuple(gone)
