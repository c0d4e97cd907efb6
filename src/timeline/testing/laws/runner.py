"""Tries the laws of projections on one: what is drawn for it, and how it came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from timeline.claims import Claim, Report, Retraction, Said, Void
from timeline.errors import LawError, ProjectionError
from timeline.events import Event
from timeline.importers import IMPORTED, read_jsonl
from timeline.kinds import KINDS
from timeline.log import Log
from timeline.projection import Projection
from timeline.testing import strategies
from timeline.testing.corpus import small_histories
from timeline.testing.harvest import harvested
from timeline.testing.laws import law_suite
from timeline.testing.laws.base import Finding, Law, LawReport, Run, Subject, agree, law
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.question_choices import question
from timeline.testing.laws.totality_laws import handlers_accept_every_event
from timeline.testing.report_text import shortened, text
from timeline.testing.strategies.histories import narrow_history, wide_history
from timeline.testing.strategies.values import day

__all__ = ["Histories", "sameness", "stretches", "trial", "verify"]

Histories = st.SearchStrategy[Sequence[Said]]

_POOL = 40  # events drawn for each kind, of which histories are composed
_WIDE = 36  # composed histories that every run tries
_STRETCH = 40  # entries of a real log that are tried at once
_SOURCES = ("ISW", "Reuters", "TASS")


def _claimed(histories: Histories, sample: Projection[Any]) -> st.SearchStrategy[Event]:
    """The events that histories are about and a projection handles."""

    def handled(history: Sequence[Said]) -> list[Event]:
        events = [one.event for one in history if isinstance(one, Claim)]
        return [event for event in events if sample.handler(type(event)) is not None]

    return histories.map(handled).filter(bool).map(lambda found: found[0])


def trial(
    make: Callable[[], Projection[Any]],
    *,
    histories: Histories | None = None,
    events: Sequence[st.SearchStrategy[Event]] | None = None,
    equal: Callable[[Any, Any], bool] | None = None,
    skip: Mapping[str, str] | None = None,
    laws: Sequence[Any] = (),
) -> law_suite.LawSuite[Subject]:
    """Return a projection with its laws and what they are tried on; arguments as for ``verify``."""
    if isinstance(make, Projection):
        name = type(make).__name__
        raise ProjectionError(
            f"a law needs fresh projections: give {name}, or a function such as "
            f"lambda: {name}(…), not one that is made already"
        )
    subject = Subject(make, equal)
    # Where it handles every kind, the library's.
    kinds = [kind for kind in subject.sample.handlers if kind.kind] or list(KINDS)
    if events is not None:
        drawn: Sequence[st.SearchStrategy[Any]] = events
    elif histories is not None:
        drawn = [_claimed(histories, subject.sample)]
    else:
        drawn = [strategies.events(kind) for kind in kinds]

    def small() -> list[tuple[Said, ...]]:
        corpus = small_histories(drawn)
        if not any(subject.counted(history) for history in corpus):
            raise LawError(
                f"no events could be drawn that {subject.name} handles, so nothing was tried; "
                "give histories= and events= strategies of your own"
            )
        return corpus

    def constant(corpus: Sequence[tuple[Said, ...]]) -> str | None:
        answers = {text(subject.answer(history)) for history in corpus}
        if len(answers) > 1:
            return None
        return f"every history gave the same answer, {shortened(answers.pop(), 60)}; give events="

    composer = None if histories is not None else _Composer(drawn, own=events is not None)
    if composer is not None:
        composer.words = harvested(make, subject.sample)
    return law_suite.LawSuite(
        name=subject.name,
        home=f"{make.__module__}/{getattr(make, '__qualname__', '')}/{subject.name}",
        subject=subject,
        laws=(*LAWS, *(law if isinstance(law, Law) else _own(law) for law in laws)),
        histories=st.just(()) if histories is None else histories,
        small=small,
        does="on a history that is possible, the projection raises",
        skip=skip or {},
        compose=composer,
        wide=() if composer is None else range(2**20, 2**20 + _WIDE),
        totality=handlers_accept_every_event,
        constant=constant,
        kinds=kinds,
    )


class _Composer:
    """Makes a history from a number, of events that Hypothesis drew once."""

    def __init__(self, drawn: Sequence[st.SearchStrategy[Any]], *, own: bool) -> None:
        self._drawn = drawn
        self._own = own
        self._pools: list[list[Event]] = []
        self._reports = [
            Report(source, published=day(number)) for source in _SOURCES for number in range(8)
        ] + [Report(source) for source in _SOURCES]
        self.words = strategies.Vocabulary()

    def __call__(self, number: int) -> tuple[Said, ...]:
        if not self._pools:
            self._pools = [pool for pool in map(_sample, self._drawn) if pool]
        rng = Random(number)  # noqa: S311 - no secret
        choose = rng.randrange
        # Often all of one kind, so that several bear on one state.
        pools = self._pools if rng.random() < 0.4 else [rng.choice(self._pools)]  # noqa: PLR2004 - two in five

        def event() -> Event:
            return rng.choice(rng.choice(pools))

        if number % 3 == 0:
            return tuple(narrow_history(choose, event, lambda: rng.choice(self._reports), 8))
        most, stop = ((60, 40), (24, 16), (12, 9))[rng.choice((0, 1, 2, 2, 2, 2))]
        return tuple(
            wide_history(choose, event, words=self.words, most=most, stop=stop, as_drawn=self._own)
        )


def _sample(events: st.SearchStrategy[Event]) -> list[Event]:
    """Events of a strategy, the same on every run."""
    found: list[Event] = []

    @settings(
        max_examples=_POOL,
        database=None,
        derandomize=True,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(events)
    def draw(event: Event) -> None:
        found.append(event)

    try:
        draw()
    except Unsatisfiable:
        return []
    return found


def _own(run: Callable[[Callable[..., Any], Log], None]) -> Law[Subject]:
    """A law of a user's own: a function of ``ask``, which asks a log, and of a log."""

    def held(subject: Subject, choices: Any) -> None:
        history = choices.history()

        def ask(changed: Log, **arguments: Any) -> Any:
            return changed.ask(subject.make(), **arguments)

        log = Log()
        for one in history:
            log.append(one)
        try:
            run(ask, log)
        except AssertionError as error:
            raise made.broken(subject.name, Finding(
                {"Said": history}, {"It says": error}, parting=False)) from error  # fmt: skip

    held.__name__ = held.__qualname__ = run.__name__
    held.__doc__ = run.__doc__
    made: Law[Subject] = Law(held, cause="what your own law says", mend="see the law")
    return made


def stretches(log: Log | Iterable[str]) -> Histories:
    """Return a strategy for stretches of a real log, in whatever order they arrive."""
    said = [entry.claim for entry in _entries(log)]
    real = [one for one in said if isinstance(one, Claim | Retraction | Void)]
    if not real:
        raise LawError("the log holds nothing that was said; give one with entries")

    @st.composite
    def drawn(draw: st.DrawFn) -> tuple[Said, ...]:
        start = draw(st.integers(0, len(real) - 1))
        some = real[start : start + draw(st.integers(1, _STRETCH))]
        return tuple(draw(st.permutations(some)))

    return drawn()


def _entries(log: Log | Iterable[str]) -> Iterable[Any]:
    return log if isinstance(log, Log) else read_jsonl(log, events=IMPORTED)


def sameness(other: Callable[[], Projection[Any]]) -> Law[Subject]:
    """Return the law that a projection answers as another one does, which is its definition."""
    definition = Subject(other)

    @law(cause="one of the two is wrong", mend="ask both about the history that is shown")
    def both_answer_the_same(subject: Subject, choices: Any) -> None:
        """Two projections give the same answer to every history."""
        history = choices.history()
        asked = question(choices, history)
        agree(
            both_answer_the_same,
            subject,
            Run(subject.name, history, subject.answer(history, *asked)),
            Run(definition.name, history, definition.answer(history, *asked)),
            asked=str(asked),
        )

    return both_answer_the_same


def verify(
    make: Callable[[], Projection[Any]],
    *,
    histories: Histories | None = None,
    events: Sequence[st.SearchStrategy[Event]] | None = None,
    equal: Callable[[Any, Any], bool] | None = None,
    skip: Mapping[str, str] | None = None,
    laws: Sequence[Any] = (),
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Try every law on a projection and reports; runs without pytest.

    ``make`` is the projection's class, or a function that makes a fresh one. ``histories`` are
    drawn from ``events``, and these from the kinds that it handles, unless given. ``equal``
    compares two answers where ``==`` isn't meant. ``skip`` maps a law's name to the reason for
    leaving it out; ``only`` names the laws to try. ``examples`` histories are drawn, as many as the
    Hypothesis profile says unless given, and every law is tried on each; ``smoke=True`` is the
    quick profile of about two seconds. The same ``seed`` draws the same. Raises ``ProjectionError``
    for a projection that can't be tried, and ``LawError`` where nothing can be drawn for it, for a
    skip without a reason and for a law that there isn't.
    """
    tried = trial(make, histories=histories, events=events, equal=equal, skip=skip, laws=laws)
    return law_suite.verify(tried, examples=examples, seed=seed, only=only, smoke=smoke)
