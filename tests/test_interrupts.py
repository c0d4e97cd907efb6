"""Tests that an append which is interrupted is done or isn't, and says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from timeline import Attack, Claim, Log, Report
from timeline.stores import SQLiteStore

ISW = Report("ISW", published="2022-09-10")


def claim(number: int) -> Claim:
    return ISW.says(Attack(when="2022-09-09", id=f"e{number}"))


@pytest.mark.parametrize("step", range(25))
def test_an_append_that_is_interrupted_says_whether_it_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Ctrl-C before whatever SQLite is asked while it appends, one step after the other."""
    with Log(tmp_path / "war.db") as log:
        log.append(claim(1))
        store = log.store
        assert isinstance(store, SQLiteStore)
        asked, real = 0, store._writer

        class Interrupted:
            """The writing connection, at which the user loses patience once."""

            def __getattr__(self, name: str) -> object:
                nonlocal asked
                asked += name in ("execute", "executemany")
                if asked == step + 1 and name in ("execute", "executemany"):
                    raise KeyboardInterrupt
                return getattr(real, name)

        note = "all of it is recorded"
        with monkeypatch.context() as patch:
            patch.setattr(store, "_writer", Interrupted())
            try:
                log.append(claim(2), claim(3))
            except KeyboardInterrupt as stop:
                (note,) = stop.__notes__
        done = "all of it is recorded" in note
        assert done or "nothing of it was recorded" in note
        assert log.head == (3 if done else 1)
        assert log.verify().ok
        assert [entry.position for entry in log.append(claim(2), claim(3))] == [2, 3]


def test_an_interrupt_after_the_commit_says_that_it_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    real, calls = log.store.append, 0

    def stopped(*args: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        rows = real(*args, **options)  # type: ignore[arg-type]
        if calls == 1:
            raise KeyboardInterrupt
        return rows

    monkeypatch.setattr(log.store, "append", stopped)
    with pytest.raises(KeyboardInterrupt) as raised:
        log.append(claim(1))
    assert raised.value.__notes__ == [
        "the append was done before it was stopped: all of it is recorded"
    ]
    assert log.head == 1
