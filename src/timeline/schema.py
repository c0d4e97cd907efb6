"""The types that fields may have: one walk over annotations, which everything else folds over.

A type is a *leaf* (a text, a number, a time, a place, a count), or it is put together: a union, a
literal, an enum, a tuple or another collection, a record (an attrs class). ``field_type`` says
which, and of what parts. Events convert and check their fields by it; canonical bytes, decoding,
stored states, plain rows, tables, cells of sheets, Hypothesis strategies and partition keys take
what they know of a leaf from ``LEAVES``. To let fields have one more type, add one ``Leaf``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from fractions import Fraction
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from timeline.counts import Breakdown, Count
from timeline.errors import EventError, KindError
from timeline.places import Place
from timeline.time_parsing import when
from timeline.times import When

__all__ = [
    "LEAVES",
    "FieldType",
    "Leaf",
    "Shape",
    "acceptor",
    "converter",
    "field_hints",
    "field_type",
    "fields_of",
    "fraction",
    "leaf_of",
    "members",
    "read_leaf",
]

Shape = Literal[
    "leaf", "enum", "literal", "union", "several", "fixed", "list", "set", "mapping", "record",
    "other",
]  # fmt: skip
"""How a type is put together. ``several`` is ``tuple[T, ...]``, ``fixed`` a tuple of given length,
``set`` a frozenset too, ``record`` an attrs class; ``other`` is what no field can have."""

_LONGEST_FRACTION = 200  # characters
_WHOLE = 1 << 53  # ints up to here are floats without loss


def fraction(value: Fraction | str | float) -> Fraction:
    """Return a Fraction from its short forms; a float is read as it is written: 0.1 is a tenth.

    Raises ``EventError`` for anything else, and for one of more digits than a source would give.
    """
    try:
        text = str(value)
        long = len(text) > _LONGEST_FRACTION
        # "1e-999999999" is short, and working it out would take all time and memory there is.
        if isinstance(value, bool) or long or (isinstance(value, str) and "e" in value.lower()):
            raise TypeError  # noqa: TRY301 - said below, with the other reasons
        read = Fraction(text) if isinstance(value, float) else Fraction(value)
        if len(str(read)) > _LONGEST_FRACTION:  # 1e300 is short too
            raise TypeError  # noqa: TRY301 - as above
        return read  # noqa: TRY300 - as above
    except (TypeError, ValueError, ZeroDivisionError):
        raise EventError(
            f"a fraction is written '1/3', Fraction(1, 3) or 0.33, in at most "
            f"{_LONGEST_FRACTION} characters, not {value!r:.60}"
        ) from None


def members(value: Iterable[Any]) -> tuple[Any, ...]:
    """Return several values as a tuple; a lone text is one value, not its letters.

    Raises ``EventError`` for what holds no values.
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise EventError(f"a field of several values takes a tuple or list, not {value!r}")
    return tuple(value)


def _float(value: object) -> object:
    """An int as the float that it equals, for equal values have equal bytes; -0.0 as 0.0."""
    if (type(value) is int and abs(value) <= _WHOLE) or type(value) is float:
        return float(value) + 0.0
    return value  # the check's to refuse


def _breakdown(value: Any) -> Breakdown:
    return Breakdown(msgspec.convert(value, dict[str, Count]))


@attrs.frozen(kw_only=True)
class Leaf:
    """A type of field whose values aren't walked into, and all that anybody needs to know of it."""

    convert: Callable[[Any], Any] | None = None
    """Takes the short forms of a value, such as a name for a Place; raises a library's error."""
    accepts: Callable[[Any], bool] | None = None
    """Says whether a value can be stored; an instance of the type unless given."""
    write: Callable[[Any], Any] | None = None
    """Returns the value as plain JSON; None where the canonical form knows the type by itself."""
    read: Callable[[Any], Any] | None = None
    """Returns the value that ``write`` wrote; None where msgspec reads the type by itself."""
    samples: tuple[Any, ...] = ()
    """Values that laws are tried on, where no strategy draws any."""


def _exactly(cls: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is cls


LEAVES: dict[Any, Leaf] = {
    str: Leaf(accepts=_exactly(str)),
    int: Leaf(accepts=_exactly(int)),
    bool: Leaf(accepts=_exactly(bool)),
    NoneType: Leaf(accepts=_exactly(NoneType)),
    float: Leaf(convert=_float, accepts=lambda value: type(value) is float and isfinite(value)),
    Fraction: Leaf(convert=fraction, write=str, read=fraction),
    When: Leaf(convert=when),
    Place: Leaf(convert=Place.of),
    Count: Leaf(convert=Count.of),
    Breakdown: Leaf(convert=Breakdown.of, read=_breakdown),
}
"""The types that a field may have as they are; others are put together of these."""


def leaf_of(cls: Any) -> Leaf | None:
    """Return what is known of a leaf by its class or one that it derives from, None for others."""
    bases = cls.__mro__ if isinstance(cls, type) else ()
    return next((LEAVES[base] for base in bases if base in LEAVES), None)


def read_leaf(cls: type, value: Any) -> Any:
    """Return a leaf from its plain JSON, where msgspec asks for help (its ``dec_hook``)."""
    leaf = LEAVES.get(cls)
    if leaf is None or leaf.read is None:
        raise NotImplementedError(f"{cls!r} isn't a type that a field can have")
    return leaf.read(value)


@attrs.frozen
class FieldType:
    """An annotation as what it is: its shape, and the types or values it is put together of."""

    hint: Any
    shape: Shape
    arguments: tuple[Any, ...] = ()
    """The annotations of its parts, in their order; the values of a literal."""
    notes: tuple[Any, ...] = ()
    """What ``Annotated`` says of the type beside what it is."""

    @property
    def parts(self) -> tuple[FieldType, ...]:
        """The types that it is put together of."""
        return () if self.shape == "literal" else tuple(map(field_type, self.arguments))

    @property
    def nested(self) -> Iterator[FieldType]:
        """The type itself and all that it is put together of, but for the fields of records."""
        yield self
        for part in self.parts:
            yield from part.nested

    @property
    def optional(self) -> bool:
        """Whether it is a union with None."""
        return self.shape == "union" and NoneType in self.arguments

    @property
    def bare(self) -> FieldType:
        """The type without its None, itself where that leaves more than one."""
        rest = [part for part in self.arguments if part is not NoneType]
        return field_type(rest[0]) if self.optional and len(rest) == 1 else self


_BY_ORIGIN: dict[Any, Shape] = {
    Union: "union",
    UnionType: "union",
    Literal: "literal",
    list: "list",
    set: "set",
    frozenset: "set",
    dict: "mapping",
    Mapping: "mapping",
}


def field_type(hint: Any) -> FieldType:
    """Return what an annotation is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return attrs.evolve(field_type(arguments[0]), notes=arguments[1:])
    if hint in LEAVES:
        return FieldType(hint, "leaf")
    if origin in _BY_ORIGIN:
        return FieldType(hint, _BY_ORIGIN[origin], arguments)
    if origin is tuple:
        several = arguments[1:] == (Ellipsis,)
        return FieldType(
            hint, "several" if several else "fixed", arguments[: 1 if several else None]
        )
    if isinstance(hint, type) and issubclass(hint, Enum):
        return FieldType(hint, "enum")
    if isinstance(hint, type) and attrs.has(hint):
        return FieldType(hint, "record")
    inner = tuple(part for part in arguments if isinstance(part, type) or get_args(part))
    return FieldType(hint, "other", inner)


def fields_of(cls: type) -> tuple[attrs.Attribute[object], ...]:
    """Return the fields of an attrs class, such as a kind of event, in their order."""
    fields: tuple[attrs.Attribute[object], ...] = attrs.fields(cls)
    return fields


def field_hints(cls: type, *, notes: bool = False) -> dict[str, Any]:
    """Return the annotations of a class, resolved, with what ``Annotated`` notes if it is asked.

    Raises ``KindError`` where they can't be.
    """
    try:
        return get_type_hints(cls, include_extras=notes)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise KindError(
            f"the fields of {cls.__name__} can't be resolved: {error}; use types that are "
            "imported or defined at the top of the module"
        ) from error


def converter(kind: FieldType) -> Callable[[Any], Any] | None:
    """Return what turns the short forms of a type into it, None where it has none."""
    bare = kind.bare
    convert = LEAVES[bare.hint].convert if bare.shape == "leaf" else None
    if bare.shape == "several":
        part = converter(bare.parts[0])
        convert = members if part is None else lambda value: tuple(map(part, members(value)))
    if convert is None or not kind.optional:
        return convert
    given = convert
    return lambda value: None if value is None else given(value)


def acceptor(kind: FieldType, above: tuple[type, ...] = ()) -> Callable[[Any], bool]:
    """Return what says which values a field of a type takes, so that all can be read back.

    ``above`` are the records that it is a part of. Raises ``KindError`` for other types.
    """
    hint = kind.hint
    if kind.shape == "leaf":
        return LEAVES[hint].accepts or (lambda value: isinstance(value, hint))
    if kind.shape == "union":
        options = [acceptor(part, above) for part in kind.parts]
        if len(options) == 2:  # noqa: PLR2004 - such as T | None, which most fields are
            first, second = options
            return lambda value: first(value) or second(value)
        return lambda value: any(accepts(value) for accepts in options)
    if kind.shape == "literal" and all(type(one) in (str, int, NoneType) for one in kind.arguments):
        return lambda value: any(
            value == one and type(value) is type(one) for one in kind.arguments
        )
    if kind.shape == "several":
        member = acceptor(kind.parts[0], above)
        return lambda value: isinstance(value, tuple) and all(member(part) for part in value)
    if kind.shape == "enum" and {type(one.value) for one in hint} in ({str}, {int}):
        return lambda value: isinstance(value, hint)
    if kind.shape == "record" and hint.__hash__ is not None:
        return _record_acceptor(hint, above)
    raise KindError(
        f"a field can't be of type {hint!r}; use {', '.join(_names())}, an Enum of texts or of "
        "ints, a Literal of these, a frozen attrs class, tuple[T, ...], or T | None"
    )


def _names() -> list[str]:
    return [cls.__name__ for cls in LEAVES if cls is not NoneType]


def _record_acceptor(cls: type[Any], above: tuple[type, ...]) -> Callable[[Any], bool]:
    """Those instances of an attrs class whose every field can be read back."""
    if cls in above:
        return lambda value: isinstance(value, cls)
    hints = field_hints(cls)
    parts = {
        field.name: acceptor(field_type(hints[field.name]), (*above, cls))
        for field in attrs.fields(cls)
    }
    return lambda value: (
        type(value) is cls and all(accepts(getattr(value, name)) for name, accepts in parts.items())
    )
