"""One DICOM file: pixels described, windowed, encoded and written."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian, generate_uid

from cinecor_phantom.dicom.encoding import encode
from cinecor_phantom.dicom.planned import PlannedFile
from cinecor_phantom.dicom.transfer_syntax import TransferSyntax

IMPLEMENTATION_CLASS_UID = UID("2.25.182736455463728190046372819004637281")
SCANNER_BITS = 12


def write_file(path: Path, planned: PlannedFile, syntax: TransferSyntax, *, scratch: Path) -> None:
    """Write a planned file in a transfer syntax; a lossy one says so and gets a SOP Instance UID of its own."""
    ds = planned.dataset
    signed = planned.signed and syntax.bits_stored is None
    bits_stored = 16 if signed else (syntax.bits_stored or SCANNER_BITS)
    pixels = planned.pixels
    if bits_stored == 8:
        # The brightest thousandth clips: eight bits are spent on what is looked at.
        pixels = np.asarray(np.clip(np.round(pixels * (255.0 / planned.brightest)), 0, 255), dtype=np.uint8)
    _describe(ds, pixels, bits_stored=bits_stored, signed=signed)
    _add_window(ds, pixels)
    if not syntax.lossless:
        ds.SOPInstanceUID = generate_uid(entropy_srcs=[ds.SOPInstanceUID, syntax.name])
        ds.DerivationDescription = f"Lossy compression: {syntax.uid.name}"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    ds.file_meta.ImplementationVersionName = "CINECOR_PHANTOM"
    little = syntax.uid != ExplicitVRBigEndian
    if syntax.uid.is_encapsulated:
        frames = np.ascontiguousarray(pixels.reshape(-1, *pixels.shape[-2:]))
        encoded = encode(ds, frames, syntax, scratch=scratch)
        _note_loss(ds, syntax, ratio=frames.nbytes / sum(len(frame) for frame in encoded))
        ds.PixelData = encapsulate(encoded)
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    else:
        order = "<" if little else ">"
        ds.PixelData = np.ascontiguousarray(pixels).astype(f"{order}u2").tobytes()
        ds["PixelData"].VR = "OW"
    ds.file_meta.TransferSyntaxUID = syntax.uid
    ds.save_as(path, enforce_file_format=True, implicit_vr=syntax.uid == ImplicitVRLittleEndian, little_endian=little)


def _describe(ds: Dataset, pixels: NDArray[np.unsignedinteger], *, bits_stored: int, signed: bool) -> None:
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.BitsAllocated = 8 if bits_stored <= 8 else 16
    ds.BitsStored = bits_stored
    ds.HighBit = bits_stored - 1
    ds.PixelRepresentation = int(signed)


def _add_window(ds: Dataset, pixels: NDArray[np.unsignedinteger]) -> None:
    slope = float(ds.get("RescaleSlope", 1.0))
    top = max(2, int(slope * np.percentile(pixels, 99.0)))
    ds.WindowCenter = str(top // 2)
    ds.WindowWidth = str(top)


def _note_loss(ds: Dataset, syntax: TransferSyntax, *, ratio: float) -> None:
    if not syntax.lossless:
        ds.LossyImageCompression = "01"
        ds.LossyImageCompressionRatio = f"{ratio:.2f}"
        ds.LossyImageCompressionMethod = syntax.lossy_method
