"""Sheets over the window: audit, keys, settings, palette."""
