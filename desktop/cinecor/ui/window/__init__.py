"""The window, its pages, commands and menus."""
