"""Holds the store on a PostgreSQL server to the laws of stores."""

from __future__ import annotations

from tests import servers
from timeline.testing import laws

# Each example makes a schema and drops it, which takes twenty times as long as a file.
test_postgres = servers.MAY_BE_MISSING(
    laws.check_store(servers.on_server, clear=servers.drop, examples=8)
)
