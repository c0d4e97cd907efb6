"""The kinds of event that importers write, with the codes of UCDP and GDELT beside our terms."""

from __future__ import annotations

import attrs

from timeline.counts import Count
from timeline.events import Event, event
from timeline.kinds import CIVILIANS, KINDS, Attack, Clash, fighting
from timeline.places import Place
from timeline.times import When

__all__ = [
    "IMPORTED",
    "LIBRARY",
    "VIOLENCE",
    "GdeltEvent",
    "UcdpClash",
    "UcdpEvent",
    "UcdpSource",
]

VIOLENCE = {"1": "state-based", "2": "non-state", "3": "one-sided"}
"""UCDP's types of violence, by its codes."""

_ROOTS = {
    "01": "makes a statement", "02": "appeals", "03": "means to cooperate", "04": "consults",
    "05": "cooperates by diplomacy", "06": "cooperates materially", "07": "provides aid",
    "08": "yields", "09": "investigates", "10": "demands", "11": "disapproves", "12": "rejects",
    "13": "threatens", "14": "protests", "15": "shows force", "16": "reduces relations",
    "17": "coerces", "18": "assaults", "19": "fights", "20": "uses mass violence",
}  # fmt: skip


@attrs.frozen
class UcdpSource:
    """An article that a row of UCDP GED cites; ``date`` is None where UCDP has none."""

    office: str
    date: When | None = None
    headline: str | None = None


@event("ucdp-event/1")
class UcdpEvent(Attack):
    """A row of UCDP GED: an Attack, with the numbers and codes exactly as the release has them.

    ``by`` and ``against`` are its sides A and B, in its order. ``killed`` is low, best and high.
    ``deaths_*`` say whose deaths make up best. ``date_prec`` runs from 1, the day is known, to 5,
    only a year or less is; ``where_prec`` from 1, the spot, to 7; ``clarity`` is 1 for an event
    that was reported by itself and 2 for part of a larger total. ``sources`` are the articles.
    """

    # Left out of old logs where low, best and high, which are always there, are all 0.
    killed: Count = attrs.field(default=Count(0), converter=Count.of)
    low: int
    best: int
    high: int
    deaths_a: int = 0
    deaths_b: int = 0
    deaths_civilians: int = 0
    deaths_unknown: int = 0
    date_prec: int = 1
    where_prec: int = 1
    clarity: int = 1
    year: int
    violence: str | None = None
    conflict: str | None = None
    dyad: str | None = None
    country: str | None = None
    adm1: str = ""
    sources: tuple[UcdpSource, ...] = ()

    def killed_by_side(self) -> dict[str | None, Count]:
        """Return whose dead they are, by the type of violence and ``deaths_*``.

        A 0 is none where all of them make up best; else a cell may have been blank.
        """
        deaths = (self.deaths_a, self.deaths_b, self.deaths_civilians, self.deaths_unknown)
        whole = sum(deaths) == self.best
        a, b, civilians, unknown = (Count(n) if n or whole else Count() for n in deaths)
        if self.violence in (VIOLENCE["1"], VIOLENCE["2"]):
            return {self.by: a, self.against: b, CIVILIANS: civilians, None: unknown}
        if self.violence == VIOLENCE["3"]:
            # Side B is the civilians themselves; where no others died, low and high are theirs too.
            dead = self.deaths_b + self.deaths_civilians
            theirs = self.killed if dead == self.best else Count(dead or None)
            return {self.by: a, CIVILIANS: theirs, None: unknown}
        return super().killed_by_side()

    def headline(self) -> str:
        """Say who fought whom; of one-sided violence, who attacked whom."""
        if self.violence in (VIOLENCE["1"], VIOLENCE["2"]) and self.by and self.against:
            return fighting((self.by, self.against), self.place, self.killed)
        return super().headline()


@event("ucdp-clash/1")
class UcdpClash(Clash):
    """A row of UCDP GED of type 1 or 2: a Clash, with numbers and codes as the release has them.

    ``sides`` are its sides A and B, in its order, and ``losses`` their dead, ``deaths_a`` and
    ``deaths_b``; ``civilians`` and ``unknown`` are the other two of the columns that make up best.
    ``killed`` is low, best and high, and the rest is as in ``UcdpEvent``.
    """

    low: int
    best: int
    high: int
    date_prec: int = 1
    where_prec: int = 1
    clarity: int = 1
    year: int
    violence: str | None = None
    conflict: str | None = None
    dyad: str | None = None
    country: str | None = None
    adm1: str = ""
    sources: tuple[UcdpSource, ...] = ()

    @property
    def deaths_a(self) -> int | None:
        """The dead of side A; None where the cell was blank."""
        return _figure(self.losses.get(self.sides[0]))

    @property
    def deaths_b(self) -> int | None:
        """The dead of side B; None where the cell was blank."""
        return _figure(self.losses.get(self.sides[1]))

    @property
    def deaths_civilians(self) -> int | None:
        """The dead who were civilians; None where the cell was blank."""
        return _figure(self.civilians)

    @property
    def deaths_unknown(self) -> int | None:
        """The dead of whom nobody knows to whom they belonged; None where the cell was blank."""
        return _figure(self.unknown)


def _figure(count: Count | None) -> int | None:
    return count.best if count is not None and count.reported else None


@event("gdelt-event/1")
class GdeltEvent(Event):
    """A row of GDELT 2.0: who did what to whom, as a machine read it in the news.

    ``code`` is the CAMEO code, as text. ``actor1`` acts on ``actor2``; their ``_code`` are CAMEO
    actor codes. ``root_event``: it stands in the first paragraph of the article. ``goldstein`` is
    from -10, most destabilising, to 10; ``tone`` from about -100 to 100. ``mentions``, ``sources``
    and ``articles`` count those of the first fifteen minutes.
    """

    code: str
    actor1: str | None = None
    actor1_code: str | None = None
    actor2: str | None = None
    actor2_code: str | None = None
    place: Place | None = None
    root_event: bool = False
    goldstein: float | None = None
    tone: float | None = None
    mentions: int = 0
    sources: int = 0
    articles: int = 0

    def headline(self) -> str:
        """Say who did what to whom, and where."""
        who = self.actor1 or self.actor1_code or "Somebody"
        whom = self.actor2 or self.actor2_code
        where = f" in {self.place}" if self.place else ""
        return f"{who} {_ROOTS[self.code[:2]]} (CAMEO {self.code})" + (
            f" toward {whom}{where}" if whom else where
        )


IMPORTED: tuple[type[Event], ...] = (UcdpClash, UcdpEvent, GdeltEvent)
"""The kinds that importers bring beside those of ``timeline.kinds``."""

LIBRARY = (*KINDS, *IMPORTED)
"""The kinds that every log reads without ``events=``."""
