"""Gives every value one form in plain JSON, and from it bytes and ids that never vary.

The form leaves out what equals its default, so that a kind may gain an optional field without
changing the bytes, and so the ids, of what was said before. Keys are sorted, text is UTF-8, and
numbers are written as JSON writes them; the same values give the same bytes in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from hashlib import sha256
from operator import attrgetter
from typing import Any, NoReturn

import attrs
import msgspec

from timeline.counts import Count
from timeline.errors import EventError
from timeline.places import Place
from timeline.schema import leaf_of
from timeline.times import When

__all__ = [
    "MOST_BYTES",
    "encode",
    "id_in",
    "id_of",
    "names",
    "packed",
    "plain",
    "plain_with_zones",
]

_UNBOUNDED = 1 << 63  # microseconds; moves every 64-bit time into the unsigned range
_ID_BYTES = 32
_TIME_BYTES = 8

MOST_BYTES = 1 << 28
"""The most that a report or a claim may take: a quarter of what databases hold in one value."""

_encoder = msgspec.json.Encoder(order="sorted", decimal_format="string")


_Pack = Callable[[Any], Any]
_ATOM_TYPES: tuple[type, ...] = (str, int, float, bool, type(None), msgspec.Raw)
_ATOMS = frozenset(_ATOM_TYPES)
_SHARED = (When, Place)  # frozen, and the same one stands in many events
_MOST = 4096  # packed values of one class; more than that and few of them come again
_BYTES = "_canonical"  # where such a value keeps its bytes


class _Packers(dict[type, _Pack]):
    """What packs the values of a class, worked out when the first one is met.

    ``identity`` leaves out what doesn't take part in equality; with ``zones`` the name of a time's
    zone is kept all the same. ``sharing`` makes the bytes of what many events share only once.
    """

    def __init__(
        self, *, identity: bool = False, zones: bool = False, sharing: bool = False
    ) -> None:
        super().__init__()
        self._identity = identity
        self._zones = zones
        self._sharing = sharing

    def __missing__(self, cls: type) -> _Pack:
        self[cls] = made = self._made(cls)
        return made

    def _made(self, cls: Any) -> _Pack:
        if issubclass(cls, Enum):
            return attrgetter("value")
        if issubclass(cls, _ATOM_TYPES):
            return lambda value: value
        leaf = leaf_of(cls)
        if leaf is not None and leaf.write is not None:
            return leaf.write
        if attrs.has(cls):
            pack = self._of_fields(cls)
            if self._sharing and cls is Count:
                return _by_parts(cls, pack)
            return _once(pack) if self._sharing and cls in _SHARED else pack
        if issubclass(cls, Mapping):
            return lambda value: {name: self[type(part)](part) for name, part in value.items()}
        if issubclass(cls, tuple):
            return lambda value: [self[type(part)](part) for part in value]
        return _refuse

    def _of_fields(self, cls: Any) -> _Pack:
        """What leaves out of an attrs class each field that equals its default."""
        kept = {"zone"} if self._zones and cls is When else ()
        fields = [
            one
            for one in attrs.fields(cls)
            if not self._identity or one.eq is not False or one.name in kept
        ]
        names = [one.name for one in fields]
        compared = {}
        if self._identity and not self._zones and cls is When:
            compared = {one.name: one.eq_key for one in fields if one.eq_key}
        defaults = [_default(one) for one in fields]
        identity = self._identity
        # All at once; the last two only because a getter of one gives no tuple.
        read = attrgetter(*names, "__class__", "__class__")

        def pack(value: Any) -> dict[str, Any]:
            form = {}
            for name, part, default in zip(names, read(value), defaults, strict=False):
                if part is default:
                    continue
                if name in compared:
                    part = compared[name](part)  # noqa: PLW2901 - what equality compares
                    if part is default:
                        continue
                kind = type(part)
                if identity and kind is Count and _says_none(part, default):
                    continue
                if default is None or kind is not type(default) or part != default:
                    form[name] = part if kind in _ATOMS else self[kind](part)
            return form

        return pack


def _says_none(count: Count, default: Any) -> bool:
    """Whether a count adds nothing to an event's identity: none or unreported, where it may be.

    Counts of none were left out of ids while they were written as silence, and so they stay.
    """
    return type(default) is Count and all(one == 0 or not one.reported for one in (count, default))


def _once(pack: _Pack) -> _Pack:
    """Keep what was packed with the value that it was packed from."""

    def bytes_of(value: Any) -> msgspec.Raw:
        kept = value.__dict__
        found: msgspec.Raw | None = kept.get(_BYTES)
        if found is None:
            found = kept[_BYTES] = msgspec.Raw(encode(pack(value)))
        return found

    return bytes_of


def _by_parts(cls: Any, pack: _Pack) -> _Pack:
    """Keep what was packed by what it was packed from: values that are small, and often alike."""
    parts = attrgetter(*(one.name for one in attrs.fields(cls)))
    kept: dict[Any, msgspec.Raw] = {}

    def bytes_of(value: Any) -> msgspec.Raw:
        key = parts(value)
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MOST:
                kept.clear()
            found = kept[key] = msgspec.Raw(encode(pack(value)))
        return found

    return bytes_of


def _default(field: attrs.Attribute[Any]) -> Any:
    """What a field holds where nothing was said, if that is always the same."""
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING
    if isinstance(field.converter, attrs.Converter):
        return attrs.NOTHING  # what it becomes depends on the other fields
    if field.converter is not None and default is not attrs.NOTHING:
        return field.converter(default)
    return default


def _refuse(value: Any) -> NoReturn:
    raise EventError(
        f"{value!r} can't be kept: a field holds texts, numbers, Fractions, When, Place, Count, "
        "or tuples and mappings of these"
    )


_packers = {identity: _Packers(identity=identity) for identity in (False, True)}
_with_zones = _Packers(identity=True, zones=True)
_sharing = _Packers(sharing=True)


def plain(value: Any, *, identity: bool = False) -> Any:
    """Return a value as plain JSON: dicts, lists, texts, numbers, bools, None or raw JSON.

    ``identity=True`` leaves out the fields that don't take part in equality. Raises ``EventError``
    for a value that has no such form.
    """
    return _packers[identity][type(value)](value)


def plain_with_zones(value: Any) -> Any:
    """Return what ``plain(value, identity=True)`` does, with the names of times' zones besides.

    The form in which reports are stored, and from which event ids were derived before a zone's name
    ceased to be a part of them.
    """
    return _with_zones[type(value)](value)


def packed(value: Any) -> Any:
    """Return what ``plain`` gives, where the value is to be encoded: parts of it may be raw JSON.

    What many events share, such as a place, is made into bytes once and carries them from then on.
    """
    return _sharing[type(value)](value)


def encode(form: Any) -> bytes:
    """Return the canonical bytes of a plain form.

    Raises ``EventError`` for a number or text that JSON can't hold, for values nested without end,
    and for more than ``MOST_BYTES``.
    """
    try:
        body = _encoder.encode(form)
    except (TypeError, ValueError, UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise EventError(f"this can't be written down as JSON: {error}") from error
    if len(body) > MOST_BYTES:
        raise EventError(
            f"this takes {len(body):,} bytes, and {MOST_BYTES:,} is the most; keep the file beside "
            "the log, and its address in the report's url"
        )
    return body


def id_of(form: str, body: bytes, moment: int | None) -> bytes:
    """Return the 32 bytes that identify something said: a time, then a hash of what was said.

    The first eight bytes are ``moment`` (microseconds of UTC, the start of its publication), so
    that ids sort by time and a large index stays fast; the other 24 are from SHA-256 over the
    form's name and the canonical bytes. 192 bits leave no room for two contents with one id.
    """
    start = min(max((moment or 0) + _UNBOUNDED, 0), 2 * _UNBOUNDED - 1) if moment is not None else 0
    digest = sha256(form.encode() + b"\0" + body).digest()
    return start.to_bytes(_TIME_BYTES, "big") + digest[: _ID_BYTES - _TIME_BYTES]


def id_in(report: str, form: str, body: bytes) -> str:
    """Return in hexadecimal digits what ``id_of`` gives for something that stands in a report.

    Both ids begin with the moment of its publication, so ``report`` is the report's.
    """
    rest = sha256(form.encode() + b"\0" + body).hexdigest()
    return report[: 2 * _TIME_BYTES] + rest[: 2 * (_ID_BYTES - _TIME_BYTES)]


def names(name: bytes, form: str, body: bytes, report: bytes) -> bool:
    """Return whether an id is the one that ``id_of`` gives what stands in a report, by its id.

    Both begin with the same moment, which saves working it out for every entry that is read.
    """
    digest = sha256(form.encode() + b"\0" + body).digest()
    return report[:_TIME_BYTES] + digest[: _ID_BYTES - _TIME_BYTES] == name
