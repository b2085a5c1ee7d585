"""Results as DICOM objects: SEG, SR, encapsulated PDF; and SEG read back. highdicom is loaded when one is made."""
