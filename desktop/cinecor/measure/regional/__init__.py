"""Regional function of the left ventricle: wall thickness, thickening and motion in the segments of the AHA."""
