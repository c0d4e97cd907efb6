"""Checks projections, kinds, orders and stores by Hypothesis; needs the extra ``testing``."""

from __future__ import annotations

from timeline.errors import MissingExtraError

try:
    import hypothesis as _hypothesis  # noqa: F401 - asked for here so that its absence is explained
except ImportError as error:
    raise MissingExtraError(
        "timeline.testing needs Hypothesis, which isn't installed; install the extra: "
        "pip install 'timeline-events[testing]'"
    ) from error

__all__: list[str] = []
