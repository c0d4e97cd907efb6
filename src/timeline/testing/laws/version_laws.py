"""The law of versions: of two that nobody has ordered, neither is the last word of its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.claims import Claim, Report, make_claim
from timeline.counts import Count
from timeline.events import Event
from timeline.testing.choices import Choices, pick
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Finding, Run, Subject, agree, law
from timeline.testing.laws.uncertainty_laws import (
    count_fields,
    counts_hold,
    narrowed,
    same_without_ids,
)
from timeline.time_parsing import when
from timeline.times import When

__all__ = ["versions_nobody_ordered_lie_side_by_side"]

_UNORDERED = (
    (when("2022-09-20"), when("2022-09-20")),
    (when("2022-09"), when("2022-09-20")),
    (When(), when("2022-09-20")),
)
_ORDERED = when("2022-09-20"), when("2022-09-21")
_OTHER = Report("Two", published=_ORDERED[1])
_OTHERS = 3
_EDITIONS = 12  # of the two claims' ids, each comes first in some


@law(
    cause="the last of a source's claims is taken for its last word, or the believed event's best "
    "figure for all that is known",
    mend="add Counts as Counts, which span what is open; or take the account, and answer with all "
    "of account.versions",
    twin=sabotage.believes_the_last_claim,
)
def versions_nobody_ordered_lie_side_by_side(subject: Subject, choices: Choices) -> None:
    """Two claims of one source, published in an order that nobody knows, both bear on the answer.

    It is the same whichever arrives first or has the greater id. Counts, accounts, and what
    ``narrows`` compares of a projection that is shown accounts, leave both possible; a plain
    number, which can't say so, needn't.
    """
    counted = subject.counted(choices.history())
    if not counted:
        return
    account = pick(choices, counted)
    others = [one.event for one in counted if one is not account][:_OTHERS]
    versions = _versions(account.event, others, choices.number(2))
    if versions is None:
        return
    history, turned = _editions(versions, pick(choices, _UNORDERED), others)
    wide = subject.answer(history)
    swapped = ("With other ids", turned), ("In another order", history[::-1])
    name, again = pick(choices, swapped)
    answer = subject.answer(again)
    if not subject.same(wide, answer) and not same_without_ids(wide, answer):
        agree(
            versions_nobody_ordered_lie_side_by_side,
            subject,
            Run("As it was said", history, wide),
            Run(name, again, answer),
            hint="one of the claims is chosen by its place among the account's claims, or by "
            "its id, which is a hash",
        )
    if _can_say(subject, wide):
        _hold_open(subject, versions, others, history, wide)


def _can_say(subject: Subject, answer: Any) -> bool:
    """Whether an answer can say that something is uncertain; a plain number can't."""
    return subject.powers.narrows is not None or any(
        isinstance(part, Count | Account) for part in _parts(answer)
    )


def _hold_open(
    subject: Subject,
    versions: tuple[Event, Event],
    others: Sequence[Event],
    history: Sequence[Claim],
    wide: Any,
) -> None:
    """Hold an answer to what it would be if either version were known to be the last word."""
    shown = [part for part in _parts(wide)
             if isinstance(part, Account) and part.event.id == versions[0].id]  # fmt: skip
    lost = next((one for one in shown if not {*versions} <= {*one.versions}), None)
    for last, first in (versions, versions[::-1]):
        known = [*_said((first, last), _ORDERED), *_reported(others)]
        answer = subject.answer(known)
        if lost is None and _leaves(subject, versions, wide, answer):
            continue
        finding = Finding(
            {"Nobody knows which was published last": history, "One was": known},
            {"Where nobody knows": wide, "Where it is known": answer},
            hint="" if lost is None else "an account in the answer has lost one of its versions",
        )
        raise versions_nobody_ordered_lie_side_by_side.broken(subject.name, finding)


def _leaves(subject: Subject, versions: tuple[Event, Event], wide: Any, answer: Any) -> bool:
    """Whether a wide answer leaves another one possible, or can't say."""
    if subject.powers.narrows is not None:
        return not _sees_versions(subject, versions) or narrowed(subject, wide, answer)
    return not _differ_in_counts(*versions) or counts_hold(wide, answer)


def _sees_versions(subject: Subject, versions: tuple[Event, Event]) -> bool:
    """Whether a projection is shown both versions, wherever its key puts them."""
    sample = subject.sample
    if sample.takes_query_time:
        return True
    found = sample.handler(type(versions[0]))
    key = subject.powers.key
    alike = key is None or key(versions[0]) == key(versions[1])
    return found is not None and found[1] and alike


def _versions(event: Any, others: Sequence[Event], which: int) -> tuple[Event, Event] | None:
    """Two versions of an event: of other counts, or one with the content of another event."""
    names = count_fields(type(event))
    like: Any = next((one for one in others if type(one) is type(event)), None)
    with suppress(ValueError, TypeError):
        if names and not (which and like is not None):
            # Both give figures: one that gives none is silent.
            given = {name: getattr(event, name) for name in names}
            some = {name: Count(count.best) for name, count in given.items() if not count.reported}
            more = {
                name: Count(count.best + 1 + at) for at, (name, count) in enumerate(given.items())
            }
            return attrs.evolve(event, **some), attrs.evolve(event, **more)
        if like is not None:
            other: Event = attrs.evolve(like, id=event.id, when=event.when)
            return None if other == event else (event, other)
    return None


def _differ_in_counts(one: Any, other: Any) -> bool:
    """Whether two versions differ in figures alone, and give all of them."""
    figures = count_fields(type(one))
    names = {field.name for field in attrs.fields(type(one))} - {*figures}
    # One that gives no figure is silent, and bears on nothing.
    given = all(getattr(event, name).reported for event in (one, other) for name in figures)
    return given and all(getattr(one, name) == getattr(other, name) for name in names)


def _editions(
    versions: tuple[Event, Event], published: tuple[When, When], others: Sequence[Event]
) -> tuple[list[Claim], list[Claim]]:
    """Two histories that differ in which of two claims has the greater id, and in a hash."""
    rest = _reported(others)
    first = _said(versions, published)
    for edition in range(1, _EDITIONS):
        again = _said(versions, published, edition)
        if (again[0].id < again[1].id) != (first[0].id < first[1].id):
            return [*first, *rest], [*again, *rest]
    return [*first, *rest], [*first, *rest]


def _said(
    versions: tuple[Event, Event], published: tuple[When, When], edition: int = 0
) -> list[Claim]:
    reports = [Report("One", published=time, title=f"{edition:064x}") for time in published]
    pairs = zip(reports, versions, strict=True)
    return [make_claim(report, "says", event) for report, event in pairs]


def _reported(events: Sequence[Event]) -> list[Claim]:
    return [make_claim(_OTHER, "says", event) for event in events]


def _parts(answer: Any) -> Iterator[Any]:
    """An answer and what it holds, but for what is in events and accounts."""
    yield answer
    if isinstance(answer, Mapping):
        for part in answer.values():
            yield from _parts(part)
    elif isinstance(answer, tuple | list | set | frozenset):
        for part in answer:
            yield from _parts(part)
    elif attrs.has(type(answer)) and not isinstance(answer, Event | Account | Claim | Count):
        for field in attrs.fields(type(answer)):
            yield from _parts(getattr(answer, field.name))
