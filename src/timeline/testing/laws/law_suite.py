"""Tries the laws of whatever can be plugged in, over a corpus and what Hypothesis draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property
from secrets import randbits
from typing import Any, ClassVar, Generic, TypeVar
from warnings import warn

import attrs
from hypothesis import HealthCheck, Phase, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from timeline.claims import Said
from timeline.errors import LawError
from timeline.testing import counterexamples
from timeline.testing.choices import Case, Choices
from timeline.testing.laws.base import Broken, Finding, Law, LawReport, LawWarning, Verdict
from timeline.testing.reduction import reduced
from timeline.testing.report_text import table

__all__ = ["CORPUS", "LawSuite", "a_seed", "chosen_settings", "verify"]

S = TypeVar("S")

_WAYS = 3  # ways through a law that are tried on each history of the corpus
_SHORT = 8  # of histories; longer ones are tried in one way less
_SMOKE = 10  # examples of the quick profile,
_SMOKE_CORPUS = 4  # and of the corpus one case in so many
_FEW = 80  # cases for the other laws once a state is known to be shared
_IMPURE = frozenset({"steps_are_pure", "results_are_pure"})

CORPUS = Case(())
"""The explicit example of every law: it stands for each case of the corpus."""


def chosen_settings(examples: int | None, **more: Any) -> settings:
    """Return the settings of the profile that is loaded, but that no clock decides anything.

    What is found is reduced by the kit, claim by claim, so Hypothesis needn't.
    """
    options = {} if examples is None else {"max_examples": examples}
    phases = [one for one in settings().phases if one not in (Phase.shrink, Phase.explain)]
    return settings(
        settings(),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, *settings().suppress_health_check],
        **{"phases": phases, **options, **more},
    )


def a_seed(seed: int | None) -> int:
    """Return the seed asked for, else --hypothesis-seed, else a new one."""
    if seed is not None:
        return seed
    if core.global_force_seed is not None:
        return int(core.global_force_seed)
    return 0 if settings().derandomize else randbits(32)


@attrs.frozen(slots=False)
class LawSuite(Generic[S]):
    """Something that can be plugged in, its laws, and what they are tried on.

    ``home`` names it in Hypothesis' example database, ``small`` makes the corpus, ``does`` is what
    failures say of an error of its own ("the key raises"). ``compose`` makes a history from a
    number, for which the same number is drawn by all laws, and is made once; else each draws from
    ``histories``. ``wide`` are so many composed histories that every run tries. ``totality`` is
    the law that is broken wherever the subject raises. ``constant`` says whether one answer was
    given to all of the corpus. ``skip`` maps a law's name to the reason for leaving it out. Raises
    ``LawError`` for a skip without a reason or of a law that there isn't.
    """

    name: str
    home: str
    subject: S
    laws: Sequence[Law[S]]
    histories: st.SearchStrategy[Sequence[Said]]
    small: Callable[[], Sequence[tuple[Said, ...]]]
    does: str
    skip: Mapping[str, str] = attrs.field(factory=dict)
    compose: Callable[[int], tuple[Said, ...]] | None = None
    wide: Sequence[int] = ()
    totality: Law[S] | None = None
    constant: Callable[[Sequence[tuple[Said, ...]]], str | None] = lambda _: None
    kinds: Sequence[type] = ()
    nested: ClassVar[bool] = False
    _failures: dict[tuple[str, Case], Broken] = attrs.field(
        factory=dict, init=False, repr=False, eq=False
    )
    _composed: dict[int, tuple[Said, ...]] = attrs.field(
        factory=dict, init=False, repr=False, eq=False
    )

    def __attrs_post_init__(self) -> None:
        self.named(self.skip)
        for name, reason in self.skip.items():
            if not isinstance(reason, str) or not reason.strip():
                raise LawError(f"the law {name} is skipped without a reason; say why")

    @cached_property
    def corpus(self) -> Sequence[tuple[Said, ...]]:
        """The small histories, the shortest first, then the wide ones."""
        return [*self.small(), *map(self._history, self.wide)]

    @cached_property
    def explicit(self) -> Sequence[Case]:
        """Every history of the corpus, each in a few ways."""
        return [
            Case(history, way and way + _WAYS * index)
            for index, history in enumerate(self.corpus)
            for way in range(_WAYS if len(history) <= _SHORT else _WAYS - 1)
        ]

    @property
    def cases(self) -> st.SearchStrategy[Case]:
        """What is drawn for a law; the corpus is made before, for Hypothesis makes that too."""
        assert self.explicit, "a corpus has the empty history at least"  # noqa: S101
        ways = st.integers(0, 2**16 - 1)
        if self.compose is None:
            return st.builds(Case, self.histories.map(tuple), ways)
        # One number, so that all laws share the history that it makes.
        return st.integers(0, 2**20 - 1).map(lambda number: Case(self._history(number), number))

    def _history(self, number: int) -> tuple[Said, ...]:
        if number not in self._composed:
            assert self.compose is not None, "only what is composed has a number"  # noqa: S101
            self._composed[number] = self.compose(number)
        return self._composed[number]

    def named(self, names: Iterable[str]) -> set[str]:
        """Return names of laws as a set. Raises ``LawError`` for one that there isn't."""
        found = set(names)
        known = [law.name for law in self.laws]
        if not found <= set(known):
            raise LawError(
                f"no law is called {min(found - set(known))!r}; they are {', '.join(known)}"
            )
        return found

    def left_out(self, law: Law[S]) -> Verdict | None:
        """Return what became of a law that isn't tried, None for one that is."""
        if law.name in self.skip:
            return Verdict(law.name, "skipped", self.skip[law.name])
        reason = law.applies(self.subject)
        return None if reason is None else Verdict(law.name, "doesn't apply", reason)

    # --- running one law once

    def attempt(
        self,
        law: Law[S],
        case: Case,
        *,
        subject: S | None = None,
        begun: Any = None,
        corpus: Sequence[tuple[Said, ...]] | None = None,
    ) -> Broken | None:
        """Run a law once; return what breaks: the law of totality where all would raise.

        A law of the whole corpus takes this ``corpus``, by default the suite's.
        """
        whole = self.corpus if corpus is None else corpus
        choices = Choices(case, corpus=whole if law.whole else (), begun=begun)
        try:
            law.run(self.subject if subject is None else subject, choices)
        except Broken as broken:
            broken.case = case
            return broken
        except HypothesisException:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the subject raises
            finding = Finding(
                _tellable(case.history),
                {"Raised": error},
                hint=f"{self.does} {type(error).__name__}",
            )
            crashed = law.broken(self.name, finding)
            crashed.__cause__, crashed.case, crashed.crash = error, case, type(error)
            if subject is None and self.totality is not None and law is not self.totality:
                return self._total(case, crashed)
            return crashed
        return None

    def _total(self, case: Case, broken: Broken) -> Broken:
        """What the law of totality says of a history on which another one raises, if it says so."""
        assert self.totality is not None, "asked only with one"  # noqa: S101
        if self.left_out(self.totality) is None:
            # Alone too: what raises may be taken back by what comes after it.
            cases = [Case(case.history, way) for way in dict.fromkeys((0, case.way, 1, 2))]
            alone = [Case((one,)) for one in case.history]
            for again in self.explicit if broken.law.whole else [*cases, *alone]:
                total = self.attempt(self.totality, again)
                # Another process tells of an error as one of its own.
                if total is not None and (broken.law.whole or total.crash is broken.crash):
                    return total
        return broken

    def reduced(self, broken: Broken) -> Broken:
        """Return the smallest finding for a law that a case breaks."""
        law = broken.law
        if law.whole or broken.case is None:
            return broken

        def fails(case: Case) -> Broken | None:
            again = self.attempt(law, case)
            alike = again is not None and again.law is law and again.crash is broken.crash
            return again if alike else None

        found, complete = reduced(broken.case, broken, fails)
        found.cut_off = not complete
        return found

    def gap(self, law: Law[S]) -> str:
        """Return what to give where nothing of the corpus could have broken a law, else nothing."""
        if law.twin is None:
            return ""
        twin = law.twin(self.subject)
        return "" if twin is None or self._apart(law, twin) else law.needs

    def told_apart(self, law: Law[S]) -> Case | None:
        """Return the first case of the corpus that tells a law's sabotaged twin apart."""
        twin = law.twin and law.twin(self.subject)
        if twin is None:
            return None
        return self._apart(law, twin)

    def _apart(self, law: Law[S], twin: S) -> Case | None:
        for case in self.explicit:
            broken = self.attempt(law, case, subject=twin)
            # That a twin can't be made or folded proves nothing.
            if broken is not None and (broken.crash is None or law is self.totality):
                return case
        return None

    # --- as a test of Hypothesis

    def hold(self, law: Law[S], case: Case) -> None:
        """Hold one law to a case, or to the whole corpus. Raises ``Broken``, reduced."""
        if case is CORPUS:
            self._hold_corpus(law)
        elif not law.whole:
            # A subject that remembers may fail once and not again: what was found stays found.
            broken = self._failures.get((law.name, case)) or self.attempt(law, case)
            if broken is not None:
                if (law.name, case) not in self._failures:
                    broken = self.reduced(broken)
                    self._save(broken)
                self._failures[law.name, case] = broken
                raise broken

    def _hold_corpus(self, law: Law[S]) -> None:
        database = settings().database
        for value, case in counterexamples.saved(database, self._key(law), self.kinds):
            if self.attempt(law, case) is None:
                counterexamples.forget(database, self._key(law), value)
            else:
                self._found(law, case)
        if law.whole:
            self._found(law, CORPUS)
        else:
            for case in self.explicit:
                self._found(law, case)
        if gap := self.gap(law):
            warn(f"{law.name} held for {self.name}, but nothing tried could have broken it; {gap}",
                 LawWarning, stacklevel=2)  # fmt: skip

    def _found(self, law: Law[S], case: Case) -> None:
        broken = self.attempt(law, case)
        if broken is not None:
            broken = self.reduced(broken)
            broken.again = "run it again; every run begins with it"
            self._save(broken)
            raise broken

    def _save(self, broken: Broken) -> None:
        if broken.case is not None:
            counterexamples.save(settings().database, self._key(broken.law), broken.case)

    def _key(self, law: Law[Any]) -> bytes:
        return f"timeline/{self.home}/{law.name}".encode()


def _tellable(history: tuple[Said, ...]) -> dict[str, tuple[Said, ...]]:
    """The history, if it can be shown; a kind under trial may lack a headline."""
    with suppress(Exception):
        if table(history):
            return {"Said": history}
    return {}


def verify(
    suite: LawSuite[Any],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Try every law, or ``only`` those named, and report."""
    wanted = {law.name for law in suite.laws} if only is None else suite.named(only)
    laws = [law for law in suite.laws if law.name in wanted]
    verdicts = {law.name: suite.left_out(law) or Verdict(law.name, "held") for law in laws}
    open_laws = [law for law in laws if verdicts[law.name].outcome == "held"]
    trial = _Trial(suite, open_laws, smoke=smoke)
    trial.sweep()
    trial.draw(_SMOKE if smoke and examples is None else examples, a_seed(seed))
    for name, broken in trial.found.items():
        verdicts[name] = Verdict(name, "broken", found=broken)
    for name in trial.silent - trial.found.keys():
        total = suite.totality and suite.totality.name
        verdicts[name] = Verdict(name, "skipped", f"the projection raises: see {total}")
    constant = suite.constant(suite.corpus) if verdicts and not trial.found else None
    for law in trial.laws:
        if verdicts[law.name].outcome == "held":
            gap = constant or suite.gap(law)
            verdicts[law.name] = Verdict(law.name, "held", gap=gap)
    return LawReport(suite.name, tuple(verdicts.values()))


@attrs.define
class _Trial:
    """All laws of a suite tried together, on the same cases, and what broke which."""

    suite: LawSuite[Any]
    laws: Sequence[Law[Any]]
    smoke: bool = False
    found: dict[str, Broken] = attrs.field(factory=dict)
    silent: set[str] = attrs.field(factory=set)
    """The laws that say nothing, since the subject raises."""

    @property
    def corpus(self) -> Sequence[tuple[Said, ...]]:
        """The histories of the corpus that a law takes at once."""
        return self.suite.corpus[:: _SMOKE_CORPUS if self.smoke else 1]

    def sweep(self) -> None:
        """Try every law on the corpus; what takes long elsewhere begins before all others."""
        cases = self.suite.explicit[:: _SMOKE_CORPUS if self.smoke else 1]
        with ExitStack() as stack:
            begun: dict[Law[Any], Any] = {}
            for law in self.laws:
                # What can't be begun ahead says so in its turn.
                with suppress(Exception):
                    if law.begin is not None:
                        begun[law] = stack.enter_context(
                            law.begin(self.suite.subject, self.corpus, self.smoke)
                        )
            for law in sorted(self.laws, key=begun.__contains__):
                if law.whole:
                    self._try(law, CORPUS, "run it again; every run does the same", begun.get(law))
                    continue
                for case in cases[: _FEW if _IMPURE & self.found.keys() else None]:
                    if law.name in self.found or not self._go(law):
                        break
                    self._try(law, case, "run it again; every run begins with it")

    def draw(self, examples: int | None, seed: int) -> None:
        """Try what is still held on what Hypothesis draws, the same for all."""
        if Phase.generate not in settings().phases or not any(map(self._open, self.laws)):
            return
        again = f"seed={seed} in the same line, or pytest --hypothesis-seed={seed}"

        def attempt(case: Case) -> None:
            for law in filter(self._open, self.laws):
                self._try(law, case, again, seed=seed)

        chosen = chosen_settings(examples, database=None, phases=(Phase.generate,))
        chosen(seeded(seed)(given(self.suite.cases)(attempt)))()

    def _open(self, law: Law[Any]) -> bool:
        return not law.whole and law.name not in self.found and self._go(law)

    def _go(self, law: Law[Any]) -> bool:
        """Whether a law can still say something: not where the subject raises all the time."""
        total = self.suite.totality
        return total is None or total.name not in self.found or law.name not in self.silent

    def _try(
        self, law: Law[Any], case: Case, again: str, begun: Any = None, seed: int | None = None
    ) -> None:
        broken = self.suite.attempt(law, case, begun=begun, corpus=self.corpus)
        if broken is None:
            return
        if broken.law is not law:
            self.silent.add(law.name)
        if broken.law.name not in self.found:
            smallest = self.suite.reduced(broken)
            smallest.again, smallest.seed = again, seed
            self.found[broken.law.name] = smallest
