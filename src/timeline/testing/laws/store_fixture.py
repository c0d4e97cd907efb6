"""Sets a store on a stage: what a scene calls on it is told, and its anomalies break a law."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from typing import Any, cast

from timeline.stores import FullStore, Record
from timeline.stores.base import SALT_BYTES, Snapshot
from timeline.testing.laws.base import Law
from timeline.testing.laws.store_failures import Chosen, fail
from timeline.testing.laws.store_machine import StoreSubject
from timeline.testing.model import NOON, REPORTS, Anomaly, draft, rows_text

__all__ = ["StoreFixture", "at_once", "root_of", "run_scenario", "same", "shown"]


class StoreFixture:
    """A store that is run_scenario with: what was called on it, and what it gave."""

    def __init__(self, subject: StoreSubject, seed: int) -> None:
        self.subject = subject
        self.random = Random(seed)  # noqa: S311 - to repeat a scene, not to hide one
        self.name = "the store"
        self.story: list[tuple[str, str]] = []
        self.appended = 0

    @contextmanager
    def set(self) -> Iterator[None]:
        """Open a store in a fresh folder, and close it after."""
        with self.subject.folder() as folder:
            self.folder = folder
            self.store = self.opened()
            try:
                yield
            finally:
                self.store.close()

    def opened(self, folder: Path | None = None) -> FullStore:
        """Open the store once more."""
        # A law about a feature that the store lacks isn't tried.
        made = self.subject.make(self.folder if folder is None else folder)
        store = cast("FullStore", made)
        self.name = type(store).__name__
        return store

    def append(self, count: int, *, salted: bool = True) -> list[Record]:
        """Append so many new drafts."""
        numbers = range(self.appended, self.appended + count)
        drafts = [draft(number) for number in numbers]
        if not salted:
            drafts = [one._replace(salt=b"") for one in drafts]
        self.appended += count
        rows = self.store.append(drafts, REPORTS, recorded=NOON, explicit=False)
        self.tell("append " + " ".join(map(str, numbers)), rows_text(rows))
        return rows

    def tell(self, call: str, gave: object = "") -> None:
        """Add a line to the story."""
        self.story.append((call, str(gave)))

    def refused(
        self,
        kind: type[Exception],
        call_text: str,
        call: Callable[..., object],
        *args: Any,
        **more: Any,
    ) -> None:
        """Hold a call to being refused."""
        try:
            gave = call(*args, **more)
        except kind:
            self.tell(call_text, kind.__name__)
        else:
            self.tell(call_text, gave)
            raise Anomaly(
                "no refusal", f"{call_text} was taken", expected=kind.__name__, seen=f"{gave}"
            )


def same(name: str, why: str, expected: object, seen: object) -> None:
    """Raise the ``Anomaly`` of that name unless two values are equal."""
    if seen != expected:
        raise Anomaly(name, why, expected=shown(expected), seen=shown(seen))


def shown(value: object) -> str:
    """Return a value as text, with bytes in short."""
    if isinstance(value, bytes):
        return value.hex()[:16] if len(value) in (SALT_BYTES, 32) else repr(value)
    if isinstance(value, Record):
        return f"{shown(value.id) or value.record_type} at {value.position}"
    if isinstance(value, Snapshot):
        return f"version {value.version} up to {value.position}, note {value.note!r}"
    if isinstance(value, Mapping):
        return ", ".join(f"{shown(k)}: {shown(v)}" for k, v in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "nothing"
    return repr(value) if isinstance(value, str) else str(value)


def run_scenario(
    law: Law[StoreSubject],
    subject: StoreSubject,
    choices: Chosen,
    scene: Callable[[StoreFixture], None],
) -> None:
    """Play a scene with a fresh store; an anomaly, or whatever else it raises, breaks the law."""
    stage = StoreFixture(subject, choices.seed)
    try:
        try:
            with stage.set():
                scene(stage)
        except Anomaly:
            raise
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise Anomaly("error", "the store raised", expected="none", seen=message) from error
    except Anomaly as anomaly:
        fail(law, stage, anomaly)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a tree as RFC 6962, 2.1, defines it."""
    if len(leaves) < 2:  # noqa: PLR2004 - the two cases in which nothing is split
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def at_once(runs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run functions in threads, all begun together; what each gave, or raised."""
    gave: list[Any] = [None] * len(runs)
    together = Barrier(len(runs))

    def go(place: int) -> None:
        together.wait()
        try:
            gave[place] = runs[place]()
        except Exception as error:  # noqa: BLE001 - it is judged by the one who asked
            gave[place] = error

    threads = [Thread(target=go, args=(place,), daemon=True) for place in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return gave
