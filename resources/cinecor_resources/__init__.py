"""Files that ship with Cinecor: the bundled model."""
