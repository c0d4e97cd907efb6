"""Writers, followers, keepers, corrections and kills, all at once, for so many seconds.

``python -m tests.soak 600 sqlite postgres memory`` soaks each of these stores in turn. In the end
the log has to hold all that was acknowledged, where it was said to be; every follower has to have
seen every entry, in order; and what is asked, and what was kept, has to equal a naive fold.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from tests.naive import naive_answer, naive_standing, seen
from timeline import (
    Attack,
    Claim,
    Control,
    Entry,
    Log,
    Projection,
    Report,
    Retraction,
    TerritorialChange,
    Void,
    on,
)
from timeline.folding.kept_projection import Kept
from timeline.views.casualties import Casualties

__all__ = ["STORES", "soak"]

STORES = ("memory", "sqlite", "postgres")
_WRITERS, _FOLLOWERS, _KEEPERS = 3, 2, 2
_PLACES = ("Izium", "Kharkiv", "Bucha", "Lyman")
_SOURCES = ("Wire", "Desk", "Radio")


class Wounded(Projection[int]):
    """How many were wounded: a fold with nothing but a step."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best


def _tell(random: Random, family: str) -> Iterator[Claim | Retraction | Void]:
    """What is said of one event and of nothing else: versions, denials, corrections, in any order.

    Each thing names the family that it belongs to, so that a naive fold may go one by one.
    """
    said: list[Claim] = []
    for step in range(random.randint(1, 6)):
        day = random.randint(1, 28)
        report = Report(random.choice(_SOURCES), published=f"2022-09-{day:02d}", title=f"{step}")
        if random.random() < 0.7:
            event: Any = Attack(
                when=f"2022-{random.randint(1, 9):02d}", id=family, place=random.choice(_PLACES),
                wounded=random.randint(0, 9),
            )  # fmt: skip
        else:
            event = TerritorialChange(
                when=f"2022-0{random.randint(1, 9)}", id=family, place=random.choice(_PLACES),
                to=random.choice(["Ukraine", "Russia"]),
            )  # fmt: skip
        mine = [one for one in said if one.source == report.source]
        choice = random.random()
        if choice < 0.12 and said:
            yield report.voids(random.choice(said), because=family)
        elif choice < 0.22 and mine:
            yield report.retracts(family, because="mistaken")
        else:
            replaced = [random.choice(mine)] if mine and random.random() < 0.3 else None
            way = random.choice([report.says] * 6 + [report.denies, report.expects])
            said.append(way(event, replaces=replaced))
            yield said[-1]


def _family(entry: Entry) -> str:
    said = entry.claim
    if isinstance(said, Claim):
        return said.event.id
    return said.event_id if isinstance(said, Retraction) else str(getattr(said, "because", ""))


def _write(log: Log, name: str, tell: Callable[[str], object], stop: Callable[[], bool]) -> None:
    random = Random(name)
    family = 0
    waiting: list[Claim | Retraction | Void] = []
    while not stop():
        while len(waiting) < 8:
            family += 1
            waiting += _tell(random, f"{name}.{family}")
        # Nearly in order: what corrects may come before what it corrects.
        at = random.randint(1, 4)
        batch, waiting = waiting[:at], waiting[at:]
        random.shuffle(batch)
        entries = log.append(*batch)
        tell("ack " + ",".join(f"{entry.position}:{entry.claim.id}" for entry in entries))
        time.sleep(random.random() * 0.004)


def _follow(
    log: Log, name: str, tell: Callable[[str], object], stop: Callable[[], bool], after: int
) -> None:
    while not stop():
        for entry in log.follow(after=after, idle=0.2):
            tell(f"saw {name} {entry.position}:{entry.claim.id}")
            after = entry.position
            if stop():
                return


def _keep(log: Log, name: str, stop: Callable[[], bool]) -> None:
    random = Random(name)
    kept: list[Kept[Any]] = [log.keep(Wounded()), log.keep(Casualties()), log.keep(Control())]
    while not stop():
        one = random.choice(kept)
        one.answer()
        if random.random() < 0.3:
            one.save()
        time.sleep(random.random() * 0.02)


class _Heard:
    """What writers acknowledged and followers saw."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, int] = {}
        self.seen: defaultdict[str, list[str]] = defaultdict(list)
        self.failed: list[str] = []
        self._lock = threading.Lock()

    def line(self, line: str) -> None:
        """Take one line in."""
        kind, _, rest = line.partition(" ")
        with self._lock:
            if kind == "ack":
                for told in rest.split(","):
                    position, name = told.split(":")
                    known = self.acknowledged.setdefault(name, int(position))
                    assert known == int(position), f"{name} is at {known} and at {position}"
            elif kind == "saw":
                who, told = rest.split(" ")
                position, name = told.split(":")
                saw = self.seen[who]
                # At least once from where it stood; never a gap, never another entry.
                assert int(position) <= len(saw) + 1, f"{who} saw {position} after {len(saw)}"
                if int(position) == len(saw) + 1:
                    saw.append(name)
                assert saw[int(position) - 1] == name, f"two entries at {position}"
            else:
                self.failed.append(line)


def _roles() -> list[tuple[str, str]]:
    return (
        [("writer", f"w{n}") for n in range(_WRITERS)]
        + [("follower", f"f{n}") for n in range(_FOLLOWERS)]
        + [("keeper", f"k{n}") for n in range(_KEEPERS)]
    )


def _play(
    role: tuple[str, str],
    log: Log,
    tell: Callable[[str], object],
    stop: Callable[[], bool],
    after: int,
) -> None:
    part, name = role
    if part == "writer":
        _write(log, name, tell, stop)
    elif part == "follower":
        _follow(log, name.partition("#")[0], tell, stop, after)
    else:
        _keep(log, name, stop)


def _threads(log: Log, seconds: float, heard: _Heard) -> None:
    """All roles as threads over one log; nobody is killed, for that would be all of them."""
    over = threading.Event()

    def run(role: str, name: str) -> None:
        try:
            _play((role, name), log, heard.line, over.is_set, 0)
        except BaseException as error:  # noqa: BLE001 - told at the end
            heard.line(f"failed {name}: {error!r}")
            over.set()

    threads = [threading.Thread(target=run, args=role) for role in _roles()]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join()


class _Processes:
    """All roles as processes, which are killed and started again at random."""

    def __init__(self, target: str, heard: _Heard) -> None:
        self.kills = 0
        self._target, self._heard = target, heard
        self._out, self._in = os.pipe()
        self._running: dict[int, tuple[str, str]] = {}
        self._number = 0
        self._reader = threading.Thread(target=self._read)

    def start(self, role: str, name: str) -> None:
        """Start one, under a name of its own if it writes, so that it says something new."""
        self._number += 1
        called = f"{name}#{self._number}"
        after = len(self._heard.seen[name])
        child = os.fork()
        if not child:
            self._child(role, called, after)
        self._running[child] = (role, name)

    def _child(self, role: str, name: str, after: int) -> NoReturn:
        os.close(self._out)

        def tell(line: str) -> None:
            os.write(self._in, f"{line}\n".encode())  # so short that it is written whole

        try:
            _play((role, name), Log(self._target), tell, lambda: False, after)
        except BaseException as error:  # noqa: BLE001 - told at the end
            tell(f"failed {name}: {error!r}"[:2000].replace("\n", " "))
        os._exit(1)

    def _read(self) -> None:
        with os.fdopen(self._out, "r", encoding="utf-8") as lines:
            for line in lines:
                try:
                    self._heard.line(line.rstrip("\n"))
                except AssertionError as error:
                    self._heard.failed.append(str(error))

    def run(self, seconds: float, random: Random) -> None:
        """Run all of them for so long."""
        for role in _roles():
            self.start(*role)
        self._reader.start()  # after the first forks; later ones are of this thread alone
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._heard.failed:
            time.sleep(random.random() * 0.4)
            victim = random.choice(list(self._running))
            role = self._kill(victim)
            self.start(*role)
            self.kills += 1
        for victim in list(self._running):
            self._kill(victim)
        os.close(self._in)
        self._reader.join()

    def _kill(self, victim: int) -> tuple[str, str]:
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        return self._running.pop(victim)


def _check(log: Log, heard: _Heard, counts: Counter[str]) -> None:
    """Hold the log's end state, and every answer, against what was told and a naive fold."""
    assert not heard.failed, heard.failed
    entries = list(log)
    kept = {entry.claim.id: entry.position for entry in entries}
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    assert len(kept) == len(entries), "something is there twice"
    lost = [name for name, at in heard.acknowledged.items() if kept.get(name) != at]
    assert not lost, f"lost or moved: {lost[:5]}"
    assert log.verify().ok
    ids = [entry.claim.id for entry in entries]
    for who, saw in heard.seen.items():
        assert saw == ids[: len(saw)], f"{who} saw something else"
        counts["followed"] += len(saw)
    families: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        families[_family(entry)].append(entry)
    stands = [one for family in families.values() for one in naive_standing(family)]
    assert Counter(map(seen, log.accounts())) == Counter(stands)

    def step(total: int, event: object) -> int:
        return total + event.wounded.best if isinstance(event, Attack) else total

    wounded = naive_answer(step, 0, stands)
    for projection in (Wounded(), Casualties(), Control()):
        answer: Any = log.ask(projection)
        took_up: Any = log.keep(projection)
        again: Any = took_up.answer()
        assert _plain(again) == _plain(answer), f"{projection} was kept wrongly"
        if isinstance(projection, Wounded):
            assert answer == wounded, f"{answer} wounded, and {wounded} by the naive fold"
    counts |= Counter(
        {"acknowledged": len(heard.acknowledged), "entries": len(entries), "events": len(families)}
    )
    counts["standing"] = len(stands)


def _plain(answer: Any) -> Any:
    return dict(answer) if hasattr(answer, "keys") else answer


@contextmanager
def _target(store: str, folder: Path) -> Iterator[str]:
    with ExitStack() as stack:
        if store == "postgres":
            from tests.servers import Server  # noqa: PLC0415 - needs psycopg

            yield stack.enter_context(Server.running()).url
        else:
            yield str(folder / "soak.db")


def soak(store: str, seconds: float, *, seed: int = 0) -> dict[str, int]:
    """Soaks one store and gives the counts."""
    heard, counts = _Heard(), Counter[str]()
    with TemporaryDirectory() as folder:
        if store == "memory":
            with Log() as log:
                _threads(log, seconds, heard)
                _check(log, heard, counts)
            return dict(counts)
        with _target(store, Path(folder)) as target:
            Log(target).close()
            processes = _Processes(target, heard)
            processes.run(seconds, Random(seed))
            counts["killed"] = processes.kills
            with Log(target) as log:
                _check(log, heard, counts)
    return dict(counts)


def main(arguments: list[str]) -> None:
    """Soaks each store that is named for so many seconds."""
    seconds = float(arguments[0])
    for store in arguments[1:] or STORES:
        counts = soak(store, seconds)
        sys.stdout.write(json.dumps({"soak": store, "seconds": seconds, **counts}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
