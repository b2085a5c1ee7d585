"""The log of what was done in a review: every edit, undo and redo as a record that can be kept and done again."""
