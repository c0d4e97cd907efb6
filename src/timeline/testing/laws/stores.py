"""Tries the laws of stores on one: ``check_store`` for pytest, ``verify_store`` without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from hypothesis import Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase

from timeline.errors import LawError
from timeline.stores import EventStore
from timeline.testing.choices import Case
from timeline.testing.laws import law_suite
from timeline.testing.laws.base import Law, LawReport, Verdict
from timeline.testing.laws.pytest_items import checked
from timeline.testing.laws.store_failures import Chosen, StoreBroken
from timeline.testing.laws.store_laws import CONCURRENT, STORE_LAWS
from timeline.testing.laws.store_machine import StoreSubject

__all__ = ["check_store", "verify_store"]

_STEPS = 16  # calls in one run
_SMOKE = 10  # examples


@attrs.frozen(slots=False)
class _StoreSuite(law_suite.LawSuite[StoreSubject]):
    """A store that can be plugged in; no history is said to it, its laws make calls instead."""

    nested = True
    seed: int | None = None
    examples: int | None = None

    def left_out(self, law: Law[StoreSubject]) -> Verdict | None:
        """Return what became of a law that isn't tried, None for one that is."""
        verdict = super().left_out(law)
        if verdict is not None and self.subject.lasting:
            # That other processes can't open it is a gap in the trial, which has to be seen.
            return Verdict(law.name, "skipped", verdict.reason)
        return verdict

    def hold(self, law: Law[StoreSubject], case: Case) -> None:  # noqa: ARG002 - it has none
        """Try one law. Raises ``StoreBroken`` with the shortest sequence of calls found."""
        self.search(law, settings().database)

    def search(self, law: Law[StoreSubject], database: ExampleDatabase | None) -> None:
        """Try one law, with an example database to begin with."""
        seed = law_suite.a_seed(self.seed)
        phases = [one for one in settings().phases if one is not Phase.explain]
        how = law_suite.chosen_settings(
            self.examples,
            phases=phases,
            database=database if self.seed is None else None,
            verbosity=Verbosity.quiet,
            stateful_step_count=_STEPS,
            report_multiple_bugs=False,
        )
        try:
            law.run(self.subject, Chosen(seed, how))
        except StoreBroken as broken:
            broken.sought(seed)
            broken.__notes__ = []
            if law in CONCURRENT:
                broken.again += "; when each gets its turn is luck"
            raise


def _plug(
    make_store: Callable[[Path], EventStore],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
) -> _StoreSuite:
    if not callable(make_store):
        raise LawError(
            f"a law needs fresh stores: give a function that opens one in a folder, such as "
            f"lambda folder: SQLiteStore(folder / 'war.db'), not {make_store!r}"
        )
    name = getattr(make_store, "__qualname__", type(make_store).__name__)
    return _StoreSuite(
        name=name,
        home=f"{make_store.__module__}_{name}",
        subject=StoreSubject(make_store, lasting, clear),
        laws=STORE_LAWS,
        histories=st.just(()),
        small=tuple,
        does="the store raises",
        skip=skip or {},
        examples=examples,
        seed=seed,
    )


def check_store(
    make_store: Callable[[Path], EventStore],
    *,
    examples: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Return a pytest test with one item for each law of stores that applies, named by the law.

    Use it at the top of a test module: ``test_store = laws.check_store(open_store)``. Options are
    those of ``verify_store``.
    """
    return checked(_plug(make_store, examples=examples, seed=seed, **options))


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
    """Try the laws of stores on one, and reports; runs without pytest.

    ``make_store`` opens a store in a folder, which exists; opening again in the same folder gives
    the same log, unless ``lasting`` is False, as for a store in memory. For the laws about
    processes it has to be a class or function at the top of a module; where it isn't, they are
    skipped and say so. A store that keeps its log elsewhere derives a name from the folder's, and
    takes down in ``clear(folder)`` what it made there. The rest is as for ``verify``. Raises
    ``LawError`` for a skip without a reason or of a law that there isn't.
    """
    if smoke and examples is None:
        examples = _SMOKE
    suite = _plug(
        make_store,
        lasting=lasting,
        clear=clear,
        skip=skip,
        examples=examples,
        seed=law_suite.a_seed(seed),
    )
    wanted = {law.name for law in suite.laws} if only is None else suite.named(only)
    verdicts = []
    for law in suite.laws:
        if law.name in wanted:
            verdict = suite.left_out(law) or Verdict(law.name, "held")
            if verdict.outcome == "held":
                try:
                    suite.search(law, None)
                except StoreBroken as broken:
                    verdict = Verdict(law.name, "broken", found=broken)
            verdicts.append(verdict)
    return LawReport(suite.name, tuple(verdicts))
