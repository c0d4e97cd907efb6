"""The way in from a shell: ``timeline``, with one command for each thing to do.

Data goes to standard output, messages to standard error. A command ends with 0 if all is well, 1
if what it looked at is not, and 2 if it couldn't be run as it was put.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

from timeline.cli.parser import command_parser

__all__ = ["main"]

OK, USAGE = 0, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, that of the shell unless ``arguments`` are given, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A terminal that lacks a letter shows another one, rather than nothing at all.
            reconfigure(errors="replace")
    options = command_parser().parse_args(arguments)
    # Only now: asking for help waits for no import but this package's.
    module, _, name = options.run.partition(":")
    commands = import_module(f"timeline.cli.{module}")
    errors = import_module("timeline.errors")
    try:
        with warnings.catch_warnings():
            # A message like any other: a line, without the place in the code that gave it.
            warnings.showwarning = lambda message, *_: print(
                f"timeline {options.command}: {message}", file=sys.stderr
            )
            code = int(getattr(commands, name)(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough (head, less); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        print(f"timeline {options.command}: stopped", file=sys.stderr)
        return USAGE
    except (errors.TimelineError, OSError, UnicodeError) as error:
        print(f"timeline {options.command}: {error}", file=sys.stderr)
        return USAGE
    return code
