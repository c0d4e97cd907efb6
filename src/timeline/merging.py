"""Merges one log into another: what the other says comes along, and so does what it erased.

An entry is known by its content, so what both have is one. It is recorded here when it comes; when
the other log had learned it stands in a ``Merge``, appended in one transaction with it.

What one of the two erased, the other's entry of it goes too. Such an entry is recognised, wherever
it was erased, by the redaction's mark of it; by its salt, where one log began as a copy of the
other; and by its position, where the two were merged before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from timeline.codec import Codec
from timeline.erasure import GONE
from timeline.errors import ConflictError
from timeline.merge_provenance import Elsewhere, Merge
from timeline.merkle import Frontier
from timeline.progress import Progress
from timeline.redaction_records import Redaction, mark
from timeline.stores.base import (
    MERGE,
    REDACTED,
    REDACTION,
    EventStore,
    NewRecord,
    Record,
    commitment,
    leaf,
)
from timeline.stores.copying import Check, read_batch
from timeline.stores.features import erasable

__all__ = ["MergeSummary", "elsewhere", "merge"]

_BATCH = 5000  # entries in memory, and in one Merge


@attrs.frozen
class MergeSummary:
    """What a merge came to.

    ``new`` entries came, ``there`` were here already, by their content; ``redacted`` were erased
    here, as the other log had erased them, and ``kept_out`` didn't come, as this log had. ``lost``
    had been erased there without a mark: whether they are here can't be known.
    """

    new: int = 0
    there: int = 0
    redacted: int = 0
    lost: int = 0
    kept_out: int = 0

    def __str__(self) -> str:
        text = f"{self.new:,} new entries, {self.there:,} here already"
        text += f", {self.redacted:,} redacted" if self.redacted else ""
        text += f", {self.kept_out:,} kept out as redacted here" if self.kept_out else ""
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
    mine = _Records.of(own, codec)
    tree, places = _merged_before(mine, other, head.position)
    its = _Records.of(other, codec, after=tree.size, upto=head.position)
    places = _merged_there(own, its) | places
    # First what is to go: broken off in between, the same is found again.
    redacted, lost = _erase(own, other, its, places, recorded)
    new = there = kept_out = 0
    while tree.size < head.position:
        after = tree.size
        rows, reports = read_batch(other, after, min(after + _BATCH, head.position))
        for row in rows:
            if row.record_type != MERGE:
                check(row, reports.get(row.report, b""))
        tree.extend(map(leaf, rows))
        if all(row.record_type == MERGE and codec.merge(row).log == own.identity for row in rows):
            rows = []  # it took over from here, and that is no news
        if rows:
            out = _kept_out(own, rows, mine, places)
            root = tree.root().hex()
            came, known = _append(
                own, rows, reports, out, log=other.identity, root=root, recorded=recorded
            )
            new, there, kept_out = new + came, there + known, kept_out + len(out)
        if progress is not None:
            progress(tree.size, head.position)
    return MergeSummary(new, there, redacted, lost, kept_out)


class _Records:
    """What a log records of merges into it and of what was erased, in it or in what was merged."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.merges: list[Merge] = []
        self.redactions: dict[int, Redaction] = {}
        """Those of the log itself, by the position of what each erased."""
        self.commitments: dict[bytes, int] = {}
        """The positions of what was erased, by the commitment that is left."""
        self._marks: dict[str, dict[str, tuple[Redaction, int]]] = {}
        """By the log whose identity they are made with: the redaction, and the position or 0."""

    @classmethod
    def of(
        cls, store: EventStore, codec: Codec, *, after: int = 0, upto: int | None = None
    ) -> _Records:
        """Read them: all merges, and the rest of entries after a position."""
        made = cls(codec)
        for row in store.rows(upto=upto):
            if row.record_type == MERGE:
                made.merges.append(codec.merge(row))
            if row.position > after:
                made._add(row, own=True)
        return made

    def _add(self, row: Record, *, own: bool) -> None:
        if row.record_type == REDACTED:
            self.commitments[row.body] = row.position
        elif row.record_type == REDACTION:
            redaction = self._codec.redaction(row)
            if own:
                self.redactions |= dict.fromkeys(redaction.positions, redaction)
            marks = self._marks.setdefault(redaction.log, {})
            for position, its_mark in zip(redaction.positions, redaction.marks, strict=False):
                if its_mark:
                    marks[its_mark] = redaction, position if own else 0
        elif row.record_type == MERGE:
            for position, recorded, form, body in self._codec.merge(row).records:
                made = Record(position, recorded, b"", form, "", b"", body.encode())
                self._add(made, own=False)

    def marked(self, name: bytes) -> tuple[Redaction, int] | None:
        """Return what erased the entry of an id, and its position here, 0 where it has none."""
        for log, marks in self._marks.items():
            if marks and (found := marks.get(mark(log, name))):
                return found
        return None

    def has_mark(self, position: int) -> bool:
        """Say whether what was erased at a position can be recognised by a mark."""
        redaction = self.redactions.get(position)
        if redaction is None or not redaction.marks:
            return False
        return bool(redaction.marks[redaction.positions.index(position)])

    @property
    def erased(self) -> bool:
        """Whether anything was erased."""
        return bool(self.commitments or self.redactions or any(self._marks.values()))


def elsewhere(store: EventStore, codec: Codec, position: int) -> tuple[Elsewhere, ...]:
    """Return where other logs that were merged into one have an entry of it."""
    merges = (codec.merge(row) for row in store.rows() if row.record_type == MERGE)
    return tuple(
        Elsewhere(one.log, there, recorded)
        for one in merges
        for there, recorded, here in one.entries
        if here == position
    )


def _true_merges(merges: Iterable[Merge], store: EventStore, upto: int) -> list[Merge]:
    """Return those of merges that read a store as it is, ascending by where they ended.

    A copy that was written to apart has the same identity and another root.
    """
    of_it = [one for one in merges if one.log == store.identity and one.upto <= upto]
    tree = Frontier()
    roots: dict[int, str] = {}
    for end in sorted({one.upto for one in of_it}):
        tree.extend(store.leaves(tree.size, end))
        roots[end] = tree.root().hex()
    return sorted((one for one in of_it if roots[one.upto] == one.root), key=lambda it: it.upto)


def _merged_before(mine: _Records, other: EventStore, upto: int) -> tuple[Frontier, dict[int, int]]:
    """Return the tree over what came before, and where each entry of it is here."""
    done = 0
    places: dict[int, int] = {}
    for one in _true_merges(mine.merges, other, upto):
        done = one.upto
        places |= {there: here for there, _, here in one.entries}
    tree = Frontier()
    tree.extend(other.leaves(0, done))
    return tree, places


def _merged_there(own: EventStore, its: _Records) -> dict[int, int]:
    """Return where entries of the other log are here, as it was this log that was merged there."""
    return {
        there: here
        for one in _true_merges(its.merges, own, own.head().position)
        for here, _, there in one.entries
    }


def _kept_out(
    own: EventStore, rows: Sequence[Record], mine: _Records, places: Mapping[int, int]
) -> dict[bytes, int]:
    """Return the ids of rows that were erased here, each with its position here, 0 for none."""
    if not mine.erased:
        return {}
    carried = [row for row in rows if row.record_type not in GONE]
    there = own.get_by_id([row.id for row in carried])
    out: dict[bytes, int] = {}
    for row in carried:
        if row.id in there:
            continue
        place = places.get(row.position, 0)
        if place in mine.redactions:
            out[row.id] = place
        elif found := mine.marked(row.id):
            out[row.id] = found[1]
        elif place := mine.commitments.get(commitment(row), 0):
            out[row.id] = place
    return out


def _append(
    own: EventStore,
    rows: Sequence[Record],
    reports: Mapping[bytes, bytes],
    out: Mapping[bytes, int],
    *,
    log: str,
    root: str,
    recorded: int,
) -> tuple[int, int]:
    """Append what is new of some rows, but for what is kept out, and the Merge that tells of all.

    Return how many came and how many were here.
    """
    carried = [row for row in rows if row.record_type not in GONE]
    drafts = {
        row.id: NewRecord(row.id, row.record_type, row.kind, row.report, row.body)
        for row in carried
        if row.id not in out
    }
    while True:
        head = own.head().position
        there = own.get_by_id(drafts)
        new = [name for name in drafts if name not in there]
        places = {name: row.position for name, row in there.items()}
        places |= {name: head + number for number, name in enumerate(new, 1)}
        places |= {name: place for name, place in out.items() if place}
        made = Merge(
            log=log,
            after=rows[0].position - 1,
            upto=rows[-1].position,
            root=root,
            entries=tuple(
                (row.position, row.recorded, places[row.id]) for row in carried if row.id in places
            ),
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
        return len(new), len(there)


def _erase(
    own: EventStore,
    other: EventStore,
    its: _Records,
    places: Mapping[int, int],
    recorded: int,
) -> tuple[int, int]:
    """Erase here what another log says was erased since it was merged.

    Return how many entries, and of how many there it can't be known whether they are here.
    """
    if not its.erased:
        return 0, 0
    found, met = _to_erase(own, other, its, places)
    still: dict[str, list[Record]] = {}
    reasons = {redaction.id: redaction for redaction in found.values()}
    for position, row in sorted(own.get_by_position(found).items()):
        still.setdefault(found[position].id, []).append(row)
    for name, rows in still.items():
        why = reasons[name]
        made = Redaction(
            positions=tuple(row.position for row in rows),
            because=why.because,
            basis=why.basis,
            by=why.by,
        )
        if why.marks:
            made = made.marked(own.identity, [row.id for row in rows])
        erasable(own).erase(made.positions, Codec.redaction_draft(made), recorded=recorded)
    unknown = set(its.commitments.values()) - met
    lost = sum(not its.has_mark(position) for position in unknown)
    return sum(map(len, still.values())), lost


def _to_erase(
    own: EventStore, other: EventStore, its: _Records, places: Mapping[int, int]
) -> tuple[dict[int, Redaction], set[int]]:
    """Return the positions here of what another log erased, and which of its positions they were.

    With each position the redaction that says why.
    """
    known = {there: places[there] for there in its.redactions if there in places}
    found = {here: its.redactions[there] for there, here in known.items()}
    met = set(known)
    by_id = {
        row.id: (position, found[position])
        for position, row in own.get_by_position(found).items()
        if row.record_type not in GONE
    }
    for row in own.rows():
        if row.record_type in GONE:
            continue
        there = its.commitments.get(commitment(row), 0)
        if there in its.redactions:
            met.add(there)
            by_id[row.id] = row.position, its.redactions[there]
        elif marked := its.marked(row.id):
            by_id[row.id] = row.position, marked[0]
    # What stands there was said there again since.
    again = other.get_by_id(by_id)
    return dict(one for name, one in by_id.items() if name not in again), met
