"""Which question of a kept projection costs what, and that each is asked as it was put."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.keeping import WIRE, Wounded, attack, change, saved
from timeline import Attack, Control, Event, Log, Projection, Report, event, on, when
from timeline.errors import StoreError
from timeline.folding import kept_projection as kept_module
from timeline.folding.kept_projection import Kept
from timeline.stores.features import snapshot_store

OTHER = Report("Other", published="2022-08-01")


def told(monkeypatch: pytest.MonkeyPatch, of: Any, *names: str) -> list[str]:
    """Return the names of the methods of an object as they are called from now on."""
    called: list[str] = []

    def noting(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def note(*args: Any, **words: Any) -> Any:
            called.append(name)
            return method(*args, **words)

        return note

    for name in names:
        monkeypatch.setattr(of, name, noting(name, getattr(of, name)))
    return called


def test_a_question_is_replayed_as_it_was_put() -> None:
    log = Log()
    log.append(*(attack(n, n, wounded=10**n) for n in range(1, 5)))
    log.append(OTHER.says(attack(5, 5, wounded=10**5).event))
    log.append(attack(6, 1, wounded=10**6))
    log.append(*(change(n, n, "AB"[n % 2]) for n in range(1, 4)))
    for make in (Wounded, Control):
        kept = log.keep(make())
        for asked in (
            {"known": 3},
            {"known": 3, "at": "2022-09-02"},
            {"known": 5, "published": "2022-08-02"},
            {"known": 4, "published": "2022-08-02"},
            {"known": 4, "trust": ["Other"]},
            {"published": "2022-10-02", "at": "2022-09-02"},
            {"published": "2022-10-02", "at": "2022-09-01T12:00", "reading": "possible"},
            {"known": 5, "at": "2022-09-05T12:00", "reading": "possible"},
        ):
            assert kept.answer(**asked) == log.ask(make(), **asked), asked


def test_a_past_answer_of_one_key_is_as_it_was_put() -> None:
    class Marks(Projection[tuple[str, ...]]):
        start: tuple[str, ...] = ()

        def key(self, one: Event) -> str:
            return one.kind

        @on(Event)
        def note(self, state: tuple[str, ...], one: Event) -> tuple[str, ...]:
            return (*state, one.id)

    log = Log()
    log.append(*(attack(n, n) for n in range(1, 7)))
    kept = log.keep(Marks())
    for asked in (
        {"known": 5},
        {"known": 4, "at": "2022-09-03"},
        {"known": 5, "at": "2022-09-03T12:00"},
        {"known": 5, "at": "2022-09-03T12:00", "reading": "possible"},
    ):
        expected = log.ask(Marks(), **asked)
        assert kept.answer(**asked)["attack/1"] == expected["attack/1"]


def test_the_present_is_asked_of_the_store_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.append(*(change(n, n, "A") for n in range(1, 5)))
    kept = log.keep(Control())

    def never(*_: object, **__: object) -> Any:
        raise AssertionError("no question of the present needs this")

    view = type(log.as_of())
    monkeypatch.setattr(view, "ask", never)
    monkeypatch.setattr(view, "accounts", never)
    assert kept.answer()["Izium"].holders == {"A"}
    assert kept.answer(at="2022-09-02", reading="possible")["Izium"].holders == {"A"}


def test_what_is_known_already_is_caught_up_with_once(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.append(attack(1), attack(2))
    kept = log.keep(Wounded())
    called = told(monkeypatch, kept, "catch_up")
    assert kept.answer(known=2) == 2
    assert called == ["catch_up"]


def test_no_more_is_taken_in_than_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.append(attack(1))
    kept = log.keep(Wounded())

    original = log.as_of

    def as_of(**cut: Any) -> Any:
        log.append(attack(2))
        view = original(**cut)
        log.append(attack(3))
        return view

    monkeypatch.setattr(log, "as_of", as_of)
    assert kept.answer(known="2100") == 2
    assert kept.position == 2


def test_nothing_is_opened_again_without_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    @event("displacement/1")
    class Displacement(Event):
        people: int

    @event("siege/1")
    class Siege(Event):
        people: int

    log = Log(events=[Displacement])
    log.append(attack(1), WIRE.says(Displacement(when=when("2022-09-01"), people=3)))
    kept = log.keep(Wounded())
    assert kept.answer() == 1
    called = told(monkeypatch, kept, "_open")
    assert kept.answer() == 1
    # The log learns of a kind that nothing was said of yet.
    log.append(WIRE.says(Siege(when=when("2022-09-01"), people=3)))
    assert kept.answer() == 1
    assert kept._fold.kinds == {"displacement/1": True, "siege/1": True}
    assert called == []


@pytest.mark.filterwarnings("ignore::timeline.UnknownKindWarning")
@pytest.mark.parametrize("known", [True, False])
def test_kinds_of_ones_own_are_no_reason_to_fold_anew(tmp_path: Path, known: bool) -> None:
    @event("displacement/1")
    class Displacement(Event):
        people: int

    path = tmp_path / "war.db"
    with Log(path, events=[Displacement]) as log:
        log.append(attack(1), WIRE.says(Displacement(when=when("2022-09-01"), people=3)))
    events = [Displacement] if known else []
    for _ in range(2):
        with Log(path, events=events) as log:
            kept = log.keep(Wounded())
            assert kept.answer() == 1
            assert kept._fold.kinds == {"displacement/1": known}
    with Log(path, events=events) as log:
        assert log.keep(Wounded()).position == 2


def test_history_takes_up_nothing() -> None:
    log = Log()
    log.append(*(attack(n, n) for n in range(1, 5)))
    saved(log, Wounded())
    assert log.keep(Wounded()).position == 4
    kept = log.keep(Wounded(), history=True)
    assert kept.position == 0
    assert [kept.answer(known=n) for n in range(5)] == [0, 1, 2, 3, 4]


def declared(hint: Any) -> Projection[Any]:
    class Total(Projection[hint]):
        start = 0

        @on(Attack)
        def add(self, total: Any, attack: Attack) -> Any:
            return total + attack.wounded.best

    return Total()


class Unwritable(str):
    """Shows itself as no file could hold it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\ud800"


class Shown:
    """Shows itself with an address, as some systems write it."""

    def __repr__(self) -> str:
        return "<it at 0xABCDEF0123456789>"


@pytest.mark.parametrize(
    ("factor", "shown"),
    [(5, "5"), (attack, "<function attack>"), (Unwritable(), r"\ud800"), (Shown(), "<it>")],
)
def test_a_name_is_of_the_class_and_its_settings(factor: Any, shown: str) -> None:
    digest = sha256(f"[('factor', {shown})]".encode()).hexdigest()
    name = f"tests.keeping.Wounded/{digest[:16]}"
    assert Log().keep(Wounded(factor)).name == name
    assert Log().keep(Control()).name == "timeline.views.control.Control"


def test_another_type_of_state_is_another_state() -> None:
    log = Log()
    log.append(attack(1), attack(2))
    saved(log, declared(int), name="total")
    assert log.keep(declared(int), name="total").position == 2
    assert log.keep(declared(float), name="total").position == 0
    # Of one with settings too, which is told each time.
    for hint, position in ((int, 0), (int, 2), (float, 0)):
        projection = declared(hint)
        projection.setting = 3  # type: ignore[attr-defined]
        assert log.keep(projection, name="set").position == position
        saved(log, projection, name="set")


def test_what_is_erased_meanwhile_is_no_part_of_what_is_stored() -> None:
    log = Log()
    first, second = attack(1), attack(2, wounded=5)
    log.append(first, second)
    kept = log.keep(Wounded())
    kept.catch_up()
    log.redact(second, because="a name", basis="an order")
    kept.save()
    assert log.keep(Wounded()).position == 0
    assert kept.answer() == log.ask(Wounded()) == 1


def test_a_state_that_doesnt_fit_is_dropped_and_another_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    log.append(attack(1), attack(2))
    for damaged in (b"{}", None):
        saved(log, Wounded(), name="total")
        there = snapshot_store(log.store).load_snapshot("total")
        assert there is not None
        broken = damaged or there.note
        pieces: dict[str, bytes | None] = {"node/1": b"no node"}
        snapshot_store(log.store).save_snapshot(
            "total", expect=there.version, position=2, note=broken, chunks=pieces
        )
        with monkeypatch.context() as patch:
            patch.setattr(log.store, "delete_snapshot", refused)
            assert log.keep(Wounded(), name="total").position == 0
        again = log.keep(Wounded(), name="total")
        assert again.position == 0
        assert snapshot_store(log.store).load_snapshot("total") is None
        again.catch_up()
        again.save()
        assert again.position == 2
        assert log.keep(Wounded(), name="total").position == 2
        snapshot_store(log.store).delete_snapshot("total")


def refused(*_: object, **__: object) -> None:
    raise StoreError("read-only")


def test_a_log_that_grew_is_gone_on_with() -> None:
    log = Log()
    log.append(attack(1), attack(2))
    saved(log, Wounded())
    log.append(attack(3))
    again: Kept[int] = log.keep(Wounded())
    assert again.position == 2
    assert again.answer() == 3


def test_progress_counts_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_module, "_BATCH", 2)
    monkeypatch.setattr(kept_module, "_EVERY", 100)
    log = Log()
    log.append(*(attack(n, n) for n in range(1, 4)))
    seen: list[tuple[int, int | None]] = []
    kept = log.keep(Wounded(), progress=lambda done, total: seen.append((done, total)))
    kept.catch_up()
    log.append(*(attack(n, n) for n in range(4, 9)))
    seen.clear()
    kept.catch_up()
    assert seen == [(2, 5), (4, 5), (5, 5)]
    # Another keeper stores first, from further back: its state is gone on from.
    monkeypatch.setattr(kept_module, "_EVERY", 1)
    theirs = log.keep(Wounded())
    theirs.catch_up(upto=2)
    theirs.save()
    log.append(attack(9, 9), attack(10, 10))
    seen.clear()
    assert kept.answer() == 10
    assert seen == [(2, 2), (0, 2), (0, 2), (0, 2), (2, 2)]


def test_an_answer_outlives_its_log(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db") as log:
        log.append(*(change(n, n, "AB"[n % 2]) for n in range(1, 6)))
        kept = log.keep(Control())
        answers = [kept.answer(at=at) for at in (None, "2022-09-03")]
        expected = [log.ask(Control(), at=at) for at in (None, "2022-09-03")]
    assert [answer["Izium"] for answer in answers] == [one["Izium"] for one in expected]
