"""Tests of the bar that is drawn of long work."""

from __future__ import annotations

import io
import sys

import pytest

from timeline.progress import Bar


def test_a_bar_is_drawn_over_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    bar = Bar("asking", out=out)
    for count in (0, 1, 1, 4):
        bar(count, 4)
    assert out.getvalue() == (
        f"\rasking [{'.' * 30}]   0% 0 of 4\rasking [{'#' * 7}{'.' * 23}]  25% 1 of 4"
        f"\rasking [{'#' * 30}] 100% 4 of 4\n"
    )


def test_a_bar_in_a_notebook_is_drawn_over_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", io)
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    Bar()(0, 0)
    assert out.getvalue() == f"\rasking [{'#' * 30}] 100% 0 of 0\n"


def test_a_bar_in_a_file_gives_a_line_for_every_tenth() -> None:
    out = io.StringIO()
    bar = Bar(out=out)
    for count in range(1000):
        bar(count, 999)
    assert out.getvalue() == "".join(f"asking {tenth:3}%\n" for tenth in range(0, 101, 10))


def test_a_bar_without_a_total_says_how_much_is_done_and_no_share() -> None:
    out = io.StringIO()
    Bar("reading", out=out)(5000, None)
    assert out.getvalue() == "reading 5,000\n"
