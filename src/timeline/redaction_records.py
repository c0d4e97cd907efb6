"""What stands in a log where something was erased: that it was, by whom, why, on what legal basis.

A redaction is a record of its own, which stays; the entries that it names keep their positions,
and of their content nothing but a commitment that can't be guessed back. Unless it was to leave no
trace, the redaction has a mark of each: by it an entry is recognised that comes back from another
log, and by it alone nothing is known that wasn't known to the letter before.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import attrs

from timeline.canonical import encode, id_of
from timeline.errors import ClaimError

__all__ = ["Redacted", "Redaction", "mark"]


def _text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ClaimError(
            f"a redaction's {attribute.name} is a text that isn't empty, not {value!r}; say "
            "because= why and on what legal basis= it is erased, without what is to be erased"
        )


def _text_or_none(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None:
        _text(_, attribute, value)


def _marks(made: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    whole = isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if not whole or (value and len(value) != len(made.positions)):
        raise ClaimError(
            f"a redaction's {attribute.name} are texts, one for each of its {len(made.positions)} "
            f"positions, or none at all, not {value!r:.200}"
        )


def mark(log: str, name: bytes) -> str:
    """Return the mark by which an erased entry is recognised: 64 hexadecimal digits.

    SHA-256 over the identity of the log that erased it and the 32 bytes of the entry's id.
    """
    return sha256(f"timeline erased/1\n{log}\n".encode() + name).hexdigest()


def _positions(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    whole = isinstance(value, tuple) and all(type(one) is int and one > 0 for one in value)
    if not whole or not value or value != tuple(sorted(set(value))):
        raise ClaimError(
            f"a redaction's {attribute.name} are those of entries, ascending, not {value!r}"
        )


@attrs.frozen(kw_only=True)
class Redaction:
    """That the content of entries was erased for good: which, why, and on what legal basis.

    ``positions`` are those of the entries, ascending; ``by`` is who decided it, where that is
    told. ``marks`` are those of the entries, in the order of the positions and each made with the
    identity ``log``; empty where the redaction was to leave no trace. Two redactions are equal that
    say the same of the same positions. Made by ``log.redact``; can't be redacted itself.
    """

    form = "redaction"

    positions: tuple[int, ...] = attrs.field(validator=_positions)
    because: str = attrs.field(validator=_text)
    basis: str = attrs.field(validator=_text)
    by: str | None = attrs.field(default=None, validator=_text_or_none)
    log: str = attrs.field(default="", eq=False, repr=False)
    marks: tuple[str, ...] = attrs.field(default=(), validator=_marks, eq=False, repr=False)
    id: str = attrs.field(default="", eq=False)
    """A hash of the content: 64 hexadecimal digits."""

    def __attrs_post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", id_of(self.form, self.body(), None).hex())

    def __str__(self) -> str:
        by = f" by {self.by}" if self.by else ""
        return f"redacted{by}: {self.because} ({self.basis})"

    def body(self) -> bytes:
        """Return the canonical bytes."""
        about: dict[str, Any] = {
            "positions": list(self.positions), "because": self.because, "basis": self.basis,
        }  # fmt: skip
        if self.by is not None:
            about["by"] = self.by
        if self.marks:
            about |= {"log": self.log, "marks": list(self.marks)}
        return encode(about)

    def marked(self, log: str, names: Iterable[bytes]) -> Redaction:
        """Return it with the marks of the entries at its positions, by their ids, in order."""
        marks = tuple(mark(log, name) if name else "" for name in names)
        return attrs.evolve(self, log=log, marks=marks, id="")


@attrs.frozen(kw_only=True)
class Redacted:
    """What is left of an entry whose content was erased for good: nothing of what it said.

    ``commitment`` is the salted hash by which proofs still hold, 64 hexadecimal digits; without
    the salt, which is gone as well, nothing can be tested against it. ``redaction`` says why, and
    is None in a copy that hasn't come that far.
    """

    form = "redacted"
    id = ""
    """Its id was a hash of the content, and went with it."""

    position: int
    commitment: str
    redaction: Redaction | None = None

    def __str__(self) -> str:
        return str(self.redaction or "redacted")
