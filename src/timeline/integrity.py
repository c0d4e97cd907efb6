"""Looks through all that a log holds for damage, and saves what can be saved from a damaged file.

An entry proves itself: its id is a hash of its content, and so is its report's. Its position and
time are bound into the tree whose root is kept with the head. So whatever was changed, by a failing
disk or by a hand, is found; which of the two it was, and who, a hash can't tell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from math import inf

import attrs
import msgspec

from timeline.canonical import encode, id_of, names
from timeline.claims import Report
from timeline.codec import Codec
from timeline.errors import FormatError, LogError, StoreError, TimelineError
from timeline.fast_decode import recheck
from timeline.merkle import HASH_BYTES, Frontier
from timeline.progress import Progress
from timeline.proofs.trees import KEPT as KEPT_BLOCKS
from timeline.stores.base import (
    MERGE,
    REDACTED,
    REDACTION,
    SALT_BYTES,
    EventStore,
    Head,
    NewRecord,
    Record,
    SelfChecking,
    kept_state,
    leaf,
)
from timeline.stores.features import self_checking
from timeline.stores.sqlite_recovery import DamagedFile

__all__ = ["Audit", "Damage", "Rescue", "audit", "rescue", "row_checker"]

_TYPES = [int, int, bytes, str, str, bytes, bytes, bytes]  # of a row's values
_MORE = (
    "holds other than what is read of it: written by a later release, or by classes with fields of "
    "their own"
)
_PAGE = 512  # rows asked for at once
_PASSES = 16  # over a log in which something is erased again and again while it is read
_SHOWN = 20  # damaged places that a text names
_MISSING = "it is missing"
# What is read of a store's bytes: those of a damaged file may be read twice, one by one.
_TIMES, _FREE = 4, 1 << 20


@attrs.frozen(kw_only=True)
class Damage:
    """What is wrong, and where."""

    position: int | None
    """The entry's position, the first of several; None where it is of no single entry."""
    reason: str
    last: int | None = None
    """The last position, where it is of a run of entries."""
    derived: bool = False
    """Whether it is of what was made from the entries, which can be made again."""

    def __str__(self) -> str:
        if self.position is None:
            return self.reason
        if self.last is None:
            return f"entry {self.position}: {self.reason}"
        return f"entries {self.position} to {self.last}: {self.reason}"

    @property
    def entries(self) -> int:
        """How many entries it is of."""
        if self.position is None:
            return 0
        return 1 if self.last is None else self.last - self.position + 1


@attrs.frozen(kw_only=True)
class Audit:
    """What ``log.verify()`` found; printed, it says what is damaged and what can still be read."""

    checked: int
    """How many entries were read."""
    redacted: int
    """How many of them have no content any more: all that can be said of these is the root."""
    head: int
    """The position of the last entry, by the log's head."""
    damaged: tuple[Damage, ...]
    root: bytes
    """The Merkle tree root, worked out anew from the entries."""
    root_matches: bool | None
    """Whether it is the head's; None where the file is of an old format that had none."""
    unchecked: tuple[str, ...] = ()
    """What lies beside the log and wasn't checked, each in a few words.

    Tables and indexes of somebody's own, which may hold copies of what entries say, and states
    that are kept and weren't worked out anew.
    """

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damaged and self.root_matches is not False

    def __str__(self) -> str:
        entries = "1 entry" if self.checked == 1 else f"{self.checked:,} entries"
        redacted = f", {self.redacted:,} of them redacted" if self.redacted else ""
        root = {
            True: f"the root is {self.root.hex()}, as the head says",
            False: f"the root is {self.root.hex()}, which isn't the head's",
            None: "the file is of an older format that has no root",
        }[self.root_matches]
        beside = [f"Not checked: {', '.join(self.unchecked[:_SHOWN])}."] if self.unchecked else []
        if self.ok:
            return "\n".join([f"All is well: {entries} read{redacted}; {root}.", *beside])
        lines = [f"Damaged: {entries} of {self.head:,} read{redacted}; {root}."]
        lines += [f"- {one}" for one in self.damaged[:_SHOWN]]
        if len(self.damaged) > _SHOWN:
            lines.append(f"- … and {len(self.damaged) - _SHOWN:,} more")
        if all(one.derived for one in self.damaged):
            return "\n".join([*lines, "Every entry can be read: nothing is lost.", *beside])
        first = {one.position: one.entries for one in self.damaged}
        lines.append(
            f"{max(self.head - sum(first.values()), 0):,} of {self.head:,} entries can be read; "
            "restore the log from a backup, or rescue what is left into a new one."
        )
        return "\n".join([*lines, *beside])


@attrs.frozen(kw_only=True)
class Rescue:
    """What ``log.rescue()`` took over from a damaged file, and what is lost."""

    kept: int
    """How many entries were taken over."""
    lost: tuple[tuple[int, int], ...]
    """The positions in the damaged file that are lost, from the first to the last of each run."""
    retimed: tuple[int, ...]
    """The positions there whose recorded time contradicts the others: each got the one before."""
    whole: bool
    """Whether nothing is lost: the root over what was kept is the one that the file tells of."""

    @property
    def ok(self) -> bool:
        """Whether the new log holds all that the damaged file held, as it held it."""
        return self.whole

    def __str__(self) -> str:
        entries = "1 entry" if self.kept == 1 else f"{self.kept:,} entries"
        if self.whole:
            return f"Nothing is lost: {entries} kept, and the root is the same."
        lines = [f"{entries} kept; positions are counted anew."]
        runs = [str(a) if a == b else f"{a} to {b}" for a, b in self.lost[:_SHOWN]]
        more = len(self.lost) - len(runs)
        if runs:
            lines.append(f"Lost: {', '.join(runs)}{f' and {more:,} runs more' if more else ''}.")
        if self.retimed:
            some = ", ".join(map(str, self.retimed[:_SHOWN]))
            lines.append(f"Recorded at a time that can't be read, here as the one before: {some}.")
        if not self.lost:
            lines.append("The file's root is lost or another, so a time may have been changed.")
        return "\n".join(lines)


def audit(
    store: EventStore,
    codec: Codec,
    progress: Progress | None = None,
    *,
    kept: Iterable[tuple[str, Callable[[], bool | None]]] = (),
) -> Audit:
    """Read every entry up to the head strictly, and work the root out anew.

    ``progress(done, total)`` counts the entries that have been read, every few hundred. ``kept``
    gives, with the name of a kept state, what works it out anew and says whether it is right; None
    where that can't be said.
    """
    states = list(kept)
    for _ in range(_PASSES - 1):
        erasures, found = _audited(store, codec, progress, states)
        # What was erased meanwhile was read in part, without what says why: that is no damage.
        if found.ok or store.head().erasures == erasures:
            return found
    return _audited(store, codec, progress, states)[1]


def _audited(
    store: EventStore,
    codec: Codec,
    progress: Progress | None,
    kept: Iterable[tuple[str, Callable[[], bool | None]]],
) -> tuple[int, Audit]:
    """Read everything once; return how often something was erased before, and what is found."""
    checking = self_checking(store)
    head = store.head()
    found = _Findings(codec, _Reports(lambda name: store.reports([name]).values()))
    for complaint in checking.complaints() if checking else ():
        found.add(None, complaint)
    for position, row in _all(store, head.position, checking):
        if isinstance(row, Damage):
            found.note(row)
            continue
        found.take(position, row)
        if progress is not None and not position % _PAGE:
            progress(position, head.position)
    unchecked = [*checking.foreign(), *checking.unchecked()] if checking else []
    states = [(kept_state(name), is_right()) for name, is_right in kept]
    for state in sorted({state for state, right in states if right is False}):
        reason = f"{state} isn't what a replay gives; it was dropped and worked out anew"
        found.note(Damage(position=None, reason=reason, derived=True))
    checked = {state for state, _ in states} - {state for state, right in states if right is None}
    checked.add(kept_state(KEPT_BLOCKS))  # every proof that needs it works it out again
    unchecked = [one for one in unchecked if one not in checked]
    return head.erasures, found.conclude(head, tuple(unchecked))


class _Findings:
    """What is found as entry after entry is read."""

    def __init__(self, codec: Codec, reports: _Reports) -> None:
        self._codec, self._reports = codec, reports
        self._damaged: list[Damage] = []
        self._frontier = Frontier()
        self._last: int | None = None
        self._redacted: set[int] = set()
        self._told: set[int] = set()

    def add(self, position: int | None, reason: str) -> None:
        """Note that something is damaged."""
        self._damaged.append(Damage(position=position, reason=reason))

    def note(self, damage: Damage) -> None:
        """Note what is damaged."""
        self._damaged.append(damage)

    def take(self, position: int, row: Record | str) -> None:
        """Look at the next entry, or the reason why there is none."""
        if isinstance(row, str):
            self.add(position, row)
            return
        self._frontier.append(leaf(row))
        reason = _fault(row, self._reports, self._codec)
        if reason is not None:
            self.add(position, reason)
        elif self._last is not None and row.recorded < self._last:
            self.add(position, "it was recorded before the entry that stands before it")
        elif row.record_type == REDACTED:
            self._redacted.add(position)
        elif row.record_type == REDACTION:
            self._told |= set(self._codec.redaction(row).positions)
        self._last = row.recorded if self._last is None else max(self._last, row.recorded)

    def conclude(self, head: Head, unchecked: tuple[str, ...]) -> Audit:
        """Hold the whole against the head."""
        for position in sorted(self._redacted - self._told):
            self.add(position, "it is redacted, and no redaction tells of it")
        root, checked = self._frontier.root(), self._frontier.size
        if checked == head.position and self._last != head.recorded:
            self.add(None, "the head's time isn't that of the last entry")
        matches = (root == head.root) if head.root else None
        if matches is False and not self._damaged:
            self.add(
                None,
                "each entry's content is what its id says, but the root over all of them isn't "
                "the head's: a position, a recorded time, a salt or a redacted entry was changed",
            )
        return Audit(
            checked=checked,
            redacted=len(self._redacted),
            head=head.position,
            damaged=tuple(self._damaged),
            root=root,
            root_matches=matches,
            unchecked=unchecked,
        )


def _all(
    store: EventStore, last: int, checking: SelfChecking | None
) -> Iterator[tuple[int, Record | str | Damage]]:
    """Each position up to the last with its row, or with the reason why there is none.

    A store that checks itself says at once what is missing, so that a head that was changed costs
    nothing; and how large it is, so that rows whose bytes overlap aren't read without end.
    """
    budget: float = inf
    runs = [(1, last)] if last else []
    if checking is not None:
        budget = _TIMES * checking.size() + _FREE
        try:
            gaps = checking.missing()
        except StoreError as error:
            yield 1, Damage(position=1, last=last, reason=f"they can't be looked for: {error}")
            return
        for first, end in gaps:
            run = end if end > first else None
            yield first, Damage(position=first, last=run, reason="missing" if run else _MISSING)
        runs = list(_gaps_between(gaps, last))
    for first, end in runs:
        for position, row in _rows(store, first, end):
            budget -= len(row) if isinstance(row, str) else len(row.body)
            if budget < 0:
                reason = "the entries take far more bytes than the log has; the rest wasn't read"
                yield position, Damage(position=position, last=last, reason=reason)
                return
            whole = isinstance(row, str) or list(map(type, row)) == _TYPES
            yield position, row if whole else "a value in it has changed its type"


def _rows(store: EventStore, first: int, last: int) -> Iterator[tuple[int, Record | str]]:
    for start in range(first - 1, last, _PAGE):
        end = min(start + _PAGE, last)
        rows: dict[int, Record | str] = {}
        try:
            rows = {row.position: row for row in store.rows(start, end)}
        except StoreError:
            # One by one: the rest of the page may be whole.
            yield from ((place, _one(store, place)) for place in range(start + 1, end + 1))
        else:
            yield from ((place, rows.get(place, _MISSING)) for place in range(start + 1, end + 1))


def _gaps_between(runs: Iterable[tuple[int, int]], last: int) -> Iterator[tuple[int, int]]:
    """The runs of positions up to the last that are in none of the given ones."""
    start = 1
    for first, end in runs:
        if first > start:
            yield start, first - 1
        start = end + 1
    if start <= last:
        yield start, last


def _one(store: EventStore, position: int) -> Record | str:
    try:
        return store.get_by_position([position]).get(position, _MISSING)
    except StoreError as error:
        return f"it can't be read: {error}"


class _Reports:
    """Reports by their ids, each read and checked once."""

    def __init__(self, bodies: Callable[[bytes], Iterable[bytes]]) -> None:
        self._bodies = bodies
        self._known: dict[bytes, Report | str] = {}

    def __getitem__(self, name: bytes) -> Report | str:
        """The report, or the reason why there is none."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def forget(self) -> None:
        """Read all of them anew."""
        self._known.clear()

    def body(self, name: bytes) -> bytes:
        """The bytes of a report that was read before."""
        return next(body for body in self._bodies(name) if not isinstance(_report(name, body), str))

    def _read(self, name: bytes) -> Report | str:
        reason = f"its report {name.hex()[:16]} is missing"
        try:
            for body in self._bodies(name):
                report = _report(name, body)
                if isinstance(report, Report):
                    return report
                reason = report
        except StoreError as error:
            reason = f"its report {name.hex()[:16]} can't be read: {error}"
        return reason


def _report(name: bytes, body: bytes) -> Report | str:
    """A report whose id is that of its content, or the reason why it isn't one."""
    try:
        report = Codec().report(body)
        recheck(report)
    except TimelineError as error:
        return str(error)
    if id_of("report", body, report.published.lo) != name:
        return f"the text or the date of its report {name.hex()[:16]} was changed"
    if report.body != body:
        return f"its report {name.hex()[:16]} {_MORE}"
    return report


def _fault(row: Record, reports: _Reports, codec: Codec) -> str | None:
    """The reason why a row isn't what was recorded, None where it is."""
    if row.record_type == REDACTED:
        bare = not (row.id or row.kind or row.report or row.salt)
        return None if bare and len(row.body) == HASH_BYTES else "it is redacted only in part"
    try:
        if len(row.salt) not in (0, SALT_BYTES):
            return "its salt isn't as long as a salt"
        if row.record_type == REDACTION:
            kept = Codec.redaction_draft(codec.redaction(row))
            same = (kept.id, kept.body) == (row.id, row.body) and not (row.kind or row.report)
            return None if same else "its content isn't what its id was made of"
        if row.record_type == MERGE:
            draft = Codec.merge_draft(codec.merge(row))
            same = (draft.id, draft.body) == (row.id, row.body) and not (row.kind or row.report)
            return None if same else "its content isn't what its id was made of"
        report = reports[row.report]
        if isinstance(report, str):
            return report
        if not names(row.id, row.record_type, row.body, row.report):
            return "its content isn't what its id was made of"
        said = codec.checked(row, report)
        canonical = encode(msgspec.json.decode(row.body)) == row.body
        same = said.body() == row.body
    except (TimelineError, msgspec.MsgspecError, RecursionError) as error:
        return f"it can't be read: {error}"
    if not canonical:
        return "its content isn't written in the one form that there is for it"
    return None if same else f"it {_MORE}"


def row_checker(codec: Codec) -> Callable[[Record, bytes], None]:
    """Return what holds a row that is taken over to its id, its report, its salt and its form.

    It is called with the row and the body of its report, and raises ``FormatError``.
    """
    bodies: dict[bytes, bytes] = {}
    reports = _Reports(lambda name: [bodies[name]] if name in bodies else [])

    def check(row: Record, report: bytes) -> None:
        if bodies.get(row.report) != report:
            bodies.clear()
            bodies[row.report] = report
            reports.forget()
        reason = _fault(row, reports, codec)
        if reason is None and row.record_type != REDACTED and len(row.salt) != SALT_BYTES:
            reason = "it has no salt"
        if reason is not None:
            raise FormatError(
                f"entry {row.position} can't be taken over: {reason}; nothing from there on was: "
                "run log.verify() on the log that it comes from, and restore it from a copy"
            )

    return check


def rescue(wreck: DamagedFile, store: EventStore, codec: Codec) -> Rescue:
    """Append to an empty store every entry of a wreck that proves to be what was recorded.

    Order, times and salts stay; positions close up where entries are lost.
    """
    if store.head().position:
        raise LogError("a rescue needs an empty log to write into; name a new file")
    reports = _Reports(wreck.report)
    found: list[tuple[int, int]] = []  # positions and times of what proves itself
    for position, rows in wreck.rows():
        row = _proven(rows, reports, codec)
        if row is not None:
            found.append((position, row.recorded))
    times = _settled(found)
    written: set[bytes] = set()
    for recorded, run in groupby(_again(wreck, times, reports, codec), lambda row: row.recorded):
        for batch in _batches(run):
            drafts = [NewRecord(*row[2:]) for row in batch]
            cited = {row.report for row in batch if row.report} - written
            bodies = {name: reports.body(name) for name in cited}
            written |= cited
            store.append(drafts, bodies, recorded=recorded, explicit=True)
    head = store.head()
    return Rescue(
        kept=head.position,
        lost=tuple(_gaps_between(((position, position) for position, _ in found), wreck.last)),
        retimed=tuple(at for at, recorded in found if times[at] != recorded),
        whole=head.position == wreck.last and head.root == wreck.root,
    )


def _proven(rows: Iterable[Record], reports: _Reports, codec: Codec) -> Record | None:
    return next((row for row in rows if _fault(row, reports, codec) is None), None)


def _again(
    wreck: DamagedFile, times: dict[int, int], reports: _Reports, codec: Codec
) -> Iterator[Record]:
    """The rows that prove themselves, with the times that they are to have."""
    for position, rows in wreck.rows():
        row = _proven(rows, reports, codec)
        if row is not None:
            yield row._replace(recorded=times[position])


def _batches(rows: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _PAGE:
            yield batch
            batch = []
    if batch:
        yield batch


def _settled(found: list[tuple[int, int]]) -> dict[int, int]:
    """A time for each position, so that none decreases and as few as can be are changed.

    What stays is a longest run that doesn't decrease; each of the others gets the time before it.
    """
    if not found:
        return {}
    ends: list[int] = []  # the least time on which a run of each length can end
    lengths = []
    for _, recorded in found:
        length = bisect_right(ends, recorded)
        ends[length : length + 1] = [recorded]
        lengths.append(length)
    stays = set()
    length, bound = len(ends) - 1, None
    for at in range(len(found) - 1, -1, -1):
        position, recorded = found[at]
        if lengths[at] == length and (bound is None or recorded <= bound):
            stays.add(position)
            length, bound = length - 1, recorded
    times: dict[int, int] = {}
    time = min(recorded for position, recorded in found if position in stays)
    for position, recorded in found:
        time = recorded if position in stays else time
        times[position] = time
    return times
