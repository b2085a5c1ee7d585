"""`Variant`: one precision of a model in figures, and the table that puts them side by side."""

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from cinecor.inference.outline.crop import pooling
from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.package.manifest import Precision
from cinecor_export.gates import Arithmetic, largest_difference, title
from cinecor_training.evaluation.figures import figures
from cinecor_training.evaluation.patient_result import STRUCTURES, PatientResult
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.table import Table

_FRAMES: Final = 16
_ROUNDS: Final = 7
_READOUT_PX: Final = 2  # the tail works on half of the network's pixels along each axis: about an image's share
_SATURATING: Final = (
    "“int8, saturating” is the same graph where sums of two products are cut off at 16 bit, as programs may run it on "
    "processors without VNNI; Cinecor does not, and weights of seven bits cannot get there. "
)
_WITHOUT_INT8: Final = "The int8 graph was left out: on a CPU fp32 runs, which is slower. "
VOLUMES: Final = {
    "lv_edv_ml": "Δ LV EDV",
    "lv_esv_ml": "Δ LV ESV",
    "lv_ef_points": "Δ LV EF",
    "rv_edv_ml": "Δ RV EDV",
    "rv_esv_ml": "Δ RV ESV",
    "rv_ef_points": "Δ RV EF",
}


class Variant(BaseModel):
    """One graph of a package: its size, what it costs and how far from the readers it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision
    arithmetic: Arithmetic = "exact"  # "saturating": computed as a processor without VNNI does
    size_bytes: int
    dice: dict[str, float]  # by structure, mean over patients
    lv_ef_mae_points: float | None  # against the readers
    lv_ef_bias_points: float | None
    ms_per_frame: float | None  # on the machine that exported it, on its CPU; None where it was computed as on another
    largest_differences: dict[str, float] = {}  # to fp32, of any patient, by quantity; empty for fp32


class PackageEvaluation(EvaluationRecord):
    """`evaluation.json` of a package: the fp32 graph's record, and every variant beside it."""

    variants: tuple[Variant, ...] = ()


def variant(
    precision: Precision,
    *,
    size_bytes: int,
    patients: Sequence[PatientResult],
    parent: Sequence[PatientResult],
    ms_per_frame: float | None,
    arithmetic: Arithmetic = "exact",
) -> Variant:
    """Return the line of one precision from its results and those of fp32 on the same patients, in the same order."""
    found = figures(patients)
    differences = {} if precision == "fp32" else {name: largest_difference(patients, parent, name) for name in VOLUMES}
    mae, bias = (found.get(f"lv_ef_points_{end}") for end in ("mae", "bias"))
    return Variant(
        precision=precision,
        arithmetic=arithmetic,
        size_bytes=size_bytes,
        dice={name: round(found[f"dice_{name}"].value, 5) for name in STRUCTURES},
        lv_ef_mae_points=None if mae is None else round(mae.value, 3),
        lv_ef_bias_points=None if bias is None else round(bias.value, 3),
        ms_per_frame=None if ms_per_frame is None else round(ms_per_frame, 2),
        largest_differences={name: round(value, 3) for name, value in differences.items()},
    )


def variant_table(variants: Sequence[Variant]) -> Table:
    """Put the variants side by side."""
    rows = tuple(
        (
            title(one.precision, one.arithmetic).rstrip(","),
            f"{one.size_bytes / 1e6:.2f}",
            *(f"{one.dice[name]:.4f}" for name in STRUCTURES),
            _points(one.lv_ef_mae_points, ".2f"),
            _points(one.lv_ef_bias_points, "+.2f"),
            *(f"{one.largest_differences[name]:.2f}" if name in one.largest_differences else "–" for name in VOLUMES),
            _points(one.ms_per_frame, ".2f"),
        )
        for one in variants
    )
    dice = (f"Dice {name.upper()}" for name in STRUCTURES)
    return Table(
        "Variants",
        ("precision", "MB", *dice, "EF error", "EF bias", *VOLUMES.values(), "ms a frame"),
        rows,
        "Dice against the readers, mean over the validation patients. EF error is the mean absolute error of the LV EF "
        "in percentage points, bias model − reader. Δ is the largest difference of any patient to fp32, in mL and "
        f"points. {_int8_note(variants)}Time is the "
        "network's alone, on the CPU of the machine that exported it; fp16 is made for GPUs.",
    )


def _int8_note(variants: Sequence[Variant]) -> str:
    if not any(one.precision == "int8" for one in variants):
        return _WITHOUT_INT8
    return _SATURATING if any(one.arithmetic == "saturating" for one in variants) else ""


def text_table(table: Table) -> str:
    """Return a table as columns of plain text."""
    lines = [table.header, *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join("  ".join(map(str.rjust, line, widths)) + "\n" for line in lines)


def frame_times_ms(models: Mapping[Precision, FrameModel], frames: NDArray[np.float32]) -> dict[Precision, float]:
    """Return each model's median time of a frame, in ms; they take turns, so that a busy machine treats all alike."""
    batch = np.ascontiguousarray(np.resize(frames, (_FRAMES, *frames.shape[1:])))
    readout = pooling(frames.shape[-1], block_px=_READOUT_PX)
    seconds: dict[Precision, list[float]] = {precision: [] for precision in models}
    for _ in range(_ROUNDS + 1):
        for precision, model in models.items():
            started = time.perf_counter()
            model.outline(batch, to_rows=readout, to_columns=readout)
            seconds[precision].append(time.perf_counter() - started)
    return {precision: statistics.median(taken[1:]) / _FRAMES * 1000 for precision, taken in seconds.items()}


def _points(value: float | None, style: str) -> str:
    return "–" if value is None else f"{value:{style}}"
