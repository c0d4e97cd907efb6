"""The laws of whatever plugs in, and the lines that check them: ``check``, ``verify``, ``Laws``."""

from timeline.testing.laws.base import Broken, Finding, Law, LawReport, LawWarning, Verdict
from timeline.testing.laws.events import check_event, verify_event
from timeline.testing.laws.exporters import check_exporter, verify_exporter
from timeline.testing.laws.orders import assert_chronological, check_order, verify_order
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.pytest_items import Laws, check, check_log, check_same
from timeline.testing.laws.runner import verify
from timeline.testing.laws.stores import check_store, verify_store

__all__ = [
    "LAWS",
    "Broken",
    "Finding",
    "Law",
    "LawReport",
    "LawWarning",
    "Laws",
    "Verdict",
    "assert_chronological",
    "check",
    "check_event",
    "check_exporter",
    "check_log",
    "check_order",
    "check_same",
    "check_store",
    "verify",
    "verify_event",
    "verify_exporter",
    "verify_order",
    "verify_store",
]
