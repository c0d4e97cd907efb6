"""Holds a PostgreSQL server's log to its promises while all that can break does, for a while."""

from __future__ import annotations

from collections import Counter

from tests import servers
from tests.isolation import run


@servers.NEEDS_BINARIES
def test_nothing_is_lost_doubled_or_out_of_order() -> None:
    outcome = run(1000, calm=0.8, small=True)
    assert outcome.anomalies == Counter(), outcome
    assert outcome.done["readers and writers that failed"] == 0, outcome
    assert outcome.done["appends acknowledged"] >= 1000, outcome
    assert outcome.done["server crashes (pg_ctl -m immediate)"], outcome
    assert outcome.done["polls"], outcome
