"""Results as files: JSON, CSV, NIfTI, and a table for the terminal."""
