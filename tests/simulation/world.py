"""One world of a seed: its logs, processes and disk, who does what in it, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.simulation.checks import Ledger, Spoken
from tests.simulation.disk import Module, Mount
from tests.simulation.media import InFile, InMemory, Medium
from tests.simulation.plugs import plugged
from tests.simulation.schedule import Choices, Lock, Scheduler, Task, Turn
from timeline import Log
from timeline.errors import FormatError, StoreError, TimelineError

__all__ = ["Op", "Part", "Plan", "Process", "World"]

_SHM = Path("/dev/shm")  # noqa: S108 - what is synced there costs nothing
_BEGIN = datetime(2022, 9, 1, tzinfo=UTC)


class Op(NamedTuple):
    """One thing that a part does: its number among all of that part's, and its name."""

    number: int
    name: str


class Part(NamedTuple):
    """Somebody with a role, in one process, and what they do one after another."""

    name: str
    role: str
    process: int
    ops: tuple[Op, ...]


class Plan(NamedTuple):
    """What happens in a world, but for the order: of that, the choices decide."""

    seed: str
    medium: str
    copy: str
    rate: int
    """How many of a hundred points are switches."""
    pages: int
    """Pages of the WAL after which they go into the file."""
    parts: tuple[Part, ...]


class Process:
    """A process of the simulated machine: its disk, and the logs that it has open."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.mount = Mount(world.synced)
        self.module = Module(self.mount, pages=world.plan.pages)
        self.logs: dict[str, Log] = {}
        self._opening = Lock()

    def log(self, ledger: Ledger) -> Log:
        """Return a log that it has open, or opens now."""
        with self._opening:
            if ledger.name not in self.logs:
                self.logs[ledger.name] = ledger.medium.open(self.world.clock)
            return self.logs[ledger.name]

    def close(self) -> None:
        """Let go of all of it."""
        self.module.die()
        self.mount.close()


class World:
    """A run of a plan. Nothing in it depends on anything but the plan and the choices."""

    def __init__(
        self, plan: Plan, actors: Mapping[str, Any], given: Mapping[Turn, str] | None
    ) -> None:
        self.plan = plan
        self.choices = Choices(plan.seed, plan.rate, given)
        self.scheduler = Scheduler(self.choices, self._look)
        self.spoken = Spoken()
        self.synced: dict[str, bytes | None] = {}
        self.offset = 0
        """Seconds by which the machine's clock was set on or back."""
        self.story: list[str] = []
        self._folder = "/dev/null/"
        self._kinds = actors
        self._stack = ExitStack()
        self.ledgers: dict[str, Ledger] = {}
        self.processes: dict[int, Process] = {}
        self.actors: list[Any] = []
        self.chance = Random(f"{plan.seed}/chance")

    def clock(self) -> datetime:
        """What the machine's clock shows."""
        passed = timedelta(microseconds=self.scheduler.now, seconds=self.offset)
        return _BEGIN + passed

    def note(self, text: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{self.scheduler.steps:5}  {text.replace(self._folder, '')}")

    def run(self) -> None:
        """Run it to its end. Raises ``Broken`` where something doesn't hold."""
        with self._stack as stack:
            folder = Path(
                stack.enter_context(TemporaryDirectory(dir=_SHM if _SHM.exists() else None))
            )
            self._folder = f"{folder}/"  # its name is chance, and no part of a story
            stack.enter_context(plugged(self.chance, self._connect))
            stack.callback(self._end)
            self.ledgers["war"] = Ledger(self._medium("war", self.plan.medium, folder), self.spoken)
            self.ledgers["copy"] = Ledger(self._medium("copy", self.plan.copy, folder), self.spoken)
            self.ledgers["copy"].source = self.ledgers["war"]
            for part in self.plan.parts:
                self.processes.setdefault(part.process, Process(self, part.process))
                self.actors.append(self._kinds[part.role](self, part))
            for process in self.processes.values():
                if process.number >= 0:
                    for ledger in self.ledgers.values():
                        process.log(ledger)
                    break
            for actor in self.actors:
                self._start(actor)
            self.scheduler.run()
            self._settle()

    def _medium(self, name: str, kind: str, folder: Path) -> Medium:
        if kind == "memory":
            return InMemory(name)
        medium = InFile(name, folder)
        self._stack.callback(medium.unmount)
        return medium

    def _start(self, actor: Any) -> None:
        name = actor.part.name
        task = Task(name, actor.run, self.processes.get(actor.part.process))
        actor.task = task
        self.scheduler.add(task)

    def _connect(self, name: str, **how: Any) -> Any:
        """Open a file of SQLite as the process whose task runs."""
        task = self.scheduler.current
        process = task.owner if task is not None else next(iter(self.processes.values()))
        assert isinstance(process, Process)
        return process.module.connect(name, **how)

    # -- after each step

    def _look(self, _point: str) -> None:
        for process in list(self.processes.values()):
            if process.mount.dead and self.processes[process.number] is process:
                self.die(process)
        for ledger in self.ledgers.values():
            ledger.look()

    def die(self, process: Process) -> None:
        """End a process, or all where its power was lost, and begin anew."""
        power = process.mount.lost_power
        dead = list(self.processes.values()) if power else [process]
        for one in dead:
            one.mount.dead = True
        what = process.mount.fault if power else "it is killed"
        self.note(f"process {process.number}: {what}")
        for ledger in self.ledgers.values():
            ledger.medium.let_go()
        victims = [task for task in self.scheduler.tasks if task.owner in dead and not task.over]
        self.scheduler.kill(victims)
        for one in dead:
            one.module.die()
        if power:
            process.mount.crash(Random(f"{self.plan.seed}/{self.scheduler.steps}"))
        for one in dead:
            one.mount.close()
            self.processes[one.number] = Process(self, one.number)
        for actor in self.actors:
            if actor.task in victims:
                actor.forget()
                self._start(actor)

    # -- the end

    def _settle(self) -> None:
        """Open everything anew and hold all that was acknowledged against it."""
        for process in self.processes.values():
            for name, log in process.logs.items():
                if not isinstance(self.ledgers[name].medium, InMemory):
                    log.close()
            process.mount.close()
        anew = Process(self, 0)
        self.processes = dict.fromkeys(self.processes, anew)
        for ledger in self.ledgers.values():
            ledger.look()
        for actor in self.actors:
            actor.settle()

    def _end(self) -> None:
        for ledger in self.ledgers.values():
            ledger.medium.let_go()
        for process in set(self.processes.values()):
            process.close()

    def expected(self, error: TimelineError, process: Process, faults: int) -> bool:
        """Whether a store's error is what the disk's faults since then explain."""
        return (
            isinstance(error, StoreError)
            and not isinstance(error, FormatError)
            and process.mount.faults > faults
        )
