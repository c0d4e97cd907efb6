"""Runs something in another place and year: other clock, time zone, locale and random seed.

Where no other language is installed, one is pretended: by ``locale``, ``calendar`` and
``strftime``, which are all that Python code asks, but for the format ``n`` of numbers.
"""

from __future__ import annotations

import calendar
import locale
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import time_machine

__all__ = ["changed_world"]

_ELSEWHERE = ("uk_UA.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8", "de_DE.UTF-8")
"""Languages to change to, the first that is installed: their decimals, sorting and names differ."""

_PLACES = (
    (datetime(1999, 12, 31, 23, 59, 58, tzinfo=UTC), "Pacific/Kiritimati", True),
    (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), "America/Los_Angeles", False),
)
"""Clock, time zone, and whether another language is spoken there."""

# Ukrainian: no month has the name that it has in English.
_MONTHS = (
    "", "січень", "лютий", "березень", "квітень", "травень", "червень", "липень", "серпень",
    "вересень", "жовтень", "листопад", "грудень",
)  # fmt: skip
_DAYS = ("понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя")
_NUMBERS = {"decimal_point": ",", "thousands_sep": ".", "grouping": [3, 3, 0]}


def _tell_zone() -> None:
    if hasattr(time, "tzset"):  # Windows has none
        time.tzset()


@contextmanager
def _speaking(*, another: bool) -> Iterator[None]:
    """Change the language to another one, or to none."""
    for language in _ELSEWHERE if another else ("C",):
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, language)
            yield
            return
    with _pretended():
        yield


def _compared(one: str, other: str) -> int:
    """Say which sorts first where letters count and their case doesn't."""
    return (one.casefold() > other.casefold()) - (one.casefold() < other.casefold())


@contextmanager
def _pretended() -> Iterator[None]:
    """Has Python's own modules speak Ukrainian, whatever is installed."""
    strftime = time.strftime

    def told(form: str, *moment: Any) -> str:
        # datetime.strftime and the formats of dates come here too.
        month, day = int(strftime("%m", *moment)), (int(strftime("%w", *moment)) - 1) % 7
        named = {
            "A": _DAYS[day],
            "a": _DAYS[day][:2],
            "B": _MONTHS[month],
            "b": _MONTHS[month][:3],
            "x": "%d.%m.%Y",
        }
        filled = re.sub(r"%(.)", lambda one: named.get(one[1], one[0]), form)
        return strftime(filled, *moment)

    changes: tuple[tuple[Any, str, Any], ...] = (
        (time, "strftime", told),
        (calendar, "month_name", _MONTHS),
        (calendar, "month_abbr", tuple(name[:3] for name in _MONTHS)),
        (calendar, "day_name", _DAYS),
        (calendar, "day_abbr", tuple(name[:2] for name in _DAYS)),
        (locale, "localeconv", lambda localeconv=locale.localeconv: {**localeconv(), **_NUMBERS}),
        (locale, "strxfrm", str.casefold),
        (locale, "strcoll", _compared),
    )
    with ExitStack() as stack:
        for module, name, changed in changes:
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, changed)
        yield


@contextmanager
def changed_world(place: int) -> Iterator[None]:
    """Change what an answer mustn't depend on, one of two ways, and put it back after."""
    moment, zone, another = _PLACES[place]
    seed = random.getstate()
    was_zone = os.environ.get("TZ")
    was_language = locale.setlocale(locale.LC_ALL)
    try:
        random.seed(place + 1)
        os.environ["TZ"] = zone
        _tell_zone()
        # As a number: handed a datetime, time-machine would bring its zone along.
        with time_machine.travel(moment.timestamp(), tick=True), _speaking(another=another):
            yield
    finally:
        random.setstate(seed)
        if was_zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = was_zone
        _tell_zone()
        locale.setlocale(locale.LC_ALL, was_language)
