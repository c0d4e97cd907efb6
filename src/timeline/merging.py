"""Merges one log into another: what the other says comes along, and so does what it erased.

An entry is known by its content, so what both have is one. It is recorded here when it comes; when
the other log had learned it stands in a ``Merge``, appended in one transaction with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from timeline.codec import Codec
from timeline.erasure import GONE
from timeline.errors import ConflictError
from timeline.merge_provenance import Elsewhere, Merge
from timeline.merkle import Frontier
from timeline.progress import Progress
from timeline.redaction_records import Redaction
from timeline.stores.base import MERGE, REDACTED, REDACTION, EventStore, NewRecord, Record, leaf
from timeline.stores.copying import Check, read_batch
from timeline.stores.features import erasable

__all__ = ["MergeSummary", "elsewhere", "merge"]

_BATCH = 5000  # entries in memory, and in one Merge


@attrs.frozen
class MergeSummary:
    """What a merge came to.

    ``new`` entries came, ``there`` were here already, by their content; ``redacted`` were erased
    here, as the other log had erased them since they were merged. ``lost`` had been erased there
    before they could come: whatever of them is here can't be known from their commitments.
    """

    new: int = 0
    there: int = 0
    redacted: int = 0
    lost: int = 0

    def __str__(self) -> str:
        text = f"{self.new:,} new entries, {self.there:,} here already"
        text += f", {self.redacted:,} redacted" if self.redacted else ""
        return text + (f", {self.lost:,} redacted there before" if self.lost else "")


def merge(
    own: EventStore,
    other: EventStore,
    *,
    codec: Codec,
    check: Check,
    recorded: int,
    progress: Progress | None = None,
) -> MergeSummary:
    """Append to a log what it lacks of another; see ``Log.merge``.

    ``check`` raises for a row that isn't what its id says.
    """
    head = other.head()
    tree, places = _merged_before(own, other, head.position, codec)
    summary = MergeSummary()
    while tree.size < head.position:
        after = tree.size
        rows, reports = read_batch(other, after, min(after + _BATCH, head.position))
        for row in rows:
            if row.record_type != MERGE:
                check(row, reports.get(row.report, b""))
        tree.extend(map(leaf, rows))
        made, came = _append(
            own, rows, reports, log=other.identity, root=tree.root().hex(), recorded=recorded
        )
        places |= {there: here for there, _, here in made.entries}
        redacted = _erase(own, rows, places, codec, recorded)
        summary = MergeSummary(
            summary.new + came,
            summary.there + len(made.entries) - came,
            summary.redacted + redacted,
            summary.lost + sum(row.record_type == REDACTED for row in rows),
        )
        if progress is not None:
            progress(tree.size, head.position)
    return summary


def _merges(store: EventStore, codec: Codec) -> Iterator[Merge]:
    """Yield what was merged into a log, in the order of arrival."""
    return (codec.merge(row) for row in store.rows() if row.record_type == MERGE)


def elsewhere(store: EventStore, codec: Codec, position: int) -> tuple[Elsewhere, ...]:
    """Return where other logs that were merged into one have an entry of it."""
    return tuple(
        Elsewhere(one.log, there, recorded)
        for one in _merges(store, codec)
        for there, recorded, here in one.entries
        if here == position
    )


def _merged_before(
    own: EventStore, other: EventStore, upto: int, codec: Codec
) -> tuple[Frontier, dict[int, int]]:
    """Return the tree over what came before, and where each entry of it is here.

    A copy that was written to apart has the same identity and another root: it begins anew.
    """
    before = [one for one in _merges(own, codec) if one.log == other.identity]
    ends = sorted({one.upto for one in before if one.upto <= upto})
    roots: dict[int, str] = {0: Frontier().root().hex()}
    tree = Frontier()
    for end in ends:
        tree.extend(other.leaves(tree.size, end))
        roots[end] = tree.root().hex()
    done = 0
    places: dict[int, int] = {}
    for one in sorted(before, key=lambda it: it.upto):
        if roots.get(one.upto) == one.root:
            done = one.upto
            places |= {there: here for there, _, here in one.entries}
    tree = Frontier()
    tree.extend(other.leaves(0, done))
    return tree, places


def _append(
    own: EventStore,
    rows: Sequence[Record],
    reports: Mapping[bytes, bytes],
    *,
    log: str,
    root: str,
    recorded: int,
) -> tuple[Merge, int]:
    """Append what is new of some rows, and the Merge that tells of all of them."""
    carried = [row for row in rows if row.record_type not in GONE]
    drafts = {
        row.id: NewRecord(row.id, row.record_type, row.kind, row.report, row.body)
        for row in carried
    }
    while True:
        head = own.head().position
        there = own.get_by_id(drafts)
        new = [name for name in drafts if name not in there]
        places = {name: row.position for name, row in there.items()}
        places |= {name: head + number for number, name in enumerate(new, 1)}
        made = Merge(
            log=log,
            after=rows[0].position - 1,
            upto=rows[-1].position,
            root=root,
            entries=tuple((row.position, row.recorded, places[row.id]) for row in carried),
            records=tuple(
                (row.position, row.recorded, row.record_type, row.body.decode())
                for row in rows
                if row.record_type in (REDACTION, MERGE)
            ),
        )
        try:
            own.append(
                [*drafts.values(), Codec.merge_draft(made)],
                reports,
                recorded=recorded,
                explicit=False,
                expect=head,
            )
        except ConflictError:
            continue  # somebody wrote meanwhile: other positions are free now
        return made, len(new)


def _erase(
    own: EventStore,
    rows: Sequence[Record],
    places: Mapping[int, int],
    codec: Codec,
    recorded: int,
) -> int:
    """Erase here what some rows say was erased there; return how many entries."""
    count = 0
    for row in rows:
        if row.record_type != REDACTION:
            continue
        theirs = codec.redaction(row)
        here = own.get_by_position({places[one] for one in theirs.positions if one in places})
        still = tuple(sorted(one.position for one in here.values() if one.record_type not in GONE))
        if still:
            made = Redaction(
                positions=still, because=theirs.because, basis=theirs.basis, by=theirs.by
            )
            erasable(own).erase(still, Codec.redaction_draft(made), recorded=recorded)
            count += len(still)
    return count
