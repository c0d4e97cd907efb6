"""Checks projections, kinds, orders and stores by Hypothesis; needs the extra ``testing``."""

from __future__ import annotations

from importlib.util import find_spec

from timeline.errors import MissingExtraError

__all__: list[str] = []

# Looked for, not imported: a run in another process has no use for Hypothesis, and wants to be
# quick.
if find_spec("hypothesis") is None:
    raise MissingExtraError(
        "timeline.testing needs Hypothesis, which isn't installed; install the extra: "
        "pip install 'timeline-events[testing]'"
    )
