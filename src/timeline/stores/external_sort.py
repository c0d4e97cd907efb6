"""Sorts where claims stand in time, in a temporary file: more of them than memory should hold.

An external merge sort (Knuth, TAOCP 5.4): runs are sorted in memory and written in blocks, and
merged a stretch at a time. Beside each run stand the hashes of its events, in order, so that an
event with several places is found whatever stretches these lie in.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import NamedTuple

import msgspec

from timeline.errors import StoreError

__all__ = ["Place", "Sorter"]

# A plain tuple of plain values: a million of them cost the garbage collector nothing.
Place = tuple[float, float, str, int, bool]
"""Where an event stands in chronological order, the position of a claim about it in the log, and
whether anybody handles its kind. Below zero where it was weighed with others."""

_RUN = 1 << 16  # places that are sorted in memory
_BLOCK = 512  # places that are written, and read again, at once
_SLICES = 256  # of the range of hashes: as much of every run is in memory at once
_HASHES = 1 << 64

_encode = msgspec.msgpack.Encoder().encode
# A bound that is an int stays one: floats don't tell all microseconds apart.
_decode = msgspec.msgpack.Decoder(list[tuple[int | float, int | float, str, int, bool]]).decode
_decode_texts = msgspec.msgpack.Decoder(list[tuple[str, str, bytes, int, bool]]).decode


class Sorter:
    """Places that are sorted in a file of its own, which is gone with it.

    What it writes are event ids, bounds and positions, in the system's folder for such files.
    Raises ``StoreError`` where there is no room for it.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._taken: set[str] = set()
        try:
            self._file = TemporaryFile()  # noqa: SIM115 - closed by ``close``
        except OSError as error:
            raise _refused(error) from error

    def add(self, places: Iterable[Place]) -> None:
        """Take in some more."""
        rest = iter(places)
        while some := list(islice(rest, _RUN)):
            some.sort()
            run = _Run()
            for start in range(0, len(some), _BLOCK):
                content, texts = _packed(some[start : start + _BLOCK])
                run.blocks.append(_Block(*self._write(content), texts))
            hashes = sorted(hash(place[2]) for place in some)
            bounds = [bisect_left(hashes, _slice(number)) for number in range(1, _SLICES)]
            for first, end in zip([0, *bounds], [*bounds, len(hashes)], strict=True):
                run.hashes.append(self._write(array("q", hashes[first:end]).tobytes()))
            self._runs.append(run)

    def take(self, events: Iterable[str]) -> list[int]:
        """Take out those of some events, and of each event that has several; gives positions."""
        reached = set(events)
        wanted = {hash(event) for event in reached} | self._repeated()
        if not wanted:
            return []
        found = [
            (place[2], place[3])
            for run in self._runs
            for block in run.blocks
            for place in self._block(run, block)
            if hash(place[2]) in wanted
        ]
        times = Counter(event for event, _ in found)
        self._taken = {event for event, count in times.items() if count > 1 or event in reached}
        for run in self._runs:
            run.whole = False
        return [position for event, position in found if event in self._taken]

    def _repeated(self) -> set[int]:
        """The hashes that come more than once."""
        repeated: set[int] = set()
        for number in range(_SLICES):
            hashes = array("q")
            for run in self._runs:
                hashes.frombytes(self._read(run.hashes[number]))
            if len(set(hashes)) < len(hashes):
                repeated.update(one for one, count in Counter(hashes).items() if count > 1)
        return repeated

    def in_order(self) -> Iterator[int]:
        """Return the positions of those that are handled, in chronological order."""
        left = [(run, iter(run.blocks)) for run in self._runs]
        loaded: list[list[Place]] = [[] for _ in left]
        while True:
            for number, (run, blocks) in enumerate(left):
                for block in blocks if not loaded[number] else ():
                    loaded[number] = self._block(run, block)
                    if loaded[number]:
                        break
            present = [places for places in loaded if places]
            if not present:
                return
            # All up to where the first of what is loaded ends: nothing that comes is before that.
            until = min(places[-1] for places in present)
            merged: list[Place] = []
            for number, places in enumerate(loaded):
                end = bisect_right(places, until)
                merged += places[:end]
                loaded[number] = places[end:]
            merged.sort()
            yield from [place[3] for place in merged if place[4]]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _block(self, run: _Run, block: _Block) -> list[Place]:
        """The places of a block, without what was taken out of its run."""
        places = _unpacked(self._read((block.start, block.length)), texts=block.texts)
        if run.whole:
            return places
        taken = self._taken
        return [place for place in places if place[2] not in taken]

    def _write(self, content: bytes) -> tuple[int, int]:
        try:
            self._file.seek(0, 2)
            where = self._file.tell(), len(content)
            self._file.write(content)
        except (OSError, ValueError) as error:
            raise _refused(error) from error
        return where

    def _read(self, where: tuple[int, int]) -> bytes:
        start, length = where
        try:
            self._file.seek(start)
            return self._file.read(length)
        except (OSError, ValueError) as error:
            raise _refused(error) from error


class _Block(NamedTuple):
    """Where a block is, in bytes, and whether its bounds are written as texts."""

    start: int
    length: int
    texts: bool


class _Run:
    """The blocks of one run, and where the slices of its hashes are: start and length in bytes."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self.hashes: list[tuple[int, int]] = []
        self.whole = True
        """Whether nothing was taken out since it was written."""


def _packed(places: list[Place]) -> tuple[bytes, bool]:
    """A block as bytes, and whether its bounds are texts: some fit no machine's words."""
    try:
        return _encode(places), False
    except (OverflowError, UnicodeEncodeError):
        return _encode(
            [
                (str(lo), str(hi), event.encode(errors="surrogatepass"), at, handled)
                for lo, hi, event, at, handled in places
            ]
        ), True


def _unpacked(content: bytes, *, texts: bool) -> list[Place]:
    if not texts:
        return _decode(content)
    return [
        (_number(lo), _number(hi), event.decode(errors="surrogatepass"), at, handled)
        for lo, hi, event, at, handled in _decode_texts(content)
    ]


def _number(bound: str) -> float:
    return float(bound) if bound in ("inf", "-inf") else int(bound)


def _slice(number: int) -> int:
    """The hash with which a slice of their range begins."""
    return _HASHES * number // _SLICES - _HASHES // 2


def _refused(error: Exception) -> StoreError:
    return StoreError(
        f"the events of this log couldn't be sorted in a temporary file ({error}); make room in "
        "the folder for temporary files, or name another one in the variable TMPDIR"
    )
