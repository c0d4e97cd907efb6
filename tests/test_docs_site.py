"""The pages of docs build without a warning, and ask nobody for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What a browser fetches by itself; a link that a person follows isn't among it.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=\"(https?:)?//"
    r"|<link\b(?=[^>]*\brel=\"(?:stylesheet|preload|preconnect|icon)\")[^>]*\bhref=\"(https?:)?//"
    r"|@import\s+url\(\s*['\"]?(https?:)?//",
)


pytestmark = pytest.mark.xdist_group("site")  # built once


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sphinx", reason="the site is built by Sphinx: pip install --group docs")
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(target)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


def test_every_page_is_there(site: Path) -> None:
    pages = {
        path.relative_to(ROOT / "docs").with_suffix(".html")
        for path in (ROOT / "docs").rglob("*.md")
    }
    assert pages <= {path.relative_to(site) for path in site.rglob("*.html")}


def test_the_reference_has_what_the_library_offers(site: Path) -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in (site / "reference").glob("*.html"))
    names = ["Report", "Claim", "Log", "Projection", "Control", "Kept", "Count", "When", "Attack"]
    assert [name for name in names if not re.search(rf'id="timeline\.[\w.]+\.{name}"', told)] == []


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    found = {
        str(path.relative_to(site)): match[0]
        for path in [*site.rglob("*.html"), *site.rglob("*.css")]
        if (match := FETCHED.search(path.read_text(encoding="utf-8")))
    }
    assert found == {}
