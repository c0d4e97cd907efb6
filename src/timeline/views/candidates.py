"""Candidates are the versions of events that may have been the last of them by a moment.

With ``t`` the moment asked, a version is a candidate iff it may have happened by ``t`` and no other
event certainly came after it by then, by their bounds or by links. Who holds a place, and which
figure is the latest, are both read from the candidates: each that is left is possible, and one
alone is certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.events import Event
from timeline.relations import Certainty
from timeline.times import When

__all__ = ["Dated", "all_claims", "candidates", "hull", "may_have_been"]

E = TypeVar("E", bound=Event)


class Dated(Generic[E]):
    """One account, with every version of its event that a source stands by.

    A class of attrs derives from it and declares the three fields with types of its own.
    """

    __slots__ = ()

    account: Account
    versions: tuple[E, ...]
    firm: bool  # nobody denies it or has it elsewhere

    @property
    def lo(self) -> int | None:
        """The earliest moment under any version, microseconds of UTC; None is unbounded."""
        if len(self.versions) == 1:
            return self.versions[0].when.lo
        bounds = [version.when.lo for version in self.versions]
        return None if None in bounds else min(bound for bound in bounds if bound is not None)

    @property
    def hi(self) -> int | None:
        """The end of the latest version, excluded; None is unbounded."""
        if len(self.versions) == 1:
            return self.versions[0].when.hi
        bounds = [version.when.hi for version in self.versions]
        return None if None in bounds else max(bound for bound in bounds if bound is not None)

    def ends_by(self, at: int | None) -> bool:
        """Whether every version ends by a moment."""
        return at is not None and self.hi is not None and self.hi <= at

    def certain_by(self, at: int | None) -> bool:
        """Whether it happened by a moment whichever version holds; None is the end of time."""
        return self.firm and (at is None or self.ends_by(at))

    @property
    def ordered(self) -> bool:
        """Whether links say something of when it was."""
        return self.account.linked is not None and self.account.linked.timing is not None

    def linked_before(self, other: Dated[E]) -> bool:
        """Whether links say that it certainly ended before another one began."""
        if self is other or not (self.ordered and other.ordered):
            return False
        return self.account.before(other.account) is Certainty.CERTAIN


D = TypeVar("D", bound=Dated[Any])


def may_have_been(version: Event, at: int | None) -> bool:
    """Whether a version may have happened by a moment."""
    return at is None or version.when.lo is None or version.when.lo < at


def candidates(state: Sequence[D], at: int | None) -> list[tuple[D, Any]]:
    """Return the versions that may have been the last one by a moment, each with its account."""
    # Whatever ended by the start of the last certain one was followed by it.
    starts = [one.lo for one in state if one.lo is not None and one.certain_by(at)]
    last = max(starts, default=None)
    sure = [one for one in state if one.ordered and one.certain_by(at)]
    return [
        (one, version)
        for one in state
        for version in one.versions
        if may_have_been(version, at)
        and (last is None or version.when.hi is None or version.when.hi > last)
        # A version whose time differs from what is believed keeps its time as said.
        and not (version.when == one.account.when and any(map(one.linked_before, sure)))
    ]


def all_claims(accounts: Sequence[Account]) -> tuple[Claim, ...]:
    """Return the claims of accounts, those of each once, though it may come several times."""
    several = {id(account): account for account in accounts}
    return tuple(claim for account in several.values() for claim in account.claims)


def hull(times: Sequence[When], floor: int | None = None, ceiling: int | None = None) -> When:
    """Return the bounds of some moment among times; a single one as it is, words and all."""
    if not times:
        return When()  # nothing that is said to have happened by then
    if len(set(times)) == 1:
        return times[0]
    los = [time.lo for time in times]
    his = [time.hi for time in times]
    lo = None if None in los else min(bound for bound in los if bound is not None)
    hi = None if None in his else max(bound for bound in his if bound is not None)
    if floor is not None and (lo is None or lo < floor):
        lo = floor
    if ceiling is not None and (hi is None or hi > ceiling):
        hi = ceiling
    return When(lo=lo, hi=hi)
