"""Other processes: how they are asked, what they do, and what is told of those that fail."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.faulty.sound import Displaced, Displacement, Wounded
from tests.faulty.stores import in_memory
from timeline import Attack, Count, Event, Place, Projection, Report, on, when
from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.folding import replay
from timeline.resolution import chronological, resolve
from timeline.testing import subprocesses, workers
from timeline.testing.laws import other_processes
from timeline.testing.laws.exporters import exported
from timeline.testing.laws.orders import sorted_ids
from timeline.testing.report_text import text
from timeline.testing.subprocesses import PROCESSES, Elsewhere, elsewhere, found, serve

ONE = Report("One", published="2022-09-03")
EVENTS = [Attack(when="2022-09-02", id="b"), Attack(when="2022-09-01", id="a")]
FLED = ONE.says(Displacement(when=when("2022-09-01"), place=Place("Izium"), people=Count(3)))
HISTORIES = [(), (FLED,), (FLED, ONE.denies(FLED.event)), (ONE.says(EVENTS[0]),)]


class Failing(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, _: int, attack: Attack) -> int:
        raise ValueError(attack.id)


class Answering:
    """Standard input that holds an order, and standard output that keeps what is written."""

    def __init__(self, order: object) -> None:
        self.stdin = io.StringIO(json.dumps(order))
        self.stdout = io.StringIO()

    def put_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", self.stdin)
        monkeypatch.setattr(sys, "stdout", self.stdout)
        monkeypatch.setattr(sys, "path", list(sys.path))


# --- projections


def test_each_process_answers_each_history() -> None:
    here = [text(replay.answer(Displaced(), resolve(said))) for said in HISTORIES]
    with Elsewhere(Displaced, HISTORIES) as asked:
        assert asked.answers() == [here] * len(PROCESSES)
        assert here[1] != here[0]


def test_a_process_answers_what_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[Any] = []
    noted = lambda _, order, __: orders.append(json.loads(order))  # noqa: E731 - one line
    monkeypatch.setattr(subprocesses, "_Run", noted)
    Elsewhere(Displaced, HISTORIES)
    forwards, backwards = (order["turns"] for order in orders)
    assert forwards == [0, 1, 2, 3]
    # Corrections first, then the last of the others.
    assert backwards == [2, 3, 1, 0]
    process = Answering(orders[1])
    process.put_in(monkeypatch)
    serve()
    told = json.loads(process.stdout.getvalue().splitlines()[-1])
    assert told == [text(replay.answer(Displaced(), resolve(said))) for said in HISTORIES]


def test_a_process_that_fails_is_told_of() -> None:
    with (
        Elsewhere(Failing, [(ONE.says(EVENTS[0]),)]) as asked,
        pytest.raises(ProjectionError, match="couldn't ask Failing: ValueError: b; if it can't"),
    ):
        asked.answers()


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "_SERVE", "import time; time.sleep(3600)")
    monkeypatch.setattr(subprocesses, "_SECONDS", 0.05)
    with (
        Elsewhere(Wounded, [()]) as asked,
        pytest.raises(ProjectionError, match=r"it took longer than 0\.05 s"),
    ):
        asked.answers()
    assert all(run._process.returncode for run in asked._runs)


def test_what_another_process_cannot_make_is_said() -> None:
    class Local(Wounded):
        pass

    assert elsewhere(Wounded) is None
    assert "isn't a class or function of a module's top" in str(elsewhere(Local))
    assert "it isn't in a module" in str(elsewhere(dict))
    made_up = type("MadeUp", (Wounded,), {"__module__": "nowhere", "__qualname__": "MadeUp"})
    assert "its module has no file" in str(elsewhere(made_up))


def test_a_class_is_found_by_its_file_where_it_cannot_be_imported(tmp_path: Path) -> None:
    file = tmp_path / "apart_from_all.py"
    file.write_text("class Outer:\n    class Inner:\n        word = 'here'\n")
    try:
        assert found("apart_from_all", str(file), "Outer.Inner.word") == "here"
        assert found("apart_from_all", None, "Outer.Inner.word") == "here"  # it is loaded now
    finally:
        del sys.modules["apart_from_all"]
    with pytest.raises(ImportError):
        found("apart_from_all", None, "Outer")


# --- keys and exporters


def in_bytes(accounts: Sequence[object]) -> bytes:
    return b"%d" % len(accounts)


def failing_key(event: Event) -> str:
    raise ValueError(event.id)


def test_a_process_sorts_what_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    order = {
        "plugged": other_processes._where(chronological),
        "ask": other_processes._where(sorted_ids),
        "path": sys.path,
        "events": [[kind, body.decode()] for kind, body in map(Codec.event_body, EVENTS)],
    }
    process = Answering(order)
    process.put_in(monkeypatch)
    ends: list[int] = []
    monkeypatch.setattr("os._exit", ends.append)
    other_processes._main()
    assert ends == [0]
    assert json.loads(process.stdout.getvalue()) == sorted_ids(chronological, EVENTS) == "a b"
    assert exported(in_bytes, EVENTS) == "b'2'"


def test_a_key_that_fails_elsewhere_is_told_of() -> None:
    with pytest.raises(RuntimeError, match="it failed in another process:"):
        other_processes.told(failing_key, sorted_ids, EVENTS)
    assert other_processes._where(len)[1] is None  # it has no file


def test_which_keys_other_processes_can_import_is_said() -> None:
    assert other_processes.reason(chronological) is None
    for unknown in (lambda event: event.id, len, object()):
        assert "isn't a function of a module's top" in str(other_processes.reason(unknown))


# --- hands


def test_a_hand_says_what_went_wrong(tmp_path: Path) -> None:
    said: list[Any] = []
    orders: Queue[Any] = Queue()
    for do in ("open", "dance"):
        orders.put({"do": do})
    workers.serve(workers.opening(in_memory, tmp_path), orders, said.append)
    assert said[-1] == {"error": "KeyError: 'dance'"}


def test_a_hand_that_is_to_end_opens_nothing(tmp_path: Path) -> None:
    orders: Queue[Any] = Queue()
    orders.put({"do": "end"})
    said: list[Any] = []
    workers.serve(workers.opening(in_memory, tmp_path), orders, said.append)
    assert said == []


def test_a_line_that_was_cut_off_is_not_heard() -> None:
    heard: Queue[Any] = Queue()
    workers._listen(['{"batch": 1}\n', '{"bat'], heard)
    assert [heard.get(), heard.get()] == [{"batch": 1}, None]
