"""Runs laws over the small corpus and over what Hypothesis draws, and says how they came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import inf
from random import Random
from secrets import randbits
from time import perf_counter
from typing import Any

import attrs
from hypothesis import HealthCheck, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException

from timeline.claims import Claim, Said
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.testing import strategies
from timeline.testing.choices import Choices, Drawn, Listed, Told, everything
from timeline.testing.corpus import small_histories
from timeline.testing.laws.base import Broken, Finding, Law, Subject, Verdict
from timeline.testing.laws.projections import LAWS

__all__ = ["LawReport", "Trial", "verify"]

Histories = st.SearchStrategy[Sequence[Said]]

_WAYS = 6  # ways through a law that are tried on each history of the corpus
_SMOKE_WAYS = 3
_SMOKE_EXAMPLES = 10
_PATIENCE = 3.0  # seconds for which a finding is made smaller
_HURRY = 1.0  # seconds for each law once another is broken


@attrs.frozen
class LawReport:
    """What became of every law for one subject; ``str`` tells it to a person."""

    subject: str
    verdicts: tuple[Verdict, ...]

    @property
    def ok(self) -> bool:
        """Whether no law is broken."""
        return not self.falsified

    @property
    def falsified(self) -> tuple[str, ...]:
        """The names of the laws that are broken."""
        return tuple(one.law for one in self.verdicts if one.outcome == "broken")

    def __str__(self) -> str:
        held = sum(one.outcome == "held" for one in self.verdicts)
        lines = [f"{self.subject}: {held} laws hold, {len(self.falsified)} are broken", ""]
        lines += [f"  {one}" for one in self.verdicts]
        told: dict[str, str] = {}
        for one in self.verdicts:
            if one.found is None:
                continue
            # An error is raised under most laws alike: once is enough to read it.
            alike = _alike(one.found)
            lines += ["", "-" * 80]
            if alike and alike in told:
                lines += [f"{one.law} is broken as {told[alike]} is"]
            else:
                lines += [str(one.found)]
                told[alike] = one.law
        return "\n".join(lines)


def _alike(found: BaseException) -> str:
    """What findings share that come down to the same error, nothing for other findings."""
    raised = isinstance(found, Broken) and found.finding.answers.get("Raised")
    return str(raised or "")


class _EnoughError(BaseException):
    """Ends a search; not an Exception, which Hypothesis would take for a finding."""


def _hold(law: Law[Subject], subject: Subject, choices: Choices) -> None:
    """Runs a law once; an error of the projection's own breaks it too."""
    told = Told(choices)
    try:
        law.run(subject, told)
    except (Broken, HypothesisException):
        raise
    except Exception as error:
        name = type(error).__name__
        finding = Finding(
            {"Said": told.last},
            {"Raised": f"{name}: {error}"},
            hint=f"the projection raises {name} on a history that is possible",
        )
        raise law.broken(subject.name, finding) from error


def _given_kinds(subject: Subject) -> tuple[type[Event], ...]:
    """The kinds to draw: those it hears; the four where it hears every kind."""
    kinds = [kind for kind in subject.sample.handlers if kind.kind]
    return tuple(kinds) or KINDS


def _claimed(histories: Histories) -> st.SearchStrategy[Event]:
    """The events that histories are about."""
    claims = histories.map(lambda history: [one for one in history if isinstance(one, Claim)])
    return claims.filter(bool).map(lambda found: found[0].event)


class Trial:
    """A projection, and what its laws are tried on.

    ``make`` is the projection's class, or a function that makes a fresh one. ``histories`` are
    drawn from ``events``, and these from the kinds that it hears, unless given. ``equal`` compares
    two answers where ``==`` isn't meant. ``skip`` maps a law's name to the reason for leaving it
    out. ``ways`` is how many ways through a law are tried on each small history. Raises
    ``ProjectionError`` for a projection that can't be tried, and for a skip without a reason or
    of a law that there isn't.
    """

    def __init__(
        self,
        make: Callable[[], Projection[Any]],
        *,
        histories: Histories | None = None,
        events: Sequence[st.SearchStrategy[Event]] | None = None,
        equal: Callable[[Any, Any], bool] | None = None,
        skip: Mapping[str, str] | None = None,
        ways: int = _WAYS,
    ) -> None:
        if isinstance(make, Projection):
            name = type(make).__name__
            raise ProjectionError(
                f"a law needs fresh projections: give {name}, or a function such as "
                f"lambda: {name}(…), not one that is made already"
            )
        self.subject = Subject(make, equal)
        self.skip = _reasons(skip or {})
        self._ways = ways
        self._given_histories = histories
        self._given_events = events

    @property
    def name(self) -> str:
        """What reports call the projection."""
        return self.subject.name

    @cached_property
    def _histories(self) -> Histories:
        if self._given_histories is not None:
            return self._given_histories
        if self._given_events is not None:
            return strategies.histories(events=st.one_of(self._given_events))
        return strategies.histories(*_given_kinds(self.subject))

    @cached_property
    def corpus(self) -> list[tuple[Said, ...]]:
        """The small histories, some of which the projection folds.

        Raises ``ProjectionError`` if it hears none: a trial on nothing would pass by default.
        """
        if self._given_events is not None:
            corpus = small_histories(self._given_events)
        elif self._given_histories is not None:
            corpus = small_histories([_claimed(self._given_histories)])
        else:
            kinds = _given_kinds(self.subject)
            corpus = small_histories([strategies.events(kind) for kind in kinds])
        if not any(self.subject.counted(history) for history in corpus):
            raise ProjectionError(
                f"no events could be drawn that {self.name} hears, so nothing was tried; "
                "give histories= and events= strategies of your own"
            )
        return corpus

    def reason(self, law: Law[Subject]) -> tuple[str, str] | None:
        """Gives why a law isn't tried: the outcome and the reason; None if it is."""
        if law.name in self.skip:
            return "skipped", self.skip[law.name]
        absent = law.applies(self.subject)
        return None if absent is None else ("doesn't apply", absent)

    def run(
        self, law: Law[Subject], *, examples: int | None = None, seed: int | None = None
    ) -> None:
        """Tries one law: the whole corpus, then ``examples`` that Hypothesis draws.

        Raises ``Broken`` with the shortest history found.
        """
        self.sweep(law)
        if law.random:
            self.search(law, examples=examples, seed=seed)

    def sweep(self, law: Law[Subject], *, seconds: float = inf) -> None:
        """Tries a law on the corpus alone, the shortest history first. Raises ``Broken``.

        No more is begun after so many seconds.
        """
        started = perf_counter()
        if not law.random:
            _hold(law, self.subject, Listed((), self.corpus))
            return
        for choices in everything(self.corpus, ways=self._ways):
            if perf_counter() - started > seconds:
                return
            _hold(law, self.subject, choices)

    def search(
        self, law: Law[Subject], *, examples: int | None = None, seed: int | None = None
    ) -> None:
        """Tries a law on what Hypothesis draws, and makes a finding small. Raises ``Broken``."""
        seen: list[Broken] = []
        started: list[float] = []

        def tried(data: st.DataObject) -> None:
            if seen and perf_counter() - started[0] > _PATIENCE:
                raise _EnoughError
            try:
                _hold(law, self.subject, Drawn(data, self._histories))
            except Broken as broken:
                started.append(perf_counter())
                seen.append(broken)
                raise

        seed = _seed(seed)
        try:
            self._drawing(tried, law.name, examples, seed)()
        except (Broken, Flaky, _EnoughError):
            if not seen:
                raise  # a strategy of the user's own is flaky
            # The last of the smallest: later ones have simpler values. It is flaky if the answer
            # changes between two runs of the same history, which breaks the law too.
            found = min(reversed(seen), key=lambda one: one.finding.size)
            found.seed = seed
            raise found from found.__cause__

    def suspects(
        self,
        laws: Iterable[Law[Subject]],
        *,
        examples: int | None = None,
        seed: int | None = None,
        seconds: float = inf,
    ) -> dict[Law[Subject], Broken]:
        """Tries many laws on the same histories, which takes the time of one; gives those broken.

        What is found is as it was drawn, not made small. No more is begun after so many seconds.
        """
        started = perf_counter()
        found: dict[str, tuple[Law[Subject], Broken]] = {}
        remaining = list(laws)

        def tried(data: st.DataObject) -> None:
            history = tuple(data.draw(self._histories))
            lot = data.draw(st.integers(0, 2**32 - 1))
            for law in remaining:
                if law.name in found or perf_counter() - started > seconds:
                    continue
                choices = Listed((0,), [history], lot=Random(lot))  # noqa: S311 - no secret
                try:
                    _hold(law, self.subject, choices)
                except Broken as broken:
                    found[law.name] = law, broken

        seed = _seed(seed)
        self._drawing(tried, "all", examples, seed)()
        for _, broken in found.values():
            broken.seed = seed
        return dict(found.values())

    def _drawing(
        self, tried: Callable[[st.DataObject], None], name: str, examples: int | None, seed: int
    ) -> Callable[[], None]:
        """A test of Hypothesis, by the profile that is loaded; its database goes by this name."""
        make = self.subject.make
        home = f"{make.__module__}_{getattr(make, '__qualname__', '')}_{self.name}_{name}"
        tried.__name__ = "".join(one if one.isalnum() else "_" for one in home)
        options: dict[str, Any] = {} if examples is None else {"max_examples": examples}
        test = settings(
            settings(),
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
            **options,
        )(given(st.data())(tried))
        return seeded(seed)(test)


def _seed(seed: int | None) -> int:
    """The seed to search by: the one asked for, here or by --hypothesis-seed, or a new one."""
    if seed is not None:
        return seed
    if core.global_force_seed is not None:
        return int(core.global_force_seed)
    return 0 if settings().derandomize else randbits(32)


def _reasons(skip: Mapping[str, str]) -> dict[str, str]:
    for name, reason in skip.items():
        _known(name)
        if not isinstance(reason, str) or not reason.strip():
            raise ProjectionError(f"the law {name} is skipped without a reason; say why")
    return dict(skip)


def _known(name: str) -> None:
    names = [law.name for law in LAWS]
    if name not in names:
        raise ProjectionError(f"no law is called {name!r}; they are {', '.join(names)}")


def verify(
    make: Callable[[], Projection[Any]],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
    **options: Any,
) -> LawReport:
    """Tries every law on a projection and reports; runs without pytest.

    ``examples`` histories are drawn, as many as the Hypothesis profile says unless given, and
    every law is tried on each; ``smoke=True`` is the quick profile of about two seconds. ``only``
    names the laws to try. Options are those of a ``Trial``: ``histories``, ``events``, ``equal``,
    ``skip``.
    """
    if smoke:
        examples = _SMOKE_EXAMPLES if examples is None else examples
        options.setdefault("ways", _SMOKE_WAYS)
    trial = Trial(make, **options)
    wanted = [law.name for law in LAWS] if only is None else list(only)
    for name in wanted:
        _known(name)
    laws = [law for law in LAWS if law.name in wanted]
    tried = [law for law in laws if trial.reason(law) is None]
    found = dict(_broken(trial, tried, examples, seed))
    return LawReport(trial.name, tuple(_verdict(trial, law, found.get(law.name)) for law in laws))


def _broken(
    trial: Trial, laws: Sequence[Law[Subject]], examples: int | None, seed: int | None
) -> Iterator[tuple[str, Broken]]:
    """The laws that are broken, with the smallest finding for each."""
    held = []
    # Once a law is broken there is no point in being thorough about the others: a state that is
    # shared by accident may grow with every run, and slow them all down.
    seconds = inf
    for law in laws:
        try:
            trial.sweep(law, seconds=seconds)
        except Broken as broken:
            seconds = _HURRY
            yield law.name, broken
        else:
            held.append(law)
    remaining = [law for law in held if law.random]
    if not remaining:
        return
    drawn_too = trial.suspects(remaining, examples=examples, seed=seed, seconds=seconds)
    for law, drawn in drawn_too.items():
        try:
            trial.search(law, examples=examples, seed=drawn.seed)
        except Broken as broken:
            yield law.name, broken
        else:
            yield law.name, drawn


def _verdict(trial: Trial, law: Law[Subject], found: Broken | None) -> Verdict:
    left_out = trial.reason(law)
    if left_out is not None:
        outcome, reason = left_out
        return Verdict(law.name, "skipped" if outcome == "skipped" else "doesn't apply", reason)
    return Verdict(law.name, "held" if found is None else "broken", found=found)
