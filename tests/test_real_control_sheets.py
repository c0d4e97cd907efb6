"""Imports snapshots of Wikipedia's control table as the spreadsheets that they are."""

from __future__ import annotations

import tarfile
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from tests.readers import control_snapshots, json_of, rows_of
from tests.real import data_file
from timeline import Control, Log
from timeline.importers import guess, import_into, sheet_map, table

SHEET = """
kind = "territorial-change"
formats = ["%d %B %Y"]
id_prefix = "wikipedia:"

[columns]
id = "Name"
when = "As of"
place = { name = "Name", latitude = "Lat", longitude = "Lon" }
to = "Held by"

[defaults]
source = "Wikipedia"
title = "Control of cities"

[only]
"Held by" = [
    "Russia", "Ukraine", "Contested", "Donetsk PR", "Luhansk PR", "Unknown", "Truce", "Gray zone",
]
"""


@pytest.fixture(scope="module")
def folder() -> Path:
    return data_file("wiki_control")


def test_each_snapshot_corrects_the_one_before(folder: Path) -> None:
    """What was held as known after a snapshot is what its rows say, or an earlier one's."""
    expected = json_of(folder / "expected.json")
    several = set(expected["ambiguous_names"])
    index = rows_of(folder / "index.csv")
    sample = {row["file"]: row for row in index[:: len(index) // 5]}
    naive: dict[str, tuple[str, str]] = {}
    malformed = changed = 0
    with Log() as log, tarfile.open(folder / "snapshots.tar.xz") as archive:
        for snapshot in control_snapshots(folder):
            if snapshot.file not in sample:
                continue
            member = next(one for one in archive.getmembers() if one.name.endswith(snapshot.file))
            file = archive.extractfile(member)
            assert file is not None
            found = import_into(
                log, table(file, SHEET, published=snapshot.edited), recorded=snapshot.recorded
            )
            bad = [cell for cell in snapshot.cells if cell.status not in expected["allowed_status"]]
            assert found.rows == len(snapshot.cells)
            assert found.refused == len(bad)
            malformed += len(bad)
            told = {
                cell.name: (cell.status, f"{datetime.strptime(cell.as_of, '%d %B %Y'):%F}")  # noqa: DTZ007 - a day
                for cell in snapshot.cells
                if cell.name not in several and cell not in bad
            }
            changed += sum(naive.get(name, held) != held for name, held in told.items())
            naive |= told
            held = log.ask(Control())
            answers = {
                " ".join(name.split()): (str(holding), str(holding.since))
                for name, holding in held.items()
            }
            assert {name: answers[name] for name in naive} == naive
    assert malformed > 0
    assert changed > 10
    assert len(naive) > 300


def test_the_latest_status_counts_by_publication(folder: Path) -> None:
    """A snapshot that is learned late takes its place among the others."""
    expected = json_of(folder / "expected.json")
    several = set(expected["ambiguous_names"])
    first, last = rows_of(folder / "index.csv")[:: len(rows_of(folder / "index.csv")) - 1]
    answers = []
    for order in ((first, last), (last, first)):
        with Log() as log, tarfile.open(folder / "snapshots.tar.xz") as archive:
            for row in order:
                member = next(one for one in archive.getmembers() if one.name.endswith(row["file"]))
                file = archive.extractfile(member)
                assert file is not None
                import_into(log, table(file, SHEET, published=row["page_updated_at"]))
            answers.append({
                name: str(held) for name, held in log.ask(Control()).items() if name not in several
            })  # fmt: skip
    assert answers[0] == answers[1]
    found = Counter(answers[0].values())
    assert found.keys() <= set(expected["allowed_status"])
    assert min(found["Russia"], found["Ukraine"]) > 100


def test_a_guess_at_its_header() -> None:
    text = guess(["Name", "Population", "Held by", "As of", "Lat", "Lon"])
    assert sheet_map(text).columns == {
        "place": {"latitude": "Lat", "longitude": "Lon"},
        "summary": "Name",
    }
    assert '# … = "Held by"' in text
