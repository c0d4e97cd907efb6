"""Writes a chronology as the compact JSON from which the page draws itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime
from math import isinf
from typing import Any, TypeVar

import attrs

from timeline.accounts import Account, Entry
from timeline.calendar_math import MINUTE, SECOND, micros, wall_of
from timeline.claims import Claim, Report, Retraction, Void
from timeline.counts import says_nothing
from timeline.errors import StoreError
from timeline.events import Event
from timeline.export.dropped_fields import places_of
from timeline.export.field_rows import Wording
from timeline.export.maps_control import ControlTimeline, changes_by_place, control_timeline
from timeline.export.page_intervals import (
    EntryStep,
    VersionInterval,
    publication_steps,
    published_intervals,
    steps,
    version_intervals,
)
from timeline.export.strings import ENGLISH, Catalogue
from timeline.export.svg import glyphs, holders, marker
from timeline.export.text import quoted_time
from timeline.export.theme import PLAIN, Theme
from timeline.kinds import TerritorialChange, actor_fields
from timeline.places import Place
from timeline.quote_matching import located
from timeline.relations import Certainty
from timeline.resolution import chronological
from timeline.text_safety import clean
from timeline.times import When
from timeline.views.chronology import Chronology
from timeline.views.control import Holding

__all__ = ["actors_of", "data", "script", "zone_of"]

T = TypeVar("T", bound=Hashable)

_ACTORS = ("sides", "by", "against", "to", "from_", "speaker", "addressee", "involved")
_FURTHEST = 8_640_000_000_000_000  # milliseconds: the last that a browser's Date can name
_NAMED = 2  # a place's key and name, before its coordinates
_FEWEST = 2  # steps that a slider has
_MOST_TIMED = 200  # accounts whose order links give
_STANCES = ("says", "denies", "expects")


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    return (
        {name: _cleaned(part) for name, part in value.items()} if isinstance(value, dict) else value
    )


def script(value: Any) -> str:
    """Return JSON that can stand in a script element: no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def actors_of(event: Event) -> list[str]:
    """Return who acts in an event or is acted upon, each once: what its ``Actor`` fields name.

    Fields of kinds that say no such type are taken for actors by the names that are usual.
    """
    found: dict[str, None] = {}
    for name in dict.fromkeys((*_ACTORS, *actor_fields(type(event)))):
        value = getattr(event, name, None)
        for one in (value,) if isinstance(value, str) else value or ():
            if isinstance(one, str):
                found[one] = None
    return list(found)


def zone_of(accounts: Iterable[Account]) -> str:
    """Return the zone in which all times are shown, UTC where they don't share one."""
    zones = {account.when.zone for account in accounts}
    return (zones.pop() or "UTC") if len(zones) == 1 else "UTC"


class _Table:
    """Numbers values in the order in which they come up, equal ones alike."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, key: Hashable, value: Any) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]

    def text(self, value: str) -> int:
        return self.number(value, value)


def _lean(parts: dict[str, Any]) -> dict[str, Any]:
    """What tells something: no Nones, no empty lists, no False."""
    return {
        name: part
        for name, part in parts.items()
        if part is not None and part is not False and part not in ("", [], ())
    }


class _Page:
    """Everything that a page's data is made of, numbered as it comes up."""

    def __init__(
        self, chronology: Chronology, wording: Wording, theme: Theme, *, control: bool
    ) -> None:
        self._theme = theme
        self._wording, self._zone = wording, wording.zone
        self._labels = _Table()
        self._kinds, self._names, self._places = _Table(), _Table(), _Table()
        self._actors = _Table()
        self._sources, self._reports, self._claims = _Table(), _Table(), _Table()
        self._holdings = _Table()
        entries = _entries(chronology)
        self._steps = steps(entries)
        self._published: list[int] = []
        self._lives = [VersionInterval(account, 0, None) for account in chronology]
        self._lives_published: list[VersionInterval] = []
        if chronology.history is not None and entries:
            self._lives = version_intervals(entries, chronology.history)
            self._published = publication_steps(entries, chronology.history)
            self._lives_published = published_intervals(entries, chronology.history)
            chosen = {account.event.id for account in chronology}
            if chosen != {life.account.event.id for life in self._lives if life.until is None}:
                # A part of what stands, such as one place: what else the log knew isn't of it.
                self._lives = _of_events(self._lives, chosen)
                self._lives_published = _of_events(self._lives_published, chosen)
        if len(self._published) < _FEWEST:
            self._published, self._lives_published = [], []
        self._entries = {entry.claim.id: entry for entry in entries if _told(entry)}
        self._taken = _taken(entries)
        if control:
            self._lives = _of_control(self._lives)
            self._lives_published = _of_control(self._lives_published)
        for lives in (self._lives, self._lives_published):
            lives.sort(key=lambda life: (chronological(life.account.event), life.first))
        every = [life.account for life in (*self._lives, *self._lives_published)]
        self._mark = marker(account.event for account in every)
        times = [version.when for account in every for version in account.versions]
        times += [account.when for account in every]
        self._timed = [
            account
            for account in dict.fromkeys(every)
            if account.linked is not None and account.linked.order is not None
        ][:_MOST_TIMED]
        bounds = {
            bound
            for time in times
            for bound in (time.lo, time.hi, time.start_hi, time.end_lo)
            if bound is not None
        }
        self._bounds = sorted(bounds)
        self._rank = {bound: index for index, bound in enumerate(self._bounds)}

    def made(self) -> dict[str, Any]:
        events = self._events()
        controlled = [self._held(self._lives), self._held(self._lives_published)]
        looks = holders(self._said_to_hold(controlled), self._theme)
        numbers = {who: index for index, who in enumerate(self._actors.values)}
        return {
            "zone": self._zone,
            "bounds": [_milliseconds(bound, self._zone) for bound in self._bounds],
            "moments": [self._moment(bound) for bound in self._bounds],
            "steps": [self._step(step) for step in self._steps],
            "published": [self._moment(bound) for bound in self._published],
            "events": events,
            "held": controlled[0],
            "held_published": controlled[1],
            "holdings": self._holdings.values,
            "holders": [[numbers[who], look] for who, look in looks.items()],
            "kinds": self._kinds.values,
            "glyphs": glyphs(self._names.values),
            "labels": self._labels.values,
            "places": self._places.values,
            "actors": self._actors.values,
            "sources": self._sources.values,
            "reports": self._reports.values,
            "claims": self._claims.values,
        }

    def _moment(self, bound: int) -> str:
        return str(When(hi=bound, zone=self._zone)).removeprefix("by ")

    def _events(self) -> list[list[Any]]:
        """Of each event its versions, each from its step until its last, by what was known.

        Those by what was published follow, with the number of a version in place of it; one that
        only publication gives stands at no step of the first list.
        """
        versions: defaultdict[str, list[Account]] = defaultdict(list)
        known: defaultdict[str, list[Any]] = defaultdict(list)
        published: defaultdict[str, list[Any]] = defaultdict(list)
        ids = sorted({life.account.event.id for life in (*self._lives, *self._lives_published)})
        self._event_numbers = {name: number for number, name in enumerate(ids)}
        for life in self._lives:
            name = life.account.event.id
            versions[name].append(life.account)
            known[name].append([life.first, _until(life), self._version(life.account)])
        for life in self._lives_published:
            name = life.account.event.id
            if life.account not in versions[name]:
                versions[name].append(life.account)
                known[name].append([0, 0, self._version(life.account)])
            number = versions[name].index(life.account)
            published[name].append([life.first, _until(life), number])
        several = self._published
        return [[name, known[name], *([published[name]] if several else [])] for name in ids]

    def _said_to_hold(self, controlled: Iterable[list[Any]]) -> list[str]:
        """Who holds a place, as often as answers name them."""
        answers = [
            answer
            for rows in controlled
            for _, _, _, first, turns, last in rows
            for answer in (first, *(after for _, _, after in turns), last)
            if answer >= 0
        ]
        return [
            self._actors.values[who] for one in answers for who, _ in self._holdings.values[one][2]
        ]

    def _bound(self, bound: int | None) -> int | None:
        return None if bound is None else self._rank[bound]

    def _version(self, account: Account) -> dict[str, Any]:
        event, time = account.event, account.when
        return (
            {
                "time": self._wording.time(time),
                "told": str(event),
                "kind": self._kind(event),
                "claims": [self._claim(claim, account) for claim in account.claims],
            }
            | _lean(
                {
                    "lo": self._bound(time.lo),
                    "hi": self._bound(time.hi),
                    "start": self._bound(time.start_hi) if time.lasted else None,
                    "end": self._bound(time.end_lo) if time.lasted else None,
                    "lasted": time.lasted,
                    "about": time.approximate,
                    "unsure": time.uncertain,
                    "words": quoted_time(time),
                    "places": [self._place(place) for place in places_of(event)],
                    "actors": [self._actors.text(actor) for actor in actors_of(event)],
                    "expected": account.expected,
                    "disputes": [self._dispute(account, name) for name in sorted(account.disputes)],
                    "counted": [
                        index
                        for index, claim in enumerate(account.claims)
                        if claim in account.counted
                    ]
                    if len(account.counted) < len(account.claims)
                    else None,
                    "fields": self._rows(self._wording.rows(event)),
                    "undecided": sorted({claim.source for claim in account.undecided}),
                }
            )
            | _lean(self._linked(account))
        )

    def _kind(self, event: Event) -> int:
        """The number of a kind, or of a category of it."""
        name = self._mark(event)
        self._names.text(name)
        label = self._wording.kind(event)
        if ":" in name:
            label = self._wording.words("colon", name=label, value=name.partition(": ")[2])
        return self._kinds.number(name, label)

    def _linked(self, account: Account) -> dict[str, Any]:
        """What links say of an account: what it is called too, parts, and where it stands."""
        if account.linked is None:
            return {}
        order, said = account.linked.order, account.linked.said_when
        reading = None if order is None or isinf(order[1]) else self._rank.get(int(order[1]))
        return {
            "ids": sorted(account.ids - {account.event.id}),
            "same": sorted(account.maybe_same),
            "split": list(account.split_into),
            "unfolded": not account.folded,
            "said": self._wording.time(said) if said is not None and said != account.when else None,
            "read": reading,
            "depth": order[2] if order is not None else None,
            "after": self._after(account),
        }

    def _after(self, account: Account) -> list[int]:
        """The events that links put before it, and bounds alone don't."""
        return sorted(
            {
                number
                for other in self._timed
                if other is not account
                and other.event.id != account.event.id
                and (number := self._event_numbers.get(other.event.id)) is not None
                and other.when.before(account.when) is not Certainty.CERTAIN
                and other.before(account) is Certainty.CERTAIN
            }
        )

    def _place(self, place: Place) -> int:
        number = self._places.number(place.key, [place.key, place.name])
        known = self._places.values[number]
        if len(known) == _NAMED and place.latitude is not None and place.longitude is not None:
            known += [place.latitude, place.longitude]
        return number

    def _claim(self, claim: Claim, account: Account) -> int:
        believed = account.event
        own = claim.event is not believed and claim.event != believed
        entry = self._entries.get(claim.id)
        row = {"report": self._report(claim.report), "stance": _STANCES.index(claim.stance)}
        rest = {
            "quote": claim.quote,
            "mark": located(clean(claim.quote or ""), clean(claim.report.text or "")),
            "according": list(claim.according_to),
            "grade": claim.grade,
            "media": [_lean(attrs.asdict(one)) for one in claim.media],
            "told": str(claim.event) if own else None,
            "time": self._wording.time(claim.event.when)
            if own and claim.event.when != believed.when
            else None,
            "fields": self._rows(self._wording.rows(claim.event, unlike=believed)) if own else None,
            "entry": None if entry is None else [entry.position, self._clock(entry.recorded)],
            "because": self._taken.get(claim.id),
        }
        return self._claims.number((claim.id, believed if own else None), row | _lean(rest))

    def _report(self, report: Report) -> int:
        known = report.published.lo is not None or report.published.hi is not None
        parts = {
            "published": self._wording.time(report.published) if known else None,
            "title": report.title,
            "url": report.url,
            "archived": report.archived,
            "retrieved": None if report.retrieved is None else self._wording.time(report.retrieved),
            "sha256": report.sha256,
            "language": report.language,
            "text": None if report.text is None else clean(report.text),
        }
        value = {"source": self._sources.text(report.source)} | _lean(parts)
        return self._reports.number(report.id, value)

    def _rows(self, rows: Iterable[list[Any]]) -> list[list[Any]]:
        """Names and values of fields, the names by their numbers."""
        return [[self._labels.text(name), value] for name, value in rows]

    def _dispute(self, account: Account, name: str) -> list[Any]:
        """A disputed field, and what each claim that counts has for it."""
        values = [
            [claim.source, value]
            for claim in account.counted
            if claim.stance != "denies" and (value := self._stated(claim.event, name))
        ]
        label = self._wording.name(account.event, name)
        return [self._labels.text(label), values]

    def _stated(self, event: Event, name: str) -> str:
        """What a version has for a field that is disputed, empty where it says nothing of it."""
        if name in ("kind", "recorded_kind"):
            return self._wording.kind(event)
        value = getattr(event, name, None)
        return "" if says_nothing(value) else self._wording.text(value)

    def _clock(self, recorded: datetime) -> str:
        moment = micros(recorded)
        if moment % MINUTE == 0:
            return str(When(lo=moment, hi=moment + 1, zone=self._zone))
        second = moment - moment % SECOND
        return str(When(lo=second, hi=second + SECOND, precision="second", zone=self._zone))

    def _step(self, step: EntryStep) -> list[Any]:
        return [self._clock(step.recorded), step.position, step.entries]

    def _held(self, lives: Iterable[VersionInterval]) -> list[Any]:
        """Who holds each place: for every stretch of steps, the turns of its course."""
        by_place: defaultdict[str, list[VersionInterval]] = defaultdict(list)
        for life in lives:
            for key in changes_by_place([life.account]):
                by_place[key].append(life)
            for one in life.account.versions:
                if isinstance(one, TerritorialChange):
                    self._place(one.place)
        rows = []
        for key, intervals in by_place.items():
            changed = sorted({step for one in intervals for step in (one.first, one.until or 0)})
            for index, step in enumerate(changed):
                accounts = [
                    one.account
                    for one in intervals
                    if one.first <= step and (one.until is None or step < one.until)
                ]
                if accounts:
                    until = changed[index + 1] if index + 1 < len(changed) else -1
                    place = self._places.number(key, [key, key])
                    rows.append(
                        [place, step, until, *self._course(control_timeline(key, accounts))]
                    )
        return rows

    def _course(self, one: ControlTimeline) -> list[Any]:
        turns: list[list[int]] = []
        last = self._holding(one.before)
        for turn in one.turns:
            then, after = self._holding(turn.then), self._holding(turn.after)
            if (then, after) != (last, last):
                turns.append([self._rank[turn.moment], then, after])
            last = after
        return [self._holding(one.before), turns, self._holding(one.last)]

    def _holding(self, holding: Holding | None) -> int:
        """The number of a holding, -1 for none."""
        if holding is None:
            return -1
        shares = dict(holding.shares)
        parts = [
            [self._actors.text(who), _share(shares.get(who))] for who in sorted(holding.holders)
        ]
        value = [str(holding), holding.certain, parts]
        return self._holdings.number(json.dumps(value), value)


def _until(life: VersionInterval) -> int:
    return -1 if life.until is None else life.until


def _of_events(lives: Iterable[VersionInterval], ids: Collection[str]) -> list[VersionInterval]:
    return [life for life in lives if life.account.event.id in ids]


def _of_control(lives: Iterable[VersionInterval]) -> list[VersionInterval]:
    return [life for life in lives if changes_by_place([life.account])]


def _share(share: object) -> list[int] | None:
    numerator, denominator = getattr(share, "numerator", 0), getattr(share, "denominator", 0)
    return [numerator, denominator] if denominator else None


def _entries(chronology: Chronology) -> list[Entry]:
    """The entries behind a chronology, none where no log made it."""
    if chronology.history is None:
        return []
    try:
        return list(chronology.history.entries())
    except StoreError as error:
        raise StoreError(
            f"what was known when can't be read: {error}; make the page while the log is open, or "
            "of list(chronology), which leaves that out"
        ) from error


def _told(entry: Entry) -> bool:
    return isinstance(entry.claim, Claim | Retraction | Void)


def _taken(entries: Sequence[Entry]) -> dict[str, str]:
    """Why the claims that were voided were, by their ids; the page shows it on what fell later."""
    return {
        entry.claim.target: entry.claim.because
        for entry in entries
        if isinstance(entry.claim, Void)
    }


def _milliseconds(bound: int, zone: str) -> int:
    """A bound as clocks in a zone showed it, in milliseconds, no further than a Date reaches."""
    return max(-_FURTHEST, min(_FURTHEST, wall_of(bound, zone) // 1000))


def data(
    chronology: Chronology,
    *,
    zone: str | None = None,
    control: bool = False,
    words: Catalogue = ENGLISH,
    theme: Theme = PLAIN,
) -> dict[str, Any]:
    """Return all that the page shows, as values that JSON has.

    Moments are numbered in order and shown in ``zone``, the one that all times share unless given.
    With ``control``, only who holds what.
    """
    wording = Wording(words, zone or zone_of(chronology))
    made = _Page(chronology, wording, theme, control=control).made()
    return {name: _cleaned(part) for name, part in made.items()}
