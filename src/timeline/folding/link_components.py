"""Which events bear on each other through links, so that only these are resolved together.

Events that links join, split or order make components; places and actors go by keys that links
join. A component is taken from all that was ever said of links, whether or not it stands: what
stands of it as known at a position is worked out from its entries up to there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from timeline.accounts import Account
from timeline.claims import Claim, LinkClaim, Said
from timeline.linking import (
    NO_NAMES,
    Names,
    ever_said,
    ids_of_places,
    named_in,
    place_ids,
    unwritten_ids,
    web,
)
from timeline.links import Link, is_link_id
from timeline.resolution import Trust, ranking
from timeline.supersession import DependencyIndex, Read, standing_claims, standing_links

__all__ = ["LinkComponents"]


class LinkComponents:
    """The links of a log, by what they name; grows with the log."""

    def __init__(self, dependencies: DependencyIndex, read: Read) -> None:
        self._dependencies = dependencies
        self._read = read
        self._links: dict[str, Link] = {}
        self._around: defaultdict[str, set[str]] = defaultdict(set)
        """By the id of an event, or the key of a place or actor, the links that name it."""
        self._naming: set[str] = set()
        """The links of places and actors."""
        self._mentions: defaultdict[str, set[str]] | None = None
        """By what places and actors are called, the events that mention it; once it is needed."""
        self._names: tuple[int, Names] | None = None

    def __bool__(self) -> bool:
        return bool(self._links)

    def add(self, said: Said) -> None:
        """Take in the next entry."""
        if isinstance(said, LinkClaim):
            self._names = None
            self._link(said.link)
        elif isinstance(said, Claim):
            if self._mentions is not None:
                self._mention(said)
        elif self._naming:
            self._names = None  # a retraction or a void, perhaps of one of them

    def load(self) -> None:
        """Take in the links of a log that was read before."""
        for name, positions in self._dependencies.about.items():
            if is_link_id(name):
                first = positions if isinstance(positions, int) else positions[0]
                said = self._read([first])[first]
                if isinstance(said, LinkClaim):
                    self._link(said.link)

    def _link(self, link: Link) -> None:
        self._links[link.id] = link
        if not link.events:
            self._naming.add(link.id)
        for name in link.events or named_in(link):
            self._around[name].add(link.id)

    def _mention(self, claim: Claim) -> None:
        assert self._mentions is not None  # noqa: S101 - the caller has looked
        for name in {*named_in(claim.event), *ids_of_places(claim.event)}:
            self._mentions[name].add(claim.subject)

    def _mentioning(self, names: Iterable[str]) -> set[str]:
        """The events that mention places or actors by some names."""
        if self._mentions is None:
            self._mentions = defaultdict(set)
            about = self._dependencies.about
            for subject in about:
                if not is_link_id(subject):
                    for said in self._read(about.several(subject)).values():
                        if isinstance(said, Claim):
                            self._mention(said)
        return {event for name in names for event in self._mentions.get(name, ())}

    def reached(self, subjects: Iterable[str]) -> set[str]:
        """Return the events whose accounts change where something is said of some subjects."""
        found: set[str] = set()
        names: set[str] = set()
        for subject in subjects:
            link = self._links.get(subject)
            if link is None:
                found.add(subject)
            elif link.events:
                found.update(link.events)
            else:
                names.update(named_in(link))
        if names:
            found |= self._mentioning(self._together(names)[0])
        return self._together(found)[0] if self else found

    def _together(self, names: Iterable[str]) -> tuple[set[str], set[str]]:
        """All that links connect with some names, and those links."""
        found = set(names)
        links: set[str] = set()
        fresh = set(found)
        while fresh:
            new = {link for name in fresh for link in self._around.get(name, ())} - links
            links |= new
            fresh = {
                name
                for link in new
                for name in self._links[link].events or named_in(self._links[link])
            } - found
            found |= fresh
        return found, links

    def naming(self, name: str) -> Iterable[str]:
        """Return the ids of the links that name an event, a place or an actor."""
        return self._around.get(name, ())

    def link(self, link_id: str) -> Link | None:
        """Return a link by its id, None where nobody said anything of it."""
        return self._links.get(link_id)

    def events(self) -> set[str]:
        """Return the events that links name."""
        return {event for link in self._links.values() for event in link.events}

    def names(self, position: int) -> Names:
        """Return by which keys places and actors go, as known at a position."""
        if self._names is None or self._names[0] != position:
            self._names = position, self.names_in(position)
        return self._names[1]

    def names_in(self, position: int, published: int | None = None, trust: Trust = ()) -> Names:
        """Return by which keys places and actors go in a cut."""
        if not self._naming:
            return NO_NAMES
        said = self._said(self._naming, position)
        standing = standing_links(said, published=published)
        claims = [group for group in standing if group[0].subject in self._naming]
        asked = unwritten_ids(claims)
        mentioning = self._said(self._mentioning(asked), position) if asked else []
        ids = place_ids(mentioning, asked, published)
        return web(claims, ranking(trust), ids=ids).names

    def _said(self, subjects: Iterable[str], position: int) -> list[Said]:
        closures = self._dependencies.closure(subjects, self._read, position)
        return list({one.id: one for said in closures.values() for one in said}.values())

    def accounts(
        self,
        subjects: Iterable[str],
        position: int,
        alone_at: Callable[[Collection[str], int], Mapping[str, Account]],
    ) -> dict[str, Account]:
        """Return the accounts, by their canonical ids, of events and of all that bear on them.

        ``alone_at`` gives, as known at a position, those of events that no link names.
        """
        found: dict[str, Account] = {}
        names = self.names(position) if self._naming else None
        alone = {name for name in subjects if name not in self._around}
        for name, account in alone_at(alone, position).items():
            found[name] = account if names is None else names.account(account)
        left = set(subjects) - alone
        while left:
            events, links = self._together({next(iter(left))})
            left -= events
            said = self._said(events | links, position)
            made = web([one for one in standing_links(said) if one[0].subject in links])
            if names is not None:
                made.names = names
            claims = [one for one in standing_claims(said) if one[0].subject in events]
            for account in made.accounts(claims, ever_said(said)):
                found[account.event.id] = account
        return found
