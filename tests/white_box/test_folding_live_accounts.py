"""An account that is kept up to date claim by claim is what resolving all of them gives."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.keeping import Entries, Wounded, begun, learn
from timeline import (
    Account,
    Attack,
    Casualties,
    Claim,
    Control,
    Log,
    Projection,
    Report,
    TerritorialChange,
    When,
    Within,
    when,
)
from timeline.canonical import encode, plain
from timeline.claims import Said
from timeline.errors import LogError
from timeline.folding import live_accounts, persistent_tree
from timeline.folding.live_accounts import LiveAccounts
from timeline.resolution import resolve_one
from timeline.stores.memory import MemoryStore
from timeline.supersession import DependencyIndex
from timeline.testing.strategies import histories, reports

_PUBLISHED = ["2022-09-10", "2022-09-11", "2022-09-12", "2022-09", "2022-09-10/..", "../2022-09-11"]
_DATES = st.sampled_from([*map(when, _PUBLISHED), When()])


@pytest.fixture(autouse=True, scope="module")
def _few() -> Iterator[None]:
    """Keep the accounts of all events up to date, two at a time, in trees of small leaves."""
    with pytest.MonkeyPatch.context() as patch, persistent_tree.small_leaves():
        patch.setattr(live_accounts, "_MANY", 1)
        patch.setattr(live_accounts, "_KEPT", 12)
        yield


def seen(account: Account | None) -> Any:
    """All that an account says before one of its claims is asked for."""
    if account is None:
        return None
    content = encode(plain(account.event)) if type(account.event).kind else account.event
    return account.event, content, account.expected, account.versions, account.denied_by


class _Live:
    """Live accounts of a log in a list."""

    def __init__(self) -> None:
        self.entries, self.index = Entries(), DependencyIndex()
        fold, _ = begun(Wounded())
        self.accounts = LiveAccounts(self.index, self.entries.read, self.entries.find, fold.lock)

    def learn(self, said: Said) -> None:
        self.entries.said.append(said)
        self.index.add(len(self.entries.said), said, self.entries.find)
        self.accounts.add(len(self.entries.said), said)

    def get(self, name: str) -> Account | None:
        return self.accounts.get(name, len(self.entries.said))

    def resolved(self, name: str, position: int) -> Account | None:
        return resolve_one(name, self.index.closure([name], self.entries.read, position)[name])


@settings(max_examples=settings().max_examples * 2)
@given(
    histories(max_size=12) | histories(Attack, reports=reports(published=_DATES), max_size=12),
    st.data(),
)
def test_a_live_account_is_what_resolving_all_claims_gives(
    history: list[Said], data: st.DataObject
) -> None:
    live = _Live()
    names = sorted({one.subject for one in history if isinstance(one, Claim)})
    given_before: list[tuple[str, int, Account | None]] = []
    for position, said in enumerate({one.id: one for one in history}.values(), 1):
        live.learn(said)
        for name in data.draw(st.lists(st.sampled_from(names), max_size=2)) if names else ():
            found, expected = live.get(name), live.resolved(name, position)
            assert seen(found) == seen(expected)
            given_before.append((name, position, found))
    for name, position, found in given_before:
        expected = live.resolved(name, position)
        assert seen(found) == seen(expected)
        assert found == expected
        if found is not None and expected is not None:
            assert (found.claims, found.counted) == (expected.claims, expected.counted)
            assert found.sources == expected.sources


def of(number: int, day: int = 10, source: str | None = None) -> Claim:
    """What one source says of the one attack: another figure each, in no order by default."""
    report = Report(source or f"S{number}", published=f"2022-09-{day:02}")
    return report.says(Attack(when="2022-09-09", place="Izium", id="one", wounded=number))


def passed(number: int) -> Claim:
    report = Report(f"S{number}", published="2022-09-10")
    to = f"H{number % 3}"
    return report.says(TerritorialChange(when="2022-09-09", place="Izium", to=to, id="one"))


def test_one_more_claim_reads_as_little_however_many_there_are() -> None:
    """Neither the claim of a source that is new, nor a correction, nor a retraction reads all."""
    fold, entries = begun(Wounded())
    learn(fold, *(of(number) for number in range(200)))
    for said in (
        of(500),
        of(501, day=11, source="S7"),
        Report("S8", published="2022-09-11").retracts("one", because="wrong"),
        Report("desk").voids(of(9), because="typed twice"),
        Report("S10", published="2022-09-10").says(of(10).event, replaces=of(10)),
        Report("S11", published="2022-09-11").denies(of(11).event),
    ):
        entries.reads.clear()
        learn(fold, said)
        assert fold.answers(None, "certain") >= 0
        assert sum(map(len, entries.reads)) <= 3, said


def test_what_is_stored_of_one_more_claim_is_as_little() -> None:
    store = MemoryStore()
    log = Log(store)
    kept = log.keep(Wounded())
    log.append(*(of(number) for number in range(3000)))
    kept.answer()
    kept.save()
    before = dict(store.load_chunks(kept.name))
    log.append(of(3001))
    kept.answer()
    kept.save()
    after = dict(store.load_chunks(kept.name))
    changed = [piece for name, piece in after.items() if before.get(name) != piece]
    assert sum(map(len, changed)) < 500
    again = log.keep(Wounded())
    assert again.position == log.head
    log.append(of(3002, day=12))
    assert again.answer() == kept.answer() == 3002


@pytest.mark.parametrize("make", [Control, Casualties])
def test_an_answer_stays_as_it_was_given(make: type[Projection[Any]]) -> None:
    log = Log()
    kept = log.keep(make())
    answers = []
    for number in range(40):
        log.append(passed(number) if make is Control else of(number))
        answers.append((log.head, kept.answer()))
    for position, answer in answers:
        expected = log.ask(make(), known=position)
        assert (dict(answer) if make is Control else answer) == expected


def test_an_answer_is_copied_with_its_claims() -> None:
    log = Log()
    kept = log.keep(Control())
    log.append(*map(passed, range(20)))
    holding = kept.answer()["Izium"]
    other = copy.deepcopy(holding)
    log.append(passed(20))
    assert len(other.claims) == len(holding.claims) == 20
    assert other == holding


def test_claims_that_were_redacted_since_an_answer_are_gone() -> None:
    log = Log()
    kept = log.keep(Control())
    log.append(*map(passed, range(20)))
    holding = kept.answer()["Izium"]
    log.redact(*range(1, 21), because="a name", basis="consent")
    with pytest.raises(LogError, match="'one' was redacted since this answer was given"):
        _ = holding.claims


def test_links_of_places_bear_on_an_event_with_many_claims() -> None:
    log = Log()
    kept = log.keep(Control())
    report = Report("ISW", published="2022-09-10")
    log.append(*map(passed, range(20)), report.says(Within("Izium", "Kharkiv Oblast")))
    kept.answer()
    log.append(passed(21))
    answer = kept.answer()
    assert dict(answer) == dict(log.ask(Control()))
    assert len(answer["Izium"].claims) == 21
