"""What stands in a log where something was erased: that it was, by whom, why, on what legal basis.

A redaction is a record of its own, which stays; the entries that it names keep their positions,
and of their content nothing but a commitment that can't be guessed back.
"""

from __future__ import annotations

from typing import Any

import attrs

from timeline.canonical import encode, id_of
from timeline.errors import ClaimError

__all__ = ["Redacted", "Redaction"]


def _text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ClaimError(
            f"a redaction's {attribute.name} is a text that isn't empty, not {value!r}; say "
            "because= why and on what legal basis= it is erased, without what is to be erased"
        )


def _text_or_none(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None:
        _text(_, attribute, value)


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
    told. Made by ``log.redact``; can't be redacted itself.
    """

    form = "redaction"

    positions: tuple[int, ...] = attrs.field(validator=_positions)
    because: str = attrs.field(validator=_text)
    basis: str = attrs.field(validator=_text)
    by: str | None = attrs.field(default=None, validator=_text_or_none)
    id: str = ""
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
        return encode(about)


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
