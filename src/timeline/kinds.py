"""The four kinds of event that come with the library, in the terms of UCDP, ACLED and CAMEO.

Each repeats its fields as an ``__init__`` for type checkers, which don't see that a plain name is
taken for a Place and a number for a Count; a test holds the two lists together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from timeline.counts import UNREPORTED, Breakdown, Count
from timeline.errors import EventError
from timeline.events import Event, event, fraction, members
from timeline.places import Place
from timeline.time_parsing import Written

__all__ = ["KINDS", "Attack", "Incident", "PoliticalStatement", "TerritorialChange"]


def _figures(**counts: Count) -> str:
    """Return the figures that are given, as the end of a headline: ": 5 (3 to 9) killed"."""
    figures = [f"{count} {name}" for name, count in counts.items() if count.reported]
    return f": {', '.join(figures)}" if figures else ""


@event("territorial-change/1")
class TerritorialChange(Event):
    """Control of a place passed ``to`` somebody, ``from_`` somebody, or both are known.

    ``share`` is the part of a region that changed hands, above 0 and at most 1 (``"1/3"``); left
    out, it is the whole place. ``how`` says in a word how it came about (``"assault"``,
    ``"withdrawal"``, ``"feint"``). ACLED codes these as strategic developments and as battles in
    which territory changes hands. Raises ``EventError`` if neither side is named.
    """

    place: Place = attrs.field(converter=Place.of)
    to: str | None = None
    from_: str | None = None
    share: Fraction | None = attrs.field(
        default=None, converter=attrs.converters.optional(fraction)
    )
    how: str | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            when: Written,
            place: Place | str,
            to: str | None = None,
            from_: str | None = None,
            share: Fraction | str | float | None = None,
            how: str | None = None,
            id: str = "",  # noqa: A002 - the name of the field
            summary: str | None = None,
        ) -> None: ...

    def check(self) -> None:
        """Refuses a change with neither side named, and a share that isn't a part of a whole."""
        if self.to is None and self.from_ is None:
            raise EventError(
                f"a TerritorialChange at {self.place} needs to= (who holds it now), from_= (who "
                "lost it), or both"
            )
        if self.share is not None and not 0 < self.share <= 1:
            raise EventError(
                f"share is the part of {self.place} that changed hands, above 0 and at most 1, "
                f"not {self.share}"
            )

    def headline(self) -> str:
        """Says what passed to whom."""
        part = "" if self.share in (None, 1) else f"{self.share} of "
        passed = f" passes from {self.from_}" if self.from_ else " passes"
        taken = f" to {self.to}" if self.to else ""
        return f"{part}{self.place}{passed}{taken}" + (f" ({self.how})" if self.how else "")


@event("attack/1")
class Attack(Event):
    """Armed force was used: what UCDP counts as an event and ACLED as battle or explosion.

    ``killed`` and ``wounded`` are Counts of people, unreported where the source gives no figure,
    and ``including`` says how many of them belong to a group (``{"children": 2}``). ``place`` is
    None only where no source says even the country.
    """

    place: Place | None = attrs.field(default=None, converter=attrs.converters.optional(Place.of))
    by: str | None = None
    against: str | None = None
    weapon: str | None = None
    killed: Count = attrs.field(default=UNREPORTED, converter=Count.of)
    wounded: Count = attrs.field(default=UNREPORTED, converter=Count.of)
    including: Breakdown = attrs.field(default=Breakdown(), converter=Breakdown.of)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            when: Written,
            place: Place | str | None = None,
            by: str | None = None,
            against: str | None = None,
            weapon: str | None = None,
            killed: Count | int | None = ...,
            wounded: Count | int | None = ...,
            including: Mapping[str, Count | int | None] | None = ...,
            id: str = "",  # noqa: A002 - the name of the field
            summary: str | None = None,
        ) -> None: ...

    def headline(self) -> str:
        """Says who attacked what, and the harm."""
        what = "Attack" + (f" on {self.against}" if self.against else "")
        where = f" in {self.place}" if self.place else ""
        by = f" by {self.by}" if self.by else ""
        means = f" with {self.weapon}" if self.weapon else ""
        return what + where + by + means + _figures(killed=self.killed, wounded=self.wounded)


@event("political-statement/1")
class PoliticalStatement(Event):
    """Somebody said something that matters: CAMEO's verbal events.

    ``role`` is who the speaker was at the time, ``addressee`` who was spoken to, ``medium`` where
    it was said, ``stance`` a word for what the speaker did (``"demands"``, ``"accuses"``).
    """

    speaker: str
    role: str | None = None
    addressee: str | None = None
    topic: str | None = None
    text: str | None = None
    medium: str | None = None
    stance: str | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            when: Written,
            speaker: str,
            role: str | None = None,
            addressee: str | None = None,
            topic: str | None = None,
            text: str | None = None,
            medium: str | None = None,
            stance: str | None = None,
            id: str = "",  # noqa: A002 - the name of the field
            summary: str | None = None,
        ) -> None: ...

    def headline(self) -> str:
        """Says who spoke, of what."""
        who = self.speaker + (f" ({self.role})" if self.role else "")
        to = f" to {self.addressee}" if self.addressee else ""
        spoken = self.text or self.topic
        return f"{who} {self.stance or 'speaks'}{to}" + (f": {spoken}" if spoken else "")


@event("incident/1")
class Incident(Event):
    """Something else happened: a mass grave found, a road accident, recruitment in prisons.

    ``category`` says what in a few words. ``involved`` names people and groups. ``killed`` and
    ``wounded`` are Counts of people harmed by it; ``found`` counts what was discovered, such as
    bodies, whose deaths belong to other events.
    """

    category: str
    place: Place | None = attrs.field(default=None, converter=attrs.converters.optional(Place.of))
    involved: tuple[str, ...] = attrs.field(default=(), converter=members)
    killed: Count = attrs.field(default=UNREPORTED, converter=Count.of)
    wounded: Count = attrs.field(default=UNREPORTED, converter=Count.of)
    found: Count = attrs.field(default=UNREPORTED, converter=Count.of)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            when: Written,
            category: str,
            place: Place | str | None = None,
            involved: str | Iterable[str] = (),
            killed: Count | int | None = ...,
            wounded: Count | int | None = ...,
            found: Count | int | None = ...,
            id: str = "",  # noqa: A002 - the name of the field
            summary: str | None = None,
        ) -> None: ...

    def headline(self) -> str:
        """Says what kind of incident, where, and the harm."""
        where = f" in {self.place}" if self.place else ""
        who = f", {', '.join(self.involved)}" if self.involved else ""
        harm = _figures(killed=self.killed, wounded=self.wounded, found=self.found)
        return self.category[:1].upper() + self.category[1:] + where + who + harm


KINDS: tuple[type[Event], ...] = (TerritorialChange, Attack, PoliticalStatement, Incident)
"""The kinds that every log reads without being told."""
