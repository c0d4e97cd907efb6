"""Tests that annotations are read once, and that one entry gives fields a new type everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, Literal

import attrs
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from timeline import Count, Event, Log, Place, Report, When, chronology, event
from timeline.canonical import encode, plain
from timeline.codec import Codec
from timeline.errors import EventError, KindError, ProjectionError
from timeline.export import to_csv
from timeline.folding.state_codec import StateCodec
from timeline.importers import table
from timeline.scale.partitioner import partition_of
from timeline.schema import LEAVES, Leaf, acceptor, converter, field_type, leaf_of, read_leaf
from timeline.testing.strategies import events


class Side(Enum):
    NEAR = "near"


@attrs.frozen
class Unit:
    name: str
    inner: Unit | None = None


@pytest.mark.parametrize(
    ("hint", "shape", "arguments"),
    [
        (str, "leaf", ()),
        (When, "leaf", ()),
        (type(None), "leaf", ()),
        (Count | None, "union", (Count, type(None))),
        (Literal["a", 1], "literal", ("a", 1)),
        (tuple[Place, ...], "several", (Place,)),
        (tuple[int, str], "fixed", (int, str)),
        (list[int], "list", (int,)),
        (frozenset[int], "set", (int,)),
        (Mapping[str, int], "mapping", (str, int)),
        (Side, "enum", ()),
        (Unit, "record", ()),
        (bytes, "other", ()),
        (Sequence[int], "other", (int,)),
        (Callable[[int], str], "other", (str,)),
    ],
)
def test_an_annotation_is_read_as_what_it_is(hint: Any, shape: str, arguments: Any) -> None:
    kind = field_type(hint)
    assert (kind.hint, kind.shape, kind.arguments) == (hint, shape, arguments)
    assert kind.optional == (type(None) in arguments)
    assert [part.hint for part in kind.parts] == ([] if shape == "literal" else list(arguments))


def test_a_note_says_more_of_a_type_than_what_it_is() -> None:
    actor = Annotated[str, "actor"]
    parts = list(field_type(tuple[actor | None, ...]).nested)
    assert [part.shape for part in parts] == ["several", "union", "leaf", "leaf"]
    assert [part.hint for part in parts if part.notes == ("actor",)] == [str]
    assert field_type(actor) != field_type(str)


def test_a_type_without_its_none_is_bare() -> None:
    assert field_type(Count | None).bare == field_type(Count)
    assert field_type(Count).bare == field_type(Count)
    assert field_type(str | int | None).bare == field_type(str | int | None)


def test_short_forms_are_taken_at_any_depth() -> None:
    convert = converter(field_type(tuple[Place, ...] | None))
    assert convert is not None
    assert convert(None) is None
    assert convert("Izium") == (Place("Izium"),)
    assert converter(field_type(str)) is None
    assert converter(field_type(tuple[str, ...])) is not None


@pytest.mark.parametrize("hint", [bytes, list[int], tuple[int, str], Any, Literal[1.5], object])
def test_what_no_field_can_have_is_refused(hint: Any) -> None:
    with pytest.raises(KindError, match="a field can't be of type"):
        acceptor(field_type(hint))


def test_a_record_within_itself_is_accepted_by_its_class() -> None:
    accepts = acceptor(field_type(Unit))
    assert accepts(Unit("a", Unit("b")))
    assert not accepts(Unit(1))  # type: ignore[arg-type]


def test_what_is_no_leaf_is_read_by_nobody() -> None:
    with pytest.raises(NotImplementedError):
        read_leaf(bytes, "a")
    assert leaf_of(bytes) is None
    assert leaf_of("no class") is None


class Grid:
    """A square of the military grid reference system, known by its letters and digits."""

    def __init__(self, square: str) -> None:
        self.square = square

    @classmethod
    def of(cls, value: object) -> Grid:
        if isinstance(value, Grid):
            return value
        if not isinstance(value, str) or not value.isalnum():
            raise EventError(f"a grid square is written '37UDQ1234', not {value!r}")
        return cls(value.upper())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and self.square == other.square

    def __hash__(self) -> int:
        return hash(self.square)

    def __str__(self) -> str:
        return self.square


class Unlisted:
    pass


GRID = Leaf(convert=Grid.of, write=str, read=Grid.of, samples=(Grid("37UDQ1234"), Grid("36UXA99")))


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A kind with fields of a type that one entry made known."""
    monkeypatch.setitem(LEAVES, Grid, GRID)

    @event("sighting/1")
    class Sighting(Event):
        at: Grid
        also: tuple[Grid, ...] = ()
        near: Grid | None = None

    return Sighting


def test_one_entry_gives_fields_a_new_type_everywhere(kind: Any) -> None:
    seen = kind(when="2022-09-10", at="37udq1234", also=["36UXA99"])
    assert (seen.at, seen.also, seen.near) == (Grid("37UDQ1234"), (Grid("36UXA99"),), None)
    with pytest.raises(EventError, match="a grid square"):
        kind(when="2022", at="?")
    assert plain(seen)["also"] == ["36UXA99"]
    assert encode(plain(seen)) == encode(plain(kind(when="2022-09-10", at=seen.at, also=seen.also)))

    with Log(events=[kind]) as log:
        log.append(Report("Wire", published="2022-09-11").says(seen))
        assert log.verify().ok
        accounts = chronology(log)
    assert accounts[0].event == seen
    [row] = accounts.to_dicts()
    assert row["fields"] == {"at": "37UDQ1234", "also": ["36UXA99"], "near": None}
    assert "37UDQ1234" in to_csv(accounts)

    states = StateCodec(dict[str, Grid | None], Codec())
    state = {"a": seen.at, "b": None}
    assert states.load(states.dump(state)) == state
    with pytest.raises(ProjectionError):
        states.dump({"a": "37UDQ1234"})

    mapping = 'kind = "sighting"\n[columns]\nwhen = "When"\nat = "Where"\nalso = "Also"\n'
    rows = ["When,Where,Also\n", "2022-09-10,37udq1234,36UXA99\n", "2022-09-10,?!,\n"]
    told: list[Any] = list(table(rows, mapping, source="Wire", kinds=[kind]))
    assert told[0].said[0].event == seen
    assert "a grid square" in str(told[1])

    drawn: Any = find(events(kind), lambda one: bool(one.also))
    assert drawn.also[0] in GRID.samples
    assert partition_of(Grid("a"), 97) == partition_of(Grid("a"), 97)
    assert len({partition_of(Grid(name), 97) for name in "abcdef"}) > 1


def test_without_the_entry_it_is_refused_everywhere() -> None:
    with pytest.raises(KindError, match="a field can't be of type"):
        acceptor(field_type(Unlisted))
    with pytest.raises(EventError, match="can't be kept"):
        plain(Unlisted())
    with pytest.raises(ProjectionError, match="can't be sent"):
        partition_of(Unlisted(), 3)
    with pytest.raises(ProjectionError, match="can't be stored"):
        StateCodec(Unlisted, Codec())


@given(st.fractions())
def test_a_fraction_is_written_as_it_is_read(value: Fraction) -> None:
    leaf = LEAVES[Fraction]
    assert leaf.write is not None
    assert leaf.read is not None
    assert leaf.read(leaf.write(value)) == value
