"""`View`: the frames of one series that lie in parallel planes and are images of one class.

A series may hold several views: three long axes in one series, magnitude and phase images mixed, a localiser in three
directions. Views, not series, are what gets a kind and what stacks are made of.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.header import Frame, Triple, dot

PARALLEL_DEGREES: Final = 2.0
_UNTILTED: Final = math.cos(math.radians(0.2))  # rounding in headers; more moves the corners by millimetres
_PHASE_TOKENS: Final = frozenset(
    {"P", "PHASE", "PHASE MAP", "VELOCITY", "VELOCITY MAP", "R", "I", "REAL", "IMAGINARY", "P_FFE", "R_FFE", "I_FFE"}
    | {"P_SE", "R_SE", "I_SE", "R_IR", "I_IR", "P_IR", "PHASE_MAP", "PSIR", "P_PCA"}
)
DERIVED_TOKENS: Final = frozenset(
    {"MPR", "CSA MPR", "MIP", "MNIP", "PROJECTION IMAGE", "SCREEN SAVE", "REFORMATTED", "SUBTRACTION", "SUB"}
    | {"COMPOSED", "COMP_2D", "3DRECON", "CSA 3D", "CSA RESULT", "CSA PARALLEL", "VOLUME RENDER", "SECONDARY_RESULT"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The frames of one view at one position along its normal."""

    offset_mm: float
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Frames of one series, one image class, parallel planes."""

    frames: tuple[Frame, ...]
    planes: tuple[Plane, ...]  # sorted along the normal; one plane holding all frames when geometry is missing
    normal: Triple | None  # None when position, orientation or pixel spacing is missing
    magnitude: bool

    @property
    def phases(self) -> int:
        """Frames of a typical plane."""
        return int(median(len(plane.frames) for plane in self.planes))

    @property
    def series_uid(self) -> str:
        """The first frame's series."""
        return self.frames[0].header.series_uid

    @property
    def series_uids(self) -> tuple[str, ...]:
        """Every series that the frames come from: several when phases were dealt out over series."""
        return tuple(dict.fromkeys(frame.header.series_uid for frame in self.frames))

    @property
    def label(self) -> Message:
        """The series for a message."""
        return self.frames[0].header.label


def is_magnitude(frame: Frame) -> bool:
    """Return whether a frame shows signal magnitude, as against phase, velocity, real or imaginary part."""
    if frame.complex_component is not None:
        return frame.complex_component in ("MAGNITUDE", "MIXED")
    return not any(token in _PHASE_TOKENS for token in frame.image_type[2:])


def views_of(frames: Iterable[Frame]) -> list[View]:
    """Return the views of the frames of ONE series, largest first."""
    classes: dict[tuple[bool, ...], list[Frame]] = defaultdict(list)
    for frame in frames:
        classes[_image_class(frame)].append(frame)
    views = []
    for (magnitude, placed, *_), members in classes.items():
        for group in _by_orientation(members) if placed else [members]:
            normal = group[0].normal if placed else None
            views.append(
                View(frames=tuple(group), planes=planes_of(group, normal=normal), normal=normal, magnitude=magnitude)
            )
    return sorted(views, key=lambda view: -len(view.frames))


def _image_class(frame: Frame) -> tuple[bool, ...]:
    """Return what must be alike for frames of one series to be compared at all."""
    header = frame.header
    placed = frame.normal is not None and frame.position_mm is not None and frame.pixel_spacing_mm is not None
    grey = header.samples_per_pixel == 1 and (header.photometric_interpretation or "MONO").upper().startswith("MONO")
    computed = bool(DERIVED_TOKENS.intersection(frame.image_type))
    return is_magnitude(frame), placed, grey, header.is_mr_image, computed, frame.secondary


def _by_orientation(frames: Sequence[Frame]) -> list[list[Frame]]:
    groups: list[tuple[Triple | None, list[Frame]]] = []
    for frame in frames:
        normal = frame.normal
        for reference, members in groups:
            if (normal is None) == (reference is None) and (
                normal is None or reference is None or angle_degrees(normal, reference) <= PARALLEL_DEGREES
            ):
                members.append(frame)
                break
        else:
            groups.append((normal, [frame]))
    return [members for _, members in groups]


def angle_degrees(a: Triple, b: Triple) -> float:
    """Return the angle between two lines (0 to 90): a normal may point either way."""
    return math.degrees(math.acos(min(1.0, abs(dot(a, b)))))


def planes_of(frames: Sequence[Frame], *, normal: Triple | None) -> tuple[Plane, ...]:
    """Group frames by their position along `normal`; frames without position form one plane of their own.

    Positions closer than a tenth of the slice thickness (at most 1 mm) are one plane: the same slice planned again
    differs by rounding, true neighbours by millimetres.
    """
    if normal is None or any(frame.position_mm is None for frame in frames):
        return (Plane(0.0, tuple(frames)),)
    thicknesses = [frame.slice_thickness_mm for frame in frames if frame.slice_thickness_mm]
    tolerance = min(1.0, max(0.05, 0.1 * median(thicknesses))) if thicknesses else 0.5
    points = reference_points(frames, normal=normal)
    placed = sorted(((dot(normal, point), frame) for point, frame in zip(points, frames, strict=True)), key=_offset)
    planes: list[Plane] = []
    members: list[tuple[float, Frame]] = []
    for offset, frame in placed:
        if members and (offset - members[-1][0] > tolerance or offset - members[0][0] > 2 * tolerance):
            planes.append(_plane(members))
            members = []
        members.append((offset, frame))
    planes.append(_plane(members))
    return tuple(planes)


def reference_points(frames: Sequence[Frame], *, normal: Triple) -> list[Triple]:
    """Return the point of each frame (all have a place) by which slices are put in order along `normal`.

    That is the first pixel. Slices that are tilted against each other lie apart by other distances at every point:
    the middle of the image then takes its place where the slices follow one another more evenly there, as they were
    planned to.
    """
    corners = [frame.position_mm for frame in frames if frame.position_mm is not None]
    if all(frame.normal is None or abs(dot(frame.normal, normal)) >= _UNTILTED for frame in frames):
        return corners
    centres = [frame.centre_mm or corner for frame, corner in zip(frames, corners, strict=True)]
    return min(corners, centres, key=lambda points: _unevenness([dot(normal, point) for point in points]))


def _unevenness(offsets_mm: Sequence[float]) -> float:
    distinct = sorted({round(offset, 1) for offset in offsets_mm})
    steps = [after - before for before, after in itertools.pairwise(distinct)]
    return (max(steps) - min(steps)) / median(steps) if steps else 0.0


def _offset(placed: tuple[float, Frame]) -> float:
    return placed[0]


def _plane(members: Sequence[tuple[float, Frame]]) -> Plane:
    return Plane(median(offset for offset, _ in members), tuple(frame for _, frame in members))
