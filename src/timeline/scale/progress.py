"""Draws how far long work has come: in a terminal, in a notebook, and in a file of lines."""

from __future__ import annotations

import sys
from typing import TextIO

__all__ = ["Bar"]

_WIDTH = 30
_STEPS = 10  # lines in a file, from nothing to all


class Bar:
    """A progress bar for ``progress=``, called with the parts done and the total.

    In a terminal and in a notebook it is drawn over itself, elsewhere it gives a line for every
    tenth. ``out`` is where it is drawn, standard error unless it is given.
    """

    def __init__(self, what: str = "asking", *, out: TextIO | None = None) -> None:
        self._what = what
        self._out = out
        self._drawn = ""

    def __call__(self, done: int, total: int) -> None:
        """Draws it."""
        out = self._out or sys.stderr
        # A notebook isn't a terminal, and draws over what follows a carriage return as one does.
        over = out.isatty() or "ipykernel" in sys.modules
        share = 1.0 if not total else min(done / total, 1.0)
        full = int(_WIDTH * share)
        percent = f"{int(100 * share):3}%"
        text = f"{self._what} [{'#' * full}{'.' * (_WIDTH - full)}] {percent} {done:,} of {total:,}"
        if not over:
            text = f"{self._what} {int(_STEPS * share) * 100 // _STEPS:3}%"
        if text == self._drawn:
            return
        self._drawn = text
        if over:
            print(f"\r{text}", end="\n" if share == 1.0 else "", file=out, flush=True)
        else:
            print(text, file=out, flush=True)
