"""Where files come from: folders, archives, DICOMDIR."""
