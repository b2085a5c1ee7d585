"""Regional function as `results.json` and `segments.csv` hold it."""

import csv
import io
import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.conventions import NOTICE, REGIONAL_CONVENTIONS
from cinecor.measure.regional.function import RegionalFunction, SegmentFunction
from cinecor.measure.regional.segment import RINGS
from cinecor.report.fact import fact
from cinecor.report.results import InsertionFacts, RegionalFacts, Results, SegmentFacts
from cinecor.study.cine_stack import StackGeometry

_DECIMALS: Final = 3
_RING_NAMES: Final[tuple[Literal["basal", "mid", "apical"], ...]] = ("basal", "mid", "apical")
assert len(_RING_NAMES) == RINGS


def regional_facts(regional: RegionalFunction, *, geometry: StackGeometry, ed_phase: int | None) -> RegionalFacts:
    """Return the regional function of a review; indices from 0."""
    by_reader = regional.insertion is not None and bool(regional.insertion.by_reader)
    known: Literal["patient", "reader", "unknown"] = "patient" if regional.orientation.known else "unknown"
    return RegionalFacts(
        orientation="reader" if by_reader else known,
        reasons=[str(reason) for reason in regional.reasons],
        reason_facts=[fact(reason) for reason in regional.reasons],
        insertion=_insertion(regional, geometry, ed_phase or 0),
        rings={index: _RING_NAMES[ring] for index, ring in sorted(regional.rings.items())},
        segments=[_segment(one, ed_phase or 0) for one in regional.segments],
        mid_wall_ed_mm=_rounded(regional.mid_ed_mm),
        peak_dispersion_ms=_rounded(regional.dispersion_ms),
        conventions={code: str(message) for code, message in REGIONAL_CONVENTIONS.items()},
    )


def segments_csv(results: Results) -> str:
    """Return one row a segment; empty cells where something cannot be known. Indices count from 0."""
    text = io.StringIO()
    names = [
        "segment",
        "name",
        "ed_mm",
        "es_mm",
        "thickening_mm",
        "thickening_percent",
        "motion_mm",
        "peak_ms",
        "slices",
        "refused",
        "notice",
    ]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for one in () if results.regional is None else results.regional.segments:
        row = {name: "" if (value := getattr(one, name, None)) is None else value for name in names}
        writer.writerow(row | {"slices": " ".join(map(str, one.slices)), "notice": NOTICE})
    return text.getvalue()


def _segment(one: SegmentFunction, ed: int) -> SegmentFacts:
    motion = None if one.endo_mm is None else one.endo_mm[ed] - one.endo_mm
    return SegmentFacts(
        segment=one.segment.number,
        name=str(one.segment.name),
        slices=list(one.slices),
        ed_mm=_rounded(one.ed_mm),
        es_mm=_rounded(one.es_mm),
        thickening_mm=_rounded(one.thickening_mm),
        thickening_percent=_rounded(one.thickening_percent),
        motion_mm=_rounded(one.motion_mm),
        peak_ms=_rounded(one.peak_ms),
        thickness_mm=_curve(one.thickness_mm),
        motion_curve_mm=_curve(motion),
        refused=None if one.refused is None else str(one.refused),
        refused_fact=None if one.refused is None else fact(one.refused),
    )


def _insertion(regional: RegionalFunction, geometry: StackGeometry, ed: int) -> list[InsertionFacts]:
    points = regional.insertion
    if points is None:
        return []
    told = []
    for index, wall in enumerate(regional.walls):
        if wall is None:
            continue
        both = np.array([points.anterior_deg[index], points.inferior_deg[index]])
        anterior, inferior = np.round(
            wall.border_px(both, phase=ed, spacing_mm=geometry.pixel_spacing_mm), _DECIMALS
        ).tolist()
        told.append(
            InsertionFacts(slice=index, anterior=anterior, inferior=inferior, by_reader=index in points.by_reader)
        )
    return told


def _curve(values: NDArray[np.float64] | None) -> list[float | None]:
    return [] if values is None else [_rounded(value) for value in values.tolist()]


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, _DECIMALS)
