"""Writes accounts as a batch of CloudEvents 1.0, for queues and event brokers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from timeline.accounts import Account
from timeline.calendar_math import SECOND, as_datetime
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out, place_of
from timeline.export.text import json_text
from timeline.serialization import moment_text
from timeline.text_safety import one_line
from timeline.times import When
from timeline.views.chronology import Chronology

__all__ = ["to_cloudevents"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "texts": "a report is cited once for every claim",
}


def _time(when: When) -> str | None:
    """The moment of what is known to the second; CloudEvents has no word for anything wider."""
    lo, hi = when.lo, when.hi
    if lo is None or hi is None or hi - lo > SECOND or when.approximate or when.shape != "moment":
        return None
    return moment_text(lo) if as_datetime(lo) is not None else None


def _event(account: Account, source: str) -> dict[str, Any]:
    [row] = account.to_dicts()
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": one_line(account.event.id),
        "source": source,
        "type": f"timeline.{account.event.kind}",
    }
    time = _time(account.when)
    if time is not None:
        event["time"] = time
    place = place_of(account)
    subject = "" if place is None else one_line(place.key)
    if subject:
        event["subject"] = subject
    return {**event, "datacontenttype": "application/json", "data": row}


def to_cloudevents(accounts: Chronology, *, source: str = "/timeline") -> ExportText:
    """Return a JSON batch (``application/cloudevents-batch+json``), an event for each account.

    ``source`` is the URI reference that tells receivers whose they are; with it, an event's id is
    unique. ``type`` is the kind, ``subject`` the place's key, ``data`` the account as
    ``timeline.serialization`` has it. ``time`` is there only where the moment is known to the
    second; the bounds are in ``data`` in any case.
    """
    text = json_text(None, "", (_event(account, source) for account in accounts))
    return ExportText(text, left_out(accounts, LEAVES))
