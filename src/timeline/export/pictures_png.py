"""Turns an SVG picture into a PNG, by the extra ``png``."""

from __future__ import annotations

from timeline.extras import needed

__all__ = ["to_png"]


def to_png(svg: str, *, width: int | None = None) -> bytes:
    """Return a picture that ``to_svg`` or ``to_map`` made as a PNG, as it looks in light.

    ``width`` is in pixels, that of the picture unless given. Letters are those of the machine's
    fonts. Raises ``MissingExtraError`` without the extra: ``pip install 'timeline-events[png]'``.
    """
    resvg = needed("resvg_py", extra="png", what="a PNG")
    return bytes(resvg.svg_to_bytes(svg_string=svg, width=width))
