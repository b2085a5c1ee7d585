"""`why_no_stack`: what to tell whoever gave an input that holds nothing to outline."""

from typing import Final

from cinecor.message import Message
from cinecor.study.series.index import SeriesIndex
from cinecor.study.stack.series_audit import unread

_NAMED_IN_MESSAGE: Final = 6


def why_no_stack(index: SeriesIndex) -> Message:
    """Return why an input holds no stack, and what to give instead."""
    name = index.root.name or str(index.root)
    if index.series:
        return _why_no_cine(index, name)
    nifti = [row.path for row in index.left_out if row.reason.code == "nifti_inside"]
    if nifti:
        return Message.counted(
            "only_nifti",
            "{input}: no DICOM image, but {n} NIfTI file; give one as the input (unpack a .zip first), for example "
            "{example}.",
            "{input}: no DICOM image, but {n} NIfTI files; give one as the input (unpack a .zip first), for example "
            "{example}.",
            n=len(nifti),
            input=name,
            example=nifti[0],
        )
    if not index.files_given:
        return Message(
            "empty_input",
            "{input}: the folder or archive is empty; give the folder, DICOMDIR or .zip of a cardiac MR study.",
            input=name,
        )
    if len(index.left_out) == 1:
        return Message(
            "one_file_no_image",
            "{input}: the only file in it holds no DICOM image ({path}: {reason}); give the folder, DICOMDIR or .zip "
            "of a cardiac MR study.",
            input=name,
            path=index.left_out[0].path,
            reason=index.left_out[0].reason,
        )
    return _why_no_image(index, name)


def _why_no_image(index: SeriesIndex, name: str) -> Message:
    """Return why none of several files is a DICOM image."""
    packed = sum(row.reason.code == "gzip_inside" for row in index.left_out)
    if 2 * packed > len(index.left_out):
        return Message.counted(
            "only_gzip",
            "{input}: no DICOM image, but {n} gzip file, which is not opened; unpack it first (gunzip).",
            "{input}: no DICOM image, but {n} gzip files, which are not opened; unpack them first (gunzip).",
            n=packed,
            input=name,
        )
    rows = unread(index)
    if rows:
        return Message.counted(
            "only_unread",
            "{input}: no DICOM image; {n} file or folder of it was not read, {path}: {reason}.",
            "{input}: no DICOM image; {n} files or folders of it were not read, first {path}: {reason}.",
            n=len(rows),
            input=name,
            path=rows[0].path,
            reason=rows[0].reason,
        )
    return Message(
        "no_dicom_image_among",
        "{input}: no DICOM image among {files} files; give the folder, DICOMDIR or .zip of a cardiac MR study.",
        input=name,
        files=index.files_given,
    )


def _why_no_cine(index: SeriesIndex, name: str) -> Message:
    mosaic = next((entry for entry in index.series if entry.why.code == "mosaic"), None)
    if mosaic is not None:
        return Message(
            "only_a_mosaic",
            "{input}: no short-axis cine found, but {series}, {why}.",
            input=name,
            series=mosaic.label,
            why=mosaic.why,
        )
    return Message(
        "no_short_axis_cine",
        "{input}: no short-axis cine found; there are {series}; give the short-axis series, or name one with --series.",
        input=name,
        series=listed_series(index),
    )


def listed_series(index: SeriesIndex) -> tuple[Message, ...]:
    """Return what series there are, the first of them by name, for a place in a sentence."""
    shown = tuple(
        Message(
            "series_listed",
            "{series} ({kind}: {slices} x {phases}, {uid})",
            series=entry.label,
            kind=entry.kind.value,
            slices=entry.slices,
            phases=entry.phases,
            uid=entry.uid,
        )
        for entry in index.series[:_NAMED_IN_MESSAGE]
    )
    more = len(index.series) - len(shown)
    return (*shown, Message("and_more", "{n} more", n=more)) if more > 0 else shown
