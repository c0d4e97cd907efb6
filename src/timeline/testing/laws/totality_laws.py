"""The laws that all others rest on: there is an answer, and it can be told from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from traceback import extract_tb
from typing import Any

import attrs

from timeline.claims import Claim
from timeline.folding import replay
from timeline.resolution import resolve
from timeline.testing.choices import Choices
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Finding, Subject, law
from timeline.testing.laws.question_choices import question
from timeline.testing.report_text import Worded, text

__all__ = [
    "equal_is_an_equivalence",
    "essence_goes_by_the_answer",
    "handlers_accept_every_event",
]

_OWN = "/timeline/"


@law(
    cause="a field that a source may leave out is None, a count is open, or nothing was said",
    mend="take every event that the kinds allow: ask for None, and give an answer for no event too",
    twin=sabotage.needs_every_field,
    needs="give events= in which fields are left out",
)
def handlers_accept_every_event(subject: Subject, choices: Choices) -> None:
    """Handlers, key and result return on every event that the kinds allow, and on none at all."""
    history = choices.history()
    asked = question(choices, history)
    try:
        subject.finish(subject.make().start, asked.at)
        subject.answer(history, *asked)
    except Exception as error:
        where, event = _frame(error), _failing(subject, history, *asked)
        answers = {"Raised": error, "At": Worded(where)} if where else {"Raised": error}
        empty = [] if event is None else _left_out(event)
        hint = f"{type(error).__name__} at {where or 'no line of its own'}"
        if empty:
            verb = "is" if len(empty) == 1 else "are"
            hint += f", on an event in which {', '.join(empty)} {verb} None"
        if event is None:
            hint += ", where no event has happened"
        finding = Finding({"Said": history}, answers, str(asked), hint, parting=False)
        broken = handlers_accept_every_event.broken(subject.name, finding)
        broken.crash = type(error)
        raise broken from error


def _frame(error: BaseException) -> str:
    """The line of a user's own code that raised, as file:line, method and text."""
    frames = [one for one in extract_tb(error.__traceback__) if _OWN not in one.filename]
    if not frames:
        return ""
    last = frames[-1]
    name = last.filename.replace("\\", "/").rpartition("/")[2]
    return f"{name}:{last.lineno}, in {last.name}: {last.line}"


def _failing(subject: Subject, history: Any, at: Any, reading: Any) -> Any:
    """The event on which the projection fails, None where it fails without any."""
    accounts = resolve(history)
    for count in range(len(accounts) + 1):
        try:
            replay.answer(subject.make(), accounts[:count], at=at, reading=reading)
        except Exception:  # noqa: BLE001 - which event it is, not what is wrong
            return accounts[count - 1].event if count else None
    return None


def _left_out(event: Any) -> list[str]:
    return [one.name for one in attrs.fields(type(event))
            if one.name != "summary" and getattr(event, one.name) is None]  # fmt: skip


@law(
    cause="the answer is an iterator, or of a class without ==, or equal says yes to everything",
    mend="return a value (a tuple, not a generator), or say equal(self, a, b) of what it holds",
    whole=True,
)
def equal_is_an_equivalence(subject: Subject, choices: Choices) -> None:
    """Answers can be compared: each equals itself, in both directions, and some differ.

    An iterator is spent by looking at it, and objects without a useful ``==`` are all alike.
    """
    answers: dict[str, tuple[Any, Any]] = {}
    for history in choices.corpus:
        answer = subject.answer(history)
        blind = next(_blind(answer), None)
        if blind is not None and subject.equality is None and subject.powers.equal is None:
            hint = f"the answer holds a {type(blind).__name__}, of which no two can be compared"
            _fail(subject, history, {"The answer": answer}, hint)
        if blind is None:
            if not subject.same(answer, answer):
                _fail(subject, history, {"The answer": answer}, "an answer doesn't equal itself")
            answers.setdefault(text(answer), (answer, history))
    answered = list(answers.values())
    pairs = [*pairwise(answered), *zip(answered, answered[2:], strict=False)]
    for (one, history), (other, _) in pairs:
        if subject.same(one, other) != subject.same(other, one):
            _fail(subject, history, {"One": one, "Another": other},
                  "whether they are equal depends on which comes first")  # fmt: skip
    if pairs and all(subject.same(one, other) for (one, _), (other, _) in pairs):
        (one, history), (other, _) = answered[0], answered[-1]
        _fail(
            subject, history, {"One": one, "Another": other}, "equal takes all answers for the same"
        )


@law(
    cause="essence goes by what isn't in the answer: a counter, an address, what was asked before",
    mend="make essence a plain value of parts of the answer, one for all answers that are equal",
    applies=lambda subject: "it has no essence(answer)" if subject.powers.essence is None else None,
    twin=sabotage.never_the_same_essence,
)
def essence_goes_by_the_answer(subject: Subject, choices: Choices) -> None:
    """Answers that are equal have one essence, whoever is asked for it and however often."""
    history = choices.history()
    asked = question(choices, history)
    for group in subject.by_key(subject.counted(history, *asked), asked.at).values():
        one, other = (subject.finish(subject.folded(group), asked.at) for _ in range(2))
        makers: list[Any] = [subject.make(), subject.make()]
        first, again = (makers[0].essence(one) for _ in range(2))
        elsewhere = makers[1].essence(other)
        if subject.same(one, other) and not (first == again == elsewhere):
            essences = {"First": first, "Again": again, "Of an equal answer": elsewhere}
            finding = Finding({"Said": history}, essences, hint="one answer", parting=False)
            raise essence_goes_by_the_answer.broken(subject.name, finding)


def _fail(subject: Subject, history: Any, answers: Mapping[str, Any], hint: str) -> None:
    finding = Finding({"Said": history}, answers, hint=hint, parting=False)
    raise equal_is_an_equivalence.broken(subject.name, finding)


def _blind(value: Any) -> Iterator[Any]:
    """The parts of an answer of which no two can be compared."""
    if isinstance(value, Iterator):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _blind(part)
    elif isinstance(value, str | bytes | Claim):
        return
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from _blind(part)
    elif _tells_nothing(value):
        yield value


def _tells_nothing(value: Any) -> bool:
    """Whether an object has neither == nor anything that can be told of it."""
    cls: Any = type(value)
    if cls.__eq__ is not object.__eq__ or isinstance(value, type) or value is None:
        return False
    return callable(value) or (
        cls.__repr__ is object.__repr__ and not getattr(value, "__dict__", None)
    )
