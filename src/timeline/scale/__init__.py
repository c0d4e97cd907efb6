"""Runs a projection on a distributed engine that somebody already has, with the answer of a log."""

from timeline.progress import Bar
from timeline.scale.dask import DaskEngine
from timeline.scale.distributed_ask import ask_on
from timeline.scale.distributed_export import export_on
from timeline.scale.engines import Engine
from timeline.scale.partitions import Segments
from timeline.scale.spark import SparkEngine
from timeline.scale.threads import ThreadsEngine

__all__ = [
    "Bar",
    "DaskEngine",
    "Engine",
    "Segments",
    "SparkEngine",
    "ThreadsEngine",
    "ask_on",
    "export_on",
]
