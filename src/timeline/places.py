"""A Place is where something happened: a name, and an id where some gazetteer gives one."""

from __future__ import annotations

import attrs

from timeline.errors import EventError
from timeline.fast_decode import unchecked

__all__ = ["Place"]


_DEEPEST = 32  # a village has fewer levels above it, and each costs a call to compare
_KEY = "_joined_key"
_FURTHEST = 180  # degrees; more is refused, and may be more than a float holds


def _text(_: object, attribute: attrs.Attribute[str | None], value: object) -> None:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise EventError(f"a Place's {attribute.name} is a text that isn't empty, not {value!r}")


def _name(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise EventError(f"a Place needs a {attribute.name} such as 'Izium', not {value!r}")


def _number(value: float | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _FURTHEST:
        return value  # None, or the validator's to refuse
    # Adding zero makes -0.0 the 0.0 that it equals, for equal values have equal bytes.
    return float(value) + 0.0


def _not_too_deep(_: object, __: object, value: Place | None) -> None:
    for _level in range(_DEEPEST):
        if value is None:
            return
        value = value.within
    raise EventError(f"a Place lies within at most {_DEEPEST - 1} others, one in the next")


def _larger(value: Place | str | None) -> Place | None:
    return None if value is None else Place.of(value)


def _latitude(_: object, attribute: attrs.Attribute[float | None], value: object) -> None:
    _within(attribute.name, value, 90)


def _longitude(_: object, attribute: attrs.Attribute[float | None], value: object) -> None:
    _within(attribute.name, value, 180)


def _within(name: str, value: object, limit: int) -> None:
    # The comparison is false for NaN as well, which no map can show.
    if value is not None and not (isinstance(value, float) and -limit <= value <= limit):
        raise EventError(
            f"a Place's {name} is in degrees from -{limit} to {limit} (WGS 84), not {value!r}"
        )


@attrs.frozen(slots=False)
class Place:
    """Where something happened.

    ``id`` is that of a gazetteer, its scheme in front (``geonames:707753``, ``wikidata:Q156747``,
    ``katottg:UA63040010010053547``); names are not ids, and one name may belong to several places.
    ``latitude`` and ``longitude`` are WGS 84 degrees. ``within`` is the larger place it lies in.
    ``precision`` says in words how closely the source places it (``town``, ``raion``, ``oblast``).
    A plain name converts wherever a Place is expected. Raises ``EventError``.
    """

    name: str = attrs.field(validator=_name)
    id: str | None = attrs.field(default=None, kw_only=True, validator=_text)
    latitude: float | None = attrs.field(
        default=None, kw_only=True, converter=_number, validator=_latitude
    )
    longitude: float | None = attrs.field(
        default=None, kw_only=True, converter=_number, validator=_longitude
    )
    within: Place | None = attrs.field(
        default=None, kw_only=True, converter=_larger, validator=_not_too_deep
    )
    precision: str | None = attrs.field(default=None, kw_only=True, validator=_text)

    @classmethod
    def of(cls, value: Place | str) -> Place:
        """Return a Place as it is and a plain name as a Place; refuses the rest."""
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, Place):
            raise EventError(f"a place is a Place or a name, not {value!r}")
        return value

    @property
    def key(self) -> str:
        """What answers are keyed by: the id where there is one, else the name.

        In an event that a projection sees, of the class of places that links join it to.
        """
        joined: str | None = self.__dict__.get(_KEY)
        return joined or self.id or self.name

    def keyed(self, key: str, within: Place | None) -> Place:
        """Return this place as one that goes by another key; its fields stay as they are."""
        place = object.__new__(Place)
        parts = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}
        object.__setattr__(place, "__dict__", parts | {"within": within, _KEY: key})
        return place

    def __str__(self) -> str:
        return self.name


unchecked(Place)
