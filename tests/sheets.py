"""Makes sheets of one row and mappings for them, and reads the one through the other."""

from __future__ import annotations

from typing import Any

import pytest

from timeline import (
    Claim,
    Event,
)
from timeline.errors import ImporterError
from timeline.importers import Accepted, Outcome, Refused
from timeline.importers import table as read

__all__ = ["BASE", "fails", "one", "outcome", "refused", "said"]

BASE = """
kind = "attack"
[columns]
when = "Date"
{columns}
[defaults]
source = "our desk"
{defaults}
"""


def outcome(cells: dict[str, str], mapping: str, **options: Any) -> Outcome:
    header = ",".join(f'"{name}"' for name in cells)
    values = ",".join(f'"{cell}"' for cell in cells.values())
    (found,) = read([f"{header}\n", f"{values}\n"], mapping, **options)
    return found


def said(cells: dict[str, str], mapping: str, **options: Any) -> Claim:
    found = outcome(cells, mapping, **options)
    assert isinstance(found, Accepted), found
    (claim,) = found.said
    assert isinstance(claim, Claim)
    return claim


def one(columns: str, defaults: str = "", top: str = "", **cells: str) -> Event:
    mapping = top + BASE.format(columns=columns, defaults=defaults)
    if "kind =" in top:
        mapping = mapping.replace('kind = "attack"\n', "", 1)
    return said({"Date": "2022-09-16", **cells}, mapping).event


def refused(columns: str, top: str = "", **cells: str) -> Refused:
    mapping = top + BASE.format(columns=columns, defaults="")
    found = outcome({"Date": "2022-09-16", **cells}, mapping)
    assert isinstance(found, Refused), found
    return found


def fails(mapping: object, message: str, header: str = "Date,Town,Dead") -> None:
    with pytest.raises(ImporterError, match=message):
        read([f"{header}\n"], mapping)  # type: ignore[arg-type]
