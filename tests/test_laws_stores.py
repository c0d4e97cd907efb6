"""Holds every store to the laws of stores, and the laws to stores with one fault each."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faulty.stores import FAULTY, SOUND, Case, in_memory, on_disk
from timeline.errors import LawError
from timeline.stores import FullStore, MemoryStore, SQLiteStore
from timeline.testing import laws, workers
from timeline.testing.laws.store_failures import StoreBroken
from timeline.testing.laws.store_laws import STORE_LAWS

test_memory = laws.check_store(in_memory, lasting=False)
test_sqlite = laws.check_store(on_disk)


def broken(case: Case, law: str, seed: int) -> StoreBroken:
    report = laws.verify_store(
        case.make, lasting=case.lasting, skip=case.skip, only=[law], seed=seed, examples=200
    )
    (verdict,) = report.verdicts
    assert isinstance(verdict.found, StoreBroken), f"{case.name} isn't caught with seed {seed}"
    return verdict.found


# --- the zoo


@pytest.mark.parametrize(
    ("case", "law"),
    [pytest.param(one, law, id=f"{one.name}-{law}") for one in FAULTY for law in one.laws],
)
def test_a_fault_is_caught_by_the_law_meant_for_it(case: Case, law: str) -> None:
    # One seed; `make strength` tries ten.
    found = broken(case, law, 0)
    assert found.anomaly in case.laws[law]
    if not next(one for one in STORE_LAWS if one.name == law).whole:
        assert len(found.story) <= 16


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_a_sound_store_raises_no_alarm(case: Case) -> None:
    report = laws.verify_store(case.make, lasting=case.lasting, skip=case.skip, seed=0, smoke=True)
    assert report.ok, report


def test_every_law_has_a_store_that_breaks_it() -> None:
    assert {law for one in FAULTY for law in one.laws} == {law.name for law in STORE_LAWS}


# --- what is told


def test_a_failure_tells_calls_and_anomaly() -> None:
    case = next(one for one in FAULTY if one.name == "ReadsTooFar")
    told = str(broken(case, "a_slice_is_what_was_asked_for", 1))
    assert "ReadsTooFar breaks the law a_slice_is_what_was_asked_for: wrong answer" in told
    assert "append 0" in told
    assert "Expected: nothing" in told
    assert "To see it again: seed=1" in told


def test_a_changed_body_is_shown_where_it_changes() -> None:
    case = next(one for one in FAULTY if one.name == "Shortens")
    told = str(broken(case, "bytes_in_are_bytes_out", 1))
    assert "body is another" in told
    assert "of 2000 bytes" in told


def test_what_other_processes_cannot_open_is_skipped_and_says_so() -> None:
    def local(folder: Path) -> FullStore:
        return SQLiteStore(folder / "war.db")

    report = laws.verify_store(local, only=["of_two_processes_one_wins"])
    (verdict,) = report.verdicts
    assert verdict.outcome == "skipped"
    assert "isn't a class or function of a module's top" in verdict.reason


def test_a_store_that_is_open_already_is_refused() -> None:
    store: Any = MemoryStore()
    with pytest.raises(LawError, match="give a function that opens one in a folder"):
        laws.check_store(store)


def test_what_is_made_outside_the_folder_is_taken_down() -> None:
    cleared: list[Path] = []
    laws.verify_store(
        in_memory, lasting=False, clear=cleared.append, only=["an_id_is_kept_once"], examples=3
    )
    assert cleared


def test_a_process_does_what_it_is_told(tmp_path: Path) -> None:
    place = {
        "module": on_disk.__module__,
        "path": None,
        "name": on_disk.__qualname__,
        "path_entries": list(sys.path),
        "folder": str(tmp_path),
    }
    orders = [place, {"do": "open"}, {"do": "append", "batches": [[1, 2]], "late": 0}]
    out = io.StringIO()
    workers.work(iter([json.dumps(order) for order in orders]), out)
    ready, done = map(json.loads, out.getvalue().splitlines())
    assert ready.keys() == {"ready"}
    assert [place for place, _, _ in done["rows"]] == [1, 2]
