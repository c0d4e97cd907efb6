"""Says what stood about each event at every step at which the log learned something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.resolution import happened_by, standing
from timeline.views.chronology import History

__all__ = ["EntryStep", "VersionInterval", "steps", "version_intervals"]


@attrs.frozen
class EntryStep:
    """A time at which the log learned something, with all that it learned then.

    ``position`` is that of the last entry recorded then, ``entries`` how many there are.
    """

    recorded: datetime
    position: int
    entries: int


@attrs.frozen
class VersionInterval:
    """An account that stood from step ``first`` until before step ``until`` (None: to the end).

    Steps count from 0.
    """

    account: Account
    first: int
    until: int | None


def steps(entries: Iterable[Entry]) -> list[EntryStep]:
    """Gives the times at which the log learned something, each once."""
    found: list[EntryStep] = []
    for entry in entries:
        if found and found[-1].recorded == entry.recorded:
            found[-1] = EntryStep(entry.recorded, entry.position, found[-1].entries + 1)
        else:
            found.append(EntryStep(entry.recorded, entry.position, 1))
    return found


class _Groups:
    """Joins names into groups that have nothing to do with one another (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        top = name
        while (above := self._above.get(top, top)) != top:
            top = above
        while (above := self._above.get(name, top)) != top:
            self._above[name], name = top, above
        return top

    def join(self, one: str, other: str) -> None:
        a, b = self.of(one), self.of(other)
        if a != b:
            self._above[a] = b


def _names(said: Said) -> list[str]:
    """What an entry has to do with: itself, its event, and whatever it takes back."""
    own = f"claim {said.id}"
    if isinstance(said, Claim):
        return [own, f"event {said.event.id}", *(f"claim {one}" for one in said.replaces)]
    if isinstance(said, Retraction):
        return [own, f"event {said.event_id}"]
    if isinstance(said, LinkClaim):
        return [own, f"event {said.link.id}", *(f"claim {one}" for one in said.replaces)]
    return [own, f"claim {said.target}"]


def version_intervals(entries: Sequence[Entry], history: History) -> list[VersionInterval]:
    """Gives every account that stood at some step, and from when until when it did.

    The same as asking what stands at each step anew, but each event is weighed again only where
    an entry came that has to do with it: it, what replaces, retracts or voids it, and what does
    that to those.
    """
    number = {step.recorded: index for index, step in enumerate(steps(entries))}
    groups = _Groups()
    statements = [
        (one, one.claim) for one in entries if isinstance(one.claim, Claim | Retraction | Void)
    ]
    for _, said in statements:
        first, *others = _names(said)
        for other in others:
            groups.join(first, other)
    gathered: defaultdict[str, list[tuple[int, Said]]] = defaultdict(list)
    for entry, said in statements:
        gathered[groups.of(f"claim {said.id}")].append((number[entry.recorded], said))
    return [life for group in gathered.values() for life in _event_intervals(group, history)]


def _event_intervals(group: list[tuple[int, Said]], history: History) -> list[VersionInterval]:
    """The lives of the accounts of one group of entries, each with its step."""
    found: list[VersionInterval] = []
    standing_now: dict[str, tuple[Account, int]] = {}
    said: list[Said] = []
    for index, (step, one) in enumerate(group):
        said.append(one)
        if index + 1 < len(group) and group[index + 1][0] == step:
            continue
        stands = {
            account.event.id: account
            for account in standing(said, published=history.published, trust=history.trust)
            if happened_by(account.when, history.at, history.reading)
        }
        for event, (account, first) in list(standing_now.items()):
            if stands.get(event) != account:
                found.append(VersionInterval(account, first, step))
                del standing_now[event]
        for event, account in stands.items():
            standing_now.setdefault(event, (account, step))
    found += [VersionInterval(account, first, None) for account, first in standing_now.values()]
    return found
