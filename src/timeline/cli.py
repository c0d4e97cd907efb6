"""The way in from a shell: ``python -m timeline``, with one command for each thing to do.

Data goes to standard output, messages to standard error. A command ends with 0 if all is well, 1
if what it looked at is not, and 2 if it couldn't be run as it was put.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from timeline.errors import TimelineError

__all__ = ["main"]

OK, BROKEN, USAGE = 0, 1, 2


class _UsageError(Exception):
    """Says why a command can't be run as it was put."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command, that of the shell unless ``arguments`` are given, and gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A terminal that lacks a letter shows another one, rather than nothing at all.
            reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough (head, less); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (_UsageError, TimelineError) as error:
        print(f"timeline {options.command}: {error}", file=sys.stderr)
        return USAGE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="timeline",
        description="Records what is reported about a conflict, and answers what happened.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for add in (_add_laws,):
        add(commands)
    return parser


def _above(least: int) -> Any:
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError
        return value

    number.__name__ = f"number from {least}"  # what argparse says of a wrong one
    return number


def _add_laws(commands: Any) -> None:
    parser = commands.add_parser(
        "laws",
        help="try the laws of projections on one",
        description="Tries the laws of projections on one and prints what became of each. Ends "
        "with 1 if a law is broken. Needs the extra: pip install 'timeline-events[testing]'",
        allow_abbrev=False,
    )
    parser.add_argument(
        "projection",
        metavar="package.module:P",
        help="a class derived from Projection, or a function that makes one",
    )
    parser.add_argument(
        "--examples", type=_above(1), metavar="N", help="histories to draw (default: 100)"
    )
    parser.add_argument(
        "--seed", type=_above(0), metavar="S", help="repeat the search that had this seed"
    )
    parser.add_argument(
        "--only", action="append", metavar="LAW", help="try this law alone; may be repeated"
    )
    parser.add_argument("--smoke", action="store_true", help="a quick look, of about two seconds")
    parser.add_argument(
        "--write",
        metavar="FILE",
        help="try nothing, and write the laws as a test module of plain Hypothesis; - prints it",
    )
    parser.set_defaults(run=_laws)


def _laws(options: argparse.Namespace) -> int:
    # The kit needs an extra, and no other command may ask for it: hence no import at the top.
    laws = import_module("timeline.testing.laws")
    make = _found(options.projection)
    for name in options.only or ():
        if name not in {law.name for law in laws.LAWS}:
            known = ", ".join(law.name for law in laws.LAWS)
            raise _UsageError(f"no law is called {name!r}; they are {known}")
    if options.write is not None:
        source = import_module("timeline.testing.laws.source")
        return _write(options.write, source.source(make, only=options.only))
    report = laws.verify(
        make,
        examples=options.examples,
        seed=options.seed,
        only=options.only,
        smoke=options.smoke,
    )
    print(report)
    return OK if report.ok else BROKEN


def _write(name: str, text: str) -> int:
    if name == "-":
        print(text, end="")
        return OK
    try:
        with Path(name).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _UsageError(f"{name} is there already; name another file") from None
    except OSError as error:
        raise _UsageError(f"{name} can't be written: {error.strerror}") from error
    print(f"wrote {name}; run it: pytest {name}", file=sys.stderr)
    return OK


def _found(where: str) -> Any:
    """Gives what a module has under a name, both written ``package.module:Name``."""
    module, colon, name = where.partition(":")
    if not (module and colon and name):
        raise _UsageError(f"write package.module:P, a module and what it holds, not {where!r}")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # as python -m has it, for the command timeline too
    try:
        found: Any = import_module(module)
    except ImportError as error:
        raise _UsageError(
            f"cannot import {module!r}: {error}; is it in this folder or installed?"
        ) from error
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise _UsageError(f"{module!r} has no {name!r}") from None
    if not callable(found):
        raise _UsageError(
            f"{where} is {found!r}; name a class derived from Projection, or a function that "
            "makes one"
        )
    return found
