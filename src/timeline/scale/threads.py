"""Runs work on threads of this process: for trying things out, and for a log in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

import attrs

from timeline.errors import EngineError
from timeline.scale.engines import OnResult, StageOutput, Step, TaskResult, done

__all__ = ["ThreadsEngine"]


def _workers(_: object, __: object, value: object) -> None:
    if not isinstance(value, int) or value < 1:
        raise EngineError(f"threads are 1 or more, not {value!r}")


@attrs.frozen
class ThreadsEngine:
    """An engine of so many threads of this process.

    It gives the answer that a cluster gives, by the same steps, and isn't faster than ``log.ask``:
    threads of one process take turns.
    """

    workers: int = attrs.field(default=2, validator=_workers)
    here = True

    @contextmanager
    def run(self) -> Iterator[_ThreadsRun]:
        """Begin a piece of work; see ``Engine.run``."""
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="timeline")
        try:
            yield _ThreadsRun(pool)
        finally:
            pool.shutdown(cancel_futures=True)


class _ThreadsRun:
    """One piece of work on threads."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def step(
        self,
        step: Step,
        parts: Sequence[Any],
        *,
        shared: Any,
        after: StageOutput | None,
        on_result: OnResult,
        moved: Callable[[int], None],
    ) -> StageOutput:
        """Run a step on each part; see ``Run.step``."""

        def run(place: int) -> TaskResult:
            # What was handed over is let go: nobody takes it twice.
            sent = [] if after is None else [_taken(one, place) for one in after]
            return done(step, parts[place], sent, shared)

        futures = {self._pool.submit(run, place): place for place in range(len(parts))}
        outputs: list[list[Any]] = [[] for _ in parts]
        for count, future in enumerate(as_completed(futures), 1):
            place = futures[future]
            note, blocks = future.result()
            on_result(place, note)
            outputs[place] = list(blocks)
            moved(count)
        return outputs


def _taken(blocks: list[Any], place: int) -> Any:
    block, blocks[place] = blocks[place], None
    return block
