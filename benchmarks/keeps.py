"""Keeping answers: catching up in order, late news, and questions about any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import duckdb
from contents import Fact, claims, event, facts
from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import SQLiteDatastore, SQLiteTrackingRecorder
from measures import Contender, Figure, Goal, Work
from peers import Recorded, flat
from replays import filled
from walks import Wounded

from timeline import Casualties, Control, Log, Report
from timeline.resolution import chronological

__all__ = [
    "FIGURES",
    "HOLDER",
    "TOLL",
    "answering_as_of",
    "hearing_late",
    "late_claims",
    "replayed",
    "table_answers_as_of",
    "table_hears_late",
    "we_answer_as_of",
    "we_hear_late",
]

_BATCH = 10_000
_LATE = Report("Archive", published="2030-01-01")
_DAYS = ("2022-02-27", "2022-03-01", "2022-03-02", "2022-02-25", "2022-03-05", "2022-02-28")
_TOWN = "geonames:702569"


def in_order(folder: Path, size: int) -> Log:
    """Return a log whose events are told in the order in which they happened."""
    log = Log(folder / "ours.db")
    ordered = sorted(claims(size), key=lambda claim: chronological(claim.event))
    for start in range(0, size, _BATCH):
        log.append(*ordered[start : start + _BATCH])
    return log


def caught_up(folder: Path, size: int) -> Work:
    """Fold a whole log into a kept state, from nothing, and store it."""
    log = in_order(folder, size)
    names = count()

    def work() -> int:
        kept = log.keep(Wounded(), name=f"{next(names)}")
        kept.catch_up()
        kept.save()
        return kept.position

    return work


def caught_up_one_by_one(folder: Path, size: int) -> Work:
    """Take in every entry on its own."""
    log = in_order(folder, size)
    names = count()

    def work() -> int:
        kept = log.keep(Wounded(), name=f"{next(names)}")
        for position in range(1, size + 1):
            kept.catch_up(upto=position)
        kept.save()
        return kept.position

    return work


class View(SQLiteTrackingRecorder):
    """The peer's way of keeping a state: its change and the position in one transaction."""

    def __init__(self, path: Path) -> None:
        super().__init__(SQLiteDatastore(str(path)))
        self.create_table()
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("CREATE TABLE totals (name TEXT PRIMARY KEY, total INTEGER)")
            cursor.execute("INSERT INTO totals VALUES ('wounded', 0)")

    def add(self, people: int, position: int) -> None:
        """Add to the total."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, Tracking("wounded", position))
            cursor.execute("UPDATE totals SET total = total + ?", (people,))


def peer_catches_up(folder: Path, size: int) -> Work:
    """Read every event and keep the total in SQLite."""
    store = Recorded(folder)
    store.append(flat(size), at_once=_BATCH)
    names = count()

    def work() -> int:
        view = View(folder / f"view-{next(names)}.db")
        for position, one in enumerate(store.replay(), 1):
            view.add(getattr(one, "wounded", 1), position)
        return size

    return work


def late_claims(first: int) -> Iterator[Any]:
    """Return news of the first days, without end; their numbers go on from one."""
    for number, fact in enumerate(facts(1 << 30)):
        late = fact._replace(number=first + number, day=_DAYS[number % len(_DAYS)])
        yield _LATE.says(event(late))


def we_hear_late(folder: Path, size: int, *, make: Callable[[], Any], answers: int) -> Work:
    """Take in late claims one by one and return the answer after each."""
    return hearing_late(filled(folder, size), size, make=make, answers=answers)


def hearing_late(log: Log, size: int, *, make: Callable[[], Any], answers: int) -> Work:
    """The same of a log that is there."""
    kept = log.keep(make())
    kept.catch_up()
    late = late_claims(10 * (size + log.head))
    for _ in range(3):  # the first has to work out what was never needed before
        log.append(next(late))
        _looked_at(kept.answer())

    def work() -> int:
        first = log.head
        log.append(*(next(late) for _ in range(answers)))
        for position in range(first + 1, first + answers + 1):
            kept.catch_up(upto=position)
            _looked_at(kept.answer())
        return answers

    return work


def _looked_at(answer: Any) -> None:
    """Ask a mapping for one place; anything else is there already."""
    if hasattr(answer, "keys"):
        answer.get(_TOWN)


def replayed(folder: Path, size: int, *, make: Callable[[], Any]) -> Work:
    """Replays the log for the answer."""
    log = filled(folder, size)

    def work() -> int:
        log.ask(make())
        return 1

    return work


def _table(folder: Path, size: int) -> duckdb.DuckDBPyConnection:
    """The facts as one table of an analytical database, in columns."""
    table = duckdb.connect(str(folder / "facts.duckdb"))
    table.execute(
        "CREATE TABLE facts (id VARCHAR PRIMARY KEY, lo BIGINT, hi BIGINT, place VARCHAR,"
        " holder VARCHAR, low BIGINT, best BIGINT, high BIGINT, wounded BIGINT)"
    )
    path = folder / "facts.csv"
    with path.open("w") as file:
        file.writelines(
            ",".join("" if part is None else str(part) for part in _row(fact)) + "\n"
            for fact in facts(size)
        )
    table.execute(f"COPY facts FROM '{path}'")
    return table


def _row(fact: Fact) -> tuple[Any, ...]:
    holder = fact.by if fact.taken else None
    killed = (0, 0, 0) if fact.taken else fact.killed
    wounded = 0 if fact.taken else fact.wounded
    return (f"desk:{fact.number}", fact.lo, fact.hi, fact.place[1], holder, *killed, wounded)


TOLL = "SELECT place, sum(low), sum(best), sum(high), sum(wounded) FROM facts GROUP BY place"
HOLDER = (
    "SELECT arg_max(holder, lo) FROM facts WHERE holder IS NOT NULL AND place = 'geonames:702569'"
)


def table_hears_late(folder: Path, size: int, *, query: str, answers: int) -> Work:
    """Insert late rows one by one and run the query after each."""
    table = _table(folder, size)
    late = count(size * 10)
    ready = list(facts(1000))

    def work() -> int:
        for _ in range(answers):
            number = next(late)
            row = _row(ready[number % 1000]._replace(number=number))
            table.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            table.execute(query).fetchall()
        return answers

    return work


def we_answer_as_of(folder: Path, size: int, *, make: Callable[[], Any], answers: int) -> Work:
    """Answers for one moment after the other."""
    return answering_as_of(filled(folder, size), size, make=make, answers=answers)


def answering_as_of(log: Log, size: int, *, make: Callable[[], Any], answers: int) -> Work:
    """The same of a log that is there."""
    kept = log.keep(make())
    kept.answer()
    days = [fact.day for fact in islice(facts(size), 0, None, max(size // answers, 1))][:answers]

    def work() -> int:
        for day in days:
            _looked_at(kept.answer(at=day))
        return len(days)

    return work


def replayed_as_of(folder: Path, size: int, *, make: Callable[[], Any]) -> Work:
    """Replays the log for the answer at a moment."""
    log = filled(folder, size)
    day = next(facts(1)).day

    def work() -> int:
        log.ask(make(), at=day)
        return 1

    return work


def table_answers_as_of(folder: Path, size: int, *, query: str, answers: int) -> Work:
    """Run the query over what had ended by one moment after the other."""
    table = _table(folder, size)
    moments = [fact.hi for fact in islice(facts(size), 0, None, max(size // answers, 1))][:answers]
    head, verb, rest = query.partition("FROM facts")
    clause = f"{head}{verb} WHERE hi <= ? " + rest.replace("WHERE", "AND")

    def work() -> int:
        for moment in moments:
            table.execute(clause, (moment,)).fetchall()
        return len(moments)

    return work


def _late(title: str, make: Callable[[], Any], query: str) -> Figure:
    return Figure(
        title=title,
        size=100_000,
        unit="answers/s",
        rounds=3,
        contenders=[
            Contender("timeline, kept", partial(we_hear_late, make=make, answers=30)),
            Contender("timeline, replayed", partial(replayed, make=make)),
            Contender("DuckDB, recomputed", partial(table_hears_late, query=query, answers=30)),
        ],
        goals=[Goal("timeline, replayed", 100)],
    )


def _as_of(title: str, make: Callable[[], Any], query: str) -> Figure:
    return Figure(
        title=title,
        size=100_000,
        unit="answers/s",
        rounds=3,
        contenders=[
            Contender("timeline, kept", partial(we_answer_as_of, make=make, answers=30)),
            Contender("timeline, replayed", partial(replayed_as_of, make=make)),
            Contender("DuckDB, recomputed", partial(table_answers_as_of, query=query, answers=30)),
        ],
    )


FIGURES = [
    Figure(
        title="A kept total catches up with a log",
        size=30_000,
        rounds=3,
        contenders=[
            Contender("timeline", caught_up),
            Contender("eventsourcing, tracked in SQLite", peer_catches_up),
        ],
        goals=[Goal("eventsourcing, tracked in SQLite", 30)],
    ),
    Figure(
        title="A kept total takes in events one by one",
        size=5_000,
        rounds=3,
        contenders=[
            Contender("timeline", caught_up_one_by_one),
            Contender("eventsourcing, tracked in SQLite", peer_catches_up),
        ],
        goals=[Goal("eventsourcing, tracked in SQLite", 1)],
    ),
    _late("Late news of who holds a place, and the answer", Control, HOLDER),
    _late("Late news of casualties, and the answer", Casualties, TOLL),
    _as_of("Who held a place at a moment", Control, HOLDER),
    _as_of("Casualties up to a moment", Casualties, TOLL),
]
