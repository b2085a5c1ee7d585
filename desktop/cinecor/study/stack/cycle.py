"""The cardiac cycle of a stack: phase times and heart rate, taken from tags only as far as they are believable."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from cinecor.message import Message, Phases
from cinecor.study.dicom.header import Frame
from cinecor.study.series.likeness import SAME_STATE
from cinecor.study.series.plane_times import MIN_CINE_PHASES, evenly_spaced
from cinecor.study.stack.phase_order import CYCLE_TIMES, LADDER

_RR_MS = (250.0, 2500.0)  # 240 to 24 beats a minute
_HOLE = 1.6  # of the usual step between phases
_EVEN, _ODD = 0.1, 0.2  # of the usual step
_LEAST_COVERED, _MOST_COVERED = 0.6, 1.25  # of the cycle: triggered cines leave out its end
_WHOLE_CYCLE = 0.9  # of the cycle that the phases of a slice span: no first phase comes so late after its R wave


@dataclass(frozen=True, slots=True)
class Cycle:
    """Phase times (ms after the R wave, one a phase) and heart rate (beats a minute); None when unknown."""

    phase_times_ms: tuple[float, ...] | None
    heart_rate_bpm: float | None
    warnings: tuple[Message, ...]
    cautions: tuple[Message, ...] = ()  # those of the warnings that must be seen beside the numbers


def cycle_of(grid: Sequence[Sequence[Frame | None]], *, beats: int = 1) -> Cycle:
    """Return the cycle of frames in [slice][phase] order, whose pictures show so many heartbeats.

    Phase times are medians over the slices. The heart rate comes from HeartRate, else from the R-R interval, else
    from the phase times when they are those of a whole cycle.
    """
    warnings: list[Message] = []
    times = _phase_times(grid, warnings)
    warnings += _odd_times(times)
    rate = _heart_rate(grid, warnings)
    phases = len(grid[0]) if grid else 0
    if rate is None and times is not None and phases >= 8:
        cycle = (times[-1] - times[0]) * phases / (phases - 1) / beats
        if _RR_MS[0] <= cycle <= _RR_MS[1]:
            rate = 60_000.0 / cycle
            warnings.append(
                Message(
                    "heart_rate_from_phase_times",
                    "Heart rate {bpm:.0f}/min is taken from the phase times: HeartRate and NominalInterval are absent; "
                    "it is too high if the cine does not cover the whole cycle.",
                    bpm=rate,
                )
            )
    elif rate is None and phases > 1:
        warnings.append(
            Message(
                "no_heart_rate_tag",
                "There is no HeartRate, no NominalInterval and no believable phase times.",
            )
        )
    in_two_states = [
        told
        for told in warnings
        if told.code == "heart_rate_differs" and told.values["highest"] >= SAME_STATE * told.values["lowest"]
    ]
    warnings = [told for told in warnings if told not in in_two_states]
    cautions = [*in_two_states, *several_beats(beats), *_missing_phase(times, grid), *_unlike_rate(times, rate, beats)]
    return Cycle(times, rate, (*warnings, *cautions), tuple(cautions))


def several_beats(beats: int) -> list[Message]:
    """Return what is told of a cine whose pictures show so many heartbeats."""
    if beats < 2:
        return []
    return [
        Message(
            "several_beats",
            "The pictures run through {beats} heartbeats: the curves, ED and ES are those of all of them.",
            beats=beats,
        )
    ]


def _missing_phase(times: tuple[float, ...] | None, grid: Sequence[Sequence[Frame | None]]) -> list[Message]:
    """Say where a phase is missing in every slice, by a hole in the times or by the number that the scanner stated."""
    phases = len(grid[0]) if grid else 0
    if times is not None and phases >= MIN_CINE_PHASES:
        steps = [after - before for before, after in pairwise(times)]
        holes = [at for at, step in enumerate(steps) if step > _HOLE * median(steps)]
        if holes:
            return [
                Message(
                    "phase_missing_everywhere",
                    "Between {phases} a phase is missing in every slice: the largest or smallest volume may be missed.",
                    phases=Phases((holes[0], holes[0] + 1)),
                )
            ]
    stated = {frame.header.cardiac_images for row in grid for frame in row if frame is not None}
    number = stated.pop() if len(stated) == 1 else None
    if number is not None and phases > 1 and phases < number <= 2 * phases:
        return [
            Message(
                "fewer_phases_than_stated",
                "Every slice has {phases} phases where CardiacNumberOfImages says {stated}: the largest or smallest "
                "volume may be missed.",
                phases=phases,
                stated=number,
            )
        ]
    return []


def _unlike_rate(times: tuple[float, ...] | None, rate: float | None, beats: int) -> list[Message]:
    """Say when the phases take clearly longer, or much less, than a heartbeat at the rate that is used."""
    if times is None or rate is None or len(times) < MIN_CINE_PHASES:
        return []
    covered = (times[-1] - times[0]) * len(times) / (len(times) - 1) / beats * rate / 60_000.0
    if _LEAST_COVERED <= covered <= _MOST_COVERED:
        return []
    return [
        Message(
            "rate_and_times_disagree",
            "The heart rate ({bpm:.0f}/min) and the phase times disagree: the phases cover {percent:.0f} percent of a "
            "heartbeat; check the rate before using the cardiac output.",
            bpm=rate,
            percent=100.0 * covered,
        )
    ]


def _phase_times(grid: Sequence[Sequence[Frame | None]], warnings: list[Message]) -> tuple[float, ...] | None:
    phases = len(grid[0]) if grid else 0
    if phases < 2:
        return None
    present = []
    for tag in CYCLE_TIMES:
        key = LADDER[tag]
        rows = [[None if frame is None else key(frame) for frame in row] for row in grid]
        starts = [_late_start(row) for row in rows]
        columns = [
            [value - start for row, start in zip(rows, starts, strict=True) if (value := row[phase]) is not None]
            for phase in range(phases)
        ]
        if not any(columns):
            continue
        if all(columns):
            times = [float(median(column)) for column in columns]
            if evenly_spaced(times) and times[0] >= -50.0:
                if any(starts):
                    warnings.append(
                        Message(
                            "times_run_on",
                            "{tag} runs on over several cycles: where it does, times count from the slice's first "
                            "phase.",
                            tag=tag,
                        )
                    )
                return tuple(times)
        present.append(tag)
    if present:
        warnings.append(
            Message("phase_times_unknown", "The phase times are unknown: {tags} not believable.", tags=tuple(present))
        )
    else:
        warnings.append(Message("phase_times_unknown", "The phase times are unknown: TriggerTime is absent."))
    return None


def _odd_times(times: Sequence[float] | None) -> list[Message]:
    """Name phases whose time stands aside between two neighbours that are as far apart as they should be."""
    if times is None or len(times) < MIN_CINE_PHASES:
        return []
    usual = median(later - earlier for earlier, later in pairwise(times))
    odd = tuple(
        phase
        for phase in range(1, len(times) - 1)
        if abs(times[phase + 1] - times[phase - 1] - 2 * usual) < _EVEN * usual
        and abs((times[phase + 1] + times[phase - 1]) / 2 - times[phase]) > _ODD * usual
    )
    if not odd:
        return []
    return [
        Message(
            "odd_phase_time",
            "The time of {phases} does not lie in the middle between its neighbours, as those of all others do: it may "
            "be wrong.",
            phases=Phases(odd),
        )
    ]


def _late_start(times: Sequence[float | None]) -> float:
    """Return the time of a slice's first phase when it lies a whole cycle or more after the R wave, else 0."""
    known = [(phase, time) for phase, time in enumerate(times) if time is not None]
    if len(known) < 2:
        return 0.0
    step = median((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(known))
    start = known[0][1] - known[0][0] * step
    return start if step > 0.0 and start >= _WHOLE_CYCLE * step * len(times) else 0.0


def _heart_rate(grid: Sequence[Sequence[Frame | None]], warnings: list[Message]) -> float | None:
    rates = [_of_slice(row, "rate") for row in grid]
    intervals = [_of_slice(row, "interval") for row in grid]
    by_rate = [rate for rate in rates if rate is not None and 60_000.0 / _RR_MS[1] <= rate <= 60_000.0 / _RR_MS[0]]
    by_interval = [60_000.0 / one for one in intervals if one is not None and _RR_MS[0] <= one <= _RR_MS[1]]
    values, source = (by_rate, "HeartRate") if by_rate else (by_interval, "NominalInterval")
    if not values:
        return None
    rate = float(median(values))
    if max(values) - min(values) > 0.1 * rate:
        warnings.append(
            Message(
                "heart_rate_differs",
                "Heart rate differs between slices ({lowest:.0f} to {highest:.0f}/min by {tag}): the median, "
                "{bpm:.0f}/min, is used.",
                lowest=min(values),
                highest=max(values),
                tag=source,
                bpm=rate,
            )
        )
    if by_rate and by_interval and abs(median(by_interval) - rate) > 0.15 * rate:
        warnings.append(
            Message(
                "heart_rates_disagree",
                "HeartRate ({bpm:.0f}/min) and NominalInterval ({interval_bpm:.0f}/min) disagree: HeartRate is used.",
                bpm=rate,
                interval_bpm=median(by_interval),
            )
        )
    return rate


def _of_slice(row: Sequence[Frame | None], what: str) -> float | None:
    values = [
        value
        for value in (
            (frame.heart_rate_bpm if what == "rate" else frame.rr_interval_ms) for frame in row if frame is not None
        )
        if value
    ]
    return float(median(values)) if values else None
