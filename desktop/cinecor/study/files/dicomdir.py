"""DICOMDIR: the table of contents of a DICOM medium, and the files that it names."""

from pathlib import Path

from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.header import MEDIA_DIRECTORY_SOP_CLASS
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom
from cinecor.study.dicom.tag import Tag


def is_dicomdir(path: Path) -> bool:
    """Return whether `path` is a DICOMDIR, by name or content."""
    if path.name.upper().split(";")[0] == "DICOMDIR":
        return True
    try:
        with path.open("rb") as file:
            return MEDIA_DIRECTORY_SOP_CLASS.encode() in file.read(512)
    except OSError:
        return False


def referenced_files(path: Path) -> list[tuple[str, Path | None]] | None:
    """Return the files that a DICOMDIR names, as (name relative to it, where it lies or None when it is not there).

    None when the DICOMDIR itself cannot be read or names nothing that exists: its folder then has to be walked.
    Names are matched without regard to case and to the `;1` of old CD file systems.
    """
    import pydicom

    try:
        with quiet_pydicom():
            dataset = pydicom.dcmread(path, force=True, specific_tags=[Tag.DirectoryRecordSequence])
    except Exception:  # noqa: BLE001 - pydicom raises anything on damaged bytes; the folder is walked instead
        return None
    found: dict[str, Path | None] = {}
    listings: dict[Path, dict[str, Path]] = {}
    for record in Elements(dataset).items(Tag.DirectoryRecordSequence):
        parts = [part for part in record.texts(Tag.ReferencedFileID) if part]
        if parts and ".." not in parts:
            found["/".join(parts)] = _located(path.parent, parts, listings)
    if not any(file is not None for file in found.values()):
        return None
    return sorted(found.items())


def _located(folder: Path, parts: list[str], listings: dict[Path, dict[str, Path]]) -> Path | None:
    for part in parts:
        if folder not in listings:
            try:
                listings[folder] = {entry.name.lower().split(";")[0]: entry for entry in folder.iterdir()}
            except OSError:
                return None
        entry = listings[folder].get(part.lower().split(";")[0])
        if entry is None:
            return None
        folder = entry
    return folder if folder.is_file() else None
