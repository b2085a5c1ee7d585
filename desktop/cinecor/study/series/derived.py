"""Derived images: copies that a filter or a reader's workstation made, which never stand in for the originals."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, View, angle_degrees, planes_of
from cinecor.study.series.series_kind import SeriesKind, Verdict
from cinecor.study.stack.repeated_slice import ChosenAcquisition

_CINES: Final = {SeriesKind.SAX_CINE, SeriesKind.OTHER_CINE, SeriesKind.LONG_AXIS_CINE}


def without_copies(judged: Sequence[tuple[View, Verdict]]) -> list[tuple[View, Verdict]]:
    """Return the views, those judged derived whose every plane a cine of original images shows as well."""
    originals = [
        view for view, verdict in judged if verdict.kind in _CINES and not any(one.derived for one in view.frames)
    ]
    return [(view, _as_copy(view, verdict, originals)) for view, verdict in judged]


def _as_copy(view: View, verdict: Verdict, originals: Sequence[View]) -> Verdict:
    if view.normal is None or verdict.kind not in _CINES or not all(one.secondary for one in view.frames):
        return verdict
    sources = [one for one in originals if _shows_same_place(one, view)]
    shown = [frame for source in sources for frame in source.frames]
    both = planes_of([*shown, *view.frames], normal=view.normal)
    own = {id(frame) for frame in view.frames}
    if any(all(id(frame) in own for frame in plane.frames) for plane in both):
        return verdict
    labels = list(dict.fromkeys(source.label for source in sources))
    named = labels[0] if len(labels) == 1 else f"{len(labels)} series from {labels[0]}"
    return replace(
        verdict,
        kind=SeriesKind.DERIVED,
        why=f"computed from other images (ImageType DERIVED\\SECONDARY); {named} shows the same slices as acquired",
    )


def _shows_same_place(original: View, view: View) -> bool:
    if original.normal is None or view.normal is None or angle_degrees(original.normal, view.normal) > PARALLEL_DEGREES:
        return False
    one, other = original.frames[0].header, view.frames[0].header
    references = {one.frame_of_reference_uid, other.frame_of_reference_uid} - {None}
    return one.study_uid == other.study_uid and len(references) < 2


def derived_warnings(chosen: Sequence[ChosenAcquisition]) -> list[str]:
    """Say which slices have to be read from derived images, for want of original ones."""
    number = sum(1 for one in chosen if any(frame.secondary for frame in one.frames))
    if not number:
        return []
    return [
        f"{'All' if number == len(chosen) else number} of {len(chosen)} slices are read from derived images (ImageType "
        "DERIVED\\SECONDARY), for want of original ones: what was done to them is not known."
    ]
