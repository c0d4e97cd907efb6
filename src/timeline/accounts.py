"""An Entry is a claim as a log recorded it; an Account is what stands about one event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Protocol

import attrs

from timeline.claims import Claim, Said
from timeline.counts import Breakdown, Count
from timeline.deferred import Deferring, deferred, made_with
from timeline.display import HtmlRepr
from timeline.events import Event
from timeline.merge_provenance import Merge
from timeline.places import Place
from timeline.redaction_records import Redacted, Redaction
from timeline.relations import Certainty
from timeline.schema import fields_of
from timeline.serialization import Plain, account_dict
from timeline.times import When

__all__ = [
    "Account",
    "Entry",
    "Keys",
    "Linked",
    "Tallied",
    "Timing",
    "differ",
    "live_account",
    "lone_account",
]


@attrs.frozen(repr=False)
class Entry(HtmlRepr, short="{position}, recorded {recorded}: {claim}"):
    """A claim, retraction or void as the log learned it, or what stands where one was erased.

    ``position`` counts from 1 without gaps; ``recorded`` is the log's own clock, aware UTC, never
    decreasing; ``claim`` is what was appended.
    """

    position: int
    recorded: datetime
    claim: Said | Redaction | Redacted | Merge

    @property
    def statement(self) -> Said | Redaction | Redacted | Merge:
        """What was appended, by the name that fits a retraction or a void as well as a claim."""
        return self.claim


class Keys(Protocol):
    """By which keys places and actors go, once links are applied."""

    def seen(self, event: Event) -> Event:
        """Return an event as projections see it."""
        ...

    def largest(self, actor: str) -> str:
        """Return the largest actor that one is part of; itself where several are, or none."""
        ...

    def maybe_same_place(self, key: str) -> frozenset[str]:
        """Return the keys that some source says are of the same place, and another denies."""
        ...

    def region(self, place: Place, level: str | int | None) -> str | None:
        """Return the key of the larger place at a level, None where there is none."""
        ...


class Timing(Protocol):
    """What links say of the order of accounts, by canonical ids."""

    def before(self, one: str, other: str) -> Certainty | None:
        """Say whether one ended before another began; None where links say nothing of it."""
        ...


class Tallied(Protocol):
    """What is known of an account without looking at each of its claims."""

    @property
    def expected(self) -> bool:
        """Whether it is only predicted."""
        ...

    @property
    def versions(self) -> tuple[Event, ...]:
        """The event as each claim that counts and stands by it has it, without repetition."""
        ...

    @property
    def denied_by(self) -> frozenset[str]:
        """Who denies it."""
        ...

    def claims(self) -> Mapping[str, tuple[Claim, ...]]:
        """Return all standing claims, ``claims``, and those that count, ``counted``."""
        ...


@attrs.frozen(slots=False)
class Linked:
    """What links make of one account; see ``docs/links.md``."""

    ids: frozenset[str]
    maybe_same: frozenset[str] = frozenset()
    folded: bool = True
    split_into: tuple[str, ...] = ()
    order: tuple[int, float, int] | None = None
    """Its depth, its reading date, and its depth among those of that date; None by its bounds."""
    said_when: When | None = attrs.field(default=None, eq=False)
    """The time of what is believed, before links sharpened it."""
    keys: Keys | None = attrs.field(default=None, eq=False, repr=False)
    timing: Timing | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def alternatives(self) -> tuple[tuple[Account, ...], ...]:
        """Accounts that may tell of the same: of these groups one is so, and nobody knows which."""
        alternatives: tuple[tuple[Account, ...], ...] = self.__dict__.get("_alternatives", ())
        return alternatives

    def set_alternatives(self, groups: tuple[tuple[Account, ...], ...]) -> None:
        """Note what may tell of the same; known once all of them are made."""
        self.__dict__["_alternatives"] = groups


def differ(one: object, other: object) -> bool:
    """Whether two values of a field can't both be right; silence contradicts nobody."""
    if isinstance(one, When) and isinstance(other, When):
        return Certainty.CERTAIN in (one.before(other), other.before(one))
    if isinstance(one, Count) and isinstance(other, Count):
        return (
            one.reported
            and other.reported
            and not (
                (one.high is None or other.low <= one.high)
                and (other.high is None or one.low <= other.high)
            )
        )
    if isinstance(one, Place) and isinstance(other, Place):
        # Detail that one leaves out, such as coordinates, contradicts nobody.
        if one.key == other.key:
            return False
        mine, its = (one.id, other.id) if one.id and other.id else (one.name, other.name)
        return bool(mine != its)
    if isinstance(one, Breakdown) and isinstance(other, Breakdown):
        return any(differ(one[name], other[name]) for name in one.keys() & other.keys())
    return bool(one != other)


@deferred("claims", "counted")
@attrs.frozen(slots=False, repr=False)
class Account(
    HtmlRepr,
    Deferring,
    shows="event when sources disputes denied_by claims",
    short="{event} ({when})",
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
    linked: Linked | None = attrs.field(default=None, repr=False)

    @property
    def ids(self) -> frozenset[str]:
        """The ids that name the event: its own, and those that links join with it."""
        return frozenset({self.event.id}) if self.linked is None else self.linked.ids

    @property
    def maybe_same(self) -> frozenset[str]:
        """The ids of which some source says that they name this event, and another denies it."""
        return frozenset() if self.linked is None else self.linked.maybe_same

    @property
    def folded(self) -> bool:
        """Whether it is folded: of an aggregate and its parts, only one side is."""
        return self.linked is None or self.linked.folded

    @property
    def split_into(self) -> tuple[str, ...]:
        """The ids of the parts that it is an aggregate of; none where it isn't."""
        return () if self.linked is None else self.linked.split_into

    def before(self, other: Account) -> Certainty:
        """Say whether this ended before the other began, by their times and by links."""
        # What is expected is ordered by what is said, which knows nothing of it.
        for one in (self, other):
            timing = None if one.linked is None else one.linked.timing
            found = None if timing is None else timing.before(self.event.id, other.event.id)
            if found is not None:
                return found
        return self.when.before(other.when)

    @property
    def when(self) -> When:
        """When it happened, as it is believed."""
        return self.event.when

    @property
    def expected(self) -> bool:
        """Whether it is only predicted: nobody says yet that it happened."""
        tallied = self._tallied
        if tallied is not None:
            return tallied.expected
        for claim in self.counted:  # noqa: SIM110 - asked of every account: all() takes twice as long
            if claim.stance == "says":
                return False
        return True

    @property
    def versions(self) -> tuple[Event, ...]:
        """The event as each claim that counts and stands by it has it, without repetition."""
        tallied = self._tallied
        if tallied is not None:
            return tallied.versions
        if len(self.counted) == 1:
            return (self.counted[0].event,) if self.counted[0].stance != "denies" else ()
        stance = "expects" if self.expected else "says"
        said = [claim.event for claim in self.counted if claim.stance == stance]
        return tuple(said if len(said) == 1 else dict.fromkeys(said))

    @property
    def seen_versions(self) -> tuple[Event, ...]:
        """The versions as projections see them: with the keys, and the sharpened time, of links.

        A version whose time differs from what is believed keeps it as said.
        """
        linked = self.linked
        if linked is None:
            return self.versions
        return tuple(dict.fromkeys(self._seen(version, linked) for version in self.versions))

    def _seen(self, version: Event, linked: Linked) -> Event:
        event = version if linked.keys is None else linked.keys.seen(version)
        parts = {**event.__dict__, "id": self.event.id}
        if linked.said_when is not None and version.when == linked.said_when:
            parts["when"] = self.event.when
        made = object.__new__(type(event))
        object.__setattr__(made, "__dict__", parts)
        return made

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
        tallied = self._tallied
        if tallied is not None:
            return tallied.denied_by
        if len(self.counted) == 1 and self.counted[0].stance != "denies":
            return frozenset()
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
        versions = self.seen_versions
        if len({version.kind for version in versions}) > 1:
            return frozenset({"kind"})
        disputed = set()
        for field in fields_of(type(versions[0])):
            if field.name in ("id", "summary", "content"):
                continue
            stated = {
                value: None
                for value in (getattr(version, field.name) for version in versions)
                if field.default is attrs.NOTHING or value != field.default
            }
            values = list(stated)
            if any(differ(a, b) for i, a in enumerate(values) for b in values[:i]):
                disputed.add(field.name)
        return frozenset(disputed)

    def to_dicts(self) -> list[Plain]:
        """Return the account as one plain row; see ``timeline.serialization``."""
        return [account_dict(self)]

    @property
    def _tallied(self) -> Tallied | None:
        """What is known of it without its claims, until these were read."""
        return None if "counted" in self.__dict__ else self.__dict__["tallied"]

    def seen_as(self, event: Event, linked: Linked | None) -> Account:
        """Return the account with another event and other links; no claim is read for it."""
        account = object.__new__(Account)
        parts = {name: self.__dict__[name] for name in _UNSEEN if name in self.__dict__}
        object.__setattr__(account, "__dict__", parts | {"event": event, "linked": linked})
        return account


_UNSEEN = ("claims", "counted", "deferred", "tallied")


def lone_account(claim: Claim) -> Account:
    """Return the account of an event that has one claim, at a third of the cost of making it."""
    account = object.__new__(Account)
    alone = (claim,)
    parts = {"event": claim.event, "claims": alone, "counted": alone, "linked": None}
    object.__setattr__(account, "__dict__", parts)
    return account


def live_account(event: Event, tallied: Tallied) -> Account:
    """Return an account whose claims are read once somebody asks for them."""
    parts = {"event": event, "linked": None, "tallied": tallied}
    account: Account = made_with(Account, parts, tallied.claims)
    return account
