"""Projections, histories and plain definitions for tests of why, of changes and of worlds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from timeline import Attack, Control, Log, Projection, Report, TerritorialChange, on
from timeline.testing import strategies

__all__ = [
    "HISTORIES", "ISW", "LOST", "PROJECTIONS", "STAFF", "TAKEN", "LastAttacker", "LastByPlace",
    "Wounded", "ask", "essence", "izium",
]  # fmt: skip


class Wounded(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best


class LastAttacker(Projection[str]):
    start = ""

    @on(Attack)
    def add(self, last: str, attack: Attack) -> str:
        return attack.by or last


class LastByPlace(Projection[str]):
    start = ""

    def key(self, attack: Attack) -> str | None:
        return attack.place.key if attack.place else None

    @on(Attack)
    def add(self, last: str, attack: Attack) -> str:
        return attack.by or last


def ask(said: Iterable[Any], projection: Any, **question: Any) -> Any:
    with Log() as log:
        log.append(*said)
        return log.ask(projection, **question)


def essence(projection: Any, answer: Any) -> Any:
    if isinstance(projection, Control):
        return {key: (one.holders, one.certain, one.shares) for key, one in answer.items()}
    return answer


HISTORIES = strategies.histories(Attack, TerritorialChange, max_size=5)
PROJECTIONS = [Wounded(), LastAttacker(), LastByPlace(), Control()]


# --- a history that reads well

ISW = Report("ISW", published="2022-09-10", text="Ukraine took Izium.")
STAFF = Report("General Staff", published="2022-09-09")
TAKEN = TerritorialChange(when="2022-09-10", place="Izium", to="Ukraine", from_="Russia", id="a:1")
ELSEWHERE = TerritorialChange(when="2022-04-01", place="Balakliia", to="Russia", id="a:3")
LOST = TerritorialChange(when="2022-04-01", place="Izium", to="Russia", id="a:2")


def izium() -> Log:
    log = Log()
    log.append(STAFF.says(LOST), recorded="2022-04-02")
    log.append(STAFF.says(ELSEWHERE), recorded="2022-04-02")
    log.append(ISW.says(TAKEN, quote="Ukraine took Izium."), recorded="2022-09-11")
    return log
