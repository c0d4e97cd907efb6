"""A kept projection under every kind of news: redacted, contested, raised at, asked in threads."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.keeping import WIRE, Ids, Wounded, attack, change
from timeline import (
    Attack,
    Casualties,
    Control,
    Event,
    Incident,
    Log,
    Projection,
    Report,
    Statements,
    TerritorialChange,
    event,
    on,
    when,
)
from timeline.errors import LogError, ProjectionError, StoreError
from timeline.folding import aggregation, incremental, persistent_tree, snapshots
from timeline.folding import kept_projection as kept_module
from timeline.stores.features import snapshot_store
from timeline.stores.memory import MemoryStore
from timeline.stores.sqlite import SQLiteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "war.db"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistent_tree, "LEAF_SIZE", 2)
    monkeypatch.setattr(snapshots, "_WORTH", 3)
    monkeypatch.setattr(snapshots, "_SEGMENTS", 3)


def test_redacted_news_is_gone_from_what_is_kept(path: Path) -> None:
    with Log(path) as log:
        first, second = attack(1), attack(2, wounded=5)
        log.append(first, second)
        kept = log.keep(Statements())
        by_place = log.keep(Control())
        wounded = log.keep(Wounded())
        log.append(change(1, 3, "A"), change(2, 7, "B"))
        old = by_place.answer(at="2022-09-05")
        assert wounded.answer() == 6
        wounded.save()
        log.redact(second, change(1, 3, "A"), because="a name", basis="court order")
        assert wounded.answer() == 1
        assert by_place.answer()["Izium"].holders == {"B"}
        assert kept.answer() == {}
        old._answers._fold.fresh.clear()  # type: ignore[attr-defined]
        with pytest.raises(LogError, match="redacted"):
            old["Izium"]


@pytest.mark.filterwarnings("ignore::timeline.UnknownKindWarning")
def test_kinds_that_become_known_are_folded_anew(path: Path) -> None:
    class Kinds(Projection[tuple[str, ...]]):
        start: tuple[str, ...] = ()

        @on(Event)
        def add(self, told: tuple[str, ...], one: Event) -> tuple[str, ...]:
            return (*told, type(one).__name__)

    @event("displacement/1")
    class Displacement(Event):
        people: int

    with Log(path, events=[Displacement]) as log:
        log.append(WIRE.says(Displacement(when=when("2022-09-01"), people=3)))
    with Log(path) as log:
        kept = log.keep(Kinds())
        assert kept.answer() == ("UnknownEvent",)
        log.append(WIRE.says(Displacement(when=when("2022-09-02"), people=4)))
        assert kept.answer() == ("Displacement",) * 2
    with Log(path) as log:
        assert log.keep(Kinds()).answer() == ("UnknownEvent",) * 2


def test_a_log_that_may_only_be_read_is_kept_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    monkeypatch.setattr(kept_module, "_EVERY", 1)
    log = Log(store)
    log.append(attack(1))
    kept = log.keep(Wounded())

    def refused(*_: object, **__: object) -> int:
        raise StoreError("read-only")

    monkeypatch.setattr(store, "save_snapshot", refused)
    assert kept.answer() == 1
    with pytest.raises(StoreError):
        kept.save()
    log.close()


def test_a_projection_that_raises_raises_when_asked_and_recovers() -> None:
    class Picky(Projection[int]):
        start = 0

        def key(self, one: Attack) -> str:
            if one.id == "attack:2":
                raise ValueError("no such key")
            return "all"

        @on(Attack)
        def add(self, total: int, one: Attack) -> int:
            if one.wounded.best == 13:
                raise ValueError("unlucky")
            return total + one.wounded.best

    log = Log()
    kept = log.keep(Picky())
    log.append(attack(1))
    assert kept.answer() == {"all": 1}
    bad = attack(2)
    log.append(bad)
    for _ in range(2):
        with pytest.raises(ValueError, match="no such key"):
            kept.answer()
    log.append(WIRE.voids(bad, because="typed wrongly"))
    assert kept.answer() == {"all": 1}
    unlucky = attack(3, wounded=13)
    log.append(unlucky)
    for _ in range(2):
        with pytest.raises(ValueError, match="unlucky"):
            dict(kept.answer())
    log.append(WIRE.retracts(unlucky, because="no"))
    assert kept.answer() == {"all": 1}


def test_keys_that_cant_be_keys_are_refused_as_in_a_replay() -> None:
    class Listed(Projection[int]):
        start = 0

        def key(self, one: Attack) -> Any:
            return [one.id]

        @on(Attack)
        def add(self, total: int, _: Attack) -> int:
            return total + 1

    log = Log()
    log.append(attack(1))
    with pytest.raises(TypeError):
        log.ask(Listed())
    kept = log.keep(Listed())
    for _ in range(2):
        with pytest.raises(TypeError):
            kept.answer()


def test_an_answer_stays_as_it_was_when_it_was_given() -> None:
    log = Log()
    kept = log.keep(Control())
    log.append(change(1, 3, "A"))
    old, past = kept.answer(), kept.answer(at="2022-09-02")
    log.append(change(2, 4, "B"), change(3, 2, "C"))
    assert kept.answer()["Izium"].holders == {"B"}
    assert old["Izium"].holders == {"A"}
    assert dict(past) == {}
    assert "Nowhere" not in old
    assert repr(old).startswith("{'Izium'")
    assert old["Izium"] is old["Izium"]


def test_a_past_question_replays_only_the_keys_asked_for() -> None:
    log = Log()
    log.append(change(1, 3, "A"), attack(1))
    moved = TerritorialChange(when="2022-09-05", id="m", place="Izium", to="B")
    elsewhere = TerritorialChange(when="2022-09-05", id="m", place="Kupiansk", to="B")
    first = WIRE.says(moved)
    log.append(first)
    log.append(Report("Wire", published="2022-10-02").says(elsewhere, replaces=first))
    kept = log.keep(Control())
    past = kept.answer(known=3)
    assert past["Izium"].holders == {"B"}
    assert "Kupiansk" not in past
    assert past == log.ask(Control(), known=3)
    assert past["Izium"].holders == {"B"}
    assert repr(past) == repr(log.ask(Control(), known=3))
    assert kept.answer()["Kupiansk"].holders == {"B"}
    log.append(Report("Wire", published="2022-10-03").says(moved))
    assert kept.answer(known=4) == log.ask(Control(), known=4)
    assert kept.answer(known=3)["Izium"] == log.ask(Control(), known=3)["Izium"]
    assert len(kept.answer(known=0)) == 0


def test_what_was_published_by_then_and_whom_to_trust_is_replayed() -> None:
    log = Log()
    log.append(attack(1), Report("Early", published="2022-09-02").says(attack(2).event))
    kept = log.keep(Wounded())
    assert kept.answer(published="2022-09-03") == log.ask(Wounded(), published="2022-09-03") == 1
    assert kept.answer(trust=["Early"]) == 2
    assert kept.answer(known=1) == 1


def test_bad_questions_are_refused() -> None:
    log = Log()
    kept = log.keep(Wounded())
    with pytest.raises(LogError, match="no position"):
        kept.answer(known=1)
    with pytest.raises(LogError, match="reading"):
        kept.answer(reading="maybe")  # type: ignore[arg-type]
    with pytest.raises(LogError, match="at="):
        kept.answer(at=3)  # type: ignore[arg-type]
    with pytest.raises(ProjectionError):
        log.keep(Wounded)  # type: ignore[call-overload]


def test_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_module, "_BATCH", 4)
    log = Log()
    log.append(*(attack(n) for n in range(10)))
    told: list[tuple[int, int | None]] = []
    log.keep(Wounded(), progress=lambda done, total: told.append((done, total))).answer()
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_threads_may_share_what_is_kept() -> None:
    log = Log()
    kept = log.keep(Control())
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(20):
                log.append(change(number * 100 + step, 1 + (step * 7 + number) % 28, f"{number}"))
                dict(kept.answer())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert kept.answer() == log.ask(Control())


def test_history_answers_for_any_position_without_a_replay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    log.append(*(change(n, 1 + n % 20, "AB"[n % 2]) for n in range(40)))
    log.append(WIRE.retracts("change:7", because="no"))
    expected = [log.ask(Control(), known=n, at="2022-09-12") for n in range(42)]
    kept = log.keep(Control(), history=True)
    kept.answer()
    monkeypatch.setattr(log, "ask", None)
    assert [kept.answer(known=n, at="2022-09-12") for n in range(42)] == expected
    kept.save()
    assert snapshot_store(log._store).load_snapshot(kept.name) is None


def test_sources_that_differ_are_weighed_again_whole(path: Path) -> None:
    other = Report("Other", published="2022-10-01")
    with Log(path) as log:
        kept = log.keep(Control())
        log.append(*(change(n, 1 + n, "AB"[n % 2]) for n in range(8)))
        assert kept.answer() == log.ask(Control())
        log.append(other.denies(change(7, 8, "B").event))
        assert kept.answer() == log.ask(Control())
        assert not kept.answer()["Izium"].certain


def test_incidents_and_attacks_under_one_id_are_weighed_together() -> None:
    log = Log()
    kept = log.keep(Casualties())
    log.append(attack(1, wounded=3))
    log.append(
        Report("Other", published="2022-10-01").says(
            Incident(
                when="2022-09-01", id="attack:1", category="explosion", place="Kharkiv", wounded=4
            )
        )
    )
    assert kept.answer() == log.ask(Casualties())


def test_sqlite_and_memory_keep_the_same(path: Path) -> None:
    answers = []
    for store in (MemoryStore(), SQLiteStore(path)):
        with Log(store) as log:
            kept = log.keep(Casualties())
            for number in range(12):
                log.append(attack(number, 1 + (number * 5) % 28, wounded=number))
                answers.append(kept.answer())
    assert answers[:12] == answers[12:]


def test_accounts_dont_stay_at_hand_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_FRESH", 1)
    log = Log()
    kept = log.keep(Casualties())
    log.append(*(attack(n, 1 + n) for n in range(5)))
    assert kept.answer() == log.ask(Casualties())
    log.append(attack(9, 2))
    assert kept.answer() == log.ask(Casualties())


def test_large_states_are_remembered_here_and_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregation, "_DENSE", 1)
    monkeypatch.setattr(aggregation, "_SPARSE", 2)
    log = Log()
    kept = log.keep(Ids())
    for number in range(20):
        log.append(attack(number, 1 + number))
        assert kept.answer() == log.ask(Ids())
    for number in range(20, 26):
        log.append(attack(number, 28 - number))
        assert kept.answer() == log.ask(Ids())


def test_the_log_may_learn_more_while_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.append(attack(1))
    kept = log.keep(Wounded())

    original = log.as_of

    def as_of(**cut: Any) -> Any:
        log.append(attack(2))
        return original(**cut)

    monkeypatch.setattr(log, "as_of", as_of)
    assert kept.answer(known="2100") == 2


def test_an_event_under_two_keys_is_found_again(path: Path) -> None:
    other = Report("Other", published="2022-10-01")
    moved = TerritorialChange(when="2022-09-01", id="change:1", place="Lyman", to="B")
    with Log(path) as log:
        log.append(change(1, 1, "A"), other.says(moved), change(2, 8, "A"))
        answer = log.keep(Control()).answer()
        assert set(answer) == {"Izium", "Lyman"}
        assert log.keep(Control()).answer(known=2) == log.ask(Control(), known=2)
        log.append(other.retracts("change:1", because="no"), other.retracts("none", because="no"))
        kept = log.keep(Control())
        assert kept.answer(known=3) == log.ask(Control(), known=3)
        assert kept.answer(known=3)["Lyman"].holders == {"B"}
        log.append(Report("Other", published="2022-10-05").says(moved))
        answer = dict(kept.answer())
    with Log(path) as log:
        kept = log.keep(Control())
        assert kept.position in (3, 6)  # of the two that were kept, one stored first
        assert kept.answer() == answer == log.ask(Control())


def test_sums_that_are_too_long_arent_stored(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_LONGEST", 10)
    with Log(path) as log:
        log.append(*(attack(n, 1 + n) for n in range(12)))
        log.keep(Casualties()).answer()
    with Log(path) as log:
        kept = log.keep(Casualties())
        assert kept.position == 12
        assert kept.answer() == log.ask(Casualties())


class Switch(Projection[Literal["off", "on"]]):
    """Few states by its type, and a handler that doesn't keep to it."""

    start: Literal["off", "on"] = "off"

    @on(Attack)
    def attack(self, state: Literal["off", "on"], one: Attack) -> Any:
        if one.id == "attack:13" and state == "on":
            raise ValueError("it is on already")
        if one.id == "attack:14":
            return "broken"
        return "on"


def test_a_table_leaves_out_what_the_handler_wont_do() -> None:
    log = Log()
    kept = log.keep(Switch())
    log.append(attack(13, 1), attack(2, 9))
    assert kept.answer() == "on"
    log.append(*(attack(n, 10) for n in range(3, 9)))
    assert kept.answer() == log.ask(Switch()) == "on"
    log.append(attack(14, 20))
    assert kept.answer() == log.ask(Switch()) == "broken"
    log.append(*(attack(n, 21) for n in range(20, 26)))
    assert kept.answer() == log.ask(Switch()) == "on"
    unlucky = Report("Wire", published="2022-10-02").says(
        Attack(when="2022-09-15", id="attack:13", place="Kharkiv")
    )
    log.append(unlucky)
    for _ in range(2):
        with pytest.raises(ValueError, match="already"):
            kept.answer()


def test_versions_without_a_key_are_left_out() -> None:
    class Held(Projection[int]):
        start = 0

        def key(self, one: TerritorialChange) -> str | None:
            return one.place.key if one.place.key != "Lyman" else None

        @on(TerritorialChange)
        def count(self, total: int, _: TerritorialChange) -> int:
            return total + 1

        def result(self, total: int, at: int | None) -> int:
            return total if at is None else -total

    log = Log()
    kept = log.keep(Held())
    moved = TerritorialChange(when="2022-09-01", id="change:1", place="Lyman", to="B")
    log.append(change(1, 1, "A"), Report("Other", published="2022-10-01").says(moved))
    assert kept.answer() == log.ask(Held()) == {"Izium": 1}


def test_a_chain_of_replacements_is_followed_to_its_end() -> None:
    def published(day: int) -> Report:
        return Report("Wire", published=f"2022-10-{day:02}")

    log = Log()
    kept = log.keep(Control())
    first = published(1).says(change(1, 1, "A").event)
    second = published(2).says(change(2, 2, "B").event, replaces=first)
    third = published(3).says(change(3, 3, "C").event, replaces=[first, second])
    log.append(first, second)
    assert kept.answer() == log.ask(Control())
    log.append(third)
    assert kept.answer() == log.ask(Control())
    log.append(published(4).voids(third, because="typed twice"))
    assert kept.answer() == log.ask(Control())
    assert kept.answer()["Izium"].holders == {"B"}
