"""Runs something in another place and year: other clock, time zone, locale and random seed."""

from __future__ import annotations

import locale
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import time_machine

__all__ = ["changed_world"]

_ELSEWHERE = ("de_DE.UTF-8", "fr_FR.UTF-8", "uk_UA.UTF-8", "tr_TR.UTF-8", "C")
"""Languages to change to, the first that is installed: their decimals and sorting differ."""

_PLACES = (
    (datetime(1999, 12, 31, 23, 59, 58, tzinfo=UTC), "Pacific/Kiritimati", _ELSEWHERE),
    (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), "America/Los_Angeles", ("C",)),
)


def _tell_zone() -> None:
    if hasattr(time, "tzset"):  # Windows has none
        time.tzset()


def _speak(languages: tuple[str, ...]) -> None:
    for language in languages:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, language)
            return


@contextmanager
def changed_world(place: int) -> Iterator[None]:
    """Changes what an answer mustn't depend on, one of two ways, and puts it back after."""
    moment, zone, languages = _PLACES[place]
    seed = random.getstate()
    was_zone = os.environ.get("TZ")
    was_language = locale.setlocale(locale.LC_ALL)
    try:
        random.seed(place + 1)
        os.environ["TZ"] = zone
        _tell_zone()
        _speak(languages)
        # As a number: handed a datetime, time-machine would bring its zone along.
        with time_machine.travel(moment.timestamp(), tick=True):
            yield
    finally:
        random.setstate(seed)
        if was_zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = was_zone
        _tell_zone()
        locale.setlocale(locale.LC_ALL, was_language)
