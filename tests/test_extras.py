"""Tests that what isn't installed is named together with the extra that brings it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from timeline import Chronology, Log
from timeline.errors import MissingExtraError
from timeline.export import to_arrow, to_parquet, to_segments
from timeline.extras import needed

EMPTY = Chronology(())
WANTS: dict[str, tuple[str, Callable[[], Any]]] = {
    "parquet": ("arrow", lambda: to_parquet(EMPTY)),
    "arrow": ("arrow", lambda: to_arrow(EMPTY)),
    "stream": ("arrow", EMPTY.__arrow_c_stream__),
    "pandas": ("pandas", EMPTY.to_pandas),
    "polars": ("polars", EMPTY.to_polars),
}


def test_what_is_installed_is_given() -> None:
    assert needed("json", extra="none", what="a test") is json


@pytest.mark.parametrize("want", WANTS)
def test_an_extra_that_is_missing_is_named(want: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyarrow", "pandas", "polars"):
        monkeypatch.setitem(sys.modules, module, None)
    extra, ask = WANTS[want]
    with pytest.raises(MissingExtraError, match=rf"pip install 'timeline-events\[{extra}\]'"):
        ask()


def test_the_message_names_what_needs_it() -> None:
    with pytest.raises(MissingExtraError, match="a thing needs nowhere, which isn't installed"):
        needed("nowhere.at_all", extra="none", what="a thing")


def test_segments_of_an_empty_log_need_no_extra() -> None:
    with Log() as log:
        assert [name for name, _ in to_segments(log)] == ["manifest.json"]
