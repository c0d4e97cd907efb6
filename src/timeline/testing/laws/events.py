"""The laws of a kind of event: what is written stays what it was, in every version."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import attrs
import msgspec
from hypothesis import strategies as st

from timeline.canonical import encode, plain
from timeline.claims import Claim, Report, Said
from timeline.codec import Codec
from timeline.counts import Breakdown, Count
from timeline.errors import KindError, LawError
from timeline.events import Event, UnknownEvent, version_of
from timeline.fast_decode import recheck
from timeline.kinds import KINDS
from timeline.testing import strategies
from timeline.testing.choices import Choices
from timeline.testing.corpus import small_events
from timeline.testing.environment import changed_world
from timeline.testing.laws import law_suite
from timeline.testing.laws.base import Finding, Law, LawReport, law
from timeline.testing.laws.event_walk import left_to_default, parts
from timeline.testing.laws.pytest_items import checked
from timeline.time_parsing import when

__all__ = [
    "EVENT_LAWS",
    "an_event_needs_no_clock",
    "an_event_never_changes",
    "an_old_event_stays_itself",
    "check_event",
    "equal_events_have_one_id",
    "every_event_has_a_headline",
    "making_it_again_changes_nothing",
    "old_versions_read_the_same_in_steps",
    "the_kind_is_its_own",
    "verify_event",
    "what_is_refused_stays_refused",
    "what_is_written_is_read_back",
]

Older = Mapping[int, type[Event] | st.SearchStrategy[Any]]
"""For an older version, its class as it was, or a strategy for its content as a dict."""

_REPORT = Report("One", published="2022-09-03")
_DAYS = (when("2022-09-01"), when("2022-09-02"))
_MOST = 3  # events in one case
# What a field may be handed by bytes that somebody else wrote.
_PROBES: tuple[Any, ...] = (
    None, True, -1, 0, 10**15, -0.5, 1e300, "", " ", "?", "x" * 300, [], [None], {}
)  # fmt: skip


@attrs.frozen(slots=False)
class _Kind:
    """A kind under test, the kinds it stands beside, and its older versions."""

    kind: Any
    beside: tuple[type[Event], ...]
    older: Older

    @cached_property
    def codec(self) -> Codec:
        """Reads and writes this kind alone."""
        return Codec((self.kind,))

    @cached_property
    def renamed(self) -> Any:
        """The same kind under another Python name."""
        names = {"kind": self.kind.kind, "upcasts": self.kind.upcasts}
        return type("Renamed", (self.kind,), names)

    def made(self, kind: Any, event: Any, **changes: Any) -> Event:
        """Make an event anew from the fields of one."""
        fields = {
            field.alias: getattr(event, field.name)
            for field in attrs.fields(type(event))
            if field.init
        }
        made: Event = kind(**fields | changes)
        return made


def _events(subject: _Kind, choices: Choices) -> list[Any]:
    """The events of a case that are of the kind's present version."""
    said = choices.history()
    return [one.event for one in said if isinstance(one, Claim) and type(one.event) is subject.kind]


def _old(choices: Choices) -> list[UnknownEvent]:
    """The events of a case that are of an older version, as they stand in a log."""
    said = choices.history()
    events = [one.event for one in said if isinstance(one, Claim)]
    return [event for event in events if isinstance(event, UnknownEvent)]


def _agree(
    law: Law[_Kind],
    subject: _Kind,
    event: Event,
    one: tuple[str, Any],
    other: tuple[str, Any],
) -> None:
    if one[1] != other[1] or type(one[1]) is not type(other[1]):
        history = {"Said": (_REPORT.says(event),)}
        finding = Finding(history, dict([one, other]))
        raise law.broken(subject.kind.__name__, finding)


@law(
    cause="a part of the event isn't equal to another one made of the same values",
    mend="keep plain values and frozen attrs classes with their own equality, unchanged when made",
)
def what_is_written_is_read_back(subject: _Kind, choices: Choices) -> None:
    """An event that is written down and read back is the same event.

    It has the same bytes, hash and id.
    """
    for event in _events(subject, choices):
        kind, body = Codec.event_body(event)
        read = subject.codec.event(kind, body)
        law = what_is_written_is_read_back
        _agree(law, subject, event, ("Written", event), ("Read back", read))
        _agree(law, subject, event, ("Its hash", hash(event)), ("Read back", hash(read)))
        again = subject.codec.event_body(read)[1]
        _agree(law, subject, event, ("Its bytes", body), ("Written again", again))


@law(
    cause="a converter changes what it has converted already, such as metres to metres",
    mend="let a converter leave alone what it gives: convert(convert(x)) == convert(x)",
)
def making_it_again_changes_nothing(subject: _Kind, choices: Choices) -> None:
    """An event made again of its own fields is the same event."""
    for event in _events(subject, choices):
        again = subject.made(subject.kind, event)
        law = making_it_again_changes_nothing
        _agree(law, subject, event, ("Made once", event), ("Made again", again))
        bodies = (Codec.event_body(event)[1], Codec.event_body(again)[1])
        _agree(law, subject, event, ("Its bytes", bodies[0]), ("Made again", bodies[1]))


def _alike(subject: _Kind, event: Event, others: Sequence[Event]) -> Iterator[Event]:
    """Events that differ from one in a single field, or in the case of its letters."""
    for field in attrs.fields(subject.kind):
        if field.name == "id":
            continue
        value = getattr(event, field.name)
        values = [getattr(other, field.name) for other in others]
        if field.name == "when":
            values += _DAYS
        if isinstance(value, str):
            values += [value.swapcase(), f"{value} ", f"{value}!"]
        elif isinstance(value, int | float):
            values += [value + 1, -value]
        for changed in values:
            try:
                yield subject.made(subject.kind, event, id="", **{field.alias: changed})
            except (ValueError, TypeError):
                continue  # the kind refuses it


@law(
    cause="the kind has an equality of its own (eq=…, __eq__), or sets its id by itself",
    mend="leave equality and the derived id to the fields; normalize a value with a converter",
)
def equal_events_have_one_id(subject: _Kind, choices: Choices) -> None:
    """Two events that are given no id have the same one if they are equal, and only then.

    A count of none and one that nobody gives are alike in it: ids are older than the difference.
    """
    events = [subject.made(subject.kind, one, id="") for one in _events(subject, choices)]
    for event in events:
        for other in (*_alike(subject, event, events), *events):
            equal = event == other
            one_id = event.id == other.id
            if equal is one_id and (not equal or hash(event) == hash(other)):
                continue
            if one_id and not equal and _without_none(event) == _without_none(other):
                continue
            history = {"Said": (_REPORT.says(event), _REPORT.says(other))}
            answers = {
                "The events are": "equal" if equal else "not equal",
                "Their ids are": [event.id, other.id],
                "Their hashes are": [hash(event), hash(other)],
            }
            name = subject.kind.__name__
            raise equal_events_have_one_id.broken(name, Finding(history, answers))


def _without_none(event: Event) -> tuple[object, ...]:
    """An event's kind and fields, with a count of none as if nobody gave it."""

    def value(of: object) -> object:
        if isinstance(of, Breakdown):
            return {name: count for name, count in of.items() if count != Count(0)}
        return Count() if isinstance(of, Count) and of == Count(0) else of

    kind: Any = type(event)
    return kind, *(value(getattr(event, field.name)) for field in attrs.fields(kind))


@law(
    cause="a class that a field holds can be changed: it is attrs.define, not attrs.frozen",
    mend="make every class that a field holds @attrs.frozen",
)
def an_event_never_changes(subject: _Kind, choices: Choices) -> None:
    """Neither an event nor anything in it can be changed once it is made."""
    for event in _events(subject, choices):
        hash(event)
        for part in parts(event):
            for field in attrs.fields(type(part)):
                try:
                    setattr(copy.copy(part), field.name, getattr(part, field.name))
                except AttributeError:
                    continue
                found = f"{type(part).__name__}.{field.name}"
                finding = Finding({"Said": (_REPORT.says(event),)}, {"Can be set": found})
                raise an_event_never_changes.broken(subject.kind.__name__, finding)


@law(
    cause="a default, converter or check asks the clock, a random number or the machine",
    mend="take what depends on the moment as a field; let check compare the event's own fields",
)
def an_event_needs_no_clock(subject: _Kind, choices: Choices) -> None:
    """An event is made, and read from a log, the same today, tomorrow and elsewhere."""
    for event in _events(subject, choices):
        kind, body = Codec.event_body(event)
        left = [
            {
                field.name
                for field in attrs.fields(subject.kind)
                if left_to_default(field, only=only)
            }
            for only in (True, False)
        ]
        now = [_without(subject, event, names) for names in left]
        with changed_world(choices.number(2)):
            then = [_without(subject, event, names) for names in left]
            read = subject.codec.event(kind, body)
        for one, other in zip(now, then, strict=True):
            names = (("Made here and now", one), ("In another place and year", other))
            _agree(an_event_needs_no_clock, subject, event, *names)
        names = (("Written here and now", event), ("Read in another place and year", read))
        _agree(an_event_needs_no_clock, subject, event, *names)


def _without(subject: _Kind, event: Event, names: set[str]) -> Event | None:
    """An event made of another one's fields but for some; None if the kind refuses it."""
    fields = [field for field in attrs.fields(subject.kind) if field.init]
    values = {
        field.alias: getattr(event, field.name) for field in fields if field.name not in names
    }
    try:
        made: Event = subject.kind(**values)
    except (ValueError, TypeError):
        return None
    return made


@law(
    cause="the id or the content is made from the class's Python name, or the name is taken",
    mend="write the name on disk by hand, '@event(\"word/1\")', and derive nothing from __name__",
)
def the_kind_is_its_own(subject: _Kind, choices: Choices) -> None:
    """A kind shares its name on disk with no other.

    Its class can be renamed without touching a byte of what was written.
    """
    try:
        Codec((*KINDS, *subject.beside, subject.kind))
    except KindError as error:
        finding = Finding({}, {"Refused by a log": str(error)})
        raise the_kind_is_its_own.broken(subject.kind.__name__, finding) from error
    for event in _events(subject, choices):
        one = subject.made(subject.kind, event, id="")
        other = subject.made(subject.renamed, event, id="")
        names = (("Under its own name", Codec.event_body(one)),
                 ("With the class renamed", Codec.event_body(other)))  # fmt: skip
        _agree(the_kind_is_its_own, subject, event, *names)


@law(
    cause="headline takes for given what a field may leave out",
    mend="give a text for every event of the kind, whatever is None or empty",
)
def every_event_has_a_headline(subject: _Kind, choices: Choices) -> None:
    """Every event of the kind can be shown: its headline and text are texts that aren't empty."""
    for event in _events(subject, choices):
        for name, shown in (("headline()", event.headline()), ("str()", str(event))):
            if not isinstance(shown, str) or not shown.strip():
                answers = {"The event": repr(event), name: shown}
                finding = Finding({}, answers, parting=False)
                raise every_event_has_a_headline.broken(subject.kind.__name__, finding)


@law(
    cause="a converter refuses a value, and converters don't run on what is read from a log",
    mend="refuse in a validator or in check(), which run on whatever is made or read",
)
def what_is_refused_stays_refused(subject: _Kind, choices: Choices) -> None:
    """Whatever a checked reading takes from a log could also have been made.

    A field that refuses a value refuses it from bytes that somebody else wrote, too.
    """
    for event in _events(subject, choices):
        kind, body = Codec.event_body(event)
        content = msgspec.json.decode(body)
        for field in attrs.fields(subject.kind):
            for probe in _PROBES:
                written = encode({**content, field.name: probe})
                try:
                    read = subject.codec.event(kind, written)
                    recheck(read)
                except (msgspec.MsgspecError, ValueError, TypeError):
                    continue
                try:
                    subject.made(subject.kind, read)
                except (ValueError, TypeError) as error:
                    answers = {
                        "Read from a log": written,
                        "Made": f"{type(error).__name__}: {error}",
                    }
                    finding = Finding({}, answers, parting=False)
                    name = subject.kind.__name__
                    raise what_is_refused_stays_refused.broken(name, finding) from error


def _has_past(subject: _Kind) -> str | None:
    return None if subject.older else "it has no older versions"


@law(
    cause="an upcast gives what JSON can't hold, keeps something from one call to the next, or is "
    "missing",
    mend="let each upcast be a pure function from plain content to plain content, none left out",
    applies=_has_past,
)
def old_versions_read_the_same_in_steps(subject: _Kind, choices: Choices) -> None:
    """An event of an older version reads the same whether it is lifted at once or step by step.

    Step by step, its content is written down at each version in between.
    """
    for old in _old(choices):
        law = old_versions_read_the_same_in_steps
        kind, body = old.as_recorded
        name, version = version_of(kind)
        at_once = subject.codec.event(kind, body)
        if not isinstance(at_once, subject.kind):
            hint = f"upcasts don't lead from {kind} to {subject.kind.kind}"
            finding = Finding({"Said": (_REPORT.says(old),)}, {"Read": at_once}, hint=hint)
            raise law.broken(subject.kind.__name__, finding)
        for step in range(version, version_of(subject.kind.kind)[1]):
            content = msgspec.json.decode(body)
            fixed = {name: content.pop(name) for name in ("id", "when")}
            body = encode({**subject.kind.upcasts[step](content), **fixed})
            stepwise = subject.codec.event(f"{name}/{step + 1}", body)
            _agree(
                law, subject, old, ("At once", at_once), (f"By way of {name}/{step + 1}", stepwise)
            )
            earlier = subject.older.get(step + 1)
            if isinstance(earlier, type):
                Codec((earlier,)).event(f"{name}/{step + 1}", body)


@law(
    cause="the kind makes its id anew whatever id it is given, or overrides as_recorded",
    mend="leave ids and recorded bytes alone; they are what claims already refer to",
    applies=_has_past,
)
def an_old_event_stays_itself(subject: _Kind, choices: Choices) -> None:
    """An event of an older version keeps its id and its time.

    A claim about it keeps its id and its bytes.
    """
    for old in _old(choices):
        read = subject.codec.event(*old.as_recorded)
        law = an_old_event_stays_itself
        was, now = (old.id, old.when), (read.id, read.when)
        _agree(law, subject, old, ("Its id and time", was), ("Read in this version", now))
        bodies = (_REPORT.says(old).body(), _REPORT.says(read).body())
        _agree(law, subject, old, ("A claim about it", bodies[0]), ("In this version", bodies[1]))


EVENT_LAWS: tuple[Law[_Kind], ...] = (
    what_is_written_is_read_back,
    making_it_again_changes_nothing,
    equal_events_have_one_id,
    an_event_never_changes,
    an_event_needs_no_clock,
    the_kind_is_its_own,
    every_event_has_a_headline,
    what_is_refused_stays_refused,
    old_versions_read_the_same_in_steps,
    an_old_event_stays_itself,
)


def _recorded(event: Event) -> UnknownEvent:
    """An event as a log has it that doesn't know the kind."""
    kind, body = Codec.event_body(event)
    return UnknownEvent(when=event.when, id=event.id, recorded_kind=kind, content=body.decode())


def _past(kind: type[Event], version: int, older: Any) -> st.SearchStrategy[UnknownEvent]:
    """Events of an older version as a log that doesn't know them has them."""
    name, present = version_of(kind.kind)
    if not 1 <= version < present:
        raise LawError(f"older versions of {kind.kind!r} are 1 to {present - 1}, not {version!r}")
    recorded = f"{name}/{version}"
    if isinstance(older, type):
        if getattr(older, "kind", None) != recorded:
            raise LawError(f"older[{version}] is the class of {recorded!r}, not {older!r}")
        return strategies.events(older).map(_recorded)

    def written(content: Mapping[str, Any], bare: Any) -> UnknownEvent:
        envelope = {"id": bare.id, "when": plain(bare.when)}
        unknown: UnknownEvent = attrs.evolve(bare, content=encode({**content, **envelope}).decode())
        return unknown

    bare: Any = st.builds(
        lambda time, number: UnknownEvent(
            when=time, id=f"{name}:{number}", recorded_kind=recorded, content="{}"
        ),
        strategies.whens(),
        st.integers(1, 3),
    )
    return st.builds(written, older, bare)


def _plug(
    kind: type[Event],
    *,
    events: st.SearchStrategy[Any] | None = None,
    older: Older | None = None,
    beside: Iterable[type[Event]] = (),
    skip: Mapping[str, str] | None = None,
) -> law_suite.LawSuite[_Kind]:
    if not (isinstance(kind, type) and issubclass(kind, Event)) or not vars(kind).get("kind"):
        raise KindError(f"{kind!r} is no kind of event; put @event('name/1') above the class")
    past = dict(older or {})
    untold = set(kind.upcasts) - set(past)
    if untold:
        raise LawError(
            f"{kind.kind!r} lifts version {min(untold)}, and nothing says what that looked like: "
            f"give older={{{min(untold)}: its class as it was, or a strategy for its content}}"
        )
    drawn = strategies.events(kind) if events is None else events
    olds = [_past(kind, version, one) for version, one in sorted(past.items())]
    classes = [strategies.events(one) for one in past.values() if isinstance(one, type)]
    simple: list[Event] = [*small_events([drawn]), *map(_recorded, small_events(classes))]
    if not any(type(one) is kind for one in simple):
        raise LawError(f"no {kind.__name__} could be drawn; give events=, a strategy of your own")
    cases = [(), *((one,) for one in simple), *pairwise(simple)]
    return law_suite.LawSuite(
        name=kind.__name__,
        home=f"{kind.__module__}_{kind.__qualname__}",
        subject=_Kind(kind, tuple(beside), past),
        laws=EVENT_LAWS,
        histories=st.lists(st.one_of([drawn, *olds]), max_size=_MOST).map(_told),
        small=lambda: [_told(events) for events in cases],
        does="making, reading or showing it raises",
        skip=skip or {},
    )


def _told(events: Iterable[Event]) -> tuple[Said, ...]:
    return tuple(map(_REPORT.says, events))


def check_event(
    kind: type[Event], *, examples: int | None = None, seed: int | None = None, **options: Any
) -> Callable[..., None]:
    """Return a pytest test with one item for each law of kinds: ``test_x = laws.check_event(X)``.

    Options are those of ``verify_event``.
    """
    return checked(_plug(kind, **options), examples=examples, seed=seed)


def verify_event(
    kind: type[Event],
    *,
    events: st.SearchStrategy[Any] | None = None,
    older: Older | None = None,
    beside: Iterable[type[Event]] = (),
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Try the laws of a kind of event and reports; runs without pytest.

    ``events`` draws events of the kind, from its annotations unless given. ``older`` maps each
    version that the kind has upcasts for to its class as it was, or to a strategy for its content,
    a dict without id and time. ``beside`` are your other kinds, with which it may not share a name.
    The rest is as for ``verify``. Raises ``LawError`` if nothing can be drawn, for an older version
    that nobody describes, and for a skip without a reason.
    """
    plug = _plug(kind, events=events, older=older, beside=beside, skip=skip)
    return law_suite.verify(plug, examples=examples, seed=seed, only=only, smoke=smoke)
