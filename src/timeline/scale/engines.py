"""Says what a distributed engine has to do: run the parts of a step, and hand on what they made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import attrs

from timeline.errors import FormatError, StoreError, TimelineError

__all__ = ["Engine", "Failed", "OnResult", "Run", "StageOutput", "Step", "TaskResult", "done"]

StageOutput = Any
"""What a step left on the workers; the engine alone looks into it."""

Block = Any
"""What one part sends to one part of the next step: bytes, or states of a projection."""


class TaskResult(NamedTuple):
    """What a part made: a note for whoever asks, and a block for each part of the next step."""

    note: Any
    blocks: Sequence[Block]


@attrs.frozen
class Failed:
    """What a part gives instead of a note where it met an error that trying again can't mend."""

    error: TimelineError


class Step(Protocol):
    """What is done with each part. The same part gives the same, whenever and wherever it runs."""

    def __call__(self, part: Any, blocks: Sequence[Block], shared: Any, /) -> TaskResult:
        """Take a part, what those of the step before sent to it, in their order, and shared."""
        ...


OnResult = Callable[[int, Any], None]
"""OnResult the number of each part that is done, and its note, in any order."""


class Run(Protocol):
    """One piece of work on an engine, of several steps."""

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
        """Run a step on each part, and return what it left, for the next step.

        Block ``i`` of each part of the step ``after`` goes to part ``i``. ``shared`` reaches every
        part. ``moved`` is called with how many parts are done, more than once; it may come before
        ``on_result``. A worker that is lost costs what it was doing and held, which others redo.
        Raises ``EngineError`` where the engine gives up.
        """
        ...


class Engine(Protocol):
    """Where work is run; ``DaskEngine``, ``SparkEngine`` and ``ThreadsEngine`` are some."""

    @property
    def workers(self) -> int:
        """How many parts run at a time."""
        ...

    @property
    def here(self) -> bool:
        """Whether the workers are in this process, and see what is in its memory."""
        ...

    def run(self) -> AbstractContextManager[Run]:
        """Begin a piece of work. Left, in whatever way, nothing of it runs or is held any more."""
        ...


def done(step: Step, part: Any, blocks: Sequence[Block], shared: Any) -> TaskResult:
    """Run a step on a part; of an error that would come again, it makes the note.

    A disk or server that refused may not do so the next time: that is left to the engine.
    """
    try:
        return step(part, blocks, shared)
    except TimelineError as error:
        if isinstance(error, StoreError) and not isinstance(error, FormatError):
            raise
        return TaskResult(Failed(error), ())
