"""`SeriesKind`: what a view of the heart is, told by geometry, time and image class, with the reason in words.

A series description takes part in nothing here: sites name their series as they like, in any language.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.header import Frame, Triple
from cinecor.study.series.parallel_planes import DERIVED_TOKENS, View, angle_degrees
from cinecor.study.series.plane_times import MIN_CINE_PHASES, over_heartbeats, varying_contrast

# The usual direction of the left ventricle from base to apex in LPS: to the left, to the front, and down.
BASE_TO_APEX: Final[Triple] = (0.7018, -0.4511, -0.5514)
SHORT_AXIS_DEGREES: Final = 40.0  # normals of short-axis planes lie this close to it; anatomy varies by 20 to 30
STACK_DEGREES: Final = 45.0  # a stack of three planes and more is itself a sign, so it may stand further off
LONG_AXIS_DEGREES: Final = 62.0  # beyond: two-, three- and four-chamber views; axial planes stand about 57 off

_MAP_TOKENS: Final = frozenset({"ECV", "T1", "T2", "T2_STAR"})
_LOCALISER_TOKENS: Final = frozenset({"LOCALIZER", "LOCALISER", "SCOUT"})
_PERFUSION_TOKENS: Final = frozenset({"PERFUSION", "FIRST_PASS", "FIRST PASS"})
_VELOCITY_TOKENS: Final = frozenset({"PCA", "M_PCA", "VELOCITY", "VELOCITY MAP", "PHASE CONTRAST", "PHASE_CONTRAST"})
# fl2d1_v150in: a FLASH with a velocity encoding of 150 cm/s; what others name ..._v2 is a version of the sequence.
_SIEMENS_VELOCITY: Final = re.compile(r"fl\w*_v\d{2,}", re.IGNORECASE)
_MOSAIC_TOKENS: Final = frozenset({"MOSAIC", "VFRAME"})  # Siemens, United Imaging


class SeriesKind(Enum):
    """What a series is; the value is what a cardiologist would call it."""

    SAX_CINE = Message("sax_cine", "short-axis cine")
    LONG_AXIS_CINE = Message("long_axis_cine", "long-axis cine")
    OTHER_CINE = Message("other_cine", "cine in other planes")
    TAGGED_CINE = Message("tagged_cine", "tagged cine")
    SINGLE_PHASE_STACK = Message("single_phase_stack", "single-phase stack")
    LOCALISER = Message("localiser", "localiser")
    LGE = Message("late_enhancement", "late enhancement")
    PERFUSION = Message("perfusion", "perfusion")
    MAP = Message("parametric_map", "parametric map")
    PHASE_CONTRAST = Message("phase_contrast", "phase contrast")
    DERIVED = Message("derived_images", "derived images")
    OTHER_MR = Message("other_mr", "other MR images")
    OTHER_MODALITY = Message("no_mr", "no MR image")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind and the phrase that explains it to a reader."""

    kind: SeriesKind
    why: Message


def judge(view: View, *, directions: int) -> Verdict:
    """Return what a view is; `directions` is how many plane directions its whole series has.

    A view of kind SAX_CINE is only eligible here; whether it becomes part of the stack is decided over the study.
    """
    first = view.frames[0]
    header = first.header
    if not header.is_mr_image:
        return Verdict(SeriesKind.OTHER_MODALITY, _other_modality(first))
    if header.samples_per_pixel > 1 or not (header.photometric_interpretation or "MONOCHROME2").startswith("MONO"):
        return Verdict(
            SeriesKind.DERIVED,
            Message(
                "colour_image",
                "colour image ({interpretation}): no signal intensities",
                interpretation=header.photometric_interpretation,
            ),
        )
    tokens = {token for frame in (first, view.frames[-1]) for token in frame.image_type}
    by_class = _by_image_class(view, tokens)
    if by_class is not None:
        return by_class
    if view.phases >= MIN_CINE_PHASES:
        return _through_time(view)
    return _few_phases(view, directions)


def _other_modality(frame: Frame) -> Message:
    header = frame.header
    if header.modality and header.modality != "MR":
        return Message("other_modality", "modality {modality}, not MR", modality=header.modality)
    return Message("no_mr_object", "not an MR image object (secondary capture or other SOP class)")


def _by_image_class(view: View, tokens: set[str]) -> Verdict | None:
    """Judge by what the image type says it is; None when it says nothing against a cine."""
    first = view.frames[0]
    if _MOSAIC_TOKENS & tokens:
        why = Message(
            "mosaic",
            "a mosaic of many slices in one image (ImageType {word}): export it as one image a slice",
            word=min(_MOSAIC_TOKENS & tokens),
        )
        return Verdict(SeriesKind.OTHER_MR, why)
    velocity = (
        any(frame.velocity_encoded for frame in (first, view.frames[-1]))
        or bool(_VELOCITY_TOKENS & tokens)
        or bool(_SIEMENS_VELOCITY.search(first.header.sequence_name or ""))
    )
    if not view.magnitude:
        template = (
            Message(
                "velocity_images",
                "velocity images ({image_type}): no anatomy to outline",
                image_type=_image_type(first),
            )
            if velocity
            else Message(
                "complex_part_images",
                "phase, real or imaginary part images ({image_type}): no anatomy to outline",
                image_type=_image_type(first),
            )
        )
        return Verdict(SeriesKind.PHASE_CONTRAST, template)
    if velocity:
        return Verdict(
            SeriesKind.PHASE_CONTRAST,
            Message("flow_magnitude", "magnitude images of a flow measurement (velocity encoding is set)"),
        )
    if first.header.tagged:
        return Verdict(
            SeriesKind.TAGGED_CINE, Message("tagging_set", "a tagging grid lies over the image (Tagging is set)")
        )
    return _by_token(tokens)


def _by_token(tokens: set[str]) -> Verdict | None:
    """Judge by the one word of ImageType that gives an image away."""
    maps = {token for token in tokens if token.endswith("MAP") or token in _MAP_TOKENS}
    for found, kind in (
        (DERIVED_TOKENS & tokens, SeriesKind.DERIVED),
        (maps, SeriesKind.MAP),
        (_LOCALISER_TOKENS & tokens, SeriesKind.LOCALISER),
        (_PERFUSION_TOKENS & tokens, SeriesKind.PERFUSION),
    ):
        if found:
            return Verdict(
                kind, Message("image_type_word", "{kind} (ImageType {word})", kind=kind.value, word=min(found))
            )
    return None


def _through_time(view: View) -> Verdict:
    """Judge a view with enough images a plane to be a cine."""
    largest = max(view.planes, key=lambda plane: len(plane.frames))
    varying = varying_contrast(largest)
    if varying is not None:
        return Verdict(SeriesKind.MAP, varying)
    beats = over_heartbeats(largest)
    if beats is not None:
        return Verdict(SeriesKind.PERFUSION, beats)
    if view.normal is None:
        return Verdict(
            SeriesKind.OTHER_CINE,
            Message(
                "slices_unplaced",
                "{missing}: where its slices lie is unknown",
                missing=missing_geometry(view.frames[0]),
            ),
        )
    off = angle_degrees(view.normal, BASE_TO_APEX)
    said = {"planes": planes_counted(len(view.planes)), "phases": view.phases, "degrees": off}
    if off <= (STACK_DEGREES if len(view.planes) >= 3 else SHORT_AXIS_DEGREES):
        return Verdict(
            SeriesKind.SAX_CINE,
            Message(
                "short_axis_cine",
                "{planes} through {phases} phases, normal {degrees:.0f}° from the usual long axis of the heart",
                **said,
            ),
        )
    if off > LONG_AXIS_DEGREES or len(view.planes) < 3:
        return Verdict(
            SeriesKind.LONG_AXIS_CINE,
            Message(
                "off_the_long_axis",
                "{planes} through {phases} phases, but the normal stands {degrees:.0f}° off the usual long axis of "
                "the heart",
                **said,
            ),
        )
    if _body_plane(view.normal):
        why = Message(
            "body_plane_cine",
            "{planes} through {phases} phases in an orientation that is no usual short axis ({degrees:.0f}° off, near "
            "axial, coronal or sagittal)",
            **said,
        )
    else:
        why = Message(
            "no_usual_short_axis",
            "{planes} through {phases} phases in an orientation that is no usual short axis ({degrees:.0f}° off)",
            **said,
        )
    return Verdict(SeriesKind.OTHER_CINE, why)


def _body_plane(normal: Triple) -> bool:
    """Return whether a plane lies nearly axial, coronal or sagittal."""
    return max(abs(value) for value in normal) > 0.94


def _few_phases(view: View, directions: int) -> Verdict:
    """Judge a view that is no cine."""
    images = Message.counted("images", "{n} image", "{n} images", n=view.phases)
    planes = planes_counted(len(view.planes))
    inversion = any(frame.inversion_time_ms for frame in view.frames) or "IR" in view.frames[0].header.scanning_sequence
    if inversion:
        return Verdict(
            SeriesKind.LGE,
            Message(
                "after_inversion",
                "{images} a plane after an inversion pulse: late enhancement or a like contrast",
                images=images,
            ),
        )
    if directions >= 3:
        return Verdict(
            SeriesKind.LOCALISER,
            Message(
                "many_directions",
                "{directions} plane directions in one series, {images} a plane",
                directions=directions,
                images=images,
            ),
        )
    if view.normal is None:
        return Verdict(
            SeriesKind.OTHER_MR,
            Message("unplaced", "{missing}: where it lies is unknown", missing=missing_geometry(view.frames[0])),
        )
    off = angle_degrees(view.normal, BASE_TO_APEX)
    if off <= SHORT_AXIS_DEGREES:
        return Verdict(
            SeriesKind.SINGLE_PHASE_STACK,
            Message.counted(
                "too_few_phases",
                "{n} short-axis plane with {images}: no cine ({needed} needed)",
                "{n} short-axis planes with {images} each: no cine ({needed} needed)",
                n=len(view.planes),
                images=images,
                needed=MIN_CINE_PHASES,
            ),
        )
    if len(view.planes) <= 3 and (directions > 1 or _body_plane(view.normal)):
        return Verdict(
            SeriesKind.LOCALISER,
            Message("body_planes", "{planes} of the body with {images} each", planes=planes, images=images),
        )
    return Verdict(
        SeriesKind.OTHER_MR,
        Message(
            "few_images_off_axis",
            "{planes} with {images} each, normal {degrees:.0f}° off the long axis of the heart",
            planes=planes,
            images=images,
            degrees=off,
        ),
    )


def planes_counted(number: int) -> Message:
    """Return how many planes, for a place in a sentence."""
    return Message.counted("planes", "{n} plane", "{n} planes", n=number)


def missing_geometry(frame: Frame) -> Message:
    """Return the tags without which a frame has no place, in words."""
    tags = []
    if frame.position_mm is None:
        tags.append("ImagePositionPatient (0020,0032)")
    if frame.normal is None:
        tags.append("ImageOrientationPatient (0020,0037)")
    if frame.pixel_spacing_mm is None:
        tags.append("PixelSpacing (0028,0030)")
    return Message("geometry_missing", "{tags} missing or invalid", tags=tuple(tags))


def _image_type(frame: Frame) -> Message:
    if not frame.image_type:
        return Message("image_type_missing", "ImageType missing")
    return Message("image_type", "ImageType {words}", words="\\".join(frame.image_type))
