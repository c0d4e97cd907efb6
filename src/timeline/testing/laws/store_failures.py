"""Tells which law of stores was broken, by which calls, and what these laws choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, Protocol

from hypothesis import given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from timeline.testing.laws.base import Broken, Finding, Law
from timeline.testing.laws.store_machine import StoreSubject
from timeline.testing.model import Anomaly
from timeline.testing.report_text import PAGE, columns, paragraph, shortened
from timeline.testing.subprocesses import elsewhere

__all__ = ["Chosen", "Scenario", "StoreBroken", "Trace", "fail", "lasting", "processes"]

_CALL = 40  # of the column of calls
_LEGEND = "  (7@3 is draft 7 at position 3)"
Trace = Sequence[tuple[str, str]]


class StoreBroken(Broken):
    """A law of stores doesn't hold: which anomaly, the calls that show it, and what they gave."""

    def __init__(self, law: Law[Any], subject: str, anomaly: Anomaly, story: Trace) -> None:
        answers = {"Expected": anomaly.expected, "Seen": anomaly.seen}
        super().__init__(law, subject, Finding({}, answers, hint=anomaly.why))
        self.anomaly = anomaly.name
        self.story = tuple(story)

    def __str__(self) -> str:
        """Tell law and anomaly, what was called and given, what was expected, what to do."""
        lines = [f"{self.subject} breaks the law {self.law.name}: {self.anomaly}", ""]
        lines += self.law.told()
        lines += [_table(self.story), "", _LEGEND, ""]
        for name, words in {"Wrong": self.finding.hint, **self.finding.answers}.items():
            lines += paragraph(f"{name + ':':<9}", shortened(words))
        lines.append("")
        lines += paragraph("Likely cause:", self.law.cause)
        lines += paragraph("What to do:", self.law.mend)
        if self.again:
            lines += paragraph("To see it again:", self.again)
        return "\n".join(lines)


def _table(story: Trace) -> str:
    """Return a story as a table; ``7@3`` is the draft of number 7 at position 3."""
    numbered = [("no.", "call", "gave"), *((str(i), *one) for i, one in enumerate(story, 1))]
    cells = [tuple(shortened(cell, 2 * PAGE) for cell in row) for row in numbered]
    return columns(cells, (_CALL, _CALL))


class Scenario(Protocol):
    """What was done with a store, whose name it knows, and the story of it."""

    name: str
    story: list[tuple[str, str]]


def lasting(subject: StoreSubject) -> str | None:
    """Return why there is nothing to hold to a law of lasting stores, None where there is."""
    return None if subject.lasting else "the store lasts no longer than its process"


def processes(subject: StoreSubject) -> str | None:
    """Return why other processes can't try a store, None where they can."""
    return lasting(subject) or elsewhere(subject.make)


def fail(law: Law[StoreSubject], scene: Scenario, anomaly: Anomaly) -> NoReturn:
    """Raise what tells that a law is broken by an anomaly."""
    raise StoreBroken(law, scene.name, anomaly, scene.story) from anomaly.__cause__


class Chosen:
    """How the laws of stores search: by a seed, and by settings of Hypothesis."""

    def __init__(self, seed: int, how: settings) -> None:
        self.seed = seed
        self.how = how

    def play(self, machine: type[RuleBasedStateMachine]) -> None:
        """Run a state machine. Raises what its shortest failing run raised."""
        made: Any = seeded(self.seed)(machine)
        self._search(lambda: run_state_machine_as_test(made, settings=self.how))

    def draw(self, strategy: st.SearchStrategy[Any], run: Callable[[Any], None]) -> None:
        """Run a function on what is drawn. Raises what it raised on the simplest."""
        self._search(self.how(seeded(self.seed)(given(strategy)(run))))

    def _search(self, search: Callable[[], Any]) -> None:
        try:
            search()
        except Flaky as flaky:
            # A store that answers otherwise the second time breaks the law all the same.
            found = [one for one in _behind(flaky) if isinstance(one, StoreBroken)]
            raise (found[0] if found else flaky) from flaky


def _behind(error: BaseException) -> Iterator[BaseException]:
    """Yield what an error was raised from, or while handling."""
    yield from getattr(error, "exceptions", ())
    while (before := error.__cause__ or error.__context__) is not None:
        yield before
        error = before
