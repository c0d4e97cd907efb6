"""Hands chronologies on: pages, maps and pictures to look at, and the formats of other tools."""

from timeline.export.cloudevents import to_cloudevents
from timeline.export.csv_rows import to_csv
from timeline.export.dropped_fields import PARTS, DroppedFields, ExportBytes, ExportText, left_out
from timeline.export.geojson import to_geojson
from timeline.export.icalendar import to_icalendar
from timeline.export.json_plain import to_json
from timeline.export.jsonld import to_jsonld
from timeline.export.maps import to_map
from timeline.export.maps_page import to_map_html
from timeline.export.markdown import to_markdown
from timeline.export.page import to_html
from timeline.export.parquet import to_arrow, to_parquet
from timeline.export.pictures import to_svg
from timeline.export.pictures_png import to_png
from timeline.export.prov import to_prov
from timeline.export.reasons_page import to_changes_html, to_reasons_html
from timeline.export.theme import Theme
from timeline.export.timelinejs import to_timelinejs
from timeline.export.timemap import to_timemap
from timeline.formats.json_lines import to_jsonl
from timeline.formats.segments import MANIFEST, to_segments
from timeline.serialization import to_dicts

__all__ = [
    "MANIFEST",
    "PARTS",
    "DroppedFields",
    "ExportBytes",
    "ExportText",
    "Theme",
    "left_out",
    "to_arrow",
    "to_changes_html",
    "to_cloudevents",
    "to_csv",
    "to_dicts",
    "to_geojson",
    "to_html",
    "to_icalendar",
    "to_json",
    "to_jsonl",
    "to_jsonld",
    "to_map",
    "to_map_html",
    "to_markdown",
    "to_parquet",
    "to_png",
    "to_prov",
    "to_reasons_html",
    "to_segments",
    "to_svg",
    "to_timelinejs",
    "to_timemap",
]
