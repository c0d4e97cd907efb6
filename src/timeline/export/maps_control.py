"""Follows who holds each place through time, by the moments at which that may change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs

from timeline.accounts import Account
from timeline.kinds import TerritorialChange
from timeline.resolution import may_have_happened_by
from timeline.times import When
from timeline.views.control import Change, Control, Holding

__all__ = ["ChangePoint", "ControlTimeline", "changes_by_place", "control_timeline"]


@attrs.frozen
class ChangePoint:
    """A moment, microseconds of UTC, at which an answer may change.

    ``then`` is the answer by that moment, ``after`` the one from just after it until the next
    turn; None where there is nothing to say yet.
    """

    moment: int
    then: Holding | None
    after: Holding | None


@attrs.frozen
class ControlTimeline:
    """Who held one place, turn by turn: ``before`` the first, and ``last`` when all is counted."""

    before: Holding | None
    turns: tuple[ChangePoint, ...]
    last: Holding | None

    def by(self, moment: int | None) -> Holding | None:
        """Return the answer by a moment; None counts everything."""
        if moment is None:
            return self.last
        found = self.before
        for turn in self.turns:
            if turn.moment > moment:
                break
            found = turn.then if turn.moment == moment else turn.after
        return found


def changes_by_place(accounts: Iterable[Account]) -> dict[str, list[Account]]:
    """Return the accounts of control by ``place.key``; one may stand under several places."""
    found: defaultdict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        if not account.expected:
            for key in dict.fromkeys(map(_place_key, account.versions)):
                if key is not None:
                    found[key].append(account)
    return dict(found)


def control_timeline(key: str, accounts: Sequence[Account]) -> ControlTimeline:
    """Return the course of one place, from the accounts that ``changes_by_place`` has for it.

    What the view of control answers for each moment, folded once: it is handed whatever may have
    happened by then, and between two bounds of times nothing changes.
    """
    control = Control()
    options = [_options(control, key, account) for account in accounts]

    def ask(at: int | None) -> Holding | None:
        may = (
            next((one for one, time in option if may_have_happened_by(time, at)), None)
            for option in options
        )
        state = tuple(change for change in may if change is not None)
        return control.result((state,), at) if state else None

    times = [time for option in options for _, time in option]
    bounds = {bound for time in times for bound in (time.lo, time.hi) if bound is not None}
    turns = tuple(ChangePoint(bound, ask(bound), ask(bound + 1)) for bound in sorted(bounds))
    return ControlTimeline(ask(min(bounds, default=0) - 1), turns, ask(None))


def _options(control: Control, key: str, account: Account) -> list[tuple[Change, When]]:
    """An account as the view is handed it: as the first version that may have happened has it."""
    believed, versions = account.event, account.versions
    merged = believed not in versions
    options = []
    for version in dict.fromkeys(versions if merged else (believed, *versions)):
        if isinstance(version, TerritorialChange) and version.place.key == key:
            event = believed if merged and _place_key(believed) == key else version
            assert isinstance(event, TerritorialChange)  # noqa: S101 - it has a place's key
            seen = account if event is believed else attrs.evolve(account, event=event)
            options.append((control.change((), event, seen)[0][0], version.when))
    return options


def _place_key(event: object) -> str | None:
    return event.place.key if isinstance(event, TerritorialChange) else None
