"""A search for what breaks a law goes by the profile, the seed and the example database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky

from timeline import Attack, Projection, Report, on
from timeline.claims import Said
from timeline.testing import laws, strategies
from timeline.testing.choices import EnumeratedSource
from timeline.testing.laws.base import Broken, Finding, law
from timeline.testing.laws.law_suite import LawSuite, cases, verify
from timeline.testing.laws.runner import trial
from timeline.testing.laws.search import Search, a_seed

REPORT = Report("One", published="2022-09-03")
SAID = [REPORT.says(Attack(when="2022-09-01", id=str(one))) for one in range(10)]
PATIENCE = "timeline.testing.laws.search._PATIENCE"
LAW = "arrival_order_is_irrelevant"


class Watched:
    """What an attempt saw, number by number, and what it takes for a finding."""

    def __init__(self, least: int) -> None:
        self.seen: list[int] = []
        self.least = least

    def __call__(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, 10_000))
        self.seen.append(number)
        if number >= self.least:
            raise nothing_is_above.broken("it", Finding({"Said": SAID[: min(number, 10)]}, {}))


@law(cause="it is above", mend="go below")
def nothing_is_above(_subject: object, _choices: object) -> None:
    """Nothing is above."""


@contextmanager
def profiled(**options: Any) -> Iterator[None]:
    """Loads a profile with these settings for a with statement's time."""
    before = settings()
    settings.register_profile("for a while", settings(settings.get_profile("default"), **options))
    settings.load_profile("for a while")
    try:
        yield
    finally:
        settings.register_profile("before", before)
        settings.load_profile("before")


# --- what a profile says


@pytest.mark.parametrize("examples", [7, 23])
def test_as_many_are_drawn_as_the_profile_says(examples: int) -> None:
    watched = Watched(least=99_999)
    with profiled(max_examples=examples, database=None):
        Search(watched, "counted").begin(1, keep=True)
    assert len(watched.seen) == examples
    Search(watched, "counted", 5).begin(1, keep=True)
    assert len(watched.seen) == examples + 5


def test_a_derandomized_profile_draws_the_same_each_time() -> None:
    with profiled(derandomize=True, database=None):
        assert a_seed(None) == a_seed(None) == 0
    with profiled(derandomize=False):
        assert a_seed(None) != a_seed(None)
    assert a_seed(7) == 7


def test_the_same_seed_draws_the_same_whatever_the_database_has() -> None:
    with profiled(database=InMemoryExampleDatabase()):
        first, again = Watched(least=99_999), Watched(least=99_999)
        Search(first, "drawn").begin(11, keep=True)
        with pytest.raises(Broken):
            Search(Watched(least=5), "drawn").begin(3, keep=True)
        Search(again, "drawn").begin(11, keep=True)
    assert first.seen == again.seen


# --- the example database


def test_what_was_found_is_tried_first() -> None:
    database = InMemoryExampleDatabase()
    with profiled(database=database):
        with pytest.raises(Broken) as found:
            Search(Watched(least=1000), "kept").begin(1, keep=True)
        assert found.value.seed == 1
        assert "--hypothesis-seed=1" in found.value.again
        watched = Watched(least=1000)
        with pytest.raises(Broken) as found:
            Search(watched, "kept").again()
        assert watched.seen[0] >= 1000
        # Another seed needn't lead there, so none is named.
        assert found.value.seed is None
        assert "example database keeps it" in found.value.again


def test_each_name_has_a_place_of_its_own() -> None:
    with profiled(database=InMemoryExampleDatabase()):
        with pytest.raises(Broken):
            Search(Watched(least=1000), "one").begin(1, keep=True)
        other = Watched(least=1000)
        Search(other, "other").again()
        assert other.seen == []


def test_nothing_is_kept_unless_asked_nor_tried_again_unless_the_profile_says_so() -> None:
    with profiled(database=InMemoryExampleDatabase()):
        with pytest.raises(Broken):
            Search(Watched(least=1000), "kept").begin(1, keep=False)
        watched = Watched(least=1000)
        Search(watched, "kept").again()
        with pytest.raises(Broken):
            Search(watched, "kept").begin(1, keep=True)
        watched.seen.clear()
        with profiled(database=settings().database, phases=[Phase.generate]):
            Search(watched, "kept").again()
        assert watched.seen == []


def test_what_is_mended_is_forgotten() -> None:
    with profiled(database=InMemoryExampleDatabase()):
        with pytest.raises(Broken):
            Search(Watched(least=1000), "kept").begin(1, keep=True)
        for tried_again in (True, False):
            mended = Watched(least=99_999)
            Search(mended, "kept").again()
            assert bool(mended.seen) is tried_again


# --- what is found


def test_the_smallest_is_shown_unless_left_as_it_was() -> None:
    with profiled(database=None):
        with pytest.raises(Broken) as found:
            Search(Watched(least=3), "smallest").begin(1, keep=True)
        assert found.value.finding.size == 3
        watched = Watched(least=3)
        with pytest.raises(Broken):
            Search(watched, "first", smaller=False).begin(1, keep=True)
    assert sum(number >= 3 for number in watched.seen) <= 2  # Hypothesis looks twice


def test_an_attempt_that_comes_out_otherwise_is_a_finding_too() -> None:
    turns = iter([True])

    def attempt(data: st.DataObject) -> None:
        data.draw(st.integers(0, 1000))
        if next(turns, False):
            raise nothing_is_above.broken("it", Finding({}, {}))

    with pytest.raises(Broken):
        Search(attempt, "once").begin(1, keep=False)


def test_a_strategy_that_changes_its_mind_is_told_as_such() -> None:
    turns = iter(range(100_000))

    def attempt(data: st.DataObject) -> None:
        if data.draw(st.integers(0, 1000).map(lambda _: next(turns))) % 2:
            raise ValueError

    with pytest.raises((Flaky, ValueError)):
        Search(attempt, "changing").begin(1, keep=False)


def test_a_finding_is_made_smaller_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PATIENCE, -1.0)
    with pytest.raises(Broken) as found:
        Search(Watched(least=3), "impatient").begin(1, keep=False)
    assert found.value.seed == 1


# --- laws that hold over what is small, and break over what is drawn


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


def plugged(**options: Any) -> LawSuite[object]:
    histories: st.SearchStrategy[Sequence[Said]] = strategies.histories(Attack)
    return LawSuite(
        "it", "tests_it", None, [few_are_said, anything_goes], histories, lambda: [()], "it raises",
        **options,
    )  # fmt: skip


def test_what_no_small_history_shows_is_drawn_with_others_and_made_small() -> None:
    plug = plugged()
    drawn = plug._suspects(plug.laws, None, 3, 60.0)
    assert list(drawn) == ["few_are_said"]
    report = verify(plug, seed=3)
    assert report.falsified == ("few_are_said",)
    found = report.verdicts[0].found
    assert isinstance(found, Broken)
    assert 5 <= found.finding.size <= drawn["few_are_said"].finding.size
    assert found.seed == 3


def test_all_laws_share_what_is_drawn() -> None:
    drawn: list[list[Said]] = []

    def noted(said: list[Said]) -> list[Said]:
        drawn.append(said)
        return said

    histories = strategies.histories(Attack).map(noted)
    plug = attrs.evolve(plugged(), laws=[anything_goes], histories=histories)
    with profiled(max_examples=20, database=None):
        for _ in range(2):
            for _, _, run_it in cases(plug, examples=None, seed=None):
                run_it()
    # Hypothesis begins a few that come to nothing.
    assert 20 <= len(drawn) <= 23


@law(cause="it counts", mend="don't")
def many_numbers_are_low(_subject: object, choices: Any) -> None:
    """A number that only a lot brings about."""
    history = choices.history()
    if len(history) > 2 and isinstance(choices._choices, EnumeratedSource) and choices.number(2):
        raise many_numbers_are_low.broken("it", Finding({"Said": history}, {}))


def test_what_only_a_lot_shows_is_made_small_and_kept_too() -> None:
    histories = st.lists(st.sampled_from(SAID), max_size=8)
    plug = attrs.evolve(plugged(), laws=[many_numbers_are_low], histories=histories)
    with profiled(database=InMemoryExampleDatabase()):
        ((_, _, run_it),) = cases(plug, examples=None, seed=3)
        with pytest.raises(Broken) as found:
            run_it()
        assert found.value.finding.size == 3
        assert found.value.seed == 3
        with pytest.raises(Broken, match="example database keeps it"):
            run_it()


def test_what_is_not_found_again_is_told_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    plug = plugged()
    found = plug._suspects(plug.laws, None, 3, 60.0)
    monkeypatch.setattr(LawSuite, "_suspects", lambda *_: found)
    nothing = Search(lambda _: None, "nothing", 1)
    monkeypatch.setattr(LawSuite, "_searches", lambda *_: (nothing, nothing))
    assert verify(plug, seed=3).verdicts[0].found is found["few_are_said"]


# --- what takes time elsewhere


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

    def begin(_subject: object, corpus: object) -> Begun:
        assert corpus == [()]
        turns.append("begin")
        if fails:
            raise ValueError
        return begun

    @law(cause="", mend="", random=False, begin=begin)
    def slow(_subject: object, choices: Any) -> None:
        turns.append("slow")
        assert choices.begun is (None if fails else begun)

    @law(cause="", mend="")
    def quick(_subject: object, _choices: object) -> None:
        turns.append("quick")

    assert verify(attrs.evolve(plugged(), laws=[slow, quick]), seed=1, examples=1).ok
    first = ["begin", "slow", "quick"] if fails else ["begin", "quick", "slow"]
    assert list(dict.fromkeys(turns)) == first
    assert begun.ended == (not fails)


# --- in pytest


LATE = '''
"""A projection that no small history breaks, tried by a few laws."""
from hypothesis import settings, strategies as st
from timeline import Attack, Projection, on
from timeline.testing import laws, strategies
from timeline.testing.laws import search

search._PATIENCE = 0.2
settings.register_profile("ours", max_examples=EXAMPLES, derandomize=DERANDOMIZE, deadline=None)
settings.load_profile("ours")
SEEN = []


class Long(Projection[tuple]):
    start = ()

    @on(Attack)
    def add(self, seen, attack):
        return (*seen, attack.id)

    def result(self, seen):
        SEEN.append(len(seen))
        if len(set(seen)) > 3:
            raise ValueError("too many")
        return len(seen)


said = strategies.claims(strategies.events(Attack), stances=("says",))
test_long = laws.check(Long, histories=st.lists(said, min_size=4, max_size=9), OPTIONS)


def test_calls():
    print("calls", len(SEEN))
'''


def write(
    folder: Path, *, examples: int = 300, derandomize: bool = False, options: str = ""
) -> None:
    text = LATE.replace("EXAMPLES", str(examples)).replace("DERANDOMIZE", str(derandomize))
    (folder / "test_laws.py").write_text(text.replace("OPTIONS", options))


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


def again(told: str) -> list[str]:
    """How each failure says that it is seen again."""
    return re.findall(r"To see it again: (\S+)", told)


def test_the_last_failure_is_found_again_at_once(tmp_path: Path) -> None:
    write(tmp_path)
    first = run(tmp_path, "-k", LAW)
    assert "1 failed" in first
    (seed,) = again(first)
    assert seed.startswith("seed=")
    second = run(tmp_path, "--lf")
    assert "1 failed" in second
    assert again(second) == ["run"]
    assert "example database keeps it" in " ".join(second.split())
    # The seed alone finds it too, with no database to help.
    write(tmp_path, options=seed)
    (tmp_path / ".hypothesis").rename(tmp_path / "elsewhere")
    assert again(run(tmp_path, "-k", LAW)) == [seed]


def test_workers_share_the_database_and_no_place_in_it(tmp_path: Path) -> None:
    write(tmp_path)
    wanted = "arrival_order or results_are_pure"
    first = run(tmp_path, "-n", "2", "-k", wanted)
    assert "2 failed" in first
    assert all(one.startswith("seed=") for one in again(first))
    second = run(tmp_path, "-n", "2", "-k", wanted)
    assert again(second) == ["run"] * 2


class Count(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


@pytest.mark.parametrize("examples", [3, 12])
@pytest.mark.parametrize("derandomize", [False, True])
def test_a_registered_profile_is_what_items_go_by(examples: int, *, derandomize: bool) -> None:
    runs: list[list[list[Said]]] = []

    def noted(said: list[Said]) -> list[Said]:
        runs[-1].append(said)
        return said

    histories = strategies.histories(Attack).map(noted)
    database = None if derandomize else InMemoryExampleDatabase()
    with profiled(max_examples=examples, derandomize=derandomize, database=database):
        for _ in range(2):
            runs.append([])
            plug = attrs.evolve(trial(Count, histories=histories), small=lambda: [()])
            for name, _, run_it in cases(plug, examples=None, seed=None):
                if name == LAW:
                    run_it()
    # Hypothesis begins a few that come to nothing.
    assert all(examples <= len(drawn) <= examples + 3 for drawn in runs)
    assert (runs[0] == runs[1]) is derandomize


def test_a_profile_without_a_search_still_sweeps_what_is_small() -> None:
    with profiled(phases=[Phase.explicit], database=None):
        assert laws.verify(Count, only=[LAW]).ok
