"""Works out the hashes that a proof needs from the leaves of a store, quickly the second time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from timeline.errors import ConflictError, StoreError
from timeline.merkle import HASH_BYTES, Frontier, folded
from timeline.stores.base import EventStore
from timeline.stores.features import snapshot_store

__all__ = ["Tree"]

BLOCK = 1024
"""How many leaves make a block, whose root is kept: a power of two."""

KEPT = "merkle blocks"
_PIECE = 256  # roots in a piece of what is kept
_WORTH = 8  # new blocks that are worth keeping


class Tree:
    """The hashes over the first ``size`` leaves of a store.

    The roots of whole blocks are kept by the store, where it can; they are as good as the root
    that a proof made of them leads to, which whoever makes one checks.
    """

    def __init__(self, store: EventStore, size: int, *, anew: bool = False) -> None:
        self._store = store
        self._snapshots = snapshot_store(store)
        self._size = size
        self._leaves: dict[int, list[bytes]] = {}
        if anew:
            with suppress(StoreError):
                self._snapshots.delete_snapshot(KEPT)
        self._blocks = self._all_blocks()

    def hash_of(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from one, counted from 0, up to another, exclusive."""
        block, within = divmod(start, BLOCK)
        if within or end - start < BLOCK:
            return _root(self._block(block)[within : within + end - start])
        tree, rest = Frontier(), Frontier()
        tree.extend(self._blocks[block : end // BLOCK])
        if end % BLOCK:
            rest.extend(self._block(end // BLOCK)[: end % BLOCK])
        return folded([*tree.roots, *rest.roots])

    def _block(self, number: int) -> list[bytes]:
        if number not in self._leaves:
            end = min((number + 1) * BLOCK, self._size)
            self._leaves[number] = list(self._store.leaves(number * BLOCK, end))
        return self._leaves[number]

    def _all_blocks(self) -> list[bytes]:
        there = self._snapshots.load_snapshot(KEPT)
        blocks = (
            _hashes(b"".join(piece for _, piece in self._snapshots.load_chunks(KEPT)))
            if there
            else []
        )
        whole = self._size // BLOCK
        known = len(blocks)
        if known < whole:
            leaves = self._store.leaves(known * BLOCK, whole * BLOCK)
            while some := list(islice(leaves, BLOCK)):
                blocks.append(_root(some))
            if len(blocks) - known >= _WORTH:
                self._keep(blocks, known, there.version if there else 0)
        return blocks

    def _keep(self, blocks: list[bytes], known: int, version: int) -> None:
        first = known // _PIECE
        pieces = {
            f"{piece:012}": b"".join(blocks[piece * _PIECE : (piece + 1) * _PIECE])
            for piece in range(first, -(-len(blocks) // _PIECE))
        }
        # Where it can't be written, or another was faster, it is worked out again next time.
        with suppress(StoreError, ConflictError):
            self._snapshots.save_snapshot(
                KEPT, expect=version, position=len(blocks) * BLOCK, note=b"", chunks=dict(pieces)
            )


def _root(leaves: list[bytes]) -> bytes:
    tree = Frontier()
    tree.extend(leaves)
    return tree.root()


def _hashes(data: bytes) -> list[bytes]:
    return list(_cut(data))


def _cut(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), HASH_BYTES):
        yield data[start : start + HASH_BYTES]
