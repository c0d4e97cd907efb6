"""Runs laws over the small corpus and over what Hypothesis draws, and says how they came out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs
from hypothesis import HealthCheck, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException

from timeline.claims import Said
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.testing import strategies
from timeline.testing.choices import Choices, Drawn, Listed, everything
from timeline.testing.corpus import small_histories
from timeline.testing.laws.base import Broken, Finding, Law, Subject, Verdict
from timeline.testing.laws.projections import LAWS

__all__ = ["LawReport", "Trial", "verify"]

Histories = st.SearchStrategy[Sequence[Said]]

_PATHS = 6  # ways through a law that are tried on each history of the corpus
_SMOKE_PATHS = 3


@attrs.frozen
class LawReport:
    """What became of every law for one subject."""

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
        for one in self.verdicts:
            if one.found is not None:
                lines += ["", "-" * 80, str(one.found)]
        return "\n".join(lines)


class _Told:
    """Choices that remember the history, for when a projection raises an error of its own."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.corpus = choices.corpus
        self.last: tuple[Said, ...] = ()

    def history(self) -> tuple[Said, ...]:
        self.last = self._choices.history()
        return self.last

    def number(self, stop: int) -> int:
        return self._choices.number(stop)


def _hold(law: Law[Subject], subject: Subject, choices: Choices) -> None:
    """Runs a law once; an error of the projection's own breaks it too."""
    told = _Told(choices)
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


class Trial:
    """A projection, and what its laws are tried on.

    ``make`` is the projection's class, or a function that makes a fresh one. ``histories`` are
    drawn from the kinds it hears unless given. ``skip`` maps a law's name to the reason for
    leaving it out. Raises ``ProjectionError`` for a projection that can't be tried, and for a
    skip without a reason or of a law that there isn't.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        make: Callable[[], Projection[Any]],
        *,
        histories: Histories | None = None,
        events: Sequence[st.SearchStrategy[Event]] | None = None,
        equal: Callable[[Any, Any], bool] | None = None,
        skip: Mapping[str, str] | None = None,
        paths: int = _PATHS,
    ) -> None:
        if isinstance(make, Projection):
            name = type(make).__name__
            raise ProjectionError(
                f"a law needs fresh projections: give {name}, or a function such as "
                f"lambda: {name}(…), not one that is made already"
            )
        self.subject = Subject(make, equal)
        self.skip = _reasons(skip or {})
        self._paths = paths
        kinds = _given_kinds(self.subject)
        self._histories = histories or strategies.histories(*kinds)
        self._events = events or [strategies.events(kind) for kind in kinds]
        self._corpus: list[tuple[Said, ...]] | None = None

    @property
    def name(self) -> str:
        """What reports call the projection."""
        return self.subject.name

    @property
    def corpus(self) -> list[tuple[Said, ...]]:
        """The small histories, some of which the projection folds.

        Raises ``ProjectionError`` if it hears none: a trial on nothing would pass by default.
        """
        if self._corpus is None:
            corpus = small_histories(self._events)
            if not any(self.subject.counted(history) for history in corpus):
                raise ProjectionError(
                    f"no events could be drawn that {self.name} hears, so nothing was tried; "
                    "give histories= and events= strategies of your own"
                )
            self._corpus = corpus
        return self._corpus

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
        if not law.random:
            _hold(law, self.subject, Listed((), self.corpus))
            return
        for choices in everything(self.corpus, at_most=self._paths):
            _hold(law, self.subject, choices)
        self._search(law, examples, seed)

    def _search(self, law: Law[Subject], examples: int | None, seed: int | None) -> None:
        seen: list[Broken] = []

        def tried(data: st.DataObject) -> None:
            try:
                _hold(law, self.subject, Drawn(data, self._histories))
            except Broken as broken:
                seen.append(broken)
                raise

        # Hypothesis' example database keeps a place for each name.
        make = self.subject.make
        home = f"{make.__module__}_{getattr(make, '__qualname__', self.name)}_{law.name}"
        tried.__name__ = "".join(one if one.isalnum() else "_" for one in home)
        options: dict[str, Any] = {} if examples is None else {"max_examples": examples}
        test = settings(
            settings(),
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
            **options,
        )(given(st.data())(tried))
        if seed is None and core.global_force_seed is None and not settings().derandomize:
            seed = random.getrandbits(32)  # noqa: S311 - to repeat a search, not to hide one
        if seed is not None:
            test = seeded(seed)(test)
        try:
            test()
        except Broken as broken:
            broken.seed = seed
            broken.__notes__ = []
            raise
        except Flaky:
            # The answer changed between two runs of the same history: that too breaks the law.
            first = min(seen, key=lambda one: sum(map(len, one.finding.histories.values())))
            first.seed = seed
            raise first from None


def _reasons(skip: Mapping[str, str]) -> dict[str, str]:
    names = {law.name for law in LAWS}
    for name, reason in skip.items():
        if name not in names:
            raise ProjectionError(f"no law is called {name!r}; they are {', '.join(sorted(names))}")
        if not isinstance(reason, str) or not reason.strip():
            raise ProjectionError(f"the law {name} is skipped without a reason; say why")
    return dict(skip)


def verify(  # noqa: PLR0913 - as Trial
    make: Callable[[], Projection[Any]],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
    **options: Any,
) -> LawReport:
    """Tries every law on a projection and reports; runs without pytest.

    ``examples`` are drawn for each law, as many as the Hypothesis profile says unless given;
    ``smoke=True`` is the quick profile of about two seconds. ``only`` names the laws to try.
    Options are those of a ``Trial``: ``histories``, ``events``, ``equal``, ``skip``.
    """
    if smoke:
        examples = 10 if examples is None else examples
        options.setdefault("paths", _SMOKE_PATHS)
    trial = Trial(make, **options)
    wanted = None if only is None else _reasons(dict.fromkeys(only, "asked for")).keys()
    verdicts = []
    for law in LAWS:
        if wanted is not None and law.name not in wanted:
            continue
        left_out = trial.reason(law)
        if left_out is not None:
            outcome, reason = left_out
            verdicts.append(Verdict(law.name, outcome, reason))  # type: ignore[arg-type]
            continue
        try:
            trial.run(law, examples=examples, seed=seed)
        except Broken as broken:
            verdicts.append(Verdict(law.name, "broken", found=broken))
        else:
            verdicts.append(Verdict(law.name, "held"))
    return LawReport(trial.name, tuple(verdicts))
