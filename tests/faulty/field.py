"""A second zoo: faulty projections of the kinds that users of the field write."""

from __future__ import annotations

import hashlib
import os
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from statistics import mean
from typing import Any, ClassVar

import attrs

from timeline import (
    Account,
    Attack,
    Count,
    Event,
    Incident,
    Place,
    PoliticalStatement,
    Projection,
    TerritorialChange,
    event,
    on,
)

__all__ = ["FIELD_FAULTY", "Shelter"]

DAY = 86_400_000_000
_seen_dates: list[int] = []


def _start(happened: Event) -> int:
    return happened.when.lo or 0


# --- front lines and sieges


class FrontLine(Projection[str]):
    """Who holds the last place that changed hands in each oblast."""

    start = ""

    def key(self, change: TerritorialChange) -> str | None:
        return change.place.within.name if change.place.within else None

    @on(TerritorialChange)
    def move(self, _: str, change: TerritorialChange) -> str:
        return change.to or ""


class Siege(Projection[tuple[int, int]]):
    """The longest run of attacks on one place without a change of hands."""

    start = (0, 0)

    def key(self, happened: Attack | TerritorialChange) -> str | None:
        return happened.place.key if happened.place else None

    @on(Attack)
    def shell(self, state: tuple[int, int], _: Attack) -> tuple[int, int]:
        longest, run = state
        return max(longest, run + 1), run + 1

    @on(TerritorialChange)
    def relieve(self, state: tuple[int, int], _: TerritorialChange) -> tuple[int, int]:
        return state[0], 0


class Recaptures(Projection[tuple[str, int]]):
    """How often Ukraine took back a place that Russia held before."""

    start = ("", 0)

    def key(self, change: TerritorialChange) -> str:
        return change.place.key

    @on(TerritorialChange)
    def change(self, state: tuple[str, int], change: TerritorialChange) -> tuple[str, int]:
        holder, times = state
        back = holder == "Russia" and change.to == "Ukraine"
        return change.to or "", times + back


class Encircled(Projection[tuple[str, ...]]):
    """The last four places that fell, in order."""

    start: tuple[str, ...] = ()

    @on(TerritorialChange)
    def fall(self, places: tuple[str, ...], change: TerritorialChange) -> tuple[str, ...]:
        return (*places, change.place.key)[-4:]


class HeldShare(Projection[dict[str, float]]):
    """What part of a region each side holds, the last change taken for the truth."""

    start: ClassVar[dict[str, float]] = {}  # type: ignore[misc]

    def key(self, change: TerritorialChange) -> str:
        return change.place.key

    @on(TerritorialChange)
    def take(self, shares: dict[str, float], change: TerritorialChange) -> dict[str, float]:
        part = float(change.share or 1)
        left = {side: held * (1 - part) for side, held in shares.items()}
        return {**left, change.to or "": left.get(change.to or "", 0.0) + part}


class Offensive(Projection[int]):
    """The length of the longest run of gains by one side."""

    start = 0

    def __init__(self) -> None:
        self.side: str | None = None
        self.run = 0

    @on(TerritorialChange)
    def gain(self, longest: int, change: TerritorialChange) -> int:
        self.run = self.run + 1 if change.to == self.side else 1
        self.side = change.to
        return max(longest, self.run)


# --- losses


class CappedToll(Projection[int]):
    """The killed, shown as "25 or more" from there on; merged without the cap."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return min(total + attack.killed.best, 25)

    def merge(self, a: int, b: int) -> int:
        return a + b


class MassCasualty(Projection[str]):
    """Where the last attack with a hundred or more killed was."""

    start = ""

    @on(Attack)
    def look(self, last: str, attack: Attack) -> str:
        deadly = attack.killed.best >= 100
        return (attack.place.key if attack.place else "?") if deadly else last


class DroneLosses(Projection[str]):
    """Whom the last drone hit."""

    start = ""

    @on(Attack)
    def look(self, last: str, attack: Attack) -> str:
        return attack.against or "?" if attack.weapon == "drone" else last


class ArtilleryOrRocket(Projection[tuple[str, ...]]):
    """The last three attackers with heavy weapons."""

    start: tuple[str, ...] = ()
    heavy: ClassVar[frozenset[str]] = frozenset({"artillery", "rocket"})

    @on(Attack)
    def look(self, last: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*last, attack.by or "?")[-3:] if attack.weapon in self.heavy else last


class Averaged(Projection[tuple[int, int]]):
    """The killed in an attack on average; merged, an average of averages."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        return state[0] + attack.killed.best, state[1] + 1

    def merge(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        return (a[0] + b[0]) // 2, (a[1] + b[1] + 1) // 2

    def result(self, state: tuple[int, int]) -> int:
        return state[0] // state[1] if state[1] else 0


class MovingAverage(Projection[tuple[int, ...]]):
    """The mean of the killed in the last seven attacks."""

    start: tuple[int, ...] = ()

    @on(Attack)
    def add(self, window: tuple[int, ...], attack: Attack) -> tuple[int, ...]:
        return (*window, attack.killed.best)[-7:]

    def result(self, window: tuple[int, ...]) -> float:
        return mean(window) if window else 0.0


class Smoothed(Projection[int]):
    """An exponential smoothing of the wounded, in hundredths."""

    start = 0

    @on(Attack)
    def add(self, level: int, attack: Attack) -> int:
        return (level * 7 + attack.wounded.best * 300) // 10


class LossesByMonth(Projection[defaultdict[str, int]]):
    """The killed by month, counted up in the dictionary that was given."""

    def __init__(self) -> None:
        self.start: defaultdict[str, int] = defaultdict(int)

    @on(Attack)
    def add(self, months: defaultdict[str, int], attack: Attack) -> defaultdict[str, int]:
        month = f"{attack.when.earliest:%Y-%m}" if attack.when.earliest else "?"
        months[month] += attack.killed.best
        return months


class Record(Projection[int]):
    """The deadliest attack so far; merged by the sum."""

    start = 0

    @on(Attack)
    def add(self, most: int, attack: Attack) -> int:
        return max(most, attack.killed.best)

    def merge(self, a: int, b: int) -> int:
        return a + b if a and b and a != b else max(a, b)


class Streak(Projection[tuple[int, int]]):
    """The longest series of deadly attacks; merged by the longer of the two."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        run = state[1] + 1 if attack.killed.best else 0
        return max(state[0], run), run

    def merge(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        return max(a[0], b[0]), b[1]


class ChildrenFirst(Projection[int]):
    """The children among the killed, where each attack is taken to say so."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.including["children"].best


class Ceiling(Projection[int]):
    """The most that may have been killed."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.high  # type: ignore[operator]


class Narrowest(Projection[Count]):
    """The killed of the attack that is known best, in a range that shrinks as others widen."""

    start = Count(low=0)

    @on(Attack)
    def add(self, known: Count, attack: Attack) -> Count:
        spread = (attack.killed.high or 10**9) - attack.killed.low
        if spread > 0 and attack.killed.high is not None:
            return Count(attack.killed.best)
        return known + attack.killed


# --- tops and rankings


class TopTen(Projection[tuple[tuple[int, str], ...]]):
    """The ten deadliest places; what falls out on the way is forgotten."""

    start: tuple[tuple[int, str], ...] = ()

    @on(Attack)
    def add(self, top: tuple[tuple[int, str], ...], attack: Attack) -> tuple[tuple[int, str], ...]:
        place = attack.place.key if attack.place else "?"
        tolls = {name: toll for toll, name in top}
        tolls[place] = tolls.get(place, 0) + attack.killed.best
        return tuple(sorted(((toll, name) for name, toll in tolls.items()), reverse=True)[:2])


class Runner(Projection[tuple[str, ...]]):
    """The attackers, most often named first, ties as they came."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, sides: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*sides, attack.by or "?")

    def result(self, sides: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(dict.fromkeys(sides), key=sides.count, reverse=True))


class LoudestSpeaker(Projection[frozenset[tuple[str, int]]]):
    """Who spoke most; of several, the one that comes out of a set."""

    start: frozenset[tuple[str, int]] = frozenset()

    @on(PoliticalStatement)
    def add(
        self, counts: frozenset[tuple[str, int]], said: PoliticalStatement
    ) -> frozenset[tuple[str, int]]:
        told = dict(counts)
        return frozenset({**told, said.speaker: told.get(said.speaker, 0) + 1}.items())

    def result(self, counts: frozenset[tuple[str, int]]) -> str:
        return max(counts, key=lambda one: one[1])[0] if counts else ""


class TopByMerge(Projection[dict[str, int]]):
    """Tolls by side, of which a merge keeps the three highest of each stretch."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, tolls: dict[str, int], attack: Attack) -> dict[str, int]:
        side = attack.against or "?"
        return {**tolls, side: tolls.get(side, 0) + attack.killed.best}

    def merge(self, a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        top = dict(sorted(b.items(), key=lambda one: (-one[1], one[0]))[:3])
        return {name: a.get(name, 0) + top.get(name, 0) for name in sorted({*a, *top})}


# --- campaigns, gaps and sessions


class Campaigns(Projection[tuple[int, int]]):
    """Campaigns: attacks with less than a week between them, in the order of the list."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        number, last = state
        new = not number or _start(attack) - last > 7 * DAY
        return number + new, attack.when.hi or _start(attack)


class Sessions(Projection[tuple[tuple[str, ...], ...]]):
    """Talks: who spoke after whom within two days."""

    start: tuple[tuple[str, ...], ...] = ()

    def __init__(self) -> None:
        self.last = -(10**18)

    @on(PoliticalStatement)
    def speak(self, talks: Any, said: PoliticalStatement) -> Any:
        close = _start(said) - self.last <= 2 * DAY and talks
        self.last = _start(said)
        if close:
            return (*talks[:-1], (*talks[-1], said.speaker))
        return (*talks, (said.speaker,))


class Lull(Projection[tuple[int, int]]):
    """The longest lull in days; merged without the gap between the stretches."""

    start = (0, -1)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        longest, last = state
        day = _start(attack) // DAY
        return max(longest, day - last if last >= 0 else 0), max(day, last)

    def merge(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        return max(a[0], b[0]), max(a[1], b[1])


class Retaliation(Projection[tuple[str, int]]):
    """Attacks by the other side than the one before."""

    start = ("", 0)

    @on(Attack)
    def add(self, state: tuple[str, int], attack: Attack) -> tuple[str, int]:
        before, times = state
        by = attack.by or "?"
        return by, times + (bool(before) and by != before)


class Ceasefire(Projection[tuple[bool, int]]):
    """Attacks after a ceasefire was announced."""

    start = (False, 0)

    @on(PoliticalStatement)
    def announce(self, state: tuple[bool, int], said: PoliticalStatement) -> tuple[bool, int]:
        return state[0] or said.topic == "ceasefire", state[1]

    @on(Attack)
    def breach(self, state: tuple[bool, int], _: Attack) -> tuple[bool, int]:
        return state[0], state[1] + state[0]


class Escalation(Projection[tuple[int, bool]]):
    """Whether three attacks in a row were each deadlier than the one before."""

    start = (0, False)

    def __init__(self) -> None:
        self.rising = 0

    @on(Attack)
    def add(self, state: tuple[int, bool], attack: Attack) -> tuple[int, bool]:
        before, ever = state
        self.rising = self.rising + 1 if attack.killed.best > before else 0
        return attack.killed.best, ever or self.rising > 2


class FirstResponse(Projection[str]):
    """Who spoke first after the last massacre."""

    start = ""

    @on(Attack)
    def massacre(self, _: str, attack: Attack) -> str:
        return "nobody yet" if attack.killed.best >= 50 else _

    @on(PoliticalStatement)
    def respond(self, state: str, said: PoliticalStatement) -> str:
        return said.speaker if state == "nobody yet" else state


# --- who sorts by itself


class SortedHolders(Projection[tuple[tuple[int, int, str, str], ...]]):
    """The last attacker, by a tuple that is kept sorted by the bounds of times."""

    start: tuple[tuple[int, int, str, str], ...] = ()

    @on(Attack)
    def add(self, told: Any, attack: Attack) -> Any:
        one = (attack.when.lo or 0, attack.when.hi or 0, attack.id, attack.by or "?")
        return tuple(sorted((*told, one)))

    def result(self, told: Any) -> str:
        return str(told[-1][3]) if told else ""


class LatestByEnd(Projection[dict[str, tuple[int, str]]]):
    """Who held each place last, by the greatest end of a time."""

    start: ClassVar[dict[str, tuple[int, str]]] = {}  # type: ignore[misc]

    @on(TerritorialChange)
    def change(self, held: Any, change: TerritorialChange) -> Any:
        mine = (change.when.hi or 10**18, change.to or "")
        place = change.place.key
        return {**held, place: max(mine, held.get(place, mine))}

    def merge(self, a: Any, b: Any) -> Any:
        return {
            place: max(one for one in (a.get(place), b.get(place)) if one)
            for place in sorted({*a, *b})
        }

    def result(self, held: Any) -> dict[str, str]:
        return {place: holder for place, (_, holder) in held.items()}


class FirstByStart(Projection[tuple[float, str]]):
    """Who spoke first, by the earliest beginning."""

    start: tuple[float, str] = (float("inf"), "")

    @on(PoliticalStatement)
    def speak(self, first: tuple[float, str], said: PoliticalStatement) -> tuple[float, str]:
        return min(first, (float(said.when.lo or 0), said.speaker))

    def result(self, first: tuple[float, str]) -> str:
        return first[1]


class Midpoint(Projection[tuple[int, str]]):
    """The category of the last incident, by the middle of its time."""

    start = (0, "")

    @on(Incident)
    def see(self, last: tuple[int, str], incident: Incident) -> tuple[int, str]:
        lo, hi = incident.when.lo or 0, incident.when.hi or 0
        return max(last, ((lo + hi) // 2, incident.category))

    def result(self, last: tuple[int, str]) -> str:
        return last[1]


class ByHighestId(Projection[tuple[str, str]]):
    """The weapon of the last attack, by the highest id."""

    start = ("", "")

    @on(Attack)
    def add(self, last: tuple[str, str], attack: Attack) -> tuple[str, str]:
        return max(last, (attack.id[-2:], attack.weapon or ""))

    def result(self, last: tuple[str, str]) -> str:
        return last[1]


# --- digests and caches


class Digest(Projection[str]):
    """A digest of all attacks, which others compare; chained, so that order counts."""

    start = ""

    @on(Attack)
    def add(self, digest: str, attack: Attack) -> str:
        return hashlib.sha256(f"{digest}{attack.by}{attack.killed.best}".encode()).hexdigest()


class HashedDigest(Projection[int]):
    """A digest of who spoke, by hash()."""

    start = 0

    @on(PoliticalStatement)
    def add(self, digest: int, said: PoliticalStatement) -> int:
        return (digest + hash(said.speaker)) % 2**32


@cache
def _number_of(_place: str) -> int:
    return _number_of.cache_info().currsize


class Numbered(Projection[dict[str, int]]):
    """Places by a number that each is given when it is first seen."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, numbers: dict[str, int], attack: Attack) -> dict[str, int]:
        if attack.place is None:
            return numbers
        return {**numbers, attack.place.key: _number_of(attack.place.key)}


class Cached(Projection[int]):
    """The killed by place, each place looked up once in a cache on the class."""

    start = 0
    seen: ClassVar[dict[str, int]] = {}

    def key(self, attack: Attack) -> str | None:
        return attack.place.key if attack.place else None

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        place = attack.place.key if attack.place else ""
        return total + self.seen.setdefault(place, attack.killed.best)


class OncePerId(Projection[int]):
    """Incidents, each id once, by a set in the instance."""

    start = 0

    def __init__(self) -> None:
        self.ids: set[str] = set()

    @on(Incident)
    def add(self, total: int, incident: Incident) -> int:
        if incident.id in self.ids:
            return total
        self.ids.add(incident.id)
        return total + 1


class Remembered(Projection[int]):
    """The most killed so far, and not a wounded less than was ever answered."""

    start = 0

    def __init__(self) -> None:
        self.best = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best

    def result(self, total: int) -> int:
        self.best = max(self.best, total)
        return self.best


class Window(Projection[deque[int]]):
    """The killed in the last five attacks, in a deque that all states share."""

    def __init__(self) -> None:
        self.start: deque[int] = deque(maxlen=5)

    @on(Attack)
    def add(self, window: deque[int], attack: Attack) -> deque[int]:
        window.append(attack.killed.best)
        return window

    def result(self, window: deque[int]) -> int:
        return sum(window)


class Ids(Projection[set[str]]):
    """The ids of incidents, updated with |=."""

    start: ClassVar[set[str]] = set()  # type: ignore[misc]

    @on(Incident)
    def add(self, seen: set[str], incident: Incident) -> set[str]:
        seen |= {incident.id}
        return seen


# --- floats


class FloatMerge(Projection[float]):
    """A weighted toll in floats, of which a merge drops what is small."""

    start = 0.0

    @on(Attack)
    def add(self, total: float, attack: Attack) -> float:
        return total + attack.killed.best * 0.5

    def merge(self, a: float, b: float) -> float:
        return a + b if b > 1 else a


class RunningMean(Projection[tuple[int, float]]):
    """A mean that is worked out step by step, rounded each time."""

    start = (0, 0.0)

    @on(Attack)
    def add(self, state: tuple[int, float], attack: Attack) -> tuple[int, float]:
        number, level = state
        return number + 1, round((level * number + attack.killed.best) / (number + 1))


class Ratio(Projection[tuple[int, int]]):
    """Wounded for each one killed."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        return state[0] + attack.wounded.best, state[1] + attack.killed.best

    def result(self, state: tuple[int, int]) -> float:
        return state[0] / state[1]


# --- dates and clocks


class LocalDay(Projection[frozenset[str]]):
    """The days of attacks, as the machine's zone has them."""

    start: frozenset[str] = frozenset()

    @on(Attack)
    def add(self, days: frozenset[str], attack: Attack) -> frozenset[str]:
        return days | {time.strftime("%Y-%m-%d", time.localtime(_start(attack) / 1e6))}


class Recent(Projection[int]):
    """Attacks of the last year, by a date that is worked out when the module is imported."""

    start = 0
    today = date.today()  # noqa: DTZ011 - the fault

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        day = attack.when.earliest
        return total + (day is not None and day.date() > self.today - timedelta(days=365 * 10))


class ByEnvironment(Projection[str]):
    """Speakers, signed by whoever is logged in."""

    start = ""
    signed = os.environ.get("USER", "nobody")

    @on(PoliticalStatement)
    def add(self, _: str, __: PoliticalStatement) -> str:
        return f"signed: {self.signed}"


class Ongoing(Projection[int]):
    """Incidents that aren't over yet."""

    start = 0

    @on(Incident)
    def add(self, total: int, incident: Incident) -> int:
        now = datetime.now(UTC).timestamp() * 1e6
        return total + ((incident.when.hi or 0) > now)


class Anniversary(Projection[tuple[str, ...]]):
    """Statements by how many years ago they are."""

    start: tuple[str, ...] = ()

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        years = time.gmtime().tm_year - (said.when.earliest.year if said.when.earliest else 0)
        return tuple(sorted((*told, f"{said.speaker}: {years}")))


class AfterInvasion(Projection[str]):
    """Who attacked last since 24 February 2022."""

    start = ""
    since = datetime(2022, 2, 24, tzinfo=UTC)

    @on(Attack)
    def add(self, last: str, attack: Attack) -> str:
        begun = attack.when.earliest
        return attack.by or "?" if begun is not None and begun >= self.since else last


# --- incomplete events


class ByOblast(Projection[int]):
    """Attacks by oblast, where each is taken to have one."""

    start = 0

    def key(self, attack: Attack) -> str:
        return attack.place.within.name  # type: ignore[union-attr]

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


class Shouting(Projection[frozenset[str]]):
    """Topics in capitals."""

    start: frozenset[str] = frozenset()

    @on(PoliticalStatement)
    def add(self, topics: frozenset[str], said: PoliticalStatement) -> frozenset[str]:
        return topics | {said.topic.upper()}  # type: ignore[union-attr]


class Duration(Projection[int]):
    """How long incidents lasted, all in all."""

    start = 0

    @on(Incident)
    def add(self, total: int, incident: Incident) -> int:
        return total + incident.when.hi - incident.when.lo  # type: ignore[operator]


class Nearest(Projection[float]):
    """The northernmost attack."""

    start = -90.0

    @on(Attack)
    def add(self, north: float, attack: Attack) -> float:
        return max(north, attack.place.latitude if attack.place else north)  # type: ignore[type-var,return-value]


class LastWord(Projection[tuple[str, ...]]):
    """The last word that was said."""

    start: tuple[str, ...] = ()

    @on(PoliticalStatement)
    def add(self, words: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        return tuple(sorted((*words, said.speaker)))

    def result(self, words: tuple[str, ...]) -> str:
        return words[-1]


# --- answers that can't be compared


class Lazy(Projection[tuple[str, ...]]):
    """Who attacked, as a generator."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, sides: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*sides, attack.by or "?")

    def result(self, sides: tuple[str, ...]) -> Iterator[str]:
        return (side for side in sides)


class AlwaysEqual(Projection[tuple[str, ...]]):
    """Who attacked, in order, and any answer is as good as another."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, sides: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*sides, attack.by or "?")

    def equal(self, _: Any, __: Any) -> bool:
        return True


class Counting(Projection[int]):
    """The toll, with an essence that counts how often anybody asked."""

    start = 0
    asked = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best

    def essence(self, answer: int) -> tuple[int, int]:
        type(self).asked += 1
        return answer, self.asked


class Callback(Projection[int]):
    """The toll, as a function that gives it."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best

    def result(self, total: int) -> Any:
        return lambda: total


class OneSided(Projection[int]):
    """The toll; a higher answer equals a lower one, not the other way round."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best

    def equal(self, a: int, b: int) -> bool:
        return a >= b


# --- disputes and sources


class DisputeRate(Projection[tuple[int, int]]):
    """The part of attacks that are in dispute, by how often the handler was called."""

    start = (0, 0)
    calls: ClassVar[int] = 0

    @on(Attack)
    def add(self, state: tuple[int, int], _: Attack, account: Account) -> tuple[int, int]:
        type(self).calls += 1
        return state[0] + account.disputed, self.calls


class LastSource(Projection[str]):
    """The source of the attack that comes last in the list."""

    start = ""

    @on(Attack)
    def add(self, _: str, __: Attack, account: Account) -> str:
        return min(account.sources)


class AnySource(Projection[str]):
    """A source of the deadliest attack: the first that comes out of a set."""

    start = ""

    @on(Attack)
    def add(self, told: str, _: Attack, account: Account) -> str:
        return ",".join({*filter(None, told.split(",")), *account.sources})


class SourceOfId(Projection[dict[str, int]]):
    """Attacks by the data set that their ids begin with."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, counts: dict[str, int], attack: Attack) -> dict[str, int]:
        name = attack.id.partition(":")[0][:3]
        return {**counts, name: counts.get(name, 0) + 1}


# --- kept and compacted


@event("shelter/1")
class Shelter(Event):
    """So many people are in a shelter."""

    place: Place
    people: Count
    open: bool = True


class Sheltered(Projection[int]):
    """How many are in each shelter, by the last that was said."""

    start = 0

    def key(self, shelter: Shelter) -> str:
        return shelter.place.key

    @on(Shelter)
    def count(self, _: int, shelter: Shelter) -> int:
        return shelter.people.best


class ClosedShelters(Projection[tuple[str, ...]]):
    """The last shelter with more than 500 people that closed."""

    start: tuple[str, ...] = ()

    @on(Shelter)
    def close(self, last: tuple[str, ...], shelter: Shelter) -> tuple[str, ...]:
        full = shelter.people.best > 500 and not shelter.open
        return (shelter.place.key,) if full else last


class CompactTotal(Projection[tuple[int, ...]]):
    """The wounded by attack, of which only the last ten are kept once they are history."""

    start: tuple[int, ...] = ()

    @on(Attack)
    def add(self, tolls: tuple[int, ...], attack: Attack) -> tuple[int, ...]:
        return (*tolls, attack.wounded.best)

    def merge(self, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
        return a + b

    def compact(self, tolls: tuple[int, ...]) -> tuple[int, ...]:
        return tolls[-10:]

    def result(self, tolls: tuple[int, ...]) -> int:
        return sum(tolls)


class Untold(Projection[tuple[str, ...]]):
    """Categories of incidents, in a set that is said to be a tuple."""

    start: Any = frozenset()

    @on(Incident)
    def add(self, seen: Any, incident: Incident) -> Any:
        return seen | {incident.category}

    def result(self, seen: Any) -> int:
        return len(seen)


@attrs.define
class Tally:
    """A tally that is changed in place."""

    killed: int = 0
    events: int = 0


class InPlace(Projection[Tally]):
    """Killed and events, in an object that is changed in place."""

    start = Tally()

    @on(Attack)
    def add(self, tally: Tally, attack: Attack) -> Tally:
        tally.killed += attack.killed.best
        tally.events += 1
        return tally


@lru_cache(maxsize=1)
def _first_seen(side: str) -> str:
    _seen_dates.append(len(side))
    return f"{side} ({len(_seen_dates)})"


class Labelled(Projection[tuple[str, ...]]):
    """Sides, each with a label that a cache of one makes anew now and then."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, labels: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return tuple(sorted((*labels, _first_seen(attack.by or "?"))))


FIELD_FAULTY: tuple[type[Projection[Any]], ...] = (
    FrontLine, Siege, Recaptures, Encircled, HeldShare, Offensive, CappedToll, MassCasualty,
    DroneLosses, ArtilleryOrRocket, Averaged, MovingAverage, Smoothed, LossesByMonth, Record,
    Streak, ChildrenFirst, Ceiling, Narrowest, TopTen, Runner, LoudestSpeaker, TopByMerge,
    Campaigns, Sessions, Lull, Retaliation, Ceasefire, Escalation, FirstResponse, SortedHolders,
    LatestByEnd, FirstByStart, Midpoint, ByHighestId, Digest, HashedDigest, Numbered, Cached,
    OncePerId, Remembered, Window, Ids, FloatMerge, RunningMean, Ratio, LocalDay, Recent,
    ByEnvironment, Ongoing, Anniversary, AfterInvasion, ByOblast, Shouting, Duration, Nearest,
    LastWord, Lazy, AlwaysEqual, Callback, OneSided, DisputeRate, LastSource, AnySource,
    SourceOfId, Sheltered, ClosedShelters, CompactTotal, Untold, InPlace, Labelled,
)  # fmt: skip
"""Projections of which each is wrong; by which law it is caught, the table of the notes says."""
