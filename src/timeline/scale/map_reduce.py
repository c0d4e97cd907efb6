"""The stages of a distributed answer, each run on one part: map, resolve, reduce and merge.

Mapping sends each claim and retraction to the part of its event (a shuffle by event id), so that
all claims about one event meet; voids and replacements, which name entries by id, go through the
caller as ids alone. Resolving decides which claims stand, by ``resolve``, and sends accounts on: to
a range of chronological order where the projection can merge, else to the part of their key.
Reducing folds them there.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import chain, groupby
from math import inf
from operator import attrgetter
from typing import Any, NamedTuple

import attrs
import msgspec
from msgspec.structs import replace

from timeline.account_sort import sort_key
from timeline.accounts import Account, lone_account
from timeline.claims import LinkClaim, Retraction, Void
from timeline.codec import Codec
from timeline.decoding import glance
from timeline.erasure import GONE
from timeline.errors import FormatError
from timeline.events import Event
from timeline.folding import replay
from timeline.linking import ids_of_places
from timeline.links import is_link_id
from timeline.merkle import Subtree
from timeline.projection import powers_of
from timeline.resolution import (
    Reading,
    Trust,
    account_order,
    chronological,
    happened_by,
    resolve,
)
from timeline.scale.distributed_links import Links, broadcast
from timeline.scale.engines import Block, TaskResult
from timeline.scale.partitioner import number_of, partition_of
from timeline.scale.partitions import Part
from timeline.scale.shuffle import (
    EVER,
    LINKED,
    RETRACTED,
    SAID,
    STANCES,
    BlockWriter,
    Item,
    Place,
    Reader,
    unpacked,
)
from timeline.stores.base import Record
from timeline.supersession import Named, named, standing_claims, standing_links

__all__ = [
    "DistributedQuery",
    "KeyState",
    "MapOutput",
    "ResolveInput",
    "Supersessions",
    "gather",
    "map_part",
    "merge",
    "reduce_keys",
    "reduce_keys_in_time",
    "reduce_time",
    "resolve_part",
    "standing_links_of",
    "supersessions",
]

_PLACE, _EVENT = attrgetter("lo", "hi", "event_id"), attrgetter("event_id")
_MISSING: Any = object()
_ID = 32
_SOURCE = 16
_SAMPLES = 256  # places that a part tells of, for the others to be cut evenly


@attrs.frozen
class DistributedQuery:
    """A question, as every worker needs it. Moments are exclusive, in microseconds of UTC."""

    projection: Any
    kinds: tuple[type[Event], ...]
    """Those that the source is known to hold, and those that the projection handles."""
    at: int | None
    published: int | None
    reading: Reading
    trust: Trust
    width: int
    """Into how many parts the events are shared out, by their ids, and what stands of them."""
    merging: int
    """Into how many parts keys are shared out that are merged."""
    links: Links | None = None
    """The links that stand, once that is known."""
    bounds: tuple[Place, ...] = ()
    """Where the ranges of time are cut, once that is known; each begins at one of these."""

    @property
    def codec(self) -> Codec:
        """What reads them."""
        return Codec(self.kinds)

    @property
    def sees_accounts(self) -> bool:
        """Whether any handler is handed the account, and so may look at claims and reports."""
        return any(with_account for _, with_account in self.projection.handlers.values())

    @property
    def by_time(self) -> bool:
        """Whether range_partitions of time are folded apart, and not keys."""
        return powers_of(self.projection).merge is not None

    def happened(self, item: Item) -> bool:
        """Whether an item's event happened by then; with infinite bounds as ``happened_by``."""
        if self.at is None:
            return True
        if self.reading == "possible" or self.projection.takes_query_time:
            return item.lo < self.at
        return item.hi <= self.at


class MapOutput(NamedTuple):
    """What a part tells when it was read: ids, packed, places, and what its root is made of."""

    voids: bytes
    """Of each void its id and its target."""
    replaced: bytes
    """Of each replacement its target, its source, hashed, and its own id."""
    places: list[Place]
    trees: list[Sequence[Subtree]]
    kinds: dict[str, int]
    """How many claims are about events of each kind."""
    links: bytes = b""
    """Of links their claims and retractions, packed."""


class _KindFilter:
    """Which items may count, as far as their kind and time tell."""

    def __init__(self, asked: DistributedQuery, reader: Reader) -> None:
        self._asked = asked
        self._reader = reader
        self._kinds: dict[str, bool] = {}

    def counts(self, item: Item) -> bool:
        """Whether the account of an event that nothing else is said of is folded."""
        if item.what != SAID:
            return False
        handled = self._kinds.get(item.kind)
        if handled is None:
            kind = type(self._reader.event(item))  # one is read for each kind
            handled = self._kinds[item.kind] = self._asked.projection.handler(kind) is not None
        return handled and self._asked.happened(item)


class _Mapper:
    """Sorts the entries of a part by the events that they are about."""

    def __init__(self, asked: DistributedQuery) -> None:
        self._asked = asked
        self.reports: dict[bytes, bytes] = {}
        self.writer = BlockWriter(asked.width)
        self.links = BlockWriter(1)
        self._codec = asked.codec
        self._reader = Reader(self._codec, self.reports)
        self._filter = _KindFilter(asked, self._reader)
        self.voids, self.replaced = bytearray(), bytearray()
        self.places: list[Place] = []
        self.kinds = Counter[str]()

    def claim(self, row: Record) -> None:
        """Take in a claim."""
        self.kinds[row.kind] += 1
        try:
            look = glance(row.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise FormatError(
                f"entry {row.position} (claim {row.id.hex()}) can't be read: {error}"
            ) from error
        if not self._published(row):
            return
        lo, hi, name = look.event.when.lo, look.event.when.hi, look.event.id
        bounds = -inf if lo is None else lo, inf if hi is None else hi
        what, kind, report = STANCES[look.stance], row.kind, row.report
        item = Item(*bounds, name, what, row.position, row.id, kind, report, row.body)
        if self._filter.counts(item):
            self.places.append(item.place)
        self._replaces(row, look.replaces)
        self._put(item)

    def other(self, row: Record) -> None:
        """Take in what isn't about an event, or takes one back."""
        said = self._reader.row(row)
        if isinstance(said, LinkClaim) and self._published(row):
            self._replaces(row, said.replaces)
            kind, report = row.kind, row.report
            about = said.subject
            self.links.put(
                0, Item(0, 0, about, LINKED, row.position, row.id, kind, report, row.body)
            )
        elif isinstance(said, Void):
            for target in _ids([said.target]):
                self.voids += row.id + target
        elif isinstance(said, Retraction) and self._published(row):
            about, position = said.event_id, row.position
            item = Item(0, 0, about, RETRACTED, position, row.id, "", row.report, row.body)
            if is_link_id(about):
                self.links.put(0, item)
            else:
                self._put(item)

    def _replaces(self, row: Record, targets: Iterable[str]) -> None:
        for target in _ids(targets):
            self.replaced += target + _hashed(self._reader.report(row.report).source) + row.id

    def _published(self, row: Record) -> bool:
        cut = self._asked.published
        return cut is None or happened_by(self._reader.report(row.report).published, cut)

    def _put(self, item: Item) -> None:
        self.writer.put(number_of(item.event_id) % self._asked.width, item)


def map_part(part: Part, _: Sequence[Block], asked: DistributedQuery) -> TaskResult:
    """Read a part of the source and send what it says to the parts of its events."""
    sorting = _Mapper(asked)
    trees = []
    for page in part.pages():
        sorting.reports.update(page.reports)
        trees.append(page.trees)
        for row in page.rows:
            if row.record_type == "claim":
                sorting.claim(row)
            elif row.record_type not in GONE:
                sorting.other(row)
    places = sorting.places[:: len(sorting.places) // _SAMPLES + 1]
    links = sorting.links.blocks(sorting.reports)[0]
    voids, replaced = bytes(sorting.voids), bytes(sorting.replaced)
    note = MapOutput(voids, replaced, places, trees, sorting.kinds, links)
    return TaskResult(note, sorting.writer.blocks(sorting.reports))


@attrs.frozen
class Supersessions:
    """What is taken back by its id, wherever it is: packed, for it may be much."""

    voided: bytes = b""
    replaced: bytes = b""
    """The target of each replacement, and its source, hashed."""

    def among(self, ids: set[bytes]) -> Named[bytes]:
        """Return what of some ids is reached."""
        voided = {name for name in _cut(self.voided, _ID) if name in ids}
        replaced = {
            (one[:_ID], one[_ID:]) for one in _cut(self.replaced, _ID + _SOURCE) if one[:_ID] in ids
        }
        return Named(voided, replaced)


def supersessions(notes: Iterable[MapOutput]) -> Supersessions:
    """Put together what the parts tell of voids and replacements."""
    several = list(notes)
    voids = {one[:_ID]: one[_ID:] for note in several for one in _cut(note.voids, 2 * _ID)}
    replacements = (
        (one[:_ID], one[_ID:-_ID], one[-_ID:])
        for note in several
        for one in _cut(note.replaced, 2 * _ID + _SOURCE)
    )
    by_name = named(voids, replacements)
    replaced = sorted(target + source for target, source in by_name.replaced)  # type: ignore[operator]
    return Supersessions(b"".join(sorted(by_name.voided)), b"".join(replaced))


def standing_links_of(
    notes: Sequence[MapOutput], reached: Supersessions, asked: DistributedQuery
) -> Links | None:
    """Return the links that stand, from what the parts tell of them; None where none do."""
    reports: dict[bytes, bytes] = {}
    items = list(unpacked([note.links for note in notes], reports))
    reader = Reader(asked.codec, reports)
    by_name = reached.among({item.id for item in items})
    said = [
        reader.retraction(item) if item.what == RETRACTED else reader.link(item)
        for item in items
        if not by_name.falls(item.id, _hashed(reader.report(item.report).source))
    ]
    return broadcast(list(standing_links(said)), asked.trust)


def gather(part: int, blocks: Sequence[Block], asked: DistributedQuery) -> TaskResult:
    """Send the events of a part that links name to where all of their component meet.

    The note has what of the names that links ask for is the id of a place.
    """
    links = asked.links
    assert links is not None  # noqa: S101 - else nothing is gathered
    reports: dict[bytes, bytes] = {}
    writer = BlockWriter(asked.width)
    reader = Reader(asked.codec, reports)
    written = [msgspec.json.encode(name) for name in links.asked]
    found: set[str] = set()
    for item in unpacked(blocks, reports):
        root = links.roots.get(item.event_id)
        writer.put(part if root is None else number_of(root) % asked.width, item)
        if item.what != RETRACTED and any(name in item.body for name in written):
            found |= links.asked & set(ids_of_places(reader.event(item)))
    return TaskResult(found, writer.blocks(reports))


@attrs.frozen
class ResolveInput:
    """What weighing needs to know of the whole."""

    asked: DistributedQuery
    supersessions: Supersessions
    bounds: list[Place]
    """Where the range_partitions of time are cut; each begins at one of these."""


class _Resolver:
    """Decides what stands of some events, and packs what of it is folded."""

    def __init__(
        self, shared: ResolveInput, reports: dict[bytes, bytes], by_name: Named[bytes]
    ) -> None:
        self._asked = shared.asked
        self._bounds = shared.bounds
        self._by_name = by_name
        self._replaced = {name for name, _ in by_name.replaced}
        self._reader = Reader(shared.asked.codec, reports)
        self._filter = _KindFilter(shared.asked, self._reader)
        self.writer = BlockWriter(shared.asked.width)

    def _falls(self, item: Item) -> bool:
        """Whether an item is voided, or replaced by its own source."""
        if item.id in self._by_name.voided:
            return True
        # Its source is read only where something names it.
        return item.id in self._replaced and (
            self._by_name.falls(item.id, _hashed(self._reader.report(item.report).source))
        )

    def one(self, item: Item) -> None:
        """Take in an event of which a single thing is said."""
        # Most are: what is folded by time is sent on without being read.
        if not self._filter.counts(item) or self._falls(item):
            return
        asked = self._asked
        if asked.by_time:
            place = bisect_right(self._bounds, item.place)
        else:
            event = self._reader.event(item)
            if asked.links is not None:
                event = asked.links.web.names.seen(event)
            key = asked.projection.key(event)
            if key is None:
                return
            place = partition_of(key, asked.width)
        self.writer.put(place, item, report=asked.sees_accounts)

    def several(self, items: Sequence[Item]) -> None:
        """Take in all that is said of an event."""
        asked, reader = self._asked, self._reader
        left = [one for one in items if not self._falls(one)]
        claims = {one.id.hex(): one for one in left if one.what != RETRACTED}
        if not any(asked.happened(one) for one in claims.values()):
            return
        said = [
            reader.retraction(one) if one.what == RETRACTED else reader.claim(one) for one in left
        ]
        for account in map(_seen(asked), resolve(said, trust=asked.trust)):
            if replay.counts(asked.projection, account, asked.at, asked.reading):
                place = chronological(account.event)
                sent = [
                    replace(claims[claim.id], lo=place[0], hi=place[1]) for claim in account.claims
                ]
                for part in self._parts(account, place):
                    for item in sent:
                        self.writer.put(part, item)

    def linked(self, items: Sequence[Item]) -> None:
        """Take in all that is said of events that links join with each other."""
        asked, reader, links = self._asked, self._reader, self._asked.links
        assert links is not None  # noqa: S101 - else none are joined
        voided = self._by_name.voided
        ever = {one.event_id for one in items if one.what == SAID and one.id not in voided}
        left = [one for one in items if not self._falls(one)]
        by_id = {one.id.hex(): one for one in left if one.what != RETRACTED}
        said = [
            reader.retraction(one) if one.what == RETRACTED else reader.claim(one) for one in left
        ]
        standing = [claim for claims in standing_claims(said) for claim in claims]
        parts: set[int] = set()
        for account in links.accounts(standing, ever):
            if replay.counts(asked.projection, account, asked.at, asked.reading):
                parts |= self._parts(account, sort_key(account))
        # A part can't tell what of the component it doesn't need, so it gets all that stands of it.
        sent = [by_id[claim.id] for claim in standing]
        sent += [Item(0, 0, name, EVER, 0, b"", "", b"", b"") for name in sorted(ever)]
        for part in sorted(parts):
            for item in sent:
                self.writer.put(part, item, report=item.what != EVER)

    def _parts(self, account: Account, place: Place) -> set[int]:
        """Where an account is folded."""
        asked = self._asked
        if asked.by_time:
            return {bisect_right(self._bounds, place)}
        keyed = replay.keyed(asked.projection, account, asked.at)
        return {partition_of(key, asked.width) for key, _ in keyed}


def resolve_part(_: int, blocks: Sequence[Block], shared: ResolveInput) -> TaskResult:
    """Decide what stands of the events of a part, and send on what is folded."""
    reports: dict[bytes, bytes] = {}
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in unpacked(blocks, reports):
        groups[item.event_id].append(item)
    by_name = shared.supersessions.among({one.id for group in groups.values() for one in group})
    weighing = _Resolver(shared, reports, by_name)
    for group in _components(groups, shared.asked.links, weighing.linked):
        if len(group) == 1:
            weighing.one(group[0])
        else:
            weighing.several(group)
    return TaskResult(None, weighing.writer.blocks(reports))


def _components(
    groups: Mapping[str, list[Item]],
    links: Links | None,
    linked: Callable[[list[Item]], object],
) -> Iterator[list[Item]]:
    """Hand over what links join, and yield the groups of all other events."""
    together: defaultdict[str, list[Item]] = defaultdict(list)
    for name, group in groups.items():
        root = None if links is None else links.roots.get(name)
        if root is None:
            yield group
        else:
            together[root] += group
    for group in together.values():
        linked(group)


def _seen(asked: DistributedQuery) -> Callable[[Account], Account]:
    """What shows an account that no link names as projections see it."""
    return (lambda account: account) if asked.links is None else asked.links.web.seen


class KeyState(NamedTuple):
    """What the accounts of one key came to."""

    first: tuple[Place, int]
    """Where the first of them stands, and how many keys that account had before this one."""
    key: Any
    state: Any
    """The answer, once all of them are folded."""


def reduce_time(part: int, blocks: Sequence[Block], asked: DistributedQuery) -> TaskResult:
    """Fold a stretch of time; the note has its state, none where it is empty."""
    accounts = _accounts(blocks, asked, part)
    first = next(accounts, None)
    if first is None:
        return TaskResult((), ())
    projection = asked.projection
    return TaskResult((replay.fold(projection, chain([first], accounts), projection.start),), ())


def reduce_keys_in_time(part: int, blocks: Sequence[Block], asked: DistributedQuery) -> TaskResult:
    """Fold a stretch of time key by key, and send each key's state to the part of the key."""
    sent: list[list[KeyState]] = [[] for _ in range(asked.merging)]
    for one in _by_key(_accounts(blocks, asked, part), asked, None):
        sent[partition_of(one.key, asked.merging)].append(one)
    return TaskResult(None, sent)


def reduce_keys(part: int, blocks: Sequence[Block], asked: DistributedQuery) -> TaskResult:
    """Fold the keys of a part; the note has what each is answered by."""
    return TaskResult(_answered(_by_key(_accounts(blocks, asked, part), asked, part), asked), ())


def merge(_: int, blocks: Sequence[Block], asked: DistributedQuery) -> TaskResult:
    """Merge the states of the keys of a part, the earlier first; the note has the answers."""
    merged: dict[Any, KeyState] = {}
    for one in chain.from_iterable(blocks):
        before = merged.setdefault(one.key, one)
        if before is not one:
            state = asked.projection.merge(before.state, one.state)
            merged[one.key] = before._replace(state=state)
    return TaskResult(_answered(merged.values(), asked), ())


def _answered(folded: Iterable[KeyState], asked: DistributedQuery) -> list[KeyState]:
    return [
        one._replace(state=replay.result(asked.projection, one.state, asked.at)) for one in folded
    ]


def _by_key(
    accounts: Iterable[Account], asked: DistributedQuery, part: int | None
) -> Iterable[KeyState]:
    """Fold accounts by their keys, or by those that belong to a part."""
    projection = asked.projection
    firsts: dict[Any, tuple[Place, int]] = {}
    states: dict[Any, Any] = {}
    for account in accounts:
        for number, (key, seen) in enumerate(replay.keyed(projection, account, asked.at)):
            state = states.get(key, _MISSING)
            if state is _MISSING:
                if part is not None and partition_of(key, asked.width) != part:
                    continue  # another part has it too, for another of its keys
                firsts[key], state = (sort_key(account), number), projection.start
            states[key] = replay.fold(projection, (seen,), state)
    return [KeyState(firsts[key], key, state) for key, state in states.items()]


def _accounts(blocks: Sequence[Block], asked: DistributedQuery, part: int) -> Iterator[Account]:
    """Return the accounts that were sent, in chronological order, each read when it is its turn."""
    reports: dict[bytes, bytes] = {}
    items = list(unpacked(blocks, reports))
    reader = Reader(asked.codec, reports)
    if asked.links is None:
        return _unlinked(items, reader, asked)
    alone = [one for one in items if one.event_id not in asked.links.roots]
    together: defaultdict[str, list[Item]] = defaultdict(list)
    for one in items:
        if one.event_id in asked.links.roots:
            together[asked.links.roots[one.event_id]].append(one)
    linked = [
        account
        for group in together.values()
        for account in asked.links.accounts(
            [reader.claim(one) for one in group if one.what != EVER],
            {one.event_id for one in group if one.what == EVER},
        )
        if replay.counts(asked.projection, account, asked.at, asked.reading)
        and (not asked.by_time or bisect_right(asked.bounds, sort_key(account)) == part)
    ]
    linked.sort(key=account_order)
    others = map(asked.links.web.seen, _unlinked(alone, reader, asked))
    return heapq.merge(others, linked, key=account_order)


def _unlinked(items: Sequence[Item], reader: Reader, asked: DistributedQuery) -> Iterator[Account]:
    items = sorted(items, key=_PLACE)
    alone = reader.claim if asked.sees_accounts else reader.unsourced
    for _, same in groupby(items, key=_EVENT):
        group = list(same)
        if len(group) == 1:
            yield lone_account(alone(group[0]))
        else:
            yield from resolve(map(reader.claim, group), trust=asked.trust)


def _hashed(source: str) -> bytes:
    return blake2b(source.encode(), digest_size=_SOURCE).digest()


def _ids(names: Iterable[str]) -> Iterator[bytes]:
    """The ids that some texts are; others name nothing, whoever wrote them."""
    for name in names:
        with suppress(ValueError):
            if len(found := bytes.fromhex(name)) == _ID:
                yield found


def _cut(packed: bytes, length: int) -> Iterator[bytes]:
    return (packed[start : start + length] for start in range(0, len(packed), length))
