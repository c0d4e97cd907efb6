"""The pieces in which a fold is stored are these, and take as little reading as they can."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

import msgspec
import pytest

from tests.keeping import WIRE, Ids, Odd, Wounded, attack, change, saved
from timeline import (
    Attack,
    Control,
    Log,
    Projection,
    Report,
    TerritorialChange,
    on,
    when,
)
from timeline.folding import persistent_tree, snapshots
from timeline.folding.kept_projection import Kept
from timeline.folding.persistent_tree import MISSING, Pair
from timeline.stores.features import snapshot_store


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistent_tree, "LEAF_SIZE", 2)
    monkeypatch.setattr(snapshots, "_WORTH", 3)


def pieces(kept: Kept[Any]) -> dict[str, Any]:
    """Return what is stored, each piece without its seal."""
    return {
        name: msgspec.json.decode(one[8:])
        for name, one in snapshot_store(kept._store).load_chunks(kept.name)
    }


def day(number: int) -> int:
    moment = when(f"2022-09-{number:02}").lo
    assert moment is not None
    return moment


def test_what_is_stored_of_a_keyed_fold() -> None:
    log = Log()
    elsewhere = TerritorialChange(when="2022-09-03/..", id="change:1", place="Lyman", to="B")
    log.append(change(1, 5, "A"), change(2, 6, "B"), change(3, 7, "A"))
    log.append(Report("Other", published="2022-10-01").says(elsewhere))
    log.append(WIRE.voids("ab" * 32, because="typed twice"))
    told = pieces(saved(log, Control()))
    assert sorted(told.pop("about/000000")) == [
        ["change:1", [1, 4]],
        ["change:2", 2],
        ["change:3", 3],
    ]
    assert told == {
        "naming/000000": [["ab" * 32, 5]],
        "node/1": [[[day(3), None, "change:1", day(5), None, True]], 0, 0, []],
        "node/2": [[[day(6), day(7), "change:2"], [day(7), day(8), "change:3"]], 0, 0, []],
        "node/3": [[], 1, 2, []],
        "node/4": [[[day(3), None, "change:1", day(3), None, True]], 0, 0, []],
        "root/3": [3, "change:1", 0, []],
        "root/4": [4, "change:1", 1, []],
    }


@pytest.mark.parametrize(
    ("projection", "known", "state"),
    [
        (Wounded(), [[0, 3]], [3]),  # a run from one state to another
        (Odd(), [[False, True], [True, False]], [True]),  # a table
        (Ids(), [], []),  # a type that isn't declared
    ],
)
def test_what_is_stored_of_states(projection: Any, known: Any, state: Any) -> None:
    log = Log()
    log.append(*(attack(number, number) for number in (1, 2, 3)))
    told = pieces(saved(log, projection))
    assert told["node/3"] == [[], 1, 2, known]
    assert told["root/3"] == [3, "attack:1", 0, state]


class Summed(Wounded):
    """Says how two sums are joined."""

    def merge(self, a: int, b: int) -> int:
        return a + b


def test_of_what_can_be_joined_sums_are_stored() -> None:
    log = Log()
    log.append(*(attack(number, number) for number in range(1, 9)))
    told = pieces(saved(log, Summed()))
    nodes = {name: one for name, one in told.items() if name.startswith("node")}
    # Of what lies left of the last leaf: all else is summed when it is asked for.
    assert [node[3] for node in nodes.values() if node[3]] == [[[4]]]
    assert told["root/7"] == [7, "attack:1", 0, [8]]


def test_a_seal_is_of_the_name_and_the_content() -> None:
    # sha256(b"node/1\0[]"), by any other tool.
    assert snapshots._seal("node/1", b"[]").hex() == "51afbb9a33439925"


def test_a_bound_that_isnt_there_is_null() -> None:
    log = Log()

    def says(source: str, time: str, event_id: str) -> None:
        change = TerritorialChange(when=time, id=event_id, place="Izium", to="B")
        log.append(Report(source, published="2022-10-01").says(change))

    says("Other", "../2022-09-05", "until")
    says("Other", "2022-09-05/..", "since")
    # One that may count from the beginning to the end, as its sources differ.
    says("Other", "2022-09-07", "whenever")
    says("Third", "../2022-09-05", "whenever")
    says("Fourth", "2022-09-05/..", "whenever")
    kept = saved(log, Control())
    told = pieces(kept)
    items = [item for name, one in told.items() if name.startswith("node") for item in one[0]]
    assert {item[2]: item[:2] + item[3:] for item in items} == {
        "until": [None, day(6)],
        "since": [day(5), None],
        "whenever": [*next(item[:2] for item in items if item[2] == "whenever"), None, None, True],
    }
    again = log.keep(Control())
    assert again.position == 5
    assert again._fold.keyed_by_event == kept._fold.keyed_by_event
    [placed] = again._fold.keyed_by_event["whenever"]
    assert (placed.item.first, placed.item.last) == (float("-inf"), float("inf"))


def test_a_first_save_after_nothing_counts_from_one() -> None:
    log = Log()
    log.append(WIRE.denies(attack(1).event))
    assert pieces(saved(log, Wounded())) == {"about/000000": [["attack:1", 1]]}
    log.append(attack(2))
    told = pieces(saved(log, Wounded()))
    assert told.keys() == {"about/000000", "about/000001", "node/1", "root/1"}


def test_the_ledgers_pieces_are_numbered_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_SEGMENTS", 3)
    log = Log()
    counts = []
    kept = log.keep(Wounded())
    for number in range(1, 12):
        log.append(attack(number, number), WIRE.voids(f"{number:064}", because="no"))
        kept.catch_up()
        kept.save()
        if number % 2:
            kept = log.keep(Wounded())  # as after a crash
        names = [name for name in sorted(pieces(kept)) if name.startswith(("about", "naming"))]
        counts.append(len(names) // 2)
        assert names == [
            f"{kind}/{n:06}" for kind in ("about", "naming") for n in range(counts[-1])
        ]
    assert counts == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2]


def test_saving_reads_nothing_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.append(*(change(number, number, "A") for number in range(1, 9)))
    kept = log.keep(Control())
    kept.catch_up()
    read: list[Any] = []

    def picked(some: Iterable[int]) -> dict[int, Any]:
        read.extend(some)
        return {}

    monkeypatch.setattr(log.store, "get_by_position", picked)
    kept.save()
    assert read == []


# --- states that can't be stored


class Told(Projection[tuple[str, ...]]):
    """All ids in order: what is before a stretch is shorter than what is after it."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, told: tuple[str, ...], one: Attack) -> tuple[str, ...]:
        return (*told, one.id)


@pytest.mark.parametrize("there", [True, False])
def test_a_state_that_is_too_long_is_folded_again(
    monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    log = Log()
    log.append(*(attack(number, number) for number in (1, 2, 3)))
    longest_state = b'["attack:1","attack:2","attack:3"]'
    monkeypatch.setattr(snapshots, "_LONGEST", len(longest_state) - (not there))
    told = pieces(saved(log, Told()))
    assert bool(told["node/3"][3]) == there
    assert bool(told["root/3"][3]) == there
    kept = log.keep(Told())
    assert kept.position == 3
    assert kept.answer() == ("attack:1", "attack:2", "attack:3")


class Loose(Projection[int]):
    """Declares numbers, and has a text in the end."""

    start = 0

    @on(Attack)
    def add(self, total: int, one: Attack) -> Any:
        return "many" if one.id == "attack:3" else total + 1


def test_a_state_of_another_type_is_folded_again() -> None:
    log = Log()
    log.append(*(attack(number, number) for number in (1, 2, 3)))
    told = pieces(saved(log, Loose()))
    assert (told["node/3"][3], told["root/3"][3]) == ([], [])
    kept = log.keep(Loose())
    assert kept.position == 3
    assert kept.answer() == log.ask(Loose()) == "many"


class Mood(Enum):
    """StateCodec that have no text."""

    CALM = frozenset({"calm"})
    TENSE = frozenset({"tense"})


class Moods(Projection[Mood]):
    start = Mood.CALM

    @on(Attack)
    def attack(self, _: Mood, __: Attack) -> Mood:
        return Mood.TENSE


def test_a_table_of_states_that_cant_be_written_is_worked_out_again() -> None:
    log = Log()
    log.append(*(attack(number, number) for number in (1, 2, 3)))
    told = pieces(saved(log, Moods()))
    assert (told["node/3"][3], told["root/3"][3]) == ([], [])
    kept = log.keep(Moods())
    assert kept.position == 3
    assert kept.answer() is Mood.TENSE


def test_what_is_known_of_few_items_isnt_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_WORTH", 4)
    log = Log()
    log.append(*(attack(number, number) for number in (1, 2, 3)))
    assert pieces(saved(log, Wounded()))["node/3"] == [[], 1, 2, []]
    root = log.keep(Wounded())._fold.trees[None]
    assert isinstance(root, Pair)
    assert root.summary is MISSING
    log.append(attack(4, 4))
    nodes = [one for name, one in pieces(saved(log, Wounded())).items() if name.startswith("node")]
    assert [[0, 4]] in [node[3] for node in nodes]
    assert sum(bool(node[3]) for node in nodes) == 1
