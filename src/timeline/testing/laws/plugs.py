"""Tries the laws of what else can be plugged in: kinds of event, orders and exporters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from secrets import randbits
from typing import Any, Generic, TypeVar

import attrs
from hypothesis import HealthCheck, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException

from timeline.claims import Said
from timeline.errors import LawError
from timeline.testing.choices import Choices, Drawn, Listed, Told, everything
from timeline.testing.laws.base import Broken, Finding, Law, Verdict
from timeline.testing.laws.items import items
from timeline.testing.laws.running import LawReport
from timeline.testing.telling import table

__all__ = ["Plug", "check", "verify"]

__tracebackhide__ = True  # pytest shows what was found, not how it was searched for

S = TypeVar("S")

_WAYS = 6  # ways through a law that are tried on each history of the corpus
_SMOKE_WAYS = 2
_SMOKE_EXAMPLES = 10


def _can_be_told(history: Sequence[Said]) -> bool:
    """Whether there is something to show, and it can be: a kind under trial may lack a headline."""
    try:
        return bool(history and table(history))
    except Exception:  # noqa: BLE001 - it is the user's own code, and under trial
        return False


@attrs.frozen
class Plug(Generic[S]):
    """Something that can be plugged in, its laws, and what they are tried on.

    ``home`` is its place in Hypothesis' example database, ``does`` what failures say of an error
    of its own ("the key raises").
    """

    name: str
    home: str
    subject: S
    laws: Sequence[Law[S]]
    histories: st.SearchStrategy[Sequence[Said]]
    corpus: Sequence[tuple[Said, ...]]
    does: str
    skip: Mapping[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.named(self.skip)
        for name, reason in self.skip.items():
            if not isinstance(reason, str) or not reason.strip():
                raise LawError(f"the law {name} is skipped without a reason; say why")

    def named(self, names: Iterable[str]) -> set[str]:
        """Gives names of laws as a set. Raises ``LawError`` for one that there isn't."""
        found = set(names)
        known = {law.name for law in self.laws}
        if not found <= known:
            raise LawError(
                f"no law is called {min(found - known)!r}; they are {', '.join(sorted(known))}"
            )
        return found

    def left_out(self, law: Law[S]) -> Verdict | None:
        """Gives what became of a law that isn't tried, None for one that is."""
        if law.name in self.skip:
            return Verdict(law.name, "skipped", self.skip[law.name])
        reason = law.applies(self.subject)
        return None if reason is None else Verdict(law.name, "doesn't apply", reason)

    def run(
        self,
        law: Law[S],
        *,
        examples: int | None = None,
        seed: int | None = None,
        ways: int = _WAYS,
    ) -> None:
        """Tries one law: the whole corpus, then ``examples`` that Hypothesis draws.

        Raises ``Broken`` with the shortest case found.
        """
        if not law.random:
            self._hold(law, Listed((), self.corpus))
            return
        for choices in everything(self.corpus, ways=ways):
            self._hold(law, choices)
        self._search(law, examples, seed)

    def _hold(self, law: Law[S], choices: Choices) -> None:
        told = Told(choices)
        try:
            law.run(self.subject, told)
        except (Broken, HypothesisException):
            raise
        except Exception as error:
            name = type(error).__name__
            said = {"Said": told.last} if _can_be_told(told.last) else {}
            finding = Finding(said, {"Raised": error}, hint=f"{self.does} {name}")
            raise law.broken(self.name, finding) from error

    def _search(self, law: Law[S], examples: int | None, seed: int | None) -> None:
        seen: list[Broken] = []

        def tried(data: st.DataObject) -> None:
            try:
                self._hold(law, Drawn(data, self.histories))
            except Broken as broken:
                seen.append(broken)
                raise

        # Hypothesis' example database keeps a place for each name.
        home = f"{self.home}_{law.name}"
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
        if seed is None and core.global_force_seed is None and not settings().derandomize:
            seed = randbits(32)
        if seed is not None:
            test = seeded(seed)(test)
        try:
            test()
        except Broken as broken:
            broken.seed = seed
            broken.__notes__ = []
            raise
        except Flaky:
            # It came out otherwise on a second run of the same case: that too breaks the law.
            seen[0].seed = seed
            raise seen[0] from None


def verify(
    plug: Plug[Any],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Tries every law, or ``only`` those named, and reports; the rest as for a projection."""
    wanted = {law.name for law in plug.laws} if only is None else plug.named(only)
    if smoke and examples is None:
        examples = _SMOKE_EXAMPLES
    verdicts = []
    for law in plug.laws:
        if law.name not in wanted:
            continue
        verdict = plug.left_out(law)
        if verdict is None:
            verdict = Verdict(law.name, "held")
            try:
                ways = _SMOKE_WAYS if smoke else _WAYS
                plug.run(law, examples=examples, seed=seed, ways=ways)
            except Broken as broken:
                verdict = Verdict(law.name, "broken", found=broken)
        verdicts.append(verdict)
    return LawReport(plug.name, tuple(verdicts))


def check(
    plug: Plug[Any], *, examples: int | None = None, seed: int | None = None
) -> Callable[..., None]:
    """Gives a pytest test with one item for each law that applies, named by the law."""
    cases: list[tuple[str, str | None, Callable[[], None]]] = []
    for law in plug.laws:
        verdict = plug.left_out(law)
        if verdict is None or verdict.outcome == "skipped":
            run = _bound(plug, law, examples, seed)
            cases.append((law.name, None if verdict is None else verdict.reason, run))
    return items(cases)


def _bound(
    plug: Plug[Any], law: Law[Any], examples: int | None, seed: int | None
) -> Callable[[], None]:
    return lambda: plug.run(law, examples=examples, seed=seed)
