"""Imports what not everyone has installed, and says which extra brings it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from timeline.errors import MissingExtraError

__all__ = ["needed"]


def needed(module: str, *, extra: str, what: str) -> Any:
    """Return a module that an extra of this package brings; ``what`` is what needs it.

    Raises ``MissingExtraError`` where it isn't installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{what} needs {module.partition('.')[0]}, which isn't installed: "
            f"pip install 'timeline-events[{extra}]'"
        ) from error
