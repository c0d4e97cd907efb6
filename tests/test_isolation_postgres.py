"""Holds a PostgreSQL server's log to its promises while all that can break does, for a while."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests import servers
from tests.isolation import NOON, REPORT, REPORT_BODY, Outcome, drafts, judge, run

pytestmark = servers.MAY_BE_MISSING


@servers.NEEDS_BINARIES
def test_nothing_is_lost_doubled_or_out_of_order() -> None:
    outcome = run(1000, calm=0.8, small=True)
    assert outcome.anomalies == Counter(), outcome
    assert outcome.done["readers and writers that failed"] == 0, outcome
    assert outcome.done["appends acknowledged"] >= 1000, outcome
    assert outcome.done["server crashes (pg_ctl -m immediate)"], outcome
    assert outcome.done["polls"], outcome


def test_what_is_wrong_would_be_found(tmp_path: Path) -> None:
    with closing(servers.on_server(tmp_path)) as store:
        # "torn" lacks its last part, "mixed" has its parts the other way round.
        rows = [*drafts("whole", 2), *drafts("torn", 3)[:2], *reversed(drafts("mixed", 2))]
        for kept in (rows, drafts("back", 1), drafts("late", 1)):
            store.append(kept, {REPORT: REPORT_BODY}, recorded=NOON, explicit=False)
        seen = [f"{row.position} {row.recorded} {row.id.hex()}" for row in store.rows()]
        said = [
            ["tried", "whole", 2], ["acknowledged", "whole", [1, 2], 0],
            ["tried", "torn", 3], ["tried", "mixed", 2], ["acknowledged", "mixed", [6, 5], None],
            ["tried", "lost", 1], ["acknowledged", "lost", [9], None],
            ["rolled back", "back"], ["tried", "late", 1], ["acknowledged", "late", [8], 3],
        ]  # fmt: skip
        lines = "".join(json.dumps(one) + "\n" for one in said)
        (tmp_path / "writer-0").write_text(lines + '["acknowledged", "cut of')
        changed = seen[3].replace(str(NOON), "0")
        polls = [seen[0], "poll", *seen[1:3], changed, seen[3], seen[5], "poll"]
        (tmp_path / "poller-1").write_text("\n".join(polls))
        (tmp_path / "follower-2").write_text("\n".join([*seen, f"9 {NOON} {'0' * 64}"]))
        outcome = Outcome(Counter(), Counter())
        judge(store, tmp_path, outcome)
    servers.drop(tmp_path)
    assert outcome.anomalies == {
        "torn batch": 3,  # "torn" itself, and two polls that ended within a batch
        "reorder": 1,
        "wrong acknowledgement": 1,
        "lost write": 2,  # "lost", and what the poller never saw
        "aborted read": 2,  # "back", and the entry that the follower saw beyond the end
        "stale conditional write": 1,
        "changed bytes": 1,
        "duplicate": 1,
        "poll skip": 1,
    }, outcome
    assert outcome.done["appends acknowledged"] == 4
