"""The laws of arrival: late, doubled, corrected and withdrawn news can't fool an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import attrs

from timeline.claims import Claim, Report, Said, Void, make_claim
from timeline.log import Log
from timeline.testing.choices import Choices, cuts, order, pick
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Run, Subject, agree, law
from timeline.testing.laws.question_choices import DESK, Question, question
from timeline.times import When

__all__ = [
    "arrival_order_is_irrelevant",
    "duplicates_change_nothing",
    "the_past_stays_as_it_was_known",
    "what_was_retracted_is_gone",
    "what_was_voided_never_was",
]

_FIRST = datetime(2022, 9, 1, tzinfo=UTC)
_SHOWN = "%Y-%m-%d %H:%M"
_DAY = 86_400_000_000


def _followed(
    name: str,
    subject: Subject,
    batches: Sequence[Sequence[Said]],
    asked: Question,
    *,
    every: timedelta,
) -> Run:
    """A run in which one projection is asked after each batch that arrives."""
    recorded = [
        f"{_FIRST + turn * every:{_SHOWN}}" for turn, batch in enumerate(batches) for _ in batch
    ]
    said = [said for batch in batches for said in batch]
    return Run(name, said, subject.followed(batches, *asked), recorded)


@law(
    cause="something is remembered outside the state, from one event or question to the next",
    mend="keep everything in the state that the handlers give back",
    twin=sabotage.remembers,
)
def arrival_order_is_irrelevant(subject: Subject, choices: Choices) -> None:
    """Whatever the order in which claims arrive, the answer in the end is the same.

    So it is in whatever batches they come, and whatever was asked in between.
    """
    history = choices.history()
    asked = question(choices, history)
    other = order(choices, history)
    batches = cuts(choices, other)
    every = timedelta(hours=7)
    at_once = [f"{_FIRST:{_SHOWN}}"] * len(history)
    agree(
        arrival_order_is_irrelevant,
        subject,
        Run("All at once", history, subject.followed([history], *asked), at_once),
        _followed("Bit by bit, and asked each time", subject, batches, asked, every=every),
        asked=str(asked),
    )


@law(
    cause="what was said is counted outside the state, where it is found again",
    mend="keep everything in the state; let the event's id say which event it is",
    twin=sabotage.remembers,
)
def duplicates_change_nothing(subject: Subject, choices: Choices) -> None:
    """A claim that is delivered again, however late, changes nothing."""
    history = choices.history()
    asked = question(choices, history)
    twice = list(history)
    for said in history:
        if not choices.number(2):
            # Anywhere behind the first time, the end for the simplest choices.
            first = twice.index(said)
            twice.insert(len(twice) - choices.number(len(twice) - first), said)
    batches = [history, twice]
    agree(
        duplicates_change_nothing,
        subject,
        Run("Said once", history, subject.followed([history], *asked)),
        _followed("Said again", subject, batches, asked, every=timedelta(hours=1)),
        asked=str(asked),
    )


@law(
    cause="an answer depends on something outside the events that were known",
    mend="take everything from the events handed in, and remember nothing on the class or outside",
    twin=sabotage.remembers,
)
def the_past_stays_as_it_was_known(subject: Subject, choices: Choices) -> None:
    """What is appended later never changes what was answered with an earlier ``known``."""
    history = choices.history()
    if choices.number(2):
        return  # one history in two: it takes a log, which takes longer than all else
    asked = question(choices, history)
    first = choices.number(len(history) + 1)
    log = Log()
    log.append(*history[:first])
    known = log.head
    projection = subject.make()
    before = log.ask(projection, known=known, **asked.arguments)
    log.append(*history[first:])
    log.ask(projection, **asked.arguments)
    after = log.ask(projection, known=known, **asked.arguments)
    agree(
        the_past_stays_as_it_was_known,
        subject,
        Run("Asked when this was known", history[:first], before),
        Run("Asked of the same once this was known", history, after),
        asked=f"known={known} {asked}".rstrip(),
    )


_BEHIND = "what was taken back left something behind outside the state"
_UNDO = "keep everything in the state, and undo nothing yourself: the log folds what stands"


@law(cause=_BEHIND, mend=_UNDO, twin=sabotage.remembers)
def what_was_voided_never_was(subject: Subject, choices: Choices) -> None:
    """A log with an entry and its void answers like a log without either, whichever came first.

    Voiding the void restores the entry.
    """
    history = choices.history()
    if not history:
        return
    asked = question(choices, history)
    target = pick(choices, history)
    if any(isinstance(one, Void) and one.target == target.id for one in history):
        return  # it is voided already
    void = DESK.voids(target, because="typed twice")
    # At the end for the simplest choices, in front of its target for others.
    place = len(history) - choices.number(len(history) + 1)
    before, after = history[:place], history[place:]
    batches: list[tuple[Said, ...]] = [before, (void, *after)]
    without = tuple(one for one in history if one.id != target.id)
    if choices.number(2):
        again = DESK.voids(void, because="it was right after all")
        # The second void may come before the first, too.
        batches = [(again, *before), (void, *after)] if choices.number(2) else [*batches, (again,)]
        without = history
    agree(
        what_was_voided_never_was,
        subject,
        Run("Never said", without, subject.answer(without, *asked)),
        Run("Said and voided", sum(batches, ()), subject.followed(batches, *asked)),
        asked=str(asked),
    )


@law(cause=_BEHIND, mend=_UNDO, twin=sabotage.remembers)
def what_was_retracted_is_gone(subject: Subject, choices: Choices) -> None:
    """Once a source retracts an event, it is as if it had made no claim about it up to then.

    What it says again later counts. A claim that it replaces is gone, too.
    """
    history = choices.history()
    claims = [one for one in history if isinstance(one, Claim)]
    if not claims:
        return
    asked = question(choices, history)
    target = pick(choices, claims)
    taken, added = (_retracting, _replacing)[choices.number(2)](choices, claims, target)
    # Added at the end for the simplest choices, each anywhere for others.
    place = len(history) - choices.number(len(history) + 1)
    before, after = history[:place], history[place:]
    without = [one for one in history if one.id not in taken]
    kept = [one for one in added if isinstance(one, Claim)]
    agree(
        what_was_retracted_is_gone,
        subject,
        Run("Never said", (*without, *kept), subject.answer((*without, *kept), *asked)),
        Run(
            "Said and taken back",
            (*before, *added, *after),
            subject.followed([before, (*added, *after)], *asked),
        ),
        asked=str(asked),
    )


def _retracting(
    choices: Choices, claims: Sequence[Claim], target: Claim
) -> tuple[set[str], list[Said]]:
    """A source retracts the target's event, and may say it again: what falls, what is said."""
    until = target.published.hi
    if until is None:
        return set(), []  # an undated retraction has rules of its own
    report = Report(target.source, published=When(hi=until))
    falls = [
        one
        for one in claims
        if one.source == target.source
        and one.event.id == target.event.id
        and _starts_by(one.published, until)
    ]
    if any(one.replaces for one in falls):
        return set(), []  # what a claim replaced doesn't come back when it falls
    said: list[Said] = [report.retracts(target.event.id, because="it didn't happen")]
    if choices.number(2):
        later = Report(target.source, published=When(lo=until, hi=until + _DAY))
        said.insert(choices.number(2), make_claim(later, "says", target.event))
    return {one.id for one in falls}, said


def _replacing(
    choices: Choices, claims: Sequence[Claim], target: Claim
) -> tuple[set[str], list[Said]]:
    """A source replaces the target, by another event or a version of its own: what falls."""
    event = pick(choices, claims).event
    # Whatever the target replaced stays fallen: its replacement takes these over.
    report = Report(target.source, published=target.published, title="a correction")
    replacement = make_claim(report, "says", event, replaces=[target])
    replaces = tuple(sorted({target.id, *target.replaces}))
    return {target.id}, [attrs.evolve(replacement, replaces=replaces, id="")]


def _starts_by(time: When, end: int | None) -> bool:
    return time.lo is None or end is None or time.lo < end
