"""Faulty and sound plugs that the test kit is tried on."""
