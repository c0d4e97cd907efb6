"""Makes any sequence of calls on a store beside a list, and stops at the first that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from timeline.stores import EventStore, Head, NewRecord, Record
from timeline.testing.model import (
    NOON,
    REPORTS,
    STRAY,
    Anomaly,
    Model,
    differences,
    draft,
    parting,
    rows_text,
)

__all__ = [
    "Append",
    "Call",
    "Calls",
    "Find",
    "Read",
    "Reopen",
    "Run",
    "Start",
    "StoreSubject",
    "Take",
    "machine",
]


@attrs.frozen
class StoreSubject:
    """A store under test: how to open one in a folder, and what it can do.

    ``lasting`` says whether opening again in the same folder gives the same log; ``clear`` takes
    down what ``make`` has made outside the folder.
    """

    make: Callable[[Path], EventStore]
    lasting: bool = True
    clear: Callable[[Path], None] | None = None

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Return a fresh folder and take it down after."""
        with TemporaryDirectory(prefix="store-", ignore_cleanup_errors=True) as name:
            try:
                yield Path(name)
            finally:
                if self.clear is not None:
                    self.clear(Path(name))


# --- the calls


@attrs.frozen
class Append:
    """Appends drafts by number; ``late`` is µs after noon, ``off`` by how much ``expect`` errs."""

    numbers: tuple[int, ...]
    late: int = 0
    explicit: bool = False
    off: int | None = None
    where: int = 0


@attrs.frozen
class Read:
    """Reads the rows of a slice."""

    after: int
    upto: int | None
    where: int = 0


@attrs.frozen
class Find:
    """Asks for rows and reports by id."""

    numbers: tuple[int, ...]
    where: int = 0


@attrs.frozen
class Start:
    """Starts reading a slice, to be gone on with later."""

    after: int
    upto: int | None
    where: int = 0


@attrs.frozen
class Take:
    """Goes on with the reading that was started first, by so many rows."""

    rows: int
    where: int = 0


@attrs.frozen
class Reopen:
    """Closes the store and opens it again in the same folder."""

    where: int = 0


Call = Append | Read | Find | Start | Take | Reopen


@attrs.frozen
class Calls:
    """Which calls to draw, and how."""

    times: bool = False
    """Clocks that step back and explicit times that go back."""
    expects: bool = False
    """Conditional appends, right and wrong."""
    strays: bool = False
    """Batches with a draft whose report nobody has."""
    reads: bool = False
    """Slices, ids, and readings that are interrupted by appends."""
    reopens: bool = False
    """Closing and opening again."""
    stores: int = 1
    """How many stores take turns."""

    def rules(self, *, lasting: bool) -> dict[str, st.SearchStrategy[Any]]:
        """Return the strategy of each sort of call, by its name."""
        known = st.integers(0, 9)
        number = st.sampled_from([*range(10), STRAY]) if self.strays else known
        where = st.integers(0, self.stores - 1)
        append = st.builds(
            Append,
            st.lists(number, min_size=1, max_size=4).map(tuple),
            late=st.integers(-2, 2) if self.times else st.just(0),
            explicit=st.booleans() if self.times else st.just(False),  # noqa: FBT003 - a value to draw
            off=st.sampled_from([None, None, 0, 0, -1, 1]) if self.expects else st.none(),
            where=where,
        )
        calls: dict[str, st.SearchStrategy[Any]] = {"append": append}
        if self.reads:
            places = st.sampled_from([0, 1, 2, 3, 5])
            slices = (places, st.sampled_from([None, 0, 1, 2, 3, 5]))
            calls["append_more"] = append
            calls["read"] = st.builds(Read, *slices, where=where)
            calls["find"] = st.builds(Find, st.lists(known, max_size=4).map(tuple), where=where)
            calls["start"] = st.builds(Start, *slices, where=where)
            calls["take"] = st.builds(Take, st.integers(1, 4), where=where)
        if self.reopens and lasting:
            calls["reopen"] = st.builds(Reopen, where=where)
        return calls


def machine(
    name: str, subject: StoreSubject, calls: Calls, judge: Callable[[Run, Anomaly], None]
) -> type[RuleBasedStateMachine]:
    """Return a state machine that makes such calls on a store, beside a list.

    ``judge`` raises what breaks a law; where it doesn't, the run is over.
    """

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.run: Run | None = Run(subject)

        def call(self, call: Call) -> None:
            if self.run is not None:
                try:
                    self.run.make(call)
                except Anomaly as anomaly:
                    run, self.run = self.run, None
                    run.close()
                    judge(run, anomaly)

        def teardown(self) -> None:
            if self.run is not None:
                self.run.close()

    rules = {
        f"call_{kind}": rule(call=strategy)(_rule(kind))
        for kind, strategy in calls.rules(lasting=subject.lasting).items()
    }
    return type(name, (Machine,), rules)


def _rule(kind: str) -> Callable[[Any, Call], None]:
    def make(self: Any, call: Call) -> None:
        self.call(call)

    make.__name__ = kind
    return make


# --- running them


@attrs.define
class _Opened:
    """A store, the list that it should be, and the readings that are under way."""

    folder: Path
    store: EventStore
    identity: str
    model: Model = attrs.field(factory=Model)
    readings: list[tuple[Iterator[Record], list[Record]]] = attrs.field(factory=list)


class Run:
    """One run of calls: it keeps the story to be told and stops at the first anomaly.

    ``book`` gives the draft of a number, ``reports`` the reports that are handed in.
    """

    def __init__(
        self,
        subject: StoreSubject,
        *,
        book: Callable[[int], NewRecord] = draft,
        reports: Mapping[bytes, bytes] = REPORTS,
    ) -> None:
        self._subject = subject
        self._book = book
        self._reports = reports
        self._opened: dict[int, _Opened] = {}
        self.name = "the store"
        self.story: list[tuple[str, str]] = []
        self.last: Call | None = None
        self._stack = ExitStack()

    def close(self) -> None:
        """Close what is open, and take the folders down."""
        self._stack.close()

    def make(self, call: Call) -> None:
        """Make one call, and hold every store to its list. Raises ``Anomaly``."""
        self.last = call
        try:
            if call.where not in self._opened:
                self._open(call.where, self._stack)
            self._tell(call)
            self._make(call, self._opened[call.where])
            self._look()
        except Anomaly:
            raise
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise Anomaly("error", "the store raised", expected="none", seen=message) from error

    def _open(self, where: int, stack: ExitStack) -> None:
        folder = stack.enter_context(self._subject.folder())
        store = self._subject.make(folder)
        self.name = type(store).__name__
        self._opened[where] = _Opened(folder, store, store.identity)
        stack.callback(self._close, where)  # what is open by the end, not what was opened first
        rows = list(store.rows())
        if rows:
            self.story.append(("open a store in a fresh folder", rows_text(rows)))
            raise Anomaly(
                "shared state", "a fresh store holds what another was given",
                expected="nothing", seen=rows_text(rows),
            )  # fmt: skip

    def _close(self, where: int) -> None:
        self._opened[where].readings.clear()
        self._opened[where].store.close()

    def _tell(self, call: Call) -> None:
        """Open the call's line in the story; what it gave is added once it is known."""
        one = self._opened[call.where].model
        match call:
            case Append():
                call_text = "append " + " ".join(map(str, call.numbers))
                if call.late or call.explicit:
                    word = "recorded" if call.explicit else "clock"
                    call_text += f", {word} at noon{call.late:+}µs"
                if call.off is not None:
                    call_text += f", expect={max(one.head.position + call.off, 0)}"
            case Read():
                call_text = f"rows after {call.after}" + _upto(call.upto)
            case Find():
                call_text = "find " + " ".join(map(str, call.numbers))
            case Start():
                call_text = f"start reading after {call.after}" + _upto(call.upto)
            case Take():
                call_text = f"read on by {call.rows}"
            case _:
                call_text = "close and open again"
        if len(self._opened) > 1:
            call_text = f"store {'AB'[call.where]}: {call_text}"
        self.story.append((call_text, ""))

    def _gave(self, what: str) -> None:
        self.story[-1] = (self.story[-1][0], what)

    def _make(self, call: Call, one: _Opened) -> None:
        match call:
            case Append():
                self._append(call, one)
            case Read(after, upto):
                rows = list(one.store.rows(after, upto))
                self._gave(rows_text(rows))
                _same("rows", one.model.rows[after:upto], rows)
            case Find(numbers):
                self._find([self._book(number) for number in numbers], one)
            case Start(after, upto):
                one.readings.append((one.store.rows(after, upto), one.model.rows[after:upto]))
            case Take(count):
                self._take(count, one)
            case Reopen():
                one.readings.clear()
                one.store.close()
                one.store = self._subject.make(one.folder)
                if one.store.identity != one.identity:
                    raise Anomaly(
                        "lost identity",
                        "the log that was opened again is another one",
                        expected=one.identity,
                        seen=one.store.identity,
                    )

    def _append(self, call: Append, one: _Opened) -> None:
        drafts = [self._book(number) for number in call.numbers]
        head = one.model.head
        expect = None if call.off is None else max(head.position + call.off, 0)
        recorded = NOON + call.late
        refusals = one.model.refusals(
            drafts, self._reports, recorded=recorded, explicit=call.explicit, expect=expect
        )
        answer: list[Record] | None = None
        error: Exception | None = None
        try:
            answer = one.store.append(
                drafts, self._reports, recorded=recorded, explicit=call.explicit, expect=expect
            )
        except Exception as raised:  # noqa: BLE001 - which one it is will be judged
            error = raised
        self._gave(type(error).__name__ if answer is None else rows_text(answer))
        wanted = [] if refusals else one.model.append(drafts, self._reports, recorded)
        self._whole(one, batch=[row.id for row in drafts], refused=refusals)
        names = " or ".join(sorted(kind.__name__ for kind in refusals))
        if answer is None:
            if not isinstance(error, tuple(refusals)):
                raise Anomaly(
                    "wrong refusal",
                    f"{error}",
                    expected=names or rows_text(wanted),
                    seen=f"{type(error).__name__}: {error}",
                ) from error
        elif refusals:
            raise Anomaly(
                "no refusal", "nothing was written, and nothing said so", expected=names,
                seen=rows_text(answer),
            )  # fmt: skip
        elif answer != wanted:
            raise Anomaly(
                "wrong acknowledgement", "append gave other rows than those that are kept",
                expected=rows_text(wanted), seen=rows_text(answer),
            )  # fmt: skip

    def _find(self, drafts: Sequence[NewRecord], one: _Opened) -> None:
        names = [row.id for row in drafts]
        found = one.store.get_by_id(names)
        self._gave(rows_text(list(found.values())))
        wanted = {name: row for name, row in one.model.ids.items() if name in names}
        if found.keys() != wanted.keys():
            _same("find", list(wanted.values()), list(found.values()))
        for name, row in wanted.items():
            differences([row], [found[name]])
        reports = {row.report for row in drafts}
        kept = {name: body for name, body in one.model.reports.items() if name in reports}
        if (bodies := one.store.reports(reports)) != kept:
            _reports(kept, bodies)

    def _take(self, count: int, one: _Opened) -> None:
        if not one.readings:
            self._gave("nothing was started")
            return
        reading, left = one.readings[0]
        rows = list(islice(reading, count))
        self._gave(rows_text(rows))
        _same("the reading that was started", left[:count], rows)
        del left[:count]
        if len(rows) < count:
            one.readings.pop(0)

    def _look(self) -> None:
        """Hold every store to its list, whichever was called."""
        for one in self._opened.values():
            self._whole(one)
        identities = [one.store.identity for one in self._opened.values()]
        if len(set(identities)) < len(identities):
            raise Anomaly(
                "shared state", "two logs have one identity", expected="two", seen=identities[0]
            )

    def _whole(self, one: _Opened, **hints: Any) -> None:
        others = [name for o in self._opened.values() if o is not one for name in o.model.ids]
        differences(one.model.rows, list(one.store.rows()), elsewhere=others, **hints)
        if (bodies := one.store.reports(one.model.reports)) != one.model.reports:
            _reports(one.model.reports, bodies)
        head: Head = one.store.head()
        if head != one.model.head:
            raise Anomaly(
                "wrong answer", "the head isn't the last row's",
                expected=str(one.model.head), seen=str(head),
            )  # fmt: skip


def _upto(upto: int | None) -> str:
    return "" if upto is None else f" up to {upto}"


def _same(what: str, wanted: Sequence[Record], rows: Sequence[Record]) -> None:
    """Raise the anomaly of an answer that isn't the part of the log that was asked for."""
    try:
        differences(wanted, rows)
    except Anomaly as found:
        if found.name != "changed bytes":
            raise Anomaly(
                "wrong answer", f"{what} gave another part of the log than was asked for",
                expected=found.expected, seen=found.seen,
            ) from None  # fmt: skip
        raise


def _reports(kept: Mapping[bytes, bytes], bodies: Mapping[bytes, bytes]) -> None:
    for name, body in kept.items():
        if name in bodies and bodies[name] != body:
            expected, other = parting(body, bodies[name])
            raise Anomaly("changed bytes", "a report is another", expected=expected, seen=other)
    raise Anomaly(
        "lost write" if kept.keys() - bodies.keys() else "phantom",
        "the reports aren't those that the entries stand in",
        expected=f"{len(kept)} reports", seen=f"{len(bodies)} reports",
    )  # fmt: skip
