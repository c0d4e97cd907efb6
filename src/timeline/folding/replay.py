"""Folds a projection from the start: the definition of what it answers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

from timeline.accounts import Account
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.projection import Projection, powers_of
from timeline.resolution import Reading, happened_by, may_have_happened_by

__all__ = ["answer", "check", "counts", "fold", "grouped", "keyed", "result"]

S = TypeVar("S")


def check(projection: Projection[Any]) -> None:
    """Raise ``ProjectionError`` for what can't be folded: a class, no start, no handler."""
    if not isinstance(projection, Projection):
        hint = f"{projection.__name__}()" if isinstance(projection, type) else "a Projection"
        raise ProjectionError(f"ask with a projection, such as {hint}, not {projection!r}")
    name = type(projection).__name__
    if not projection.handlers:
        raise ProjectionError(f"{name} handles nothing; mark its methods with @on(Attack)")
    if not hasattr(projection, "start"):
        raise ProjectionError(f"{name} has no start; give the state before anything happened")


def counts(projection: Projection[Any], account: Account, at: int | None, reading: Reading) -> bool:
    """Return whether an account is folded for a moment asked.

    It is if the projection handles it, it happened by then, and it isn't merely expected.
    """
    if account.expected or not account.folded:
        return False
    if projection.takes_query_time:
        # Where sources differ on kind or time, any of them may have it right.
        return any(
            may_have_happened_by(version.when, at)
            for version in account.seen_versions
            if projection.handler(type(version)) is not None
        )
    event = account.event
    if projection.handler(type(event)) is None:
        return False
    return at is None or happened_by(event.when, at, reading)


def fold(projection: Projection[S], accounts: Iterable[Account], state: S) -> S:
    """Take a state through accounts that are heard and stand in chronological order."""
    for account in accounts:
        found = projection.handler(type(account.event))
        if found is not None:
            handler, with_account = found
            event = account.event
            if with_account:
                state = handler(projection, state, event, account)
            else:
                state = handler(projection, state, event)
    return state


def result(projection: Projection[Any], state: object, at: int | None) -> Any:
    """Make the answer from a state: the state itself where the projection has no ``result``."""
    make = powers_of(projection).result
    if make is None:
        return state
    return make(state, at) if projection.takes_query_time else make(state)


def grouped(
    projection: Projection[Any], accounts: Iterable[Account], at: int | None = None
) -> dict[Hashable, list[Account]]:
    """Return the accounts of each key, in order, leaving out those without one.

    A projection without ``key`` has all of them under None.
    """
    groups: dict[Hashable, list[Account]] = {None: []} if powers_of(projection).key is None else {}
    for one in accounts:
        for key, seen in keyed(projection, one, at):
            groups.setdefault(key, []).append(seen)
    return groups


def keyed(
    projection: Projection[Any], account: Account, at: int | None
) -> Iterable[tuple[Hashable, Account]]:
    """Return the keys under which an account is folded, and how each sees it.

    A projection that takes the time asked is handed an account under the key of every version that
    may have happened by ``at``, since any source may have it right; the account's event is then a
    version with that key, or what is believed if it can be.
    """
    # Asked for every account: looking for all powers would take longer than folding it.
    key_of = getattr(projection, "key", None)
    if key_of is None:
        return ((None, account),)
    if not projection.takes_query_time:
        key = key_of(account.event)
        return () if key is None else ((key, account),)
    believed, versions = account.event, account.seen_versions
    if len(versions) == 1 and versions[0] is believed:
        handled = projection.handler(type(believed)) is not None
        key = key_of(believed) if handled and may_have_happened_by(believed.when, at) else None
        return () if key is None else ((key, account),)
    merged = len(versions) > 1 and believed not in versions
    found: dict[Hashable, Event] = {}
    for version in versions if merged else (believed, *versions):
        if may_have_happened_by(version.when, at):
            if projection.handler(type(version)) is not None:
                found.setdefault(key_of(version), version)
    if merged and projection.handler(type(believed)) is not None:
        if (key := key_of(believed)) in found:
            found[key] = believed
    return [
        (key, account if version is believed else account.seen_as(version, account.linked))
        for key, version in found.items()
        if key is not None
    ]


def answer(
    projection: Projection[Any],
    accounts: Iterable[Account],
    *,
    at: int | None = None,
    reading: Reading = "certain",
) -> Any:
    """Return what a projection answers from all that stands, in chronological order.

    ``at`` is the moment asked, exclusive, in microseconds of UTC; None counts everything. Each
    account is let go once it is folded.
    """
    time_filter = (one for one in accounts if counts(projection, one, at, reading))
    if powers_of(projection).key is None:
        return result(projection, fold(projection, time_filter, projection.start), at)
    states: dict[Hashable, Any] = {}
    for one in time_filter:
        for key, seen in keyed(projection, one, at):
            states[key] = fold(projection, (seen,), states.get(key, projection.start))
    return {key: result(projection, state, at) for key, state in states.items()}
