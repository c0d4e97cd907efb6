"""Tries the laws of stores on one: ``check_store`` for pytest, ``verify_store`` without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
from hypothesis import strategies as st

from timeline.errors import LawError
from timeline.stores import EventStore
from timeline.testing.laws import law_suite
from timeline.testing.laws.base import Broken, Law, LawReport, Verdict
from timeline.testing.laws.pytest_items import checked
from timeline.testing.laws.search import Search, a_seed
from timeline.testing.laws.store_laws import HANDS, STORE_LAWS
from timeline.testing.laws.store_machine import StoreSubject, simpler
from timeline.testing.laws.store_reports import Chosen, StoreBroken

__all__ = ["check_store", "verify_store"]

_PATIENCE = 5.0  # seconds for which what is found is made shorter


@attrs.frozen(slots=False)
class _Plug(law_suite.LawSuite[StoreSubject]):
    """A store that can be plugged in; no history is said to it, so it draws calls instead."""

    def left_out(self, law: Law[StoreSubject]) -> Verdict | None:
        """Gives what became of a law that isn't tried, None for one that is."""
        verdict = super().left_out(law)
        if verdict is not None and self.subject.lasting:
            # That other processes can't open it is a gap in the trial, which has to be seen.
            return Verdict(law.name, "skipped", verdict.reason)
        return verdict

    def run(
        self, law: Law[StoreSubject], *, examples: int | None = None, seed: int | None = None
    ) -> None:
        """Tries one law; raises ``StoreBroken`` with the shortest sequence of calls found."""
        self._try(law, examples, a_seed(seed), keep=True)

    def broken(
        self, laws: Sequence[Law[StoreSubject]], *, examples: int | None, seed: int, ways: int
    ) -> Iterator[tuple[str, Broken]]:
        """Gives the laws that are broken; each draws calls of its own, so one after the other."""
        del ways
        for law in laws:
            try:
                self._try(law, examples, seed, keep=False)
            except StoreBroken as broken:
                yield law.name, broken

    def _try(self, law: Law[StoreSubject], examples: int | None, seed: int, *, keep: bool) -> None:
        if not law.random:
            try:
                law.run(self.subject, Chosen(seed))
            except StoreBroken as broken:
                broken.sought(seed)
                if law in HANDS:
                    broken.again += "; when each gets its turn is luck"
                raise
            return
        found: list[tuple[list[Any], StoreBroken]] = []

        def attempt(data: st.DataObject) -> None:
            drawn: list[list[Any]] = []

            def draw(strategy: st.SearchStrategy[list[Any]]) -> list[Any]:
                drawn.append(data.draw(strategy))
                return drawn[0]

            try:
                law.run(self.subject, Chosen(seed, draw))
            except StoreBroken as broken:
                found.append((drawn[0], broken))
                raise

        # Lists of calls are made shorter here: it takes a tenth of the time.
        search = Search(attempt, f"{self.home}_{law.name}", examples, smaller=False)
        try:
            if keep:
                search.again()
            search.begin(seed, keep=keep)
        except StoreBroken as told:
            shortest = self._shortest(law, seed, *found[0])
            shortest.seed, shortest.again = told.seed, told.again
            raise shortest from shortest.__cause__

    def _shortest(
        self, law: Law[StoreSubject], seed: int, drawn: list[Any], broken: StoreBroken
    ) -> StoreBroken:
        """Gives what is found once nothing simpler breaks the law, or patience has an end."""
        start = perf_counter()
        options = simpler(drawn)
        while (shorter := next(options, None)) is not None:
            if perf_counter() - start > _PATIENCE:
                break
            try:
                law.run(self.subject, Chosen(seed, _giving(shorter)))
            except StoreBroken as again:
                broken, options = again, simpler(shorter)
        return broken


def _giving(drawn: list[Any]) -> Callable[[object], list[Any]]:
    return lambda _: drawn


def _plug(
    make_store: Callable[[Path], EventStore],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    skip: Mapping[str, str] | None = None,
) -> _Plug:
    if not callable(make_store):
        raise LawError(
            f"a law needs fresh stores: give a function that opens one in a folder, such as "
            f"lambda folder: SQLiteStore(folder / 'war.db'), not {make_store!r}"
        )
    name = getattr(make_store, "__qualname__", type(make_store).__name__)
    return _Plug(
        name=name,
        home=f"{make_store.__module__}_{name}",
        subject=StoreSubject(make_store, lasting, clear),
        laws=STORE_LAWS,
        histories=st.just(()),
        small=tuple,
        does="the store raises",
        skip=skip or {},
    )


def check_store(
    make_store: Callable[[Path], EventStore],
    *,
    examples: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Gives a pytest test with one item for each law of stores that applies, named by the law.

    Use it at the top of a test module: ``test_store = laws.check_store(open_store)``. Options are
    those of ``verify_store``.
    """
    return checked(_plug(make_store, **options), examples=examples, seed=seed)


def verify_store(
    make_store: Callable[[Path], EventStore],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Tries the laws of stores on one, and reports; runs without pytest.

    ``make_store`` opens a store in a folder, which exists; opening again in the same folder gives
    the same log, unless ``lasting`` is False, as for a store in memory. For the laws about
    processes it has to be a class or function at the top of a module; where it isn't, they are
    skipped and say so. A store that keeps its log elsewhere derives a name from the folder's, and
    takes down in ``clear(folder)`` what it made there. The rest is as for ``verify``. Raises
    ``LawError`` for a skip without a reason or of a law that there isn't.
    """
    plug = _plug(make_store, lasting=lasting, clear=clear, skip=skip)
    return law_suite.verify(plug, examples=examples, seed=seed, only=only, smoke=smoke)
