"""Who takes part in a simulated world: writers, redactors, readers, copiers and mishaps."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.naive import seen
from tests.simulation.checks import counted, naive_wounded
from tests.simulation.schedule import Broken, Task
from tests.simulation.world import Op, Part, Plan, Process, World
from timeline import Attack, Claim, Event, Log, Projection, Report, TerritorialChange, on
from timeline.claims import Said
from timeline.errors import ConflictError, LogError, RecordedError, TimelineError
from timeline.merkle import Frontier
from timeline.proofs import SigningKey, verify_entry, verify_growth
from timeline.redaction_records import Redacted, Redaction

__all__ = ["ACTORS", "draw_plan"]

_PLACES = ("Izium", "Kharkiv", "Bucha")
_SOURCES = ("Wire", "Desk", "Radio")
_EVENTS = ("e1", "e2", "e3", "e4", "e5")


_SCRUB = "may still be in the file"
_KEY = SigningKey.generate("simulated.example/log")


class Wounded(Projection[int]):
    """How many were wounded."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best


class Summaries(Projection[tuple[str, ...]]):
    """What is said of attacks, word for word, so that a kept state could give it away."""

    start: tuple[str, ...] = ()

    @on(Attack)
    def add(self, said: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*said, attack.summary or "")


def _summaries(stands: Any) -> tuple[str, ...]:
    return tuple(
        one.event.summary or ""
        for one in stands
        if isinstance(one.event, Attack) and not one.expected
    )


PROJECTIONS: tuple[tuple[Callable[[], Projection[Any]], Callable[[Any], Any]], ...] = (
    (Wounded, naive_wounded),
    (Summaries, _summaries),
)


class Actor:
    """Somebody who does one thing after another, also where their process was killed in between."""

    def __init__(self, world: World, part: Part) -> None:
        self.world = world
        self.part = part
        self.task: Task
        self._left = list(part.ops)
        self.war = world.ledgers["war"]
        self.copy = world.ledgers["copy"]

    @property
    def process(self) -> Process:
        """The process that it runs in, as it is now."""
        return self.world.processes[self.part.process]

    @property
    def log(self) -> Log:
        """The log, as its process has it open."""
        return self.process.log(self.war)

    def run(self) -> None:
        """Do all that is left to do."""
        while self._left:
            op = self._left.pop(0)
            self.task.begin(op.number, op.name)
            faults = self.process.mount.faults
            try:
                getattr(self, op.name)(
                    Random(f"{self.world.plan.seed}/{self.part.name}/{op.number}")
                )
            except Broken:
                raise
            except TimelineError as error:
                if not self.world.expected(error, self.process, faults):
                    raise Broken(
                        f"{self.part.name}: {op.name} raised {type(error).__name__}: {error}"
                    ) from error
                self.note(f"{op.name} failed: {error}")
            except Exception as error:
                raise Broken(f"{self.part.name}: {op.name} raised {error!r}") from error

    def note(self, text: str) -> None:
        """Tell what it does."""
        self.world.note(f"{self.part.name}: {text}")

    def forget(self) -> None:
        """Its process is gone, and what it had in memory."""

    def settle(self) -> None:
        """All is over: see that it holds."""

    def acknowledged(self, random: Random) -> Said | None:
        """Draw something that was acknowledged."""
        names = list(self.war.acknowledged)
        return self.world.spoken.said[random.choice(names)] if names else None


class Writer(Actor):
    """Appends claims, retractions and voids, now and then what is there already."""

    def _speak(self, random: Random, count: int) -> list[Said]:
        said: list[Said] = []
        report = secret = None
        for number in range(count):
            mark = f"{self.part.name}x{self.task.doing}x{number}z"
            if report is None or random.random() < 0.6:
                secret = f"r{mark}"
                published = random.choice([None, *(f"2022-09-{day:02}" for day in range(1, 9))])
                report = Report(random.choice(_SOURCES), published=published, title=secret)
            said.append(self._one(random, report, f"c{mark}"))
            self.world.spoken.add(said[-1], f"c{mark}", secret or "")
        return said

    def _one(self, random: Random, report: Report, mark: str) -> Said:
        known = [one for one in self.world.spoken.said.values() if isinstance(one, Claim)]
        choice = random.random()
        if choice < 0.1 and known:
            return report.voids(random.choice(known), because=mark)
        if choice < 0.2:
            return report.retracts(random.choice(_EVENTS), because=mark)
        event: Event
        if choice < 0.8:
            event = Attack(
                when=f"2022-0{random.randint(1, 8)}", id=random.choice(_EVENTS), summary=mark,
                place=random.choice(_PLACES), wounded=random.randint(0, 9),
            )  # fmt: skip
        else:
            event = TerritorialChange(
                when=f"2022-0{random.randint(1, 8)}", id=random.choice(_EVENTS), summary=mark,
                place=random.choice(_PLACES), to=random.choice(["Ukraine", "Russia"]),
            )  # fmt: skip
        mine = [one for one in known if one.source == report.source]
        replaces = [random.choice(mine)] if mine and random.random() < 0.2 else None
        return random.choice([report.says] * 6 + [report.denies, report.expects])(
            event, replaces=replaces
        )

    def append(self, random: Random) -> None:
        """Append one to three things."""
        self._append(self._speak(random, random.randint(1, 3)))

    def repeat(self, random: Random) -> None:
        """Append what may be there already, together with something new."""
        again = [one for one in (self.acknowledged(random) for _ in range(2)) if one is not None]
        self._append(list(dict.fromkeys([*again, *self._speak(random, 1)])))

    def append_at_head(self, random: Random) -> None:
        """Append only if nobody has written since."""
        said = self._speak(random, random.randint(1, 2))
        try:
            self._append(said, expect=self.log.head)
        except ConflictError as error:
            self.note(f"was refused: {error}")

    def append_dated(self, random: Random) -> None:
        """Say oneself when it was learned."""
        said = self._speak(random, 1)
        recorded = self.world.clock()
        try:
            self._append(said, recorded=recorded)
        except RecordedError as error:
            self.note(f"was refused: {error}")

    def _append(self, said: list[Said], **how: Any) -> None:
        begun = len(self.war.versions)
        entries = self.log.append(*said, **how)
        self.note(f"appended {', '.join(str(one.position) for one in entries)}")
        if [one.claim for one in entries] != said:
            raise Broken(f"{entries} isn't what was appended: {said}")
        self.war.acknowledge(entries, begun - 1)


class Redactor(Actor):
    """Erases what was acknowledged."""

    def redact(self, random: Random) -> None:
        """Erase one entry, a report, or an entry with all that names it."""
        said = self.acknowledged(random)
        if said is None:
            return
        because = f"asked by {self.part.name} as {self.task.doing}"
        self.world.spoken.reasons.add(because)
        what: Any = random.choice([said, said, said, said.report])
        try:
            erasure = self.log.redact(
                what, because=because, basis="law", naming=random.random() < 0.2
            )
        except LogError as error:
            if "redacted before" not in str(error):
                raise
            self.note(f"was refused: {error}")
            return
        redaction = erasure.entry.claim
        assert isinstance(redaction, Redaction)
        self.note(f"erased {redaction.positions}, entry {erasure.entry.position}")
        self.war.acknowledge_erasure(redaction.positions)


class Reader(Actor):
    """Asks, keeps answers, and checks the whole."""

    def __init__(self, world: World, part: Part) -> None:
        super().__init__(world, part)
        self._kept: dict[int, Any] = {}

    def forget(self) -> None:
        self._kept = {}

    def keep(self, random: Random) -> None:
        """Ask a kept projection, or take it up again."""
        number = random.randrange(len(PROJECTIONS))
        projection, fold = PROJECTIONS[number]
        begun = len(self.war.versions)
        if number not in self._kept or random.random() < 0.3:
            self._kept[number] = self.log.keep(projection())
        answer = self._kept[number].answer()
        self.note(f"{projection.__name__} is kept: {answer!r:.60}")
        self.war.look()
        self.war.check_answer(answer, fold, f"kept {projection.__name__}", begun)

    def save(self, random: Random) -> None:
        """Store a kept state."""
        for number in list(self._kept):
            if random.random() < 0.7:
                self._kept[number].save()
                self.note("saved a kept state")

    def ask(self, random: Random) -> None:
        """Ask by a replay, now or as it was known."""
        projection, fold = random.choice(PROJECTIONS)
        log = self.log
        begun = len(self.war.versions)
        head = log.head
        known = random.randint(0, head) if random.random() < 0.4 else None
        answer = log.ask(projection(), known=known)
        self.note(f"{projection.__name__} known at {known}: {answer!r:.60}")
        self.war.look()
        self.war.check_answer(answer, fold, f"{projection.__name__} at {known}", begun, known)

    def accounts(self, _random: Random) -> None:
        """Ask what stands."""
        begun = len(self.war.versions)
        answer = counted(map(seen, self.log.accounts()))
        self.war.look()
        self.war.check_answer(answer, counted, "accounts", begun)

    def verify(self, _random: Random) -> None:
        """Check the whole."""
        begun = len(self.war.versions)
        was = self.war.to_scrub(begun)
        found = self.log.verify()
        # That is so while what was erased is being scrubbed, or couldn't be.
        scrubbing = any(_SCRUB in one.reason for one in found.damaged)
        scrubbing = scrubbing and (was or self.war.to_scrub(begun))
        if len(found.damaged) > scrubbing:
            raise Broken(f"verify says of a log that nobody damaged: {found}")


class Prover(Actor):
    """Signs off what is there, and holds it against proofs later."""

    def __init__(self, world: World, part: Part) -> None:
        super().__init__(world, part)
        self._checkpoints: list[Any] = []

    def checkpoint(self, _random: Random) -> None:
        """Note the root of now; it is kept elsewhere, so that no crash takes it."""
        found = self.log.checkpoint(_KEY)
        self._checkpoints.append(found)
        self._hold(found)

    def _hold(self, found: Any) -> None:
        self.war.look()
        tree = Frontier()
        tree.extend(self.war.leaves[: found.size])
        if tree.root() != found.root:
            raise Broken(f"the checkpoint {found} has another root than the entries")

    def prove(self, random: Random) -> None:
        """Prove that an entry stands in it, and that it only grew."""
        if not self._checkpoints:
            return
        old = random.choice(self._checkpoints)
        log = self.log
        if old.size:
            position = random.randint(1, old.size)
            proven = verify_entry(str(log.prove(position, checkpoint=old)), key=_KEY.public)
            if proven.entry.position != position:
                raise Broken(f"the proof of entry {position} is of {proven.entry}")
            new = log.checkpoint(_KEY)
            grown = log.prove_since(old, checkpoint=new)
            verify_growth(str(grown), old, key=_KEY.public)

    def settle(self) -> None:
        for found in self._checkpoints:
            self._hold(found)


class Follower(Actor):
    """Follows the log from where it stood, whatever was killed meanwhile."""

    def __init__(self, world: World, part: Part) -> None:
        super().__init__(world, part)
        self._position = 0

    def follow(self, random: Random) -> None:
        """Take what has come, up to some entries."""
        left = random.randint(1, 6)
        for entry in self.log.follow(after=self._position, idle=0.02):
            if entry.position != self._position + 1:
                raise Broken(f"followed {entry.position} after {self._position}")
            self.war.look()
            said = self.world.spoken.said.get(self.war.once(entry.position))
            if entry.claim != said and not isinstance(entry.claim, Redacted | Redaction):
                raise Broken(f"followed {entry} where {said} was appended")
            self._position += 1
            left -= 1
            if not left:
                break
        self.note(f"followed up to {self._position}")


class Copier(Actor):
    """Copies the log, and goes on with the copy."""

    def copy_log(self, _random: Random) -> None:
        """Bring the copy up to date."""
        log, copied = self.log, self.process.log(self.copy)
        self.war.look()
        upto = len(self.war.rows)
        erased = {row.position for row in self.war.rows if not row.id}
        count = log.copy_to(copied)
        self.note(f"copied {count}, of {upto} and more")
        self.copy.look()
        if len(self.copy.rows) < upto:
            raise Broken(f"{len(self.copy.rows)} entries are in the copy, there were {upto}")
        self.copy.acknowledge_erasure(erased)
        self.copy.is_whole()

    def settle(self) -> None:
        log, copied = self.log, self.process.log(self.copy)
        log.copy_to(copied)
        self.copy.look()
        if self.copy.leaves != self.war.leaves:
            raise Broken("the copy isn't what it is a copy of")
        if copied.store.identity != log.store.identity:
            raise Broken("the copy has another identity")
        found = copied.verify()
        if not found.ok:
            raise Broken(f"the copy is damaged: {found}")


class Mishap(Actor):
    """What nobody wants: a clock that is set back, a process killed, a disk that fails."""

    def set_clock(self, random: Random) -> None:
        """Set the machine's clock on or back."""
        self.world.offset += random.randint(-3600, 3600)
        self.note(f"the clock is set by {self.world.offset} s")
        self._pause(random)

    def kill(self, random: Random) -> None:
        """Kill a process between two statements."""
        self._pause(random)
        process = self._victim(random)
        process.mount.dead = True
        self.world.scheduler.switch("kills a process")

    def fail(self, random: Random) -> None:
        """Let the disk fail at one of its next steps."""
        fault = random.choice(
            ["error", "full", "short", "dead", "power, all kept", "power, none kept"]
            + ["power, some kept"] * 3
        )
        process = self._victim(random)
        step = random.randint(0, 12)
        process.mount.arm(step, fault)
        self.note(f"process {process.number}'s disk will meet {fault!r} at step {step} from now")
        self._pause(random)

    def _victim(self, random: Random) -> Process:
        numbers = sorted(number for number in self.world.processes if number >= 0)
        return self.world.processes[random.choice(numbers)]

    def _pause(self, random: Random) -> None:
        self.world.scheduler.wait(None, random.random() * 0.02, "pauses")


class Judge(Actor):
    """Does nothing but look at the end."""

    def settle(self) -> None:
        war = self.war
        log = self.log
        found = log.verify()
        if not found.ok:
            raise Broken(f"the log is damaged at the end: {found}")
        war.acknowledge_erasure(row.position for row in war.rows if not row.id)
        begun = len(war.versions)
        war.check_answer(counted(map(seen, log.accounts())), counted, "accounts", begun)
        for projection, fold in PROJECTIONS:
            war.check_answer(log.ask(projection()), fold, f"{projection.__name__}", begun)
            kept = log.keep(projection())
            war.check_answer(kept.answer(), fold, f"kept {projection.__name__}", begun)


ACTORS: dict[str, Callable[[World, Part], Actor]] = {
    "writer": Writer,
    "redactor": Redactor,
    "reader": Reader,
    "prover": Prover,
    "follower": Follower,
    "copier": Copier,
    "mishap": Mishap,
    "judge": Judge,
}

_OPS = {
    "writer": ["append"] * 6 + ["repeat", "append_at_head", "append_dated"],
    "redactor": ["redact"],
    "reader": ["keep"] * 3 + ["save"] * 2 + ["ask"] * 2 + ["accounts", "verify"],
    "prover": ["checkpoint", "checkpoint", "prove"],
    "follower": ["follow"],
    "copier": ["copy_log"],
    "mishap": ["set_clock", "kill", "fail", "fail", "fail"],
}
_HOW_MANY = {
    "writer": (3, 7), "redactor": (1, 4), "reader": (3, 7), "prover": (2, 5), "follower": (2, 5),
    "copier": (1, 4), "mishap": (1, 4),
}  # fmt: skip


def draw_plan(seed: str) -> Plan:
    """Draw what happens in a world."""
    random = Random(seed)
    medium = random.choice(["memory", "sqlite"])
    copied = random.choice(["memory", "sqlite"]) if medium == "memory" else "sqlite"
    count = 1 if medium == "memory" or copied == "memory" else random.randint(1, 2)
    roles = ["writer", "writer", "redactor", "reader", "copier"]
    roles += random.sample(["writer", "reader", "prover", "follower", "redactor"], 2)
    if medium == "sqlite":
        roles.append("mishap")
    parts = []
    for number, role in enumerate(roles):
        least, most = _HOW_MANY[role]
        ops = tuple(Op(n, random.choice(_OPS[role])) for n in range(random.randint(least, most)))
        process = -1 if role == "mishap" else 0 if role == "copier" else random.randrange(count)
        parts.append(Part(f"{role}{number}", role, process, ops))
    parts.append(Part("judge", "judge", 0, ()))
    rate = random.choice([3, 10, 30, 60])
    return Plan(seed, medium, copied, rate, random.choice([4, 20, 1000]), tuple(parts))
