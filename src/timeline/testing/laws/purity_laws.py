"""The laws of a pure fold: an answer comes from the events handed in, and nothing else."""

from __future__ import annotations

from itertools import pairwise

from timeline.events import Event, event
from timeline.folding import replay
from timeline.testing.choices import Choices
from timeline.testing.environment import changed_world
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Finding, Run, Subject, agree, law
from timeline.testing.laws.question_choices import DESK, question
from timeline.testing.report_text import Worded, text
from timeline.testing.subprocesses import PROCESSES, Elsewhere, elsewhere
from timeline.time_parsing import when

__all__ = [
    "Stranger",
    "results_are_pure",
    "same_answer_in_every_process",
    "same_events_same_answer",
    "steps_are_pure",
    "unknown_kinds_are_ignored",
]


@law(
    cause="a handler or result asks the clock, the time zone, the locale or a random number",
    mend="take times from event.when and everything else from the event",
    twin=sabotage.asks_the_clock,
)
def same_events_same_answer(subject: Subject, choices: Choices) -> None:
    """The same events give the same answer tomorrow and elsewhere.

    It doesn't change with the clock, the time zone, the locale or the seed of random numbers.
    """
    history = choices.history()
    world = choices.number(2)
    asked = question(choices, history)
    here = subject.answer(history, *asked)
    again = subject.answer(history, *asked)
    agree(
        same_events_same_answer,
        subject,
        Run("Asked here", history, here),
        Run("Asked here once more", history, again),
        asked=str(asked),
        hint="asked twice here, already different: a random number, or something that is remembered"
        " outside the state (on the class, in the module, in a state that is changed in place)",
    )
    with changed_world(world):
        there = subject.answer(history, *asked)
    agree(
        same_events_same_answer,
        subject,
        Run("Asked here", history, here),
        Run("In another place and year", history, there),
        asked=str(asked),
    )


@law(
    cause="an order that comes from hashing: iterating over a set, hash(), id()",
    mend="sort before an order can show, or keep a tuple instead of a set; remember nothing",
    applies=lambda subject: elsewhere(subject.make),
    whole=True,
    begin=lambda subject, corpus, smoke: Elsewhere(
        subject.make, corpus, PROCESSES[-1:] if smoke else PROCESSES
    ),
)
def same_answer_in_every_process(subject: Subject, choices: Choices) -> None:
    """Every process gives the same answer, so that two people who ask the same log agree.

    It doesn't change with the seed of hashes, with what the process was asked before, nor with the
    clock, zone, language and environment in which the projection's module is imported.
    """
    asked: Elsewhere = choices.begun or Elsewhere(subject.make, choices.corpus)
    with asked:
        here = [text(subject.answer(history)) for history in choices.corpus]
        answered = asked.answers()
    # Known seeds come first, so that what is found doesn't hang on this process's own.
    runs = [
        (f"PYTHONHASHSEED={seed}" + ", asked in another order" * backwards, answers)
        for (seed, backwards), answers in zip(asked.processes, answered, strict=True)
    ]
    runs.append(("In this process", here))
    for (name, first), (other, second) in pairwise(runs):
        compared = zip(choices.corpus, first, second, strict=True)
        unlike = [(history, one, two) for history, one, two in compared if one != two]
        if unlike:
            history, one, two = min(unlike, key=lambda found: len(found[0]))
            answers = {name: Worded(one), other: Worded(two)}
            hint = (
                "an order that comes from hashing, or something that is asked of the clock, the "
                "zone, the language or the environment while the module is imported"
            )
            if "order" in name + other:
                hint += ", or that is remembered on the class, in the module or in a cache"
            finding = Finding({"Said": history}, answers, hint=hint)
            raise same_answer_in_every_process.broken(subject.name, finding)


@law(
    cause="a handler changes the state or the event in place",
    mend="give back a new state: {**state, key: value}, (*state, item), attrs.evolve(state, …)",
    twin=sabotage.changes_states,
)
def steps_are_pure(subject: Subject, choices: Choices) -> None:
    """A step leaves the old state and the event as they were, and two starts are independent.

    Otherwise one question changes the answer to the next.
    """
    history = choices.history()
    for group in subject.by_key(subject.counted(history)).values():
        projection = subject.make()
        given = [("The start", projection.start, text(projection.start))]
        state = projection.start
        for number, account in enumerate(group, 1):
            given.append((f"Event {number}", account.event, text(account.event)))
            state = replay.fold(projection, [account], state)
            given.append((f"The state after event {number}", state, text(state)))
        given.append(("A fresh start", subject.make().start, given[0][2]))
        for name, value, before in given:
            if (now := text(value)) != before:
                answers = {
                    f"{name}, as it was": Worded(before),
                    f"{name}, as it is left": Worded(now),
                }
                finding = Finding({"Said": history}, answers)
                raise steps_are_pure.broken(subject.name, finding)


@event("stranger/1")
class Stranger(Event):
    """An event of a kind that no projection but one on ``Event`` itself handles."""

    word: str = "hello"


@law(
    cause="a handler for every Event, or key, counts on fields that only some kinds have",
    mend="handle the kinds that you mean, each with its @on; of any other take id and when alone",
    twin=sabotage.counts_strangers,
)
def unknown_kinds_are_ignored(subject: Subject, choices: Choices) -> None:
    """An event of a kind that the projection doesn't handle changes nothing.

    A projection that handles every kind takes it as it comes.
    """
    history = choices.history()
    place = choices.number(len(history) + 1)
    asked = question(choices, history)
    stranger = DESK.says(Stranger(when=when("2022-01-01"), summary="a stranger"))
    mixed = (*history[:place], stranger, *history[place:])
    without = subject.answer(history, *asked)
    try:
        answer = subject.answer(mixed, *asked)
    except Exception as error:
        finding = Finding(
            {"Said": mixed},
            {"Raised": error},
            str(asked),
        )
        raise unknown_kinds_are_ignored.broken(subject.name, finding) from error
    if subject.sample.handler(Stranger) is None:
        agree(
            unknown_kinds_are_ignored,
            subject,
            Run("Without a stranger", history, without),
            Run("With one", mixed, answer),
            asked=str(asked),
        )


@law(
    cause="result changes the state it is shown, or can't take the start",
    mend="let result build a new value, and answer for an empty log too",
    twin=sabotage.changes_when_asked,
)
def results_are_pure(subject: Subject, choices: Choices) -> None:
    """Asking leaves the state as it was, and the fold goes on as if nobody had asked.

    There is an answer for an empty log, too.
    """
    history = choices.history()
    asked = question(choices, history)
    subject.finish(subject.make().start, asked.at)
    for group in subject.by_key(subject.counted(history, *asked), asked.at).values():
        quiet = subject.finish(subject.folded(group), asked.at)
        asking = subject.make()
        state = asking.start
        for account in group:
            state = replay.fold(asking, [account], state)
            before = text(state)
            replay.result(asking, state, asked.at)
            if (now := text(state)) != before:
                answers = {"Before asking": Worded(before), "After": Worded(now)}
                finding = Finding({"Said": history}, answers, str(asked))
                raise results_are_pure.broken(subject.name, finding)
        agree(
            results_are_pure,
            subject,
            Run("Asked once, at the end", history, quiet),
            Run("Asked after every event", history, replay.result(asking, state, asked.at)),
            asked=str(asked),
        )
