"""In another world clock, zone, language and chance are other ones, and all come back after."""

from __future__ import annotations

import calendar
import locale
import os
import random
import time
from datetime import UTC, date, datetime

import pytest

from timeline.testing import environment
from timeline.testing.environment import changed_world


def here() -> tuple[object, ...]:
    """What a projection might ask that it shouldn't."""
    return (
        datetime.now(UTC).year,
        os.environ.get("TZ"),
        time.localtime(0).tm_hour,
        locale.str(1.5),
        locale.format_string("%d", 1000, grouping=True),
        sorted("aB", key=locale.strxfrm),
        calendar.month_name[3],
        f"{date(2022, 3, 1):%B %A %x}",
        datetime(2022, 3, 1, tzinfo=UTC).strftime("%b %a 100%%"),
    )


@pytest.mark.parametrize("place", [0, 1])
def test_everything_comes_back(place: int) -> None:
    before, chance = here(), random.getstate()
    there: tuple[object, ...] = ()

    def leave() -> None:
        nonlocal there
        with changed_world(place):
            there = here()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        leave()
    assert here() == before
    assert random.getstate() == chance
    assert there[0] in (1999, 2000, 2038)
    assert there[2] != time.gmtime(0).tm_hour


def test_another_language_is_spoken_where_none_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "_ELSEWHERE", ())
    with changed_world(0):
        assert here()[3:] == (
            "1,5",
            "1.000",
            ["a", "B"],
            "березень",
            "березень вівторок 01.03.2022",
            "бер ві 100%",
        )
        assert time.strftime("%Y") in ("1999", "2000")
        assert locale.strcoll("a", "B") < 0 < locale.strcoll("b", "A")
        assert calendar.day_name[0] == "понеділок"


def test_no_language_is_spoken_in_the_other_place() -> None:
    with changed_world(1):
        assert locale.str(1.5) == "1.5"
        assert f"{date(2022, 3, 1):%B}" == "March"
