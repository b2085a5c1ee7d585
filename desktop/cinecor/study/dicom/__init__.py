"""DICOM files → headers and stored pixels."""
