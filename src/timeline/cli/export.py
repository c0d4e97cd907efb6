"""Commands that hand a log on: export, page, map, copy."""

from __future__ import annotations

import csv
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from timeline import export as formats
from timeline.cli.common import OK, note, opened, progress, question, reading, writing
from timeline.errors import ImporterError
from timeline.log import Log, chronology

__all__ = ["copy", "export", "map", "page"]

_WRITERS: dict[str, Callable[[Any], str | bytes]] = {
    "cloudevents": formats.to_cloudevents,
    "csv": formats.to_csv,
    "geojson": formats.to_geojson,
    "ical": formats.to_icalendar,
    "json": formats.to_json,
    "jsonld": formats.to_jsonld,
    "markdown": formats.to_markdown,
    "parquet": formats.to_parquet,
    "prov": formats.to_prov,
    "timelinejs": formats.to_timelinejs,
    "timemap": formats.to_timemap,
}
_ENDINGS = {".ics": "ical", ".md": "markdown"} | {
    f".{name}": name for name in ("csv", "geojson", "json", "jsonl", "jsonld", "parquet")
}


def export(options: Namespace) -> int:
    """Write what stands in another format, and say what that leaves out."""
    form = options.target_format or _ENDINGS.get(Path(options.output).suffix.lower())
    if form is None:
        raise ImporterError(
            f"say in which format: --as {', '.join((*_WRITERS, 'jsonl', 'segments'))}"
        )
    with opened(options.log, options) as log:
        asked = question(options)
        if form == "segments":
            _segments(log, options.output)
            return OK
        if form == "jsonl":
            lines = formats.to_jsonl(log, upto=log.position(asked["known"]))
            writing(options.output, "".join(lines), what=form)
            return OK
        content = _WRITERS[form](chronology(log, **asked))
        writing(options.output, content, what=form)
        for one in getattr(content, "left_out", ()):
            note(f"left out: {one}")
    return OK


def _segments(log: Log, name: str) -> None:
    """Write a log as files in a folder, going on where it was stopped."""
    if name == "-":
        raise ImporterError("segments are files in a folder; name it: -o FOLDER")
    folder = Path(name)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / formats.MANIFEST
    there = manifest.read_bytes() if manifest.exists() else None
    for file, content in formats.to_segments(log, manifest=there):
        writing(str(folder / file), content, what="a segment")


def _theme(name: str | None) -> formats.Theme:
    """The theme in a file, with the logo that lies where the theme says, seen from there."""
    if name is None:
        return formats.Theme()
    text = Path(name).read_text("utf-8")
    logo = formats.Theme.logo_named(text)
    return formats.Theme.read(
        text, logo=None if logo is None else (Path(name).parent / logo).read_bytes()
    )


def _weights(name: str | None) -> dict[str, float]:
    """The weights in a file of places, by name or key, and numbers; a header is passed over."""
    if name is None:
        return {}
    with reading(name) as file:
        rows = [row for row in csv.reader(file) if row]
    weights: dict[str, float] = {}
    for number, row in enumerate(rows, 1):
        try:
            weights[row[0]] = float(row[1])
        except (IndexError, ValueError):
            if number > 1:
                raise ImporterError(
                    f"row {number} of the weights is a place and a number, such as "
                    f"'Kharkiv,1421125', not {','.join(row)!r}"
                ) from None
    return weights


def page(options: Namespace) -> int:
    """Write the page of a chronology."""
    with opened(options.log, options) as log:
        accounts = chronology(log, **question(options))
        title = {"title": options.title} if options.title else {}
        content = formats.to_html(
            accounts, lanes=options.lanes, zone=options.zone, theme=_theme(options.theme), **title
        )
        writing(options.output, content, what="a page")
    return OK


def map(options: Namespace) -> int:  # noqa: A001 - the command is called so
    """Write the map of who held which place."""
    outlines = None
    if options.outlines is not None:
        with reading(options.outlines) as file:
            outlines = file.read()
    with opened(options.log, options) as log:
        accounts = chronology(log, **question(options))
        title = {"title": options.title} if options.title else {}
        content = formats.to_map_html(
            accounts,
            outlines=outlines,
            zone=options.zone,
            theme=_theme(options.theme),
            weights=_weights(options.weights),
            **title,
        )
        writing(options.output, content, what="a map")
    return OK


def copy(options: Namespace) -> int:
    """Copy a log to another store."""
    with opened(options.log, options) as log, Log(options.target) as other:
        count = log.copy_to(other, progress=progress(f"copying to {options.target}"))
        note(f"{count:,} entries copied; both stand at {other.head:,}")
    return OK
