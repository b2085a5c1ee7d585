"""One position for many slices: an export that lost ImagePositionPatient is refused, since all but one would vanish."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.study.dicom.header import Frame
from cinecor.study.series.parallel_planes import Plane
from cinecor.study.series.plane_times import MIN_CINE_PHASES, evenly_spaced
from cinecor.study.stack.phase_order import CYCLE_TIMES, LADDER
from cinecor.study.stack.repeated_slice import ChosenAcquisition

_MOMENTS: Final = (*CYCLE_TIMES, "TemporalPositionIndex", "TemporalPositionIdentifier")
_MAX_PHASES: Final = 128  # cines have 8 to 60 phases, interpolated ones up to about 100
_MAX_UNTIMED_PHASES: Final = 60  # when no time says that they share one cycle
_LONGEST_CYCLE_MS: Final = 3000.0
_FEWEST_REAL_TIME: Final = 20
_REAL_TIME_STEP_MS: Final = 150.0
_LONGEST_BEAT_MS: Final = 1500.0  # 40 beats a minute: what lasts longer runs through more than one
_ACQUISITIONS: Final = 4  # a stack of one position is not acquired as often as this, unless positions are lost


def refuse_one_position_for_many(
    planes: Sequence[Plane], chosen: Sequence[ChosenAcquisition], *, preferred_series: str | None
) -> None:
    """Raise `InputError` when different slices claim one position: as repeats or phases, all but one would vanish.

    `chosen` holds the acquisition of each plane that counts. `preferred_series` is the series the user asked for:
    he may take one of many acquisitions of a single slice, as long as they are series of their own.
    """
    for plane in planes:
        _refuse_slice_locations(plane)
    for one in chosen:
        _refuse_real_time(one.frames)
        why = _why_several_slices(one.frames)
        if why is not None:
            raise _error(one.frames[0], why)
    if len(chosen) == 1 and chosen[0].acquisitions > 1:
        one = chosen[0]
        uids = {frame.acquisition_uid for frame in one.frames}
        within = sum(1 for frame in one.older if frame.acquisition_uid in uids)
        if within >= len(one.frames) or (one.acquisitions >= _ACQUISITIONS and preferred_series is None):
            count = len(one.frames) + len(one.older)
            raise _error(
                one.frames[0],
                Message(
                    "images_of_cycles",
                    "all {images} images, {cycles} times a whole cycle,",
                    images=count,
                    cycles=one.acquisitions,
                ),
            )


def _refuse_real_time(frames: Sequence[Frame]) -> None:
    """Refuse images that were taken one after the other, through several heartbeats, without an ECG."""
    if any(LADDER[tag](frame) is not None for tag in CYCLE_TIMES for frame in frames):
        return
    for moments in ([frame.acquisition_s for frame in frames], [frame.content_s for frame in frames]):
        times = sorted(1000.0 * moment for moment in moments if moment is not None)
        if len(times) != len(frames) or len(times) < _FEWEST_REAL_TIME or not evenly_spaced(times):
            continue
        step = (times[-1] - times[0]) / (len(times) - 1)
        if step <= _REAL_TIME_STEP_MS and times[-1] - times[0] > _LONGEST_BEAT_MS:
            raise InputError(
                Message(
                    "real_time_cine",
                    "{series}: a real-time cine without ECG, {images} images of a slice {step_ms:.0f} ms apart through "
                    "several heartbeats: its phases cannot be put in order; give a cine that was gated by ECG.",
                    series=frames[0].header.label,
                    images=len(frames),
                    step_ms=step,
                )
            )


def _refuse_slice_locations(plane: Plane) -> None:
    places = [frame.slice_location_mm for frame in plane.frames if frame.slice_location_mm is not None]
    thickness = plane.frames[0].slice_thickness_mm or 2.0
    if places and max(places) - min(places) > max(2.0, thickness):
        raise _error(
            plane.frames[0],
            Message(
                "slices_by_location",
                "slices with SliceLocation {lowest:g} to {highest:g} mm",
                lowest=min(places),
                highest=max(places),
            ),
        )


def _why_several_slices(frames: Sequence[Frame]) -> Message | None:
    """Return what shows that frames taken for the phases of one slice are those of several, None when nothing does."""
    for tag in _MOMENTS:
        known = [value for value in (LADDER[tag](frame) for frame in frames) if value is not None]
        times = Counter(Counter(known).values())
        if len(known) != len(frames) or len(set(known)) < MIN_CINE_PHASES or len(times) != 1:
            continue
        repeated = next(iter(times))
        if repeated > 1:
            return Message(
                "images_of_each_phase",
                "{images} images, {times} of each of {phases} phases by {tag},",
                images=len(frames),
                times=repeated,
                phases=len(set(known)),
                tag=tag,
            )
    images = Message("so_many_images", "{images} images", images=len(frames))
    if _is_one_cycle(frames):
        return images if len(frames) > _MAX_PHASES else None
    stated = Counter(frame.header.cardiac_images for frame in frames).most_common(1)[0][0]
    if stated is not None and stated >= MIN_CINE_PHASES and len(frames) >= 2 * stated:
        return Message(
            "images_where_stated",
            "{images} images, where CardiacNumberOfImages says {stated},",
            images=len(frames),
            stated=stated,
        )
    return images if len(frames) > _MAX_UNTIMED_PHASES else None


def _is_one_cycle(frames: Sequence[Frame]) -> bool:
    """Return whether every frame has a time of its own, evenly spread over no more than one cycle."""
    for tag in CYCLE_TIMES:
        times = sorted(value for value in (LADDER[tag](frame) for frame in frames) if value is not None)
        if len(times) == len(frames) and evenly_spaced(times) and times[-1] - times[0] <= _LONGEST_CYCLE_MS:
            return True
    return False


def _error(frame: Frame, what: Message) -> InputError:
    return InputError(
        Message(
            "one_position_for_many",
            "{series}: {what} have one ImagePositionPatient (0020,0032): slices that lost their places, images that "
            "are there several times, or a real-time cine of several heartbeats; nothing tells them apart, so that "
            "volumes would be wrong; export the study again.",
            series=frame.header.label,
            what=what,
        )
    )
