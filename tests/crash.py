"""Kills writers with ``kill -9`` at random moments, round after round, and counts what is left.

``python -m tests.crash kills 200`` runs so many rounds; ``python -m tests.crash disks`` breaks
every step that a store takes on a disk, in every way. Each prints its counts, and fails where
something is lost, doubled, torn or damaged.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NoReturn

from timeline import Attack, Claim, Log, Report, when
from timeline.stores import SQLiteStore

__all__ = ["disks", "kills"]

WRITERS = 3
_REPORTS = [Report(f"Desk {n}", published="2022-09-16", text=f"Report {n}.") for n in range(7)]
_PART = "{writer}-{batch}-{part}-of-{size}"


def _claims(writer: int, batch: int, size: int) -> list[Claim]:
    """One batch, whose events' ids say which batch and which part of it they are."""
    return [
        _REPORTS[(batch + part) % len(_REPORTS)].says(
            Attack(
                when=when("2022-09-16"),
                place="Kharkiv",
                wounded=part,
                summary="Shells fall. " * (batch % 40),
                id=_PART.format(writer=writer, batch=batch, part=part, size=size),
            )
        )
        for part in range(size)
    ]


def _write(path: Path, writer: int, pipe: int) -> NoReturn:
    """Append batches until it is killed, and say each of them once it is acknowledged."""
    random = Random(writer)
    try:
        log = Log(path)
        for batch in range(1_000_000):
            entries = log.append(*_claims(writer, batch, random.randint(1, 5)))
            told = ",".join(f"{entry.position}:{entry.claim.id}" for entry in entries)
            os.write(pipe, f"{told}\n".encode())  # so short that it is written whole
    except BaseException as error:  # noqa: BLE001 - a writer says why, and ends here
        os.write(pipe, f"!{error!r}\n".encode())
    os._exit(1)


class _Pool:
    """Writers in processes of their own, and the pipe on which they acknowledge."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.started = 0
        self.acknowledged: dict[str, int] = {}
        self._writers: list[int] = []
        self._out, self._in = os.pipe()
        self._rest = b""

    def fill(self) -> None:
        """Start writers until all are there; nobody may have the file open in this process."""
        while len(self._writers) < WRITERS:
            self.started += 1
            child = os.fork()
            if not child:
                os.close(self._out)
                _write(self.path, self.started, self._in)
            self._writers.append(child)

    def hear(self, seconds: float) -> int:
        """Read what has been acknowledged, waiting so long for the first; return how many."""
        heard = 0
        while select.select([self._out], [], [], 0 if heard else seconds)[0]:
            lines = (self._rest + os.read(self._out, 1 << 16)).split(b"\n")
            self._rest = lines.pop()
            for line in lines:
                assert not line.startswith(b"!"), f"a writer failed: {line.decode()}"
                for told in line.decode().split(","):
                    position, claim = told.split(":")
                    assert claim not in self.acknowledged, "two writers wrote one claim"
                    self.acknowledged[claim] = int(position)
            heard += len(lines)
        return heard

    def kill(self, random: Random, number: int) -> None:
        """Kills so many of the writers at once."""
        random.shuffle(self._writers)
        victims, self._writers = self._writers[:number], self._writers[number:]
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        for victim in victims:
            _, status = os.waitpid(victim, 0)
            assert os.WIFSIGNALED(status), f"a writer ended by itself: {status}"
        self.hear(0)

    def close(self) -> None:
        """Kills what is left and closes the pipe."""
        try:
            self.kill(Random(0), len(self._writers))
        finally:
            os.close(self._in)
            os.close(self._out)


def _check_from(path: Path, seen: dict[str, int]) -> None:
    """Add to ``seen`` the rows after it, gapless, each claim once; opened and closed here."""
    with closing(SQLiteStore(path)) as store:
        for row in store.rows(len(seen)):
            assert row.position == len(seen) + 1, f"a gap before {row.position}"
            assert row.id.hex() not in seen, f"{row.id.hex()} is there twice"
            seen[row.id.hex()] = row.position


def _batches(log: Log) -> Iterator[tuple[str, list[int]]]:
    """Each batch's name and the parts of it that stand in the log, in order."""
    name, parts, size = "", list[int](), 0
    for entry in log:
        assert isinstance(entry.claim, Claim)
        writer, batch, part, _, of = entry.claim.event.id.split("-")
        if not parts:
            name, size = f"{writer}-{batch}", int(of)
        assert (f"{writer}-{batch}", int(part), int(of)) == (name, len(parts), size), "torn"
        parts.append(int(part))
        if len(parts) == size:
            yield name, parts
            parts = []
    assert not parts, f"batch {name} is torn: {parts} of {size}"


def kills(folder: Path, rounds: int, *, seed: int = 0) -> dict[str, int]:
    """Kills one writer or all of them in each round, and looks at the log after it.

    All that was acknowledged is there, at the position that was told; positions have no gap, no
    claim is there twice, no batch in part; at the end everything verifies, root included.
    """
    random = Random(seed)
    path = folder / "fire.db"
    counts: Counter[str] = Counter(rounds=rounds)
    pool, seen = _Pool(path), dict[str, int]()
    try:
        for _ in range(rounds):
            pool.fill()
            for _ in range(random.randint(1, 4)):
                assert pool.hear(60), "no writer has written anything for a minute"
            time.sleep(random.random() * 0.003)
            several = random.random() < 0.3
            pool.kill(random, WRITERS if several else 1)
            counts["killed"] += WRITERS if several else 1
            counts["all at once"] += several
            _check_from(path, seen)
            lost = [name for name, at in pool.acknowledged.items() if seen.get(name) != at]
            counts["lost"] += len(lost)
            assert not lost, f"lost or moved: {lost}"
    finally:
        pool.close()
    _check_from(path, seen)
    with Log(path) as log:
        counts["batches"] = sum(1 for _ in _batches(log))
        audit = log.verify()
        assert audit.ok, str(audit)
        assert audit.checked == len(seen) == log.head
    counts |= Counter({"acknowledged": len(pool.acknowledged), "kept": len(seen)})
    return dict(counts)


def disks(folder: Path, *, every: int = 1) -> dict[str, int]:
    """Breaks steps of a store's life on disk in every way; see ``tests.fault_lives``."""
    from tests.fault_lives import FAULTS, Life, lived  # noqa: PLC0415 - needs apsw

    counts: Counter[str] = Counter()
    for fresh, reads in ((False, False), (True, False), (False, True)):
        whole = lived(folder, None, fresh=fresh, reads=reads)
        counts["steps"] += len(whole.disk.steps)
        for step in range(0, len(whole.disk.steps), every):
            for fault in FAULTS:
                for seed in range(5 if fault == "power, some kept" else 1):
                    life: Life = lived(folder, (step, fault), seed=seed, fresh=fresh, reads=reads)
                    counts["faults"] += 1
                    counts[fault] += 1
                    counts["acknowledged"] += len(life.acknowledged)
                    counts["refused"] += len(life.refused)
    return dict(counts)


def main(arguments: list[str]) -> None:
    """Run one of them and print its counts."""
    name, *rest = arguments
    gc.freeze()  # what is here by now is never copied into a writer's memory
    started = time.monotonic()
    with TemporaryDirectory() as folder:
        if name == "kills":
            seed = int(rest[1]) if rest[1:] else 0
            counts = kills(Path(folder), int(rest[0]), seed=seed)
        else:
            counts = disks(Path(folder), every=int(rest[0]) if rest else 1)
    sys.stdout.write(json.dumps({name: counts}) + "\n")
    sys.stderr.write(f"{time.monotonic() - started:.1f} s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
