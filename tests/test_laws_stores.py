"""Holds every store to the laws of stores, and the laws to stores with one fault each."""

from __future__ import annotations

import pytest

from tests.zoo.stores import FAULTY, SOUND, Case, in_memory, on_disk
from timeline.testing import laws
from timeline.testing.laws.store_laws import STORE_LAWS, StoreBroken

test_memory = laws.check_store(in_memory, lasting=False)
test_sqlite = laws.check_store(on_disk)


def broken(case: Case, law: str, seed: int) -> StoreBroken:
    report = laws.verify_store(
        case.make, lasting=case.lasting, skip=case.skip, only=[law], seed=seed, examples=60
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
    seeds = range(2) if "process" in law or "crash" in law else range(10)
    found = [broken(case, law, seed) for seed in seeds]
    assert {one.anomaly for one in found} <= case.laws[law]
    if next(one for one in STORE_LAWS if one.name == law).random:
        assert max(len(one.story) for one in found) <= 5


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_a_sound_store_raises_no_alarm(case: Case) -> None:
    for seed in range(10):
        report = laws.verify_store(
            case.make, lasting=case.lasting, skip=case.skip, seed=seed, smoke=True
        )
        assert report.ok, report


def test_every_law_has_a_store_that_breaks_it() -> None:
    assert {law for one in FAULTY for law in one.laws} == {law.name for law in STORE_LAWS}
