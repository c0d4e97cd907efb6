"""Projections, histories and plain definitions for tests of why, of changes and of worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from timeline import (
    Attack,
    Before,
    Claim,
    Control,
    Log,
    Projection,
    Report,
    SameEvent,
    SamePlace,
    SplitInto,
    TerritorialChange,
    Within,
    on,
)
from timeline.folding import replay
from timeline.linking import resolve_linked
from timeline.testing import strategies

__all__ = [
    "HISTORIES", "ISW", "LOST", "PROJECTIONS", "STAFF", "TAKEN", "LastAttacker", "LastByPlace",
    "Wounded", "answered", "ask", "essence", "izium", "linked", "smallest_parts",
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


def answered(said: Iterable[Any], projection: Any, at: int | None = None) -> Any:
    """Return what a projection answers from a part of what was said: the definition, folded."""
    accounts, _, _ = resolve_linked(said)
    return replay.answer(projection, accounts, at=at)


def smallest_parts(
    said: Sequence[Any], gives: Callable[[Sequence[Any]], bool]
) -> set[tuple[Any, ...]]:
    """Return the smallest parts of what was said that give an answer, by trying all parts."""
    for size in range(len(said) + 1):
        found = {part for part in combinations(said, size) if gives(part)}
        if found:
            return found
    return set()


def essence(projection: Any, answer: Any) -> Any:
    if isinstance(projection, Control):
        return {key: (one.holders, one.certain, one.shares) for key, one in answer.items()}
    return answer


HISTORIES = strategies.histories(Attack, TerritorialChange, max_size=5)
PROJECTIONS = [Wounded(), LastAttacker(), LastByPlace(), Control()]


@st.composite
def linked(draw: st.DrawFn, histories: st.SearchStrategy[Any] = HISTORIES) -> list[Any]:
    """A history, and links between its events and places, said and denied."""
    said: list[Any] = draw(histories)
    claims = [one for one in said if isinstance(one, Claim)]
    ids = sorted({one.event.id for one in claims})
    named = [getattr(one.event, "place", None) for one in claims]
    places = sorted({place.key for place in named if place})
    for source in draw(st.lists(st.sampled_from(["A", "B"]), max_size=3)):
        report = Report(source, published=draw(st.sampled_from([None, "2022-09-05"])))
        names = draw(st.sampled_from([ids, places]))
        if len(names) > 1:
            pair = draw(st.permutations(names))[:2]
            kinds = [SameEvent, Before, SplitInto] if names is ids else [SamePlace, Within]
            kind: Any = draw(st.sampled_from(kinds))
            link = kind(pair[0], pair[1:]) if kind is SplitInto else kind(*pair)
            way = draw(st.sampled_from([report.says, report.says, report.denies]))
            said.insert(draw(st.integers(0, len(said))), way(link))
    return said


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
