"""What stands in a log where another one was merged into it: which entries came, and when they did.

It says nothing of the world: no question is answered by it. It keeps, of each entry of the other
log, where it stood there and when that log had learned it, which this log's own entries don't say.
"""

from __future__ import annotations

from typing import Any

import attrs

from timeline.canonical import encode, id_of
from timeline.errors import ClaimError

__all__ = ["Elsewhere", "Merge"]


def _triples(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    whole = isinstance(value, tuple) and all(
        isinstance(one, tuple) and len(one) == 3 and all(type(part) is int for part in one)  # noqa: PLR2004 - three
        for one in value
    )
    if not whole or any(there < 1 or here < 1 for there, _, here in value):
        raise ClaimError(
            f"a merge's {attribute.name} are triples: the position there, the microseconds at "
            f"which it was recorded there, and the position here, not {value!r:.200}"
        )


@attrs.frozen
class Elsewhere:
    """Where another log has an entry, and when it learned it.

    ``log`` is that log's identity, ``recorded`` in microseconds of UTC.
    """

    log: str
    position: int
    recorded: int


@attrs.frozen(kw_only=True)
class Merge:
    """That entries of another log were merged into this one.

    ``log`` is the other's identity; its entries after position ``after``, up to ``upto``, were
    read, and ``root`` is its root over all up to there, in hexadecimal digits. ``entries`` say for
    each that came, or was here already, its position there, when it was recorded there, in
    microseconds of UTC, and its position here. ``records`` are what else was recorded there, as it
    stands there: redactions, and merges into that log, each with its position and time. Made by
    ``log.merge``.
    """

    form = "merge"

    log: str
    after: int
    upto: int
    root: str
    entries: tuple[tuple[int, int, int], ...] = attrs.field(validator=_triples)
    records: tuple[tuple[int, int, str, str], ...] = ()
    id: str = ""
    """A hash of the content: 64 hexadecimal digits."""

    def __attrs_post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", id_of(self.form, self.body(), None).hex())

    def __str__(self) -> str:
        return f"merged entries {self.after + 1} to {self.upto} of the log {self.log}"

    def body(self) -> bytes:
        """Return the canonical bytes."""
        about: dict[str, Any] = {
            "log": self.log, "after": self.after, "upto": self.upto, "root": self.root,
            "entries": [list(one) for one in self.entries],
        }  # fmt: skip
        if self.records:
            about["records"] = [list(one) for one in self.records]
        return encode(about)
