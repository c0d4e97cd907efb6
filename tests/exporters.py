"""Exporters with their output in a form that the laws can read, for tests."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping

from timeline import Chronology, Log
from timeline.export import (
    to_cloudevents,
    to_csv,
    to_geojson,
    to_icalendar,
    to_json,
    to_jsonl,
    to_jsonld,
    to_markdown,
    to_parquet,
    to_prov,
    to_timelinejs,
    to_timemap,
)
from timeline.extras import needed

__all__ = ["EXPORTERS", "all_at_once"]


def as_lines(accounts: Chronology) -> str:
    """Return the JSON Lines of a log of what stands."""
    with Log() as log:
        said = dict.fromkeys(claim for account in accounts for claim in account.claims)
        log.append(*said, recorded="2022-09-17")
        return "".join(to_jsonl(log))


def calendar_lines(accounts: Chronology) -> str:
    """Return a calendar unfolded, with plain line ends."""
    return to_icalendar(accounts).replace("\r\n ", "").replace("\r\n", "\n")


def parquet_rows(accounts: Chronology) -> str:
    """Return the rows of a Parquet file as JSON."""
    parquet = needed("pyarrow.parquet", extra="arrow", what="a test")
    rows = parquet.read_table(io.BytesIO(to_parquet(accounts))).to_pylist()
    return json.dumps(rows, default=str, ensure_ascii=False)


EXPORTERS: Mapping[str, tuple[Callable[[Chronology], str], str]] = {
    "cloudevents": (to_cloudevents, "json"),
    "csv": (to_csv, "csv"),
    "geojson": (to_geojson, "json"),
    "icalendar": (calendar_lines, "text"),
    "json": (to_json, "json"),
    "jsonl": (as_lines, "jsonl"),
    "jsonld": (to_jsonld, "json"),
    "markdown": (to_markdown, "markdown"),
    "parquet": (parquet_rows, "json"),
    "prov": (to_prov, "json"),
    "timelinejs": (to_timelinejs, "json"),
    "timemap": (to_timemap, "json"),
}
"""Each with the format in which the laws read it."""


def all_at_once(accounts: Chronology) -> str:
    """Return every output in one JSON object, so that other processes need to start but once."""
    return json.dumps({name: export(accounts) for name, (export, _) in EXPORTERS.items()})
