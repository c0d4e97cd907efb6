"""Kills writers and breaks disks under the SQLite store; ``make fire`` does it for longer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.test_stores import check_whole, put
from timeline.errors import StoreError
from timeline.stores import SQLiteStore

ROUNDS = 20
EVERY = 4  # of the steps in which a file is made: over all faults each of them is broken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and signals")
def test_kills_lose_double_and_tear_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash", "kills", str(ROUNDS), str(os.getpid())],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["kills"]
    assert counts["rounds"] == ROUNDS
    assert counts["acknowledged"] >= ROUNDS
    assert counts["kept"] >= counts["acknowledged"]
    assert counts.get("lost", 0) == 0


pytest.importorskip("apsw")

from tests.fault_disks import Disk, Module  # noqa: E402 - needs apsw
from tests.fault_lives import BATCHES, FAULTS, lived  # noqa: E402 - needs apsw


def test_a_life_on_a_faultless_disk_takes_all_there_is(tmp_path: Path) -> None:
    life = lived(tmp_path, None, fresh=True)
    assert life.acknowledged == [*BATCHES, *BATCHES]
    kinds = set(life.disk.steps)
    assert kinds >= {
        "open file", "write file", "sync file", "truncate file", "open -wal", "write -wal",
        "sync -wal", "delete -wal", "write -journal", "sync -journal", "delete -journal",
    }  # fmt: skip


@pytest.mark.parametrize("fresh", [False, True], ids=["append", "make and append"])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_at_any_step_loses_or_tears_what_was_acknowledged(
    fault: str, fresh: bool, tmp_path: Path
) -> None:
    steps = len(lived(tmp_path, None, fresh=fresh, brief=True).disk.steps)
    taken = refused = 0
    for step in range(
        list(FAULTS).index(fault) % EVERY if fresh else 0, steps, EVERY if fresh else 1
    ):
        life = lived(tmp_path, (step, fault), seed=step, fresh=fresh, brief=True)
        taken += len(life.acknowledged)
        refused += len(life.refused)
    assert taken
    assert refused


def test_a_log_that_its_wal_makes_whole_is_opened(tmp_path: Path) -> None:
    path, left = tmp_path / "war.db", tmp_path / "left.db"
    with closing(SQLiteStore(path)) as store:
        rows = put(store, *range(50))
        store._writer.execute("VACUUM")  # every page is in the WAL now
        left.write_bytes(path.read_bytes()[:4096])  # as a power loss may leave it
        with pytest.raises(StoreError, match="is damaged"):
            SQLiteStore(left)
        Path(f"{left}-wal").write_bytes(Path(f"{path}-wal").read_bytes())
    with closing(SQLiteStore(left)) as store:
        assert check_whole(store) == rows


def test_what_was_seen_after_a_kill_stays_after_a_power_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, disk = tmp_path / "war.db", Disk("killed-before-its-sync")
    monkeypatch.setattr("timeline.stores.sqlite_files.sqlite3", Module(disk))
    store = SQLiteStore(path)
    put(store, 1)
    disk.arm(1000, "dead")
    put(store, 4)
    disk.arm(disk.steps.index("sync -wal"), "dead")
    with pytest.raises(StoreError):
        put(store, 2)  # written, and not synced
    store.close()
    disk.disarm()
    again = SQLiteStore(path)
    seen = again.head().position
    assert seen == 3
    disk.arm(0, "power, none kept")
    with pytest.raises(StoreError):
        put(again, 3)
    again.close()
    disk.crash(Random(0))
    disk.disarm()
    with closing(SQLiteStore(path)) as last:
        assert last.head().position == seen
        assert check_whole(last)
    disk.close()


def test_a_disk_that_fails_to_read_is_no_reason_to_write_wrongly(tmp_path: Path) -> None:
    steps = lived(tmp_path, None, reads=True, brief=True).disk.steps
    reads = [step for step, what in enumerate(steps) if what.startswith("read")]
    assert reads
    for step in reads:
        lived(tmp_path, (step, "error"), reads=True, brief=True)


def test_a_disk_that_lies_about_its_syncs_is_caught_losing(tmp_path: Path) -> None:
    steps = len(lived(tmp_path, None, brief=True).disk.steps)
    caught = 0
    for step in range(steps):
        try:
            lived(tmp_path, (step, "power, none kept"), brief=True, lying=True)
        except (AssertionError, StoreError):
            caught += 1
    assert caught
