"""The worklist: every study that is kept, as the first thing that a reader sees."""
