"""What changed between two questions, held against the answers themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reasons import HISTORIES, PROJECTIONS, TAKEN, essence, izium
from timeline import Control, Log, Report
from timeline.errors import LogError


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: type(one).__name__)
@given(data=st.data())
def test_changes_lead_from_one_answer_to_the_other(projection: Any, data: st.DataObject) -> None:
    said = data.draw(HISTORIES)
    with Log() as log:
        log.append(*said)
        first = data.draw(st.integers(0, log.head))
        along: Any = data.draw(st.sampled_from(["known", "at", "published"]))
        ends = {"known": (first, log.head), "at": ("2022-09-03", "2022-09-06")}
        pair: Any = ends.get(along, ("2022-09-04", "2022-09-08"))
        old, new = (log.ask(projection, **{along: one}) for one in pair)
        changes = log.changes(projection, between=pair, along=along)
    after = changes.apply(old)
    assert essence(projection, after) == essence(projection, new)
    if isinstance(old, dict):
        both = old.keys() & new.keys()
        assert not [key for key in both if key in changes and old[key] == new[key]]
    for change in changes.values():
        assert change.entries or along == "at"  # time alone may do it
        assert change.minimal


def test_each_change_says_why() -> None:
    with izium() as log:
        report = Report("ISW", published="2022-09-12")
        (change,) = log.changes(Control(), between=(2, log.head)).values()
        assert str(change) == (
            "Izium: Russia → Ukraine\n"
            "  new: ISW says Izium passes from Russia to Ukraine: “Ukraine took Izium.” (entry 3)"
        )
        along = log.changes(Control(), between=("2022-09-09", "2022-09-11"), along="at")
        assert along["Izium"].reasons == ("happened",)
        log.append(report.retracts(TAKEN, because="it was Balakliia"))
        changed = log.changes(Control(), between=(3, log.head))
        assert changed["Izium"].reasons == ("retracted",)
        views = (log.as_of(known=2), log.as_of(known=4))
        assert str(log.changes(Control(), between=views)) == "Nothing changed."
        with pytest.raises(LogError, match="from earlier to later"):
            log.changes(Control(), between=(3, 1))
        with pytest.raises(LogError, match="along is"):
            log.changes(Control(), between=(1, 3), along="then")  # type: ignore[arg-type]
