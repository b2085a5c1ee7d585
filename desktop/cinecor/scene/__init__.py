"""What a view shows, computed without Qt."""
