"""How far long work has come, as one callback is called with it and a bar draws it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

__all__ = ["Bar", "Progress"]

Progress = Callable[[int, int | None], object]
"""Callback ``progress(done, total)``, called as long work goes on; total is None if unknown."""

_WIDTH = 30
_STEPS = 10  # lines in a file, from nothing to all


class Bar:
    """A progress bar for ``progress=``, called with the parts done and the total.

    In a terminal and in a notebook it is drawn over itself, elsewhere it gives a line for every
    tenth. ``out`` is where it is drawn, standard error unless it is given. Where the total isn't
    known it gives the parts done alone.
    """

    def __init__(self, what: str = "asking", *, out: TextIO | None = None) -> None:
        self._what = what
        self._out = out
        self._drawn = ""

    def __call__(self, done: int, total: int | None) -> None:
        """Draw it."""
        out = self._out or sys.stderr
        # A notebook isn't a terminal, and draws over what follows a carriage return as one does.
        over = out.isatty() or "ipykernel" in sys.modules
        share = 1.0 if not total else min(done / total, 1.0)
        full = int(_WIDTH * share)
        percent = f"{int(100 * share):3}%"
        bar = f"[{'#' * full}{'.' * (_WIDTH - full)}]"
        text = f"{self._what} {bar} {percent} {done:,} of {total or 0:,}"
        if not over:
            text = f"{self._what} {int(_STEPS * share) * 100 // _STEPS:3}%"
        if total is None:
            share, text = 0.0, f"{self._what} {done:,}"
        if text == self._drawn:
            return
        self._drawn = text
        if over:
            print(f"\r{text}", end="\n" if share == 1.0 else "", file=out, flush=True)
        else:
            print(text, file=out, flush=True)
