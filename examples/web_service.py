"""Answers who holds what over HTTP, with nothing but the standard library.

``GET /control?at=2022-09-09`` gives JSON. A time that can't be read is answered with 422 and the
reason. The ``ETag`` is the log's position: as long as nothing came, a client that sends it back
gets 304. Run it with ``python examples/web_service.py war.db`` to serve a log on port 8000; without
a file it asks itself twice, and ends.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import make_server
from wsgiref.util import setup_testing_defaults

from timeline import Control, Log, Report, TerritorialChange
from timeline.errors import LogError, WhenError

TIMES = ("at", "known", "published")
Respond = Callable[[str, list[tuple[str, str]]], object]


def application(log: Log) -> Callable[[dict[str, Any], Respond], Iterable[bytes]]:
    """Return a WSGI application that answers from a log."""

    def answer(environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        if environ["PATH_INFO"] != "/control" or environ["REQUEST_METHOD"] != "GET":
            return reply(respond, "404 Not Found", {"error": "ask GET /control"})
        if unknown := sorted(asked.keys() - set(TIMES)):
            return reply(respond, "422 Unprocessable Content", {"error": f"{unknown[0]}: unknown"})
        # Asked at a position, an answer repeats for ever.
        position = log.head
        tag = f'"{position}"'
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            respond("304 Not Modified", [("ETag", tag)])
            return []
        try:
            held = log.ask(
                Control(),
                at=asked.get("at"),
                known=asked.get("known", position),
                published=asked.get("published"),
            )
        except (WhenError, LogError) as error:
            return reply(respond, "422 Unprocessable Content", {"error": str(error)})
        rows = {place: {"held_by": str(one), "certain": one.certain} for place, one in held.items()}
        return reply(respond, "200 OK", rows, ("ETag", tag))

    return answer


def reply(respond: Respond, status: str, body: object, *more: tuple[str, str]) -> list[bytes]:
    """Answer with JSON."""
    respond(status, [("Content-Type", "application/json; charset=utf-8"), *more])
    return [json.dumps(body, ensure_ascii=False).encode()]


def get(app: Any, query: str, **headers: str) -> tuple[str, dict[str, str], Any]:
    """Ask an application without a network, as its tests do."""
    environ: dict[str, Any] = {"PATH_INFO": "/control", "QUERY_STRING": query, **headers}
    setup_testing_defaults(environ)
    seen: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(app(environ, lambda status, fields: seen.append((status, fields))))
    status, fields = seen[0]
    return status, dict(fields), json.loads(body) if body else None


def main() -> None:
    """Ask a small log as a client would."""
    log = Log()
    isw = Report("ISW", published="2022-09-11")
    log.append(isw.says(TerritorialChange(when="[2022-09-08..2022-09-10]", place="Izium",
                                          to="Ukraine", from_="Russia")))  # fmt: skip
    app = application(log)
    status, headers, body = get(app, "at=2022-09-09")
    print(status, headers["ETag"], body)
    assert body == {"Izium": {"held_by": "Russia or Ukraine", "certain": False}}
    status, _, body = get(app, "at=2022-09-09", HTTP_IF_NONE_MATCH=headers["ETag"])
    print(status)
    assert status.startswith("304")
    for wrong in ("at=someday", "known=never", "att=2022"):
        status, _, body = get(app, wrong)
        print(status, body["error"])
        assert status.startswith("422")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with Log(sys.argv[1]) as served, make_server("127.0.0.1", 8000, application(served)) as web:
            print("http://127.0.0.1:8000/control")
            web.serve_forever()
    else:
        main()
