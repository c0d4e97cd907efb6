"""Tests the flat table of accounts: its columns follow the kinds, its cells what is known."""

from __future__ import annotations

from typing import Any

import attrs
import pyarrow as pa
import pytest
from hypothesis import given

from tests.histories import told
from timeline import (
    Attack,
    Chronology,
    Count,
    Event,
    Incident,
    Place,
    Report,
    TerritorialChange,
    When,
    event,
    when,
)
from timeline.resolution import resolve
from timeline.testing import strategies
from timeline.views.tables import COLUMNS, columns

WIRE = Report("Wire", published="2022-09-16")


@event("raid/1")
class Raid(Event):
    """Has a field of every shape, and names that others have with another type."""

    ended: When | None = None
    killed: str | None = None
    when_: str = ""
    precision: str = ""
    pairs: tuple[Place, ...] = ()
    weight: float = 0.0
    size: int = 0
    crowd: bool = False
    either: int | str = 0


def table(*events: Event) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the columns and what they hold, and the rows."""
    accounts = resolve([WIRE.says(one) for one in events])
    chosen = columns(accounts)
    rows = [{column.name: column.read(one) for column in chosen} for one in accounts]
    return {column.name: column.of for column in chosen}, rows


def test_without_accounts_there_are_the_columns_that_all_have() -> None:
    assert columns([]) == COLUMNS


def test_a_kind_adds_its_fields() -> None:
    of, [row] = table(
        TerritorialChange(
            when="2022-09-10",
            place=Place("Izium", within=Place("Oblast", within="Ukraine"), latitude=49.2),
            to="Ukraine",
            share="1/3",
        )
    )
    assert list(of)[len(COLUMNS) :] == [
        *("place", "place_id", "place_latitude", "place_longitude", "place_precision"),
        *("place_within", "to", "from_", "share", "how"),
    ]
    assert (row["place"], row["place_within"], row["share"]) == ("Izium", "Oblast, Ukraine", "1/3")
    assert (row["place_latitude"], row["place_longitude"], row["from_"]) == (49.2, None, None)


def test_fields_of_every_type_have_cells() -> None:
    of, [row] = table(
        Raid(
            when=when("2022"),
            ended=when("2022-09-10"),
            pairs=(Place("A"),),
            weight=1.5,
            crowd=True,
            either="much",
        )
    )
    assert (of["ended"], of["ended_earliest"], of["weight"]) == ("text", "moment", "number")
    assert (of["size"], of["crowd"], of["either"]) == ("whole", "flag", "text")
    assert (row["ended"], row["ended_latest"]) == ("2022-09-10", when("2022-09-10").hi)
    assert row["pairs"] == (
        '[{"name": "A", "id": null, "latitude": null, "longitude": null, "precision": null, '
        '"within": null}]'
    )
    assert row["either"] == "much"
    assert row["precision_"] == ""


def test_kinds_share_a_column_where_the_type_is_one_and_json_where_it_is_not() -> None:
    of, rows = table(
        Attack(when="2022-09-01", killed=Count(3), place="Izium"),
        Incident(when="2022-09-02", category="fire", place="Lyman"),
        Raid(when=when("2022-09-03"), killed="many"),
    )
    assert of["killed"] == "text"
    assert "killed_low" not in of
    assert [row["place"] for row in rows] == ["Izium", "Lyman", None]
    assert (
        rows[0]["killed"] == '{"low": 3, "best": 3, "high": 3, "approximate": false, "missing": 0}'
    )
    assert rows[2]["killed"] == "many"
    assert rows[0]["including"] is None


def test_what_64_bits_do_not_hold_is_null() -> None:
    many = [Raid(when=when("2022-09-01"), size=size) for size in (1 << 70, (1 << 63) - 1)]
    table = pa.table(Chronology(tuple(resolve(map(WIRE.says, many)))))
    assert set(table["size"].to_pylist()) == {None, (1 << 63) - 1}
    rows = {row["id"]: row for row in pa.table(told()).to_pylist()}
    assert rows["far"]["earliest"] is None
    assert rows["rumour"]["latest"] is None
    assert rows["shelled"]["earliest"] == when("2022-09-16T08:00", zone="Europe/Kyiv").earliest


@given(strategies.histories())
def test_a_table_has_a_row_for_each_account_and_types_for_its_kinds_alone(history: Any) -> None:
    accounts = Chronology(tuple(resolve(history)))
    read = pa.table(accounts)
    assert read["id"].to_pylist() == [one.event.id for one in accounts]
    said = [tuple(claim for claim in one.counted if claim.stance != "denies") for one in accounts]
    plainer = [
        attrs.evolve(one, claims=some[:1], counted=some[:1])
        for one, some in zip(accounts, said, strict=True)
    ]
    assert pa.table(Chronology(tuple(plainer))).schema == read.schema


@pytest.mark.parametrize("frame", ["to_pandas", "to_polars"])
def test_frames_have_the_same_columns(frame: str) -> None:
    accounts = told()
    assert list(getattr(accounts, frame)().columns) == pa.table(accounts).column_names
