"""A phantom written as a folder of DICOM files."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from cinecor.errors import OutputError, UsageError
from cinecor.phantom.dicom.ge import ge_files
from cinecor.phantom.dicom.identity import Identity
from cinecor.phantom.dicom.mr_image import add_pixel_description
from cinecor.phantom.dicom.planned import PlannedFile
from cinecor.phantom.dicom.siemens import siemens_files
from cinecor.phantom.dicom.transfer_syntax import TRANSFER_SYNTAXES, TransferSyntax
from cinecor.phantom.dicom.view import View, short_axis
from cinecor.phantom.phantom import Phantom

IMPLEMENTATION_CLASS_UID = UID("2.25.182736455463728190046372819004637281")

_STYLES: dict[str, Callable[[Phantom, list[View], Identity], Iterator[PlannedFile]]] = {
    "siemens": siemens_files,
    "ge": ge_files,
}
STYLES = tuple(_STYLES)


def write_dicom(
    phantom: Phantom, folder: Path, *, style: str = "siemens", transfer_syntax: str = "explicit"
) -> list[Path]:
    """Write a phantom into `folder`, which must not hold anything yet, and return the files in acquisition order.

    The folder appears whole or not at all. Raises `UsageError` for an unknown style or transfer syntax and for a folder
    that is in use, `OutputError` when it cannot be written.
    """
    if style not in _STYLES:
        raise UsageError(f"Phantom style “{style}” is unknown; choose one of {', '.join(STYLES)}.")
    if transfer_syntax not in TRANSFER_SYNTAXES:
        raise UsageError(
            f"Transfer syntax “{transfer_syntax}” is unknown; choose one of {', '.join(TRANSFER_SYNTAXES)}."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is in use already; name a new or empty folder for the phantom.")
    identity = Identity.of(phantom, style=style)
    syntax = TRANSFER_SYNTAXES[transfer_syntax]
    written: list[Path] = []
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for planned in _STYLES[style](phantom, [short_axis(phantom)], identity):
                path = workplace / planned.path
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_file(path, planned, syntax)
                written.append(folder / planned.path)
            workplace.chmod(0o755)
            workplace.replace(folder)  # onto an empty folder is allowed
        finally:
            shutil.rmtree(workplace, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"The phantom cannot be written to {folder}: {error.strerror}; free space or choose another folder."
        ) from error
    return written


def _write_file(path: Path, planned: PlannedFile, syntax: TransferSyntax) -> None:
    ds = planned.dataset
    signed = planned.signed and syntax.most_bits == 16
    bits_stored = 16 if signed else min(12, syntax.most_bits)
    pixels = planned.pixels
    add_pixel_description(ds, pixels, bits_stored=bits_stored, signed=signed)
    _add_window(ds, pixels)
    little = syntax.uid != ExplicitVRBigEndian
    ds.PixelData = np.ascontiguousarray(pixels).astype("<u2" if little else ">u2").tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = syntax.uid
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    ds.file_meta.ImplementationVersionName = "CINECOR_PHANTOM"
    ds.save_as(path, enforce_file_format=True, implicit_vr=syntax.uid == ImplicitVRLittleEndian, little_endian=little)


def _add_window(ds: Dataset, pixels: np.ndarray) -> None:
    top = max(2, int(np.percentile(pixels, 99.0)))
    ds.WindowCenter = str(top // 2)
    ds.WindowWidth = str(top)
