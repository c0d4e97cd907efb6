"""The laws of uncertain times: an answer never says more than the sources do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.claims import Claim, Said
from timeline.events import Event
from timeline.testing.choices import Choices, pick
from timeline.testing.laws.base import Finding, Run, Subject, agree, law
from timeline.testing.laws.questions import Question, question
from timeline.times import When

__all__ = ["a_sharper_time_only_narrows", "no_answer_from_an_order_nobody_knows"]


def _follows(one: Account, others: Sequence[Account]) -> bool:
    """Whether it certainly came after one of the others."""
    start = one.when.lo
    return start is not None and any(
        other.when.hi is not None and other.when.hi <= start for other in others
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
    applies=lambda subject: None if subject.has("narrows") else "it has no narrows(wide, sharp)",
)
def a_sharper_time_only_narrows(subject: Subject, choices: Choices) -> None:
    """A sharper time never adds an answer that was impossible before."""
    history = choices.history()
    claims = [one for one in history if isinstance(one, Claim) and _can_halve(one.event.when)]
    if not claims:
        return
    # With a moment, a sharper time lets more happen for certain; only one that weighs times itself
    # can be asked for all that is possible.
    weighs = subject.sample.takes_query_time
    asked = question(choices, history) if weighs else Question(None, "certain")
    blunt = pick(choices, claims).event
    time = _half(blunt.when, choices.number(2))
    sharp = [_retimed(one, blunt, time) for one in history]
    answers = subject.answer(history, *asked), subject.answer(sharp, *asked)
    if not _narrowed(subject, *answers):
        finding = Finding(
            {"With a wide time": history, "With a sharper one": sharp},
            dict(zip(("Wide", "Sharp"), answers, strict=True)),
            str(asked),
        )
        raise a_sharper_time_only_narrows.broken(subject.name, finding)


def _narrowed(subject: Subject, wide: Any, sharp: Any) -> bool:
    narrows = getattr(subject.sample, "narrows")  # noqa: B009 - the law applies where it is there
    if not subject.has("key"):
        return bool(narrows(wide, sharp))
    return sharp.keys() <= wide.keys() and all(narrows(wide[key], sharp[key]) for key in sharp)


def _can_halve(time: When) -> bool:
    bounded = time.lo is not None and time.hi is not None
    return bounded and time.shape == "moment" and (time.hi or 0) - (time.lo or 0) > 1


def _half(time: When, which: int) -> When:
    lo, hi = time.lo or 0, time.hi or 0
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
