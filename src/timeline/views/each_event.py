"""EachEvent has the account of each event by its id: the lines of a chronology, one by one."""

from __future__ import annotations

from typing import Any

from timeline.accounts import Account
from timeline.events import Event
from timeline.projection import Projection, on

__all__ = ["EachEvent"]


class EachEvent(Projection[Account | None]):
    """What is known of each event: a mapping from event id to ``Account``.

    Asked why, it says which entries a line of a chronology rests on; asked what changed, which
    lines are new, gone, or say something else. Who says it makes no difference to that, nor how
    many do, as long as none disputes it. What is only expected isn't folded.
    """

    start: Account | None = None

    def key(self, event: Event) -> str:
        """Keys by the event's id."""
        return event.id

    @on(Event)
    def add(self, _: Account | None, __: Event, account: Account) -> Account:
        """Take the account."""
        return account

    def essence(self, answer: Account | None) -> Any:
        """Return what makes two lines the same: the event as it is believed, and what is disputed.

        Also whether somebody denies it, and of which others it may be one.
        """
        if answer is None:
            return None
        return answer.event, answer.disputes, bool(answer.denied_by), answer.maybe_same
