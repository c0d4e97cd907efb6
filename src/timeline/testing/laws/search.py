"""Lets Hypothesis search for what breaks a law, and keeps the smallest that was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from hashlib import sha256
from secrets import randbits
from time import perf_counter
from typing import Any
from unittest import SkipTest

import attrs
from hypothesis import HealthCheck, Phase, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.errors import Flaky, Unsatisfiable

from timeline.testing.laws.base import Broken

__all__ = ["Search", "a_seed"]

_PATIENCE = 3.0  # seconds for which a finding is made smaller
_NONE_SMALLER = frozenset({Phase.shrink, Phase.explain})


class _Place(ExampleDatabase):
    """A place of its own in an example database, which goes by a test's source and not its name."""

    def __init__(self, database: ExampleDatabase, home: str) -> None:
        super().__init__()
        self._database = database
        self._home = home.encode()

    def _key(self, key: bytes) -> bytes:
        return sha256(self._home + b"\0" + key).digest()

    def save(self, key: bytes, value: bytes) -> None:
        self._database.save(self._key(key), value)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        return self._database.fetch(self._key(key))

    def delete(self, key: bytes, value: bytes) -> None:
        self._database.delete(self._key(key), value)


class _EnoughError(BaseException):
    """Ends a search; not an Exception, which Hypothesis would take for a finding."""


@attrs.frozen
class Search:
    """A search for what makes ``attempt`` raise ``Broken``, by the profile that is loaded.

    ``home`` names its place in Hypothesis' example database. ``examples`` are drawn, as many as
    the profile says where None. ``smaller=False`` leaves what is found as it was drawn.
    """

    attempt: Callable[[st.DataObject], None]
    home: str
    examples: int | None = None
    smaller: bool = True

    def again(self) -> None:
        """Tries what the example database kept of an earlier search. Raises ``Broken``."""
        if Phase.reuse not in settings().phases:
            return
        try:
            self._run({Phase.reuse, Phase.shrink})
        except (SkipTest, Unsatisfiable):
            return  # it kept nothing, or what it kept can't be drawn any more
        except Broken as broken:
            broken.again = "run it again; Hypothesis' example database keeps it, and no seed does"
            raise

    def begin(self, seed: int, *, keep: bool) -> None:
        """Draws from a seed, by which alone the same is drawn again. Raises ``Broken``.

        What is found goes into the example database if it is to ``keep``.
        """
        if Phase.generate not in settings().phases:
            return
        try:
            self._run(set(Phase) - {Phase.reuse}, seed=seed, keep=keep)
        except Broken as broken:
            broken.sought(seed)
            raise

    def _run(self, phases: Collection[Phase], *, seed: int = 0, keep: bool = True) -> None:
        seen: list[Broken] = []
        started: list[float] = []

        def tried(data: st.DataObject) -> None:
            if seen and perf_counter() - started[0] > _PATIENCE:
                raise _EnoughError
            try:
                self.attempt(data)
            except Broken as broken:
                started.append(perf_counter())
                seen.append(broken)
                raise

        database = settings().database if keep else None
        options: dict[str, Any] = {"database": database and _Place(database, self.home)}
        if self.examples is not None:
            options["max_examples"] = self.examples
        # The seed inside, because one outside would take the database away.
        test = settings(
            settings(),
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
            phases=(set(settings().phases) & set(phases))
            - (set() if self.smaller else _NONE_SMALLER),
            **options,
        )(seeded(seed)(given(st.data())(tried)))
        try:
            test()
        except (Broken, Flaky, _EnoughError):
            if not seen:
                raise  # a strategy of the user's own is flaky
            # The last of the smallest: later ones have simpler values. It is flaky if the answer
            # changes between two runs of the same history, which breaks the law too.
            found = min(reversed(seen), key=lambda one: one.finding.size)
            found.__notes__ = []
            raise found from found.__cause__


def a_seed(seed: int | None) -> int:
    """Gives the seed to search by: the one asked for, else --hypothesis-seed, else a new one."""
    if seed is not None:
        return seed
    if core.global_force_seed is not None:
        return int(core.global_force_seed)
    return 0 if settings().derandomize else randbits(32)
