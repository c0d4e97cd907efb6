"""One store on a faulty disk, from its opening to its close, and what it acknowledged."""

from __future__ import annotations

from contextlib import closing, suppress
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.fault_disks import FAULTS, Disk, Module
from tests.test_stores import check_whole, draft, put
from timeline.errors import StoreError
from timeline.stores import SQLiteStore

__all__ = ["FAULTS", "Life", "lived"]

SETUP = (1, 2)
BATCHES = ((3,), (4, 5, 6), (7, 2, 8), tuple(range(9, 80)), (80,))
"""What is appended: one, several, some that are there, more than a page holds, one again."""

BRIEF = ((3, 4, 5),)
"""One append: of a report and three entries, and with the checkpoint that follows."""

_disks = count()


class Life:
    """One store on a faulty disk, from its first append to its close, and what it acknowledged."""

    def __init__(
        self, folder: Path, fault: tuple[int, str] | None, *, fresh: bool, reads: bool, brief: bool
    ) -> None:
        self.path = folder / "war.db"
        self.first = () if fresh else SETUP
        if not fresh:
            self.path.write_bytes(_setup())
        self.batches = BRIEF if brief else BATCHES
        self.pages = 1 if brief else 8
        self.acknowledged: list[tuple[int, ...]] = []
        self.refused: list[tuple[int, ...]] = []
        self.said: list[str] = []
        self.fault = "" if fault is None else fault[1]
        self.disk = Disk(f"faulty {next(_disks)}", reads=reads)
        self.disk.arm(*(fault or (-1, "")))

    def live(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Append the batches; what is refused is tried once more, unless the disk is dead."""
        # So few pages that some appends move them from the log beside the file into it.
        monkeypatch.setattr(
            "timeline.stores.sqlite_files.sqlite3", Module(self.disk, pages=self.pages)
        )
        # apsw tells of each fault that SQLite itself passes over.
        monkeypatch.setattr("sys.excepthook", lambda *_: None)
        monkeypatch.setattr("sys.unraisablehook", lambda *_: None)
        with suppress(StoreError):
            store = SQLiteStore(self.path)
            try:
                for batch in (*self.batches, *self.batches):
                    self._append(store, batch)
            finally:
                store.close()

    def _append(self, store: SQLiteStore, batch: tuple[int, ...]) -> None:
        try:
            rows = put(store, *batch)
        except StoreError as error:
            self.refused.append(batch)
            self.said.append(str(error))
            if not self.disk.dead:
                # What was refused is not to be seen, and what was taken is.
                with suppress(StoreError):
                    self._check(store, unsure=False)
        else:
            assert [row.id for row in rows] == [draft(number).id for number in batch]
            self.acknowledged.append(batch)

    def end(self, random: Random) -> None:
        """Put the machine back on its feet and reads with the system's own VFS."""
        if self.disk.lost_power:
            self.disk.crash(random)
        self.disk.disarm()

    def check(self) -> None:
        """All that was acknowledged is there, each batch whole or not at all."""
        with closing(SQLiteStore(self.path)) as store:
            self._check(store, unsure=True)
            last = put(store, 1000)
            assert check_whole(store)[-1:] == last
            assert store._writer.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def _check(self, store: SQLiteStore, *, unsure: bool) -> None:
        ids = [row.id for row in check_whole(store)]
        taken: dict[int, None] = dict.fromkeys(self.first)
        taken |= dict.fromkeys(number for batch in self.acknowledged for number in batch)
        for batch in self.refused if unsure else ():
            there = [draft(number).id in ids for number in batch if number not in taken]
            assert all(there) or not any(there), f"{batch} is torn"
            taken |= dict.fromkeys(batch) if any(there) else {}
        assert ids == [draft(number).id for number in taken]


@cache
def _setup() -> bytes:
    """A log of ``SETUP``, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        with closing(SQLiteStore(path)) as store:
            put(store, *SETUP)
        return path.read_bytes()


def lived(
    folder: Path,
    fault: tuple[int, str] | None,
    *,
    seed: int = 0,
    fresh: bool = False,
    reads: bool = False,
    brief: bool = False,
    lying: bool = False,
) -> Life:
    """Lives through one fault and checks what is left.

    ``fresh`` begins with the making of the file, ``reads`` breaks reads as well, ``brief``
    appends ``BRIEF`` and not ``BATCHES``; a ``lying`` disk says that it synced and didn't.
    """
    with TemporaryDirectory(dir=folder) as place:
        life = Life(Path(place), fault, fresh=fresh, reads=reads, brief=brief)
        life.disk.lying = lying
        with pytest.MonkeyPatch.context() as monkeypatch:
            life.live(monkeypatch)
        life.end(Random(seed))
        life.check()
        life.disk.close()
    return life
