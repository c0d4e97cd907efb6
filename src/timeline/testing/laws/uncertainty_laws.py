"""The laws of uncertain times: an answer never says more than the sources do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.claims import Claim, Report, Retraction, Said, Void
from timeline.counts import Count
from timeline.events import Event
from timeline.relations import Certainty
from timeline.resolution import resolve
from timeline.schema import field_hints
from timeline.testing.choices import Choices, pick
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Finding, Run, Subject, agree, law
from timeline.testing.laws.question_choices import Question, question
from timeline.testing.report_text import Worded, text
from timeline.times import When

__all__ = [
    "a_sharper_time_only_narrows",
    "a_wider_count_only_widens",
    "an_unknown_order_is_never_guessed",
    "count_fields",
    "counts_hold",
    "ids_are_only_names",
    "narrowed",
    "no_answer_from_an_order_nobody_knows",
    "same_without_ids",
    "without_ids",
]

_BEFORE = 16  # events at most that happened before two that nobody has ordered
_HOUR = 3_600_000_000
_SECOND = 1_000_000
_DAY = 24 * _HOUR
_BASE = 1_663_200_000_000_000 + _HOUR * 7 // 12  # 15 September 2022, at no full hour


def _follows(one: Account, others: Sequence[Account]) -> bool:
    """Whether it certainly came after one of the others, by their times or by links."""
    start = one.when.lo
    return any(
        (start is not None and other.when.hi is not None and other.when.hi <= start)
        or (one.linked is not None and other.before(one) is Certainty.CERTAIN)
        for other in others
    )


def _another_order(choices: Choices, accounts: Sequence[Account]) -> list[Account]:
    """Another linear extension of the interval order: always one that follows none that are left.

    The order that was given, for the simplest choices.
    """
    left = list(accounts)
    taken = []
    while left:
        minimal = [index for index, one in enumerate(left) if not _follows(one, left)]
        taken.append(left.pop(pick(choices, minimal)))
    return taken


@law(
    cause="the last of two events wins although the sources don't say which came last",
    mend="answer with what is uncertain, as Control does; or fold so that the order is irrelevant",
    twin=sabotage.shows_the_last_id,
    needs="give events= whose times overlap",
)
def no_answer_from_an_order_nobody_knows(subject: Subject, choices: Choices) -> None:
    """Where the sources leave two events unordered, the answer is the same under either order.

    It may say what is uncertain; it may not pick the one that a tie-break put last.
    """
    history = choices.history()
    asked = question(choices, history)
    for group in subject.by_key(subject.counted(history, *asked), asked.at).values():
        other = _another_order(choices, group)
        if other == group:
            continue
        agree(
            no_answer_from_an_order_nobody_knows,
            subject,
            Run("In this order", _told(group), subject.finish(subject.folded(group), asked.at)),
            Run("As likely in this", _told(other), subject.finish(subject.folded(other), asked.at)),
            asked=str(asked),
        )


def _told(accounts: Sequence[Account]) -> list[Said]:
    """The claims that count, of each account."""
    return [claim for account in accounts for claim in account.counted]


@law(
    cause="the answer guesses where the times are wide, and guesses otherwise where they are sharp",
    mend="answer with everything that is possible, and let sharper times leave less of it",
    applies=lambda subject: (
        "it has no narrows(wide, sharp)" if subject.powers.narrows is None else None
    ),
    twin=sabotage.tells_bounds,
)
def a_sharper_time_only_narrows(subject: Subject, choices: Choices) -> None:
    """A sharper time, or an end for an open one, never adds what was impossible before."""
    history = choices.history()
    claims = [one for one in history if isinstance(one, Claim) and _can_be_sharper(one.event.when)]
    if not claims:
        return
    # With a moment, a sharper time lets more happen for certain; only one that weighs times itself
    # can be asked for all that is possible.
    weighs = subject.sample.takes_query_time
    asked = question(choices, history) if weighs else Question(None, "certain")
    blunt = pick(choices, claims).event
    time = _sharper(blunt.when, choices.number(2))
    sharp = [_retimed(one, blunt, time) for one in history]
    answers = subject.answer(history, *asked), subject.answer(sharp, *asked)
    if not narrowed(subject, *answers):
        finding = Finding(
            {"With a wide time": history, "With a sharper one": sharp},
            dict(zip(("Wide", "Sharp"), answers, strict=True)),
            str(asked),
        )
        raise a_sharper_time_only_narrows.broken(subject.name, finding)


def narrowed(subject: Subject, wide: Any, sharp: Any) -> bool:
    """Return whether an answer leaves nothing new possible, in the projection's own eyes."""
    narrows = subject.powers.narrows
    assert narrows is not None  # noqa: S101 - the law applies where it is there
    if subject.powers.key is None:
        return bool(narrows(wide, sharp))
    return sharp.keys() <= wide.keys() and all(narrows(wide[key], sharp[key]) for key in sharp)


def _can_be_sharper(time: When) -> bool:
    if time.lo is None or time.hi is None:
        return True
    return time.shape == "moment" and time.hi - time.lo > 1


def _sharper(time: When, which: int) -> When:
    """One half of a time; an open one is given the end that it lacks, or another one."""
    lo, hi = time.lo, time.hi
    if lo is None:
        lo = (_BASE if hi is None else hi) - _DAY * (1 + which)
    if hi is None:
        hi = lo + _DAY * (1 + which)
    if time.lo is None or time.hi is None:
        return When(lo=lo, hi=hi, zone=time.zone, shape=time.shape)
    middle = (lo + hi) // 2
    return When(lo=(lo, middle)[which], hi=(middle, hi)[which], zone=time.zone)


def _retimed(said: Said, blunt: Event, time: When) -> Said:
    """The same of the same event with another time, in every version that had the blunt one.

    It keeps its id, by which ties are broken.
    """
    if isinstance(said, Claim) and said.event.id == blunt.id and said.event.when == blunt.when:
        event: Any = said.event
        return attrs.evolve(said, event=attrs.evolve(event, when=time))
    return said


@law(
    cause="an order is read out of bounds of times, or out of ids: by sorting, max, min or <",
    mend="ask one.when.before(other), and answer with all that is possible where it isn't CERTAIN",
    twin=sabotage.reads_bounds,
    needs="give events= of which several bear on one state",
)
def an_unknown_order_is_never_guessed(subject: Subject, choices: Choices) -> None:
    """Of two events that nobody has ordered, the answer isn't that of one order alone.

    They are placed one microsecond apart, both ways; where that makes two answers, what is
    answered to the overlapping times may be neither of them by which has the earlier bounds or id.
    """
    # An event merged of versions isn't one that can be said.
    said_so = [one for one in subject.counted(choices.history()) if one.event in one.versions]
    groups = [group for group in subject.by_key(said_so).values() if len(group) > 1]
    if not groups:
        return
    group = pick(choices, groups)
    first = choices.number(len(group) - 1)
    pair = (group[first].event, group[first + 1 + choices.number(len(group) - 1 - first)].event)
    others = [one.event for one in group if one.event not in pair][:_BEFORE]

    def said(one: When, other: When, *, swapped: bool = False) -> list[Said]:
        names = (pair[1].id, pair[0].id) if swapped else (pair[0].id, pair[1].id)
        history = [
            _SOURCE.says(_at(event, When(lo=_BASE - number * _DAY, hi=_BASE - number * _DAY + 1)))
            for number, event in enumerate(reversed(others), 1)
        ]
        return [
            *history,
            *(
                _SOURCE.says(_at(attrs.evolve(event, id=name), time))  # type: ignore[misc]
                for event, name, time in zip(pair, names, (one, other), strict=True)
            ),
        ]

    middle = _BASE + _HOUR
    now, then = When(lo=middle, hi=middle + 1), When(lo=middle + 1, hi=middle + 2)
    early = When(lo=_BASE, hi=_BASE + 2 * _HOUR)
    late = When(lo=_BASE + _SECOND, hi=_BASE + 2 * _HOUR + _SECOND)
    one, other = said(now, then), said(then, now)
    worlds = subject.answer(one), subject.answer(other)
    if subject.same(*worlds):
        return
    trials = (
        (said(early, late), said(late, early), "bounds"),
        (said(early, early), said(early, early, swapped=True), "ids"),
    )
    for wide, turned, what in trials:
        answers = subject.answer(wide), subject.answer(turned)
        if subject.same(*answers) or not all(
            any(subject.same(answer, world) for world in worlds) for answer in answers
        ):
            continue
        guessed = 0 if subject.same(answers[0], worlds[0]) else 1
        finding = Finding(
            {"Nobody knows which came first": wide, "One of two orders": (one, other)[guessed]},
            {"Where nobody knows": answers[0], "In that order": worlds[guessed],
             "In the other": worlds[1 - guessed]},
            hint=f"an order is read out of the {what}: the answer is that of one order, and turns "
            f"into that of the other when the two events change {what}",
        )  # fmt: skip
        raise an_unknown_order_is_never_guessed.broken(subject.name, finding)


_SOURCE = Report("One", published=When(lo=_BASE + 30 * _DAY, hi=_BASE + 31 * _DAY))


def _at(event: Any, time: When) -> Event:
    moved: Event = attrs.evolve(event, when=time)
    return moved


@law(
    cause="a range is read as if its best figure were all there is",
    mend="add counts as Counts, and let narrows compare low and high",
    applies=lambda subject: None if _counts_of(subject) else "its kinds have no Count",
    twin=None,
)
def a_wider_count_only_widens(subject: Subject, choices: Choices) -> None:
    """A wider count never removes an answer that was possible before.

    It is held to what can say so: Counts in an answer, and answers that ``narrows`` compares.
    """
    history = choices.history()
    claims = [
        (one, name)
        for one in history
        if isinstance(one, Claim)
        for name in count_fields(type(one.event))
    ]
    if not claims:
        return
    claim, name = pick(choices, claims)
    count: Count = getattr(claim.event, name)
    wider = Count(
        low=max(count.low - 1 - choices.number(3), 0),
        best=count.best,
        high=None if count.high is None or choices.number(3) == 2 else count.high + 1,  # noqa: PLR2004 - one in three
    )
    event: Any = claim.event
    wide = [
        attrs.evolve(one, event=attrs.evolve(one.event, **{name: wider}))  # type: ignore[misc]
        if isinstance(one, Claim) and one.event.id == event.id
        and getattr(one.event, name, None) == count
        else one
        for one in history
    ]  # fmt: skip
    answers = subject.answer(wide), subject.answer(history)
    narrower = (
        narrowed(subject, *answers) if subject.powers.narrows is not None else counts_hold(*answers)
    )
    if not narrower:
        finding = Finding(
            {"With a wider count": wide, "With a narrower one": history},
            dict(zip(("Wider", "Narrower"), answers, strict=True)),
        )
        raise a_wider_count_only_widens.broken(subject.name, finding)


def counts_hold(wide: Any, sharp: Any) -> bool:
    """Return whether every Count in an answer holds that in the other; nothing else can say so."""
    if isinstance(wide, Count) and isinstance(sharp, Count):
        return wide.low <= sharp.low and (
            wide.high is None or (sharp.high is not None and sharp.high <= wide.high)
        )
    if isinstance(wide, Mapping) and isinstance(sharp, Mapping):
        return all(counts_hold(wide[key], sharp[key]) for key in wide.keys() & sharp.keys())
    if type(wide) is type(sharp) and attrs.has(type(wide)):
        names = [field.name for field in attrs.fields(type(wide))]
        return all(counts_hold(getattr(wide, name), getattr(sharp, name)) for name in names)
    return True


def count_fields(kind: Any) -> tuple[str, ...]:
    """Return the names of a kind's fields that are a Count."""
    return _count_fields(kind)


@lru_cache(maxsize=256)
def _count_fields(kind: Any) -> tuple[str, ...]:
    return tuple(name for name, hint in field_hints(kind).items() if hint is Count)


def _counts_of(subject: Subject) -> list[str]:
    return [name for kind in subject.sample.handlers if kind.kind for name in count_fields(kind)]


@law(
    cause="something is read out of ids: a source, a number, an order, a length",
    mend="put into fields of the event what matters about it, and compare ids for equality alone",
    twin=sabotage.counts_letters_of_ids,
)
def ids_are_only_names(subject: Subject, choices: Choices) -> None:
    """Other ids for the same events, in the same order, change no answer but the ids in it."""
    history = choices.history()
    if any(
        isinstance(one, Void)
        or (isinstance(one, Claim) and one.replaces)
        or (isinstance(one, Retraction) and one.target is not None)
        for one in history
    ):
        return  # what is referred to by a hash of its content would have another name
    if any(_tied(account) for account in resolve(history)):
        return
    names = {one.event.id: f"{_PREFIX}{one.event.id}" for one in history if isinstance(one, Claim)}
    renamed: list[Said] = []
    targets: dict[str, str] = {}
    for one in history:
        new: Any = one
        if isinstance(one, Claim):
            event: Any = attrs.evolve(one.event, id=names[one.event.id])  # type: ignore[misc]
            new = attrs.evolve(one, event=event, id="")
        elif isinstance(one, Retraction):
            new = attrs.evolve(one, event_id=names.get(one.event_id, one.event_id), id="")
        targets[one.id] = new.id
        renamed.append(new)
    _hold_ordered(subject, history)
    asked = question(choices, history)
    answers = subject.answer(history, *asked), subject.answer(renamed, *asked)
    if subject.same(*answers) or without_ids(answers[0]) == without_ids(answers[1]):
        return
    agree(
        ids_are_only_names,
        subject,
        Run("With these ids", history, answers[0]),
        Run("With others", renamed, answers[1]),
        asked=str(asked),
    )


def _hold_ordered(subject: Subject, history: Sequence[Said]) -> None:
    """Hold two events, of which one certainly came first, to any ids: the other's too."""
    events = list({one.event.id: one.event for one in history if isinstance(one, Claim)}.values())
    if len(events) < 2:  # noqa: PLR2004 - a pair
        return
    times = When(lo=_BASE, hi=_BASE + 1), When(lo=_BASE + _DAY, hi=_BASE + _DAY + 1)
    names = f"{_PREFIX}1", f"{_PREFIX}2"
    one, other = (
        [
            _SOURCE.says(_at(attrs.evolve(event, id=name), time))  # type: ignore[misc]
            for event, name, time in zip(events[-2:], given, times, strict=True)
        ]
        for given in (names, names[::-1])
    )
    answers = subject.answer(one), subject.answer(other)
    turned = text(answers[1]).replace(names[0], "#").replace(names[1], names[0])
    if not subject.same(*answers) and without_ids(answers[0]) != without_ids(
        Worded(turned.replace("#", names[1]))
    ):
        agree(ids_are_only_names, subject, Run("With these ids", one, answers[0]),
              Run("With those of each other", other, answers[1]))  # fmt: skip


def _tied(account: Account) -> bool:
    """Whether nobody knows which of two claims was published last."""
    times = [claim.published for claim in account.claims]
    return any(
        Certainty.CERTAIN not in (one.before(other), other.before(one))
        for one, other in combinations(times, 2)
    )


_PREFIX = "renamed-"
_DIGEST = re.compile(r"[0-9a-f]{8,}|b'.*?'|\b\d{9,}\b")


def without_ids(answer: Any, added: str = _PREFIX) -> list[str]:
    """Return an answer as text in which ids have their old names, and what hashes them none.

    ``added`` is what was added to them.
    """
    words = _DIGEST.sub("#", text(answer).replace(added, ""))
    return sorted(re.split(r"[,({})\[\]]", words.replace(" ", "")))


def same_without_ids(one: Any, other: Any) -> bool:
    """Return whether two answers say the same, but for ids and hashes of contents."""
    return without_ids(one) == without_ids(other)
