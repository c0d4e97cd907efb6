"""Says in a few signed lines what a log was at a moment: its name, its size, its root.

The form is C2SP's checkpoint (https://c2sp.org/tlog-checkpoint), a signed note
(https://c2sp.org/signed-note), to which witnesses add their own lines
(https://c2sp.org/tlog-cosignature).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

import attrs

from timeline.calendar_math import as_datetime, micros
from timeline.errors import ProofError
from timeline.merkle import HASH_BYTES
from timeline.proofs.keys import PublicKey, SigningKey, from_base64, key_name, to_base64

__all__ = ["Checkpoint", "Signature", "Verified", "cosign", "decimal", "keys", "sign", "verify"]

_DASH = "— "
_ID_BYTES, _TIME_BYTES = 4, 8
_SECOND = 1_000_000
_MOST_SIGNATURES = 100
_MOST_CHARACTERS = 1_000_000
_MOST_DIGITS = 19  # of a size, which fits into 64 bits


@attrs.frozen(kw_only=True)
class Signature:
    """One signature line: who signed, by the name and the id of a key, and what that gave."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.data)}"

    @classmethod
    def read(cls, line: str) -> Self:
        """Return back a signature from its line. Raises ``ProofError`` where it isn't one."""
        name, space, data = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise ProofError(f"a signature line is — name base64, not {line!r:.100}")
        signed = from_base64(data, "a signature")
        if len(signed) <= _ID_BYTES:
            raise ProofError(f"the signature of {name!r:.100} is cut off")
        return cls(name=key_name(name), key_id=signed[:_ID_BYTES], data=signed[_ID_BYTES:])


def _origin(_: object, __: object, value: str) -> None:
    if not value or not value.isprintable():
        raise ProofError(
            f"a checkpoint's origin is one line that names the log, not {value!r:.100}"
        )


@attrs.frozen(kw_only=True)
class Checkpoint:
    """What a log was: the root over its first ``size`` entries, and who signed it.

    Nothing in it holds until its signatures are verified, see ``verify``.
    """

    origin: str = attrs.field(validator=_origin)
    """The name of the log, which is the name of the key that it signs with."""
    size: int
    """How many entries it had: the position of the last."""
    root: bytes = attrs.field(repr=lambda root: root.hex())
    extensions: tuple[str, ...] = ()
    """Further lines, of whose meaning nothing is known here; those who sign, sign these too."""
    signatures: tuple[Signature, ...] = ()

    @property
    def body(self) -> str:
        """What is signed."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    def __str__(self) -> str:
        return self.body + "\n" + "".join(f"{one}\n" for one in self.signatures)

    @classmethod
    def read(cls, text: str) -> Self:
        """Return back a checkpoint from its text, whether or not its signatures hold.

        Raises ``ProofError`` where it isn't written as one.
        """
        body, blank, signed = text[:_MOST_CHARACTERS].partition("\n\n")
        lines = body.split("\n")
        broken = len(text) > _MOST_CHARACTERS or not (blank and (not signed or signed[-1] == "\n"))
        if broken or len(lines) < 3 or not all(one.isprintable() and one for one in lines):  # noqa: PLR2004 - origin, size, root
            raise ProofError(
                "a checkpoint is a log's name, its size and its root on a line each, an empty "
                f"line, and signatures, not {text!r:.200}"
            )
        signatures = signed.split("\n")[:-1]
        if len(signatures) > _MOST_SIGNATURES:
            raise ProofError(f"{len(signatures)} signatures are more than anybody verifies")
        return cls(
            origin=lines[0],
            size=decimal(lines[1], "a checkpoint's size"),
            root=from_base64(lines[2], "a checkpoint's root", HASH_BYTES),
            extensions=tuple(lines[3:]),
            signatures=tuple(map(Signature.read, signatures)),
        )

    def with_lines(self, lines: str) -> Self:
        """Return the checkpoint with further signatures, such as a witness answers with."""
        new = [Signature.read(line) for line in lines.strip("\n").split("\n")]
        return attrs.evolve(self, signatures=tuple(dict.fromkeys((*self.signatures, *new))))


def decimal(text: str, what: str) -> int:
    """Return a number from its digits. Raises ``ProofError`` for any other way to write it."""
    digits = len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit()
    if not digits or str(int(text)) != text:
        raise ProofError(f"{what} is a number without leading zeros, not {text!r:.100}")
    return int(text)


def sign(checkpoint: Checkpoint, key: SigningKey) -> Checkpoint:
    """Return the checkpoint with a signature of the log's."""
    data = key.sign(checkpoint.body.encode())
    line = Signature(name=key.name, key_id=key.public.id, data=data)
    return attrs.evolve(checkpoint, signatures=(*checkpoint.signatures, line))


def cosign(checkpoint: Checkpoint, key: SigningKey, *, at: datetime) -> Checkpoint:
    """Return the checkpoint with a witness's signature, which says: this I saw, by that time.

    A witness signs only what grew from all that it signed before; see ``verify_growth``.
    """
    seconds = micros(at) // _SECOND
    if seconds < 0:
        raise ProofError(f"a witness signs at a time since 1970, not at {at}")
    data = seconds.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned(checkpoint, seconds))
    line = Signature(name=key.name, key_id=key.witness.id, data=data)
    return attrs.evolve(checkpoint, signatures=(*checkpoint.signatures, line))


def _cosigned(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.body}".encode()


@attrs.frozen(kw_only=True)
class Verified:
    """A checkpoint whose signatures hold."""

    checkpoint: Checkpoint
    signed_by: tuple[PublicKey, ...]
    """The keys of the log under it."""
    witnessed: Mapping[str, datetime] = attrs.field(hash=False)
    """When each witness saw it, by the witness's name."""


def keys(given: str | PublicKey | Iterable[str | PublicKey]) -> tuple[PublicKey, ...]:
    """Return public keys from themselves or their texts."""
    several = [given] if isinstance(given, str | PublicKey) else given
    return tuple(PublicKey.read(one) if isinstance(one, str) else one for one in several)


def verify(
    checkpoint: Checkpoint | str,
    *,
    key: str | PublicKey | Iterable[str | PublicKey],
    witnesses: str | PublicKey | Iterable[str | PublicKey] = (),
    at_least: int | None = None,
) -> Verified:
    """Verify a checkpoint's signatures: one of the log's, and those of witnesses.

    ``key`` is the log's public key; several, where it changed. Of ``witnesses``, all must have
    signed, or ``at_least`` so many. Lines of others are passed over, but one in the name of a key
    that is given must hold. Raises ``ProofError``.
    """
    if isinstance(checkpoint, str):
        checkpoint = Checkpoint.read(checkpoint)
    logs, others = keys(key), keys(witnesses)
    signed = [one for one in logs if not one.witness and _signed(checkpoint, one)]
    if not signed:
        raise ProofError(
            f"no key that you trust has signed this checkpoint of {checkpoint.origin!r:.100}; it "
            f"proves nothing (signed by: {_names(checkpoint)})"
        )
    if all(one.name != checkpoint.origin for one in signed):
        raise ProofError(
            f"the checkpoint is of {checkpoint.origin!r:.100}, and the key of {signed[0].name!r}; "
            "it was signed for another log"
        )
    times = {one.name: time for one in others if (time := _witnessed(checkpoint, one))}
    needed = len(others) if at_least is None else at_least
    if len(times) < needed:
        raise ProofError(
            f"{len(times)} of the {needed} witnesses that have to have signed this checkpoint of "
            f"{checkpoint.origin!r:.100} did (signed by: {_names(checkpoint)})"
        )
    return Verified(checkpoint=checkpoint, signed_by=tuple(signed), witnessed=times)


def _names(checkpoint: Checkpoint) -> str:
    return ", ".join(dict.fromkeys(one.name for one in checkpoint.signatures)) or "nobody"


def _lines(checkpoint: Checkpoint, key: PublicKey) -> list[bytes]:
    """What is signed in a key's name."""
    lines = checkpoint.signatures
    return [one.data for one in lines if (one.name, one.key_id) == (key.name, key.id)]


def _signed(checkpoint: Checkpoint, key: PublicKey) -> bool:
    body = checkpoint.body.encode()
    lines = _lines(checkpoint, key)
    if not all(key.holds(data, body) for data in lines):
        raise _forged(checkpoint, key)
    return bool(lines)


def _witnessed(checkpoint: Checkpoint, key: PublicKey) -> datetime | None:
    """When a witness first saw it; None where it didn't sign."""
    if not key.witness:
        raise ProofError(f"{key} is the key of a log; a witness has one of its own kind")
    times = []
    for data in _lines(checkpoint, key):
        seconds = int.from_bytes(data[:_TIME_BYTES], "big")
        time = as_datetime(seconds * _SECOND)
        if time is None or not key.holds(data[_TIME_BYTES:], _cosigned(checkpoint, seconds)):
            raise _forged(checkpoint, key)
        times.append(time)
    return min(times, default=None)


def _forged(checkpoint: Checkpoint, key: PublicKey) -> ProofError:
    return ProofError(
        f"the signature of {key.name!r} doesn't hold under this checkpoint of "
        f"{checkpoint.origin!r:.100}: one of both was changed"
    )
