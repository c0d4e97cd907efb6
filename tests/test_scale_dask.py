"""Tests that work on Dask gives the log's answer, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from tests.clusters import DaskProcesses, timeline_keys
from tests.engines import printed_by
from tests.news import corrected
from tests.projections import ByPlace, Heard, HeardByPlace, Weighed
from timeline import Casualties, Control, Event, Log, Projection, on
from timeline.errors import EngineError, EventError, FormatError, LogError
from timeline.export import to_segments
from timeline.scale import DaskEngine, ask_on, export_on

pytestmark = [
    pytest.mark.xdist_group("dask"),
    pytest.mark.filterwarnings("ignore"),  # those of a client whose cluster was killed
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskProcesses]:
    with DaskProcesses.running() as made:
        yield made


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with Log(tmp_path_factory.mktemp("log") / "war.db") as log:
        corrected(log, 600)
        yield log


@pytest.fixture
def folder(log: Log, tmp_path: Path) -> Path:
    for name, content in to_segments(log, size=64):
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    "projection",
    [ByPlace(), Heard(), HeardByPlace(), Weighed(), Control(), Casualties()],
    ids=lambda one: type(one).__name__,
)
def test_dask_answers_as_the_log_does(
    cluster: DaskProcesses, log: Log, folder: Path, projection: Any
) -> None:
    engine = DaskEngine(cluster.client)
    expected = log.ask(projection, at="2022-09-20", reading="possible")
    for source in (log, folder):
        found = ask_on(engine, projection, source, at="2022-09-20", reading="possible", size=100)
        assert repr(found) == repr(expected)
    assert timeline_keys(cluster.client) == []


def test_a_cluster_in_this_process_answers_too(log: Log, folder: Path) -> None:
    with (
        LocalCluster(processes=False, n_workers=1, dashboard_address=None) as own,  # type: ignore[no-untyped-call]
        Client(own) as client,  # type: ignore[no-untyped-call]
    ):
        engine = DaskEngine(client)
        assert engine.workers >= 1
        found = ask_on(engine, HeardByPlace(), folder, size=200)
        assert repr(found) == repr(log.ask(HeardByPlace()))
    with pytest.raises(EngineError, match="its scheduler is gone, or it was closed"):
        ask_on(engine, HeardByPlace(), folder)


def test_dask_exports_what_to_segments_gives(
    cluster: DaskProcesses, log: Log, tmp_path: Path
) -> None:
    export_on(DaskEngine(cluster.client), log, tmp_path, size=64)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == dict(
        to_segments(log, size=64)
    )


@pytest.mark.parametrize("moment", [1, 14])
def test_a_worker_that_is_killed_costs_no_answer(
    cluster: DaskProcesses, log: Log, folder: Path, moment: int
) -> None:
    left = [cluster.pids()[0]]

    def kill(done: int, _: int | None) -> None:
        if done >= moment and left:
            os.kill(left.pop(), signal.SIGKILL)

    found = ask_on(DaskEngine(cluster.client), HeardByPlace(), folder, size=100, progress=kill)
    assert not left
    assert repr(found) == repr(log.ask(HeardByPlace()))
    cluster.client.wait_for_workers(2, timeout=60)


class Slow(Projection[int]):
    """A fold that takes its time."""

    start = 0

    @on(Event)
    def any(self, total: int, _: Event) -> int:
        time.sleep(0.01)
        return total + 1

    def merge(self, a: int, b: int) -> int:
        return a + b


def test_what_is_cancelled_runs_nowhere_any_more(cluster: DaskProcesses, folder: Path) -> None:
    def stop(done: int, _: int | None) -> None:
        if done >= 15:  # folding, which sleeps
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_on(DaskEngine(cluster.client), Slow(), folder, size=100, progress=stop)
    assert timeline_keys(cluster.client) == []
    assert not any(cluster.client.processing().values())


class Fatal(Projection[int]):
    """A fold that takes its worker with it."""

    start = 0

    @on(Event)
    def any(self, _: int, __: Event) -> int:
        os._exit(1)

    def merge(self, a: int, b: int) -> int:
        return a + b


class Mistaken(Slow):
    """A fold with a mistake in it."""

    @on(Event)
    def any(self, _: int, event: Event) -> int:
        raise ZeroDivisionError(event.id)


class Refusing(Slow):
    """A fold that refuses what it meets."""

    @on(Event)
    def any(self, _: int, event: Event) -> int:
        raise EventError(f"{event.id} is beyond me")


def test_what_goes_wrong_on_a_worker_is_told(cluster: DaskProcesses, folder: Path) -> None:
    engine = DaskEngine(cluster.client)
    with pytest.raises(EventError, match="is beyond me"):
        ask_on(engine, Refusing(), folder, size=1000)
    with pytest.raises(ZeroDivisionError):
        ask_on(engine, Mistaken(), folder, size=1000)
    with pytest.raises(EngineError, match="several workers were lost"):
        ask_on(engine, Fatal(), folder, size=1000)
    cluster.client.wait_for_workers(2, timeout=60)
    damaged = sorted(folder.glob("*.parquet"))[3]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(FormatError, match=f"{damaged.name} .* was altered"):
        ask_on(engine, Heard(), folder, size=100)
    with Log() as memory, pytest.raises(LogError, match="can't reach a log in memory"):
        ask_on(engine, Heard(), memory)


def test_a_scheduler_that_is_lost_is_told_and_another_answers(log: Log, folder: Path) -> None:
    with DaskProcesses.running(1) as own:
        engine = DaskEngine(own.client)
        expected = repr(log.ask(ByPlace()))
        assert repr(ask_on(engine, ByPlace(), folder, size=100)) == expected

        def kill(done: int, _: int | None) -> None:
            if 3 <= done < 12:
                own.kill_scheduler()

        with pytest.raises(EngineError, match="ask again"):
            ask_on(engine, ByPlace(), folder, size=100, progress=kill)
        with pytest.raises(EngineError, match="ask again"):
            ask_on(engine, ByPlace(), folder, size=100)
        own.stop()
        own.start()
        assert repr(ask_on(DaskEngine(own.client), ByPlace(), folder, size=100)) == expected


def test_the_script_of_the_page_runs(tmp_path: Path) -> None:
    found, told = printed_by("dask.md", tmp_path)
    assert found == told


def test_what_is_no_client_is_refused() -> None:
    for wrong in (None, "tcp://127.0.0.1:8786", Client):
        with pytest.raises(EngineError, match="takes a client that waits"):
            DaskEngine(wrong)
