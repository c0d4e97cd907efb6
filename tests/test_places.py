"""Tests what a Place is, what converts into one, and what answers key it by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import EventError
from timeline.places import Place

IZIUM = Place(
    "Izium",
    id="geonames:707753",
    latitude=49.21,
    longitude=37.25,
    within="Kharkiv Oblast",
    precision="town",
)


def test_a_plain_name_converts() -> None:
    assert Place.of("Izium") == Place("Izium")
    assert Place.of(IZIUM) is IZIUM
    assert IZIUM.within == Place("Kharkiv Oblast")
    assert str(IZIUM) == "Izium"
    with pytest.raises(EventError, match="a place is a Place or a name, not 3"):
        Place.of(3)  # type: ignore[arg-type]


def test_the_key_is_the_id_where_there_is_one() -> None:
    assert IZIUM.key == "geonames:707753"
    assert Place("Izium").key == "Izium"


def test_names_are_not_ids() -> None:
    assert Place("Oleksandrivka", id="wikidata:Q1") != Place("Oleksandrivka", id="wikidata:Q2")


@given(st.integers(-90, 90), st.integers(-180, 180))
def test_whole_degrees_are_degrees(latitude: int, longitude: int) -> None:
    whole = Place("x", latitude=latitude, longitude=longitude)
    assert whole == Place("x", latitude=float(latitude), longitude=float(longitude))
    assert type(whole.latitude) is float


def test_zero_has_one_form() -> None:
    assert str(Place("x", latitude=-0.0).latitude) == "0.0"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "needs a name such as 'Izium', not ''"),
        ({"name": 3}, "needs a name such as 'Izium', not 3"),
        ({"id": " "}, "a Place's id is a text that isn't empty, not ' '"),
        ({"precision": 3}, "a Place's precision is a text that isn't empty, not 3"),
        ({"latitude": 90.1}, "latitude is in degrees from -90 to 90"),
        ({"latitude": 10**400}, "latitude is in degrees from -90 to 90"),
        ({"latitude": True}, r"latitude is in degrees.*not True"),
        ({"longitude": -180.5}, "longitude is in degrees from -180 to 180"),
        ({"longitude": float("nan")}, r"longitude is in degrees.*not nan"),
        ({"longitude": "37"}, r"longitude is in degrees.*not '37'"),
        ({"within": 3}, "a place is a Place or a name, not 3"),
    ],
)
def test_a_place_that_no_map_can_show_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(EventError, match=message):
        Place(**{"name": "x"} | fields)
