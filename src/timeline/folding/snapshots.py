"""Stores where a fold stands, in pieces, and takes it up again from there.

What is stored is derived: it may be lost or dropped, and is then folded again from the log. Trees
are stored node by node, so that a change writes the path to it alone. What is known of a node is
stored where it spares reading many entries again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from math import inf
from typing import Any

import msgspec

from timeline.errors import ProjectionError
from timeline.folding.aggregation import Aggregator
from timeline.folding.incremental import IncrementalView
from timeline.folding.persistent_tree import (
    MISSING,
    Indexed,
    Keyed,
    Leaf,
    Pair,
    SortKey,
    Tree,
    leaves,
)
from timeline.folding.state_codec import StateCodec
from timeline.supersession import Positions, PositionTable

__all__ = ["SnapshotWriter", "Unreadable"]

_WORTH = 1024  # items; the sum of fewer is folded again from the log
_LONGEST = 1 << 20  # bytes; nor is a longer sum stored
_SEGMENTS = 64  # pieces of the ledger before they are written as one

_SEAL = 8  # bytes of SHA-256 in front of each piece: a disk's faults, not people, are to be noticed
_SHORT = 3  # parts of an item that is stored without what most items have

_LOW, _HIGH = -inf, inf


class Unreadable(Exception):  # noqa: N818 - it is no error: the state is folded again
    """What is stored isn't what this release would have written."""


class _Node(msgspec.Struct, array_like=True):
    """One node of a tree as it is stored: a leaf has items, a pair two numbers.

    What is known of it stands in rows of states; there are none where nothing is.
    """

    items: list[tuple[Any, ...]] = []
    left: int = 0
    right: int = 0
    summary: list[list[msgspec.Raw]] = []


class _Root(msgspec.Struct, array_like=True):
    """A key's tree as it is stored; the key is told by the account of one item of it."""

    number: int
    event_id: str
    ordinal: int
    state: list[msgspec.Raw]


_node = msgspec.json.Decoder(_Node)
_root = msgspec.json.Decoder(_Root)
_segment = msgspec.json.Decoder(list[tuple[str, int | list[int]]])
_encoder = msgspec.json.Encoder()

_UNREADABLE = (
    msgspec.MsgspecError,
    ProjectionError,
    ValueError,
    TypeError,
    LookupError,
    RecursionError,
)


class SnapshotWriter:
    """What is stored of one fold: knows which nodes are there already.

    ``states`` writes the projection's states; without it, they aren't stored and are folded again
    from the log when they are needed. ``way`` tells what is known of a node by states.
    """

    def __init__(self, states: StateCodec | None, way: Aggregator) -> None:
        self._states = states
        self._way = way
        self.names: set[str] = set()
        """What the stored pieces are called."""
        self._numbers = 0
        self._segments = {"about": 0, "naming": 0}
        self._begun: dict[str, int]  # as it will be, once what was given last is stored
        self._numbered: list[Tree] = []  # the nodes of that
        self._new: set[str] = set()  # and the names of its pieces
        self._gone: set[str] = set()
        self._roots: dict[Hashable, tuple[str, Tree]] = {}

    # -- writing

    def pieces(self, fold: IncrementalView) -> dict[str, bytes | None]:
        """Return what changed since the last time: pieces to write, None for those to drop.

        Call ``written`` once they are stored.
        """
        for node in self._numbered:
            node.number = None  # it never was stored
        self._numbered = []
        self.names -= self._new
        self.names |= self._gone
        self._begun = dict(self._segments)
        pieces: dict[str, bytes | None] = {}
        self._next: dict[Hashable, tuple[str, Tree]] = {}
        about, naming = fold.dependencies.about, fold.dependencies.naming
        self._segment(pieces, "about", about)
        self._segment(pieces, "naming", naming)
        for key, (name, tree) in self._roots.items():
            if key not in fold.trees:
                pieces[name] = None
                self._drop(pieces, tree, set())
        for key, tree in fold.trees.items():
            name, before = self._roots.get(key, ("", None))
            if before is tree:
                self._next[key] = (name, tree)
                continue
            kept: set[int] = set()
            number = self._write(pieces, tree, kept)
            if before is not None:
                self._drop(pieces, before, kept)
            name = name or f"root/{number}"
            self._next[key] = (name, tree)
            event_id = tree.start.event_id
            ordinal = 0
            if len(fold.keyed_by_event[event_id]) > 1:
                ordinal = [placed.key for placed in fold.placements(event_id)].index(key)
            state = self._packed(fold.states[key]) if key in fold.states else []
            pieces[name] = _encoder.encode(_Root(number, event_id, ordinal, state))
        sealed = {
            name: None if content is None else _seal(name, content) + content
            for name, content in pieces.items()
        }
        gone = {name for name, content in sealed.items() if content is None}
        self._new, self._gone = sealed.keys() - gone - self.names, gone & self.names
        self.names |= self._new
        self.names -= self._gone
        return sealed

    def written(self, fold: IncrementalView) -> None:
        """Note that the pieces given last are stored."""
        self._roots = self._next
        self._segments = self._begun
        self._numbered = []
        self._new, self._gone = set(), set()
        fold.dependencies.about.unsaved.clear()
        fold.dependencies.naming.unsaved.clear()

    def _segment(self, pieces: dict[str, bytes | None], kind: str, table: PositionTable) -> None:
        if not table.unsaved:
            return
        count = self._segments[kind]
        # Of a name, what is new alone: it may have very many.
        rows: Iterable[tuple[str, Positions]]
        rows = ((name, new if len(new) > 1 else new[0]) for name, new in table.unsaved.items())
        if count >= _SEGMENTS:
            pieces |= {f"{kind}/{n:06}": None for n in range(count)}
            rows = table.items()
            count = 0
        pieces[f"{kind}/{count:06}"] = _encoder.encode(list(rows))
        self._begun[kind] = count + 1

    def _write(self, pieces: dict[str, bytes | None], tree: Tree, kept: set[int]) -> int:
        """Write the nodes that aren't stored yet; return the number of the topmost."""
        if tree.number is not None:
            kept.add(tree.number)
            return tree.number
        if isinstance(tree, Leaf):
            node = _Node(items=[_flat(item) for item in tree.items])
        else:
            node = _Node(
                left=self._write(pieces, tree.left, kept),
                right=self._write(pieces, tree.right, kept),
            )
            if tree.size >= _WORTH and tree.summary is not MISSING:
                rows = [self._packed(*states) for states in self._way.rows(tree.summary)]
                node.summary = rows if all(rows) else []
        self._numbers += 1
        tree.number = self._numbers
        self._numbered.append(tree)
        pieces[f"node/{tree.number}"] = _encoder.encode(node)
        return tree.number

    def _drop(self, pieces: dict[str, bytes | None], tree: Tree, kept: set[int]) -> None:
        """Drop the nodes of a stored tree but for the stretches that the next one keeps."""
        if tree.number in kept:
            return
        pieces[f"node/{tree.number}"] = None
        if isinstance(tree, Pair):
            self._drop(pieces, tree.left, kept)
            self._drop(pieces, tree.right, kept)

    def _packed(self, *states: Any) -> list[msgspec.Raw]:
        """StateCodec as they are stored; none of them where one can't be."""
        if self._states is None:
            return []
        with suppress(ProjectionError):  # it isn't of the type declared: folded again, then
            packed = [self._states.dump(state) for state in states]
            if max(map(len, packed)) <= _LONGEST:
                return list(map(msgspec.Raw, packed))
        return []

    # -- reading

    def read(self, fold: IncrementalView, pieces: Iterable[tuple[str, bytes]]) -> None:
        """Put an empty fold where another one stood when it was stored.

        Its ``position`` must be set. Raises ``Unreadable`` where a piece is missing or isn't what
        this release writes; the fold is of no use then.
        """
        try:
            self._read(fold, pieces)
        except _UNREADABLE as error:
            raise Unreadable from error

    def _read(self, fold: IncrementalView, pieces: Iterable[tuple[str, bytes]]) -> None:
        nodes: dict[int, _Node] = {}
        roots: dict[str, _Root] = {}
        tables = {
            "about": fold.dependencies.about,
            "naming": fold.dependencies.naming,
        }
        for name, content in _unsealed(pieces):
            self.names.add(name)
            kind, number = name.split("/")
            if kind == "node":
                nodes[int(number)] = _node.decode(content)
            elif kind == "root":
                roots[name] = _root.decode(content)
            else:
                # In the order of their names, so that what was said later goes last.
                for about, positions in _segment.decode(content):
                    tables[kind].extend(
                        about, [positions] if isinstance(positions, int) else positions
                    )
                self._segments[kind] = int(number) + 1
        self._numbers = max(nodes, default=0)
        fold.links.load()
        placed: dict[str, list[Keyed]] = {}
        for name, root in roots.items():
            tree = self._tree(nodes, root.number)
            key = fold.placements(root.event_id)[root.ordinal].key
            fold.trees[key] = tree
            self._roots[key] = (name, tree)
            for state in root.state:
                fold.states[key] = self._unpacked(state)
            for leaf in leaves(tree):
                for item in leaf.items:
                    placed.setdefault(item.sort_key.event_id, []).append(Keyed(key, item))
        fold.keyed_by_event.update(
            (event_id, tuple(several)) for event_id, several in placed.items()
        )

    def _tree(self, nodes: dict[int, _Node], number: int) -> Tree:
        node = nodes.pop(number)  # once: a node under two others would be read without end
        tree: Tree
        if node.items:
            tree = Leaf(tuple(map(_item, node.items)))
        else:
            tree = Pair(self._tree(nodes, node.left), self._tree(nodes, node.right))
            if node.summary:
                rows = [tuple(map(self._unpacked, row)) for row in node.summary]
                tree.summary = self._way.known(rows)
        tree.number = number
        return tree

    def _unpacked(self, packed: msgspec.Raw) -> Any:
        assert self._states is not None  # noqa: S101 - of the same fingerprint as when it was stored
        return self._states.load(bytes(packed))


def _seal(name: str, content: bytes) -> bytes:
    return sha256(name.encode() + b"\0" + content).digest()[:_SEAL]


def _unsealed(pieces: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The pieces as they were written, each held against its seal."""
    for name, sealed in pieces:
        content = sealed[_SEAL:]
        if _seal(name, content) != sealed[:_SEAL]:
            raise Unreadable
        yield name, content


def _flat(item: Indexed) -> tuple[Any, ...]:
    """An item as it is stored: what most of them have is left out; JSON has null for infinity."""
    lo, hi, event_id = item.sort_key.lo, item.sort_key.hi, item.sort_key.event_id
    if (item.first, item.last, item.contested) == (lo, hi, False):
        return lo, hi, event_id
    return lo, hi, event_id, item.first, item.last, item.contested


def _item(flat: tuple[Any, ...]) -> Indexed:
    lo, hi = _or(flat[0], _LOW), _or(flat[1], _HIGH)
    place = SortKey(lo, hi, flat[2])
    if len(flat) == _SHORT:
        return Indexed(place, lo, hi)
    return Indexed(place, _or(flat[3], _LOW), _or(flat[4], _HIGH), flat[5])


def _or(bound: float | None, unbounded: float) -> float:
    return unbounded if bound is None else bound
