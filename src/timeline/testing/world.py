"""Runs something in another place and year: other clock, time zone, locale and random seed."""

from __future__ import annotations

import locale
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import time_machine

__all__ = ["changed_world"]

_PLACES = (
    (datetime(1999, 12, 31, 23, 59, 58, tzinfo=UTC), "Pacific/Kiritimati", ""),
    (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), "America/Los_Angeles", "C"),
)


@contextmanager
def changed_world(place: int) -> Iterator[None]:
    """Changes what an answer mustn't depend on, one of two ways, and puts it back after."""
    moment, zone, language = _PLACES[place]
    seed = random.getstate()
    was_zone = os.environ.get("TZ")
    was_language = locale.setlocale(locale.LC_ALL)
    try:
        random.seed(place + 1)
        os.environ["TZ"] = zone
        if hasattr(time, "tzset"):
            time.tzset()
        try:
            locale.setlocale(locale.LC_ALL, language)
        except locale.Error:
            pass  # the machine has no other language installed
        with time_machine.travel(moment, tick=True):
            yield
    finally:
        random.setstate(seed)
        if was_zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = was_zone
        if hasattr(time, "tzset"):
            time.tzset()
        locale.setlocale(locale.LC_ALL, was_language)
