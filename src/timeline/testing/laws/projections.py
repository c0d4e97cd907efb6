"""The laws of projections: each compares two different runs that must agree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, NoReturn

import attrs

from timeline.claims import Account, Claim, Report, Said, Void
from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.events import Event, event
from timeline.folding import replay
from timeline.folding.states import States, state_type
from timeline.log import Log
from timeline.standing import Reading
from timeline.testing.choices import Choices, cuts, moment, order, pick
from timeline.testing.laws.base import Finding, Law, Subject
from timeline.testing.processes import answers_elsewhere, elsewhere
from timeline.testing.telling import text
from timeline.testing.world import changed_world
from timeline.times import When

__all__ = ["LAWS"]

LAWS: list[Law[Subject]] = []

_READINGS: tuple[Reading, ...] = ("certain", "possible")
_DESK = Report("the desk", published="2022-01-01")


def _law(cause: str, mend: str, **options: Any) -> Any:
    """Lists a law; the decorated function's docstring is its statement."""

    def listed(run: Any) -> Any:
        LAWS.append(Law(run, cause=cause, mend=mend, **options))
        return run

    return listed


def _fail(subject: Subject, law: Any, finding: Finding) -> NoReturn:
    found = next(one for one in LAWS if one.run is law)
    raise found.broken(subject.name, finding)


def _agree(  # noqa: PLR0913 - two runs and what they were asked
    subject: Subject,
    law: Any,
    one: Any,
    other: Any,
    histories: dict[str, Sequence[Said]],
    *,
    names: tuple[str, str],
    asked: str = "",
    hint: str = "",
) -> None:
    if not subject.same(one, other):
        answers = {names[0]: one, names[1]: other}
        _fail(subject, law, Finding(histories, answers, asked, hint))


def _question(choices: Choices, history: Sequence[Said]) -> tuple[int | None, Reading, str]:
    at = moment(choices, history)
    if at is None:
        return None, "certain", ""
    reading = pick(choices, _READINGS)
    return at, reading, f"at={When(hi=at)}, reading={reading!r}"


@_law(
    cause="a handler or result asks the clock, the time zone, the locale or a random number",
    mend="take times from event.when and everything else from the event",
)
def same_events_same_answer(subject: Subject, choices: Choices) -> None:
    """The same events give the same answer whatever the clock, time zone, locale or random seed,
    so that an answer can be repeated tomorrow and elsewhere."""
    history = choices.history()
    at, reading, asked = _question(choices, history)
    one = subject.answer(history, at, reading)
    with changed_world(choices.number(2)):
        other = subject.answer(history, at, reading)
    _agree(
        subject, same_events_same_answer, one, other, {"Said": history},
        names=("One run", "The same in another place and year"), asked=asked,
    )


@_law(
    cause="an order that comes from hashing: iterating over a set, hash(), id()",
    mend="sort before an order can show, or keep a dict or tuple instead of a set",
    applies=lambda subject: elsewhere(subject.make),
    random=False,
)
def same_answer_in_every_process(subject: Subject, choices: Choices) -> None:
    """Every process gives the same answer, whatever its hash seed, so that two people who ask the
    same log agree."""
    corpus = choices.corpus
    seeds = answers_elsewhere(subject.make, corpus)
    for history, *told in zip(corpus, *seeds.values(), strict=True):
        answers = {f"With PYTHONHASHSEED={s}": answer for s, answer in zip(seeds, told, strict=True)}
        for name, answer in answers.items():
            if answer != told[0]:
                first = f"With PYTHONHASHSEED={next(iter(seeds))}"
                _fail(
                    subject, same_answer_in_every_process,
                    Finding({"Said": history}, {first: told[0], name: answer}),
                )


@_law(
    cause="a handler changes the state or the event in place",
    mend="give back a new state: {**state, key: value}, (*state, item), attrs.evolve(state, …)",
)
def a_step_changes_nothing_it_was_given(subject: Subject, choices: Choices) -> None:
    """A step leaves the old state and the event as they were, and two starts are independent;
    otherwise one question changes the answer to the next."""
    history = choices.history()
    for group in subject.by_key(subject.counted(history)).values():
        projection = subject.make()
        start = text(projection.start)
        states, told = [projection.start], [start]
        events, events_told = [], []
        for account in group:
            events.append(account.event)
            events_told.append(text(account.event))
            states.append(replay.fold(projection, [account], states[-1]))
            told.append(text(states[-1]))
        now = [text(state) for state in states] + [text(one) for one in events]
        before = told + events_told
        changed = next((i for i, was in enumerate(before) if now[i] != was), None)
        fresh = text(subject.make().start)
        if changed is not None or fresh != start:
            answers = (
                {"A fresh start before": start, "A fresh start after": fresh}
                if changed is None
                else {"As it was given": before[changed], "As it was left": now[changed]}
            )
            _fail(subject, a_step_changes_nothing_it_was_given, Finding({"Said": history}, answers))


@_law(
    cause="something is remembered from one event to the next outside the state",
    mend="keep everything in the state that the handlers give back",
)
def late_news_is_as_good_as_early(subject: Subject, choices: Choices) -> None:
    """Whatever the order in which claims arrive, the answer in the end is the same."""
    history = choices.history()
    other = order(choices, history)
    at, reading, asked = _question(choices, history)
    answers = []
    for arrival in (history, other):
        log = Log()
        for said in arrival:
            log.append(said)
        answers.append(subject.answer((entry.claim for entry in log), at, reading))
    _agree(
        subject, late_news_is_as_good_as_early, *answers,
        {"One order of arrival": history, "Another": other},
        names=("One order", "The other"), asked=asked,
    )


@_law(
    cause="events are counted outside the state, where a second run finds them again",
    mend="keep everything in the state; let the event's id say which event it is",
)
def hearing_it_twice_changes_nothing(subject: Subject, choices: Choices) -> None:
    """A claim that is delivered again, however late, changes nothing."""
    history = choices.history()
    twice = list(history)
    for said in history:
        if choices.number(2):
            place = choices.number(len(twice) + 1)
            twice.insert(place, said)
    at, reading, asked = _question(choices, history)
    log = Log()
    for said in twice:
        log.append(said)
    _agree(
        subject, hearing_it_twice_changes_nothing,
        subject.answer(history, at, reading),
        subject.answer((entry.claim for entry in log), at, reading),
        {"Heard once": history, "Heard again": twice}, names=("Heard once", "Heard again"),
        asked=asked,
    )


@_law(
    cause="something is kept on self, on the class or in the module, where a fresh runner lacks it",
    mend="keep everything in the state that the handlers give back",
)
def kept_equals_replayed(subject: Subject, choices: Choices) -> None:
    """A fold that is interrupted anywhere and taken up by a fresh runner gives the same answer as
    one that runs through."""
    history = choices.history()
    whole: dict[Any, Any] = {}
    pieces: dict[Any, Any] = {}
    at, reading, asked = _question(choices, history)
    for key, group in subject.by_key(subject.counted(history, at, reading)).items():
        runner = subject.make()
        whole[key] = subject.finish(replay.fold(runner, group, runner.start), at)
        state = subject.make().start
        for piece in cuts(choices, group):
            state = replay.fold(subject.make(), piece, state)
        pieces[key] = subject.finish(state, at)
    _agree_by_key(subject, kept_equals_replayed, whole, pieces, history,
                  names=("Run through", "Taken up by fresh runners"), asked=asked)


def _agree_by_key(  # noqa: PLR0913 - as _agree
    subject: Subject, law: Any, one: dict[Any, Any], other: dict[Any, Any],
    history: Sequence[Said], *, names: tuple[str, str], asked: str = "",
) -> None:
    if not subject.has("key"):
        one, other = one.get(None), other.get(None)  # type: ignore[assignment]
    _agree(subject, law, one, other, {"Said": history}, names=names, asked=asked)


def _storable(subject: Subject) -> str | None:
    try:
        _states(subject)
    except (ProjectionError, NameError) as error:
        return str(error)
    return None


def _states(subject: Subject) -> States:
    kinds = [kind for kind in subject.sample.handlers if kind.kind]
    return States(state_type(type(subject.sample)), Codec(kinds))


@_law(
    cause="the state holds something that its declared type doesn't say, or that has no JSON",
    mend="declare the state's true type in Projection[…], and keep plain and attrs values in it",
    applies=_storable,
)
def a_stored_state_resumes(subject: Subject, choices: Choices) -> None:
    """A state that is written down and read back in a new runner goes on as if nothing had
    happened."""
    history = choices.history()
    states = _states(subject)
    at, reading, asked = _question(choices, history)
    whole: dict[Any, Any] = {}
    resumed: dict[Any, Any] = {}
    for key, group in subject.by_key(subject.counted(history, at, reading)).items():
        runner = subject.make()
        whole[key] = subject.finish(replay.fold(runner, group, runner.start), at)
        state = subject.make().start
        for piece in cuts(choices, group):
            try:
                state = states.load(states.dump(replay.fold(subject.make(), piece, state)))
            except ProjectionError as error:
                _fail(subject, a_stored_state_resumes,
                      Finding({"Said": history}, {"The state": state}, asked, str(error)))
        resumed[key] = subject.finish(state, at)
    _agree_by_key(subject, a_stored_state_resumes, whole, resumed, history,
                  names=("Run through", "Written and read back"), asked=asked)


@_law(
    cause="an answer depends on something outside the events that were known",
    mend="take everything from the events handed in",
)
def the_past_stays_as_it_was_known(subject: Subject, choices: Choices) -> None:
    """What is appended later never changes what was answered with an earlier ``known``."""
    history = choices.history()
    log = Log()
    first = choices.number(len(history) + 1)
    log.append(*history[:first])
    head = log.head
    at, reading, asked = _question(choices, history)
    question: dict[str, Any] = {"known": head, "reading": reading}
    if at is not None:
        question["at"] = When(hi=at)
    before = log.ask(subject.make(), **question)
    log.append(*history[first:])
    after = log.ask(subject.make(), **question)
    _agree(
        subject, the_past_stays_as_it_was_known, before, after,
        {"Known first": history[:first], "Appended later": history[first:]},
        names=("Asked then", "Asked later"), asked=f"known={head} {asked}",
    )


@_law(
    cause="what was taken back left something behind outside the state",
    mend="keep everything in the state, and undo nothing yourself: the log folds what stands",
)
def what_was_voided_never_was(subject: Subject, choices: Choices) -> None:
    """A log with an entry and its void answers like a log without either, whichever came first;
    voiding the void restores it."""
    history = choices.history()
    if not history:
        return
    target = pick(choices, history)
    if any(isinstance(one, Void) and one.target == target.id for one in history):
        return  # it is voided already
    void = _DESK.voids(target, because="typed twice")
    again = _DESK.voids(void, because="it was right after all")
    at, reading, asked = _question(choices, history)
    place = choices.number(len(history) + 1)
    voided = [*history[:place], void, *history[place:]]
    restored = choices.number(2)
    if restored:
        voided.insert(choices.number(len(voided) + 1), again)
    without = history if restored else [one for one in history if one.id != target.id]
    _agree(
        subject, what_was_voided_never_was,
        subject.answer(without, at, reading), subject.answer(voided, at, reading),
        {"Never said": without, "Said and voided": voided},
        names=("Never said", "Said and voided"), asked=asked,
    )


@_law(
    cause="what was taken back left something behind outside the state",
    mend="keep everything in the state, and undo nothing yourself: the log folds what stands",
)
def what_was_retracted_is_gone(subject: Subject, choices: Choices) -> None:
    """Once a source retracts an event, the answer is that of a log without its claims about it up
    to then; and a claim that is replaced is gone."""
    history = choices.history()
    claims = [one for one in history if isinstance(one, Claim)]
    if not claims:
        return
    target = pick(choices, claims)
    report = Report(target.source, published=When(hi=target.published.hi))
    taken = [
        one for one in claims
        if one.source == target.source and one.event.id == target.event.id
        and _starts_before(one.published, report.published)
    ]
    # Voids and retractions of what is left out, and what it replaced, stay as they are.
    if any(one.replaces for one in taken):
        return
    at, reading, asked = _question(choices, history)
    retraction = report.retracts(target.event.id, because="it didn't happen")
    place = choices.number(len(history) + 1)
    retracted = [*history[:place], retraction, *history[place:]]
    without = [one for one in history if one not in taken]
    _agree(
        subject, what_was_retracted_is_gone,
        subject.answer(without, at, reading), subject.answer(retracted, at, reading),
        {"Never said": without, "Said and retracted": retracted},
        names=("Never said", "Said and retracted"), asked=asked,
    )


def _starts_before(time: When, other: When) -> bool:
    return time.lo is None or other.hi is None or time.lo < other.hi


def _another_order(choices: Choices, accounts: Sequence[Account]) -> list[Account]:
    """Another linear extension of the interval order, built by taking any minimal account."""
    left = list(accounts)
    taken = []
    while left:
        minimal = [
            index for index, one in enumerate(left)
            if not any(
                other.when.hi is not None and one.when.lo is not None
                and other.when.hi <= one.when.lo
                for other in left
            )
        ]
        taken.append(left.pop(minimal[choices.number(len(minimal))]))
    return taken


@_law(
    cause="the last of two events wins although the sources don't say which came last",
    mend="answer with what is uncertain, as Control does; or fold so that the order is irrelevant",
)
def no_answer_from_an_order_nobody_knows(subject: Subject, choices: Choices) -> None:
    """Where the sources leave two events unordered, the answer is the same under either order, or
    says what is uncertain."""
    history = choices.history()
    at, reading, asked = _question(choices, history)
    one: dict[Any, Any] = {}
    other: dict[Any, Any] = {}
    shown: dict[str, Sequence[Said]] = {"Said": history}
    for key, group in subject.by_key(subject.counted(history, at, reading)).items():
        runner = subject.make()
        one[key] = subject.finish(replay.fold(runner, group, runner.start), at)
        swapped = _another_order(choices, group)
        runner = subject.make()
        other[key] = subject.finish(replay.fold(runner, swapped, runner.start), at)
        if swapped != group:
            shown = {
                "In this order": [account.claims[-1] for account in group],
                "Or, no less likely, in this": [account.claims[-1] for account in swapped],
            }
            if not subject.same(one[key], other[key]):
                break
    if not subject.has("key"):
        one, other = one.get(None), other.get(None)  # type: ignore[assignment]
    _agree(
        subject, no_answer_from_an_order_nobody_knows, one, other, shown,
        names=("In one order", "In the other"), asked=asked,
    )


@_law(
    cause="the answer guesses where the times are wide, and guesses otherwise where they are sharp",
    mend="answer with everything that is possible, and let sharper times leave less of it",
    applies=lambda subject: None if subject.has("narrows") else "it has no narrows(wide, sharp)",
)
def a_sharper_time_only_narrows(subject: Subject, choices: Choices) -> None:
    """A sharper time never adds an answer that was impossible before."""
    history = choices.history()
    claims = [one for one in history if isinstance(one, Claim) and _width(one.event.when) > 1]
    if not claims:
        return
    blunt = pick(choices, claims)
    when = blunt.event.when
    assert when.lo is not None and when.hi is not None  # noqa: S101, PT018 - _width saw to it
    half = (when.lo + when.hi) // 2
    bounds = ((when.lo, half), (half, when.hi))[choices.number(2)]
    sharp_when = When(lo=bounds[0], hi=bounds[1], zone=when.zone)
    sharp = [_retimed(one, blunt.event, sharp_when) for one in history]
    at, reading, asked = _question(choices, history)
    wide_answer, sharp_answer = subject.answer(history, at, reading), subject.answer(sharp, at, reading)
    narrows = subject.sample.narrows  # type: ignore[attr-defined]
    if subject.has("key"):
        fine = sharp_answer.keys() <= wide_answer.keys() and all(
            narrows(wide_answer[key], sharp_answer[key]) for key in sharp_answer
        )
    else:
        fine = narrows(wide_answer, sharp_answer)
    if not fine:
        _fail(
            subject, a_sharper_time_only_narrows,
            Finding(
                {"With a wide time": history, "With a sharper one": sharp},
                {"Wide": wide_answer, "Sharp": sharp_answer}, asked,
            ),
        )


def _width(when: When) -> int:
    return 0 if when.lo is None or when.hi is None or when.shape != "moment" else when.hi - when.lo


def _retimed(said: Said, blunt: Event, when: When) -> Said:
    """The same said of the same event (by id) with another time, for every version of that time."""
    if isinstance(said, Claim) and said.event.id == blunt.id and said.event.when == blunt.when:
        return attrs.evolve(said, event=attrs.evolve(said.event, when=when), id=said.id)
    return said


@_law(
    cause="what happens to one key is remembered where the next key finds it",
    mend="keep everything in the state of the key; share nothing on self or the class",
    applies=lambda subject: None if subject.has("key") else "it has no key(event)",
)
def keys_mind_their_own_business(subject: Subject, choices: Choices) -> None:
    """The answer of a key over everything equals that over its own events alone."""
    history = choices.history()
    at, reading, asked = _question(choices, history)
    counted = subject.counted(history, at, reading)
    together = replay.answer(subject.make(), counted, at=at, reading=reading)
    alone = {
        key: replay.answer(subject.make(), group, at=at, reading=reading)[key]
        for key, group in subject.by_key(counted).items()
    }
    _agree(
        subject, keys_mind_their_own_business, together, alone, {"Said": history},
        names=("All keys together", "Each key alone"), asked=asked,
    )


@_law(
    cause="merge isn't the fold of both stretches: it forgets, doubles or swaps, or start adds to it",
    mend="make merge(fold(xs), fold(ys)) equal fold(xs + ys), with start as what changes nothing",
    applies=lambda subject: None if subject.has("merge") else "it has no merge(a, b)",
)
def merging_is_folding(subject: Subject, choices: Choices) -> None:
    """Merging the folds of two stretches is the fold of both; start changes nothing, and grouping
    is irrelevant."""
    history = choices.history()
    at, reading, asked = _question(choices, history)
    for group in subject.by_key(subject.counted(history, at, reading)).values():
        projection: Any = subject.make()
        pieces = cuts(choices, group)
        folded = [replay.fold(subject.make(), piece, projection.start) for piece in pieces]
        runner = subject.make()
        whole = replay.fold(runner, group, runner.start)
        merged = {
            "Merged from the left": reduce(projection.merge, folded, projection.start),
            "Merged from the right": reduce(
                lambda right, left: projection.merge(left, right), reversed(folded), projection.start
            ),
        }
        for name, state in merged.items():
            _agree(
                subject, merging_is_folding, subject.finish(whole, at), subject.finish(state, at),
                {"Said": history}, names=("Folded at once", name), asked=asked,
            )


@event("stranger/1")
class Stranger(Event):
    """An event of a kind that no projection but one on ``Event`` itself has heard of."""

    word: str = "hello"


@_law(
    cause="events that nobody asked for get into the fold, through key or a handler for too much",
    mend="hear the kinds that you mean, each with its @on",
    applies=lambda subject: (
        "it hears every kind" if subject.sample.handler(Stranger) is not None else None
    ),
)
def strangers_are_ignored(subject: Subject, choices: Choices) -> None:
    """An event of a kind that the projection doesn't hear changes nothing, so that kinds can be
    added to a log later."""
    history = choices.history()
    place = choices.number(len(history) + 1)
    stranger = _DESK.says(Stranger(when="2022-01-01"))
    mixed = [*history[:place], stranger, *history[place:]]
    at, reading, asked = _question(choices, history)
    _agree(
        subject, strangers_are_ignored,
        subject.answer(history, at, reading), subject.answer(mixed, at, reading),
        {"Without a stranger": history, "With one": mixed},
        names=("Without a stranger", "With one"), asked=asked,
    )


@_law(
    cause="result changes the state it is shown, or can't take the start",
    mend="let result build a new value, and answer for an empty log too",
)
def asking_changes_nothing(subject: Subject, choices: Choices) -> None:
    """Asking leaves the state as it was, answers for an empty log, and the fold goes on as if
    nobody had asked."""
    history = choices.history()
    at, reading, asked = _question(choices, history)
    accounts = subject.counted(history, at, reading)
    subject.finish(subject.make().start, at)
    for group in subject.by_key(accounts).values():
        runner = subject.make()
        quiet = subject.finish(replay.fold(runner, group, runner.start), at)
        asking = subject.make()
        state = asking.start
        for account in group:
            state = replay.fold(asking, [account], state)
            before = text(state)
            replay.result(asking, state, at)
            if text(state) != before:
                _fail(
                    subject, asking_changes_nothing,
                    Finding({"Said": history},
                            {"Before asking": before, "After asking": text(state)}, asked),
                )
        _agree(
            subject, asking_changes_nothing, quiet, subject.finish(state, at), {"Said": history},
            names=("Asked once at the end", "Asked after every event"), asked=asked,
        )

