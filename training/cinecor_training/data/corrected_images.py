"""`images_of`: where the images lie now that a folder of results was drawn on."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.report.names import input_id
from cinecor.report.results import Results
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom
from cinecor.study.files.archive import is_zip

_FILE_INPUTS: Final = (".nii", ".nii.gz", ".zip", ".dcm")


def images_of(results: Results, *, folder: Path, below: Path | None) -> Path:
    """Return the input of the results in `folder`: where it was, else what has its name, at any depth, `below`.

    Where it was is told by the path's digest. What only has its name counts as moved: of DICOM where the first file is
    of the series, of others where there is one alone. Raises `InputError` where there is none, or nothing tells which
    of several it is.
    """
    # Windows paths are read on Linux too when studies were corrected there.
    given = results.input.replace("\\", "/").rstrip("/")
    name = given.rsplit("/", 1)[-1]
    near = [Path(results.input), folder / given, *([below / name, below / given] if below else [])]
    there = [place for place in near if place.exists()]
    for place in there:
        if input_id(place) == results.input_id:
            return place
    moved = [place for place in there if _may_be(place, results)]
    if not moved and below is not None:
        moved = [place for place in _named(below).get(name, ()) if _may_be(place, results)]
    if not moved:
        raise InputError(
            Message(
                "corrected_images_missing",
                "{folder}: its images ({given}) are not there; name their folder as `images`.",
                folder=folder.name,
                given=results.input,
            )
        )
    different = {place.resolve() for place in moved}
    if len(different) > 1:
        raise InputError(
            Message(
                "corrected_images_several",
                "{folder}: {count} places hold images called {name}, and nothing tells which were drawn on; give each "
                "a name of its own.",
                folder=folder.name,
                count=len(different),
                name=name,
            )
        )
    return moved[0]


def _may_be(place: Path, results: Results) -> bool:
    """Return whether the first file there is of the results' series, or lies in an archive; of a NIfTI, whether it is
    a file.
    """
    stack = results.stack
    if not stack.series_uids:
        return place.is_file()
    file = next(file for row in stack.files for file in row if file)
    source = place / file if place.is_dir() else place
    if not source.is_file():
        return False
    return is_zip(source) or _series_uid(source) in stack.series_uids


def _series_uid(path: Path) -> str:
    import pydicom

    try:
        with quiet_pydicom():
            header = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=["SeriesInstanceUID"])
            return str(header.get("SeriesInstanceUID", ""))
    except Exception:  # noqa: BLE001  pydicom raises anything on damaged bytes; then it is not the file
        return ""


@lru_cache(maxsize=1)
def _named(below: Path) -> dict[str, tuple[Path, ...]]:
    """Return what may be an input below a folder, by its name: folders, and files that are whole studies."""
    found: dict[str, tuple[Path, ...]] = {}
    for place in _inputs(below):
        found[place.name] = (*found.get(place.name, ()), place)
    return found


def _inputs(below: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(below):
        yield from (Path(folder) / name for name in (*folders, *(one for one in files if one.endswith(_FILE_INPUTS))))
