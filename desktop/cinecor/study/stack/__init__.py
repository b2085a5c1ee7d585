"""One acquisition → a stack of slices and phases."""
