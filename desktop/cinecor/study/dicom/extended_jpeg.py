"""12-bit extended JPEG (process 4), which GDCM can decode and pydicom's adapter to GDCM refuses."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.study.dicom.pydicom_warnings import quiet_stderr
from cinecor.study.dicom.tag import Tag, group_of

EXTENDED_JPEG: Final = "1.2.840.10008.1.2.4.51"


def decode_extended_jpeg(stream: bytes, *, rows: int, columns: int, bits_stored: int) -> NDArray[np.uint16]:
    """Return the (row, column) image of one code stream; raises `ValueError` when GDCM cannot decode it."""
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(stream)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(group_of(Tag.PixelData), Tag.PixelData & 0xFFFF))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits_stored, bits_stored - 1, 0))
    grey = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(EXTENDED_JPEG)))
    image.SetDataElement(element)
    with quiet_stderr():  # libjpeg inside GDCM complains in C before GDCM takes its 12-bit build
        buffer = image.GetBuffer()
    data = buffer.encode("utf-8", "surrogateescape")
    if len(data) != rows * columns * 2:
        raise ValueError(f"{len(data)} bytes for {rows} x {columns} pixels")
    return np.frombuffer(data, "<u2").reshape(rows, columns)
