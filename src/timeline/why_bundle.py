"""A bundle takes an answer and its reasons to somebody who has nothing but the bundle.

It is one text, in JSON: the question, the answer, and for each entry that the answer rests on the
proof that it stands in the log. Whoever checks it sees that the entries are in the log of a key and
that they alone give the answer. It can't show that no other entry of the log changes it: for that
one has to ask the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import attrs
import msgspec

from timeline.accounts import Entry
from timeline.errors import ProofError
from timeline.events import Event
from timeline.folding.part_answers import ALL, PartAnswers
from timeline.projection import Projection
from timeline.proofs import EntryProof, PublicKey, verify_entry
from timeline.resolution import Reading
from timeline.why import said_of

__all__ = ["Bundle", "CheckedAnswer"]

_FORMAT = "timeline why/1"


class _Bundle(msgspec.Struct, forbid_unknown_fields=True):
    """A bundle as it is written."""

    format: str
    projection: str
    key: str | None
    at: int | None
    published: int | None
    trust: list[str]
    reading: str
    answer: str
    proofs: list[str]


_bundle = msgspec.json.Decoder(_Bundle)


@attrs.frozen
class CheckedAnswer:
    """What a bundle shows, once it is checked: the entries are in the log, and give the answer."""

    answer: str
    entries: tuple[Entry, ...]
    origin: str
    """Whose log it is, as its checkpoint says."""


@attrs.frozen(kw_only=True)
class Bundle:
    """A question, its answer as a text, and the proofs of the entries it rests on.

    ``at`` and ``published`` are exclusive, in microseconds of UTC. ``str()`` gives the text.
    """

    projection: str
    key: str | None
    at: int | None
    published: int | None
    trust: tuple[str, ...]
    reading: Reading
    answer: str
    proofs: tuple[EntryProof, ...]

    def __str__(self) -> str:
        parts: dict[str, Any] = attrs.asdict(self, recurse=False)
        parts |= {"trust": list(self.trust), "proofs": [str(proof) for proof in self.proofs]}
        written = _Bundle(format=_FORMAT, **parts)
        return msgspec.json.format(msgspec.json.encode(written)).decode() + "\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return a bundle from its text. Raises ``ProofError`` where it isn't written as one."""
        try:
            found = _bundle.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise ProofError(f"this is no bundle of an answer: {error}") from None
        if found.format != _FORMAT or found.reading not in ("certain", "possible"):
            raise ProofError(f"a bundle has the format {_FORMAT!r}, not {found.format!r:.50}")
        parts: dict[str, Any] = msgspec.structs.asdict(found)
        del parts["format"]
        parts |= {"trust": tuple(found.trust), "proofs": tuple(map(EntryProof.read, found.proofs))}
        return cls(**parts)

    def check(
        self,
        projection: Projection[Any],
        *,
        key: str | PublicKey | Iterable[str | PublicKey],
        events: Iterable[type[Event]] = (),
    ) -> CheckedAnswer:
        """Return what the bundle shows, from it alone.

        ``projection`` is the one that was asked, ``key`` the log's public key, ``events`` kinds of
        your own. Raises ``ProofError`` where a proof fails, or where the entries give another
        answer.
        """
        if type(projection).__name__ != self.projection:
            raise ProofError(
                f"the bundle is an answer of {self.projection}, not of {type(projection).__name__}"
            )
        if not self.proofs:
            raise ProofError("the bundle has no proof: an answer without entries shows nothing")
        kinds = [*events, *(kind for kind in projection.handlers if kind.kind)]
        proven = [verify_entry(proof, key=key, events=kinds) for proof in self.proofs]
        origin, *others = sorted({one.checkpoint.origin for one in proven})
        if others:
            raise ProofError(f"the entries are of several logs: {', '.join((origin, *others))}")
        entries = sorted((one.entry for one in proven), key=lambda entry: entry.position)
        question = PartAnswers(
            projection,
            self.published,
            self.trust,
            at=self.at,
            reading=self.reading,
            key=ALL if self.key is None else self.key,
        )
        found = str(question.from_part(said_of(entries).values()))
        if found != self.answer:
            raise ProofError(f"these entries give {found!r:.200}, not {self.answer!r:.200}")
        return CheckedAnswer(self.answer, tuple(entries), origin)
