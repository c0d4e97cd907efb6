"""Signs and verifies with Ed25519, by keys in the text forms of C2SP's signed notes.

A key has a name, which should be an address without its scheme, such as ``archive.example/war``.
One pair of keys gives two sorts of signatures: a log's, under its checkpoints, and a witness's,
which adds the time (https://c2sp.org/signed-note, https://c2sp.org/tlog-cosignature).
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from hashlib import sha256
from os import urandom
from typing import Any, Self

import attrs

from timeline.errors import ProofError
from timeline.extras import needed

__all__ = ["PublicKey", "SigningKey", "from_base64", "key_name", "to_base64"]

LOG, WITNESS = 1, 4  # what C2SP calls signature types
_KEY_BYTES = 32
_ID_BYTES = 4
_PRIVATE = "PRIVATE+KEY+"


def to_base64(data: bytes) -> str:
    """Return bytes as base64 of RFC 4648, section 4."""
    return b64encode(data).decode()


def from_base64(text: str, what: str, length: int | None = None) -> bytes:
    """Return the bytes of a text. Raises ``ProofError`` for any that isn't written that way.

    ``what`` says of what they are; ``length`` is how many there have to be.
    """
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if to_base64(data) != text or not text or length not in (None, len(data)):
        size = "" if length is None else f" of {length} bytes"
        raise ProofError(f"{what} is base64{size}, not {text!r:.100}; it was damaged on the way")
    return data


def key_name(name: object) -> str:
    """Return the name of a key. Raises ``ProofError`` where it can't be one."""
    if (
        not isinstance(name, str)
        or not name
        or "+" in name
        or not name.isprintable()
        or any(one.isspace() for one in name)
    ):
        raise ProofError(
            f"a key's name is a text without spaces or plus signs, such as archive.example/war, "
            f"not {name!r:.100}"
        )
    return name


def _ed25519() -> Any:
    return needed(
        "cryptography.hazmat.primitives.asymmetric.ed25519", extra="proofs", what="signing"
    )


def _key_id(name: str, kind: int, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:_ID_BYTES]


@attrs.frozen(kw_only=True)
class PublicKey:
    """What a signature is verified with: hand it to everybody. ``str()`` gives it as text."""

    name: str
    witness: bool = False
    """Whether it is of a witness, whose signatures carry a time."""
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names it, beside the name."""
        return _key_id(self.name, self._kind, self.key)

    @property
    def _kind(self) -> int:
        return WITNESS if self.witness else LOG

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self._kind]) + self.key)}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return back a key from its text. Raises ``ProofError`` where it isn't one."""
        name, *rest = text.split("+", 2)
        if len(rest) != 2:  # noqa: PLR2004 - the hash and the key
            raise ProofError(f"a public key is written name+hash+key, not {text!r:.100}")
        data = from_base64(rest[1], "a public key", _KEY_BYTES + 1)
        if data[0] not in (LOG, WITNESS):
            raise ProofError(f"the key {text!r:.100} is of another kind than Ed25519")
        key = cls(name=key_name(name), witness=data[0] == WITNESS, key=data[1:])
        if key.id.hex() != rest[0]:
            raise ProofError(f"the key {text!r:.100} was damaged: its hash is another")
        return key

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Return whether a signature over a message was made with the private half."""
        public = _ed25519().Ed25519PublicKey
        invalid = needed("cryptography.exceptions", extra="proofs", what="signing").InvalidSignature
        try:
            public.from_public_bytes(self.key).verify(signature, message)
        except (invalid, ValueError):
            return False
        return True


@attrs.frozen(kw_only=True)
class SigningKey:
    """What signs: keep it secret, apart from the log. ``text`` is how it is written."""

    name: str
    seed: bytes = attrs.field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Self:
        """Draw a new key; needs the extra ``proofs`` to be of use."""
        return cls(name=key_name(name), seed=urandom(_KEY_BYTES))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return back a key from its text. Raises ``ProofError``, without the key, for another."""
        name, *rest = text.strip().removeprefix(_PRIVATE).split("+", 2)
        if not text.startswith(_PRIVATE) or len(rest) != 2:  # noqa: PLR2004 - the hash and the key
            raise ProofError(f"a signing key is written {_PRIVATE}name+hash+key; this isn't one")
        try:
            data = from_base64(rest[1], "", _KEY_BYTES + 1)
        except ProofError:
            data = b""
        key = cls(name=key_name(name), seed=data[1:])
        if data[:1] != bytes([LOG]) or key.public.id.hex() != rest[0]:
            raise ProofError(f"the signing key of {name!r:.100} was damaged or is of another kind")
        return key

    @property
    def text(self) -> str:
        """The key as it is written; whoever has it can sign in its name."""
        data = to_base64(bytes([LOG]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.public.id.hex()}+{data}"

    @property
    def public(self) -> PublicKey:
        """The half that verifies what it signs for a log."""
        return PublicKey(name=self.name, key=self._private().public_key().public_bytes_raw())

    @property
    def witness(self) -> PublicKey:
        """The half that verifies what it signs as a witness."""
        return attrs.evolve(self.public, witness=True)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, 64 bytes."""
        signature: bytes = self._private().sign(message)
        return signature

    def _private(self) -> Any:
        return _ed25519().Ed25519PrivateKey.from_private_bytes(self.seed)
