"""What a law is, what it finds, and how a projection is run under one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from math import isclose
from textwrap import wrap
from typing import Any, Generic, Literal, TypeVar

import attrs

from timeline.accounts import Account
from timeline.claims import LinkClaim, Said
from timeline.errors import ProjectionError
from timeline.export import to_html
from timeline.folding import replay
from timeline.linking import resolve_linked
from timeline.log import Log, chronology
from timeline.projection import Powers, Projection, powers_of
from timeline.resolution import Reading, resolve
from timeline.testing import counterexamples
from timeline.testing.choices import Case
from timeline.testing.code_text import script
from timeline.testing.counterexamples import log_of
from timeline.testing.laws.reasons import CAUSES, REASONS
from timeline.testing.report_text import (
    PAGE,
    apart,
    difference,
    numbered,
    paragraph,
    shortened,
    table,
    text,
)

__all__ = [
    "Broken",
    "Finding",
    "Law",
    "LawReport",
    "LawWarning",
    "Run",
    "Subject",
    "Verdict",
    "agree",
    "law",
    "rounding",
]

_KEPT = 40  # histories whose accounts are kept
_PASTED = 12  # things said, at most, of a counterexample that is shown as code

Outcome = Literal["held", "broken", "doesn't apply", "skipped"]
S = TypeVar("S")
Begin = Callable[[Any, Sequence[tuple[Said, ...]], bool], AbstractContextManager[Any]]
"""Begins a law on a subject and a small corpus; what it gives is the law's ``choices.begun``.

The last argument is whether it is to be quick.
"""


@attrs.frozen
class Run:
    """One of two runs that must agree: what it is called, what was said, what was answered.

    ``recorded`` tells when each thing that was said arrived, where that matters.
    """

    name: str
    said: Sequence[Said]
    answer: Any
    recorded: Sequence[str] = ()


@attrs.frozen
class Finding:
    """Two runs that should have agreed: what each was given and what each gave.

    ``asked`` is the question, where it wasn't simply the answer in the end; ``hint`` is a likelier
    cause than the law's own; ``recorded`` tells when what was said arrived, by history. ``parting``
    is whether two answers should have been the same, so that it is told where they differ.
    """

    histories: Mapping[str, Sequence[Said]]
    answers: Mapping[str, Any]
    asked: str = ""
    hint: str = ""
    recorded: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    parting: bool = True
    mend: str = ""

    @property
    def said(self) -> Sequence[Said]:
        """The first of the histories."""
        return next(iter(self.histories.values()), ())

    @property
    def size(self) -> int:
        """How many claims, retractions and voids its longest history has."""
        return max(map(len, self.histories.values()), default=0)


class LawWarning(UserWarning):
    """A law held, and nothing that was tried could have broken it."""


class Broken(AssertionError):  # noqa: N818 - a law is broken
    """A law doesn't hold, with the smallest history found that shows it.

    ``again`` says how to see it again. ``seed`` is that of the search that found it, None where
    the corpus showed it, which every run tries. ``case`` is what the law was run on, ``crash`` the
    type of an error that the subject raised, ``cut_off`` whether the reduction ended for its
    number of steps.
    """

    def __init__(self, law: Law[Any], subject: str, finding: Finding) -> None:
        super().__init__(law.name)
        self.law = law
        self.subject = subject
        self.finding = finding
        self.seed: int | None = None
        self.again = ""
        self.case: Case | None = None
        self.crash: type[BaseException] | None = None
        self.cut_off = False

    def sought(self, seed: int) -> None:
        """Note the seed of the search that found it."""
        self.seed = seed
        self.again = f"seed={seed} in the same line, or pytest --hypothesis-seed={seed}"

    @property
    def history(self) -> Sequence[Said]:
        """The history on which the law was run, the longest of those shown where it chose one."""
        if self.case is not None and self.case.history:
            return self.case.history
        return max(self.finding.histories.values(), key=len, default=())

    @property
    def log(self) -> Log:
        """A log of that history, to be asked, exported or opened as a page."""
        return log_of(self.history)

    @property
    def code(self) -> str:
        """Public calls that make that log, to be pasted."""
        return script(self.history)

    @property
    def lines(self) -> list[str]:
        """That log as JSON Lines, which ``laws.check_log`` tries again in any version."""
        return counterexamples.lines(self.history)

    @property
    def page(self) -> str:
        """That log as a page for a browser."""
        return to_html(chronology(self.log))

    def __str__(self) -> str:
        """Tell law, reason, history, both answers, where they part, and what to do."""
        finding = self.finding
        lines = [f"{self.subject} breaks the law {self.law.name}", ""]
        lines += self.law.told()
        for name, history in finding.histories.items():
            lines += [f"{name}:", table(history, finding.recorded.get(name, ())), ""]
        if finding.asked:
            lines += [f"Asked: {finding.asked}", ""]
        wide = max(map(len, finding.answers), default=0)
        for name, answer in apart(finding.answers).items():
            shown = numbered(answer, finding.histories.get(name, finding.said))
            lines += paragraph(f"{name + ':':<{wide + 1}}", shortened(shown))
        if len(finding.answers) == 2 and finding.parting:  # noqa: PLR2004 - two runs are compared
            parting = numbered(difference(*finding.answers.values()), finding.said)
            lines += paragraph("They first differ in", parting)
        lines.append("")
        lines += paragraph("Likely cause:", finding.hint or self.law.cause)
        lines += paragraph("What to do:", finding.mend or self.law.mend)
        if self.again:
            lines += paragraph("To see it again:", self.again)
        if self.cut_off:
            lines += paragraph("Reduced", "no further: as many steps were taken as it may take.")
        if isinstance(self.case, Case) and 0 < len(self.history) <= _PASTED:
            lines += ["", "As code:", "", *self.code.splitlines()]
        return "\n".join(line.rstrip() for line in lines)


@attrs.frozen
class Law(Generic[S]):
    """A law: a named function whose docstring is the law.

    ``run(subject, choices)`` compares two different runs and raises ``Broken`` where they differ.
    ``applies`` gives None, or the reason why a subject has nothing to hold to it. ``cause`` and
    ``mend`` are what a failure says. A ``whole`` law takes the corpus at once, and ``begin`` may
    begin it ahead of its turn. ``twin`` makes a subject that is sabotaged so that it breaks the
    law, None where it can't be; if nothing that was tried tells it apart, ``needs`` says what to
    give.
    """

    run: Callable[[S, Any], None]
    cause: str
    mend: str
    applies: Callable[[S], str | None] = lambda _: None
    whole: bool = False
    begin: Begin | None = None
    twin: Callable[[S], S | None] | None = None
    needs: str = "give events= or histories= of your own, in which it matters"

    @property
    def name(self) -> str:
        """The law's name, which is its consequence."""
        return self.run.__name__

    @property
    def statement(self) -> str:
        """The law in words, from the docstring."""
        return " ".join((self.run.__doc__ or "").replace("``", "`").split())

    @property
    def why(self) -> str:
        """Why it matters, in a sentence."""
        return REASONS.get(self.name, "")

    def told(self) -> list[str]:
        """The lines that open a failure: what must hold, and why that matters."""
        words = f"Why it matters: {self.why[:1].lower()}{self.why[1:]}".replace("``", "`")
        paragraphs = (self.statement, words) if self.why else (self.statement,)
        return [
            *(line for one in paragraphs for line in wrap(one, PAGE, break_on_hyphens=False)),
            "",
        ]

    def broken(self, subject: str, finding: Finding) -> Broken:
        """Make the error that tells of a finding."""
        return Broken(self, subject, finding)


def law(
    *,
    cause: str,
    mend: str,
    applies: Callable[[Any], str | None] = lambda _: None,
    **options: Any,
) -> Callable[[Callable[[S, Any], None]], Law[S]]:
    """Make a law of the function beneath; arguments as the fields of ``Law``."""

    def made(run: Callable[[S, Any], None]) -> Law[S]:
        return Law(run, cause=cause, mend=mend, applies=applies, **options)

    return made


@attrs.frozen
class Verdict:
    """What became of one law: how it came out, why it was left out, what was found.

    ``gap`` is what to give where it held and nothing that was tried could have broken it.
    """

    law: str
    outcome: Outcome
    reason: str = ""
    found: BaseException | None = None
    gap: str = ""

    def __str__(self) -> str:
        if self.gap:
            return f"{self.law}: held, but nothing tried could have broken it ({self.gap})"
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.law}: {self.outcome}{why}"


@attrs.frozen
class LawReport:
    """What became of every law for one subject; ``str`` tells it to a person."""

    subject: str
    verdicts: tuple[Verdict, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """The names of the laws that held, where nothing that was tried could have broken them."""
        return tuple(one.law for one in self.verdicts if one.gap)

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
        laws = "law" if held == 1 else "laws"
        lines = [f"{self.subject}: {held} {laws} held, {len(self.falsified)} broken", ""]
        lines += [f"  {one}" for one in self.verdicts]
        broken = [one for one in self.verdicts if one.found is not None]
        for one in broken:
            cause = next((law for law in CAUSES.get(one.law, ()) if law in self.falsified), "")
            lines += ["", "-" * 80]
            lines += (
                [f"{one.law} is broken too, most likely through {cause}: mend that first"]
                if cause
                else [str(one.found)]
            )
        return "\n".join(lines)


@attrs.frozen(slots=False)
class Subject:
    """A projection under test: how to make a fresh one, and how to run it."""

    make: Callable[[], Projection[Any]]
    equality: Callable[[Any, Any], bool] | None = None

    @cached_property
    def sample(self) -> Projection[Any]:
        """One of them, to ask for its powers; no run uses it.

        Raises ``ProjectionError`` where none can be made, or what is made can't be folded.
        """
        name = getattr(self.make, "__name__", repr(self.make))
        if isinstance(self.make, type) and not issubclass(self.make, Projection):
            raise ProjectionError(
                f"{name} is no projection; give a class derived from Projection, or a function "
                "that makes one"
            )
        try:
            made = self.make()
        except TypeError as error:
            raise ProjectionError(
                f"{name} can't be called without arguments: {error}; give a function that makes a "
                f"fresh projection, such as lambda: {name}(…)"
            ) from error
        replay.check(made)
        return made

    @property
    def name(self) -> str:
        """What failures call it."""
        return type(self.sample).__name__

    @cached_property
    def powers(self) -> Powers:
        """The optional powers that it has, such as ``merge``."""
        return powers_of(self.sample)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two answers are the same, in the projection's own eyes.

        Answers of a class without ``==`` are the same if all that can be told of them is. Raises
        ``ProjectionError`` where ``==`` doesn't answer with yes or no.
        """
        if self.equality is not None:
            return bool(self.equality(one, other))
        equal = self.powers.equal
        if equal is None:
            try:
                return bool(one == other) or text(one) == text(other)
            except (TypeError, ValueError) as error:
                raise ProjectionError(
                    f"two answers of {self.name} can't be compared: {error}; define "
                    "equal(self, a, b) on it"
                ) from error
        if self.powers.key is not None and isinstance(one, Mapping) and isinstance(other, Mapping):
            return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
        return bool(equal(one, other))

    def answer(
        self, said: Iterable[Said], at: int | None = None, reading: Reading = "certain"
    ) -> Any:
        """Ask a fresh projection about what was said."""
        return replay.answer(self.make(), _standing(said), at=at, reading=reading)

    def followed(
        self,
        batches: Iterable[Sequence[Said]],
        at: int | None = None,
        reading: Reading = "certain",
    ) -> Any:
        """Ask one projection again after every batch, and return its last answer."""
        projection = self.make()
        said: list[Said] = []
        answer = replay.answer(projection, (), at=at, reading=reading)
        for batch in batches:
            said += batch
            answer = replay.answer(projection, _standing(said), at=at, reading=reading)
        return answer

    def folded(self, accounts: Iterable[Account]) -> Any:
        """Take the start of a fresh projection through accounts."""
        projection = self.make()
        return replay.fold(projection, accounts, projection.start)

    def counted(
        self, said: Iterable[Said], at: int | None = None, reading: Reading = "certain"
    ) -> list[Account]:
        """Return the accounts that are folded, in chronological order."""
        sample = self.sample
        return [one for one in _standing(said) if replay.counts(sample, one, at, reading)]

    def by_key(
        self, accounts: Iterable[Account], at: int | None = None
    ) -> dict[Any, list[Account]]:
        """Group accounts by the projection's key; under one key where it has none."""
        return replay.grouped(self.make(), accounts, at)

    def restored(self, state: Any) -> Any:
        """Return a state that was stored and read back, as it is."""
        return state

    def finish(self, state: Any, at: int | None = None) -> Any:
        """Make the answer from a state."""
        return replay.result(self.make(), state, at)


_RESOLVED: dict[tuple[int, ...], tuple[tuple[Said, ...], list[Account]]] = {}


def _standing(said: Iterable[Said]) -> list[Account]:
    """The accounts of what was said, with its links applied.

    All laws ask about the same few histories, and what is said never changes: so the accounts of
    the last few are kept, by the identity of what was said.
    """
    history = tuple(said)
    name = tuple(map(id, history))
    if name not in _RESOLVED:
        if any(isinstance(one, LinkClaim) for one in history):
            accounts, _, _ = resolve_linked(history)
        else:
            accounts = resolve(history)
        if len(_RESOLVED) >= _KEPT:
            del _RESOLVED[next(iter(_RESOLVED))]
        _RESOLVED[name] = history, accounts
    return _RESOLVED[name][1]


def agree(
    law: Law[Any], subject: Subject, one: Run, other: Run, *, asked: str = "", hint: str = ""
) -> None:
    """Raise ``Broken`` unless two runs gave the same answer."""
    if subject.same(one.answer, other.answer):
        return
    both = (one, other)
    hint = hint or rounding(one.answer, other.answer)
    alike = tuple(one.said) == tuple(other.said) and tuple(one.recorded) == tuple(other.recorded)
    histories = {"Said": one.said} if alike else {run.name: run.said for run in both}
    answers = {run.name: run.answer for run in both}
    recorded = {} if alike else {run.name: run.recorded for run in both}
    raise law.broken(subject.name, Finding(histories, answers, asked, hint, recorded))


def rounding(one: Any, other: Any) -> str:
    """Return a hint where two answers differ by the rounding of floats alone, else nothing."""
    if not _close(one, other):
        return ""
    return (
        "floats that are added in another order differ in their last digits, and no law can hold "
        "for those: add whole numbers or Fractions, or round in equal(self, a, b)"
    )


def _close(one: Any, other: Any) -> bool:
    """Whether two answers are the same but for the last digits of floats."""
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(_close, one, other))
    return bool(one == other)
