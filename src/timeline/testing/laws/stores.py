"""The laws of stores, and the lines that check them: ``check_store`` and ``verify_store``."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import attrs
from hypothesis import HealthCheck, core, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from timeline.errors import LogError
from timeline.stores import Draft, Store
from timeline.testing.laws.base import Broken, Finding, Law, Verdict
from timeline.testing.laws.items import items
from timeline.testing.laws.running import LawReport
from timeline.testing.laws.store_crowds import Crowd
from timeline.testing.laws.store_machine import Call, Calls, Reopen, Run, StoreSubject
from timeline.testing.model import Anomaly, draft
from timeline.testing.processes import elsewhere

__all__ = ["STORE_LAWS", "StoreBroken", "check_store", "verify_store"]

STORE_LAWS: list[Law[StoreSubject]] = []

_WIDE = 64  # of a column in a story
_LONG = 400  # of what was expected and seen
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


class Choices:
    """What the laws of stores choose from: calls drawn by Hypothesis, or a seed."""

    def __init__(self, data: st.DataObject | None, seed: int) -> None:
        self._data = data
        self.seed = seed

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """Draws from a strategy."""
        assert self._data is not None  # noqa: S101 - a law that draws is one that is searched
        return self._data.draw(strategy)


def _follow(
    law: Any,
    subject: StoreSubject,
    choices: Choices,
    calls: Calls,
    names: Collection[str] | None,
    *,
    only_after: type[Call] | None = None,  # type: ignore[valid-type]
    **book: Any,
) -> None:
    """Runs drawn calls; only anomalies of some names break the law, None for all of them."""
    drawn = choices.draw(calls.drawn(lasting=subject.lasting))
    run = Run(subject, **book)
    try:
        run.follow(drawn)
    except Anomaly as anomaly:
        # Others break the laws that are about them; here the run ends, since store and list part.
        if (names is None or anomaly.name in names) and (
            only_after is None or isinstance(run.last, only_after)
        ):
            _fail(law, run, anomaly)


@_law(
    cause="some sequence of calls that no single law is about",
    mend="make the calls of the table in a test of your own and follow them",
)
def it_answers_like_a_plain_list(subject: StoreSubject, choices: Choices) -> None:
    """Whatever is called in whatever order, a store answers like a list to which rows are added,
    also while it is being read and after it is opened again."""
    calls = Calls(times=True, expects=True, strays=True, reads=True, reopens=True)
    _follow(it_answers_like_a_plain_list, subject, choices, calls, None)


@_law(
    cause="rows are written one by one, or before everything that can fail has been checked",
    mend="check first, then write in one transaction, and roll back whatever is raised",
)
def an_append_is_all_or_none(subject: StoreSubject, choices: Choices) -> None:
    """An append keeps every draft or, where it raises, none: no batch is there in part."""
    calls = Calls(times=True, expects=True, strays=True)
    names = {"lost write", "torn batch", "phantom"}
    _follow(an_append_is_all_or_none, subject, choices, calls, names)


@_law(
    cause="drafts are compared with the last batch alone, or not with those of their own batch",
    mend="look ids up in the whole log and in the batch; give the row that is there",
)
def an_id_is_kept_once(subject: StoreSubject, choices: Choices) -> None:
    """A draft that is appended again, in its own batch or any later one, changes nothing and is
    given the row that is there."""
    names = {"duplicate", "wrong acknowledgement"}
    _follow(an_id_is_kept_once, subject, choices, Calls(), names)


@_law(
    cause="positions come from a counter of its own, which runs on where an append fails",
    mend="count on from the head inside the transaction; give positions in the batch's order",
)
def positions_run_without_a_gap(subject: StoreSubject, choices: Choices) -> None:
    """Positions are 1, 2, 3 and so on in the order in which drafts were handed in, also after
    appends that failed."""
    calls = Calls(times=True, expects=True, strays=True)
    names = {"poll skip", "reorder"}
    _follow(positions_run_without_a_gap, subject, choices, calls, names)


@_law(
    cause="the time is written as it comes from a clock that steps back",
    mend="hold a time that lies before the head's at the head's; refuse it where it is explicit",
)
def recorded_never_goes_back(subject: StoreSubject, choices: Choices) -> None:
    """``recorded`` never decreases: a clock that steps back is held at the last entry's time, and
    an explicit time that goes back is refused."""
    names = {"recorded goes back", "changed time"}
    _follow(recorded_never_goes_back, subject, choices, Calls(times=True), names)


@_law(
    cause="expect= is passed over, or compared with something else than the head's position",
    mend="compare expect with the head inside the transaction; raise ConflictError",
)
def a_stale_condition_changes_nothing(subject: StoreSubject, choices: Choices) -> None:
    """New rows are written with ``expect=`` only while that is the head's position; else
    ConflictError is raised and nothing is changed."""
    names = {"stale conditional write", "no refusal", "wrong refusal"}
    _follow(a_stale_condition_changes_nothing, subject, choices, Calls(expects=True), names)


@_law(
    cause="upto= or after= is off by one, or a reading goes on into what was appended meanwhile",
    mend="read after < position <= upto, up to the head of the moment of the call",
)
def a_slice_is_what_was_asked_for(subject: StoreSubject, choices: Choices) -> None:
    """``rows`` gives ``after < position <= upto`` and ends at the head of the moment of the call;
    ``find``, ``reports`` and ``head`` give what is there, and reading disturbs no append."""
    calls = Calls(reads=True)
    _follow(a_slice_is_what_was_asked_for, subject, choices, calls, {"wrong answer"})


@_law(
    cause="something is on the way that decodes, normalises, strips or shortens",
    mend="hand bytes through as they are",
)
def bytes_in_are_bytes_out(subject: StoreSubject, choices: Choices) -> None:
    """Ids, kinds and bodies come back as they were handed in, byte for byte, those of reports too;
    an entry's id is a hash of them."""
    drafts = choices.draw(
        st.lists(_drafts(), min_size=10, max_size=10, unique_by=lambda one: one[0].id)
    )
    book = {number: one for number, (one, _) in enumerate(drafts)}
    reports = dict(report for _, report in drafts)
    _follow(
        bytes_in_are_bytes_out, subject, choices, Calls(reads=True, reopens=True),
        {"changed bytes", "error"}, book=book.__getitem__, reports=reports,
    )  # fmt: skip


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


@_law(
    cause="something is kept in memory and written late, or made anew on opening",
    mend="write everything before append returns; on opening, read what is there",
    applies=_lasting,
)
def reopened_it_remembers(subject: StoreSubject, choices: Choices) -> None:
    """A store that is closed and opened again has the same identity, rows, reports and head."""
    _follow(reopened_it_remembers, subject, choices, Calls(reopens=True), None, only_after=Reopen)


@_law(
    cause="state stands on the class or in the module",
    mend="keep everything on the instance, or in its folder",
)
def two_stores_share_nothing(subject: StoreSubject, choices: Choices) -> None:
    """What is appended to one store is never seen in another, and each has its own identity."""
    names = {"shared state"}
    _follow(two_stores_share_nothing, subject, choices, Calls(stores=2), names)


def _gather(law: Any, subject: StoreSubject, choices: Choices, do: str, *, processes: bool) -> None:
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
def a_reader_sees_no_gap(subject: StoreSubject, choices: Choices) -> None:
    """While threads append, a reader never sees a position before every lower one, nor a part of a
    batch; nothing is lost, doubled or put between the rows of another's batch."""
    _gather(a_reader_sees_no_gap, subject, choices, "read_while_written", processes=False)


@_law(
    cause="a lock that holds threads apart and not processes",
    mend="give positions and make rows visible in one transaction of the medium",
    applies=_processes,
    random=False,
)
def a_reader_in_another_process_sees_no_gap(subject: StoreSubject, choices: Choices) -> None:
    """While processes append, a reader in another never sees a position before every lower one,
    nor a part of a batch; nothing is lost, doubled or put between the rows of another's batch."""
    law = a_reader_in_another_process_sees_no_gap
    _gather(law, subject, choices, "read_while_written", processes=True)


@_law(
    cause="the head is compared before the lock is taken, so that another can write in between",
    mend="compare and write under one lock",
    random=False,
)
def of_two_writers_one_wins(subject: StoreSubject, choices: Choices) -> None:
    """Of threads that append on the condition that nobody else has, one wins, and the others
    change nothing and are told so."""
    _gather(of_two_writers_one_wins, subject, choices, "compete", processes=False)


@_law(
    cause="the head is compared outside the transaction that writes",
    mend="take the medium's own lock for writing, then compare, then write",
    applies=_processes,
    random=False,
)
def of_two_processes_one_wins(subject: StoreSubject, choices: Choices) -> None:
    """Of processes that append on the condition that nobody else has, one wins, and the others
    change nothing and are told so."""
    _gather(of_two_processes_one_wins, subject, choices, "compete", processes=True)


@_law(
    cause="append returns before the medium has it, or writes a batch in several steps",
    mend="commit, and sync to the medium, before append returns; a batch is one transaction",
    applies=_processes,
    random=False,
)
def acknowledged_is_there_after_a_crash(subject: StoreSubject, choices: Choices) -> None:
    """What an append has returned is there after its process was killed, and every batch is there
    whole or not at all. (A power cut is a harder test: a kill leaves the system's buffers.)"""
    _gather(acknowledged_is_there_after_a_crash, subject, choices, "crash", processes=True)


# --- trying them


@attrs.frozen
class _Trial:
    subject: StoreSubject
    skip: Mapping[str, str]

    def reason(self, law: Law[StoreSubject]) -> tuple[str, str] | None:
        """Gives why a law isn't tried: the outcome and the reason; None if it is."""
        if law.name in self.skip:
            return "skipped", self.skip[law.name]
        absent = law.applies(self.subject)
        if absent is None:
            return None
        # That processes can't be tried is a gap to be seen; that nothing lasts is no gap.
        return "skipped" if self.subject.lasting else "doesn't apply", absent

    def run(
        self, law: Law[StoreSubject], *, examples: int | None = None, seed: int | None = None
    ) -> None:
        """Tries one law; raises ``StoreBroken`` with the shortest sequence of calls found."""
        if seed is None and core.global_force_seed is None and not settings().derandomize:
            seed = random.getrandbits(32)  # noqa: S311 - to repeat a search, not to hide one
        try:
            if law.random:
                self._search(law, examples, seed)
            else:
                law.run(self.subject, Choices(None, seed or 0))
        except StoreBroken as broken:
            broken.seed = seed
            broken.__notes__ = []
            raise

    def _search(self, law: Law[StoreSubject], examples: int | None, seed: int | None) -> None:
        seen: list[StoreBroken] = []

        def tried(data: st.DataObject) -> None:
            try:
                law.run(self.subject, Choices(data, seed or 0))
            except StoreBroken as broken:
                seen.append(broken)
                raise

        # Hypothesis' example database keeps a place for each name.
        make = self.subject.make
        home = f"{make.__module__}_{getattr(make, '__qualname__', 'store')}_{law.name}"
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
        if seed is not None:
            test = seeded(seed)(test)
        try:
            test()
        except Flaky:
            # The same calls went another way: the store's answers hang on something else too.
            raise min(seen, key=lambda one: len(one.story)) from None


def _trial(
    make_store: Callable[[Path], Store],
    lasting: bool,  # noqa: FBT001 - handed on by name
    clear: Callable[[Path], None] | None,
    skip: Mapping[str, str] | None,
) -> _Trial:
    if not callable(make_store):
        raise LogError(
            f"a law needs fresh stores: give a function that opens one in a folder, such as "
            f"lambda folder: SQLiteStore(folder / 'war.db'), not {make_store!r}"
        )
    return _Trial(StoreSubject(make_store, lasting, clear), _reasons(skip or {}))


def _reasons(skip: Mapping[str, str]) -> dict[str, str]:
    names = {law.name for law in STORE_LAWS}
    for name, reason in skip.items():
        if name not in names:
            raise LogError(f"no law is called {name!r}; they are {', '.join(sorted(names))}")
        if not isinstance(reason, str) or not reason.strip():
            raise LogError(f"the law {name} is skipped without a reason; say why")
    return dict(skip)


def check_store(
    make_store: Callable[[Path], Store],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    skip: Mapping[str, str] | None = None,
) -> Callable[..., None]:
    """Gives a pytest test with one item for each law of stores that applies, named by the law.

    ``make_store`` opens a store in a folder; opening again in the same folder gives the same log,
    unless ``lasting`` is False, as for a store in memory. For the laws about processes it has to
    be a class or function of a module's top. A store that keeps its log elsewhere derives a name
    from the folder's, and takes down what it made there in ``clear(folder)``. ``examples``,
    ``seed`` and ``skip`` mean what they do for ``check``. Raises ``LogError`` for a skip without
    a reason or of a law that there isn't.
    """
    trial = _trial(make_store, lasting, clear, skip)

    def case(law: Law[StoreSubject]) -> tuple[str, str | None, Callable[[], None]] | None:
        left_out = trial.reason(law)
        if left_out is not None and left_out[0] != "skipped":
            return None
        return (
            law.name,
            left_out and left_out[1],
            lambda: trial.run(law, examples=examples, seed=seed),
        )

    return items([made for law in STORE_LAWS if (made := case(law))])


def verify_store(
    make_store: Callable[[Path], Store],
    *,
    lasting: bool = True,
    clear: Callable[[Path], None] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    skip: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
) -> LawReport:
    """Tries every law of stores and reports; runs without pytest.

    Arguments as ``check_store``; ``only`` names the laws to try.
    """
    trial = _trial(make_store, lasting, clear, skip)
    wanted = None if only is None else _reasons(dict.fromkeys(only, "asked for")).keys()
    verdicts = []
    for law in STORE_LAWS:
        if wanted is not None and law.name not in wanted:
            continue
        left_out = trial.reason(law)
        if left_out is not None:
            outcome, reason = left_out
            verdicts.append(Verdict(law.name, outcome, reason))  # type: ignore[arg-type]
            continue
        try:
            trial.run(law, examples=examples, seed=seed)
        except StoreBroken as broken:
            verdicts.append(Verdict(law.name, "broken", found=broken))
        else:
            verdicts.append(Verdict(law.name, "held"))
    return LawReport(getattr(make_store, "__qualname__", "the store"), tuple(verdicts))
