"""What each tool's gesture makes of a frame: pure functions from labels (row, column) and points to new labels.

Points are x, y in pixels, pixel (row 0, column 0) covering 0 to 1; lengths are in mm.
"""
