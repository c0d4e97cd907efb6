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
from contextlib import suppress
from typing import Any

from timeline.claims import Claim, Said
from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.folding import replay
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.standing import standing
from timeline.stores.base import Row
from timeline.testing.telling import text

__all__ = ["PROCESSES", "answers_elsewhere", "elsewhere", "found", "serve"]

PROCESSES = (("0", False), ("1", False), ("2", True))
"""The hash seed of each process, and whether it is asked in another order."""

_SERVE = "from timeline.testing.processes import serve; serve()"
_SECONDS = 120


def elsewhere(make: Callable[..., Any]) -> str | None:
    """Gives None if another process can make the same projection, else the reason why not."""
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
    """Gives what a module has under a dotted name; by its file where it can't be imported."""
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


def answers_elsewhere(
    make: Callable[[], Projection[Any]], histories: Sequence[Sequence[Said]]
) -> list[list[str]]:
    """Gives, for each of ``PROCESSES``, the answer to each history, as text.

    Raises ``ProjectionError`` where a process can't make the projection or can't answer.
    """
    kinds = list(dict.fromkeys(type(said.event) for said in _claims(histories)))
    codec = Codec((*KINDS, *kinds))
    order = {
        "path_entries": sys.path,
        "projection": _address(make),
        "kinds": [
            _address(kind) for kind in kinds if kind not in KINDS and "<" not in kind.__qualname__
        ],
        "histories": [[_packed(codec, said) for said in history] for history in histories],
    }
    # All are started before any is told what to do: they work side by side.
    runs = [_started(seed) for seed, _ in PROCESSES]
    for run, (_, backwards) in zip(runs, PROCESSES, strict=True):
        assert run.stdin is not None  # noqa: S101 - it was asked for
        with suppress(BrokenPipeError):  # it has failed, and says why
            turns = _backwards(histories) if backwards else list(range(len(histories)))
            run.stdin.write(json.dumps({**order, "turns": turns}))
            run.stdin.close()
        run.stdin = None
    # All are heard to the end before one that failed is told of, or their pipes stay open.
    told = [run.communicate(timeout=_SECONDS) for run in runs]
    answers = []
    for run, (out, err) in zip(runs, told, strict=True):
        if run.returncode:
            last = err.strip().rpartition("\n")[2]
            raise ProjectionError(
                f"another process couldn't ask {make.__qualname__}: {last}; if it can't be "
                "imported there, move it to a module of its own or skip this law with that reason"
            )
        answers.append(list(json.loads(out.rpartition("\n")[2])))
    return answers


def _backwards(histories: Sequence[Sequence[Said]]) -> list[int]:
    """The last first, but for corrections, which are of two: they go before what they correct."""
    turns = range(len(histories))
    return sorted(turns, key=lambda turn: (len(histories[turn]) != 2, -turn))  # noqa: PLR2004


def _address(made: Callable[..., Any]) -> tuple[str, str | None, str]:
    """The module, file and name by which another process finds a class or function."""
    return made.__module__, inspect.getsourcefile(made), made.__qualname__


def _claims(histories: Sequence[Sequence[Said]]) -> list[Claim]:
    return [said for history in histories for said in history if isinstance(said, Claim)]


def _started(seed: str) -> subprocess.Popen[str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONUTF8": "1"},
    )


def _packed(codec: Codec, said: Said) -> list[str]:
    draft = codec.draft(said)
    body, report = draft.body.decode(), said.report.body.decode()
    return [draft.id.hex(), draft.form, draft.kind, body, report]


def _unpacked(codec: Codec, packed: list[str]) -> Said:
    said_id, form, kind, body, report = packed
    read = codec.report(report.encode())
    row = Row(1, 0, bytes.fromhex(said_id), form, kind, bytes.fromhex(read.id), body.encode())
    return codec.said(row, read)


def serve() -> None:
    """Reads an order from standard input and writes the answers to standard output."""
    order = json.load(sys.stdin)
    sys.path[:] = order["path_entries"]
    make = found(*order["projection"])
    codec = Codec(KINDS)
    for kind in (*make().handlers, *(found(*address) for address in order["kinds"])):
        if kind.kind:
            codec.learn(kind)
    histories = [[_unpacked(codec, said) for said in history] for history in order["histories"]]
    answers = {
        turn: text(replay.answer(make(), standing(histories[turn]))) for turn in order["turns"]
    }
    # On a line of its own, below whatever the projection printed.
    sys.stdout.write("\n" + json.dumps([answers[turn] for turn in range(len(histories))]))
