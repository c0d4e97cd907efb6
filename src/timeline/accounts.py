"""What the log makes of what is said: an Entry for each saying, an Account of each event."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

import attrs

from timeline.claims import Claim, Said
from timeline.counts import Breakdown, Count
from timeline.display import HtmlRepr
from timeline.events import Event
from timeline.places import Place
from timeline.redaction_records import Redacted, Redaction
from timeline.relations import Certainty
from timeline.serialization import Plain, account_dict
from timeline.times import When

__all__ = ["Account", "Entry", "differ", "lone_account"]


@attrs.frozen(repr=False)
class Entry(HtmlRepr, short="{position}, recorded {recorded}: {claim}"):
    """A claim, retraction or void as the log learned it, or what stands where one was erased.

    ``position`` counts from 1 without gaps; ``recorded`` is the log's own clock, aware UTC, never
    decreasing; ``claim`` is what was appended.
    """

    position: int
    recorded: datetime
    claim: Said | Redaction | Redacted

    @property
    def statement(self) -> Said | Redaction | Redacted:
        """What was appended, by the name that fits a retraction or a void as well as a claim."""
        return self.claim


def differ(one: Any, other: Any) -> bool:
    """Whether two values of a field can't both be right; silence contradicts nobody."""
    if isinstance(one, When):
        return Certainty.CERTAIN in (one.before(other), other.before(one))
    if isinstance(one, Count):
        return (
            one.reported
            and other.reported
            and not (
                (one.high is None or other.low <= one.high)
                and (other.high is None or one.low <= other.high)
            )
        )
    if isinstance(one, Place):
        # Detail that one leaves out, such as coordinates, contradicts nobody.
        mine, its = (one.id, other.id) if one.id and other.id else (one.name, other.name)
        return bool(mine != its)
    if isinstance(one, Breakdown):
        return any(differ(one[name], other[name]) for name in one.keys() & other.keys())
    return bool(one != other)


@attrs.frozen(slots=False, repr=False)
class Account(
    HtmlRepr, shows="event when sources disputes denied_by claims", short="{event} ({when})"
):
    """What stands about one event, by all claims about it.

    ``event`` is what is believed: the version of the latest published claim, or, where nobody
    knows which one that is, an event as wide as all that may be. ``claims`` are all standing
    claims about it, oldest publication first; ``counted`` those that count: of each source the
    latest, or several where their order isn't known.
    """

    event: Event
    claims: tuple[Claim, ...]
    counted: tuple[Claim, ...]

    @property
    def when(self) -> When:
        """When it happened, as it is believed."""
        return self.event.when

    @property
    def expected(self) -> bool:
        """Whether it is only predicted: nobody says yet that it happened."""
        for claim in self.counted:  # noqa: SIM110 - asked of every account: all() takes twice as long
            if claim.stance == "says":
                return False
        return True

    @property
    def versions(self) -> tuple[Event, ...]:
        """The event as each claim that counts and stands by it has it, without repetition."""
        stance = "expects" if self.expected else "says"
        return tuple(dict.fromkeys(c.event for c in self.counted if c.stance == stance))

    @property
    def sources(self) -> frozenset[str]:
        """Who stands by it."""
        return frozenset(claim.source for claim in self.counted if claim.stance != "denies")

    @property
    def origins(self) -> frozenset[str]:
        """Whose word it goes back to: whom the sources that stand by it name, else themselves.

        A story of one wire that two papers print has two sources and one origin.
        """
        standing = (claim for claim in self.counted if claim.stance != "denies")
        return frozenset(
            name for claim in standing for name in claim.according_to or (claim.source,)
        )

    @property
    def denied_by(self) -> frozenset[str]:
        """Who denies it."""
        return frozenset(claim.source for claim in self.counted if claim.stance == "denies")

    @property
    def undecided(self) -> tuple[Claim, ...]:
        """The claims of sources that say different things in an order that nobody knows.

        Each of them may be its source's last word, so all of them count.
        """
        if len(self.counted) == 1:
            return ()
        words: dict[tuple[str, str], list[Claim]] = {}
        for claim in self.counted:
            words.setdefault((claim.source, claim.subject), []).append(claim)
        return tuple(
            claim
            for claim in self.counted
            if any(
                (claim.stance, claim.event) != (other.stance, other.event)
                for other in words[claim.source, claim.subject]
            )
        )

    @property
    def disputed(self) -> bool:
        """Whether it is denied, or two claims that count can't both be right about a field."""
        return bool(self.denied_by or self.disputes)

    @cached_property
    def disputes(self) -> frozenset[str]:
        """The fields in which the claims that count can't all be right, one source's too.

        Times that overlap and counts whose ranges meet agree, and so do places of one id, or of
        one name where an id is missing. An unreported count is silent, and so is any other field
        left at its default, but a count of 0 says that there was none. The summary is nobody's
        claim. ``kind`` stands for versions of different kinds.
        """
        versions = self.versions
        if len({version.kind for version in versions}) > 1:
            return frozenset({"kind"})
        found = set()
        kind: Any = type(versions[0])
        for field in attrs.fields(kind):
            if field.name in ("id", "summary", "content"):
                continue
            told = {
                value: None
                for value in (getattr(version, field.name) for version in versions)
                if field.default is attrs.NOTHING or value != field.default
            }
            values = list(told)
            if any(differ(a, b) for i, a in enumerate(values) for b in values[:i]):
                found.add(field.name)
        return frozenset(found)

    def to_dicts(self) -> list[Plain]:
        """Return the account as one plain row; see ``timeline.serialization``."""
        return [account_dict(self)]


def lone_account(claim: Claim) -> Account:
    """Return the account of an event that has one claim, at a third of the cost of making it."""
    account = object.__new__(Account)
    alone = (claim,)
    parts = {"event": claim.event, "claims": alone, "counted": alone}
    object.__setattr__(account, "__dict__", parts)
    return account
