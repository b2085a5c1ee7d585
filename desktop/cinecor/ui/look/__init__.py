"""Words, colours, icons and type."""
