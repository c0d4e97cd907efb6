"""Starts Spark sessions for tests, on the loopback address, and finds the processes of theirs."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

__all__ = ["NEEDS_JAVA", "descendants", "missing", "session"]

_ROOT = Path(__file__).parents[1]


def missing() -> str | None:
    """Return None where Spark can be run, else why not."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "no Java: install it (Debian: openjdk-17-jre-headless)"
    return None


NEEDS_JAVA = pytest.mark.skipif(missing() is not None, reason=missing() or "")
"""The mark of a test that is skipped where there is no Java."""


@contextmanager
def session(master: str) -> Iterator[Any]:
    """Return a session; that of ``local-cluster[2,1,1024]`` has executors that are processes."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    folder = mkdtemp(prefix="spark-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession  # noqa: PLC0415 - it takes a second

        made = (
            SparkSession.builder.master(master)
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.local.dir", folder)
            .config("spark.worker.dir", folder)
            .config("spark.executorEnv.PYTHONPATH", f"{_ROOT / 'src'}{os.pathsep}{_ROOT}")
            .config("spark.executorEnv.SPARK_WORKER_DIR", folder)
            # A test kills more workers than a cluster loses in a year.
            .config("spark.task.maxFailures", "12")
            .config("spark.stage.maxConsecutiveAttempts", "24")
            .config("spark.deploy.maxExecutorRetries", "-1")
            .getOrCreate()
        )
        made.sparkContext.setLogLevel("OFF")
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def descendants(part: str) -> list[int]:
    """The processes that this one started, by others too, and whose command has a part."""
    parents: dict[int, int] = {}
    commands: dict[int, str] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
            commands[int(entry.name)] = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    ours = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sorted(pid for pid in ours if part in commands.get(pid, ""))
