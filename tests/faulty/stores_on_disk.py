"""Stores on disk with one fault each, and a sound one for a single process."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from timeline.errors import ConflictError
from timeline.stores import MemoryStore, NewRecord, Record, SQLiteStore

__all__ = [
    "WIDE",
    "AcknowledgesEarly",
    "CountsAnew",
    "ForgetsTheLast",
    "ForgetsWhoItIs",
    "Journal",
    "LooksThenLeapsOnDisk",
    "OneByOne",
    "look_then_leap",
]

WIDE = 0.003  # seconds that a race is held open, so that finding it is no luck


def look_then_leap(
    store: Any, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
) -> list[Record]:
    expect = options.pop("expect", None)
    fresh = {one.id for one in drafts} - store.get_by_id([one.id for one in drafts]).keys()
    if fresh and expect is not None and expect != store.head().position:
        raise ConflictError("somebody else was first")
    if expect is not None:
        time.sleep(WIDE)
    rows: list[Record] = store.append(drafts, reports, **options)
    return rows


class LooksThenLeapsOnDisk(SQLiteStore):
    """``expect=`` is compared outside the transaction."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        return look_then_leap(super(), drafts, reports, **options)


class OneByOne(SQLiteStore):
    """Each row of a batch is a transaction of its own."""

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        rows = []
        for one in drafts:
            rows += super().append([one], reports, **options)
            time.sleep(WIDE / 10)
        return rows


class Journal(MemoryStore):
    """A sound store for one process: a line for each batch, written before append returns."""

    buffering = 1

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._writing = Lock()
        name = folder / "identity"
        if not name.exists():
            name.write_text(str(uuid4()))
        self._identity = name.read_text()
        path = folder / "journal"
        if path.exists():
            for line in self._read(path):
                batch = json.loads(line)
                for row in batch["rows"]:
                    parts = [
                        part.encode("latin-1") if i in (2, 5, 6, 7) else part
                        for i, part in enumerate(row)
                    ]
                    self._rows.append(Record(*parts))
                    self._by_id[self._rows[-1].id] = self._rows[-1]
                self._reports |= {
                    k.encode("latin-1"): v.encode("latin-1") for k, v in batch["reports"].items()
                }
        self._file = path.open("a", buffering=self.buffering)

    def _read(self, path: Path) -> list[str]:
        lines = path.read_text().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        path.write_text("".join(whole))  # a line that a crash has cut off was never acknowledged
        return whole

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], **options: Any
    ) -> list[Record]:
        with self._writing:
            before = len(self._rows)
            rows = super().append(drafts, reports, **options)
            new = self._rows[before:]
            line = {
                "rows": [
                    [part.decode("latin-1") if isinstance(part, bytes) else part for part in row]
                    for row in new
                ],
                "reports": {
                    row.report.decode("latin-1"): self._reports[row.report].decode("latin-1")
                    for row in new
                },
            }
            if new:
                self._file.write(json.dumps(line) + "\n")
            return rows

    def close(self) -> None:
        super().close()
        self._file.close()


class AcknowledgesEarly(Journal):
    """Lines wait in a buffer until there are enough of them."""

    buffering = 1 << 20


class ForgetsTheLast(Journal):
    """On opening, the last batch is taken for one that was cut off."""

    def _read(self, path: Path) -> list[str]:
        return super()._read(path)[:-1]


class ForgetsWhoItIs(Journal):
    """Each opening draws an identity of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._identity = str(uuid4())


class CountsAnew(Journal):
    """Its positions start from 1 again once it is opened again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._rows.clear()
        self._by_id.clear()
