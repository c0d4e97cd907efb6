"""Runs a projection on a distributed engine that somebody already has, with the answer of a log."""

from timeline.scale.asking import ask_on
from timeline.scale.engines import Engine
from timeline.scale.sources import Segments
from timeline.scale.threads import ThreadsEngine

__all__ = ["Engine", "Segments", "ThreadsEngine", "ask_on"]
