"""Lets several hands work on one store at once, or die in the middle, and judges what is left."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from queue import Empty
from typing import Any

from timeline.stores import Record
from timeline.testing.laws.store_machine import StoreSubject
from timeline.testing.model import NOON, REPORTS, Anomaly, Model, differences, draft, rows_text
from timeline.testing.workers import Worker, opening, packed, process_worker, thread_worker

__all__ = ["ConcurrentRun"]

_BATCHES = 30  # of each writer
_TRIES = 20  # of each that writes on a condition
_CRASHES = 5
_OWN = 1000  # from here on a number is one hand's alone
_NEAR = 3  # positions on either side of an anomaly that are told

Batch = list[int]


class _Acknowledged:
    """What a hand said of one batch: the rows it was given, or that it was refused."""

    def __init__(self, hand: Worker, said: dict[str, Any]) -> None:
        self.hand = hand.name
        self.batch: Batch = said["batch"]
        self.own = [draft(number).id for number in self.batch if number >= _OWN]
        self.expect: int | None = said.get("expect")
        self.rows: list[list[Any]] | None = said["rows"]

    @property
    def places(self) -> list[int]:
        """The positions it was given; where it was refused, the one that it wanted."""
        if self.rows is None:
            return [(self.expect or 0) + 1]
        return [place for place, _, _ in self.rows]

    def told(self) -> tuple[str, str]:
        """Return the call and what it gave."""
        call = f"{self.hand}: append " + " ".join(map(str, self.batch))
        if self.expect is not None:
            call += f", expect={self.expect}"
        if self.rows is None:
            return call, "ConflictError"
        pairs = zip(self.batch, self.places, strict=False)
        return call, " ".join(f"{number}@{place}" for number, place in pairs)


class ConcurrentRun:
    """One run of several hands: it keeps the story to be told, as a run of calls does."""

    def __init__(self, subject: StoreSubject, seed: int, *, processes: bool) -> None:
        self._subject = subject
        self._random = random.Random(seed)  # noqa: S311 - to repeat a run, not to hide one
        self._processes = processes
        self.name = "the store"
        self.story: list[tuple[str, str]] = []

    # --- setting them up

    @contextmanager
    def _hands(self, folder: Path, *names: str) -> Iterator[list[Worker]]:
        """Return hands that are ready; of threads every other has opened the store for itself."""
        make = self._subject.make
        with ExitStack() as stack:
            if self._processes:
                started = [process_worker(name, make, folder) for name in names]
            else:
                self._shared = stack.enter_context(opening(make, folder))
                own = [self._subject.lasting and number % 2 == 1 for number in range(len(names))]
                started = [
                    thread_worker(
                        name, opening(make, folder) if alone else nullcontext(self._shared)
                    )
                    for name, alone in zip(names, own, strict=True)
                ]
            hands = [stack.enter_context(one) for one in started]
            for hand in hands:
                hand.begin()
            identities = {_said(hand)["ready"] for hand in hands}
            if len(identities) > 1:
                raise Anomaly(
                    "lost identity", "one log, opened several times, has several identities",
                    expected="one", seen=", ".join(sorted(identities)),
                )  # fmt: skip
            yield hands

    def _left(self, folder: Path) -> list[Record]:
        """The rows that are there in the end."""
        if not self._subject.lasting:
            self.name = type(self._shared).__name__
            return list(self._shared.rows())
        with opening(self._subject.make, folder) as store:
            self.name = type(store).__name__
            return list(store.rows())

    # --- what they do

    def read_while_written(self) -> None:
        """Writers append, some of it twice, while readers read on; raises ``Anomaly``."""
        names = ["writer 1", "writer 2", "reader 1"]
        if not self._processes:
            names += ["writer 3", "reader 2"]
        with self._subject.folder() as folder, self._hands(folder, *names) as hands:
            readers = [hand for hand in hands if hand.name.startswith("reader")]
            writers = [hand for hand in hands if hand not in readers]
            for hand in readers:
                hand.tell({"do": "watch"})
            done: list[_Acknowledged] = []
            for turn in range(_BATCHES):  # in turns, or one writer runs ahead of the others
                for number, hand in enumerate(writers, 1):
                    batch = self._batch(number, turn)
                    hand.tell({"do": "append", "batches": [batch], "late": number})
                done += [_Acknowledged(hand, _said(hand)) for hand in writers]
            for hand in readers:
                hand.tell({"do": "rest"})
            polls = {hand.name: _said(hand)["polls"] for hand in readers}
            rows = self._left(folder)
            self._judge(rows, done)
            for name, seen in polls.items():
                self._judge_polls(name, seen, rows, done)

    def _batch(self, hand: int, turn: int) -> Batch:
        own = [_OWN * hand + 10 * turn + k for k in range(self._random.randint(1, 4))]
        return [*own, turn] if turn % 3 == 0 else own  # some of it is every writer's

    def compete(self) -> None:
        """Writers append on the condition that nobody else has; raises ``Anomaly``."""
        names = ["writer 1", "writer 2"]
        won: list[_Acknowledged] = []
        with self._subject.folder() as folder, self._hands(folder, *names) as hands:
            for turn in range(_TRIES):
                for number, hand in enumerate(hands, 1):
                    first = _OWN * number + 10 * turn
                    hand.tell({"do": "compete", "batch": [first, first + 1]})
                for hand in hands:
                    _said(hand)  # it has read the head
                for hand in hands:
                    hand.tell({"do": "go"})
                done = [_Acknowledged(hand, _said(hand)) for hand in hands]
                self._judge_turn(done, self._left(folder), won)
                won += [one for one in done if one.rows is not None]
            self._judge(self._left(folder), won)

    def _judge_turn(
        self, done: list[_Acknowledged], rows: list[Record], won: list[_Acknowledged]
    ) -> None:
        """Hold two that wrote on one condition to this: one wins, the other changes nothing."""
        there = {row.id for row in rows}
        winners = [one for one in done if one.rows is not None]
        expect = done[0].expect or 0
        if len(winners) > 1:
            anomaly = "stale conditional write", "two writers won on one condition"
        elif any(one.rows is None and there.intersection(one.own) for one in done):
            anomaly = "stale conditional write", "what was refused was written all the same"
        elif not winners:
            anomaly = "wrong refusal", "both writers were refused, and nobody else had written"
        else:
            return
        self._tell([*won, *done], around=expect + 1)
        name, why = anomaly
        raise Anomaly(
            name, why, expected="one of the two, the other refused", seen=rows_text(rows[expect:])
        )

    def crash(self) -> None:
        """Writers are killed one after the other, whatever they are at; raises ``Anomaly``."""
        model = Model()
        make = self._subject.make
        with self._subject.folder() as folder, ExitStack() as stack:
            hands = [
                stack.enter_context(process_worker(f"process {number}", make, folder))
                for number in range(1, _CRASHES + 1)
            ]
            unanswered: list[Batch] = []
            for number, hand in enumerate(hands, 1):
                batches = self._many(100_000 * number)
                done = self._killed(hand, batches)
                rows = self._left(folder)
                self.story.append(("open the store again", rows_text(rows)))
                # The next may be there too, whole: it was killed before it could say so. A server
                # may still be at it now, and end it after others have written.
                unanswered += batches[len(done) : len(done) + 1]
                there = {row.id: row.position for row in rows}
                names = {draft(n).id for batch in unanswered for n in batch}
                order = [one.batch for one in done]
                for batch in list(unanswered):
                    if all(draft(n).id in there for n in batch):
                        unanswered.remove(batch)
                        first = there[draft(batch[0]).id]
                        later = (there.get(draft(one[0]).id, 0) > first for one in order)
                        order.insert(
                            next((i for i, is_later in enumerate(later) if is_later), len(order)),
                            batch,
                        )
                for batch in order:
                    model.append([draft(n) for n in batch], REPORTS, NOON)
                differences(model.rows, rows, batch=names)
                for one in done:
                    _agree(one, rows)

    def _many(self, first: int) -> list[Batch]:
        batches = []
        for _ in range(300):
            size = self._random.randint(1, 20)
            batches.append(list(range(first, first + size)))
            first += size
        return batches

    def _killed(self, hand: Worker, batches: list[Batch]) -> list[_Acknowledged]:
        """Return what a process acknowledged before it was killed."""
        hand.begin()
        _said(hand)
        hand.tell({"do": "append", "batches": batches, "late": 0})
        done = [_Acknowledged(hand, _said(hand)) for _ in range(self._random.randint(1, 10))]
        time.sleep(self._random.random() / 200)
        hand.kill()
        while (said := hand.hear()) is not None:
            done.append(_Acknowledged(hand, said))
        self.story += [one.told() for one in done[-2:]]
        self.story.append((f"{hand.name} is killed", f"{len(done)} appends were acknowledged"))
        return done

    # --- judging what they left

    def _judge(self, rows: Sequence[Record], done: Iterable[_Acknowledged]) -> None:
        """Hold the rows to what was acknowledged, in whatever order the batches went in."""
        done = list(done)
        numbers = {draft(number).id: number for one in done for number in one.batch}
        there = {row.id: index for index, row in reversed(list(enumerate(rows)))}
        expected: list[Record] = []
        recorded = NOON
        for name in dict.fromkeys([row.id for row in rows if row.id in numbers] + list(numbers)):
            if name in there:
                recorded = max(recorded, rows[there[name]].recorded)
            expected.append(Record(len(expected) + 1, recorded, *draft(numbers[name])))
        for one in done:
            indices = [there[name] for name in one.own if name in there]
            around = min(indices, default=min(one.places)) + 1
            if 0 < len(indices) < len(one.own):
                anomaly = "torn batch", "a part of a batch is there"
            elif indices != sorted(indices):
                anomaly = "reorder", "the rows of a batch are in another order"
            elif indices and indices[-1] - indices[0] >= len(indices):
                anomaly = "torn batch", "others' rows stand between those of a batch"
            else:
                continue
            self._tell(done, around=around)
            seen = rows_text(rows[around - 1 : around + _NEAR])
            raise Anomaly(*anomaly, expected=" ".join(map(str, one.batch)), seen=seen)
        try:
            differences(expected, rows)
        except Anomaly:
            wrong = (i for i, (a, b) in enumerate(zip(expected, rows, strict=False), 1) if a != b)
            self._tell(done, around=next(wrong, len(rows)))
            raise
        for one in done:
            _agree(one, rows)

    def _judge_polls(
        self,
        reader: str,
        polls: list[list[list[Any]]],
        rows: Sequence[Record],
        done: Sequence[_Acknowledged],
    ) -> None:
        """Hold what a reader saw, poll by poll, to what is there in the end."""
        final = packed(rows)
        places = {row.id: row.position for row in rows}
        spans = [[places[name] for name in one.own] for one in done]
        inside = {place for span in spans for place in span if place != max(span)}
        at = 0
        for poll in polls:
            before = at
            for place, recorded, found in poll:
                if place > at + 1:
                    anomaly = "poll skip", f"it saw position {place} before {at + 1}"
                elif place <= at:
                    anomaly = "duplicate", f"it saw position {place} again after {at}"
                elif [place, recorded, found] != final[place - 1]:
                    anomaly = "changed bytes", f"what it saw at position {place} is another row now"
                else:
                    at = place
                    continue
                self._seen(reader, before, poll, done, anomaly, rows)
            if at in inside:
                why = f"it saw a batch up to position {at}, and not the rest of it"
                self._seen(reader, before, poll, done, ("torn batch", why), rows)
        if at < len(rows):
            why = f"it never saw what stands after position {at}"
            self._seen(reader, at, [], done, ("lost write", why), rows)

    def _seen(  # noqa: PLR0917 - who saw what, beside what is there
        self,
        reader: str,
        before: int,
        poll: list[list[Any]],
        done: Sequence[_Acknowledged],
        anomaly: tuple[str, str],
        rows: Sequence[Record],
    ) -> None:
        self._tell(done, around=before + 1)
        numbers = {draft(number).id.hex(): number for one in done for number in one.batch}
        seen = " ".join(f"{numbers.get(name, name[:6])}@{place}" for place, _, name in poll)
        self.story.append((f"{reader}: rows after {before}", seen or "nothing"))
        name, why = anomaly
        expected = rows_text(rows[before : before + max(len(poll), 1)])
        raise Anomaly(name, f"{reader}: {why}", expected=expected, seen=seen or "nothing")

    def _tell(self, done: Iterable[_Acknowledged], *, around: int) -> None:
        """Put what happened near a position into the story."""
        near = range(around - _NEAR, around + _NEAR + 1)
        near_it = [one for one in done if any(place in near for place in one.places)]
        self.story += [one.told() for one in sorted(near_it, key=lambda one: one.places[0])]


def _said(hand: Worker) -> dict[str, Any]:
    """What a hand says next, where that is no trouble."""
    try:
        said = hand.hear()
    except Empty:
        said = {"error": "it has said nothing for two minutes"}
    if said is None:
        said = {"error": "its process has ended; what it wrote to the error output tells why"}
    if "error" in said:
        raise Anomaly("error", f"{hand.name} failed", expected="an answer", seen=said["error"])
    return said


def _agree(one: _Acknowledged, rows: Sequence[Record]) -> None:
    """Raise where an append gave other rows than those that are kept."""
    final = packed(rows)
    for got in one.rows or []:
        if not 0 < got[0] <= len(rows) or final[got[0] - 1] != got:
            raise Anomaly(
                "wrong acknowledgement", "append gave other rows than those that are kept",
                expected=one.told()[1], seen=rows_text(rows[max(got[0] - 1, 0) : got[0]]),
            )  # fmt: skip
