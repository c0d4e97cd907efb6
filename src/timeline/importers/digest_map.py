"""A table of 64-bit digests in flat memory, for remembering a million events in a few megabytes."""

from __future__ import annotations

from array import array
from hashlib import blake2b

__all__ = ["DigestMap", "digest"]

_START = 1024  # slots; a power of two, and so is every later size


def digest(*parts: str | bytes) -> int:
    """Return 64 bits that stand for texts or bytes, never 0; two differ but for one in 10^19."""
    content: list[bytes] = []
    for part in parts:
        one = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        content += (len(one).to_bytes(8, "big"), one)
    return int.from_bytes(blake2b(b"".join(content), digest_size=8).digest(), "big") or 1


class DigestMap:
    """Maps digests to digests; about 24 to 48 bytes for each."""

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 * _START))
        self._values = array("Q", bytes(8 * _START))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: int) -> bool:
        return self._keys[self._slot(key)] == key

    def put(self, key: int, value: int = 1) -> int | None:
        """Set what a key stands for; return what it stood for before, None where it is new."""
        slot = self._slot(key)
        if self._keys[slot]:
            before, self._values[slot] = self._values[slot], value
            return before
        self._keys[slot], self._values[slot] = key, value
        self._count += 1
        if 3 * self._count > 2 * len(self._keys):
            self._grow()
        return None

    def _slot(self, key: int) -> int:
        """Where a key is, or the free slot where it would go."""
        mask = len(self._keys) - 1
        slot = key & mask
        while self._keys[slot] not in (0, key):
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys = array("Q", bytes(16 * len(keys)))
        self._values = array("Q", bytes(16 * len(keys)))
        for key, value in zip(keys, values, strict=True):
            if key:
                slot = self._slot(key)
                self._keys[slot], self._values[slot] = key, value
