"""The phantom as DICOM files, in the manner of several scanners and in every transfer syntax of MR archives."""
