"""Asks a projection in other processes, each with its own hash seed and its own past."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, Any, Self

import time_machine

from timeline.claims import Claim, Said
from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.folding import replay
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.resolution import resolve
from timeline.stores.base import Record
from timeline.testing.report_text import text

__all__ = ["PROCESSES", "Elsewhere", "elsewhere", "found", "serve"]

PROCESSES = (("1", False), ("2", True))
"""The hash seed of each process, and whether it is asked in another order.

Each runs in another world: clock, zone, language and environment are others before the projection
is imported.
"""

_WORLDS: dict[str, dict[str, str]] = {
    "1": {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "USER": "somebody else"},
    "2": {"TZ": "America/Los_Angeles", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "USER": "nobody"},
}
_MOMENTS = {"1": 946_684_798.0, "2": 3_471_292_800.0}  # the last seconds of 1999, and 2080

_SERVE = "from timeline.testing.subprocesses import serve; serve()"
_SECONDS = 120


def elsewhere(make: Callable[..., Any]) -> str | None:
    """Return None if another process can make the same projection, else the reason why not."""
    name = getattr(make, "__qualname__", "")
    if "<" in name or not name:
        return "another process can't import it: it isn't a class or function of a module's top"
    if getattr(make, "__module__", None) in (None, "__main__", "builtins"):
        return "another process can't import it: it isn't in a module"
    try:
        inspect.getsourcefile(inspect.unwrap(make))
    except (TypeError, OSError):
        return "another process can't import it: its module has no file"
    return None


def found(module: str, path: str | None, name: str) -> Any:
    """Return what a module has under a dotted name; by its file where it can't be imported."""
    try:
        home: Any = importlib.import_module(module)
    except ImportError:
        spec = path and importlib.util.spec_from_file_location(module, path)
        if not spec or spec.loader is None:
            raise
        home = importlib.util.module_from_spec(spec)
        sys.modules[module] = home
        spec.loader.exec_module(home)
    for part in name.split("."):
        home = getattr(home, part)
    return home


class Elsewhere:
    """A projection that is being asked in each of some processes, while this one goes on.

    A context manager, which leaves no process behind.
    """

    def __init__(
        self,
        make: Callable[[], Projection[Any]],
        histories: Sequence[Sequence[Said]],
        processes: Sequence[tuple[str, bool]] = PROCESSES,
    ) -> None:
        kinds = list(dict.fromkeys(type(said.event) for said in _claims(histories)))
        codec = Codec((*KINDS, *kinds))
        order = {
            "path_entries": sys.path,
            "projection": _address(make),
            "kinds": [
                _address(kind)
                for kind in kinds
                if kind not in KINDS and "<" not in kind.__qualname__
            ],
            "histories": [[_packed(codec, said) for said in history] for history in histories],
        }
        ways = (list(range(len(histories))), _backwards(histories))
        self._name = make.__qualname__
        self.processes = processes
        self._runs = [
            _Run(
                seed,
                json.dumps({**order, "turns": ways[backwards], "moment": _MOMENTS[seed]}),
                _WORLDS[seed],
            )
            for seed, backwards in processes
        ]

    def answers(self) -> list[list[str]]:
        """Wait for what each process answered to each history, as text.

        Raises ``ProjectionError`` where one can't make the projection or can't answer.
        """
        answers = []
        for run in self._runs:
            code, out, err = run.finished()
            if code:
                last = err.strip().rpartition("\n")[2]
                raise ProjectionError(
                    f"another process couldn't ask {self._name}: {last}; if it can't be imported "
                    "there, move it to a module of its own or skip this law with that reason"
                )
            answers.append(list(json.loads(out.rpartition("\n")[2])))
        return answers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._runs:
            run.end()


class _Run:
    """One process and its order; in files, so that nobody has to listen while it works."""

    def __init__(self, seed: str, order: str, world: dict[str, str]) -> None:
        self._order, self._out, self._err = (_file() for _ in range(3))
        self._order.write(order)
        self._order.seek(0)
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-c", _SERVE],
            stdin=self._order,
            stdout=self._out,
            stderr=self._err,
            env=os.environ
            | world
            | {"PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        )

    def finished(self) -> tuple[int, str, str]:
        """Wait for its end; return its return code, what it wrote, and its complaints."""
        try:
            code = self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(), "", f"it took longer than {_SECONDS} s"
        self._out.seek(0)
        self._err.seek(0)
        return code, self._out.read(), self._err.read()

    def end(self) -> None:
        """Take it down, with what it was told and what it said."""
        self._process.kill()
        self._process.wait()
        for file in (self._order, self._out, self._err):
            file.close()


def _file() -> IO[str]:
    return TemporaryFile("w+", encoding="utf-8", errors="replace")


def _backwards(histories: Sequence[Sequence[Said]]) -> list[int]:
    """The last first, but for corrections, which are of two: they go before what they correct."""
    turns = range(len(histories))
    return sorted(turns, key=lambda turn: (len(histories[turn]) != 2, -turn))  # noqa: PLR2004


def _address(made: Callable[..., Any]) -> tuple[str, str | None, str]:
    """The module, file and name by which another process finds a class or function."""
    return made.__module__, inspect.getsourcefile(made), made.__qualname__


def _claims(histories: Sequence[Sequence[Said]]) -> list[Claim]:
    return [said for history in histories for said in history if isinstance(said, Claim)]


def _packed(codec: Codec, said: Said) -> list[str]:
    draft = codec.draft(said)
    body, report = draft.body.decode(), said.report.body.decode()
    return [draft.id.hex(), draft.record_type, draft.kind, body, report]


def _unpacked(codec: Codec, packed: list[str]) -> Said:
    said_id, form, kind, body, report = packed
    read = codec.report(report.encode())
    row = Record(1, 0, bytes.fromhex(said_id), form, kind, bytes.fromhex(read.id), body.encode())
    return codec.said(row, read)


def serve() -> None:
    """Read an order from standard input and write the answers to standard output."""
    order = json.load(sys.stdin)
    sys.path[:] = order["path_entries"]
    with ExitStack() as stack:
        if order.get("moment") is not None:
            stack.enter_context(time_machine.travel(order["moment"], tick=True))
        answers = _answers(order, found(*order["projection"]))
    # On a line of its own, below whatever the projection printed.
    sys.stdout.write("\n" + json.dumps([answers[turn] for turn in range(len(order["histories"]))]))


def _answers(order: dict[str, Any], make: Any) -> dict[int, str]:
    """What a projection answers to each history, by its place."""
    codec = Codec(KINDS)
    for kind in (*make().handlers, *(found(*address) for address in order["kinds"])):
        if kind.kind:
            codec.learn(kind)
    histories = [[_unpacked(codec, said) for said in history] for history in order["histories"]]
    return {turn: text(replay.answer(make(), resolve(histories[turn]))) for turn in order["turns"]}
