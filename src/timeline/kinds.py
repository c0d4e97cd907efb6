"""The kinds of event that come with the library, in the terms of UCDP, ACLED and CAMEO.

Each repeats its fields as an ``__init__`` for type checkers, which don't see that a plain name is
taken for a Place and a number for a Count; a test holds the two lists together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import attrs

from timeline.counts import UNREPORTED, Breakdown, Count
from timeline.errors import EventError
from timeline.events import Event, event
from timeline.places import Place
from timeline.schema import field_hints, field_type, fraction, members
from timeline.time_parsing import Written

__all__ = [
    "CIVILIANS",
    "KINDS",
    "Actor",
    "ActorCounts",
    "Attack",
    "Clash",
    "CumulativeFigure",
    "Incident",
    "PoliticalStatement",
    "TerritorialChange",
    "actor_fields",
    "fighting",
]

Actor = Annotated[str, "actor"]
"""The annotation of fields that name actors: a party, a group, a person. Values are plain texts."""

ActorCounts = Annotated[Breakdown, "actor"]
"""The annotation of fields that count by actor: the names are those of actors."""

CIVILIANS = "civilians"
"""The name under which losses that belong to no side are counted by side."""


def actor_fields(kind: type[Event]) -> tuple[str, ...]:
    """Return the names of the fields of a kind that are annotated ``Actor``, in their order."""
    return _actor_fields(kind)  # type: ignore[arg-type] # mypy takes a class of attrs for unhashable


@lru_cache(maxsize=1024)
def _actor_fields(kind: type[Any]) -> tuple[str, ...]:
    hints, actor = field_hints(kind, notes=True), field_type(Actor)
    return tuple(
        one.name for one in attrs.fields(kind) if actor in field_type(hints[one.name]).nested
    )


def _figures(**counts: Count) -> str:
    """Return the figures that are given, as the end of a headline: ": 5 (3 to 9) killed"."""
    figures = [f"{count} {name}" for name, count in counts.items() if count.reported]
    return f": {', '.join(figures)}" if figures else ""


def fighting(sides: tuple[str, ...], place: Place | None, killed: Count) -> str:
    """Return the headline of a fight: who fought whom, where, and how many it killed in all."""
    *others, last = sides
    where = f" in {place}" if place else ""
    headline = f"Fighting between {', '.join(others)} and {last}{where}"
    if not killed.reported:
        return headline
    about = "about " if killed.approximate else ""
    if killed.doubt == "or more":
        return f"{headline}: {about}{killed.best} or more killed"
    return f"{headline}: {about}{killed.best} killed {killed.doubt}".rstrip()


@event("territorial-change/1")
class TerritorialChange(Event):
    """Control of a place passed ``to`` somebody, ``from_`` somebody, or both are known.

    ``share`` is the part of a region that changed hands, above 0 and at most 1 (``"1/3"``); left
    out, it is the whole place. ``how`` says in a word how it came about (``"assault"``,
    ``"withdrawal"``, ``"feint"``). ACLED codes these as strategic developments and as battles in
    which territory changes hands. Raises ``EventError`` if neither side is named.
    """

    place: Place = attrs.field(converter=Place.of)
    to: Actor | None = None
    from_: Actor | None = None
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
        """Refuse a change with neither side named, and a share that isn't a part of a whole."""
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
        """Say what passed to whom."""
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
    by: Actor | None = None
    against: Actor | None = None
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
        """Say who attacked what, and the harm."""
        what = "Attack" + (f" on {self.against}" if self.against else "")
        where = f" in {self.place}" if self.place else ""
        by = f" by {self.by}" if self.by else ""
        means = f" with {self.weapon}" if self.weapon else ""
        return what + where + by + means + _figures(killed=self.killed, wounded=self.wounded)

    def killed_by_side(self) -> dict[str | None, Count]:
        """Return whose dead they are: those of the side attacked, None where nobody names it."""
        return {self.against: self.killed}


@event("armed-clash/1")
class Clash(Event):
    """Two sides or more fought: what UCDP counts as state-based and non-state and ACLED as battle.

    Who fought whom implies no direction, so it isn't an Attack. ``losses`` are the dead of each
    side, by its name in ``sides``; ``civilians`` and ``unknown`` are the dead who belong to none,
    or nobody knows to which. ``killed`` is how many died in all. Left out, it is the sum of these
    where all of them are given, else at least the sum of those that are; said, it is the total,
    and nothing is made to fit. To correct losses of which killed is the sum, give ``killed=None``
    with them. Raises ``EventError`` for fewer than two sides, and losses of somebody else.
    """

    sides: tuple[Actor, ...] = attrs.field(converter=members)
    place: Place | None = attrs.field(default=None, converter=attrs.converters.optional(Place.of))
    killed: Count = attrs.field(default=UNREPORTED, converter=Count.of)
    losses: ActorCounts = attrs.field(default=Breakdown(), converter=Breakdown.of)
    civilians: Count = attrs.field(default=UNREPORTED, converter=Count.of)
    unknown: Count = attrs.field(default=UNREPORTED, converter=Count.of)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            when: Written,
            sides: Iterable[str],
            place: Place | str | None = None,
            killed: Count | int | None = ...,
            losses: Mapping[str, Count | int | None] | None = ...,
            civilians: Count | int | None = ...,
            unknown: Count | int | None = ...,
            id: str = "",  # noqa: A002 - the name of the field
            summary: str | None = None,
        ) -> None: ...

    def check(self) -> None:
        """Refuse fewer than two sides and losses of others; add up the killed where left out."""
        if len(self.sides) < 2:  # noqa: PLR2004 - who fights alone?
            raise EventError(
                f"a Clash has two sides or more, not {self.sides!r}; where one side is known, "
                "it is an Attack"
            )
        others = [name for name in self.losses if name not in self.sides]
        if others:
            raise EventError(
                f"the losses of {', '.join(map(repr, others))} are those of no side of this Clash, "
                f"which are {', '.join(map(repr, self.sides))}; dead of none go into civilians= or "
                "unknown="
            )
        if not self.killed.reported:
            object.__setattr__(self, "killed", self._sum_of_losses())

    def _sum_of_losses(self) -> Count:
        total = Count.sum(self.killed_by_side().values())
        if not total.reported:
            return UNREPORTED
        return Count.of_parts(
            low=total.low, best=total.best, high=total.high, approximate=total.approximate
        )

    def headline(self) -> str:
        """Say who fought whom, where, and how many were killed."""
        return fighting(self.sides, self.place, self.killed)

    def killed_by_side(self) -> dict[str | None, Count]:
        """Return whose dead they are: each side's, those of ``CIVILIANS``, None where unknown."""
        killed: dict[str | None, Count] = {
            side: self.losses.get(side, UNREPORTED) for side in self.sides
        }
        killed[CIVILIANS] = Count.sum(
            [self.civilians, *([killed[CIVILIANS]] if CIVILIANS in killed else [])]
        )
        killed[None] = self.unknown
        return killed


@event("cumulative-figure/1")
class CumulativeFigure(Event):
    """So many in all, as of a moment: the running totals that general staffs and agencies publish.

    ``subject`` is whose or what figure it is (``"Russia"``), ``measure`` what is counted
    (``"personnel"``), ``total`` how many by ``when``. Figures of one subject and measure replace
    each other, and no sum adds them up: ask for ``Latest``. Raises ``EventError`` without a total.
    """

    subject: str
    measure: str
    total: Count = attrs.field(converter=Count.of)
    place: Place | None = attrs.field(default=None, converter=attrs.converters.optional(Place.of))

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            when: Written,
            subject: str,
            measure: str,
            total: Count | int,
            place: Place | str | None = None,
            id: str = "",  # noqa: A002 - the name of the field
            summary: str | None = None,
        ) -> None: ...

    def check(self) -> None:
        """Refuse a figure that nobody gives."""
        if not self.total.reported:
            raise EventError(
                f"the CumulativeFigure of {self.subject}, {self.measure}, needs a total; where "
                "nobody gives one there is none to record"
            )

    def headline(self) -> str:
        """Say how many of what in all."""
        where = f" in {self.place}" if self.place else ""
        return f"{self.subject}, {self.measure}{where}: {self.total} in all"


@event("political-statement/1")
class PoliticalStatement(Event):
    """Somebody said something that matters: CAMEO's verbal events.

    ``role`` is who the speaker was at the time, ``addressee`` who was spoken to, ``medium`` where
    it was said, ``stance`` a word for what the speaker did (``"demands"``, ``"accuses"``).
    """

    speaker: Actor
    role: str | None = None
    addressee: Actor | None = None
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
        """Say who spoke, of what."""
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
    involved: tuple[Actor, ...] = attrs.field(default=(), converter=members)
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
        """Say what kind of incident, where, and the harm."""
        where = f" in {self.place}" if self.place else ""
        who = f", {', '.join(self.involved)}" if self.involved else ""
        harm = _figures(killed=self.killed, wounded=self.wounded, found=self.found)
        return self.category[:1].upper() + self.category[1:] + where + who + harm


KINDS: tuple[type[Event], ...] = (
    TerritorialChange,
    Attack,
    PoliticalStatement,
    Incident,
    Clash,
    CumulativeFigure,
)
"""The kinds that every log reads without ``events=``."""
