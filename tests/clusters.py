"""Starts Dask clusters of real processes for tests, on the loopback address and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from shutil import rmtree
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import distributed

__all__ = ["DaskProcesses", "killed_after", "timeline_keys"]

HERE = "127.0.0.1"
_PATIENCE = 5  # seconds that a client looks for a scheduler that is gone
_TRIES = 20
_ROOT = Path(__file__).parents[1]


class DaskProcesses:
    """A scheduler and workers, each a process that can be killed; workers come again by nannies."""

    def __init__(self, workers: int = 2) -> None:
        self._folder = Path(mkdtemp(prefix="dask-"))
        self._count = workers
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._nannies: list[subprocess.Popen[bytes]] = []
        self._client: Any = None

    @classmethod
    @contextmanager
    def running(cls, workers: int = 2) -> Iterator[DaskProcesses]:
        """Return a cluster that lasts as long as the block."""
        cluster = cls(workers)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            rmtree(cluster._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it anew, and connects."""
        file = self._folder / "scheduler.json"
        file.unlink(missing_ok=True)
        where = f"--scheduler-file={file}"
        self._scheduler = self._started(
            "scheduler", where, f"--host={HERE}", "--port=0", "--no-dashboard"
        )
        self._nannies = [
            self._started(
                "worker",
                where,
                f"--host={HERE}",
                "--nthreads=1",
                "--no-dashboard",
                "--memory-limit=0",
                "--death-timeout=20",
                f"--local-directory={self._folder}",
            )
            for _ in range(self._count)
        ]
        _until(file.exists)
        self.connect()

    def _started(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "dask", what, *options]
        path = os.pathsep.join([str(_ROOT / "src"), str(_ROOT)])
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": path},
            )

    def connect(self) -> Any:
        """Return a new client, once all workers are there."""
        self._disconnect()
        file = str(self._folder / "scheduler.json")
        for left in reversed(range(_TRIES)):
            try:
                self._client = distributed.Client(  # type: ignore[no-untyped-call]
                    scheduler_file=file, timeout=_PATIENCE
                )
                break
            except OSError:
                if not left:
                    raise
        self._client.wait_for_workers(self._count, timeout=120)
        return self._client

    def _disconnect(self) -> None:
        if self._client is not None:
            with suppress(Exception):
                self._client.close(timeout=2)

    @property
    def client(self) -> Any:
        """The client."""
        return self._client

    def pids(self) -> list[int]:
        """The workers' processes, without their nannies."""
        return sorted(self._client.run(os.getpid).values())

    def kill_scheduler(self) -> None:
        """Kills the scheduler."""
        assert self._scheduler is not None
        self._scheduler.kill()
        self._scheduler.wait()

    def stop(self) -> None:
        """Kills all of it."""
        self._disconnect()
        for process in filter(None, [*self._nannies, self._scheduler]):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until(there: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not there():
        if time.monotonic() > end:
            raise TimeoutError("the cluster didn't start")
        time.sleep(0.05)


@contextmanager
def killed_after(seconds: float, pids: list[int], chance: Random) -> Iterator[None]:
    """Kills one of some processes after a time, unless the block has ended by then."""
    over: list[bool] = []

    def kill() -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not over:
            time.sleep(0.005)
        if not over:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)

    thread = Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.append(True)
        thread.join()


def timeline_keys(client: Any) -> list[str]:
    """What workers still do or hold of this library's work."""

    def keys(dask_worker: Any) -> list[str]:
        return [str(key) for key in dask_worker.state.tasks if str(key).startswith("timeline-")]

    return [key for found in client.run(keys).values() for key in found]
