"""Views of the images and curves."""
