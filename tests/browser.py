"""Opens pages in a real browser, and skips by name where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Pages", "browser_or_skip"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def browser_or_skip() -> Iterator[Any]:
    """Return the system's Chromium; skips, by name and with the reason, where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"needs a browser, one of {', '.join(_NAMES)}: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the browser's driver")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Pages:
    """Opens pages from a folder and remembers what they asked of the network and the console."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._axe = (
            resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        )

    def opened(
        self,
        html: str,
        *,
        width: int = 1280,
        scheme: str = "light",
        fragment: str = "",
        **options: Any,
    ) -> Any:
        """Return a page in a window of its own, at a ``#fragment`` where one is given."""
        path = self._folder / f"{len(html)}.html"
        path.write_text(html, encoding="utf-8")
        context = self._browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, **options
        )
        page = context.new_page()
        page.on("request", lambda one: self.asked.append(one.url))
        page.on("console", lambda one: self.complaints.append(one.text))
        page.on("pageerror", lambda one: self.complaints.append(str(one)))
        page.goto(path.as_uri() + fragment)
        self.asked.remove(path.as_uri())
        return page

    def violations(self, page: Any) -> list[str]:
        """Return what axe-core finds wrong with a page as it stands."""
        page.evaluate(self._axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [f"{one['id']}: {[node['html'] for node in one['nodes'][:3]]}" for one in found]
