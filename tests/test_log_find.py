"""Tests that entries are found by the ids of what they hold."""

from __future__ import annotations

import pytest

from timeline import Attack, Log, Report
from timeline.errors import LogError

REPORT = Report("ISW", published="2022-09-10")


def test_entries_are_found_by_id() -> None:
    said = [REPORT.says(Attack(when="2022", killed=number)) for number in range(3)]
    with Log() as log:
        first, second = log.append(*said[:2])
        assert log.find(*(one.id for one in said)) == {said[0].id: first, said[1].id: second}
        assert log.find() == {}


@pytest.mark.parametrize("name", ["ucdp:1", 7, None])
def test_what_is_no_id_finds_nothing(name: str) -> None:
    with Log() as log, pytest.raises(LogError, match=r"64 hexadecimal digits such as claim.id"):
        log.find(name)
