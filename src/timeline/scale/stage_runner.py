"""Runs steps one after the other, counts how far they are, and refuses what can't be run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from timeline.errors import EngineError, LogError
from timeline.progress import Progress
from timeline.scale.engines import Failed, OnResult, Run, StageOutput, Step

__all__ = ["StageRunner", "check_engine", "check_size"]


class StageRunner:
    """Runs steps, counts the parts that are done, and raises what one of them failed with."""

    def __init__(self, run: Run, progress: Progress | None, total: int) -> None:
        self._run = run
        self._progress = progress
        self._total = total
        self._before = 0
        self._moved(0)

    def _moved(self, count: int) -> None:
        if self._progress is not None:
            self._progress(self._before + count, self._total)

    def expect(self, count: int) -> None:
        """Count on so many more parts."""
        self._total += count

    def step(
        self,
        step: Step,
        parts: Sequence[Any],
        *,
        shared: Any,
        after: StageOutput | None = None,
        on_result: OnResult = lambda place, note: None,  # noqa: ARG005 - by default
    ) -> tuple[StageOutput, list[Any]]:
        """Run a step on all parts, and return what it left and the notes."""
        notes: list[Any] = [None] * len(parts)

        def count(place: int, note: Any) -> None:
            if isinstance(note, Failed):
                raise note.error
            notes[place] = note
            on_result(place, note)

        outputs = self._run.step(
            step, parts, shared=shared, after=after, on_result=count, moved=self._moved
        )
        self._before += len(parts)
        self._moved(0)
        return outputs, notes


def check_engine(engine: Any) -> None:
    """Raise ``EngineError`` for what is no engine."""
    if isinstance(engine, type) or not hasattr(engine, "run"):
        raise EngineError(
            f"an engine is such as DaskEngine(client), SparkEngine(session) or ThreadsEngine(), "
            f"not {engine!r}"
        )


def check_size(size: Any) -> None:
    """Raise ``LogError`` for a part of no entries."""
    if not isinstance(size, int) or size < 1:
        raise LogError(f"a part has 1 entry or more, not size={size!r}")
