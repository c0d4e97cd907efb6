"""The laws of what a store keeps beside its rows: salts, root, states, copies, nothing erased.

Each plays a scene of its own, with what a seed chooses in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

from timeline.errors import ConflictError, LogError
from timeline.stores import FullStore, NewRecord
from timeline.stores.base import REDACTED, REDACTION, SALT_BYTES, Snapshot, commitment, leaf
from timeline.stores.copying import copy
from timeline.testing.laws.base import Law, law
from timeline.testing.laws.store_failures import Chosen
from timeline.testing.laws.store_fixture import (
    StoreFixture,
    at_once,
    root_of,
    run_scenario,
    same,
    shown,
)
from timeline.testing.laws.store_machine import StoreSubject
from timeline.testing.model import NOON, REPORTS, Anomaly, rows_text

__all__ = [
    "PROMISE_LAWS",
    "a_copy_is_the_same_log",
    "a_copy_stays_a_prefix",
    "a_kept_state_is_swapped_whole",
    "a_waiter_is_woken",
    "every_entry_has_a_salt_of_its_own",
    "of_two_keepers_one_wins",
    "picked_by_its_place_it_is_the_row",
    "the_root_is_over_all_leaves",
    "what_was_erased_is_nowhere",
]

_SECRET = b"Mr Kovalenko, Svobody Square 5"
_REPORT = sha256(_SECRET).digest()
_LONG = 5.0  # seconds that are never waited for, unless a store doesn't wake
_SHORT = 0.02
_ROUNDS = 12
_MOST, _COPIES = 12, 5
_GONE = (REDACTED, REDACTION)

Pieces = dict[str, bytes]


@law(
    cause="the salt is left out, made once, or drawn anew when it is read",
    mend="draw 16 bytes from os.urandom for each new row, and keep them with it",
    whole=True,
)
def every_entry_has_a_salt_of_its_own(subject: StoreSubject, choices: Chosen) -> None:
    """Each row that comes without a salt is given 16 random bytes, which stay as they are."""

    def scene(stage: StoreFixture) -> None:
        given = [row for count in (1, 3, 2) for row in stage.append(count, salted=False)]
        salts = [row.salt for row in given]
        stage.tell("their salts", shown(salts))
        lengths = {len(salt) for salt in salts}
        same("no salt", f"salts have {SALT_BYTES} bytes", {SALT_BYTES}, lengths)
        if len(set(salts)) < len(salts):
            raise Anomaly("shared salt", "rows share one", expected="others", seen=shown(salts))
        read = [row.salt for row in stage.store.rows()]
        same("changed salt", "it is another one when it is read", salts, read)
        if subject.lasting:
            stage.store.close()
            stage.store = stage.opened()
            read = [row.salt for row in stage.store.rows()]
            same("changed salt", "it is another one when the log is opened again", salts, read)

    run_scenario(every_entry_has_a_salt_of_its_own, subject, choices, scene)


@law(
    cause="the tree is hashed in another shape, over other bytes, or not in the append's own step",
    mend="keep a merkle.Frontier with the head, and take it on in the transaction of the append",
    whole=True,
)
def the_root_is_over_all_leaves(subject: StoreSubject, choices: Chosen) -> None:
    """``leaves`` gives every row's leaf, and the head's root is the RFC 6962 root over them."""

    def scene(stage: StoreFixture) -> None:
        root = stage.store.head().root
        same("wrong root", "that of an empty log is the hash of nothing", root_of([]), root)
        while stage.appended < 20:  # noqa: PLR2004 - beyond a whole tree of 16
            stage.append(stage.random.randint(1, 4))
            leaves = [leaf(row) for row in stage.store.rows()]
            same("wrong leaf", "leaves aren't the rows'", leaves, list(stage.store.leaves()))
            last = len(leaves)
            for after, upto in product((0, 1, last - 1, last), (0, 1, last, last + 1)):
                some = list(stage.store.leaves(after, upto))
                same("wrong leaf", f"leaves({after}, {upto}) are others", leaves[after:upto], some)
            root = stage.store.head().root
            stage.tell("head", f"root {shown(root)}")
            why = f"the root isn't that over {len(leaves)} leaves"
            same("wrong root", why, root_of(leaves), root)
        if subject.lasting:
            stage.store.close()
            stage.store = stage.opened()
            same("wrong root", "opened again, it has another", root, stage.store.head().root)

    run_scenario(the_root_is_over_all_leaves, subject, choices, scene)


@law(
    cause="positions are counted from 0, or the rows come without the places asked for",
    mend="give a dict of position to row, and leave out positions that aren't there",
    whole=True,
)
def picked_by_its_place_it_is_the_row(subject: StoreSubject, choices: Chosen) -> None:
    """``pick`` gives the rows of those positions that are kept, in whatever order it is asked."""

    def scene(stage: StoreFixture) -> None:
        stage.append(4)
        rows = {row.position: row for row in [*stage.append(3), *stage.store.rows()]}
        everywhere = [*range(-1, 10), 2]
        for asked in ([], [1], [7, 3], [0, 8], everywhere):
            stage.random.shuffle(asked)
            picked = stage.store.get_by_position(iter(asked))
            stage.tell(f"pick {asked}", rows_text(list(picked.values())))
            wanted = {place: rows[place] for place in asked if place in rows}
            same("wrong answer", "other rows than asked for", wanted, picked)

    run_scenario(picked_by_its_place_it_is_the_row, subject, choices, scene)


@law(
    cause="the version isn't compared, or chunks are written beside the version and not with it",
    mend="compare the version, replace chunks and raise it in one transaction; never use one twice",
    whole=True,
)
def a_kept_state_is_swapped_whole(subject: StoreSubject, choices: Chosen) -> None:
    """``keep`` replaces chunks, note and position together, or, where it is refused, nothing.

    It is refused where the version is another one than was counted on, or where something was
    erased. No version comes back, not even after ``forget``.
    """

    def scene(stage: StoreFixture) -> None:
        stage.append(3)
        store = stage.store
        states: dict[str, tuple[Snapshot | None, Pieces]] = {"a": (None, {}), "b": (None, {})}
        versions = {0}

        def look() -> None:
            for name, (kept, chunks) in states.items():
                same("wrong state", f"what is kept as {name!r}", kept, store.load_snapshot(name))
                wanted = sorted(chunks.items())
                same(
                    "wrong state", f"the chunks of {name!r}", wanted, list(store.load_chunks(name))
                )

        look()
        for turn in range(_ROUNDS):
            name = stage.random.choice("aab")
            kept, chunks = states[name]
            version = 0 if kept is None else kept.version
            change: dict[str, bytes | None] = {
                piece: stage.random.choice([b"", b"%d" % turn, b"\0\xff"])
                for piece in stage.random.sample(["", "x", "y", "\u0456"], 2)
            }
            change |= dict.fromkeys(sorted(chunks)[: turn % 2])  # one is taken away
            asked: dict[str, Any] = {"position": stage.random.randint(0, 3), "note": b"%d" % turn}
            stale = stage.random.choice(sorted(versions - {version}) or [7])
            call = f"keep {name!r}, expect={stale}"
            stage.refused(
                ConflictError, call, store.save_snapshot, name, expect=stale, chunks=change, **asked
            )
            stage.refused(
                ConflictError,
                f"keep {name!r}, expect={version}, erasures=1",
                store.save_snapshot,
                name,
                expect=version,
                chunks=change,
                erasures=1,
                **asked,
            )
            look()
            if turn % 5 == 4:  # noqa: PLR2004 - now and then
                store.delete_snapshot(name)
                stage.tell(f"forget {name!r}")
                states[name] = (None, {})
                look()
                continue
            new = store.save_snapshot(name, expect=version, chunks=change, erasures=0, **asked)
            stage.tell(f"keep {name!r}, expect={version}, {shown(change)}", f"version {new}")
            if new in versions and kept is not None:
                raise Anomaly("version again", "a version came back", expected="", seen=f"{new}")
            left = {piece: body for piece, body in {**chunks, **change}.items() if body is not None}
            states[name] = (Snapshot(new, asked["position"], asked["note"]), left)
            versions.add(new)
            look()

    run_scenario(a_kept_state_is_swapped_whole, subject, choices, scene)


@law(
    cause="the version is compared before the lock is taken, so that another can keep in between",
    mend="compare and write under one lock, or in one transaction",
    whole=True,
)
def of_two_keepers_one_wins(subject: StoreSubject, choices: Chosen) -> None:
    """Of two threads that keep a state on one version, one wins; the other is told so."""

    def scene(stage: StoreFixture) -> None:
        stage.append(1)
        stores = [stage.store, stage.opened() if subject.lasting else stage.store]
        version = 0
        try:
            for turn in range(_ROUNDS):
                gave = at_once([_keeping(store, version, who) for who, store in enumerate(stores)])
                outcomes = " and ".join(str(one) for one in gave)
                stage.tell(f"two keep 'a', expect={version}", outcomes)
                won = [who for who, one in enumerate(gave) if isinstance(one, int)]
                if len(won) != 1:
                    why = f"{len(won)} of two won in turn {turn + 1}"
                    raise Anomaly("lost update", why, expected="one of the two", seen=outcomes)
                version = gave[won[0]]
                seen = dict(stage.store.load_chunks("a"))
                same("torn state", "the chunks aren't the winner's", _written(won[0]), seen)
        finally:
            if subject.lasting:
                stores[1].close()

    run_scenario(of_two_keepers_one_wins, subject, choices, scene)


def _written(who: int) -> Pieces:
    return {"x": b"%d" % who, "y": b"%d" % who}


def _keeping(store: FullStore, version: int, who: int) -> Callable[[], Any]:
    def keep() -> Any:
        try:
            return store.save_snapshot(
                "a", expect=version, position=1, note=b"", chunks=_written(who)
            )
        except ConflictError:
            return "ConflictError"

    return keep


@law(
    cause="a copy is left: in a report, an index, a kept state, a file of the medium",
    mend="replace the rows, drop reports that nobody cites and every kept state, in one "
    "transaction; then scrub the medium's own copies",
    whole=True,
)
def what_was_erased_is_nowhere(subject: StoreSubject, choices: Chosen) -> None:
    """What was erased can be read nowhere any more, and changes no position, leaf or root.

    A report goes with the last entry that stands in it, and every kept state goes.
    """

    def scene(stage: StoreFixture) -> None:
        store = stage.store
        stage.append(2)
        name = sha256(b"secret").digest()
        secret = NewRecord(name, "claim", "attack/1", _REPORT, b'{"said":"%s"}' % _SECRET)
        (row,) = store.append([secret], {_REPORT: _SECRET}, recorded=NOON, explicit=False)
        stage.tell("append what will be erased, in a report of its own", f"@{row.position}")
        stage.append(stage.random.randint(1, 3))
        version = store.save_snapshot(
            "a", expect=0, position=3, note=_SECRET, chunks={"x": _SECRET}
        )
        leaves, before = list(store.leaves()), list(store.rows())
        gone = row._replace(
            id=b"", record_type=REDACTED, kind="", report=b"", body=commitment(row), salt=b""
        )
        tells = NewRecord(sha256(b"tells").digest(), REDACTION, "", b"", b'{"because":"asked to"}')
        stage.refused(LogError, "erase 99", store.erase, [99], tells, recorded=NOON)
        stage.refused(
            ConflictError, "erase 3, expect=1",
            store.erase, [3], tells, recorded=NOON, expect=1,
        )  # fmt: skip
        same("torn erasure", "a refused erasure changed rows", before, list(store.rows()))
        erasure = store.erase([row.position], tells, recorded=NOON)
        stage.tell("erase 3", f"{erasure.record_type} at {erasure.position}")
        for turn in ("", "opened again: "):
            wanted = [gone if one == row else one for one in before]
            same("torn erasure", f"{turn}the rows", [*wanted, erasure], list(store.rows()))
            same("not erased", f"{turn}it is found by its id", {}, store.get_by_id([name]))
            same("not erased", f"{turn}it is picked", {3: gone}, store.get_by_position([3]))
            same("not erased", f"{turn}its report is there", {}, store.reports([_REPORT]))
            others = store.reports(REPORTS)
            same("torn erasure", f"{turn}others' reports", dict(REPORTS), others)
            same("not erased", f"{turn}a state is kept", None, store.load_snapshot("a"))
            same("not erased", f"{turn}a state has chunks", [], list(store.load_chunks("a")))
            now = list(store.leaves())
            same("wrong leaf", f"{turn}a leaf is another", leaves, now[: len(leaves)])
            head = store.head()
            same("wrong root", f"{turn}the root", root_of(now), head.root)
            same("untold erasure", f"{turn}how often was erased", 1, head.erasures)
            if not turn:
                stage.refused(
                    ConflictError, "keep 'a' from what was read before",
                    store.save_snapshot, "a", expect=0, position=3, note=b"", chunks={}, erasures=0,
                )  # fmt: skip
            if not subject.lasting:
                return
            _scan(stage.folder)
            store.close()
            _scan(stage.folder)
            store = stage.store = stage.opened()
        new = store.save_snapshot("a", expect=0, position=1, note=b"", chunks={})
        if new == version:
            raise Anomaly("version again", "a version came back", expected="", seen=f"{new}")

    run_scenario(what_was_erased_is_nowhere, subject, choices, scene)


def _scan(folder: Path) -> None:
    """Raise where a file still holds what was erased."""
    for file in folder.rglob("*"):
        if file.is_file() and _SECRET in file.read_bytes():
            raise Anomaly(
                "not erased", f"{file.name} still has the bytes", expected="none of its files",
                seen=file.name,
            )  # fmt: skip


@law(
    cause="who waits is told of no append, or looks before it begins to wait",
    mend="look under the lock of the condition that an append notifies",
    whole=True,
)
def a_waiter_is_woken(subject: StoreSubject, choices: Chosen) -> None:
    """``wait`` ends when the log is beyond a position, with True, else with the time, with False.

    Who waits on a store that is closed meanwhile gets a StoreError.
    """

    def scene(stage: StoreFixture) -> None:
        def wait(after: int, seconds: float, wanted: object) -> None:
            gave = stage.store.wait(after, seconds)
            stage.tell(f"wait({after}, {seconds})", gave)
            why = f"wait({after}, {seconds}) on a log of {stage.appended}"
            same("wrong answer", why, wanted, gave)

        wait(0, 0.0, wanted=False)
        wait(0, _SHORT, wanted=False)
        stage.append(2)
        wait(0, 0.0, wanted=True)
        wait(1, _LONG, wanted=True)
        wait(2, _SHORT, wanted=False)
        other = stage.opened() if subject.lasting else stage.store
        try:
            for store in (stage.store, other):
                after = stage.appended
                gave = at_once([_waiting(store, after), _later(lambda: stage.append(1))])[0]
                stage.tell(f"wait({after}, {_LONG}), begun before", gave)
                same("late wake", "who waited for the append was told", True, gave)  # noqa: FBT003
        finally:
            if subject.lasting:
                other.close()
        gave = at_once([_waiting(stage.store, stage.appended), _later(stage.store.close)])[0]
        stage.tell("close while it is waited for", gave)
        same("late wake", "who waits on a closed store", "StoreError", type(gave).__name__)

    run_scenario(a_waiter_is_woken, subject, choices, scene)


def _waiting(store: FullStore, after: int) -> Callable[[], Any]:
    def wait() -> Any:
        started = time.perf_counter()
        gave = store.wait(after, _LONG)
        return "only when the time was over" if time.perf_counter() - started > _LONG else gave

    return wait


def _later(run: Callable[[], object]) -> Callable[[], object]:
    def go() -> object:
        time.sleep(_SHORT)
        return run()

    return go


@law(
    cause="something is made anew: positions, times, salts or the identity",
    mend="write the rows as they are handed in, behind the head, in one transaction",
    whole=True,
)
def a_copy_is_the_same_log(subject: StoreSubject, choices: Chosen) -> None:
    """``adopt`` keeps another log's rows as they are there: identity, salts, leaves and root too.

    Rows that don't go on from the head, or are of another log, change nothing.
    """

    def scene(stage: StoreFixture) -> None:
        stage.append(5, salted=False)
        store = stage.store
        tells = NewRecord(sha256(b"tells").digest(), REDACTION, "", b"", b"{}")
        store.erase([2], tells, recorded=NOON)
        rows = list(store.rows())
        with subject.folder() as folder:
            copy = stage.opened(folder)
            try:
                for part in (rows[:3], rows[3:]):
                    head = copy.import_rows(part, REPORTS, identity=store.identity)
                    stage.tell(f"adopt {rows_text(part)}", f"position {head.position}")
                    stage.refused(
                        ConflictError, "adopt them again",
                        copy.import_rows, part, REPORTS, identity=store.identity,
                    )  # fmt: skip
                    stage.refused(
                        LogError, "adopt another log's",
                        copy.import_rows, rows[:1], REPORTS, identity="another",
                    )  # fmt: skip
                    same("changed copy", "the rows", rows[: head.position], list(copy.rows()))
                same("changed copy", "the identity", store.identity, copy.identity)
                same("changed copy", "the leaves", list(store.leaves()), list(copy.leaves()))
                same("changed copy", "the root", store.head().root, copy.head().root)
                cited = {row.report for row in rows if row.report}
                same("changed copy", "reports", store.reports(cited), copy.reports(cited))
            finally:
                copy.close()

    run_scenario(a_copy_is_the_same_log, subject, choices, scene)


class _Busy:
    """A store to which something happens before whatever a copy asks of it."""

    def __init__(self, store: FullStore, act: Callable[[], None]) -> None:
        self._store, self._act = store, act

    def __getattr__(self, name: str) -> Any:
        if name != "identity":
            self._act()
        return getattr(self._store, name)


@law(
    cause="an erasure isn't counted in the head, or is recorded again where it is recorded already",
    mend="count every erasure in its transaction; append its record only where it isn't there",
    whole=True,
)
def a_copy_stays_a_prefix(subject: StoreSubject, choices: Chosen) -> None:
    """Whatever the source does at any step of a copying, the copy is the source as it once was.

    What was erased before the copying began is erased in the copy by its end, and the copy that
    follows a quiet source is that source.
    """

    def scene(stage: StoreFixture) -> None:
        source, random = stage.store, stage.random
        stage.append(3)
        erased: list[int] = []

        def act() -> None:
            what = random.choice(["nothing", "nothing", "append", "erase"])
            if what == "append" and stage.appended < _MOST:
                stage.append(1)
            elif what == "erase" and len(erased) < _MOST:
                left = [row.position for row in source.rows() if row.record_type not in _GONE]
                position = random.choice(left or [1])
                erased.append(position)
                record = NewRecord(
                    sha256(b"tells %d" % len(erased)).digest(), REDACTION, "", b"", b"{}"
                )
                source.erase([position], record, recorded=NOON)
                stage.tell(f"erase {position}, while it is copied")

        with subject.folder() as folder:
            target = stage.opened(folder)
            try:
                for turn in range(_COPIES):
                    before = len(erased)
                    quiet = turn == _COPIES - 1
                    given: Any = source if quiet else _Busy(source, act)
                    stage.tell("copy", copy(given, target, progress=None if quiet else _then(act)))
                    mine, its = list(target.rows()), list(source.rows())
                    leaves = list(source.leaves())[: len(mine)]
                    same("changed copy", "its leaves", leaves, list(target.leaves()))
                    late = set(erased[before:])
                    for row, wanted in zip(mine, its, strict=False):
                        if row.position not in late:
                            same("changed copy", f"entry {row.position}", wanted, row)
                every, copied = list(source.rows()), list(target.rows())
                same("changed copy", "the rows, once nothing happens", every, copied)
            finally:
                target.close()

    run_scenario(a_copy_stays_a_prefix, subject, choices, scene)


def _then(act: Callable[[], None]) -> Callable[[int, int | None], None]:
    return lambda *_: act()


PROMISE_LAWS: tuple[Law[StoreSubject], ...] = (
    picked_by_its_place_it_is_the_row,
    every_entry_has_a_salt_of_its_own,
    the_root_is_over_all_leaves,
    a_kept_state_is_swapped_whole,
    of_two_keepers_one_wins,
    what_was_erased_is_nowhere,
    a_waiter_is_woken,
    a_copy_is_the_same_log,
    a_copy_stays_a_prefix,
)
"""The laws of what a store keeps beside its rows."""
