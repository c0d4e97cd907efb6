"""Cooperative tasks that run one at a time, switched where a seed says, and locks that they know.

Each task is a thread, and one baton goes round: the task that has it runs the real, synchronous
code until it comes to a point at which it may be switched. There the scheduler counts a step, lets
the world look at what has changed, and decides who goes on. So nothing depends on the machine.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from types import TracebackType
from typing import Any

__all__ = [
    "Broken",
    "Choices",
    "Condition",
    "Killed",
    "Lock",
    "Point",
    "RLock",
    "Scheduler",
    "Task",
    "Turn",
    "active",
    "switch",
]

STEP = 200
"""Microseconds that pass with each step."""

Point = tuple[str, int, int]
"""Where a task is: its name, the number of what it does, and the switch points passed in that."""

Turn = tuple[Point, int]
"""Where a task is, and how often somebody was chosen there before: it may wait there for long."""


class Killed(BaseException):
    """The process that a task belongs to is gone."""


class Broken(Exception):  # noqa: N818 - what was found, not what went wrong here
    """Something doesn't hold."""


def _drawn(*parts: object) -> int:
    text = "/".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest())


class Choices:
    """Who goes on at each point: drawn from a seed, or as a run before had it.

    ``taken`` are the switches of this run by their points. A run with ``given`` makes those alone
    and elsewhere lets a task go on until it waits or ends.
    """

    def __init__(self, seed: str, rate: int, given: Mapping[Turn, str] | None = None) -> None:
        self._seed, self._rate, self._given = seed, rate, given
        self._often: Counter[Point] = Counter()
        self.taken: dict[Turn, str] = {}

    def next(self, at: Point, here: Task | None, ready: list[Task]) -> Task:
        """Return the task that goes on: ``here``, if it may go on itself, or another."""
        stay = here if here in ready else None
        turn = at, self._often[at]
        self._often[at] += 1
        if self._given is None:
            drawn = _drawn(self._seed, *at)
            if stay is not None and drawn % 100 >= self._rate:
                return stay
            chosen = ready[drawn // 100 % len(ready)]
        else:
            name = self._given.get(turn, "")
            chosen = next((one for one in ready if one.name == name), stay or ready[0])
        if chosen is not stay:
            self.taken[turn] = chosen.name
        return chosen


class Task:
    """A thread that runs when it has the baton. ``owner`` is the process that it belongs to."""

    def __init__(self, name: str, body: Callable[[], None], owner: object) -> None:
        self.name = name
        self.body = body
        self.owner = owner
        self.doing = 0
        """The number of what it does."""
        self.points = 0
        """The switch points that it passed in that."""
        self.story = ""
        """What it does, in words."""
        self.doomed: BaseException | None = None
        self.over = False
        self.ready: Callable[[], bool] | None = None
        self.until: int | None = None
        self.baton = threading.Semaphore(0)
        self.back: Task | None = None
        self.thread: threading.Thread | None = None

    @property
    def at(self) -> Point:
        """Where it is."""
        return self.name, self.doing, self.points

    def begin(self, number: int, story: str) -> None:
        """Note what it does next."""
        self.doing, self.points, self.story = number, 0, story


class Scheduler:
    """Runs tasks one at a time until all are over or something doesn't hold.

    ``look`` is called after each step, with the point's name, and raises ``Broken``.
    """

    def __init__(self, choices: Choices, look: Callable[[str], None]) -> None:
        self._choices = choices
        self._look = look
        self._done = threading.Semaphore(0)
        self.tasks: list[Task] = []
        self.current: Task | None = None
        self.steps = 0
        self.now = 0
        """Microseconds since the world began; it never goes back, as clocks of the log may."""
        self.quiet = 0
        self.broken: BaseException | None = None

    def add(self, task: Task) -> None:
        """Let a task take part."""
        task.thread = threading.Thread(target=self._run, args=(task,), daemon=True)
        self.tasks.append(task)
        task.thread.start()

    def run(self) -> None:
        """Run all to their ends. Raises what was found."""
        global _ACTIVE  # noqa: PLW0603 - the code under it can't be handed one
        _ACTIVE = self
        try:
            first = self._next(None)
            if first is not None:
                self._give(first)
                self._done.acquire()
        finally:
            _ACTIVE = None
        for task in self.tasks:
            assert task.thread is not None
            task.thread.join()
        if self.broken is not None:
            raise self.broken

    def switch(self, point: str) -> None:
        """A step is done: look, and go on as somebody, perhaps another."""
        me = self.mine()
        if me is None:
            return
        if me.doomed is not None:
            raise me.doomed
        self._count(me, point)
        if me.doomed is not None:
            raise me.doomed
        self._pass_on(me)

    def wait(self, ready: Callable[[], bool] | None, seconds: float | None, point: str) -> bool:
        """Let others go on until something is so; False where ``seconds`` are over before it is."""
        me = self.mine()
        if me is None:
            return ready is None or ready()
        if me.doomed is not None:
            raise me.doomed
        me.ready = ready or (lambda: False)
        me.until = None if seconds is None else self.now + round(seconds * 1e6)
        self._count(me, point)
        if me.doomed is not None:
            raise me.doomed
        self._pass_on(me)
        return ready is None or ready()

    def mine(self) -> Task | None:
        """The task that runs here, None where it isn't to be switched."""
        me = self.current
        if me is None or self.quiet or me.thread is not threading.current_thread():
            return None
        return me

    def kill(self, victims: list[Task]) -> None:
        """Unwind tasks, one after another; whoever is running now is, when it looks up next."""
        me = self.current
        for task in victims:
            task.doomed = task.doomed or Killed()
            if task is not me and not task.over:
                task.back, quiet = me, self.quiet
                self.quiet = 0
                self._give(task)
                assert me is not None
                me.baton.acquire()
                self.quiet = quiet

    def _count(self, me: Task, point: str) -> None:
        me.points += 1
        self.steps += 1
        self.now += STEP
        self.quiet += 1
        try:
            self._look(point)
        except BaseException as found:
            self._stop(found)
            raise Killed from found
        finally:
            self.quiet -= 1

    def _stop(self, found: BaseException) -> None:
        self.broken = self.broken or found
        for task in self.tasks:
            task.doomed = task.doomed or Killed()

    def _pass_on(self, me: Task) -> None:
        chosen = self._next(me)
        if chosen is not None and chosen is not me:
            self._give(chosen)
            me.baton.acquire()
        me.ready = me.until = None
        if me.doomed is not None:
            raise me.doomed

    def _next(self, me: Task | None) -> Task | None:
        while True:
            left = [task for task in self.tasks if not task.over]
            if not left:
                return None
            ready = [task for task in left if self._is_ready(task)]
            if ready:
                at = me.at if me is not None else ("", 0, self.steps)
                return self._choices.next(at, me, ready)
            untils = [task.until for task in left if task.until is not None]
            if not untils:
                names = ", ".join(f"{task.name} ({task.story})" for task in left)
                self._stop(Broken(f"all wait for each other: {names}"))
                continue
            self.now = max(self.now, min(untils))

    def _is_ready(self, task: Task) -> bool:
        if task.doomed is not None or task.ready is None:
            return True
        return task.ready() or (task.until is not None and task.until <= self.now)

    def _give(self, task: Task) -> None:
        self.current = task
        task.baton.release()

    def _run(self, task: Task) -> None:
        task.baton.acquire()
        try:
            if task.doomed is None:
                task.body()
        except Killed:
            pass
        except BaseException as found:  # noqa: BLE001 - raised where all of it was run
            self._stop(found)
        task.over = True
        task.points += 1
        if task.back is not None:
            self._give(task.back)
            return
        chosen = self._next(task)
        if chosen is None:
            self.current = None
            self._done.release()
        else:
            self._give(chosen)


_ACTIVE: Scheduler | None = None


def active() -> Scheduler | None:
    """Return the scheduler that runs."""
    return _ACTIVE


def switch(point: str) -> None:
    """Count a step, and perhaps let another task go on."""
    if _ACTIVE is not None:
        _ACTIVE.switch(point)


class RLock:
    """A lock that its owner may take again; who waits for it lets others run."""

    again = True

    def __init__(self) -> None:
        self._owner: Task | None = None
        self._count = 0

    def acquire(self) -> bool:
        """Take it, once it is free."""
        scheduler = _ACTIVE
        me = scheduler.mine() if scheduler is not None else None
        if scheduler is None or me is None:
            return True
        if not (self.again and self._owner is me):
            scheduler.switch("lock")
            while not self._is_free():
                scheduler.wait(self._is_free, None, "waits for a lock")
        self._owner = me
        self._count += 1
        return True

    def _is_free(self) -> bool:
        return self._owner is None or self._owner.over

    def release(self) -> None:
        """Let it go."""
        scheduler = _ACTIVE
        if scheduler is None or self._owner is None or self._owner is not scheduler.current:
            return
        self._count -= 1
        if not self._count:
            self._owner = None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class Lock(RLock):
    """A lock that isn't to be taken twice."""

    again = False


class Condition(RLock):
    """A lock with news: who waits is woken by whoever tells of some, or once its time is over."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[list[bool]] = []

    def notify_all(self) -> None:
        """Wake all who wait."""
        for told in self._waiting:
            told[0] = True
        self._waiting = []

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait, without the lock, until it is told of something that makes it so."""
        scheduler = _ACTIVE
        if scheduler is None or scheduler.mine() is None:
            return predicate()
        end = None if timeout is None else scheduler.now + round(timeout * 1e6)
        while not (result := predicate()):
            left = None if end is None else (end - scheduler.now) / 1e6
            if left is not None and left <= 0:
                break
            told = [False]
            self._waiting.append(told)
            count, self._count, self._owner = self._count, 0, None
            try:
                scheduler.wait(lambda told=told: told[0], left, "waits for news")  # type: ignore[misc]
            finally:
                self._waiting = [one for one in self._waiting if one is not told]
            self.acquire()
            self._count = count
        return result
