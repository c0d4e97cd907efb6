"""Runs work on a Spark cluster, through PySpark; needs the extra ``spark`` and Java."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from operator import itemgetter
from time import sleep
from typing import Any
from uuid import uuid4

from timeline.errors import EngineError
from timeline.extras import needed
from timeline.scale.engines import OnResult, StageOutput, Step, done

__all__ = ["SparkEngine"]

_EXTRA = {"extra": "spark", "what": "work on Spark"}
_PAUSE = 0.1  # seconds between two looks at how far it is
_PATIENCE = 600  # looks: how long a job that was cancelled may take to end
_NOTE = -1  # where notes go; blocks go to parts, counted from 0


def _pyspark(module: str = "") -> Any:
    return needed(f"pyspark{module}", **_EXTRA)


class SparkEngine:
    """An engine on the cluster of a ``pyspark.sql.SparkSession``.

    What an executor held when it was lost is worked out again by others, from what was there
    before. Its Python needs this library, in the same version. Raises ``EngineError`` for anything
    but a session with a context of its own, and ``MissingExtraError`` without the extra ``spark``.
    """

    here = False

    def __init__(self, session: Any) -> None:
        self._context: Any = getattr(session, "sparkContext", None)
        if not isinstance(self._context, _pyspark().SparkContext):
            raise EngineError(
                f"SparkEngine takes a session such as SparkSession.builder.getOrCreate(), not "
                f"{session!r}"
            )

    @property
    def workers(self) -> int:
        """How many tasks run at a time."""
        with _explained(self._context):
            return max(1, int(self._context.defaultParallelism))

    @contextmanager
    def run(self) -> Iterator[_SparkRun]:
        """Begin a piece of work; see ``Engine.run``."""
        run = _SparkRun(self._context)
        try:
            with _explained(self._context):
                yield run
        except BaseException:
            run.stop()
            raise
        finally:
            run.release()


@contextmanager
def _explained(context: Any) -> Iterator[None]:
    """Say of what the engine raises what it means."""
    if context._jsc is None:  # noqa: SLF001 - a context says by nothing else that it was stopped
        raise EngineError("the session was stopped; make a new one, and ask again")
    gave_up = _pyspark(".errors").PySparkException, needed("py4j.protocol", **_EXTRA).Py4JError
    try:
        yield
    except gave_up as error:
        raise EngineError(f"Spark gave up: {error}") from error


class _SparkRun:
    """One piece of work on a cluster; its jobs are of one group."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._group = f"timeline-{uuid4().hex}"
        self._given: list[Any] = []
        self._made: Any = None

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
        context, width = self._context, len(parts)
        given = context.broadcast(_dumped(shared))
        self._given.append(given)  # whatever is lost is worked out again from it
        if after is None:
            sent = context.parallelize(range(width), max(width, 1))
        else:
            sent = after.filter(_is_parcel).partitionBy(width, _itself)
        made = sent.mapPartitionsWithIndex(partial(_run, step, list(parts), given))
        made.persist(_pyspark().StorageLevel.DISK_ONLY)
        before, self._made = self._made, made
        for place, note in self._collected(made.filter(_is_note).values(), moved):
            on_result(place, _loaded(note))
        if before is not None:
            before.unpersist()
        return made

    def _collected(self, notes: Any, moved: Callable[[int], None]) -> list[tuple[int, bytes]]:
        """What is collected of a step, while it is told how far it has come."""
        found: list[list[tuple[int, bytes]]] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self._context.setJobGroup(self._group, "timeline", interruptOnCancel=True)
                found.append(notes.collect())
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
                failed.append(error)

        last = self._last_job()
        thread = _pyspark().InheritableThread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_PAUSE)
            moved(self._finished(last))
        for error in failed:
            raise error
        return found[0]

    def _last_job(self) -> int:
        """The number of the last job that was begun, -1 before the first."""
        return max(self._context.statusTracker().getJobIdsForGroup(self._group), default=-1)

    def _finished(self, before: int) -> int:
        """How many parts of the step that runs are done, as far as Spark tells.

        ``before`` is the last job of the step before.
        """
        number = self._last_job()
        if number == before:
            return 0
        tracker = self._context.statusTracker()
        job = tracker.getJobInfo(number)
        # Those of the step before that are only handed on come first, as stages of their own.
        stage = tracker.getStageInfo(max(job.stageIds)) if job and job.stageIds else None
        return int(stage.numCompletedTasks) if stage else 0

    def stop(self) -> None:
        """Cancel what runs, and wait until no executor is at it."""
        with suppress(Exception):  # whoever can't be reached any more does nothing for us either
            self._context.cancelJobGroup(self._group)
            for _ in range(_PATIENCE):
                executors = self._context._jsc.sc().statusTracker().getExecutorInfos()  # noqa: SLF001 - Python has no other way
                if not any(one.numRunningTasks() for one in executors):
                    return
                sleep(_PAUSE)

    def release(self) -> None:
        """Let go of all that executors hold."""
        with suppress(Exception):  # the session was stopped
            if self._made is not None:
                self._made.unpersist()
            for given in self._given:
                given.destroy()


def _dumped(value: Any) -> bytes:
    made: bytes = _pyspark(".cloudpickle").dumps(value)  # a class may be of a notebook's
    return made


def _loaded(dumped: bytes) -> Any:
    return _pyspark(".cloudpickle").loads(dumped)


def _itself(place: int) -> int:
    return place


def _is_note(record: tuple[int, Any]) -> bool:
    return record[0] == _NOTE


def _is_parcel(record: tuple[int, Any]) -> bool:
    return record[0] != _NOTE


def _run(
    step: Step, parts: list[Any], given: Any, place: int, records: Iterable[Any]
) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Run a step on the part of a place, on a worker: gives its note, and what it sends where."""
    if place >= len(parts):
        return
    # Of a step without one before it, the records are numbers and nothing was sent.
    sent = sorted((one[1] for one in records if isinstance(one, tuple)), key=itemgetter(0))
    blocks = [_loaded(block) for _, block in sent]
    made = done(step, parts[place], blocks, _loaded(given.value))
    yield _NOTE, (place, _dumped(made.note))
    for to, block in enumerate(made.blocks):
        yield to, (place, _dumped(block))
