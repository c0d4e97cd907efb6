"""Draws the pictures of README and docs anew: ``python docs/pictures/draw.py``."""

from __future__ import annotations

import runpy
from pathlib import Path

from timeline import Log, chronology
from timeline.export import to_map, to_svg

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "kharkiv_2022.py"


def pictures() -> dict[str, str]:
    """Gives every picture by the name of its file."""
    log = Log()
    log.append(*runpy.run_path(str(EXAMPLE))["claims"])
    stands = chronology(log)
    return {
        "kharkiv.svg": to_svg(stands, title="Around Kharkiv, by one report of 16 September 2022"),
        "kharkiv-map.svg": to_map(stands, at=["2022-09-10", "2022-09-16"], width=720),
    }


if __name__ == "__main__":
    for name, picture in pictures().items():
        (HERE / name).write_text(picture, encoding="utf-8")
