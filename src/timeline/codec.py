"""Takes what is said to the bytes that a store keeps, and back.

An entry's body is canonical JSON: a claim's names its event's kind, the event, and the report's
id. Kinds are looked up by the name on disk; an older version is lifted by its upcasters, and a
kind that nobody named is kept as an ``UnknownEvent`` with its own bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from fractions import Fraction
from functools import cache
from operator import attrgetter
from typing import Any

import attrs
import msgspec

from timeline.canonical import encode, id_of, names, plain
from timeline.claims import (
    Claim,
    LinkClaim,
    Report,
    Retraction,
    Said,
    Stance,
    Void,
    bare_claim,
)
from timeline.counts import Breakdown, Count
from timeline.decoding import ClaimBody, Glance, LinkGlance, body_reader, glance, link_glance
from timeline.errors import ClaimError, EventError, FormatError, KindError
from timeline.events import Event, UnknownEvent, version_of
from timeline.evidence import Credibility, Media
from timeline.fast_decode import recheck
from timeline.imported_kinds import LIBRARY, UcdpClash, UcdpEvent
from timeline.kinds import KINDS
from timeline.links import link_of
from timeline.merge_provenance import Merge
from timeline.places import Place
from timeline.redaction_records import Redaction
from timeline.schema import read_leaf
from timeline.stores.base import MERGE, REDACTION, NewRecord, Record
from timeline.times import When

__all__ = ["Codec", "HeaderReader"]


class _LinkBody(msgspec.Struct):
    link: dict[str, Any]
    kind: str
    report: str
    stance: Stance = "says"
    quote: str | None = None
    according_to: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    credibility: Credibility | None = None
    media: tuple[Media, ...] = ()


class _RetractionBody(msgspec.Struct):
    report: str
    event_id: str
    because: str
    target: str | None = None


class _VoidBody(msgspec.Struct):
    report: str
    target: str
    because: str


class _RedactionBody(msgspec.Struct):
    positions: tuple[int, ...]
    because: str
    basis: str
    by: str | None = None
    log: str = ""
    marks: tuple[str, ...] = ()


class _MergeBody(msgspec.Struct):
    log: str
    after: int
    upto: int
    root: str
    entries: tuple[tuple[int, int, int], ...]
    records: tuple[tuple[int, int, str, str], ...] = ()


class _AnyEvent(msgspec.Struct):
    id: str
    when: When
    summary: str | None = None


_UNREADABLE = (
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
_claim_body = msgspec.json.Decoder(ClaimBody[msgspec.Raw])
_link_body = msgspec.json.Decoder(_LinkBody)
_retraction_body = msgspec.json.Decoder(_RetractionBody)
_void_body = msgspec.json.Decoder(_VoidBody)
_merge_body = msgspec.json.Decoder(_MergeBody)
_redaction_body = msgspec.json.Decoder(_RedactionBody)
_any_event = msgspec.json.Decoder(_AnyEvent)
_report = msgspec.json.Decoder(Report, dec_hook=read_leaf)


class Codec:
    """Reads and writes the kinds of the library and those it is given.

    A class that it is given takes the place of one of the library whose name it claims.
    """

    def __init__(self, kinds: Iterable[type[Event]] = ()) -> None:
        self._whole: Report | None = None
        self._kinds: dict[str, type[Event]] = {}
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}
        self._bodies: dict[str, Callable[[bytes], ClaimBody[Any]]] = {}
        self._lifts: dict[str, tuple[type[Event], int]] = {}
        for kind in kinds:
            self.learn(kind)
        for kind in LIBRARY:
            if not self._claimed_by(kind):
                self.learn(kind)

    def _claimed_by(self, kind: type[Event]) -> tuple[str, type[Event]] | None:
        """A name on disk that a kind would read and another class reads, with that class."""
        name, _ = version_of(kind.kind)
        for taken in (kind.kind, *(f"{name}/{step}" for step in kind.upcasts)):
            other = self._kinds.get(taken) or self._lifts.get(taken, (None,))[0]
            if other is not None:
                return taken, other
        return None

    @property
    def kinds(self) -> Mapping[str, type[Event]]:
        """The classes by their names on disk."""
        return dict(self._kinds)

    def reads(self, kind: str) -> bool:
        """Return whether an event recorded as this kind comes back as one of a class."""
        return kind in self._kinds or kind in self._lifts

    def knowing(self, kinds: Iterable[type[Event]]) -> Codec:
        """Return a codec that reads these too; this one if it does. Raises as ``learn``."""
        new = [
            kind
            for kind in dict.fromkeys(kinds)
            if self._kinds.get(kind.kind) is not kind
            and not (kind in LIBRARY and self._claimed_by(kind))
        ]
        return Codec((*self._kinds.values(), *new)) if new else self

    def learn(self, kind: type[Event]) -> None:
        """Read this kind, and the older versions it has upcasts for, from now on.

        Raises ``KindError`` if the class has no name on disk or another class has the same one.
        """
        if not (isinstance(kind, type) and issubclass(kind, Event)) or not vars(kind).get("kind"):
            raise KindError(f"{kind!r} is no kind of event; put @event('name/1') above the class")
        known = self._kinds.get(kind.kind)
        if known is kind:
            return
        name, _ = version_of(kind.kind)
        claimed = self._claimed_by(kind)
        if claimed is not None:
            raise KindError(
                f"the kind name {claimed[0]!r} is used by both {claimed[1].__qualname__} and "
                f"{kind.__qualname__}; a name on disk belongs to one class"
            )
        older = {f"{name}/{step}": step for step in kind.upcasts}
        self._decoders[kind.kind] = msgspec.json.Decoder(kind, dec_hook=read_leaf)
        self._bodies[kind.kind] = body_reader(kind)  # type: ignore[arg-type] # a class is hashable
        self._kinds[kind.kind] = kind
        for lifted, step in older.items():
            self._lifts[lifted] = (kind, step)

    @staticmethod
    def event_body(event: Event) -> tuple[str, bytes]:
        """Return an event's kind and canonical bytes, as they were recorded if it was read."""
        return event.as_recorded or (event.kind, encode(plain(event)))

    def draft(self, said: Said) -> NewRecord:
        """Return what a store is to keep of something said.

        Raises ``ClaimError`` where the id isn't that of the content or the report has more than a
        log keeps of it, and ``EventError`` for an event that wouldn't be read back as it is.
        """
        # The claims of a report mostly come together: it is looked at once.
        _check_stored_whole(said, self._whole)
        self._whole = said.report
        named, report = bytes.fromhex(said.id), bytes.fromhex(said.report.id)
        if isinstance(said, Claim) and said.hashed is not None and self._plainly_kept(said.event):
            return NewRecord(named, said.form, said.event.kind, report, said.hashed)
        kind = ""
        if isinstance(said, Claim):
            kind = (said.event.as_recorded or (said.event.kind,))[0]
        if isinstance(said, LinkClaim):
            kind = said.link.kind
        body = said.body()
        derived = isinstance(said, Claim) and said.hashed is not None
        if not derived and named != id_of(said.form, body, said.report.published.lo):
            raise ClaimError(
                f"the {said.form} {said.id} says something else than its id was made of: it was "
                "changed after it was made, or read from the log of a later release; say it anew "
                "with report.says(…)"
            )
        if isinstance(said, Claim) and not self._plainly_kept(said.event):
            self._read_back(said, body)
        return NewRecord(named, said.form, kind, report, body)

    def _plainly_kept(self, event: Event) -> bool:
        """Say whether an event is surely read back as it is: of a kind of ours, unless taken."""
        cls = type(event)
        ours = cls in KINDS or cls is UcdpClash or cls is UcdpEvent
        return ours and self._kinds.get(cls.kind) is cls and event.as_recorded is None

    def _read_back(self, claim: Claim, body: bytes) -> None:
        """Refuse an event of somebody's own kind that a log couldn't give back as it is."""
        event = claim.event
        kind = (event.as_recorded or (event.kind,))[0]
        try:
            read = self.claim(claim.id, body, claim.report).event
        except (msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
            raise EventError(
                f"the event {event.id!r} of kind {kind!r} can't be read again: {error}"
            ) from error
        same = (read.id, read.when) == (event.id, event.when)
        if not same or (event.as_recorded is None and read != event):
            raise EventError(
                f"the event {event.id!r} of kind {kind!r} would be read as {read!r}; its fields "
                "must come back from plain JSON as they were"
            )

    @staticmethod
    def redaction_draft(redaction: Redaction) -> NewRecord:
        """Return what a store is to keep of a redaction."""
        return NewRecord(bytes.fromhex(redaction.id), REDACTION, "", b"", redaction.body())

    @staticmethod
    def redaction(row: Record) -> Redaction:
        """Return back a redaction. Raises ``FormatError`` for a body that can't be read."""
        try:
            read = _redaction_body.decode(row.body)
            return Redaction(
                positions=read.positions,
                because=read.because,
                basis=read.basis,
                by=read.by,
                log=read.log,
                marks=read.marks,
                id=row.id.hex(),
            )
        except _UNREADABLE as error:
            raise FormatError(
                f"entry {row.position} (redaction {row.id.hex()}) can't be read: {error}"
            ) from error

    @staticmethod
    def merge_draft(merge: Merge) -> NewRecord:
        """Return what a store is to keep of a merge."""
        return NewRecord(bytes.fromhex(merge.id), MERGE, "", b"", merge.body())

    @staticmethod
    def merge(row: Record) -> Merge:
        """Return back a merge. Raises ``FormatError`` for a body that can't be read."""
        try:
            read = _merge_body.decode(row.body)
            return Merge(
                log=read.log,
                after=read.after,
                upto=read.upto,
                root=read.root,
                entries=read.entries,
                records=read.records,
                id=row.id.hex(),
            )
        except _UNREADABLE as error:
            raise FormatError(
                f"entry {row.position} (merge {row.id.hex()}) can't be read: {error}"
            ) from error

    def said(self, row: Record, report: Report) -> Said:
        """Return back what was said. Raises ``FormatError`` for a row that was damaged.

        The id shows it: it is a hash of the content. Every field has its type, but what was
        checked when it was made isn't checked again; for bytes that the library may not have
        written there is ``checked``.
        """
        try:
            _check_name(row)
            _, _, name, _, kind, stands_in, body, _ = row
            reader = self._bodies.get(kind)
            if reader is None:
                return self._said(row, report)
            read = reader(body)
            if read.report != stands_in.hex() or read.kind != kind:
                _same("report", stands_in.hex(), read.report)
                _same("kind", kind, read.kind)
            return _claim(name.hex(), report, read)
        except _UNREADABLE as error:
            raise _unread(row, error) from error

    def headers(self, kinds: tuple[type[Event], ...] | None = None) -> HeaderReader:
        """Return what reads the headers of claims, and says which are of some kinds; None: all."""
        return HeaderReader(self, kinds)

    def class_of(self, kind: str) -> type[Event]:
        """Return the class that events recorded as this kind come back as."""
        lifted = self._lifts.get(kind)
        return lifted[0] if lifted is not None else self._kinds.get(kind, UnknownEvent)

    def checked(self, row: Record, report: Report) -> Said:
        """Return back what was said, as ``said``, if it could have been made and kept so.

        Raises ``FormatError`` for values that their classes would refuse, and for a body that is
        of another kind or report than its row.
        """
        try:
            said = self._said(row, report)
            recheck(said)
            if row.record_type == "claim":
                named = _claim_body.decode(row.body)
                _same("kind", row.kind, named.kind)
                _same("report", row.report.hex(), named.report)
        except _UNREADABLE as error:
            raise _unread(row, error) from error
        return said

    def _said(self, row: Record, report: Report) -> Said:
        said_id = row.id.hex()
        if row.record_type == "claim":
            return self.claim(said_id, row.body, report)
        if row.record_type == "link":
            return _link_claim(row, report)
        if row.record_type == "retraction":
            taken = _retraction_body.decode(row.body)
            _same("report", row.report.hex(), taken.report)
            return Retraction(
                report=report,
                event_id=taken.event_id,
                because=taken.because,
                target=taken.target,
                id=said_id,
            )
        if row.record_type == "void":
            void = _void_body.decode(row.body)
            _same("report", row.report.hex(), void.report)
            return Void(report=report, target=void.target, because=void.because, id=said_id)
        raise ValueError(
            f"an entry is a claim, a link, a retraction or a void, not a {row.record_type!r}"
        )

    def claim(self, claim_id: str, body: bytes, report: Report) -> Claim:
        """Return back a claim from its id, its canonical bytes and its report."""
        read = _claim_body.decode(body)
        read.event = self.event(read.kind, bytes(read.event))  # type: ignore[assignment]
        return _claim(claim_id, report, read)

    def report(self, body: bytes) -> Report:
        """Return back a report from its canonical bytes."""
        try:
            read: Report = _report.decode(body)
            if not isinstance(read.published, When):
                raise ValueError("it lacks the time of its publication")  # noqa: TRY004 - one way out
        except _UNREADABLE as error:
            raise FormatError(f"a report of the log can't be read: {error}") from error
        return read

    def event(self, kind: str, body: bytes) -> Event:
        """Return back an event from its kind and bytes, lifted to the version that is known."""
        decoder = self._decoders.get(kind)
        if decoder is not None:
            event: Event = decoder.decode(body)
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
            content = _upcast(target, version, content)
        event: Event = msgspec.convert(content | fixed, target, dec_hook=read_leaf)
        recheck(event)  # nobody has yet checked what an upcast gives
        event.__dict__["_as_recorded"] = (kind, body)
        return event


_STORED: tuple[type, ...] = (
    Event, Report, Claim, LinkClaim, Retraction, Void, Media, When, Place, Count, Breakdown,
)  # fmt: skip
_NO_PARTS = (str, int, float, bool, type(None), Fraction, Enum)
_PLAIN_TYPES = frozenset({str, int, float, bool, type(None), Fraction, When, Count, Media})


class _PartsToCheck(dict[type, "Callable[[Any], tuple[Any, ...]] | None"]):
    """By class, what gives those parts of a value that may be of a class derived from ours."""

    def __missing__(self, cls: type) -> Callable[[Any], tuple[Any, ...]] | None:
        self[cls] = found = _parts_of(cls)
        return found


def _parts_of(cls: type) -> Callable[[Any], tuple[Any, ...]] | None:
    if issubclass(cls, (*_NO_PARTS, When, Count, Media)):
        return None
    if cls is Place:
        return lambda place: (place.within,)
    if issubclass(cls, Mapping):
        return lambda value: tuple(value.values())
    if issubclass(cls, tuple):
        return lambda value: value
    if attrs.has(cls):
        read = attrgetter(*(field.name for field in attrs.fields(cls)), "__class__")
        return lambda value: read(value)[:-1]
    return None


_parts_to_check = _PartsToCheck()
_EMPTY = ()


def _check_stored_whole(value: Any, whole: object = None) -> None:
    """Refuse a value that holds more than a log would give back; ``whole`` is a part that doesn't.

    A class derived from Report, Place, When, Count and the like may have fields of its own, which
    have no place on disk. Raises ``ClaimError`` for a report, ``EventError`` for the rest.
    """
    cls = type(value)
    if cls not in _STORED and not isinstance(value, _NO_PARTS):
        _check_derived(value)
    parts = _parts_to_check[cls]
    if parts is not None:
        for part in parts(value):
            kind = type(part)
            # Most parts are such, and to call this for each would take longer than all the rest.
            if kind in _PLAIN_TYPES or part is _EMPTY or part is whole:
                continue
            if (kind is Place and part.within is None) or (kind is Breakdown and not part):
                continue
            _check_stored_whole(part)


@cache
def _base_of(cls: Any) -> Any:
    """The class of ours that a class derives from; None where it derives from none."""
    return next((one for one in _STORED if issubclass(cls, one)), None)


def _check_derived(value: Any) -> None:
    cls: Any = type(value)
    base = _base_of(cls)
    if base is None or base is Event:  # the fields of kinds are on disk
        return
    own = {name for one in cls.__mro__[: cls.__mro__.index(base)] for name in _declared(one)}
    own |= {name for name in getattr(value, "__dict__", ()) if not hasattr(base, name)}
    own -= {"_canonical", *_declared(base)}
    if own:
        error = (
            ClaimError
            if issubclass(base, Report | Claim | LinkClaim | Retraction | Void)
            else EventError
        )
        raise error(
            f"{cls.__name__} adds {', '.join(sorted(own))} to {base.__name__}, which a log would "
            f"lose; use a field of {base.__name__}, or one of an event's kind of your own"
        )


def _declared(cls: Any) -> set[str]:
    """The names of the fields and slots that a class declares for its instances."""
    fields = {field.name for field in attrs.fields(cls)} if attrs.has(cls) else set()
    slots = vars(cls).get("__slots__", ())
    named = {slots} if isinstance(slots, str) else set(slots)
    hints = vars(cls).get("__annotations__", {})
    return fields | named | {name for name, hint in hints.items() if "ClassVar" not in str(hint)}


class HeaderReader:
    """Reads a claim's header: its event's id and time, its kind, and what the claim does."""

    def __init__(self, codec: Codec, kinds: tuple[type[Event], ...] | None) -> None:
        self._codec = codec
        self._kinds = kinds
        self._known: dict[str, bool] = {}

    def read(self, row: Record) -> tuple[Glance, bool]:
        """Return the header of a row, and whether it is of one of the kinds.

        Of kinds that are, whatever a row says wrongly is noticed when it is read whole; others are
        held against their id at once. Raises ``FormatError``.
        """
        try:
            header = glance(row.body)
            kind = row.kind
            wanted = self._known.get(kind)
            if wanted is None:
                wanted = self._kinds is None or issubclass(self._codec.class_of(kind), self._kinds)
                self._known[kind] = wanted
            if not wanted:
                _same("kind", kind, header.kind)
                _check_name(row)
        except _UNREADABLE as error:
            raise _unread(row, error) from error
        return header, wanted

    @staticmethod
    def link(row: Record) -> LinkGlance:
        """Return the names in a row's link of places or actors. Raises ``FormatError``."""
        try:
            header = link_glance(row.body)
            _same("kind", row.kind, header.kind)
            _check_name(row)
        except _UNREADABLE as error:
            raise _unread(row, error) from error
        return header


def _claim(claim_id: str, report: Report, read: ClaimBody[Any]) -> Claim:
    """A claim as it was read: its parts were checked when it was made."""
    return bare_claim(
        {
            "event": read.event,
            "report": report,
            "stance": read.stance,
            "quote": read.quote,
            "according_to": read.according_to,
            "replaces": read.replaces,
            "credibility": read.credibility,
            "media": read.media,
            "id": claim_id,
        }
    )


def _link_claim(row: Record, report: Report) -> LinkClaim:
    read = _link_body.decode(row.body)
    _same("report", row.report.hex(), read.report)
    _same("kind", row.kind, read.kind)
    claim = LinkClaim(
        link=link_of(read.kind, read.link),
        report=report,
        stance=read.stance,
        quote=read.quote,
        according_to=read.according_to,
        replaces=read.replaces,
        credibility=read.credibility,
        media=read.media,
        id=row.id.hex(),
    )
    if claim.body() != row.body:
        raise ValueError("it isn't written in the one form that there is for it")
    return claim


def _check_name(row: Record) -> None:
    _, _, name, form, _, report, body, _ = row
    if not names(name, form, body, report):
        raise ValueError("it isn't what its id was made of")


def _same(name: str, of_row: str, of_body: str) -> None:
    if of_row != of_body:
        raise ValueError(f"its {name} is {of_row!r}, and its content's is {of_body!r}")


def _unread(row: Record, error: Exception) -> FormatError:
    advice = "run log.verify() for all damage, and restore a backup"
    if names(row.id, row.record_type, row.body, row.report):
        advice = (
            "its content is what its id was made of, so another program or release appended it as "
            f"it is; log.redact({row.position}, because=…, basis=…) by the log's owner takes it out"
        )
    return FormatError(
        f"entry {row.position} ({row.record_type} {row.id.hex()}) can't be read: {error}; {advice}"
    )


def _upcast(target: type[Event], version: int, content: dict[str, Any]) -> dict[str, Any]:
    """The content one version on; what goes wrong in a function of the user's is named."""
    try:
        lifted = target.upcasts[version](dict(content))
    except Exception as error:
        raise ValueError(
            f"the upcast from version {version} failed on {content}: {error!r}"
        ) from error
    if not isinstance(lifted, dict):
        raise TypeError(
            f"the upcast from version {version} gave {lifted!r}; it must give the content of the "
            "next version, a dict"
        )
    return lifted
