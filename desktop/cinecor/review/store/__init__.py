"""The study store: what was found and decided about every study that was opened, in this user's own folder."""
