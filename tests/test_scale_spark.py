"""Tests that work on Spark gives the log's answer, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines import printed_by
from tests.news import corrected
from tests.projections import ByPlace, HeardByPlace
from tests.sparks import NEEDS_JAVA, descendants, session
from tests.test_scale_dask import Mistaken, Refusing, Slow
from timeline import Control, Log
from timeline.errors import EngineError, EventError, FormatError, LogError
from timeline.export import to_segments
from timeline.scale import SparkEngine, ask_on, export_on

pytestmark = [
    NEEDS_JAVA,
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore"),  # PySpark's own, of pandas and of sockets it leaves
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with session("local[2,3]") as made:  # a part may be lost twice
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


def test_spark_answers_as_the_log_does(spark: Any, log: Log, folder: Path) -> None:
    for projection, source in ((ByPlace(), log), (Control(), folder)):
        found = ask_on(SparkEngine(spark), projection, source, at="2022-09-20", size=300)
        assert repr(found) == repr(log.ask(projection, at="2022-09-20"))


def test_spark_exports_what_to_segments_gives(spark: Any, log: Log, tmp_path: Path) -> None:
    export_on(SparkEngine(spark), log, tmp_path, size=200)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == dict(
        to_segments(log, size=200)
    )


def test_a_worker_that_is_killed_costs_no_answer(spark: Any, log: Log, folder: Path) -> None:
    killed: list[int] = []

    def kill(done: int, _: int | None) -> None:
        workers = descendants("pyspark.daemon")
        if done >= 4 and not killed and workers:
            killed.append(workers[-1])
            os.kill(workers[-1], signal.SIGKILL)

    found = ask_on(SparkEngine(spark), HeardByPlace(), folder, size=200, progress=kill)
    assert killed
    assert repr(found) == repr(log.ask(HeardByPlace()))


def test_what_is_cancelled_runs_nowhere_any_more(spark: Any, folder: Path) -> None:
    looks: list[int] = []

    def stop(done: int, _: int | None) -> None:
        looks.append(done)
        if done >= 6:
            time.sleep(1)  # folding, which sleeps, has begun
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_on(SparkEngine(spark), Slow(), folder, size=200, progress=stop)
    assert looks == sorted(looks)
    tracker = spark.sparkContext.statusTracker()
    assert not tracker.getActiveJobsIds()
    executors = spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    assert not sum(one.numRunningTasks() for one in executors)


def test_the_script_of_the_page_runs(tmp_path: Path) -> None:
    found, told = printed_by("spark.md", tmp_path)
    assert found == told


def test_what_goes_wrong_is_told(spark: Any, folder: Path) -> None:
    engine = SparkEngine(spark)
    with pytest.raises(EventError, match="is beyond me"):
        ask_on(engine, Refusing(), folder, size=1000)
    with pytest.raises(EngineError, match=r"(?s)Spark gave up: .*ZeroDivisionError"):
        ask_on(engine, Mistaken(), folder, size=1000)
    damaged = sorted(folder.glob("*.parquet"))[3]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(FormatError, match=f"{damaged.name} .* was altered"):
        ask_on(engine, HeardByPlace(), folder, size=600)
    with Log() as memory, pytest.raises(LogError, match="can't reach a log in memory"):
        ask_on(engine, HeardByPlace(), memory)
    for wrong in (None, "local[2]"):
        with pytest.raises(EngineError, match="takes a session"):
            SparkEngine(wrong)
