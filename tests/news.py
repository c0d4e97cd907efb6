"""Fills logs with news by the hundred: late, corrected, retracted, voided and denied, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from timeline import Attack, Claim, Event, Log, Report, TerritorialChange
from timeline.claims import Said

__all__ = ["corrected"]

_SOURCES = ("ISW", "Wire", "Observer")
_START = datetime(2022, 9, 1, tzinfo=UTC)


def _event(no: int, chance: Random) -> Event:
    day = f"2022-09-{chance.randint(1, 28):02d}"
    place, name = f"Town {chance.randrange(40)}", f"e{no}"
    if chance.random() < 1 / 2:
        side = chance.choice(("Ukraine", "Russia"))
        return TerritorialChange(when=day, place=place, to=side, id=name)
    return Attack(when=day, place=place, killed=chance.randrange(5), id=name)


def corrected(log: Log, count: int, *, seed: int = 7) -> None:
    """Append so many entries, always the same: one in four speaks of an earlier one."""
    chance = Random(seed)
    claims: list[Claim] = []
    said: list[Said] = []
    for no in range(count):
        published = _START + timedelta(hours=no // 8)
        report = Report(chance.choice(_SOURCES), published=published, title=f"bulletin {no // 8}")
        old = chance.choice(claims) if claims else None
        dice = chance.random()
        if old is None or dice > 1 / 4:
            claims.append(report.says(_event(no, chance)))
            said.append(claims[-1])
            continue
        own = Report(old.source, published=published, title=f"bulletin {no // 8}")
        other = _event(no, chance)
        moves: list[Said] = [
            own.says(other, replaces=old),
            own.retracts(old, because="it was wrong"),
            report.voids(chance.choice(said), because="typed twice"),
            report.denies(old.event),
            report.says(old.event),
        ]
        said.append(chance.choice(moves))
    for start in range(0, count, 500):
        some = said[start : start + 500]
        log.append(*some, recorded=_START + timedelta(hours=start // 8 + 1))
