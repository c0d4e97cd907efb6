"""Tests that the kinds which importers write belong to the library, each with a name of its own."""

from __future__ import annotations

import pytest

from timeline.codec import Codec
from timeline.events import Event
from timeline.imported_kinds import IMPORTED, LIBRARY
from timeline.kinds import KINDS


def test_every_name_on_disk_belongs_to_one_of_them() -> None:
    assert (*KINDS, *IMPORTED) == LIBRARY
    assert Codec().kinds == {kind.kind: kind for kind in LIBRARY}


@pytest.mark.parametrize("kind", IMPORTED)
def test_every_log_reads_them(kind: type[Event]) -> None:
    assert Codec().class_of(kind.kind) is kind
