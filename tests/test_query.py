"""What is asked by a moment is asked by the end of it, and nonsense is refused by name."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from timeline import When, when
from timeline.errors import LogError
from timeline.query import asked, end_of, instant

DAY = 1_662_768_000_000_000  # 2022-09-10 in microseconds


@pytest.mark.parametrize(
    "moment", ["2022-09-10", date(2022, 9, 10), when("2022-09-10"), "2022-09-10T23:59:59"]
)
def test_a_moment_means_by_the_end_of_it(moment: object) -> None:
    end = end_of("at", moment)  # type: ignore[arg-type]
    assert end == DAY + 86_400_000_000


def test_no_moment_is_no_bound() -> None:
    assert end_of("at", None) is None


@pytest.mark.parametrize(("moment", "told"), [(3, "at=3 is no moment"), (When(), "no end")])
def test_what_has_no_end_is_refused(moment: object, told: str) -> None:
    with pytest.raises(LogError, match=told):
        end_of("at", moment)  # type: ignore[arg-type]


def test_an_instant_is_the_start_of_what_is_written() -> None:
    assert instant(datetime(2022, 9, 10, tzinfo=UTC)) == instant("2022-09-10") == DAY
    with pytest.raises(LogError, match="no moment"):
        instant(When())


def test_there_are_two_readings() -> None:
    assert asked().reading == "certain"
    assert asked(reading="possible").reading == "possible"
    with pytest.raises(LogError, match="reading is"):
        asked(reading="maybe")  # type: ignore[arg-type]
