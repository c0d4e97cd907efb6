"""Holds following to giving every entry once, in order, as it comes, on every store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests import servers
from timeline import Attack, Claim, Log, Report
from timeline.errors import ConflictError, LogError, StoreError
from timeline.redaction_records import Redacted, Redaction
from timeline.stores import FullStore, MemoryStore, Record, SQLiteStore

REPORT = Report("ISW", published="2022-09-10", text="Shelling.")
Opens = Callable[[], Log]


def claim(number: int) -> Claim:
    return REPORT.says(Attack(when="2022-09-10", place="Izium", id=f"attack-{number}"))


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=servers.MAY_BE_MISSING)])
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opens]:
    """Open one log, again and again."""
    opened: list[FullStore] = []

    def store() -> FullStore:
        if request.param == "memory":
            return opened[0] if opened else MemoryStore()
        if request.param == "sqlite":
            return SQLiteStore(tmp_path / "war.db")
        return servers.on_server(tmp_path)

    def log() -> Log:
        opened.append(store())
        return Log(opened[-1])

    yield log
    for one in opened:
        one.close()
    if request.param == "postgres":
        servers.drop(tmp_path)


def test_it_gives_what_is_there_and_then_what_comes(opens: Opens) -> None:
    log, other = opens(), opens()
    log.append(claim(1), claim(2), claim(3))
    with log.follow(after=1) as news:
        assert next(news).claim == claim(2)
        assert news.position == 2
        other.append(claim(4))
        assert [entry.claim for entry in islice(news, 2)] == [claim(3), claim(4)]
        threading.Timer(0.05, other.append, [claim(5)]).start()
        assert next(news).position == 5
    assert list(news) == []


def test_it_ends_once_nothing_has_come_for_a_while(opens: Opens) -> None:
    log = opens()
    log.append(claim(1), claim(2))
    assert [entry.position for entry in log.follow(idle=0)] == [1, 2]
    assert list(log.follow(after=log.head, idle=0.01)) == []
    assert [entry.position for entry in log.follow(after=1, idle=0.3)] == [2]


def test_another_thread_stops_it(opens: Opens) -> None:
    log = opens()
    log.append(claim(1))
    news = log.follow()
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.extend(entry.position for entry in news))
    thread.start()
    while not seen and thread.is_alive():
        pass
    news.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert seen == [1]


def test_many_followers_see_what_many_writers_append(opens: Opens) -> None:
    logs = [opens() for _ in range(3)]
    seen: list[list[str]] = [[] for _ in range(4)]

    def follow(turn: int) -> None:
        with logs[turn % 3].follow() as news:
            seen[turn] = [entry.claim.id for entry in islice(news, 120)]

    def write(turn: int) -> None:
        for number in range(20):
            logs[turn % 3].append(
                claim(100 * turn + 2 * number), claim(100 * turn + 2 * number + 1)
            )

    threads = [threading.Thread(target=follow, args=[turn]) for turn in range(4)]
    threads += [threading.Thread(target=write, args=[turn]) for turn in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kept = [entry.claim.id for entry in logs[0]]
    assert len(kept) == 120
    assert seen == [kept] * 4


def test_who_follows_on_from_the_last_position_misses_nothing(opens: Opens) -> None:
    log = opens()
    log.append(*(claim(number) for number in range(10)))
    seen: list[int] = []
    while len(seen) < 10:  # as if it were stopped after every third entry
        after = seen[-1] if seen else 0
        seen += [entry.position for entry in islice(log.follow(after=after, idle=0), 3)]
    assert seen == list(range(1, 11))


WRITER = """
import sys
from pathlib import Path
from tests.servers import on_server
from tests.test_subscription import claim
from timeline import Log
target = sys.argv[1]
with Log(on_server(Path(target))) if sys.argv[2] == "postgres" else Log(target) as log:
    for number in range(20):
        log.append(claim(number))
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=servers.MAY_BE_MISSING)])
def test_what_another_process_appends_is_seen(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "war.db"
    store = servers.on_server(target) if kind == "postgres" else SQLiteStore(target)
    with Log(store) as log, log.follow() as news:
        with subprocess.Popen([sys.executable, "-c", WRITER, str(target), kind]) as writer:
            assert [entry.claim for entry in islice(news, 20)] == [claim(n) for n in range(20)]
        assert writer.returncode == 0
    if kind == "postgres":
        servers.drop(target)


def test_of_two_that_write_on_one_condition_one_wins_and_the_other_is_told(opens: Opens) -> None:
    one, other = opens(), opens()
    head = one.head
    one.append(claim(1), expect=head, recorded="2022-09-16T12:00Z")
    with pytest.raises(ConflictError) as caught:
        other.append(claim(2), expect=head, recorded="2022-09-17T12:00Z")
    assert "at position 0, but it is at 1, recorded 2022-09-16T12:00:00+00:00" in str(caught.value)
    assert [entry.claim for entry in other.follow(after=head, idle=0)] == [claim(1)]
    assert other.append(claim(2), expect=other.head)[0].position == 2


def test_a_redacted_entry_comes_as_redacted(opens: Opens) -> None:
    log = opens()
    log.append(claim(1), claim(2))
    before = list(log.follow(idle=0))
    log.redact(claim(1), because="named a witness", basis="GDPR Article 17")
    after = list(log.follow(idle=0))
    assert [entry.position for entry in after] == [1, 2, 3]
    assert after == list(log)
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize("after", [-1, 2, True, "1", None])
def test_a_position_that_is_not_there_is_refused(after: object) -> None:
    log = Log()
    log.append(claim(1))
    with pytest.raises(LogError, match="is no position of this log, which has entries 1 to 1"):
        log.follow(after=after)  # type: ignore[arg-type]


def test_a_time_that_is_none_is_refused() -> None:
    for idle in (-1, float("nan")):
        with pytest.raises(LogError, match="idle is in seconds"):
            Log().follow(idle=idle)


def test_a_closed_log_is_followed_no_more() -> None:
    log = Log()
    news = log.follow()
    log.close()
    with pytest.raises(StoreError, match="is closed"):
        next(news)


class Gapped(MemoryStore):
    """Gives no second row."""

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        return (row for row in super().rows(after, upto) if row.position != 2)


def test_a_gap_is_never_passed_over() -> None:
    with closing(Log(Gapped())) as log:
        log.append(claim(1), claim(2), claim(3))
        news = log.follow()
        assert next(news).position == 1
        with pytest.raises(StoreError, match="after position 1 the log gave 3"):
            next(news)


def test_what_is_erased_between_row_and_report_comes_as_redacted() -> None:
    class Raced(MemoryStore):
        def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
            if log.head == 1 and not asked:
                asked.append(ids)
                log.redact(1, because="named a witness", basis="GDPR Article 17")
            return super().reports(ids)

    asked: list[object] = []
    with closing(Log(Raced())) as log:
        log.append(claim(1))
        news = log.follow(idle=0)
        assert [type(entry.claim) for entry in islice(news, 2)] == [Redacted, Redaction]


# ---- without holding up a loop ----


def test_a_loop_follows_too(opens: Opens) -> None:
    log, other = opens(), opens()
    log.append(claim(1))

    async def two() -> list[object]:
        found: list[object] = []
        async for entry in log.follow():
            found.append(entry.claim)
            if len(found) == 1:
                await asyncio.to_thread(other.append, claim(2))
            else:
                break
        return found

    assert asyncio.run(two()) == [claim(1), claim(2)]


def test_a_loop_ends_where_nothing_comes_or_it_is_cancelled() -> None:
    log = Log()
    log.append(claim(1))

    async def all_there_is() -> list[int]:
        return [entry.position async for entry in log.follow(idle=0)]

    assert asyncio.run(all_there_is()) == [1]

    async def cancelled() -> bool:
        news = log.follow(after=1)
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return next(news, None) is None

    assert asyncio.run(cancelled())
