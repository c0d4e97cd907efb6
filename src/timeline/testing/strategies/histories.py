"""Draws whole histories of news, the orders in which they arrive, and logs filled with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

import attrs
from hypothesis import strategies as st

from timeline.claims import Claim, Report, Retraction, Said, make_claim
from timeline.events import Event
from timeline.kinds import KINDS
from timeline.linking import actors_of, places_of
from timeline.links import Before, Link, SameActor, SameEvent, SamePlace
from timeline.log import Log
from timeline.testing.code_text import said_code
from timeline.testing.strategies.claims import DESK, reports
from timeline.testing.strategies.events import events
from timeline.testing.strategies.values import FIRST
from timeline.testing.strategies.wide import Choose, Vocabulary, reported, scene
from timeline.times import When

__all__ = [
    "Batch",
    "History",
    "arrivals",
    "filled",
    "histories",
    "logs",
    "narrow_history",
    "wide_history",
]

_Move = Literal[
    "stop", "says", "expects", "agrees", "corrects", "replaces", "retracts", "denies", "voids",
    "repeats",
]  # fmt: skip

_ABOUT_EARLIER: tuple[_Move, ...] = (
    "agrees", "corrects", "replaces", "retracts", "denies", "voids", "voids", "repeats"
)  # fmt: skip
_MOVES: tuple[_Move, ...] = (
    "says", "expects", "says", "expects", *_ABOUT_EARLIER, *_ABOUT_EARLIER, "retracts", "denies",
    "replaces", "voids",
)  # fmt: skip
_WITH_AN_EVENT = ("says", "expects", "corrects", "replaces")


class _Step(NamedTuple):
    """One thing said: how, by whom, and of what event where it needs one of its own."""

    move: _Move
    report: Report
    event: Event | None
    dice: int

    @property
    def which(self) -> int:
        """What it is about, counted back from the last thing said: 0 to 3."""
        return self.dice % 4

    @property
    def also(self) -> int:
        """Which other claim is replaced too: 0 to 2."""
        return self.dice // 4 % 3

    @property
    def late(self) -> int:
        """How many things said later arrive before it: 0 to 3."""
        return self.dice // 12


class Batch(NamedTuple):
    """What arrives in one append, and the log's time of it."""

    recorded: datetime
    said: tuple[Said, ...]


def _corrected(old: Event, new: Event) -> Event:
    """Another version of an event: the other's content where it is of the kind, else its time."""
    if type(old) is type(new):
        return attrs.evolve(new, id=old.id)  # type: ignore[misc]
    return attrs.evolve(old, when=new.when)  # type: ignore[misc]


def _said(step: _Step, before: list[Said]) -> Said:
    """What a step says, given what was said before it; with nothing to refer to, it says."""
    claims = [one for one in before if isinstance(one, Claim)]
    report = step.report
    if step.event is not None and (step.move == "says" or not claims):
        return make_claim(report, "says", step.event)
    if step.event is not None and step.move == "expects":
        return report.expects(step.event)
    if step.move in ("voids", "repeats"):
        target = before[-1 - step.which % len(before)]
        if step.move == "repeats":
            return target
        desk = Report(DESK, published=report.published)
        return desk.voids(target, because="typed twice")
    earlier = claims[-1 - step.which % len(claims)]
    if step.move == "agrees":
        return make_claim(report, "says", earlier.event)
    if step.move == "denies":
        return report.denies(earlier.event)
    own = attrs.evolve(report, source=earlier.source)
    if step.move == "retracts":
        # Only what nobody dates reaches less by an event than by a claim.
        of_claim = step.also and own.published == When()
        return own.retracts(earlier if of_claim else earlier.event, because="it was wrong")
    assert step.event is not None, "all other moves have one"  # noqa: S101
    event = _corrected(earlier.event, step.event)
    if step.move == "corrects":
        return make_claim(own, "says", event)
    said = [one for one in before if isinstance(one, Claim | Retraction)]
    own_said = [one for one in said if one.report.source == own.source]
    second = own_said[-1 - step.also % len(own_said)]
    # Mostly one claim is replaced, at times two, or a retraction as well; the step's own event or
    # a version of the old.
    targets = {earlier, second} if step.also else {earlier}
    return make_claim(own, "says", step.event if step.also > 1 else event, replaces=targets)


def _in_order_of_arrival(steps: Iterable[_Step]) -> list[Said]:
    said: list[Said] = []
    places: list[int] = []
    for index, step in enumerate(steps):
        said.append(_said(step, said))
        places.append(index + step.late)
    # What is late arrives after things said later, its own retraction or void among them.
    order = sorted(range(len(said)), key=places.__getitem__)
    return [said[index] for index in order]


class History(list[Said]):
    """What is appended to a log, in the order in which it arrives; prints itself as code."""

    def __repr__(self) -> str:
        return said_code(self)


def narrow_history(
    choose: Choose, events: Callable[[], Event], reports: Callable[[], Report], most: int
) -> History:
    """Choose a history of few events, of which much is said: late, corrected, taken back."""
    steps: list[_Step] = []
    while len(steps) < most:
        move = choose(len(_MOVES) + 2)
        if move < 2:  # noqa: PLR2004 - two ways to stop
            break
        named = _MOVES[move - 2]
        event = events() if not steps or named in _WITH_AN_EVENT else None
        steps.append(_Step(named, reports(), event, choose(_DICE)))
    return History(_in_order_of_arrival(steps))


def wide_history(
    choose: Choose,
    events: Callable[[], Event],
    *,
    words: Vocabulary = Vocabulary(),  # noqa: B008 - frozen
    most: int = 60,
    stop: int = 12,
    as_drawn: bool = False,
    each: Callable[[Callable[[], _Step | None]], _Step | None] = lambda step: step(),
) -> History:
    """Choose a history of many events, each with an id of its own, on few places and days.

    About ``stop`` of them on average. ``as_drawn`` leaves all but the ids of what ``events`` gives
    as it is. ``each`` makes a step, and may mark where it begins and ends.
    """
    setting = scene(choose, words)
    steps: list[_Step] = []
    day = 0

    def step() -> _Step | None:
        nonlocal day
        if not choose(stop):
            return None
        day = setting.day(day)
        move = _WIDE_MOVES[choose(len(_WIDE_MOVES))] if steps else "says"
        event = None
        if move in _WITH_AN_EVENT:
            event = setting.event(events(), len(steps), day, as_drawn=as_drawn)
        # Late at times: by a few, by up to three.
        dice = choose(12) + 12 * max(choose(8) - 4, 0)
        return _Step(move, reported(setting), event, dice)

    while len(steps) < most and (new := each(step)) is not None:
        steps.append(new)
    return History(_in_order_of_arrival(steps))


_WIDE_MOVES: tuple[_Move, ...] = (
    *("says",) * 16, "agrees", "corrects", "retracts", "denies", "expects", "voids", "replaces",  # pyright: ignore[reportAssignmentType]
)  # fmt: skip


def histories(
    *kinds: type[Event],
    events: st.SearchStrategy[Any] | None = None,
    reports: st.SearchStrategy[Report] | None = None,
    min_size: int = 0,
    max_size: int | None = None,
    links: bool = False,
) -> st.SearchStrategy[list[Said]]:
    """Draw what is appended to a log, in the order in which it arrives.

    Claims on few events by few sources; agreement by others and corrections by the same source;
    retractions, replacements of one or two claims or retractions, denials and expectations; voids
    of whatever was said, voids among it; the same thing delivered twice; and news that comes late,
    a claim after its own retraction or void included. ``kinds`` and ``events`` say what claims are
    about: kinds to draw from, or a strategy for events. Of such histories at most ``max_size``
    claims long, 8 unless given; without ``max_size``, ``min_size`` and ``reports`` two in five are
    wide: of up to 40 events, each with an id of its own, many on one place and day. With ``links``
    up to three links of the events, places and actors in it are said or denied as well, anywhere
    among what arrives, or voided.
    """
    if links:
        return _linked(
            histories(*kinds, events=events, reports=reports, min_size=min_size, max_size=max_size)
        )
    what = _events(kinds, events)
    who = _reports() if reports is None else reports
    narrow = _steps(what, who, min_size, 8 if max_size is None else max_size).map(
        lambda steps: History(_in_order_of_arrival(steps))
    )
    if max_size is not None or min_size or reports is not None:
        return narrow
    each = (
        [what]
        if events is not None
        else [what, *(_events((kind,), None) for kind in kinds or KINDS)]
    )
    return st.one_of(narrow, narrow, narrow, *[_wide(tuple(each), own=events is not None)] * 2)


@st.composite
def _linked(draw: st.DrawFn, drawn: st.SearchStrategy[list[Said]]) -> History:
    said = list(draw(drawn))
    about = [one.event for one in said if isinstance(one, Claim)]
    names: dict[Callable[[str, str], Link], Iterable[str]] = {
        SameEvent: (event.id for event in about),
        Before: (event.id for event in about),
        SamePlace: (place.key for event in about for place in places_of(event)),
        SameActor: (actor for event in about for actor in actors_of(event)),
    }
    several = {kind: found for kind, all_ in names.items() if len(found := sorted({*all_})) > 1}
    for _ in range(draw(st.integers(0, 3)) if several else 0):
        kind = draw(st.sampled_from(list(several)))
        two = draw(st.permutations(several[kind]))[:2]
        report = draw(_reports())
        claim = draw(st.sampled_from((report.says, report.says, report.denies)))(kind(*two))
        said.insert(draw(st.integers(0, len(said))), claim)
        if not draw(st.integers(0, 4)):
            void = Report(DESK, published=report.published).voids(claim, because="mistaken")
            said.insert(draw(st.integers(0, len(said))), void)
    return History(said)


@st.composite
def _wide(draw: st.DrawFn, each: tuple[st.SearchStrategy[Any], ...], *, own: bool) -> History:
    def choose(stop: int) -> int:
        return draw(st.integers(0, stop - 1))

    what = each[choose(len(each))]
    return wide_history(
        choose,
        lambda: draw(what),
        most=40,
        as_drawn=own,
        # As a strategy of its own a step is one stretch of choices, which can be left out.
        each=lambda step: draw(st.builds(step)),
    )


@st.composite
def _steps(
    draw: st.DrawFn,
    events: st.SearchStrategy[Any],
    reports: st.SearchStrategy[Report],
    min_size: int,
    max_size: int,
) -> list[_Step]:
    """What is said, step by step; few choices for each, because many are slow to shrink.

    Not ``st.lists``: its lists are short more often, and little collides in a short one.
    """
    steps: list[_Step] = []
    while len(steps) < max_size:
        step = draw(_step(events, reports, first=not steps, stops=len(steps) >= min_size))
        if step is None:
            break
        steps.append(step)
    return steps


@st.composite
def _step(
    draw: st.DrawFn,
    events: st.SearchStrategy[Any],
    reports: st.SearchStrategy[Report],
    *,
    first: bool,
    stops: bool,
) -> _Step | None:
    """One step, None for the end; by itself, so that Hypothesis can leave it out."""
    stop: tuple[_Move, ...] = ("stop", "stop") if stops else ()
    move = draw(st.sampled_from((*stop, *_MOVES)))
    if move == "stop":
        return None
    event = draw(events) if first or move in _WITH_AN_EVENT else None
    return _Step(move, draw(reports), event, draw(st.integers(0, _DICE - 1)))


_DICE = 48


def _events(
    kinds: tuple[type[Event], ...], given: st.SearchStrategy[Any] | None
) -> st.SearchStrategy[Any]:
    return events(*kinds) if given is None else given


def _reports() -> st.SearchStrategy[Report]:
    return reports()


@st.composite
def arrivals(
    draw: st.DrawFn,
    claims: Sequence[Said],
    *,
    shuffled: bool = True,
    repeated: bool = False,
) -> list[Batch]:
    """Draw how these things may arrive: in what order, in what batches, and when.

    Recorded times never decrease, and batches may share one. ``shuffled=False`` keeps the order;
    ``repeated=True`` delivers some of them again.
    """
    order = list(draw(st.permutations(claims))) if shuffled else list(claims)
    if repeated and order:
        order += [order[i] for i in draw(st.lists(st.integers(0, len(order) - 1), max_size=3))]
    # How many hours after the one before; in the same batch where None.
    waits = draw(
        st.lists(st.none() | st.sampled_from([0, 1, 24]), min_size=len(order), max_size=len(order))
    )
    recorded = datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC)
    batches: list[Batch] = []
    for one, wait in zip(order, waits, strict=True):
        recorded += timedelta(hours=wait or 0)
        if wait is None and batches:
            batches[-1] = Batch(recorded, (*batches[-1].said, one))
        else:
            batches.append(Batch(recorded, (one,)))
    return batches


def filled(batches: Iterable[Batch], log: Log | None = None) -> Log:
    """Return the log, a new one in memory unless one is handed in, with the batches appended."""
    log = Log() if log is None else log
    for batch in batches:
        log.append(*batch.said, recorded=batch.recorded)
    return log


def logs(
    *kinds: type[Event],
    history: st.SearchStrategy[list[Said]] | None = None,
    shuffled: bool = False,
) -> st.SearchStrategy[Log]:
    """Draw logs in memory, filled with a history of these kinds, by default the library's.

    A ``history`` strategy may be handed in; ``shuffled=True`` lets it arrive in any order.
    """
    drawn = histories(*kinds) if history is None else history
    return drawn.flatmap(lambda said: arrivals(said, shuffled=shuffled)).map(filled)
