"""Control says who holds which place, and never guesses where the sources leave it open."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import inf
from operator import attrgetter, itemgetter
from typing import Literal

import attrs

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.deferred import Deferring, deferred, made_with
from timeline.display import HtmlRepr
from timeline.errors import ProjectionError
from timeline.kinds import TerritorialChange
from timeline.projection import Projection, on
from timeline.resolution import account_order
from timeline.serialization import Plain, time_dict
from timeline.times import When
from timeline.views.candidates import Dated, all_claims, candidates, hull, may_have_been

__all__ = ["Change", "Control", "Holding"]

_Outcome = tuple[tuple[str, Fraction | None], ...]
"""A division of a place: who holds what part of it, None where the part isn't said."""

NOBODY: _Outcome = ()
_WHOLE = Fraction(1)

_OUTCOMES = 64  # divisions of one place that are told apart


@deferred("claims")
@attrs.frozen(repr=False, slots=False)
class Holding(
    HtmlRepr, Deferring, shows="words certain since claims", short="{words}, since {since}"
):
    """Who holds a place at a moment, as far as the sources tell.

    ``holders`` are all who hold it, or a part of it, under some reading of the times; none where
    it was lost and nobody is said to have taken it. ``certain`` says that one outcome is left:
    one holder, or one division with its ``shares``. ``since`` bounds the moment from which they
    have held it, ``claims`` are those that the answer rests on. ``shares`` gives the part of a
    region that each holder is said to hold; what is said of nobody is in nobody's share.
    """

    holders: frozenset[str]
    certain: bool
    since: When
    claims: tuple[Claim, ...]
    shares: _Outcome = ()
    maybe_same: frozenset[str] = frozenset()
    """Keys of which some source says that they are of this place, and another denies it."""

    def __str__(self) -> str:
        names = sorted(self.holders)
        if not self.certain:
            return (
                "perhaps " + names[0] if len(names) == 1 else " or ".join(names) or "nobody known"
            )
        shares = dict(self.shares)
        return " and ".join(f"{who} ({shares[who]})" if shares.get(who) else who for who in names)

    def to_dicts(self) -> list[Plain]:
        """Return the one row of plain JSON that it is, the claims by their ids."""
        return [
            {
                "told": str(self),
                "holders": sorted(self.holders),
                "certain": self.certain,
                "since": time_dict(self.since),
                "shares": {who: None if part is None else str(part) for who, part in self.shares},
                "claims": [claim.id for claim in self.claims],
            }
        ]


@attrs.frozen
class Change(Dated[TerritorialChange]):
    """One account of a change of control, with every version that a source stands by."""

    account: Account
    versions: tuple[TerritorialChange, ...]
    firm: bool  # nobody denies it or places it elsewhere

    @property
    def plain(self) -> bool:
        """Whether it passes the whole of a place, without dispute and without a link."""
        return (
            self.firm
            and not self.ordered
            and len(self.versions) == 1
            and _share(self.versions[0]) == 1
        )

    @property
    def holder(self) -> str | None:
        """Whom a plain change gives the place to."""
        return self.versions[0].to

    @property
    def when(self) -> When:
        """When a plain change happened."""
        return self.versions[0].when


_Runs = tuple[tuple[Change, ...], ...]
"""Changes in runs, each at least as long as the next: one more is added without copying all."""


class Control(Projection[_Runs]):
    """Who holds what: a mapping from ``place.key`` to a ``Holding``.

    A change is a candidate at a moment iff it may have happened by then and no other one
    certainly came after it by then; the holders are those of all candidates. So a town that fell
    between 8 and 10 September is, on the 9th, held by the old or the new holder. Sources that
    disagree on one change are candidates side by side, and a change that somebody denies leaves
    the one before it possible. ``reading`` makes no difference: both are in the answer. The answer
    finds a place by any of its names and ids, and ``answer.within(place)`` gives all that lies in
    one. ``by="larger actor"`` names instead of each holder the largest actor that it is part of.
    """

    start: _Runs = ()
    by_place = True
    looks_back = True
    by: Literal["actor", "larger actor"] = "actor"

    def __init__(self, *, by: Literal["actor", "larger actor"] = "actor") -> None:
        if by not in ("actor", "larger actor"):
            raise ProjectionError(f"Control is by 'actor' or 'larger actor', not by {by!r}")
        if by != self.by:  # a projection's settings are what it has of its own
            self.by = by

    def key(self, event: TerritorialChange) -> str:
        """Keys by the place's id where it has one, else its name."""
        return event.place.key

    @on(TerritorialChange)
    def change(self, state: _Runs, event: TerritorialChange, account: Account) -> _Runs:
        """Add a change, with what each source says of it."""
        seen = account.seen_versions
        versions = tuple(
            version
            for version in seen
            if isinstance(version, TerritorialChange) and version.place.key == event.place.key
        )
        if self.by == "larger actor":
            versions = tuple(_of_larger(version, account) for version in versions)
        firm = not account.denied_by and len(versions) == len(seen)
        return _joined(state, ((Change(account, versions, firm),),))

    def result(self, runs: _Runs, at: int | None) -> Holding:
        """Weigh the changes of one place as of a moment."""
        # Whatever order the fold met them in, the answer lists them in this one.
        state = _in_order(runs)
        shares = (version.share for change in state for version in change.versions)
        divided = any(share is not None and share != 1 for share in shares)
        priors = _priors(state) if divided else {}
        outcomes = _outcomes(state, at, priors)
        last = candidates(state, at)
        certain = len(outcomes) == 1 and outcomes != {NOBODY}
        only = next(iter(outcomes)) if certain else NOBODY
        parts = {
            "holders": frozenset(who for outcome in outcomes for who, _ in outcome),
            "certain": certain,
            "since": _since(state, last, only, at),
            "shares": only if any(share != 1 for _, share in only) else (),
            "maybe_same": _maybe_same(state),
        }
        accounts = [change.account for change, _ in last]
        holding: Holding = made_with(Holding, parts, lambda: {"claims": all_claims(accounts)})
        return holding

    def essence(self, answer: Holding) -> tuple[frozenset[str], bool, _Outcome]:
        """Return what makes two answers the same: holders, certainty and shares."""
        return answer.holders, answer.certain, answer.shares

    def merge(self, a: _Runs, b: _Runs) -> _Runs:
        """Join the changes of two stretches."""
        return _joined(a, b)

    def compact(self, state: _Runs) -> _Runs:
        """Leave out what later changes have made history: no later answer rests on it.

        What stays is what may still have been the last change, and what bounds ``since``: the
        ends of the last holder's run and of what went before it.
        """
        if any(not one.plain for run in state for one in run):
            return state
        left = _settled(_in_order(state))
        return (left,) if left else ()

    def accounts(self, state: _Runs) -> list[Account]:
        """Return the accounts of the changes that a state still has."""
        return [change.account for run in state for change in run]

    def narrows(self, wide: Holding, sharp: Holding) -> bool:
        """Say that sharper times gave no holder who was impossible under wider ones."""
        return sharp.holders <= wide.holders


def _maybe_same(state: Sequence[Change]) -> frozenset[str]:
    """The other keys of an open class of places."""
    for change in state:
        linked = change.account.linked
        if linked is not None and linked.keys is not None:
            return linked.keys.maybe_same_place(change.versions[0].place.key)
    return frozenset()


def _of_larger(version: TerritorialChange, account: Account) -> TerritorialChange:
    """A version that names the largest actors that its own are part of."""
    keys = None if account.linked is None else account.linked.keys
    if keys is None:
        return version
    sides = {"to": version.to, "from_": version.from_}
    names = {name: keys.largest(actor) for name, actor in sides.items() if actor}
    made = object.__new__(type(version))
    object.__setattr__(made, "__dict__", version.__dict__ | names)
    return made


def _joined(a: _Runs, b: _Runs) -> _Runs:
    """The runs of two stretches, of which none is shorter than the one after it.

    Each change is copied into another run as often as the runs double, not once for each after it.
    """
    runs = list(a)
    for run in b:
        while runs and len(runs[-1]) <= len(run):
            run = runs.pop() + run  # noqa: PLW2901 - it grows
        runs.append(run)
    return tuple(runs)


def _in_order(runs: _Runs) -> tuple[Change, ...]:
    state = (change for run in runs for change in run)
    return tuple(sorted(state, key=lambda change: account_order(change.account)))


def _share(version: TerritorialChange) -> Fraction:
    return _WHOLE if version.share is None else version.share


_Priors = dict[str, frozenset[_Outcome]]
"""By the id of each change's event, the divisions of the place that it may have found."""


def _priors(state: Sequence[Change]) -> _Priors:
    """The divisions that each change may have found: those left by all that ended before it.

    Without links, only what may be the last of those bears on it, and a sweep in order of
    beginning keeps no more than that at hand: what ends by the start of a firm change that is over
    is never the last again.
    """
    priors: _Priors = {}
    in_order = sorted(state, key=lambda change: _bounded(change.lo, -inf))
    if any(change.ordered for change in state):
        # Links may put one that begins earlier behind another; accounts stand as they have it.
        for change in state:
            earlier = [one for one in state if one.ends_by(change.lo) or one.linked_before(change)]
            over = all(one.ends_by(change.lo) for one in earlier)
            at = change.lo if over else None
            priors[change.account.event.id] = _outcomes(earlier, at, priors)
        return priors
    ending = deque(sorted(((_bounded(one.hi, inf), one) for one in state), key=itemgetter(0)))
    open_changes: list[tuple[float, Change]] = []
    last = -inf
    left = frozenset({NOBODY})
    for change in in_order:
        begins = _bounded(change.lo, -inf)
        if ending and ending[0][0] <= begins:
            while ending and ending[0][0] <= begins:
                hi, over_now = ending.popleft()
                open_changes.append((hi, over_now))
                if over_now.firm:
                    last = max(last, _bounded(over_now.lo, -inf))
            open_changes = [(hi, one) for hi, one in open_changes if hi > last]
            left = _outcomes([one for _, one in open_changes], change.lo, priors)
        priors[change.account.event.id] = left
    return priors


def _bounded(bound: int | None, otherwise: float) -> float:
    return otherwise if bound is None else bound


def _outcomes(
    state: Sequence[Change], at: int | None, priors: Mapping[str, frozenset[_Outcome]]
) -> frozenset[_Outcome]:
    """Who may hold the place at a moment: one division of it for each way it may have gone."""
    found: set[_Outcome] = set()
    for change, version in candidates(state, at):
        for before in priors.get(change.account.event.id, frozenset({NOBODY})):
            found |= _after(version, before)
    if not any(change.certain_by(at) for change in state):
        # None of them need have happened: whoever lost it in the first may hold it still.
        ends = [change.hi for change in state if change.firm and change.hi is not None]
        first = min(ends, default=None)
        linked = [change for change in state if change.firm and change.ordered]
        for change in state:
            if any(one.linked_before(change) for one in linked):
                continue  # it isn't the first
            for version in change.versions:
                lo, hi = version.when.lo, version.when.hi
                later = hi is None or (at is not None and hi > at)
                if not change.firm or (later and (lo is None or first is None or lo < first)):
                    found.add(((version.from_, Fraction(1)),) if version.from_ else NOBODY)
    if len(found) > _OUTCOMES:
        # Shares that nobody can order multiply; who may hold some of it is still true.
        found = {((who, None),) for outcome in found for who, _ in outcome} | {NOBODY}
    return frozenset(found or {NOBODY})


def _after(version: TerritorialChange, before: _Outcome) -> set[_Outcome]:
    """The divisions of a place that a change may lead to, from the one before it."""
    share = _share(version)
    if share is _WHOLE or share == 1:
        return {((version.to, share),) if version.to else NOBODY}
    parts = dict(before)
    if version.from_ is None or version.from_ in parts:
        return {_divided(parts, version, share, version.from_)}
    # It is said to have held some of it, not how much. Where others are said to have held the
    # rest, one of the two isn't so.
    own = {who: part for who, part in parts.items() if who == version.to}
    named = _divided(own | {version.from_: None}, version, share, version.from_)
    return {named} if len(own) == len(parts) else {named, _divided(parts, version, share, None)}


def _divided(
    parts: dict[str, Fraction | None],
    version: TerritorialChange,
    share: Fraction,
    loser: str | None,
) -> _Outcome:
    """A division with one share of it passed from one who holds some of it, or from all others."""
    losers = [loser] if loser else [who for who in parts if who != version.to]
    losable = sum((parts[who] or Fraction(0) for who in losers), Fraction(0))
    for who in losers:
        part = parts[who]
        if part is not None:
            # What nobody is named for is taken from the others in proportion.
            parts[who] = max(part - share * part / losable, Fraction(0)) if losable else part
    if version.to is not None:
        gained = (parts.get(version.to) or Fraction(0)) + share
        if gained >= 1:
            return ((version.to, Fraction(1)),)
        parts[version.to] = gained
    return tuple(sorted((who, part) for who, part in parts.items() if part is None or part > 0))


def _settled(state: tuple[Change, ...]) -> tuple[Change, ...]:
    """The plain changes of a stretch, in order, that still bear on answers after all of it."""
    last = _latest(state, _LO)
    if last is None or last.lo is None:
        return state
    # What ended before the last one began can't be the last change any more.
    needed = [one for one in state if one.hi is None or one.hi > last.lo]
    # Of whoever it is in the end, ``since`` asks when it was last somebody else's: the latest end
    # and the latest start among all changes, and among those to others than that one's holder.
    for bound in (_LO, _HI):
        furthest = _latest(state, bound)
        if furthest is not None:
            needed.append(furthest)
            others = [one for one in state if one.holder != furthest.holder]
            needed += filter(None, [_latest(others, bound)])
    # Of the last holder's run since then: the first, the first that is told otherwise, the latest
    # end, and the earliest certain one.
    others = [one for one in state if one.holder != last.holder]
    before = _latest(others, _LO)
    floor = None if before is None else before.lo
    mine = [one for one in state if one.holder == last.holder]
    run = [one for one in mine if one.hi is None or floor is None or one.hi > floor]
    needed += [run[0], *[one for one in run if one.when != run[0].when][:1]]
    needed += filter(None, [_latest(run, _HI)])
    if all(one.hi is not None for one in others):
        over = None if not others else _latest(others, _HI)
        won = [
            one
            for one in mine
            if one.hi is not None
            and (over is None or over.hi is None or (one.lo is not None and one.lo >= over.hi))
        ]
        needed += sorted(won, key=lambda one: one.hi or 0)[:1]
    names = {one.account.event.id for one in needed}
    return tuple(one for one in state if one.account.event.id in names)


_LO, _HI = attrgetter("lo"), attrgetter("hi")


def _latest(state: Iterable[Change], bound: Callable[[Change], int | None]) -> Change | None:
    """The change whose bound is the latest of those that have one."""
    bounded = [(found, one) for one in state if (found := bound(one)) is not None]
    return max(bounded, key=itemgetter(0), default=(0, None))[1]


def _since(
    state: Sequence[Change],
    candidates: list[tuple[Change, TerritorialChange]],
    only: _Outcome,
    at: int | None,
) -> When:
    """Bounds the moment from which the answer has held.

    Where one holder of the whole is certain, that is the first change to them after the last one
    to anybody else; restating what holds doesn't start it anew. Otherwise it is some candidate.
    """
    last = [version.when for _, version in candidates]
    if len(only) != 1 or only[0][1] != 1:
        return hull(last, None, None)
    holder = only[0][0]
    possible = [v for change in state for v in change.versions if may_have_been(v, at)]
    mine = [version.when for version in possible if _gives(version, holder)]
    others = [version.when for version in possible if not _gives(version, holder)]
    sure = [change for change in state if change.certain_by(at)]
    # It was somebody else's from each of these on, whichever version holds.
    lost = [one.lo for one in sure if not any(_gives(v, holder) for v in one.versions)]
    floor = max((lo for lo in lost if lo is not None), default=None)
    # The first that certainly follows all that may have gone to others closes the bounds.
    over = (
        None
        if any(one.hi is None for one in others)
        else max((one.hi for one in others if one.hi is not None), default=None)
    )
    won = [
        one.hi
        for one in sure
        if one.hi is not None
        and all(_gives(v, holder) for v in one.versions)
        and (not others or (over is not None and one.lo is not None and one.lo >= over))
    ]
    ceiling = min(won, default=None)
    run = [
        one
        for one in mine
        if (floor is None or one.hi is None or one.hi > floor)
        and (ceiling is None or one.lo is None or one.lo < ceiling)
    ]
    # Empty where nothing gave them the whole, but its parts one by one.
    return hull(run, floor, ceiling) if run else hull(last, None, None)


def _gives(version: TerritorialChange, holder: str) -> bool:
    return version.to == holder and _share(version) == 1
