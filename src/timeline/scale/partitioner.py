"""Gives the keys of projections numbers that are the same in every process."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime
from enum import Enum
from numbers import Number
from uuid import UUID
from zlib import crc32

import attrs

from timeline.counts import Count
from timeline.errors import ProjectionError
from timeline.places import Place
from timeline.schema import leaf_of
from timeline.times import When

__all__ = ["number_of", "partition_of"]

_OWN = (Count, Place, When)


def number_of(name: str) -> int:
    """Return the number of a text, 0 to 2**32 - 1."""
    return crc32(name.encode(errors="surrogatepass"))


def partition_of(key: Hashable, width: int) -> int:
    """Return to which of ``width`` parts a key belongs: equal keys to the same, in every process.

    Python's own hash of a text is another one in each. Raises ``ProjectionError`` for a key whose
    equality can't be told from outside.
    """
    return number_of(_written(key)) % width


def _written(key: Hashable) -> str:  # noqa: C901 - one line for each type there is
    """A text that equal keys share."""
    # What equals a text or a number is one, whatever its class is called.
    if isinstance(key, str):
        return f"t{str.__str__(key)}"
    if isinstance(key, Number) and key == key:  # noqa: PLR0124 - NaN equals nothing, itself included
        return f"n{hash(key)}"  # of numbers, the same in every process
    if key is None:
        return "0"
    if isinstance(key, bytes):
        return f"b{bytes(key).hex()}"
    if isinstance(key, tuple):
        return f"({','.join(map(_measured, key))})"
    if isinstance(key, frozenset):
        return f"{{{','.join(sorted(map(_measured, key)))}}}"
    if isinstance(key, datetime):
        return f"m{key.isoformat() if key.tzinfo is None else key.timestamp()}"
    if isinstance(key, date | UUID):
        return f"{type(key).__name__}{key}"
    if isinstance(key, Enum):
        return f"e{type(key).__qualname__}.{key.name}"
    if isinstance(key, _OWN):
        parts = [getattr(key, one.name) for one in attrs.fields(type(key)) if one.eq]
        return f"{type(key).__name__}({','.join(map(_measured, parts))})"
    leaf = leaf_of(type(key))
    if leaf is not None and leaf.write is not None:
        return f"{type(key).__qualname__}({leaf.write(key)})"
    raise ProjectionError(
        f"the key {key!r} can't be sent to one worker: nobody can tell from outside what equals "
        "it; let key() give a text, number, date, enum, Place, When or Count, or tuples of these"
    )


def _measured(part: Hashable) -> str:
    """A part with its length in front, so that no two rows of parts read the same."""
    written = _written(part)
    return f"{len(written)}:{written}"
