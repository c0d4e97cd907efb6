"""Proves that an entry stands in a log, to somebody who has nothing but the proof.

A proof is one text: what the entry says, its place, the hashes that lead from there to the root,
and the checkpoint that is signed for that root. The form is C2SP's proof
(https://c2sp.org/tlog-proof), with what the entry says as its extra data, in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

import attrs
import msgspec

from timeline.accounts import Entry
from timeline.calendar_math import as_datetime
from timeline.canonical import MOST_BYTES, id_of
from timeline.codec import Codec
from timeline.errors import ProofError, TimelineError
from timeline.events import Event
from timeline.merkle import HASH_BYTES, root_by_path
from timeline.proofs.checkpoints import Checkpoint, decimal, verify
from timeline.proofs.keys import PublicKey, from_base64, to_base64
from timeline.redaction_records import Redacted
from timeline.stores.base import MERGE, REDACTED, REDACTION, SALT_BYTES, Record, leaf

__all__ = ["EntryProof", "Proven", "hash_lines", "verify_entry"]

_FIRST = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 64
# An entry and its report have so many bytes each; JSON writes one as six characters at most, and
# base64 three as four.
_MOST_CHARACTERS = 2 * MOST_BYTES * 6 * 4 // 3 + 10_000_000


class _Content(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a proof says of the entry, in JSON; bytes are hexadecimal, but for texts."""

    recorded: int
    form: str
    commitment: str = ""
    id: str = ""
    kind: str = ""
    report: str = ""
    body: str = ""
    salt: str = ""
    report_body: str = ""


_content = msgspec.json.Decoder(_Content)


@attrs.frozen(kw_only=True)
class EntryProof:
    """That an entry stands at its place in the tree of a checkpoint. ``str()`` gives the text.

    Nothing in it holds until it is verified, see ``verify_entry``.
    """

    row: Record
    report: bytes
    """The canonical bytes of the report that it stands in; empty where it stands in none."""
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def __str__(self) -> str:
        extra = to_base64(msgspec.json.encode(_said(self.row, self.report)))
        lines = [_FIRST, f"extra {extra}", f"index {self.row.position - 1}"]
        return "".join(f"{line}\n" for line in (*lines, *map(to_base64, self.path), "")) + str(
            self.checkpoint
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """Return back a proof from its text, whether or not it holds.

        Raises ``ProofError`` where it isn't written as one.
        """
        top, blank, checkpoint = text[:_MOST_CHARACTERS].partition("\n\n")
        first, *lines = top.split("\n")
        if len(text) > _MOST_CHARACTERS or first != _FIRST or not blank or len(lines) < 2:  # noqa: PLR2004 - extra, index
            raise ProofError(f"a proof begins with the line {_FIRST}, not with {text!r:.100}")
        extra, index, *hashes = lines
        if not extra.startswith("extra ") or not index.startswith("index "):
            raise ProofError(
                "a proof of an entry has a line with its extra data, what the entry says, and one "
                f"with its index, not {extra!r:.50} and {index!r:.50}"
            )
        position = decimal(index.removeprefix("index "), "an index") + 1
        data = from_base64(extra.removeprefix("extra "), "what the entry says")
        row, report = _row(position, data)
        proof = cls(
            row=row,
            report=report,
            path=hash_lines(hashes),
            checkpoint=Checkpoint.read(checkpoint),
        )
        if str(proof) != text:
            raise ProofError("the proof isn't written as one is; it was changed on the way")
        return proof


def hash_lines(lines: list[str]) -> tuple[bytes, ...]:
    """Return the hashes on some lines. Raises ``ProofError`` for others, or too many."""
    if len(lines) > _MOST_HASHES:
        raise ProofError(f"{len(lines)} hashes are more than a proof ever needs")
    return tuple(from_base64(line, "a hash", HASH_BYTES) for line in lines)


def _said(row: Record, report: bytes) -> _Content:
    if row.record_type == REDACTED:
        return _Content(recorded=row.recorded, form=row.record_type, commitment=row.body.hex())
    return _Content(
        recorded=row.recorded,
        form=row.record_type,
        id=row.id.hex(),
        kind=row.kind,
        report=row.report.hex(),
        body=row.body.decode(),
        salt=row.salt.hex(),
        report_body=report.decode(),
    )


def _row(position: int, data: bytes) -> tuple[Record, bytes]:
    try:
        said = _content.decode(data)
        name, report, salt, commitment = (
            bytes.fromhex(part) for part in (said.id, said.report, said.salt, said.commitment)
        )
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProofError(f"what the entry says can't be read: {error}") from error
    body = said.body.encode()
    redacted = said.form == REDACTED
    if redacted:
        body = commitment
    # A salt of another length could let one commitment fit two contents.
    if (len(commitment), len(salt)) != ((HASH_BYTES, 0) if redacted else (0, SALT_BYTES)):
        raise ProofError(
            f"an entry has a salt of {SALT_BYTES} bytes or, redacted, a commitment of "
            f"{HASH_BYTES}, not {len(salt)} and {len(commitment)}"
        )
    if not -(1 << 63) <= said.recorded < 1 << 63 or position >= 1 << 63:
        raise ProofError(f"no entry {position} was ever recorded at {said.recorded}")
    row = Record(position, said.recorded, name, said.form, said.kind, report, body, salt)
    return row, said.report_body.encode()


@attrs.frozen(kw_only=True)
class Proven:
    """What a proof shows, once it is verified."""

    entry: Entry
    """The entry; where it was redacted, ``entry.claim`` is a ``Redacted``."""
    checkpoint: Checkpoint
    """What it stands in: a log of that name had it at that place when it had that size."""
    witnessed: Mapping[str, datetime] = attrs.field(hash=False)
    """When each witness saw that log at that size or a later one: it was there by then."""


def verify_entry(
    proof: EntryProof | str,
    *,
    key: str | PublicKey | Iterable[str | PublicKey],
    witnesses: str | PublicKey | Iterable[str | PublicKey] = (),
    at_least: int | None = None,
    checkpoint: Checkpoint | str | None = None,
    events: Iterable[type[Event]] = (),
) -> Proven:
    """Verify that an entry stands in the log of a key, from the proof alone.

    ``key``, ``witnesses`` and ``at_least`` as for ``verify``. ``checkpoint`` takes the place of
    the proof's own, which may then be unsigned: a later copy of the same one, with more witnesses.
    ``events`` are kinds of your own, as for ``Log``. Raises ``ProofError`` where anything fails:
    what the entry says, its report, its salt, its place, its path, the root, a signature.
    """
    if isinstance(proof, str):
        proof = EntryProof.read(proof)
    if checkpoint is None:
        checkpoint = proof.checkpoint
    verified = verify(checkpoint, key=key, witnesses=witnesses, at_least=at_least)
    signed = verified.checkpoint
    row = proof.row
    root = root_by_path(leaf(row), row.position - 1, signed.size, proof.path)
    if root != signed.root:
        raise ProofError(
            f"this isn't what stands at position {row.position} of {signed.origin!r:.100}: the "
            "hashes lead to another root than the one that was signed"
        )
    return Proven(
        entry=_entry(row, proof.report, Codec(events)),
        checkpoint=signed,
        witnessed=verified.witnessed,
    )


def _entry(row: Record, report_body: bytes, codec: Codec) -> Entry:
    """What the row says, once its ids are seen to be hashes of what is there."""
    recorded = as_datetime(row.recorded)
    if recorded is None:
        raise ProofError(f"the entry was recorded at {row.recorded} microseconds, beyond all years")
    if row.record_type == REDACTED:
        gone = Redacted(position=row.position, commitment=row.body.hex())
        return Entry(row.position, recorded, gone)
    try:
        if row.record_type == REDACTION:
            moment, name = None, b""
            entry = Entry(row.position, recorded, codec.redaction(row))
        elif row.record_type == MERGE:
            moment, name = None, b""
            entry = Entry(row.position, recorded, codec.merge(row))
        else:
            report = codec.report(report_body)
            moment = report.published.lo
            name = id_of("report", report_body, moment)
            entry = Entry(row.position, recorded, codec.said(row, report))
    except TimelineError as error:
        raise ProofError(f"what the entry says can't be read: {error}") from error
    if name != row.report:
        raise ProofError("the report isn't the one that the entry stands in")
    if id_of(row.record_type, row.body, moment) != row.id:
        raise ProofError("the entry's id isn't that of what it says")
    return entry
