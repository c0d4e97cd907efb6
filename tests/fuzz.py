"""Fuzz every entry point of ``tests.untrusted_inputs``, guided by the code that is reached.

``python -m tests.fuzz 600`` fuzzes with atheris, where that is installed, and else with inputs of
chance alone. What breaks a door is printed with the bytes that did it, and fails.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

try:
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError:
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["timeline"]):
        from tests.untrusted_inputs import DOORS, SEEDS, knock
else:
    from tests.untrusted_inputs import DOORS, SEEDS, knock

__all__ = ["main"]

_NAMES = list(DOORS)
_LONGEST = 4096  # bytes


class _Pushes:
    """Pushes on the door that the first byte names, and counts."""

    def __init__(self, seconds: float) -> None:
        self.counts: Counter[str] = Counter()
        self._end = time.monotonic() + seconds

    def __call__(self, data: bytes) -> None:
        if not data:
            return
        name = _NAMES[data[0] % len(_NAMES)]
        self.counts[name] += 1
        try:
            knock(name, data[1:])
        except BaseException:
            sys.stderr.write(f"\n{name} broke on {data[1:]!r}\n")
            raise
        if time.monotonic() > self._end:
            self.told("atheris")
            sys.stdout.flush()
            os._exit(0)  # the fuzzer takes any other way out for a find

    def told(self, how: str) -> None:
        """Print how often each door was pushed on."""
        total = sum(self.counts.values())
        sys.stdout.write(json.dumps({"fuzz": {"by": how, "pushes": total, **self.counts}}) + "\n")


def _seeds() -> list[bytes]:
    return [bytes([_NAMES.index(name)]) + seed for name in _NAMES for seed in SEEDS[name]]


def _by_chance(pushes: _Pushes, seconds: float) -> None:
    random, seeds, end = Random(), _seeds(), time.monotonic() + seconds
    while time.monotonic() < end - 1:
        data = bytearray(random.choice(seeds))
        for _ in range(random.randint(0, 8)):
            at = random.randrange(1, len(data) + 1)
            data[at : at + random.randint(0, 9)] = random.randbytes(random.randint(0, 9))
        pushes(bytes(data[:_LONGEST]))
    pushes.told("chance")


def main(arguments: list[str]) -> None:
    """Fuzzes for so many seconds."""
    seconds = float(arguments[0]) if arguments else 600.0
    pushes: Any = _Pushes(seconds)
    for seed in _seeds():
        pushes(seed)
    if atheris is None:
        _by_chance(pushes, seconds)
        return
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(_seeds()):
            (Path(folder) / str(number)).write_bytes(seed)
        limits = (f"-max_len={_LONGEST}", "-len_control=0", "-timeout=60", "-rss_limit_mb=2048")
        quiet = ("-verbosity=0", f"-artifact_prefix={folder}/")
        atheris.Setup([sys.argv[0], *limits, *quiet, folder], pushes)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
