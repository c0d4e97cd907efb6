"""Tries the laws of whatever can be plugged in, over a small corpus and what Hypothesis draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property, partial
from math import inf
from random import Random
from time import perf_counter
from typing import Any, Generic, TypeVar

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from timeline.claims import Said
from timeline.errors import LawError
from timeline.testing.choices import Choices, DrawnSource, EnumeratedSource, Recording, everything
from timeline.testing.laws.base import Broken, Finding, Law, LawReport, Verdict
from timeline.testing.laws.search import Search, a_seed
from timeline.testing.report_text import table

__all__ = ["Case", "LawSuite", "cases", "verify"]

S = TypeVar("S")

Case = tuple[str, str | None, Callable[[], None]]
"""An item: its name, why to skip it, what to run."""

_WAYS = 6  # ways through a law that are tried on each history of the corpus
_SMOKE_WAYS = 3
_SMOKE_EXAMPLES = 10
_HURRY = 1.0  # seconds for each law once another is broken
_LOTS = st.integers(0, 2**32 - 1)
_FIRST = "run it again; every run begins with the small histories"


@attrs.frozen(slots=False)
class LawSuite(Generic[S]):
    """Something that can be plugged in, its laws, and what they are tried on.

    ``home`` is its place in Hypothesis' example database, ``small`` makes the small corpus,
    ``does`` is what failures say of an error of its own ("the key raises"). ``skip`` maps a law's
    name to the reason for leaving it out. Raises ``LawError`` for a skip without a reason or of a
    law that there isn't.
    """

    name: str
    home: str
    subject: S
    laws: Sequence[Law[S]]
    histories: st.SearchStrategy[Sequence[Said]]
    small: Callable[[], Sequence[tuple[Said, ...]]]
    does: str
    skip: Mapping[str, str] = attrs.field(factory=dict)
    _draws: dict[Any, Sequence[tuple[tuple[Said, ...], int]]] = attrs.field(
        factory=dict, init=False, repr=False, eq=False
    )

    def __attrs_post_init__(self) -> None:
        self.named(self.skip)
        for name, reason in self.skip.items():
            if not isinstance(reason, str) or not reason.strip():
                raise LawError(f"the law {name} is skipped without a reason; say why")

    @cached_property
    def corpus(self) -> Sequence[tuple[Said, ...]]:
        """The small histories, the shortest first."""
        return self.small()

    def named(self, names: Iterable[str]) -> set[str]:
        """Gives names of laws as a set. Raises ``LawError`` for one that there isn't."""
        found = set(names)
        known = [law.name for law in self.laws]
        if not found <= set(known):
            raise LawError(
                f"no law is called {min(found - set(known))!r}; they are {', '.join(known)}"
            )
        return found

    def left_out(self, law: Law[S]) -> Verdict | None:
        """Gives what became of a law that isn't tried, None for one that is."""
        if law.name in self.skip:
            return Verdict(law.name, "skipped", self.skip[law.name])
        reason = law.applies(self.subject)
        return None if reason is None else Verdict(law.name, "doesn't apply", reason)

    def run(self, law: Law[S], *, examples: int | None = None, seed: int | None = None) -> None:
        """Tries one law: what the example database has, the corpus, then what Hypothesis draws.

        Raises ``Broken`` with the shortest history found.
        """
        if not law.random:
            self.sweep(law)
            return
        for search in self._searches(law, examples):
            search.again()
        self.sweep(law)
        seed = self._own_seed if seed is None else seed
        found = self._suspects([law], examples, seed, inf)
        if found:
            raise self._smallest(law, found[law.name], examples, seed, keep=True)

    @cached_property
    def _own_seed(self) -> int:
        """One seed for all items of a run, which so can share what is drawn from it."""
        return a_seed(None)

    def sweep(
        self, law: Law[S], *, ways: int = _WAYS, seconds: float = inf, begun: Any = None
    ) -> None:
        """Tries a law on the corpus alone, the shortest history first. Raises ``Broken``.

        No more is begun after so many seconds; ``begun`` is what was begun already.
        """
        started = perf_counter()
        if not law.random:
            choices = EnumeratedSource((), self.corpus, begun=begun)
            self._first(law, choices, "run it again; nothing in it is left to chance")
            return
        for choices in everything(self.corpus, ways=min(ways, law.ways)):
            if perf_counter() - started > seconds:
                return
            self._first(law, choices, _FIRST)

    def _first(self, law: Law[S], choices: Choices, again: str) -> None:
        """Runs a law once, on what every run tries."""
        try:
            self._hold(law, choices)
        except Broken as broken:
            broken.again = again
            raise

    def broken(
        self, laws: Sequence[Law[S]], *, examples: int | None, seed: int, ways: int
    ) -> Iterator[tuple[str, Broken]]:
        """Gives the laws that are broken, with the smallest finding for each."""
        held = []
        # Once a law is broken there is no point in being thorough about the others: a state that
        # is shared by accident may grow with every run, and slow them all down.
        seconds = inf
        with ExitStack() as stack:
            begun = {}
            for law in laws:
                # What can't be begun ahead says so in its turn.
                with suppress(Exception):
                    if law.begin is not None:
                        begun[law] = stack.enter_context(law.begin(self.subject, self.corpus))
            for law in sorted(laws, key=begun.__contains__):
                try:
                    self.sweep(law, ways=ways, seconds=seconds, begun=begun.get(law))
                except Broken as broken:
                    seconds = _HURRY
                    yield law.name, broken
                else:
                    held.append(law)
        remaining = [law for law in held if law.random]
        if not remaining:
            return
        for name, found in self._suspects(remaining, examples, seed, seconds).items():
            (law,) = (one for one in remaining if one.name == name)
            yield name, self._smallest(law, found, examples, seed, keep=False)

    def _drawn(self, examples: int | None, seed: int) -> Sequence[tuple[tuple[Said, ...], int]]:
        """Histories that Hypothesis draws, each with a lot; drawn once, and shared by all laws."""
        asked = (examples, seed, settings().max_examples, settings().phases)
        if asked not in self._draws:
            drawn: list[tuple[tuple[Said, ...], int]] = []

            def tried(data: st.DataObject) -> None:
                drawn.append((tuple(data.draw(self.histories)), data.draw(_LOTS)))

            Search(tried, f"{self.home}_all", examples).begin(seed, keep=False)
            self._draws[asked] = drawn
        return self._draws[asked]

    def _suspects(
        self, laws: Sequence[Law[S]], examples: int | None, seed: int, seconds: float
    ) -> dict[str, Broken]:
        """Tries laws on the same drawn histories; gives what breaks which, as it was drawn.

        No more is begun after so many seconds.
        """
        started = perf_counter()
        found: dict[str, Broken] = {}
        for history, lot in self._drawn(examples, seed):
            for law in laws:
                if law.name in found or perf_counter() - started > seconds:
                    continue
                try:
                    self._hold(law, _by_lot(history, lot))
                except Broken as broken:
                    broken.sought(seed)
                    found[law.name] = broken
        return found

    def _smallest(
        self, law: Law[S], found: Broken, examples: int | None, seed: int, *, keep: bool
    ) -> Broken:
        """Gives the smallest finding for a law, given one that was drawn for many."""
        for search in self._searches(law, examples):
            try:
                search.begin(seed, keep=keep)
            except Broken as smaller:
                return smaller
        return found

    def _searches(self, law: Law[S], examples: int | None) -> tuple[Search, Search]:
        """Two ways to search: every choice drawn, which shrinks best, and by lot, as for many."""

        def attempt(data: st.DataObject) -> None:
            self._hold(law, DrawnSource(data, self.histories))

        def by_lot(data: st.DataObject) -> None:
            self._hold(law, _by_lot(tuple(data.draw(self.histories)), data.draw(_LOTS)))

        home = f"{self.home}_{law.name}"
        return Search(attempt, home, examples), Search(by_lot, f"{home}_by_lot", examples)

    def _hold(self, law: Law[S], choices: Choices) -> None:
        """Runs a law once; an error of what is under trial breaks it too."""
        told = Recording(choices)
        try:
            law.run(self.subject, told)
        except (Broken, HypothesisException):
            raise
        except Exception as error:
            finding = Finding(
                _tellable(told.last), {"Raised": error}, hint=f"{self.does} {type(error).__name__}"
            )
            raise law.broken(self.name, finding) from error


def _by_lot(history: tuple[Said, ...], lot: int) -> EnumeratedSource:
    return EnumeratedSource((0,), [history], lot=Random(lot))  # noqa: S311 - no secret


def _tellable(history: tuple[Said, ...] | None) -> dict[str, tuple[Said, ...]]:
    """The history, if there is one to show; a kind under trial may lack a headline."""
    with suppress(Exception):
        if history is not None and table(history):
            return {"Said": history}
    return {}


def verify(
    plug: LawSuite[Any],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Tries every law, or ``only`` those named, and reports."""
    wanted = {law.name for law in plug.laws} if only is None else plug.named(only)
    if smoke and examples is None:
        examples = _SMOKE_EXAMPLES
    laws = [law for law in plug.laws if law.name in wanted]
    verdicts = {law.name: plug.left_out(law) or Verdict(law.name, "held") for law in laws}
    tried = [law for law in laws if verdicts[law.name].outcome == "held"]
    ways = _SMOKE_WAYS if smoke else _WAYS
    for name, found in plug.broken(tried, examples=examples, seed=a_seed(seed), ways=ways):
        verdicts[name] = Verdict(name, "broken", found=found)
    return LawReport(plug.name, tuple(verdicts.values()))


def cases(plug: LawSuite[Any], *, examples: int | None, seed: int | None) -> list[Case]:
    """Gives an item for each law that applies, named by the law."""
    verdicts = [(law, plug.left_out(law)) for law in plug.laws]
    return [
        (
            law.name,
            why.reason if why else None,
            partial(plug.run, law, examples=examples, seed=seed),
        )
        for law, why in verdicts
        if why is None or why.outcome == "skipped"
    ]
