"""Writes docs/reference/laws.md from the laws' own docstrings: python docs/laws_page.py."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from timeline.testing.laws import LAWS
from timeline.testing.laws.events import EVENT_LAWS
from timeline.testing.laws.exporters import EXPORTER_LAWS
from timeline.testing.laws.orders import ORDER_LAWS
from timeline.testing.laws.store_laws import STORE_LAWS

__all__ = ["page"]

PAGE = Path(__file__).with_name("reference") / "laws.md"
_OPENING = """
<!-- Written by docs/laws_page.py from the laws' docstrings; change those, and run it again. -->

# All laws

Each law by its name, as it stands in a list of test ids, with what a failure gives as its likely
cause and what to do. [Laws](../laws.md) says how they are tried.
""".strip()
_SECTIONS: Sequence[tuple[str, Sequence[Any]]] = (
    ("Projections", LAWS),
    ("Kinds of event", EVENT_LAWS),
    ("Orders", ORDER_LAWS),
    ("Stores", STORE_LAWS),
    ("Exporters", EXPORTER_LAWS),
)


def page() -> str:
    """Give the text of docs/reference/laws.md."""
    parts = [_OPENING]
    for title, laws in _SECTIONS:
        rows = ["| law | what holds, and why | likely cause, and what to do |", "|---|---|---|"]
        rows += [
            f"| `{law.name}` | {_cell(f'{law.statement} {law.why}')} "
            f"| {_cell(f'{law.cause}: {law.mend}.')} |"
            for law in laws
        ]
        parts += [f"## {title}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _cell(words: str) -> str:
    """Words in which what looks like markup is shown as it is."""
    plain = words.replace("``", "`").replace("|", "\\|")
    return re.sub(r"(?<!`)([<>*_{}])", r"\\\1", plain)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
