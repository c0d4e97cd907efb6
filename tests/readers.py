"""Reads the shared real data into plain rows, quietly dropping nothing."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Cell", "Snapshot", "cells_of", "control_snapshots", "json_of", "rows_of"]


class Cell(NamedTuple):
    """One row of the control table: what it says of one place in one snapshot, as written."""

    name: str
    population: str
    status: str
    as_of: str
    latitude: str
    longitude: str


class Snapshot(NamedTuple):
    """The control table as it was recorded once; both times are ISO texts in UTC."""

    file: str
    recorded: str
    edited: str
    cells: list[Cell]


def json_of(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names in its header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def cells_of(lines: io.TextIOBase) -> list[Cell]:
    """Return the cells of one snapshot; hard spaces and doubled ones in it become plain."""
    columns = ("Name", "Population", "Held by", "As of", "Lat", "Lon")
    return [
        Cell(*(" ".join(row[column].split()) for column in columns))
        for row in csv.DictReader(lines)
    ]


def control_snapshots(folder: Path) -> Iterator[Snapshot]:
    """Return every snapshot of the control table in recorded order, straight from the archive."""
    cells = {}
    with tarfile.open(folder / "snapshots.tar.xz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                with io.TextIOWrapper(content, encoding="utf-8", newline="") as lines:
                    cells[Path(member.name).name] = cells_of(lines)
    index = sorted(rows_of(folder / "index.csv"), key=lambda row: int(row["seq"]))
    assert cells.keys() == {row["file"] for row in index}
    for row in index:
        assert len(cells[row["file"]]) == int(row["rows"])
        yield Snapshot(row["file"], row["recorded_at"], row["page_updated_at"], cells[row["file"]])
