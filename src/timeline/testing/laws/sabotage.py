"""Sabotages a subject so that it breaks a law, to prove that what was tried could have shown it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from timeline.claims import Claim
from timeline.events import Event
from timeline.folding import replay
from timeline.projection import Projection, powers_of
from timeline.testing.laws.base import Subject
from timeline.testing.report_text import text

__all__ = [
    "asks_the_clock",
    "believes_the_last_claim",
    "blind",
    "changes_states",
    "changes_when_asked",
    "compacts_to_nothing",
    "counts_letters_of_ids",
    "counts_strangers",
    "forgets_what_was_stored",
    "keeps_the_second",
    "leaks",
    "needs_every_field",
    "never_the_same_essence",
    "reads_bounds",
    "remembers",
    "shows_the_last_id",
    "tells_bounds",
    "tells_counts",
]

Step = Callable[[Any, Any, Event], Any]
"""Makes what a twin notes beside its state: from the twin, what it noted before, and an event."""


@attrs.frozen(slots=False)
class _Twin(Subject):
    """A sabotaged subject: its answers are pairs, the true one and what the sabotage shows."""

    original: Any = None
    shown: bool = False
    """Whether what is shown is all that is compared."""

    def same(self, one: Any, other: Any) -> bool:
        """Compare the true answers as the original does, and what is shown by ``==``."""
        if (
            self.original.powers.key is not None
            and isinstance(one, Mapping)
            and isinstance(other, Mapping)
        ):
            return one.keys() == other.keys() and all(
                self._alike({key: one[key][0]}, {key: other[key][0]}, one[key][1], other[key][1])
                for key in one
            )
        return self._alike(one[0], other[0], one[1], other[1])

    def _alike(self, one: Any, other: Any, shown: Any, other_shown: Any) -> bool:
        alike = bool(shown == other_shown)
        return alike and (self.shown or self.original.same(one, other))


def _twin(
    subject: Subject,
    step: Step,
    *,
    first: Callable[[], Any] = tuple,
    show: Callable[[Any], Any] = lambda noted: noted,
    narrows: Callable[[Any, Any], bool] | None = None,
    shown: bool = False,
) -> Subject:
    sample: Any = subject.sample

    class Twin(Projection[Any]):
        def __init__(self) -> None:
            self.inner: Any = subject.make()
            self.start = (self.inner.start, first())
            self.count = 0
            if (key := powers_of(self.inner).key) is not None:
                self.key = key
            if narrows is not None:
                self.narrows = lambda wide, sharp: narrows(wide[1], sharp[1])  # pyright: ignore[reportOptionalCall]

        def handle(self, state: Any, event: Event, account: Any) -> Any:
            inner, noted = state
            self.account = account
            seen = account if account.event is event else attrs.evolve(account, event=event)
            return replay.fold(self.inner, (seen,), inner), step(self, noted, event)

    def result(self: Any, state: Any, at: int | None = None) -> Any:
        return replay.result(self.inner, state[0], at), show(state[1])

    made: Any = Twin
    made.handlers = dict.fromkeys(sample.handlers, (Twin.handle, True))
    made.takes_query_time = sample.takes_query_time
    made.result = result
    return _Twin(Twin, original=subject, shown=shown)


def _changed(subject: Subject, **methods: Callable[..., Any]) -> Subject:
    """The subject with methods of each projection that it makes changed."""

    def make() -> Any:
        made = subject.make()
        for name, method in methods.items():
            object.__setattr__(made, name, method)
        return made

    return attrs.evolve(subject, make=make)


def _content(event: Any, *but: str) -> str:
    """All that an event says, but for some fields."""
    names = (field.name for field in attrs.fields(type(event)))
    return text({name: getattr(event, name) for name in names if name not in but})


def shows_the_last_id(subject: Subject) -> Subject:
    """An order that shows the last id."""
    return _twin(subject, lambda _, __, event: event.id)


def asks_the_clock(subject: Subject) -> Subject:
    """Each step asks in which zone it runs."""
    return _twin(subject, lambda _, noted, __: (*noted, os.environ.get("TZ")))


def remembers(subject: Subject) -> Subject:
    """Each step tells how many the projection made before it, for whatever question."""

    def step(twin: Any, _: Any, __: Event) -> int:
        twin.count += 1
        return int(twin.count)

    return _twin(subject, step)


def leaks(subject: Subject) -> Subject:
    """A key that tells how often all keys were folded."""
    return remembers(subject)


def changes_states(subject: Subject) -> Subject:
    """Each step adds to a list that all states share."""

    def step(_: Any, noted: list[str], event: Event) -> list[str]:
        noted.append(event.id)
        return noted

    return _twin(subject, step, first=list)


def changes_when_asked(subject: Subject) -> Subject:
    """Each answer adds to the state."""

    def show(noted: list[str]) -> int:
        if noted:
            noted.append("asked")
        return len(noted)

    return _twin(subject, lambda _, noted, event: [*noted, event.id], first=list, show=show)


def keeps_the_second(subject: Subject) -> Subject:
    """A merge that gives its second argument."""
    return _changed(subject, merge=lambda _, b: b)


def compacts_to_nothing(subject: Subject) -> Subject:
    """What is compacted is the start."""
    return _changed(subject, compact=lambda _: subject.make().start)


def never_the_same_essence(subject: Subject) -> Subject:
    """An essence that is another one each time."""
    return _changed(subject, essence=lambda _: object())


def needs_every_field(subject: Subject) -> Subject:
    """A step that fails on an event with a field that is None."""

    def step(_: Any, noted: Any, event: Any) -> Any:
        if any(getattr(event, field.name) is None for field in attrs.fields(type(event))):
            raise TypeError("a field is None")
        return noted

    return _twin(subject, step)


def believes_the_last_claim(subject: Subject) -> Subject:
    """Each step believes the claim with the greatest id."""

    def step(twin: Any, noted: Any, _: Event) -> Any:
        event: Any = max(twin.account.counted, key=lambda claim: str(claim.id)).event
        return (*noted, _content(event, "id"))

    return _twin(subject, step)


def counts_letters_of_ids(subject: Subject) -> Subject:
    """Tell how long the ids of events are."""
    return _twin(subject, lambda _, noted, event: (*noted, len(event.id)))


def reads_bounds(subject: Subject) -> Subject:
    """Answers with the content of the event whose time is the last by its bounds."""

    def step(_: Any, noted: Any, event: Any) -> Any:
        lo, hi = event.when.lo or 0, event.when.hi or 0
        content = _content(event, "id", "when")
        return max(noted, (lo, hi, content)) if noted else (lo, hi, content)

    return _twin(subject, step, show=lambda noted: noted[2:], shown=True)


def tells_bounds(subject: Subject) -> Subject:
    """Answers with the times, and holds that none may become sharper."""
    step: Step = lambda _, noted, event: (*noted, (event.when.lo, event.when.hi))  # noqa: E731
    return _twin(subject, step, narrows=lambda wide, sharp: bool(wide == sharp))


def tells_counts(subject: Subject) -> Subject:
    """Answers with the counts, and holds that none may become wider."""

    def step(_: Any, noted: Any, event: Any) -> Any:
        return (*noted, text([getattr(event, field.name) for field in attrs.fields(type(event))]))

    return _twin(subject, step, narrows=lambda wide, sharp: bool(wide == sharp))


def blind(subject: Subject) -> Subject:
    """Take all answers for the same."""
    return attrs.evolve(subject, equality=lambda _, __: True)


@attrs.frozen(slots=False)
class _CountsStrangers(Subject):
    def answer(self, said: Any, at: Any = None, reading: Any = "certain") -> Any:
        """Return the answer, and how many events of whatever kind there are."""
        history = list(said)
        handles = self.sample.handler
        strange = [
            one for one in history if isinstance(one, Claim) and not handles(type(one.event))
        ]
        return super().answer(history, at, reading), len(strange)


def counts_strangers(subject: Subject) -> Subject:
    """Tell how many events of a kind that it doesn't handle there are."""
    return _CountsStrangers(subject.make, lambda one, other: bool(one[1] == other[1]))


@attrs.frozen(slots=False)
class _Forgets(Subject):
    def restored(self, _: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the start."""
        return self.make().start


def forgets_what_was_stored(subject: Subject) -> Subject:
    """Whatever was stored, it begins anew."""
    return _Forgets(subject.make, subject.equality)
