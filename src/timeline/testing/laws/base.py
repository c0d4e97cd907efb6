"""What a law is, what it finds, and how a projection is run under one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

import attrs

from timeline.claims import Account, Said
from timeline.folding import replay
from timeline.projection import Projection
from timeline.standing import Reading, standing
from timeline.testing.telling import difference, table

__all__ = ["Broken", "Finding", "Law", "Subject", "Verdict"]

Outcome = Literal["held", "broken", "doesn't apply", "skipped"]
S = TypeVar("S")


@attrs.frozen
class Finding:
    """Two runs that should have agreed: what each was given and what each gave."""

    histories: Mapping[str, Sequence[Said]]
    answers: Mapping[str, Any]
    asked: str = ""
    hint: str = ""


class Broken(AssertionError):  # noqa: N818 - a law is broken
    """A law doesn't hold, with the shortest history found that shows it."""

    def __init__(self, law: Law[Any], subject: str, finding: Finding) -> None:
        super().__init__(law.name)
        self.law = law
        self.subject = subject
        self.finding = finding
        self.seed: int | None = None

    def __str__(self) -> str:
        """Tells law, reason, history, both answers, where they part, and what to do."""
        finding = self.finding
        lines = [f"{self.subject} breaks the law {self.law.name}", "", self.law.statement, ""]
        for name, history in finding.histories.items():
            lines += [f"{name}:", table(history), ""]
        if finding.asked:
            lines += [f"Asked: {finding.asked}", ""]
        for name, answer in finding.answers.items():
            shown = repr(answer)
            lines.append(f"{name}: {shown if len(shown) < 400 else shown[:399] + '…'}")  # noqa: PLR2004
        if len(finding.answers) == 2:  # noqa: PLR2004 - two runs are compared
            lines.append(f"They first differ in {difference(*finding.answers.values())}")
        lines += ["", f"Likely cause: {finding.hint or self.law.cause}", f"What to do: {self.law.mend}"]
        if self.seed is not None:
            lines.append(f"Seed: {self.seed} (laws.verify(..., seed={self.seed}) finds it again)")
        return "\n".join(lines)


@attrs.frozen
class Law(Generic[S]):
    """A law: a named function whose docstring is the law.

    ``run(subject, choices)`` compares two different runs and raises ``Broken`` where they differ.
    ``applies`` gives None, or the reason why a subject has nothing to hold to it. ``cause`` and
    ``mend`` are what a failure says.
    """

    run: Callable[[S, Any], None]
    cause: str
    mend: str
    applies: Callable[[S], str | None] = lambda _: None
    random: bool = True

    @property
    def name(self) -> str:
        """The law's name, which is its consequence."""
        return self.run.__name__

    @property
    def statement(self) -> str:
        """The law in words, from the docstring."""
        return " ".join((self.run.__doc__ or "").split())

    def broken(self, subject: str, finding: Finding) -> Broken:
        """Makes the error that tells of a finding."""
        return Broken(self, subject, finding)


@attrs.frozen
class Verdict:
    """What became of one law: how it came out, why it was left out, what was found."""

    law: str
    outcome: Outcome
    reason: str = ""
    found: BaseException | None = None

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.law}: {self.outcome}{why}"


@attrs.frozen(slots=False)
class Subject:
    """A projection under test: how to make a fresh one, and how to run it."""

    make: Callable[[], Projection[Any]]
    equality: Callable[[Any, Any], bool] | None = None

    @cached_property
    def sample(self) -> Projection[Any]:
        """One of them, to ask for its powers; no run uses it."""
        made = self.make()
        replay.check(made)
        return made

    @property
    def name(self) -> str:
        """What failures call it."""
        return type(self.sample).__name__

    def has(self, power: str) -> bool:
        """Whether it defines an optional power, such as ``merge``."""
        return hasattr(self.sample, power)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two answers are the same, in the projection's own eyes."""
        if self.equality is not None:
            return self.equality(one, other)
        equal = getattr(self.sample, "equal", None)
        if equal is None:
            return bool(one == other)
        if self.has("key") and isinstance(one, Mapping) and isinstance(other, Mapping):
            return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
        return bool(equal(one, other))

    def answer(
        self, said: Iterable[Said], at: int | None = None, reading: Reading = "certain"
    ) -> Any:
        """Asks a fresh projection about what was said."""
        return replay.answer(self.make(), standing(said), at=at, reading=reading)

    def counted(
        self, said: Iterable[Said], at: int | None = None, reading: Reading = "certain"
    ) -> list[Account]:
        """Gives the accounts that are folded, in chronological order."""
        sample = self.sample
        return [one for one in standing(said) if replay.counts(sample, one, at, reading)]

    def by_key(self, accounts: Iterable[Account]) -> dict[Any, list[Account]]:
        """Groups accounts by the projection's key; under one key where it has none."""
        return replay.grouped(self.make(), accounts)

    def finish(self, state: Any, at: int | None = None) -> Any:
        """Makes the answer from a state."""
        return replay.result(self.make(), state, at)
