"""Builds the view of a long log at once: accounts in order, and trees from their leaves up.

Taken in entry by entry, an account goes into its tree as news of it comes, wherever it belongs, and
what is known of that stretch is worked out again each time. Here the accounts come as they do to
who asks the log (``timeline.account_sort``), and each leaf is folded once, when it is full.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from timeline.account_sort import accounts
from timeline.accounts import Account
from timeline.claims import Claim, LinkClaim, Retraction, Void
from timeline.codec import HeaderReader
from timeline.entry_reader import EntryReader
from timeline.events import UnknownEvent
from timeline.folding.incremental import IncrementalView, placements
from timeline.folding.persistent_tree import MISSING, Indexed, Leaf, built, leaf_size
from timeline.kinds import KINDS
from timeline.stores.base import Record
from timeline.supersession import targets_of

__all__ = ["filled"]


class _HasLinks(Exception):  # noqa: N818 - nothing is wrong: it is built entry by entry
    """Links bear on several events at a time."""


def filled(
    fold: IncrementalView,
    reader: EntryReader,
    upto: int,
    progress: Callable[[int], object] | None = None,
) -> bool:
    """Fill an empty view with all that was said up to a position; return whether it did.

    It doesn't where there are links, or where the projection's ``key`` raises: the view is of no
    use then. ``progress`` is called with how many entries were taken in.
    """
    try:
        _Build(fold, reader, upto, progress).run()
    except Exception:  # noqa: BLE001 - whatever it is, it comes again entry by entry
        return False
    return True


class _Build:
    """One view that is built."""

    def __init__(
        self,
        fold: IncrementalView,
        reader: EntryReader,
        upto: int,
        progress: Callable[[int], object] | None,
    ) -> None:
        self._fold = fold
        self._reader = reader
        self._upto = upto
        self._progress = progress
        self._most = leaf_size()
        self._leaves: dict[Hashable, list[Leaf]] = {}
        self._states: dict[Hashable, object] = {}
        self._open: dict[Hashable, dict[str, tuple[Indexed, Account]]] = {}

    def run(self) -> None:
        """Read the log twice: in the order of arrival, and in that of happening."""
        fold, reader = self._fold, self._reader
        found = accounts(
            self._indexed(reader.rows(upto=self._upto), reader.codec.headers(None)),
            reader,
            kinds=tuple(fold.projection.handlers),
            progress=None if self._progress is None else self._half,
        )
        first = next(found, None)  # by now, all that was said is indexed
        fold.position = self._upto
        while first is not None:
            self._place(first)
            first = next(found, None)
        for key in list(self._open):
            self._close(key)
        fold.fresh = {}
        for key, leaves in self._leaves.items():
            tree = built(leaves)
            assert tree is not None  # noqa: S101 - each has a leaf
            fold.trees[key] = tree
            # What raises here raises again where it is asked for.
            with suppress(Exception):
                fold.way.prepare(tree, partial(fold.seen, key, fold.position, None))

    def _half(self, done: int) -> None:
        assert self._progress is not None  # noqa: S101 - it isn't called without
        self._progress(min(done // 2, self._upto))

    def _indexed(self, rows: Iterable[Record], headers: HeaderReader) -> Iterator[Record]:
        """Note what each entry is about and what it names, as it passes."""
        index, codec = self._fold.dependencies, self._reader.codec
        for row in rows:
            if row.record_type == "claim":
                header, _ = headers.read(row)
                index.note(row.position, header.event.id, header.replaces)
                cls = codec.class_of(row.kind)
                if cls not in KINDS:
                    self._fold.kinds[row.kind] = not issubclass(cls, UnknownEvent)
            else:
                said = self._reader.statement(row)
                if isinstance(said, LinkClaim):
                    raise _HasLinks
                about = said.subject if isinstance(said, Claim | Retraction) else None
                if isinstance(said, Retraction | Void):
                    index.note(row.position, about, targets_of(said))
            yield row

    def _place(self, account: Account) -> None:
        found = placements(self._fold.projection, account)
        if not found:
            return
        event_id = account.event.id
        self._fold.keyed_by_event[event_id] = found
        for placed in found:
            there = self._open.setdefault(placed.key, {})
            there[event_id] = placed.item, account
            if len(there) >= self._most:
                self._close(placed.key)

    def _close(self, key: Hashable) -> None:
        """Make a leaf of what waits under a key, and fold it while its accounts are at hand."""
        there = self._open.pop(key)
        leaf = Leaf(tuple(item for item, _ in there.values()))
        self._leaves.setdefault(key, []).append(leaf)
        fold = self._fold
        fold.fresh = {event_id: account for event_id, (_, account) in there.items()}
        state = self._states.pop(key, fold.projection.start)
        self._states[key] = MISSING  # unless it is known after this leaf
        with suppress(Exception):
            seen = partial(fold.seen, key, self._upto, None)
            self._states[key] = fold.way.follow(leaf, state, seen)
