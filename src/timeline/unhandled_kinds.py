"""Warn where a projection handles attacks and leaves out the clashes of a log that holds both."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from typing import Any

from timeline.codec import Codec
from timeline.entry_reader import EntryReader
from timeline.errors import UnhandledKindWarning
from timeline.kinds import Attack, Clash
from timeline.projection import Projection
from timeline.unknown_kinds import asker

__all__ = ["unhandled_clashes", "warn_of_clashes", "warn_of_unhandled_clashes"]


def unhandled_clashes(
    projection: Projection[Any], kinds: Mapping[str, int], codec: Codec
) -> Counter[str]:
    """Return how many claims there are about each kind of clash that an answer leaves out.

    ``kinds`` says how many there are about each kind at all. There are none to speak of unless the
    projection handles attacks, no handler of its takes a Clash, and there are claims about both.
    """
    attacks = any(issubclass(kind, Attack) for kind in projection.handlers)
    if not attacks or projection.handler(Clash) is not None:
        return Counter()
    classes = {kind: codec.class_of(kind) for kind in kinds}
    if not any(issubclass(cls, Attack) for cls in classes.values()):
        return Counter()
    left_out = [kind for kind, cls in classes.items() if issubclass(cls, Clash)]
    return Counter(
        {kind: kinds[kind] for kind in left_out if projection.handler(classes[kind]) is None}
    )


def warn_of_unhandled_clashes(projection: Projection[Any], reader: EntryReader, upto: int) -> None:
    """Warn whoever asked, once for each class of projection and log, of the clashes left out.

    Fights between sides were told as attacks for want of a Clash, and are imported as clashes now.
    """
    cls: Any = type(projection)
    if cls in reader.warned or projection.handler(Clash) is not None:
        return
    if warn_of_clashes(projection, reader.unknown.kinds(upto), reader.codec):
        reader.warned.add(cls)


def warn_of_clashes(projection: Projection[Any], kinds: Mapping[str, int], codec: Codec) -> bool:
    """Warn whoever asked of the clashes left out, of claims counted by kind; say whether it did."""
    left_out = unhandled_clashes(projection, kinds, codec)
    if left_out:
        name = type(projection).__name__
        warnings.warn(_warning_text(name, left_out), UnhandledKindWarning, asker())
    return bool(left_out)


def _warning_text(name: str, left_out: Counter[str]) -> str:
    total = left_out.total()
    claims = "1 claim" if total == 1 else f"{total:,} claims"
    kinds = ", ".join(f"{kind} ({number:,})" for kind, number in sorted(left_out.items()))
    return (
        f"{name} handles Attack and not Clash, and this log has {claims} about clashes, which its "
        f"answer leaves out: {kinds}. Two sides that fight are no attack by one of them; add a "
        "handler with @on(Clash), which has .sides, .killed and .losses, or one that does nothing"
    )
