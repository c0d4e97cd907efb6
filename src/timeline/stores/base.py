"""Defines the event store: its protocols, the rows it keeps, and the rules all stores share.

A store knows bytes and positions alone: what an entry means is the log's business. ``EventStore``
is what every store must do; ``SnapshotStore``, ``Erasable``, ``Importable`` and ``SelfChecking``
are features that one may have besides, asked for in ``features``. The promises of an event store:

1. An append is all or none, and what it returned is there after a crash.
2. Positions run 1, 2, 3, … without a gap; whoever sees one can see every lower one.
3. An id is kept once: a draft whose id is there changes nothing and gives the row that is there.
4. ``recorded`` never decreases along positions.
5. A failed append changes nothing, not even the positions that come after it.
6. The head's root is the Merkle tree root (RFC 6962) over the leaves of all rows, see ``leaf``.
7. What was erased can be read nowhere any more, and changes no position, leaf or root.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from os import urandom
from struct import Struct
from typing import NamedTuple, Protocol, runtime_checkable

from timeline.calendar_math import as_datetime
from timeline.errors import ConflictError, FormatError, LogError, RecordedError
from timeline.merkle import HASH_BYTES, leaf_hash

__all__ = [
    "MERGE",
    "REDACTED",
    "REDACTION",
    "SALT_BYTES",
    "Erasable",
    "EventStore",
    "FullStore",
    "Head",
    "Importable",
    "KindCounting",
    "NewRecord",
    "Record",
    "SelfChecking",
    "Snapshot",
    "SnapshotStore",
    "check_adopted",
    "check_kept",
    "commitment",
    "damaged_copy",
    "in_order",
    "kept_state",
    "leaf",
    "meta_seal",
    "next_rows",
    "reports_to_write",
    "rows_to_erase",
]

SALT_BYTES = 16
"""How long a salt is: too long to be guessed."""

REDACTED = "redacted"
"""The form of a row whose content was erased; its body is the ``commitment`` that it had."""

MERGE = "merge"
"""The form of a row that says what was merged from another log; it stands in no report."""

REDACTION = "redaction"
"""The form of a row that says what was erased, and why; it stands in no report."""

_new = tuple.__new__  # Record() counts its arguments, each time
_LAST_RECORDED = (1 << 63) - 1  # what a 64-bit column holds
_LEAF = Struct(">18sqq32s").pack
_LENGTHS = Struct(">5I").pack
# These bytes are hashed into every leaf: they may never change.
_LEAF_FORMAT = b"timeline entry/1\n\0"


# Named tuples, not attrs: made straight from a row of the database they cost a third less, and a
# replay makes one for each entry.
class NewRecord(NamedTuple):
    """One entry to be, as the log hands it in."""

    id: bytes
    """32 bytes, derived from the content."""
    record_type: str
    """``claim``, ``link``, ``retraction``, ``void``, ``redaction``, ``merge``, or, in a copy of a
    log, ``redacted``."""
    kind: str
    """The event's kind, such as ``attack/1``; empty where the form isn't a claim."""
    report: bytes
    """The 32-byte id of the report it stands in; empty where it stands in none."""
    body: bytes
    """Canonical JSON, UTF-8."""
    salt: bytes = b""
    """16 random bytes; left empty, the store draws them. A copy of a log hands in those it has."""


class Record(NamedTuple):
    """One entry as it is kept: a draft with its place and its time.

    Of one that was erased, ``record_type`` is ``redacted``, ``body`` the commitment that it had,
    and id, kind, report and salt are empty.
    """

    position: int
    """From 1."""
    recorded: int
    """Microseconds UTC."""
    id: bytes
    record_type: str
    kind: str
    report: bytes
    body: bytes
    salt: bytes = b""


class Head(NamedTuple):
    """The last entry's place and time, and the root over all entries."""

    position: int
    """0 when the log is empty."""
    recorded: int | None
    """Microseconds UTC, None when the log is empty."""
    root: bytes
    """The Merkle tree root over the leaves 1 to ``position``; empty where the file has no salts
    yet, as it was made by an older release and may not be written."""
    erasures: int = 0
    """How often something was erased: who remembers content has to read again when it grows."""


class Snapshot(NamedTuple):
    """What is kept of a state that can be made again from the entries."""

    version: int
    """Another one each time it is kept, and never again one that it had."""
    position: int
    """The last entry that it takes into account."""
    note: bytes


@runtime_checkable
class EventStore(Protocol):
    """An append-only store of rows: all that a log needs of one; threads may share it."""

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the log was made; copies of a file share it."""
        ...

    def append(
        self,
        drafts: Sequence[NewRecord],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool,
        expect: int | None = None,
    ) -> list[Record]:
        """Keep all drafts or none, durably, and return a row for each, in their order.

        ``reports`` holds the bodies of reports by id; those that new rows need are kept, once.
        ``recorded`` is microseconds UTC; held at the head's where it lies before it, unless it is
        ``explicit``. With ``expect``, new rows are written only while that is the head's position.
        Where every draft is there already, nothing is written and nothing is refused.

        Raises ``ConflictError`` where ``expect`` fails, ``RecordedError`` for an explicit
        ``recorded`` before the head's, ``LogError`` for a draft whose report is neither given nor
        kept, ``StoreError`` where the medium refuses; nothing has changed then.
        """
        ...

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        """Stream the rows of positions ``after < position <= upto``, in order.

        It ends at the head of the moment of the call: what is appended meanwhile isn't in it.
        """
        ...

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of those reports that are kept, by id."""
        ...

    def get_by_id(self, ids: Iterable[bytes]) -> dict[bytes, Record]:
        """Return the rows of those ids that are kept, by id."""
        ...

    def get_by_position(self, positions: Iterable[int]) -> dict[int, Record]:
        """Return the rows of those positions that are kept, by position."""
        ...

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Stream the leaves of the rows that ``rows`` gives, see ``leaf``.

        Raises ``StoreError`` where the rows have no salts yet: a file of an older release that may
        not be written.
        """
        ...

    def head(self) -> Head:
        """Return the last entry's position and recorded time, and the root."""
        ...

    def wait(self, after: int, timeout: float) -> bool:
        """Block until the head's position is beyond ``after``; False once ``timeout`` s are over.

        Raises ``StoreError`` where the store is closed meanwhile.
        """
        ...

    def close(self) -> None:
        """Let go of the medium; closing again does nothing, anything else raises StoreError."""
        ...


@runtime_checkable
class SnapshotStore(Protocol):
    """A store that keeps states which can be made again from its rows, so that none is refolded."""

    def load_snapshot(self, name: str) -> Snapshot | None:
        """Return what is kept under a name, None where there is nothing."""
        ...

    def load_chunks(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Return the chunks of what is kept under a name, in the order of their names.

        All are of one version: that of the moment of the call.
        """
        ...

    def save_snapshot(
        self,
        name: str,
        *,
        expect: int,
        position: int,
        note: bytes,
        chunks: Mapping[str, bytes | None],
        erasures: int | None = None,
    ) -> int:
        """Keep a state that can be made again from the entries up to ``position``; its version.

        ``chunks`` replace those of the same name, None takes one away; all or none of it happens.
        ``expect`` is the version that the caller counts on, 0 for none, and ``erasures`` the
        head's when the entries were read. Raises ``ConflictError`` where either is another.
        May be lost in a crash, but state and position always together.
        """
        ...

    def delete_snapshot(self, name: str) -> None:
        """Drop what is kept under a name."""
        ...


@runtime_checkable
class KindCounting(Protocol):
    """A store that counts the kinds of its claims faster than by reading all their rows."""

    def count_kinds(self, after: int, upto: int) -> Mapping[str, int]:
        """Return how many claims of each kind lie after one position, up to another."""
        ...


@runtime_checkable
class Erasable(Protocol):
    """A store that can erase the content of rows, where the law demands it."""

    def erase(
        self,
        positions: Collection[int],
        draft: NewRecord,
        *,
        recorded: int,
        expect: int | None = None,
    ) -> Record:
        """Erase the content of entries for good, appends ``draft``, which tells it, return its row.

        Id, form, kind, report, body and salt go, and with them every report that no entry stands
        in any more and every kept state; the commitment stays, and so do leaves and root. All that
        in one transaction; then every copy that the medium made is scrubbed. Positions that were
        redacted before stay as they are. ``recorded`` and ``expect`` as for ``append``, and where
        the draft is there already, only what it names is erased once more.

        Raises ``LogError`` for a position that isn't there or holds a redaction, ``ConflictError``
        where ``expect`` fails; nothing has changed then. Raises ``StoreError`` where the medium
        refuses; if that was while scrubbing, the message says so: the entries are redacted then,
        and erasing again, or opening the log for writing, takes up the scrubbing.
        """
        ...


@runtime_checkable
class Importable(Protocol):
    """A store that can become a copy of another log: rows go in with their times and salts."""

    def import_rows(
        self, rows: Sequence[Record], reports: Mapping[bytes, bytes], *, identity: str
    ) -> Head:
        """Keep rows of another log as they are there, behind the head; return the head after.

        For copies: all or none, durably, with their positions, times, salts and commitments.
        ``reports`` as for ``append``. An empty log takes over ``identity``, else it must be its
        own. Raises ``ConflictError`` where they don't go on from the head's position, ``LogError``
        where ``identity`` is another or the rows can't be a log's, see ``check_adopted``, and
        ``StoreError`` where the medium refuses; nothing has changed then.
        """
        ...


@runtime_checkable
class SelfChecking(Protocol):
    """A store that can say what its medium finds wrong with itself."""

    def complaints(self) -> Iterator[str]:
        """Yield one sentence for each thing that is wrong, none where all is well."""
        ...

    def foreign(self) -> list[str]:
        """Return what lies on the medium beside the log and isn't the log's, each in a few words.

        Such as tables and indexes of somebody's own, which may hold copies of what entries say.
        """
        ...

    def unchecked(self) -> list[str]:
        """Return what is the log's and can't be checked, such as kept states."""
        ...

    def missing(self) -> list[tuple[int, int]]:
        """Return the positions up to the head that aren't there, the first and last of each run."""
        ...

    def size(self) -> int:
        """Return how many bytes the log takes on its medium, at least."""
        ...


class FullStore(EventStore, SnapshotStore, Erasable, Importable, Protocol):
    """A store with every feature that a log can use, as all stores of the library are."""


def damaged_copy(position: int, name: bytes) -> FormatError:
    """Return the error for an entry that was appended again, and stands there with other bytes."""
    return FormatError(
        f"entry {position} has the id {name.hex()} and other bytes than what was appended again, "
        "though an id is a hash of the content: the log is damaged; nothing was appended: run "
        "log.verify() for all damage, and restore a backup"
    )


def next_rows(
    drafts: Sequence[NewRecord],
    kept: Mapping[bytes, Record],
    head: Head,
    *,
    recorded: int,
    explicit: bool,
    expect: int | None,
) -> list[Record]:
    """Return the rows that an append adds after ``head``: drafts not kept yet, each once, in order.

    Empty where all are kept. Raises ``ConflictError``, ``RecordedError`` or ``LogError``, and
    ``FormatError`` where a row that is kept has other content than the draft of its id.
    """
    _check_same(drafts, kept)
    # An erased one has no id any more: in a copy, each is new.
    fresh = {draft.id or place: draft for place, draft in enumerate(drafts) if draft.id not in kept}
    if not fresh:
        return []
    if expect is not None and expect != head.position:
        raise ConflictError(
            f"expected the log to be at position {expect}, but {_at(head)}; "
            f"read what stands after position {min(expect, head.position)} and decide again"
        )
    if head.recorded is not None and recorded < head.recorded:
        if explicit:
            raise RecordedError(
                f"recorded={_iso(recorded)} lies before {_iso(head.recorded)}, when the log's last "
                f"entry was recorded (position {head.position}); recorded times never decrease: "
                "give that time or a later one, or leave recorded out"
            )
        recorded = head.recorded
    if not -_LAST_RECORDED <= recorded <= _LAST_RECORDED:
        raise LogError(f"recorded={recorded} microseconds is beyond the years that can be kept")
    salts = urandom(SALT_BYTES * len(fresh))
    rows = []
    for place, draft in enumerate(fresh.values()):
        name, form, kind, report, body, salt = draft
        if name and not salt:
            salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
        elif len(salt) != SALT_BYTES if name else (form, len(body)) != (REDACTED, HASH_BYTES):
            raise LogError(
                f"a draft has an id and a salt of {SALT_BYTES} bytes or none, or is {REDACTED!r} "
                f"and has a commitment of {HASH_BYTES} bytes as its body; this is {draft}"
            )
        parts = (head.position + 1 + place, recorded, name, form, kind, report, body, salt)
        rows.append(_new(Record, parts))
    return rows


def _check_same(drafts: Sequence[NewRecord], kept: Mapping[bytes, Record]) -> None:
    """Raise ``FormatError`` where a row that is kept isn't what the draft of its id says."""
    for draft in drafts if kept else ():
        there = kept.get(draft.id)
        if there is not None and there[3:7] != draft[1:5]:
            raise damaged_copy(there.position, draft.id)


def in_order(
    drafts: Sequence[NewRecord], kept: Mapping[bytes, Record], new: Sequence[Record]
) -> list[Record]:
    """Return the row of each draft, from those that were kept before and those that are new."""
    if not kept and len(new) == len(drafts):
        return list(new)
    rows = {**kept, **{row.id: row for row in new}}
    if b"" in rows:
        redacted = (row for row in new if not row.id)
        return [rows[draft.id] if draft.id else next(redacted) for draft in drafts]
    return [rows[draft.id] for draft in drafts]


def commitment(row: Record) -> bytes:
    """Return the 32 bytes that bind a row to its content, and tell nothing of it without the salt.

    SHA-256 of salt, the lengths of id, form, kind, report and body, four bytes each, high byte
    first, and these five.
    """
    _, _, name, form, kind, report, body, salt = row
    if form == REDACTED:
        return body
    form_bytes, kind_bytes = form.encode(), kind.encode()
    lengths = _LENGTHS(len(name), len(form_bytes), len(kind_bytes), len(report), len(body))
    parts = (salt, lengths, name, form_bytes, kind_bytes, report, body)
    return sha256(b"".join(parts)).digest()


def kept_state(name: str) -> str:
    """Return the words for a state that is kept under a name, in lists of what is unchecked."""
    return f"kept state {name!r:.100}"


def meta_seal(identity: str, created: str | None, erasures: int) -> str:
    """Return the hash over what a log says of itself beside its rows: it shows a changed one.

    It has no key: whoever knows how it is made can make it anew, as with all that stands in one
    file. Only a checkpoint that is out of their hands shows more.
    """
    sealed = f"timeline meta/1\n{identity}\n{created or ''}\n{erasures}\n"
    return sha256(sealed.encode()).hexdigest()


def leaf(row: Record) -> bytes:
    """Return the hash that stands for a row in the tree: of its position, time and commitment."""
    return leaf_hash(_LEAF(_LEAF_FORMAT, row[0], row[1], commitment(row)))


def check_adopted(
    rows: Sequence[Record], kept: Container[bytes], head: Head, *, identity: str, own: str
) -> None:
    """Raise ``ConflictError`` or ``LogError`` where rows can't be taken over behind ``head``.

    They go on from it without a gap, in time too, have ids that are not there yet and salts, or
    are redacted. ``identity`` is that of the log they are from, ``own`` that of the one they go to.
    """
    if head.position and identity != own:
        raise LogError(
            f"rows of the log {identity} can't go into the log {own}; begin an empty one"
        )
    if rows and rows[0].position != head.position + 1:
        raise ConflictError(
            f"rows from position {rows[0].position} on don't go on from the log's end: {_at(head)}"
        )
    seen: set[bytes] = set()
    recorded = -_LAST_RECORDED if head.recorded is None else head.recorded
    for position, row in enumerate(rows, head.position + 1):
        if row.record_type == REDACTED:
            sound = not row.id and not row.salt and len(row.body) == HASH_BYTES
        else:
            sound = bool(row.id) and row.id not in seen and row.id not in kept
            sound = sound and len(row.salt) == SALT_BYTES
        if row.position != position or not recorded <= row.recorded <= _LAST_RECORDED or not sound:
            raise LogError(
                f"{row!r:.200} can't be the row at position {position} of a log that is copied: "
                "its position, time, id or salt doesn't fit those before it"
            )
        recorded = row.recorded
        seen.add(row.id)


def rows_to_erase(positions: Collection[int], rows: Mapping[int, Record]) -> list[Record]:
    """Return what erasing leaves of those rows that aren't redacted yet, by position.

    Raises ``LogError`` for a position that isn't among ``rows`` or holds a redaction.
    """
    erased = []
    for position in sorted(set(positions)):
        row = rows.get(position)
        if row is None:
            raise LogError(
                f"position {position} isn't there to be erased; give positions of the log's entries"
            )
        if row.record_type == REDACTION:
            raise LogError(
                f"position {position} holds a redaction, which can't be erased: it tells who "
                "erased what, and why"
            )
        if row.record_type != REDACTED:
            erased.append(
                Record(position, row.recorded, b"", REDACTED, "", b"", commitment(row), b"")
            )
    return erased


def reports_to_write(
    rows: Iterable[Record], given: Mapping[bytes, bytes], kept: Container[bytes]
) -> dict[bytes, bytes]:
    """Return the reports, id to body, that new rows need and that aren't kept yet.

    Raises ``LogError`` where one is neither given nor kept.
    """
    needed = {}
    for row in rows:
        if row.report and row.report not in kept and row.report not in needed:
            if row.report not in given:
                raise LogError(
                    f"entry {row.id.hex()[:12]} stands in report {row.report.hex()[:12]}, which "
                    "the log doesn't hold; hand the report's body in with the entry"
                )
            needed[row.report] = given[row.report]
    return needed


def check_kept(
    name: str, version: int, expect: int, erasures: int, expect_erasures: int | None
) -> None:
    """Raise ``ConflictError`` where a kept state isn't the one that its keeper counts on."""
    if version != expect:
        raise ConflictError(
            f"expected version {expect} of what is kept as {name!r}, but it is at {version}; read "
            "it again and go on from there"
        )
    if expect_erasures not in (None, erasures):
        raise ConflictError(
            f"entries were erased since {name!r} was read (erasure {erasures}, not "
            f"{expect_erasures}); make it again from the entries that are left"
        )


def _at(head: Head) -> str:
    if head.recorded is None:
        return "it is empty"
    return f"it is at {head.position}, recorded {_iso(head.recorded)}"


def _iso(recorded: int) -> str:
    moment = as_datetime(recorded)
    return f"{recorded} microseconds" if moment is None else moment.isoformat()
