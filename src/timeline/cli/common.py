"""What commands share: opening logs and files, finding what is named, and showing progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from timeline.claims import Report
from timeline.errors import LogError
from timeline.events import Event
from timeline.log import Log
from timeline.progress import Progress

__all__ = [
    "BROKEN",
    "OK",
    "import_name",
    "kinds",
    "known",
    "note",
    "nothing_known",
    "opened",
    "position",
    "progress",
    "question",
    "reading",
    "report_of",
    "spare",
    "writing",
]

OK, BROKEN = 0, 1

_SQLITE = b"SQLite format 3\0"  # how every SQLite file begins
_JOURNALS = ("-wal", "-shm", "-journal")
_SPARED = {
    _SQLITE: "a log",
    b"\x37\x7f\x06\x82": "a log's journal",
    b"\x37\x7f\x06\x83": "a log's journal",
    b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7": "a log's journal",
    b"PRIVATE+KEY+": "a secret key",
}
_LONG = 19  # digits, more than any position has


def note(text: str) -> None:
    """Say something to the person, beside the data."""
    print(text, file=sys.stderr)


def import_name(where: str, what: str) -> Any:
    """Return what a module has under a name, both written ``package.module:Name``."""
    module, colon, name = where.partition(":")
    if not (module and colon and name):
        raise LogError(f"write package.module:{what}, a module and what it holds, not {where!r}")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # as python -m has it, for the command timeline too
    try:
        target: Any = import_module(module)
    except ImportError as error:
        raise LogError(
            f"cannot import {module!r}: {error}; is it in this folder or installed?"
        ) from error
    for part in name.split("."):
        try:
            target = getattr(target, part)
        except AttributeError:
            raise LogError(f"{module!r} has no {name!r}") from None
    return target


def kinds(options: Any) -> tuple[type[Event], ...]:
    """Return the kinds of a user's own that a command names with ``--events``."""
    return tuple(import_name(where, "Kind") for where in getattr(options, "events", ()))


def opened(target: str, options: Any, *, new: bool = False) -> Log:
    """Open a log that must be there, or with ``new`` makes one that mustn't."""
    if "://" not in target:
        there = Path(target).exists()
        if new and there:
            raise LogError(f"{target} is there already; name another file")
        if not new and not there:
            raise LogError(f"there is no log {target}; make it: timeline new {target}")
    return Log(target, events=kinds(options))


def known(options: Any) -> str | int | None:
    """Return the moment of ``--known``, or the position where it is one: ``#41``."""
    text: str | None = options.known
    if text is None or not text.startswith("#"):
        return text
    number = position(text[1:])
    if number is None:
        raise LogError(f"a position is written as #41, not {text!r}")
    return number


def nothing_known(options: Any) -> None:
    """Say how to ask by publication where ``--known`` alone left nothing to answer from."""
    if options.known is not None and options.published is None:
        note(
            f"--known {options.known} asks what this log knew by then, which is by when entries "
            f"were recorded; for what was published by then, ask --published {options.known}"
            if not options.known.startswith("#")
            else f"nothing stands as the log knew at {options.known}"
        )


def question(options: Any) -> dict[str, Any]:
    """Return what is asked by ``--at``, ``--known`` and the others, as ``log.ask`` takes it."""
    return {
        "at": options.at,
        "known": known(options),
        "published": options.published,
        "reading": "possible" if options.possible else "certain",
        "trust": options.trust,
        "progress": progress(f"reading {options.log}"),
    }


@contextmanager
def reading(name: str, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Open a file to read; ``-`` is standard input."""
    if name == "-":
        yield sys.stdin.buffer if binary else sys.stdin
        return
    with Path(name).open("rb" if binary else "r", encoding=None if binary else "utf-8") as file:
        yield file


def report_of(options: Any) -> Report:
    """Return the report in whose name a command speaks, of those options that it has."""
    given = vars(options)
    text = None
    if given.get("text") is not None:
        with reading(given["text"]) as file:
            text = file.read()
    return Report(
        given["source"],
        published=given["published"],
        zone=given["zone"],
        title=given.get("title"),
        url=given.get("url"),
        text=text,
    )


def spare(path: Path) -> None:
    """Raise ``LogError`` where output would take the place of a log, its journals, or a key."""
    occupant = next((what for begins, what in _SPARED.items() if _begins(path, begins)), None)
    for tail in _JOURNALS:
        # Also where none is there yet: SQLite would take what is written for its own.
        if path.name.endswith(tail) and _begins(path.with_name(path.name[: -len(tail)]), _SQLITE):
            occupant = "a journal of the log beside it"
    if occupant is not None:
        raise LogError(f"{path} is {occupant}, and stays as it is; name another file")


def _begins(path: Path, what: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(what)) == what


def position(text: str) -> int | None:
    """Return the position that a text is, None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONG else None


def writing(name: str, content: str | bytes, *, what: str) -> None:
    """Write a whole file at once, or prints it for ``-``; a file that is there is replaced."""
    data = content.encode() if isinstance(content, str) else content
    if name == "-":
        if isinstance(content, str):
            sys.stdout.write(content if content.endswith("\n") else content + "\n")
        elif sys.stdout.isatty():
            raise LogError(f"{what} isn't text for a terminal; name a file: -o FILE")
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
        return
    path = Path(name)
    spare(path)
    if path.exists() and not path.is_file():  # /dev/null, a pipe: there is nothing to replace
        path.write_bytes(data)
        return
    if not path.parent.is_dir():
        raise LogError(f"there is no folder {path.parent} to write {path.name} into; make it first")
    # Of a name that nobody can plant a link at, made new or not at all.
    draft = path.with_name(f".{token_hex(16)}.new")
    made = False
    try:
        with draft.open("xb") as file:
            made = True
            file.write(data)
        draft.replace(path)
    finally:
        if made:
            draft.unlink(missing_ok=True)
    note(f"wrote {name} ({len(data):,} bytes)")


def progress(what: str) -> Progress | None:
    """Return what draws a bar as long work goes on, where a person is watching."""
    if not sys.stderr.isatty():
        return None
    width = 30

    def report(done: int, total: int | None) -> None:
        if total:
            full = min(width * done // total, width)
            bar = f"[{'#' * full}{'.' * (width - full)}] {100 * done // total:3}%"
        else:
            bar = ""
        end = "\n" if total and done >= total else ""
        print(f"\r{what} {bar} {done:,}", end=end, file=sys.stderr, flush=True)

    return report
