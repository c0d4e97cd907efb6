"""Draws events of the library's kinds, and of any other from its annotations and validators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import inf
from typing import Any

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from timeline.counts import Breakdown, Count
from timeline.errors import KindError
from timeline.events import Event
from timeline.kinds import KINDS, Clash, TerritorialChange
from timeline.places import Place
from timeline.schema import LEAVES, field_hints, field_type
from timeline.testing.strategies.values import breakdowns, counts, places, whens
from timeline.times import When

__all__ = ["SIDES", "events", "values_of"]

SIDES = ("Russia", "Ukraine", "Wagner Group")
"""The names that texts are drawn from mostly, so that they collide."""

_ODD = ("Ізюм", 'a|b, c; "d"', "<b>&amp;", "two\nlines", "{x}", "\u202etxet", "🕯")
"""Texts that a careless reader or writer trips over."""

_Draws = st.SearchStrategy[Any]


def _texts(least: int = 0, most: float = inf) -> _Draws:
    pool = [name for name in (*SIDES * 4, *_ODD) if least <= len(name) <= most]
    return st.sampled_from(pool) if pool else st.text(min_size=least, max_size=int(most))


def _checks(validator: Any) -> Iterator[Any]:
    """The validators that one is put together from."""
    parts = getattr(validator, "_validators", None)
    if parts is not None:
        for part in parts:
            yield from _checks(part)
    elif type(validator).__name__ == "_OptionalValidator":
        yield from _checks(validator.validator)
    elif hasattr(validator, "own"):  # the one by type, which holds the one that was written
        yield from _checks(validator.own)
    elif validator is not None:
        yield validator


def _bounds(checks: Iterable[Any]) -> tuple[float, float, bool, bool]:
    """The lowest and highest number that attrs' ge, gt, le and lt leave, and whether excluded."""
    low, high, above, below = -inf, inf, False, False
    for check in checks:
        sign, bound = getattr(check, "compare_op", ""), getattr(check, "bound", None)
        if sign in (">", ">=") and bound is not None and bound >= low:
            low, above = bound, sign == ">"
        elif sign in ("<", "<=") and bound is not None and bound <= high:
            high, below = bound, sign == "<"
    return low, high, above, below


def _numbers(hint: Any, checks: list[Any]) -> _Draws:
    low, high, above, below = _bounds(checks)
    least, most = (None if abs(bound) == inf else bound for bound in (low, high))
    if hint is float:
        return st.floats(
            least, most, exclude_min=above, exclude_max=below, allow_nan=False, allow_infinity=False
        )
    if hint is Fraction:
        share = st.fractions(
            0 if least is None else least, 1 if most is None else most, max_denominator=6
        )
        return share.filter(lambda one: not ((above and one == least) or (below and one == most)))
    floor = None if least is None else int(least) + above
    ceiling = None if most is None else int(most) - below
    if floor is None and ceiling is None:
        # Small ones collide; large ones show what JSON and other languages do to them.
        return st.integers(-9, 9) | st.integers(-(2**53), 2**53)
    wide = 1000
    return st.integers(
        (ceiling or 0) - wide if floor is None else floor,
        (floor or 0) + wide if ceiling is None else ceiling,
    )


def _narrowed(hint: Any, validator: Any, place: _Draws, time: _Draws) -> _Draws:
    """The values of a type that its field's validators leave."""
    checks = list(_checks(validator))
    for check in checks:
        options = getattr(check, "options", None)
        if options is not None:
            return st.sampled_from(list(options))
    if hint is str:
        for check in checks:
            pattern = getattr(check, "pattern", None)
            if pattern is not None:
                return st.from_regex(pattern)
        least = max((getattr(check, "min_length", 0) for check in checks), default=0)
        most = min((getattr(check, "max_length", inf) for check in checks), default=inf)
        return _texts(least, most)
    if hint in (int, float, Fraction):
        return _numbers(hint, checks)
    return values_of(hint, place=place, time=time)


def values_of(
    hint: Any, *, place: _Draws | None = None, time: _Draws | None = None
) -> st.SearchStrategy[Any]:
    """Draw the values of a type that a field of an event may have.

    Raises ``KindError`` for any other type.
    """
    place, time = places() if place is None else place, whens() if time is None else time
    ready: dict[Any, _Draws] = {
        When: time,
        Place: place,
        Count: counts(),
        Breakdown: breakdowns(),
        bool: st.booleans(),
        type(None): st.none(),
        str: _texts(),
    }
    kind = field_type(hint)
    if kind.shape == "union":
        # None first: a field left empty is the simplest.
        ordered = sorted(kind.arguments, key=lambda part: part is not type(None))
        return st.one_of([values_of(part, place=place, time=time) for part in ordered])
    if kind.shape == "literal":
        return st.sampled_from(kind.arguments)
    if kind.shape == "several":
        member = values_of(kind.arguments[0], place=place, time=time)
        return st.lists(member, max_size=3).map(tuple)
    if hint in ready:
        return ready[hint]
    if hint in (int, float, Fraction):
        return _numbers(hint, [])
    if kind.shape == "leaf" and LEAVES[hint].samples:
        return st.sampled_from(LEAVES[hint].samples)
    if kind.shape == "enum":
        return st.sampled_from(hint)
    if kind.shape == "record":
        return _built(hint, {}, place, time)
    raise KindError(f"don't know how to draw {hint!r}; hand in a strategy of your own for it")


def _by_type(validator: Any) -> bool:
    """Whether a validator is the one by type, with no other one in it."""
    return hasattr(validator, "own") and validator.own is None


def _passing(draws: _Draws, field: attrs.Attribute[Any]) -> _Draws:
    """What a field's own validator lets through; the one by type always does."""
    validator = field.validator
    if validator is None or _by_type(validator):
        return draws

    def passes(value: Any) -> bool:
        try:
            validator(None, field, value)
        except (ValueError, TypeError):
            return False
        return True

    return draws.filter(passes)


def _field(field: attrs.Attribute[Any], hint: Any, place: _Draws, time: _Draws) -> _Draws:
    kind = field_type(hint)
    bare = kind.bare
    drawn = (
        values_of(hint, place=place, time=time)
        if bare.optional
        else _narrowed(bare.hint, field.validator, place, time)
    )
    drawn = _passing(drawn, field)
    simplest = [None] if kind.optional else []
    if field.default is not attrs.NOTHING and not isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        simplest = [field.default]
    if simplest and bare.hint is str and _by_type(field.validator):
        # One choice instead of two, for the same draws.
        return st.sampled_from([*simplest * 8, *SIDES * 3, *_ODD])
    return st.one_of(*map(st.just, simplest), drawn)


def _built(
    cls: type[Any], given: dict[str, _Draws], place: _Draws, time: _Draws
) -> st.SearchStrategy[Any]:
    """Instances of an attrs class, without those that it refuses."""
    hints = field_hints(cls)
    fields = {
        field.alias: given[field.name]
        if field.name in given
        else _field(field, hints[field.name], place, time)
        for field in attrs.fields(cls)
        if field.init
    }

    def build(values: tuple[Any, ...]) -> Any:
        try:
            return cls(**dict(zip(fields, values, strict=True)))
        except (ValueError, TypeError):
            # What the class refuses beyond its fields' validators, such as two that contradict.
            return reject()

    return st.tuples(*fields.values()).map(build)


def _ids(kind: type[Event]) -> st.SearchStrategy[str]:
    """Ids that collide within a kind often, and between kinds now and then; "" derives one."""
    name = kind.kind.partition("/")[0]
    own = [f"{name}:{number}" for number in (1, 2, 3)]
    return st.sampled_from([*own, "", *own, "shared:1"])


def _change(place: _Draws, time: _Draws) -> st.SearchStrategy[TerritorialChange]:
    pairs = [(a, b) for a in (*SIDES, None) for b in (None, *SIDES) if a != b]
    shares = [None] * 6 + [Fraction(1, 3), Fraction(1, 2), Fraction(1)]
    fields = (time, _ids(TerritorialChange), place, st.sampled_from(pairs), st.sampled_from(shares))
    return st.tuples(*fields, st.sampled_from([None, "assault", "withdrawal"])).map(
        lambda drawn: TerritorialChange(
            when=drawn[0],
            id=drawn[1],
            place=drawn[2],
            to=drawn[3][0],
            from_=drawn[3][1],
            share=drawn[4],
            how=drawn[5],
        )
    )


def _clash(kind: type[Clash], given: dict[str, _Draws], place: _Draws, time: _Draws) -> _Draws:
    """Clashes between two or three sides, with the losses of some."""
    pairs = [(a, b) for a in SIDES for b in SIDES if a != b]
    fighters = st.sampled_from([*pairs, SIDES])
    lost = st.lists(counts(most=5), max_size=3)

    def drawn(of: tuple[tuple[str, ...], list[Count]]) -> _Draws:
        names = Breakdown(dict(zip(*of, strict=False)))
        return _built(
            kind, {**given, "sides": st.just(of[0]), "losses": st.just(names)}, place, time
        )

    return st.tuples(fighters, lost).flatmap(drawn)


def _of(kind: type[Event], place: _Draws, time: _Draws) -> st.SearchStrategy[Any]:
    if not (isinstance(kind, type) and issubclass(kind, Event) and vars(kind).get("kind")):
        raise KindError(f"{kind!r} is no kind of event; put @event('name/1') above the class")
    if kind is TerritorialChange:
        return _change(place, time)
    summary = st.sampled_from([None, None, None, "in a word"])
    given = {"when": time, "id": _ids(kind), "summary": summary}
    if issubclass(kind, Clash):
        return _clash(kind, given, place, time)
    return _built(kind, given, place, time)


def events(
    *kinds: type[Event],
    when: st.SearchStrategy[When] | None = None,
    place: st.SearchStrategy[Place] | None = None,
) -> st.SearchStrategy[Any]:
    """Draw events of these kinds, of those that come with the library if none is named.

    The fields of a kind are drawn from their annotations and attrs' validators; what its
    ``check`` refuses is drawn again. ``when`` and ``place`` take the place of ``whens()`` and
    ``places()``. Event ids are few. Raises ``KindError`` for a class that is no kind.
    """
    time = whens() if when is None else when
    where = places() if place is None else place
    return st.one_of([_of(kind, where, time) for kind in kinds or KINDS])
