"""Streams what stands in chronological order, one account at a time, in bounded memory.

A first pass reads the header of each claim: which event it is about and when that was. Most events
have one claim, which nothing else reaches: those are read again in the order of happening, and let
go. The others, and all that takes something back, are kept together and resolved by ``resolve``.
Of many links of places and actors, those alone are read that matter to what the events name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from math import inf

import msgspec

from timeline.accounts import Account, lone_account
from timeline.claims import Claim, LinkClaim, Retraction, Said
from timeline.codec import HeaderReader
from timeline.entry_reader import EntryReader
from timeline.events import Event
from timeline.linking import Contradiction, Web, place_ids, resolve_linked
from timeline.name_index import INDEXED, NameIndex, texts
from timeline.resolution import Trust, account_order, happened_by
from timeline.stores.base import Record
from timeline.stores.external_sort import Place, Sorter
from timeline.supersession import targets_of

__all__ = ["accounts", "linked", "sort_key"]

_AFTER_ALL = "\U0010ffff"  # sorts after what ids begin with
_PAGE = 500  # claims read at once
_MANY = 1000  # links of places and actors; fewer are read whole
_IN_MEMORY = 1 << 16  # sort keys in memory; some ten megabytes
_REPORTED_EVERY = 4096  # rows between two calls of progress


class _SortKeys:
    """Sort keys of claims by event: in memory, and beyond ``_IN_MEMORY`` of them on disk."""

    def __init__(self) -> None:
        self._first: dict[str, Place] = {}
        self._more: list[Place] = []
        self._sorter: Sorter | None = None

    def add(self, place: Place) -> None:
        """Take in one more claim."""
        first = self._first
        if first.setdefault(place[2], place) is not place:
            self._more.append(place)
        elif len(first) >= _IN_MEMORY:
            self._to_disk()

    def _to_disk(self) -> Sorter:
        if self._sorter is None:
            self._sorter = Sorter()
        self._sorter.add(self._first.values())
        self._sorter.add(self._more)
        self._first.clear()
        self._more.clear()
        return self._sorter

    def take(self, reached: set[str]) -> list[int]:
        """Remove the claims about events that something reaches, or that have several."""
        if self._sorter is not None:
            return self._to_disk().take(reached)
        reached = reached | {place[2] for place in self._more}
        found = [self._first.pop(name) for name in reached if name in self._first]
        return [place[3] for place in (*found, *self._more)]

    def in_order(self, resolved: Iterable[Place]) -> Iterator[int]:
        """Yield the positions of the rest that are of the kinds asked, and what was resolved."""
        if self._sorter is not None:
            self._sorter.add(resolved)
            with closing(self._sorter):
                yield from self._sorter.in_order()
            return
        order = [place for place in self._first.values() if place[4]]
        order += resolved
        self._first.clear()
        order.sort()
        yield from (place[3] for place in order)


class _FirstPass:
    """Indexes claims by event, and collects what supersedes others.

    ``again`` gives the rows once more. ``whole`` reads all links, whether they matter or not, and
    ``only`` those that matter to some names.
    """

    def __init__(
        self,
        rows: Iterable[Record],
        headers: HeaderReader,
        reader: EntryReader,
        again: Callable[[], Iterable[Record]] | None,
        *,
        whole: bool = False,
        only: frozenset[str] | None = None,
    ) -> None:
        self._headers = headers
        self._reader = reader
        self.sort_keys = _SortKeys()
        self.said: list[Said] = []
        self.reached: set[str] = set()
        """The events that can't be resolved by one claim alone."""
        self.targets: set[bytes] = set()
        """What claims replace and voids void."""
        self.names = NameIndex()
        self._again = again
        self._only = only
        whole = whole or again is None
        self._taken: set[int] = set()
        self._mentioning: list[int] | None = None
        add, read = self.sort_keys.add, headers.read
        for row in rows:
            if row.record_type != "claim":
                if not whole and row.kind in INDEXED and self._indexed(row):
                    continue
                said = reader.statement(row)
                if isinstance(said, Said):  # and wasn't erased meanwhile
                    self._supersedes(said)
                continue
            header, wanted = read(row)
            event = header.event
            lo, hi = event.when.lo, event.when.hi
            add((-inf if lo is None else lo, inf if hi is None else hi, event.id, row[0], wanted))
            if header.replaces:
                self.reached.add(event.id)
                self.targets.update(_ids(header.replaces))

    def resolved(
        self, *, published: int | None, trust: Trust
    ) -> tuple[list[Account], Web, list[Contradiction]]:
        """Resolve what has to be held together, and take it out of the sort keys."""
        store = self._reader.store
        self.said += self._read_links()
        for row in store.get_by_id(self.targets).values():
            if row.record_type == "claim":
                self.reached.add(self._headers.read(row)[0].event.id)
        together = self._statements(self.sort_keys.take(self.reached))
        # Not what was erased meanwhile.
        everything = [*self.said, *(claim for claim in together if isinstance(claim, Claim))]

        def ids(names: set[str]) -> Iterable[str]:
            return place_ids([*everything, *self._claims_mentioning(names)], names, published)

        stands, links, fallen = resolve_linked(
            everything, published=published, trust=trust, ids=ids
        )
        links.covers = self.names.covers
        return stands, links, fallen

    def _indexed(self, row: Record) -> bool:
        """Take in a link by its names, and say whether that is enough: it takes nothing back."""
        header = self._headers.link(row)
        self.names.add(row.position, header)
        if header.replaces:
            self._taken.add(row.position)
        return not header.replaces

    def _read_links(self) -> Iterator[Said]:
        """Read the links that were passed by and matter: all of them, unless they are many."""
        positions = self.names.positions()
        if positions and (len(positions) > _MANY or self._only is not None):
            positions = self.names.naming(self._named())
        left = [position for position in positions if position not in self._taken]
        for said in self._statements(left):
            if isinstance(said, LinkClaim):  # and wasn't erased meanwhile
                yield said

    def _statements(self, positions: Iterable[int]) -> Iterator[object]:
        """Read what stands at some positions, page by page: rows take more memory than they say."""
        left = iter(positions)
        while page := list(islice(left, _PAGE)):
            for row in self._reader.store.get_by_position(page).values():
                yield self._reader.statement(row)

    def _named(self) -> set[str]:
        """The names in links that some claim names; and note where one may be the id of a place."""
        assert self._again is not None  # noqa: S101 - nothing is indexed without
        named = set(self._only or ())
        self._mentioning = []
        unwritten = self.names.unwritten
        for row in self._again():
            if row.record_type == "claim":
                found = set(self.names.named_in(row.body))
                if self._only is None:
                    named |= found
                if not unwritten.isdisjoint(found) and _names_an_id(row.body, found):
                    self._mentioning.append(row.position)
        return named

    def _claims_mentioning(self, names: set[str]) -> Iterator[Said]:
        """Yield the claims that may name a place by some ids."""
        if self._mentioning is not None:
            rows: Iterable[Record] = self._reader.store.get_by_position(self._mentioning).values()
        else:
            rows = self._again() if self._again is not None and names else ()
        written = {msgspec.json.encode(name)[1:-1] for name in names}
        for row in rows:
            if row.record_type == "claim" and not written.isdisjoint(texts(row.body)):
                said = self._reader.statement(row)
                if isinstance(said, Claim):
                    yield said

    def _supersedes(self, one: Said) -> None:
        self.said.append(one)
        if isinstance(one, Retraction):
            self.reached.add(one.subject)
        if isinstance(one, LinkClaim):
            self.reached.update(one.link.events)
        self.targets.update(_ids(targets_of(one)))


class _Steps:
    """Counts the steps of long work, and reports them."""

    def __init__(self, progress: Callable[[int], object] | None) -> None:
        self._progress = progress
        self._done = self._reported = self._rows = 0

    def over(self, rows: Iterable[Record]) -> Iterator[Record]:
        """Yield rows as they come, and count them."""
        source = iter(rows)
        while page := list(islice(source, _PAGE)):
            yield from page
            self.add(len(page))
        self._rows = self._done

    def add(self, done: int) -> None:
        """Count what was done."""
        self._done += done
        if self._progress is not None and self._done - self._reported >= _REPORTED_EVERY:
            self._reported = self._done
            self._progress(self._done)

    def end(self) -> None:
        """Report that all is done: each row was read twice, or didn't need to be."""
        if self._progress is not None and self._reported:
            self._progress(2 * self._rows)


def accounts(
    rows: Iterable[Record],
    reader: EntryReader,
    *,
    kinds: tuple[type[Event], ...] | None = None,
    published: int | None = None,
    trust: Trust = (),
    again: Callable[[], Iterable[Record]] | None = None,
    progress: Callable[[int], object] | None = None,
    met: Callable[[Web], object] | None = None,
) -> Iterator[Account]:
    """Yield what ``resolve`` returns of what was said in some rows of a reader's store.

    Events that have one claim alone, of none of the ``kinds``, are left out. ``again`` gives the
    rows once more, where links ask for names and ids of places. ``progress`` is called with how
    many rows were looked at, every few thousand, then how many accounts were given on top, and
    twice the rows at the end. ``met`` is called with what links make of it all, before the first
    account.
    """
    steps = _Steps(progress)
    counted = steps.over(rows) if progress else rows
    first = _FirstPass(counted, reader.codec.headers(kinds), reader, again)
    stands, links, _ = first.resolved(published=published, trust=trust)
    if met is not None:
        met(links)
    resolved = ((*sort_key(one), -1 - number, True) for number, one in enumerate(stands))
    order = first.sort_keys.in_order(resolved)
    joined = bool(links.names)
    while page := list(islice(order, _PAGE)):
        found = reader.store.get_by_position(position for position in page if position > 0)
        for position in page:
            if position < 0:
                yield stands[-1 - position]
            elif position in found:
                claim = reader.statement(found[position])
                # It may have been erased meanwhile.
                if isinstance(claim, Claim) and claim.stance != "denies":
                    if published is None or happened_by(claim.report.published, published):
                        account = lone_account(claim)
                        yield links.seen(account) if joined else account
        steps.add(len(page))
    steps.end()


def linked(
    rows: Iterable[Record],
    reader: EntryReader,
    *,
    published: int | None = None,
    trust: Trust = (),
    again: Callable[[], Iterable[Record]] | None = None,
    only: frozenset[str] | None = None,
) -> tuple[list[Account], Web, list[Contradiction]]:
    """Return the accounts that can't be resolved alone, and what links make of all that was said.

    With ``only``, what they make of some names of places and actors. Other arguments as
    ``accounts``.
    """
    headers = reader.codec.headers(None)
    first = _FirstPass(rows, headers, reader, again, whole=only is None, only=only)
    return first.resolved(published=published, trust=trust)


def sort_key(account: Account) -> tuple[float, float, str]:
    """Return where an account stands in order: ``account_order``, flat, with depth before id."""
    lo, hi, depth, name = account_order(account)
    return lo, hi, f"{_AFTER_ALL}{depth:012}{name}" if depth else name


def _names_an_id(body: bytes, names: Iterable[str]) -> bool:
    """Whether the body of a claim may have some name as an id."""
    return any(b'"id":' + msgspec.json.encode(name) in body for name in names)


def _ids(names: Iterable[str]) -> Iterator[bytes]:
    """The ids that some texts are; others name nothing, whoever wrote them."""
    for name in names:
        with suppress(ValueError):
            yield bytes.fromhex(name)
