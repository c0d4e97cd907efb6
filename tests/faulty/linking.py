"""Projections that go by ids where links have joined them."""

from __future__ import annotations

from timeline import Account, Attack, Projection, on

__all__ = ["LINKING", "CountsIds", "FirstIds"]


class CountsIds(Projection[int]):
    """How many attacks there were, by the ids of the claims about them."""

    start = 0

    @on(Attack)
    def add(self, total: int, _: Attack, account: Account) -> int:
        return total + len({claim.event.id for claim in account.claims})


class FirstIds(Projection[int]):
    """How many ids attacks go by, as they were when each was first met."""

    start = 0

    def __init__(self) -> None:
        self._met: dict[str, int] = {}

    @on(Attack)
    def add(self, total: int, attack: Attack, account: Account) -> int:
        return total + self._met.setdefault(attack.id, len(account.ids))


LINKING: dict[type, str] = {CountsIds: "links_are_honoured", FirstIds: "a_void_undoes_a_link"}
