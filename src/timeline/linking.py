"""Links applied to accounts: which are one, where they lie in time, and by which keys they go.

Everything goes by what stands in the cut, so that the order of arrival is irrelevant. Cut,
retraction, replacement and supersession go by the id as said; joining comes after them. The
accounts of ids that name one event become one, an aggregate gives way to its parts, and ``Before``
links sharpen the times of what is said. Of places and actors only the keys change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import attrs

from timeline.accounts import Account, Linked
from timeline.claims import Claim, LinkClaim, Said, Void
from timeline.counts import Breakdown
from timeline.events import Event
from timeline.identity import Identity, Joint, circular, identity, is_id, preferred
from timeline.kinds import Actor
from timeline.links import Before, Link, PartOf, SameActor, SameEvent, SamePlace, SplitInto, Within
from timeline.merge_provenance import Merge
from timeline.places import Place
from timeline.redaction_records import Redacted, Redaction
from timeline.relations import Certainty, Extent
from timeline.resolution import Rank, Trust, account_order, form_account, ranking
from timeline.schema import field_hints, field_type
from timeline.supersession import (
    certainly_later,
    counting,
    named,
    standing_claims,
    standing_links,
)
from timeline.temporal_network import Network, Order, network
from timeline.times import When

__all__ = [
    "NO_NAMES",
    "Contradiction",
    "LinkedAccounts",
    "Names",
    "StandingLink",
    "Web",
    "actors_of",
    "ever_said",
    "ids_of_places",
    "named_in",
    "place_ids",
    "places_of",
    "region",
    "resolve_linked",
    "sharpened",
    "standing_link",
    "unwritten_ids",
    "web",
]


@attrs.frozen(slots=False)
class StandingLink:
    """What stands about one link, by all claims about it.

    ``claims`` are all standing claims about it, oldest publication first; ``counted`` those that
    count: of each source the latest, or several where their order isn't known.
    """

    link: Link
    claims: tuple[LinkClaim, ...]
    counted: tuple[LinkClaim, ...]

    @property
    def sources(self) -> frozenset[str]:
        """Who stands by it."""
        return frozenset(claim.source for claim in self.counted if claim.stance != "denies")

    @property
    def denied_by(self) -> frozenset[str]:
        """Who denies it."""
        return frozenset(claim.source for claim in self.counted if claim.stance == "denies")

    @property
    def disputed(self) -> bool:
        """Whether somebody denies it."""
        return bool(self.denied_by)

    @property
    def expected(self) -> bool:
        """Whether it is only predicted, and so not applied."""
        return not any(claim.stance == "says" for claim in self.counted)

    def __str__(self) -> str:
        return str(self.link)


@attrs.frozen
class Contradiction:
    """A link that was set aside, and the smallest contradiction that it is in.

    ``links`` are those that can't all hold, itself among them: orders against each other or
    against the times of their events, or what goes in a circle.
    """

    link: Link
    links: tuple[Link, ...]
    claims: tuple[LinkClaim, ...]
    """Those that say the link that fell."""

    def __str__(self) -> str:
        others = [str(one) for one in self.links if one != self.link]
        return f"{self.link}: contradicts {'; '.join(others) or 'what is said of it'}"


def standing_link(claims: Sequence[LinkClaim]) -> StandingLink:
    """Return what stands about one link, from the claims about it that stand."""
    several = tuple(sorted(claims, key=_publication))
    counted = tuple(counting(several))
    return StandingLink(several[0].link, several, several if counted == several else counted)


def _publication(claim: LinkClaim) -> tuple[float, float, str]:
    lo, hi = claim.published.lo, claim.published.hi
    return float("-inf") if lo is None else lo, float("inf") if hi is None else hi, claim.id


class _Split:
    """The standing splits of one whole, which are one split into all their parts."""

    def __init__(self) -> None:
        self.parts: set[str] = set()
        self.links: list[StandingLink] = []


class Web:
    """What the links of a cut make of ids, places and actors; made by ``web``."""

    def __init__(self, links: Sequence[StandingLink], rank: Rank | None, ids: set[str]) -> None:
        self.links = links
        self.rank = rank
        said = [one for one in links if any(claim.stance == "says" for claim in one.counted)]
        self.applied = [one for one in said if not self._denied(one)]
        by_id = {claim.id: claim for one in links for claim in one.counted}

        def trusted_more(one: str, other: str) -> bool:
            return self._trusted_more(by_id[one], by_id[other])

        def joined(kind: type[Link], first_kind: Callable[[str], bool] | None) -> Identity:
            return identity(
                [_joint(one) for one in links if isinstance(one.link, kind)],
                key=lambda names, firsts: preferred(names, firsts, first_kind=first_kind),
                trusted_more=trusted_more,
            )

        self.events = joined(SameEvent, None)
        places = joined(SamePlace, lambda name: is_id(name, ids))
        actors = joined(SameActor, lambda name: not is_id(name, ids))
        self.contradictions: list[Contradiction] = []
        within = self._larger(Within, places)
        part_of = self._larger(PartOf, actors)
        self.names = Names(places, actors, within, part_of)
        self.splits = self._split(denied=False, links=self.applied)
        denied = [one for one in said if self._denied(one)]
        self.denied_splits = self._split(denied=True, links=denied)
        self.covers: Callable[[str], bool] = lambda _: True
        """Whether all links are in it that matter to the name of a place or an actor."""

    # -- what is applied

    def _trusted_more(self, one: Any, other: Any) -> bool:
        if self.rank is None:
            return False
        mine, its = self.rank(one), self.rank(other)
        return mine is not None and its is not None and bool(mine < its)

    def _denied(self, one: StandingLink) -> bool:
        sayers = [claim for claim in one.counted if claim.stance == "says"]
        return any(
            claim.stance == "denies" and not any(self._trusted_more(say, claim) for say in sayers)
            for claim in one.counted
        )

    def stronger(self, one: StandingLink, other: StandingLink) -> bool:
        """Say whether some claim of a link is stronger than every claim of another."""
        return any(
            all(self._stronger(mine, its) for its in other.counted if its.stance == "says")
            for mine in one.counted
            if mine.stance == "says"
        )

    def _stronger(self, one: LinkClaim, other: LinkClaim) -> bool:
        if self.rank is not None:
            mine, its = self.rank(one), self.rank(other)
            if mine is None or its is None:
                return False
            if mine != its:
                return bool(mine < its)
        return certainly_later(one, other)

    # -- what goes in a circle falls

    def _larger(self, kind: type[Within | PartOf], same: Identity) -> dict[str, set[str]]:
        """The larger ones that each place or actor lies in, by keys."""
        links = [one for one in self.applied if isinstance(one.link, kind)]

        def ends(one: StandingLink) -> tuple[str, str]:
            link: Any = one.link
            smaller = link.place if kind is Within else link.actor
            return same.key(smaller), same.key(link.larger)

        kept = self._without_circles([(one, [ends(one)]) for one in links])
        larger: defaultdict[str, set[str]] = defaultdict(set)
        for one in kept:
            smaller, above = ends(one)
            larger[smaller].add(above)
        return dict(larger)

    def _split(self, *, denied: bool, links: Sequence[StandingLink]) -> dict[str, _Split]:
        key = self.events.key
        edges = [
            (one, [(key(one.link.whole), key(part)) for part in one.link.parts])
            for one in links
            if isinstance(one.link, SplitInto)
        ]
        found: defaultdict[str, _Split] = defaultdict(_Split)
        kept = [one for one, _ in edges] if denied else self._without_circles(edges)
        for one in kept:
            link: Any = one.link
            whole = key(link.whole)
            parts = {key(part) for part in link.parts} - {whole}
            if parts:
                found[whole].parts |= parts
                found[whole].links.append(one)
        return dict(found)

    def _without_circles(
        self, edges: Sequence[tuple[StandingLink, list[tuple[str, str]]]]
    ) -> list[StandingLink]:
        graph: defaultdict[str, list[str]] = defaultdict(list)
        for _, several in edges:
            for start, end in several:
                graph[start].append(end)
        rings = circular(graph)
        fallen = {
            one.link.id: next(rings[s] for s, e in several if e in rings.get(s, ()))
            for one, several in edges
            if any(end in rings.get(start, ()) for start, end in several)
        }
        for one, _ in edges:
            ring = fallen.get(one.link.id)
            if ring is not None:
                together = [other.link for other, _ in edges if fallen.get(other.link.id) == ring]
                self._set_aside(one, together)
        return [one for one, _ in edges if one.link.id not in fallen]

    def _set_aside(self, one: StandingLink, together: Iterable[Link]) -> None:
        links = tuple(sorted(together, key=lambda link: link.id))
        says = tuple(claim for claim in one.counted if claim.stance == "says")
        self.contradictions.append(Contradiction(one.link, links, says))

    # -- what accounts they touch

    @property
    def of_events(self) -> bool:
        """Whether any link is about events."""
        return any(one.link.events for one in self.links)

    def seen(self, account: Account) -> Account:
        """Return the account of an event that no link names, as projections see it."""
        return self.names.account(account)

    def linked_events(self) -> set[str]:
        """Return the ids of the events that some link names."""
        return {name for one in self.links for name in one.link.events}

    def accounts(self, claims: Iterable[list[Claim]], ever: set[str]) -> LinkedAccounts:
        """Return the accounts of events that links name.

        ``claims`` are those that stand, together those about one id; ``ever`` are the events that
        somebody said in the cut, for a split asks whether its parts were.
        """
        return LinkedAccounts(self, claims, ever)


def _joint(one: StandingLink) -> Joint:
    names: tuple[str, ...] = next(iter(one.link.content().values()))
    says = [claim for claim in one.counted if claim.stance == "says"]
    return Joint(
        tuple(names),
        tuple(claim.id for claim in says),
        tuple(claim.id for claim in one.counted if claim.stance == "denies"),
        tuple(next(iter(claim.link.content().values()))[0] for claim in says),
    )


def web(
    claims: Iterable[Sequence[LinkClaim]], rank: Rank | None = None, *, ids: Iterable[str] = ()
) -> Web:
    """Return what links make of ids, places and actors.

    ``claims`` are those that stand, together those about one link. ``ids`` are ids of places that
    aren't written as such.
    """
    links = sorted(map(standing_link, claims), key=lambda one: one.link.id)
    return Web(links, rank, set(ids))


class LinkedAccounts:
    """The accounts of events that links name, as the links have them."""

    def __init__(
        self,
        web: Web,
        claims: Iterable[list[Claim]],
        ever: set[str],
    ) -> None:
        self._web = web
        key = web.events.key
        groups: defaultdict[str, list[Claim]] = defaultdict(list)
        for several in claims:
            groups[key(several[0].subject)].extend(several)
        self._formed: dict[str, Account] = {}
        for name, several in groups.items():
            account = form_account(several, web.rank)
            if account is not None:
                self._formed[name] = account
        self.contradictions: list[Contradiction] = []
        self._expected: dict[str, _ExpectedTiming] = {}
        self._network = self._sharpened()
        self._ever = ever
        self._folded, self._parts = self._splits()

    def _sharpened(self) -> Network:
        key = self._web.events.key
        before = {one.link.id: one for one in self._web.applied if isinstance(one.link, Before)}
        orders = {}
        for name, one in before.items():
            link: Any = one.link
            orders[name] = _order(link, key(link.earlier), key(link.later))
        stated = {
            name: account.when.extent
            for name, account in self._formed.items()
            if not account.expected
        }

        def stronger(one: str, other: str) -> bool:
            return self._web.stronger(before[one], before[other])

        found = network(stated, orders.values(), stronger)
        for name, together in found.fallen.items():
            self._set_aside(before[name], [before[other].link for other in together])
        for name, account in self._formed.items():
            if account.expected:
                self._sharpen_expected(name, account, found, orders, before)
        return found

    def _sharpen_expected(
        self,
        name: str,
        account: Account,
        found: Network,
        orders: Mapping[str, Order],
        before: Mapping[str, StandingLink],
    ) -> None:
        """Sharpen what is expected by what is said, which it never sharpens itself."""
        mine = [one for one in orders.values() if name in (one.earlier, one.later)]
        if not mine:
            return
        extents = {name: account.when.extent}
        for one in mine:
            other = one.later if one.earlier == name else one.earlier
            there = self._formed.get(other)
            if there is not None and not there.expected:
                extents[other] = found.extent(other) if other in found else there.when.extent
        alone = network(extents, mine, lambda a, b: self._web.stronger(before[a], before[b]))
        for link, together in alone.fallen.items():
            self._set_aside(before[link], [before[other].link for other in together])
        if name in alone:
            self._expected[name] = _ExpectedTiming(name, found, alone)

    def _set_aside(self, one: StandingLink, together: Iterable[Link]) -> None:
        links = tuple(sorted(together, key=lambda link: link.id))
        says = tuple(claim for claim in one.counted if claim.stance == "says")
        self.contradictions.append(Contradiction(one.link, links, says))

    def _splits(self) -> tuple[dict[str, bool], dict[str, tuple[str, ...]]]:
        """Which accounts aren't folded, and the parts of wholes."""
        folded: dict[str, bool] = {}
        parts: dict[str, tuple[str, ...]] = {}

        def stands(name: str) -> bool:
            account = self._formed.get(name)
            return account is not None and not account.expected

        key = self._web.events.key
        ever = {key(name) for name in self._ever}
        for whole, split in self._web.splits.items():
            if not stands(whole):
                continue
            parts[whole] = tuple(sorted(split.parts))
            standing = [part for part in split.parts if stands(part)]
            if all(part in ever for part in split.parts) and standing:
                folded[whole] = False
            else:
                for part in split.parts:
                    folded[part] = False
        return folded, parts

    def __iter__(self) -> Iterator[Account]:
        """Give the accounts, each once, in no order."""
        web = self._web
        opened: defaultdict[frozenset[str], list[Account]] = defaultdict(list)
        made: dict[str, Account] = {}
        for name, account in self._formed.items():
            made[name] = self._linked(name, account)
        for name, account in made.items():
            maybe = web.events.maybe.get(name)
            if maybe and account.folded and not account.expected:
                opened[maybe | {name}].append(account)
        for name, account in made.items():
            maybe = web.events.maybe.get(name)
            if maybe:
                linked = account.linked
                assert linked is not None  # noqa: S101 - it was made so
                linked.set_alternatives(tuple((one,) for one in opened[maybe | {name}]))
        for whole, split in web.denied_splits.items():
            several = [made[name] for name in (whole, *sorted(split.parts)) if name in made]
            counting = [one for one in several if one.folded and not one.expected]
            parts = tuple(one for one in counting if one.event.id != whole)
            if parts and len(parts) < len(counting):
                for account in counting:
                    linked = account.linked
                    assert linked is not None  # noqa: S101 - it was made so
                    linked.set_alternatives(((made[whole],), parts))
        yield from made.values()

    def _linked(self, name: str, account: Account) -> Account:
        web = self._web
        found: Network | _ExpectedTiming = self._expected.get(name) or self._network
        when = account.event.when
        order = None
        if name in found:
            when = sharpened(when, found.extent(name))
            order = found.order(name)
        linked = Linked(
            ids=frozenset(web.events.names(name)),
            maybe_same=web.events.maybe.get(name, frozenset()),
            folded=self._folded.get(name, True),
            split_into=self._parts.get(name, ()),
            order=order,
            said_when=account.event.when,
            keys=web.names or None,
            timing=found if name in found else None,
        )
        event = web.names.seen(account.event)
        parts = event.__dict__ | {"id": name, "when": when}
        return Account(_event(type(event), parts), account.claims, account.counted, linked)


def _event(kind: type[Event], parts: Mapping[str, Any]) -> Event:
    """An event of fields that were checked before, and of which one says no more than it did."""
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", dict(parts))
    return made


class Names:
    """By which keys places and actors go, and which larger ones they are in."""

    def __init__(
        self,
        places: Identity,
        actors: Identity,
        within: Mapping[str, set[str]],
        part_of: Mapping[str, set[str]],
    ) -> None:
        self.places = places
        self.actors = actors
        self.within = within
        self.part_of = part_of

    def __bool__(self) -> bool:
        return bool(self.places or self.actors or self.within or self.part_of)

    def seen(self, event: Event) -> Event:
        """Return an event whose places and actors go by the keys of their classes."""
        if not self.places.classes and not self.actors.classes:
            return event
        changed = {}
        for name, actors in _named(type(event)):  # type: ignore[arg-type] # a class is hashable
            value = getattr(event, name)
            new = self._seen(value, actors)
            if new is not value:
                changed[name] = new
        return _event(type(event), event.__dict__ | changed) if changed else event

    def account(self, account: Account) -> Account:
        """Return the account of an event that no link names, as projections see it."""
        if not self:
            return account
        event = account.event
        linked = Linked(frozenset({event.id}), said_when=event.when, keys=self)
        return account.seen_as(self.seen(event), linked)

    def largest(self, actor: str) -> str:
        """Return the largest actor that one is part of; itself where several are, or none."""
        return _only(_tops(self.actors.key(actor), self.part_of)) or actor

    def maybe_same_place(self, key: str) -> frozenset[str]:
        """Return the keys that some source says are of the same place, and another denies."""
        return self.places.maybe.get(key, frozenset())

    def region(self, place: Place, level: str | int | None) -> str | None:
        """Return the key of the larger place at a level, None where there is none or several.

        ``level`` is a word for the precision of places, such as "oblast", how many larger ones up
        it is, or None for the largest. What links say lies around a place has no precision.
        """
        return region(place, level, self.within)

    def _seen(self, value: Any, actors: bool) -> Any:  # noqa: FBT001 - of one field
        if isinstance(value, Place):
            key = self.places.key(value.key)
            within = None if value.within is None else self._seen(value.within, actors)
            return value if (key, within) == (value.key, value.within) else value.keyed(key, within)
        if isinstance(value, str):
            return self.actors.key(value) if actors else value
        if isinstance(value, tuple):
            several = tuple(self._seen(one, actors) for one in value)
            same = all(one is other for one, other in zip(several, value, strict=True))
            return value if same else several
        if isinstance(value, Breakdown) and actors:
            joined: dict[Any, Any] = {}
            for name, count in value.items():
                key = self.actors.key(name)
                joined[key] = joined[key] + count if key in joined else count
            return value if list(joined) == list(value) else Breakdown(joined)
        return value


NO_NAMES = Names(Identity({}, {}), Identity({}, {}), {}, {})
"""What no links make of places and actors: each goes by its own key."""


def region(
    place: Place, level: str | int | None, within: Mapping[str, set[str]] = MappingProxyType({})
) -> str | None:
    """Return the key of the larger place that one lies in, by links and by what events say.

    See ``Names.region``.
    """
    around: defaultdict[str, set[str]] = defaultdict(set)
    chain = [place]
    while (larger := chain[-1].within) is not None:
        around[chain[-1].key].add(larger.key)
        chain.append(larger)
    if isinstance(level, str):
        return next((one.key for one in chain if one.precision == level), None)
    for name, above in within.items():
        around[name] |= above
    if level is None:
        return _only(_tops(place.key, around))
    steps = {place.key}
    for _ in range(level):
        steps = {above for name in steps for above in around.get(name, ())}
    return _only(steps)


def _tops(name: str, larger: Mapping[str, set[str]]) -> set[str]:
    """The largest that something lies in or is part of; itself where nothing is larger."""
    reached, fresh, tops = {name}, {name}, set()
    while fresh:
        tops |= {one for one in fresh if not larger.get(one)}
        fresh = {above for one in fresh for above in larger.get(one, ())} - reached
        reached |= fresh
    return tops


def _only(names: set[str]) -> str | None:
    return next(iter(names)) if len(names) == 1 else None


@lru_cache(maxsize=1024)
def _named(kind: type[Event]) -> tuple[tuple[str, bool], ...]:
    """The fields of a kind that may hold places or actors, and whether its texts are actors."""
    hints, noted = field_hints(kind, notes=True), field_type(Actor).notes
    fields: Any = attrs.fields(kind)  # type: ignore[arg-type] # a kind is an attrs class
    found = []
    for field in fields:
        parts = list(field_type(hints[field.name]).nested)
        actors = any(part.notes == noted for part in parts)
        if actors or any(part.hint is Place for part in parts):
            found.append((field.name, actors))
    return tuple(found)


def resolve_linked(
    said: Iterable[Said | Redaction | Redacted | Merge],
    *,
    published: int | None = None,
    trust: Trust = (),
    ids: Callable[[set[str]], Iterable[str]] | None = None,
) -> tuple[list[Account], Web, list[Contradiction]]:
    """Return the accounts of what was said, in chronological order, with links applied.

    With them what the links make of ids, places and actors, and those that were set aside.
    Arguments as ``resolution.resolve``. ``ids`` says which of some texts are ids of places in the
    cut, those that aren't written as ids; by default those of the events of what was said.
    """
    several = list(said)
    rank = ranking(trust)
    links = list(standing_links(several, published=published))
    claims = standing_claims(several, published=published)
    if not links:
        formed = (form_account(group, rank) for group in claims)
        return sorted(filter(None, formed), key=account_order), web((), rank), []
    asked = unwritten_ids(links)
    found = place_ids(several, asked, published) if ids is None else ids(asked)
    made = web(links, rank, ids=found)
    linked = made.accounts(claims, ever_said(several, published))
    accounts = sorted(linked, key=account_order)
    return accounts, made, [*made.contradictions, *linked.contradictions]


def unwritten_ids(links: Iterable[Sequence[LinkClaim]]) -> set[str]:
    """Return what links of places and actors name that isn't written as an id."""
    return {
        name
        for claims in links
        if isinstance(link := claims[0].link, SamePlace | SameActor)
        for name in next(iter(link.content().values()))
        if not is_id(name)
    }


def place_ids(said: Iterable[object], names: set[str], published: int | None = None) -> set[str]:
    """Return which of some names are the id of a place in the cut."""
    if not names:
        return set()
    several = list(said)
    voids = {one.id: one.target for one in several if isinstance(one, Void)}
    gone = named(voids, ()).voided
    found: set[str] = set()
    for one in several:
        if isinstance(one, Claim) and one.id not in gone and _in_cut(one, published):
            found |= names & set(ids_of_places(one.event))
    return found


def ids_of_places(event: Event) -> Iterator[str]:
    """Yield the ids of the places that an event names."""
    return (place.id for place in places_of(event) if place.id is not None)


def named_in(value: Event | Link) -> Iterator[str]:
    """Yield the keys of places and the names of actors that an event or a link names."""
    if isinstance(value, Link):
        for part in value.content().values():
            yield from (part,) if isinstance(part, str) else part
        return
    yield from (place.key for place in places_of(value))
    yield from actors_of(value)


def actors_of(event: Event) -> Iterator[str]:
    """Yield the names of the actors that an event names."""
    for name, actors in _named(type(event)):  # type: ignore[arg-type] # as above
        if actors:
            part = getattr(event, name)
            yield from (part,) if isinstance(part, str) else part or ()


def places_of(event: Event) -> Iterator[Place]:
    """Yield the places that an event names, and the larger ones that it says they lie in."""
    for name, _ in _named(type(event)):  # type: ignore[arg-type] # as above
        value = getattr(event, name)
        for place in value if isinstance(value, tuple) else (value,):
            while isinstance(place, Place):
                yield place
                place = place.within  # noqa: PLW2901 - one level up


def _in_cut(claim: Claim, published: int | None) -> bool:
    hi = claim.published.hi
    return published is None or (hi is not None and hi <= published)


class _ExpectedTiming:
    """The order of one time that is expected and those that are said, which it never sharpens."""

    def __init__(self, name: str, said: Network, alone: Network) -> None:
        self._name = name
        self._said = said
        self._alone = alone
        self._near = [other for other in alone.parts if other != name]

    def __contains__(self, name: str) -> bool:
        return name == self._name

    def extent(self, name: str) -> Extent:
        """Return the tightest bounds of what is expected."""
        return self._alone.extent(name)

    def order(self, name: str) -> tuple[int, float, int]:
        """Return its place in order; see ``Network.order``."""
        return self._alone.order(name)

    def before(self, one: str, other: str) -> Certainty | None:
        """Say whether one ended before the other began; None where links say nothing of it."""
        found = self._alone.before(one, other)
        if found is not None or self._name not in (one, other):
            return found
        for near in self._near:
            if one == self._name:
                steps = self._alone.before(one, near), self._said.before(near, other)
            else:
                steps = self._said.before(one, near), self._alone.before(near, other)
            if steps == (Certainty.CERTAIN, Certainty.CERTAIN):
                return Certainty.CERTAIN
        return None


def _order(link: Before, earlier: str, later: str) -> Order:
    least = 1 if link.least is None else max(1, _micros(link.least))
    most = None if link.most is None else _micros(link.most)
    return Order(link.id, earlier, later, least, most)


def _micros(length: Any) -> int:
    return int(length.days * 86_400_000_000 + length.seconds * 1_000_000 + length.microseconds)


def ever_said(said: Iterable[object], published: int | None = None) -> set[str]:
    """Return the events that somebody said in the cut, whether or not that stands."""
    several = list(said)
    voids = {one.id: one.target for one in several if isinstance(one, Void)}
    gone = named(voids, ()).voided
    return {
        one.subject
        for one in several
        if isinstance(one, Claim)
        and one.stance == "says"
        and one.id not in gone
        and _in_cut(one, published)
    }


def sharpened(when: When, extent: Any) -> When:
    """Return a time with the bounds that follow from links, as it is where they don't move."""
    own = when.extent
    moved = {"lo": extent.lo, "hi": extent.hi}
    if not own.moment:
        # What lasted begins before it ends: that much was in it already.
        tight = _tight(own)
        if tight == extent:
            return when
        moved |= {"start_hi": extent.start_hi, "end_lo": extent.end_lo}
    elif own == extent:
        return when
    return attrs.evolve(when, edtf=None, **moved)


def _tight(own: Any) -> Any:
    start_hi, end_lo = own.start_hi, own.end_lo
    if own.hi is not None:
        start_hi = own.hi - 1 if start_hi is None else min(start_hi, own.hi - 1)
    if own.lo is not None:
        end_lo = own.lo + 1 if end_lo is None else max(end_lo, own.lo + 1)
    return own._replace(start_hi=start_hi, end_lo=end_lo)
