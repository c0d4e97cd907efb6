"""Takes what is said to the bytes that a store keeps, and back.

An entry's body is canonical JSON: a claim's names its event's kind, the event, and the report's
id. Kinds are looked up by the name on disk; an older version is lifted by its upcasters, and a
kind that nobody named is kept as an ``UnknownEvent`` with its own bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

from timeline.claims import Claim, Report, Retraction, Said, Stance, Void
from timeline.counts import Breakdown, Count
from timeline.errors import FormatError, KindError
from timeline.events import Event, UnknownEvent, version_of
from timeline.stores.base import Draft, Row
from timeline.times import When

__all__ = ["Codec"]


class _ClaimBody(msgspec.Struct):
    event: msgspec.Raw
    kind: str
    report: str
    stance: Stance = "says"
    quote: str | None = None
    according_to: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


class _RetractionBody(msgspec.Struct):
    report: str
    event_id: str
    because: str


class _VoidBody(msgspec.Struct):
    report: str
    target: str
    because: str


class _AnyEvent(msgspec.Struct):
    id: str
    when: When
    summary: str | None = None


def _hook(kind: type, value: Any) -> Any:
    """Reads the values that JSON has no shape for."""
    if kind is Fraction:
        return Fraction(value)
    if kind is Breakdown:
        return Breakdown(msgspec.convert(value, dict[str, Count]))
    raise NotImplementedError(kind)


_claim_body = msgspec.json.Decoder(_ClaimBody)
_retraction_body = msgspec.json.Decoder(_RetractionBody)
_void_body = msgspec.json.Decoder(_VoidBody)
_any_event = msgspec.json.Decoder(_AnyEvent)
_report = msgspec.json.Decoder(Report, dec_hook=_hook)


@lru_cache(maxsize=None)
def _decoder(kind: type[Event]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_hook)


class Codec:
    """Reads and writes the kinds it was given; see ``learn``."""

    def __init__(self, kinds: Iterable[type[Event]] = ()) -> None:
        self._kinds: dict[str, type[Event]] = {}
        self._lifts: dict[str, tuple[type[Event], int]] = {}
        for kind in kinds:
            self.learn(kind)

    @property
    def kinds(self) -> Mapping[str, type[Event]]:
        """The classes by their names on disk."""
        return dict(self._kinds)

    def learn(self, kind: type[Event]) -> None:
        """Reads this kind, and the older versions it has upcasts for, from now on.

        Raises ``KindError`` if the class has no name on disk or another class has the same one.
        """
        if not (isinstance(kind, type) and issubclass(kind, Event)) or not vars(kind).get("kind"):
            raise KindError(f"{kind!r} is no kind of event; put @event('name/1') above the class")
        known = self._kinds.get(kind.kind)
        if known is kind:
            return
        name, version = version_of(kind.kind)
        older = {f"{name}/{step}": step for step in kind.upcasts}
        for taken in (kind.kind, *older):
            other = self._kinds.get(taken) or self._lifts.get(taken, (None,))[0]
            if other is not None:
                raise KindError(
                    f"the kind name {taken!r} is used by both {other.__qualname__} and "
                    f"{kind.__qualname__}; a name on disk belongs to one class"
                )
        _decoder(kind)
        self._kinds[kind.kind] = kind
        for lifted, step in older.items():
            if all(later in kind.upcasts for later in range(step, version)):
                self._lifts[lifted] = (kind, step)

    def draft(self, said: Said) -> Draft:
        """Gives what a store is to keep of something said."""
        kind = ""
        if isinstance(said, Claim):
            recorded = said.event.as_recorded
            kind = recorded[0] if recorded else said.event.kind
        return Draft(
            id=bytes.fromhex(said.id),
            form=said.form,
            kind=kind,
            report=bytes.fromhex(said.report.id),
            body=said.body(),
        )

    def said(self, row: Row, report: Report) -> Said:
        """Gives back what was said. Raises ``FormatError`` for a body that can't be read."""
        try:
            return self._said(row, report)
        except (msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
            raise FormatError(
                f"entry {row.position} ({row.form} {row.id.hex()}) can't be read: {error}"
            ) from error

    def _said(self, row: Row, report: Report) -> Said:
        said_id = row.id.hex()
        if row.form == "claim":
            body = _claim_body.decode(row.body)
            return Claim(
                event=self.event(body.kind, bytes(body.event)),
                report=report,
                stance=body.stance,
                quote=body.quote,
                according_to=body.according_to,
                replaces=body.replaces,
                id=said_id,
            )
        if row.form == "retraction":
            taken = _retraction_body.decode(row.body)
            return Retraction(
                report=report, event_id=taken.event_id, because=taken.because, id=said_id
            )
        if row.form == "void":
            void = _void_body.decode(row.body)
            return Void(report=report, target=void.target, because=void.because, id=said_id)
        raise ValueError(f"an entry is a claim, a retraction or a void, not a {row.form!r}")

    def report(self, body: bytes) -> Report:
        """Gives back a report from its canonical bytes."""
        try:
            read: Report = _report.decode(body)
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            raise FormatError(f"a report of the log can't be read: {error}") from error
        return read

    def event(self, kind: str, body: bytes) -> Event:
        """Gives back an event from its kind and bytes, lifted to the version that is known."""
        known = self._kinds.get(kind)
        if known is not None:
            event: Event = _decoder(known).decode(body)
            return event
        if kind in self._lifts:
            return self._lifted(kind, body)
        head = _any_event.decode(body)
        return UnknownEvent(
            when=head.when,
            id=head.id,
            summary=head.summary,
            recorded_kind=kind,
            content=body.decode(),
        )

    def _lifted(self, kind: str, body: bytes) -> Event:
        target, step = self._lifts[kind]
        content: dict[str, Any] = msgspec.json.decode(body)
        # An upcaster never sees these, so that none can change which event it is or when it was.
        fixed = {name: content.pop(name) for name in ("id", "when")}
        for version in range(step, version_of(target.kind)[1]):
            content = target.upcasts[version](dict(content))
        event: Event = msgspec.convert(content | fixed, target, dec_hook=_hook)
        event.__dict__["_as_recorded"] = (kind, body)
        return event
