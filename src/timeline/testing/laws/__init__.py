"""The laws of projections, and the lines that check them: ``check``, ``verify`` and ``Laws``."""

from timeline.testing.laws.base import Broken, Finding, Law, Verdict
from timeline.testing.laws.items import Laws, check
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.running import LawReport, verify

__all__ = ["LAWS", "Broken", "Finding", "Law", "LawReport", "Laws", "Verdict", "check", "verify"]
