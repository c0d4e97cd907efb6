"""Writes and reads the formats in which a whole log travels, each in one file.

What one function writes, its neighbour reads back with the same ids, order and times: JSON Lines
for eyes and small tools, segments for large logs. ``timeline.export`` and ``timeline.importers``
offer the names under which users find them.
"""
