"""The laws of stores, and the lines that check them: ``check_store`` and ``verify_store``."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from secrets import randbits
from time import perf_counter
from typing import Any, NoReturn

import attrs
from hypothesis import HealthCheck, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from timeline.errors import LawError
from timeline.stores import Draft, Store
from timeline.testing.laws import plugs
from timeline.testing.laws.base import Broken, Finding, Law, Verdict
from timeline.testing.laws.running import LawReport
from timeline.testing.laws.store_crowds import Crowd
from timeline.testing.laws.store_machine import (
    Append,
    Call,
    Calls,
    Find,
    Reopen,
    Run,
    StoreSubject,
)
from timeline.testing.model import Anomaly
from timeline.testing.processes import elsewhere

__all__ = ["STORE_LAWS", "Chosen", "StoreBroken", "check_store", "verify_store"]

STORE_LAWS: list[Law[StoreSubject]] = []

_WIDE = 64  # of a column in a story
_LONG = 400  # of what was expected and seen
_PATIENCE = 3.0  # seconds for which a finding is made shorter
Story = Sequence[tuple[str, str]]


class StoreBroken(Broken):
    """A law of stores doesn't hold: which anomaly, the calls that show it, and what they gave."""

    def __init__(self, law: Law[Any], subject: str, anomaly: Anomaly, story: Story) -> None:
        answers = {"Expected": anomaly.expected, "Seen": anomaly.seen}
        super().__init__(law, subject, Finding({}, answers, hint=anomaly.why))
        self.anomaly = anomaly.name
        self.story = tuple(story)

    def __str__(self) -> str:
        """Tells law and anomaly, what was called and given, what was expected, what to do."""
        lines = [
            f"{self.subject} breaks the law {self.law.name}: {self.anomaly}",
            "",
            self.law.statement,
            "",
            _table(self.story),
            "",
            f"Wrong: {self.finding.hint}",
        ]
        for name, told in self.finding.answers.items():
            lines.append(
                f"{(name + ':').ljust(10)}{told if len(told) < _LONG else told[:_LONG] + '…'}"
            )
        lines += ["", f"Likely cause: {self.law.cause}", f"What to do: {self.law.mend}"]
        if self.seed is not None:
            lines.append(
                f"Seed: {self.seed} (laws.verify_store(..., seed={self.seed}) runs it again)"
            )
        return "\n".join(lines)


def _table(story: Story) -> str:
    """Gives a story as a table; ``7@3`` is the draft of number 7 at position 3."""
    rows = [("no.", "call", "gave"), *((str(i), *one) for i, one in enumerate(story, 1))]
    rows = [tuple(c if len(c) <= _WIDE else c[: _WIDE - 1] + "…" for c in row) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  " + "  ".join(c.ljust(width) for c, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


# --- the laws


def _law(cause: str, mend: str, **options: Any) -> Any:
    """Lists a law; the decorated function's docstring is its statement."""

    def listed(run: Any) -> Any:
        STORE_LAWS.append(Law(run, cause=cause, mend=mend, **options))
        return run

    return listed


def _lasting(subject: StoreSubject) -> str | None:
    return None if subject.lasting else "the store lasts no longer than its process"


def _processes(subject: StoreSubject) -> str | None:
    return _lasting(subject) or elsewhere(subject.make)


def _fail(law: Any, run: Run | Crowd, anomaly: Anomaly) -> NoReturn:
    found = next(one for one in STORE_LAWS if one.run is law)
    raise StoreBroken(found, run.name, anomaly, run.story) from anomaly.__cause__


class Chosen:
    """What the laws of stores choose from: what Hypothesis draws, or a seed."""

    def __init__(self, data: st.DataObject | None, seed: int) -> None:
        self._data = data
        self.seed = seed

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """Draws from a strategy."""
        assert self._data is not None  # noqa: S101 - a law that draws is one that is searched
        return self._data.draw(strategy)


def _follow(law: Any, run: Run, calls: Sequence[Call], names: Collection[str]) -> None:
    """Makes calls; anomalies of some names break the law, of any name if none is given."""
    try:
        run.follow(calls)
    except Anomaly as anomaly:
        # Others break the laws that are about them; here the run ends, since store and list part.
        if not names or anomaly.name in names:
            _fail(law, run, anomaly)


def _search(law: Any, subject: StoreSubject, choices: Chosen, calls: Calls, *names: str) -> None:
    """Makes drawn calls; ``names`` as for ``_follow``."""
    _follow(law, Run(subject), choices.draw(calls.drawn(lasting=subject.lasting)), names)


@_law(
    cause="some sequence of calls that no single law is about",
    mend="make the calls of the table in a test of your own and follow them",
)
def it_answers_like_a_plain_list(subject: StoreSubject, choices: Chosen) -> None:
    """Whatever is called in whatever order, a store answers like a list to which rows are added,
    also while it is being read and after it is opened again."""
    calls = Calls(times=True, expects=True, strays=True, reads=True, reopens=True)
    _search(it_answers_like_a_plain_list, subject, choices, calls)


@_law(
    cause="rows are written one by one, or before everything that can fail has been checked",
    mend="check first, then write in one transaction, and roll back whatever is raised",
)
def an_append_is_all_or_none(subject: StoreSubject, choices: Chosen) -> None:
    """An append keeps every draft or, where it raises, none: no batch is there in part."""
    calls = Calls(times=True, expects=True, strays=True)
    names = "lost write", "torn batch", "phantom"
    _search(an_append_is_all_or_none, subject, choices, calls, *names)


@_law(
    cause="drafts are compared with the last batch alone, or not with those of their own batch",
    mend="look ids up in the whole log and in the batch; give the row that is there",
)
def an_id_is_kept_once(subject: StoreSubject, choices: Chosen) -> None:
    """A draft that is appended again, in its own batch or any later one, changes nothing and is
    given the row that is there."""
    calls = Calls()
    names = "duplicate", "wrong acknowledgement"
    _search(an_id_is_kept_once, subject, choices, calls, *names)


@_law(
    cause="positions come from a counter of its own, which runs on where an append fails",
    mend="count on from the head inside the transaction; give positions in the batch's order",
)
def positions_run_without_a_gap(subject: StoreSubject, choices: Chosen) -> None:
    """Positions are 1, 2, 3 and so on in the order in which drafts were handed in, also after
    appends that failed."""
    calls = Calls(times=True, expects=True, strays=True)
    names = "poll skip", "reorder"
    _search(positions_run_without_a_gap, subject, choices, calls, *names)


@_law(
    cause="the time is written as it comes from a clock that steps back",
    mend="hold a time that lies before the head's at the head's; refuse it where it is explicit",
)
def recorded_never_goes_back(subject: StoreSubject, choices: Chosen) -> None:
    """``recorded`` never decreases: a clock that steps back is held at the last entry's time, and
    an explicit time that goes back is refused."""
    calls = Calls(times=True)
    names = "recorded goes back", "changed time"
    _search(recorded_never_goes_back, subject, choices, calls, *names)


@_law(
    cause="expect= is passed over, or compared with something else than the head's position",
    mend="compare expect with the head inside the transaction; raise ConflictError",
)
def a_stale_condition_changes_nothing(subject: StoreSubject, choices: Chosen) -> None:
    """New rows are written with ``expect=`` only while that is the head's position; else
    ConflictError is raised and nothing is changed."""
    calls = Calls(expects=True)
    names = "stale conditional write", "no refusal", "wrong refusal"
    _search(a_stale_condition_changes_nothing, subject, choices, calls, *names)


@_law(
    cause="upto= or after= is off by one, or a reading goes on into what was appended meanwhile",
    mend="read after < position <= upto, up to the head of the moment of the call",
)
def a_slice_is_what_was_asked_for(subject: StoreSubject, choices: Chosen) -> None:
    """``rows`` gives ``after < position <= upto`` and ends at the head of the moment of the call;
    ``find``, ``reports`` and ``head`` give what is there, and reading disturbs no append."""
    _search(a_slice_is_what_was_asked_for, subject, choices, Calls(reads=True), "wrong answer")


# Letters with their marks apart, ligatures, quotes, line ends of all sorts, space at the end.
_TRAPS = ["e\u0301", "\u0438\u0306", "\ufb01", "\u2028", "\ufeff", '"', "\\", "\r\n", " ", "\U0001f54a"]
_TEXTS = st.lists(
    st.sampled_from(_TRAPS) | st.text(st.characters(codec="utf-8"), max_size=3), max_size=8
).map("".join)


@st.composite
def _drafts(draw: st.DrawFn) -> tuple[Draft, tuple[bytes, bytes]]:
    """Drafts and their reports, as a log makes them of any text: JSON, UTF-8."""
    long = draw(st.sampled_from([1, 1, 1, 3000]))
    said = json.dumps({"said": draw(_TEXTS) * long}, ensure_ascii=False).encode()
    about = json.dumps({"source": draw(_TEXTS)}, ensure_ascii=False).encode()
    report = sha256(about).digest()
    name, kind = draw(st.binary(min_size=32, max_size=32)), draw(_TEXTS).replace("\0", "")
    return Draft(name, "claim", kind, report, said), (report, about)


_SOME_DRAFTS = st.lists(_drafts(), min_size=1, max_size=4, unique_by=lambda one: one[0].id)


@_law(
    cause="something is on the way that decodes, normalises, strips or shortens",
    mend="hand bytes through as they are",
)
def bytes_in_are_bytes_out(subject: StoreSubject, choices: Chosen) -> None:
    """Ids, kinds and bodies come back as they were handed in, byte for byte, those of reports too;
    an entry's id is a hash of them."""
    drafts = choices.draw(_SOME_DRAFTS)
    book = {number: one for number, (one, _) in enumerate(drafts)}
    calls = [Append(tuple(book)), Find(tuple(book)), *([Reopen()] if subject.lasting else [])]
    run = Run(subject, book=book.__getitem__, reports=dict(report for _, report in drafts))
    _follow(bytes_in_are_bytes_out, run, calls, {"changed bytes", "error"})


@_law(
    cause="something is kept in memory and written late, or made anew on opening",
    mend="write everything before append returns; on opening, read what is there",
    applies=_lasting,
)
def reopened_it_remembers(subject: StoreSubject, choices: Chosen) -> None:
    """A store that is closed and opened again has the same identity, rows, reports and head."""
    run = Run(subject)
    try:
        run.follow(choices.draw(Calls(reopens=True).drawn(lasting=True)))
    except Anomaly as anomaly:
        if isinstance(run.last, Reopen):  # before, it is no matter of remembering
            _fail(reopened_it_remembers, run, anomaly)


@_law(
    cause="state stands on the class or in the module",
    mend="keep everything on the instance, or in its folder",
)
def two_stores_share_nothing(subject: StoreSubject, choices: Chosen) -> None:
    """What is appended to one store is never seen in another, and each has its own identity."""
    _search(two_stores_share_nothing, subject, choices, Calls(stores=2), "shared state")


def _gather(law: Any, subject: StoreSubject, choices: Chosen, do: str, *, processes: bool) -> None:
    crowd = Crowd(subject, choices.seed, processes=processes)
    try:
        getattr(crowd, do)()
    except Anomaly as anomaly:
        _fail(law, crowd, anomaly)


@_law(
    cause="a position is given before the row can be read, or rows become visible one by one",
    mend="give positions and make rows visible in one step, under one lock",
    random=False,
)
def a_reader_sees_no_gap(subject: StoreSubject, choices: Chosen) -> None:
    """While threads append, a reader never sees a position before every lower one, nor a part of a
    batch; nothing is lost, doubled or put between the rows of another's batch."""
    _gather(a_reader_sees_no_gap, subject, choices, "read_while_written", processes=False)


@_law(
    cause="a lock that holds threads apart and not processes",
    mend="give positions and make rows visible in one transaction of the medium",
    applies=_processes,
    random=False,
)
def a_reader_in_another_process_sees_no_gap(subject: StoreSubject, choices: Chosen) -> None:
    """While processes append, a reader in another never sees a position before every lower one,
    nor a part of a batch; nothing is lost, doubled or put between the rows of another's batch."""
    law = a_reader_in_another_process_sees_no_gap
    _gather(law, subject, choices, "read_while_written", processes=True)


@_law(
    cause="the head is compared before the lock is taken, so that another can write in between",
    mend="compare and write under one lock",
    random=False,
)
def of_two_writers_one_wins(subject: StoreSubject, choices: Chosen) -> None:
    """Of threads that append on the condition that nobody else has, one wins, and the others
    change nothing and are told so."""
    _gather(of_two_writers_one_wins, subject, choices, "compete", processes=False)


@_law(
    cause="the head is compared outside the transaction that writes",
    mend="take the medium's own lock for writing, then compare, then write",
    applies=_processes,
    random=False,
)
def of_two_processes_one_wins(subject: StoreSubject, choices: Chosen) -> None:
    """Of processes that append on the condition that nobody else has, one wins, and the others
    change nothing and are told so."""
    _gather(of_two_processes_one_wins, subject, choices, "compete", processes=True)


@_law(
    cause="append returns before the medium has it, or writes a batch in several steps",
    mend="commit, and sync to the medium, before append returns; a batch is one transaction",
    applies=_processes,
    random=False,
)
def acknowledged_is_there_after_a_crash(subject: StoreSubject, choices: Chosen) -> None:
    """What an append has returned is there after its process was killed, and every batch is there
    whole or not at all. (A power cut is a harder test: a kill leaves the system's buffers.)"""
    _gather(acknowledged_is_there_after_a_crash, subject, choices, "crash", processes=True)


# --- trying them


@attrs.frozen
class _Plug(plugs.Plug[StoreSubject]):
    """A store that can be plugged in; no history is said to it, so it draws calls instead."""

    def left_out(self, law: Law[StoreSubject]) -> Verdict | None:
        """Gives what became of a law that isn't tried, None for one that is."""
        verdict = super().left_out(law)
        if verdict is not None and self.subject.lasting:
            # That other processes can't open it is a gap in the trial, which has to be seen.
            return Verdict(law.name, "skipped", verdict.reason)
        return verdict

    def run(
        self,
        law: Law[StoreSubject],
        *,
        examples: int | None = None,
        seed: int | None = None,
        paths: int = 0,  # noqa: ARG002 - there is no corpus
    ) -> None:
        """Tries one law; raises ``StoreBroken`` with the shortest sequence of calls found."""
        if seed is None:
            forced = core.global_force_seed
            seed = forced if forced is not None else 0 if settings().derandomize else randbits(32)
        try:
            if law.random:
                self._search_calls(law, examples, seed)
            else:
                law.run(self.subject, Chosen(None, seed))
        except StoreBroken as broken:
            broken.seed = seed
            broken.__notes__ = []
            raise

    def _search_calls(self, law: Law[StoreSubject], examples: int | None, seed: int) -> None:
        seen: list[StoreBroken] = []
        started: list[float] = []

        def tried(data: st.DataObject) -> None:
            if started and perf_counter() - started[0] > _PATIENCE:
                raise _EnoughError
            try:
                law.run(self.subject, Chosen(data, seed))
            except StoreBroken as broken:
                started.append(perf_counter())
                seen.append(broken)
                raise

        # Hypothesis' example database keeps a place for each name.
        home = f"{self.home}_{law.name}"
        tried.__name__ = "".join(one if one.isalnum() else "_" for one in home)
        options: dict[str, Any] = {} if examples is None else {"max_examples": examples}
        test = settings(
            settings(),
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
            **options,
        )(given(st.data())(tried))
        try:
            seeded(seed)(test)()
        except (StoreBroken, Flaky, _EnoughError):
            # The last of the shortest: later ones have simpler values. It is flaky where the same
            # calls went another way, which breaks the law too.
            found = min(reversed(seen), key=lambda one: len(one.story))
            raise found from found.__cause__


class _EnoughError(BaseException):
    """Ends a search; not an Exception, which Hypothesis would take for a finding."""


def _plug(
    make_store: Callable[[Path], Store],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    skip: Mapping[str, str] | None = None,
) -> _Plug:
    if not callable(make_store):
        raise LawError(
            f"a law needs fresh stores: give a function that opens one in a folder, such as "
            f"lambda folder: SQLiteStore(folder / 'war.db'), not {make_store!r}"
        )
    name = getattr(make_store, "__qualname__", type(make_store).__name__)
    return _Plug(
        name=name,
        home=f"{make_store.__module__}_{name}",
        subject=StoreSubject(make_store, lasting, clear),
        laws=STORE_LAWS,
        histories=st.just(()),
        corpus=(),
        does="the store raises",
        skip=skip or {},
    )


def check_store(
    make_store: Callable[[Path], Store],
    *,
    examples: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Gives a pytest test with one item for each law of stores that applies, named by the law.

    Use it at the top of a test module: ``test_store = laws.check_store(open_store)``. Options are
    those of ``verify_store``.
    """
    return plugs.check(_plug(make_store, **options), examples=examples, seed=seed)


def verify_store(
    make_store: Callable[[Path], Store],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Tries the laws of stores on one, and reports; runs without pytest.

    ``make_store`` opens a store in a folder, which exists; opening again in the same folder gives
    the same log, unless ``lasting`` is False, as for a store in memory. For the laws about
    processes it has to be a class or function at the top of a module; where it isn't, they are
    skipped and say so. A store that keeps its log elsewhere derives a name from the folder's, and
    takes down in ``clear(folder)`` what it made there. The rest is as for ``verify``. Raises
    ``LawError`` for a skip without a reason or of a law that there isn't.
    """
    plug = _plug(make_store, lasting=lasting, clear=clear, skip=skip)
    return plugs.verify(plug, examples=examples, seed=seed, only=only, smoke=smoke)
