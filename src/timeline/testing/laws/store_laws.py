"""The laws of the rows that a store keeps: by any calls, by several writers, and after a crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from hashlib import sha256

from hypothesis import strategies as st

from timeline.stores import NewRecord
from timeline.stores.base import SALT_BYTES
from timeline.testing.laws.base import Law, law
from timeline.testing.laws.store_concurrency import ConcurrentRun
from timeline.testing.laws.store_failures import Chosen, fail, lasting, processes
from timeline.testing.laws.store_machine import (
    Append,
    Call,
    Calls,
    Find,
    Reopen,
    Run,
    StoreSubject,
    machine,
)
from timeline.testing.laws.store_promises import PROMISE_LAWS
from timeline.testing.model import Anomaly

__all__ = [
    "CONCURRENT",
    "STORE_LAWS",
    "a_reader_in_another_process_sees_no_gap",
    "a_reader_sees_no_gap",
    "a_slice_is_what_was_asked_for",
    "a_stale_condition_changes_nothing",
    "acknowledged_is_there_after_a_crash",
    "an_append_is_all_or_none",
    "an_id_is_kept_once",
    "bytes_in_are_bytes_out",
    "it_answers_like_a_plain_list",
    "of_two_processes_one_wins",
    "of_two_writers_one_wins",
    "positions_run_without_a_gap",
    "recorded_never_goes_back",
    "reopened_it_remembers",
    "two_stores_share_nothing",
]


def _judge(law: Law[StoreSubject], names: Collection[str]) -> Callable[[Run, Anomaly], None]:
    """Return what fails a law for anomalies of some names, for any where none is given."""

    def judge(run: Run, anomaly: Anomaly) -> None:
        # Others break the laws that are about them.
        if not names or anomaly.name in names:
            fail(law, run, anomaly)

    return judge


def _search(
    law: Law[StoreSubject], subject: StoreSubject, choices: Chosen, calls: Calls, *names: str
) -> None:
    """Let Hypothesis make calls; ``names`` as for ``_judge``."""
    choices.play(machine(law.name, subject, calls, _judge(law, names)))


@law(
    cause="some sequence of calls that no single law is about",
    mend="make the calls of the table in a test of your own and follow them",
)
def it_answers_like_a_plain_list(subject: StoreSubject, choices: Chosen) -> None:
    """Whatever is called, in whatever order, a store answers like a list that rows are added to.

    So it does while it is being read, and after it is opened again.
    """
    calls = Calls(times=True, expects=True, strays=True, reads=True, reopens=True)
    _search(it_answers_like_a_plain_list, subject, choices, calls)


@law(
    cause="rows are written one by one, or before everything that can fail has been checked",
    mend="check first, then write in one transaction, and roll back whatever is raised",
)
def an_append_is_all_or_none(subject: StoreSubject, choices: Chosen) -> None:
    """An append keeps every draft or, where it raises, none: no batch is there in part."""
    calls = Calls(times=True, expects=True, strays=True)
    names = "lost write", "torn batch", "phantom"
    _search(an_append_is_all_or_none, subject, choices, calls, *names)


@law(
    cause="drafts are compared with the last batch alone, or not with those of their own batch",
    mend="look ids up in the whole log and in the batch; give the row that is there",
)
def an_id_is_kept_once(subject: StoreSubject, choices: Chosen) -> None:
    """A draft that is appended again, in its own batch or any later one, changes nothing.

    Its row is the one that is there.
    """
    calls = Calls()
    names = "duplicate", "wrong acknowledgement"
    _search(an_id_is_kept_once, subject, choices, calls, *names)


@law(
    cause="positions come from a counter of its own, which runs on where an append fails",
    mend="count on from the head inside the transaction; give positions in the batch's order",
)
def positions_run_without_a_gap(subject: StoreSubject, choices: Chosen) -> None:
    """Positions are 1, 2, 3 and so on, in the order in which drafts were handed in.

    An append that failed leaves no gap behind.
    """
    calls = Calls(times=True, expects=True, strays=True)
    names = "poll skip", "reorder"
    _search(positions_run_without_a_gap, subject, choices, calls, *names)


@law(
    cause="the time is written as it comes from a clock that steps back",
    mend="hold a time that lies before the head's at the head's; refuse it where it is explicit",
)
def recorded_never_goes_back(subject: StoreSubject, choices: Chosen) -> None:
    """``recorded`` never decreases along positions.

    A clock that steps back is held at the last entry's time; an explicit time that goes back is
    refused.
    """
    calls = Calls(times=True)
    names = "recorded goes back", "changed time"
    _search(recorded_never_goes_back, subject, choices, calls, *names)


@law(
    cause="expect= is passed over, or compared with something else than the head's position",
    mend="compare expect with the head inside the transaction; raise ConflictError",
)
def a_stale_condition_changes_nothing(subject: StoreSubject, choices: Chosen) -> None:
    """With ``expect=``, new rows are written only while that is the head's position.

    Else ConflictError is raised and nothing is changed.
    """
    calls = Calls(expects=True)
    names = "stale conditional write", "no refusal", "wrong refusal"
    _search(a_stale_condition_changes_nothing, subject, choices, calls, *names)


@law(
    cause="upto= or after= is off by one, or a reading goes on into what was appended meanwhile",
    mend="read after < position <= upto, up to the head of the moment of the call",
)
def a_slice_is_what_was_asked_for(subject: StoreSubject, choices: Chosen) -> None:
    """``rows`` gives ``after < position <= upto``, up to the head of the moment of the call.

    ``find``, ``reports`` and ``head`` give what is there, and reading disturbs no append.
    """
    _search(a_slice_is_what_was_asked_for, subject, choices, Calls(reads=True), "wrong answer")


# Letters with their marks apart, ligatures, quotes, line ends of all sorts, space at the end.
_TRAPS = [
    "e\u0301",
    "\u0438\u0306",
    "\ufb01",
    "\u2028",
    "\ufeff",
    '"',
    "\\",
    "\r\n",
    " ",
    "\U0001f54a",
]
_TEXTS = st.lists(
    st.sampled_from(_TRAPS) | st.text(st.characters(codec="utf-8"), max_size=3), max_size=8
).map("".join)


@st.composite
def _drafts(draw: st.DrawFn) -> tuple[NewRecord, tuple[bytes, bytes]]:
    """Drafts and their reports, as a log makes them of any text: JSON, UTF-8."""
    long = draw(st.sampled_from([1, 1, 1, 1000]))
    said = json.dumps({"said": draw(_TEXTS) * long}, ensure_ascii=False).encode()
    about = json.dumps({"source": draw(_TEXTS)}, ensure_ascii=False).encode()
    report = sha256(about).digest()
    name, kind = draw(st.binary(min_size=32, max_size=32)), draw(_TEXTS).replace("\0", "")
    salt = draw(st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES))
    return NewRecord(name, "claim", kind, report, said, salt), (report, about)


_SOME_DRAFTS = st.lists(_drafts(), min_size=1, max_size=4, unique_by=lambda one: one[0].id)


@law(
    cause="something is on the way that decodes, normalises, strips or shortens",
    mend="hand bytes through as they are",
)
def bytes_in_are_bytes_out(subject: StoreSubject, choices: Chosen) -> None:
    """Ids, kinds and bodies, of reports too, come back byte for byte as they were handed in."""
    judge = _judge(bytes_in_are_bytes_out, {"changed bytes", "error"})

    def write_and_read(drafts: list[tuple[NewRecord, tuple[bytes, bytes]]]) -> None:
        book = {number: one for number, (one, _) in enumerate(drafts)}
        calls: list[Call] = [Append(tuple(book)), Find(tuple(book))]
        calls += [Reopen()] if subject.lasting else []
        run = Run(subject, book=book.__getitem__, reports=dict(report for _, report in drafts))
        try:
            for call in calls:
                run.make(call)
        except Anomaly as anomaly:
            judge(run, anomaly)
        finally:
            run.close()

    choices.draw(_SOME_DRAFTS, write_and_read)


@law(
    cause="something is kept in memory and written late, or made anew on opening",
    mend="write everything before append returns; on opening, read what is there",
    applies=lasting,
)
def reopened_it_remembers(subject: StoreSubject, choices: Chosen) -> None:
    """A store that is closed and opened again has the same identity, rows, reports and head."""

    def judge(run: Run, anomaly: Anomaly) -> None:
        if isinstance(run.last, Reopen):  # before, it is no matter of remembering
            fail(reopened_it_remembers, run, anomaly)

    choices.play(machine("reopened_it_remembers", subject, Calls(reopens=True), judge))


@law(
    cause="state stands on the class or in the module",
    mend="keep everything on the instance, or in its folder",
)
def two_stores_share_nothing(subject: StoreSubject, choices: Chosen) -> None:
    """What is appended to one store is never seen in another, and each has its own identity."""
    _search(two_stores_share_nothing, subject, choices, Calls(stores=2), "shared state")


def _gather(
    law: Law[StoreSubject], subject: StoreSubject, choices: Chosen, do: str, *, processes: bool
) -> None:
    concurrent = ConcurrentRun(subject, choices.seed, processes=processes)
    try:
        getattr(concurrent, do)()
    except Anomaly as anomaly:
        fail(law, concurrent, anomaly)


@law(
    cause="a position is given before the row can be read, or rows become visible one by one",
    mend="give positions and make rows visible in one step, under one lock",
    whole=True,
)
def a_reader_sees_no_gap(subject: StoreSubject, choices: Chosen) -> None:
    """While threads append, a reader never sees a position before every lower one.

    Nor does it see a part of a batch; and nothing is lost, doubled or put between the rows of
    another's batch.
    """
    _gather(a_reader_sees_no_gap, subject, choices, "read_while_written", processes=False)


@law(
    cause="a lock that holds threads apart and not processes",
    mend="give positions and make rows visible in one transaction of the medium",
    applies=processes,
    whole=True,
)
def a_reader_in_another_process_sees_no_gap(subject: StoreSubject, choices: Chosen) -> None:
    """While processes append, a reader never sees a position before every lower one.

    Nor does it see a part of a batch; and nothing is lost, doubled or put between the rows of
    another's batch.
    """
    law = a_reader_in_another_process_sees_no_gap
    _gather(law, subject, choices, "read_while_written", processes=True)


@law(
    cause="the head is compared before the lock is taken, so that another can write in between",
    mend="compare and write under one lock",
    whole=True,
)
def of_two_writers_one_wins(subject: StoreSubject, choices: Chosen) -> None:
    """Of two threads that append on the condition that nobody else has, one wins.

    The other changes nothing and is told so.
    """
    _gather(of_two_writers_one_wins, subject, choices, "compete", processes=False)


@law(
    cause="the head is compared outside the transaction that writes",
    mend="take the medium's own lock for writing, then compare, then write",
    applies=processes,
    whole=True,
)
def of_two_processes_one_wins(subject: StoreSubject, choices: Chosen) -> None:
    """Of two processes that append on the condition that nobody else has, one wins.

    The other changes nothing and is told so.
    """
    _gather(of_two_processes_one_wins, subject, choices, "compete", processes=True)


@law(
    cause="append returns before the medium has it, or writes a batch in several steps",
    mend="commit, and sync to the medium, before append returns; a batch is one transaction",
    applies=processes,
    whole=True,
)
def acknowledged_is_there_after_a_crash(subject: StoreSubject, choices: Chosen) -> None:
    """What an append has returned is there after its process was killed.

    Every batch is there whole or not at all. A power cut is a harder test: a kill leaves the
    system's buffers alone.
    """
    _gather(acknowledged_is_there_after_a_crash, subject, choices, "crash", processes=True)


CONCURRENT: tuple[Law[StoreSubject], ...] = (
    a_reader_sees_no_gap,
    a_reader_in_another_process_sees_no_gap,
    of_two_writers_one_wins,
    of_two_processes_one_wins,
    acknowledged_is_there_after_a_crash,
)
"""Those of several writers at once, whose turns no seed repeats."""

STORE_LAWS: tuple[Law[StoreSubject], ...] = (
    it_answers_like_a_plain_list,
    an_append_is_all_or_none,
    an_id_is_kept_once,
    positions_run_without_a_gap,
    recorded_never_goes_back,
    a_stale_condition_changes_nothing,
    a_slice_is_what_was_asked_for,
    bytes_in_are_bytes_out,
    reopened_it_remembers,
    two_stores_share_nothing,
    *PROMISE_LAWS,
    *CONCURRENT,
)
"""The laws of stores, the general one first."""
