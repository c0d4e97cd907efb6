"""Asks a projection in other processes, each with its own hash seed."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from timeline.claims import Said
from timeline.codec import Codec
from timeline.folding import replay
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.standing import standing
from timeline.stores.base import Row
from timeline.testing.telling import text

__all__ = ["answers_elsewhere", "elsewhere", "found"]

SEEDS = (0, 1, 2)
_SECONDS = 120


def elsewhere(make: Callable[..., Any]) -> str | None:
    """Gives None if another process can make the same, else the reason why not."""
    name = getattr(make, "__qualname__", "")
    if "<" in name or not name:
        return "another process can't import it: it isn't a class or function of a module's top"
    if getattr(make, "__module__", None) in (None, "__main__", "builtins"):
        return "another process can't import it: it isn't in a module"
    if _file(make) is None:
        return "another process can't import it: its module has no file"
    return None


def _file(make: Callable[[], Projection[Any]]) -> str | None:
    """The file that a class or function is written in, where there is one."""
    try:
        return inspect.getsourcefile(make)
    except (TypeError, OSError):
        return None


def found(module: str, path: str | None, name: str) -> Any:
    """Gives what a module has under a dotted name; by its file where it can't be imported."""
    try:
        home: Any = importlib.import_module(module)
    except ImportError:
        if path is None:
            raise
        spec = importlib.util.spec_from_file_location(module, path)
        if spec is None or spec.loader is None:
            raise
        home = importlib.util.module_from_spec(spec)
        sys.modules[module] = home
        spec.loader.exec_module(home)
    for part in name.split("."):
        home = getattr(home, part)
    return home


def answers_elsewhere(
    make: Callable[[], Projection[Any]], histories: Sequence[Sequence[Said]]
) -> dict[int, list[str]]:
    """Gives, for each hash seed, the answer to each history, as text."""
    codec = Codec(KINDS)
    order = {
        "module": make.__module__,
        "path": _file(make),
        "name": make.__qualname__,
        "path_entries": sys.path,
        "histories": [[_packed(codec, said) for said in history] for history in histories],
    }
    runs = {
        seed: subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "timeline.testing.processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": str(seed),
                "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            },
        )
        for seed in SEEDS
    }
    answers = {}
    for seed, run in runs.items():
        out, err = run.communicate(json.dumps(order), timeout=_SECONDS)
        if run.returncode:
            raise RuntimeError(f"the projection failed in another process:\n{err}")
        answers[seed] = list(json.loads(out.splitlines()[-1]))
    return answers


def _packed(codec: Codec, said: Said) -> list[str]:
    draft = codec.draft(said)
    body, report = draft.body.decode(), said.report.body.decode()
    return [draft.id.hex(), draft.form, draft.kind, body, report]


def _unpacked(codec: Codec, packed: list[str]) -> Said:
    said_id, form, kind, body, report = packed
    row = Row(1, 0, bytes.fromhex(said_id), form, kind, b"", body.encode())
    return codec.said(row, codec.report(report.encode()))


def _main() -> None:
    order = json.load(sys.stdin)
    sys.path[:] = order["path_entries"]
    make = found(order["module"], order["path"], order["name"])
    codec = Codec(KINDS)
    for kind in make().handlers:
        if kind.kind:
            codec.learn(kind)
    answers = []
    for history in order["histories"]:
        said = [_unpacked(codec, packed) for packed in history]
        answers.append(text(replay.answer(make(), standing(said))))
    print(json.dumps(answers))


if __name__ == "__main__":
    _main()
