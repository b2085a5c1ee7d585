"""Derived images: copies that a filter or a reader's workstation made, which never stand in for the originals."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cinecor.message import Message
from cinecor.study.series.candidate import several_series
from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, View, angle_degrees, planes_of
from cinecor.study.series.series_kind import SeriesKind, Verdict

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
    return replace(
        verdict,
        kind=SeriesKind.DERIVED,
        why=Message(
            "copy_of_series",
            "computed from other images (ImageType DERIVED\\SECONDARY); {series} shows the same slices as acquired",
            series=several_series(source.frames[0].header for source in sources),
        ),
    )


def _shows_same_place(original: View, view: View) -> bool:
    if original.normal is None or view.normal is None or angle_degrees(original.normal, view.normal) > PARALLEL_DEGREES:
        return False
    one, other = original.frames[0].header, view.frames[0].header
    references = {one.frame_of_reference_uid, other.frame_of_reference_uid} - {None}
    return one.session == other.session and len(references) < 2
