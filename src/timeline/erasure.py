"""Erases what entries of a log say, for good, and finds what still speaks of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any

import attrs
import msgspec

from timeline.accounts import Entry
from timeline.claims import Claim, LinkClaim, Report, Retraction, Said, Void
from timeline.codec import Codec
from timeline.errors import ClaimError, ConflictError, FormatError, LogError
from timeline.links import link_of
from timeline.merge_provenance import Merge
from timeline.redaction_records import Redacted, Redaction
from timeline.stores.base import MERGE, REDACTED, REDACTION, EventStore, Record
from timeline.stores.features import erasable, self_checking
from timeline.supersession import reached

__all__ = ["GONE", "Erasure", "Redactable", "Redactions", "place", "redact"]

GONE = frozenset({MERGE, REDACTED, REDACTION})
"""The forms of rows that no report stands behind."""

Redactable = Said | Report | Entry | str | int
"""What can be redacted: what an entry says, its id, the entry, its position, or a whole report."""


@attrs.frozen(kw_only=True)
class Erasure:
    """What ``log.redact`` did, and what it left that still speaks of what was erased.

    Look through these before you call it done: each is a place where something may remain that
    somebody could recognise, or an answer that changes.
    """

    entry: Entry
    """The entry that tells it; ``entry.claim`` is the ``Redaction``."""
    reports_left: tuple[Report, ...]
    """Reports that what was erased stood in and that are kept, as other entries stand in them.

    Their texts may say the same. To erase one as well, redact the report.
    """
    named_by: tuple[Entry, ...]
    """Entries that hold an id which was derived from what was erased.

    They replace, void or retract it, link it, or tell of the same event without an id of its own.
    Such an id is a hash of content without a salt: who guesses the content can test it there. They
    can be erased along with it: ``log.redact(…, naming=True)``.
    """
    same_event: tuple[Entry, ...]
    """Other entries about the same events: other sources' claims, retractions, and links."""
    counts_again: tuple[Entry, ...]
    """Entries that what was erased replaced, retracted or voided: nothing takes them back now."""
    beside: tuple[str, ...] = ()
    """What else the medium holds that isn't the log's and may hold copies: tables, indexes.

    Such as a search index of somebody's own. What is erased from the log isn't erased from there.
    """

    def __str__(self) -> str:
        redaction = self.entry.claim
        assert isinstance(redaction, Redaction)  # noqa: S101 - made so
        count = len(redaction.positions)
        lines = [f"{count} {'entry' if count == 1 else 'entries'} {redaction}."]
        kinds = (
            (
                self.named_by,
                "still names",
                "still name",
                "what was erased, by a hash of its content",
            ),
            (self.same_event, "is", "are", "about the same events"),
            (self.counts_again, "counts", "count", "again, as what took it back was erased"),
        )
        for found, one, several, what in kinds:
            if found:
                entries = f"entry {one}" if len(found) == 1 else f"entries {several}"
                lines.append(f"{len(found)} other {entries} {what}: {_places(found)}.")
        if self.beside:
            lines.append(f"Beside the log stand, and may say the same: {', '.join(self.beside)}.")
        lines += [
            f"The report by {report.source!r} ({report.title or report.published}) is kept, "
            "as other entries stand in it."
            for report in self.reports_left
        ]
        return "\n".join(lines)


_SHOWN = 10


def _places(entries: Sequence[Entry]) -> str:
    shown = ", ".join(str(entry.position) for entry in entries[:_SHOWN])
    return shown + (", …" if len(entries) > _SHOWN else "")


class Redactions:
    """The redactions of a log, met in passing or looked for once."""

    def __init__(self, store: EventStore, codec: Codec) -> None:
        self._store = store
        self._codec = codec
        self._read = 0  # the position up to which all are known
        self._found: dict[int, tuple[Record, Redaction]] = {}
        self._by_position: dict[int, Redaction] = {}

    def all(self) -> list[tuple[Record, Redaction]]:
        """Return the redactions, each with its row, in the order of arrival."""
        for _ in self.left(self._store.rows(self._read)):
            pass
        return [self._found[position] for position in sorted(self._found)]

    def left(self, rows: Iterable[Record]) -> Iterator[Record]:
        """Return of rows, from the first or the first new, those that a report stands behind."""
        last = 0
        for row in rows:
            last = row.position
            if row.record_type not in GONE:
                yield row
            elif row.record_type == REDACTION and row.position not in self._found:
                redaction = self._codec.redaction(row)
                self._found[row.position] = row, redaction
                for position in redaction.positions:
                    self._by_position.setdefault(position, redaction)
        self._read = max(self._read, last)

    def claim(self, row: Record) -> Redaction | Redacted | Merge:
        """Return what a row of a form that is ``GONE`` stands for."""
        if row.record_type == REDACTION:
            return self._codec.redaction(row)
        if row.record_type == MERGE:
            return self._codec.merge(row)
        if row.position not in self._by_position:
            self.all()
        return Redacted(
            position=row.position,
            commitment=row.body.hex(),
            redaction=self._by_position.get(row.position),
        )


class _About(msgspec.Struct):
    id: str


class _Names(msgspec.Struct):
    """What an entry's body names, whatever its form."""

    event: _About | None = None
    link: dict[str, Any] | None = None
    kind: str = ""
    event_id: str | None = None
    target: str | None = None
    replaces: tuple[str, ...] = ()

    def about(self) -> tuple[str, ...]:
        """The ids of the event or link that it is about, and of the events that it links."""
        if self.link is not None:
            with suppress(ClaimError, KeyError, TypeError):
                link = link_of(self.kind, self.link)
                return link.id, *link.events
        if self.event is not None:
            return (self.event.id,)
        return () if self.event_id is None else (self.event_id,)

    def all(self) -> tuple[str | None, ...]:
        """Every id that it names."""
        return (*self.about(), self.target, *self.replaces)


# An id that may be a hash of content, perhaps behind a kind; one like it given by hand counts too.
_HASH = re.compile("(?:.*:)?(?:[0-9a-f]{32}|[0-9a-f]{64})", re.DOTALL)

_names = msgspec.json.Decoder(_Names)


def redact(
    store: EventStore,
    what: Sequence[Redactable],
    read: Callable[[Record], Entry],
    make: Callable[[tuple[int, ...]], Redaction],
    recorded: int,
    *,
    codec: Codec,
    naming: bool = False,
    recognisable: bool = True,
) -> Erasure:
    """Erase entries, and append the redaction that ``make`` makes for their positions.

    ``read`` gives a row's entry. The redaction has marks of them if they are to be
    ``recognisable``. With ``naming``, entries go too that hold an id which is derived
    from what goes, and those that name these. Raises ``LogError`` for what isn't in the log or was
    never there.
    """
    places, reports = _found(store, what)
    done = 0
    while True:
        head = store.head()
        if reports:
            rows = store.rows(done, head.position)
            places |= {row.position for row in rows if row.report in reports}
            done = head.position
            if not places:  # somebody else redacted all of it meanwhile
                raise _no_report(reports)
        if naming:
            places |= _naming(store, places, head.position, read)
        redaction = make(tuple(sorted(places)))
        at = store.get_by_position(places)
        there = [row for row in at.values() if row.record_type not in GONE]
        erased = [entry.claim for row in there if (entry := _readable(row, read))]
        if recognisable and there:
            ids = {row.position: row.id for row in there}
            names = (ids.get(position, b"") for position in redaction.positions)
            redaction = redaction.marked(store.identity, names)
        elif not there:
            redaction = _redacted_before(store, redaction, codec)
        try:
            # Whoever adds to a report that is to go comes before this or after it.
            row = erasable(store).erase(
                places,
                Codec.redaction_draft(redaction),
                recorded=recorded,
                expect=head.position if reports or naming else None,
            )
        except ConflictError:
            if not (reports or naming):
                raise
            continue
        return _left(store, read(row), erased, read)


def _redacted_before(store: EventStore, redaction: Redaction, codec: Codec) -> Redaction:
    """Return the redaction that says the same already, so that saying it again adds nothing."""
    said = (codec.redaction(row) for row in store.rows() if row.record_type == REDACTION)
    return next((one for one in said if one == redaction), redaction)


def _naming(
    store: EventStore, places: set[int], upto: int, read: Callable[[Record], Entry]
) -> set[int]:
    """The positions of entries that hold an id derived from what is at some, or from each other."""
    found: set[int] = set()
    new = places
    while new:
        gone: list[Any] = [
            entry.claim
            for row in store.get_by_position(new).values()
            if row.record_type not in GONE and (entry := _readable(row, read))
        ]
        derived = _derived(gone)
        new = {
            row.position
            for row, names in _named(store, upto)
            if not derived.isdisjoint(names.all()) and row.position not in places | found
        }
        found |= new
    return found


def _derived(gone: Iterable[Said]) -> set[str]:
    """The ids of what was said and of its events and links, where they are hashes of content."""
    ids = {one.id for one in gone}
    subjects = {one.subject for one in gone if isinstance(one, Claim | LinkClaim | Retraction)}
    return ids | {name for name in subjects if _HASH.fullmatch(name)}


def _found(store: EventStore, what: Sequence[Redactable]) -> tuple[set[int], set[bytes]]:
    """The positions of what is to be erased, and the reports that are to go as a whole."""
    if not what:
        raise LogError("name what to redact: a claim, its id, its entry, or a report")
    places: set[int] = set()
    reports: set[bytes] = set()
    for one in what:
        if isinstance(one, Report):
            reports.add(bytes.fromhex(one.id))
        else:
            places.add(place(store, one))
    missing = reports - store.reports(reports).keys()
    if missing:
        raise _no_report(missing)
    return places, reports


def _no_report(missing: Iterable[bytes]) -> LogError:
    return LogError(
        f"the report {min(missing).hex()} isn't in this log: it was never recorded, or was "
        "redacted before"
    )


def place(store: EventStore, one: Any) -> int:
    """Return the position of an entry, by itself, by what it says, its id or its position.

    Raises ``LogError`` where it isn't there by the id.
    """
    if isinstance(one, int) and not isinstance(one, bool):
        return one
    if isinstance(one, Entry) and isinstance(one.claim, Redacted | Redaction | Merge):
        return one.position
    said = one.claim if isinstance(one, Entry) else one
    name: Any = said if isinstance(said, str) else getattr(said, "id", None)
    try:
        found = store.get_by_id([bytes.fromhex(name)])
    except (TypeError, ValueError):
        raise LogError(
            "an entry is named by itself, its position, or the claim, retraction or void that it "
            f"holds, or its id of 64 hexadecimal digits, not by {one!r:.200}"
        ) from None
    for row in found.values():
        return row.position
    raise LogError(
        f"{name} isn't in this log: it was never recorded, or was redacted before; what is left of "
        "a redacted entry has its position alone"
    )


def _left(
    store: EventStore,
    entry: Entry,
    erased: Iterable[Any],
    read: Callable[[Record], Entry],
) -> Erasure:
    """Look through all that is left for what still speaks of what was erased."""
    gone: list[Said] = list(erased)
    events = {one.subject for one in gone if isinstance(one, Claim | LinkClaim)}
    retracted = _Retracted(gone)
    about = events | retracted.subjects
    taken_back = {one.target for one in gone if isinstance(one, Void)}
    taken_back |= {
        name for one in gone if isinstance(one, Claim | LinkClaim) for name in one.replaces
    }
    derived = _derived(gone)
    named_by, same_event, counts_again = [], [], []
    for row, names in _named(store, entry.position):
        about_it = not about.isdisjoint(names.about())
        naming = not derived.isdisjoint(names.all())
        again = row.id.hex() in taken_back
        if not (naming or again or about_it) or not (other := _readable(row, read)):
            continue
        if naming:
            named_by.append(other)
        if not events.isdisjoint(names.about()):
            same_event.append(other)
        claim = other.claim
        if again:
            counts_again.append(other)
        elif isinstance(claim, Claim | LinkClaim):
            retracted.add(other, claim)
    counts_again = sorted([*counts_again, *retracted.reached()], key=attrgetter("position"))
    cited = {one.report.id: one.report for one in gone}
    left = store.reports(bytes.fromhex(name) for name in cited)
    return Erasure(
        entry=entry,
        reports_left=tuple(cited[name.hex()] for name in left),
        named_by=tuple(named_by),
        same_event=tuple(same_event),
        counts_again=tuple(counts_again),
        beside=tuple(checking.foreign()) if (checking := self_checking(store)) else (),
    )


class _Retracted:
    """What the retractions that were erased had reached."""

    def __init__(self, erased: Sequence[Said]) -> None:
        self._retractions: defaultdict[tuple[str, str], list[Retraction]] = defaultdict(list)
        self._claims: defaultdict[tuple[str, str], list[Claim | LinkClaim]] = defaultdict(list)
        self._entries: dict[str, Entry] = {}
        for one in erased:
            if isinstance(one, Retraction):
                self._retractions[one.report.source, one.subject].append(one)
            elif isinstance(one, Claim | LinkClaim):
                self._claims[one.source, one.subject].append(one)
        self.subjects = {subject for _, subject in self._retractions}

    def add(self, entry: Entry, claim: Claim | LinkClaim) -> None:
        """Take in a claim that is left."""
        if (claim.source, claim.subject) in self._retractions:
            self._claims[claim.source, claim.subject].append(claim)
            self._entries[claim.id] = entry

    def reached(self) -> Iterator[Entry]:
        """Yield the entries that are left of those."""
        for of, retractions in self._retractions.items():
            for claim in reached(retractions, self._claims[of]):
                if claim.id in self._entries:
                    yield self._entries[claim.id]


def _named(store: EventStore, upto: int) -> Iterator[tuple[Record, _Names]]:
    for row in store.rows(upto=upto):
        if row.record_type not in GONE:
            with suppress(msgspec.MsgspecError, RecursionError):
                yield row, _names.decode(row.body)


def _readable(row: Record, read: Callable[[Record], Entry]) -> Entry | None:
    """The entry, None where it is damaged: erasing needs nothing of it, and verifying tells.

    None, too, where somebody else erased it meanwhile.
    """
    try:
        entry = read(row)
    except FormatError:
        return None
    return None if isinstance(entry.claim, Redacted) else entry
