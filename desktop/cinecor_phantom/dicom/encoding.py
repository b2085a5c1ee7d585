"""Pixel data in each transfer syntax: which library encodes it, and what is said when that library is absent."""

import importlib
import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread, uid
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import UID

from cinecor.errors import OutputError, UsageError
from cinecor.message import Message
from cinecor_phantom.dicom.transfer_syntax import TransferSyntax

Frames = NDArray[np.unsignedinteger[Any]]
JPEG_QUALITY = 95
JPEG_LS_ERROR = 2  # largest change of a pixel by near-lossless JPEG-LS
JPEG_2000_RATIO = 5
HTJ2K_STEP = 0.00004  # quantisation of the irreversible wavelet, as a share of the range


def encode(ds: Dataset, frames: Frames, syntax: TransferSyntax, *, scratch: Path) -> list[bytes]:
    """Return the encoded bytes of each frame (frame, row, column) of `ds`, which need not hold its pixels.

    Raises `UsageError` when the library that could do it is not installed, `OutputError` when it fails.
    """
    return _ENCODERS[syntax.uid](ds, frames, syntax, scratch)


def require_encoder(syntax: TransferSyntax) -> None:
    """Raise `UsageError` with the cure when this installation cannot write a transfer syntax."""
    if _ENCODERS.get(syntax.uid) is _by_imagecodecs and importlib.util.find_spec("imagecodecs") is None:
        raise UsageError(
            Message(
                "imagecodecs_missing",
                "Writing {syntax} needs the package imagecodecs, which is absent: run “pip install imagecodecs”.",
                syntax=syntax.name,
            )
        )


def _by_gdcm(ds: Dataset, frames: Frames, syntax: TransferSyntax, scratch: Path) -> list[bytes]:
    """Return the JPEG family and RLE by gdcm, file to file: its Python images do not survive their own destruction."""
    import gdcm

    native = Dataset()
    native.update(ds)
    native.PixelData = frames.tobytes()
    native["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    before, after = scratch / "native.dcm", scratch / "encoded.dcm"
    native.file_meta = ds.file_meta
    native.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    native.save_as(before, enforce_file_format=True)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(before))
    if not reader.Read():
        raise OutputError(
            Message(
                "gdcm_cannot_read",
                "gdcm cannot read the phantom's image to encode it as {syntax}; try another syntax.",
                syntax=syntax.name,
            )
        )
    kind = gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax.uid)))
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(kind)
    change.SetInput(reader.GetImage())
    if not syntax.lossless:
        codec = gdcm.JPEGCodec()
        codec.SetLossless(False)
        codec.SetQuality(JPEG_QUALITY)
        codec.SetPixelFormat(reader.GetImage().GetPixelFormat())
        change.SetUserCodec(codec)
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(after))
    if change.Change():
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        if writer.Write():
            return list(generate_frames(dcmread(after).PixelData, number_of_frames=len(frames)))
    raise OutputError(
        Message(
            "gdcm_cannot_encode",
            "gdcm cannot encode the phantom's image as {syntax}; try another transfer syntax.",
            syntax=syntax.name,
        )
    )


def _by_pydicom(ds: Dataset, frames: Frames, syntax: TransferSyntax, _scratch: Path) -> list[bytes]:
    """Return JPEG-LS (pyjpegls) and JPEG 2000 (OpenJPEG) through pydicom's encoders."""
    encoder = get_encoder(syntax.uid)
    options: dict[str, Any] = {
        "rows": ds.Rows,
        "columns": ds.Columns,
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "bits_allocated": ds.BitsAllocated,
        "bits_stored": ds.BitsStored,
        "pixel_representation": ds.PixelRepresentation,
        "number_of_frames": 1,
    }
    if syntax.uid == uid.JPEGLSNearLossless:
        options["jls_error"] = JPEG_LS_ERROR
    if syntax.uid == uid.JPEG2000:
        options["j2k_cr"] = [JPEG_2000_RATIO]
    kind = np.int16 if ds.PixelRepresentation else frames.dtype
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [bytes(encoder.encode(np.ascontiguousarray(frame.view(kind)), **options)) for frame in frames]


def _by_imagecodecs(_ds: Dataset, frames: Frames, syntax: TransferSyntax, _scratch: Path) -> list[bytes]:
    """Return HTJ2K (OpenJPH) and 12-bit JPEG (libjpeg-turbo) by imagecodecs (BSD-3-Clause).

    OpenJPEG reads HTJ2K but cannot write it; gdcm writes lossy JPEG of 16 bits, which no standard knows.
    """
    require_encoder(syntax)
    imagecodecs = importlib.import_module("imagecodecs")
    options: dict[str, Any] = {"reversible": syntax.lossless}
    encode_frame = imagecodecs.htj2k_encode
    if syntax.uid == uid.JPEGExtended12Bit:
        encode_frame, options = imagecodecs.jpeg8_encode, {"level": JPEG_QUALITY, "bitspersample": 12}
    elif syntax.uid == uid.HTJ2K:
        options["level"] = HTJ2K_STEP
    elif syntax.uid == uid.HTJ2KLosslessRPCL:
        options |= {"tlm": True, "tilepart": 1}  # a tile-part for each resolution
    return [bytes(encode_frame(np.ascontiguousarray(frame), **options)) for frame in frames]


_GDCM = (uid.RLELossless, uid.JPEGBaseline8Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)
_IMAGECODECS = (uid.JPEGExtended12Bit, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K)
_PYDICOM = (uid.JPEGLSLossless, uid.JPEGLSNearLossless, uid.JPEG2000Lossless, uid.JPEG2000)
_Encoder = Callable[[Dataset, Frames, TransferSyntax, Path], list[bytes]]
_ENCODERS: dict[UID, _Encoder] = {
    **dict.fromkeys(_GDCM, _by_gdcm),
    **dict.fromkeys(_PYDICOM, _by_pydicom),
    **dict.fromkeys(_IMAGECODECS, _by_imagecodecs),
}
