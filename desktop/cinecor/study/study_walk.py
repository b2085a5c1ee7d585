"""`inputs_below`: the inputs that lie below a folder, found one by one, so that work begins long before the walk ends.

What one input is: a `.zip`, a NIfTI file, a folder that holds DICOM files itself (with all that lies below it), or a
folder whose subfolders are parts of one study, as where each series has a folder of its own. Whether an input holds
several studies shows only when all its headers are read; see `studies_of`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from cinecor.study.dicom.header_reader import looks_like_dicom, read_header
from cinecor.study.files.archive import is_zip
from cinecor.study.files.dicomdir import is_dicomdir
from cinecor.study.files.input_files import junk_reason

_NIFTI: Final = (".nii", ".nii.gz")
_BY_NAME: Final = (*_NIFTI, ".zip")  # inputs without being opened: a folder may hold thousands
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download")  # of a browser, or a copy under way
_PARTS_LOOKED_AT: Final = 64  # subfolders that are compared before they are taken for studies of their own
_FOLDERS_SEARCHED: Final = 200  # for the first image of a subfolder


@dataclass(frozen=True, slots=True)
class FoundInput:
    """One input, and what it is called: its place below the folder that was given."""

    path: Path
    name: str
    series_uid: str = ""  # the series to take; empty: the one found


@dataclass(frozen=True, slots=True)
class WithoutImage:
    """A folder with files of which none could be an image, nor anything below it."""

    path: Path


@dataclass(frozen=True, slots=True)
class _Image:
    """What tells two images apart, and what they have in common."""

    study_uid: str | None
    sop_instance_uid: str | None

    def is_part_of_study_of(self, other: "_Image") -> bool:
        """Return whether both are of one study, and not the same image in two places."""
        known = None not in (self.study_uid, self.sop_instance_uid, other.sop_instance_uid)
        return known and self.study_uid == other.study_uid and self.sop_instance_uid != other.sop_instance_uid


@dataclass(slots=True)
class _Folder:
    """What lies directly in a folder."""

    subfolders: list[Path] = field(default_factory=list)
    inputs: list[Path] = field(default_factory=list)  # NIfTI files and archives
    is_study: bool = False  # it holds DICOM files, or a DICOMDIR
    holds_files: bool = False


def inputs_below(root: Path, *, without: Path | None = None) -> Iterator[FoundInput | WithoutImage]:
    """Yield the inputs at and below `root` in the order of their names; never looks into the folder `without`.

    A file is an input whatever it is, and so is a folder below which there is nothing that could be one: whoever reads
    it will say why. Links are followed, but not back to a folder they lie in.
    """
    if not root.is_dir():
        yield FoundInput(root, root.name)
        return
    found = False
    for one in _below(root, names=(), above=(), without=None if without is None else without.resolve()):
        found |= isinstance(one, FoundInput)
        if isinstance(one, FoundInput) or one.path != root:
            yield one
    if not found:
        yield FoundInput(root, root.resolve().name)


def _below(
    folder: Path, *, names: tuple[str, ...], above: tuple[tuple[int, int], ...], without: Path | None
) -> Iterator[FoundInput | WithoutImage]:
    try:
        status = folder.stat()
        identity = (status.st_dev, status.st_ino)
        if (identity in above and status.st_ino != 0) or folder.resolve() == without:
            return
        content = _looked_into(folder)
    except OSError:  # reading it will say why
        yield FoundInput(folder, "_".join(names) or folder.resolve().name)
        return
    if content.is_study or (content.subfolders and _is_one_study(content.subfolders)):
        yield FoundInput(folder, "_".join(names) or folder.resolve().name)
        return
    inputs = set(content.inputs)
    parts = sorted((*content.inputs, *content.subfolders), key=lambda path: path.name)
    if names and not content.inputs and len(content.subfolders) == 1 and _leads_to_one_study(content.subfolders[0]):
        yield FoundInput(folder, "_".join(names))  # not its one subfolder, which is named "DICOM" or "series1"
        return
    if not parts and content.holds_files:
        yield WithoutImage(folder)
    for path in parts:
        below = (*names, path.name)
        if path in inputs:
            yield FoundInput(path, "_".join(below))
        else:
            yield from _below(path, names=below, above=(*above, identity), without=without)


def _looked_into(folder: Path) -> _Folder:
    content = _Folder()
    for entry in _entries(folder):
        path = folder / entry.name
        if _is_folder(entry):
            content.subfolders.append(path)
        elif _is_file(entry) and junk_reason(entry.name) is None:
            content.holds_files = True
            name = entry.name.lower()
            if name.endswith(_BY_NAME) or (is_zip(path) and not name.endswith(_UNFINISHED)):
                content.inputs.append(path)
            elif _may_be_dicom(path) or is_dicomdir(path):
                content.is_study = True
                break  # whatever else lies there belongs to it
    return content


def _leads_to_one_study(folder: Path) -> bool:
    """Return whether there is one study below a folder, and nothing beside the way to it."""
    for _ in range(_FOLDERS_SEARCHED):
        try:
            content = _looked_into(folder)
        except OSError:
            return False
        if content.is_study or content.inputs or len(content.subfolders) != 1:
            return content.is_study or (not content.inputs and _is_one_study(content.subfolders))
        folder = content.subfolders[0]
    return False


def _is_one_study(subfolders: list[Path]) -> bool:
    """Return whether two of the first subfolders hold parts of one study."""
    if len(subfolders) < 2:  # no image has to be read to know that
        return False
    images: dict[str | None, list[_Image]] = {}
    for image in map(_first_image, islice(subfolders, _PARTS_LOOKED_AT)):
        if image is None:
            continue
        if any(image.is_part_of_study_of(other) for other in images.get(image.study_uid, ())):
            return True
        images.setdefault(image.study_uid, []).append(image)
    return False


def _first_image(folder: Path) -> _Image | None:
    """Return what the first image of a folder says of itself; None where none is soon found."""
    folders = [folder]
    for _ in range(_FOLDERS_SEARCHED):
        if not folders:
            return None
        place = folders.pop()
        try:
            entries = _entries(place)
        except OSError:
            continue
        for entry in entries:
            path = place / entry.name
            if _is_file(entry) and not entry.name.lower().endswith(_BY_NAME) and _may_be_dicom(path):
                frames = read_header(path, name=entry.name).frames
                if frames:
                    return _Image(frames[0].header.study_uid, frames[0].header.sop_instance_uid)
        folders += reversed([place / entry.name for entry in entries if _is_folder(entry)])
    return None


def _may_be_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file.read(132))
    except OSError:
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
