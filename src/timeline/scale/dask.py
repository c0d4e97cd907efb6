"""Runs work on a Dask cluster, through ``dask.distributed``; needs the extra ``dask``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from operator import itemgetter
from time import sleep
from typing import Any
from uuid import uuid4
from warnings import catch_warnings, simplefilter

from timeline.errors import EngineError
from timeline.extras import needed
from timeline.scale.engines import Block, OnResult, StageOutput, Step, TaskResult, done

__all__ = ["DaskEngine"]

_RETRIES = 2  # of a part whose disk or server refused
_PAUSE = 0.05  # seconds between two looks at workers that were told to stop


def _distributed() -> Any:
    return needed("distributed", extra="dask", what="work on Dask")


class DaskEngine:
    """An engine on the cluster of a ``dask.distributed.Client``.

    What a worker held when it was lost is worked out again by others, from what was there before.
    The workers need this library, in the same version. Raises ``EngineError`` for anything but a
    client, and ``MissingExtraError`` without the extra ``dask``.
    """

    here = False

    def __init__(self, client: Any) -> None:
        if not isinstance(client, _distributed().Client) or client.asynchronous:
            raise EngineError(
                f"DaskEngine takes a client that waits for its answers, such as "
                f"dask.distributed.Client('tcp://scheduler:8786'), not {client!r}"
            )
        self._client = client

    @property
    def workers(self) -> int:
        """How many threads the cluster's workers have, 1 while there is none."""
        with _explained(self._client, OSError):  # no part runs, so it is the scheduler's
            return max(1, int(sum(self._client.nthreads().values())))

    @contextmanager
    def run(self) -> Iterator[_DaskRun]:
        """Begin a piece of work; see ``Engine.run``."""
        run = _DaskRun(self._client)
        try:
            with _explained(self._client):
                yield run
        finally:
            run.end()


@contextmanager
def _explained(client: Any, *more: type[Exception]) -> Iterator[None]:
    """Say of what the engine raises what it means; ``more`` means that the scheduler was lost."""
    distributed = _distributed()
    if client.status != "running":
        raise EngineError(
            f"the client of {client!r} is {client.status}: its scheduler is gone, or it was "
            "closed; make a new Client, and ask again"
        )
    lost = (
        distributed.CancelledError,
        distributed.client.FutureCancelledError,
        distributed.comm.CommClosedError,
        TimeoutError,
        *more,
    )
    try:
        yield
    except distributed.scheduler.KilledWorker as error:
        raise EngineError(
            f"several workers were lost while they worked on the same part: {error}; the part may "
            "need more memory than they have, so ask with a smaller size="
        ) from error
    except lost as error:
        raise EngineError(
            f"the scheduler was lost, or let go of the work: {error}; connect a new Client, and "
            "ask again"
        ) from error


class _DaskRun:
    """One piece of work on a cluster; its tasks' names begin with one that is its own."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._name = f"timeline-{uuid4().hex}"
        self._futures: list[Any] = []
        self._steps = 0

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
        self._steps += 1
        width = len(parts)
        blocks = [] if after is None else self._parcels(after, width)
        sent = [blocks[place::width] for place in range(width)]
        # As a task's result it goes to each worker once, and whoever loses it can get it again.
        (given,) = self._map("given", _itself, [shared])
        made = self._map("part", _run, [step] * width, parts, sent, [given] * width)
        notes = self._map("note", itemgetter(0), made)
        # What was sent is wanted by those parts alone now, and let go as each of them has had it.
        self._futures = [given, *made, *notes]
        for future in (*(after or ()), *blocks):
            future.release()
        places = {future.key: place for place, future in enumerate(notes)}
        count = 0
        for batch in _distributed().as_completed(notes).batches():
            # Gathered, and not taken as results: there, what was cancelled is an error as a value.
            for future, note in zip(batch, self._client.gather(batch), strict=True):
                on_result(places[future.key], note)
                count += 1
            moved(count)
        self._futures = [given, *made]
        return made

    def _parcels(self, after: Sequence[Any], width: int) -> list[Any]:
        """What each of the parts before sends to each of those that follow."""
        made = [one for one in after for _ in range(width)]
        return self._map("parcel", _parcel, made, list(range(width)) * len(after))

    def _map(self, name: str, work: Callable[..., Any], *columns: Sequence[Any]) -> list[Any]:
        keys = [f"{self._name}-{self._steps}-{name}-{no}" for no in range(len(columns[0]))]
        with catch_warnings():
            # That the graph is large: what is taken back may be, and goes to each worker once.
            simplefilter("ignore", UserWarning)
            made: list[Any] = self._client.map(
                work, *map(list, columns), key=keys, pure=False, retries=_RETRIES
            )
        self._futures += made
        return made

    def end(self) -> None:
        """Let go of everything, and wait for what is being done, which can't be broken off."""
        # Whoever can't be reached any more does and holds nothing for us either.
        with suppress(Exception):
            self._client.cancel(self._futures, force=True)
            self._futures = []
            while any(self._client.run(_busy, self._name).values()):
                sleep(_PAUSE)


def _itself(shared: Any) -> Any:
    return shared


def _run(step: Step, part: Any, blocks: Sequence[Block], shared: Any) -> TaskResult:
    return done(step, part, blocks, shared)


def _parcel(made: TaskResult, place: int) -> Block:
    # An answer that failed sends nothing, and whoever asks is told so.
    return made.blocks[place]


def _busy(name: str, dask_worker: Any) -> bool:
    """Whether a worker does or holds something of a piece of work."""
    return any(str(key).startswith(name) for key in dask_worker.state.tasks)
