"""Pixels → outlines: the heart found, cropped, segmented, cleaned."""
