"""A search for what breaks a law is Hypothesis' own: profile, seed, statistics, database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase

from timeline import Attack, Log, Projection, Report, on
from timeline.claims import Said
from timeline.errors import LawError
from timeline.importers import read_jsonl
from timeline.testing import laws, strategies
from timeline.testing.laws.base import Finding, law
from timeline.testing.laws.law_suite import CORPUS, LawSuite, a_seed, verify
from timeline.testing.laws.runner import trial

REPORT = Report("One", published="2022-09-03")
LAW = "arrival_order_is_irrelevant"


@contextmanager
def profiled(**options: Any) -> Iterator[None]:
    """Load a profile with these settings for a with statement's time."""
    before = settings()
    settings.register_profile("for a while", settings(settings.get_profile("default"), **options))
    settings.load_profile("for a while")
    try:
        yield
    finally:
        settings.register_profile("before", before)
        settings.load_profile("before")


def test_a_derandomized_profile_draws_the_same_each_time() -> None:
    with profiled(derandomize=True, database=None):
        assert a_seed(None) == a_seed(None) == 0
    with profiled(derandomize=False):
        assert a_seed(None) != a_seed(None)
    assert a_seed(7) == 7


@law(cause="it counts", mend="don't")
def few_are_said(_subject: object, choices: Any) -> None:
    """Not much is said."""
    history = choices.history()
    if len(history) > 4:
        raise few_are_said.broken("it", Finding({"Said": history}, {}))


@law(cause="it counts", mend="don't")
def anything_goes(_subject: object, choices: Any) -> None:
    """Anything goes."""
    choices.history()


def suite_of(**options: Any) -> LawSuite[object]:
    histories = strategies.histories(Attack)
    return LawSuite(
        "it", "tests_it", None, [few_are_said, anything_goes], histories, lambda: [()], "it raises",
        **options,
    )  # fmt: skip


def test_what_is_found_is_reduced_claim_by_claim() -> None:
    report = verify(suite_of(), seed=3)
    assert report.falsified == ("few_are_said",)
    found = report.verdicts[0].found
    assert isinstance(found, laws.Broken)
    assert found.finding.size == 5
    assert found.seed == 3


@pytest.mark.parametrize("examples", [7, 23])
def test_as_many_are_drawn_as_the_profile_says(examples: int) -> None:
    drawn: list[list[Said]] = []

    def noted(said: list[Said]) -> list[Said]:
        drawn.append(said)
        return said

    histories = strategies.histories(Attack).map(noted)
    suite = attrs.evolve(suite_of(), laws=[anything_goes], histories=histories)
    with profiled(max_examples=examples, database=None):
        verify(suite)
    # Hypothesis begins a few that come to nothing.
    assert examples <= len(drawn) <= examples + 3


class Begun:
    """Something that is begun ahead, and counts how often it is ended."""

    def __init__(self) -> None:
        self.ended = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended += 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_law_may_begin_before_its_turn(*, fails: bool) -> None:
    turns: list[str] = []
    begun = Begun()

    def begin(_subject: object, corpus: object, quick: object) -> Begun:
        assert corpus == [()]
        assert quick is False
        turns.append("begin")
        if fails:
            raise ValueError
        return begun

    @law(cause="", mend="", whole=True, begin=begin)
    def slow(_subject: object, choices: Any) -> None:
        turns.append("slow")
        assert choices.begun is (None if fails else begun)

    @law(cause="", mend="")
    def quick(_subject: object, _choices: object) -> None:
        turns.append("quick")

    assert verify(attrs.evolve(suite_of(), laws=[slow, quick]), seed=1, examples=1).ok
    first = ["begin", "slow", "quick"] if fails else ["begin", "quick", "slow"]
    assert list(dict.fromkeys(turns)) == first
    assert begun.ended == (not fails)


# --- counterexamples


class Long(Projection[tuple[str, ...]]):
    """Fails once it has three attacks, which needs three claims."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, seen: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        if len(seen) > 2:
            raise ValueError("too many")
        return (*seen, attack.id)


def test_a_counterexample_is_a_log() -> None:
    report = laws.verify(Long, seed=1)
    broken = next(one.found for one in report.verdicts if one.found is not None)
    assert isinstance(broken, laws.Broken)
    assert broken.law.name == "handlers_accept_every_event"
    assert len(broken.history) == 4
    space: dict[str, Any] = {"Report": Report, "Attack": Attack, "Log": Log}
    exec("from timeline import *\n" + broken.code, space)  # noqa: S102 - the code that is shown
    assert [entry.claim for entry in space["log"]] == list(broken.history)
    assert [entry.claim for entry in read_jsonl(broken.lines)] == list(broken.history)
    assert broken.page.startswith("<!DOCTYPE html>")
    with pytest.raises(pytest.fail.Exception, match="too many"):
        draws(laws.check_log(Long, broken.lines, only=["handlers_accept_every_event"]))()


def test_what_was_found_is_tried_first_and_forgotten_once_it_is_mended() -> None:
    database = InMemoryExampleDatabase()
    suite = trial(Long)
    total = suite.totality
    assert total is not None
    with profiled(database=database):
        with pytest.raises(laws.Broken):
            suite.hold(total, CORPUS)
        (kept,) = [values for key, values in database.data.items() if key.startswith(b"timeline/")]
        assert len(kept) == 1
        mended = attrs.evolve(suite, subject=trial(Count).subject)
        mended.hold(total, CORPUS)
        assert not kept


# --- in pytest


LATE = '''
"""A projection that no small history breaks, tried by a few laws."""
from hypothesis import reproduce_failure, seed, settings, strategies as st
from timeline import Attack, Projection, on
from timeline.testing import laws, strategies


class Long(Projection[tuple]):
    start = ()

    def __init__(self):
        self.asked = 0

    @on(Attack)
    def add(self, seen, attack):
        self.asked += 1
        return (*seen, attack.id)

    def result(self, seen):
        return self.asked if len(set(seen)) > 3 else len(seen)


said = strategies.claims(strategies.events(Attack), stances=("says",))
test_long = laws.check(Long, histories=st.lists(said, min_size=4, max_size=9))
'''

IN_CI = ("CI", "BUILD_NUMBER", "BUILDKITE", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD")


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-rfEp", *arguments]
    # Under CI both pytest and Hypothesis have other defaults than a person meets.
    alone = {name: value for name, value in os.environ.items() if name not in IN_CI}
    done = subprocess.run(
        command,
        cwd=folder,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    return done.stdout


def test_seeds_databases_statistics_and_reproduction_are_those_of_hypothesis(
    tmp_path: Path,
) -> None:
    file = tmp_path / "test_laws.py"
    file.write_text(LATE)
    first = run(tmp_path, "-k", LAW, "--hypothesis-show-statistics", "--hypothesis-seed=1")
    assert "1 failed" in first
    assert "during generate phase" in first
    blob = re.search(r"@reproduce_failure\('[\d.]+', b'[^']+'\)", first)
    assert blob is not None
    second = run(tmp_path, "--lf", "-k", LAW)
    assert "run it again; every run begins with it" in " ".join(second.split())
    # The blob alone shows it too, with no database to help.
    (tmp_path / ".hypothesis").rename(tmp_path / "elsewhere")
    file.write_text(LATE.replace("test_long = laws", f"test_long = {blob[0][1:]}(laws") + ")")
    third = run(tmp_path, "-k", LAW)
    assert "1 failed" in third


class Count(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


def test_a_profile_without_a_search_still_sweeps_the_corpus() -> None:
    with profiled(phases=[Phase.explicit], database=None):
        assert laws.verify(Count, only=[LAW]).ok


def test_own_laws_are_tried_beside_the_kit_s() -> None:
    def nothing_lies_before_2023(ask: Any, log: Log) -> None:
        """Attacks before 2023 are none of its business."""
        assert ask(log, at="2022-12-31") == 0

    report = laws.verify(Count, laws=[nothing_lies_before_2023], seed=1)
    assert report.falsified == ("nothing_lies_before_2023",)


class Double(Count):
    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1 if total < 4 else total


def draws(test: Any) -> Any:
    """The law and case of a pytest test, called by hand."""
    (mark,) = [one for one in test.pytestmark if one.name == "parametrize"]
    return lambda: test(law=mark.args[1][0].values[0])


def test_a_fast_projection_is_held_to_a_naive_one() -> None:
    draws(laws.check_same(Count, Count, examples=5))()
    with pytest.raises(pytest.fail.Exception, match="both_answer_the_same"):
        draws(laws.check_same(Double, Count, examples=5))()


def test_a_real_log_is_what_is_tried() -> None:
    log = Log()
    log.append(REPORT.says(Attack(when="2022-09-01", id="one", killed=7)))
    draws(laws.check_log(Count, log, examples=5))()
    with pytest.raises(LawError, match="nothing that was said"):
        laws.check_log(Count, Log())


def test_histories_that_begin_with_another_kind_are_tried() -> None:
    speech = strategies.claims(strategies.events())
    assert laws.verify(Count, histories=st.lists(speech, max_size=6), examples=20).ok
