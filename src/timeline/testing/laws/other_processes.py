"""Asks a key or an exporter in other processes, each with its own hash seed."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from timeline.codec import Codec
from timeline.events import Event
from timeline.kinds import KINDS
from timeline.testing.subprocesses import found

__all__ = ["reason", "told"]

_SEEDS = (0, 1, 2)
_SECONDS = 120

Ask = Callable[[Any, Sequence[Event]], str]
"""Gives, as text, what something plugged in makes of events; a function of a module's top."""


def reason(plugged: Any) -> str | None:
    """Return None if another process can import it, else why not."""
    module, name = getattr(plugged, "__module__", None), getattr(plugged, "__qualname__", "")
    if not name or "<" in name or module in (None, "__main__", "builtins"):
        return "another process can't import it: it isn't a function of a module's top"
    return None


def told(plugged: Any, ask: Ask, events: Sequence[Event]) -> dict[int, str]:
    """Return what is made of events of the library's kinds, by the hash seed of the process."""
    codec = Codec(KINDS)
    order = {
        "plugged": _where(plugged),
        "ask": _where(ask),
        "path": sys.path,
        "events": [[kind, body.decode()] for kind, body in map(codec.event_body, events)],
    }
    runs = {
        seed: subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONHASHSEED": str(seed),
                "PYTHONIOENCODING": "utf-8",
                "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            },
        )
        for seed in _SEEDS
    }
    # All are heard to the end before one that failed is told of, or their pipes stay open.
    told = {
        seed: run.communicate(json.dumps(order), timeout=_SECONDS) for seed, run in runs.items()
    }
    answers = {}
    for seed, (out, err) in told.items():
        if runs[seed].returncode:
            raise RuntimeError(f"it failed in another process:\n{err}")
        answers[seed] = str(json.loads(out.splitlines()[-1]))
    return answers


def _where(function: Any) -> list[str | None]:
    try:
        path = inspect.getsourcefile(function)
    except TypeError:
        path = None
    return [function.__module__, path, function.__qualname__]


def _main() -> None:
    order = json.load(sys.stdin)
    sys.path[:] = order["path"]
    codec = Codec(KINDS)
    ask, plugged = found(*order["ask"]), found(*order["plugged"])
    events = [codec.event(kind, body.encode()) for kind, body in order["events"]]
    sys.stdout.write(json.dumps(ask(plugged, events)))
    sys.stdout.flush()
    # What was asked for is out; how the libraries that made it take their threads down isn't.
    os._exit(0)


if __name__ == "__main__":
    _main()
