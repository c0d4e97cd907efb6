"""A view answers from what the log had learned, whatever the log learns later."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.keeping import Wounded
from timeline import Attack, Claim, Control, Count, Log, Report, chronology
from timeline.as_of import View
from timeline.errors import LogError
from timeline.testing import strategies


def says(source: str, day: int, wounded: int) -> Claim:
    event = Attack(when="2022-09-10", place="Izium", wounded=wounded, id="a")
    claim = Report(source, published=f"2022-09-{day}").says(event)
    assert isinstance(claim, Claim)
    return claim


@given(strategies.logs(), strategies.histories(max_size=3), st.data())
def test_a_view_stays_as_it_was(log: Log, later: list[Any], data: st.DataObject) -> None:
    cut: dict[str, Any] = {
        "published": data.draw(st.sampled_from([None, "2022-09-03"])),
        "trust": data.draw(st.sampled_from([(), ["TASS"], lambda claim: claim.source])),
    }
    view = log.as_of(known=data.draw(st.none() | st.integers(0, log.head)), **cut)

    def answers(of: View) -> tuple[Any, ...]:
        return (
            list(of.entries()),
            of.accounts(),
            of.ask(Control(), at="2022-09-04"),
            of.chronology(at="2022-09-04", reading="possible"),
        )

    before = answers(view)
    log.append(*later)
    assert answers(view) == before
    known = view.position
    assert before == (
        list(log.entries(known=known)),
        log.accounts(known=known, **cut),
        log.ask(Control(), at="2022-09-04", known=known, **cut),
        chronology(log, at="2022-09-04", reading="possible", known=known, **cut),
    )


def test_a_view_is_a_value() -> None:
    log = Log()
    log.append(says("Wire", 11, 5), says("Other", 12, 7))
    assert log.as_of() == log.as_of(known=2)
    assert log.as_of() != log.as_of(known=1)
    assert log.as_of(trust=["Wire"]).ask(Wounded()) == 5
    assert log.as_of(trust=lambda claim: claim.source).ask(Wounded()) == 7
    assert log.as_of(known=1).ask(Wounded()) == 5
    assert "as of entry 2" in str(log.as_of())
    assert log.as_of(published="2022-09-11").accounts()[0].sources == {"Wire"}


def test_the_least_rank_is_trusted_most_and_one_that_is_none_is_not_judged() -> None:
    log = Log()
    log.append(says("Wire", 11, 5), says("Other", 12, 7))
    grades: dict[str, int | None] = {"Wire": 1, "Other": None}
    (account,) = log.accounts(trust=lambda claim: grades[claim.source])
    assert account.event.wounded == Count(low=5, best=5, high=7)  # type: ignore[attr-defined]


@pytest.mark.parametrize("trust", ["ISW", {"ISW"}, [3], 7])
def test_trust_is_a_sequence_of_sources_or_a_rule(trust: Any) -> None:
    with pytest.raises(LogError, match="trust ranks sources"):
        Log().as_of(trust=trust)


def test_an_argument_that_there_is_not_is_refused() -> None:
    log = Log()
    with pytest.raises(TypeError, match="until"):
        log.ask(Wounded(), until="2022")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="until"):
        log.as_of(until="2022")  # type: ignore[call-arg]


def test_a_chronology_is_pickled_cut_and_asked_by_event() -> None:
    log = Log()
    other = Attack(when="2022-09-12", place="Lyman", id="b")
    log.append(says("Wire", 11, 5), Report("Wire", published="2022-09-13").says(other))
    whole = chronology(log)
    assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301 - made here
    assert whole[0:1].accounts == (whole[0],)
    assert type(whole[0:1]) is type(whole)
    assert whole["b"].event == other
    with pytest.raises(KeyError, match="no event 'c' stands"):
        whole["c"]


def test_what_is_kept_shows_what_it_is() -> None:
    log = Log()
    log.append(says("Wire", 11, 5))
    kept = log.keep(Wounded())
    assert kept.answer() == 5
    assert repr(kept) == "<Kept Wounded as 'tests.keeping.Wounded/…', up to entry 1>".replace(
        "tests.keeping.Wounded/…", kept.name
    )
    assert [name for name in vars(type(kept)) if not name.startswith("_")] == [
        "position", "answer", "why", "changes", "is_right", "catch_up", "save",
    ]  # fmt: skip
