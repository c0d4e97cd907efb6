"""The laws of chronological order, tried on orders that break one each and on orders that don't."""

from __future__ import annotations

import pytest

from tests.faulty.orders import FAULTY_ORDERS, SOUND_ORDERS
from timeline import Attack, Log, Report
from timeline.errors import LawError
from timeline.resolution import chronological
from timeline.testing import laws

SEEDS = range(10)
EARLY, LATE = Attack(when="2022-09-01", id="b"), Attack(when="2022-09-02", id="a")
ALONGSIDE = Attack(when="2022-09-01", id="c")

test_chronological = laws.check_order(chronological, examples=20)


@pytest.mark.parametrize("name", FAULTY_ORDERS)
def test_a_faulty_order_breaks_the_law_meant_for_it_under_any_seed(name: str) -> None:
    make, law = FAULTY_ORDERS[name]
    # The law that asks other processes is the same for every seed, and slow.
    for seed in SEEDS if "process" not in law else (0,):
        report = laws.verify_order(make(), seed=seed, examples=5, only=[law])
        assert report.falsified == (law,)
        assert "What to do" in str(report)


@pytest.mark.parametrize("name", SOUND_ORDERS)
def test_a_sound_order_raises_no_alarm(name: str) -> None:
    report = laws.verify_order(SOUND_ORDERS[name](), seed=1, examples=30)
    assert report.ok, str(report)


def test_a_circle_is_shown() -> None:
    make, law = FAULTY_ORDERS["comparator"]
    told = str(laws.verify_order(make(), only=[law], examples=1))
    assert "event:3 < event:2 < event:1 < event:3" in told or " < " in told
    assert "isn't transitive" in " ".join(told.split())


def test_a_skip_needs_a_reason() -> None:
    with pytest.raises(LawError, match="say why"):
        laws.verify_order(chronological, skip={"an_order_runs_in_no_circle": ""})


def test_accounts_of_a_log_are_chronological() -> None:
    log = Log()
    report = Report("One", published="2022-09-03")
    log.append(report.says(LATE), report.says(ALONGSIDE), report.says(EARLY))
    laws.assert_chronological(log.accounts())
    laws.assert_chronological([])


def test_the_first_pair_out_of_order_is_named() -> None:
    with pytest.raises(AssertionError, match=r"no\. 2 and no\. 3, for the sources are certain"):
        laws.assert_chronological([EARLY, LATE, ALONGSIDE])
    with pytest.raises(AssertionError, match="leave them unordered"):
        laws.assert_chronological([ALONGSIDE, EARLY, LATE])
    laws.assert_chronological([LATE, EARLY, ALONGSIDE], key=lambda one: one.id)
