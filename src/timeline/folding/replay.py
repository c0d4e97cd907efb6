"""Folds a projection from the start: the definition of what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from timeline.claims import Account
from timeline.errors import ProjectionError
from timeline.projection import Projection
from timeline.standing import Reading, happened_by

__all__ = ["answer", "check", "counts", "fold"]


def check(projection: Projection[Any]) -> None:
    """Raises ``ProjectionError`` for what can't be folded: a class, no start, no handler."""
    if not isinstance(projection, Projection):
        hint = f"{projection.__name__}()" if isinstance(projection, type) else "a Projection"
        raise ProjectionError(f"ask with a projection, such as {hint}, not {projection!r}")
    name = type(projection).__name__
    if not projection.handlers:
        raise ProjectionError(f"{name} hears nothing; mark its methods with @on(Attack)")
    if not hasattr(projection, "start"):
        raise ProjectionError(f"{name} has no start; give the state before anything happened")


def counts(projection: Projection[Any], account: Account, at: int | None, reading: Reading) -> bool:
    """Says whether an account is folded for a moment asked: nobody only expects it, it is heard,
    and it happened by then."""
    if account.expected or projection.handler(type(account.event)) is None:
        return False
    return happened_by(account.when, at, "possible" if projection.weighs_time else reading)


def fold(projection: Projection[Any], accounts: Iterable[Account], state: Any) -> Any:
    """Takes a state through accounts that are heard and stand in chronological order."""
    for account in accounts:
        found = projection.handler(type(account.event))
        if found is not None:
            handler, with_account = found
            arguments = (account.event, account) if with_account else (account.event,)
            state = handler(projection, state, *arguments)
    return state


def _result(projection: Any, state: Any, at: int | None) -> Any:
    if not hasattr(projection, "result"):
        return state
    return projection.result(state, at) if projection.weighs_time else projection.result(state)


def answer(
    projection: Any,
    accounts: Iterable[Account],
    *,
    at: int | None = None,
    reading: Reading = "certain",
) -> Any:
    """Gives what a projection answers from all that stands, in chronological order.

    ``at`` is the moment asked, exclusive, in microseconds of UTC; None counts everything.
    """
    counted = (one for one in accounts if counts(projection, one, at, reading))
    if not hasattr(projection, "key"):
        return _result(projection, fold(projection, counted, projection.start), at)
    groups: dict[Any, list[Account]] = {}
    for one in counted:
        key = projection.key(one.event)
        if key is not None:
            groups.setdefault(key, []).append(one)
    return {
        key: _result(projection, fold(projection, group, projection.start), at)
        for key, group in groups.items()
    }
