"""Accounts are grouped by the key of the projection that folds them."""

from __future__ import annotations

from tests.faulty.sound import Displaced, Wounded
from timeline import Control, Report, TerritorialChange
from timeline.folding import replay
from timeline.resolution import resolve

CHANGE = TerritorialChange(when="2022-09-10", place="Izium", to="Ukraine")
ACCOUNTS = resolve([Report("One", published="2022-09-12").says(CHANGE)])


def test_before_anything_is_said_only_the_whole_is_a_group() -> None:
    assert replay.grouped(Displaced(), []) == {}
    assert replay.grouped(Wounded(), []) == {None: []}


def test_what_may_not_have_happened_by_then_is_in_no_group() -> None:
    assert CHANGE.when.lo is not None
    assert list(replay.grouped(Control(), ACCOUNTS)) == ["Izium"]
    assert list(replay.grouped(Control(), ACCOUNTS, CHANGE.when.lo + 1)) == ["Izium"]
    assert replay.grouped(Control(), ACCOUNTS, CHANGE.when.lo) == {}


def test_an_account_is_handed_on_as_it_is_where_it_can_be() -> None:
    [(key, account)] = replay.keyed(Control(), ACCOUNTS[0], None)
    assert key == "Izium"
    assert account is ACCOUNTS[0]
