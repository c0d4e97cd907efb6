"""How Sphinx makes the pages of docs: ``make site``."""

from importlib import metadata

project = "timeline"
author = "The timeline contributors"
project_copyright = "the timeline contributors"
release = metadata.version("timeline-events")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "timeline"
html_theme_options = {"footer_icons": []}
html_copy_source = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # README and sources are linked beside the pages

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
nitpicky = False
