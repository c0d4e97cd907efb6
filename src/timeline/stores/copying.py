"""Copies a log from one store to another, as it is, and goes on where a copy was broken off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from timeline.errors import LogError, StoreError
from timeline.merkle import Frontier
from timeline.progress import Progress
from timeline.stores.base import REDACTED, REDACTION, EventStore, Head, NewRecord, Record, leaf
from timeline.stores.features import erasable, importable

__all__ = ["Check", "copy", "read_batch"]

Check = Callable[[Record, bytes], object]
"""Called with a row and the body of its report; raises where they aren't what they say."""

_BATCH = 1000  # rows in memory at once
_PASSES = 16  # over what is appended while something is erased in the source again and again


def copy(
    source: EventStore,
    target: EventStore,
    *,
    check: Check | None = None,
    progress: Progress | None = None,
) -> int:
    """Copy the rows that ``target`` lacks, with what they need; return how many.

    Positions, times, salts and commitments stay, so that every root and every answer is the same;
    an empty target takes over the identity too. The copy is a prefix of the source whatever is
    appended to it or erased from it meanwhile: rows go in only by their positions, in transactions
    of 1000, and erasing in the target adds none. Broken off, it can be called again.

    It goes up to the source's head of now, and on from there while something is erased, so that a
    row that was read without its content is followed by the redaction that says why. What was
    erased after it was copied is erased in the target too. ``check`` is called with each row and
    the body of its report, and raises where they aren't what they say.

    Raises ``LogError`` where the target isn't empty and isn't the source as it was up to some
    position, ``StoreError`` where the source's rows don't give its root, and what ``check`` and
    ``Importable.import_rows`` raise.
    """
    here, there = source.head(), target.head()
    tree = _prefix(source, target, here, there)
    if here.position == 0:
        importable(target).import_rows([], {}, identity=source.identity)
    for _ in range(_PASSES):
        _import_up_to(source, target, here, tree, check=check, progress=progress)
        stale = _stale(source, target, tree.size) if here.erasures else []
        now = source.head()
        if now.erasures == here.erasures:  # so that what says why they are erased is here
            _erase_too(target, stale)
            break
        here = now
    return tree.size - there.position


def _import_up_to(
    source: EventStore,
    target: EventStore,
    head: Head,
    tree: Frontier,
    *,
    check: Check | None,
    progress: Progress | None,
) -> None:
    """Import the rows from the tree's size up to a head, batch by batch."""
    while tree.size < head.position:
        after = tree.size
        rows, reports = read_batch(source, after, min(after + _BATCH, head.position))
        rows = _up_to_said_again(source, target, rows)
        for row in rows if check else ():
            check(row, reports.get(row.report, b""))  # type: ignore[misc]
        tree.extend(map(leaf, rows))
        if tree.size == head.position and tree.root() != head.root:
            raise StoreError(
                f"the entries up to {head.position} don't give the root that the log keeps: it is "
                "damaged; see what log.verify() says"
            )
        into = importable(target)
        if into.import_rows(rows, reports, identity=source.identity).root != tree.root():
            raise StoreError(
                f"the copy's root isn't the log's at position {tree.size}; take the copy away and "
                "make it again"
            )
        if progress is not None:
            progress(tree.size, head.position)


def _up_to_said_again(source: EventStore, target: EventStore, rows: list[Record]) -> list[Record]:
    """Return the rows before the first whose id the target has, or all, once it hasn't any more.

    What was erased in the source and said again there has two positions. A target that was made
    before still holds it at the first one; what says that it was erased stands in between.
    """
    there = target.get_by_id(row.id for row in rows if row.id)
    if there and rows[0].id in there:
        _erase_too(target, _stale(source, target, rows[0].position - 1))
        there = target.get_by_id(row.id for row in rows if row.id)
    first = next((place for place, row in enumerate(rows) if row.id in there), 0)
    return rows[:first] or rows


def _prefix(source: EventStore, target: EventStore, here: Head, there: Head) -> Frontier:
    """Return the tree over what the target holds, once that is seen to be what the source held."""
    if there.position and source.identity != target.identity:
        raise LogError(
            f"the target is another log ({target.identity}) than the one to be copied "
            f"({source.identity}); copy to an empty log, or to an earlier copy of this one"
        )
    if there.position > here.position:
        raise LogError(
            f"the target goes on to position {there.position} and the log to be copied ends at "
            f"{here.position}; copy the other way round if that is what it should be"
        )
    tree = Frontier()
    tree.extend(source.leaves(upto=there.position))
    if tree.root() != there.root:
        raise LogError(
            f"the target's first {there.position} entries aren't those of the log to be copied: "
            "both were written to since they were copied; copy to an empty log"
        )
    return tree


def read_batch(
    source: EventStore, after: int, upto: int
) -> tuple[list[Record], dict[bytes, bytes]]:
    """Return the rows ``after < position <= upto`` and the reports that they stand in.

    Raises ``StoreError`` where a report is missing.
    """
    while True:
        rows = list(source.rows(after, upto))
        cited = {row.report for row in rows if row.report}
        reports = source.reports(cited)
        if reports.keys() == cited:
            return rows, reports
        if source.get_by_position([row.position for row in rows]) == {
            row.position: row for row in rows
        }:
            raise StoreError(
                f"of the {len(cited)} reports of the entries {after + 1} to {upto}, "
                f"{len(reports)} are there: the log is damaged; see what log.verify() says"
            )
        # Something was erased in between: the rows are read again.


def _stale(source: EventStore, target: EventStore, upto: int) -> list[int]:
    """Return the positions of what was erased in the source after it had been copied."""
    return [
        row.position
        for row, copied in zip(source.rows(upto=upto), target.rows(upto=upto), strict=True)
        if row.record_type == REDACTED and copied.record_type != REDACTED
    ]


def _erase_too(target: EventStore, stale: Sequence[int]) -> None:
    """Erase in the target what was erased in the source after it had been copied.

    A store that erases appends what says so. Here that is there already, at its own position; where
    it isn't yet, the next copy brings it, and erases then.
    """
    redaction = None
    for row in target.rows() if stale else ():
        if row.record_type == REDACTION:
            redaction = row
    if redaction is not None:
        erasable(target).erase(stale, NewRecord(*redaction[2:]), recorded=redaction.recorded)
