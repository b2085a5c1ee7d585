"""Work in the background of the window, owned in one place."""
